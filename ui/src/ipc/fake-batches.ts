import type { FindingDto, JsonValue, SchemaDto } from "./bindings.gen";
import { IpcError } from "./errors";
import type { DatasetDto, ResearchCommands } from "./research";
import type { BatchDto, DecisionDto, Evaluation, Preview, ResultDetailDto, ResultRowDto } from "./research.gen";

/** Reports of our own writing: nobody wrote or had these. */
const KINDS = [
  ["Right lower lobe opacity, most likely pneumonia. No pleural effusion.", "pneumonia", "right", 0.12],
  ["The heart is not enlarged. Lungs are clear on both sides.", "none", null, 0.05],
  ["Small left pleural effusion. Known cardiomegaly, unchanged since 2019.", "effusion", "left", 0.6],
  ["Possible nodule in the left upper lobe, 7 mm. Follow-up CT in three months.", "nodule", "left", 0.9],
] as const;

export const RESULTS = 240;

const DATASET: DatasetDto = {
  id: "dst-01JD8ZQ6W3N7Y2K4T5V6B8C9DA",
  name: "chest reports",
  documents: RESULTS,
  source: "chest-reports.csv",
  source_sha256: "5e1f3c9a7d2b4860915f3e7c8a1d2b4c6e8f0a1b3c5d7e9f0a2b4c6d8ed7590a",
  created: "2026-11-20T08:12:00.000Z",
};

const RUN: BatchDto = {
  batch: "bat-01JD8ZQ6W3N7Y2K4T5V6B8C9DB",
  dataset: DATASET.name,
  schema: "chest",
  status: "running",
  working: true,
  counts: { ok: 171, partial: 3, rejected: 0, failed: 2, pending: 64 },
  dataset_id: DATASET.id,
  schema_version: 2,
  model: "qwen2.5-coder-1.5b",
  purpose: "audit 2026",
  created: "2026-11-22T21:40:00.000Z",
  cloned_from: null,
  per_hour: 412,
  remaining_s: 559,
};

const DONE: BatchDto = {
  ...RUN,
  batch: "bat-01JD8ZQ6W3N7Y2K4T5V6B8C9DC",
  schema_version: 1,
  status: "finished",
  working: false,
  counts: { ok: 236, partial: 2, rejected: 0, failed: 2, pending: 0 },
  remaining_s: null,
};

const PREVIEW: Preview = {
  file: "chest-reports.csv",
  source_sha256: DATASET.source_sha256,
  format: { kind: "table", encoding: "windows-1252", delimiter: ";", quote: '"', header: true, sheets: [], sheet: null },
  columns: ["accession", "patient", "report", "finding"],
  text: ["report"],
  id: "accession",
  patient: "patient",
  fault: null,
  rows: KINDS.map(([text, finding], i) => [`A-${1001 + i}`, `p${i % 2}`, text, finding]),
  total: 242,
  usable: RESULTS,
  patients: 118,
  gold: 0,
  left_out: 2,
  problems: [
    { row: 40, reason: "its text is empty" },
    { row: 77, reason: "it has 3 cells where the header has 4" },
  ],
  duplicate_ids: 0,
  duplicate_texts: 1,
  duplicates: [{ what: "text", first: 12, second: 90 }],
  characters: 28_400,
};

const status = (i: number) => (i % 120 === 7 ? "failed" : i % 80 === 5 ? "partial" : "ok");

export function resultRow(i: number): ResultRowDto {
  const [, finding, side, doubt] = KINDS[i % KINDS.length]!;
  const ok = status(i) !== "failed";
  return {
    document: `doc-${String(i).padStart(26, "0")}`,
    document_id: `A-${1001 + i}`,
    patient: `p${i % 118}`,
    status: status(i),
    cells: ok ? [finding, side ?? ""] : ["", ""],
    error: ok ? null : "the engine ended unexpectedly",
    doubt: ok ? doubt : 1,
    decided: 0,
  };
}

function finding(path: string, text: string, value: JsonValue, quote: string, support: string): FindingDto {
  const start = [...text.slice(0, Math.max(0, text.indexOf(quote)))].length;
  const evidence = quote === "" ? [] : [{ start, end: start + [...quote].length, quote }];
  return { path, field: path.slice(1), value, evidence, assertion: value === "none" ? "negated" : "present", support, reasons: [] };
}

