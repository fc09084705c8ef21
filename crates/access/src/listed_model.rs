//! A model that the manifest of the program does not know, and an administrator does.

use cloister_domain::Sha256Hex;
use serde::{Deserialize, Serialize};

/// As the signed policy has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedModel {
    /// What it is called.
    pub name: String,
    /// `speech` or `language`.
    pub task: String,
    /// Its file's name.
    pub file: String,
    /// Under which licence it is used.
    pub licence: String,
    /// Its length.
    pub bytes: u64,
    /// The digest by which it is known.
    pub sha256: Sha256Hex,
    /// About what an engine needs with it.
    pub ram_bytes: u64,
}
