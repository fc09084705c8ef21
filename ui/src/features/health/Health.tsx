import { useMutation, useQuery } from "@tanstack/react-query";
import { CircleCheck, DoorClosed, OctagonAlert, RefreshCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/Button";
import { Chip, type ChipTone } from "@/components/Chip";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Notice } from "@/components/Notice";
import { Page } from "@/components/Page";
import { useIpc } from "@/ipc/context";
import type { Check, CheckState } from "@/ipc/health";
import { timeOfDaySeconds } from "@/lib/format";
import { t, tIfAny } from "@/lib/i18n";

const LOOK: Record<CheckState, { tone: ChipTone; icon: ReactNode }> = {
  ok: { tone: "good", icon: <CircleCheck aria-hidden /> },
  warn: { tone: "warn", icon: <TriangleAlert aria-hidden /> },
  fail: { tone: "danger", icon: <OctagonAlert aria-hidden /> },
};

/** So many facts stand open; more of them are there on request. */
const FEW = 3;

/** What this workstation can do, and why not; on request every way out is tried. */
export function Health() {
  const ipc = useIpc();
  // An engine is started for it: not at each look.
  const health = useQuery({ queryKey: ["health"], queryFn: () => ipc.call("doctor", { probe: false }), staleTime: 60_000 });
  const probe = useMutation({ mutationFn: () => ipc.call("doctor", { probe: true }) });
  const tried = probe.data !== undefined && probe.submittedAt > health.dataUpdatedAt;
  const checks = (tried ? probe.data : health.data)?.checks;
  const at = tried ? probe.submittedAt : health.dataUpdatedAt;
  const busy = health.isFetching || probe.isPending;
  const failed = probe.error ?? health.error;
  return (
    <Page
      title={t("health.title")}
      lead={t("health.lead")}
      note={checks === undefined ? undefined : t("health.looked", { time: timeOfDaySeconds(new Date(at)) })}
      actions={
        <>
          <Button onClick={() => probe.mutate()} disabled={busy} icon={<DoorClosed aria-hidden className="size-4.5" />}>
            {probe.isPending ? t("health.probing") : t("health.probe")}
          </Button>
          <Button
            look="primary"
            onClick={() => void health.refetch()}
            disabled={busy}
            icon={<RefreshCw aria-hidden className={`size-4.5 ${health.isFetching ? "animate-spin" : ""}`} />}
          >
            {health.isFetching ? t("health.looking") : t("health.again")}
          </Button>
        </>
      }
    >
      {failed !== null && <ErrorNotice error={failed} />}
      {checks === undefined ? failed === null && <p className="text-ink-3">{t("health.looking")}</p> : <Found checks={checks} />}
    </Page>
  );
}

function Found({ checks }: { checks: Check[] }) {
  const fail = checks.filter((check) => check.state === "fail").length;
  const warn = checks.filter((check) => check.state === "warn").length;
  // What asks for something comes first.
  const order = { fail: 0, warn: 1, ok: 2 };
  const sorted = [...checks].sort((a, b) => order[a.state] - order[b.state]);
  return (
    <>
      <Notice
        tone={fail > 0 ? "danger" : warn > 0 ? "warn" : "good"}
        title={fail > 0 ? t("health.broken", { count: fail }) : warn > 0 ? t("health.worth", { count: warn }) : t("health.well")}
      />
      <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
        {sorted.map((check, i) => (
          <li key={`${check.name} ${i}`} data-check={check.name} className="grid grid-cols-[12rem_minmax(0,1fr)_8rem] items-start gap-x-6 px-5 py-3.5 max-md:grid-cols-1">
            <h2 className="font-medium">{tIfAny(`health.names.${check.name}`) ?? check.name}</h2>
            <Facts facts={check.facts} />
            <span className="justify-self-end max-md:order-first max-md:justify-self-start">
              <Chip tone={LOOK[check.state].tone} icon={LOOK[check.state].icon}>
                {t(`health.states.${check.state}`)}
              </Chip>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Facts({ facts }: { facts: string[] }) {
  const rest = facts.length > FEW + 1 ? facts.slice(FEW) : [];
  const few = rest.length === 0 ? facts : facts.slice(0, FEW);
  return (
    <div className="selectable min-w-0 text-meta break-words text-ink-2">
      {few.map((fact) => (
        <p key={fact}>{fact}</p>
      ))}
      {rest.length > 0 && (
        <details>
          <summary className="w-fit cursor-pointer rounded py-1 font-medium text-accent">{t("health.more", { count: rest.length })}</summary>
          {rest.map((fact, i) => (
            <p key={`${i} ${fact}`}>{fact}</p>
          ))}
        </details>
      )}
    </div>
  );
}
