import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Moment } from "@/components/Moment";
import type { LogLineDto } from "@/ipc/bindings.gen";
import type { LogFilter } from "@/ipc/commands";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Button } from "@/components/Button";
import { count, date, label, timeOfDaySeconds } from "@/lib/format";
import { t } from "@/lib/i18n";
import { useLines } from "./useLines";
import { useWindow } from "./useWindow";
import { OutcomeChip, type Names, who } from "./words";

type Props = {
  filter: LogFilter;
  names: Names;
  opened: LogLineDto | null;
  onOpen: (line: LogLineDto) => void;
};

const ROW = 44;

/** Every line that the filter wants, newest first. Only those in sight are in the page. */
export function LogTable({ filter, names, opened, onOpen }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [total, setTotal] = useState(0);
  const sight = useWindow(scroller, total, ROW);
  const lines = useLines(filter, sight.first, sight.last);
  useEffect(() => setTotal(lines.total), [lines.total]);
  // Another filter begins at its newest line.
  useEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = 0;
  }, [filter]);

  // With one line opened beside it, the table keeps the columns that tell lines apart.
  const narrow = opened !== null;
  const columns = narrow ? "grid-cols-[5rem_10.5rem_1fr_8rem]" : "grid-cols-[5.5rem_10.5rem_1.1fr_1.1fr_1fr_8rem]";
  const rows = Array.from({ length: Math.max(0, sight.last - sight.first + 1) }, (_, i) => sight.first + i);

  /** Up and down go from line to line; the table follows. */
  const step = (event: KeyboardEvent, place: number) => {
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: total - 1 }[event.key];
    if (to === undefined || to < 0 || to >= total) return;
    event.preventDefault();
    sight.reveal(to);
    const focus = (tries: number) => {
      const button = scroller.current?.querySelector<HTMLButtonElement>(`[data-place="${to}"]`);
      if (button !== null && button !== undefined) button.focus({ preventScroll: true });
      else if (tries > 0) requestAnimationFrame(() => focus(tries - 1));
    };
    focus(30);
  };

  if (lines.start.isError) {
    return (
      <div className="flex-1">
        <ErrorNotice
          error={lines.start.error}
          action={<Button onClick={() => void lines.start.refetch()}>{t("app.retry")}</Button>}
        />
      </div>
    );
  }
  return (
    <div
      role="table"
      aria-label={t("log.newest")}
      aria-rowcount={total + 1}
      aria-busy={lines.start.isFetching}
      className="flex min-h-72 min-w-0 flex-1 flex-col overflow-x-auto overflow-y-hidden rounded-xl border border-line bg-surface tabular-nums max-lg:h-[70vh] max-lg:min-h-56"
    >
      <div role="presentation" className={`flex min-h-0 flex-1 flex-col ${narrow ? "" : "min-w-208"}`}>
      <div role="rowgroup" className="border-b border-line bg-sunken text-meta font-medium text-ink-2">
        <div role="row" aria-rowindex={1} className={`grid min-h-10 items-center gap-4 px-5 ${columns}`}>
          <span role="columnheader" className="text-right">
            {t("log.columnSeq")}
          </span>
          <span role="columnheader">{t("log.columnTime")}</span>
          <span role="columnheader">{t("log.columnEvent")}</span>
          {!narrow && <span role="columnheader">{t("log.columnAction")}</span>}
          {!narrow && <span role="columnheader">{t("log.columnWho")}</span>}
          <span role="columnheader">{t("log.columnOutcome")}</span>
        </div>
      </div>
      <div ref={scroller} role="rowgroup" className="scroll-quiet min-h-0 flex-1">
        {lines.start.data === undefined && <p className="p-5 text-ink-3">{t("log.loading")}</p>}
        {lines.start.data?.total === 0 && <p className="p-5 text-ink-3">{t("log.noneLikeThat")}</p>}
        <div role="presentation" className="relative" style={{ height: sight.tall }}>
          {rows.map((place) => {
            const line = lines.line(place);
            return (
              <div
                key={place}
                role="row"
                aria-rowindex={place + 2}
                data-opened={line !== undefined && opened?.seq === line.seq}
                className={`absolute inset-x-0 top-0 grid items-center gap-4 border-b border-line px-5 hover:bg-sunken data-[opened=true]:bg-accent-soft ${columns}`}
                style={{ height: ROW, transform: `translateY(${sight.place(place)}px)` }}
              >
                {line === undefined ? (
                  <span role="cell" className="col-span-full text-ink-3">
                    {t("log.fetching")}
                  </span>
                ) : (
                  <Cells line={line} names={names} narrow={narrow} place={place} onOpen={onOpen} onKey={step} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      </div>
    </div>
  );
}

type CellsProps = {
  line: LogLineDto;
  names: Names;
  narrow: boolean;
  place: number;
  onOpen: (line: LogLineDto) => void;
  onKey: (event: KeyboardEvent, place: number) => void;
};

function Cells({ line, names, narrow, place, onOpen, onKey }: CellsProps) {
  return (
    <>
      <span role="cell" className="text-right text-ink-3">
        {/* The button's face is the whole row. */}
        <button
          type="button"
          data-place={place}
          aria-label={t("log.openLine", { seq: line.seq })}
          onClick={() => onOpen(line)}
          onKeyDown={(event) => onKey(event, place)}
          className="after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {count(line.seq)}
        </button>
      </span>
      <span role="cell" className="text-ink-2">
        <Moment at={new Date(line.time)} format={(d) => `${date(d)} ${timeOfDaySeconds(d)}`} />
      </span>
      <span role="cell" className="truncate font-medium">
        {label(line.event_type)}
      </span>
      {!narrow && (
        <span role="cell" className="truncate text-ink-2">
          {label(line.action)}
        </span>
      )}
      {!narrow && (
        <span role="cell" className="truncate text-ink-2">
          {who(line.user_id, names)}
        </span>
      )}
      <span role="cell">
        <OutcomeChip outcome={line.outcome} />
      </span>
    </>
  );
}
