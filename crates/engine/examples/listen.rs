//! Plays a sound file to an engine as fast as it would be spoken, and says how late text comes:
//! `listen ENGINE MODEL FILE [THREADS]`. Drafts and segments go to stdout; the delays, in seconds, come last.
#![allow(clippy::print_stdout)]

use cloister_engine_client::{
    Connection, EngineSpec, LIVE_RATE, LiveEvent, LiveRead, LiveSource, LiveStart, ModelFile,
    protocol::TranscribeOptions,
};
use cloister_speech::AudioDecoder;
use std::{
    io,
    ops::ControlFlow,
    path::Path,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

/// A recording as it would be made: a sample is there once its moment has come.
struct Played {
    samples: Vec<i16>,
    started: Instant,
}

impl LiveSource for Played {
    fn read(&mut self, from: u64, least: usize, out: &mut [i16]) -> io::Result<LiveRead> {
        let deadline = Instant::now() + Duration::from_millis(500);
        loop {
            let come = (self.started.elapsed().as_secs_f64() * f64::from(LIVE_RATE)) as usize;
            let ended = come >= self.samples.len();
            let there = &self.samples[(from as usize).min(self.samples.len())..come.min(self.samples.len())];
            if there.len() >= least.min(out.len()) || ended || Instant::now() > deadline {
                let samples = there.len().min(out.len());
                out[..samples].copy_from_slice(&there[..samples]);
                return Ok(LiveRead { samples, ended: ended && samples == there.len() });
            }
            sleep(Duration::from_millis(10));
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [engine, model, file, rest @ ..] = &args[..] else { return Err("usage: listen ENGINE MODEL FILE".into()) };
    let spec = EngineSpec {
        unsealed: false,
        bounds: None,
        binary: engine.into(),
        threads: rest.first().map_or(Ok(2), |n| n.parse())?,
        device: "cpu".to_owned(),
        speech: Some(Arc::new(ModelFile::open_any(Path::new(model), "model")?)),
        language: None,
        patience: Duration::from_secs(60),
    };
    let mut engine = Connection::spawn(&spec)?;
    let mut audio = AudioDecoder::open(std::fs::File::open(file)?, None)?;
    let mut samples = Vec::new();
    while let Some(block) = audio.next_block()? {
        samples.extend(block.iter().map(|s| (s * 32767.0) as i16));
    }
    let started = Instant::now();
    let options = TranscribeOptions { language: Some("en".to_owned()), ..TranscribeOptions::default() };
    // When each moment of the recording was first covered by text, draft or final, and when it was final.
    let (mut covered_s, mut draft_delays, mut final_delays) = (0.0f64, Vec::new(), Vec::new());
    let mut first_words: Option<(f64, f64)> = None;
    let mut played = Played { samples, started };
    engine.listen(&mut played, LiveStart { from_s: 0.0, options }, &mut |event| {
        let now_s = started.elapsed().as_secs_f64();
        let segments = match &event {
            LiveEvent::Draft(segments) => segments.as_slice(),
            LiveEvent::Segment(segment) => std::slice::from_ref(segment),
            LiveEvent::Final { .. } => &[],
        };
        for word in segments.iter().flat_map(|s| &s.words).filter(|w| w.end_s > covered_s) {
            draft_delays.push(now_s - word.end_s);
        }
        if let Some(first) = segments.first() {
            first_words.get_or_insert((first.start_s, now_s));
        }
        let text: Vec<&str> = segments.iter().map(|s| s.text.expose("the person asked for it").as_str()).collect();
        covered_s = segments.last().map_or(covered_s, |s| s.end_s.max(covered_s));
        match &event {
            LiveEvent::Draft(_) => println!("{now_s:7.2} ~ {}", text.join(" ")),
            LiveEvent::Segment(segment) => {
                final_delays.push(now_s - segment.end_s);
                println!("{now_s:7.2} = {:7.2}..{:7.2} {}", segment.start_s, segment.end_s, text.join(" "));
            }
            LiveEvent::Final { .. } => {}
        }
        ControlFlow::Continue(())
    })?;
    if let Some((spoken_s, shown_s)) = first_words {
        println!("first words: spoken from {spoken_s:.2}, shown at {shown_s:.2}: {:.2} s", shown_s - spoken_s);
    }
    println!("a word's end to its first showing: {}", quantiles(&mut draft_delays));
    println!("a segment's end to its final text: {}", quantiles(&mut final_delays));
    Ok(())
}

fn quantiles(delays: &mut [f64]) -> String {
    delays.sort_by(f64::total_cmp);
    let at = |q: f64| delays.get(((delays.len().max(1) - 1) as f64 * q) as usize).copied().unwrap_or(f64::NAN);
    format!("median {:.2}, 95 % {:.2}, longest {:.2} s ({} of them)", at(0.5), at(0.95), at(1.0), delays.len())
}
