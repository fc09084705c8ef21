import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight } from "lucide-react";
import { useMemo, useRef } from "react";
import { Moment } from "@/components/Moment";
import type { EncounterRow } from "@/ipc/bindings.gen";
import { day, duration, timeOfDay } from "@/lib/format";
import { t } from "@/lib/i18n";
import { AccessChip } from "./AccessChip";
import { StateChip } from "./StateChip";

type Line = { kind: "day"; name: string } | { kind: "visit"; row: EncounterRow; last: boolean };

/** The visits by day, newest first. Only the lines in sight are in the page. */
export function VisitList({ rows, now, open }: { rows: EncounterRow[]; now: Date; open: (id: string) => void }) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => byDay(rows, now), [rows, now]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => (lines[i]?.kind === "day" ? 52 : 64),
    overscan: 10,
  });
  return (
    <div ref={scroller} className="scroll-quiet min-h-0 flex-1" tabIndex={-1}>
      <ul className="relative mx-auto max-w-5xl px-8 pb-10 max-md:px-4" style={{ height: virtual.getTotalSize() + 40 }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index]!;
          return (
            <li
              key={item.key}
              className="absolute inset-x-8 top-0 max-md:inset-x-4"
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
            >
              {line.kind === "day" ? (
                <h2 className="flex h-full items-end pb-2 text-meta font-semibold text-ink-3">{line.name}</h2>
              ) : (
                <VisitRow row={line.row} last={line.last} open={open} />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function VisitRow({ row, last, open }: { row: EncounterRow; last: boolean; open: (id: string) => void }) {
  return (
    <button
      type="button"
      onClick={() => open(row.id)}
      className={`group grid h-full w-full grid-cols-[3.5rem_1fr_9rem_7rem_7.5rem_1.25rem] items-center gap-4 max-lg:grid-cols-[3.25rem_1fr_auto_1.25rem] max-sm:gap-3 max-sm:px-3 border-x border-t border-line bg-surface px-5 text-left tabular-nums tint hover:bg-accent-soft focus-visible:z-10 focus-visible:-outline-offset-2 ${last ? "rounded-b-xl border-b" : ""} [li:has(h2)+li>&]:rounded-t-xl`}
    >
      <span className="text-ink-3">
        <Moment at={new Date(row.created)} format={timeOfDay} />
      </span>
      <span className="flex min-w-0 items-center gap-3 text-body font-medium proportional-nums">
        <span dir="auto" className="truncate text-left">{row.title}</span>
        <AccessChip visit={row} />
      </span>
      <span>
        <StateChip state={row.state} />
      </span>
      <span className={`text-right max-lg:hidden ${row.duration_s === null ? "text-ink-3" : "text-ink-2"}`}>
        {row.duration_s === null ? t("visits.noLength") : duration(row.duration_s)}
      </span>
      <span className={`text-right max-lg:hidden ${row.findings === 0 ? "text-ink-3" : "text-ink-2"}`}>
        {t("visits.findings", { count: row.findings })}
      </span>
      <ChevronRight aria-hidden className="size-4.5 text-ink-3 transition-transform group-hover:translate-x-0.5" />
    </button>
  );
}

function byDay(rows: EncounterRow[], now: Date): Line[] {
  const lines: Line[] = [];
  const sorted = [...rows].sort((a, b) => b.created.localeCompare(a.created));
  sorted.forEach((row, i) => {
    const name = day(new Date(row.created), now);
    const before = sorted[i - 1];
    if (before === undefined || day(new Date(before.created), now) !== name) lines.push({ kind: "day", name });
    const after = sorted[i + 1];
    lines.push({ kind: "visit", row, last: after === undefined || day(new Date(after.created), now) !== name });
  });
  return lines;
}
