//! Every state that a crash can leave, reached one by one, and every state that it cannot.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use cloister_audit::{AuditLog, Break, Fault, Filter, Finding, Notice, lines};
use common::{StepClock, copy, environment, log_of, month_files, november, read, verdict};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A log before and after a group of lines, and a place to put the states between.
struct Moment {
    _dir: tempfile::TempDir,
    before: PathBuf,
    after: PathBuf,
    now: PathBuf,
}

const BEFORE: u64 = 3;
const GROUP: u64 = 3;

impl Moment {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        log_of(&path("log"), BEFORE, &november());
        copy(&path("log"), &path("before"));
        let log = AuditLog::open(&path("log"), &later()).unwrap();
        (0..GROUP).for_each(|i| drop(log.append(&read(i)).unwrap()));
        copy(&path("log"), &path("after"));
        Self { before: path("before"), after: path("after"), now: path("now"), _dir: dir }
    }

    fn old(&self) -> Vec<u8> {
        fs::read(&month_files(&self.before)[0]).unwrap()
    }

    fn new_lines(&self) -> Vec<u8> {
        fs::read(&month_files(&self.after)[0]).unwrap()[self.old().len()..].to_vec()
    }

    /// State and head as before the group, and these bytes after the old lines.
    fn with_tail(&self, tail: &[u8]) -> &Path {
        copy(&self.before, &self.now);
        fs::write(&month_files(&self.now)[0], [self.old().as_slice(), tail].concat()).unwrap();
        &self.now
    }
}

fn later() -> cloister_audit::Environment {
    environment(StepClock::at("2026-11-24T10:00:00Z"), 8)
}

/// Opens, appends, and finds the log intact.
fn goes_on(dir: &Path) -> Vec<Notice> {
    let log = AuditLog::open(dir, &later()).unwrap();
    let notices = log.take_notices();
    log.append(&read(99)).unwrap();
    let after = verdict(dir);
    assert_eq!((after.verdict, after.unfinished_bytes), (Finding::Intact, None), "{after:?}");
    notices
}

#[test]
fn after_any_part_of_a_group_the_log_is_intact_and_goes_on() {
    let moment = Moment::new();
    let tail = moment.new_lines();
    let ends: Vec<_> = (0..=tail.len()).filter(|n| *n == 0 || tail[n - 1] == b'\n').collect();
    assert_eq!(ends.len() as u64, GROUP + 1);
    let near_an_end = |n: usize| ends.iter().any(|end| n.abs_diff(*end) < 3);
    for n in (0..=tail.len()).filter(|n| near_an_end(*n) || n % 61 == 0) {
        let dir = moment.with_tail(&tail[..n]);
        let whole = ends.iter().rfind(|end| **end <= n).unwrap();
        let crashed = verdict(dir);
        assert_eq!(crashed.verdict, Finding::Intact, "{n} bytes: {crashed:?}");
        assert_eq!(crashed.unfinished_bytes, (n > *whole).then_some((n - whole) as u64), "{n} bytes");
        let notices = goes_on(dir);
        let only_its_newline_was_missing = ends.contains(&(n + 1));
        if n == *whole || only_its_newline_was_missing {
            assert_eq!(notices, [], "{n} bytes");
        } else {
            let length = (n - whole) as u64;
            assert_eq!(notices, [Notice::Recovered { length }], "{n} bytes");
            // Never cut: the bytes are still there.
            let now = fs::read(&month_files(dir)[0]).unwrap();
            assert!(now.starts_with(&[moment.old().as_slice(), &tail[..n], b"\n"].concat()), "{n} bytes");
            let page = lines(dir, &Filter { limit: 2, ..Filter::default() }).unwrap();
            assert_eq!(page.lines[1].event_type, "recovered");
            assert_eq!(page.lines[1].details["length"], length);
        }
    }
}

