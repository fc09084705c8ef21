//! How fast a model reads and writes, as llama-bench measures it: 512 tokens read at once, 64 written one by one.
//!
//!     speed MODEL.gguf [THREADS] [ROUNDS]
//!
//! Beside the rate on the clock stands the rate that the processor time would give if the threads ran undisturbed.
#![allow(clippy::print_stdout)]

use anyhow::{Context, Result};
use cloister_extraction::decoder::{Decoder, KvCache, ModelBytes, Rows, Step};
use cloister_extraction::gguf::Header;
use cloister_kernels::CpuPath;
use std::sync::Arc;
use std::time::Instant;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let model = args.next().context("usage: speed MODEL.gguf [THREADS] [ROUNDS]")?;
    let threads: usize = args.next().map_or(Ok(2), |n| n.parse())?;
    let rounds: usize = args.next().map_or(Ok(3), |n| n.parse())?;
    let file: ModelBytes = Arc::new(std::fs::read(model)?);
    let path = CpuPath::detect();
    let decoder = Decoder::load(&Header::read((*file).as_ref())?, &file, path, threads)?;
    println!("{} on {threads} threads", path.name());

    let prompt: Vec<u32> = (0..512).map(|i| 1000 + i * 37 % 20_000).collect();
    for _ in 0..rounds {
        let mut cache = decoder.cache(1024);
        rate("read", threads, 512, || {
            prompt.chunks(256).try_for_each(|tokens| step(&decoder, &mut cache, tokens, Rows::None))
        })?;
        rate("wrote", threads, 64, || {
            (0..64).try_for_each(|i| step(&decoder, &mut cache, &[2000 + i], Rows::Last(1)))
        })?;
    }
    steps_of_many(&decoder, &prompt)
}

/// t(m) / t(1): what a step of m tokens of one sequence takes, and one of m sequences with a token each. It decides
/// how long guesses and how large batches may be.
fn steps_of_many(decoder: &Decoder, prompt: &[u32]) -> Result<()> {
    let mut caches = Vec::new();
    for _ in 0..MOST {
        let mut cache = decoder.cache(1024);
        step(decoder, &mut cache, &prompt[..256], Rows::None)?;
        caches.push(cache);
    }
    let mut first = 0.0;
    for m in 1..=MOST {
        let tokens: Vec<u32> = (0..m as u32).map(|i| 3000 + i).collect();
        let guessed = fastest(|| {
            caches[0].truncate(256);
            step(decoder, &mut caches[0], &tokens, Rows::All)
        })?;
        let batch = fastest(|| {
            let pairs = caches.iter_mut().zip(tokens.chunks(1));
            let mut steps: Vec<Step<'_>> =
                pairs.map(|(cache, tokens)| Step { cache, tokens, logits: Rows::All }).collect();
            decoder.forward(&mut steps)?;
            caches.iter_mut().for_each(|c| c.truncate(256));
            Ok(())
        })?;
        first = if m == 1 { guessed } else { first };
        println!(
            "m {m:2}: one sequence {:6.1} ms, {:4.2} x t(1); as many sequences {:6.1} ms, {:4.2} x t(1)",
            guessed * 1e3,
            guessed / first,
            batch * 1e3,
            batch / first
        );
    }
    Ok(())
}

const MOST: usize = 16;

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

fn step(decoder: &Decoder, cache: &mut KvCache, tokens: &[u32], logits: Rows) -> Result<()> {
    decoder.forward(&mut [Step { cache, tokens, logits }])?;
    Ok(())
}

fn rate(what: &str, threads: usize, tokens: u32, run: impl FnOnce() -> Result<()>) -> Result<()> {
    let (start, before) = (Instant::now(), processor_seconds()?);
    run()?;
    let (clock, processor) = (start.elapsed().as_secs_f64(), processor_seconds()? - before);
    let tokens = f64::from(tokens);
    println!("{what:12} {:7.1} tokens/s ({:7.1} undisturbed)", tokens / clock, tokens * threads as f64 / processor);
    Ok(())
}

/// Time this process has had on processors, in steps of 10 ms.
fn processor_seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).context("/proc/self/stat");
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}
