import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { ErrorNotice } from "@/components/ErrorNotice";
import type { Requirement, RequirementState } from "@/ipc/compliance";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";

const STATES: readonly RequirementState[] = ["met", "yours", "none", "later"];

const words = (state: RequirementState): string =>
  ({ met: t("compliance.met"), yours: t("compliance.yours"), none: t("compliance.none"), later: t("compliance.later") })[state];

/** What laws, standards and comparable tools ask, by source, each with how it stands and where to see it. */
export function CompliancePage() {
  const ipc = useIpc();
  const id = useId();
  const [only, setOnly] = useState<RequirementState | "">("");
  const table = useQuery({ queryKey: ["compliance"], queryFn: () => ipc.call("compliance", {}) });
  const shown = table.data?.requirements.filter((r) => only === "" || r.state === only) ?? [];
  return (
    <div className="scroll-quiet h-full">
      <div className="mx-auto max-w-5xl space-y-8 px-8 py-8">
        <div>
          <h1 className="text-hero font-semibold">{t("compliance.title")}</h1>
          <p className="mt-1 text-ink-2">{t("compliance.lead")}</p>
        </div>
        {table.error !== null && <ErrorNotice error={table.error} />}
        <div className="flex items-center gap-3">
          <label htmlFor={id}>{t("compliance.show")}</label>
          <select
            id={id}
            className="min-h-11 rounded-lg border border-line bg-surface px-3"
            value={only}
            onChange={(event) => setOnly(STATES.find((state) => state === event.target.value) ?? "")}
          >
            <option value="">{t("compliance.all")}</option>
            {STATES.map((state) => (
              <option key={state} value={state}>
                {words(state)}
              </option>
            ))}
          </select>
          <span className="text-ink-2" role="status">
            {t("compliance.counts", { count: shown.length })}
          </span>
        </div>
        {table.data?.sources.map((source) => {
          const rows = shown.filter((r) => r.source === source.key);
          return rows.length === 0 ? null : <Source key={source.key} title={source.title} rows={rows} />;
        })}
      </div>
    </div>
  );
}

function Source({ title, rows }: { title: string; rows: Requirement[] }) {
  return (
    <section className="space-y-3">
      <h2 className="text-title font-semibold">{title}</h2>
      <div className="overflow-x-auto rounded-xl border border-line bg-surface">
        <table className="w-full text-left align-top">
          <thead className="border-b border-line text-ink-2">
            <tr>
              {[t("compliance.clause"), t("compliance.asks"), t("compliance.state"), t("compliance.how"), t("compliance.see")].map((head) => (
                <th key={head} scope="col" className="px-4 py-3 font-medium">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {rows.map((r) => (
              <tr key={`${r.source} ${r.clause}`} className="align-top">
                <td className="px-4 py-3 whitespace-nowrap text-ink-2">{r.clause}</td>
                <td className="px-4 py-3">{r.asks}</td>
                <td className={`px-4 py-3 whitespace-nowrap ${r.state === "later" ? "font-semibold" : ""}`}>{words(r.state)}</td>
                <td className="px-4 py-3 text-ink-2">{r.how}</td>
                <td className="px-4 py-3">
                  <code className="break-words">{r.check}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
