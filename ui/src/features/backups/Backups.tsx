import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { DatabaseBackup, HardDriveDownload, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { JobCard } from "@/components/JobCard";
import { Notice } from "@/components/Notice";
import { Page } from "@/components/Page";
import type { BackupMadeDto, ProgressDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { bytes, count } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Kept } from "./Kept";
import { Plan } from "./Plan";
import { VerifyCard } from "./VerifyCard";

export const PLAN = ["backup-plan"];

/** The whole vault into one file: by hand, as the policy says, and whether one is whole. */
export function Backups() {
  const ipc = useIpc();
  const client = useQueryClient();
  const [verifying, setVerifying] = useState(false);
  const [progress, setProgress] = useState<ProgressDto | null>(null);
  const plan = useQuery({ queryKey: PLAN, queryFn: () => ipc.call("backup_plan", {}) });
  const make = useMutation({
    mutationFn: (where: "chosen" | "planned") =>
      where === "chosen"
        ? ipc.call("create_backup", { age_recipients: [] }, setProgress)
        : ipc.call("scheduled_backup", {}, setProgress),
    onSettled: () => {
      setProgress(null);
      void client.invalidateQueries({ queryKey: PLAN });
    },
  });
  const made = make.data ?? null;

  return (
    <Page
      title={t("backups.title")}
      lead={t("backups.lead")}
      actions={
        <>
          <Button onClick={() => setVerifying(true)} disabled={verifying || make.isPending} icon={<ShieldCheck aria-hidden className="size-4.5" />}>
            {t("backups.verify")}
          </Button>
          <Button look="primary" onClick={() => make.mutate("chosen")} disabled={make.isPending} icon={<DatabaseBackup aria-hidden className="size-4.5" />}>
            {t("backups.make")}
          </Button>
        </>
      }
    >
      {make.isPending && (
        <JobCard
          title={t("backups.making")}
          progress={progress}
          waiting={make.variables === "chosen" ? t("jobs.choosing") : t("jobs.starting")}
          stoppable={progress !== null}
          cancelling={false}
          onCancel={() => void ipc.call("cancel_job", {}).catch(() => undefined)}
        />
      )}
      {make.isError && <ErrorNotice error={make.error} />}
      {made !== null && !make.isPending && <Made made={made} />}
      {verifying && <VerifyCard onClose={() => setVerifying(false)} />}
      {plan.isError && <ErrorNotice error={plan.error} action={<Button onClick={() => void plan.refetch()}>{t("app.retry")}</Button>} />}
      {plan.data !== undefined && (
        <>
          <Plan plan={plan.data} />
          <section aria-labelledby="kept" className="space-y-3">
            <div className="flex flex-wrap items-center justify-between gap-3">
              <h2 id="kept" className="text-lead font-semibold">
                {t("backups.kept")}
              </h2>
              {plan.data.reachable && (
                <Button onClick={() => make.mutate("planned")} disabled={make.isPending} icon={<HardDriveDownload aria-hidden className="size-4.5" />}>
                  {t("backups.now")}
                </Button>
              )}
            </div>
            <Kept plan={plan.data} />
          </section>
        </>
      )}
      <p className="max-w-2xl text-meta text-ink-3">{t("backups.restoreNote")}</p>
    </Page>
  );
}

function Made({ made }: { made: BackupMadeDto }) {
  return (
    <Notice tone="good" title={t("backups.madeTitle")} urgent>
      <p>{t("backups.madeBody", { files: count(made.files), bytes: bytes(made.bytes) })}</p>
      <p className="selectable mt-1 text-meta break-all">{made.file}</p>
      <p className="selectable mt-1 font-mono text-meta break-all text-ink-3">{made.sha256}</p>
    </Notice>
  );
}
