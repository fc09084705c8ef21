//! Any bytes as a bundle of models: nobody signs by chance, so nothing of it is ever put in place.
#![no_main]

mod station;

use cloister_app::App;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::{fs, sync::LazyLock};
use tempfile::TempDir;

/// Of tests/vectors/bundle, whose list the corpus begins with.
const KEY: &str = include_str!("../../vectors/bundle/models.pub");

static STATION: LazyLock<(App, TempDir)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder in memory");
    (station::start(folder.path()), folder)
});

fuzz_target!(init: { LazyLock::force(&STATION); }, |bytes: &[u8]| {
    let (app, folder) = &*STATION;
    let read = folder.path().join("bundle.tar");
    if fs::write(&read, bytes).is_err() {
        return;
    }
    let key = KEY.lines().nth(1).unwrap_or_default();
    // Its models are made for tests: even the whole one is refused, since the manifest does not know them.
    assert!(app.call("install_models", json!({"key": key}), &station::Chosen { read, write: None }).is_err());
    let left = fs::read_dir(folder.path().join("models")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "something stayed");
});
