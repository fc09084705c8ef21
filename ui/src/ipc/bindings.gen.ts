// Generated from crates/app/src/dto.rs by ts-rs (crates/app/tests/bindings.rs). Do not edit.

export type JsonValue = number | string | boolean | Array<JsonValue> | { [key in string]: JsonValue } | null;

/**
 * An error as a face sees it. `code` is closed; the face owns the wording; `incident` finds the log line.
 */
export type UiError = { 
/**
 * One of the codes of docs/errors.md.
 */
code: string, 
/**
 * Names and numbers for the wording; never clinical text.
 */
params: { [key in string]: string }, 
/**
 * The operational log's line, when there is one.
 */
incident: string | null, };

/**
 * Whether there is a vault and who is in it.
 */
export type VaultState = "absent" | "locked" | "open";

/**
 * The signed-in person.
 */
export type SessionDto = { 
/**
 * `usr-…`
 */
user_id: string, 
/**
 * The sign-in name.
 */
name: string, 
/**
 * `administrator`, `clinician`, …
 */
role: string, 
/**
 * Seconds until auto-logoff without input.
 */
locks_in_s: number, 
/**
 * Whether the policy asks for a second factor that this person has yet to set up: nothing else is admitted.
 */
must_enrol: boolean, };

/**
 * An account as an administrator sees it.
 */
export type AccountDto = { 
/**
 * `usr-…`
 */
id: string, 
/**
 * The sign-in name.
 */
name: string, 
/**
 * `administrator`, `clinician`, …
 */
role: string, 
/**
 * Whether its keys were taken away.
 */
disabled: boolean, 
/**
 * When it was made (RFC 3339).
 */
created: string, 
/**
 * When it last signed in, as far back as the log is looked through.
 */
last_sign_in: string | null, 
/**
 * The second factor of that sign-in: `totp`, `recovery_code` or `none`.
 */
second_factor: string | null, 
/**
 * Minutes until a locked-out name is heard again; 0 when it is not locked out.
 */
locked_minutes: number, 
/**
 * The stores that its role keys open: `visits`, `research`.
 */
opens: Array<string>, };

/**
 * A second factor in the making. Nothing is kept until a code proves that the device has it.
 */
export type NewSecondFactorDto = { 
/**
 * The secret in base32, for typing.
 */
secret: string, 
/**
 * The `otpauth` address.
 */
uri: string, 
/**
 * The same as a QR code: rows of `1` (dark) and `0`, without the quiet zone.
 */
qr: Array<string>, };

/**
 * Recovery codes of a second factor, shown this once. Each works once.
 */
export type RecoveryCodesDto = { 
/**
 * Ten codes.
 */
codes: Array<string>, };

/**
 * One process and what the kernel says of it.
 */
export type ProcessProof = { 
/**
 * `desktop`, `engine`, …
 */
process: string, 
/**
 * `enforced`, or `not_enforced`.
 */
state: string, 
/**
 * What was read back: lines for people.
 */
facts: Array<string>, };

/**
 * A model file.
 */
export type ModelDto = { 
/**
 * The manifest's name.
 */
name: string, 
/**
 * `speech` or `language`.
 */
task: string, 
/**
 * File name.
 */
file: string, 
/**
 * Licence (SPDX).
 */
licence: string, 
/**
 * Bytes.
 */
bytes: number, 
/**
 * The pinned SHA-256.
 */
sha256: string, 
/**
 * `present`, `missing`, `damaged`.
 */
state: string, 
/**
 * Whether it is the default of its task.
 */
default: boolean, };

/**
 * `status`: cheap, asked often, not logged.
 */
export type StatusDto = { 
/**
 * Absent, locked, open.
 */
vault: VaultState, 
/**
 * Who is in.
 */
session: SessionDto | null, 
/**
 * The product's version.
 */
version: string, 
/**
 * Sealing-off, per process. Empty states are never shown as proof.
 */
sealing: Array<ProcessProof>, 
/**
 * Speech and language models found, by name; missing ones are named too.
 */
models: Array<ModelDto>, };

/**
 * `create_vault`.
 */
export type VaultCreatedDto = { 
/**
 * Shown once, for paper.
 */
recovery_key: string, 
/**
 * The log's first key, for paper.
 */
log_fingerprint: string, };

/**
 * A row of the visits list.
 */
export type EncounterRow = { 
/**
 * `enc-…`
 */
id: string, 
/**
 * What it is called.
 */
title: string, 
/**
 * `open`, `recorded`, `transcribed`, `draft`, `signed`.
 */
state: string, 
/**
 * RFC 3339.
 */
created: string, 
/**
 * Length of the audio.
 */
duration_s: number | null, 
/**
 * Findings of its extractions.
 */
findings: number, };

/**
 * A word of a transcript.
 */
export type WordDto = { 
/**
 * Seconds.
 */
start_s: number, 
/**
 * Seconds.
 */
end_s: number, 
/**
 * The word with its punctuation.
 */
text: string, 
/**
 * 0 to 1.
 */
probability: number, };

/**
 * A segment of a transcript.
 */
