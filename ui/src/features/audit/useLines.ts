import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { LogLineDto } from "@/ipc/bindings.gen";
import type { LogFilter } from "@/ipc/commands";
import { useIpc } from "@/ipc/context";

const PAGE = 200;

/**
 * The lines of a filter by their place from the newest, fetched a page at a time where one looks. A million lines are
 * a number here; only the pages in sight are held.
 */
export function useLines(filter: LogFilter, first: number, last: number) {
  const ipc = useIpc();
  const key = ["audit", "page", filter] as const;
  const page = (n: number) => ({
    queryKey: [...key, n],
    queryFn: () => ipc.call("audit_page", { filter, offset: n * PAGE, limit: PAGE }),
    staleTime: 60_000,
    gcTime: 60_000,
  });
  const start = useQuery({ ...page(0), placeholderData: keepPreviousData });
  const from = Math.max(1, Math.floor(first / PAGE));
  const to = Math.floor(last / PAGE);
  const wanted = useMemo(() => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i), [from, to]);
  const further = useQueries({ queries: wanted.map(page) });
  const line = (place: number): LogLineDto | undefined => {
    const n = Math.floor(place / PAGE);
    const data = n === 0 ? start.data : further[n - from]?.data;
    return data?.lines[place - n * PAGE];
  };
  return { start, total: start.data?.total ?? 0, line };
}
