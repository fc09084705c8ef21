//! Retention as faces see it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something that the policy says is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DueDto {
    /// `audio`, `visit`, `dataset`, `run`.
    pub kind: String,
    /// Its id; a visit's for its sound.
    pub id: String,
    /// A visit's record number, a dataset's name.
    pub name: String,
    /// What the rule counts from, RFC 3339.
    pub since: String,
    /// Recordings, reports or results in it.
    #[ts(type = "number")]
    pub parts: u64,
    /// Whether a legal hold keeps it.
    pub held: bool,
}

/// The rules, and what they would erase now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RetentionDto {
    /// Held things, too.
    pub due: Vec<DueDto>,
    /// `keep`, or days after the signature.
    pub audio: String,
    /// `keep`, or days after the last change.
    pub visits: String,
    /// `keep`, or days after the last import, run or decision.
    pub datasets: String,
    /// `keep`, or days after the last result or decision.
    pub runs: String,
    /// Days.
    pub operational_log: u32,
    /// When all rules were last applied, RFC 3339.
    pub last: Option<String>,
    /// Whether they are applied by hand only, because the clock may be wrong.
    pub waits_for_a_person: bool,
}

/// What a run of the rules did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RetentionRunDto {
    /// What was erased.
    pub erased: Vec<DueDto>,
    /// Files of recordings.
    #[ts(type = "number")]
    pub files: u64,
    /// Their bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Due, and kept by a legal hold.
    #[ts(type = "number")]
    pub held: u64,
    /// Due, and in use at the moment.
    #[ts(type = "number")]
    pub later: u64,
    /// Days of the operational log that were taken away.
    #[ts(type = "number")]
    pub operational_files: u64,
}

/// What there is of one patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OfPatientDto {
    /// What stands for the record number in the log.
    pub pseudonym: String,
    /// Visits.
    pub visits: Vec<PatientVisitDto>,
    /// Reports, by dataset.
    pub reports: Vec<PatientReportsDto>,
}

/// A visit of the patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PatientVisitDto {
    /// `enc-…`
    pub id: String,
    /// RFC 3339.
    pub created: String,
    /// Whether a legal hold keeps it.
    pub held: bool,
}

/// Reports of the patient in one dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PatientReportsDto {
    /// `dts-…`
    pub dataset: String,
    /// Its name.
    pub name: String,
    /// How many.
    #[ts(type = "number")]
    pub documents: u64,
    /// Whether a legal hold keeps the dataset.
    pub held: bool,
}
