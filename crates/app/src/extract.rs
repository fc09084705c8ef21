//! One extraction: the engine's answer, checked against the source before it is believed.

use crate::{AppError, command::Context, manifest};
use cloister_access::Permission;
use cloister_domain::{
    Detail, DetailKey, Extraction, ExtractionId, ExtractionSchema, ExtractionStatus, Finding, ModelRef, Provenance,
    Sensitive, Sha256Hex, SpokenText,
};
use cloister_engine_client::{
    EngineError,
    protocol::{ExtractOptions, Extracted, Fault, Progress, Ready, Stage},
};
use cloister_store::StoredExtraction;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{cell::Cell, ops::ControlFlow, time::Duration};

/// What to extract from.
pub(crate) struct Source<'a> {
    /// The text.
    pub(crate) text: &'a Sensitive<String>,
    /// The way from characters to moments, when the text was spoken.
    pub(crate) spoken: Option<&'a SpokenText>,
    /// Longer than this it may not take.
    pub(crate) limit: Option<Duration>,
}

/// Extracts with the language model `model`. An engine fault about this document is a result with status `failed`;
/// a missing model, a cancel or an unusable schema is an error, because no document would fare better.
pub(crate) fn extract<P: Permission>(
    cx: &Context<'_, P>,
    schema: &ExtractionSchema,
    model: &manifest::Model,
    source: &Source<'_>,
) -> Result<StoredExtraction, AppError> {
    extract_noting(cx, schema, model, source, &Cell::new(0))
}

fn extract_noting<P: Permission>(
    cx: &Context<'_, P>,
    schema: &ExtractionSchema,
    model: &manifest::Model,
    source: &Source<'_>,
    worked_ms: &Cell<u64>,
) -> Result<StoredExtraction, AppError> {
    let app = cx.app;
    let too_long = Cell::new(false);
    let answer = app.engines().run(model, &mut |e| note_restart(cx, e), |engine, loaded| {
        let ready = engine.ready().clone();
        let began = app.clock().boottime_ms();
        let mut observe = |p: Progress| {
            let gone = Duration::from_millis(app.clock().boottime_ms().saturating_sub(began));
            if source.limit.is_some_and(|limit| gone > limit) {
                too_long.set(true);
                return ControlFlow::Break(());
            }
            stage(cx, p)
        };
        engine.extract(&schema.definition, source.text, ExtractOptions::default(), &mut observe).map(|answer| {
            worked_ms.set(app.clock().boottime_ms().saturating_sub(began).max(1));
            (answer, ready, loaded.clone())
        })
    });
    let mut kept = unanswered(cx, schema, model, source)?;
    match answer {
        Ok((answer, ready, loaded)) => fill(&mut kept, answer, &ready, loaded, source)?,
        Err(e) if e.is_cancelled() && too_long.get() => {
            kept.error = Some("it took longer than a document may".to_owned());
        }
        Err(AppError::Engine(e)) if about_the_document(&e) => kept.error = Some(e.to_string()),
        Err(e) => return Err(e),
    }
    Ok(kept)
}

/// How an extraction of several texts ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Each was answered.
    All,
    /// Whoever took the answers wanted no more.
    Stopped,
    /// The engine failed over one of them, or one took too long: which one, only those alone can tell.
    Faulted,
}

