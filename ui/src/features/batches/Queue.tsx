import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "@/components/ErrorNotice";
import { useIpc } from "@/ipc/context";
import { count } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Choice } from "./Choice";
import { ResultPanel } from "./ResultPanel";
import { RunChip } from "./RunChip";

/** The reports to look at first, one after the other, by keyboard. */
export function Queue({ batch }: { batch: string }) {
  const ipc = useIpc();
  const [order, setOrder] = useState<"doubt" | "gold">("doubt");
  const [at, setAt] = useState(0);
  const queue = useQuery({
    queryKey: ["results", batch, "queue", order],
    queryFn: () => ipc.call("list_results", { id: batch, order, limit: 200 }),
  });
  const rows = queue.data?.rows ?? [];
  const open = rows[at];
  return (
    <div className="flex min-h-0 flex-1 gap-4">
      <section aria-label={t("batches.queue")} className="flex min-w-56 flex-1 flex-col gap-3">
        <Choice
          label={t("batches.queue")}
          value={order}
          onChange={(e) => {
            setOrder(e.target.value === "gold" ? "gold" : "doubt");
            setAt(0);
          }}
          options={[
            ["doubt", t("batches.byDoubt")],
            ["gold", t("batches.byGold")],
          ]}
        />
        {queue.isError && <ErrorNotice error={queue.error} />}
        {queue.data !== undefined && rows.length === 0 && <p className="text-ink-3">{t("batches.emptyQueue")}</p>}
        <ol className="scroll-quiet min-h-0 flex-1 divide-y divide-line rounded-xl border border-line bg-surface empty:hidden">
          {rows.map((row, i) => (
            <li key={row.document}>
              <button
                type="button"
                aria-current={i === at}
                onClick={() => setAt(i)}
                className="flex min-h-11 w-full flex-wrap items-center gap-x-3 px-4 py-2 text-left hover:bg-sunken aria-[current=true]:bg-accent-soft"
              >
                <span className="min-w-0 flex-1 truncate font-medium">{row.document_id}</span>
                <span className="text-meta text-ink-3 tabular-nums">
                  {row.decided > 0 ? t("batches.decided", { count: count(row.decided) }) : t("batches.doubt", { percent: Math.round(row.doubt * 100) })}
                </span>
                {row.status !== "ok" && <RunChip status={row.status} />}
              </button>
            </li>
          ))}
        </ol>
      </section>
      {open !== undefined && (
        <ResultPanel
          batch={batch}
          document={open.document}
          review
          onClose={() => setAt(-1)}
          onNext={() => setAt((now) => Math.min(now + 1, rows.length - 1))}
        />
      )}
    </div>
  );
}
