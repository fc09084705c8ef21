//! Runs over datasets with a real model: few and short documents.

use cloister_testkit::Workstation;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

const SCHEMA: &str = r#"{
    "type": "object",
    "properties": {
        "medications": {
            "type": "array",
            "description": "Drugs that the patient takes, one item per drug.",
            "items": {
                "type": "object",
                "properties": {
                    "name": { "type": "string", "description": "Name of the drug." },
                    "dose": { "type": ["string", "null"], "description": "Amount with its unit, as written." }
                },
                "required": ["name", "dose"],
                "additionalProperties": false
            }
        }
    },
    "required": ["medications"],
    "additionalProperties": false
}"#;

/// A vault with a schema `drugs` and a dataset `notes` of these documents.
fn prepared(documents: &[(&str, &str)]) -> Workstation {
    let station = Workstation::with_vault().unwrap();
    let schema = station.file("drugs.json", SCHEMA).unwrap();
    station.run(["schema", "add", &schema.to_string_lossy(), "--name", "drugs"]).unwrap().succeeded().unwrap();
    let jsonl: String = documents.iter().map(|(id, text)| format!("{}\n", json!({"id": id, "text": text}))).collect();
    let path = station.file("notes.jsonl", jsonl).unwrap();
    station.run(["dataset", "import", &path.to_string_lossy(), "--name", "notes"]).unwrap().succeeded().unwrap();
    station
}

const RUN: [&str; 9] = ["batch", "run", "--dataset", "notes", "--schema", "drugs", "--purpose", "test", "--json"];

fn exported(station: &Workstation, batch: &str) -> BTreeMap<String, Value> {
    let path = station.path("results.jsonl");
    let shown = path.to_string_lossy();
    let args = ["batch", "export", batch, "--format", "jsonl", "--output", &shown];
    station.run(args).unwrap().succeeded().unwrap();
    let lines = fs::read_to_string(&path).unwrap();
    let digest = fs::read_to_string(path.with_extension("jsonl.sha256")).unwrap();
    assert!(digest.ends_with("  results.jsonl\n") && digest.len() == 64 + 16, "{digest}");
    let lines: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    lines.into_iter().map(|l| (l["document_id"].as_str().unwrap().to_owned(), l)).collect()
}

/// The shape of docs/cli-json.md, and that every quote stands where it says.
fn check_line(line: &Value, text: &str) {
    let keys: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "document_id",
        "id",
        "status",
        "model",
        "model_sha256",
        "schema",
        "schema_sha256",
        "fields",
        "findings",
        "error",
    ];
    assert_eq!(keys, expected);
    let scalars: Vec<char> = text.chars().collect();
    for finding in line["findings"].as_array().unwrap() {
        let support = finding["support"].as_str().unwrap();
        assert!(["verbatim", "normalised", "inferred", "unsupported"].contains(&support), "{finding}");
        let assertion = finding["assertion"].as_str().unwrap();
        let known = ["present", "negated", "historical", "family", "hypothetical", "uncertain"];
        assert!(known.contains(&assertion), "{finding}");
        assert!(finding["path"].as_str().unwrap().starts_with('/'), "{finding}");
        let evidence = finding["evidence"].as_array().unwrap();
        // What nothing supports may still show the place that speaks against it.
        assert!(!evidence.is_empty() || support == "unsupported", "{finding}");
        for e in evidence {
            let (start, end) = (e["start"].as_u64().unwrap() as usize, e["end"].as_u64().unwrap() as usize);
            let there: String = scalars[start..end].iter().collect();
            assert_eq!(e["quote"], there.as_str(), "{finding}");
        }
    }
}

