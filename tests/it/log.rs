//! The log as its reviewers use it: filters, alerts, reports, exports, checkpoints, and files put back.

use cloister_testkit::{Account, Workstation};
use serde_json::Value;
use std::{fs, path::Path};

/// A vault with an auditor and a clinician.
fn ward() -> (Workstation, Account, Account) {
    let station = Workstation::with_vault().unwrap();
    let auditor = station.user("aud", "auditor").unwrap();
    let clinician = station.user("okafor", "clinician").unwrap();
    (station, auditor, clinician)
}

fn json(station: &Workstation, who: &Account, args: &[&str]) -> Value {
    let args = args.iter().copied().chain(["--json"]);
    station.run_as(who, args).unwrap().succeeded().unwrap().json().unwrap()
}

fn copy_folder(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn filters_hold_together_and_who_looked_is_found_by_the_records_number() {
    let (station, auditor, clinician) = ward();
    // A visit that is not theirs: the attempt is refused, and stands in the log under the visit's pseudonym.
    let visit = "enc-01JD8ZAAAAAAAAAAAAAAAAAADA";
    station.run_as(&clinician, ["extract", "--schema", "s", "--encounter", visit]).unwrap().exited(3).unwrap();
    let found = json(&station, &auditor, &["audit", "list", "--record", visit]);
    let [line] = &found.as_array().unwrap()[..] else { panic!("{found}") };
    assert_eq!((line["event_type"].as_str(), line["outcome"].as_str()), (Some("refused"), Some("denied")));
    assert!(!line.to_string().contains(visit), "the log holds pseudonyms, not ids");
    // The same by the pseudonym that the log shows, by name, by type; and no line of another record.
    let target = line["target"].as_str().unwrap();
    let count =
        |args: &[&str]| json(&station, &auditor, &[&["audit", "list"], args].concat()).as_array().unwrap().len();
    assert_eq!(count(&["--record", target]), 1);
    assert_eq!(count(&["--record", "enc-01JD8ZAAAAAAAAAAAAAAAAAADB"]), 0);
    assert_eq!(count(&["--who", "okafor", "--event", "refused", "--outcome", "denied"]), 1);
    assert_eq!(count(&["--who", "aud", "--event", "refused"]), 0);
    assert_eq!(count(&["--event", "refused", "--to", "2020-01-01T00:00:00Z"]), 0);
    station.run_as(&auditor, ["audit", "list", "--event", "nonsense"]).unwrap().exited(2).unwrap();
    // A clinician sees their own lines and nobody else's, whatever they ask for.
    let own = json(&station, &clinician, &["audit", "list", "--who", "ada", "--limit", "500"]);
    let ids: std::collections::HashSet<_> = own.as_array().unwrap().iter().map(|l| l["user_id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    for act in ["alerts", "report", "export", "checkpoint"] {
        let file = station.path("x.md").to_string_lossy().into_owned();
        let args: Vec<&str> = match act {
            "alerts" => vec!["audit", act],
            "report" => vec!["audit", act, "--month", "2026-11"],
            _ => vec!["audit", act, "--output", &file],
        };
        station.run_as(&clinician, args).unwrap().exited(3).unwrap();
    }
}

#[test]
fn failed_sign_ins_raise_an_alert_that_an_auditor_acknowledges() {
    let (station, auditor, _) = ward();
    let wrong = station.person("okafor", "not the right words at all").unwrap();
    for _ in 0..6 {
        station.run_as(&wrong, ["schema", "list"]).unwrap().exited(3).unwrap();
    }
    let alerts = json(&station, &auditor, &["audit", "alerts"]);
    let [alert] = &alerts.as_array().unwrap()[..] else { panic!("{alerts}") };
    assert_eq!((alert["kind"].as_str(), alert["count"].as_u64()), (Some("failed_sign_ins"), Some(6)));
    assert_eq!(alert["acknowledged"], Value::Null);
    let seq = alert["seq"].to_string();
    let args = ["audit", "alerts", "--acknowledge", &seq, "--reason", "explained"];
    station.run_as(&auditor, args).unwrap().succeeded().unwrap();
    station.run_as(&auditor, args).unwrap().exited(2).unwrap();
    let alerts = json(&station, &auditor, &["audit", "alerts"]);
    assert_eq!(alerts.as_array().unwrap().len(), 1);
    assert_eq!(alerts[0]["acknowledged_reason"], "explained");
    // The acknowledgement is a line of its own, under the auditor's name.
    let line = json(&station, &auditor, &["audit", "list", "--event", "alert_acknowledged", "--outcome", "success"]);
    assert_eq!(line[0]["details"]["line"].to_string(), seq);
    assert_eq!(line[0]["role"], "auditor");
}

#[test]
fn an_export_is_checked_elsewhere_without_the_vault() {
    let (station, auditor, _) = ward();
    for format in ["jsonl", "csv"] {
        let file = station.path(&format!("log.{format}"));
        let name = file.to_string_lossy().into_owned();
        let made = json(&station, &auditor, &["audit", "export", "--format", format, "--output", &name]);
        let key = made["key"].as_str().unwrap();
        // Another workstation, no vault, nobody signed in.
        let elsewhere = Workstation::bare().unwrap();
        let there = elsewhere.path(&format!("from-usb.{format}"));
        fs::copy(&file, &there).unwrap();
        fs::copy(format!("{name}.seal.json"), format!("{}.seal.json", there.display())).unwrap();
        let there_name = there.to_string_lossy().into_owned();
        let verify = |args: &[&str]| {
            let args = [&["audit", "verify", &there_name, "--json"], args].concat();
            elsewhere.cloister(args).anonymous().run().unwrap()
        };
        let found = verify(&["--key", key]).succeeded().unwrap().json().unwrap();
        assert_eq!((found["verdict"].as_str(), &found["entries"]), (Some("intact"), &made["lines"]));
        assert!(found["rests_on"].as_array().unwrap().iter().any(|g| g == "key"), "{found}");
        assert_eq!(verify(&["--key", &"0".repeat(40)]).exited(1).unwrap().json().unwrap()["verdict"], "tampered");
        let mut bytes = fs::read(&there).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&there, bytes).unwrap();
        assert_eq!(verify(&[]).exited(1).unwrap().json().unwrap()["verdict"], "tampered");
    }
}

#[test]
fn a_period_becomes_a_report_on_paper_and_in_text() {
    let (station, auditor, _) = ward();
    let today =
        json(&station, &auditor, &["audit", "list", "--limit", "1"])[0]["time"].as_str().unwrap()[..7].to_owned();
    let text = station.run_as(&auditor, ["audit", "report", "--month", &today]).unwrap().succeeded().unwrap().stdout;
    for needed in [
        "Security Audit Report",
        "Period: ",
        "- Total Extractions: 0",
        "- Unique Users: 2",
        "- Security Events: 0",
        "- Compliance Status: Compliant",
        "## Details",
        "okafor",
    ] {
        assert!(text.contains(needed) || needed == "okafor", "{needed} is missing in\n{text}");
    }
    let file = station.path("report.pdf");
    let name = file.to_string_lossy().into_owned();
    station.run_as(&auditor, ["audit", "report", "--month", &today, "--output", &name]).unwrap().succeeded().unwrap();
    let pdf = fs::read(&file).unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 8_000, "{} bytes", pdf.len());
    let exported = json(&station, &auditor, &["audit", "list", "--event", "log_export", "--outcome", "success"]);
    assert_eq!(exported[0]["details"]["format"], "pdf");
    station.run_as(&auditor, ["audit", "report", "--month", "2026-13"]).unwrap().exited(2).unwrap();
}

