//! Writing, reading back, months, segments.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use cloister_audit::{
    AuditError, AuditLog, Break, Evidence, Fault, Filter, Finding, Ground, Notice, lines, unanswered, verify,
};
use cloister_domain::{Actor, AuditEvent, DetailKey, EventType, Outcome, code};
use common::{StepClock, copy, environment, log_of, month_files, november, own, read, verdict};
use std::fs;

#[test]
fn a_fresh_log_is_intact_and_its_witnesses_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let (log, fingerprint) = AuditLog::create(dir.path(), &november()).unwrap();
    let receipts: Vec<_> = (0..20).map(|i| log.append(&read(i)).unwrap()).collect();
    assert_eq!(receipts.iter().map(|r| r.seq).collect::<Vec<_>>(), (2..22).collect::<Vec<_>>());
    let head = log.head().unwrap();
    assert_eq!(head.receipt(), receipts[19]);
    let verdict = verify(
        dir.path(),
        &Evidence {
            own_folder: true,
            store_head: Some(&receipts[4]),
            checkpoints: &[head],
            fingerprint: Some(&fingerprint),
        },
    );
    assert_eq!((verdict.verdict, verdict.entries, verdict.fault), (Finding::Intact, 21, None));
    assert_eq!(
        (verdict.first_seq, verdict.last_seq, verdict.head),
        (Some(1), Some(21), Some(receipts[19].hash.clone()))
    );
    let grounds =
        [Ground::Chain, Ground::Head, Ground::State, Ground::StoreHead, Ground::Checkpoint(21), Ground::Fingerprint];
    assert_eq!(verdict.rests_on, grounds);
}

#[test]
fn it_is_opened_again_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let env = november();
    log_of(dir.path(), 5, &env);
    let log = AuditLog::open(dir.path(), &env).unwrap();
    assert_eq!(log.take_notices(), []);
    assert_eq!(log.append(&read(9)).unwrap().seq, 6);
    assert_eq!(verdict(dir.path()).verdict, Finding::Intact);
    assert_eq!(AuditLog::create(dir.path(), &env).err(), Some(AuditError::Exists));
}

#[test]
fn there_must_be_a_log_to_open_or_verify() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(AuditLog::open(dir.path(), &november()).err(), Some(AuditError::Missing));
    assert_eq!(AuditLog::open(&dir.path().join("none"), &november()).err(), Some(AuditError::Missing));
    for path in [dir.path().to_owned(), dir.path().join("none")] {
        let verdict = verify(&path, &own());
        assert_eq!((verdict.verdict, verdict.fault), (Finding::Unknown, Some(Fault::Empty)));
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "looking must leave nothing behind");
}

#[test]
fn an_event_outside_the_table_is_refused_and_leaves_no_line() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = AuditLog::create(dir.path(), &november()).unwrap();
    assert!(matches!(log.append(&read(1).count(DetailKey::WaitS, 1)), Err(AuditError::Event(_))));
    assert_eq!(verdict(dir.path()).entries, 1);
}

#[test]
fn months_are_chained_and_a_clock_set_back_opens_no_older_file() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StepClock::at("2026-11-30T23:59:58Z");
    let env = environment(clock.clone(), 7);
    let (log, _) = AuditLog::create(dir.path(), &env).unwrap();
    (0..20).for_each(|i| drop(log.append(&read(i)).unwrap()));
    clock.set("2026-09-01T00:00:00Z");
    let last = log.append(&read(20)).unwrap();
    let names: Vec<_> = month_files(dir.path()).iter().map(|p| p.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["2026-11.jsonl", "2026-12.jsonl"]);
    let verdict = verdict(dir.path());
    assert_eq!((verdict.verdict, verdict.entries, verdict.head), (Finding::Intact, 22, Some(last.hash)));
    drop(log);
    let log = AuditLog::open(dir.path(), &env).unwrap();
    assert_eq!(log.take_notices(), []);
}

#[test]
fn a_copy_without_the_state_can_be_verified_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let (there, copied) = (dir.path().join("log"), dir.path().join("copy"));
    log_of(&there, 12, &november());
    copy(&there, &copied);
    fs::remove_file(copied.join("state")).unwrap();
    let elsewhere = verify(&copied, &Evidence::default());
    assert_eq!((elsewhere.verdict, elsewhere.rests_on), (Finding::Intact, vec![Ground::Chain, Ground::Head]));
    let here = verify(&copied, &own());
    assert_eq!((here.verdict, here.fault), (Finding::Tampered, Some(Fault::StateMissing)));
}

