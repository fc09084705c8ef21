//! Transcripts through the app's one door, with a real engine and the smallest model.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use cloister_app::{
    App, AppOptions, Face, NoPorts, Paths, Ports, SystemClock, SystemEntropy, SystemSound, dto::ProgressDto,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// An app on a fresh vault with its administrator signed in; `None`, with a word, where engine or model are missing.
fn app(folder: &Path) -> Option<App> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let test = std::env::current_exe().unwrap();
    let engine = test.ancestors().map(|a| a.join("cloister-engine")).find(|e| e.is_file());
    let models = repository.join("models/weights");
    let (Some(engine), true) = (engine, models.join("ggml-tiny.en.bin").exists()) else {
        println!("skipped: no cloister-engine was built, or ggml-tiny.en.bin is missing");
        return None;
    };
    let options = AppOptions {
        paths: Paths {
            data: folder.join("vault"),
            models,
            engine,
            directory: "no-directory".into(),
            institution: folder.join("none"),
        },
        face: Face::Desktop,
        threads: 2,
        device: "cpu".to_owned(),
        seal: cloister_app::seal(cloister_app::SealOptions::face()),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        sound: Arc::new(SystemSound),
        directory: Default::default(),
    };
    let app = App::start(options).unwrap();
    let admin = json!({"name": "ada", "password": "a quiet walk at noon", "policy": {"second_factor": "optional"}});
    app.call("create_vault", admin, &NoPorts).unwrap();
    Some(app)
}

/// Files that a person chooses, and the progress that is shown; it may break off once so much audio is done.
struct Chosen {
    open: PathBuf,
    save: PathBuf,
    seen: Mutex<Vec<f64>>,
    break_after_s: f64,
}

impl Chosen {
    fn new(open: PathBuf, save: PathBuf) -> Self {
        Self { open, save, seen: Mutex::default(), break_after_s: f64::INFINITY }
    }
}

impl Ports for Chosen {
    fn progress(&self, p: ProgressDto) {
        if p.stage != "loading_model" {
            self.seen.lock().unwrap().push(p.done);
            assert!(p.done <= self.break_after_s, "breaks off here, as a crash would");
        }
    }

    fn open_file(&self, _kind: &str) -> Option<PathBuf> {
        Some(self.open.clone())
    }

    fn save_file(&self, _suggested: &str) -> Option<PathBuf> {
        Some(self.save.clone())
    }
}

fn texts(transcript: &Value) -> Vec<String> {
    let segments = transcript["segments"].as_array().unwrap();
    segments.iter().map(|s| s["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_import_that_broke_off_goes_on_where_it_was_with_models() {
    let folder = tempfile::tempdir().unwrap();
    let Some(app) = app(folder.path()) else { return };
    let visit = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/visit.ogg");
    let save = folder.path().join("out.srt");
    let import = json!({"model": "whisper-tiny.en"});

    let breaking = Chosen { break_after_s: 30.0, ..Chosen::new(visit.clone(), save.clone()) };
    assert!(app.call("import_audio", import.clone(), &breaking).is_err(), "it broke off");
    assert!(app.call("list_encounters", json!({}), &NoPorts).unwrap().as_array().unwrap().is_empty());

    let again = Chosen::new(visit.clone(), save.clone());
    let resumed = app.call("import_audio", import.clone(), &again).unwrap();
    let first = again.seen.lock().unwrap().iter().copied().find(|s| *s > 0.0).unwrap();
    assert!(first > 15.0, "what was done is not done again: it went on at {first} s");

    // The next import of the same file begins anew, and hears the same.
    let anew = Chosen::new(visit, save);
    let whole = app.call("import_audio", import, &anew).unwrap();
    let words = |t: &Value| texts(&t["transcript"]).join(" ").split(' ').count();
    assert!(words(&whole).abs_diff(words(&resumed)) <= 3, "{} and {} words", words(&whole), words(&resumed));
    let times = resumed["transcript"]["segments"].as_array().unwrap();
    assert!(
        times.windows(2).all(|p| p[0]["end_s"].as_f64() <= p[1]["start_s"].as_f64()),
        "in order, and nothing twice"
    );
}

#[test]
fn a_transcript_is_put_right_by_hand_with_history_and_leaves_as_a_file_with_models() {
    let folder = tempfile::tempdir().unwrap();
    let Some(app) = app(folder.path()) else { return };
    let greeting =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("tests/fixtures/greeting.flac");
    let ports = Chosen::new(greeting, folder.path().join("out.srt"));
    let made = app.call("import_audio", json!({"model": "whisper-tiny.en"}), &ports).unwrap();
    let id = &made["encounter_id"];
    let edit = |edit: Value| app.call("edit_transcript", json!({"id": id, "edit": edit}), &NoPorts);

    let last = texts(&made["transcript"]).len() - 1;
    let heard = texts(&made["transcript"]).remove(0);
    let changed = edit(json!({"kind": "text", "segment": 0, "text": format!("{heard} Indeed.")})).unwrap();
    assert_eq!(texts(&changed)[0], format!("{heard} Indeed."));
    let before = &made["transcript"]["segments"][0]["words"][0];
    assert_eq!(&changed["segments"][0]["words"][0], before, "words that stay keep their moments");
    edit(json!({"kind": "suggest_turns"})).unwrap();
    edit(json!({"kind": "speaker", "segment": last, "label": "Clinician", "all_alike": true})).unwrap();
    assert!(edit(json!({"kind": "text", "segment": 99, "text": "x"})).is_err());

    let visit = app.call("get_encounter", json!({"id": id}), &NoPorts).unwrap();
    let segment = &visit["transcript"]["segments"][last];
    assert_eq!((&segment["speaker"], &segment["speaker_source"]), (&json!("Clinician"), &json!("person")));
    let history = app.call("list_transcript_edits", json!({"id": id}), &NoPorts).unwrap();
    let kinds: Vec<&str> = history.as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "suggest_turns", "speaker"], "what was refused is not in it");

    app.call("step_up", json!({"password": "a quiet walk at noon"}), &NoPorts).unwrap();
    app.call("export_transcript", json!({"id": id, "format": "srt"}), &ports).unwrap();
    let srt = fs::read_to_string(folder.path().join("out.srt")).unwrap();
    assert!(srt.starts_with("1\n00:00:0") && srt.contains("Clinician: ") && srt.contains("Indeed."), "{srt}");
}
