//! What a search found.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A part of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExcerptDto {
    /// The words.
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

/// A visit with the words, once for each place that has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VisitHitDto {
    /// `enc-…`
    pub encounter: String,
    /// What the visit is called.
    pub title: String,
    /// `open`, `recorded`, `transcribed`, `draft`, `signed`.
    pub state: String,
    /// RFC 3339.
    pub created: String,
    /// `title`, `transcript`, `note`.
    pub place: String,
    /// The words, and what stands around.
    pub excerpt: Vec<ExcerptDto>,
}

/// A report with the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportHitDto {
    /// `doc-…`
    pub id: String,
    /// Its id in the source.
    pub document_id: String,
    /// Its dataset, by name.
    pub dataset: String,
    /// The newest run with a result of it.
    pub batch: Option<String>,
    /// The words, and what stands around.
    pub excerpt: Vec<ExcerptDto>,
}

/// `search_visits`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VisitHitsDto {
    /// Transcripts whose words are not taken up yet: asked again, the search knows more of them.
    #[ts(type = "number")]
    pub left: u64,
    /// The best first.
    pub found: Vec<VisitHitDto>,
}

/// `search_reports`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportHitsDto {
    /// Reports whose words are not taken up yet.
    #[ts(type = "number")]
    pub left: u64,
    /// The best first.
    pub found: Vec<ReportHitDto>,
}