function detail(i: number, decisions: DecisionDto[]): ResultDetailDto {
  const row = resultRow(i);
  const [text, what, side] = KINDS[i % KINDS.length]!;
  const quote = { pneumonia: "pneumonia", none: "Lungs are clear", effusion: "pleural effusion", nodule: "nodule" }[what];
  const findings = [
    finding("/finding", text, what, quote, "inferred"),
    side === null ? finding("/side", text, "left", "", "unsupported") : finding("/side", text, side, side === "right" ? "Right" : "left", "normalised"),
  ];
  return {
    document: row.document,
    document_id: row.document_id,
    patient: row.patient,
    text,
    gold: { finding: [what === "nodule" ? "mass" : what] },
    extraction: {
      document_id: row.document_id,
      id: `ext-${i}`,
      status: row.status,
      model: RUN.model,
      model_sha256: "cc324af0",
      schema: "chest@2",
      schema_sha256: "77aa",
      fields: { finding: what, side },
      findings: row.status === "failed" ? [] : findings,
      error: row.error,
    },
    decisions,
  };
}

const SCORES = { p: 0.842, r: 0.811, f1: 0.826 };
const EVALUATION: Evaluation = {
  documents: 238,
  without_fields: 2,
  pending: 0,
  fields: [
    {
      field: "finding",
      comparator: "category",
      gold: 238,
      found: 236,
      exact: { p: 0.8, r: 0.79, f1: 0.795 },
      relaxed: SCORES,
      interval: { low: 0.77, high: 0.87 },
      accuracy: 0.81,
      confusion: [
        ["effusion", "effusion", 52],
        ["mass", "nodule", 41],
        ["none", "none", 60],
        ["pneumonia", "pneumonia", 57],
        ["pneumonia", "", 3],
      ],
    },
  ],
  micro_exact: { p: 0.8, r: 0.79, f1: 0.795 },
  micro_relaxed: SCORES,
  micro_interval: { low: 0.77, high: 0.87 },
  macro_exact_f1: 0.795,
  macro_relaxed_f1: 0.826,
  misses: [{ document: resultRow(3).document, document_id: "A-1004", field: "finding", missed: "mass", invented: "nodule" }],
};

type Answers = {
  [K in keyof ResearchCommands]: (p: ResearchCommands[K]["in"]) => ResearchCommands[K]["out"] | Promise<ResearchCommands[K]["out"]>;
};

/** The half of the fake that answers about datasets, schemas and runs. */
export class FakeBatches {
  private datasets: DatasetDto[];
  private runs: BatchDto[];
  private decisions = new Map<string, DecisionDto[]>();
  private preview: Preview = PREVIEW;

  constructor(some: boolean, interrupted: boolean) {
    this.datasets = some ? [DATASET] : [];
    this.runs = some ? [DONE, { ...RUN, working: !interrupted }] : [];
  }

  private shared = ["ben"];

