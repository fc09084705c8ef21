//! What the workstation says of itself.

use cloister_testkit::Workstation;

#[test]
fn doctor_needs_no_vault_and_says_what_is_there() {
    let station = Workstation::bare().unwrap();
    let out = station.cloister(["doctor"]).anonymous().run().unwrap().succeeded().unwrap();
    let said = out.stdout.to_lowercase();
    for topic in ["processor", "memory", "engine", "model", "isolation", "swap", "disk", "accelerator"] {
        assert!(said.contains(topic), "nothing about {topic}:\n{}", out.stdout);
    }
    assert!(!station.data().join("keyring.json").exists());
    let json = station.cloister(["doctor", "--json"]).anonymous().run().unwrap().succeeded().unwrap().json().unwrap();
    for check in json["checks"].as_array().unwrap() {
        assert!(["ok", "warn", "fail"].contains(&check["state"].as_str().unwrap()), "{check}");
        assert!(!check["facts"].as_array().unwrap().is_empty(), "{check}");
    }
}

#[test]
fn doctor_claims_no_isolation_that_is_not_in_force() {
    let station = Workstation::bare().unwrap();
    let out = station.cloister(["doctor", "--json"]).anonymous().run().unwrap().succeeded().unwrap();
    let examined = out.json().unwrap();
    let isolation = examined["checks"].as_array().unwrap().iter().find(|c| c["name"] == "isolation").unwrap();
    assert_eq!(isolation["state"], "warn", "no kernel filter is set up in this version: {isolation}");
}
