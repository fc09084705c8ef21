//! The engines, one per task, behind one compute lock: speech and language never compete for the same cores.

use crate::{AppError, manifest};
use cloister_domain::ModelRef;
use cloister_engine_client::{Connection, EngineError, EngineSpec, ModelFile, SupervisedEngine};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How long an engine may be silent. Loading a model on a slow disk is the longest silence there is.
const PATIENCE: Duration = Duration::from_secs(180);

/// Where engines come from and how they run.
#[derive(Debug, Clone)]
pub(crate) struct EngineOptions {
    pub(crate) binary: PathBuf,
    pub(crate) models: PathBuf,
    pub(crate) threads: u16,
    pub(crate) device: String,
}

/// At most one engine per task, and one job at a time over both.
#[derive(Debug)]
pub(crate) struct Engines {
    options: EngineOptions,
    compute: Mutex<Held>,
    /// The person whose text the engines hold has left: end them after the job under way.
    retired: AtomicBool,
}

#[derive(Debug, Default)]
struct Held {
    speech: Option<(ModelRef, SupervisedEngine)>,
    language: Option<(ModelRef, SupervisedEngine)>,
}

impl Engines {
    pub(crate) fn new(options: EngineOptions) -> Self {
        Self { options, compute: Mutex::default(), retired: AtomicBool::new(false) }
    }

    pub(crate) const fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// Runs a job on the engine that has `model` loaded, starting or replacing one as needed.
    pub(crate) fn run<T>(
        &self,
        model: &manifest::Model,
        restarted: &mut dyn FnMut(&EngineError),
        job: impl FnMut(&mut Connection, &ModelRef) -> Result<T, EngineError>,
    ) -> Result<T, AppError> {
        let mut job = job;
        let mut held = self.lock();
        let slot = match model.task {
            manifest::Task::Speech => &mut held.speech,
            manifest::Task::Language => &mut held.language,
        };
        if slot.as_ref().is_none_or(|(loaded, _)| loaded.sha256 != model.sha256) {
            *slot = None;
            let file = Arc::new(model.open(&self.options.models)?);
            *slot = Some((file.model().clone(), SupervisedEngine::new(self.spec(model.task, &file))));
        }
        let Some((loaded, engine)) = slot else { return Err(AppError::Internal("engine slot")) };
        let loaded = loaded.clone();
        let result = engine.run(restarted, |connection| job(connection, &loaded));
        if self.retired.swap(false, Ordering::Relaxed) {
            *held = Held::default();
        }
        Ok(result?)
    }

    /// Runs a job that needs no model on an engine of its own.
    pub(crate) fn without_model<T>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, EngineError>,
    ) -> Result<T, AppError> {
        let spec = EngineSpec {
            binary: self.options.binary.clone(),
            threads: 1,
            device: "cpu".to_owned(),
            speech: None,
            language: None,
            patience: PATIENCE,
        };
        Ok(job(&mut Connection::spawn(&spec)?)?)
    }

    /// Ends both, since their memory held clinical text: at once, or after the job under way.
    pub(crate) fn retire(&self) {
        match self.compute.try_lock() {
            Ok(mut held) => *held = Held::default(),
            Err(_) => self.retired.store(true, Ordering::Relaxed),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.compute.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spec(&self, task: manifest::Task, file: &Arc<ModelFile>) -> EngineSpec {
        let for_task = |t| (t == task).then(|| Arc::clone(file));
        EngineSpec {
            binary: self.options.binary.clone(),
            threads: self.options.threads,
            device: self.options.device.clone(),
            speech: for_task(manifest::Task::Speech),
            language: for_task(manifest::Task::Language),
            patience: PATIENCE,
        }
    }
}
