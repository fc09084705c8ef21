import type { ExtractionDto, FindingDecisionDto, NoteDraftDto, NoteDto, NoteLayoutDto, NoteListsDto, NoteSectionDto, SignedNoteDto } from "./bindings.gen";
import { IpcError } from "./errors";
import { type NoteCommands, type NoteTemplate, type SavedSection, TEMPLATES } from "./note";

type Kept = {
  decisions: FindingDecisionDto[];
  template: NoteTemplate;
  version: number;
  reason: string | null;
  draft: boolean;
  changed: number;
  edits: SavedSection[] | null;
  signed: SignedNoteDto[];
};

const LAYOUTS: NoteLayoutDto[] = TEMPLATES.map((template) => ({
  template,
  own: false,
  title: { soap: "Visit note", letter: "Consultation letter", discharge: "Discharge summary", referral: "Referral", free: "Note" }[template],
  sections: [
    { key: "subjective", title: "Subjective", topics: ["reason", "symptom", "denied", "past", "family", "allergy", "medication"] },
    { key: "objective", title: "Objective", topics: ["examination", "measurement"] },
    { key: "assessment", title: "Assessment", topics: ["problem", "ruled_out"] },
    { key: "plan", title: "Plan", topics: ["treatment", "plan"] },
    { key: "further", title: "Further findings", topics: ["other"] },
  ],
}));

const PLACES: [key: string, title: string, fields: string[]][] = [
  ["subjective", "Subjective", ["complaint", "duration", "symptoms", "allergies", "family_history", "smoking"]],
  ["objective", "Objective", ["examination"]],
  ["assessment", "Assessment", ["assessment"]],
  ["plan", "Plan", ["medications", "plan"]],
  ["further", "Further findings", []],
];

/** Notes of the fake's visits: as Rust makes them, but for the wording. */
export class FakeNotes {
  private readonly notes = new Map<string, Kept>();
  private layouts = LAYOUTS;

  constructor(
    private readonly extractions: (visit: string) => ExtractionDto[],
    private readonly state: (visit: string, change?: "draft" | "signed") => string,
    private readonly password: () => string,
    private readonly chooserCancelled: boolean,
  ) {}

  answers(): { [K in keyof NoteCommands]: (p: NoteCommands[K]["in"]) => NoteCommands[K]["out"] } {
    return {
      list_layouts: () => this.layouts,
      save_layout: ({ template, layout }) => {
        const bundled = LAYOUTS.find((l) => l.template === template)!;
        this.layouts = this.layouts.map((l) => (l.template !== template ? l : layout === null ? bundled : { template, own: true, ...layout }));
        return this.layouts;
      },
      get_note: ({ id }) => this.shown(id),
      decide_findings: ({ id, decisions }) => {
        const kept = this.of(id);
        if (kept.signed.length > 0 && !kept.draft) throw new IpcError("already_signed");
        for (const d of decisions) {
          kept.decisions = kept.decisions.filter((k) => k.extraction !== d.extraction || k.path !== d.path);
          if (d.verdict !== "undo") {
            const value = d.verdict === "edit" ? (d.value ?? null) : d.verdict === "reject" ? null : this.value(id, d.path);
            kept.decisions.push({ ...d, value, by: "Ada Lindqvist", at: "2026-11-24T09:31:00Z" });
          }
        }
        return this.shown(id);
      },
      draft_note: ({ id, template, anew }) => {
        const kept = this.of(id);
        if (kept.signed.length > 0 && !kept.draft) throw new IpcError("already_signed");
        Object.assign(kept, { draft: true, template: template ?? kept.template, edits: anew === true ? null : kept.edits });
        this.state(id, kept.signed.length > 0 ? undefined : "draft");
        return this.shown(id);
      },
      save_note: ({ id, sections, changed }) => {
        const kept = this.of(id);
        if (changed !== String(kept.changed)) throw new IpcError("changed_meanwhile");
        kept.edits = sections;
        kept.changed += 1;
        return this.shown(id);
      },
      restore_note: ({ id }) => {
        this.of(id).edits = null;
        return this.shown(id);
      },
      discard_note: ({ id }) => {
        Object.assign(this.of(id), { draft: false, edits: null });
        return this.shown(id);
      },
      sign_note: ({ id, password }) => {
        const kept = this.of(id);
        if (password !== this.password()) throw new IpcError("bad_credentials");
        const draft = this.draft(id, kept);
        if (draft.undecided > 0) throw new IpcError("note_unready", { fault: `${draft.undecided} findings are not decided yet` });
        const sections = draft.sections.filter((s) => s.sentences.length > 0);
        const signature = { signed_by: "Ada Lindqvist", signed_at: "2026-11-24T09:40:00Z", sha256: "5be1".repeat(16) };
        const { version, template, reason } = draft;
        kept.signed = [{ version, template, title: "Visit note", reason, ...signature, sections, lists: draft.lists }, ...kept.signed];
        kept.draft = false;
        this.state(id, "signed");
        return this.shown(id);
      },
      amend_note: ({ id, reason }) => {
        const kept = this.of(id);
        Object.assign(kept, { draft: true, version: kept.version + 1, reason });
        return this.shown(id);
      },
      export_note: ({ id, format, version }) => {
        const signed = this.of(id).signed;
        const one = version === undefined ? signed[0] : signed.find((s) => s.version === version);
        if (one === undefined) throw new IpcError("not_signed");
        const digests = { sha256: "77aa".repeat(16), note_sha256: one.sha256, version: one.version };
        if (format === "copy") return { file: null, text: "# Visit note\n", ...digests };
        return this.chooserCancelled ? null : { file: `/home/ada/visit-note.${format}`, text: null, ...digests };
      },
    };
  }

