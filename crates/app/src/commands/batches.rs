//! Runs as they are seen and steered.

use super::runs::is_worked_on;
use crate::{
    App, AppError,
    command::{Command, Context},
    research_dto::BatchDto,
};
use cloister_access::{ControlBatch, ListDatasets, ReadResults, Target};
use cloister_domain::{BatchId, Detail, DetailKey, code};
use cloister_store::BatchStatus;
use serde::Deserialize;

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
        let stores = &cx.open.stores;
        stores
            .batches(&cx.grant)?
            .iter()
            .map(|row| Ok(seen(cx.app, BatchDto::new(row, stores.pace_ms(&cx.grant, row.id)?), row.id)))
            .collect()
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
        let pace = cx.open.stores.pace_ms(&cx.grant, row.id)?;
        let resumed = Some(row.counts.done());
        Ok(seen(cx.app, BatchDto { resumed, ..BatchDto::new(&row, pace) }, row.id))
    }
}

/// With whether any process works on it, as far as can be seen.
fn seen(app: &App, batch: BatchDto, id: BatchId) -> BatchDto {
    let working = batch.working && is_worked_on(app, id);
    BatchDto { working, ..batch }
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
        Ok(BatchDto::new(&row, None))
    }
}