#[test]
fn a_crash_during_recovery_is_recovered_from_too() {
    let moment = Moment::new();
    let tail = moment.new_lines();
    let dir = moment.with_tail(&tail[..500]);
    drop(AuditLog::open(dir, &later()).unwrap());
    let recovered = fs::read(&month_files(dir)[0]).unwrap()[moment.old().len()..].to_vec();
    assert!(recovered.len() > 501 && recovered.starts_with(&tail[..500]));
    for n in (500..504).chain((504..=recovered.len()).step_by(97)).chain([recovered.len() - 1, recovered.len()]) {
        let dir = moment.with_tail(&recovered[..n]);
        assert_eq!(verdict(dir).verdict, Finding::Intact, "{n} bytes");
        let notices = goes_on(dir);
        assert!(matches!(notices[..], [] | [Notice::Recovered { .. }]), "{n} bytes: {notices:?}");
    }
}

#[test]
fn zeros_that_a_file_system_left_are_recovered_from() {
    let moment = Moment::new();
    let tail = moment.new_lines();
    for zeros in [0..700, 300..1600, 0..tail.len()] {
        let mut torn = tail.clone();
        torn[zeros].fill(0);
        let dir = moment.with_tail(&torn);
        assert_eq!(verdict(dir).verdict, Finding::Intact);
        assert!(matches!(goes_on(dir)[..], [Notice::Recovered { .. }]));
    }
}

#[test]
fn a_head_that_lags_is_no_fault_and_a_lost_one_is_recorded() {
    let moment = Moment::new();
    copy(&moment.after, &moment.now);
    fs::copy(moment.before.join("head.json"), moment.now.join("head.json")).unwrap();
    fs::write(moment.now.join("head.json.new"), b"half a he").unwrap();
    assert_eq!(verdict(&moment.now).verdict, Finding::Intact);
    assert_eq!(goes_on(&moment.now), []);
    // An older head of another log, too, is a lost one.
    let mut forged = fs::read(moment.before.join("head.json")).unwrap();
    forged[9] = if forged[9] == b'0' { b'1' } else { b'0' };
    for bytes in [None, Some(b"".as_slice()), Some(b"{}\n"), Some(&forged)] {
        copy(&moment.after, &moment.now);
        let head = moment.now.join("head.json");
        bytes.map_or_else(|| fs::remove_file(&head), |b| fs::write(&head, b)).unwrap();
        assert_eq!(verdict(&moment.now).verdict, Finding::Tampered);
        assert_eq!(goes_on(&moment.now), [Notice::HeadRestored]);
    }
}

#[test]
fn a_crash_while_a_month_turns_is_recovered_from() {
    let dir = tempfile::tempdir().unwrap();
    let (log, before, now) = (dir.path().join("log"), dir.path().join("before"), dir.path().join("now"));
    log_of(&log, 3, &environment(StepClock::at("2026-11-30T23:00:00Z"), 7));
    copy(&log, &before);
    let december = || environment(StepClock::at("2026-12-01T00:00:00Z"), 8);
    AuditLog::open(&log, &december()).unwrap().append(&read(1)).unwrap();
    let line = fs::read(log.join("2026-12.jsonl")).unwrap();
    for n in [0, 1, 400, line.len() - 1, line.len()] {
        // The process may die and another, opened before, go on.
        for opened_before in [false, true] {
            copy(&before, &now);
            let open = || AuditLog::open(&now, &december()).unwrap();
            let early = opened_before.then(open);
            fs::write(now.join("2026-12.jsonl"), &line[..n]).unwrap();
            assert_eq!(verdict(&now).verdict, Finding::Intact, "{n} bytes");
            let log = early.unwrap_or_else(open);
            log.append(&read(2)).unwrap();
            let after = verdict(&now);
            assert_eq!(after.verdict, Finding::Intact, "{n} bytes, opened before: {opened_before}: {after:?}");
            let notices = log.take_notices();
            assert!(matches!(notices[..], [] | [Notice::Recovered { .. }]), "{n} bytes: {notices:?}");
        }
    }
}

