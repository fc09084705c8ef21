//! Exports are checked elsewhere, later, with nothing but the file and its seal.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use cloister_audit::{
    AuditLog, ExportFormat, Filter, Finding, Fingerprint, Report, Seal, SealedExport, fingerprint, seal_export,
    verify_export, write_export,
};
use cloister_domain::{Actor, AuditEvent, DetailKey, EventType, Outcome, Sha256Hex, Timestamp, code};
use common::{november, read};
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    fs::{self, File},
};

struct Scene {
    dir: tempfile::TempDir,
    key: SigningKey,
    log: AuditLog,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (log, _) = AuditLog::create(&dir.path().join("audit"), &november()).unwrap();
        (0..40).for_each(|n| drop(log.append(&read(n)).unwrap()));
        let signed = AuditEvent::new(EventType::Sign, code!("sign"), Actor::System, Outcome::Success);
        log.append(&signed).unwrap();
        (0..5).for_each(|n| drop(log.append(&read(n)).unwrap()));
        Self { dir, key: SigningKey::from_bytes(&[5; 32]), log }
    }

    /// The bytes of an export and of its seal.
    fn export(&self, format: ExportFormat, filter: &Filter) -> (Vec<u8>, String) {
        let folder = self.dir.path().join("audit");
        let mut bytes = Vec::new();
        let exported = write_export(&folder, filter, format, &mut bytes).unwrap();
        let seal = Seal {
            by: "usr-01JD8ZAAAAAAAAAAAAAAAAAADA".to_owned(),
            bytes: bytes.len() as u64,
            filter: BTreeMap::new(),
            first_seq: exported.first_seq,
            format: format.name().to_owned(),
            head: self.log.head().unwrap().receipt(),
            key: Sha256Hex::from_bytes(&self.key.verifying_key().to_bytes()),
            last_seq: exported.last_seq,
            lines: exported.lines,
            log: fingerprint(&folder).unwrap().unwrap().to_string(),
            made: "2026-11-23T16:00:00.000Z".to_owned(),
            sha256: Sha256Hex::from_bytes(&Sha256::digest(&bytes).into()),
            v: 1,
        };
        let sign = |purpose: &'static str, message: &[u8]| {
            Ok::<_, Infallible>(self.key.sign(&[purpose.as_bytes(), &[0], message].concat()).to_bytes())
        };
        let sealed = seal_export(&seal, sign).unwrap();
        (bytes, sealed)
    }

    fn check(&self, bytes: &[u8], seal: &str, key: Option<&Fingerprint>) -> SealedExport {
        let path = self.dir.path().join("export");
        fs::write(&path, bytes).unwrap();
        verify_export(&mut File::open(path).unwrap(), &mut seal.as_bytes(), key).unwrap()
    }
}

