//! Runs: begun, cloned, gone on with.

use crate::{
    App, AppError,
    command::{Command, Context},
    export, manifest,
    research_dto::BatchDto,
    run::work,
};
use cloister_access::{RunBatch, Target};
use cloister_domain::{BatchId, DatasetId, ModelRef, Sensitive};
use cloister_store::NewBatch;
use serde::Deserialize;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// So often, and so long between, a lock is asked for that somebody may only be looking at.
const LOOKS: u32 = 5;
const LOOK: Duration = Duration::from_millis(20);

/// A run over a dataset: a new one, or the unfinished one with the same schema, model and purpose. Returns when it
/// has finished, was paused or was cancelled.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunBatchOver {
    dataset: DatasetId,
    schema: String,
    purpose: Sensitive<String>,
    model: Option<String>,
    /// Only begins it; `resume_batch`, perhaps of another process, does the work.
    #[serde(default)]
    begin_only: bool,
}

impl Command for RunBatchOver {
    const NAME: &'static str = "run_batch";
    type Needs = RunBatch;
    type Output = BatchDto;

    fn target(&self) -> Target {
        Target::Dataset(self.dataset)
    }

    fn run(self, cx: &Context<'_, RunBatch>) -> Result<BatchDto, AppError> {
        begin(cx, &self.schema, &self.purpose, self.model.as_deref(), self.begin_only)
    }
}

/// A new run over the dataset of another, with a changed schema, model or purpose.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloneBatchAs {
    id: BatchId,
    /// The first run's own by default; its newest version.
    schema: Option<String>,
    /// The first run's own by default.
    purpose: Option<Sensitive<String>>,
    /// The first run's own by default.
    model: Option<String>,
    #[serde(default)]
    begin_only: bool,
}

impl Command for CloneBatchAs {
    const NAME: &'static str = "clone_batch";
    type Needs = RunBatch;
    type Output = BatchDto;

    fn target(&self) -> Target {
        Target::Batch(self.id)
    }

    fn run(self, cx: &Context<'_, RunBatch>) -> Result<BatchDto, AppError> {
        let first = cx.open.stores.running_batch(&cx.grant, self.id)?;
        let schema = self.schema.unwrap_or_else(|| first.schema_name.clone());
        let model = self.model.unwrap_or_else(|| first.model.name.clone());
        begin(cx, &schema, self.purpose.as_ref().unwrap_or(&first.purpose), Some(&model), self.begin_only)
    }
}

/// A run goes on, whatever stopped it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResumeBatchOf {
    id: BatchId,
}

impl Command for ResumeBatchOf {
    const NAME: &'static str = "resume_batch";
    type Needs = RunBatch;
    type Output = BatchDto;

    fn target(&self) -> Target {
        Target::Batch(self.id)
    }

    fn run(self, cx: &Context<'_, RunBatch>) -> Result<BatchDto, AppError> {
        let _owned = own(cx, self.id)?;
        let row = cx.open.stores.resume_batch(&cx.grant)?;
        work(cx, &row, row.counts.done())
    }
}

fn begin(
    cx: &Context<'_, RunBatch>,
    schema: &str,
    purpose: &Sensitive<String>,
    model: Option<&str>,
    begin_only: bool,
) -> Result<BatchDto, AppError> {
    if purpose.expose("a purpose is required").trim().is_empty() {
        return Err(AppError::Usage("say what the run is for (--purpose)".to_owned()));
    }
    let (app, stores) = (cx.app, &cx.open.stores);
    let schema = stores.schema(&cx.grant, schema)?;
    let model = app.model(manifest::Task::Language, model)?;
    // A run that could not answer anything is not begun.
    model.look(&app.engines().options().models)?;
    let model = ModelRef { name: model.name, sha256: model.sha256 };
    let now = app.clock().now();
    let new = NewBatch {
        id: BatchId::fresh(now, app.entropy()).map_err(|_| AppError::Internal("randomness"))?,
        schema: &schema,
        model: &model,
        purpose,
        created: now,
    };
    let (row, goes_on) = stores.begin_batch(&cx.grant, &new)?;
    let resumed = if goes_on { row.counts.done() } else { 0 };
    if begin_only {
        return Ok(BatchDto { resumed: Some(resumed), ..BatchDto::new(&row, None) });
    }
    let _owned = own(cx, row.id)?;
    work(cx, &row, resumed)
}

/// One process works on a run at a time. The lock goes with the process, however it ends.
fn own(cx: &Context<'_, RunBatch>, id: BatchId) -> Result<File, AppError> {
    let path = lock_of(cx.app, id);
    let folder = path.parent().ok_or(AppError::Internal("a lock without a folder"))?;
    let file = std::fs::create_dir_all(folder)
        .and_then(|()| File::options().create(true).truncate(false).write(true).open(&path))
        .map_err(export::cannot_write(&path))?;
    for _ in 0..LOOKS {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => thread::sleep(LOOK),
            Err(TryLockError::Error(e)) => return Err(export::cannot_write(&path)(e)),
        }
    }
    Err(AppError::Usage("another process is working on this run".to_owned()))
}

/// Whether some process works on a run. Looking takes the lock for a moment, which `own` waits out.
pub(super) fn is_worked_on(app: &App, id: BatchId) -> bool {
    let Ok(file) = File::open(lock_of(app, id)) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

fn lock_of(app: &App, id: BatchId) -> PathBuf {
    app.data().join("runs").join(format!("{id}.lock"))
}
