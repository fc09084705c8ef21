//! What the workstation says of itself.

use cloister_testkit::Workstation;

#[test]
fn doctor_needs_no_vault_and_says_what_is_there() {
    let station = Workstation::bare().unwrap();
    let out = station.cloister(["doctor"]).anonymous().run().unwrap().succeeded().unwrap();
    let said = out.stdout.to_lowercase();
    for topic in ["cpu", "gpu", "model", "disk", "isolation"] {
        assert!(said.contains(topic), "nothing about {topic}:\n{}", out.stdout);
    }
    assert!(!station.data().join("keyring.json").exists());
    let json = station.cloister(["doctor", "--json"]).anonymous().run().unwrap().succeeded().unwrap().json().unwrap();
    assert!(json.is_object());
}

#[test]
fn doctor_claims_no_isolation_that_is_not_in_force() {
    let station = Workstation::bare().unwrap();
    let out = station.cloister(["doctor", "--json"]).anonymous().run().unwrap().succeeded().unwrap();
    assert!(!out.stdout.contains("\"enforced\""), "the engine's sandbox is not built yet:\n{}", out.stdout);
}
