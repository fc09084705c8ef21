//! Lists microphones, then listens: `cargo run -p cloister-capture --example hear [SECONDS] [ID]`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use cloister_capture::{LevelMeter, Sound, SystemSound};
use std::time::{Duration, Instant};

fn main() {
    let mut args = std::env::args().skip(1);
    let seconds: u64 = args.next().and_then(|s| s.parse().ok()).unwrap_or(3);
    let id = args.next();
    for d in SystemSound.inputs().unwrap() {
        println!("{} {:?} {}", if d.default { "*" } else { " " }, d.id, d.name);
    }
    let mut mic = SystemSound.open_input(id.as_deref()).unwrap();
    println!("listening to {}", mic.device().name);
    let begun = Instant::now();
    let mut heard = 0;
    let mut meter = LevelMeter::default();
    while begun.elapsed() < Duration::from_secs(seconds) {
        let mut out = Vec::new();
        mic.read(&mut out, Duration::from_millis(250)).unwrap();
        heard += out.len();
        meter.hear(&out);
        println!(
            "{:6.2} s: {heard} samples, {:.1} dBFS, {} overruns",
            begun.elapsed().as_secs_f32(),
            meter.take().dbfs(),
            mic.overruns()
        );
    }
}
