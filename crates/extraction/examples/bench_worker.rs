//! What benches/extraction/compare.py asks: a loaded model that answers one JSON object a line.
//!
//!     bench_worker MODEL.gguf [THREADS [auto|cpu|cuda]]
//!
//! `{"do": "extract", "schema": PATH, "texts": [..]}` gives the answers in order and what they took; `{"do": "rates"}`
//! tokens per second as llama-bench measures them, 512 read at once and 64 written one by one; `{"do": "steps"}` how
//! long a step of m tokens takes, m = 1 to 16: it decides how long guesses and how large batches may be; `{"do": "tokens",
//! "text": ..}` the tokens of a text; `{"do": "next", "tokens": [..], "of": [[..]]}` log probabilities of the tokens that
//! `of` names for each of as many last places.
#![allow(clippy::print_stdout)]

use anyhow::{Context, Result, bail};
use cloister_extraction::decoder::{Decoder, KvCache, ModelBytes, Rows, Step, read_model};
use cloister_extraction::gguf::Header;
use cloister_extraction::schema::Schema;
use cloister_extraction::tokenizer::{TokenId, Tokenizer};
use cloister_extraction::{Device, ExtractOptions, Extractor, LoadOptions, Stats};
use cloister_kernels::CpuPath;
use serde_json::{Value, json};
use std::fs::{File, metadata, read, read_to_string};
use std::io::{BufRead, Write};
use std::ops::ControlFlow;
use std::time::Instant;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let model = args.next().context("usage: bench_worker MODEL.gguf [THREADS [DEVICE]]")?;
    let threads: usize = args.next().map_or(Ok(2), |n| n.parse())?;
    let device = args.next().map_or(Some(Device::Auto), |name| Device::named(&name)).context("no such device")?;
    let (accelerator, _) = device.choose()?;
    let file: ModelBytes = read_model(&mut File::open(&model)?, usize::try_from(metadata(&model)?.len())?)?;
    let header = Header::read((*file).as_ref())?;
    let tokenizer = Tokenizer::from_gguf(&header)?;
    let decoder = Decoder::load_on(accelerator.as_ref(), &header, &file, CpuPath::detect(), threads)?;
    drop(header);
    let mut extractor = Extractor::load(file, LoadOptions { threads: Some(threads), device })?;
    answer(&json!({"ready": true, "path": decoder.path().name(), "device": extractor.card().device}))?;
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        answer(&match asked["do"].as_str() {
            Some("extract") => extract(&mut extractor, &asked)?,
            Some("rates") => rates(&decoder)?,
            Some("steps") => steps_of_many(&decoder)?,
            Some("tokens") => json!({"tokens": tokenizer.encode(asked["text"].as_str().context("no text")?)}),
            Some("next") => next(&decoder, &asked)?,
            other => bail!("do {other:?}?"),
        })?;
    }
    Ok(())
}

fn answer(value: &Value) -> Result<()> {
    println!("{value}");
    Ok(std::io::stdout().flush()?)
}

