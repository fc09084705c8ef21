import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CalendarClock } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { waits } from "@/features/policy/words";
import type { BackupPlanDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { PLAN } from "./Backups";

/** Where backups go by themselves, and how many stay: keys of the policy. */
export function Plan({ plan }: { plan: BackupPlanDto }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const [folder, setFolder] = useState(plan.folder);
  const [keep, setKeep] = useState(String(plan.keep));
  const save = useMutation({
    mutationFn: async () => {
      const set = (key: string, value: string) => ipc.call("set_policy", { key, value });
      const now = folder.trim() === plan.folder ? null : await set("backup_folder", folder.trim());
      return keep === String(plan.keep) ? now : set("backup_keep", keep);
    },
    onSettled: () => client.invalidateQueries({ queryKey: PLAN }),
  });
  const changed = folder.trim() !== plan.folder || keep !== String(plan.keep);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed) save.mutate();
  };

  return (
    <section aria-labelledby="plan" className="space-y-4 rounded-xl border border-line bg-surface p-5">
      <h2 id="plan" className="flex items-center gap-2.5 text-lead font-semibold">
        <CalendarClock aria-hidden className="size-5 text-ink-3" />
        {t("backups.planTitle")}
      </h2>
      <State plan={plan} />
      <form onSubmit={submit} className="flex flex-wrap items-start gap-4">
        <Field
          className="min-w-64 flex-1"
          label={t("backups.folder")}
          hint={t("backups.folderHint")}
          value={folder}
          onChange={(e) => setFolder(e.target.value)}
          placeholder="/mnt/backups"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
        <Field
          className="w-36"
          label={t("backups.keep")}
          type="number"
          min={1}
          max={365}
          value={keep}
          onChange={(e) => setKeep(e.target.value)}
          required
        />
        <Button type="submit" className="mt-6.5" disabled={!changed || save.isPending}>
          {t("backups.save")}
        </Button>
      </form>
      {save.isSuccess && save.data !== null && waits(save.data, "backup_folder", "backup_keep") && (
        <p role="status" className="text-meta text-ink-2">
          {t("policy.waits")}
        </p>
      )}
      {save.isError && <ErrorNotice error={save.error} />}
    </section>
  );
}

function State({ plan }: { plan: BackupPlanDto }) {
  if (plan.folder === "") return <Notice tone="warn" title={t("backups.offTitle")}>{t("backups.offBody")}</Notice>;
  if (!plan.reachable) {
    return <Notice tone="danger" title={t("backups.awayTitle")}>{t("backups.awayBody", { folder: plan.folder })}</Notice>;
  }
  if (plan.due) return <Notice tone="info" title={t("backups.dueTitle")}>{t("backups.dueBody")}</Notice>;
  return <Notice tone="good" title={t("backups.onTitle")}>{t("backups.onBody", { keep: plan.keep })}</Notice>;
}
