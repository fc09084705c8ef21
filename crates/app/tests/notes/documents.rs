//! The four forms of a signed note, read back by programs that are not ours where they are there.

use crate::bench::{PASSWORD, Ward};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Python with fhir.resources and python-docx, as packaging/test-tools.sh installs it. Without it the test ends there,
/// with a word.
fn checker() -> Option<PathBuf> {
    let cache = std::env::var_os("CLOISTER_CACHE").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/cloister")))?;
    let python = cache.join("tools/fhir/bin/python");
    if python.exists() {
        return Some(python);
    }
    eprintln!("skipped: there is no {}; packaging/test-tools.sh installs it", python.display());
    None
}

fn check(python: &Path, file: &Path) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fhir/check.py");
    let out = Command::new(python).arg(script).arg(file).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn without_digits(text: &str) -> String {
    let hex = |w: &str| w.len() >= 16 && w.chars().all(|c| c.is_ascii_hexdigit() || c == '…');
    let day = |w: &str| w.len() == 10 && w.starts_with("20") && w.contains('-');
    let time = |w: &str| w.len() == 5 && w.as_bytes()[2] == b':' && w.as_bytes()[0].is_ascii_digit();
    let line = |l: &str| {
        let word = |w: &str| match w {
            w if hex(w) => "DIGEST".to_owned(),
            w if day(w) => "DAY".to_owned(),
            w if time(w) => "TIME".to_owned(),
            w => w.to_owned(),
        };
        l.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn only_a_signed_note_leaves_and_a_file_that_was_there_is_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, extraction) = ward.visit();
    let file = folder.path().join("note.md");
    fs::write(&file, "what was there before").unwrap();
    let refused = ward.export(json!({"id": visit, "format": "md"}), &file).unwrap_err();
    assert_eq!(
        (refused.code(), refused.to_string().as_str()),
        ("not_signed", "there is no signed note of this visit; sign it first")
    );
    ward.accept_all_but(&visit, &extraction, &[]);
    ward.call("draft_note", json!({"id": visit}));
    assert_eq!(ward.export(json!({"id": visit, "format": "md"}), &file).unwrap_err().code(), "not_signed", "a draft");
    assert_eq!(fs::read_to_string(&file).unwrap(), "what was there before");
    ward.call("sign_note", json!({"id": visit, "password": PASSWORD}));
    let done = ward.export(json!({"id": visit, "format": "md"}), &file).unwrap();
    assert_eq!(done["version"], 1);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(done["note_sha256"].as_str().unwrap()) && !text.contains("Evidence"));
    let nowhere = ward.export(json!({"id": visit, "format": "md", "version": 2}), &file).unwrap_err();
    assert_eq!(nowhere.code(), "not_signed");
    // A copy is text, and no file.
    let copied = ward.call("export_note", json!({"id": visit, "format": "copy"}));
    assert_eq!((&copied["file"], copied["text"].as_str().unwrap()), (&Value::Null, text.as_str()));
    let lines = ward.call("audit_list", json!({"limit": 20}));
    let exports: Vec<_> =
        lines.as_array().unwrap().iter().filter(|l| l["event_type"] == "export" && l["outcome"] == "success").collect();
    assert_eq!(exports.len(), 2);
    assert_eq!((&exports[0]["details"]["format"], &exports[1]["details"]["format"]), (&json!("copy"), &json!("md")));
    assert!(exports[1]["details"]["file_sha256"].is_string() && exports[1]["details"]["patient"].is_string());
}

#[test]
fn markdown_says_what_was_signed_and_with_evidence_why() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, _) = ward.signed();
    let file = folder.path().join("note.md");
    ward.export(json!({"id": visit, "format": "md", "evidence": true}), &file).unwrap();
    insta::assert_snapshot!("markdown", without_digits(&fs::read_to_string(&file).unwrap()));
}

#[test]
fn a_pdf_has_pages_and_refuses_letters_that_it_has_no_sign_for() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, _) = ward.signed();
    let file = folder.path().join("note.pdf");
    ward.export(json!({"id": visit, "format": "pdf", "evidence": true}), &file).unwrap();
    let bytes = fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"%PDF-") && bytes.len() > 10_000, "{}", bytes.len());
    if let Some(kept) = std::env::var_os("CLOISTER_KEEP_DOCUMENTS") {
        for (format, name) in [("pdf", "note.pdf"), ("docx", "note.docx"), ("md", "note.md"), ("fhir", "note.json")] {
            let to = PathBuf::from(&kept).join(name);
            ward.export(json!({"id": visit, "format": format, "evidence": true}), &to).unwrap();
        }
    }
    let amended = ward.call("amend_note", json!({"id": visit, "reason": "إضافة"}));
    assert_eq!(amended["draft"]["version"], 2);
    ward.call("sign_note", json!({"id": visit, "password": PASSWORD}));
    let refused = ward.export(json!({"id": visit, "format": "pdf"}), &file).unwrap_err();
    assert_eq!(refused.code(), "output_failed");
    assert!(refused.to_string().contains("U+0625"), "{refused}");
    assert_eq!(fs::read(&file).unwrap(), bytes, "what was there stays");
    ward.export(json!({"id": visit, "format": "docx"}), &folder.path().join("note.docx")).unwrap();
}

