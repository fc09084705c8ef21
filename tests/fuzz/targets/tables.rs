//! Any bytes as a table of reports (CSV, TSV or JSON Lines, in any encoding): a preview of rows, or what is wrong with it.
#![no_main]

mod station;

use cloister_app::App;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::{fs, path::PathBuf, sync::LazyLock};
use tempfile::TempDir;

static STATION: LazyLock<(App, TempDir)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder in memory");
    let app = station::start(folder.path());
    let call = |app: &App, name, payload| app.call(name, payload, &cloister_app::NoPorts).expect(name);
    call(&app, "create_vault", json!({"name": "ada", "password": PASSWORD}));
    call(&app, "add_user", json!({"name": "rhea", "role": "researcher", "password": PASSWORD}));
    call(&app, "sign_in", json!({"name": "rhea", "password": PASSWORD}));
    (app, folder)
});
const PASSWORD: &str = "nine grey herons at dawn";

fuzz_target!(init: { LazyLock::force(&STATION); }, |bytes: &[u8]| {
    // The first byte says what the file is called.
    let [kind, content @ ..] = bytes else { return };
    let (app, folder) = &*STATION;
    let ending = ["csv", "tsv", "jsonl", "txt"][usize::from(*kind) % 4];
    let read: PathBuf = folder.path().join(format!("table.{ending}"));
    if fs::write(&read, content).is_err() {
        return;
    }
    app.input();
    match app.call("preview_dataset", json!({}), &station::Chosen { read, write: None }) {
        Ok(preview) => assert!(preview.is_object()),
        Err(fault) => assert!(!matches!(fault.code(), "internal" | "not_signed_in" | "denied"), "{fault}"),
    }
});