export type SegmentDto = { 
/**
 * Seconds.
 */
start_s: number, 
/**
 * Seconds.
 */
end_s: number, 
/**
 * Label, when known.
 */
speaker: string | null, 
/**
 * How it is known: `channel`, `suggested`, `person`, `voice`.
 */
speaker_source: string | null, 
/**
 * The words joined by spaces.
 */
text: string, 
/**
 * The words.
 */
words: Array<WordDto>, };

/**
 * The JSON transcript of docs/cli-json.md.
 */
export type TranscriptDto = { 
/**
 * `trn-…`
 */
id: string, 
/**
 * ISO 639-1.
 */
language: string, 
/**
 * Seconds.
 */
duration_s: number, 
/**
 * The speech model's name.
 */
model: string, 
/**
 * In order of time.
 */
segments: Array<SegmentDto>, };

/**
 * The words a finding rests on: offsets in Unicode scalars of the source text.
 */
export type EvidenceDto = { 
/**
 * First scalar.
 */
start: number, 
/**
 * One past the last.
 */
end: number, 
/**
 * The words.
 */
quote: string, 
/**
 * Seconds, for speech.
 */
start_s?: number, 
/**
 * Seconds, for speech.
 */
end_s?: number, };

/**
 * One leaf of an answer.
 */
export type FindingDto = { 
/**
 * JSON Pointer.
 */
path: string, 
/**
 * Dotted name.
 */
field: string, 
/**
 * The value.
 */
value: JsonValue, 
/**
 * What it rests on.
 */
evidence: Array<EvidenceDto>, 
/**
 * `present`, `negated`, `historical`, `family`, `hypothetical`, `uncertain`.
 */
assertion: string, 
/**
 * `verbatim`, `normalised`, `inferred`, `unsupported`.
 */
support: string, 
/**
 * 0 to 1; absent when not computed.
 */
confidence?: number, 
/**
 * Codes of the rules that decided (docs/grounding.md).
 */
reasons: Array<string>, };

/**
 * The extraction line of docs/cli-json.md.
 */
export type ExtractionDto = { 
/**
 * The id column's value, the file's name, or the encounter's id.
 */
document_id: string, 
/**
 * `ext-…`
 */
id: string, 
/**
 * `ok`, `partial`, `rejected`, `failed`.
 */
status: string, 
/**
 * The model's name.
 */
model: string, 
/**
 * Its SHA-256.
 */
model_sha256: string, 
/**
 * `name@version`.
 */
schema: string, 
/**
 * SHA-256 of its canonical JSON.
 */
schema_sha256: string, 
/**
 * Every leaf that is not unsupported; null when rejected or failed.
 */
fields: JsonValue, 
/**
 * Every leaf.
 */
findings: Array<FindingDto>, 
/**
 * Why it was rejected or failed, or what was cut.
 */
error: string | null, };

/**
 * `get_encounter`.
 */
export type EncounterDto = { 
/**
 * The row.
 */
encounter: EncounterRow, 
/**
 * The transcript, once there is one.
 */
transcript: TranscriptDto | null, 
/**
 * Newest first.
 */
extractions: Array<ExtractionDto>, };

/**
 * A schema of the library.
 */
export type SchemaDto = { 
/**
 * `sch-…`
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * 1, 2, …
 */
version: number, 
/**
 * SHA-256 of the canonical JSON.
 */
sha256: string, 
/**
 * RFC 3339.
 */
created: string, 
/**
 * The JSON Schema.
 */
definition: JsonValue, };

/**
 * A line of the log.
 */
export type LogLineDto = { 
/**
 * Its number.
 */
seq: number, 
/**
 * RFC 3339.
 */
time: string, 
/**
 * The kind of event.
 */
event_type: string, 
/**
 * Who: `usr-…`, or nobody.
 */
user_id: string | null, 
/**
 * Their role.
 */
role: string | null, 
/**
 * What they did.
 */
action: string, 
/**
 * A pseudonym of what it was done to.
 */
target: string | null, 
/**
 * `success`, `denied`, `failure`, `intent`…
 */
outcome: string, 
/**
 * Counts, names, hashes, codes.
 */
details: JsonValue, };

/**
 * The verdict of docs/cli-json.md.
 */
export type VerdictDto = { 
/**
 * `intact`, `tampered`, `truncated`, `unknown`.
 */
verdict: string, 
/**
 * How many lines.
 */
entries: number, 
/**
 * First number.
 */
first_seq: number | null, 
/**
 * Last number.
 */
last_seq: number | null, 
/**
 * SHA-256 of the last line.
 */
head: string | null, 
/**
 * What the verdict rests on.
 */
rests_on: Array<string>, 
/**
 * Why, when it is not intact.
 */
reason: string | null, };

/**
 * What long work says while it runs.
 */
export type ProgressDto = { 
/**
 * `loading_model`, `transcribing`, `extracting`, `importing`…
 */
stage: string, 
/**
 * How much is done, in `unit`s.
 */
done: number, 
/**
 * Of how much, when that is known.
 */
total: number | null, 
/**
 * `seconds`, `documents`, `tokens`, `bytes`.
 */
unit: string, };
