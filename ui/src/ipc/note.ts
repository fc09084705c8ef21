import type { JsonValue, LayoutSectionDto, NoteDto, NoteExportDto, NoteLayoutDto, NoteSectionDto } from "./bindings.gen";

export const TEMPLATES = ["soap", "letter", "discharge", "referral", "free"] as const;
export type NoteTemplate = (typeof TEMPLATES)[number];

/** What a finding can be about, in the order of a visit. */
export const TOPICS = [
  "reason",
  "symptom",
  "denied",
  "past",
  "family",
  "allergy",
  "medication",
  "examination",
  "measurement",
  "problem",
  "ruled_out",
  "treatment",
  "plan",
  "other",
] as const;
export type NoteTopic = (typeof TOPICS)[number];

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

/** Sections as they stand, in the form in which they are kept. */
export const saved = (sections: readonly Pick<NoteSectionDto, "key" | "sentences">[]): SavedSection[] =>
  sections.map(({ key, sentences }) => ({ key, sentences: sentences.map(({ text, findings }) => ({ text, findings })) }));

/** The commands about a visit's note. */
export type NoteCommands = {
  /** The five kinds of document, as they are laid out for this person. */
  list_layouts: { in: Record<string, never>; out: NoteLayoutDto[] };
  /** With `null`, as it is bundled. */
  save_layout: { in: { template: NoteTemplate; layout: { title: string; sections: LayoutSectionDto[] } | null }; out: NoteLayoutDto[] };
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
