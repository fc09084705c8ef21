import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Editing, knownNames } from "@/features/transcript/editing";
import type { EncounterDto, TranscriptDto } from "@/ipc/bindings.gen";
import type { Commands, TranscriptEdit } from "@/ipc/commands";
import { useIpc } from "@/ipc/context";

type Format = Commands["export_transcript"]["in"]["format"];

/** Changes to a visit's transcript, and its way out. `transcript` is `null` where nothing may be changed. */
export function useTranscript(id: string, transcript: TranscriptDto | null) {
  const ipc = useIpc();
  const queries = useQueryClient();
  const edit = useMutation({
    mutationFn: (change: TranscriptEdit) => ipc.call("edit_transcript", { id, edit: change }),
    onSuccess: (after) =>
      queries.setQueryData<EncounterDto>(["encounters", id], (visit) =>
        visit === undefined ? visit : { ...visit, transcript: after },
      ),
  });
  const write = useMutation({ mutationFn: (format: Format) => ipc.call("export_transcript", { id, format }) });
  const names = useMemo(() => knownNames(transcript?.segments ?? []), [transcript]);
  const editing: Editing | null =
    transcript === null ? null : { names, saving: edit.isPending, apply: (change) => edit.mutate(change) };
  return {
    editing,
    write: (format: Format) => write.mutate(format),
    written: write.data?.file ?? null,
    dismiss: write.reset,
    error: edit.error ?? write.error,
  };
}
