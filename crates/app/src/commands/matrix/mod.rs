//! Who may call what, tried: every command by every kind of person, through the one door, on records of other people
//! and of their own. What is refused has to stand in the log.
//!
//! `cargo nextest run -p cloister-app matrix`; the table is `snapshots/*matrix*.snap`.

mod payloads;

use super::NAMES;
use crate::{
    App, AppError, AppOptions, Face, NoPorts, Paths, SealOptions, SealReport, SystemClock, SystemEntropy, seal,
};
use cloister_access::{ImportDataset, RunBatch, Target};
use cloister_audit::{Filter, LogLine, lines};
use cloister_capture::{Device, Input, Output, Sound, SoundError};
use cloister_domain::{
    BatchId, DatasetId, Document, DocumentId, ExtractionSchema, ModelRef, SchemaId, Sensitive, Sha256Hex,
};
use cloister_store::{NewBatch, NewDataset, NewDocument, StoreError};
use payloads::{Records, payload};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    path::Path,
    sync::{Arc, OnceLock},
};

const PASSWORD: &str = "nine grey herons at dawn";

/// A column: who asks, and whose records the payload names.
struct Person {
    title: &'static str,
    name: &'static str,
    role: &'static str,
}

const PEOPLE: [Person; 8] = [
    Person { title: "clinician, owner", name: "cleo", role: "clinician" },
    Person { title: "clinician, shared", name: "cara", role: "clinician" },
    Person { title: "clinician, other", name: "carl", role: "clinician" },
    Person { title: "researcher, owner", name: "rhea", role: "researcher" },
    Person { title: "researcher, other", name: "rolf", role: "researcher" },
    Person { title: "viewer", name: "vera", role: "viewer" },
    Person { title: "auditor", name: "otto", role: "auditor" },
    Person { title: "administrator", name: "ada", role: "administrator" },
];

/// No sound at all: what a microphone is asked fails at once.
struct Silence;

impl Sound for Silence {
    fn inputs(&self) -> Result<Vec<Device>, SoundError> {
        Ok(Vec::new())
    }
    fn open_input(&self, _: Option<&str>) -> Result<Box<dyn Input>, SoundError> {
        Err(SoundError::NoDevice("sound"))
    }
    fn open_output(&self) -> Result<Box<dyn Output>, SoundError> {
        Err(SoundError::NoDevice("sound"))
    }
}

