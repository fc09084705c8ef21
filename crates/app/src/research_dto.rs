//! What crosses the faces about datasets, runs, results and their evaluation.

pub use crate::{
    evaluation::{Comparison, Evaluation, FieldScore, Interval, Miss, Scores},
    import::{Duplicate, FileFormat, Preview, SkippedRow},
};

use crate::{dto::ExtractionDto, present};
use cloister_store::{BatchCounts, BatchRow, BatchStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// Documents of a run by how they came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CountsDto {
    /// Whole answers.
    #[ts(type = "number")]
    pub ok: u64,
    /// Answers cut short.
    #[ts(type = "number")]
    pub partial: u64,
    /// Answers that cannot be made valid.
    #[ts(type = "number")]
    pub rejected: u64,
    /// No answer.
    #[ts(type = "number")]
    pub failed: u64,
    /// Not yet tried.
    #[ts(type = "number")]
    pub pending: u64,
}

/// A run as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BatchDto {
    /// `bat-…`
    pub batch: String,
    /// The dataset's name.
    pub dataset: String,
    /// The schema's name.
    pub schema: String,
    /// `running`, `paused`, `cancelled`, `finished`.
    pub status: String,
    /// Whether a process works on it, or is about to. One that is `running` and has none was interrupted, and can go on.
    pub working: bool,
    /// By outcome.
    pub counts: CountsDto,
    /// Documents that already had their result when this process took the run up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub resumed: Option<u64>,
    /// The dataset's id.
    pub dataset_id: String,
    /// The schema's version.
    pub schema_version: u32,
    /// The language model's name.
    pub model: String,
    /// What it is for.
    pub purpose: String,
    /// RFC 3339.
    pub created: String,
    /// The run it was cloned from.
    pub cloned_from: Option<String>,
    /// Documents per hour, over the newest thirty.
    pub per_hour: Option<f64>,
    /// Seconds until the rest is done at that rate; null when nothing is pending.
    pub remaining_s: Option<f64>,
}

impl BatchDto {
    pub(crate) fn new(row: &BatchRow, pace_ms: Option<f64>) -> Self {
        let c = row.counts;
        let going = c.pending > 0 && row.status != BatchStatus::Cancelled;
        Self {
            batch: row.id.to_string(),
            dataset: row.dataset.clone(),
            schema: row.schema_name.clone(),
            status: present::word(row.status),
            working: row.status == BatchStatus::Running,
            counts: counts(c),
            resumed: None,
            dataset_id: row.dataset_id.to_string(),
            schema_version: row.schema_version,
            model: row.model.name.clone(),
            purpose: row.purpose.expose("shown to a person whom the gate admitted").clone(),
            created: row.created.to_string(),
            cloned_from: row.cloned_from.map(|id| id.to_string()),
            per_hour: pace_ms.filter(|ms| *ms > 0.0).map(|ms| 3_600_000.0 / ms),
            remaining_s: pace_ms.filter(|_| going).map(|ms| ms * c.pending as f64 / 1000.0),
        }
    }
}

const fn counts(c: BatchCounts) -> CountsDto {
    CountsDto { ok: c.ok, partial: c.partial, rejected: c.rejected, failed: c.failed, pending: c.pending }
}

/// A row of the results grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ResultRowDto {
    /// `doc-…`
    pub document: String,
    /// Its id in the source.
    pub document_id: String,
    /// Whose it is.
    pub patient: Option<String>,
    /// `ok`, `partial`, `rejected`, `failed`, `pending`.
    pub status: String,
    /// Values in the order of the page's columns; several of one leaf are joined with " | ".
    pub cells: Vec<String>,
    /// Why it is not `ok`.
    pub error: Option<String>,
    /// How much a reviewer should look at it, 0 to 1.
    pub doubt: f64,
    /// Findings that somebody decided about.
    #[ts(type = "number")]
    pub decided: u64,
}

/// One page of the results grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ResultPageDto {
    /// Rows of the whole query.
    #[ts(type = "number")]
    pub total: u64,
    /// The leaves of the schema, by dotted path.
    pub columns: Vec<String>,
    /// This page's.
    pub rows: Vec<ResultRowDto>,
}

/// What somebody decided about a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DecisionDto {
    /// JSON Pointer of the finding.
    pub path: String,
    /// The reviewer's sign-in name.
    pub reviewer: String,
    /// RFC 3339.
    pub decided: String,
    /// `accept`, `reject`, `edit`, `undo`.
    pub verdict: String,
    /// The value before.
    pub before: Value,
    /// The value after; null for one that goes.
    pub after: Value,
}

/// A document with its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ResultDetailDto {
    /// `doc-…`
    pub document: String,
    /// Its id in the source.
    pub document_id: String,
    /// Whose it is.
    pub patient: Option<String>,
    /// Its text; null for a viewer, who sees results only.
    pub text: Option<String>,
    /// What is known to be right.
    pub gold: Option<Value>,
    /// The result, once there is one.
    pub extraction: Option<ExtractionDto>,
    /// Oldest first.
    pub decisions: Vec<DecisionDto>,
}

/// A schema tried on a few documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TrialDto {
    /// What each document gave.
    pub results: Vec<TrialResultDto>,
    /// Documents of the whole dataset.
    #[ts(type = "number")]
    pub documents: u64,
    /// Seconds that a run over all of them would take, by what these took.
    pub estimate_s: f64,
}

/// One document of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TrialResultDto {
    /// The document's text.
    pub text: String,
    /// What was found; nothing of it is kept.
    pub extraction: ExtractionDto,
    /// How long it took, loading the model left out.
    pub seconds: f64,
}

/// One difference between two schemas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SchemaChange {
    /// JSON Pointer.
    pub place: String,
    /// `added`, `removed`, `changed`.
    pub change: String,
    /// What stood there; null when it is new.
    pub before: Value,
    /// What stands there now; null when it is gone.
    pub after: Value,
}