#[test]
fn a_run_gives_grounded_results_with_models() {
    let good = "Current medication: Métoprolol 50 mg twice a day and aspirin 75 mg once a day.";
    let documents = [("good", good), ("other", "Discharged on warfarin 5 mg daily.")];
    let station = prepared(&documents);

    let out = station.run(RUN).unwrap().succeeded().unwrap();
    let run = out.json().unwrap();
    for key in ["batch", "dataset", "schema", "status", "counts", "resumed"] {
        assert!(run.get(key).is_some(), "{key} is missing in {run}");
    }
    let counts: Vec<_> = run["counts"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(counts, ["ok", "partial", "rejected", "failed", "pending"]);
    assert_eq!((&run["counts"]["ok"], &run["resumed"], &run["status"]), (&json!(2), &json!(0), &json!("finished")));
    let batch = run["batch"].as_str().unwrap();

    let status = station.run(["batch", "status", batch, "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!((&status["batch"], &status["counts"]), (&run["batch"], &run["counts"]));

    let lines = exported(&station, batch);
    assert_eq!(lines.keys().collect::<Vec<_>>(), ["good", "other"]);
    for (id, text) in documents {
        check_line(&lines[id], text);
    }
    let names = |id: &str| -> Vec<String> {
        let list = lines[id]["fields"]["medications"].as_array().unwrap();
        list.iter().map(|m| m["name"].as_str().unwrap().to_lowercase()).collect()
    };
    assert_eq!(names("good"), ["métoprolol", "aspirin"]);
    assert_eq!(names("other"), ["warfarin"]);

    csv_export_is_a_table_with_evidence(&station, batch);
    the_file_is_whole_or_not_there(&station, batch);
}

fn csv_export_is_a_table_with_evidence(station: &Workstation, batch: &str) {
    let path = station.path("results.csv");
    let shown = path.to_string_lossy();
    station.run(["batch", "export", batch, "--format", "csv", "--output", &shown]).unwrap().succeeded().unwrap();
    let table = fs::read_to_string(&path).unwrap();
    let mut rows = table.lines();
    let header = rows.next().unwrap();
    assert!(header.contains("document_id"), "{header}");
    assert!(table.contains("Métoprolol") && table.contains("50 mg") && table.contains("warfarin"), "{table}");
}

fn the_file_is_whole_or_not_there(station: &Workstation, batch: &str) {
    let file = station.file("occupied", "a file where a folder would have to be").unwrap();
    let nowhere = file.join("results.jsonl");
    let shown = nowhere.to_string_lossy();
    let out = station.run(["batch", "export", batch, "--format", "jsonl", "--output", &shown]).unwrap();
    let out = out.exited(1).unwrap();
    assert!(out.stderr.contains("results.jsonl"), "{}", out.stderr);
}

#[test]
fn an_interrupted_run_goes_on_where_it_stopped_with_models() {
    // They are written side by side: only answers of different lengths leave a moment between two of them.
    let drugs = [
        "ramipril 5 mg",
        "metformin 850 mg",
        "apixaban 5 mg",
        "bisoprolol 2.5 mg",
        "torasemide 10 mg",
        "pantoprazole 40 mg",
        "simvastatin 20 mg",
        "allopurinol 300 mg",
        "levothyroxine 75 mg",
        "tamsulosin 0.4 mg",
    ];
    let texts = [1, 4, 7, 10].map(|n| format!("Takes {} in the morning.", drugs[..n].join(", ")));
    let station = prepared(&[("a", &*texts[0]), ("b", &*texts[1]), ("c", &*texts[2]), ("d", &*texts[3])]);
    let mut first = station.cloister(RUN).start().unwrap();
    let finished = |station: &Workstation| -> u64 {
        let list = station.run(["batch", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
        let list = list.as_array().unwrap();
        list.first().map_or(0, |b| 4 - b["counts"]["pending"].as_u64().unwrap())
    };
    let patience = Instant::now();
    while finished(&station) == 0 {
        assert!(first.is_running().unwrap(), "{:?}", first.finish().unwrap());
        assert!(patience.elapsed() < Duration::from_secs(400), "no document yet");
    }
    first.interrupt().unwrap();
    let stopped = first.finish().unwrap().orderly().unwrap();
    let done = finished(&station);
    assert!((1..4).contains(&done), "it was over before it could be interrupted: {done} {}", stopped.stdout);

    let second = station.run(RUN).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(second["resumed"], done);
    assert_eq!((&second["counts"]["pending"], &second["status"]), (&json!(0), &json!("finished")));
    assert_eq!(exported(&station, second["batch"].as_str().unwrap()).len(), 4);
    let list = station.run(["batch", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(list.as_array().unwrap().len(), 1, "going on made a second run: {list}");
    station.run(["audit", "verify"]).unwrap().succeeded().unwrap();
}

#[test]
fn a_run_over_what_is_not_there_is_no_run() {
    let station = prepared(&[("a", "Well.")]);
    let over = |dataset: &str, schema: &str| {
        let args = ["batch", "run", "--dataset", dataset, "--schema", schema, "--purpose", "test"];
        station.run(args).unwrap().exited(1).unwrap().stderr
    };
    assert!(over("nowhere", "drugs").contains("nowhere"));
    assert!(!over("notes", "nothing").is_empty());
    station.run(["batch", "status", "bat-00000000000000000000000000"]).unwrap().orderly().unwrap();
    let none = station.run(["batch", "list", "--json"]).unwrap().succeeded().unwrap();
    assert_eq!(none.json().unwrap(), json!([]));
}
