//! The bundled schemas: they can be used, their examples are true, and nothing of an example reaches another result.
#![allow(clippy::unwrap_used)]

use cloister_domain::{ExtractionStatus, Support};
use cloister_extraction::ground::ground;
use cloister_extraction::schema::Schema;
use serde_json::Value;

const OTHER: &str = "Seen on Tuesday after a fall from a ladder. The wrist is bruised; the film shows nothing broken. \
                     A splint for two weeks.";

fn presets() -> Vec<(String, Schema)> {
    let folder = cloister_testkit::repository().join("crates/app/assets/presets");
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let definition: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            (path.display().to_string(), Schema::parse(&definition).unwrap())
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn is_empty(fields: &Value) -> bool {
    match fields {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(map) => map.values().all(is_empty),
        _ => false,
    }
}

#[test]
fn every_preset_can_be_used_and_its_examples_hold() {
    let presets = presets();
    assert_eq!(presets.len(), 7);
    for (name, schema) in presets {
        assert!(!schema.examples().is_empty(), "{name}");
        for example in schema.examples() {
            let grounding = ground(&schema, &example.text, &example.answer);
            let refused: Vec<_> = grounding.findings.iter().filter(|f| f.support == Support::Unsupported).collect();
            assert!(refused.is_empty(), "{name}: {refused:#?}");
            assert_eq!(grounding.status, ExtractionStatus::Ok, "{name}");
            assert_eq!(grounding.fields.expose("test"), &example.answer, "{name}");
        }
    }
}

#[test]
fn an_example_never_leaks_into_another_text() {
    for (name, schema) in presets() {
        for example in schema.examples() {
            let grounding = ground(&schema, OTHER, &example.answer);
            assert!(is_empty(grounding.fields.expose("test")), "{name}: {:?}", grounding.fields.expose("test"));
        }
    }
}
