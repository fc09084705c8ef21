//! Account upkeep and the second factor, as an administrator and the people themselves do it.

use cloister_testkit::{Account, Workstation};
use serde_json::Value;
use std::{
    fs,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};
use totp_rs::{Builder, Secret, Totp};

const NEW: &str = "eleven kites over the estuary";

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn new_password(station: &Workstation) -> PathBuf {
    station.file("new-password", format!("{NEW}\n")).unwrap()
}

/// The device of a person who enrolled: its secret and their recovery codes.
fn enrolled(station: &Workstation, who: &Account) -> (Totp, String, Vec<String>) {
    let offered = station.run_as(who, ["user", "totp", "enrol", "--json"]).unwrap().succeeded().unwrap();
    let offered = offered.json().unwrap();
    let secret = text(&offered["secret"]).to_owned();
    assert!(text(&offered["uri"]).contains(&secret));
    let rows = offered["qr"].as_array().unwrap();
    assert!(rows.len() >= 21 && rows.iter().all(|r| text(r).len() == rows.len()), "the QR code is not square");

    let device = Builder::new().with_secret(Secret::try_from_base32(&secret).unwrap()).build().unwrap();
    let args = ["user", "totp", "enrol", "--json", "--secret", &secret, "--code", &now(&device, 0)];
    let kept = station.run_as(who, args).unwrap().succeeded().unwrap().json().unwrap();
    let codes = kept["codes"].as_array().unwrap().iter().map(|c| text(c).to_owned()).collect();
    (device, secret, codes)
}

/// The code of this moment, or of `steps` later.
fn now(device: &Totp, steps: u64) -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    device.generate(seconds + 30 * steps).to_string()
}

fn signs_in(station: &Workstation, who: &Account, code: Option<&str>) -> i32 {
    let mut args = vec!["schema", "list"];
    if let Some(code) = code {
        args.extend(["--otp", code]);
    }
    station.run_as(who, args).unwrap().code.unwrap()
}

