//! What is said becomes text while it is recorded, with a real engine and the smallest model.

use super::bench::Station;
use cloister_app::{Ports, capture::RATE, dto::ProgressDto};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    thread::sleep,
    time::{Duration, Instant},
};
use symphonia::core::{
    codecs::{CodecParameters, audio::AudioDecoderOptions},
    formats::{FormatOptions, TrackType, probe::Hint},
    io::MediaSourceStream,
    meta::MetadataOptions,
};

const SECOND: usize = RATE as usize;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// A station that hears and understands; `None`, with a word, where engine or model are missing.
fn station(data: &Path) -> Option<Station> {
    let test = std::env::current_exe().unwrap();
    let engine = test.ancestors().map(|a| a.join("cloister-engine")).find(|e| e.is_file());
    let models = repository().join("models/weights");
    let (Some(engine), true) = (engine, models.join("ggml-tiny.en.bin").exists()) else {
        println!("skipped: no cloister-engine was built, or ggml-tiny.en.bin is missing");
        return None;
    };
    Some(Station::new_with(data, models, engine))
}

/// The samples of a file of ours: 16 kHz, one channel.
fn sound(file: &str) -> Vec<i16> {
    let source = MediaSourceStream::new(Box::new(fs::File::open(repository().join(file)).unwrap()), Default::default());
    let probe = symphonia::default::get_probe();
    let mut reader = probe.probe(&Hint::new(), source, FormatOptions::default(), MetadataOptions::default()).unwrap();
    let track = reader.default_track(TrackType::Audio).unwrap().clone();
    let Some(CodecParameters::Audio(params)) = &track.codec_params else { panic!("no audio in {file}") };
    let codecs = symphonia::default::get_codecs();
    let mut codec = codecs.make_audio_decoder(params, &AudioDecoderOptions::default()).unwrap();
    let (mut samples, mut packet_samples) = (Vec::new(), Vec::<i16>::new());
    while let Ok(Some(packet)) = reader.next_packet() {
        codec.decode(&packet).unwrap().copy_to_vec_interleaved(&mut packet_samples);
        samples.extend_from_slice(&packet_samples);
    }
    assert_eq!((params.sample_rate, samples.len() > SECOND), (Some(RATE), true));
    samples
}

/// The smallest model, unless another one is to be measured.
fn model() -> String {
    std::env::var("CLOISTER_SPEECH_MODEL").unwrap_or_else(|_| "whisper-tiny.en".to_owned())
}

fn start(station: &Station, visit: &str) {
    station.call("start_recording", json!({"encounter": visit, "live": true, "model": model()}));
}

fn live(station: &Station, visit: &str) -> Value {
    station.call("live_text", json!({"encounter": visit, "from": 0}))
}

fn until(station: &Station, visit: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let now = live(station, visit);
        if is(&now) {
            return now;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "waited for {what}: {now}");
        sleep(Duration::from_millis(20));
    }
}

