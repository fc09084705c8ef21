import { useMutation } from "@tanstack/react-query";
import { FolderOpen } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { JobCard } from "@/components/JobCard";
import { Notice } from "@/components/Notice";
import { PasswordField } from "@/components/PasswordField";
import type { BackupCheckedDto, ProgressDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { bytes, count, date, timeOfDay } from "@/lib/format";
import { t } from "@/lib/i18n";

/** Whether a backup is whole. The recovery key opens it; without it, the log tells whether it is the very file. */
export function VerifyCard({ onClose }: { onClose: () => void }) {
  const ipc = useIpc();
  const [paper, setPaper] = useState("");
  const [progress, setProgress] = useState<ProgressDto | null>(null);
  const verify = useMutation({
    mutationFn: () => ipc.call("verify_backup", paper.trim() === "" ? {} : { recovery_key: paper.trim() }, setProgress),
    onSettled: () => {
      setPaper("");
      setProgress(null);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    verify.mutate();
  };
  return (
    <section aria-labelledby="verify" className="appear space-y-4 rounded-xl border border-line bg-surface p-5">
      <h2 id="verify" className="text-lead font-semibold">
        {t("backups.verifyTitle")}
      </h2>
      <form onSubmit={submit} className="space-y-4">
        <PasswordField
          label={t("backups.paper")}
          hint={t("backups.paperHint")}
          value={paper}
          onChange={(e) => setPaper(e.target.value)}
          required={false}
          spellCheck={false}
          autoFocus
        />
        <div className="flex flex-wrap gap-2">
          <Button look="primary" type="submit" disabled={verify.isPending} icon={<FolderOpen aria-hidden className="size-4.5" />}>
            {t("backups.choose")}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t("backups.close")}
          </Button>
        </div>
      </form>
      {verify.isPending && (
        <JobCard
          title={t("backups.verifyTitle")}
          progress={progress}
          waiting={t("jobs.choosing")}
          stoppable={progress !== null}
          cancelling={false}
          onCancel={() => void ipc.call("cancel_job", {}).catch(() => undefined)}
        />
      )}
      {verify.isError && <ErrorNotice error={verify.error} />}
      {verify.data !== undefined && verify.data !== null && <Found found={verify.data} />}
    </section>
  );
}

const TONE = { whole: "good", unchanged: "good", unknown: "warn" } as const;

function Found({ found }: { found: BackupCheckedDto }) {
  const verdict = found.verdict === "whole" || found.verdict === "unchanged" ? found.verdict : "unknown";
  const made = new Date(found.made);
  return (
    <Notice tone={TONE[verdict]} title={t(`backups.verdict.${verdict}`)} urgent>
      <p>
        {verdict === "whole" && t("backups.wholeBody", { files: count(found.files ?? 0) })}
        {verdict === "unchanged" && t("backups.unchangedBody", { line: found.line ?? 0 })}
        {verdict === "unknown" && t("backups.unknownBody")}
      </p>
      <p className="mt-1 text-meta tabular-nums">
        {t("backups.about", { made: `${date(made)}, ${timeOfDay(made)}`, bytes: bytes(found.bytes), program: found.program })}
      </p>
    </Notice>
  );
}
