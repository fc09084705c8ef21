import { useMutation, useQuery } from "@tanstack/react-query";
import { FileText } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import type { LogReportDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { count, date, label, timeOfDay } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";
import { offsetMinutes } from "./filter";
import { type Names, alertWords, who } from "./words";

/** A month of the log at a glance, to read here or to take along as a PDF. */
export function ReportView({ names }: { names: Names }) {
  const ipc = useIpc();
  const id = useId();
  const [month, setMonth] = useState(() => thisMonth(new Date()));
  const period = periodOf(month);
  const report = useQuery({
    queryKey: ["audit", "report", month],
    queryFn: () => ipc.call("audit_report", period ?? { from: "", to: "" }),
    enabled: period !== null,
  });
  const save = useMutation({
    mutationFn: (format: "pdf" | "md") => ipc.call("audit_export_report", { ...(period ?? { from: "", to: "" }), format }),
  });
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <div>
          <label htmlFor={id} className="mb-1 block text-meta text-ink-2">
            {t("log.month")}
          </label>
          <input
            id={id}
            type="month"
            value={month}
            onChange={(e) => setMonth(e.target.value)}
            pattern="[0-9]{4}-[0-9]{2}"
            className="h-11 rounded-lg border border-edge bg-surface px-3 text-ui tabular-nums focus-visible:outline-offset-0"
          />
        </div>
        <Button
          look="primary"
          disabled={report.data === undefined || save.isPending}
          onClick={() => save.mutate("pdf")}
          icon={<FileText aria-hidden className="size-4" />}
        >
          {t("log.savePdf")}
        </Button>
        <Button disabled={report.data === undefined || save.isPending} onClick={() => save.mutate("md")}>
          {t("log.saveMarkdown")}
        </Button>
      </div>
      {save.isError && <ErrorNotice error={save.error} />}
      {save.data !== undefined && save.data !== null && (
        <Notice tone="good" title={t("log.reportSaved")}>
          {t("log.reportSavedBody", { seq: count(save.data.seq) })}
        </Notice>
      )}
      {period === null && <p className="text-ink-3">{t("log.monthHint")}</p>}
      {report.isError && <ErrorNotice error={report.error} />}
      {report.isPending && period !== null && <p className="text-ink-3">{t("log.adding")}</p>}
      {report.data !== undefined && <Sheet report={report.data} names={names} />}
    </div>
  );
}

