import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { Moment } from "@/components/Moment";
import type { LogLineDto } from "@/ipc/bindings.gen";
import { count, date, label, timeOfDaySeconds } from "@/lib/format";
import { t } from "@/lib/i18n";
import { OutcomeChip, who } from "./words";

type Props = {
  lines: LogLineDto[];
  me: { id: string; name: string };
  opened: number | null;
  onOpen: (seq: number) => void;
  more: boolean;
  onMore: () => void;
};

const ROW = 44;
/** When so few lines are left below, the next page is asked for. */
const ASK_BEFORE_END = 30;

/** The newest lines, older ones as one scrolls; only those in sight are in the page. */
export function LogTable({ lines, me, opened, onOpen, more, onMore }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (more && lastShown >= lines.length - ASK_BEFORE_END) onMore();
  }, [more, lastShown, lines.length, onMore]);

  // With one line opened beside it, the table keeps the columns that tell lines apart.
  const narrow = opened !== null;
  const columns = narrow ? "grid-cols-[4.5rem_10.5rem_1fr_8rem]" : "grid-cols-[4.5rem_10.5rem_1fr_1fr_1fr_8rem]";

  return (
    <div
      role="table"
      aria-label={t("log.newest")}
      aria-rowcount={more ? -1 : lines.length + 1}
      className="flex min-w-0 flex-1 flex-col overflow-hidden rounded-xl border border-line bg-surface tabular-nums"
    >
      <div role="rowgroup" className="border-b border-line bg-sunken text-meta font-medium text-ink-2">
        <div role="row" aria-rowindex={1} className={`grid min-h-10 items-center gap-4 px-5 ${columns}`}>
          <span role="columnheader" className="text-right">{t("log.columnSeq")}</span>
          <span role="columnheader">{t("log.columnTime")}</span>
          <span role="columnheader">{t("log.columnEvent")}</span>
          {!narrow && <span role="columnheader">{t("log.columnAction")}</span>}
          {!narrow && <span role="columnheader">{t("log.columnWho")}</span>}
          <span role="columnheader">{t("log.columnOutcome")}</span>
        </div>
      </div>
      <div ref={scroller} role="rowgroup" className="scroll-quiet min-h-0 flex-1">
        {lines.length === 0 && <p className="p-5 text-ink-3">{t("log.empty")}</p>}
        <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const line = lines[item.index]!;
            const at = new Date(line.time);
            return (
              <div
                key={line.seq}
                role="row"
                aria-rowindex={item.index + 2}
                data-opened={opened === line.seq}
                className={`absolute inset-x-0 top-0 grid items-center gap-4 border-b border-line px-5 hover:bg-sunken data-[opened=true]:bg-accent-soft ${columns}`}
                style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              >
                <span role="cell" className="text-right text-ink-3">
                  {/* The button's face is the whole row. */}
                  <button
                    type="button"
                    aria-label={t("log.openLine", { seq: line.seq })}
                    onClick={() => onOpen(line.seq)}
                    className="after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
                  >
                    {count(line.seq)}
                  </button>
                </span>
                <span role="cell" className="text-ink-2">
                  <Moment at={at} format={(d) => `${date(d)} ${timeOfDaySeconds(d)}`} />
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
                    {who(line.user_id, me)}
                  </span>
                )}
                <span role="cell">
                  <OutcomeChip outcome={line.outcome} />
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
