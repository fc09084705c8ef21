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

#[test]
fn the_rules_erase_what_is_due_and_nothing_that_is_held() {
    let station = Workstation::with_vault().unwrap();
    let import = |name: &str| {
        let path = station.file(&format!("{name}.csv"), "id,text\n1,Well.\n2,Unwell.\n").unwrap();
        let path = path.to_string_lossy().into_owned();
        station
            .run(["dataset", "import", &path, "--name", name, "--text-column", "text"])
            .unwrap()
            .succeeded()
            .unwrap();
    };
    let sets = || {
        let found = station.run(["--json", "dataset", "list"]).unwrap().succeeded().unwrap().json().unwrap();
        let mut names: Vec<_> =
            found.as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        (names, found)
    };
    import("old");
    import("held");
    let id = |name: &str| {
        let (_, found) = sets();
        let found = found.as_array().unwrap().iter().find(|s| s["name"] == name).unwrap().clone();
        found["id"].as_str().unwrap().to_owned()
    };
    let (old, held) = (id("old"), id("held"));
    station.run(["retention", "hold", &held, "--reason", "inquiry"]).unwrap().succeeded().unwrap();
    let preview = || station.run(["--json", "retention", "preview"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(
        (&preview()["due"], &preview()["datasets"]),
        (&json!([]), &json!("keep")),
        "nothing goes unless asked for"
    );
    assert_eq!(preview()["audio"], "1", "sound goes a day after signing");

    // The sign-in that sets the rule is not the one that applies it: at most once a day by itself.
    station.run(["policy", "set", "retain_datasets=0"]).unwrap().succeeded().unwrap();
    let due = preview();
    let of = |name: &str| due["due"].as_array().unwrap().iter().find(|d| d["name"] == name).unwrap().clone();
    assert_eq!((&of("old")["held"], &of("held")["held"]), (&json!(false), &json!(true)));
    assert_eq!((&of("old")["kind"], &of("old")["parts"]), (&json!("dataset"), &json!(2)));
    let researcher = station.user("rhea", "researcher").unwrap();
    station.run_as(&researcher, ["retention", "preview"]).unwrap().exited(3).unwrap();
    station.run_as(&researcher, ["retention", "run"]).unwrap().exited(3).unwrap();
    assert_eq!(sets().0, ["held", "old"], "a preview erases nothing");

    let done = station.run(["--json", "retention", "run"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!((done["erased"].as_array().unwrap().len(), &done["held"]), (1, &json!(1)));
    assert_eq!(sets().0, ["held"]);
    let kept = station.run(["--json", "retention", "receipts"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(kept[0]["receipt"]["erased"], old.as_str());
    let logged = lines(&station, "deletion");
    let gone = logged.iter().find(|l| l["outcome"] == "success").unwrap();
    assert_eq!((&gone["action"], &gone["details"]["result_sha256"]), (&json!("apply_retention"), &kept[0]["sha256"]));
    assert!(lines(&station, "retention").iter().any(|l| l["outcome"] == "success"));
    station.run(["audit", "verify"]).unwrap().succeeded().unwrap();
}

#[test]
fn everything_of_one_patient_goes_from_every_dataset() {
    let station = Workstation::with_vault().unwrap();
    let import = |name: &str, text: &str| {
        let path = station.file(&format!("{name}.csv"), text).unwrap().to_string_lossy().into_owned();
        station
            .run(["dataset", "import", &path, "--name", name, "--text-column", "text"])
            .unwrap()
            .succeeded()
            .unwrap();
    };
    import("one", "id,text\n4711,Quillfeather is well.\n4712,Unwell.\n");
    import("two", "id,text\n 4711 ,Seen again.\nAB-9,Seen.\n");
    import("none", "id,text\n1,Other.\n");
    let count = |name: &str| {
        let sets = station.run(["--json", "dataset", "list"]).unwrap().succeeded().unwrap().json().unwrap();
        sets.as_array().unwrap().iter().find(|s| s["name"] == name).unwrap()["documents"].as_u64().unwrap()
    };
    let erase = |args: &[&str]| {
        let all = ["--json", "retention", "erase-patient"].iter().chain(args);
        station.run(all).unwrap()
    };
    let found = erase(&["4711"]).succeeded().unwrap().json().unwrap();
    assert_eq!(found["reports"].as_array().unwrap().len(), 2, "{found}");
    assert_eq!((count("one"), count("two")), (2, 2), "without --yes it is shown, not erased");
    let done = erase(&["4711", "--yes"]).succeeded().unwrap().json().unwrap();
    assert_eq!(done["erased"][0]["receipt"]["rows"]["documents"], 2);
    assert_eq!((count("one"), count("two"), count("none")), (1, 1, 1));
    // By the pseudonym of the log, as an auditor would name them; nothing is left.
    let pseudonym = done["pseudonym"].as_str().unwrap();
    assert_eq!(pseudonym.len(), 32);
    let left = erase(&[pseudonym]).succeeded().unwrap().json().unwrap();
    assert_eq!((&left["reports"], &left["visits"]), (&json!([]), &json!([])));
    erase(&["4711", "--yes"]).exited(1).unwrap();
    let logged = lines(&station, "deletion");
    assert!(logged.iter().any(|l| l["details"]["patient"] == pseudonym && l["outcome"] == "success"), "{logged:?}");
    assert!(!serde_json::to_string(&logged).unwrap().contains("4711"), "the number itself is nowhere in the log");
    // A hold on the dataset keeps it, and the answer says so.
    let sets = station.run(["--json", "dataset", "list"]).unwrap().succeeded().unwrap().json().unwrap();
    let two = sets.as_array().unwrap().iter().find(|s| s["name"] == "two").unwrap()["id"].as_str().unwrap().to_owned();
    station.run(["retention", "hold", &two, "--reason", "inquiry"]).unwrap().succeeded().unwrap();
    let held = erase(&["ab-9", "--yes"]).exited(1).unwrap();
    assert!(held.stderr.contains("legal holds keep"), "{}", held.stderr);
    assert_eq!(count("two"), 1);
}
