//! What crosses the faces: the window over IPC, and the command line's JSON. Plain data, generated to TypeScript
//! (`cargo xtask bindings`), versioned by docs/cli-json.md.

mod access;
mod backup;
mod directory;
mod log;
mod models;
mod note;
mod recording;
mod retention;
mod search;

pub use access::*;
pub use backup::*;
pub use directory::*;
pub use log::*;
pub use models::*;
pub use note::*;
pub use recording::*;
pub use retention::*;
pub use search::*;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An error as a face sees it. `code` is closed; the face owns the wording; `incident` finds the log line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UiError {
    /// One of the codes of docs/errors.md.
    pub code: String,
    /// Names and numbers for the wording; never clinical text.
    pub params: std::collections::BTreeMap<String, String>,
    /// The operational log's line, when there is one.
    pub incident: Option<String>,
}

/// Whether there is a vault and who is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VaultState {
    /// No vault in the data folder: first start.
    Absent,
    /// A vault, nobody signed in.
    Locked,
    /// Somebody is signed in.
    Open,
}

/// The signed-in person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SessionDto {
    /// `usr-…`
    pub user_id: String,
    /// The sign-in name.
    pub name: String,
    /// `administrator`, `clinician`, …
    pub role: String,
    /// Seconds until auto-logoff without input.
    pub locks_in_s: u32,
    /// Whether the policy asks for a second factor that this person has yet to set up: nothing else is admitted.
    pub must_enrol: bool,
    /// Alerts of the log that nobody looked at yet, for who reviews it.
    pub open_alerts: Option<u32>,
    /// What keeps stores shut that this person should be able to open; empty when all is well.
    pub store_faults: Vec<String>,
}

/// An account as an administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountDto {
    /// `usr-…`
    pub id: String,
    /// The sign-in name.
    pub name: String,
    /// `administrator`, `clinician`, …
    pub role: String,
    /// Whether its keys were taken away.
    pub disabled: bool,
    /// When it was made (RFC 3339).
    pub created: String,
    /// When it last signed in, as far back as the log is looked through.
    pub last_sign_in: Option<String>,
    /// The second factor of that sign-in: `totp`, `recovery_code` or `none`.
    pub second_factor: Option<String>,
    /// Minutes until a locked-out name is heard again; 0 when it is not locked out.
    pub locked_minutes: u32,
    /// The stores that its role keys open: `visits`, `research`.
    pub opens: Vec<String>,
    /// `local`, or `directory`: who has the say over its password.
    pub kind: String,
    /// Until when an enrolment code opens it that was not used yet (RFC 3339).
    pub code_until: Option<String>,
    /// The role that the directory gave at the last sign-in, where it is another and waits for an administrator.
    pub role_in_directory: Option<String>,
}

/// A second factor in the making. Nothing is kept until a code proves that the device has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NewSecondFactorDto {
    /// The secret in base32, for typing.
    pub secret: String,
    /// The `otpauth` address.
    pub uri: String,
    /// The same as a QR code: rows of `1` (dark) and `0`, without the quiet zone.
    pub qr: Vec<String>,
}

/// Recovery codes of a second factor, shown this once. Each works once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecoveryCodesDto {
    /// Ten codes.
    pub codes: Vec<String>,
}

/// One process and what the kernel says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProcessProof {
    /// `desktop`, `engine`, …
    pub process: String,
    /// `enforced`, `not_enforced`, or `for_tests`: a build that leaves loopback open to WebDriver.
    pub state: String,
    /// What was read back: lines for people.
    pub facts: Vec<String>,
}

/// `status`: cheap, asked often, not logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StatusDto {
    /// Absent, locked, open.
    pub vault: VaultState,
    /// Who is in.
    pub session: Option<SessionDto>,
    /// The product's version.
    pub version: String,
    /// Sealing-off, per process. Empty states are never shown as proof.
    pub sealing: Vec<ProcessProof>,
    /// Speech and language models found, by name; missing ones are named too.
    pub models: Vec<ModelDto>,
}

/// A model file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ModelDto {
    /// The manifest's name.
    pub name: String,
    /// `speech` or `language`.
    pub task: String,
    /// File name.
    pub file: String,
    /// Licence (SPDX).
    pub licence: String,
    /// Bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// The pinned SHA-256.
    pub sha256: String,
    /// `present`, `missing`, `damaged`.
    pub state: String,
    /// Whether it is the default of its task.
    pub default: bool,
}

/// `create_vault`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VaultCreatedDto {
    /// Shown once, for paper.
    pub recovery_key: String,
    /// The log's first key, for paper.
    pub log_fingerprint: String,
}

/// A row of the visits list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EncounterRow {
    /// `enc-…`
    pub id: String,
    /// What it is called.
    pub title: String,
    /// `open`, `recorded`, `transcribed`, `draft`, `signed`.
    pub state: String,
    /// RFC 3339.
    pub created: String,
    /// Length of the audio.
    pub duration_s: Option<f64>,
    /// Findings of its extractions.
    pub findings: u32,
    /// The sign-in name of whose visit it is; its id when there is no such account any more.
    pub owner: String,
    /// Why this person may open it: `own`, `shared`, `emergency`, or `administrator`.
    pub access: String,
    /// When an emergency's access ends (RFC 3339).
    pub until: Option<String>,
}

/// A word of a transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct WordDto {
    /// Seconds.
    pub start_s: f64,
    /// Seconds.
    pub end_s: f64,
    /// The word with its punctuation.
    pub text: String,
    /// 0 to 1.
    pub probability: f32,
}

