//! The index says what the files say, whatever becomes of it.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use cloister_audit::{AuditLog, Filter, Index, LogLine, lines};
use cloister_domain::{
    Actor, AuditEvent, AuditTarget, Detail, DetailKey, EventType, Outcome, Pseudonym, RecordKind, Role, Timestamp,
    UserId, code,
};
use common::{StepClock, environment, november, read};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use std::{fs, ops::ControlFlow, path::Path};

fn person(n: u8) -> Actor {
    let id = format!("usr-01JD8Z{:020}", n).parse::<UserId>().unwrap();
    Actor::User { id, role: Role::Clinician, session: None }
}

fn event(n: u8) -> AuditEvent {
    let kinds = [
        (EventType::Read, Outcome::Attempt),
        (EventType::Export, Outcome::Success),
        (EventType::Sign, Outcome::Failure),
    ];
    let (kind, outcome) = kinds[usize::from(n % 3)];
    AuditEvent::new(kind, code!("act"), person(n % 4), outcome)
        .target(AuditTarget::Record { kind: RecordKind::Encounter, pseudonym: Pseudonym::from_bytes([n % 5; 16]) })
        .detail(DetailKey::Patient, Detail::Record(Pseudonym::from_bytes([100 + n % 2; 16])))
}

fn grow(log: &AuditLog, events: &[u8]) {
    events.iter().for_each(|n| drop(log.append(&event(*n)).unwrap()));
}

fn fresh(dir: &Path) -> Index {
    let mut index = Index::open(dir).unwrap();
    index.refresh(&mut |_, _| ControlFlow::Continue(())).unwrap();
    index
}

/// The same question, answered by reading every line.
fn by_reading(dir: &Path, filter: &Filter, offset: usize) -> (u64, Vec<LogLine>) {
    let all = lines(dir, &Filter { limit: usize::MAX, ..filter.clone() }).unwrap().lines;
    (all.len() as u64, all.into_iter().skip(offset).take(filter.limit).collect())
}

fn filters() -> impl Strategy<Value = Filter> {
    let user =
        prop_oneof![Just(None), (0_u8..5).prop_map(|n| Some(person(n).user_id())), Just(Some("nobody".to_owned()))];
    let kind = prop_oneof![Just(None), Just(Some("read".to_owned())), Just(Some("sign".to_owned()))];
    let outcome = prop_oneof![Just(None), Just(Some("success".to_owned()))];
    let records = prop::collection::vec(0_u8..6, 0..3).prop_map(|r| {
        r.into_iter().map(|n| Pseudonym::from_bytes([if n == 5 { 100 } else { n }; 16]).to_string()).collect()
    });
    let time = || prop::option::of((0_i64..30).prop_map(|s| Timestamp::from_millis(1_795_359_600_000 + s * 1000)));
    (user, kind, outcome, records, time(), time(), prop::option::of(1_u64..60), 1_usize..20).prop_map(
        |(user, event_type, outcome, records, from, to, before_seq, limit)| Filter {
            user,
            event_type,
            outcome,
            records,
            from,
            to,
            before_seq,
            limit,
            ..Filter::default()
        },
    )
}

proptest! {
    #![proptest_config(common::cases(24))]
    #[test]
    fn every_filter_gives_what_reading_the_files_gives(
        first in prop::collection::vec(any::<u8>(), 0..40),
        later in prop::collection::vec(any::<u8>(), 0..20),
        asked in prop::collection::vec((filters(), 0_usize..30), 1..12),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let (log, _) = AuditLog::create(dir.path(), &november()).unwrap();
        grow(&log, &first);
        drop(fresh(dir.path()));
        grow(&log, &later);
        let mut index = fresh(dir.path());
        for (filter, offset) in asked {
            let slice = index.slice(&filter, offset as u64).unwrap();
            assert_eq!((slice.total, slice.lines), by_reading(dir.path(), &filter, offset), "{filter:?} from {offset}");
        }
    }
}

#[test]
fn the_parts_of_an_overview_add_up() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = AuditLog::create(dir.path(), &environment(StepClock::at("2026-11-30T23:59:50Z"), 7)).unwrap();
    (0..120).for_each(|n| drop(log.append(&event(n)).unwrap()));
    let overview = fresh(dir.path()).overview(&Filter::default(), 0).unwrap();
    let sum = |parts: &[(String, u64)]| parts.iter().map(|(_, n)| n).sum::<u64>();
    assert_eq!(overview.days.iter().map(|d| d.lines).collect::<Vec<_>>(), [40, 81]);
    assert_eq!(overview.hours.iter().map(|h| (h.at, h.lines)).collect::<Vec<_>>(), [(0, 81), (23, 40)]);
    assert_eq!((sum(&overview.event_types), sum(&overview.users), sum(&overview.outcomes)), (121, 121, 121));
    assert_eq!(overview.days.iter().map(|d| d.refused).sum::<u64>(), 40);
    // An hour ahead, all of it lies in December.
    let ahead = fresh(dir.path()).overview(&Filter::default(), 60).unwrap();
    assert_eq!(ahead.days.len(), 1);
}

#[test]
fn an_index_that_lies_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = AuditLog::create(dir.path(), &november()).unwrap();
    (0..30).for_each(|n| drop(log.append(&event(n)).unwrap()));
    drop(fresh(dir.path()));
    let filter = Filter { event_type: Some("export".to_owned()), limit: 50, ..Filter::default() };
    let truth = by_reading(dir.path(), &filter, 0);
    for lie in [
        "UPDATE lines SET type = (SELECT id FROM words WHERE word = 'export')",
        "UPDATE lines SET at = at + 1",
        "UPDATE files SET last_sha256 = x'00'",
    ] {
        let db = rusqlite::Connection::open(dir.path().join("index.sqlite")).unwrap();
        db.execute_batch(lie).unwrap();
        drop(db);
        let mut index = fresh(dir.path());
        let slice = index.slice(&filter, 0).unwrap();
        assert_eq!((slice.total, slice.lines), truth, "{lie}");
    }
}

#[test]
fn rubbish_in_its_place_and_another_log_under_it_are_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = AuditLog::create(dir.path(), &november()).unwrap();
    (0..10).for_each(|n| drop(log.append(&read(n)).unwrap()));
    drop(fresh(dir.path()));
    fs::write(dir.path().join("index.sqlite"), b"this is no database, whatever it looks like").unwrap();
    let filter = Filter { limit: 5, ..Filter::default() };
    assert_eq!(fresh(dir.path()).slice(&filter, 0).unwrap().total, 11);
    // The same folder with a shorter log in it.
    drop(log);
    let other = tempfile::tempdir().unwrap();
    common::log_of(other.path(), 4, &environment(StepClock::at("2026-11-23T15:00:00Z"), 9));
    for file in ["2026-11.jsonl", "head.json", "state"] {
        fs::copy(other.path().join(file), dir.path().join(file)).unwrap();
    }
    let slice = fresh(dir.path()).slice(&filter, 0).unwrap();
    assert_eq!((slice.total, slice.lines.len()), (4, 4));
}
