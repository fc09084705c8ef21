import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChartNoAxesColumn, ChevronRight, CopyPlus, FileSpreadsheet, ListChecks, Pause, Play, RotateCcw, X } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Field } from "@/components/Field";
import { Meter } from "@/components/Meter";
import { Notice } from "@/components/Notice";
import { reference } from "@/features/extraction/schemas";
import { useIpc } from "@/ipc/context";
import type { BatchDto } from "@/ipc/research.gen";
import { count, duration } from "@/lib/format";
import { t } from "@/lib/i18n";
import { Choice } from "./Choice";
import { RunChip } from "./RunChip";
import { statusOf } from "./status";

type Props = {
  /** Whether this person starts and steers runs, or only reads what came of them. */
  works: boolean;
  onDatasets: () => void;
};

/** The runs, newest first, and a new one. */
export function RunPane({ works, onDatasets }: Props) {
  const ipc = useIpc();
  const client = useQueryClient();
  // Another process may work on a run, so that its progress is read from the store and not from a channel.
  const runs = useQuery({ queryKey: ["batches"], queryFn: () => ipc.call("list_batches", {}), refetchInterval: 2_000 });
  const refresh = () => void client.invalidateQueries({ queryKey: ["batches"] });
  const start = useMutation({
    mutationFn: (asked: { dataset: string; schema: string; purpose: string }) => ipc.call("run_batch", asked),
    onSettled: refresh,
  });
  const resume = useMutation({ mutationFn: (id: string) => ipc.call("resume_batch", { id }), onSettled: refresh });
  const steer = useMutation({
    mutationFn: (asked: { id: string; action: "pause" | "cancel" | "retry" }) => ipc.call("control_batch", asked),
    onSettled: refresh,
  });
  const clone = useMutation({
    mutationFn: (asked: { id: string; schema: string }) => ipc.call("clone_batch", asked),
    onSettled: refresh,
  });
  const datasets = useQuery({ queryKey: ["datasets"], queryFn: () => ipc.call("list_datasets", {}), enabled: works });
  const nothing = runs.data?.length === 0;
  const failure = start.error ?? resume.error ?? steer.error ?? clone.error;
  return (
    <div className="space-y-4">
      {works && (datasets.data?.length ?? 0) > 0 && <NewRun onStart={(asked) => start.mutate(asked)} />}
      {failure !== null && <ErrorNotice error={failure} />}
      {runs.isError && <ErrorNotice error={runs.error} />}
      {nothing && !works && <Empty title={t("batches.noRunsTitle")} body={t("batches.noRunsGiven")} />}
      {nothing && datasets.data?.length === 0 && (
        <Empty
          title={t("batches.noRunsTitle")}
          body={t("batches.noRunsFirst")}
          action={
            <Button look="primary" onClick={onDatasets} icon={<FileSpreadsheet aria-hidden className="size-4.5" />}>
              {t("batches.toDatasets")}
            </Button>
          }
          steps={[
            { icon: <FileSpreadsheet aria-hidden />, title: t("batches.step1"), body: t("batches.step1Body") },
            { icon: <ListChecks aria-hidden />, title: t("batches.step2"), body: t("batches.step2Body") },
            { icon: <ChartNoAxesColumn aria-hidden />, title: t("batches.step3"), body: t("batches.step3Body") },
          ]}
        />
      )}
      {nothing && (datasets.data?.length ?? 0) > 0 && (
        <Notice tone="info" title={t("batches.noRunsTitle")}>
          <p>{t("batches.noRunsBody")}</p>
        </Notice>
      )}
      <ul className="space-y-3">
        {[...(runs.data ?? [])].reverse().map((run) => (
          <li key={run.batch}>
            <RunCard
              run={run}
              works={works}
              onResume={() => resume.mutate(run.batch)}
              onSteer={(action) => steer.mutate({ id: run.batch, action })}
              onClone={(schema) => clone.mutate({ id: run.batch, schema })}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

function NewRun({ onStart }: { onStart: (asked: { dataset: string; schema: string; purpose: string }) => void }) {
  const ipc = useIpc();
  const datasets = useQuery({ queryKey: ["datasets"], queryFn: () => ipc.call("list_datasets", {}) });
  const schemas = useQuery({ queryKey: ["schemas"], queryFn: () => ipc.call("list_schemas", {}) });
  const [dataset, setDataset] = useState("");
  const [schema, setSchema] = useState("");
  const [purpose, setPurpose] = useState("");
  const sets = datasets.data ?? [];
  const kinds = schemas.data ?? [];
  const asked = {
    dataset: dataset || (sets[0]?.id ?? ""),
    schema: schema || (kinds[0] === undefined ? "" : reference(kinds[0])),
    purpose: purpose.trim(),
  };
  const ready = asked.dataset !== "" && asked.schema !== "" && asked.purpose !== "";
  return (
    <form
      aria-label={t("batches.newRun")}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onStart(asked);
        setPurpose("");
      }}
      className="rounded-xl border border-line bg-surface p-5"
    >
      <h2 className="text-lead font-semibold">{t("batches.newRun")}</h2>
      <div className="mt-3 grid grid-cols-[1fr_1fr_2fr_auto] items-start gap-4 max-lg:grid-cols-2 max-sm:grid-cols-1">
        <Choice
          label={t("batches.dataset")}
          value={asked.dataset}
          onChange={(e) => setDataset(e.target.value)}
          options={sets.map((d) => [d.id, `${d.name} (${count(d.documents)})`] as const)}
        />
        <Choice
          label={t("batches.schema")}
          value={asked.schema}
          onChange={(e) => setSchema(e.target.value)}
          options={kinds.map((s) => [reference(s), reference(s)] as const)}
        />
        <Field label={t("batches.purpose")} hint={t("batches.purposeHint")} value={purpose} onChange={(e) => setPurpose(e.target.value)} />
        <Button type="submit" look="primary" disabled={!ready} className="mt-6.5 max-lg:mt-0" icon={<Play aria-hidden className="size-4" />}>
          {t("batches.startRun")}
        </Button>
      </div>
    </form>
  );
}

type CardProps = {
  run: BatchDto;
  works: boolean;
  onResume: () => void;
  onSteer: (action: "pause" | "cancel" | "retry") => void;
  onClone: (schema: string) => void;
};

/** One run: how far, how fast, how it came out so far, and what can be done with it. */
function RunCard({ run, works, onResume, onSteer, onClone }: CardProps) {
  const [cloning, setCloning] = useState(false);
  const counts = run.counts;
  const done = counts.ok + counts.partial + counts.rejected + counts.failed;
  const total = done + counts.pending;
  const name = `${run.dataset} · ${run.schema}@${run.schema_version}`;
  const status = statusOf(run);
  return (
    <article aria-label={name} className="rounded-xl border border-line bg-surface p-5">
      <div className="-mt-1.5 flex flex-wrap items-center gap-x-3">
        <h3 className="text-lead font-semibold">{name}</h3>
        <RunChip status={status} />
        <span className="min-w-0 flex-1 truncate text-ink-3">{run.purpose}</span>
        <Link
          to="/batches/$id"
          params={{ id: run.batch }}
          aria-label={t("batches.open", { name })}
          className="flex min-h-11 items-center gap-1 rounded-lg px-3 font-medium text-accent hover:bg-sunken"
        >
          {t("batches.results")}
          <ChevronRight aria-hidden className="size-4.5" />
        </Link>
      </div>
      <div className="mt-1">
        <Meter done={done} total={total} label={name} />
      </div>
      <div className="mt-2.5 flex flex-wrap items-center gap-2">
        <span className="text-ink-2 tabular-nums">{t("batches.progress", { done: count(done), total: count(total) })}</span>
        {(["ok", "partial", "rejected", "failed"] as const)
          .filter((status) => counts[status] > 0)
          .map((status) => (
            <RunChip key={status} status={status} count={count(counts[status])} />
          ))}
        <span className="dotted text-ink-3 tabular-nums">
          {run.per_hour !== null && <span>{t("batches.rate", { rate: count(Math.round(run.per_hour)) })}</span>}
          {run.remaining_s !== null && <span>{t("batches.eta", { time: duration(run.remaining_s) })}</span>}
        </span>
        <span className="ml-auto flex flex-wrap justify-end gap-2">
          {works && status === "running" && (
            <Button onClick={() => onSteer("pause")} icon={<Pause aria-hidden className="size-4" />}>
              {t("batches.pause")}
            </Button>
          )}
          {works && counts.failed > 0 && status !== "running" && (
            <Button onClick={() => onSteer("retry")} icon={<RotateCcw aria-hidden className="size-4" />}>
              {t("batches.retry")}
            </Button>
          )}
          {works && counts.pending > 0 && status !== "running" && (
            <Button onClick={onResume} icon={<Play aria-hidden className="size-4" />}>
              {t("batches.resume")}
            </Button>
          )}
          {works && status !== "running" && (
            <Button look="quiet" aria-expanded={cloning} onClick={() => setCloning(!cloning)} icon={<CopyPlus aria-hidden className="size-4" />}>
              {t("batches.clone")}
            </Button>
          )}
          {works && ["running", "paused", "interrupted"].includes(status) && (
            <Button look="quiet" onClick={() => onSteer("cancel")} icon={<X aria-hidden className="size-4" />}>
              {t("batches.cancel")}
            </Button>
          )}
        </span>
      </div>
      {cloning && (
        <Clone
          onClone={(schema) => {
            setCloning(false);
            onClone(schema);
          }}
        />
      )}
    </article>
  );
}

/** The same reports again with another schema. */
function Clone({ onClone }: { onClone: (schema: string) => void }) {
  const ipc = useIpc();
  const schemas = useQuery({ queryKey: ["schemas"], queryFn: () => ipc.call("list_schemas", {}) });
  const [chosen, setChosen] = useState("");
  const options = (schemas.data ?? []).map((s) => [reference(s), reference(s)] as const);
  const schema = chosen || (options[0]?.[0] ?? "");
  return (
    <div className="mt-3 flex items-end gap-3 border-t border-line pt-3">
      <Choice label={t("batches.cloneWith")} className="w-72" value={schema} onChange={(e) => setChosen(e.target.value)} options={options} />
      <Button disabled={schema === ""} onClick={() => onClone(schema)} icon={<Play aria-hidden className="size-4" />}>
        {t("batches.cloneNow")}
      </Button>
    </div>
  );
}