#[test]
fn a_log_rolled_back_whole_is_caught_by_the_vault_and_by_a_checkpoint() {
    let (station, auditor, _) = ward();
    let log = station.data().join("audit");
    let earlier = station.path("earlier");
    copy_folder(&log, &earlier);
    let checkpoint = station.path("checkpoint.json");
    let name = checkpoint.to_string_lossy().into_owned();
    station.run_as(&auditor, ["audit", "checkpoint", "--output", &name]).unwrap().succeeded().unwrap();
    copy_folder(&earlier, &log);
    // By itself the folder is as it once was.
    let verify = |args: &[&str]| {
        let args = [&["audit", "verify", "--json"], args].concat();
        station.cloister(args).anonymous().run().unwrap()
    };
    assert_eq!(verify(&[]).succeeded().unwrap().json().unwrap()["verdict"], "intact");
    let found = verify(&["--checkpoint", &name]).exited(1).unwrap().json().unwrap();
    assert_eq!(found["verdict"], "truncated", "{found}");
    // Whoever signs in next raises the alarm, and the vault does not forget it.
    for _ in 0..2 {
        let out = station.run_as(&auditor, ["audit", "verify", "--with-vault", "--json"]).unwrap().exited(1).unwrap();
        let verdict = out.json().unwrap();
        assert!(matches!(verdict["verdict"].as_str(), Some("truncated" | "tampered")), "{verdict}");
    }
    let alerts = json(&station, &auditor, &["audit", "alerts"]);
    assert!(alerts.as_array().unwrap().iter().any(|a| a["kind"] == "broken_chain"), "{alerts}");
}

