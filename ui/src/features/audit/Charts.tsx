import type { ReactNode } from "react";
import type { DayDto, LogOverviewDto } from "@/ipc/bindings.gen";
import { count, date } from "@/lib/format";
import { t } from "@/lib/i18n";
import { type Asked, dayOf, isoDay } from "./filter";

type Props = { overview: LogOverviewDto; onAsk: (asked: Partial<Asked>) => void };

const DAYS = 60;

/** Lines by day and by hour, what was refused in them, and failed sign-ins. */
export function Charts({ overview, onAsk }: Props) {
  const days = lastDays(overview.days);
  const hours = Array.from({ length: 24 }, (_, hour) => overview.hours.find((h) => h.day === hour) ?? nothing(hour));
  const failed = overview.days.reduce((sum, day) => sum + day.failed_sign_ins, 0);
  const refused = overview.days.reduce((sum, day) => sum + day.refused, 0);
  return (
    <div className="grid shrink-0 grid-cols-[1fr_20rem_18rem] gap-4 max-lg:grid-cols-2 max-md:grid-cols-1">
      <Card title={t("log.byDay")}>
        <Bars
          bars={days}
          words={(d) => t("log.dayBar", { day: date(dayOf(d.day)), lines: count(d.lines), refused: count(d.refused) })}
          onPick={(d) => {
            const day = isoDay(dayOf(d.day));
            onAsk({ period: "days", first: day, last: day });
          }}
        />
        <Scale from={days[0] === undefined ? "" : date(dayOf(days[0].day))} to={t("log.toNow")} />
      </Card>
      <Card title={t("log.byHour")}>
        <Bars
          bars={hours}
          words={(h) => t("log.hourBar", { hour: h.day, lines: count(h.lines), refused: count(h.refused) })}
        />
        <Scale from="0:00" middle="12:00" to="24:00" />
      </Card>
      <Card title={t("log.refusedTitle")}>
        <p className="flex items-baseline gap-2">
          <span className={`text-title font-semibold tabular-nums ${failed > 0 ? "text-danger" : "text-ink"}`}>
            {count(failed)}
          </span>
          <span className="text-meta text-ink-2">{t("log.failedSignIns", { count: failed })}</span>
        </p>
        <p className="text-meta text-ink-3 tabular-nums">{t("log.refusedInAll", { n: count(refused) })}</p>
        {failed > 0 && (
          <button
            type="button"
            onClick={() => onAsk({ event_type: "sign_in", outcome: "failure" })}
            className="min-h-6 text-meta font-medium text-accent underline underline-offset-2"
          >
            {t("log.showFailed")}
          </button>
        )}
      </Card>
    </div>
  );
}

/** The days up to the newest one with lines, those without lines as well. */
function lastDays(days: DayDto[]): DayDto[] {
  const newest = days[days.length - 1];
  const oldest = days[0];
  if (newest === undefined || oldest === undefined) return [];
  const first = Math.max(oldest.day, newest.day - DAYS + 1);
  const known = new Map(days.map((d) => [d.day, d]));
  return Array.from({ length: newest.day - first + 1 }, (_, i) => known.get(first + i) ?? nothing(first + i));
}

const nothing = (day: number): DayDto => ({ day, lines: 0, refused: 0, failed_sign_ins: 0 });

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="rounded-xl border border-line bg-surface px-5 pt-3 pb-2.5">
      <h2 className="mb-1.5 text-meta font-medium text-ink-2">{title}</h2>
      {children}
    </section>
  );
}

function Scale({ from, middle, to }: { from: string; middle?: string; to: string }) {
  return (
    <p aria-hidden className="mt-1.5 flex justify-between text-meta text-ink-3 tabular-nums">
      <span>{from}</span>
      {middle !== undefined && <span>{middle}</span>}
      <span>{to}</span>
    </p>
  );
}

type BarsProps = { bars: DayDto[]; words: (bar: DayDto) => string; onPick?: (bar: DayDto) => void };

/** Bars of lines with what was refused at their foot. Each says its numbers, by hover and to a screen reader. */
function Bars({ bars, words, onPick }: BarsProps) {
  const most = Math.max(1, ...bars.map((bar) => bar.lines));
  const share = (n: number) => (n === 0 ? 0 : Math.max(4, (n / most) * 100));
  return (
    <ul className="flex h-10 items-end gap-px">
      {bars.map((bar) => {
        const face = (
          <>
            <span className="absolute inset-x-0 bottom-0 rounded-t-xs bg-accent" style={{ height: `${share(bar.lines)}%` }} />
            <span className="absolute inset-x-0 bottom-0 bg-danger" style={{ height: `${share(bar.refused)}%` }} />
          </>
        );
        const common = { title: words(bar), "aria-label": words(bar) };
        return (
          <li key={bar.day} className="relative h-full max-w-8 min-w-0 flex-1 border-b border-line hover:bg-sunken">
            {onPick === undefined ? (
              <span role="img" {...common} className="absolute inset-0">
                {face}
              </span>
            ) : (
              <button type="button" {...common} disabled={bar.lines === 0} onClick={() => onPick(bar)} className="absolute inset-0">
                {face}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
