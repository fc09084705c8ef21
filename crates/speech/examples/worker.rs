//! Transcribes file after file for measurements: a file's name a line on stdin, one JSON line back (text, seconds, peak
//! resident bytes). usage: `worker MODEL THREADS`
#![allow(clippy::print_stdout)]

use cloister_speech::{AudioDecoder, Options, Recogniser};
use std::io::{BufRead, Write, stdin, stdout};
use std::ops::ControlFlow;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [model, threads] = &args[..] else { return Err("usage: worker MODEL THREADS".into()) };
    let mut recogniser = Recogniser::load(&std::fs::read(model)?, threads.parse()?)?;
    println!("{}", serde_json::json!({"ready": true}));
    for file in stdin().lock().lines() {
        let started = Instant::now();
        let mut audio = AudioDecoder::open(std::fs::File::open(file?)?, None)?;
        let heard = recogniser.transcribe(&mut audio, &Options::default(), &mut |_| ControlFlow::Continue(()))?;
        let seconds = started.elapsed().as_secs_f64();
        let text: Vec<&str> =
            heard.segments.iter().map(|s| s.text.expose("for the word error rate").as_str()).collect();
        println!(
            "{}",
            serde_json::json!({"text": text.join(" "), "seconds": seconds, "peak_bytes": peak_resident_bytes()?})
        );
        stdout().flush()?;
    }
    Ok(())
}

/// `VmHWM` of this process.
fn peak_resident_bytes() -> std::io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0) * 1024)
}
