import { Tabs } from "radix-ui";
import { useState } from "react";
import { TabList } from "@/components/TabList";
import { DatasetPane } from "@/features/batches/DatasetPane";
import { RunPane } from "@/features/batches/RunPane";
import { SchemaPane } from "@/features/batches/SchemaPane";
import { t } from "@/lib/i18n";
import { worksOnRuns } from "./places";
import { useSession } from "./session";

/** Sets of reports, what to look for in them, and the runs over them. */
export function BatchesScreen() {
  const works = worksOnRuns(useSession().session.role);
  const [tab, setTab] = useState("runs");
  return (
    <Tabs.Root value={tab} onValueChange={setTab} className="flex h-full flex-col">
      <div className="mx-auto flex w-full max-w-6xl shrink-0 flex-wrap items-center justify-between gap-y-2 px-8 pt-8 max-md:px-4 max-md:pt-5">
        <h1 className="text-hero font-semibold">{t("batches.title")}</h1>
        {works && (
          <TabList
            label={t("batches.sections")}
            tabs={[
              ["runs", t("batches.runs")],
              ["datasets", t("batches.datasets")],
              ["schemas", t("batches.schemas")],
            ]}
          />
        )}
      </div>
      <div className="scroll-quiet min-h-0 flex-1">
        <div className="mx-auto max-w-6xl px-8 py-6 max-md:px-4">
          <Tabs.Content value="runs">
            <RunPane works={works} onDatasets={() => setTab("datasets")} />
          </Tabs.Content>
          <Tabs.Content value="datasets">
            <DatasetPane />
          </Tabs.Content>
          <Tabs.Content value="schemas">
            <SchemaPane />
          </Tabs.Content>
        </div>
      </div>
    </Tabs.Root>
  );
}
