import { useMutation } from "@tanstack/react-query";
import { CircleStop, Pause } from "lucide-react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { useIpc } from "@/ipc/context";
import { position } from "@/lib/format";
import { t } from "@/lib/i18n";
import { useRecording } from "./useRecording";

/** What the lock screen shows of a recording: its state, pause and stop. Nothing else. */
export function BehindTheLock() {
  const ipc = useIpc();
  const take = useRecording();
  const settled = { onSettled: () => void take.refetch() };
  const pause = useMutation({ mutationFn: () => ipc.call("pause_recording", {}), ...settled });
  const stop = useMutation({ mutationFn: () => ipc.call("stop_recording", {}), ...settled });
  const state = take.data?.state;
  if (take.data === undefined || take.data === null || state === "ended") return null;
  const failed = [pause, stop].find((m) => m.isError);
  return (
    <section aria-label={t("recording.lockedTitle")} className="rounded-xl border border-line bg-surface p-4">
      <p className="flex items-baseline justify-between gap-4 font-semibold">
        <span>{t("recording.lockedTitle")}</span>
        <span role="status" className="font-medium text-ink-2 tabular-nums">
          {t(state === "paused" ? "recording.paused" : state === "waiting" ? "recording.waiting" : "recording.recording")}
          {" · "}
          {position(take.data.elapsed_s)}
        </span>
      </p>
      <p className="mt-1 text-ink-2">{t("recording.lockedBody")}</p>
      <div className="mt-3 flex gap-2">
        <Button
          onClick={() => pause.mutate()}
          disabled={state !== "recording" || pause.isPending}
          icon={<Pause aria-hidden className="size-4.5" />}
        >
          {t("recording.pause")}
        </Button>
        <Button onClick={() => stop.mutate()} disabled={stop.isPending} icon={<CircleStop aria-hidden className="size-4.5" />}>
          {stop.isPending ? t("recording.stopping") : t("recording.stop")}
        </Button>
      </div>
      {failed !== undefined && (
        <div className="mt-3">
          <ErrorNotice error={failed.error} />
        </div>
      )}
    </section>
  );
}
