import type { JsonValue, NoteDto, NoteExportDto } from "./bindings.gen";

export const TEMPLATES = ["soap", "letter", "discharge", "referral", "free"] as const;
export type NoteTemplate = (typeof TEMPLATES)[number];

export type NoteForm = "md" | "pdf" | "docx" | "fhir" | "copy";

export type FindingDecision = {
  extraction: string;
  path: string;
  verdict: "accept" | "reject" | "edit" | "undo";
  value?: JsonValue;
};

/** A section as a person leaves it; Rust finds by comparing which sentences are theirs. */
export type SavedSection = {
  key: string;
  sentences: { text: string; findings: { extraction: string; path: string }[] }[];
};

/** The commands about a visit's note. */
export type NoteCommands = {
  get_note: { in: { id: string }; out: NoteDto };
  decide_findings: { in: { id: string; decisions: FindingDecision[] }; out: NoteDto };
  draft_note: { in: { id: string; template?: NoteTemplate; renew?: boolean; anew?: boolean }; out: NoteDto };
  save_note: { in: { id: string; sections: SavedSection[]; changed: string }; out: NoteDto };
  restore_note: { in: { id: string }; out: NoteDto };
  discard_note: { in: { id: string }; out: NoteDto };
  /** `code`: of the second factor, where it was not given within the last minutes. */
  sign_note: { in: { id: string; password: string; seen: string; code?: string }; out: NoteDto };
  amend_note: { in: { id: string; reason: string }; out: NoteDto };
  /** `null` when the person chose no file. */
  export_note: { in: { id: string; format: NoteForm; version?: number; evidence?: boolean }; out: NoteExportDto | null };
};
