//! New keys for the stores: everybody in office goes on, and a rotation that is killed loses nothing.

use crate::sharing::{visit, visits_of};
use cloister_testkit::{Account, Workstation};
use std::{thread::sleep, time::Duration};

fn datasets(station: &Workstation, who: &Account) -> usize {
    let list = station.run_as(who, ["dataset", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    list.as_array().unwrap().len()
}

#[test]
fn everybody_in_office_goes_on_after_a_rotation() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let rita = station.user("rita", "researcher").unwrap();
    let id = visit(&station, &cleo, "4711");
    let reports = cloister_testkit::demo_sample("reports.jsonl");
    station
        .run_as(&rita, ["dataset", "import", &reports.to_string_lossy(), "--name", "six"])
        .unwrap()
        .succeeded()
        .unwrap();
    let before = std::fs::read(station.data().join("visits.db")).unwrap();

    for who in [&cleo, &rita] {
        station.run_as(who, ["user", "rotate-keys"]).unwrap().exited(3).unwrap();
    }
    let rotated = station.run(["user", "rotate-keys", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!((&rotated["visits"], &rotated["research"]), (&2.into(), &2.into()));
    assert_eq!(visits_of(&station, &cleo)[0]["id"], id.as_str());
    assert_eq!(datasets(&station, &rita), 1);
    visit(&station, &cleo, "4712");
    assert_eq!(visits_of(&station, &cleo).len(), 2);

    // The old file, put back, is opened by nobody's key.
    let now = std::fs::read(station.data().join("visits.db")).unwrap();
    std::fs::write(station.data().join("visits.db"), before).unwrap();
    station.run_as(&cleo, ["visits", "list"]).unwrap().exited(1).unwrap();
    std::fs::write(station.data().join("visits.db"), now).unwrap();
    assert_eq!(visits_of(&station, &cleo).len(), 2);

    let only = station.run(["user", "rotate-keys", "--only", "research", "--json"]).unwrap().succeeded().unwrap();
    let only = only.json().unwrap();
    assert_eq!((only["visits"].is_null(), &only["research"]), (true, &3.into()));
    assert_eq!(datasets(&station, &rita), 1);
    let lines = station.run(["audit", "list", "--event", "key_rotation", "--json"]).unwrap().succeeded().unwrap();
    let lines = lines.json().unwrap();
    let versions: Vec<_> =
        lines.as_array().unwrap().iter().filter_map(|l| l["details"]["key_version"].as_u64()).collect();
    assert_eq!(versions, [3, 2, 2]);
    station.run(["audit", "verify"]).unwrap().succeeded().unwrap();
}

#[test]
fn disabling_offers_the_rotation_and_does_both() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let out = station.run(["user", "disable", "cleo"]).unwrap().succeeded().unwrap();
    assert!(out.stdout.contains("rotate-keys"), "{}", out.stdout);
    station.run(["user", "enable", "cleo"]).unwrap().succeeded().unwrap();
    let out = station.run(["user", "disable", "cleo", "--rotate"]).unwrap().succeeded().unwrap();
    assert!(out.stdout.contains("version 2") && out.stderr.contains("Not undone"), "{} {}", out.stdout, out.stderr);
    station.run_as(&cleo, ["schema", "list"]).unwrap().exited(3).unwrap();
    station.run(["visits", "list"]).unwrap().succeeded().unwrap();
}

/// Killed at many moments, a rotation has come to pass or not, and what is in the stores is there.
#[test]
fn a_rotation_that_is_killed_loses_nothing() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let rita = station.user("rita", "researcher").unwrap();
    let id = visit(&station, &cleo, "4711");
    // Enough rows that writing them anew takes a while.
    let rows: String = (0..20_000)
        .map(|n| format!("{{\"id\": \"r{n}\", \"text\": \"Report {n}: no acute findings, unchanged since.\"}}\n"))
        .collect();
    let file = station.file("rows.jsonl", rows).unwrap();
    station
        .run_as(&rita, ["dataset", "import", &file.to_string_lossy(), "--name", "many"])
        .unwrap()
        .succeeded()
        .unwrap();

    let whole = station.run(["user", "rotate-keys", "--json"]).unwrap().succeeded().unwrap();
    let (mut version, kills) = (whole.json().unwrap()["visits"].as_u64().unwrap(), 12);
    let mut came_to_pass = 0;
    for n in 0..kills {
        let mut running = station.cloister(["user", "rotate-keys"]).start().unwrap();
        sleep(whole.took * n / kills + Duration::from_millis(7));
        running.kill().unwrap();
        let _ = running.finish();
        // A sign-in that was killed counts as one that failed, until the next one succeeds.
        station.run(["schema", "list"]).unwrap().succeeded().unwrap();
        assert_eq!(visits_of(&station, &cleo)[0]["id"], id.as_str(), "kill {n}");
        assert_eq!(datasets(&station, &rita), 1, "kill {n}");
        let left: Vec<_> = std::fs::read_dir(station.data())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains(".next"))
            .collect();
        assert_eq!(left, [] as [String; 0], "kill {n}");
    }
    let after = station.run(["user", "rotate-keys", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    let now = after["visits"].as_u64().unwrap();
    came_to_pass += now - version - 1;
    version = now;
    println!("{came_to_pass} of {kills} killed rotations had come to pass, version {version}");
    let shown = station.run_as(&rita, ["dataset", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(shown[0]["documents"], 20_000);
    station.run(["audit", "verify"]).unwrap().succeeded().unwrap();
}
