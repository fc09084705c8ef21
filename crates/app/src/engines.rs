//! The engines, one per task: speech and language never compete for the same cores. Jobs are done one after the other; who
//! computes has the turn, and a job on a long file gives way to somebody who listens to a recording.

use crate::{AppError, manifest};
use cloister_domain::ModelRef;
use cloister_engine_client::{Bounds, Connection, EngineError, EngineSpec, ModelFile, Pausable, SupervisedEngine};
use cloister_seal::SealReport;
use parking_lot::{FairMutex, FairMutexGuard};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// How long an engine may be silent. Loading a model on a slow disk is the longest silence there is.
const PATIENCE: Duration = Duration::from_secs(180);

/// Where engines come from and how they run.
#[derive(Debug, Clone)]
pub(crate) struct EngineOptions {
    pub(crate) binary: PathBuf,
    pub(crate) models: Vec<PathBuf>,
    pub(crate) threads: u16,
    pub(crate) device: String,
}

/// At most one engine per task, and one job at a time over both.
#[derive(Debug)]
pub(crate) struct Engines {
    options: EngineOptions,
    /// Fair: who waits longest is next. A run over a thousand documents takes it for some documents at a time, and
    /// lets go when somebody's dictation waits.
    jobs: FairMutex<Held>,
    /// Who computes; a job takes it after `jobs`.
    turn: FairMutex<()>,
    /// How many jobs wait for the one under way.
    waiting: AtomicUsize,
    /// How many wait for the turn.
    waiting_turn: AtomicUsize,
    /// The person whose text the engines hold has left: end them after the job under way.
    retired: AtomicBool,
    /// Whether engines may run that the kernel does not seal.
    unsealed: AtomicBool,
    /// What keeps the running engines in, by the name of their task.
    seals: Mutex<BTreeMap<&'static str, SealReport>>,
}

/// The engine that listens to a recording, among the seals.
const LISTENING: &str = "listening_engine";

/// Held while an engine computes.
pub(crate) struct Turn<'a> {
    _held: FairMutexGuard<'a, ()>,
}

/// The turn of a job under way, which it may give away for a moment.
pub(crate) struct GiveWay<'a> {
    engines: &'a Engines,
    turn: RefCell<Option<Turn<'a>>>,
}

impl GiveWay<'_> {
    /// Lets whoever waits for the turn compute first, while the job's engine stands still. To be called often.
    pub(crate) fn to_others(&self, engine: &Pausable) {
        if self.engines.waiting_turn.load(Ordering::Relaxed) == 0 {
            return;
        }
        let paused = engine.pause();
        self.turn.take();
        *self.turn.borrow_mut() = Some(self.engines.turn());
        drop(paused);
    }
}

#[derive(Debug, Default)]
struct Held {
    speech: Option<(ModelRef, SupervisedEngine)>,
    language: Option<(ModelRef, SupervisedEngine)>,
}

impl Engines {
    pub(crate) fn new(options: EngineOptions) -> Self {
        Self {
            options,
            jobs: FairMutex::default(),
            turn: FairMutex::default(),
            waiting: AtomicUsize::new(0),
            waiting_turn: AtomicUsize::new(0),
            retired: AtomicBool::new(false),
            unsealed: AtomicBool::new(false),
            seals: Mutex::default(),
        }
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
        self.run_giving_way(model, restarted, |engine, loaded, _| job(engine, loaded))
    }

    /// Runs a job that takes long and gives way to others in between.
    pub(crate) fn run_giving_way<T>(
        &self,
        model: &manifest::Model,
        restarted: &mut dyn FnMut(&EngineError),
        job: impl FnMut(&mut Connection, &ModelRef, &GiveWay<'_>) -> Result<T, EngineError>,
    ) -> Result<T, AppError> {
        let mut job = job;
        let mut held = self.lock();
        let way = GiveWay { engines: self, turn: RefCell::new(Some(self.turn())) };
        let name = match model.task {
            manifest::Task::Speech => "speech_engine",
            manifest::Task::Language => "language_engine",
        };
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
        let result = engine.run(restarted, |connection| {
            if let Some(seal) = connection.seal() {
                self.proven().insert(name, seal.clone());
            }
            job(connection, &loaded, &way)
        });
        if self.retired.swap(false, Ordering::Relaxed) {
            self.end(&mut held);
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
            unsealed: self.may_be_unsealed(),
            bounds: None,
        };
        Ok(job(&mut Connection::spawn(&spec)?)?)
    }

    /// An engine that reads a hostile file; the system holds it to bounds of memory and time.
    pub(crate) fn bounded_spec(&self) -> EngineSpec {
        EngineSpec {
            binary: self.options.binary.clone(),
            threads: 1,
            device: "cpu".to_owned(),
            speech: None,
            language: None,
            patience: PATIENCE,
            unsealed: self.may_be_unsealed(),
            bounds: Some(Bounds { memory: 1 << 30, cpu_s: 300 }),
        }
    }

    /// Ends both, since their memory held clinical text: at once, or after the job under way.
    pub(crate) fn retire(&self) {
        match self.jobs.try_lock() {
            Some(mut held) => self.end(&mut held),
            None => self.retired.store(true, Ordering::Relaxed),
        }
    }

    /// What keeps the running engines in.
    pub(crate) fn seals(&self) -> Vec<(&'static str, SealReport)> {
        self.proven().iter().map(|(name, seal)| (*name, seal.clone())).collect()
    }

    /// Engines may run from now on that the kernel does not seal, or may not.
    pub(crate) fn allow_unsealed(&self, allowed: bool) {
        self.unsealed.store(allowed, Ordering::Relaxed);
    }

    /// Whether engines may run that the kernel does not seal.
    pub(crate) fn may_be_unsealed(&self) -> bool {
        self.unsealed.load(Ordering::Relaxed)
    }

    /// The turn to compute, for an engine that is not one of these; others wait until it is dropped.
    pub(crate) fn turn(&self) -> Turn<'_> {
        self.waiting_turn.fetch_add(1, Ordering::Relaxed);
        let held = self.turn.lock();
        self.waiting_turn.fetch_sub(1, Ordering::Relaxed);
        Turn { _held: held }
    }

    /// What an engine is started with that listens to a recording for as long as it goes on.
    pub(crate) fn listening(&self, model: &manifest::Model) -> Result<EngineSpec, AppError> {
        Ok(self.spec(model.task, &Arc::new(model.open(&self.options.models)?)))
    }

    /// It runs.
    pub(crate) fn note_listening(&self, engine: &Connection) {
        if let Some(seal) = engine.seal() {
            self.proven().insert(LISTENING, seal.clone());
        }
    }

    /// It has ended.
    pub(crate) fn stopped_listening(&self) {
        self.proven().remove(LISTENING);
    }

    fn end(&self, held: &mut Held) {
        *held = Held::default();
        // The one that listens ends by itself.
        self.proven().retain(|name, _| *name == LISTENING);
    }

    fn proven(&self) -> MutexGuard<'_, BTreeMap<&'static str, SealReport>> {
        self.seals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody waits until the job under way lets go.
    pub(crate) fn awaited(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0 || self.waiting_turn.load(Ordering::Relaxed) > 0
    }

    fn lock(&self) -> FairMutexGuard<'_, Held> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let held = self.jobs.lock();
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        held
    }

    /// What an engine is started with that only loads a model.
    pub(crate) fn spec_for(&self, task: manifest::Task, file: &Arc<ModelFile>) -> EngineSpec {
        self.spec(task, file)
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
            unsealed: self.may_be_unsealed(),
            bounds: None,
        }
    }
}
