import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "@/components/ErrorNotice";
import { useIpc } from "@/ipc/context";
import type { FieldScore, Interval, Scores } from "@/ipc/research.gen";
import { count } from "@/lib/format";
import { t } from "@/lib/i18n";
import { CompareRuns } from "./CompareRuns";

const figure = (x: number | undefined) => (x === undefined ? "–" : x.toFixed(3));
const span = (i: Interval) => `${i.low.toFixed(2)}–${i.high.toFixed(2)}`;

/** Scores by field, confusions of closed lists, and what went wrong, each a way to its report. */
export function EvaluationPane({ batch, onOpen }: { batch: string; onOpen: (document: string) => void }) {
  const ipc = useIpc();
  const scores = useQuery({ queryKey: ["evaluation", batch], queryFn: () => ipc.call("evaluate_batch", { id: batch }) });
  if (scores.isError) return <ErrorNotice error={scores.error} />;
  if (scores.data === undefined) return <p className="text-ink-3">{t("batches.loading")}</p>;
  const e = scores.data;
  return (
    <div tabIndex={0} role="region" aria-label={t("batches.evaluation")} className="scroll-quiet -my-5 -mr-6 min-h-0 flex-1 space-y-5 py-5 pr-6 max-md:-mr-3 max-md:pr-3">
      <p className="text-ink-2 tabular-nums">
        {t("batches.evaluated", { documents: count(e.documents), without: count(e.without_fields), pending: count(e.pending) })}
      </p>
      <div className="overflow-x-auto rounded-xl border border-line bg-surface">
        <table aria-label={t("batches.scores")} className="w-full text-right tabular-nums">
          <thead className="bg-sunken text-meta text-ink-2">
            <tr>
              {(["fieldColumn", "goldValues", "foundValues", "exact", "precision", "recall", "f1", "interval", "accuracy"] as const).map((c, i) => (
                <th key={c} scope="col" className={`px-4 py-2.5 font-medium ${i === 0 ? "text-left" : ""}`}>
                  {t(`batches.${c}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {e.fields.map((f) => (
              <Line key={f.field} name={f.field} kind={f.comparator} counts={[f.gold, f.found]} exact={f.exact} relaxed={f.relaxed} interval={f.interval} accuracy={f.accuracy} />
            ))}
            <Line name={t("batches.allValues")} exact={e.micro_exact} relaxed={e.micro_relaxed} interval={e.micro_interval} />
          </tbody>
        </table>
      </div>
      {e.fields.filter((f) => f.confusion.length > 0).map((f) => <Confusion key={f.field} field={f} />)}
      <CompareRuns batch={batch} />
      {e.misses.length > 0 && (
        <section aria-label={t("batches.misses")}>
          <h2 className="text-lead font-semibold">{t("batches.misses")}</h2>
          <ul className="mt-2 divide-y divide-line rounded-xl border border-line bg-surface">
            {e.misses.slice(0, 200).map((m, i) => (
              <li key={i}>
                <button
                  type="button"
                  onClick={() => onOpen(m.document)}
                  className="grid min-h-11 w-full grid-cols-[12rem_10rem_1fr_1fr] items-center gap-4 px-4 py-2 text-left hover:bg-sunken"
                >
                  <span className="truncate font-medium">{m.document_id}</span>
                  <span className="truncate text-meta text-ink-3">{m.field}</span>
                  <span className="truncate text-good">{m.missed !== null && t("batches.missed", { value: m.missed })}</span>
                  <span className="truncate text-danger">{m.invented !== null && t("batches.invented", { value: m.invented })}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

type LineProps = {
  name: string;
  kind?: string;
  counts?: [number, number];
  exact: Scores | null;
  relaxed: Scores;
  interval: Interval;
  accuracy?: number;
};

function Line({ name, kind, counts, exact, relaxed, interval, accuracy }: LineProps) {
  const cell = "px-4 py-2";
  return (
    <tr className="border-t border-line last:font-semibold">
      <th scope="row" className={`${cell} text-left font-medium`}>
        {name} {kind !== undefined && <span className="text-meta font-normal text-ink-3">{kind}</span>}
      </th>
      <td className={cell}>{counts?.[0] ?? ""}</td>
      <td className={cell}>{counts?.[1] ?? ""}</td>
      <td className={cell}>{figure(exact?.f1)}</td>
      <td className={cell}>{figure(relaxed.p)}</td>
      <td className={cell}>{figure(relaxed.r)}</td>
      <td className={cell}>{figure(relaxed.f1)}</td>
      <td className={cell}>{span(interval)}</td>
      <td className={cell}>{accuracy === undefined ? "" : `${Math.round(accuracy * 100)} %`}</td>
    </tr>
  );
}

function Confusion({ field }: { field: FieldScore }) {
  const labels = [...new Set(field.confusion.flatMap(([gold, found]) => [gold, found]))].sort();
  const cell = (gold: string, found: string) => field.confusion.find(([g, f]) => g === gold && f === found)?.[2] ?? 0;
  const words = (label: string) => (label === "" ? t("batches.nothing") : label);
  return (
    <section aria-label={t("batches.confusion", { field: field.field })}>
      <h2 className="text-lead font-semibold">{t("batches.confusion", { field: field.field })}</h2>
      <p className="text-meta text-ink-3">{t("batches.confusionLead")}</p>
      <div tabIndex={0} role="region" aria-label={t("batches.confusion", { field: field.field })} className="scroll-quiet mt-2 w-fit max-w-full rounded-xl border border-line bg-surface">
        <table className="text-meta tabular-nums">
          <thead className="bg-sunken">
            <tr>
              <td className="px-3 py-2" />
              {labels.map((l) => (
                <th key={l} scope="col" className="max-w-28 truncate px-3 py-2 font-medium text-ink-2" title={words(l)}>
                  {words(l)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((gold) => (
              <tr key={gold} className="border-t border-line">
                <th scope="row" className="max-w-48 truncate px-3 py-1.5 text-left font-medium text-ink-2">
                  {words(gold)}
                </th>
                {labels.map((found) => {
                  const n = cell(gold, found);
                  return (
                    <td key={found} className={`px-3 py-1.5 text-center ${n === 0 ? "text-ink-3" : gold === found ? "bg-good-soft font-semibold text-good" : "bg-danger-soft text-danger"}`}>
                      {n === 0 ? "·" : n}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
