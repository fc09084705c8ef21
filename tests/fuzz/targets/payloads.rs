//! Any JSON as the payload of any command, from nobody and from somebody of each role: done, or refused in words. It never
//! panics, and never ends as a failure of the program's own.
#![no_main]

mod station;

use cloister_app::App;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use std::{
    fs,
    sync::{LazyLock, Mutex, PoisonError},
};
use tempfile::TempDir;

const PASSWORD: &str = "nine grey herons at dawn";
/// After so many calls what they left behind is thrown away: a log that grows makes reading it slow.
const CALLS: u32 = 10_000;

/// One vault, and five processes on it.
struct Station {
    folder: TempDir,
    faces: Vec<App>,
    /// What `@visit` and the like stand for in a payload; nobody guesses an id.
    names: Vec<(&'static str, Value)>,
    calls: u32,
}

impl Station {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder in memory");
        let given = folder.path().join("given.csv");
        fs::write(&given, "id,text\n1,\"The left lung is clear.\"\n2,Knee\n").expect("a file in memory");
        let ports = station::Chosen { read: given, write: None };
        let start = || station::start(folder.path());
        let call = |app: &App, name: &str, payload| app.call(name, payload, &ports).expect(name);

        let ada = start();
        call(&ada, "create_vault", json!({"name": "ada", "password": PASSWORD}));
        let faces: Vec<App> = [("cleo", "clinician"), ("rhea", "researcher"), ("otto", "auditor")]
            .into_iter()
            .map(|(name, role)| {
                call(&ada, "add_user", json!({"name": name, "role": role, "password": PASSWORD}));
                let app = start();
                call(&app, "sign_in", json!({"name": name, "password": PASSWORD}));
                app
            })
            .collect();
        let visit = call(&faces[0], "create_encounter", json!({"title": "4711"}));
        let dataset = call(&faces[1], "import_dataset", json!({"name": "reports"}));
        let people = call(&ada, "list_users", json!({}));
        let names = vec![
            ("@visit", visit["encounter"]["id"].clone()),
            ("@dataset", dataset["id"].clone()),
            ("@user", people[1]["id"].clone()),
        ];
        let faces = [start(), ada].into_iter().chain(faces).collect();
        Self { folder, faces, names, calls: 0 }
    }

    fn name(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some((_, id)) = self.names.iter().find(|(name, _)| name == text) {
                    *value = id.clone();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.name(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.name(field)),
            _ => {}
        }
    }
}

static STATION: LazyLock<Mutex<Station>> = LazyLock::new(|| Mutex::new(Station::new()));

fuzz_target!(init: { LazyLock::force(&STATION); }, |bytes: &[u8]| {
    // Who asks, a name, a zero, JSON.
    let [who, rest @ ..] = bytes else { return };
    let Some(end) = rest.iter().position(|b| *b == 0) else { return };
    let Ok(name) = std::str::from_utf8(&rest[..end]) else { return };
    let Ok(mut payload) = serde_json::from_slice(&rest[end + 1..]) else { return };
    // Whoever has signed out tries nothing any more, and signing in takes the password's time.
    if matches!(name, "sign_out" | "sign_in") {
        return;
    }
    let mut station = STATION.lock().unwrap_or_else(PoisonError::into_inner);
    station.calls += 1;
    if station.calls > CALLS {
        *station = Station::new();
    }
    station.name(&mut payload);
    let face = &station.faces[usize::from(*who) % station.faces.len()];
    face.input();
    let folder = station.folder.path();
    let ports = station::Chosen { read: folder.join("given.csv"), write: Some(folder.join("saved")) };
    if let Err(fault) = face.call(name, payload, &ports) {
        assert!(fault.code() != "internal", "{name}: {fault}");
    }
});
