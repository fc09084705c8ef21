import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { NoteDto } from "@/ipc/bindings.gen";
import { useIpc } from "@/ipc/context";
import { type FindingDecision, type NoteForm, type NoteTemplate, saved, type SavedSection } from "@/ipc/note";

type Change =
  | { kind: "decide"; decisions: FindingDecision[] }
  | { kind: "draft"; template?: NoteTemplate; renew?: boolean }
  | { kind: "save"; edit: (sections: SavedSection[]) => SavedSection[] }
  | { kind: "restore" }
  | { kind: "discard" }
  | { kind: "sign"; password: string }
  | { kind: "amend"; reason: string };

/** A visit's note: what is decided, its draft and its signed versions, and every change to them, one after the other. */
export function useNote(id: string, enabled: boolean) {
  const ipc = useIpc();
  const queries = useQueryClient();
  const key = useMemo(() => ["encounters", id, "note"], [id]);
  const note = useQuery({ queryKey: key, queryFn: () => ipc.call("get_note", { id }), enabled });

  const change = useMutation({
    // Changes wait for each other, so that each one is made to what the one before left.
    scope: { id: `note ${id}` },
    mutationFn: (asked: Change): Promise<NoteDto> => {
      const draft = queries.getQueryData<NoteDto>(key)?.draft ?? null;
      switch (asked.kind) {
        case "decide":
          return ipc.call("decide_findings", { id, decisions: asked.decisions });
        case "draft": {
          const { template, renew } = asked;
          return ipc.call("draft_note", { id, ...(template && { template }), ...(renew && { renew }) });
        }
        case "save": {
          return ipc.call("save_note", { id, sections: asked.edit(saved(draft?.sections ?? [])), changed: draft?.changed ?? "" });
        }
        case "restore":
          return ipc.call("restore_note", { id });
        case "discard":
          return ipc.call("discard_note", { id });
        case "sign":
          return ipc.call("sign_note", { id, password: asked.password, seen: draft?.seen ?? "" });
        case "amend":
          return ipc.call("amend_note", { id, reason: asked.reason });
      }
    },
    onSuccess: (after, { kind }) => {
      const before = queries.getQueryData<NoteDto>(key);
      queries.setQueryData(key, after);
      // The visit's state is shown elsewhere, too.
      if (kind === "sign" || before?.state !== after.state) {
        void queries.invalidateQueries({ queryKey: ["encounters"], exact: true });
        void queries.invalidateQueries({ queryKey: ["encounters", id], exact: true });
      }
    },
    onError: () => void queries.invalidateQueries({ queryKey: key }),
  });

  const exporting = useMutation({
    mutationFn: (asked: { format: NoteForm; version: number; evidence: boolean }) => ipc.call("export_note", { id, ...asked }),
  });

  return {
    note: note.data,
    error: note.error ?? change.error ?? exporting.error,
    loading: note.isPending && enabled,
    busy: change.isPending,
    change: change.mutate,
    export: exporting.mutate,
    exported: exporting.data ?? null,
    dismiss: () => {
      change.reset();
      exporting.reset();
    },
  };
}

export type NoteControl = ReturnType<typeof useNote>;
