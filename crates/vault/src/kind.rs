//! Which role keys there are, who holds them, and what they open.

use cloister_domain::Role;
use serde::{Deserialize, Serialize};

/// The role keys, by the name they have in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleKeyName {
    /// K_visits: encounters, recordings, transcripts (`visits.db`).
    Visits,
    /// K_research: datasets, extraction results (`research.db`).
    Research,
    /// K_pseudonym: the stable pseudonyms of record ids in the log.
    Pseudonym,
}

impl RoleKeyName {
    /// The keys that a role holds, by design: an auditor cannot decrypt a report even with the disk.
    #[must_use]
    pub const fn held_by(role: Role) -> &'static [Self] {
        match role {
            Role::Administrator => &[Self::Visits, Self::Research, Self::Pseudonym],
            Role::Clinician => &[Self::Visits, Self::Pseudonym],
            Role::Researcher | Role::Viewer => &[Self::Research, Self::Pseudonym],
            Role::Auditor => &[Self::Pseudonym],
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A store with a role key and a database of its own: [`Visits`] or [`Research`].
pub trait StoreKind: DatabaseKind {
    /// Its role key.
    const ROLE_KEY: RoleKeyName;
}

/// A database with a key: a store's, or [`Library`].
pub trait DatabaseKind: sealed::Sealed + Send + Sync + 'static {
    /// What it is called in `Debug`.
    const NAME: &'static str;
}

/// What belongs to visits.
#[derive(Debug)]
pub enum Visits {}
/// What belongs to research.
#[derive(Debug)]
pub enum Research {}
/// The library of extraction schemas: nothing clinical, so its key comes from K_pseudonym, which every role holds.
#[derive(Debug)]
pub enum Library {}

impl sealed::Sealed for Library {}
impl DatabaseKind for Visits {
    const NAME: &'static str = "visits";
}
impl DatabaseKind for Research {
    const NAME: &'static str = "research";
}
impl DatabaseKind for Library {
    const NAME: &'static str = "library";
}

impl sealed::Sealed for Visits {}
impl sealed::Sealed for Research {}
impl StoreKind for Visits {
    const ROLE_KEY: RoleKeyName = RoleKeyName::Visits;
}
impl StoreKind for Research {
    const ROLE_KEY: RoleKeyName = RoleKeyName::Research;
}
