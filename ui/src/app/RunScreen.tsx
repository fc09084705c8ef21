import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useParams } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { Tabs } from "radix-ui";
import { useState } from "react";
import { ErrorNotice } from "@/components/ErrorNotice";
import { TabList } from "@/components/TabList";
import { EvaluationPane } from "@/features/batches/EvaluationPane";
import { ExportPane } from "@/features/batches/ExportPane";
import { Queue } from "@/features/batches/Queue";
import { ResultPanel } from "@/features/batches/ResultPanel";
import { ResultsGrid } from "@/features/batches/ResultsGrid";
import { RunChip } from "@/features/batches/RunChip";
import { statusOf } from "@/features/batches/status";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { worksOnRuns } from "./places";
import { useSession } from "./session";

const PARTS = ["results", "review", "evaluation", "export"] as const;
/** What can be looked at without changing or taking anything. */
const READ = ["results", "evaluation"] as const;

/** One run: its results report by report, the review, the scores, and the way out. */
export function RunScreen() {
  const ipc = useIpc();
  const works = worksOnRuns(useSession().session.role);
  const { id } = useParams({ from: "/batches/$id" });
  const [tab, setTab] = useState("results");
  const asked = useLocation({ select: ({ state }) => state.document ?? null });
  const [opened, setOpened] = useState<string | null>(asked);
  const run = useQuery({ queryKey: ["batches", id], queryFn: () => ipc.call("batch_status", { id }), refetchInterval: 5_000 });
  const panel = opened !== null && <ResultPanel batch={id} document={opened} review={false} onClose={() => setOpened(null)} />;
  const content = "flex min-h-0 flex-1 gap-4 px-6 py-5 max-md:px-3 max-md:py-3 data-[state=inactive]:hidden";
  return (
    <Tabs.Root
      value={tab}
      onValueChange={(to) => {
        setTab(to);
        // A report opened in one part does not take the next one's room.
        setOpened(null);
      }}
      className="flex h-full flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-surface px-3 py-2.5">
        <Link
          to="/batches"
          className="flex min-h-11 items-center gap-1 rounded-lg pr-3 pl-1.5 font-medium text-ink-2 hover:bg-sunken hover:text-ink"
        >
          <ChevronLeft aria-hidden className="size-5" />
          {t("batches.back")}
        </Link>
        <span aria-hidden className="h-7 w-px bg-line" />
        {run.data !== undefined && (
          <>
            <h1 className="truncate text-lead font-semibold">
              {run.data.dataset} · {run.data.schema}@{run.data.schema_version}
            </h1>
            <RunChip status={statusOf(run.data)} />
            <span className="truncate text-meta text-ink-3">{run.data.model}</span>
          </>
        )}
        <span className="flex-1" />
        <TabList
          label={t("batches.sections")}
          tabs={(works ? PARTS : READ).map((part) => [part, t(`batches.${part}`)] as const)}
        />
      </div>
      {run.isError && <ErrorNotice error={run.error} />}
      <Tabs.Content value="results" className={content}>
        <ResultsGrid batch={id} order="source" opened={opened} onOpen={setOpened} />
        {panel}
      </Tabs.Content>
      {works && (
        <Tabs.Content value="review" className={content}>
          <Queue batch={id} />
        </Tabs.Content>
      )}
      <Tabs.Content value="evaluation" className={content}>
        <EvaluationPane batch={id} onOpen={setOpened} />
        {panel}
      </Tabs.Content>
      {works && (
        <Tabs.Content value="export" className={content}>
          <ExportPane batch={id} pending={run.data?.counts.pending ?? 0} />
        </Tabs.Content>
      )}
    </Tabs.Root>
  );
}
