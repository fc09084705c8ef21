//! Vaults of earlier versions: each is kept as the backup that it was, and must open in every version after it.
//! tests/vectors/upgrade/README.md says how one is made.

use crate::{
    Ward,
    bench::{NAME, PASSWORD, Station},
    vaults::call_on,
};
use cloister_app::capture::RATE;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::Ordering::SeqCst,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("tests/vectors/upgrade")
}

/// What must be told of each, whatever tables it is in by then.
fn account(station: &Station) -> Value {
    let visits = station.call("list_encounters", json!({}));
    let visits: Vec<Value> = visits.as_array().unwrap().iter().map(|v| json!([v["title"], v["state"]])).collect();
    let sets = station.call("list_datasets", json!({}));
    let sets: Vec<Value> = sets.as_array().unwrap().iter().map(|d| json!([d["name"], d["documents"]])).collect();
    let people = station.call("list_users", json!({}));
    let people: Vec<Value> = people.as_array().unwrap().iter().map(|p| json!([p["name"], p["role"]])).collect();
    let visit = station.call("list_encounters", json!({}))[0]["id"].as_str().unwrap().to_owned();
    let heard = station.listen(&visit);
    let schemas = station.call("list_schemas", json!({}));
    json!({
        "visits": visits,
        "datasets": sets,
        "people": people,
        "heard": heard.len(),
        "schemas": schemas.as_array().unwrap().len(),
        "timeout": station.call("show_policy", json!({}))["session_timeout_minutes"],
        "log": station.call("audit_verify", Value::Null)["verdict"],
    })
}

#[test]
fn vaults_of_earlier_versions_open() {
    if std::env::var_os("UPDATE_UPGRADE").is_some() {
        make();
    }
    let mut opened = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|e| e != "backup") {
            continue;
        }
        let expected: Value = serde_json::from_slice(&fs::read(file.with_extension("json")).unwrap()).unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let station = Station::on(&scratch.path().join("data"));
        let paper = json!({"recovery_key": expected["recovery_key"]});
        let restored = call_on(&station.app, "restore_backup", paper, &file).unwrap();
        assert_eq!(restored["log"]["verdict"], "intact", "{}", file.display());
        station.sign_in();
        assert_eq!(account(&station), expected["account"], "{}", file.display());
        // It goes on: what this version writes is read again.
        station.call("create_encounter", json!({"title": "after"}));
        assert_eq!(station.call("list_encounters", json!({}))[0]["title"], "after");
        opened += 1;
    }
    assert!(opened >= 1, "there is a vault of each released version");
}

/// A small vault by the present version. Nothing that is there is ever written over.
fn make() {
    let name = format!("vault-{}", env!("CARGO_PKG_VERSION"));
    let file = folder().join(format!("{name}.backup"));
    assert!(!file.exists(), "{} is kept as it was made", file.display());
    let ward = Ward::new();
    assert_eq!((NAME, PASSWORD), ("ada", "nine grey herons at dawn"));
    ward.station.call("add_user", json!({"name": "mia", "password": "harbour lanterns at two", "role": "clinician"}));
    ward.station.call("set_policy", json!({"key": "session_timeout_minutes", "value": "20"}));
    let reports = ward.path("reports.jsonl");
    fs::write(&reports, "{\"id\":\"1\",\"text\":\"No effusion.\"}\n{\"id\":\"2\",\"text\":\"A nodule of 4 mm.\"}\n")
        .unwrap();
    call_on(&ward.station.app, "import_dataset", json!({"name": "thorax"}), &reports).unwrap();
    let visit = ward.station.visit();
    ward.station.controls.at_most.store(u64::from(RATE) * 2, SeqCst);
    ward.station.record(&visit);
    ward.station.recorded(2.0);
    ward.station.call("stop_recording", Value::Null);
    let account = account(&ward.station);
    call_on(&ward.station.app, "create_backup", json!({}), &file).unwrap();
    fs::remove_file(file.with_extension("backup.sha256")).unwrap();
    let expected = json!({"made_by": env!("CARGO_PKG_VERSION"), "recovery_key": ward.paper, "account": account});
    let text = serde_json::to_string_pretty(&expected).unwrap();
    fs::write(file.with_extension("json"), format!("{text}\n")).unwrap();
}