#[test]
fn another_process_puts_right_what_a_dead_one_left() {
    let moment = Moment::new();
    copy(&moment.before, &moment.now);
    let log = AuditLog::open(&moment.now, &later()).unwrap();
    let file = &month_files(&moment.now)[0];
    fs::write(file, [moment.old().as_slice(), &moment.new_lines()[..1500]].concat()).unwrap();
    log.append(&read(1)).unwrap();
    assert!(matches!(log.take_notices()[..], [Notice::Recovered { .. }]));
    assert_eq!(verdict(&moment.now).verdict, Finding::Intact);
}

#[test]
fn what_no_crash_can_leave_breaks_the_chain() {
    let moment = Moment::new();
    let tail = moment.new_lines();
    let second = tail.iter().position(|b| *b == b'\n').unwrap() + 1;
    let foreign = |bytes: &[u8]| moment.with_tail(bytes).to_owned();
    let state_of_after = |n: usize| {
        let dir = foreign(&tail[..n]);
        fs::copy(moment.after.join("state"), dir.join("state")).unwrap();
        dir
    };
    type Case<'a> = (&'a str, Box<dyn Fn() -> PathBuf + 'a>, Fault, Break);
    let cases: [Case<'_>; 7] = [
        ("a line left out", Box::new(|| foreign(&tail[second..])), Fault::Sequence(5), Break::ForeignLines),
        ("a text", Box::new(|| foreign(b"hello\n")), Fault::NotALine, Break::ForeignLines),
        ("state ahead by all", Box::new(|| state_of_after(0)), Fault::StateAhead(6), Break::Truncated),
        ("state ahead by a part", Box::new(|| state_of_after(second + 9)), Fault::StateAhead(6), Break::Truncated),
        (
            "no state",
            Box::new(|| {
                let dir = foreign(b"");
                fs::remove_file(dir.join("state")).unwrap();
                dir
            }),
            Fault::StateMissing,
            Break::StateMissing,
        ),
        (
            "a damaged state",
            Box::new(|| {
                let dir = foreign(b"");
                fs::write(dir.join("state"), [7; 128]).unwrap();
                dir
            }),
            Fault::StateWrong,
            Break::StateDamaged,
        ),
        (
            "lines and state put back",
            Box::new(|| {
                let dir = foreign(b"");
                fs::copy(moment.after.join("head.json"), dir.join("head.json")).unwrap();
                dir
            }),
            Fault::HeadAhead(6),
            Break::RolledBack,
        ),
    ];
    for (name, make, fault, how) in cases {
        let dir = make();
        let found = verdict(&dir);
        assert_eq!(found.fault, Some(fault), "{name}: {found:?}");
        let log = AuditLog::open(&dir, &later()).unwrap();
        assert_eq!(log.take_notices(), [Notice::Broken(how)], "{name}");
        log.append(&read(1)).unwrap();
        let after = verdict(&dir);
        assert!(matches!(after.verdict, Finding::Tampered | Finding::Truncated), "{name}: {after:?}");
        let newest = after.segments.last().unwrap();
        assert_eq!((newest.segment, newest.entries, newest.fault), (2, 2, None), "{name}: {after:?}");
        drop(log);
        assert_eq!(AuditLog::open(&dir, &later()).unwrap().take_notices(), [], "{name}: told once");
    }
}

#[test]
fn a_changed_last_line_is_noticed_at_opening() {
    let moment = Moment::new();
    copy(&moment.after, &moment.now);
    let file = &month_files(&moment.now)[0];
    let mut bytes = fs::read(file).unwrap();
    let at = bytes.len() - 20;
    bytes[at] ^= 1;
    fs::write(file, bytes).unwrap();
    let log = AuditLog::open(&moment.now, &later()).unwrap();
    assert_eq!(log.take_notices(), [Notice::Broken(Break::LastLineChanged)]);
}