fn words(segments: &Value) -> String {
    segments.as_array().unwrap().iter().map(|s| s["text"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_said_stands_there_while_it_is_recorded_with_models() {
    let folder = tempfile::tempdir().unwrap();
    let Some(station) = station(&folder.path().join("data")) else { return };
    // A second of silence, the greeting, and more silence than ends a segment.
    let mut said = vec![0; SECOND];
    said.extend(sound("tests/fixtures/greeting.flac"));
    said.resize(said.len() + 600 * SECOND, 0);
    station.controls.says(said);
    let visit = station.visit();
    start(&station, &visit);
    let draft = until(&station, &visit, "a draft", |l| words(&l["draft"]).split(' ').count() >= 3);
    let so_far = station.status()["elapsed_s"].as_f64().unwrap();
    println!("first words after {so_far:.1} s of recording, 1 s of it silent: {}", words(&draft["draft"]));
    assert_eq!(draft["segments"], json!([]), "nothing is final before a pause");
    // The pause makes it final while the recording goes on.
    let settled = until(&station, &visit, "a final segment", |l| l["segments"] != json!([]) && l["draft"] == json!([]));
    assert_eq!(settled["state"], "listening");
    assert!(words(&settled["segments"]).to_lowercase().contains("what brings you in today"), "{settled}");
    assert_eq!(station.status()["state"], "recording");
    assert!(settled["segments"][0]["words"][0]["start_s"].as_f64().unwrap() >= 0.9, "moments are the recording's");
    assert_eq!(live_from(&station, &visit, 1)["segments"].as_array().unwrap().len() + 1, count(&settled["segments"]));
    station.call("stop_recording", Value::Null);
    let done = until(&station, &visit, "the end", |l| l["state"] == "done");
    assert_eq!(words(&done["segments"]), words(&settled["segments"]));
}

fn live_from(station: &Station, visit: &str, from: usize) -> Value {
    station.call("live_text", json!({"encounter": visit, "from": from}))
}

fn count(segments: &Value) -> usize {
    segments.as_array().unwrap().len()
}

#[test]
fn it_falls_behind_catches_up_from_the_sealed_files_and_outlives_its_engine_with_models() {
    let folder = tempfile::tempdir().unwrap();
    let Some(station) = station(&folder.path().join("data")) else { return };
    // Two and a half minutes that come at once: more than is held in memory, in two segments of the recording.
    let visit_said = sound("crates/app/assets/demo/visit.ogg");
    let said = [visit_said.clone(), visit_said].concat();
    let samples = said.len();
    station.controls.says(said);
    station.controls.burst.store(SECOND as u64, SeqCst);
    station.controls.at_most.store(samples as u64, SeqCst);
    let visit = station.visit();
    start(&station, &visit);
    station.recorded(40.0);
    station.controls.slept_ms.store(600_000, SeqCst);
    station.recorded(samples as f64 / f64::from(RATE) - 0.01);
    until(&station, &visit, "the first words", |l| l["segments"] != json!([]));
    kill_engines();
    let stopped = station.call("stop_recording", Value::Null);
    assert_eq!(stopped["duration_s"].as_f64().unwrap(), samples as f64 / f64::from(RATE), "nothing was lost");
    assert_eq!(stopped["kept"]["verdict"], "whole");
    let done = until(&station, &visit, "the end", |l| l["state"] == "done");
    let text = words(&done["segments"]).to_lowercase();
    for said_once in
        ["good morning, mr. harlow", "penicillin", "rash on both arms", "please continue aspirin", "in two weeks"]
    {
        assert_eq!(text.matches(said_once).count(), 2, "{said_once}: {text}");
    }
    let times: Vec<f64> = done["segments"].as_array().unwrap().iter().map(|s| s["start_s"].as_f64().unwrap()).collect();
    assert!(times.windows(2).all(|t| t[0] < t[1]), "in order, nothing twice: {times:?}");
    assert_eq!(station.audio(&visit)["recordings"][0]["segments"], 2);
}

/// A file that is imported.
struct File(PathBuf);

impl Ports for File {
    fn progress(&self, _: ProgressDto) {}

    fn open_file(&self, _: &str) -> Option<PathBuf> {
        Some(self.0.clone())
    }

    fn save_file(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

/// 16 kHz, one channel, 16 bits.
fn wave(samples: &[i16]) -> Vec<u8> {
    let bytes = samples.len() as u32 * 2;
    let mut file = [b"RIFF", &(36 + bytes).to_le_bytes()[..], b"WAVEfmt \x10\0\0\0\x01\0\x01\0"].concat();
    file.extend(
        [&RATE.to_le_bytes()[..], &(2 * RATE).to_le_bytes(), b"\x02\0\x10\0data", &bytes.to_le_bytes()].concat(),
    );
    file.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
    file
}

#[test]
fn an_import_gives_way_to_what_is_said_meanwhile_with_models() {
    let folder = tempfile::tempdir().unwrap();
    let Some(station) = station(&folder.path().join("data")) else { return };
    let long = folder.path().join("long.wav");
    fs::write(&long, wave(&sound("crates/app/assets/demo/visit.ogg").repeat(30))).unwrap();
    let mut said = vec![0; SECOND];
    said.extend(sound("tests/fixtures/greeting.flac"));
    said.resize(said.len() + 600 * SECOND, 0);
    station.controls.says(said);
    let visit = station.visit();
    let imported = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let import = scope.spawn(|| {
            let heard = station.app.call("import_audio", json!({"model": model()}), &File(long)).unwrap();
            imported.store(true, SeqCst);
            heard
        });
        // The import is well under way.
        sleep(Duration::from_secs(2));
        start(&station, &visit);
        let settled = until(&station, &visit, "a final segment", |l| l["segments"] != json!([]));
        assert!(words(&settled["segments"]).to_lowercase().contains("what brings you in today"), "{settled}");
        assert!(!imported.load(SeqCst), "the text had to wait for the end of the import");
        station.call("stop_recording", Value::Null);
        let heard = import.join().unwrap();
        let text = words(&heard["transcript"]["segments"]).to_lowercase();
        assert_eq!(text.matches("please continue aspirin").count(), 30, "the import lost nothing by it");
    });
}

/// Kills the engines of this process.
fn kill_engines() {
    let own = std::process::id().to_string();
    let mut killed = 0;
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((head, tail)) = stat.rsplit_once(')') else { continue };
        if head.contains("(cloister-engin") && tail.split_whitespace().nth(1) == Some(own.as_str()) {
            let pid = entry.file_name().into_string().unwrap();
            assert!(std::process::Command::new("kill").args(["-9", &pid]).status().unwrap().success());
            killed += 1;
        }
    }
    assert_eq!(killed, 1);
}

#[test]
fn the_text_is_forgotten_with_the_session_and_the_sound_is_not_with_models() {
    let folder = tempfile::tempdir().unwrap();
    let Some(station) = station(&folder.path().join("data")) else { return };
    let mut said = sound("tests/fixtures/greeting.flac");
    said.resize(said.len() + 600 * SECOND, 0);
    station.controls.says(said);
    let visit = station.visit();
    start(&station, &visit);
    until(&station, &visit, "words", |l| l["segments"] != json!([]));
    station.call("sign_out", Value::Null);
    assert_eq!(station.refused("live_text", json!({"encounter": visit, "from": 0})), "not_signed_in");
    let at = station.status()["elapsed_s"].as_f64().unwrap();
    station.sign_in();
    let forgotten = live(&station, &visit);
    assert_eq!((&forgotten["state"], &forgotten["segments"]), (&json!("forgotten"), &json!([])));
    station.recorded(at + 0.5);
    station.call("stop_recording", Value::Null);
    let transcript = station.call("transcribe_recording", json!({"encounter": visit, "model": "whisper-tiny.en"}));
    assert!(words(&transcript["segments"]).to_lowercase().contains("what brings you in today"), "{transcript}");
}

#[test]
fn without_an_engine_it_is_off_and_unasked_for_it_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let station = Station::new(&folder.path().join("data"));
    let visit = station.visit();
    start(&station, &visit);
    until(&station, &visit, "the news", |l| l["state"] == "off");
    station.recorded(0.5);
    station.call("stop_recording", Value::Null);
    station.record(&visit);
    assert_eq!(live(&station, &visit), Value::Null);
    station.call("stop_recording", Value::Null);
}
