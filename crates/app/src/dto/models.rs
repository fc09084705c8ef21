//! Models as an administrator sees them.

use super::ModelDto;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A model with what it needs and where it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CataloguedModelDto {
    /// What it is.
    pub model: ModelDto,
    /// About what an engine needs with it, in bytes.
    #[ts(type = "number")]
    pub ram_bytes: u64,
    /// What this machine has.
    #[ts(type = "number")]
    pub memory_bytes: u64,
    /// Whether that is enough.
    pub fits: bool,
    /// Whether an administrator brought it in and the manifest does not know it.
    pub listed: bool,
    /// Runs that used it.
    #[ts(type = "number")]
    pub runs: u64,
    /// Of them, those that are not finished.
    #[ts(type = "number")]
    pub unfinished: u64,
}

/// A model that came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportedModelDto {
    /// What it is called.
    pub name: String,
    /// `speech` or `language`.
    pub task: String,
    /// Its file's name now.
    pub file: String,
    /// Its licence.
    pub licence: String,
    /// Its length.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Its digest.
    pub sha256: String,
    /// Whether the manifest knows it.
    pub known: bool,
    /// `present`, or `already` where the same file was there.
    pub state: String,
    /// About what an engine needs with it, in bytes.
    #[ts(type = "number")]
    pub ram_bytes: u64,
    /// What this machine has.
    #[ts(type = "number")]
    pub memory_bytes: u64,
    /// Of that, what is free now.
    #[ts(type = "number")]
    pub memory_free: u64,
    /// Whether there is enough.
    pub fits: bool,
}

/// What a model did with a bundled sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelTriedDto {
    /// Which.
    pub name: String,
    /// `speech` or `language`.
    pub task: String,
    /// Until it could begin, in seconds.
    pub loading_s: f64,
    /// The work itself.
    pub working_s: f64,
    /// Length of the sample, for speech.
    pub audio_s: Option<f64>,
    /// Words that were heard.
    #[ts(type = "number | null")]
    pub words: Option<u64>,
    /// Tokens read and written, for language.
    #[ts(type = "number | null")]
    pub tokens: Option<u64>,
    /// How the answer came out: `ok`, `partial`, `rejected`.
    pub status: Option<String>,
}
