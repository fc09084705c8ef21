//! A visit with a transcript and findings that no model made: put into the stores through the gate, as the commands do.

use cloister_access::{ExtractEncounter, Gate, Session, SignIn, Target, TranscribeEncounter};
use cloister_app::{
    App, AppError, AppOptions, Face, NoPorts, Paths, Ports, SystemClock, SystemEntropy, SystemSound, dto::ProgressDto,
};
use cloister_audit::{AuditLog, Environment};
use cloister_domain::{
    Assertion, Clock, EncounterId, Evidence, Extraction, ExtractionId, ExtractionStatus, Finding, ModelRef, Provenance,
    Segment, Sensitive, Sha256Hex, Support, Transcript, TranscriptId, Word, code,
};
use cloister_store::{NewTranscript, StoredExtraction, Stores};
use cloister_vault::VaultFolder;
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

static SEAL: OnceLock<cloister_app::SealReport> = OnceLock::new();

pub(crate) const NAME: &str = "ada";
pub(crate) const PASSWORD: &str = "nine grey herons at dawn";

/// What is said in the visit: one line a turn.
pub(crate) const SAID: &str = "My right knee has been swollen for three weeks.\n\
    No fever and no chills.\n\
    I take naproxen 500 mg twice a day and aspirin 100 mg every morning.\n\
    I am allergic to penicillin, it gave me a rash.\n\
    My father had a stroke.\n\
    Your blood pressure is 140/85 mmHg.\n\
    This looks like arthritis of the knee.\n\
    Please stop naproxen. Start prednisone 30 mg once a day. Continue aspirin.\n\
    Check the kidney function next week.";

pub(crate) struct Ward {
    pub(crate) app: App,
    data: PathBuf,
}

/// A file that the test names.
struct To(PathBuf);

impl Ports for To {
    fn progress(&self, _: ProgressDto) {}
    fn open_file(&self, _: &str) -> Option<PathBuf> {
        None
    }
    fn save_file(&self, _: &str) -> Option<PathBuf> {
        Some(self.0.clone())
    }
}

impl Ward {
    pub(crate) fn new(folder: &Path) -> Self {
        let data = folder.join("data");
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
            seal: SEAL.get_or_init(|| cloister_app::seal(cloister_app::SealOptions::face())).clone(),
            sound: Arc::new(SystemSound),
            directory: Default::default(),
        })
        .unwrap();
        let ward = Self { app, data };
        ward.call("create_vault", json!({"name": NAME, "password": PASSWORD, "policy": {"sealing": "optional"}}));
        ward
    }

    pub(crate) fn attempt(&self, name: &str, payload: Value) -> Result<Value, AppError> {
        self.app.call(name, payload, &NoPorts)
    }

    pub(crate) fn call(&self, name: &str, payload: Value) -> Value {
        self.attempt(name, payload).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub(crate) fn refused(&self, name: &str, payload: Value) -> &'static str {
        self.attempt(name, payload).map(|_| ()).unwrap_err().code()
    }

    pub(crate) fn export(&self, payload: Value, file: &Path) -> Result<Value, AppError> {
        self.app.call("export_note", payload, &To(file.to_owned()))
    }

    /// A visit with [`SAID`] as its transcript and what was found in it.
    pub(crate) fn visit(&self) -> (String, String) {
        let opened = self.call("create_encounter", json!({"title": "4711"}));
        let visit = opened["encounter"]["id"].as_str().unwrap().to_owned();
        self.put(&visit, "visit@1", &findings());
        let extraction = self.call("get_encounter", json!({"id": visit}))["extractions"][0]["id"].clone();
        (visit, extraction.as_str().unwrap().to_owned())
    }

    /// Puts a transcript and an extraction into the visit.
    pub(crate) fn put(&self, visit: &str, schema: &str, findings: &[Finding]) {
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let log_folder = self.data.join("audit");
        let host = "ward".to_owned();
        let env = Environment { clock: clock.clone(), entropy: entropy.clone(), host };
        let log = Arc::new(AuditLog::open(&log_folder, &env).unwrap());
        let vault = VaultFolder::at(&self.data).open().unwrap();
        let sign_in = SignIn {
            vault: &vault,
            log: &log,
            log_folder: &log_folder,
            clock: &*clock,
            entropy: &*entropy,
            face: code!("cli"),
            directory: None,
        };
        let session: Session = sign_in.attempt(NAME, &SecretString::from(PASSWORD), None).unwrap();
        let stores = Stores::open(&self.data, &session, clock.clone());
        let gate = Gate::new(Arc::clone(&log), clock.clone());
        let encounter: EncounterId = visit.parse().unwrap();
        let target = Target::Encounter(encounter);
        let transcript = transcript();
        let none: Sha256Hex = "0".repeat(64).parse().unwrap();
        let grant = gate.admit::<TranscribeEncounter>(&session, target, &stores).unwrap();
        let name = Sensitive::new("visit.flac".to_owned());
        let new = NewTranscript {
            transcript: &transcript,
            source_name: &name,
            source_sha256: &none,
            recorded: false,
            created: clock.now(),
        };
        stores.keep_transcript(&grant, None, &new).unwrap();
        let text = transcript.spoken_text().text().expose("test").clone();
        let provenance = Provenance {
            model: ModelRef { name: "no-model".into(), sha256: none.clone() },
            schema: schema.into(),
            schema_sha256: none.clone(),
            prompt_sha256: none,
            source_sha256: Sha256Hex::from_bytes(&Sha256::digest(text.as_bytes()).into()),
            build: "test".into(),
            cpu_path: "scalar".into(),
            threads: 1,
            device: "cpu".into(),
        };
        let grounded =
            Extraction::draft(provenance.clone(), json!({})).ground(&text, json!({}), findings.to_vec()).unwrap();
        let kept = StoredExtraction {
            id: ExtractionId::fresh(clock.now(), &*entropy).unwrap(),
            created: clock.now(),
            status: ExtractionStatus::Ok,
            provenance,
            fields: Sensitive::new(json!({})),
            findings: grounded.findings().to_vec(),
            error: None,
        };
        let grant = gate.admit::<ExtractEncounter>(&session, target, &stores).unwrap();
        stores.keep_encounter_extraction(&grant, &kept).unwrap();
    }

    /// Accepts every finding of the extraction that a person can accept, but for some.
    pub(crate) fn accept_all_but(&self, visit: &str, extraction: &str, but: &[&str]) {
        let found = self.call("get_encounter", json!({"id": visit}));
        let wanted = found["extractions"].as_array().unwrap().iter().find(|x| x["id"] == extraction).unwrap();
        let findings = wanted["findings"].as_array().unwrap().iter();
        let decisions: Vec<_> = findings
            .filter(|f| f["support"] != "unsupported" && !but.contains(&f["path"].as_str().unwrap()))
            .map(|f| json!({"extraction": extraction, "path": f["path"], "verdict": "accept"}))
            .collect();
        self.call("decide_findings", json!({"id": visit, "decisions": decisions}));
    }

    /// A visit with a note that is signed.
    pub(crate) fn signed(&self) -> (String, Value) {
        let (visit, extraction) = self.visit();
        self.accept_all_but(&visit, &extraction, &[]);
        self.call("draft_note", json!({"id": visit}));
        let note = self.call("sign_note", json!({"id": visit, "password": PASSWORD}));
        (visit, note)
    }
}

