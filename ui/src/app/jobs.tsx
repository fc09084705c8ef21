import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from "react";
import type { ProgressDto } from "@/ipc/bindings.gen";
import type { CommandName, Ipc } from "@/ipc/commands";
import { useIpc } from "@/ipc/context";
import { IpcError } from "@/ipc/errors";

/** What work is about: an import makes a visit, the others belong to one. */
export type JobKind = { name: "import" } | { name: "transcribe"; encounter: string } | { name: "extract"; encounter: string; schema: string };

/** `user` began it; another person's work is not shown. */
export type Job = {
  id: number;
  kind: JobKind;
  user: string;
  /** Waits until the work before it is done. */
  waiting: boolean;
  progress: ProgressDto | null;
  cancelling: boolean;
};

/** How the last work ended: with a visit, with an error, or, when no file was chosen, with neither. */
export type Ended = {
  id: number;
  kind: JobKind;
  user: string;
  encounter: string | null;
  /** What was wrong with a file that could be read all the same. */
  warnings: string[];
  error: IpcError | null;
};

type Jobs = {
  /** What is worked on. */
  job: Job | null;
  /** The same and what waits for it, in order. */
  jobs: readonly Job[];
  ended: Ended | null;
  /** What ended in this session, newest first. */
  past: readonly Ended[];
  /** Begins one piece of long work, or puts it behind the one under way. */
  start: (kind: JobKind, user: string) => void;
  /** Stops the work under way, or one piece of it by its id. */
  cancel: (id?: number) => void;
  dismiss: () => void;
  /** Forgets what ended. */
  clear: () => void;
};

const JobsContext = createContext<Jobs | null>(null);

/** So many endings are remembered. */
const MOST_PAST = 5;

const COMMAND = {
  import: "import_audio",
  transcribe: "transcribe_recording",
  extract: "extract_encounter",
} as const satisfies Record<JobKind["name"], CommandName>;

/** Long work, kept above the screens: it goes on when one leaves the screen, and when the window locks. */
export function JobsProvider({ children }: { children: ReactNode }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const [jobs, setJobs] = useState<readonly Job[]>([]);
  const [ended, setEnded] = useState<Ended | null>(null);
  const [past, setPast] = useState<readonly Ended[]>([]);
  // One at a time, in order: what is to be done stands here, what is seen of it in the state.
  const queue = useRef<Pick<Job, "id" | "kind" | "user">[]>([]);
  const busy = useRef(false);
  const last = useRef(0);

  const next = useCallback(() => {
    const begun = queue.current[0];
    if (busy.current || begun === undefined) return;
    busy.current = true;
    const { id, kind, user } = begun;
    const change = (to: Partial<Job>) => setJobs((all) => all.map((job) => (job.id === id ? { ...job, ...to } : job)));
    change({ waiting: false });
    void work(ipc, kind, (progress) => change({ progress }))
      .then(
        (made) => ({ encounter: made?.encounter_id ?? null, warnings: made?.warnings ?? [], error: null }),
        (thrown: unknown) => ({ encounter: null, warnings: [], error: IpcError.from(thrown) }),
      )
      .then((how) => {
        const end = { id, kind, user, ...how };
        setEnded(end);
        // A file chooser closed without a file was no work.
        if (end.encounter !== null || end.error !== null) setPast((all) => [end, ...all].slice(0, MOST_PAST));
        queue.current = queue.current.filter((job) => job.id !== id);
        busy.current = false;
        setJobs((all) => all.filter((job) => job.id !== id));
        void client.invalidateQueries({ queryKey: ["encounters"] });
        next();
      });
  }, [ipc, client]);

  const start = useCallback<Jobs["start"]>(
    (kind, user) => {
      // A second import would open its file chooser at a moment nobody knows.
      if (busy.current && kind.name === "import") return;
      if (queue.current.some((job) => JSON.stringify(job.kind) === JSON.stringify(kind))) return;
      last.current += 1;
      const job = { id: last.current, kind, user };
      queue.current.push(job);
      setEnded(null);
      setJobs((all) => [...all, { ...job, waiting: true, progress: null, cancelling: false }]);
      next();
    },
    [next],
  );

  const cancel = useCallback<Jobs["cancel"]>(
    (id) => {
      const target = id ?? queue.current[0]?.id;
      const at = queue.current.findIndex((job) => job.id === target);
      const job = queue.current[at];
      if (job === undefined) return;
      if (at > 0) {
        queue.current.splice(at, 1);
        setJobs((all) => all.filter((known) => known.id !== target));
        return;
      }
      setJobs((all) => all.map((known) => (known.id === target ? { ...known, cancelling: true } : known)));
      // If it cannot be cancelled any more, the work itself still ends and says how.
      void ipc.call("cancel_job", { command: COMMAND[job.kind.name] }).catch(() => undefined);
    },
    [ipc],
  );

  const dismiss = useCallback(() => setEnded(null), []);
  const clear = useCallback(() => setPast([]), []);
  const value = useMemo(
    () => ({ job: jobs.find((job) => !job.waiting) ?? null, jobs, ended, past, start, cancel, dismiss, clear }),
    [jobs, ended, past, start, cancel, dismiss, clear],
  );
  return <JobsContext value={value}>{children}</JobsContext>;
}

function work(ipc: Ipc, kind: JobKind, onProgress: (progress: ProgressDto) => void) {
  switch (kind.name) {
    case "import":
      return ipc.call("import_audio", {}, onProgress);
    case "transcribe":
      return ipc
        .call("transcribe_recording", { encounter: kind.encounter }, onProgress)
        .then(() => ({ encounter_id: kind.encounter, warnings: [] as string[] }));
    case "extract":
      return ipc
        .call("extract_encounter", { id: kind.encounter, schema: kind.schema }, onProgress)
        .then(() => ({ encounter_id: kind.encounter, warnings: [] as string[] }));
  }
}

export function useJobs(): Jobs {
  const jobs = use(JobsContext);
  if (jobs === null) throw new Error("no JobsProvider above this component");
  return jobs;
}
