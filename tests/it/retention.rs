//! Erasing for good: what is gone, what the receipt says of it, and what a hold forbids.

use cloister_testkit::{Workstation, fixture};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs;

/// The log's lines of one event, newest first.
fn lines(station: &Workstation, event: &str) -> Vec<serde_json::Value> {
    let log = station.run(["--json", "audit", "list", "--event", event]).unwrap().succeeded().unwrap().json().unwrap();
    log["lines"].as_array().or_else(|| log.as_array()).unwrap().clone()
}

#[test]
fn a_visit_is_erased_for_good_and_its_receipt_stands_in_the_log_with_models() {
    let station = Workstation::with_vault().unwrap();
    let audio = fixture("greeting.flac").to_string_lossy().into_owned();
    station.run(["transcribe", &audio]).unwrap().succeeded().unwrap();
    let visits = || station.run(["--json", "visits", "list"]).unwrap().succeeded().unwrap().json().unwrap();
    let visit = visits()[0]["id"].as_str().unwrap().to_owned();

    let asked = station.run(["visits", "delete", &visit]).unwrap().exited(2).unwrap();
    assert!(asked.stderr.contains("--yes"), "{}", asked.stderr);
    let clinician = station.user("mia", "clinician").unwrap();
    station.run_as(&clinician, ["visits", "delete", &visit, "--yes"]).unwrap().exited(3).unwrap();
    assert_eq!(visits()[0]["id"], visit.as_str(), "nothing was erased");

    let answer = station.run(["--json", "visits", "delete", &visit, "--yes"]).unwrap().succeeded().unwrap();
    let answer = answer.json().unwrap();
    let receipt = &answer["receipt"];
    assert_eq!((&receipt["kind"], &receipt["erased"]), (&json!("visit"), &json!(visit)));
    assert_eq!((&receipt["rows"]["encounters"], &receipt["rows"]["transcripts"]), (&json!(1), &json!(1)));
    assert_eq!(visits(), json!([]));
    let again = station.run(["visits", "delete", &visit, "--yes"]).unwrap();
    assert_ne!(again.code, Some(0));

    // The receipt's bytes have the digest that the log holds.
    let file = station.path("receipt.json");
    let to = file.to_string_lossy().into_owned();
    station.run(["retention", "receipts", "--of", &visit, "--output", &to]).unwrap().succeeded().unwrap();
    let bytes = fs::read(&file).unwrap();
    let sha256: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(answer["sha256"], sha256.as_str());
    let logged = lines(&station, "deletion");
    let done = logged.iter().find(|l| l["outcome"] == "success").unwrap();
    assert_eq!(done["details"]["result_sha256"], sha256.as_str(), "{done}");
    assert!(!String::from_utf8(bytes).unwrap().contains("brings"), "a receipt holds no content");
    station.run(["audit", "verify"]).unwrap().succeeded().unwrap();
}

#[test]
fn what_is_held_stays_until_it_is_released() {
    let station = Workstation::with_vault().unwrap();
    let path = station.file("notes.csv", "id,text\n1,Well.\n2,Unwell.\n").unwrap();
    let path = path.to_string_lossy().into_owned();
    station.run(["dataset", "import", &path, "--name", "set", "--text-column", "text"]).unwrap().succeeded().unwrap();
    let sets = || station.run(["--json", "dataset", "list"]).unwrap().succeeded().unwrap().json().unwrap();
    let id = sets()[0]["id"].as_str().unwrap().to_owned();
    let researcher = station.user("rhea", "researcher").unwrap();
    let hold = ["retention", "hold", &id, "--reason", "court order 12/26"];
    station.run_as(&researcher, hold).unwrap().exited(3).unwrap();
    station.run(hold).unwrap().succeeded().unwrap();
    let held = station.run(["--json", "retention", "holds"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!((&held[0]["id"], &held[0]["reason"]), (&json!(id), &json!("court order 12/26")));

    let refused = station.run(["dataset", "delete", "set", "--yes"]).unwrap().exited(1).unwrap();
    assert!(refused.stderr.contains("a legal hold keeps it; nothing was erased"), "{}", refused.stderr);
    assert_eq!(sets()[0]["name"], "set");
    let log = fs::read_dir(station.data().join("audit")).unwrap().flatten();
    let log: String = log.filter_map(|f| fs::read_to_string(f.path()).ok()).collect();
    assert!(!log.contains("court order"), "the log holds no free text");

    station.run(["retention", "release", &id]).unwrap().succeeded().unwrap();
    let gone = station.run(["--json", "dataset", "delete", "set", "--yes"]).unwrap().succeeded().unwrap();
    let gone = gone.json().unwrap();
    assert_eq!((&gone["documents"], &gone["receipt"]["rows"]["documents"]), (&json!(2), &json!(2)));
    assert_eq!(sets(), json!([]));
    let kept = station.run(["--json", "retention", "receipts"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!((&kept[0]["receipt"]["erased"], &kept[0]["sha256"]), (&json!(id), &gone["sha256"]));
    let reasons: Vec<_> = lines(&station, "deletion").iter().map(|l| l["outcome"].clone()).collect();
    assert!(reasons.contains(&json!("failure")) && reasons.contains(&json!("success")), "{reasons:?}");
}
