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
        for m in [2u32, 4, 8] {
            let tokens: Vec<u32> = (0..m).map(|i| 3000 + i).collect();
            rate(&format!("{m} at a time"), threads, 8 * m, || {
                (0..8).try_for_each(|_| step(&decoder, &mut cache, &tokens, Rows::All))
            })?;
        }
    }
    Ok(())
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
