//! Reports into the vault.

use cloister_testkit::{Outcome, Workstation, evaluation_data};
use serde_json::{Value, json};

fn import(station: &Workstation, name: &str, content: impl AsRef<[u8]>, more: &[&str]) -> Outcome {
    let path = station.file(name, content).unwrap();
    let path = path.to_string_lossy();
    let args = ["dataset", "import", &path, "--name", "set"].into_iter().chain(more.iter().copied());
    station.run(args).unwrap()
}

fn listed(station: &Workstation) -> Vec<Value> {
    let list = station.run(["dataset", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    list.as_array().unwrap().clone()
}

/// How many documents the only dataset holds.
fn documents(station: &Workstation) -> u64 {
    let list = listed(station);
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(list[0]["name"], "set");
    list[0]["documents"].as_u64().unwrap()
}

#[test]
fn the_bundled_reports_are_imported_whole() {
    let station = Workstation::with_vault().unwrap();
    let reports = std::fs::read(cloister_testkit::demo_sample("reports.jsonl")).unwrap();
    import(&station, "reports.jsonl", reports, &[]).succeeded().unwrap();
    assert_eq!(documents(&station), 6);
}

#[test]
fn columns_of_a_csv_are_named_by_the_caller() {
    let station = Workstation::with_vault().unwrap();
    let csv = "record;note;dx\r\nA-1;\"Cough, since Monday;\nno fever\";cold\r\nA-2;\"She said \"\"better\"\"\";\r\n";
    let columns = ["--text-column", "note", "--id-column", "record", "--gold-column", "diagnoses=dx"];
    import(&station, "notes.csv", csv, &columns).succeeded().unwrap();
    assert_eq!(documents(&station), 2);
}

#[test]
fn a_csv_in_an_old_windows_code_page_is_read() {
    let station = Workstation::with_vault().unwrap();
    let csv = b"id,text\n1,\"Temperature 38.9 \xB0C, M\xE9ni\xE8re's disease\"\n2,Well\n";
    import(&station, "notes.csv", csv, &["--text-column", "text", "--id-column", "id"]).succeeded().unwrap();
    assert_eq!(documents(&station), 2);
}

#[test]
fn a_column_that_is_not_there_is_named_beside_those_that_are() {
    let station = Workstation::with_vault().unwrap();
    let out = import(&station, "notes.csv", "id,note\n1,Well\n", &["--text-column", "report"]).orderly().unwrap();
    assert!(matches!(out.code, Some(1 | 2)), "{:?}", out.code);
    assert!(out.stderr.contains("report") && out.stderr.contains("note"), "{}", out.stderr);
    assert_eq!(listed(&station), Vec::<Value>::new());
}

#[test]
fn duplicate_ids_stop_the_import_and_both_rows_are_named() {
    let station = Workstation::with_vault().unwrap();
    let lines =
        [json!({"id": "a", "text": "One."}), json!({"id": "b", "text": "Two."}), json!({"id": "a", "text": "Three."})];
    let jsonl: String = lines.iter().map(|l| format!("{l}\n")).collect();
    let out = import(&station, "notes.jsonl", jsonl, &[]).exited(1).unwrap();
    assert!(out.stderr.contains('1') && out.stderr.contains('3'), "{}", out.stderr);
    assert!(!out.stderr.contains("Three"), "content in an error: {}", out.stderr);
    assert_eq!(listed(&station), Vec::<Value>::new());
}

#[test]
fn a_bad_row_is_left_out_alone_and_named() {
    let station = Workstation::with_vault().unwrap();
    let jsonl = "{\"id\":\"a\",\"text\":\"One.\"}\n{\"id\":\"b\",\"text\":\"Quillfeather\n{\"id\":\"c\",\"text\":\" \"}\n{\"id\":\"d\",\"text\":\"Four.\"}\n";
    let out = import(&station, "notes.jsonl", jsonl, &["--json"]).succeeded().unwrap();
    let imported = out.json().unwrap();
    let rows: Vec<_> = imported["skipped"].as_array().unwrap().iter().map(|s| s["row"].as_u64().unwrap()).collect();
    assert_eq!((rows, &imported["documents"]), (vec![2, 3], &json!(2)));
    // Whoever reads no JSON is told as well.
    assert!(out.stderr.contains("row 2") && out.stderr.contains("row 3"), "{}", out.stderr);
    assert!(!(out.stdout + &out.stderr).contains("Quillfeather"), "content in a message");
    assert_eq!(documents(&station), 2);
}

#[test]
fn a_dataset_name_is_taken_once() {
    let station = Workstation::with_vault().unwrap();
    let jsonl = "{\"id\":\"a\",\"text\":\"One.\"}\n";
    import(&station, "notes.jsonl", jsonl, &[]).succeeded().unwrap();
    import(&station, "notes.jsonl", jsonl, &[]).exited(1).unwrap();
    assert_eq!(documents(&station), 1);
}

#[test]
fn what_holds_no_report_is_refused_by_name_and_leaves_nothing() {
    let station = Workstation::with_vault().unwrap();
    let cases: [(&str, &[u8]); 5] = [
        ("empty.csv", b""),
        ("empty.jsonl", b""),
        ("header-only.csv", b"id,text\n"),
        ("blank-rows.jsonl", b"{\"id\":\"a\",\"text\":\" \"}\n{\"id\":\"b\",\"text\":\"\"}\n"),
        ("archive.csv", b"PK\x03\x04\x14\0\0\0"),
    ];
    for (name, content) in cases {
        let out = import(&station, name, content, &[]).exited(1).unwrap();
        assert!(out.stderr.contains(name), "{}", out.stderr);
    }
    let gone = station.run(["dataset", "import", "/nowhere/at/all.csv", "--name", "set"]).unwrap().exited(1).unwrap();
    assert!(gone.stderr.contains("all.csv"), "{}", gone.stderr);
    assert_eq!(listed(&station), Vec::<Value>::new());
}

#[test]
fn awkward_tables_are_taken_or_refused_by_name() {
    let Some(folder) = evaluation_data("bad_inputs/csv") else { return };
    let station = Workstation::with_vault().unwrap();
    // File, text column, rows that hold a text; nothing where the table cannot be told apart from a broken one.
    let cases = [
        ("spectrum-comma_in_quotes.csv", "address", Some(1)),
        ("spectrum-escaped_quotes.csv", "b", Some(2)),
        ("spectrum-location_coordinates.csv", "Location Coordinates", Some(1)),
        ("spectrum-quotes_and_newlines.csv", "b", Some(2)),
        ("spectrum-utf8.csv", "c", Some(2)),
        ("frictionless-invalid.csv", "name", None),
        ("frictionless-blank-headers.csv", "age", None),
        ("frictionless-blank-rows-multiple.csv", "name", None),
        ("frictionless-issue-905-bad.csv", "name", Some(1)),
        ("frictionless-blank-rows-no-fields.csv", "name", Some(2)),
        ("frictionless-skip-blank-at-the-end.csv", "test2", None),
    ];
    for (file, column, rows) in cases {
        let path = folder.join(file);
        let path = path.to_string_lossy();
        let args = ["dataset", "import", &path, "--name", file, "--text-column", column];
        let out = station.run(args).unwrap().orderly().unwrap();
        let kept = listed(&station).iter().find(|d| d["name"] == file).map(|d| d["documents"].as_u64().unwrap());
        match rows {
            Some(_) => assert_eq!(kept, rows, "{file}: {}", out.stderr),
            None => assert!(
                (out.code == Some(0)) == kept.is_some() && (kept.is_some() || out.stderr.contains(file)),
                "{file}: {:?}, {kept:?}, {}",
                out.code,
                out.stderr
            ),
        }
    }
}
