//! Words looked for in visits: found where they stand, shown to whom they belong, gone with what is erased.

use crate::bench::{PASSWORD, Ward};
use cloister_app::{App, NoPorts, Ports, dto::ProgressDto};
use serde_json::{Value, json};
use std::path::PathBuf;

fn look(app: &App, words: &str) -> Vec<(String, String, String)> {
    let answer = app.call("search_visits", json!({"words": words}), &NoPorts).unwrap();
    assert_eq!(answer["left"], 0);
    let hit = |h: &Value| {
        let part = |p: &Value| {
            let text = p["text"].as_str().unwrap();
            if p["hit"] == true { format!("[{text}]") } else { text.to_owned() }
        };
        let excerpt = h["excerpt"].as_array().unwrap().iter().map(part).collect();
        (h["encounter"].as_str().unwrap().to_owned(), h["place"].as_str().unwrap().to_owned(), excerpt)
    };
    answer["found"].as_array().unwrap().iter().map(hit).collect()
}

#[test]
fn words_are_found_in_number_transcript_and_note_whatever_their_case_and_order() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, note) = ward.signed();
    assert_eq!(note["state"], "signed");
    let (other, _) = ward.visit();

    let mut found = look(&ward.app, "WEEKS swollen");
    found.sort();
    let text = "My right knee has been [swollen] for three [weeks].";
    assert!(found.iter().all(|(_, place, excerpt)| place == "transcript" && excerpt.starts_with(text)), "{found:?}");
    let mut visits: Vec<_> = found.iter().map(|f| f.0.clone()).collect();
    visits.sort();
    let mut both = vec![visit.clone(), other];
    both.sort();
    assert_eq!(visits, both);
    // A word's beginning will do; what stands only in the note is found in the note.
    assert!(look(&ward.app, "predniso").iter().any(|(id, place, _)| *id == visit && place == "note"));
    let only = look(&ward.app, "denies fever");
    assert_eq!(only.iter().map(|f| f.1.as_str()).collect::<Vec<_>>(), ["note"]);
    assert_eq!(look(&ward.app, "4711").iter().filter(|f| f.1 == "title").count(), 2);
    assert!(look(&ward.app, "swollen elbow").is_empty());
    assert!(look(&ward.app, "\" OR * ( NEAR").is_empty(), "no query reaches the index");
    assert!(look(&ward.app, "   ").is_empty());
}

#[test]
fn an_edited_transcript_is_found_as_it_stands_now() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, _) = ward.visit();
    assert_eq!(look(&ward.app, "swollen").len(), 1);
    let edit = json!({"kind": "text", "segment": 0, "text": "My right knee has been puffy for three weeks."});
    ward.call("edit_transcript", json!({"id": visit, "edit": edit}));
    assert!(look(&ward.app, "swollen").is_empty());
    assert_eq!(look(&ward.app, "puffy").len(), 1);
}

#[test]
fn a_visit_that_is_erased_is_found_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, _) = ward.visit();
    assert_eq!(look(&ward.app, "penicillin").len(), 1);
    let gone = ward.call("delete_encounter", json!({"id": visit}));
    assert_eq!(gone["receipt"]["rows"]["searchable"], 2, "title and transcript");
    assert!(look(&ward.app, "penicillin").is_empty());
    assert!(look(&ward.app, "4711").is_empty());
}

/// Brings one file.
struct File(PathBuf);

impl Ports for File {
    fn progress(&self, _: ProgressDto) {}
    fn open_file(&self, _: &str) -> Option<PathBuf> {
        Some(self.0.clone())
    }
    fn save_file(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

#[test]
fn everybody_finds_only_what_is_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    ward.visit();
    let reports = folder.path().join("reports.jsonl");
    std::fs::write(
        &reports,
        "{\"id\":\"r1\",\"text\":\"A nodule of the left lung.\"}\n{\"id\":\"r2\",\"text\":\"No nodule.\"}\n",
    )
    .unwrap();
    let import = json!({"name": "chest"});
    let dataset = ward.app.call("import_dataset", import, &File(reports)).unwrap()["id"].clone();
    let seen = ward.call("search_reports", json!({"words": "nodule lung"}));
    assert_eq!((&seen["left"], seen["found"].as_array().unwrap().len()), (&json!(0), 1));
    assert_eq!(seen["found"][0]["document_id"], "r1");

    for (name, role) in [("mia", "clinician"), ("rhea", "researcher"), ("otto", "auditor"), ("vera", "viewer")] {
        ward.call("add_user", json!({"name": name, "role": role, "password": PASSWORD}));
    }
    let sign_in = |name: &str| {
        ward.call("sign_out", json!({}));
        ward.call("sign_in", json!({"name": name, "password": PASSWORD}));
    };
    sign_in("mia");
    assert!(look(&ward.app, "penicillin").is_empty(), "another clinician's visit");
    assert_eq!(ward.refused("search_reports", json!({"words": "nodule"})), "denied");
    sign_in("rhea");
    assert_eq!(ward.refused("search_visits", json!({"words": "penicillin"})), "denied");
    assert_eq!(ward.call("search_reports", json!({"words": "nodule"}))["found"], json!([]));
    sign_in("ada");
    ward.call("share_dataset", json!({"id": dataset, "user": "rhea", "give": true}));
    sign_in("rhea");
    assert_eq!(ward.call("search_reports", json!({"words": "nodule"}))["found"].as_array().unwrap().len(), 2);
    for name in ["otto", "vera"] {
        sign_in(name);
        assert_eq!(ward.refused("search_visits", json!({"words": "penicillin"})), "denied");
        assert_eq!(ward.refused("search_reports", json!({"words": "nodule"})), "denied");
    }

    // What is erased leaves the index, and other reports are found as before.
    sign_in("ada");
    ward.call("delete_dataset", json!({"id": dataset}));
    assert_eq!(ward.call("search_reports", json!({"words": "nodule"}))["found"], json!([]));
}
