//! Extraction schemas: added, listed, shown, checked.

use cloister_testkit::{Workstation, evaluation_data};
use serde_json::{Value, json};
use std::fs;

#[test]
fn a_schema_comes_back_as_it_went_in_and_versions_count() {
    let station = Workstation::with_vault().unwrap();
    let path = cloister_testkit::demo_sample("visit.schema.json");
    let path = path.to_string_lossy();
    station.run(["schema", "add", &path, "--name", "visit"]).unwrap().succeeded().unwrap();
    let shown = station.run(["schema", "show", "visit", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    let original: Value = serde_json::from_str(&fs::read_to_string(&*path).unwrap()).unwrap();
    assert_eq!(shown["definition"], original);
    assert_eq!((&shown["name"], &shown["version"]), (&json!("visit"), &json!(1)));
    assert_eq!(shown["sha256"].as_str().unwrap().len(), 64);

    let changed = station.file("changed.json", r#"{"type":"object","properties":{"drug":{"type":"string"}}}"#).unwrap();
    station.run(["schema", "add", &changed.to_string_lossy(), "--name", "visit"]).unwrap().succeeded().unwrap();
    let newest = station.run(["schema", "show", "visit", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(newest["version"], 2);
    let list = station.run(["schema", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert!(list.as_array().unwrap().iter().all(|s| s["name"] == "visit"), "{list}");
}

#[test]
fn an_unknown_schema_is_not_found() {
    let station = Workstation::with_vault().unwrap();
    let out = station.run(["schema", "show", "nowhere"]).unwrap().exited(1).unwrap();
    assert!(out.stdout.is_empty() && !out.stderr.is_empty());
}

#[test]
fn check_needs_no_vault_and_passes_the_bundled_schemas() {
    let station = Workstation::bare().unwrap();
    for name in ["visit.schema.json", "report.schema.json"] {
        let path = cloister_testkit::demo_sample(name);
        let out = station.cloister(["schema".as_ref(), "check".as_ref(), path.as_os_str()]).anonymous().run().unwrap();
        out.succeeded().unwrap();
    }
}

#[test]
fn check_explains_every_fault_with_its_place() {
    let station = Workstation::with_vault().unwrap();
    let faulty = json!({
        "type": "object",
        "properties": {
            "drugs": { "type": "array" },
            "when": { "type": "date" },
            "elsewhere": { "$ref": "https://example.org/drug.json" },
        },
    });
    let path = station.file("faulty.json", faulty.to_string()).unwrap();
    let path = path.to_string_lossy();
    for args in [&["schema", "check", &path][..], &["schema", "add", &path, "--name", "faulty"]] {
        let out = station.run(args).unwrap().exited(1).unwrap();
        let said = out.stdout.clone() + &out.stderr;
        for place in ["/properties/drugs", "/properties/when", "/properties/elsewhere"] {
            assert!(said.contains(place), "{args:?} does not name {place}:\n{said}");
        }
    }
    assert_eq!(station.run(["schema", "list", "--json"]).unwrap().json().unwrap(), json!([]));
}

#[test]
fn text_that_is_no_json_is_refused_by_name() {
    let Some(folder) = evaluation_data("bad_inputs/schema") else { return };
    let station = Workstation::bare().unwrap();
    for path in cloister_testkit::traces::files(&folder).unwrap() {
        let out = station.cloister(["schema".as_ref(), "check".as_ref(), path.as_os_str()]).anonymous().run().unwrap();
        let out = out.exited(1).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(out.stderr.contains(&*name), "the error does not name {name}: {}", out.stderr);
    }
}

#[test]
fn every_schema_of_the_evaluation_data_is_accepted_as_it_is() {
    let Some(folder) = evaluation_data("extraction") else { return };
    let station = Workstation::bare().unwrap();
    let schemas: Vec<_> = cloister_testkit::traces::files(&folder)
        .unwrap()
        .into_iter()
        .filter(|f| f.to_string_lossy().ends_with(".schema.json"))
        .collect();
    assert!(schemas.len() >= 7, "{schemas:?}");
    for path in schemas {
        let out = station.cloister(["schema".as_ref(), "check".as_ref(), path.as_os_str()]).anonymous().run().unwrap();
        out.succeeded().unwrap();
    }
}

#[test]
fn a_schema_nested_without_end_is_refused_and_not_followed() {
    let station = Workstation::bare().unwrap();
    let deep =
        "{\"type\":\"object\",\"properties\":{\"a\":".repeat(5_000) + "{\"type\":\"string\"}" + &"}}".repeat(5_000);
    let path = station.file("deep.json", deep).unwrap();
    let out = station.cloister(["schema".as_ref(), "check".as_ref(), path.as_os_str()]).anonymous().run().unwrap();
    out.exited(1).unwrap();
}

#[test]
fn every_preset_can_be_seen_and_added() {
    let station = Workstation::with_vault().unwrap();
    let presets = station.run(["schema", "presets", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    let names: Vec<&str> = presets.as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["visit-note", "medications", "problems-allergies", "vitals", "radiology", "pathology", "adverse-drug-events"]
    );
    for (name, preset) in names.iter().zip(presets.as_array().unwrap()) {
        station.run(["schema", "add", "--preset", name]).unwrap().succeeded().unwrap();
        let shown = station.run(["schema", "show", name, "--json"]).unwrap().succeeded().unwrap().json().unwrap();
        assert_eq!(shown["definition"], preset["definition"]);
    }
    let unknown = station.run(["schema", "add", "--preset", "horoscope"]).unwrap().exited(1).unwrap();
    assert!(unknown.stderr.contains("schema presets"), "{}", unknown.stderr);
}
