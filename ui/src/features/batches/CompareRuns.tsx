import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "@/components/ErrorNotice";
import { useIpc } from "@/ipc/context";
import { count } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Choice } from "./Choice";

/** This run beside another one over the same reports, with a paired bootstrap of the difference. */
export function CompareRuns({ batch }: { batch: string }) {
  const ipc = useIpc();
  const runs = useQuery({ queryKey: ["batches"], queryFn: () => ipc.call("list_batches", {}) });
  const [other, setOther] = useState("");
  const own = runs.data?.find((run) => run.batch === batch);
  const others = (runs.data ?? []).filter((run) => run.dataset_id === own?.dataset_id && run.batch !== batch);
  const compared = useQuery({
    queryKey: ["evaluation", batch, other],
    queryFn: () => ipc.call("compare_batches", { id: batch, with: other }),
    enabled: other !== "",
  });
  if (others.length === 0) return null;
  const c = compared.data;
  const cell = "px-4 py-2";
  return (
    <section aria-label={t("batches.compare")} className="space-y-3 rounded-xl border border-line bg-surface p-5">
      <Choice
        label={t("batches.compareWith")}
        className="w-96"
        value={other}
        onChange={(e) => setOther(e.target.value)}
        options={[
          ["", t("batches.compareNone")],
          ...others.map((run) => [run.batch, `${run.schema}@${run.schema_version} · ${run.model} · ${run.purpose}`] as const),
        ]}
      />
      {compared.isError && <ErrorNotice error={compared.error} />}
      {c !== undefined && (
        <>
          <p role="status" className="text-ink-2 tabular-nums">
            {t("batches.compared", {
              documents: count(c.documents),
              difference: signed(c.difference),
              low: signed(c.interval.low),
              high: signed(c.interval.high),
              p: c.p_value < 0.001 ? "< 0.001" : c.p_value.toFixed(3),
            })}
          </p>
          <table aria-label={t("batches.compare")} className="text-right tabular-nums">
            <thead className="text-meta text-ink-2">
              <tr>
                <th scope="col" className={`${cell} text-left font-medium`}>
                  {t("batches.fieldColumn")}
                </th>
                {(["thisRun", "otherRun", "difference"] as const).map((c) => (
                  <th key={c} scope="col" className={`${cell} font-medium`}>
                    {t(`batches.${c}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {[...c.fields, [t("batches.allValues"), c.first, c.second] as const].map(([field, first, second]) => (
                <tr key={field} className="border-t border-line last:font-semibold">
                  <th scope="row" className={`${cell} text-left font-medium`}>
                    {field}
                  </th>
                  <td className={cell}>{first.toFixed(3)}</td>
                  <td className={cell}>{second.toFixed(3)}</td>
                  <td className={cell}>{signed(second - first)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

const signed = (x: number) => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(3)}`;