#[test]
fn a_word_document_is_read_by_others() {
    let Some(python) = checker() else { return };
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, _) = ward.signed();
    let file = folder.path().join("note.docx");
    ward.export(json!({"id": visit, "format": "docx", "evidence": true}), &file).unwrap();
    insta::assert_snapshot!("word", without_digits(&check(&python, &file)));
}

/// The resources of a bundle, with identifiers and times made alike.
fn resources(file: &Path) -> Vec<Value> {
    let bundle: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert_eq!((&bundle["resourceType"], &bundle["type"]), (&json!("Bundle"), &json!("document")));
    bundle["entry"].as_array().unwrap().iter().map(|e| e["resource"].clone()).collect()
}

fn of<'a>(all: &'a [Value], kind: &str) -> Vec<&'a Value> {
    all.iter().filter(|r| r["resourceType"] == kind).collect()
}

#[test]
fn a_fhir_document_holds_what_is_known_as_data_and_passes_the_validator() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, extraction) = ward.visit();
    ward.accept_all_but(&visit, &extraction, &[]);
    let draft = ward.call("draft_note", json!({"id": visit}))["draft"].clone();
    // One drug is worded by the person: what they wrote is narrative, and no data stands beside it.
    let mut sections = super::saved(&draft);
    sections[3]["sentences"][2]["text"] = json!("Continue aspirin <only> if the stomach is quiet & calm.");
    ward.call("save_note", json!({"id": visit, "sections": sections}));
    ward.call("sign_note", json!({"id": visit, "password": PASSWORD}));
    let file = folder.path().join("note.fhir.json");
    ward.export(json!({"id": visit, "format": "fhir"}), &file).unwrap();
    let first = fs::read(&file).unwrap();
    let all = resources(&file);
    assert_eq!(all[0]["resourceType"], "Composition");
    assert_eq!(all[0]["status"], "final");
    let div = all[0]["section"][3]["text"]["div"].as_str().unwrap();
    assert!(div.contains("<li>Continue aspirin &lt;only&gt; if the stomach is quiet &amp; calm.</li>"), "{div}");
    let drugs: Vec<_> = of(&all, "MedicationStatement")
        .iter()
        .map(|m| (m["medicationCodeableConcept"]["text"].clone(), m["status"].clone()))
        .collect();
    assert_eq!(drugs, [(json!("naproxen"), json!("stopped")), (json!("prednisone"), json!("active"))]);
    assert_eq!(of(&all, "Condition")[0]["code"]["text"], "arthritis of the knee");
    assert_eq!(of(&all, "AllergyIntolerance")[0]["code"]["text"], "penicillin");
    assert_eq!(of(&all, "Observation")[0]["valueString"], "140/85 mmHg");
    assert_eq!(of(&all, "Provenance")[0]["target"].as_array().unwrap().len(), 7);
    let patient = of(&all, "Patient")[0];
    assert!(!patient.to_string().contains("4711"), "a pseudonym stands for the record number");
    assert_eq!(patient["identifier"][0]["value"].as_str().unwrap().len(), 32);
    ward.export(json!({"id": visit, "format": "fhir"}), &file).unwrap();
    assert_eq!(fs::read(&file).unwrap(), first, "the same note, the same bytes");

    ward.call("amend_note", json!({"id": visit, "reason": "a slip"}));
    ward.call("sign_note", json!({"id": visit, "password": PASSWORD}));
    let second = folder.path().join("second.fhir.json");
    ward.export(json!({"id": visit, "format": "fhir"}), &second).unwrap();
    let amended = resources(&second);
    assert_eq!(amended[0]["status"], "amended");
    assert_eq!(amended[0]["relatesTo"][0]["targetIdentifier"]["value"], all[0]["identifier"]["value"]);
    assert_eq!(of(&amended, "Patient")[0]["identifier"], patient["identifier"], "one patient, one pseudonym");

    let Some(python) = checker() else { return };
    let kinds = check(&python, &file);
    for kind in [
        "Composition",
        "DocumentReference",
        "Encounter",
        "Condition",
        "MedicationStatement",
        "AllergyIntolerance",
        "Observation",
        "Provenance",
    ] {
        assert!(kinds.lines().any(|l| l == kind), "{kinds}");
    }
    check(&python, &second);
}
