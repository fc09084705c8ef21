//! Model files: brought in, tried, chosen, taken away.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{CataloguedModelDto, ImportedModelDto, ModelTriedDto},
    manifest::{self, Task},
    model_import, model_try,
};
use cloister_access::{ChooseModel, ImportModel, Policy, ReadModels, RemoveModel, Target, TryModel};
use cloister_domain::{AuditEvent, AuditTarget, Code, Detail, DetailKey, EventType, Outcome, code};
use serde::Deserialize;

/// Every model this vault knows, with what it needs, where it is used and whether it is here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelCatalogue {}

impl Command for ModelCatalogue {
    const NAME: &'static str = "model_catalogue";
    type Needs = ReadModels;
    type Output = Vec<CataloguedModelDto>;

    fn target(&self) -> Target {
        Target::Models
    }

    fn run(self, cx: &Context<'_, ReadModels>) -> Result<Self::Output, AppError> {
        let uses = cx.open.stores.model_uses(&cx.grant)?;
        let memory = model_import::memory();
        let folders = cx.app.model_folders();
        let row = |m: manifest::Model| CataloguedModelDto {
            runs: uses.iter().filter(|u| u.sha256 == m.sha256).map(|u| u.runs).sum(),
            unfinished: uses.iter().filter(|u| u.sha256 == m.sha256).map(|u| u.unfinished).sum(),
            ram_bytes: m.ram_bytes,
            memory_bytes: memory.total,
            fits: m.ram_bytes <= memory.total,
            listed: m.listed,
            model: m.row(&folders, false),
        };
        Ok(cx.app.known_models()?.into_iter().map(row).collect())
    }
}

/// Brings in a model file, or those of a folder or of a signed bundle. What the manifest knows is known by its hash; anything else needs a name
/// and a licence, is loaded by an engine once, and becomes part of the signed policy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportModelFile {
    name: Option<String>,
    licence: Option<String>,
    /// A folder rather than a file.
    #[serde(default)]
    folder: bool,
    /// The key of a bundle, where it is not the institution's.
    key: Option<String>,
}

impl Command for ImportModelFile {
    const NAME: &'static str = "import_model";
    type Needs = ImportModel;
    /// `None` when the person chose nothing.
    type Output = Option<Vec<ImportedModelDto>>;

    fn target(&self) -> Target {
        Target::Models
    }

    fn run(self, cx: &Context<'_, ImportModel>) -> Result<Self::Output, AppError> {
        let kind = if self.folder { "model_folder" } else { "model" };
        let Some(path) = cx.ports.open_file(kind) else { return Ok(None) };
        let mut progress = |done, total| cx.progress("importing_model", done, Some(total), "bytes");
        let all = model_import::take_all(cx.app, &path, self.key.as_deref(), &mut progress)?;
        let (count, mut imported) = (all.len(), Vec::new());
        for found in all {
            let known = found.known;
            let model = if known {
                found.model.clone()
            } else {
                // Several at once have no one name.
                let model = model_import::named(&found.model, self.name.as_deref(), self.licence.as_deref(), count)?;
                model_import::loads(cx.app, &found, &model)?;
                model
            };
            let state = found.put(cx.app, &model)?;
            if !known {
                model_import::list(cx.app, &cx.open.session, &model)?;
            }
            let line = AuditEvent::new(
                EventType::ModelImport,
                code!("import_model"),
                cx.open.session.actor(),
                Outcome::Success,
            )
            .target(AuditTarget::Part(code!("models")))
            .hash(DetailKey::ModelSha256, model.sha256.clone())
            .count(DetailKey::Bytes, model.bytes)
            .code(DetailKey::Reason, if known { code!("manifest") } else { code!("not_in_manifest") });
            cx.app.log()?.append(&line)?;
            imported.push(model_import::dto(&model, known, state));
        }
        Ok(Some(imported))
    }
}

/// Another default of a task.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChooseModelFor {
    task: Task,
    name: String,
}

impl Command for ChooseModelFor {
    const NAME: &'static str = "choose_model";
    type Needs = ChooseModel;
    type Output = ();

    fn target(&self) -> Target {
        Target::Models
    }

    fn run(self, cx: &Context<'_, ChooseModel>) -> Result<(), AppError> {
        let app = cx.app;
        let model = app.model(self.task, Some(&self.name))?;
        if model.path(&app.model_folders()).is_none() {
            return Err(AppError::NoSuchModel(format!("{} (it is known and not here: import its file)", model.name)));
        }
        let (setting, chosen): (Code, fn(&mut Policy) -> &mut String) = match self.task {
            Task::Speech => (code!("default_speech_model"), |p| &mut p.default_speech_model),
            Task::Language => (code!("default_language_model"), |p| &mut p.default_language_model),
        };
        app.change_policy(&cx.open.session, |policy| model.name.clone_into(chosen(policy)))?;
        cx.record(DetailKey::Setting, Detail::Code(setting));
        cx.record(DetailKey::ModelSha256, Detail::Hash(model.sha256));
        Ok(())
    }
}

/// Runs a model over one bundled sample: whether it works here, and how fast.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TryModelOn {
    name: String,
}

impl Command for TryModelOn {
    const NAME: &'static str = "try_model";
    type Needs = TryModel;
    type Output = ModelTriedDto;

    fn target(&self) -> Target {
        Target::Models
    }

    fn run(self, cx: &Context<'_, TryModel>) -> Result<ModelTriedDto, AppError> {
        let model = cx.app.known_models()?.into_iter().find(|m| m.is_called(&self.name));
        let model = model.ok_or(AppError::NoSuchModel(self.name))?;
        model_try::run(cx, &model)
    }
}

/// Takes a model's file away. One that the manifest does not know is forgotten with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveModelOf {
    name: String,
}

impl Command for RemoveModelOf {
    const NAME: &'static str = "remove_model";
    type Needs = RemoveModel;
    type Output = ();

    fn target(&self) -> Target {
        Target::Models
    }

    fn run(self, cx: &Context<'_, RemoveModel>) -> Result<(), AppError> {
        let app = cx.app;
        let model = app.known_models()?.into_iter().find(|m| m.is_called(&self.name));
        let model = model.ok_or_else(|| AppError::NoSuchModel(self.name.clone()))?;
        cx.record(DetailKey::ModelSha256, Detail::Hash(model.sha256.clone()));
        if model.default {
            return Err(AppError::ModelInUse("it is the default of its task; choose another first"));
        }
        let uses = cx.open.stores.model_uses(&cx.grant)?;
        if uses.iter().any(|u| u.sha256 == model.sha256 && u.unfinished > 0) {
            return Err(AppError::ModelInUse("a run that is not finished uses it; finish or cancel that first"));
        }
        // An engine that has it loaded lets go of it at its next change of models.
        while let Some(path) = model.path(&app.model_folders()) {
            std::fs::remove_file(&path).map_err(crate::export::cannot_write(&path))?;
        }
        if model.listed {
            app.change_policy(&cx.open.session, |policy| policy.models.retain(|m| m.sha256 != model.sha256))?;
        }
        Ok(())
    }
}
