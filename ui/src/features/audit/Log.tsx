import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/Button";
import { ErrorNotice } from "@/components/ErrorNotice";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { LineDetail } from "./LineDetail";
import { LogTable } from "./LogTable";
import { Verdict } from "./Verdict";

const PAGE = 200;

/** The log: the chain's verdict, the newest lines, and one of them in full. Nothing here can change it. */
export function Log({ me }: { me: { id: string; name: string } }) {
  const ipc = useIpc();
  const [opened, setOpened] = useState<number | null>(null);
  const pages = useInfiniteQuery({
    queryKey: ["audit", "lines"],
    queryFn: ({ pageParam }) =>
      ipc.call("audit_list", pageParam === null ? { limit: PAGE } : { limit: PAGE, before_seq: pageParam }),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : (last[last.length - 1]?.seq ?? undefined)),
  });
  const lines = pages.data?.pages.flat() ?? [];
  const line = lines.find((l) => l.seq === opened);

  return (
    <div className="mx-auto flex h-full max-w-7xl flex-col gap-5 px-8 pt-8 pb-6">
      <h1 className="text-hero font-semibold">{t("log.title")}</h1>
      <Verdict />
      {pages.isError && (
        <ErrorNotice error={pages.error} action={<Button onClick={() => void pages.refetch()}>{t("app.retry")}</Button>} />
      )}
      {pages.isPending && <p className="text-ink-3">{t("log.loading")}</p>}
      {pages.data !== undefined && (
        <div className="flex min-h-0 flex-1 gap-5">
          <LogTable
            lines={lines}
            me={me}
            opened={opened}
            onOpen={setOpened}
            more={pages.hasNextPage && !pages.isFetchingNextPage}
            onMore={() => void pages.fetchNextPage()}
          />
          {line !== undefined && <LineDetail line={line} me={me} onClose={() => setOpened(null)} />}
        </div>
      )}
    </div>
  );
}
