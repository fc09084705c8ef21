import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { ModelDto, ProgressDto, SchemaDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import type { IpcError } from "@/ipc/errors";
import { useJobs } from "./jobs";
import { unusableModel, useSession } from "./session";

/** What the findings pane needs to run an extraction and to show one under way. */
export type ExtractionControl = {
  schemas: { list: SchemaDto[] | undefined; error: unknown };
  /** Under way on this visit. */
  running: { progress: ProgressDto | null; cancelling: boolean; waiting: boolean } | null;
  /** One is under way here, or waits its turn. */
  busy: boolean;
  model: ModelDto | null;
  error: IpcError | null;
  run: (schema: string) => void;
  cancel: () => void;
  dismiss: () => void;
};

/** `onDone` is called once for each extraction of this visit that succeeds while it is shown. */
export function useExtraction(encounter: string, onDone: () => void): ExtractionControl {
  const ipc = useIpc();
  const { status, session } = useSession();
  const { jobs, ended, start, cancel, dismiss } = useJobs();
  const schemas = useQuery({ queryKey: ["schemas"], queryFn: () => ipc.call("list_schemas", {}) });

  const here = (of: { kind: { name: string; encounter?: string }; user: string } | null) =>
    of !== null && of.kind.name === "extract" && of.kind.encounter === encounter && of.user === session.user_id;

  const done = ended !== null && here(ended) && ended.error === null;
  const latest = useRef(onDone);
  latest.current = onDone;
  useEffect(() => {
    if (done) {
      latest.current();
      dismiss();
    }
  }, [done, dismiss]);

  const own = jobs.find(here) ?? null;
  return {
    schemas: { list: schemas.data, error: schemas.error },
    running: own,
    busy: own !== null,
    model: unusableModel(status, "language"),
    error: ended !== null && here(ended) ? ended.error : null,
    run: (schema) => start({ name: "extract", encounter, schema }, session.user_id),
    cancel: () => own !== null && cancel(own.id),
    dismiss,
  };
}
