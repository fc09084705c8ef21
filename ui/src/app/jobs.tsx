import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from "react";
import type { ProgressDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { IpcError } from "@/ipc/errors";

/** What work is about: an import makes a visit, the others belong to one. */
export type JobKind = { name: "import" } | { name: "transcribe"; encounter: string } | { name: "extract"; encounter: string; schema: string };

/** `user` began it; another person's work is not shown. */
export type Job = { kind: JobKind; user: string; progress: ProgressDto | null; cancelling: boolean };

/** How the last work ended: with a visit, with an error, or, when no file was chosen, with neither. */
export type Ended = {
  kind: JobKind;
  user: string;
  encounter: string | null;
  /** What was wrong with a file that could be read all the same. */
  warnings: string[];
  error: IpcError | null;
};

type Jobs = {
  job: Job | null;
  ended: Ended | null;
  /** Begins one piece of long work; there is one at a time, and a second is not begun. */
  start: (kind: JobKind, user: string) => void;
  cancel: () => void;
  dismiss: () => void;
};

const JobsContext = createContext<Jobs | null>(null);

/** Long work, kept above the screens: it goes on when one leaves the screen, and when the window locks. */
export function JobsProvider({ children }: { children: ReactNode }) {
  const ipc = useIpc();
  const client = useQueryClient();
  const [job, setJob] = useState<Job | null>(null);
  const [ended, setEnded] = useState<Ended | null>(null);
  const busy = useRef(false);

  const start = useCallback<Jobs["start"]>(
    (kind, user) => {
      if (busy.current) return;
      busy.current = true;
      setEnded(null);
      setJob({ kind, user, progress: null, cancelling: false });
      const onProgress = (progress: ProgressDto) => setJob((now) => (now === null ? now : { ...now, progress }));
      const work =
        kind.name === "import"
          ? ipc.call("import_audio", {}, onProgress)
          : kind.name === "transcribe"
            ? ipc
                .call("transcribe_recording", { encounter: kind.encounter }, onProgress)
                .then(() => ({ encounter_id: kind.encounter, warnings: [] }))
            : ipc
              .call("extract_encounter", { id: kind.encounter, schema: kind.schema }, onProgress)
              .then(() => ({ encounter_id: kind.encounter, warnings: [] }));
      void work
        .then(
          (made) =>
            setEnded({ kind, user, encounter: made?.encounter_id ?? null, warnings: made?.warnings ?? [], error: null }),
          (thrown: unknown) =>
            setEnded({ kind, user, encounter: null, warnings: [], error: IpcError.from(thrown) }),
        )
        .finally(() => {
          busy.current = false;
          setJob(null);
          void client.invalidateQueries({ queryKey: ["encounters"] });
        });
    },
    [ipc, client],
  );

  const cancel = useCallback(() => {
    setJob((now) => (now === null ? now : { ...now, cancelling: true }));
    // If it cannot be cancelled any more, the work itself still ends and says how.
    void ipc.call("cancel_job", {}).catch(() => undefined);
  }, [ipc]);

  const dismiss = useCallback(() => setEnded(null), []);
  const value = useMemo(() => ({ job, ended, start, cancel, dismiss }), [job, ended, start, cancel, dismiss]);
  return <JobsContext value={value}>{children}</JobsContext>;
}

export function useJobs(): Jobs {
  const jobs = use(JobsContext);
  if (jobs === null) throw new Error("no JobsProvider above this component");
  return jobs;
}
