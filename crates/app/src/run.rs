//! A run at work: some documents side by side, each result in a transaction of its own.

use crate::{
    AppError,
    command::Context,
    extract::{Ended, Source, extract_side_by_side, timed_extract},
    manifest::{self, Model},
    research_dto::BatchDto,
};
use cloister_access::{Policy, RunBatch, RunsAfterLogoff};
use cloister_domain::{
    AuditEvent, BatchId, Code, Detail, DetailKey, DocumentId, EventType, ExtractionSchema, ExtractionStatus, Outcome,
    SchemaId, Support, code,
};
use cloister_store::{BatchCounts, BatchRow, BatchStatus, PendingDocument, ResultFigures, StoredExtraction};
use std::{ops::ControlFlow, time::Duration};

/// One line of the log per so many documents.
const DOCUMENTS_PER_LINE: u64 = 100;
/// A document that takes longer fails alone.
const LONGEST_DOCUMENT: Duration = Duration::from_secs(20 * 60);
/// When the engine dies on so many documents in a row, it is at fault and not they.
const DEATHS_IN_A_ROW: usize = 3;
/// Documents that the engine is handed at a time. It writes eight side by side; the rest stand ready for when one ends.
const MOST_AT_A_TIME: usize = 32;
/// And bytes of theirs.
const BYTES_AT_A_TIME: usize = 1 << 20;

/// Works on a run that this process owns until it ends or somebody stops it.
pub(crate) fn work(cx: &Context<'_, RunBatch>, row: &BatchRow, resumed: u64) -> Result<BatchDto, AppError> {
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
    let mut run = Run { cx, id: row.id, schema, model, stay, done: resumed, total, deaths: Vec::new() };
    let mut after = 0;
    while run.goes_on()? {
        let group = run.next(after)?;
        let Some(last) = group.last().map(|p| p.ordinal) else { break };
        run.tell()?;
        // What is stopped half way is asked for again, without those that are answered.
        if run.extract(&group)?.is_continue() {
            after = last;
        }
    }
    let _ = run.tell();
    let row = stores.finish_batch(&cx.grant, row.id)?;
    cx.record(DetailKey::ModelSha256, Detail::Hash(row.model.sha256.clone()));
    cx.record(DetailKey::SchemaSha256, Detail::Hash(row.schema_sha256.clone()));
    for (key, value) in figures(&row.counts) {
        cx.record(key, Detail::Count(value));
    }
    let pace = stores.pace_ms(&cx.grant, row.id)?;
    Ok(BatchDto { resumed: Some(resumed), ..BatchDto::new(&row, pace) })
}

struct Run<'a> {
    cx: &'a Context<'a, RunBatch>,
    id: BatchId,
    schema: ExtractionSchema,
    model: Model,
    /// Whether it goes on when its person has left.
    stay: bool,
    done: u64,
    total: u64,
    /// Documents in a row on which the engine died.
    deaths: Vec<DocumentId>,
}

impl Run<'_> {
    /// Whether nobody paused or cancelled it, and its person is there or need not be.
    fn goes_on(&self) -> Result<bool, AppError> {
        let (cx, stores) = (self.cx, &self.cx.open.stores);
        if stores.batch_status(&cx.grant, self.id)? != BatchStatus::Running {
            return Ok(false);
        }
        if !self.stay && !cx.app.is_present(cx.open) {
            stores.stop_run(&cx.grant, self.id, &[])?;
            return Ok(false);
        }
        Ok(true)
    }

    fn tell(&self) -> Result<(), AppError> {
        match self.cx.progress("extracting", self.done as f64, Some(self.total as f64), "documents") {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(AppError::Cancelled),
        }
    }

    /// The next documents: a few megabytes at most, and a single one when somebody waits for the processor.
    fn next(&self, after: u64) -> Result<Vec<PendingDocument>, AppError> {
        let most = if self.cx.app.engines().awaited() { 1 } else { MOST_AT_A_TIME };
        let mut group = self.cx.open.stores.next_pending(&self.cx.grant, self.id, after, most)?;
        let mut bytes = 0;
        let fits = |p: &PendingDocument| {
            bytes += p.document.text.expose("its length").len();
            bytes <= BYTES_AT_A_TIME
        };
        let fitting = group.iter().map(fits).take_while(|fits| *fits).count();
        group.truncate(fitting.max(1));
        Ok(group)
    }

    /// `Break` when somebody stopped the run, or waits for the processor, before each was answered.
    fn extract(&mut self, group: &[PendingDocument]) -> Result<ControlFlow<()>, AppError> {
        let mut answered = vec![false; group.len()];
        if group.len() > 1 {
            match self.side_by_side(group, &mut answered)? {
                Ended::All => return Ok(ControlFlow::Continue(())),
                Ended::Stopped => return Ok(ControlFlow::Break(())),
                // One by one: the one at fault fails alone.
                Ended::Faulted => {}
            }
        }
        for (pending, _) in group.iter().zip(answered).filter(|(_, answered)| !answered) {
            if !self.goes_on()? {
                return Ok(ControlFlow::Break(()));
            }
            self.tell()?;
            let (result, seconds) = timed_extract(self.cx, &self.schema, &self.model, &source(pending))?;
            self.keep(pending.document.id, &result, seconds)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn side_by_side(&mut self, group: &[PendingDocument], answered: &mut [bool]) -> Result<Ended, AppError> {
        let (cx, total) = (self.cx, self.total);
        let sources: Vec<Source<'_>> = group.iter().map(source).collect();
        let (schema, model) = (self.schema.clone(), self.model.clone());
        let so_far = std::cell::Cell::new(self.done);
        let mut go_on = || cx.progress("extracting", so_far.get() as f64, Some(total as f64), "documents");
        let mut each = |number: usize, result: StoredExtraction, seconds: f64| {
            self.keep(group[number].document.id, &result, seconds)?;
            answered[number] = true;
            so_far.set(self.done);
            // Whoever waits gets the processor after one answer, so that the run moves on however often they come.
            let stop = cx.app.engines().awaited() || !self.goes_on()?;
            Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        extract_side_by_side(cx, &schema, &model, &sources, &mut go_on, &mut each)
    }

    fn keep(&mut self, document: DocumentId, result: &StoredExtraction, seconds: f64) -> Result<(), AppError> {
        let cx = self.cx;
        let figures = ResultFigures { took_ms: (seconds * 1000.0) as u64, doubt: doubt(result) };
        cx.open.stores.keep_result(&cx.grant, self.id, document, result, figures)?;
        note_death(cx, self.id, result, document, &mut self.deaths)?;
        self.done += 1;
        if self.done.is_multiple_of(DOCUMENTS_PER_LINE) {
            note_progress(cx, self.id)?;
        }
        Ok(())
    }
}

fn source(pending: &PendingDocument) -> Source<'_> {
    Source { text: &pending.document.text, spoken: None, limit: Some(LONGEST_DOCUMENT) }
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
