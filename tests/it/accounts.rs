//! A vault, its people, and who gets in.

use cloister_testkit::{Outcome, Workstation};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

#[test]
fn init_prints_the_recovery_key_and_the_logs_fingerprint_once() {
    let station = Workstation::bare().unwrap();
    let args = ["init", "--admin", "ada", "--policy", "second_factor=optional", "--json"];
    let made = station.run(args).unwrap().succeeded().unwrap().json().unwrap();
    let keys: Vec<_> = made.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["recovery_key", "log_fingerprint"]);
    let recovery = made["recovery_key"].as_str().unwrap();
    assert!(recovery.len() >= 32 && recovery.contains('-'), "grouped base32 of 160 bits: {recovery}");
    assert!(made["log_fingerprint"].as_str().unwrap().len() >= 32);
    // Neither is written down anywhere in the vault.
    assert_eq!(cloister_testkit::traces::of(recovery, &station.data()).unwrap(), []);

    let again = station.run(args).unwrap().exited(1).unwrap();
    assert!(again.stdout.is_empty());
    station.run(["policy", "show"]).unwrap().succeeded().unwrap();
}

#[test]
fn the_vault_is_for_its_owner_alone() {
    let station = Workstation::with_vault().unwrap();
    let data = station.data();
    let mut paths = cloister_testkit::traces::files(&data).unwrap();
    assert!(paths.len() > 3, "{paths:?}");
    paths.push(data);
    for path in paths {
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} is open to others: {mode:o}", path.display());
    }
}

#[test]
fn a_weak_password_is_refused_and_makes_no_vault() {
    for weak in ["short", "password1234", "aaaaaaaaaaaaaaaa"] {
        let station = Workstation::bare().unwrap();
        let eve = station.person("eve", weak).unwrap();
        let out = station
            .cloister(["init", "--admin", "eve", "--policy", "second_factor=optional"])
            .signed_in_as(&eve)
            .run()
            .unwrap();
        let out = out.exited(1).unwrap();
        assert!(!out.stderr.contains(weak), "the password is echoed: {}", out.stderr);
        assert!(!station.data().join("keyring.json").exists(), "a vault with the password {weak:?}");
    }
}

#[test]
fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let station = Workstation::with_vault().unwrap();
    let wrong = station.person("ada", "ten grey herons at dusk").unwrap();
    let unknown = station.person("nobody", "ten grey herons at dusk").unwrap();
    let answer = |who| -> Outcome { station.run_as(who, ["schema", "list"]).unwrap().exited(3).unwrap() };
    let (a, b) = (answer(&wrong), answer(&unknown));
    assert!(a.stdout.is_empty() && b.stdout.is_empty());
    assert_eq!(a.stderr, b.stderr);
    assert!(!a.stderr.contains("herons"));
}

#[test]
fn five_wrong_passwords_lock_the_name_for_a_while() {
    let station = Workstation::with_vault().unwrap();
    let right = station.user("carol", "clinician").unwrap();
    let good = std::fs::read(&right.password_file).unwrap();
    let wrong = station.person("carol", "not the harbour's lanterns").unwrap();
    for _ in 0..5 {
        station.run_as(&wrong, ["schema", "list"]).unwrap().exited(3).unwrap();
    }
    std::fs::write(&right.password_file, good).unwrap();
    let locked = station.run_as(&right, ["schema", "list"]).unwrap().exited(3).unwrap();
    assert!(locked.stderr.contains("minute"), "it does not say when to try again: {}", locked.stderr);
    // Others get in, and the log tells of it.
    let lines = station.run(["audit", "list", "--json"]).unwrap().succeeded().unwrap().stdout;
    assert!(lines.contains("failure") || lines.contains("denied"), "{lines}");
}

#[test]
fn a_researcher_signs_in_with_the_password_file_and_sees_research_only() {
    let station = Workstation::with_vault().unwrap();
    let rita = station.user("rita", "researcher").unwrap();
    station.run_as(&rita, ["schema", "list"]).unwrap().succeeded().unwrap();
    station.run_as(&rita, ["dataset", "list"]).unwrap().succeeded().unwrap();
    let speech = cloister_testkit::fixture("greeting.flac");
    let refused = station.run_as(&rita, ["transcribe".as_ref(), speech.as_os_str()]).unwrap().exited(3).unwrap();
    assert!(refused.stdout.is_empty());
    station.run_as(&rita, ["user", "list"]).unwrap().exited(3).unwrap();
    station.run_as(&rita, ["policy", "show"]).unwrap().exited(3).unwrap();
}

