//! Whether a model runs on this workstation, and how fast: over a sample of our own.

use crate::{
    AppError,
    command::Context,
    demo,
    dto::ModelTriedDto,
    extract::{note_restart, stage},
    manifest::{Model, Task},
};
use cloister_access::TryModel;
use cloister_domain::Sensitive;
use cloister_engine_client::{
    TranscribeEvent,
    protocol::{ExtractOptions, TranscribeOptions},
};
use serde_json::Value;
use std::ops::ControlFlow;

/// Speech: the bundled visit. Language: the first of the bundled reports, with its schema.
pub(crate) fn run(cx: &Context<'_, TryModel>, model: &Model) -> Result<ModelTriedDto, AppError> {
    let _ = cx.progress("loading_model", 0.0, None, "");
    let began = cx.app.clock().boottime_ms();
    let seconds = |from: u64| (cx.app.clock().boottime_ms().saturating_sub(from)) as f64 / 1000.0;
    let mut tried = ModelTriedDto {
        name: model.name.clone(),
        task: model.task.name().to_owned(),
        loading_s: 0.0,
        working_s: 0.0,
        audio_s: None,
        words: None,
        tokens: None,
        status: None,
    };
    match model.task {
        Task::Speech => {
            let mut audio = demo::VISIT_AUDIO.to_vec();
            cx.app.engines().run(model, &mut |e| note_restart(cx, e), |engine, _| {
                tried.loading_s = seconds(began);
                let from = cx.app.clock().boottime_ms();
                let options = TranscribeOptions { language: Some("en".to_owned()), ..TranscribeOptions::default() };
                let heard = engine.transcribe(&mut audio, options, &mut |event| match event {
                    TranscribeEvent::Segment(_) => ControlFlow::Continue(()),
                    TranscribeEvent::Progress(p) => stage(cx, p),
                })?;
                tried.working_s = seconds(from);
                tried.audio_s = Some(heard.duration_s);
                tried.words = Some(heard.segments.iter().map(|s| s.words.len() as u64).sum());
                Ok(())
            })?;
        }
        Task::Language => {
            let (text, schema) = sample()?;
            cx.app.engines().run(model, &mut |e| note_restart(cx, e), |engine, _| {
                tried.loading_s = seconds(began);
                let from = cx.app.clock().boottime_ms();
                let found = engine.extract(&schema, &text, ExtractOptions::default(), &mut |p| stage(cx, p))?;
                tried.working_s = seconds(from);
                tried.tokens = Some(u64::from(found.prompt_tokens) + u64::from(found.output_tokens));
                tried.status = Some(crate::present::word(found.status));
                Ok(())
            })?;
        }
    }
    Ok(tried)
}

fn sample() -> Result<(Sensitive<String>, Value), AppError> {
    let broken = || AppError::Internal("a bundled sample");
    let report: Value = demo::REPORTS.lines().next().and_then(|l| serde_json::from_str(l).ok()).ok_or_else(broken)?;
    let text = report.get("text").and_then(Value::as_str).ok_or_else(broken)?.to_owned();
    Ok((Sensitive::new(text), serde_json::from_str(demo::REPORT_SCHEMA).map_err(|_| broken())?))
}
