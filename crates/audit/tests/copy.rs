//! The log copied while it is written.

#![allow(clippy::unwrap_used)]

mod common;

use cloister_audit::{AuditLog, Finding, LogCopy};
use common::{november, read, verdict};
use std::{
    fs,
    io::Read,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

fn put(copy: &LogCopy, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for (name, file, length) in &copy.lines {
        let mut bytes = Vec::new();
        file.take(*length).read_to_end(&mut bytes).unwrap();
        fs::write(to.join(name), bytes).unwrap();
    }
    for (name, bytes) in &copy.others {
        fs::write(to.join(name), bytes.as_slice()).unwrap();
    }
}

#[test]
fn a_copy_made_while_lines_are_written_is_intact_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = AuditLog::create(dir.path(), &november()).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0;
            while !done.load(Ordering::Relaxed) {
                n += 1;
                log.append(&read(n)).unwrap();
            }
        });
        let mut last = 0;
        for i in 0..20 {
            let copy = LogCopy::take(dir.path()).unwrap();
            // What is read later is of the moment of the copy all the same.
            std::thread::sleep(std::time::Duration::from_millis(5));
            let to = tempfile::tempdir().unwrap();
            put(&copy, to.path());
            let found = verdict(to.path());
            assert_eq!(found.verdict, Finding::Intact, "{i}: {found:?}");
            let end = copy.end.unwrap();
            assert_eq!((found.last_seq, found.head.as_ref()), (Some(end.seq), Some(&end.hash)));
            assert!(end.seq >= last);
            last = end.seq;
            let on = AuditLog::open(to.path(), &november()).unwrap();
            assert_eq!(on.append(&read(1)).unwrap().seq, last + 1);
            assert_eq!(verdict(to.path()).verdict, Finding::Intact);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_broken_log_is_copied_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    common::log_of(dir.path(), 5, &november());
    fs::remove_file(dir.path().join("state")).unwrap();
    fs::write(dir.path().join("head.json"), b"nonsense").unwrap();
    let copy = LogCopy::take(dir.path()).unwrap();
    assert!(copy.end.is_none());
    let to = tempfile::tempdir().unwrap();
    put(&copy, to.path());
    assert_eq!(fs::read(to.path().join("head.json")).unwrap(), b"nonsense");
    assert_eq!(verdict(to.path()).verdict, verdict(dir.path()).verdict);
}
