// Generated from crates/app/src/research_dto.rs by ts-rs (crates/app/tests/research_bindings.rs). Do not edit.

import type { ExtractionDto, JsonValue } from "./bindings.gen";

/**
 * How a file was read.
 */
export type FileFormat = { 
/**
 * `table`, `jsonl`, `workbook`, `folder`.
 */
kind: string, 
/**
 * Of a table.
 */
encoding: string | null, 
/**
 * Of a table.
 */
delimiter: string | null, 
/**
 * Of a table.
 */
quote: string | null, 
/**
 * Whether the first row names the columns.
 */
header: boolean, 
/**
 * Of a workbook: every sheet.
 */
sheets: Array<string>, 
/**
 * The one that was read.
 */
sheet: string | null, };

/**
 * A row that was left out, and why. The import goes on past it.
 */
export type SkippedRow = { 
/**
 * Counted from 1, the header not counted; of a workbook, as Excel counts.
 */
row: number, 
/**
 * In plain words without content.
 */
reason: string, };

/**
 * Two rows that are alike.
 */
export type Duplicate = { 
/**
 * `id` or `text`.
 */
what: string, 
/**
 * The earlier row.
 */
first: number, 
/**
 * The later row.
 */
second: number, };

/**
 * What an import would find.
 */
export type Preview = { 
/**
 * The file's name.
 */
file: string, 
/**
 * SHA-256 of its bytes.
 */
source_sha256: string, 
/**
 * How it was read.
 */
format: FileFormat, 
/**
 * Names of the columns.
 */
columns: Array<string>, 
/**
 * The columns taken for text.
 */
text: Array<string>, 
/**
 * The column taken for the id.
 */
id: string | null, 
/**
 * The column taken for the patient.
 */
patient: string | null, 
/**
 * Why no report can be made of it as it stands.
 */
fault: string | null, 
/**
 * The first rows, cells in the order of `columns`, long ones cut.
 */
rows: Array<Array<string>>, 
/**
 * All rows.
 */
total: number, 
/**
 * Rows that make a report.
 */
usable: number, 
/**
 * Different patients; 0 without a patient column.
 */
patients: number, 
/**
 * Reports with gold labels.
 */
gold: number, 
/**
 * Rows that would be left out.
 */
left_out: number, 
/**
 * The first of them, with reasons.
 */
problems: Array<SkippedRow>, 
/**
 * Rows whose id another row has: they stop the import.
 */
duplicate_ids: number, 
/**
 * Rows whose text another row has, word for word.
 */
duplicate_texts: number, 
/**
 * The first of both.
 */
duplicates: Array<Duplicate>, 
/**
 * Characters of all usable texts.
 */
characters: number, };

/**
 * Documents of a run by how they came out.
 */
export type CountsDto = { 
/**
 * Whole answers.
 */
ok: number, 
/**
 * Answers cut short.
 */
partial: number, 
/**
 * Answers that cannot be made valid.
 */
rejected: number, 
/**
 * No answer.
 */
failed: number, 
/**
 * Not yet tried.
 */
pending: number, };

/**
 * A run as lists show it.
 */
export type BatchDto = { 
/**
 * `bat-…`
 */
batch: string, 
/**
 * The dataset's name.
 */
dataset: string, 
/**
 * The schema's name.
 */
schema: string, 
/**
 * `running`, `paused`, `cancelled`, `finished`.
 */
status: string, 
/**
 * Whether a process works on it, or is about to. One that is `running` and has none was interrupted, and can go on.
 */
working: boolean, 
/**
 * By outcome.
 */
counts: CountsDto, 
/**
 * Documents that already had their result when this process took the run up.
 */
resumed?: number, 
/**
 * The dataset's id.
 */
dataset_id: string, 
/**
 * The schema's version.
 */
schema_version: number, 
/**
 * The language model's name.
 */
model: string, 
/**
 * What it is for.
 */
purpose: string, 
/**
 * RFC 3339.
 */
created: string, 
/**
 * The run it was cloned from.
 */
cloned_from: string | null, 
/**
 * Documents per hour, over the newest thirty.
 */
per_hour: number | null, 
/**
 * Seconds until the rest is done at that rate; null when nothing is pending.
 */
remaining_s: number | null, };

/**
 * A row of the results grid.
 */
export type ResultRowDto = { 
/**
 * `doc-…`
 */
document: string, 
/**
 * Its id in the source.
 */
document_id: string, 
/**
 * Whose it is.
 */
patient: string | null, 
/**
 * `ok`, `partial`, `rejected`, `failed`, `pending`.
 */
status: string, 
/**
 * Values in the order of the page's columns; several of one leaf are joined with " | ".
 */
cells: Array<string>, 
/**
 * Why it is not `ok`.
 */
error: string | null, 
/**
 * How much a reviewer should look at it, 0 to 1.
 */
doubt: number, 
/**
 * Findings that somebody decided about.
 */
decided: number, };

/**
 * One page of the results grid.
 */
export type ResultPageDto = { 
/**
 * Rows of the whole query.
 */
total: number, 
/**
 * The leaves of the schema, by dotted path.
 */
columns: Array<string>, 
/**
 * This page's.
 */
rows: Array<ResultRowDto>, };

