//! Results after a run: seen, decided about, scored, exported. The model is a generated one, whose answers are noise
//! that fits the schema: what counts here is what becomes of them.

use crate::kill::{Life, prepared, worker};
use calamine::{Data, Reader, Xlsx, open_workbook};
use serde_json::{Value, json};
use std::{fs, io::Read, path::Path, process::Command};

const DOCUMENTS: usize = 12;

fn call(folder: &Path, name: &str, payload: &Value, file: Option<&Path>) -> Result<Value, String> {
    let mut command = Command::new(worker());
    command.arg("call").arg(folder).arg(name).arg(payload.to_string()).args(file);
    let out = command.output().unwrap();
    if !out.status.success() {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&out.stdout).unwrap())
}

#[test]
fn results_are_paged_decided_about_scored_and_exported() {
    let folder = prepared(DOCUMENTS, false).unwrap();
    let folder = folder.path();
    let run = Life::begin(folder).unwrap().until_the_end().unwrap();
    let id = run["batch"].clone();
    assert!(run["per_hour"].as_f64().unwrap() > 0.0, "{run}");

    let page = call(folder, "list_results", &json!({"id": id, "offset": 5, "limit": 3}), None).unwrap();
    assert_eq!((&page["total"], &page["columns"]), (&json!(DOCUMENTS), &json!(["side", "acute"])));
    let ids: Vec<_> = page["rows"].as_array().unwrap().iter().map(|r| r["document_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["5", "6", "7"]);
    let found = call(folder, "list_results", &json!({"id": id, "search": "p3", "limit": 9}), None).unwrap();
    assert_eq!(found["total"], 2);

    decisions_stand_and_are_exported(folder, &id);
    scores_follow_the_labels(folder, &id);
    tables_hold_everything(folder, &id);
    a_sealed_export_is_read_with_its_key_alone(folder, &id);
}

fn decisions_stand_and_are_exported(folder: &Path, id: &Value) {
    // A finding to decide about: any, of any document.
    let queue = call(folder, "list_results", &json!({"id": id, "order": "doubt", "limit": 100}), None).unwrap();
    let rows = queue["rows"].as_array().unwrap();
    let doubts: Vec<f64> = rows.iter().map(|r| r["doubt"].as_f64().unwrap()).collect();
    assert!(doubts.windows(2).all(|w| w[0] >= w[1]), "{doubts:?}");
    let detail =
        |document: &Value| call(folder, "show_result", &json!({"id": id, "document": document}), None).unwrap();
    let with_side = rows.iter().map(|r| detail(&r["document"])).find(|d| d["extraction"]["fields"]["side"].is_string());
    let Some(before) = with_side else { panic!("no document has a side: {queue}") };
    let document = &before["document"];
    let old = before["extraction"]["fields"]["side"].clone();
    let decide = |verdict: &str, value: Value| {
        let mut payload = json!({"id": id, "document": document, "path": "/side", "verdict": verdict});
        if !value.is_null() {
            payload["value"] = value;
        }
        call(folder, "decide_result", &payload, None)
    };
    assert!(decide("edit", Value::Null).is_err(), "an edit without a value was taken");
    decide("accept", Value::Null).unwrap();
    let now = decide("edit", json!("changed by hand")).unwrap();
    let kept: Vec<_> =
        now["decisions"].as_array().unwrap().iter().map(|d| (&d["verdict"], &d["before"], &d["after"])).collect();
    let changed = json!("changed by hand");
    assert_eq!(kept, [(&json!("accept"), &old, &old), (&json!("edit"), &old, &changed)]);
    assert!(now["decisions"][0]["reviewer"] == "ada" && now["decisions"][0]["decided"].is_string());

    let path = folder.join("lines.jsonl");
    call(folder, "export_batch", &json!({"id": id, "format": "jsonl"}), Some(&path)).unwrap();
    let lines = fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let edited: Vec<_> = lines.iter().filter(|l| l["fields"]["side"] == changed).collect();
    assert_eq!((edited.len(), &edited[0]["decided"], &edited[0]["original"]), (1, &json!(1), &json!({"ward": "=1+1"})));
    decide("undo", Value::Null).unwrap();
}

fn scores_follow_the_labels(folder: &Path, id: &Value) {
    let scores = call(folder, "evaluate_batch", &json!({"id": id}), None).unwrap();
    assert_eq!((&scores["documents"], &scores["pending"]), (&json!(DOCUMENTS), &json!(0)));
    let side = &scores["fields"][0];
    assert_eq!(
        (&side["field"], &side["comparator"], &side["gold"]),
        (&json!("side"), &json!("category"), &json!(DOCUMENTS))
    );
    let counted: u64 = side["confusion"].as_array().unwrap().iter().map(|c| c[2].as_u64().unwrap()).sum();
    assert!(counted >= DOCUMENTS as u64, "{side}");
    let same = call(folder, "compare_batches", &json!({"id": id, "with": id}), None).unwrap();
    assert_eq!((&same["documents"], &same["difference"]), (&json!(DOCUMENTS), &json!(0.0)));
    assert!(call(folder, "evaluate_batch", &json!({"id": id, "comparators": {"side": "colour"}}), None).is_err());
}

fn tables_hold_everything(folder: &Path, id: &Value) {
    let path = folder.join("table.csv");
    let payload = json!({"id": id, "format": "csv", "evidence": true, "text": true});
    let done = call(folder, "export_batch", &payload, Some(&path)).unwrap();
    assert_eq!((&done["documents"], &done["partial"]), (&json!(DOCUMENTS), &json!(false)));
    let table = fs::read_to_string(&path).unwrap();
    let header =
        "document_id,id,status,error,patient,text,ward,side,side.evidence,side.state,acute,acute.evidence,acute.state";
    assert_eq!(table.lines().next().unwrap(), header);
    assert_eq!(table.matches(",'=1+1,").count(), DOCUMENTS, "a formula was left as one");
    let digest = Command::new("sha256sum").args(["-c", "table.csv.sha256"]).current_dir(folder).output().unwrap();
    assert!(digest.status.success(), "{digest:?}");
    let about: Value = serde_json::from_str(&fs::read_to_string(folder.join("table.csv.about.json")).unwrap()).unwrap();
    assert_eq!(about["provenance"]["documents in this file"], DOCUMENTS.to_string());
    assert_eq!(about["columns"].as_array().unwrap().len(), 13);

    let path = folder.join("table.xlsx");
    call(folder, "export_batch", &json!({"id": id, "format": "xlsx"}), Some(&path)).unwrap();
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    assert_eq!(book.sheet_names(), ["Results", "Dictionary", "Provenance"]);
    let sheet = book.worksheet_range("Results").unwrap();
    assert_eq!(sheet.height(), DOCUMENTS + 1);
    assert_eq!(sheet.get((1, 5)), Some(&Data::String("=1+1".into())));
    assert!(book.worksheet_formula("Results").unwrap().is_empty());
    let provenance = book.worksheet_range("Provenance").unwrap();
    let names: Vec<String> = provenance.rows().map(|r| r[0].to_string()).collect();
    for name in ["run", "schema SHA-256", "model SHA-256", "documents in this file", "still pending"] {
        assert!(names.iter().any(|n| n == name), "{name} is missing in {names:?}");
    }
    assert!(names.iter().any(|n| n.starts_with("prompt SHA-256")) && names.iter().any(|n| n.starts_with("engine")));
}

fn a_sealed_export_is_read_with_its_key_alone(folder: &Path, id: &Value) {
    let identity = age::x25519::Identity::generate();
    let payload = json!({"id": id, "format": "jsonl", "age_recipient": identity.to_public().to_string()});
    let done = call(folder, "export_batch", &payload, Some(&folder.join("sealed.jsonl"))).unwrap();
    assert!(done["file"].as_str().unwrap().ends_with("sealed.jsonl.age"), "{done}");
    let sealed = fs::read(folder.join("sealed.jsonl.age")).unwrap();
    let mut plain = String::new();
    let decryptor = age::Decryptor::new(sealed.as_slice()).unwrap();
    decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).unwrap().read_to_string(&mut plain).unwrap();
    assert_eq!(plain.lines().count(), DOCUMENTS);
    assert!(call(folder, "export_batch", &json!({"id": id, "format": "csv", "age_recipient": "me"}), None).is_err());
}

#[test]
fn an_unfinished_export_says_partial_in_its_name() {
    let folder = prepared(40, false).unwrap();
    let folder = folder.path();
    let life = Life::begin(folder).unwrap();
    // Reports are read side by side, so that several may be done by the first look.
    let runs = || call(folder, "list_batches", &json!({}), None).unwrap();
    assert!(life.reach(3).is_some_and(|done| done >= 3));
    life.kill().unwrap();
    let (id, counts) = (runs()[0]["batch"].clone(), runs()[0]["counts"].clone());
    assert_eq!((&runs()[0]["status"], &runs()[0]["working"]), (&json!("running"), &json!(false)), "it was interrupted");
    // What a process holds that works on it.
    let lock = fs::File::open(folder.join(format!("data/runs/{}.lock", id.as_str().unwrap()))).unwrap();
    lock.lock().unwrap();
    assert_eq!(runs()[0]["working"], true);
    drop(lock);
    assert!(counts["pending"].as_u64().unwrap() > 0, "it was over before it could be killed: {counts}");
    let done = call(folder, "export_batch", &json!({"id": id, "format": "csv"}), Some(&folder.join("r.csv"))).unwrap();
    assert!(done["file"].as_str().unwrap().ends_with("r-partial.csv") && done["partial"] == true, "{done}");

    // Cancelled, it keeps what it has; resumed, it goes on from there; a clone begins anew.
    call(folder, "control_batch", &json!({"id": id, "action": "cancel"}), None).unwrap();
    let end = call(folder, "resume_batch", &json!({"id": id}), None).unwrap();
    assert_eq!(
        (&end["status"], end["resumed"].as_u64()),
        (&json!("finished"), Some(40 - counts["pending"].as_u64().unwrap()))
    );
    let clone = call(folder, "clone_batch", &json!({"id": id, "purpose": "again", "begin_only": true}), None).unwrap();
    assert_eq!((&clone["cloned_from"], &clone["counts"]["pending"]), (&id, &json!(40)));
}
