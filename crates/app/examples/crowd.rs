//! A vault with very many visits, for looking at how the window bears it: tests/desktop/crowd.sh starts it.
//!
//!     cargo run --profile ci -p cloister-app --example crowd -- DATA VISITS
//!
//! Everything in it is made up here. Among the short visits stands one of 100,000 words with 5,000 findings, and one whose
//! patient's name runs from right to left. Person and password: `ada`, `nine grey herons at dawn`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a tool for tests")]

use cloister_access::{ExtractEncounter, Gate, SignIn, Target, TranscribeEncounter};
use cloister_app::{App, AppOptions, Face, NoPorts, Paths, SystemClock, SystemEntropy, SystemSound};
use cloister_audit::{AuditLog, Environment};
use cloister_domain::{
    Assertion, Clock, EncounterId, Evidence, Extraction, ExtractionId, ExtractionStatus, Finding, ModelRef, Provenance,
    Segment, Sensitive, Sha256Hex, Support, Timestamp, Transcript, TranscriptId, Word, code,
};
use cloister_store::{NewTranscript, StoredExtraction, Stores};
use cloister_vault::VaultFolder;
use secrecy::SecretString;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{path::PathBuf, sync::Arc};

const NAME: &str = "ada";
const PASSWORD: &str = "nine grey herons at dawn";
const WORDS: [&str; 12] =
    ["cough", "since", "two", "weeks", "worse", "at", "night", "no", "fever", "takes", "ramipril", "daily"];
/// How long the one long visit is, and what was found in it.
const LONG_SEGMENTS: usize = 5_000;
const LONG_FINDINGS: usize = 5_000;

fn main() {
    let mut args = std::env::args().skip(1);
    let data = PathBuf::from(args.next().expect("DATA VISITS"));
    let visits: usize = args.next().expect("DATA VISITS").parse().expect("a number of visits");

    let seal = cloister_app::seal(cloister_app::SealOptions::face());
    let app = App::start(AppOptions {
        paths: Paths {
            data: data.clone(),
            models: data.join("models"),
            engine: data.join("no-engine"),
            directory: "no-directory".into(),
            institution: data.join("none"),
        },
        face: Face::Cli,
        threads: 1,
        device: "cpu".into(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        seal,
        sound: Arc::new(SystemSound),
        directory: Default::default(),
    })
    .unwrap();
    // A driver's clicks are no input to the window: without a long time-out the session ends under the walk.
    let policy = json!({"sealing": "optional", "second_factor": "optional", "session_timeout_minutes": "60"});
    app.call("create_vault", json!({"name": NAME, "password": PASSWORD, "policy": policy}), &NoPorts).unwrap();
    app.close().unwrap();
    drop(app);

    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let log_folder = data.join("audit");
    let env = Environment { clock: clock.clone(), entropy: entropy.clone(), host: "crowd".into() };
    let log = Arc::new(AuditLog::open(&log_folder, &env).unwrap());
    let vault = VaultFolder::at(&data).open().unwrap();
    let sign_in = SignIn {
        vault: &vault,
        log: &log,
        log_folder: &log_folder,
        clock: &*clock,
        entropy: &*entropy,
        face: code!("cli"),
        directory: None,
    };
    let session = sign_in.attempt(NAME, &SecretString::from(PASSWORD), None).unwrap();
    let stores = Stores::open(&data, &session, clock.clone());
    let gate = Gate::new(Arc::clone(&log), clock.clone());
    let grant = gate.admit::<TranscribeEncounter>(&session, Target::Encounters, &stores).unwrap();
    let none: Sha256Hex = "0".repeat(64).parse().unwrap();
    let now = clock.now().as_millis();

    let keep = |title: String, segments: usize, at: i64| {
        let created = Timestamp::from_millis(at);
        let id = EncounterId::fresh(created, &*entropy).unwrap();
        let name = Sensitive::new("visit.flac".to_owned());
        let transcript = said(segments);
        let new = NewTranscript {
            transcript: &transcript,
            source_name: &name,
            source_sha256: &none,
            recorded: false,
            created,
        };
        stores.keep_transcript(&grant, Some((id, &Sensitive::new(title))), &new).unwrap();
        (id, transcript)
    };
    // Some forty a day, the newest last.
    for i in 0..visits {
        keep(format!("Record {:06}", 100_000 + i), 3 + i % 6, now - i64::try_from(visits - i).unwrap() * 2_000_000);
    }
    keep("רות כהן · مريم العلي".to_owned(), 4, now - 60_000);
    let (long, transcript) = keep("The long one".to_owned(), LONG_SEGMENTS, now);

    let text = transcript.spoken_text().text().expose("made up here").clone();
    let provenance = Provenance {
        model: ModelRef { name: "no-model".into(), sha256: none.clone() },
        schema: "everything@1".into(),
        schema_sha256: none.clone(),
        prompt_sha256: none,
        source_sha256: Sha256Hex::from_bytes(&Sha256::digest(text.as_bytes()).into()),
        build: "test".into(),
        cpu_path: "scalar".into(),
        threads: 1,
        device: "cpu".into(),
    };
    let mut start = 0;
    let mut findings = Vec::with_capacity(LONG_FINDINGS);
    for (i, line) in text.lines().take(LONG_FINDINGS).enumerate() {
        findings.push(finding(i, start, line.split(' ').next().unwrap()));
        start += line.chars().count() + 1;
    }
    let draft = Extraction::draft(provenance.clone(), json!({})).ground(&text, json!({}), findings).unwrap();
    let kept = StoredExtraction {
        id: ExtractionId::fresh(clock.now(), &*entropy).unwrap(),
        created: clock.now(),
        status: ExtractionStatus::Ok,
        provenance,
        fields: Sensitive::new(json!({})),
        findings: draft.findings().to_vec(),
        error: None,
    };
    let grant = gate.admit::<ExtractEncounter>(&session, Target::Encounter(long), &stores).unwrap();
    stores.keep_encounter_extraction(&grant, &kept).unwrap();
}

/// So many turns of twenty words.
fn said(segments: usize) -> Transcript {
    let segment = |s: usize| {
        let start = s as f64 * 8.0;
        let word = |w: usize| Word {
            start_s: start + w as f64 * 0.4,
            end_s: start + w as f64 * 0.4 + 0.4,
            text: Sensitive::new(WORDS[(w + s % 3) % WORDS.len()].to_owned()),
            probability: 0.9,
        };
        let words: Vec<Word> = (0..20).map(word).collect();
        let text: Vec<String> = words.iter().map(|w| w.text.expose("made up here").clone()).collect();
        Segment { start_s: start, end_s: start + 8.0, speaker: None, text: Sensitive::new(text.join(" ")), words }
    };
    Transcript {
        id: TranscriptId::fresh(SystemClock.now(), &SystemEntropy).unwrap(),
        language: "en".into(),
        duration_s: segments as f64 * 8.0,
        model: ModelRef { name: "no-model".into(), sha256: "0".repeat(64).parse().unwrap() },
        segments: (0..segments).map(segment).collect(),
    }
}

/// A finding that rests on `quote`, which begins at `start`.
fn finding(i: usize, start: usize, quote: &str) -> Finding {
    let (end, quote) = (start + quote.chars().count(), Sensitive::new(quote.to_owned()));
    Finding {
        path: format!("/symptoms/{i}"),
        field: "symptoms".into(),
        value: Sensitive::new(json!(format!("symptom {i}"))),
        evidence: vec![Evidence { start, end, quote, start_s: None, end_s: None }],
        assertion: Assertion::Present,
        support: Support::Normalised,
        confidence: Some(0.9),
        reasons: vec![],
    }
}
