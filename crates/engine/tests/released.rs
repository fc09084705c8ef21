//! What a document said is gone from the engine's memory once the document was let go. The memory is read from
//! outside, as the system's administrator could.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use cloister_domain::Sensitive;
use cloister_engine_client::{
    Connection, EngineError, EngineSpec, ModelFile,
    protocol::{ExtractOptions, TranscribeOptions},
};
use cloister_speech::AudioDecoder;
use memchr::memmem;
use serde_json::json;
use std::{
    fs::{self, File},
    io::Cursor,
    ops::ControlFlow,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

/// Words that no model and no program of ours contains.
const PLANTED: &str = "Quillfeather bellwether palsy of the zinnober ankle";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn model(file: &str) -> Option<Arc<ModelFile>> {
    let path = repository().join("models/weights").join(file);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(Arc::new(ModelFile::open_any(&path, file).unwrap()))
}

fn engine(speech: Option<Arc<ModelFile>>, language: Option<Arc<ModelFile>>) -> Connection {
    let spec = EngineSpec {
        binary: env!("CARGO_BIN_EXE_cloister-engine").into(),
        threads: 2,
        device: "cpu".to_owned(),
        speech,
        language,
        patience: Duration::from_secs(120),
        unsealed: false,
        bounds: None,
    };
    Connection::spawn(&spec).unwrap()
}

/// Something to look for, and what it is called.
type Needle = (&'static str, Vec<u8>);

/// Which of `needles` stand in memory that the process can write; `None` where the system lets nobody look.
fn found(pid: u32, needles: &[Needle]) -> Option<Vec<&'static str>> {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let maps = fs::read_to_string(process.join("maps")).ok()?;
    let memory = File::open(process.join("mem")).ok()?;
    let (mut hits, mut looked) = (Vec::new(), 0);
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let (from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        if memory.read_exact_at(&mut bytes, from).is_ok() {
            looked += bytes.len();
            hits.extend(needles.iter().filter(|(_, n)| memmem::find(&bytes, n).is_some()).map(|(name, _)| *name));
        }
    }
    assert!(looked > 1 << 20, "only {looked} bytes could be read");
    hits.sort_unstable();
    hits.dedup();
    Some(hits)
}

/// The same once the engine had a moment: it lets go of an answer after it was sent.
fn left_of(pid: u32, needles: &[Needle]) -> Option<Vec<&'static str>> {
    let mut left = found(pid, needles)?;
    for _ in 0..20 {
        if left.is_empty() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
        left = found(pid, needles)?;
    }
    Some(left)
}

fn text_needles() -> Vec<(&'static str, Vec<u8>)> {
    let wide = |order: fn(u16) -> [u8; 2]| PLANTED.encode_utf16().flat_map(order).collect();
    vec![
        ("whole", PLANTED.into()),
        ("lower", PLANTED.to_lowercase().into()),
        ("a part", "zinnober ank".into()),
        ("utf-16", wide(u16::to_le_bytes)),
        ("characters", PLANTED.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
    ]
}

#[test]
fn a_reports_words_are_gone_from_memory_with_models() {
    let Some(model) = model("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf") else { return };
    let mut engine = engine(None, Some(model));
    let pid = engine.pid();
    let schema = json!({
        "type": "object",
        "properties": {"diagnosis": {"type": ["string", "null"], "description": "the main diagnosis"}},
        "required": ["diagnosis"]
    });
    let report = format!("The patient is well. Diagnosis: {PLANTED}, since May. He sleeps.");
    let needles = text_needles();
    let mut during = None;
    let one = Sensitive::new(report.clone());
    let answer = engine.extract(&schema, &one, ExtractOptions::default(), &mut |_| {
        during = during.take().or_else(|| found(pid, &needles));
        ControlFlow::Continue(())
    });
    answer.unwrap();
    let Some(during) = during else {
        println!("skipped: this user may not read another process's memory");
        return;
    };
    assert!(during.contains(&"whole"), "the control: it stands there while it is read, found {during:?}");
    assert_eq!(left_of(pid, &needles).unwrap(), Vec::<&str>::new(), "after one report");

    let several = (0..5).map(|n| Sensitive::new(format!("{n}. {report}"))).collect();
    let go_on = &mut |_| ControlFlow::Continue(());
    engine
        .extract_all(&schema, several, ExtractOptions::default(), go_on, &mut |_, _| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(left_of(pid, &needles).unwrap(), Vec::<&str>::new(), "after five side by side");

    // Stopped in the middle.
    let stopped = engine.extract(&schema, &one, ExtractOptions::default(), &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(EngineError::Fault(_))), "{stopped:?}");
    assert_eq!(left_of(pid, &needles).unwrap(), Vec::<&str>::new(), "after one that was stopped");
}

#[test]
fn a_recordings_sound_and_words_are_gone_from_memory_with_models() {
    let Some(model) = model("ggml-tiny.en.bin") else { return };
    let mut engine = engine(Some(model), None);
    let pid = engine.pid();
    let mut bytes = fs::read(repository().join("tests/fixtures/greeting.flac")).unwrap();
    let mut audio = AudioDecoder::open(Cursor::new(bytes.clone()), None).unwrap();
    let mut samples = Vec::new();
    while let Some(block) = audio.next_block().unwrap() {
        samples.extend_from_slice(block);
    }
    // A piece of the loudest part: silence is all alike.
    let loudest = (0..samples.len()).max_by(|a, b| samples[*a].abs().total_cmp(&samples[*b].abs())).unwrap();
    let piece = &samples[loudest.min(samples.len() - 64)..][..64];
    let half = bytes.len() / 2;
    let needles = vec![
        ("samples as numbers", piece.iter().flat_map(|s| s.to_le_bytes()).collect::<Vec<u8>>()),
        ("samples of 16 bits", piece.iter().flat_map(|s| ((s * 32767.0) as i16).to_le_bytes()).collect()),
        ("the file", bytes[half..half + 64].to_vec()),
        ("words", b"brings you in".to_vec()),
    ];
    let options = TranscribeOptions { language: Some("en".to_owned()), ..TranscribeOptions::default() };
    let mut during = Vec::new();
    let heard = engine.transcribe(&mut bytes, options, &mut |_| {
        during.extend(found(pid, &needles).unwrap_or_default());
        ControlFlow::Continue(())
    });
    let said: String = heard.unwrap().segments.iter().map(|s| s.text.expose("comparing").clone()).collect();
    assert!(said.contains("brings you in"), "{said}");
    let Some(after) = left_of(pid, &needles) else {
        println!("skipped: this user may not read another process's memory");
        return;
    };
    assert!(during.contains(&"samples as numbers"), "the control: they stand there meanwhile, found {during:?}");
    assert_eq!(after, Vec::<&str>::new());
}
