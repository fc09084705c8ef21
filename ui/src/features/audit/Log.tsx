import { useQuery } from "@tanstack/react-query";
import { Tabs } from "radix-ui";
import { useCallback, useMemo, useState } from "react";
import type { LogLineDto, SessionDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { Notice } from "@/components/Notice";
import { TabList } from "@/components/TabList";
import { count } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Alerts } from "./Alerts";
import { Charts } from "./Charts";
import { type Asked, EVERYTHING, asFilter, offsetMinutes } from "./filter";
import { Filters } from "./Filters";
import { LineDetail } from "./LineDetail";
import { LogTable } from "./LogTable";
import { ReportView } from "./ReportView";
import { useTake } from "./Take";
import { Verdict } from "./Verdict";
import type { Names } from "./words";

/** The log: the chain's verdict, the lines, what asks for attention, and what can be taken along. Nothing changes it. */
export function Log({ session }: { session: SessionDto }) {
  const ipc = useIpc();
  const reviews = session.role === "administrator" || session.role === "auditor";
  const people = useQuery({ queryKey: ["audit", "people"], queryFn: () => ipc.call("audit_people", {}), enabled: reviews });
  const alerts = useQuery({
    queryKey: ["audit", "alerts"],
    queryFn: () => ipc.call("audit_alerts", {}),
    enabled: reviews,
    refetchInterval: 60_000,
  });
  const names: Names = useMemo(
    () => ({
      me: { id: session.user_id, name: session.name },
      people: new Map((people.data ?? []).map((p) => [p.id, p.name])),
    }),
    [session.user_id, session.name, people.data],
  );
  const open = (alerts.data ?? []).filter((alert) => alert.acknowledged === null).length;

  return (
    <div className="scroll-quiet h-full">
    <div className="mx-auto flex h-full max-w-[96rem] flex-col gap-4 px-8 pt-6 pb-6 max-xl:px-6 max-xl:pt-4 max-lg:h-auto max-md:px-4 max-md:pt-4">
      <Tabs.Root defaultValue="lines" className="flex min-h-0 flex-1 flex-col gap-4">
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
          <h1 className="text-hero font-semibold">{reviews ? t("log.title") : t("log.ownTitle")}</h1>
          {reviews && (
            <TabList
              label={t("log.parts")}
              tabs={[
                ["lines", t("log.lines")],
                ["alerts", <AlertsTab key="alerts" open={open} />],
                ["report", t("log.report")],
              ]}
            />
          )}
        </div>
        {session.store_faults.length > 0 && (
          <Notice tone="warn" title={t("log.storesBroken")}>
            <p>{t("log.storesBrokenBody")}</p>
            {session.store_faults.map((fault) => (
              <p key={fault} className="selectable text-meta">
                {fault}
              </p>
            ))}
          </Notice>
        )}
        <Verdict checkpoints={reviews} />
        <Tabs.Content value="lines" className="flex min-h-0 flex-1 flex-col gap-4 outline-none">
          <Lines names={names} reviews={reviews} />
        </Tabs.Content>
        {reviews && (
          <>
            <Tabs.Content value="alerts" className="flex min-h-0 flex-1 flex-col outline-none">
              {alerts.data === undefined ? (
                <p className="text-ink-3">{t("log.loading")}</p>
              ) : (
                <Alerts alerts={alerts.data} names={names} />
              )}
            </Tabs.Content>
            <Tabs.Content value="report" className="flex min-h-0 flex-1 flex-col outline-none">
              <ReportView names={names} />
            </Tabs.Content>
          </>
        )}
      </Tabs.Root>
    </div>
    </div>
  );
}

/** The alerts, and how many of them nobody has looked at. */
function AlertsTab({ open }: { open: number }) {
  return (
    <>
      {t("log.alerts")}
      {open > 0 && (
        <span className="ml-2 rounded-full bg-danger-soft px-2 text-meta text-danger tabular-nums">
          <span className="sr-only">{t("log.open")} </span>
          {count(open)}
        </span>
      )}
    </>
  );
}

/** Filters, charts, the table, and one line in full. */
function Lines({ names, reviews }: { names: Names; reviews: boolean }) {
  const ipc = useIpc();
  const [asked, setAsked] = useState<Asked>(EVERYTHING);
  const [opened, setOpened] = useState<LogLineDto | null>(null);
  const filter = useMemo(() => asFilter(asked, new Date()), [asked]);
  const ask = useCallback((change: Partial<Asked>) => {
    setAsked((before) => ({ ...before, ...change }));
    setOpened(null);
  }, []);
  const overview = useQuery({
    queryKey: ["audit", "overview", filter],
    queryFn: () => ipc.call("audit_overview", { filter, offset_minutes: offsetMinutes() }),
    staleTime: 60_000,
  });
  const whole = useQuery({
    queryKey: ["audit", "overview", {}],
    queryFn: () => ipc.call("audit_overview", { filter: {}, offset_minutes: offsetMinutes() }),
    staleTime: 60_000,
  });
  const take = useTake(filter);
  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-3">
        <Filters asked={asked} onAsk={ask} whole={whole.data} names={names} everybody={reviews} />
        {reviews && take.menu}
      </div>
      {take.outcome}
      {overview.data !== undefined && opened === null && <Charts overview={overview.data} onAsk={ask} />}
      <div className="flex min-h-72 flex-1 gap-4 max-lg:min-h-0 max-lg:flex-col-reverse">
        <LogTable filter={filter} names={names} opened={opened} onOpen={setOpened} />
        {opened !== null && (
          <LineDetail line={opened} names={names} onClose={() => setOpened(null)} onAsk={(a) => ask({ ...EVERYTHING, ...a })} />
        )}
      </div>
    </>
  );
}