#[test]
fn an_auditor_reads_the_log_and_nothing_clinical() {
    let station = Workstation::with_vault().unwrap();
    let schema = cloister_testkit::demo_sample("report.schema.json");
    station.run(["schema", "add", &schema.to_string_lossy(), "--name", "report"]).unwrap().succeeded().unwrap();
    let reports = cloister_testkit::demo_sample("reports.jsonl");
    station.run(["dataset", "import", &reports.to_string_lossy(), "--name", "six"]).unwrap().succeeded().unwrap();
    let olga = station.user("olga", "auditor").unwrap();

    station.run_as(&olga, ["audit", "list"]).unwrap().succeeded().unwrap();
    let note = station.file("note.txt", "The patient takes aspirin 75 mg.").unwrap();
    let note = note.to_string_lossy();
    for args in [
        &["schema", "list"][..],
        &["schema", "show", "report"],
        &["dataset", "list"],
        &["batch", "run", "--dataset", "six", "--schema", "report", "--purpose", "curiosity"],
        &["extract", "--schema", "report", "--text-file", &note],
        &["user", "list"],
    ] {
        let out = station.run_as(&olga, args).unwrap().exited(3).unwrap();
        assert!(out.stdout.is_empty(), "{args:?}: {}", out.stdout);
    }
    let log = station.run(["audit", "list", "--json"]).unwrap().succeeded().unwrap().stdout;
    assert!(log.contains("\"denied\""), "denied attempts are not in the log");
}

#[test]
fn accounts_are_listed_with_their_roles_and_names_are_taken_once() {
    let station = Workstation::with_vault().unwrap();
    station.user("rita", "researcher").unwrap();
    let list = station.run(["user", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    let people: Vec<(String, String)> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["name"].as_str().unwrap().to_owned(), p["role"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(people, [("ada".into(), "administrator".into()), ("rita".into(), "researcher".into())]);
    let file = station.person("rita2", "eleven grey herons at noon").unwrap().password_file;
    let file = file.to_string_lossy();
    let twice = station.run(["user", "add", "rita", "--role", "viewer", "--new-password-file", &file]).unwrap();
    twice.exited(1).unwrap();
}

#[test]
fn a_second_administrator_approves_what_the_first_proposed() {
    let station = Workstation::with_vault().unwrap();
    let ben = station.user("ben", "administrator").unwrap();
    station.run(["policy", "set", "policy_approval=two"]).unwrap().succeeded().unwrap();
    let told = station.run(["policy", "set", "max_login_attempts=4"]).unwrap().succeeded().unwrap();
    assert!(told.stdout.contains("max_login_attempts = 5"), "{}", told.stdout);
    assert!(told.stderr.contains("cloister policy approve max_login_attempts=4"), "{}", told.stderr);
    let own = station.run(["policy", "approve", "max_login_attempts=4"]).unwrap().exited(2).unwrap();
    assert!(own.stderr.contains("another administrator"), "{}", own.stderr);
    let waiting = station.run_as(&ben, ["policy", "proposals", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!((&waiting[0]["new"], &waiting[0]["own"]), (&json!("4"), &json!(false)));
    station.run_as(&ben, ["policy", "approve", "max_login_attempts=4"]).unwrap().succeeded().unwrap();
    station.run(["policy", "set", "policy_approval=one"]).unwrap().succeeded().unwrap();
    station.run_as(&ben, ["policy", "reject", "policy_approval=one"]).unwrap().succeeded().unwrap();
    let shown = station.run(["policy", "show", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!((&shown["max_login_attempts"], &shown["policy_approval"]), (&json!(4), &json!("two")));
}

#[test]
fn the_policy_in_force_is_what_init_was_told() {
    let station = Workstation::bare().unwrap();
    let policy = ["--policy", "second_factor=optional", "--policy", "session_timeout_minutes=7"];
    let args = ["init", "--admin", "ada"].into_iter().chain(policy);
    station.run(args).unwrap().succeeded().unwrap();
    let shown = station.run(["policy", "show", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(shown["session_timeout_minutes"], 7);
    assert_eq!(shown["second_factor"], "optional");

    let other = Workstation::bare().unwrap();
    for wrong in ["session_timeout_minutes=0", "colour=blue", "second_factor"] {
        let out = other.run(["init", "--admin", "ada", "--policy", wrong]).unwrap().orderly().unwrap();
        assert!(matches!(out.code, Some(1 | 2)), "{wrong} was taken");
        assert!(!other.data().join("keyring.json").exists());
    }
}
