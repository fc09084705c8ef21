//! When something fails: an id before the person, in the operational log and in the audit log, and clinical words in
//! none of them.

use crate::kill::worker;
use cloister_testkit::{Workstation, traces};
use serde_json::Value;
use std::{fs, path::Path, process::Command};

/// Words of the files below.
const CANARIES: [&str; 3] = ["Quillfeather", "bellwether palsy", "MRN-7730-4412"];

pub(crate) fn operational(data: &Path) -> String {
    let mut all = String::new();
    for file in fs::read_dir(data.join("operational")).unwrap() {
        all.push_str(&fs::read_to_string(file.unwrap().path()).unwrap());
    }
    all
}

/// The incident ids of a text, in order.
pub(crate) fn incidents(text: &str) -> Vec<&str> {
    text.match_indices("inc-").map(|(at, _)| &text[at..at + 30]).collect()
}

fn no_canary_in(folder: &Path) {
    for canary in CANARIES {
        assert_eq!(traces::of(canary, folder).unwrap(), [], "{canary} in {}", folder.display());
    }
}

#[test]
fn a_failed_import_has_one_incident_before_the_person_and_in_both_logs() {
    let station = Workstation::with_vault().unwrap();
    let words = "PK\u{3}\u{4} Mr. Quillfeather has bellwether palsy, MRN-7730-4412.";
    let broken = station.file("source/Quillfeather MRN-7730-4412.xlsx", words).unwrap();
    let sound = station.file("source/Quillfeather.wav", "RIFF bellwether palsy MRN-7730-4412").unwrap();
    let broken = broken.to_string_lossy();
    for args in [vec!["dataset", "import", &broken, "--name", "reports"], vec!["transcribe", &sound.to_string_lossy()]]
    {
        let told = station.run(args).unwrap().exited(1).unwrap().stderr;
        let [incident] = incidents(&told)[..] else { panic!("one incident is told: {told}") };
        let kept = operational(&station.data());
        let line = kept.lines().find(|l| l.contains(incident)).unwrap_or_else(|| panic!("{incident} in {kept}"));
        assert!(line.contains("ERROR") && line.contains("act=") && line.contains("code="), "{line}");
        let lines = station.run(["audit", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
        let with: Vec<&Value> =
            lines.as_array().unwrap().iter().filter(|l| l["details"]["incident"] == incident).collect();
        let [ended, error] = &with[..] else { panic!("the act's line and the error's: {with:?}") };
        let (ended, error) = if ended["event_type"] == "error" { (error, ended) } else { (ended, error) };
        assert_eq!((error["event_type"].as_str(), ended["outcome"].as_str()), (Some("error"), Some("failure")));
        assert_eq!(ended["details"]["code"], error["details"]["code"]);
        assert!(line.contains(error["details"]["code"].as_str().unwrap()), "{line}");
    }
    // The search finds the words where they do stand.
    assert_eq!(traces::of("bellwether palsy", &station.path("source")).unwrap().len(), 2);
    no_canary_in(&station.data());
    let doctor = station.run(["doctor"]).unwrap().stdout;
    assert!(doctor.contains(&*station.data().join("operational").to_string_lossy()), "{doctor}");
    // What a person asked for wrongly is no incident.
    let told = station.run(["batch", "status", "bat-01JD8ZAAAAAAAAAAAAAAAAAADA"]).unwrap();
    assert!(told.code != Some(0) && incidents(&told.stderr).is_empty(), "{}", told.stderr);
}

#[test]
fn a_panic_says_where_and_never_over_what() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    let words = "Mr. Quillfeather, MRN-7730-4412, has bellwether palsy";
    let out = Command::new(worker()).arg("panic").arg(folder.path()).arg(words).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "went on\n");
    let kept = operational(&folder.path().join("data"));
    let place = "tests/worker/main.rs:";
    assert!(kept.contains("panic") && kept.contains(place) && incidents(&kept).len() == 1, "{kept}");
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(told.contains(place), "{told}");
    for canary in CANARIES {
        assert!(!kept.contains(canary) && !told.contains(canary), "{kept}{told}");
    }
}
