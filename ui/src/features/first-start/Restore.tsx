import { useMutation } from "@tanstack/react-query";
import { FolderOpen, LockKeyhole } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { JobCard } from "@/components/JobCard";
import { Notice } from "@/components/Notice";
import { PasswordField } from "@/components/PasswordField";
import { Threshold } from "@/components/Threshold";
import type { ProgressDto, RestoredDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { count, date, timeOfDay } from "@/lib/format";
import { t } from "@/lib/i18n";

/** First start on a new workstation: a vault from a backup and paper. */
export function Restore({ onRestored, onBack }: { onRestored: () => void; onBack: () => void }) {
  const ipc = useIpc();
  const [paper, setPaper] = useState("");
  const [progress, setProgress] = useState<ProgressDto | null>(null);
  const restore = useMutation({
    mutationFn: () => ipc.call("restore_backup", { recovery_key: paper.trim() }, setProgress),
    onSettled: () => setProgress(null),
  });
  const restored = restore.data ?? null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (paper.trim() !== "") restore.mutate();
  };
  if (restored !== null) return <Restored restored={restored} onGo={onRestored} />;
  return (
    <Threshold>
      <h1 className="text-hero font-semibold">{t("restore.title")}</h1>
      <p className="mt-1 text-ink-2">{t("restore.lead")}</p>
      <form onSubmit={submit} className="mt-6 space-y-4">
        {restore.isError && <ErrorNotice error={restore.error} />}
        <PasswordField
          label={t("restore.paper")}
          hint={t("restore.paperHint")}
          value={paper}
          onChange={(e) => setPaper(e.target.value)}
          autoFocus
        />
        <Button
          look="primary"
          type="submit"
          className="w-full"
          disabled={paper.trim() === "" || restore.isPending}
          icon={<FolderOpen aria-hidden className="size-4.5" />}
        >
          {restore.isPending ? t("restore.busy") : t("restore.go")}
        </Button>
      </form>
      {restore.isPending ? (
        <div className="mt-6">
          <JobCard
            title={t("restore.working")}
            progress={progress}
            waiting={t("jobs.choosing")}
            stoppable={progress !== null}
            cancelling={false}
            onCancel={() => void ipc.call("cancel_job", {}).catch(() => undefined)}
          />
        </div>
      ) : (
        <Button look="quiet" className="mt-3 w-full" onClick={onBack}>
          {t("restore.back")}
        </Button>
      )}
    </Threshold>
  );
}

const VERDICTS = ["intact", "tampered", "truncated", "unknown"] as const;

function Restored({ restored, onGo }: { restored: RestoredDto; onGo: () => void }) {
  const made = new Date(restored.made);
  const verdict = VERDICTS.find((known) => known === restored.log.verdict) ?? "unknown";
  return (
    <Threshold>
      <Notice
        tone={verdict === "intact" ? "good" : "warn"}
        title={t("restore.doneTitle", { made: `${date(made)}, ${timeOfDay(made)}` })}
        urgent
      >
        <p>
          {t("restore.doneBody", {
            accounts: count(restored.accounts),
            files: count(restored.files),
          })}
        </p>
        <p className="mt-1">{t(`log.verdicts.${verdict}`)}.</p>
        {restored.sound_missing > 0 && <p className="mt-1">{t("restore.soundMissing", { count: restored.sound_missing })}</p>}
      </Notice>
      <Button look="primary" className="mt-6 w-full" onClick={onGo} icon={<LockKeyhole aria-hidden className="size-4.5" />}>
        {t("restore.signIn")}
      </Button>
    </Threshold>
  );
}
