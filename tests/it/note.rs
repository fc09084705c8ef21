//! From a visit to a signed note and its files, as a script does it.

use cloister_testkit::{Workstation, fixture};
use std::fs;

fn visit(station: &Workstation) -> String {
    let audio = fixture("greeting.flac").to_string_lossy().into_owned();
    station.run(["transcribe", &audio]).unwrap().succeeded().unwrap();
    let list = station.run(["note", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(list[0]["state"], "transcribed");
    list[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn nothing_leaves_before_a_signature_and_what_is_signed_stays_with_models() {
    let station = Workstation::with_vault().unwrap();
    let visit = visit(&station);
    let file = station.path("note.md");
    let to = file.to_string_lossy().into_owned();
    let export = ["note", "export", &visit, "--format", "md", "--output", &to];
    let refused = station.run(export).unwrap().exited(1).unwrap();
    insta::assert_snapshot!(refused.stderr.trim(), @"there is no signed note of this visit; sign it first");
    let none = station.run(["note", "show", &visit]).unwrap().exited(1).unwrap();
    insta::assert_snapshot!(none.stderr.trim(), @"there is no note of this visit yet; `cloister note draft` begins one");

    station.run(["note", "draft", &visit, "--template", "letter"]).unwrap().succeeded().unwrap();
    let empty = station.run(["note", "sign", &visit]).unwrap().exited(1).unwrap();
    assert!(empty.stderr.contains("the note is empty"), "{}", empty.stderr);
    let lost = station.run(["note", "add", &visit, "--section", "plan", "Rest."]).unwrap().exited(2).unwrap();
    assert!(lost.stderr.contains("recommendations"), "{}", lost.stderr);
    let add = ["note", "add", &visit, "--section", "recommendations", "Rest & *fluids*."];
    let shown = station.run(add).unwrap().succeeded().unwrap();
    assert_eq!(shown.stdout, "Recommendations\n  * Rest & *fluids*.\nDraft of version 1\n");
    assert!(!station.path("note.md").exists());

    let signed = station.run(["note", "sign", &visit, "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!((&signed["state"], signed["signed"][0]["version"].as_u64()), (&"signed".into(), Some(1)));
    let again = station.run(["note", "sign", &visit]).unwrap().exited(1).unwrap();
    assert!(again.stderr.contains("no draft"), "{}", again.stderr);
    let done = station.run(export).unwrap().succeeded().unwrap();
    assert!(done.stdout.is_empty() && done.stderr.contains("version 1"), "{}", done.stderr);
    let first = fs::read_to_string(&file).unwrap();
    assert!(
        first.contains("- Rest \\& \\*fluids\\*.") && first.contains(signed["signed"][0]["sha256"].as_str().unwrap())
    );

    let amend = ["note", "amend", &visit, "--reason", "a slip"];
    station.run(amend).unwrap().succeeded().unwrap();
    let add = ["note", "add", &visit, "--section", "recommendations", "See again in a week."];
    station.run(add).unwrap().succeeded().unwrap();
    station.run(["note", "sign", &visit]).unwrap().succeeded().unwrap();
    let old = station.run(["note", "export", &visit, "--format", "md", "--output", &to, "--version", "1"]);
    old.unwrap().succeeded().unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), first, "the first version as it was");
    for (format, begins) in [("pdf", "%PDF-"), ("docx", "PK"), ("fhir", "{"), ("md", "# Consultation letter")] {
        let file = station.path(&format!("note.{format}"));
        let to = file.to_string_lossy().into_owned();
        let export = ["note", "export", &visit, "--format", format, "--output", &to, "--evidence", "--json"];
        let told = station.run(export).unwrap().succeeded().unwrap().json().unwrap();
        assert_eq!(told["version"], 2);
        assert!(fs::read(&file).unwrap().starts_with(begins.as_bytes()), "{format}");
    }

    // Somebody else's visit is nobody's: denied, and no word of it is shown.
    let other = station.user("okafor", "clinician").unwrap();
    let denied = station.run_as(&other, ["note", "show", &visit]).unwrap().exited(3).unwrap();
    assert!(!denied.stdout.contains("Rest"), "{}", denied.stdout);
    let denied = station.run_as(&other, export).unwrap().exited(3).unwrap();
    assert!(denied.stdout.is_empty());
}
