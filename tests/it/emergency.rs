//! Another's visit in an emergency: who may, what they may then, and who is told.

use crate::sharing::{visit, visits_of};
use cloister_testkit::Workstation;

#[test]
fn a_clinician_opens_anothers_visit_and_everybody_who_reviews_is_told() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let otto = station.user("otto", "clinician").unwrap();
    let rita = station.user("rita", "researcher").unwrap();
    let olga = station.user("olga", "auditor").unwrap();
    let id = visit(&station, &cleo, "QX 1043");

    // A reason is a code, and the number is the whole one.
    let glass = |who, rest: &[&str]| {
        let args: Vec<_> = ["visits", "break-glass"].iter().chain(rest).copied().collect();
        station.run_as(who, &args).unwrap()
    };
    glass(&otto, &[&id]).exited(2).unwrap();
    glass(&otto, &[&id, "--reason", "curiosity"]).exited(2).unwrap();
    glass(&otto, &["--record", "QX", "--reason", "emergency-care"]).exited(1).unwrap();
    // Researchers and auditors open no visit, and an owner needs no emergency.
    for who in [&rita, &olga, &cleo] {
        glass(who, &[&id, "--reason", "emergency-care"]).exited(3).unwrap();
    }
    station.run_as(&otto, ["note", "show", &id]).unwrap().exited(3).unwrap();

    let open = glass(&otto, &["--record", " qx  1043", "--reason", "emergency-care", "--json"]).succeeded().unwrap();
    let open = open.json().unwrap();
    assert_eq!(open["id"], id.as_str());
    let seen = visits_of(&station, &otto);
    assert_eq!((&seen[0]["access"], &seen[0]["until"]), (&"emergency".into(), &open["until"]));
    station.run_as(&otto, ["note", "show", &id, "--json"]).unwrap().succeeded().unwrap();
    // To read and to hear, and nothing else.
    for args in [&["visits", "share", &id, "--with", "otto"][..], &["visits", "delete", &id, "--yes"]] {
        let out = station.run_as(&otto, args).unwrap();
        assert_ne!(out.code, Some(0), "{args:?}");
    }
    let draft = station.run_as(&otto, ["note", "draft", &id]).unwrap().exited(3).unwrap();
    assert!(draft.stdout.is_empty());

    // Both reviewers have it on their list; the auditor, who opens no visit, by pseudonyms.
    let list =
        |who| station.run_as(who, ["audit", "emergencies", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    let (theirs, admins) = (list(&olga), list(station.admin()));
    assert_eq!(theirs.as_array().unwrap().len(), 1);
    assert_eq!((&admins[0]["title"], &admins[0]["owner"]), (&"QX 1043".into(), &"cleo".into()));
    assert_eq!((&theirs[0]["by"], &theirs[0]["reason"]), (&"otto".into(), &"emergency_care".into()));
    assert!(theirs[0]["title"].is_null() && !theirs.to_string().contains("1043"), "{theirs}");
    assert!(theirs[0]["patient"].as_str().unwrap().len() == 32);
    for who in [&otto, &rita] {
        station.run_as(who, ["audit", "emergencies"]).unwrap().exited(3).unwrap();
    }

    let seq = theirs[0]["seq"].to_string();
    let review = ["audit", "emergencies", "--reviewed", &seq, "--reason", "explained"];
    station.run_as(&olga, review).unwrap().succeeded().unwrap();
    let after = list(station.admin());
    assert_eq!((&after[0]["review"], &after[0]["reviewed_by"]), (&"explained".into(), &"olga".into()));
}

#[test]
fn several_visits_of_one_patient_are_listed_and_none_is_opened_unasked() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let otto = station.user("otto", "clinician").unwrap();
    let ids = [visit(&station, &cleo, "77"), visit(&station, &cleo, "77")];
    let args = ["visits", "break-glass", "--record", "77", "--reason", "patient-safety"];
    let out = station.run_as(&otto, args).unwrap().exited(1).unwrap();
    assert!(ids.iter().all(|id| out.stdout.contains(id)), "{}", out.stdout);
    assert_eq!(visits_of(&station, &otto).len(), 0);
}
