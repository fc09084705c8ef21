//! Sound that goes once the note is signed, and what keeps it.

use crate::{
    Ward,
    bench::{PASSWORD, Station},
};
use cloister_app::capture::RATE;
use serde_json::{Value, json};
use std::{fs, sync::atomic::Ordering::SeqCst};

/// A visit with a second of sound and a signed note of somebody's own words.
fn signed(ward: &Ward) -> String {
    let visit = ward.station.visit();
    let given = ward.station.controls.given.load(SeqCst);
    ward.station.controls.at_most.store(given + u64::from(RATE), SeqCst);
    ward.station.record(&visit);
    ward.station.recorded(1.0);
    ward.station.call("stop_recording", Value::Null);
    let draft = ward.station.call("draft_note", json!({"id": visit, "template": "free"}))["draft"].clone();
    let key = draft["sections"][0]["key"].clone();
    let sections = json!([{"key": key, "sentences": [{"text": "Seen today.", "findings": []}]}]);
    let draft = ward.station.call("save_note", json!({"id": visit, "sections": sections}))["draft"].clone();
    ward.station.call("sign_note", json!({"id": visit, "password": PASSWORD, "seen": draft["seen"]}));
    visit
}

fn files(ward: &Ward) -> usize {
    let folders = fs::read_dir(ward.data().join("recordings")).into_iter().flatten().flatten();
    folders.map(|f| fs::read_dir(f.path()).unwrap().count()).sum()
}

fn set(station: &Station, key: &str, value: &str) {
    station.call("set_policy", json!({"key": key, "value": value}));
}

#[test]
fn sound_goes_after_the_signature_and_what_was_written_stays() {
    let ward = Ward::new();
    let (one, two) = (signed(&ward), signed(&ward));
    let unsigned = ward.station.visit();
    let due = |station: &Station| station.call("preview_retention", json!({}))["due"].as_array().unwrap().len();
    assert_eq!(due(&ward.station), 0, "a day in which a slip can be put right");
    set(&ward.station, "retain_audio", "0");
    assert_eq!(due(&ward.station), 2, "what is not signed is not due: {unsigned}");
    ward.station.call("hold_record", json!({"id": two, "reason": "inquiry"}));
    assert_eq!(files(&ward), 2);

    // A clinician's session may apply the rule, whoever's the visit is.
    ward.station.call("add_user", json!({"name": "mia", "password": "harbour lanterns at two", "role": "clinician"}));
    ward.station.call("sign_out", Value::Null);
    ward.station.call("sign_in", json!({"name": "mia", "password": "harbour lanterns at two"}));
    assert_eq!(ward.station.refused("preview_retention", json!({})), "denied");
    let done = ward.station.call("apply_retention", json!({}));
    assert_eq!((&done["erased"][0]["id"], &done["files"], &done["held"]), (&json!(one), &json!(1), &json!(1)));
    ward.station.call("sign_out", Value::Null);

    ward.station.sign_in();
    assert_eq!(files(&ward), 1, "the held one is there");
    assert_eq!(ward.station.audio(&one)["recordings"], json!([]));
    assert_eq!(ward.station.call("get_note", json!({"id": one}))["state"], "signed");
    ward.station.call("hold_record", json!({"id": two, "reason": null}));
    assert_eq!(ward.station.call("apply_retention", json!({}))["erased"][0]["id"], two.as_str());
    assert_eq!(files(&ward), 0);
    let receipts = ward.station.call("list_receipts", json!({}));
    let receipt = &receipts[0]["receipt"];
    assert_eq!((&receipt["kind"], &receipt["files"]), (&json!("audio"), &json!(1)));
    assert!(!receipt["keys_destroyed"].as_array().unwrap().is_empty());
    assert_eq!(ward.station.call("audit_verify", Value::Null)["verdict"], "intact");
}

#[test]
fn everything_of_a_patient_goes_with_its_sound() {
    let ward = Ward::new();
    let visit = signed(&ward);
    let other = ward.station.call("create_encounter", json!({"title": "4712"}));
    let found = ward.station.call("preview_patient", json!({"patient": " 4711 "}));
    assert_eq!((&found["visits"][0]["id"], found["visits"].as_array().unwrap().len()), (&json!(visit), 1));
    let done = ward.station.call("erase_patient", json!({"patient": found["pseudonym"]}));
    assert_eq!(
        (&done["erased"][0]["receipt"]["kind"], &done["erased"][0]["receipt"]["files"]),
        (&json!("visit"), &json!(1))
    );
    assert_eq!(files(&ward), 0);
    let left = ward.station.call("list_encounters", json!({}));
    assert_eq!((left.as_array().unwrap().len(), &left[0]["id"]), (1, &other["encounter"]["id"]));
    assert_eq!(ward.station.refused("erase_patient", json!({"patient": "4711"})), "not_found");
    assert_eq!(ward.station.refused("erase_patient", json!({"patient": "  "})), "usage");
}
