//! Texts in odd encodings, with odd characters, or far too long: none may be lost, cut or mangled in silence.

use cloister_testkit::{Workstation, evaluation_data};
use serde_json::json;
use std::fs;

#[test]
fn every_odd_text_can_be_a_document() {
    let Some(folder) = evaluation_data("bad_inputs/text") else { return };
    let station = Workstation::with_vault().unwrap();
    let mut jsonl = String::new();
    for name in ["naughty-strings-1.txt", "note-one-line.txt", "note-cr-only.txt", "note-nul-bytes.txt", "note-x40.txt"]
    {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        jsonl.push_str(&format!("{}\n", json!({"id": name, "text": text})));
    }
    let path = station.file("odd.jsonl", jsonl).unwrap();
    let out = station.run(["dataset", "import", &path.to_string_lossy(), "--name", "odd"]).unwrap();
    out.succeeded().unwrap();
    let list = station.run(["dataset", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(list[0]["documents"], 5);
}

#[test]
fn a_name_is_plain_or_refused() {
    let station = Workstation::with_vault().unwrap();
    let path = station.file("one.jsonl", "{\"id\":\"a\",\"text\":\"Well.\"}\n").unwrap();
    let path = path.to_string_lossy();
    for name in ["Größe 2", "register-2026_v1.2", "患者"] {
        station.run(["dataset", "import", &path, "--name", name]).unwrap().succeeded().unwrap();
    }
    for name in ["'; DROP TABLE datasets; --", "../../etc/passwd", "", "a\u{202e}b"] {
        let out = station.run(["dataset", "import", &path, "--name", name]).unwrap().exited(2).unwrap();
        assert!(!out.stderr.is_empty());
    }
    let list = station.run(["dataset", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    let names: Vec<_> = list.as_array().unwrap().iter().map(|d| d["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Größe 2", "register-2026_v1.2", "患者"]);
}