/// One change to a transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TranscriptEditDto {
    /// RFC 3339.
    pub at: String,
    /// `usr-…`
    pub by: String,
    /// `text`, `speaker`, `suggest_turns`.
    pub kind: String,
    /// The segment's number, from 0.
    #[ts(type = "number | null")]
    pub segment: Option<usize>,
    /// The text or name from then on.
    pub value: Option<String>,
    /// Whether all segments of the same speaker changed too.
    pub all_alike: bool,
}

/// A segment of a transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SegmentDto {
    /// Seconds.
    pub start_s: f64,
    /// Seconds.
    pub end_s: f64,
    /// Label, when known.
    pub speaker: Option<String>,
    /// How it is known: `channel`, `suggested`, `person`, `voice`.
    pub speaker_source: Option<String>,
    /// The words joined by spaces.
    pub text: String,
    /// The words.
    pub words: Vec<WordDto>,
}

/// The JSON transcript of docs/cli-json.md.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TranscriptDto {
    /// `trn-…`
    pub id: String,
    /// ISO 639-1.
    pub language: String,
    /// Seconds.
    pub duration_s: f64,
    /// The speech model's name.
    pub model: String,
    /// In order of time.
    pub segments: Vec<SegmentDto>,
}

/// The words a finding rests on: offsets in Unicode scalars of the source text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EvidenceDto {
    /// First scalar.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The words.
    pub quote: String,
    /// Seconds, for speech.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub start_s: Option<f64>,
    /// Seconds, for speech.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub end_s: Option<f64>,
}

/// One leaf of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FindingDto {
    /// JSON Pointer.
    pub path: String,
    /// Dotted name.
    pub field: String,
    /// The value.
    pub value: serde_json::Value,
    /// What it rests on.
    pub evidence: Vec<EvidenceDto>,
    /// `present`, `negated`, `historical`, `family`, `hypothetical`, `uncertain`.
    pub assertion: String,
    /// `verbatim`, `normalised`, `inferred`, `unsupported`.
    pub support: String,
    /// 0 to 1; absent when not computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub confidence: Option<f32>,
    /// Codes of the rules that decided (docs/grounding.md).
    pub reasons: Vec<String>,
}

/// The extraction line of docs/cli-json.md.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ExtractionDto {
    /// The id column's value, the file's name, or the encounter's id.
    pub document_id: String,
    /// `ext-…`
    pub id: String,
    /// `ok`, `partial`, `rejected`, `failed`.
    pub status: String,
    /// The model's name.
    pub model: String,
    /// Its SHA-256.
    pub model_sha256: String,
    /// `name@version`.
    pub schema: String,
    /// SHA-256 of its canonical JSON.
    pub schema_sha256: String,
    /// Every leaf that is not unsupported; null when rejected or failed.
    pub fields: serde_json::Value,
    /// Every leaf.
    pub findings: Vec<FindingDto>,
    /// Why it was rejected or failed, or what was cut.
    pub error: Option<String>,
}

/// `get_encounter`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EncounterDto {
    /// The row.
    pub encounter: EncounterRow,
    /// The transcript, once there is one.
    pub transcript: Option<TranscriptDto>,
    /// Newest first.
    pub extractions: Vec<ExtractionDto>,
}

/// A schema of the library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SchemaDto {
    /// `sch-…`
    pub id: String,
    /// Name.
    pub name: String,
    /// 1, 2, …
    pub version: u32,
    /// SHA-256 of the canonical JSON.
    pub sha256: String,
    /// RFC 3339.
    pub created: String,
    /// The JSON Schema.
    pub definition: serde_json::Value,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LogLineDto {
    /// Its number.
    #[ts(type = "number")]
    pub seq: u64,
    /// RFC 3339.
    pub time: String,
    /// The kind of event.
    pub event_type: String,
    /// Who: `usr-…`, or nobody.
    pub user_id: Option<String>,
    /// Their role.
    pub role: Option<String>,
    /// Their session.
    pub session: Option<String>,
    /// The workstation.
    pub host: String,
    /// What they did.
    pub action: String,
    /// A pseudonym of what it was done to.
    pub target: Option<String>,
    /// `success`, `denied`, `failure`, `intent`…
    pub outcome: String,
    /// Counts, names, hashes, codes.
    pub details: serde_json::Value,
    /// The line as it stands in the log.
    pub raw: String,
}

/// The verdict of docs/cli-json.md.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VerdictDto {
    /// `intact`, `tampered`, `truncated`, `unknown`.
    pub verdict: String,
    /// How many lines.
    #[ts(type = "number")]
    pub entries: u64,
    /// First number.
    #[ts(type = "number | null")]
    pub first_seq: Option<u64>,
    /// Last number.
    #[ts(type = "number | null")]
    pub last_seq: Option<u64>,
    /// SHA-256 of the last line.
    pub head: Option<String>,
    /// What the verdict rests on.
    pub rests_on: Vec<String>,
    /// Why, when it is not intact.
    pub reason: Option<String>,
}

/// What long work says while it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ProgressDto {
    /// `loading_model`, `transcribing`, `extracting`, `importing`…
    pub stage: String,
    /// How much is done, in `unit`s.
    pub done: f64,
    /// Of how much, when that is known.
    pub total: Option<f64>,
    /// `seconds`, `documents`, `tokens`, `bytes`.
    pub unit: String,
}
