//! A visit is opened by its owner, by whom it was given, and by nobody else.

use cloister_testkit::{Account, Workstation};
use serde_json::Value;

/// A visit of `who`, without a word in it, and its id.
pub(crate) fn visit(station: &Workstation, who: &Account, number: &str) -> String {
    let args = ["visits", "new", "--record", number, "--json"];
    let made = station.run_as(who, args).unwrap().succeeded().unwrap().json().unwrap();
    made["encounter"]["id"].as_str().unwrap().to_owned()
}

pub(crate) fn visits_of(station: &Workstation, who: &Account) -> Vec<Value> {
    let list = station.run_as(who, ["visits", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    list.as_array().unwrap().clone()
}

#[test]
fn a_visit_is_shared_with_a_colleague_and_taken_back() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let otto = station.user("otto", "clinician").unwrap();
    let rita = station.user("rita", "researcher").unwrap();
    let id = visit(&station, &cleo, "QX 1043");

    assert_eq!(visits_of(&station, &otto), [] as [Value; 0]);
    station.run_as(&otto, ["visits", "shares", &id]).unwrap().exited(3).unwrap();
    station.run_as(&otto, ["visits", "share", &id, "--with", "otto"]).unwrap().exited(1).unwrap();

    let shared = station.run_as(&cleo, ["visits", "share", &id, "--with", "Otto", "--json"]).unwrap();
    let shared = shared.succeeded().unwrap().json().unwrap();
    assert_eq!((&shared[0]["name"], &shared[0]["by"]), (&"otto".into(), &"cleo".into()));
    let seen = visits_of(&station, &otto);
    assert_eq!((&seen[0]["owner"], &seen[0]["access"]), (&"cleo".into(), &"shared".into()));
    station.run_as(&otto, ["note", "show", &id, "--json"]).unwrap().succeeded().unwrap();
    // Passing it on, and ending it, stay the owner's.
    for args in [["visits", "unshare", &id, "--with", "otto"], ["visits", "delete", &id, "--yes", "--json"]] {
        station.run_as(&otto, args).unwrap().exited(3).unwrap();
    }

    // Who cannot open visits is not given one.
    for name in ["rita", "ada", "nobody", "cleo"] {
        let out = station.run_as(&cleo, ["visits", "share", &id, "--with", name]).unwrap().exited(1).unwrap();
        assert!(out.stderr.contains("no clinician"), "{name}: {}", out.stderr);
    }
    station.run_as(&rita, ["visits", "shares", &id]).unwrap().exited(3).unwrap();

    station.run_as(&cleo, ["visits", "unshare", &id, "--with", "otto"]).unwrap().succeeded().unwrap();
    assert_eq!(visits_of(&station, &otto), [] as [Value; 0]);
    station.run_as(&otto, ["note", "show", &id]).unwrap().exited(3).unwrap();
    station.run_as(&cleo, ["visits", "unshare", &id, "--with", "otto"]).unwrap().exited(1).unwrap();

    // Both stand in the log, with whom.
    let log = station.run(["audit", "list", "--event", "change", "--outcome", "success", "--json"]).unwrap();
    let log = log.succeeded().unwrap().json().unwrap();
    let lines = log.as_array().unwrap().iter().filter(|l| l["action"] == "share_encounter");
    let reasons: Vec<_> = lines.map(|l| (l["details"]["reason"].clone(), l["details"]["with"].clone())).collect();
    assert_eq!(reasons.len(), 2);
    assert_eq!((&reasons[0].0, &reasons[1].0), (&"taken_back".into(), &"given".into()));
    assert_eq!(reasons[0].1, shared[0]["id"]);
}

#[test]
fn another_role_takes_a_share_away() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let otto = station.user("otto", "clinician").unwrap();
    let id = visit(&station, &cleo, "4711");
    station.run_as(&cleo, ["visits", "share", &id, "--with", "otto"]).unwrap().succeeded().unwrap();
    station.run(["user", "role", "otto", "researcher"]).unwrap().succeeded().unwrap();
    station.run_as(&otto, ["note", "show", &id]).unwrap().exited(3).unwrap();
    let shares = station.run_as(&cleo, ["visits", "shares", &id, "--json"]).unwrap().succeeded().unwrap();
    assert_eq!(shares.json().unwrap()[0]["active"], false);
}

#[test]
fn the_access_review_says_who_may_see_what() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let otto = station.user("otto", "clinician").unwrap();
    let rita = station.user("rita", "researcher").unwrap();
    let olga = station.user("olga", "auditor").unwrap();
    let id = visit(&station, &cleo, "QX 1043");
    station.run_as(&cleo, ["visits", "share", &id, "--with", "otto"]).unwrap().succeeded().unwrap();
    let other = visit(&station, &otto, "4711");
    let glass = ["visits", "break-glass", &other, "--reason", "owner-unreachable"];
    station.run_as(&cleo, glass).unwrap().succeeded().unwrap();
    station.run(["user", "disable", "rita"]).unwrap().succeeded().unwrap();

    let review = |who| station.run_as(who, ["user", "review", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    let seen = review(station.admin());
    let person = |seen: &Value, name: &str| {
        let people = seen["people"].as_array().unwrap();
        people.iter().find(|p| p["account"]["name"] == name).unwrap().clone()
    };
    let (c, o, r) = (person(&seen, "cleo"), person(&seen, "otto"), person(&seen, "rita"));
    assert_eq!((&c["visits"], &c["shared_visits"], &c["emergencies"]), (&1.into(), &0.into(), &1.into()));
    assert_eq!((&o["visits"], &o["shared_visits"]), (&1.into(), &1.into()));
    assert_eq!((&r["account"]["disabled"], r["account"]["last_sign_in"].is_null()), (&true.into(), true));
    assert!(o["account"]["last_sign_in"].as_str().unwrap().starts_with("20"));
    assert_eq!(
        (&seen["visits"][0]["name"], &seen["visits"][0]["with"]),
        (&"QX 1043".into(), &serde_json::json!(["otto"]))
    );
    assert_eq!(seen["open_emergencies"], 1);

    // An auditor sees the people, and nothing that needs a key they do not have.
    let theirs = review(&olga);
    assert!(theirs["visits"].is_null() && theirs["datasets"].is_null() && !theirs.to_string().contains("1043"));
    assert_eq!(person(&theirs, "cleo")["emergencies"], 1);
    for who in [&cleo, &rita] {
        station.run_as(who, ["user", "review"]).unwrap().exited(3).unwrap();
    }
}
