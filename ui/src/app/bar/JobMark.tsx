import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { AudioLines, CircleCheck, OctagonAlert, Sparkle, Table2, X } from "lucide-react";
import { Popover } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Meter } from "@/components/Meter";
import { statusOf } from "@/features/batches/status";
import type { ProgressDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { t } from "@/lib/i18n";
import { progressWords } from "@/lib/progress";
import { type Ended, type JobKind, useJobs } from "../jobs";
import { tabsOf, worksOnRuns } from "../places";
import { useSession } from "../session";

/** A line of the tray. */
type Line = {
  key: string;
  title: string;
  icon: ReactNode;
  progress: ProgressDto | null;
  waiting: string | null;
  open: () => void;
  stop: (() => void) | null;
  stopping: boolean;
};

const ICON: Record<JobKind["name"], ReactNode> = {
  import: <AudioLines aria-hidden />,
  transcribe: <AudioLines aria-hidden />,
  extract: <Sparkle aria-hidden />,
};

/** Work under way, wherever one is: the first of it in the bar, all of it in a tray, each with its way to it and its stop. */
export function JobMark() {
  const [open, setOpen] = useState(false);
  const { past, clear } = useJobs();
  const { session } = useSession();
  const lines = useLines();
  const ended = past.filter((end) => end.user === session.user_id);
  const first = lines[0];
  if (first === undefined && ended.length === 0) return null;
  const words = first === undefined ? null : progressWords(first.progress);
  const stage = first === undefined ? t("jobs.done") : (first.waiting ?? words?.stage ?? "");
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        data-job
        className="mr-1 flex min-h-11 min-w-0 items-center gap-2.5 overflow-hidden rounded-lg px-3 text-left hover:bg-sunken data-[state=open]:bg-sunken [&>svg]:size-4.5 [&>svg]:shrink-0 [&>svg]:text-accent"
      >
        {first === undefined ? <CircleCheck aria-hidden /> : first.icon}
        <span className={`${first === undefined ? "" : "w-36"} min-w-0 max-xl:sr-only [[data-recording-mark]~[data-job]_&]:max-2xl:sr-only`}>
          <span className="sr-only">{first === undefined ? t("bar.jobsDone") : t("bar.jobs")}: </span>
          <span className="flex justify-between gap-2 text-meta font-medium tabular-nums">
            <span className="truncate">{stage}</span>
            <span className="shrink-0 text-ink-3">{words?.percent}</span>
          </span>
          {first !== undefined && (
            <span className="mt-1 block">
              <Meter done={first.progress?.done ?? 0} total={first.progress?.total ?? null} label={stage} />
            </span>
          )}
        </span>
        {lines.length > 1 && (
          <span className="rounded-full bg-accent-soft px-2 text-meta font-semibold text-accent-strong tabular-nums">
            <span className="sr-only">{t("jobs.all")}: </span>
            {lines.length}
          </span>
        )}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={12}
          aria-label={t("jobs.tray")}
          className="appear scroll-quiet z-30 max-h-[70vh] w-[min(26rem,calc(100vw-1.5rem))] rounded-xl border border-line bg-surface p-2 shadow-lift"
        >
          <h2 className="px-3 pt-2 pb-1 font-semibold">{t("jobs.tray")}</h2>
          {lines.length === 0 && <p className="px-3 py-2 text-ink-2">{t("jobs.nothing")}</p>}
          <ul>
            {lines.map((line) => (
              <Row key={line.key} line={line} onOpen={() => setOpen(false)} />
            ))}
          </ul>
          {ended.length > 0 && (
            <>
              <div className="mt-1 flex items-center justify-between border-t border-line pt-1 pl-3">
                <h3 className="text-meta font-semibold text-ink-3">{t("jobs.past")}</h3>
                <button type="button" onClick={clear} className="min-h-11 rounded-lg px-3 text-meta font-medium text-ink-2 hover:bg-sunken">
                  {t("jobs.clear")}
                </button>
              </div>
              <ul>
                {ended.map((end) => (
                  <Past key={end.id} end={end} onOpen={() => setOpen(false)} />
                ))}
              </ul>
            </>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** This person's work: what this window does, and their runs, whoever works on those. */
function useLines(): Line[] {
  const ipc = useIpc();
  const navigate = useNavigate();
  const { jobs, cancel } = useJobs();
  const { session } = useSession();
  const runs = useQuery({
    queryKey: ["batches"],
    queryFn: () => ipc.call("list_batches", {}),
    enabled: tabsOf(session.role).some((tab) => tab.to === "/batches"),
    refetchInterval: ({ state }) => (state.data?.some((run) => statusOf(run) === "running") ? 2_000 : 15_000),
  });
  const own = jobs
    .filter((job) => job.user === session.user_id)
    .map(({ id, kind, progress, waiting, cancelling }): Line => ({
      key: `job ${id}`,
      title: t(`jobs.${kind.name}`),
      icon: ICON[kind.name],
      progress,
      waiting: waiting ? t("jobs.waiting") : progress === null && kind.name === "import" ? t("jobs.choosing") : null,
      open: () => void (kind.name === "import" ? navigate({ to: "/visits" }) : navigate({ to: "/visits/$id", params: { id: kind.encounter } })),
      // A file chooser has a button of its own.
      stop: kind.name === "import" && progress === null ? null : () => cancel(id),
      stopping: cancelling,
    }));
  const running = (runs.data ?? [])
    .filter((run) => statusOf(run) === "running")
    .map(({ batch, dataset, schema, schema_version, counts }): Line => {
      const done = counts.ok + counts.partial + counts.rejected + counts.failed;
      return {
        key: batch,
        title: `${dataset} · ${schema}@${schema_version}`,
        icon: <Table2 aria-hidden />,
        progress: { stage: "extracting", done, total: done + counts.pending, unit: "documents" },
        waiting: null,
        open: () => void navigate({ to: "/batches/$id", params: { id: batch } }),
        stop: !worksOnRuns(session.role) ? null : () => void ipc.call("control_batch", { id: batch, action: "pause" }).then(() => runs.refetch(), () => undefined),
        stopping: false,
      };
    });
  return [...own, ...running];
}

function Row({ line, onOpen }: { line: Line; onOpen: () => void }) {
  const words = progressWords(line.progress);
  const run = line.key.startsWith("job ") ? t("jobs.cancel") : t("batches.pause");
  return (
    <li className="flex items-center gap-1 rounded-lg hover:bg-sunken">
      <button
        type="button"
        onClick={() => {
          onOpen();
          line.open();
        }}
        className="flex min-w-0 flex-1 items-center gap-3 rounded-lg px-3 py-2 text-left [&>svg]:size-4.5 [&>svg]:shrink-0 [&>svg]:text-accent"
      >
        {line.icon}
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{line.title}</span>
          <span className="flex justify-between gap-3 text-meta text-ink-2 tabular-nums">
            <span className="truncate">
              {line.waiting ?? words.stage}
              {line.waiting === null && words.far !== "" && <span className="text-ink-3"> · {words.far}</span>}
            </span>
            <span className="shrink-0 whitespace-nowrap">{words.percent}</span>
          </span>
          {line.waiting === null && (
            <span className="mt-1.5 block">
              <Meter done={line.progress?.done ?? 0} total={line.progress?.total ?? null} label={line.title} />
            </span>
          )}
        </span>
      </button>
      {line.stop !== null && (
        <button
          type="button"
          title={line.stopping ? t("jobs.cancelling") : run}
          aria-label={t("jobs.stop", { how: line.stopping ? t("jobs.cancelling") : run, title: line.title })}
          disabled={line.stopping}
          onClick={line.stop}
          className="grid size-11 shrink-0 place-items-center rounded-lg text-ink-3 hover:text-danger disabled:opacity-40"
        >
          <X aria-hidden className="size-4.5" />
        </button>
      )}
    </li>
  );
}

function Past({ end, onOpen }: { end: Ended; onOpen: () => void }) {
  const navigate = useNavigate();
  const to = end.encounter ?? (end.kind.name === "import" ? null : end.kind.encounter);
  const failed = end.error !== null && end.error.code !== "cancelled";
  const how = end.error === null ? t("jobs.done") : t(`errors.${end.error.code}.title`, end.error.params);
  return (
    <li>
      <button
        type="button"
        disabled={to === null}
        onClick={() => {
          onOpen();
          if (to !== null) void navigate({ to: "/visits/$id", params: { id: to } });
        }}
        className="flex min-h-11 w-full items-center gap-3 rounded-lg px-3 py-1.5 text-left enabled:hover:bg-sunken [&>svg]:size-4.5 [&>svg]:shrink-0"
      >
        {failed ? <OctagonAlert aria-hidden className="text-danger" /> : <CircleCheck aria-hidden className="text-good" />}
        <span className="min-w-0 flex-1">
          <span className="block truncate">{t(`jobs.${end.kind.name}`)}</span>
          <span className="block truncate text-meta text-ink-3">
            {how}
            {end.warnings.length > 0 && ` · ${t("jobs.warnings", { count: end.warnings.length })}`}
          </span>
        </span>
      </button>
    </li>
  );
}
