import { useQueries } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";
import { ErrorNotice } from "@/components/ErrorNotice";
import { useIpc } from "@/ipc/context";
import type { ResultOrder } from "@/ipc/research";
import { count } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Choice } from "./Choice";
import { RunChip } from "./RunChip";

const ROW = 44;
const PAGE = 100;
const STATUSES = ["ok", "partial", "rejected", "failed"] as const;

type Props = {
  batch: string;
  order: ResultOrder;
  opened: string | null;
  onOpen: (document: string) => void;
};

/** Every report of a run with what was found; only the rows in sight are in the page, only their pages are fetched. */
export function ResultsGrid({ batch, order, opened, onOpen }: Props) {
  const ipc = useIpc();
  const [status, setStatus] = useState("");
  const [search, setSearch] = useState("");
  const scroller = useRef<HTMLDivElement>(null);
  const [total, setTotal] = useState(0);
  const virtual = useVirtualizer({ count: total, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 10 });
  const items = virtual.getVirtualItems();
  const from = Math.floor((items[0]?.index ?? 0) / PAGE);
  const to = Math.floor((items.at(-1)?.index ?? 0) / PAGE);
  const wanted = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const query = { ...(status === "" ? {} : { status }), ...(search === "" ? {} : { search }), order };
  const pages = useQueries({
    queries: wanted.map((page) => ({
      queryKey: ["results", batch, query, page],
      queryFn: async () => {
        const got = await ipc.call("list_results", { id: batch, ...query, offset: page * PAGE, limit: PAGE });
        setTotal(got.total);
        return got;
      },
      staleTime: 10_000,
    })),
  });
  const first = pages.find((p) => p.data !== undefined)?.data;
  const failed = pages.find((p) => p.isError);
  const columns = first?.columns ?? [];
  const narrow = opened !== null;
  const shown = narrow ? columns.slice(0, 1) : columns;
  const fields = Math.max(1, shown.length);
  // The widest that the report's own name becomes, in rem.
  const code = narrow ? 8 : 12;
  // Head and rows are laid out apart: only a width of their own keeps their columns in line.
  const grid = { gridTemplateColumns: `minmax(${narrow ? 6 : 8}rem, ${code}rem) 7.5rem repeat(${fields}, minmax(9rem, 1fr))` };
  const width = { width: `max(100%, ${code + 7.5 + 9 * fields + (fields + 1) + 2.5}rem)` };
  const rowAt = (index: number) => {
    const page = Math.floor(index / PAGE);
    return pages[page - from]?.data?.rows[index - page * PAGE];
  };
  return (
    <div className={`flex min-h-0 min-w-0 flex-1 flex-col gap-3 ${narrow ? "max-lg:hidden" : ""}`}>
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        {order === "source" && (
          <Choice
            label={t("batches.filter")}
            className={narrow ? "w-32" : "w-44"}
            value={status}
            onChange={(e) => setStatus(e.target.value)}
            options={[["", t("batches.all")], ...STATUSES.map((s) => [s, t(`batches.status.${s}`)] as const)]}
          />
        )}
        {order === "source" && (
          <label className={narrow ? "block min-w-40 flex-1" : "block"}>
            <span className="mb-1.5 block font-medium text-ink">{t("batches.search")}</span>
            <input
              type="search"
              value={search}
              onChange={(e) => setSearch(e.target.value)}
              className={`h-11 ${narrow ? "w-full" : "w-64"} max-w-full rounded-lg border border-edge bg-surface px-3 focus-visible:outline-offset-0`}
            />
          </label>
        )}
        <p role="status" className={`text-ink-3 tabular-nums ${narrow ? "" : "pb-3"}`}>
          {t("batches.rows", { count: count(total) })}
        </p>
      </div>
      {failed !== undefined && <ErrorNotice error={failed.error} />}
      <div
        ref={scroller}
        role="table"
        aria-label={t("batches.grid")}
        aria-rowcount={total + 1}
        tabIndex={0}
        className="scroll-quiet min-h-0 flex-1 rounded-xl border border-line bg-surface"
      >
        <div role="rowgroup" style={width} className="sticky top-0 z-10 border-b border-line bg-sunken text-meta font-medium text-ink-2">
          <div role="row" aria-rowindex={1} className="grid min-h-10 items-center gap-4 px-5" style={grid}>
            <span role="columnheader">{t("batches.document")}</span>
            <span role="columnheader">{t("batches.statusColumn")}</span>
            {shown.map((c) => (
              <span key={c} role="columnheader" className="truncate">
                {c}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ ...width, height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rowAt(item.index);
            return (
              <div
                key={item.index}
                role="row"
                aria-rowindex={item.index + 2}
                data-opened={row !== undefined && row.document === opened}
                className="absolute inset-x-0 top-0 grid items-center gap-4 border-b border-line px-5 hover:bg-sunken data-[opened=true]:bg-accent-soft"
                style={{ ...grid, height: item.size, transform: `translateY(${item.start}px)` }}
              >
                <span role="cell" className="truncate font-medium">
                  {row !== undefined && (
                    <button
                      type="button"
                      aria-label={t("batches.openDocument", { name: row.document_id })}
                      onClick={() => onOpen(row.document)}
                      className="after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
                    >
                      {row.document_id}
                    </button>
                  )}
                </span>
                <span role="cell">{row !== undefined && <RunChip status={row.status} />}</span>
                {shown.map((c) => (
                  <span key={c} role="cell" className="truncate text-ink-2">
                    {row?.cells[columns.indexOf(c)] ?? ""}
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