fn transcript() -> Transcript {
    let mut at = 0.0;
    let segment = |line: &str| {
        let words: Vec<Word> = line
            .split(' ')
            .map(|w| {
                at += 0.4;
                Word { start_s: at - 0.4, end_s: at, text: Sensitive::new(w.to_owned()), probability: 0.9 }
            })
            .collect();
        let (start_s, end_s) = (words[0].start_s, words[words.len() - 1].end_s);
        Segment { start_s, end_s, speaker: None, text: Sensitive::new(line.to_owned()), words }
    };
    Transcript {
        id: TranscriptId::fresh(SystemClock.now(), &SystemEntropy).unwrap(),
        language: "en".into(),
        duration_s: 60.0,
        model: ModelRef { name: "no-model".into(), sha256: "0".repeat(64).parse().unwrap() },
        segments: SAID.lines().map(segment).collect(),
    }
}

/// A finding whose quote stands in [`SAID`].
pub(crate) fn finding(path: &str, field: &str, value: &str, quote: &str, assertion: Assertion) -> Finding {
    let spoken = transcript().spoken_text();
    let text = spoken.text().expose("test");
    let byte = text.find(quote).unwrap_or_else(|| panic!("{quote}"));
    let start = text[..byte].chars().count();
    let end = start + quote.chars().count();
    let moment = spoken.moment(start, end);
    Finding {
        path: path.into(),
        field: field.into(),
        value: Sensitive::new(value.into()),
        evidence: vec![Evidence {
            start,
            end,
            quote: Sensitive::new(quote.into()),
            start_s: moment.map(|m| m.0),
            end_s: moment.map(|m| m.1),
        }],
        assertion,
        support: if value == quote { Support::Verbatim } else { Support::Normalised },
        confidence: Some(0.9),
        reasons: vec![],
    }
}

pub(crate) fn findings() -> Vec<Finding> {
    use Assertion::{Family, Historical, Negated, Present};
    let f = finding;
    let mut unsupported = f("/symptoms/1", "symptoms", "night sweats", "swollen", Present);
    unsupported.support = Support::Unsupported;
    unsupported.evidence.clear();
    vec![
        f("/problems/0", "problems", "arthritis of the knee", "arthritis of the knee", Present),
        f("/symptoms/0", "symptoms", "right knee swollen", "right knee has been swollen", Present),
        unsupported,
        f("/negated_findings/0", "negated_findings", "fever", "fever", Negated),
        f("/negated_findings/1", "negated_findings", "chills", "chills", Negated),
        f("/medications/0/name", "medications.name", "naproxen", "naproxen", Present),
        f("/medications/0/dose", "medications.dose", "500 mg twice a day", "500 mg twice a day", Present),
        f("/medications/0/action", "medications.action", "stop", "stop naproxen", Historical),
        f("/medications/1/name", "medications.name", "prednisone", "prednisone", Present),
        f("/medications/1/dose", "medications.dose", "30 mg once a day", "30 mg once a day", Present),
        f("/medications/1/action", "medications.action", "start", "Start prednisone", Present),
        f("/medications/2/name", "medications.name", "aspirin", "aspirin", Present),
        f("/medications/2/action", "medications.action", "continue", "Continue aspirin", Present),
        f("/allergies/0", "allergies", "penicillin", "penicillin", Present),
        f("/family_history/0", "family_history", "stroke", "stroke", Family),
        f("/vitals/0/name", "vitals.name", "blood pressure", "blood pressure", Present),
        f("/vitals/0/value", "vitals.value", "140/85 mmHg", "140/85 mmHg", Present),
        f("/follow_up/0", "follow_up", "kidney function next week", "kidney function next week", Present),
    ]
}