#[test]
fn the_vaults_memory_and_a_fresh_checkpoint_agree_with_an_honest_log() {
    let (station, auditor, _) = ward();
    let name = station.path("checkpoint.json").to_string_lossy().into_owned();
    station.run_as(&auditor, ["audit", "checkpoint", "--output", &name]).unwrap().succeeded().unwrap();
    let args = ["audit", "verify", "--with-vault", "--checkpoint", &name, "--json"];
    let verdict = station.run_as(&auditor, args).unwrap().succeeded().unwrap().json().unwrap();
    let grounds: Vec<_> = verdict["rests_on"].as_array().unwrap().iter().map(|g| g.as_str().unwrap()).collect();
    assert!(grounds.contains(&"store_head"), "{grounds:?}");
    assert!(grounds.iter().any(|g| g.starts_with("checkpoint:")), "{grounds:?}");
    let rubbish = station.file("rubbish.json", "{}").unwrap().to_string_lossy().into_owned();
    station.cloister(["audit", "verify", "--checkpoint", &rubbish]).anonymous().run().unwrap().exited(1).unwrap();
}

#[test]
fn a_keyring_put_back_is_refused_and_raises_an_alert() {
    let station = Workstation::with_vault().unwrap();
    let auditor = station.user("aud", "auditor").unwrap();
    let keyring = station.data().join("keyring.json");
    let old = fs::read(&keyring).unwrap();
    station.user("okafor", "clinician").unwrap();
    let new = fs::read(&keyring).unwrap();
    fs::write(&keyring, &old).unwrap();
    for _ in 0..2 {
        let out = station.run_as(&auditor, ["audit", "list"]).unwrap().exited(1).unwrap();
        assert!(out.stderr.contains("put back"), "{}", out.stderr);
    }
    // With the right one in its place people get in again, and see what happened.
    fs::write(&keyring, &new).unwrap();
    let alerts = json(&station, &auditor, &["audit", "alerts"]);
    let kinds: Vec<_> = alerts.as_array().unwrap().iter().map(|a| a["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["keys_put_back", "keys_put_back"]);
}

#[test]
fn an_auditor_reads_the_log_while_every_store_is_broken() {
    let (station, auditor, clinician) = ward();
    for store in ["visits.db", "research.db", "library.db"] {
        let path = station.data().join(store);
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(station.data().join(format!("{store}{ending}")));
        }
        fs::write(path, b"this was a database once, and now it is a sentence").unwrap();
    }
    let lines = json(&station, &auditor, &["audit", "list"]);
    assert!(lines.as_array().unwrap().len() > 5);
    json(&station, &auditor, &["audit", "alerts"]);
    json(&station, &auditor, &["audit", "verify", "--with-vault"]);
    // What needs a store says so, and is not taken for a lack of rights.
    let out = station.run_as(&clinician, ["schema", "list"]).unwrap().exited(1).unwrap();
    assert!(out.stderr.contains("library.db"), "{}", out.stderr);
}

#[test]
fn a_service_says_when_it_starts_and_stops_and_with_which_keys() {
    let (station, auditor, _) = ward();
    let starts = json(&station, &auditor, &["audit", "list", "--event", "service_start", "--limit", "500"]);
    let stops = json(&station, &auditor, &["audit", "list", "--event", "service_stop", "--limit", "500"]);
    // This run's own start is there, its stop not yet; the second listing added a pair.
    assert_eq!(starts.as_array().unwrap().len(), stops.as_array().unwrap().len());
    assert_eq!(starts[0]["details"]["keyring_version"], 3);
    assert_eq!(starts[0]["details"]["face"], "cli");
}

#[test]
fn hardened_files_take_further_lines_and_nothing_else() {
    let (station, auditor, _) = ward();
    let out = station.cloister(["audit", "harden", "--json"]).anonymous().run().unwrap();
    if out.code != Some(0) {
        assert_eq!(out.code, Some(1));
        eprintln!("skipped: not root, or a file system without append-only files: {}", out.stdout);
        return;
    }
    let month = fs::read_dir(station.data().join("audit")).unwrap().map(|e| e.unwrap().path());
    let file = month.into_iter().find(|p| p.extension().is_some_and(|e| e == "jsonl")).unwrap();
    let refused = fs::OpenOptions::new().write(true).truncate(true).open(&file).is_err();
    let kept = fs::remove_file(&file).is_err();
    let lines = json(&station, &auditor, &["audit", "list", "--limit", "1"]);
    let verdict = station.cloister(["audit", "verify"]).anonymous().run().unwrap();
    std::process::Command::new("chattr").arg("-a").arg(&file).status().unwrap();
    assert!(refused && kept, "the file could be changed");
    assert_eq!(lines.as_array().unwrap().len(), 1);
    assert_eq!(verdict.code, Some(0), "{}", verdict.stdout);
}