  answers(schema: SchemaDto): Answers {
    return {
      list_datasets: () => this.datasets,
      preview_dataset: ({ columns, settings, folder }) => {
        const id = columns?.id === undefined ? this.preview.id : columns.id;
        const format = { ...this.preview.format, ...settings };
        if (folder === true) Object.assign(format, { kind: "folder", encoding: null, delimiter: null });
        this.preview = {
          ...this.preview,
          id,
          format,
          gold: Object.keys(columns?.gold ?? {}).length > 0 ? RESULTS : 0,
          duplicate_ids: id === "patient" ? 122 : 0,
        };
        return this.preview;
      },
      import_dataset: ({ name }) => {
        if (this.datasets.some((d) => d.name === name)) throw new IpcError("name_taken");
        this.datasets = [...this.datasets, { ...DATASET, id: `${DATASET.id.slice(0, -1)}Z`, name }];
        return { id: DATASET.id, name, documents: RESULTS, skipped: PREVIEW.problems, left_out: 2 };
      },
      share_dataset: ({ user, give }) => {
        if (user === "nobody") throw new IpcError("usage", { words: "there is no account called nobody" });
        if (user !== undefined) this.shared = give === false ? this.shared.filter((n) => n !== user) : [...this.shared, user];
        return this.shared;
      },
      list_presets: () => [
        { name: "radiology", title: "Radiology findings", definition: { type: "object", properties: { findings: { type: "array", items: { type: "string" } } } } },
      ],
      schema_versions: ({ name }) => [1, 2].map((version) => ({ ...schema, name, version })),
      diff_schemas: () => [{ change: "added", place: "/properties/laterality", before: null, after: { enum: ["left", "right"] } }],
      add_schema: ({ name, definition }) => ({ ...schema, name, definition, version: 1 }),
      check_schema: ({ definition }) =>
        JSON.stringify(definition).includes('"date"') ? [{ pointer: "/properties/when", message: "there is no type date; say string" }] : [],
      try_schema: () => ({ results: [{ text: KINDS[2][0], extraction: detail(2, []).extraction!, seconds: 7.4 }], documents: RESULTS, estimate_s: 1776 }),
      list_batches: () => this.runs,
      batch_status: ({ id }) => this.run(id),
      run_batch: ({ dataset, schema: asked, purpose }) => {
        const [name = asked, version = "1"] = asked.split("@");
        const set = this.datasets.find((d) => d.id === dataset) ?? DATASET;
        const counts = { ok: 0, partial: 0, rejected: 0, failed: 0, pending: RESULTS };
        const made = { ...RUN, batch: `${RUN.batch.slice(0, -1)}${this.runs.length}`, dataset: set.name, schema: name, schema_version: Number(version), purpose, counts };
        this.runs = [...this.runs, made];
        return made;
      },
      clone_batch: ({ id, schema: asked }) => {
        const [name = asked, version = "1"] = asked.split("@");
        const made = { ...this.run(id), batch: `${RUN.batch.slice(0, -1)}${this.runs.length}`, schema: name, schema_version: Number(version), cloned_from: id };
        this.runs = [...this.runs, made];
        return made;
      },
      resume_batch: ({ id }) => this.change(id, { status: "running", working: true }),
      control_batch: ({ id, action }) => {
        const run = this.run(id);
        if (action === "retry") {
          const { failed, pending } = run.counts;
          return this.change(id, { status: "paused", counts: { ...run.counts, failed: 0, pending: pending + failed } });
        }
        return this.change(id, { status: action === "pause" ? "paused" : "cancelled", remaining_s: null });
      },
      list_results: ({ status: only, search, order, offset = 0, limit }) => {
        const all = Array.from({ length: RESULTS }, (_, i) => this.row(i))
          .filter((r) => only === undefined || r.status === only)
          .filter((r) => search === undefined || r.document_id.includes(search));
        if (order === "doubt") all.sort((a, b) => b.doubt - a.doubt);
        const rows = order === "gold" ? all.filter((r) => r.cells[0] === "nodule") : all;
        return { total: rows.length, columns: ["finding", "side"], rows: rows.slice(offset, offset + limit) };
      },
      show_result: ({ document }) => this.detail(document),
      decide_result: ({ document, path, verdict, value }) => {
        const before = this.detail(document).extraction?.findings.find((f) => f.path === path)?.value ?? null;
        const after = verdict === "edit" ? (value ?? null) : verdict === "reject" ? null : before;
        const made = { path, reviewer: "Ada Lindqvist", decided: "2026-11-23T10:00:00.000Z", verdict, before, after };
        this.decisions.set(document, [...(this.decisions.get(document) ?? []), made]);
        return this.detail(document);
      },
      evaluate_batch: () => EVALUATION,
      compare_batches: () => ({
        documents: 40,
        first: 0.812,
        second: 0.846,
        difference: 0.034,
        interval: { low: -0.012, high: 0.081 },
        p_value: 0.164,
        fields: [["finding", 0.812, 0.846]],
      }),
      export_batch: ({ format }) => ({ file: `/home/ada/chest.${format}`, sha256: "ab", documents: 238, partial: false, cut: 0 }),
    };
  }

  private run(id: string): BatchDto {
    const run = this.runs.find((r) => r.batch === id);
    if (run === undefined) throw new IpcError("not_found");
    return run;
  }

  private change(id: string, to: Partial<BatchDto>): BatchDto {
    const changed = { ...this.run(id), ...to };
    this.runs = this.runs.map((r) => (r.batch === id ? changed : r));
    return changed;
  }

  private row(i: number): ResultRowDto {
    const row = resultRow(i);
    return { ...row, decided: new Set(this.decisions.get(row.document)?.map((d) => d.path)).size };
  }

  private detail(document: string): ResultDetailDto {
    return detail(Number(document.slice(4)), this.decisions.get(document) ?? []);
  }
}
