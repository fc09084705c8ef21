import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Notice } from "@/components/Notice";
import { useIpc } from "@/ipc/context";
import { count } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Choice, Tick } from "./Choice";

/** Results as a file: which form, what is in it, and for whom. */
export function ExportPane({ batch, pending }: { batch: string; pending: number }) {
  const ipc = useIpc();
  const [format, setFormat] = useState("csv");
  const [evidence, setEvidence] = useState(false);
  const [text, setText] = useState(false);
  const [recipient, setRecipient] = useState("");
  const run = useMutation({
    mutationFn: () =>
      ipc.call("export_batch", { id: batch, format, evidence, text, ...(recipient.trim() === "" ? {} : { age_recipient: recipient.trim() }) }),
  });
  return (
    <section aria-label={t("batches.export")} className="max-w-2xl flex-1 space-y-4 self-start rounded-xl border border-line bg-surface p-6">
      <p className="text-ink-2">{t("batches.exportLead")}</p>
      {pending > 0 && <Notice tone="warn" title={t("batches.partialNote", { count: count(pending) })} />}
      <Choice
        label={t("batches.format")}
        className="w-60"
        value={format}
        onChange={(e) => setFormat(e.target.value)}
        options={[
          ["csv", "CSV"],
          ["xlsx", "Excel (XLSX)"],
          ["jsonl", "JSON Lines"],
        ]}
      />
      <div>
        <Tick label={t("batches.withEvidence")} checked={evidence} disabled={format === "jsonl"} onChange={(e) => setEvidence(e.target.checked)} />
        <Tick label={t("batches.withText")} checked={text} onChange={(e) => setText(e.target.checked)} />
      </div>
      <Field label={t("batches.recipient")} placeholder="age1…" value={recipient} onChange={(e) => setRecipient(e.target.value)} />
      <Button look="primary" disabled={run.isPending} onClick={() => run.mutate()} icon={<Download aria-hidden className="size-4.5" />}>
        {t("batches.exportNow")}
      </Button>
      {run.isError && <ErrorNotice error={run.error} />}
      {run.data != null && <Notice tone="good" title={t("batches.exported", { count: count(run.data.documents), file: run.data.file })} />}
    </section>
  );
}