fn extract(extractor: &mut Extractor, asked: &Value) -> Result<Value> {
    let definition = serde_json::from_slice(&read(asked["schema"].as_str().context("no schema")?)?)?;
    let schema = Schema::parse(&definition).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let texts: Vec<&str> = asked["texts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut answers = vec![Value::Null; texts.len()];
    let mut all = Stats::default();
    let start = Instant::now();
    let go_on = &mut |_| ControlFlow::Continue(());
    extractor.extract_all(&schema, &texts, &ExtractOptions::default(), go_on, &mut |number, answer| {
        let drafts: Vec<Value> = (answer.drafts.expose("the result").iter())
            .map(|(span, draft)| json!({"start": span.start, "end": span.end, "answer": draft}))
            .collect();
        answers[number] = json!({
            "pred": answer.fields.expose("the result"), "findings": answer.findings, "status": answer.status,
            "reasons": answer.reasons, "answers": drafts,
        });
        all.prompt_tokens += answer.stats.prompt_tokens;
        all.sampled_tokens += answer.stats.sampled_tokens;
        all.forced_tokens += answer.stats.forced_tokens;
        all.writing_steps += answer.stats.writing_steps;
        all.reading += answer.stats.reading;
        all.writing += answer.stats.writing;
    })?;
    Ok(json!({
        "seconds": start.elapsed().as_secs_f64(), "answers": answers, "peak_bytes": peak_bytes()?,
        "read": all.prompt_tokens, "sampled": all.sampled_tokens, "forced": all.forced_tokens,
        "steps": all.writing_steps, "reading": all.reading.as_secs_f64(), "writing": all.writing.as_secs_f64(),
    }))
}

/// The most memory this process has held.
fn peak_bytes() -> Result<u64> {
    let status = read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).context("/proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

fn rates(decoder: &Decoder) -> Result<Value> {
    let prompt = prompt();
    let mut cache = decoder.cache(1024);
    let start = Instant::now();
    prompt.chunks(256).try_for_each(|tokens| step(decoder, &mut cache, tokens, Rows::None))?;
    let read = 512.0 / start.elapsed().as_secs_f64();
    let start = Instant::now();
    (0..64).try_for_each(|i| step(decoder, &mut cache, &[2000 + i], Rows::Last(1)))?;
    Ok(json!({"read": read, "wrote": 64.0 / start.elapsed().as_secs_f64()}))
}

/// Seconds that a step of m tokens of one sequence takes, and one of m sequences with a token each.
fn steps_of_many(decoder: &Decoder) -> Result<Value> {
    const MOST: u32 = 16;
    let prompt = prompt();
    let mut caches = Vec::new();
    for _ in 0..MOST {
        let mut cache = decoder.cache(1024);
        step(decoder, &mut cache, &prompt[..256], Rows::None)?;
        caches.push(cache);
    }
    let (mut one, mut many) = (Vec::new(), Vec::new());
    for m in 1..=MOST {
        let tokens: Vec<u32> = (0..m).map(|i| 3000 + i).collect();
        one.push(fastest(|| {
            caches[0].truncate(256);
            step(decoder, &mut caches[0], &tokens, Rows::All)
        })?);
        caches[0].truncate(256);
        many.push(fastest(|| {
            let pairs = caches.iter_mut().zip(tokens.chunks(1));
            let mut steps: Vec<Step<'_>> =
                pairs.map(|(cache, tokens)| Step { cache, tokens, logits: Rows::All }).collect();
            decoder.forward(&mut steps)?;
            caches.iter_mut().for_each(|c| c.truncate(256));
            Ok(())
        })?);
    }
    Ok(json!({"one": one, "many": many}))
}

/// Natural logarithms of the probabilities of the tokens asked for, and which token is the likeliest, place by place.
fn next(decoder: &Decoder, asked: &Value) -> Result<Value> {
    let tokens: Vec<TokenId> = serde_json::from_value(asked["tokens"].clone())?;
    let of: Vec<Vec<TokenId>> = serde_json::from_value(asked["of"].clone())?;
    let mut cache = decoder.cache(tokens.len());
    let logits = decoder
        .forward(&mut [Step { cache: &mut cache, tokens: &tokens, logits: Rows::Last(of.len()) }])?
        .pop()
        .context("no logits")?;
    let mut places = Vec::new();
    for (number, of) in of.iter().enumerate() {
        let row = logits.row(number);
        let (best, most) =
            (row.iter().enumerate()).fold(
                (0, f32::NEG_INFINITY),
                |(best, most), (i, &score)| if score > most { (i, score) } else { (best, most) },
            );
        let sum: f64 = row.iter().map(|&score| f64::from(score - most).exp()).sum();
        let scores: Option<Vec<f64>> =
            of.iter().map(|&t| Some(f64::from(*row.get(t as usize)? - most) - sum.ln())).collect();
        places.push(json!({"best": best, "scores": scores.context("no such token")?}));
    }
    Ok(json!({"places": places}))
}

/// The shortest of a few runs, in seconds.
fn fastest(mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..6 {
        let start = Instant::now();
        run()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn prompt() -> Vec<u32> {
    (0..512).map(|i| 1000 + i * 37 % 20_000).collect()
}

fn step(decoder: &Decoder, cache: &mut KvCache, tokens: &[u32], logits: Rows) -> Result<()> {
    decoder.forward(&mut [Step { cache, tokens, logits }])?;
    Ok(())
}