#[test]
fn a_whole_export_is_intact_and_its_lines_vouch_for_each_other() {
    let scene = Scene::new();
    let (bytes, seal) = scene.export(ExportFormat::Jsonl, &Filter::default());
    let key = Fingerprint::of_exporter(&scene.key.verifying_key().to_bytes());
    let found = scene.check(&bytes, &seal, Some(&key));
    assert_eq!(
        (found.verdict, found.entries, found.first_seq, found.last_seq),
        (Finding::Intact, 47, Some(1), Some(47))
    );
    assert_eq!(found.rests_on, ["file", "signature:usr-01JD8ZAAAAAAAAAAAAAAAAAADA", "chain:46", "key"]);
    let (csv, seal) = scene.export(ExportFormat::Csv, &Filter::default());
    let found = scene.check(&csv, &seal, None);
    assert_eq!((found.verdict, found.entries, found.first_seq), (Finding::Intact, 47, Some(1)));
    assert_eq!(found.key, Some(key.to_string()));
    let mut table = csv::Reader::from_reader(&csv[..]);
    let rows: Vec<_> = table.records().map(Result::unwrap).collect();
    assert!(rows.iter().all(|row| row.len() == 14));
    assert_eq!(&rows[5][10], r#"{"documents":4}"#);
}

#[test]
fn a_filtered_export_holds_what_was_asked_for() {
    let scene = Scene::new();
    let filter = Filter { event_type: Some("read".to_owned()), ..Filter::default() };
    let (bytes, seal) = scene.export(ExportFormat::Jsonl, &filter);
    let found = scene.check(&bytes, &seal, None);
    assert_eq!((found.verdict, found.entries), (Finding::Intact, 45));
    assert_eq!(found.rests_on[2], "chain:43", "the line left out breaks one link, and no more is claimed");
}

#[test]
fn whatever_is_changed_is_noticed() {
    let scene = Scene::new();
    for format in [ExportFormat::Jsonl, ExportFormat::Csv] {
        let (bytes, seal) = scene.export(format, &Filter::default());
        for at in (0..bytes.len()).step_by(97) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(scene.check(&changed, &seal, None).verdict, Finding::Tampered, "byte {at}");
        }
        let shorter: Vec<u8> = bytes.split_inclusive(|b| *b == b'\n').take(20).flatten().copied().collect();
        assert_eq!(scene.check(&shorter, &seal, None).verdict, Finding::Tampered);
        for at in 0..seal.len() {
            let mut changed = seal.clone().into_bytes();
            changed[at] ^= 1;
            let Ok(changed) = String::from_utf8(changed) else { continue };
            assert_ne!(scene.check(&bytes, &changed, None).verdict, Finding::Intact, "byte {at} of the seal");
        }
    }
}

#[test]
fn another_key_is_noticed_by_its_fingerprint_and_no_seal_is_no_evidence() {
    let scene = Scene::new();
    let (bytes, seal) = scene.export(ExportFormat::Jsonl, &Filter::default());
    let other = Fingerprint::of_exporter(&SigningKey::from_bytes(&[6; 32]).verifying_key().to_bytes());
    assert_eq!(scene.check(&bytes, &seal, Some(&other)).verdict, Finding::Tampered);
    for nothing in ["", "{}", "not a seal\n", &seal[1..]] {
        assert_eq!(scene.check(&bytes, nothing, None).verdict, Finding::Unknown, "{nothing:?}");
    }
}

#[test]
fn a_report_counts_what_was_done_within_its_period() {
    let dir = tempfile::tempdir().unwrap();
    let clock = common::StepClock::at("2026-10-31T23:00:00Z");
    let (log, _) = AuditLog::create(dir.path(), &common::environment(clock.clone(), 7)).unwrap();
    let event = |kind, outcome| AuditEvent::new(kind, code!("act"), Actor::System, outcome);
    log.append(&event(EventType::ExtractionEnd, Outcome::Success).count(DetailKey::Documents, 1)).unwrap();
    clock.set("2026-11-02T09:00:00Z");
    log.append(&event(EventType::ExtractionEnd, Outcome::Success).count(DetailKey::Documents, 1)).unwrap();
    let run = event(EventType::ExtractionEnd, Outcome::Success).count(DetailKey::Documents, 120);
    log.append(&run.count(DetailKey::Ok, 90).count(DetailKey::Partial, 10).count(DetailKey::Failed, 20)).unwrap();
    log.append(&event(EventType::SignIn, Outcome::Failure)).unwrap();
    log.append(&event(EventType::SignIn, Outcome::Success)).unwrap();
    log.append(&event(EventType::Export, Outcome::Success).count(DetailKey::Documents, 100)).unwrap();
    log.append(&event(EventType::Configuration, Outcome::Success)).unwrap();
    clock.set("2026-12-01T00:00:00Z");
    log.append(&event(EventType::Export, Outcome::Success).count(DetailKey::Documents, 7)).unwrap();
    let at = |t: &str| Timestamp::parse(t).unwrap();
    let report = Report::of(dir.path(), at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z"), 0).unwrap();
    assert_eq!((report.lines, report.extractions, report.exports, report.exported_documents), (6, 101, 1, 100));
    assert_eq!((report.sign_ins, report.failed_sign_ins, report.administration.len()), (1, 1, 1));
    assert_eq!((report.days.len(), report.days[0].lines, report.days[0].failed_sign_ins), (1, 6, 1));
}
