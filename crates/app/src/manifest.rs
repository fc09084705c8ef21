//! The models this build knows. The manifest is compiled in: a changed file beside the program changes no pin.

use crate::{AppError, dto::ModelDto};
use cloister_domain::Sha256Hex;
use cloister_engine_client::ModelFile;
use serde::Deserialize;
use std::path::Path;

const MANIFEST: &str = include_str!("../../../models/manifest.toml");

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Task {
    Speech,
    Language,
}

impl Task {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Speech => "speech",
            Self::Language => "language",
        }
    }
}

/// One model of the manifest.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Model {
    pub(crate) name: String,
    pub(crate) task: Task,
    pub(crate) file: String,
    pub(crate) licence: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: Sha256Hex,
    #[serde(default)]
    pub(crate) default: bool,
}

#[derive(Deserialize)]
struct Manifest {
    model: Vec<Model>,
}

/// Every model of the manifest.
pub(crate) fn models() -> Result<Vec<Model>, AppError> {
    parse(MANIFEST)
}

/// Every model of a manifest.
pub(crate) fn parse(text: &str) -> Result<Vec<Model>, AppError> {
    let manifest: Manifest = toml::from_str(text).map_err(|_| AppError::Internal("the model manifest"))?;
    Ok(manifest.model)
}

/// The model called `name` (a name or a file name of the manifest), or the default of `task`.
pub(crate) fn choose(task: Task, name: Option<&str>) -> Result<Model, AppError> {
    choose_among(&models()?, task, name)
}

/// The same among these.
pub(crate) fn choose_among(models: &[Model], task: Task, name: Option<&str>) -> Result<Model, AppError> {
    let fits = |m: &&Model| m.task == task && name.map_or(m.default, |n| m.name == n || m.file == n);
    models
        .iter()
        .find(fits)
        .cloned()
        .ok_or_else(|| AppError::NoSuchModel(name.map_or_else(|| task.name().to_owned(), str::to_owned)))
}

impl Model {
    /// Opens the file and checks its hash.
    pub(crate) fn open(&self, folder: &Path) -> Result<ModelFile, AppError> {
        Ok(ModelFile::open(&folder.join(&self.file), &self.name, &self.sha256)?)
    }

    /// For a list. Cheap: a present file is judged by its length; `verify` reads it whole.
    pub(crate) fn row(&self, folder: &Path, verify: bool) -> ModelDto {
        let path = folder.join(&self.file);
        let state = match std::fs::metadata(&path) {
            Err(_) => "missing",
            Ok(m) if m.len() != self.bytes => "damaged",
            Ok(_) if verify && self.open(folder).is_err() => "damaged",
            Ok(_) => "present",
        };
        ModelDto {
            name: self.name.clone(),
            task: self.task.name().to_owned(),
            file: self.file.clone(),
            licence: self.licence.clone(),
            bytes: self.bytes,
            sha256: self.sha256.to_string(),
            state: state.to_owned(),
            default: self.default,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_task_has_one_default() {
        for task in [Task::Speech, Task::Language] {
            assert_eq!(models().unwrap().iter().filter(|m| m.task == task && m.default).count(), 1, "{task:?}");
        }
    }
}
