//! Media that are full, cannot be written, or hold the backup of another vault. File systems of their own need root.

use cloister_testkit::Workstation;
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A file system in memory, taken away with this.
struct Medium(PathBuf);

impl Medium {
    /// `None`, with a word, where this user may not mount.
    #[allow(clippy::print_stderr, reason = "the tests that need it say so when they are left out")]
    fn of(folder: PathBuf, bytes: u64) -> Option<Self> {
        fs::create_dir(&folder).unwrap();
        let size = format!("size={bytes}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder).output();
        if mounted.is_ok_and(|m| m.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: mounting needs root");
        None
    }

    fn make_read_only(&self) {
        assert!(Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status().unwrap().success());
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(&self.0).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Medium {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn station() -> (Workstation, String) {
    let station = Workstation::bare().unwrap();
    let made = station.run(["--json", "init", "--admin", "ada", "--policy", "second_factor=optional"]).unwrap();
    let made = made.succeeded().unwrap().json().unwrap();
    let paper = station.file("paper.txt", made["recovery_key"].as_str().unwrap()).unwrap();
    (station, paper.to_string_lossy().into_owned())
}

#[test]
fn a_disk_that_fills_up_in_the_middle_of_a_backup_keeps_the_one_before() {
    let (station, paper) = station();
    let elsewhere = station.path("first.backup").to_string_lossy().into_owned();
    station.run(["backup", "create", "--output", &elsewhere]).unwrap().succeeded().unwrap();
    let bytes = fs::metadata(&elsewhere).unwrap().len();
    // Room for one and a half.
    let Some(medium) = Medium::of(station.path("medium"), bytes * 3 / 2) else { return };
    let file = medium.path("ward.backup");
    station.run(["backup", "create", "--output", &file]).unwrap().succeeded().unwrap();
    let before = (fs::read(&file).unwrap(), medium.names());
    let refused = station.run(["backup", "create", "--output", &file]).unwrap().exited(1).unwrap();
    assert!(refused.stderr.contains("ward.backup") && refused.stderr.contains("space"), "{}", refused.stderr);
    assert!((fs::read(&file).unwrap(), medium.names()) == before, "{:?}", medium.names());
    let check = station.run(["--json", "backup", "verify", &file, "--recovery-key-file", &paper]).unwrap();
    assert_eq!(check.succeeded().unwrap().json().unwrap()["verdict"], "whole");
    // The vault goes on, and a backup with room is made.
    station.run(["audit", "verify"]).unwrap().succeeded().unwrap();
    station.run(["backup", "create", "--output", &elsewhere]).unwrap().succeeded().unwrap();
}

#[test]
fn from_a_medium_that_cannot_be_written_backups_are_read_and_to_it_none_is_made() {
    let (station, paper) = station();
    let Some(medium) = Medium::of(station.path("medium"), 256 << 20) else { return };
    let file = medium.path("ward.backup");
    station.run(["backup", "create", "--output", &file]).unwrap().succeeded().unwrap();
    medium.make_read_only();
    let names = medium.names();
    let refused = station.run(["backup", "create", "--output", &file]).unwrap().exited(1).unwrap();
    assert!(refused.stderr.contains("ward.backup") && refused.stderr.contains("ead-only"), "{}", refused.stderr);
    assert_eq!(medium.names(), names);
    let new = station.path("new").to_string_lossy().into_owned();
    let restore = ["--json", "--data", &new, "backup", "restore", &file, "--recovery-key-file", &paper];
    let restored = station.run(restore).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(restored["log"]["verdict"], "intact");
}

#[test]
fn a_vault_on_a_medium_that_cannot_be_written_refuses_every_act_and_its_log_is_verified() {
    let (station, _) = station();
    let Some(medium) = Medium::of(station.path("medium"), 256 << 20) else { return };
    let vault = medium.path("vault");
    let on = |args: &[&str]| station.run([&["--data", &vault], args].concat()).unwrap();
    on(&["init", "--admin", "ada"]).succeeded().unwrap();
    medium.make_read_only();
    let refused = on(&["dataset", "list"]).exited(1).unwrap();
    assert!(refused.stdout.is_empty() && refused.stderr.contains("ead-only"), "{}", refused.stderr);
    let verdict = on(&["--json", "audit", "verify"]).succeeded().unwrap().json().unwrap();
    assert_eq!(verdict["verdict"], "intact");
}

#[test]
fn the_backup_of_another_vault_is_not_taken_for_this_ones() {
    let ((station, paper), (other, others_paper)) = (station(), station());
    let file = other.path("other.backup").to_string_lossy().into_owned();
    other.run(["backup", "create", "--output", &file]).unwrap().succeeded().unwrap();
    let verify = |more: &[&str]| station.run([&["--json", "backup", "verify", &file], more].concat()).unwrap();
    // Nothing in this vault's log tells of it, and this vault's key does not open it.
    assert_eq!(verify(&[]).exited(4).unwrap().json().unwrap()["verdict"], "unknown");
    let refused = verify(&["--recovery-key-file", &paper]).exited(1).unwrap();
    assert!(refused.stderr.contains("not the recovery key of this vault"), "{}", refused.stderr);
    // With its own key it says whose it is, and comes into an empty folder alone.
    let whole = verify(&["--recovery-key-file", &others_paper]).succeeded().unwrap().json().unwrap();
    assert_eq!(whole["verdict"], json!("whole"));
    let restore = ["backup", "restore", &file, "--recovery-key-file", &others_paper];
    let refused = station.run(restore).unwrap().exited(1).unwrap();
    assert!(refused.stderr.contains("there is already a vault"), "{}", refused.stderr);
    assert!(Path::new(&file).exists());
    station.run(["audit", "verify"]).unwrap().succeeded().unwrap();
}