fn app(data: &Path) -> App {
    static SEAL: OnceLock<SealReport> = OnceLock::new();
    App::start(AppOptions {
        paths: Paths {
            data: data.to_owned(),
            models: data.join("models"),
            engine: data.join("no-engine"),
            directory: data.join("no-directory"),
            institution: data.join("none"),
        },
        face: Face::Cli,
        threads: 1,
        device: "cpu".to_owned(),
        seal: SEAL.get_or_init(|| seal(SealOptions::face())).clone(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        sound: Arc::new(Silence),
        directory: Default::default(),
    })
    .unwrap()
}

fn call(app: &App, name: &str, payload: Value) -> Result<Value, AppError> {
    app.call(name, payload, &NoPorts)
}

/// A dataset of one report with a run over it, as `app`'s person makes them.
fn research(app: &App) -> (DatasetId, DocumentId, BatchId) {
    let open = app.signed_in().unwrap();
    let (clock, entropy) = (app.clock(), app.entropy());
    let nothing: Sha256Hex = "0".repeat(64).parse().unwrap();
    let (id, document) =
        (DatasetId::fresh(clock.now(), entropy).unwrap(), DocumentId::fresh(clock.now(), entropy).unwrap());
    let grant = app.gate().unwrap().admit::<ImportDataset>(&open.session, Target::Datasets, &open.stores).unwrap();
    let new = NewDataset {
        id,
        name: &id.to_string(),
        source_name: &Sensitive::new("reports.csv".to_owned()),
        source_sha256: &nothing,
        format: "{}",
        created: clock.now(),
    };
    let report = NewDocument {
        document: Document {
            id: document,
            external_id: Sensitive::new("1".to_owned()),
            text: Sensitive::new("The left lung is clear.".to_owned()),
            sha256: nothing.clone(),
        },
        row: 1,
        gold: None,
        patient: None,
        original: None,
    };
    open.stores.import_dataset::<StoreError>(&grant, &new, [Ok(report)].into_iter()).unwrap();
    let grant = app.gate().unwrap().admit::<RunBatch>(&open.session, Target::Dataset(id), &open.stores).unwrap();
    let schema = ExtractionSchema {
        id: SchemaId::fresh(clock.now(), entropy).unwrap(),
        name: "sides".to_owned(),
        version: 1,
        definition: json!({"type": "object", "properties": {}}),
        sha256: nothing.clone(),
        created: clock.now(),
    };
    let new = NewBatch {
        id: BatchId::fresh(clock.now(), entropy).unwrap(),
        schema: &schema,
        model: &ModelRef { name: "none".to_owned(), sha256: nothing },
        purpose: &Sensitive::new("test".to_owned()),
        created: clock.now(),
    };
    let batch = open.stores.begin_batch(&grant, &new).unwrap().0.id;
    (id, document, batch)
}

fn visit(app: &App) -> String {
    let made = call(app, "create_encounter", json!({"title": "4711"})).unwrap();
    made["encounter"]["id"].as_str().unwrap().to_owned()
}

/// The newest line.
fn newest(data: &Path) -> LogLine {
    lines(&data.join("audit"), &Filter { limit: 1, ..Filter::default() }).unwrap().lines.remove(0)
}

#[test]
fn the_matrix_of_roles_and_commands_is_as_it_was_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let ada = app(&data);
    call(&ada, "create_vault", json!({"name": "ada", "password": PASSWORD, "policy": {"sealing": "optional"}}))
        .unwrap();
    let add = |name, role| {
        call(&ada, "add_user", json!({"name": name, "role": role, "password": PASSWORD})).unwrap();
    };
    PEOPLE.iter().filter(|p| p.name != "ada").for_each(|p| add(p.name, p.role));
    // Somebody to whom things are done.
    add("vic", "viewer");
    let accounts = call(&ada, "list_users", json!({})).unwrap();
    let id_of = |name: &str| {
        let row = accounts.as_array().unwrap().iter().find(|a| a["name"] == name).unwrap();
        row["id"].as_str().unwrap().to_owned()
    };
    let apps: Vec<App> = PEOPLE
        .iter()
        .map(|p| {
            let own = app(&data);
            call(&own, "sign_in", json!({"name": p.name, "password": PASSWORD})).unwrap();
            own
        })
        .collect();
    let (cleo, rhea) = (&apps[0], &apps[3]);

    let mut table = String::new();
    writeln!(table, "{:<28}{}", "", PEOPLE.iter().map(|p| format!("{:<19}", p.title)).collect::<String>()).unwrap();
    let mut refusals = 0;
    for name in NAMES {
        let mut cells = String::new();
        for (person, own) in PEOPLE.iter().zip(&apps) {
            // Fresh for each try: some of what is admitted destroys them.
            let (dataset, document, batch) = research(rhea);
            let own_visit = visit(cleo);
            call(cleo, "share_encounter", json!({"id": own_visit, "user": id_of("cara"), "give": true})).unwrap();
            let records = Records {
                visit: own_visit,
                dataset: dataset.to_string(),
                document: document.to_string(),
                batch: batch.to_string(),
                account: id_of("vic"),
                own_account: id_of(person.name),
                own_password: PASSWORD,
            };
            let before = newest(&data).seq;
            let denied = match call(own, name, payload(name, &records)) {
                Err(AppError::Usage(words)) => {
                    assert!(!words.contains("does not take this"), "the payload of this test is not one: {words}");
                    false
                }
                Err(e) => e.code() == "denied",
                Ok(_) => false,
            };
            if denied {
                let line = newest(&data);
                assert!(line.seq > before, "{name} was refused to the {} without a line", person.title);
                assert_eq!((line.event_type.as_str(), line.outcome.as_str()), ("refused", "denied"), "{name}");
                assert_eq!(line.user_id, id_of(person.name), "{name}");
                refusals += 1;
            }
            write!(cells, "{:<19}", if denied { "-" } else { "yes" }).unwrap();
        }
        writeln!(table, "{name:<28}{}", cells.trim_end()).unwrap();
    }
    assert!(refusals > 100, "only {refusals} refusals");
    insta::assert_snapshot!(table.lines().map(str::trim_end).collect::<Vec<_>>().join("\n"));

    // And with nobody signed in there is nothing to be had.
    let nobody = app(&data);
    for name in NAMES {
        let records = Records {
            visit: visit(cleo),
            dataset: String::new(),
            document: String::new(),
            batch: String::new(),
            account: id_of("vic"),
            own_account: id_of("vic"),
            own_password: PASSWORD,
        };
        let code = call(&nobody, name, payload(name, &records)).unwrap_err().code();
        assert!(matches!(code, "not_signed_in" | "usage"), "{name}: {code}");
    }
}
