import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { Level } from "./Level";

type Props = { chosen: string | null; onChoose: (id: string) => void; listen: boolean };

/** Which microphone, with its level before anything is recorded. */
export function Microphone({ chosen, onChoose, listen }: Props) {
  const ipc = useIpc();
  const id = useId();
  const list = useQuery({
    queryKey: ["microphones"],
    queryFn: () => ipc.call("list_microphones", {}),
    refetchInterval: 5_000,
  });
  const device = chosen ?? list.data?.find((m) => m.remembered)?.id ?? list.data?.[0]?.id ?? null;
  const level = useQuery({
    queryKey: ["microphone level", device],
    queryFn: () => ipc.call("microphone_level", { device }),
    enabled: listen && device !== null,
    refetchInterval: 150,
    structuralSharing: false,
    retry: false,
  });
  if (list.isError) return <ErrorNotice error={list.error} />;
  if (list.data?.length === 0) {
    return (
      <Notice tone="warn" title={t("recording.noMicrophone")}>
        {t("recording.noMicrophoneBody")}
      </Notice>
    );
  }
  return (
    <div className="space-y-4">
      <div>
        <label htmlFor={id} className="mb-1.5 block font-medium text-ink">
          {t("recording.microphone")}
        </label>
        <select
          id={id}
          value={device ?? ""}
          onChange={(e) => onChoose(e.target.value)}
          className="h-11 w-full rounded-lg border border-edge bg-surface pr-10 pl-3.5 text-body text-ink"
        >
          {list.data?.map((m) => (
            <option key={m.id} value={m.id}>
              {m.name}
              {m.remembered ? ` · ${t("recording.usedLast")}` : m.default ? ` · ${t("recording.systemChoice")}` : ""}
            </option>
          ))}
        </select>
      </div>
      {level.isError ? <ErrorNotice error={level.error} /> : <Level dbfs={level.data?.level_dbfs ?? -120} />}
    </div>
  );
}
