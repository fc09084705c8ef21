import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/Button";
import { Notice } from "@/components/Notice";
import type { RecoveredDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { duration } from "@/lib/format";
import { t } from "@/lib/i18n";

/** Says what the sign-in took in of recordings that a crash or the lock had left. */
export function Recovered({ open }: { open: (id: string) => void }) {
  const ipc = useIpc();
  const [closed, setClosed] = useState(false);
  // Rust tells it once; it is shown until it is closed.
  const recovered = useQuery({
    queryKey: ["recovered"],
    queryFn: () => ipc.call("recovered_recordings", {}),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  const found = recovered.data ?? [];
  if (closed || found.length === 0) return null;
  const only = found.length === 1 && found[0]!.encounter_id !== "" ? found[0]! : null;
  return (
    <Notice
      tone={found.some((one) => one.verdict !== "whole" || one.after_a_crash) ? "warn" : "good"}
      title={t("recording.recoveredTitle", { count: found.length })}
      action={
        <>
          {only !== null && (
            <Button look="primary" onClick={() => open(only.encounter_id)}>
              {t("recording.recoveredOpen")}
            </Button>
          )}
          <Button onClick={() => setClosed(true)}>{t("visits.dismiss")}</Button>
        </>
      }
    >
      {found.map((one) => (
        <p key={one.recording_id}>{words(one)}</p>
      ))}
    </Notice>
  );
}

function words(one: RecoveredDto): string {
  if (one.verdict === "journal_refused") return t("recording.recoveredJournal");
  const kept = t(one.after_a_crash ? "recording.recoveredCrash" : "recording.recoveredLocked", { length: duration(one.kept_s) });
  return one.refused.length === 0 && one.verdict === "whole" ? kept : `${kept} ${t("recording.recoveredRefused")}`;
}
