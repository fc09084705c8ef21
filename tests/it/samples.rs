//! The demo's samples are what they claim to be.

use cloister_testkit::demo_sample;
use serde_json::Value;
use std::{collections::BTreeSet, fs};

#[test]
fn every_gold_value_stands_in_its_report() {
    let lines = fs::read_to_string(demo_sample("reports.jsonl")).unwrap();
    let schema: Value = serde_json::from_str(&fs::read_to_string(demo_sample("report.schema.json")).unwrap()).unwrap();
    let fields: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let mut ids = BTreeSet::new();
    for line in lines.lines() {
        let report: Value = serde_json::from_str(line).unwrap();
        let (id, text) = (report["id"].as_str().unwrap(), report["text"].as_str().unwrap().to_lowercase());
        assert!(ids.insert(id.to_owned()), "{id} stands twice");
        let gold = report["gold"].as_object().unwrap();
        assert_eq!(gold.keys().collect::<BTreeSet<_>>(), fields, "{id}");
        for value in gold.values().flat_map(|v| v.as_array().unwrap()) {
            let strings = match value {
                Value::Object(parts) => parts.values().filter_map(Value::as_str).collect(),
                other => vec![other.as_str().unwrap()],
            };
            for wordings in strings {
                let stands = |w: &str| text.contains(&w.to_lowercase());
                assert!(wordings.split(" | ").any(stands), "{id}: {wordings} is not in the report");
            }
        }
    }
    assert_eq!(ids.len(), 6);
}

#[test]
fn the_spoken_visit_is_small_and_has_two_voices() {
    let audio = fs::metadata(demo_sample("visit.ogg")).unwrap();
    assert!(audio.len() < 1_000_000, "{} bytes", audio.len());
    let script = fs::read_to_string(demo_sample("visit.txt")).unwrap();
    let speakers: BTreeSet<_> = script.lines().map(|l| l.split_once(": ").unwrap().0).collect();
    assert_eq!(speakers, BTreeSet::from(["Clinician", "Patient"]));
}