/// Extracts from several texts side by side, which takes a fraction of the time that one after the other takes, and
/// gives the same. `each` is given the number, the result and the seconds since the one before, as they come.
/// `go_on` is asked in between.
pub(crate) fn extract_side_by_side<P: Permission>(
    cx: &Context<'_, P>,
    schema: &ExtractionSchema,
    model: &manifest::Model,
    sources: &[Source<'_>],
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
    each: &mut dyn FnMut(usize, StoredExtraction, f64) -> Result<ControlFlow<()>, AppError>,
) -> Result<Ended, AppError> {
    let app = cx.app;
    let limit = sources.iter().filter_map(|s| s.limit).min();
    let (mut failed, mut stopped, mut attempts) = (None, false, 0);
    let too_long = Cell::new(false);
    let outcome = app.engines().run(model, &mut |e| note_restart(cx, e), |engine, loaded| {
        attempts += 1;
        if attempts > 1 {
            return Ok(Ended::Faulted);
        }
        let ready = engine.ready().clone();
        let last = Cell::new(app.clock().boottime_ms());
        let texts = sources.iter().map(|s| s.text.clone()).collect();
        let mut observe = |_: Progress| {
            let gone = Duration::from_millis(app.clock().boottime_ms().saturating_sub(last.get()));
            too_long.set(limit.is_some_and(|limit| gone > limit));
            if too_long.get() { ControlFlow::Break(()) } else { go_on() }
        };
        let mut keep = |number: usize, answer: Extracted| {
            let now = app.clock().boottime_ms();
            let seconds = now.saturating_sub(last.replace(now)).max(1) as f64 / 1000.0;
            let source = &sources[number];
            let kept = unanswered(cx, schema, model, source).and_then(|mut kept| {
                fill(&mut kept, answer, &ready, loaded.clone(), source)?;
                each(number, kept, seconds)
            });
            match kept {
                Ok(ControlFlow::Continue(())) => return ControlFlow::Continue(()),
                Ok(ControlFlow::Break(())) => stopped = true,
                Err(e) => failed = Some(e),
            }
            ControlFlow::Break(())
        };
        let options = ExtractOptions::default();
        engine.extract_all(&schema.definition, texts, options, &mut observe, &mut keep).map(|()| Ended::All)
    });
    if let Some(e) = failed {
        return Err(e);
    }
    match outcome {
        Err(e) if e.is_cancelled() && too_long.get() => Ok(Ended::Faulted),
        Err(e) if e.is_cancelled() && stopped => Ok(Ended::Stopped),
        Err(AppError::Engine(e)) if about_the_document(&e) => Ok(Ended::Faulted),
        other => other,
    }
}

/// The same as [`extract`], and how many seconds the engine worked on it: loading the model and waiting for it are left out.
pub(crate) fn timed_extract<P: Permission>(
    cx: &Context<'_, P>,
    schema: &ExtractionSchema,
    model: &manifest::Model,
    source: &Source<'_>,
) -> Result<(StoredExtraction, f64), AppError> {
    let worked = Cell::new(0);
    let done = extract_noting(cx, schema, model, source, &worked)?;
    Ok((done, worked.get() as f64 / 1000.0))
}

/// A result before there is an answer.
fn unanswered<P: Permission>(
    cx: &Context<'_, P>,
    schema: &ExtractionSchema,
    model: &manifest::Model,
    source: &Source<'_>,
) -> Result<StoredExtraction, AppError> {
    let app = cx.app;
    Ok(StoredExtraction {
        id: ExtractionId::fresh(app.clock().now(), app.entropy()).map_err(|_| AppError::Internal("randomness"))?,
        created: app.clock().now(),
        status: ExtractionStatus::Failed,
        provenance: provenance(schema, &ModelRef { name: model.name.clone(), sha256: model.sha256.clone() }, source),
        fields: Sensitive::new(Value::Null),
        findings: Vec::new(),
        error: None,
    })
}

/// Details of the outcome line for one extraction.
pub(crate) fn record<P: Permission>(cx: &Context<'_, P>, x: &StoredExtraction) {
    let unsupported = x.findings.iter().filter(|f| f.evidence.is_empty()).count();
    cx.record(DetailKey::ModelSha256, Detail::Hash(x.provenance.model.sha256.clone()));
    cx.record(DetailKey::SchemaSha256, Detail::Hash(x.provenance.schema_sha256.clone()));
    cx.record(DetailKey::Findings, Detail::Count(x.findings.len() as u64));
    cx.record(DetailKey::Unsupported, Detail::Count(unsupported as u64));
    cx.record(DetailKey::Documents, Detail::Count(1));
}

/// The engine died and is started again: both logs say so.
pub(crate) fn note_restart<P: Permission>(cx: &Context<'_, P>, why: &EngineError) {
    cx.app.engine_died(why);
    let _ = cx.progress("restarting_engine", 0.0, None, "");
}

/// Engine progress as a face sees it.
pub(crate) fn stage<P: Permission>(cx: &Context<'_, P>, p: Progress) -> ControlFlow<()> {
    let (name, unit) = match p.stage {
        Stage::Transcribing => ("transcribing", "seconds"),
        Stage::Reading => ("reading", "tokens"),
        Stage::Writing => ("writing", "tokens"),
    };
    cx.progress(name, p.done, p.total, unit)
}

/// SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> Sha256Hex {
    Sha256Hex::from_bytes(&Sha256::digest(bytes).into())
}

fn provenance(schema: &ExtractionSchema, model: &ModelRef, source: &Source<'_>) -> Provenance {
    Provenance {
        model: model.clone(),
        schema: format!("{}@{}", schema.name, schema.version),
        schema_sha256: schema.sha256.clone(),
        // Replaced by the engine's figures when it answers; a failed document has no prompt.
        prompt_sha256: sha256(b""),
        source_sha256: sha256(source.text.expose("its digest").as_bytes()),
        build: env!("CARGO_PKG_VERSION").to_owned(),
        cpu_path: String::new(),
        threads: 0,
        device: String::new(),
    }
}

fn fill(
    kept: &mut StoredExtraction,
    answer: Extracted,
    ready: &Ready,
    loaded: ModelRef,
    source: &Source<'_>,
) -> Result<(), AppError> {
    kept.provenance.model = loaded;
    kept.provenance.prompt_sha256 = answer.prompt_sha256;
    kept.provenance.build.clone_from(&ready.build);
    kept.provenance.cpu_path.clone_from(&ready.cpu_path);
    kept.provenance.threads = ready.threads;
    kept.provenance.device.clone_from(&ready.device);
    kept.status = answer.status;
    if !answer.reasons.is_empty() {
        kept.error = Some(answer.reasons.join("; "));
    }
    // The engine reads hostile bytes, so its claims are checked here, character for character.
    let fields = answer.fields.into_exposed("kept after the check");
    let grounded = Extraction::draft(kept.provenance.clone(), fields.clone()).ground(
        source.text.expose("checking the engine's quotes"),
        fields,
        answer.findings,
    )?;
    kept.fields = grounded.fields().clone();
    kept.findings = grounded.findings().to_vec();
    if let Some(spoken) = source.spoken {
        kept.findings.iter_mut().for_each(|f| set_moments(f, spoken));
    }
    Ok(())
}

fn set_moments(finding: &mut Finding, spoken: &SpokenText) {
    for e in &mut finding.evidence {
        if let Some((start, end)) = spoken.moment(e.start, e.end) {
            e.start_s = Some(start);
            e.end_s = Some(end);
        }
    }
}

/// Whether another document may fare better on a fresh engine.
const fn about_the_document(e: &EngineError) -> bool {
    matches!(e, EngineError::Died | EngineError::Hung | EngineError::Fault(Fault::Text { .. } | Fault::Internal { .. }))
}
