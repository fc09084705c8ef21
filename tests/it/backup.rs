//! Backups as an administrator at a terminal makes them, and as a timer does.

use cloister_testkit::{Outcome, Workstation};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::Path};

/// A workstation with a vault, and the recovery key in a file.
fn station() -> (Workstation, String) {
    let station = Workstation::bare().unwrap();
    let made = station.run(["--json", "init", "--admin", "ada", "--policy", "second_factor=optional"]).unwrap();
    let made = made.succeeded().unwrap().json().unwrap();
    let paper = station.file("paper.txt", made["recovery_key"].as_str().unwrap()).unwrap();
    (station, paper.to_string_lossy().into_owned())
}

fn import(station: &Workstation, name: &str, rows: usize) {
    let mut text = "id,text\n".to_owned();
    (0..rows).for_each(|i| text.push_str(&format!("{i},\"Report {i} of {name}: no effusion.\"\n")));
    let file = station.file(&format!("{name}.csv"), text).unwrap().to_string_lossy().into_owned();
    station.run(["dataset", "import", &file, "--name", name, "--text-column", "text"]).unwrap().succeeded().unwrap();
}

fn path(station: &Workstation, name: &str) -> String {
    station.path(name).to_string_lossy().into_owned()
}

fn json_of(outcome: Outcome) -> Value {
    outcome.succeeded().unwrap().json().unwrap()
}

#[test]
fn a_backup_is_made_checked_and_restored_elsewhere() {
    let (station, paper) = station();
    import(&station, "study", 40);
    let file = path(&station, "ward.backup");
    let words = station.run(["backup", "create", "--output", &file]).unwrap().succeeded().unwrap();
    assert!(words.stdout.contains("read back and whole"), "{}", words.stdout);
    let made = json_of(station.run(["--json", "backup", "create", "--output", &file]).unwrap());
    assert_eq!(made["bytes"], fs::metadata(&file).unwrap().len());

    let check = json_of(station.run(["--json", "backup", "verify", &file]).unwrap());
    assert_eq!(check["verdict"], "unchanged");
    let check = json_of(station.run(["--json", "backup", "verify", &file, "--recovery-key-file", &paper]).unwrap());
    assert_eq!((&check["verdict"], &check["files"]), (&json!("whole"), &made["files"]));

    let elsewhere = path(&station, "elsewhere");
    let restore = ["--json", "--data", &elsewhere, "backup", "restore", &file, "--recovery-key-file", &paper];
    let restored = json_of(station.run(restore).unwrap());
    assert_eq!((&restored["log"]["verdict"], &restored["accounts"]), (&json!("intact"), &json!(1)));
    let sets = json_of(station.run(["--json", "--data", &elsewhere, "dataset", "list"]).unwrap());
    assert_eq!((&sets[0]["name"], &sets[0]["documents"]), (&json!("study"), &json!(40)));
    let verdict = json_of(station.run(["--json", "--data", &elsewhere, "audit", "verify"]).unwrap());
    assert_eq!(verdict["verdict"], "intact");
    // A second time there is no empty folder.
    let again = station.run(restore).unwrap().exited(1).unwrap();
    assert!(again.stderr.contains("there is already a vault"), "{}", again.stderr);
}

#[test]
fn what_cannot_be_read_is_refused_with_what_to_do() {
    let (station, paper) = station();
    let file = path(&station, "ward.backup");
    station.run(["backup", "create", "--output", &file]).unwrap().succeeded().unwrap();
    let (new, whole) = (path(&station, "new"), fs::read(&file).unwrap());
    let refused = |bytes: &[u8], key: &str| {
        fs::write(&file, bytes).unwrap();
        let restore = ["--data", &new, "backup", "restore", &file, "--recovery-key-file", key];
        let told = station.run(restore).unwrap().exited(1).unwrap().stderr;
        assert!(!Path::new(&new).join("keyring.json").exists());
        told
    };
    let cut = refused(&whole[..whole.len() / 2], &paper);
    assert!(cut.contains("was refused") && cut.contains("take an earlier backup"), "{cut}");
    let mut later = whole.clone();
    later[7] = 9;
    let later = refused(&later, &paper);
    assert!(
        later.contains("format version 9") && later.contains("use the version of Cloister that wrote it"),
        "{later}"
    );
    let other = Workstation::bare().unwrap();
    let made = json_of(other.run(["--json", "init", "--admin", "ada", "--policy", "second_factor=optional"]).unwrap());
    let wrong = station.file("other.txt", made["recovery_key"].as_str().unwrap()).unwrap();
    let wrong = refused(&whole, &wrong.to_string_lossy());
    assert!(wrong.contains("not the recovery key of this vault"), "{wrong}");
    fs::write(&file, &whole).unwrap();
    let nobody = station.cloister(["backup", "create", "--output", &file]).anonymous().run().unwrap();
    nobody.exited(3).unwrap();
    let mia = station.user("mia", "clinician").unwrap();
    station.run_as(&mia, ["backup", "create", "--output", &path(&station, "mias")]).unwrap().exited(3).unwrap();
    // Elsewhere nothing tells of the file: it cannot be said whether it is whole.
    let unknown = station.run(["--data", &new, "backup", "verify", &file]).unwrap();
    assert_eq!(unknown.code, Some(4), "{}", unknown.stderr);
}

/// Reports come in, and another process makes backups without a password; each backup holds whole imports.
#[test]
fn a_timer_makes_backups_while_others_work() {
    let (station, paper) = station();
    let folder = station.path("nightly");
    fs::create_dir(&folder).unwrap();
    let set = format!("backup_folder={}", folder.display());
    station.run(["policy", "set", &set, "backup_keep=3"]).unwrap().succeeded().unwrap();
    import(&station, "first", 200);
    // Names tell the moment to the second: what is made within one replaces the one before.
    let mut made = BTreeSet::new();
    std::thread::scope(|scope| {
        let work = scope.spawn(|| (0..3).for_each(|i| import(&station, &format!("set{i}"), 3_000)));
        while !work.is_finished() || made.is_empty() {
            let scheduled = station.cloister(["--json", "backup", "create", "--scheduled"]).anonymous().run().unwrap();
            made.insert(json_of(scheduled)["file"].as_str().unwrap().to_owned());
        }
        work.join().unwrap();
    });
    let kept: Vec<_> = made.iter().filter(|f| Path::new(f).exists()).collect();
    assert!((1..=3).contains(&kept.len()), "{made:?}");
    for (i, file) in kept.into_iter().enumerate() {
        let to = path(&station, &format!("restored{i}"));
        let restore = ["--json", "--data", &to, "backup", "restore", file, "--recovery-key-file", &paper];
        assert_eq!(json_of(station.run(restore).unwrap())["log"]["verdict"], "intact");
        let sets = json_of(station.run(["--json", "--data", &to, "dataset", "list"]).unwrap());
        let whole = |set: &Value| set["documents"] == 3_000 || set["name"] == "first" && set["documents"] == 200;
        assert!(sets.as_array().unwrap().iter().all(whole), "{sets}");
    }
    let list = json_of(station.run(["--json", "backup", "list"]).unwrap());
    assert_eq!((&list["reachable"], &list["keep"]), (&json!(true), &json!(3)));
    station.run(["audit", "verify"]).unwrap().succeeded().unwrap();
}
