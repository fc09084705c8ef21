//! Visits.

use crate::{EncounterId, Sensitive, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// How far a visit has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncounterState {
    /// Opened, nothing recorded or imported.
    Open,
    /// Audio is there.
    Recorded,
    /// A transcript is there.
    Transcribed,
    /// Findings or a draft note are there.
    Draft,
    /// The note is signed.
    Signed,
}

/// What the patient said when asked. A refusal is kept too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentDecision {
    /// Recording is allowed.
    Given,
    /// Recording is not allowed.
    Declined,
}

/// The consent record that comes before the first frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Given or declined.
    pub decision: ConsentDecision,
    /// By whom: the patient, a guardian.
    pub by: Sensitive<String>,
    /// How: spoken, in writing.
    pub how: String,
    /// When.
    pub at: Timestamp,
}

/// One visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encounter {
    /// Its id.
    pub id: EncounterId,
    /// Whose it is.
    pub owner: UserId,
    /// What the list shows; may hold a pseudonym or a record number.
    pub title: Sensitive<String>,
    /// How far it has come.
    pub state: EncounterState,
    /// When it was opened.
    pub created: Timestamp,
    /// The consent record, once there is one.
    pub consent: Option<Consent>,
}
