//! Extracts from a text or from every line of a JSONL file, and says how fast.
//!
//!     extract MODEL.gguf SCHEMA.json TEXT|JSONL [--limit N] [--threads N]
//!
//! JSONL lines hold `id` and `text`; out come lines with `id`, `pred` (the fields), `status` and `reasons`, for the
//! scorer, and the model's own `answers`, which the example `ground` takes with the text beside them. Figures go to standard error.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use anyhow::{Context, Result, bail};
use cloister_extraction::decoder::read_model;
use cloister_extraction::schema::Schema;
use cloister_extraction::{ExtractOptions, Extractor, LoadOptions, Stats};
use serde_json::{Value, json};
use std::io::Write;
use std::ops::ControlFlow;
use std::time::Instant;

fn main() -> Result<()> {
    let mut paths = Vec::new();
    let (mut limit, mut threads) = (usize::MAX, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || args.next().context("a number is missing")?.parse().context("not a number");
        match arg.as_str() {
            "--limit" => limit = number()?,
            "--threads" => threads = Some(number()?),
            _ => paths.push(arg),
        }
    }
    let [model, schema, input] = paths.as_slice() else {
        bail!("usage: extract MODEL.gguf SCHEMA.json TEXT|JSONL [--limit N] [--threads N]");
    };

    let start = Instant::now();
    let options = LoadOptions { threads, ..LoadOptions::default() };
    let mut extractor = Extractor::load(
        read_model(&mut std::fs::File::open(model)?, usize::try_from(std::fs::metadata(model)?.len())?)?,
        options,
    )?;
    eprintln!("{:?}, loaded in {:.1} s", extractor.card(), start.elapsed().as_secs_f64());
    let definition = serde_json::from_slice(&std::fs::read(schema)?)?;
    let schema = Schema::parse(&definition).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;

    let text = std::fs::read_to_string(input)?;
    let documents: Vec<Value> = if input.ends_with(".jsonl") {
        text.lines().take(limit).map(serde_json::from_str).collect::<Result<_, _>>()?
    } else {
        vec![json!({"id": input, "text": text})]
    };
    let start = Instant::now();
    let mut all = Stats::default();
    let texts =
        documents.iter().map(|d| d["text"].as_str().context("a line without text")).collect::<Result<Vec<_>>>()?;
    let mut lines: Vec<Value> = vec![Value::Null; texts.len()];
    let go_on = &mut |_| ControlFlow::Continue(());
    extractor.extract_all(&schema, &texts, &ExtractOptions::default(), go_on, &mut |number, answer| {
        let drafts: Vec<Value> = (answer.drafts.expose("the result").iter())
            .map(|(span, draft)| json!({"start": span.start, "end": span.end, "answer": draft}))
            .collect();
        let sure: Vec<Value> = answer.findings.iter().map(|f| json!([f.path, f.confidence])).collect();
        lines[number] = json!({
            "confidences": sure,
            "id": documents[number]["id"], "pred": answer.fields.expose("the result"),
            "status": answer.status, "reasons": answer.reasons, "answers": drafts,
        });
        all.prompt_tokens += answer.stats.prompt_tokens;
        all.sampled_tokens += answer.stats.sampled_tokens;
        all.forced_tokens += answer.stats.forced_tokens;
        all.writing_steps += answer.stats.writing_steps;
        all.reading += answer.stats.reading;
        all.writing += answer.stats.writing;
    })?;
    for line in lines {
        writeln!(std::io::stdout(), "{line}")?;
    }
    let seconds = start.elapsed().as_secs_f64();
    eprintln!(
        "{} documents in {seconds:.1} s, {:.0} an hour; read {} tokens at {:.1}/s, wrote {} at {:.1}/s ({} of them forced, in {} steps); peak {} MB",
        documents.len(),
        documents.len() as f64 / seconds * 3600.0,
        all.prompt_tokens,
        all.prompt_tokens as f64 / all.reading.as_secs_f64(),
        all.sampled_tokens + all.forced_tokens,
        (all.sampled_tokens + all.forced_tokens) as f64 / all.writing.as_secs_f64(),
        all.forced_tokens,
        all.writing_steps,
        peak_megabytes().unwrap_or(0),
    );
    Ok(())
}

/// The most memory this process has held.
fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? / 1024)
}
