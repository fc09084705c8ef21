import { useMutation, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Moment } from "@/components/Moment";
import { useIpc } from "@/ipc/context";
import type { ReceiptDto } from "@/ipc/keeping";
import { count, date } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";

/** So many are shown at first. */
const FIRST = 10;

/** What was erased, newest first; each receipt as the file whose digest stands in the log. */
export function Receipts() {
  const ipc = useIpc();
  const [all, setAll] = useState(false);
  const receipts = useQuery({ queryKey: ["receipts"], queryFn: () => ipc.call("list_receipts", {}) });
  const list = (receipts.data ?? []).toSorted((a, b) => b.receipt.at.localeCompare(a.receipt.at));
  return (
    <section aria-labelledby="receipts" className="rounded-xl border border-line bg-surface p-5">
      <h2 id="receipts" className="text-lead font-semibold">
        {t("receipts.title")}
      </h2>
      <p className="mt-1 max-w-2xl text-ink-2">{t("receipts.lead")}</p>
      {receipts.isError && <ErrorNotice error={receipts.error} />}
      {receipts.data?.length === 0 && <p className="mt-3 text-ink-3">{t("receipts.none")}</p>}
      <ul className="mt-3 divide-y divide-line empty:hidden">
        {list.slice(0, all ? undefined : FIRST).map((kept) => (
          <Erased key={kept.sha256} kept={kept} />
        ))}
      </ul>
      {!all && list.length > FIRST && (
        <Button look="quiet" onClick={() => setAll(true)}>
          {t("receipts.all", { shown: count(list.length) })}
        </Button>
      )}
    </section>
  );
}

function Erased({ kept: { receipt, sha256 } }: { kept: ReceiptDto }) {
  const ipc = useIpc();
  const save = useMutation({ mutationFn: () => ipc.call("export_receipt", { id: receipt.erased }) });
  const saved = save.isSuccess && save.data !== null;
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 py-3">
      <div className="min-w-64 flex-1">
        <p>
          <span className="font-medium">{tIfAny(`receipts.kinds.${receipt.kind}`) ?? receipt.kind}</span>
          <span className="text-ink-2">
            {" · "}
            <Moment at={new Date(receipt.at)} format={date} />
            {receipt.files > 0 && ` · ${t("receipts.files", { count: receipt.files })}`}
          </span>
        </p>
        <p className="selectable font-mono text-meta break-all text-ink-3">{receipt.erased}</p>
        <p className="selectable font-mono text-meta break-all text-ink-3">SHA-256 {sha256}</p>
        {save.isError && <ErrorNotice error={save.error} />}
      </div>
      {saved && (
        <span role="status" className="text-meta text-good">
          {t("receipts.saved")}
        </span>
      )}
      <Button
        onClick={() => save.mutate()}
        disabled={save.isPending}
        aria-label={t("receipts.saveWhat", { what: receipt.erased })}
        icon={<Download aria-hidden className="size-4.5" />}
      >
        {t("receipts.save")}
      </Button>
    </li>
  );
}
