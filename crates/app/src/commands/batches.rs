//! Runs over datasets.

use crate::{
    AppError,
    command::{Command, Context},
    export::{self, AtomicFile},
    extract::{Source, extract},
    manifest, present,
};
use cloister_access::{ControlBatch, ExportResults, ListDatasets, ReadResults, RunBatch, Target};
use cloister_domain::{
    AuditEvent, BatchId, Code, DatasetId, Detail, DetailKey, EventType, ModelRef, Outcome, Sensitive, code,
};
use cloister_store::{BatchCounts, BatchRow, BatchStatus, NewBatch};
use serde::{Deserialize, Serialize};
use std::{fs::File, io::Write};

/// One line of the log per so many documents.
const DOCUMENTS_PER_LINE: u64 = 100;

/// A run as lists show it.
#[derive(Serialize)]
pub(crate) struct BatchDto {
    batch: BatchId,
    dataset: String,
    schema: String,
    status: BatchStatus,
    counts: BatchCounts,
    /// Documents that already had their result when the run went on.
    #[serde(skip_serializing_if = "Option::is_none")]
    resumed: Option<u64>,
}

impl BatchDto {
    fn new(row: &BatchRow) -> Self {
        Self {
            batch: row.id,
            dataset: row.dataset.clone(),
            schema: row.schema_name.clone(),
            status: row.status,
            counts: row.counts,
            resumed: None,
        }
    }
}

/// The runs this person may see, oldest first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListBatches {}

impl Command for ListBatches {
    const NAME: &'static str = "list_batches";
    type Needs = ListDatasets;
    type Output = Vec<BatchDto>;

    fn target(&self) -> Target {
        Target::Datasets
    }

    fn run(self, cx: &Context<'_, ListDatasets>) -> Result<Self::Output, AppError> {
        Ok(cx.open.stores.batches(&cx.grant)?.iter().map(BatchDto::new).collect())
    }
}

/// One run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchStatusOf {
    id: BatchId,
}

impl Command for BatchStatusOf {
    const NAME: &'static str = "batch_status";
    type Needs = ReadResults;
    type Output = BatchDto;

    fn target(&self) -> Target {
        Target::Batch(self.id)
    }

    fn run(self, cx: &Context<'_, ReadResults>) -> Result<BatchDto, AppError> {
        let row = cx.open.stores.batch(&cx.grant)?;
        let done = row.counts.ok + row.counts.partial + row.counts.rejected + row.counts.failed;
        Ok(BatchDto { resumed: Some(done), ..BatchDto::new(&row) })
    }
}

/// What a person does with a run.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Control {
    Pause,
    Cancel,
    Retry,
}

/// Pauses or cancels a run that any process works on (it notices before its next document), or makes its failed
/// documents pending again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ControlBatchOf {
    id: BatchId,
    action: Control,
}

impl Command for ControlBatchOf {
    const NAME: &'static str = "control_batch";
    type Needs = ControlBatch;
    type Output = BatchDto;

    fn target(&self) -> Target {
        Target::Batch(self.id)
    }

    fn run(self, cx: &Context<'_, ControlBatch>) -> Result<BatchDto, AppError> {
        let stores = &cx.open.stores;
        let row = match self.action {
            Control::Pause => stores.set_batch_status(&cx.grant, BatchStatus::Paused)?,
            Control::Cancel => stores.set_batch_status(&cx.grant, BatchStatus::Cancelled)?,
            Control::Retry => stores.retry_failed(&cx.grant)?,
        };
        cx.record(DetailKey::Kind, Detail::Code(code!("batch")));
        Ok(BatchDto::new(&row))
    }
}

/// A run over a dataset: a new one, or the unfinished one with the same schema, model and purpose. Returns when it
/// has finished, was paused or was cancelled.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunBatchOver {
    dataset: DatasetId,
    schema: String,
    purpose: Sensitive<String>,
    model: Option<String>,
}

impl Command for RunBatchOver {
    const NAME: &'static str = "run_batch";
    type Needs = RunBatch;
    type Output = BatchDto;

    fn target(&self) -> Target {
        Target::Dataset(self.dataset)
    }