#[test]
fn after_a_break_it_goes_on_in_a_linked_segment_and_the_verdict_stays() {
    let dir = tempfile::tempdir().unwrap();
    let env = november();
    log_of(dir.path(), 8, &env);
    let file = &month_files(dir.path())[0];
    let text = fs::read_to_string(file).unwrap();
    let cut: String = text.split_inclusive('\n').take(5).collect();
    fs::write(file, cut).unwrap();
    assert_eq!(verdict(dir.path()).verdict, Finding::Truncated);

    let log = AuditLog::open(dir.path(), &environment(StepClock::at("2026-11-24T00:00:00Z"), 8)).unwrap();
    assert_eq!(log.take_notices(), [Notice::Broken(Break::Truncated)]);
    assert_eq!(log.append(&read(1)).unwrap().seq, 10, "no number is used twice");
    let after = verdict(dir.path());
    assert_eq!((after.verdict, after.fault), (Finding::Truncated, Some(Fault::Broken(Break::Truncated))));
    assert_eq!((after.first_bad_seq, after.entries), (Some(6), 7));
    assert_eq!(after.segments.iter().map(|s| s.fault.is_some()).collect::<Vec<_>>(), [true, false]);

    drop(log);
    let log = AuditLog::open(dir.path(), &env).unwrap();
    assert_eq!(log.take_notices(), [], "the break is told once");
    log.append(&read(2)).unwrap();
    assert_eq!(verdict(dir.path()).fault, Some(Fault::Broken(Break::Truncated)));

    // What was left of the old segment is held by the new one's first line.
    let cut: String = text.split_inclusive('\n').take(4).collect();
    fs::write(file, cut).unwrap();
    assert_eq!(verdict(dir.path()).fault, Some(Fault::Chain));
}

#[test]
fn pages_go_back_from_the_newest_line_to_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let clock = StepClock::at("2026-11-30T23:58:58Z");
    let env = environment(clock.clone(), 7);
    log_of(dir.path(), 400, &env);
    let mut filter = Filter { limit: 37, ..Filter::default() };
    let mut seen = Vec::new();
    loop {
        let page = lines(dir.path(), &filter).unwrap();
        assert!(page.lines.len() <= 37 && page.unreadable == 0);
        seen.extend(page.lines.iter().map(|l| l.seq));
        match page.next_before_seq {
            Some(seq) => filter.before_seq = Some(seq),
            None => break,
        }
    }
    assert_eq!(seen, (1..=400).rev().collect::<Vec<_>>());
}

#[test]
fn attempts_that_nothing_answers_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = AuditLog::create(dir.path(), &november()).unwrap();
    let line = |outcome, answers: Option<u64>| {
        let event = AuditEvent::new(EventType::Export, code!("batch.export"), Actor::System, outcome);
        let event = answers.into_iter().fold(event, |event, seq| event.count(DetailKey::Attempt, seq));
        log.append(&event).unwrap().seq
    };
    let lost = line(Outcome::Attempt, None);
    let done = line(Outcome::Attempt, None);
    let failed = line(Outcome::Attempt, None);
    line(Outcome::Failure, Some(failed));
    line(Outcome::Success, Some(done));
    let going_on = line(Outcome::Attempt, None);
    let found = |from: &str, limit| {
        let from = cloister_domain::Timestamp::parse(from).unwrap();
        unanswered(dir.path(), from, limit).unwrap().iter().map(|l| l.seq).collect::<Vec<_>>()
    };
    assert_eq!(found("2026-11-01T00:00:00Z", 9), [going_on, lost]);
    assert_eq!(found("2026-11-01T00:00:00Z", 1), [going_on]);
    assert_eq!(found("2026-11-23T15:00:00.500Z", 9), [going_on]);
}

#[test]
fn filters_hold_together_and_a_line_is_shown_as_it_stands() {
    let dir = tempfile::tempdir().unwrap();
    log_of(dir.path(), 30, &november());
    let all = |f: Filter| lines(dir.path(), &Filter { limit: 100, ..f }).unwrap().lines;
    let created = all(Filter { event_type: Some("log_created".into()), ..Filter::default() });
    assert_eq!(created.len(), 1);
    let text = fs::read_to_string(&month_files(dir.path())[0]).unwrap();
    assert_eq!(Some(created[0].raw.as_str()), text.lines().next());
    assert_eq!(created[0].details["format_version"], 1);
    assert_eq!(created[0].host, "ward-3");
    let time = |s: &str| cloister_domain::Timestamp::parse(s);
    let some = all(Filter {
        from: time(&created[0].time),
        to: time("2026-11-23T15:00:02Z"),
        outcome: Some("success".into()),
        user: Some("system".into()),
        ..Filter::default()
    });
    assert_eq!(some.len(), 8, "four a second for two seconds");
    assert_eq!(all(Filter { from: time("2026-12-01T00:00:00Z"), ..Filter::default() }), []);
    assert_eq!(all(Filter { target: Some("part:log".into()), ..Filter::default() }), []);
}
