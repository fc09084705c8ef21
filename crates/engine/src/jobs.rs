//! One job at a time.

use crate::{
    link::Link,
    live,
    models::Models,
    office::{Part, read_docx, read_workbook},
    source::SourceStream,
};
use cloister_domain::Sensitive;
use cloister_engine_client::protocol::{
    ExtractOptions, Extracted, Fault, Progress, Reply, Request, SchemaFault, Stage, TranscribeOptions, Transcribed,
};
use cloister_extraction::{Answer, ExtractError, schema::Schema};
use cloister_seal::{
    Role,
    probe::{self, Outcome},
};
use cloister_speech::{AudioDecoder, Event, Heard, Language, SpeechError};
use serde_json::Value;
use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Does what was asked. A panic in a decoder or a model is this job's fault, not the end of the engine: nothing of
/// the job survives it but the models, which are read-only.
pub(crate) fn run(link: &Link, models: &mut Models, request: Request) -> Reply {
    let outcome = catch_unwind(AssertUnwindSafe(|| match request {
        Request::CheckSchema { schema } => Ok(Reply::SchemaChecked { faults: faults_of(&schema) }),
        Request::Probe => Ok(Reply::Probed { outcomes: try_to_get_out() }),
        Request::Transcribe { bytes, options } => transcribe(link, models, bytes, &options),
        Request::Listen { from, options } => live::listen(link, models, from, &options),
        Request::Extract { schema, text, options } => {
            extract(link, models, &schema, text.expose("the engine's work"), &options)
        }
        Request::ExtractAll { schema, texts, options } => extract_all(link, models, &schema, &texts, &options),
        Request::ReadWorkbook { bytes, sheet } => workbook(link, bytes, sheet.as_deref()),
        Request::ReadDocx { bytes } => read_docx(SourceStream::new(link.ranges(), bytes))
            .map(|text| Reply::DocxRead { text: Sensitive::new(text) }),
        Request::Hello { .. } | Request::Cancel => Err(Fault::Internal { words: "out of turn".to_owned() }),
    }));
    match outcome {
        Ok(Ok(reply)) => reply,
        Ok(Err(fault)) => Reply::Failed(fault),
        Err(_) => Reply::Failed(Fault::Internal { words: "a reader of the source broke".to_owned() }),
    }
}

fn try_to_get_out() -> Vec<(String, Outcome)> {
    probe::of(Role::Engine).map(|way| (way.name.to_owned(), way.run())).collect()
}

fn faults_of(schema: &Value) -> Vec<SchemaFault> {
    match Schema::parse(schema) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.into_iter().map(|f| SchemaFault { pointer: f.pointer, message: f.message }).collect(),
    }
}

fn transcribe(link: &Link, models: &mut Models, bytes: u64, options: &TranscribeOptions) -> Result<Reply, Fault> {
    let recogniser = models.speech.as_mut().ok_or(Fault::NoModel)?;
    let source = SourceStream::new(link.ranges(), bytes);
    let mut audio = AudioDecoder::open(source, None).map_err(|e| audio_fault(link, &e))?;
    let options = speech_options(options);
    let mut at = Progress { stage: Stage::Transcribing, done: 0.0, total: None };
    let heard = recogniser.transcribe(&mut audio, &options, &mut |event| {
        match event {
            Event::Progress { done_s, total_s } => (at.done, at.total) = (done_s, total_s),
            Event::Segment(segment) => {
                if link.reply(&Reply::Segment(segment.clone())).is_err() {
                    return ControlFlow::Break(());
                }
            }
            Event::Working | Event::Draft(_) => {}
        }
        link.progress(at)
    });
    let heard = heard.map_err(|e| audio_fault(link, &e))?;
    Ok(Reply::Transcribed(transcribed(heard)))
}

pub(crate) fn speech_options(options: &TranscribeOptions) -> cloister_speech::Options {
    cloister_speech::Options {
        language: options.language.clone().map_or(Language::Detect, Language::Fixed),
        vocabulary: options.vocabulary.clone(),
        from_s: options.from_s,
    }
}