    fn run(self, cx: &Context<'_, RunBatch>) -> Result<BatchDto, AppError> {
        if self.purpose.expose("a purpose is required").trim().is_empty() {
            return Err(AppError::Usage("say what the run is for (--purpose)".to_owned()));
        }
        let (app, stores) = (cx.app, &cx.open.stores);
        let schema = stores.schema(&cx.grant, &self.schema)?;
        let model = manifest::choose(manifest::Task::Language, self.model.as_deref())?;
        let model_ref = ModelRef { name: model.name.clone(), sha256: model.sha256.clone() };
        let now = app.clock().now();
        let new = NewBatch {
            id: BatchId::fresh(now, app.entropy()).map_err(|_| AppError::Internal("randomness"))?,
            schema: &schema,
            model: &model_ref,
            purpose: &self.purpose,
            created: now,
        };
        let (row, goes_on) = stores.begin_batch(&cx.grant, &new)?;
        let _owned = own(cx, row.id)?;
        let total = row.counts.ok + row.counts.partial + row.counts.rejected + row.counts.failed + row.counts.pending;
        let resumed = if goes_on { total - row.counts.pending } else { 0 };
        app.begin_work();
        let mut done = resumed;
        while stores.batch_status(&cx.grant, row.id)? == BatchStatus::Running {
            let Some(document) = stores.next_pending(&cx.grant, row.id)? else { break };
            if cx.progress("extracting", done as f64, Some(total as f64), "documents").is_break() {
                return Err(AppError::Cancelled);
            }
            let document = document.0;
            let result = extract(cx, &schema, &model, &Source { text: &document.text, spoken: None })?;
            stores.keep_result(&cx.grant, row.id, document.id, &result)?;
            done += 1;
            if done % DOCUMENTS_PER_LINE == 0 {
                note_progress(cx, row.id)?;
            }
        }
        let _ = cx.progress("extracting", done as f64, Some(total as f64), "documents");
        let row = stores.finish_batch(&cx.grant, row.id)?;
        cx.record(DetailKey::ModelSha256, Detail::Hash(model_ref.sha256));
        cx.record(DetailKey::SchemaSha256, Detail::Hash(row.schema_sha256.clone()));
        for (key, value) in figures(&row.counts) {
            cx.record(key, Detail::Count(value));
        }
        Ok(BatchDto { resumed: Some(resumed), ..BatchDto::new(&row) })
    }
}

/// Results leave the vault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportBatch {
    id: BatchId,
    format: ExportFormat,
}

/// In which form.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ExportFormat {
    Jsonl,
    Csv,
}

/// What was written.
#[derive(Serialize)]
pub(crate) struct Exported {
    file: String,
    sha256: String,
    documents: u64,
}

impl Command for ExportBatch {
    const NAME: &'static str = "export_batch";
    type Needs = ExportResults;
    /// `None` when the person chose no file.
    type Output = Option<Exported>;

    fn target(&self) -> Target {
        Target::Batch(self.id)
    }

    fn run(self, cx: &Context<'_, ExportResults>) -> Result<Self::Output, AppError> {
        let row = cx.open.stores.batch(&cx.grant)?;
        let (ending, format) = match self.format {
            ExportFormat::Jsonl => ("jsonl", code!("jsonl")),
            ExportFormat::Csv => ("csv", code!("csv")),
        };
        let unfinished = if row.counts.pending > 0 { "-partial" } else { "" };
        let suggested = format!("{}-{}{unfinished}.{ending}", row.dataset, row.schema_name);
        let Some(path) = cx.ports.save_file(&suggested) else { return Ok(None) };
        let mut file = AtomicFile::create(&path)?;
        let documents = match self.format {
            ExportFormat::Jsonl => write_jsonl(cx, &mut file, &path)?,
            ExportFormat::Csv => write_csv(cx, &mut file, &path, &row)?,
        };
        let (digest, bytes) = file.finish()?;
        export::write_digest(&path, &digest)?;
        cx.record(DetailKey::Format, Detail::Code(format));
        cx.record(DetailKey::Documents, Detail::Count(documents));
        cx.record(DetailKey::Bytes, Detail::Count(bytes));
        cx.record(DetailKey::FileSha256, Detail::Hash(digest.clone()));
        Ok(Some(Exported { file: path.display().to_string(), sha256: digest.to_string(), documents }))
    }
}

fn write_jsonl(
    cx: &Context<'_, ExportResults>,
    file: &mut AtomicFile,
    path: &std::path::Path,
) -> Result<u64, AppError> {
    let mut documents = 0;
    cx.open.stores.results(&cx.grant, |row| {
        documents += 1;
        let id = row.document.external_id.expose("an export that was admitted");
        export::jsonl(file, &present::extraction(id, &row.extraction)).map_err(export::cannot_write(path))
    })?;
    Ok(documents)
}

fn write_csv(
    cx: &Context<'_, ExportResults>,
    file: &mut AtomicFile,
    path: &std::path::Path,
    batch: &BatchRow,
) -> Result<u64, AppError> {
    let columns = export::csv_columns(&batch.definition);
    let mut documents = 0;
    let failed = |e: csv::Error| export::cannot_write(path)(std::io::Error::other(e.to_string()));
    let mut table = csv::Writer::from_writer(file.by_ref());
    table.write_record(export::CSV_FIXED.into_iter().chain(columns.iter().map(String::as_str))).map_err(failed)?;
    cx.open.stores.results(&cx.grant, |row| {
        documents += 1;
        let id = row.document.external_id.expose("an export that was admitted");
        table.write_record(export::csv_row(&present::extraction(id, &row.extraction), &columns)).map_err(failed)
    })?;
    table.flush().map_err(export::cannot_write(path))?;
    Ok(documents)
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
        (DetailKey::Documents, c.ok + c.partial + c.rejected + c.failed + c.pending),
        (DetailKey::Ok, c.ok),
        (DetailKey::Partial, c.partial),
        (DetailKey::Rejected, c.rejected),
        (DetailKey::Failed, c.failed),
        (DetailKey::Pending, c.pending),
    ]
}
