import type { JsonValue, SchemaDto } from "./bindings.gen";
import type {
  BatchDto,
  Comparison,
  Evaluation,
  Preview,
  ResultDetailDto,
  ResultPageDto,
  SkippedRow,
  TrialDto,
} from "./research.gen";

/** Which columns hold what; what is left out is guessed. */
export type ColumnChoice = { text?: string[]; id?: string | null; patient?: string | null; gold?: Record<string, string> };

/** How a file is read, where the guess is not right. */
export type FileSettings = { encoding?: string; delimiter?: string; header?: boolean; sheet?: string };

export type DatasetDto = {
  id: string;
  name: string;
  documents: number;
  source: string;
  source_sha256: string;
  created: string;
};

export type DatasetImported = { id: string; name: string; documents: number; skipped: SkippedRow[]; left_out: number };
export type Exported = { file: string; sha256: string; documents: number; partial: boolean; cut: number };
export type SchemaFault = { pointer: string; message: string };
/** A bundled schema, to begin with. */
export type Preset = { name: string; title: string; definition: JsonValue };
/** One place at which two schemas differ; `change` is added, removed or changed. */
export type SchemaChange = { change: string; place: string; before: JsonValue; after: JsonValue };
export type ResultOrder = "source" | "doubt" | "gold";

type Nothing = Record<string, never>;

/** The commands about datasets, schemas, runs and results. */
export type ResearchCommands = {
  list_datasets: { in: Nothing; out: DatasetDto[] };
  /** Rust opens the chooser unless `again`; `null` when it was closed without a file. */
  preview_dataset: {
    in: { again?: boolean; folder?: boolean; columns?: ColumnChoice; settings?: FileSettings };
    out: Preview | null;
  };
  import_dataset: {
    in: { name: string; previewed: true; columns?: ColumnChoice; settings?: FileSettings };
    out: DatasetImported | null;
  };
  /** With a `user`, gives or takes it first; answers with the names of those who have it. */
  share_dataset: { in: { id: string; user?: string; give?: boolean }; out: string[] };
  list_presets: { in: Nothing; out: Preset[] };
  /** Each a name or `name@version`. */
  diff_schemas: { in: { from: string; to: string }; out: SchemaChange[] };
  schema_versions: { in: { name: string }; out: SchemaDto[] };
  add_schema: { in: { name: string; definition: JsonValue }; out: SchemaDto };
  check_schema: { in: { definition: JsonValue }; out: SchemaFault[] };
  try_schema: { in: { dataset: string; definition: JsonValue; documents: number }; out: TrialDto };
  list_batches: { in: Nothing; out: BatchDto[] };
  batch_status: { in: { id: string }; out: BatchDto };
  /** Answers when the run has ended or was stopped. */
  run_batch: { in: { dataset: string; schema: string; purpose: string }; out: BatchDto };
  /** Answers when the run has ended or was stopped. */
  resume_batch: { in: { id: string }; out: BatchDto };
  /** The same reports again, as a new run; answers when that has ended or was stopped. */
  clone_batch: { in: { id: string; schema: string }; out: BatchDto };
  control_batch: { in: { id: string; action: "pause" | "cancel" | "retry" }; out: BatchDto };
  list_results: {
    in: { id: string; status?: string; search?: string; order?: ResultOrder; offset?: number; limit: number };
    out: ResultPageDto;
  };
  show_result: { in: { id: string; document: string }; out: ResultDetailDto };
  decide_result: {
    in: { id: string; document: string; path: string; verdict: string; value?: JsonValue };
    out: ResultDetailDto;
  };
  compare_batches: { in: { id: string; with: string }; out: Comparison };
  evaluate_batch: { in: { id: string }; out: Evaluation };
  export_batch: {
    in: { id: string; format: string; evidence: boolean; text: boolean; age_recipient?: string };
    out: Exported | null;
  };
};
