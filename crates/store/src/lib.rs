//! What is kept: three SQLCipher databases, and repositories whose every method takes a grant.
//!
//! `visits.db` (K_visits) holds visits, transcripts and their extractions; `research.db` (K_research) holds datasets,
//! runs and results; `library.db` (a subkey of K_pseudonym, which every role holds) holds extraction schemas. A
//! person's [`Stores`] holds only the databases that their role's keys open.

mod access_review;
mod batches;
mod copying;
mod database;
mod datasets;
mod deletions;
mod emergencies;
mod encounters;
mod error;
mod examination;
mod facts;
mod holds;
mod layouts;
mod library;
mod log_witness;
mod model_uses;
mod notes;
mod patients;
mod recordings;
mod rekey;
mod results;
mod retention;
mod reviews;
mod rows;
mod schema_sql;
mod search;
mod sharing;
mod transcripts;

pub use access_review::{GivenAway, Holdings};
pub use batches::{BatchCounts, BatchRow, BatchStatus, NewBatch, PendingDocument, ResultFigures};
#[doc(hidden)]
pub use database::SETTINGS;

/// The SQL that makes the research store's tables, for the bench in `examples/cipher.rs`.
#[doc(hidden)]
#[must_use]
pub fn research_tables() -> &'static [&'static str] {
    schema_sql::RESEARCH
}

pub use copying::{FileCopy, copy_databases, known_formats};
pub use database::Stores;
pub use datasets::{DatasetRow, ImportCounts, NewDataset, NewDocument};
pub use deletions::{Erased, FilesGone, KeptReceipt, Receipt};
pub use emergencies::{EmergencyAccess, FoundVisit};
pub use encounters::{EncounterSummary, NewEncounter, NewTranscript};
pub use error::StoreError;
pub use examination::{Examined, check_databases, examine};
pub use holds::Hold;
pub use layouts::SeesLayouts;
pub use log_witness::LogEnd;
pub use model_uses::{ModelUse, SeesModelUses};
pub use notes::{KeptDraft, NewFindingDecision, StoredNote};
pub use patients::{FindsPatient, IsPatient, OfPatient, PatientReports, PatientVisit};
pub use recordings::{RecordingState, StoredRecording, StoredSegment};
pub use rekey::Staged;
pub use results::{ResultDetail, ResultPage, ResultQuery, ResultRow, ResultSummary};
pub use retention::{DueItem, DueKind, RetentionRules};
pub use reviews::{Decision, NewDecision, Verdict};
pub use rows::StoredExtraction;
pub use search::{Excerpt, ReportHit, SearchWords, VisitHit};
pub use sharing::Share;
pub use transcripts::{KeptEdit, PartialKey};
