//! Runs at work: one document after the other, each result in a transaction of its own.

use crate::{
    AppError,
    command::{Command, Context},
    export,
    extract::{Source, timed_extract},
    manifest,
    research_dto::BatchDto,
};
use cloister_access::{Policy, RunBatch, RunsAfterLogoff, Target};
use cloister_domain::{
    AuditEvent, BatchId, Code, DatasetId, Detail, DetailKey, DocumentId, EventType, ExtractionSchema, ExtractionStatus,
    ModelRef, Outcome, SchemaId, Sensitive, Support, code,
};
use cloister_store::{BatchCounts, BatchRow, BatchStatus, NewBatch, ResultFigures, StoredExtraction};
use serde::Deserialize;
use std::{fs::File, time::Duration};

/// One line of the log per so many documents.
const DOCUMENTS_PER_LINE: u64 = 100;
/// A document that takes longer fails alone.
const LONGEST_DOCUMENT: Duration = Duration::from_secs(20 * 60);
/// When the engine dies on so many documents in a row, it is at fault and not they.
const DEATHS_IN_A_ROW: usize = 3;

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

/// Works on a run that this process owns until it ends or somebody stops it.
fn work(cx: &Context<'_, RunBatch>, row: &BatchRow, resumed: u64) -> Result<BatchDto, AppError> {
    let (app, stores) = (cx.app, &cx.open.stores);
    let model = app.model(manifest::Task::Language, Some(&row.model.name))?;
    if model.sha256 != row.model.sha256 {
        return Err(AppError::Usage("this run began with another version of its model; clone it".to_owned()));
    }
    // The schema as it was when the run began, under an id of its own: the library may have moved on.
    let schema = ExtractionSchema {
        id: SchemaId::fresh(row.created, app.entropy()).map_err(|_| AppError::Internal("randomness"))?,
        name: row.schema_name.clone(),
        version: row.schema_version,
        definition: row.definition.clone(),
        sha256: row.schema_sha256.clone(),
        created: row.created,
    };
    let stay = Policy::from_document(app.vault()?.policy())?.runs_after_logoff == RunsAfterLogoff::Continue;
    let total = row.counts.done() + row.counts.pending;
    app.begin_work();
    let (mut done, mut after, mut deaths) = (resumed, 0, Vec::new());
    while stores.batch_status(&cx.grant, row.id)? == BatchStatus::Running {
        if !stay && !app.is_present(cx.open) {
            stores.stop_run(&cx.grant, row.id, &[])?;
            break;
        }
        let Some(pending) = stores.next_pending(&cx.grant, row.id, after)? else { break };
        if cx.progress("extracting", done as f64, Some(total as f64), "documents").is_break() {
            return Err(AppError::Cancelled);
        }
        let document = pending.document;
        let source = Source { text: &document.text, spoken: None, limit: Some(LONGEST_DOCUMENT) };
        let (result, seconds) = timed_extract(cx, &schema, &model, &source)?;
        let figures = ResultFigures { took_ms: (seconds * 1000.0) as u64, doubt: doubt(&result) };
        stores.keep_result(&cx.grant, row.id, document.id, &result, figures)?;
        note_death(cx, row.id, &result, document.id, &mut deaths)?;
        after = pending.ordinal;
        done += 1;
        if done % DOCUMENTS_PER_LINE == 0 {
            note_progress(cx, row.id)?;
        }
    }
    let _ = cx.progress("extracting", done as f64, Some(total as f64), "documents");
    let row = stores.finish_batch(&cx.grant, row.id)?;
    cx.record(DetailKey::ModelSha256, Detail::Hash(row.model.sha256.clone()));
    cx.record(DetailKey::SchemaSha256, Detail::Hash(row.schema_sha256.clone()));
    for (key, value) in figures(&row.counts) {
        cx.record(key, Detail::Count(value));
    }
    let pace = stores.pace_ms(&cx.grant, row.id)?;
    Ok(BatchDto { resumed: Some(resumed), ..BatchDto::new(&row, pace) })
}

/// One document may kill the engine and fails alone. When several do in a row, their results are taken back and the
/// run pauses: the engine is at fault, for want of memory perhaps, and nobody should find a night of failures.
fn note_death(
    cx: &Context<'_, RunBatch>,
    batch: BatchId,
    result: &StoredExtraction,
    document: DocumentId,
    deaths: &mut Vec<DocumentId>,
) -> Result<(), AppError> {
    let died = result.error.as_deref() == Some(&*cloister_engine_client::EngineError::Died.to_string());
    if !died {
        deaths.clear();
        return Ok(());
    }
    deaths.push(document);
    if deaths.len() < DEATHS_IN_A_ROW {
        return Ok(());
    }
    cx.open.stores.stop_run(&cx.grant, batch, deaths)?;
    Err(AppError::Engine(cloister_engine_client::EngineError::Died))
}

/// How much a reviewer should look at a result, by its least certain finding: 0 not at all, 1 most.
fn doubt(x: &StoredExtraction) -> f64 {
    let of_finding = |f: &cloister_domain::Finding| {
        let by_support: f64 = match f.support {
            Support::Unsupported => 0.9,
            Support::Inferred => 0.6,
            Support::Normalised => 0.1,
            Support::Verbatim => 0.0,
        };
        f.confidence.map_or(by_support, |c| by_support.max(1.0 - f64::from(c)))
    };
    match x.status {
        ExtractionStatus::Failed | ExtractionStatus::Rejected => 1.0,
        ExtractionStatus::Partial => 0.95,
        ExtractionStatus::Ok => x.findings.iter().map(of_finding).fold(0.0, f64::max),
    }
}

/// One process works on a run at a time. The lock goes with the process, however it ends.
fn own(cx: &Context<'_, RunBatch>, id: BatchId) -> Result<File, AppError> {
    let folder = cx.app.data().join("runs");
    let path = folder.join(format!("{id}.lock"));
    let file = std::fs::create_dir_all(&folder)
        .and_then(|()| File::options().create(true).truncate(false).write(true).open(&path))
        .map_err(export::cannot_write(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(AppError::Usage("another process is working on this run".to_owned()))
        }
        Err(std::fs::TryLockError::Error(e)) => Err(export::cannot_write(&path)(e)),
    }
}

fn note_progress(cx: &Context<'_, RunBatch>, id: BatchId) -> Result<(), AppError> {
    let row = cx.open.stores.running_batch(&cx.grant, id)?;
    let action: Code = code!("run_batch");
    let mut event = AuditEvent::new(EventType::BatchProgress, action, cx.open.session.actor(), Outcome::Success);
    for (key, value) in figures(&row.counts) {
        if EventType::BatchProgress.details().contains(&key) {
            event = event.count(key, value);
        }
    }
    cx.app.log()?.append(&event)?;
    Ok(())
}

fn figures(c: &BatchCounts) -> [(DetailKey, u64); 6] {
    [
        (DetailKey::Documents, c.done() + c.pending),
        (DetailKey::Ok, c.ok),
        (DetailKey::Partial, c.partial),
        (DetailKey::Rejected, c.rejected),
        (DetailKey::Failed, c.failed),
        (DetailKey::Pending, c.pending),
    ]
}
