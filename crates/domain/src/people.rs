//! Who works with Cloister.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a person may do is decided by their one role (security-model: Roles).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs accounts, models, policy; may do everything.
    Administrator,
    /// Works on their own visits and those shared with them.
    Clinician,
    /// Runs extractions over the datasets they were given.
    Researcher,
    /// Reads the results they were given.
    Viewer,
    /// Reads the log, and cannot decrypt a report.
    Auditor,
}

impl Role {
    /// Every role, in the order of the matrix.
    pub const ALL: [Self; 5] = [Self::Administrator, Self::Clinician, Self::Researcher, Self::Viewer, Self::Auditor];

    /// The name in files, in the log and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Clinician => "clinician",
            Self::Researcher => "researcher",
            Self::Viewer => "viewer",
            Self::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such role; there are administrator, clinician, researcher, viewer, auditor")]
pub struct RoleParseError;

impl FromStr for Role {
    type Err = RoleParseError;
    fn from_str(s: &str) -> Result<Self, RoleParseError> {
        Self::ALL.into_iter().find(|r| r.name().eq_ignore_ascii_case(s)).ok_or(RoleParseError)
    }
}
