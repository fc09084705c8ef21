//! A recording that goes on, over the pipes of a real engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use cloister_domain::Segment;
use cloister_engine_client::{
    Connection, EngineError, EngineSpec, LiveEvent, LiveRead, LiveSource, LiveStart, ModelFile, protocol::Fault,
    protocol::TranscribeOptions,
};
use cloister_speech::AudioDecoder;
use std::{
    fs::File,
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// A recording that lies there, given a quarter of a second at a time.
struct Tape(Vec<i16>);

impl LiveSource for Tape {
    fn read(&mut self, from: u64, least: usize, out: &mut [i16]) -> io::Result<LiveRead> {
        let rest = &self.0[(from as usize).min(self.0.len())..];
        let samples = rest.len().min(least).min(out.len());
        out[..samples].copy_from_slice(&rest[..samples]);
        Ok(LiveRead { samples, ended: samples == rest.len() })
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// An engine with the smallest model, and a recording with a greeting and two seconds of silence; `None`, with a word,
/// where the model was not provisioned.
fn engine_and_tape() -> Option<(EngineSpec, Tape)> {
    let model = repository().join("models/weights/ggml-tiny.en.bin");
    if !model.exists() {
        println!("skipped: {} is not there", model.display());
        return None;
    }
    let spec = EngineSpec {
        unsealed: false,
        bounds: None,
        binary: env!("CARGO_BIN_EXE_cloister-engine").into(),
        threads: 1,
        device: "cpu".to_owned(),
        speech: Some(Arc::new(ModelFile::open_any(&model, "tiny.en").unwrap())),
        language: None,
        patience: Duration::from_secs(120),
    };
    let greeting = File::open(repository().join("tests/fixtures/greeting.flac")).unwrap();
    let mut audio = AudioDecoder::open(greeting, None).unwrap();
    let mut samples = Vec::new();
    while let Some(block) = audio.next_block().unwrap() {
        samples.extend(block.iter().map(|s| (s * 32767.0) as i16));
    }
    samples.extend([0; 32_000]);
    Some((spec, Tape(samples)))
}

fn english(from_s: f64) -> LiveStart {
    LiveStart { from_s, options: TranscribeOptions { language: Some("en".to_owned()), ..TranscribeOptions::default() } }
}

fn words(segments: &[Segment]) -> String {
    segments.iter().map(|s| s.text.expose("comparing").as_str()).collect::<Vec<_>>().join(" ").to_lowercase()
}

#[test]
fn drafts_then_segments_and_after_a_death_the_rest_with_models() {
    let Some((spec, mut tape)) = engine_and_tape() else { return };
    let mut engine = Connection::spawn(&spec).unwrap();
    let (mut drafts, mut segments, mut until_s) = (0, Vec::new(), 0.0);
    let heard = engine
        .listen(&mut tape, english(0.0), &mut |event| {
            match event {
                LiveEvent::Draft(_) => drafts += 1,
                LiveEvent::Segment(segment) => segments.push(segment),
                LiveEvent::Final { until_s: s } => until_s = s,
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(words(&segments).contains("good morning") && words(&segments).contains("today"), "{}", words(&segments));
    assert_eq!(segments, heard.segments);
    assert!(drafts >= 2, "{drafts} drafts");
    assert!((until_s - heard.duration_s).abs() < 1e-6);

    // The engine dies while the recording goes on; a fresh one takes up where text was final.
    let mut died = Connection::spawn(&spec).unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(died.pid()).unwrap()).unwrap();
    let mut asked = 0;
    let gone = died.listen(&mut tape, english(0.0), &mut |_| {
        asked += 1;
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        ControlFlow::Continue(())
    });
    assert!(gone.unwrap_err().engine_is_gone() && asked >= 1);
    let again = Connection::spawn(&spec).unwrap().listen(&mut tape, english(0.0), &mut |_| ControlFlow::Continue(()));
    assert_eq!(again.unwrap().segments, segments, "the same audio gives the same text");
}

#[test]
fn a_session_can_be_cancelled_and_the_engine_lives_on_with_models() {
    let Some((spec, mut tape)) = engine_and_tape() else { return };
    let mut engine = Connection::spawn(&spec).unwrap();
    let stopped = engine.listen(&mut tape, english(0.0), &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(EngineError::Fault(Fault::Cancelled))), "{stopped:?}");
    let heard = engine.listen(&mut tape, english(0.0), &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(words(&heard.segments).contains("good morning"));
}
