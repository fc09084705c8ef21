//! The log: whole, and what happens to it.

use cloister_testkit::{Outcome, Workstation};
use serde_json::Value;
use std::{fs, path::PathBuf};

/// A vault with some history.
fn lived_in() -> Workstation {
    let station = Workstation::with_vault().unwrap();
    let schema = cloister_testkit::demo_sample("report.schema.json");
    station.run(["schema", "add", &schema.to_string_lossy(), "--name", "report"]).unwrap().succeeded().unwrap();
    let reports = cloister_testkit::demo_sample("reports.jsonl");
    station.run(["dataset", "import", &reports.to_string_lossy(), "--name", "six"]).unwrap().succeeded().unwrap();
    station
}

/// The newest file of log lines.
fn newest_log(station: &Workstation) -> PathBuf {
    let files = cloister_testkit::traces::files(&station.data().join("audit")).unwrap();
    files.into_iter().rfind(|f| f.extension().is_some_and(|e| e == "jsonl")).unwrap()
}

fn verify(station: &Workstation) -> Outcome {
    // Nobody signs in to verify.
    station.cloister(["audit", "verify", "--json"]).anonymous().run().unwrap()
}

fn verdict(out: &Outcome) -> Value {
    let verdict = out.json().unwrap();
    let keys: Vec<_> = verdict.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["verdict", "entries", "first_seq", "last_seq", "head", "rests_on", "reason"]);
    verdict
}

#[test]
fn an_untouched_log_is_intact() {
    let station = lived_in();
    let log = fs::read_to_string(newest_log(&station)).unwrap();
    let out = verify(&station).succeeded().unwrap();
    let verdict = verdict(&out);
    assert_eq!(verdict["verdict"], "intact");
    assert_eq!(verdict["entries"], log.lines().count());
    assert_eq!(verdict["reason"], Value::Null);
    assert!(!verdict["rests_on"].as_array().unwrap().is_empty());
    assert_eq!(verdict["head"].as_str().unwrap().len(), 64);
    let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(verdict["last_seq"], last["seq"]);
}

#[test]
fn one_changed_byte_anywhere_is_tampering() {
    let station = lived_in();
    let path = newest_log(&station);
    let whole = fs::read(&path).unwrap();
    for at in [whole.len() / 4, whole.len() / 2, whole.len() - 20] {
        let mut changed = whole.clone();
        changed[at] ^= 0x01;
        fs::write(&path, &changed).unwrap();
        let out = verify(&station).exited(1).unwrap();
        let verdict = verdict(&out);
        assert_eq!(verdict["verdict"], "tampered", "byte {at} changed: {verdict}");
        assert!(verdict["reason"].as_str().is_some_and(|r| !r.is_empty()));
    }
    // Put back, it is whole again: looking at a log changes nothing in it.
    fs::write(&path, &whole).unwrap();
    assert_eq!(verdict(&verify(&station).succeeded().unwrap())["verdict"], "intact");
}

#[test]
fn verifying_writes_nothing() {
    let station = lived_in();
    let everything = || -> Vec<(PathBuf, Vec<u8>)> {
        let files = cloister_testkit::traces::files(&station.data()).unwrap();
        files.into_iter().map(|f| (f.clone(), fs::read(f).unwrap())).collect()
    };
    let before = everything();
    verify(&station).succeeded().unwrap();
    assert!(everything() == before, "audit verify changed an intact vault");

    let path = newest_log(&station);
    let whole = fs::read(&path).unwrap();
    for at in [whole.len() / 2, whole.len() - 20] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x01;
        fs::write(&path, &damaged).unwrap();
        let before = everything();
        verify(&station).exited(1).unwrap();
        assert!(everything() == before, "audit verify wrote to a log that it calls tampered (byte {at})");
    }
}

#[test]
fn a_line_taken_out_of_the_middle_is_tampering() {
    let station = lived_in();
    let path = newest_log(&station);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.remove(lines.len() / 2);
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    assert_eq!(verdict(&verify(&station).exited(1).unwrap())["verdict"], "tampered");
}

#[test]
fn a_missing_end_is_truncation() {
    let station = lived_in();
    let path = newest_log(&station);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.pop();
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    assert_eq!(verdict(&verify(&station).exited(1).unwrap())["verdict"], "truncated");
}

#[test]
fn a_missing_log_is_not_called_intact() {
    let station = lived_in();
    fs::remove_file(newest_log(&station)).unwrap();
    let out = verify(&station).orderly().unwrap();
    assert!(matches!(out.code, Some(1 | 4)), "{:?}", out.code);
    assert_ne!(verdict(&out)["verdict"], "intact");
}

#[test]
fn where_there_is_no_vault_nothing_can_be_told() {
    let station = Workstation::bare().unwrap();
    let out = verify(&station).exited(4).unwrap();
    assert_eq!(verdict(&out)["verdict"], "unknown");
}

#[test]
fn the_log_names_acts_and_no_content() {
    let station = lived_in();
    let list = station.run(["audit", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    let lines = list.as_array().unwrap();
    for line in lines {
        for key in ["seq", "time", "event_type", "action", "outcome"] {
            assert!(!line[key].is_null(), "{key} is missing in {line}");
        }
    }
    let seqs: Vec<u64> = lines.iter().map(|l| l["seq"].as_u64().unwrap()).collect();
    assert!(seqs.windows(2).all(|w| w[0] != w[1]));
    let whole = list.to_string();
    for secret in ["Malignant", "melanoma", "reports.jsonl", "pathology", "\"six\""] {
        assert!(!whole.contains(secret), "{secret} stands in the log");
    }
    assert!(whole.contains("import_dataset"), "{whole}");
}