function Sheet({ report, names }: { report: LogReportDto; names: Names }) {
  const at = (time: string) => `${date(new Date(time))} ${timeOfDay(new Date(time))}`;
  const events =
    report.security_events === 0
      ? "0"
      : report.open_alerts === 0
        ? t("log.allResolved", { n: count(report.security_events) })
        : t("log.someOpen", { n: count(report.security_events), open: count(report.open_alerts) });
  return (
    <div
      role="region"
      aria-label={t("log.report")}
      tabIndex={0}
      className="scroll-quiet selectable min-h-0 flex-1 rounded-xl border border-line bg-surface px-8 py-6 focus-visible:-outline-offset-2"
    >
      <dl className="grid grid-cols-4 gap-4 max-lg:grid-cols-2">
        <Figure words={t("log.totalExtractions")} figure={count(report.extractions)} />
        <Figure words={t("log.uniqueUsers")} figure={count(report.unique_users)} />
        <Figure words={t("log.securityEvents")} figure={events} bad={report.open_alerts > 0} />
        <Figure
          words={t("log.compliance")}
          figure={report.compliant ? t("log.compliant") : t("log.attention")}
          bad={!report.compliant}
          good={report.compliant}
        />
      </dl>
      <p className="mt-4 max-w-3xl text-ink-2">
        {t("log.reportLine", {
          lines: count(report.lines),
          signIns: count(report.sign_ins),
          failed: count(report.failed_sign_ins),
          denied: count(report.denied),
          exports: count(report.exports),
          documents: count(report.exported_documents),
        })}
      </p>
      <p className="mt-1 max-w-3xl text-meta text-ink-3">{t("log.complianceMeans")}</p>
      <Table
        title={t("log.securityEvents")}
        headings={[t("log.line", { seq: "" }), t("log.columnTime"), t("log.alert"), t("log.state")]}
        rows={report.alerts.map((a) => [
          count(a.seq),
          at(a.time),
          alertWords(a.kind, a.count).title,
          a.acknowledged === null ? t("log.open") : (tIfAny(`log.reasons.${a.acknowledged_reason ?? ""}`) ?? ""),
        ])}
      />
      <Table
        title={t("log.people")}
        headings={[t("log.columnWho"), t("log.role"), t("log.signIns"), t("log.failed"), t("log.records"), t("log.extractions"), t("log.exports"), t("log.turnedAway")]}
        rows={report.people.map((p) => [
          p.name ?? who(p.user_id, names),
          p.role === null ? "" : (tIfAny(`roles.${p.role}`) ?? p.role),
          ...[p.sign_ins, p.failed_sign_ins, p.records, p.extractions, p.exports, p.denied].map(count),
        ])}
        figuresFrom={2}
      />
      <Table
        title={t("log.administration")}
        headings={[t("log.columnTime"), t("log.columnEvent"), t("log.columnWho"), t("log.columnOutcome")]}
        rows={report.administration.map((a) => [
          at(a.time),
          label(a.event_type),
          a.name ?? who(a.user_id, names),
          tIfAny(`log.outcomes.${a.outcome}`) ?? a.outcome,
        ])}
      />
      <Table
        title={t("log.byType")}
        headings={[t("log.chapter"), t("log.columnEvent"), t("log.acts"), t("log.refusedOrFailed")]}
        rows={report.event_types.map((e) => [e.group, label(e.event_type), count(e.acts), count(e.refused)])}
        figuresFrom={2}
      />
    </div>
  );
}

function Figure({ words, figure, bad = false, good = false }: { words: string; figure: string; bad?: boolean; good?: boolean }) {
  const ink = bad ? "text-danger" : good ? "text-good" : "text-ink";
  return (
    <div className={`flex flex-col-reverse justify-end rounded-lg border-l-3 bg-sunken px-4 py-3 ${bad ? "border-danger" : good ? "border-good" : "border-edge"}`}>
      <dt className="text-meta text-ink-2">{words}</dt>
      <dd className={`text-title font-semibold tabular-nums ${ink}`}>{figure}</dd>
    </div>
  );
}

type TableProps = { title: string; headings: string[]; rows: string[][]; figuresFrom?: number };

function Table({ title, headings, rows, figuresFrom = 99 }: TableProps): ReactNode {
  const side = (i: number) => (i >= figuresFrom ? "text-right" : "text-left");
  return (
    <section className="mt-7">
      <h2 className="mb-1.5 font-semibold">{title}</h2>
      {rows.length === 0 ? (
        <p className="text-ink-3">{t("log.none")}</p>
      ) : (
        <table className="w-full border-collapse tabular-nums">
          <thead>
            <tr className="border-b border-edge text-meta text-ink-2">
              {headings.map((heading, i) => (
                <th key={heading} scope="col" className={`py-1.5 pr-4 font-medium ${side(i)}`}>
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, n) => (
              <tr key={`${row[0]}-${n}`} className="border-b border-line">
                {row.map((cell, i) => (
                  <td key={headings[i]} className={`py-1.5 pr-4 ${side(i)}`}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const thisMonth = (now: Date): string => `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}`;

/** The month's two moments here, and this clock. */
function periodOf(month: string): { from: string; to: string; offset_minutes: number } | null {
  if (!/^\d{4}-\d{2}$/.test(month)) return null;
  const [year = 0, number = 1] = month.split("-").map(Number);
  if (number < 1 || number > 12) return null;
  const from = new Date(year, number - 1, 1);
  return { from: from.toISOString(), to: new Date(year, number, 1).toISOString(), offset_minutes: offsetMinutes(from) };
}
