//! A disk that is full, and one that cannot be written.
//!
//! The disk is a small tmpfs in a mount namespace of a child process. Where the kernel allows no such namespace the
//! tests say so and pass.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod common;

use cloister_audit::{AuditError, AuditLog, Finding};
use cloister_domain::{Actor, AuditEvent, EventType, Outcome, code};
use common::{StepClock, environment, read, verdict};
use std::{env, fs, path::Path, process::Command};

/// Runs one of the ignored tests below with a tmpfs of `size` at `AUDIT_TEST_DISK`.
fn on_a_disk_of(size: &str, test: &str) {
    if !Command::new("unshare").args(["-rm", "true"]).output().is_ok_and(|o| o.status.success()) {
        println!("SKIPPED: this kernel gives us no mount namespace");
        return;
    }
    let mount = tempfile::tempdir().unwrap();
    let script = r#"mount -t tmpfs -o size="$1" tmpfs "$2" && AUDIT_TEST_DISK="$2" exec "$3" --exact "$4" --ignored"#;
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", script, "sh", size])
        .arg(mount.path())
        .arg(env::current_exe().unwrap())
        .arg(test)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

fn november() -> cloister_audit::Environment {
    environment(StepClock::at("2026-11-23T15:00:00Z"), 7)
}

fn deletion() -> AuditEvent {
    AuditEvent::new(EventType::Deletion, code!("recording.delete"), Actor::System, Outcome::Attempt)
}

#[test]
fn on_a_full_disk_ordinary_acts_are_refused_and_repair_is_not() {
    on_a_disk_of("64m", "full_disk");
}

#[test]
#[ignore = "runs on a small disk of its own"]
fn full_disk() {
    let Ok(disk) = env::var("AUDIT_TEST_DISK") else { return };
    let disk = Path::new(&disk);
    let dir = disk.join("audit");
    let (log, _) = AuditLog::create(&dir, &november()).unwrap();
    log.append(&read(1)).unwrap();
    let fill = |name: &str| {
        let mut ballast = fs::File::create(disk.join(name)).unwrap();
        let block = [1; 4096];
        while std::io::Write::write_all(&mut ballast, &block).is_ok() {}
    };
    fill("ballast");
    let lines = |dir: &Path| fs::metadata(dir.join("2026-11.jsonl")).unwrap().len();
    let before = lines(&dir);
    for _ in 0..50 {
        assert_eq!(log.append(&read(2)), Err(AuditError::Full));
    }
    assert_eq!(lines(&dir), before, "a refused line leaves nothing behind");
    // More than the reserve gives back in one step.
    for _ in 0..600 {
        log.append(&deletion()).unwrap();
    }
    let left = fs::metadata(dir.join("reserve")).unwrap().len();
    assert!(left < 16 << 20 && left > 14 << 20, "{left}");
    assert_eq!(log.append(&read(3)), Err(AuditError::Full));
    assert_eq!(verdict(&dir).verdict, Finding::Intact);

    // In one group, each is answered for itself.
    std::thread::scope(|scope| {
        for t in 0..16_u64 {
            let log = &log;
            scope.spawn(move || {
                let ordinary = t % 2 == 0;
                let result = log.append(&if ordinary { read(t) } else { deletion() });
                assert_eq!(result.is_err(), ordinary, "{result:?}");
            });
        }
    });

    // Opening works too: that is how one comes to repair it.
    drop(log);
    let log = AuditLog::open(&dir, &november()).unwrap();
    log.append(&deletion()).unwrap();
    fs::remove_file(disk.join("ballast")).unwrap();
    log.append(&read(4)).unwrap();
    log.append(&read(5)).unwrap();
    assert_eq!(fs::metadata(dir.join("reserve")).unwrap().len(), 16 << 20, "the reserve is filled again");
    let verdict = verdict(&dir);
    assert_eq!((verdict.verdict, verdict.unfinished_bytes), (Finding::Intact, None));

    // To the last block: the reserve ends, and then every act is refused.
    fill("ballast");
    let mut written = 0;
    let end = loop {
        match log.append(&deletion()) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
        fill("more");
    };
    assert_eq!(end, AuditError::Full);
    assert!(written > 60, "{written}");
    fs::remove_file(disk.join("ballast")).unwrap();
    log.append(&read(6)).unwrap();
    assert_eq!(common::verdict(&dir).verdict, Finding::Intact);
}

#[test]
fn a_log_without_room_for_its_reserve_is_not_begun() {
    on_a_disk_of("20m", "small_disk");
}

#[test]
#[ignore = "runs on a small disk of its own"]
fn small_disk() {
    let Ok(disk) = env::var("AUDIT_TEST_DISK") else { return };
    let dir = Path::new(&disk).join("audit");
    assert_eq!(AuditLog::create(&dir, &november()).err(), Some(AuditError::Full));
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 0);
}

#[test]
fn on_a_read_only_disk_every_act_is_refused() {
    on_a_disk_of("64m", "read_only_disk");
}

#[test]
#[ignore = "runs on a small disk of its own"]
fn read_only_disk() {
    let Ok(disk) = env::var("AUDIT_TEST_DISK") else { return };
    let dir = Path::new(&disk).join("audit");
    drop(AuditLog::create(&dir, &november()).unwrap());
    let remount = Command::new("mount").args(["-o", "remount,ro", disk.as_str()]).status().unwrap();
    assert!(remount.success());
    let error = AuditLog::open(&dir, &november()).err();
    assert!(matches!(error, Some(AuditError::Io { errno: Some(30), .. })), "{error:?}");
    assert_eq!(verdict(&dir).verdict, Finding::Intact);
}