  private of(id: string): Kept {
    const fresh = { decisions: [], template: "soap" as const, version: 1, reason: null, draft: false, changed: 1, edits: null, signed: [] };
    const kept = this.notes.get(id) ?? fresh;
    this.notes.set(id, kept);
    return kept;
  }

  private value(id: string, path: string) {
    return this.extractions(id)[0]?.findings.find((f) => f.path === path)?.value ?? null;
  }

  private shown(id: string): NoteDto {
    const kept = this.of(id);
    return {
      encounter: id,
      state: this.state(id),
      draft: kept.draft ? this.draft(id, kept) : null,
      signed: kept.signed,
      decisions: kept.decisions,
    };
  }

  private draft(id: string, kept: Kept): NoteDraftDto {
    const source = this.extractions(id)[0];
    const supported = source?.findings.filter((f) => f.support !== "unsupported") ?? [];
    const undecided = supported.filter((f) => !kept.decisions.some((d) => d.path === f.path)).length;
    const generated = this.generated(source, kept.decisions);
    return {
      version: kept.version,
      template: kept.template,
      reason: kept.reason,
      changed: String(kept.changed),
      sources: source === undefined ? [] : [{ extraction: source.id, schema: source.schema, findings: supported.length, undecided, text_changed: false }],
      undecided,
      stale: 0,
      left_out: 0,
      sections: kept.edits === null ? generated : laidOver(generated, kept.edits),
      lists: this.lists(source, kept.decisions),
      seen: `seen ${kept.changed}`,
    };
  }

  private lists(source: ExtractionDto | undefined, decisions: FindingDecisionDto[]): NoteListsDto {
    const said = (field: string, path: string) => {
      const decision = decisions.find((d) => d.path === path && d.verdict !== "reject");
      return decision === undefined || !path.startsWith(`/${field}`) ? null : String(decision.value);
    };
    const ref = (path: string) => [{ extraction: source?.id ?? "", path }];
    const of = (field: string) => (source?.findings ?? []).filter((f) => f.path.startsWith(`/${field}/`) && f.support !== "unsupported");
    const drugs = of("medications").filter((f) => f.path.endsWith("/name") && said("medications", f.path) !== null);
    return {
      medications: drugs.map((f) => {
        const beside = (name: string) => said("medications", f.path.replace("/name", `/${name}`));
        const { assertion } = f;
        return { name: String(f.value), action: beside("action"), details: [beside("dose"), beside("frequency")].filter(Boolean).join(", "), assertion, findings: ref(f.path) };
      }),
      problems: of("assessment").flatMap((f) => {
        const name = said("assessment", f.path);
        return name === null ? [] : [{ name, status: null, assertion: f.assertion, findings: ref(f.path) }];
      }),
      follow_ups: of("plan").flatMap((f) => {
        const text = said("plan", f.path);
        return text === null ? [] : [{ text, findings: ref(f.path) }];
      }),
    };
  }

  private generated(source: ExtractionDto | undefined, decisions: FindingDecisionDto[]): NoteSectionDto[] {
    const sections = PLACES.map(([key, title]): NoteSectionDto => ({ key, title, sentences: [] }));
    const items = new Map<string, { place: number; words: string[]; paths: string[] }>();
    for (const finding of source?.findings ?? []) {
      const decision = decisions.find((d) => d.path === finding.path);
      if (decision === undefined || decision.verdict === "reject") continue;
      const [field = "", nth = ""] = finding.path.slice(1).split("/");
      const place = PLACES.findIndex(([, , fields]) => fields.includes(field));
      const item = /^\d+$/.test(nth) ? `${field}/${nth}` : field;
      const known = items.get(item) ?? { place: place < 0 ? PLACES.length - 1 : place, words: [], paths: [] };
      known.words.push(finding.assertion === "negated" ? `no ${String(decision.value)}` : String(decision.value));
      known.paths.push(finding.path);
      items.set(item, known);
    }
    for (const { place, words, paths } of items.values()) {
      const text = words.join(", ");
      sections[place]!.sentences.push({
        text: `${text.charAt(0).toUpperCase()}${text.slice(1)}.`,
        findings: paths.map((path) => ({ extraction: source!.id, path })),
        edited: false,
        stale: false,
      });
    }
    return sections;
  }
}

/** A person's sections, with marks where they are not as generated. */
function laidOver(generated: NoteSectionDto[], saved: SavedSection[]): NoteSectionDto[] {
  const made = generated.flatMap((s) => s.sentences);
  return generated.map((section) => ({
    ...section,
    sentences: (saved.find((s) => s.key === section.key)?.sentences ?? []).map((s) => ({
      ...s,
      edited: !made.some((g) => g.text === s.text),
      stale: false,
    })),
  }));
}
