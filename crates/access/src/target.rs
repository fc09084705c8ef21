//! What an act is done to, and how the person stands to it.

use cloister_domain::{BatchId, DatasetId, DocumentId, EncounterId, RecordKind, UserId};
use std::fmt;

/// What an act is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// Visits as a whole (listing, creating).
    Encounters,
    /// One visit.
    Encounter(EncounterId),
    /// The schema library.
    Schemas,
    /// Datasets as a whole.
    Datasets,
    /// One dataset.
    Dataset(DatasetId),
    /// One report of a dataset.
    Document(DocumentId),
    /// One run with its results.
    Batch(BatchId),
    /// The log.
    Log,
    /// Accounts as a whole.
    Accounts,
    /// One account.
    Account(UserId),
    /// Policy.
    Policy,
    /// All of it.
    Vault,
    /// Model files.
    Models,
}

impl Target {
    /// The kind and id that its pseudonym in the log is made from; `None` for a target that names no record.
    #[must_use]
    pub fn record(&self) -> Option<(RecordKind, String)> {
        match self {
            Self::Encounter(id) => Some((RecordKind::Encounter, id.to_string())),
            Self::Dataset(id) => Some((RecordKind::Dataset, id.to_string())),
            Self::Document(id) => Some((RecordKind::Document, id.to_string())),
            Self::Batch(id) => Some((RecordKind::Batch, id.to_string())),
            _ => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encounters => "encounters",
            Self::Encounter(_) => "encounter",
            Self::Schemas => "schemas",
            Self::Datasets => "datasets",
            Self::Dataset(_) => "dataset",
            Self::Document(_) => "document",
            Self::Batch(_) => "batch",
            Self::Log => "log",
            Self::Accounts => "accounts",
            Self::Account(_) => "account",
            Self::Policy => "policy",
            Self::Vault => "vault",
            Self::Models => "models",
        })
    }
}

/// How a person stands to a target, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// Not at all; also the answer for a target that does not exist, so that a refusal tells nothing.
    None,
    /// They opened it in an emergency, for a while.
    Emergency,
    /// It was shared with them, or they were given it.
    Shared,
    /// It is theirs.
    Owner,
}

impl Relation {
    /// Whether this relation is at least `needed`.
    #[must_use]
    pub fn is_at_least(self, needed: Self) -> bool {
        self >= needed
    }
}

/// Ownership as the store knows it. Implemented by the store alone, never by a caller: an implementation can only
/// be reached through an open store.
pub trait Facts {
    /// How `user` stands to `target`. A collection ([`Target::Encounters`], [`Target::Datasets`]…) is everybody's
    /// own: what is made there belongs to its maker.
    ///
    /// # Errors
    /// When the store cannot answer; nothing is admitted then.
    fn relation(&self, user: UserId, target: &Target) -> Result<Relation, FactsError>;

    /// The record number of the patient whom `target` is about, where it is about one and the store knows: what the
    /// visit's list shows, or the report's id. It reaches the log only as a pseudonym.
    ///
    /// # Errors
    /// When the store cannot answer; nothing is admitted then.
    fn patient(&self, target: &Target) -> Result<Option<String>, FactsError>;
}

/// The store could not say how a person stands to a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot be asked who owns this")]
pub struct FactsError;

/// A record number as its pseudonym is made from it: spaces and capitals do not matter, so that what an auditor types
/// finds what a clinician typed.
#[must_use]
pub fn record_number(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
