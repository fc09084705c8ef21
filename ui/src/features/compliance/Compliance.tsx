import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Chip, type ChipTone } from "@/components/Chip";
import { Code } from "@/components/Code";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Page } from "@/components/Page";
import type { Requirement, RequirementState } from "@/ipc/compliance";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";

const STATES: readonly RequirementState[] = ["met", "yours", "none", "later"];

const words = (state: RequirementState): string =>
  ({ met: t("compliance.met"), yours: t("compliance.yours"), none: t("compliance.none"), later: t("compliance.later") })[state];

const TONE: Record<RequirementState, ChipTone> = { met: "good", yours: "accent", none: "plain", later: "warn" };

const COLUMNS = [
  { head: () => t("compliance.clause"), width: "w-[13%]" },
  { head: () => t("compliance.asks"), width: "w-[32%]" },
  { head: () => t("compliance.state"), width: "w-36" },
  { head: () => t("compliance.how"), width: "w-auto" },
];

/** What laws, standards and comparable tools ask, by source, each with how it stands and where to see it. */
export function CompliancePage() {
  const ipc = useIpc();
  const id = useId();
  const [only, setOnly] = useState<RequirementState | "">("");
  const table = useQuery({ queryKey: ["compliance"], queryFn: () => ipc.call("compliance", {}) });
  const shown = table.data?.requirements.filter((r) => only === "" || r.state === only) ?? [];
  return (
    <Page title={t("compliance.title")} lead={t("compliance.lead")}>
      {table.error !== null && <ErrorNotice error={table.error} />}
      <div className="flex items-center gap-3">
        <label htmlFor={id} className="font-medium">{t("compliance.show")}</label>
        <select
          id={id}
          className="min-h-11 rounded-lg border border-edge bg-surface px-3"
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
    </Page>
  );
}

function Source({ title, rows }: { title: string; rows: Requirement[] }) {
  return (
    <section className="space-y-3">
      <h2 className="text-title font-semibold">{title}</h2>
      <div className="overflow-x-auto rounded-xl border border-line bg-surface">
        <table className="w-full min-w-168 table-fixed text-left align-top">
          <thead className="bg-sunken text-meta text-ink-2">
            <tr>
              {COLUMNS.map(({ head, width }) => (
                <th key={width} scope="col" className={`h-10 px-4 font-medium ${width}`}>
                  {head()}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line border-t border-line">
            {rows.map((r) => (
              <tr key={`${r.source} ${r.clause}`} className="align-top">
                <td className="px-4 py-3 text-meta leading-5 break-words text-ink-2">{r.clause}</td>
                <td className="px-4 py-3">{r.asks}</td>
                <td className="px-4 py-2.5">
                  <Chip tone={TONE[r.state]}>{words(r.state)}</Chip>
                </td>
                <td className="px-4 py-3 text-ink-2">
                  <p className="text-pretty">{r.how}</p>
                  <p className="mt-1.5 text-meta text-ink-3">
                    {t("compliance.see")} <Code text={r.check} className="leading-5" />
                  </p>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
