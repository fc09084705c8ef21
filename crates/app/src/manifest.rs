//! The models this build knows. The manifest is compiled in: a changed file beside the program changes no pin.

use crate::{AppError, dto::ModelDto};
use cloister_access::Policy;
use cloister_domain::Sha256Hex;
use cloister_engine_client::{ModelFile, ModelFileError};
use serde::Deserialize;
use std::path::PathBuf;

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
    /// What an engine was seen to need with it.
    #[serde(default)]
    pub(crate) ram_bytes: u64,
    /// Whether an administrator brought it in; the manifest does not know it.
    #[serde(skip)]
    pub(crate) listed: bool,
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

/// The model called `name` (a name or a file name), or the default of `task`, among these.
pub(crate) fn choose_among(models: &[Model], task: Task, name: Option<&str>) -> Result<Model, AppError> {
    let fits = |m: &&Model| m.task == task && name.map_or(m.default, |n| m.is_called(n));
    models
        .iter()
        .find(fits)
        .cloned()
        .ok_or_else(|| AppError::NoSuchModel(name.map_or_else(|| task.name().to_owned(), str::to_owned)))
}

/// These, and those of the policy, with its defaults where it names models that there are.
pub(crate) fn with_policy(models: &[Model], policy: &Policy) -> Vec<Model> {
    let mut all = models.to_vec();
    all.extend(policy.models.iter().map(|m| Model {
        name: m.name.clone(),
        task: if m.task == Task::Speech.name() { Task::Speech } else { Task::Language },
        file: m.file.clone(),
        licence: m.licence.clone(),
        bytes: m.bytes,
        sha256: m.sha256.clone(),
        default: false,
        ram_bytes: m.ram_bytes,
        listed: true,
    }));
    for (task, chosen) in
        [(Task::Speech, &policy.default_speech_model), (Task::Language, &policy.default_language_model)]
    {
        if all.iter().any(|m| m.task == task && m.name == *chosen) {
            all.iter_mut().filter(|m| m.task == task).for_each(|m| m.default = m.name == *chosen);
        }
    }
    all
}

impl Model {
    /// Whether it goes by this name; its file's will do.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.file == name
    }

    /// Where its file lies, in the first of the folders that has one.
    pub(crate) fn path(&self, folders: &[PathBuf]) -> Option<PathBuf> {
        folders.iter().map(|f| f.join(&self.file)).find(|p| p.exists())
    }

    /// Whether its file is there and as long as it should be: a look, before work is begun that will open it.
    pub(crate) fn look(&self, folders: &[PathBuf]) -> Result<(), ModelFileError> {
        let found = self.found(folders)?.metadata().map_err(|e| ModelFileError::Unreadable(self.name.clone(), e))?;
        if found.len() == self.bytes { Ok(()) } else { Err(ModelFileError::Damaged(self.name.clone())) }
    }

    /// Opens the file and checks its hash.
    pub(crate) fn open(&self, folders: &[PathBuf]) -> Result<ModelFile, AppError> {
        Ok(ModelFile::open(&self.found(folders)?, &self.name, &self.sha256)?)
    }

    fn found(&self, folders: &[PathBuf]) -> Result<PathBuf, ModelFileError> {
        self.path(folders).ok_or_else(|| ModelFileError::Missing(self.name.clone()))
    }

    /// For a list. Cheap: a present file is judged by its length; `verify` reads it whole.
    pub(crate) fn row(&self, folders: &[PathBuf], verify: bool) -> ModelDto {
        let state = match self.look(folders) {
            Err(ModelFileError::Missing(_) | ModelFileError::Unreadable(..)) => "missing",
            Err(ModelFileError::Damaged(_)) => "damaged",
            Ok(()) if verify && self.open(folders).is_err() => "damaged",
            Ok(()) => "present",
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
