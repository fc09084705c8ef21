//! Logs kept as files in tests/vectors/audit: a good one, and others with one thing wrong with each.
//!
//! The good one is written again and compared byte by byte, so the format cannot drift. `UPDATE_VECTORS=1` writes
//! all of them anew; since lines once written must stay verifiable, that needs a new format version, except before
//! the first release.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use cloister_audit::{AuditLog, Evidence, verify};
use cloister_domain::{
    Actor, AuditEvent, AuditTarget, Detail, DetailKey, EventType, FieldName, Outcome, Pseudonym, RecordKind, Role,
    Sha256Hex, code,
};
use common::{StepClock, copy, environment, month_files};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/audit")
}

/// Seven lines over two months, with every kind of value.
fn write_good(dir: &Path) -> String {
    let clock = StepClock::at("2026-11-30T23:59:58.900Z");
    let (log, fingerprint) = AuditLog::create(dir, &environment(clock, 42)).unwrap();
    let user = || Actor::User {
        id: "usr-01arz3ndektsv4rrffq69g5fav".parse().unwrap(),
        role: Role::Researcher,
        session: Some("ses-01arz3ndektsv4rrffq69g5faw".parse().unwrap()),
    };
    let record = |kind, n| AuditTarget::Record { kind, pseudonym: Pseudonym::from_bytes([n; 16]) };
    let hash = |n| Sha256Hex::from_bytes(&[n; 32]);
    let events = [
        AuditEvent::new(
            EventType::SignIn,
            code!("sign_in"),
            Actor::UnknownName(Pseudonym::from_bytes([1; 16])),
            Outcome::Failure,
        )
        .code(DetailKey::Reason, code!("no_such_name"))
        .count(DetailKey::Attempts, 1),
        AuditEvent::new(EventType::SignIn, code!("sign_in"), user(), Outcome::Success)
            .code(DetailKey::Method, code!("local")),
        AuditEvent::new(EventType::ExtractionStart, code!("batch.run"), user(), Outcome::Attempt)
            .target(record(RecordKind::Batch, 2))
            .hash(DetailKey::ModelSha256, hash(3))
            .hash(DetailKey::SchemaSha256, hash(4))
            .count(DetailKey::Documents, 20),
        AuditEvent::new(EventType::ExtractionEnd, code!("batch.run"), user(), Outcome::Success)
            .target(record(RecordKind::Batch, 2))
            .count(DetailKey::Attempt, 4)
            .count(DetailKey::Ok, 20)
            .detail(
                DetailKey::FieldNames,
                Detail::Fields(vec![FieldName::plain("dose").unwrap(), FieldName::hashed(&hash(5))]),
            ),
        AuditEvent::new(EventType::AccountDisable, code!("user.disable"), Actor::System, Outcome::Success)
            .target(AuditTarget::Account("usr-01arz3ndektsv4rrffq69g5fav".parse().unwrap())),
        AuditEvent::new(EventType::Seal, code!("log.seal"), Actor::System, Outcome::Success),
    ];
    events.iter().for_each(|event| assert!(log.append(event).is_ok(), "{event:?}"));
    fingerprint.to_string()
}

fn edit(dir: &Path, file: usize, change: impl Fn(&str) -> String) {
    let path = &month_files(dir)[file];
    fs::write(path, change(&fs::read_to_string(path).unwrap())).unwrap();
}

fn without_line(text: &str, n: usize) -> String {
    text.split_inclusive('\n').enumerate().filter(|(i, _)| *i != n).map(|(_, l)| l).collect()
}

type Damage = (&'static str, fn(&Path));

const DAMAGED: [Damage; 8] = [
    ("edited", |dir| edit(dir, 0, |t| t.replacen("\"documents\":20", "\"documents\":21", 1))),
    ("line-removed", |dir| edit(dir, 1, |t| without_line(t, 0))),
    ("month-removed", |dir| fs::remove_file(&month_files(dir)[0]).unwrap()),
    ("cut", |dir| edit(dir, 1, |t| without_line(t, t.lines().count() - 1))),
    ("head-removed", |dir| fs::remove_file(dir.join("head.json")).unwrap()),
    ("crashed", |dir| edit(dir, 1, |t| format!("{t}{{\"action\":\"transcri"))),
    ("crashed-and-recovered", |dir| {
        edit(dir, 1, |t| format!("{t}{{\"action\":\"transcri"));
        drop(AuditLog::open(dir, &environment(StepClock::at("2026-12-02T08:00:00Z"), 43)).unwrap());
    }),
    ("cut-and-continued", |dir| {
        edit(dir, 1, |t| without_line(t, t.lines().count() - 1));
        drop(AuditLog::open(dir, &environment(StepClock::at("2026-12-02T08:00:00Z"), 43)).unwrap());
    }),
];

fn verdict_of(dir: &Path) -> serde_json::Value {
    // As an outsider has it: the vectors hold no state file.
    serde_json::to_value(verify(dir, &Evidence::default())).unwrap()
}

fn keep(from: &Path, name: &str) {
    let to = home().join(name);
    copy(from, &to);
    for file in ["state", "head.json.new"] {
        let _ = fs::remove_file(to.join(file));
    }
}

#[test]
fn each_vector_has_its_verdict_and_the_good_one_is_written_again_alike() {
    let dir = tempfile::tempdir().unwrap();
    let (good, damaged) = (dir.path().join("good"), dir.path().join("damaged"));
    let fingerprint = write_good(&good);
    let names = || std::iter::once("good").chain(DAMAGED.iter().map(|(name, _)| *name));
    if env::var_os("UPDATE_VECTORS").is_some() {
        keep(&good, "good");
        for (name, damage) in DAMAGED {
            copy(&good, &damaged);
            damage(&damaged);
            keep(&damaged, name);
        }
        let verdicts: serde_json::Map<_, _> =
            names().map(|name| (name.to_owned(), verdict_of(&home().join(name)))).collect();
        let index = serde_json::json!({ "fingerprint": fingerprint, "verdicts": verdicts });
        fs::write(home().join("index.json"), format!("{index:#}\n")).unwrap();
    }
    let index: serde_json::Value = serde_json::from_slice(&fs::read(home().join("index.json")).unwrap()).unwrap();
    assert_eq!(index["fingerprint"], fingerprint);
    for name in names() {
        assert_eq!(verdict_of(&home().join(name)), index["verdicts"][name], "{name}");
    }
    for (ours, kept) in month_files(&good).iter().zip(month_files(&home().join("good"))) {
        assert_eq!(fs::read_to_string(ours).unwrap(), fs::read_to_string(kept).unwrap());
    }
    assert_eq!(fs::read(good.join("head.json")).unwrap(), fs::read(home().join("good/head.json")).unwrap());
    let words: Vec<_> = names().map(|name| index["verdicts"][name]["verdict"].as_str().unwrap()).collect();
    assert_eq!(
        words,
        ["intact", "tampered", "tampered", "tampered", "truncated", "tampered", "intact", "intact", "truncated"]
    );
}