pub(crate) fn transcribed(heard: Heard) -> Transcribed {
    Transcribed {
        language: heard.language,
        duration_s: heard.duration_s,
        segments: heard.segments,
        warnings: heard.warnings.iter().map(ToString::to_string).collect(),
    }
}

pub(crate) fn audio_fault(link: &Link, e: &SpeechError) -> Fault {
    match e {
        SpeechError::Cancelled => Fault::Cancelled,
        // A range that could not be had because of a cancel looks like a reading fault from below.
        _ if link.is_cancelled() => Fault::Cancelled,
        other => Fault::Audio { words: other.to_string() },
    }
}

fn extract(
    link: &Link,
    models: &mut Models,
    schema: &Value,
    text: &str,
    options: &ExtractOptions,
) -> Result<Reply, Fault> {
    let extractor = models.language.as_mut().ok_or(Fault::NoModel)?;
    let schema = Schema::parse(schema).map_err(|_| Fault::Schema { faults: faults_of(schema) })?;
    let answer = extractor
        .extract(&schema, text, &limits(options), &mut |p| link.progress(progress(p)))
        .map_err(|e| extraction_fault(&e))?;
    Ok(Reply::Extracted(extracted(answer)))
}

fn extract_all(
    link: &Link,
    models: &mut Models,
    schema: &Value,
    texts: &[Sensitive<String>],
    options: &ExtractOptions,
) -> Result<Reply, Fault> {
    let extractor = models.language.as_mut().ok_or(Fault::NoModel)?;
    let schema = Schema::parse(schema).map_err(|_| Fault::Schema { faults: faults_of(schema) })?;
    let texts: Vec<&str> = texts.iter().map(|t| t.expose("the engine's work").as_str()).collect();
    // A parent that is gone is noticed by the thread that reads from it.
    let mut answered = |number: usize, answer: Answer| {
        let _ = link.reply(&Reply::Answered { number: tokens(number), answer: extracted(answer) });
    };
    extractor
        .extract_all(&schema, &texts, &limits(options), &mut |p| link.progress(progress(p)), &mut answered)
        .map_err(|e| extraction_fault(&e))?;
    Ok(Reply::AllExtracted)
}

fn limits(options: &ExtractOptions) -> cloister_extraction::ExtractOptions {
    let mut limits = cloister_extraction::ExtractOptions::default();
    if let Some(tokens) = options.max_output_tokens {
        limits.max_output_tokens = tokens as usize;
    }
    limits
}

fn extraction_fault(e: &ExtractError) -> Fault {
    match e {
        ExtractError::Cancelled => Fault::Cancelled,
        ExtractError::Grammar { .. } | ExtractError::SchemaTooLong { .. } => {
            Fault::Schema { faults: vec![SchemaFault { pointer: String::new(), message: e.to_string() }] }
        }
        ExtractError::Chat(_) => Fault::Model { words: e.to_string() },
        ExtractError::Compute(_) => Fault::Internal { words: "the model's arithmetic failed".to_owned() },
    }
}

fn extracted(answer: Answer) -> Extracted {
    Extracted {
        status: answer.status,
        fields: answer.fields,
        findings: answer.findings,
        prompt_sha256: answer.prompt_sha256,
        reasons: answer.reasons,
        prompt_tokens: tokens(answer.stats.prompt_tokens),
        output_tokens: tokens(answer.stats.sampled_tokens + answer.stats.forced_tokens),
    }
}

fn workbook(link: &Link, bytes: u64, sheet: Option<&str>) -> Result<Reply, Fault> {
    let rows = read_workbook(SourceStream::new(link.ranges(), bytes), sheet, &mut |part| {
        let part = match part {
            Part::Sheets { names, chosen } => Reply::Sheets { names, chosen },
            Part::Rows(rows) => Reply::Rows { rows: Sensitive::new(rows) },
        };
        if link.reply(&part).is_err() || link.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    Ok(Reply::WorkbookRead { rows })
}

fn tokens(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn progress(p: cloister_extraction::Progress) -> Progress {
    if p.written > 0 {
        Progress { stage: Stage::Writing, done: p.written as f64, total: None }
    } else {
        Progress { stage: Stage::Reading, done: p.read as f64, total: Some(p.to_read as f64) }
    }
}