/**
 * What somebody decided about a finding.
 */
export type DecisionDto = { 
/**
 * JSON Pointer of the finding.
 */
path: string, 
/**
 * The reviewer's sign-in name.
 */
reviewer: string, 
/**
 * RFC 3339.
 */
decided: string, 
/**
 * `accept`, `reject`, `edit`, `undo`.
 */
verdict: string, 
/**
 * The value before.
 */
before: JsonValue, 
/**
 * The value after; null for one that goes.
 */
after: JsonValue, };

/**
 * A document with its result.
 */
export type ResultDetailDto = { 
/**
 * `doc-…`
 */
document: string, 
/**
 * Its id in the source.
 */
document_id: string, 
/**
 * Whose it is.
 */
patient: string | null, 
/**
 * Its text; null for a viewer, who sees results only.
 */
text: string | null, 
/**
 * What is known to be right.
 */
gold: JsonValue | null, 
/**
 * The result, once there is one.
 */
extraction: ExtractionDto | null, 
/**
 * Oldest first.
 */
decisions: Array<DecisionDto>, };

/**
 * One document of a trial.
 */
export type TrialResultDto = { 
/**
 * The document's text.
 */
text: string, 
/**
 * What was found; nothing of it is kept.
 */
extraction: ExtractionDto, 
/**
 * How long it took, loading the model left out.
 */
seconds: number, };

/**
 * A schema tried on a few documents.
 */
export type TrialDto = { 
/**
 * What each document gave.
 */
results: Array<TrialResultDto>, 
/**
 * Documents of the whole dataset.
 */
documents: number, 
/**
 * Seconds that a run over all of them would take, by what these took.
 */
estimate_s: number, };

/**
 * One difference between two schemas.
 */
export type SchemaChange = { 
/**
 * JSON Pointer.
 */
place: string, 
/**
 * `added`, `removed`, `changed`.
 */
change: string, 
/**
 * What stood there; null when it is new.
 */
before: JsonValue, 
/**
 * What stands there now; null when it is gone.
 */
after: JsonValue, };

/**
 * Precision, recall and F1.
 */
export type Scores = { 
/**
 * Right values among those found.
 */
p: number, 
/**
 * Right values among the gold ones.
 */
r: number, 
/**
 * Their harmonic mean.
 */
f1: number, };

/**
 * Bounds of a 95 % interval.
 */
export type Interval = { 
/**
 * Lower.
 */
low: number, 
/**
 * Upper.
 */
high: number, };

/**
 * One field.
 */
export type FieldScore = { 
/**
 * Its name; `field.member` for a further member of an object.
 */
field: string, 
/**
 * How it was compared.
 */
comparator: string, 
/**
 * Gold values (words, for `tokens`).
 */
gold: number, 
/**
 * Found values.
 */
found: number, 
/**
 * In the strict sense; null for `tokens`.
 */
exact: Scores | null, 
/**
 * In the relaxed sense, which is the strict one where the comparator knows no other.
 */
relaxed: Scores, 
/**
 * Of the relaxed F1, by a bootstrap over documents.
 */
interval: Interval, 
/**
 * Documents in which the whole field is right, of those with gold labels.
 */
accuracy: number, 
/**
 * Of a closed list: gold value, found value (empty for none), how often.
 */
confusion: Array<[string, string, number]>, };

/**
 * A value that is missed or invented.
 */
export type Miss = { 
/**
 * `doc-…`
 */
document: string, 
/**
 * Its id in the source.
 */
document_id: string, 
/**
 * The field.
 */
field: string, 
/**
 * The gold value that nothing matched.
 */
missed: string | null, 
/**
 * The found value that matched nothing.
 */
invented: string | null, };

/**
 * A run against its gold labels.
 */
export type Evaluation = { 
/**
 * Documents with gold labels and a result.
 */
documents: number, 
/**
 * Of those, the ones without fields: rejected or failed.
 */
without_fields: number, 
/**
 * Documents with gold labels that are still pending: not counted.
 */
pending: number, 
/**
 * In the order of the schema.
 */
fields: Array<FieldScore>, 
/**
 * Over all values, without `tokens` fields.
 */
micro_exact: Scores, 
/**
 * Over all values, without `tokens` fields.
 */
micro_relaxed: Scores, 
/**
 * Of the relaxed micro F1.
 */
micro_interval: Interval, 
/**
 * Mean F1 of the fields.
 */
macro_exact_f1: number, 
/**
 * Mean F1 of the fields, `tokens` included.
 */
macro_relaxed_f1: number, 
/**
 * What went wrong, document by document.
 */
misses: Array<Miss>, };

/**
 * Two runs over the same documents.
 */
export type Comparison = { 
/**
 * Documents that both have.
 */
documents: number, 
/**
 * Relaxed micro F1 of the first.
 */
first: number, 
/**
 * Of the second.
 */
second: number, 
/**
 * Second less first.
 */
difference: number, 
/**
 * Of the difference, by a bootstrap over pairs of documents.
 */
interval: Interval, 
/**
 * How often the sign of the difference turned in the resamples, twice: a two-sided p value.
 */
p_value: number, 
/**
 * Field, F1 of the first, F1 of the second.
 */
fields: Array<[string, number, number]>, };