#[test]
fn a_second_factor_is_asked_for_and_a_code_works_once() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let (device, secret, codes) = enrolled(&station, &cleo);

    let without = station.run_as(&cleo, ["schema", "list"]).unwrap().exited(3).unwrap();
    assert!(without.stderr.contains("second factor"), "{}", without.stderr);
    assert_eq!(signs_in(&station, &cleo, Some("000000")), 3);
    // The next step's code is accepted too, so that a clock may be a little off.
    let code = now(&device, 0);
    assert_eq!(signs_in(&station, &cleo, Some(&code)), 0);
    assert_eq!(signs_in(&station, &cleo, Some(&code)), 3, "a code was accepted twice");

    let typed = codes[4].to_lowercase().replace('-', " ");
    assert_eq!(signs_in(&station, &cleo, Some(&typed)), 0);
    assert_eq!(signs_in(&station, &cleo, Some(&typed)), 3, "a recovery code was accepted twice");

    // Neither the secret nor a code lies anywhere in the open.
    for text in [secret.as_str(), &codes[0], &codes[4]] {
        assert_eq!(cloister_testkit::traces::of(text, &station.data()).unwrap(), []);
    }
    let users = station.run(["user", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    let row = users.as_array().unwrap().iter().find(|u| u["name"] == "cleo").unwrap();
    assert_eq!(row["second_factor"], "recovery_code");
    assert_eq!(row["opens"], serde_json::json!(["visits"]));
    assert!(text(&row["last_sign_in"]).starts_with("20"));
}

#[test]
fn where_the_policy_asks_for_one_nothing_is_admitted_before_it_is_set_up() {
    let station = Workstation::with_vault().unwrap();
    let rhea = station.user("rhea", "researcher").unwrap();
    station.run(["policy", "set", "second_factor=required"]).unwrap().succeeded().unwrap();
    let refused = station.run_as(&rhea, ["schema", "list"]).unwrap().exited(3).unwrap();
    assert!(refused.stderr.contains("second factor"), "{}", refused.stderr);
    let (device, ..) = enrolled(&station, &rhea);
    assert_eq!(signs_in(&station, &rhea, Some(&now(&device, 0))), 0);
    station.run_as(&rhea, ["user", "totp", "remove", "--otp", &now(&device, 1)]).unwrap().exited(1).unwrap();
}

#[test]
fn people_change_their_own_password_and_administrators_the_rest() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let file = new_password(&station);
    let old = fs::read(&cleo.password_file).unwrap();
    let password = ["user", "password", "--new-password-file", &file.to_string_lossy()].map(str::to_owned);
    station.run_as(&cleo, &password).unwrap().succeeded().unwrap();
    assert_eq!(signs_in(&station, &cleo, None), 3, "the old password still opens the slot");
    fs::write(&cleo.password_file, NEW).unwrap();
    assert_eq!(signs_in(&station, &cleo, None), 0);

    // An account that is not one's own is an administrator's.
    for args in [["user", "disable", "ada"], ["user", "unlock", "ada"], ["user", "list", "--json"]] {
        station.run_as(&cleo, args).unwrap().exited(3).unwrap();
    }
    station.run(["user", "disable", "ada"]).unwrap().exited(1).unwrap();

    station.run(["user", "role", "cleo", "auditor"]).unwrap().succeeded().unwrap();
    assert_eq!(signs_in(&station, &cleo, None), 3, "an auditor lists no schemas");
    station.run(["user", "role", "cleo", "clinician"]).unwrap().succeeded().unwrap();
    station.run(["user", "disable", "cleo"]).unwrap().succeeded().unwrap();
    assert_eq!(signs_in(&station, &cleo, None), 3);
    station.run(["user", "enable", "cleo"]).unwrap().succeeded().unwrap();
    assert_eq!(signs_in(&station, &cleo, None), 0);

    fs::write(&file, old).unwrap();
    let reset = ["user", "reset", "cleo", "--new-password-file", &file.to_string_lossy()].map(str::to_owned);
    station.run(&reset).unwrap().succeeded().unwrap();
    assert_eq!(signs_in(&station, &cleo, None), 3);

    let verdict = station.run(["audit", "verify", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(verdict["verdict"], "intact");
    let lines = station.run(["audit", "list", "--limit", "500", "--json"]).unwrap().succeeded().unwrap().stdout;
    for event in ["password_change", "account_change", "account_disable", "account_reset"] {
        assert!(lines.contains(event), "{event} is not in the log");
    }
}

#[test]
fn a_locked_out_name_is_let_in_again_by_an_administrator() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let good = fs::read(&cleo.password_file).unwrap();
    fs::write(&cleo.password_file, "not the harbour's lanterns").unwrap();
    for _ in 0..5 {
        assert_eq!(signs_in(&station, &cleo, None), 3);
    }
    fs::write(&cleo.password_file, good).unwrap();
    assert_eq!(signs_in(&station, &cleo, None), 3);
    let locked = |station: &Workstation| {
        let users = station.run(["user", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
        users.as_array().unwrap().iter().find(|u| u["name"] == "cleo").unwrap()["locked_minutes"].as_u64().unwrap()
    };
    assert_eq!(locked(&station), 15);
    station.run(["user", "unlock", "cleo"]).unwrap().succeeded().unwrap();
    assert_eq!(locked(&station), 0);
    assert_eq!(signs_in(&station, &cleo, None), 0);
}

#[test]
fn the_recovery_key_gives_the_last_administrator_a_new_password() {
    let station = Workstation::bare().unwrap();
    let made = station.run(["init", "--admin", "ada", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    let key = station.file("paper", text(&made["recovery_key"])).unwrap();
    let file = new_password(&station);
    let recover = |key: &PathBuf, name: &str| {
        let args = ["user", "recover", name, "--recovery-key-file", &key.to_string_lossy(), "--new-password-file"];
        let args = args.into_iter().map(str::to_owned).chain([file.to_string_lossy().into_owned()]);
        station.cloister(args).anonymous().run().unwrap()
    };
    let mut wrong = text(&made["recovery_key"]).to_owned();
    let last = if wrong.ends_with('0') { "1" } else { "0" };
    wrong.replace_range(wrong.len() - 1.., last);
    let wrong = station.file("other-paper", wrong).unwrap();
    recover(&wrong, "ada").exited(1).unwrap();
    recover(&key, "nobody").exited(1).unwrap();
    assert_eq!(signs_in(&station, station.admin(), None), 0, "a failed recovery changed something");

    recover(&key, "ada").succeeded().unwrap();
    assert_eq!(signs_in(&station, station.admin(), None), 3);
    fs::write(&station.admin().password_file, NEW).unwrap();
    assert_eq!(signs_in(&station, station.admin(), None), 0);
    let lines = station.run(["audit", "list", "--limit", "500", "--json"]).unwrap().succeeded().unwrap().stdout;
    assert_eq!(lines.matches("\"recover_account\"").count(), 6, "each try and its end stands in the log");
}

#[test]
fn every_change_of_the_policy_is_told_with_who_when_and_what() {
    let station = Workstation::with_vault().unwrap();
    let history = || station.run(["policy", "history", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(history(), serde_json::json!([]));
    station
        .run(["policy", "set", "session_timeout_minutes=20", "second_factor=required"])
        .unwrap()
        .succeeded()
        .unwrap();
    // Set again to what it is: nothing changed.
    let (device, ..) = enrolled(&station, station.admin());
    let again = ["policy", "set", "session_timeout_minutes=20", "--otp", &now(&device, 0)];
    station.run(again).unwrap().succeeded().unwrap();
    let seen = station.run(["policy", "history", "--json", "--otp", &now(&device, 1)]).unwrap().succeeded().unwrap();
    let seen = seen.json().unwrap();
    let told: Vec<_> = seen
        .as_array()
        .unwrap()
        .iter()
        .map(|c| [&c["setting"], &c["old"], &c["new"], &c["by"]].map(|v| text(v).to_owned()).join(" "))
        .collect();
    assert_eq!(told, ["second_factor optional required ada", "session_timeout_minutes 15 20 ada"]);
    let versions: Vec<_> = seen.as_array().unwrap().iter().map(|c| c["keyring_version"].as_u64().unwrap()).collect();
    assert!(versions[0] > versions[1], "{versions:?}");
}
