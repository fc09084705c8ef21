//! Any bytes as a log: a verdict, a page, and no panic, hang or growing memory.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use cloister_audit::{
    AuditError, AuditLog, Evidence, ExportFormat, Fault, Filter, Finding, Head, Index, Notice, Report, Watch, lines,
    verify, verify_export, write_export,
};
use cloister_domain::Timestamp;
use common::{log_of, month_files, november, own, read, verdict};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use std::{fs, fs::File, ops::ControlFlow, path::Path, process::Command};

/// Everything the crate does with a folder, on whatever the folder holds.
fn withstands(dir: &Path) -> Finding {
    let verdict = verify(dir, &own());
    let _ = verify(dir, &Evidence::default());
    let _ = lines(dir, &Filter { limit: 10, ..Filter::default() });
    let _ = lines(dir, &Filter { limit: 10, before_seq: Some(3), ..Filter::default() });
    // What only looks: none of it may break, and the index must agree with the files.
    let everything = Filter { limit: 1000, ..Filter::default() };
    if let Ok(mut index) = Index::open(dir)
        && index.refresh(&mut |_, _| ControlFlow::Continue(())).is_ok()
    {
        let slice = index.slice(&everything, 0).unwrap();
        assert_eq!(slice.lines, lines(dir, &everything).unwrap().lines, "the index and the files differ");
        index.overview(&everything, 60).unwrap();
    }
    let _ = Watch::since(dir, None).and_then(|mut watch| watch.look(dir));
    let _ = Report::of(dir, Timestamp::from_millis(0), Timestamp::from_millis(i64::MAX / 2), 0);
    let mut out = Vec::new();
    let _ = write_export(dir, &Filter::default(), ExportFormat::Csv, &mut out);
    if let Ok(log) = AuditLog::open(dir, &november()) {
        let _ = log.append(&read(1));
        let notices = log.take_notices();
        let after = verify(dir, &own());
        // A lost head is put back, with a line that says so. Nothing else is.
        let told = notices.contains(&Notice::HeadRestored)
            && matches!(verdict.fault, Some(Fault::HeadMissing | Fault::HeadWrong));
        let hidden = verdict.verdict != Finding::Intact && after.verdict == Finding::Intact && !told;
        assert!(!hidden, "{verdict:?} then {after:?}");
    }
    verdict.verdict
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..3000),
        prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'{'), Just(b'"'), Just(0), any::<u8>()], 0..3000),
        "(\\{\"action\":\"[a-z]*\",\"boot\":\"[a-z\\\\\"]*\",\"details\":\\{[a-z\":,0-9]*\\}\n?){0,5}"
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(common::cases(60))]

    #[test]
    fn files_of_any_bytes(month in bytes(), other in bytes(), head in bytes(), state in bytes()) {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in
            [("2026-11.jsonl", month), ("2026-12.s2.jsonl", other), ("head.json", head), ("state", state)]
        {
            fs::write(dir.path().join(name), content).unwrap();
        }
        assert_ne!(withstands(dir.path()), Finding::Intact);
    }

    #[test]
    fn a_good_log_with_a_stretch_of_any_bytes(at in 0.0..1.0, cut in 0_usize..2000, put in bytes(), which in 0..3) {
        let dir = tempfile::tempdir().unwrap();
        log_of(dir.path(), 6, &november());
        let path = match which {
            0 => month_files(dir.path())[0].clone(),
            1 => dir.path().join("head.json"),
            _ => dir.path().join("state"),
        };
        let old = fs::read(&path).unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let from = (at * old.len() as f64) as usize;
        let new = [&old[..from], &put, &old[(from + cut).min(old.len())..]].concat();
        fs::write(&path, &new).unwrap();
        let before = verdict(dir.path()).verdict;
        // Bytes after the end that do not end in a newline are what a crash leaves, and nothing is lost by them.
        let appended = new.starts_with(&old) && which == 0;
        assert!(new == old || appended || before != Finding::Intact, "{before}");
        withstands(dir.path());
    }

    #[test]
    fn exports_and_seals_of_any_bytes(export in bytes(), seal in bytes()) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("export"), export).unwrap();
        let mut file = File::open(dir.path().join("export")).unwrap();
        let found = verify_export(&mut file, &mut &seal[..], None).unwrap();
        assert_ne!(found.verdict, Finding::Intact);
    }

    #[test]
    fn heads_of_any_bytes(bytes in bytes()) {
        assert!(Head::parse(&bytes).is_none());
    }
}

#[test]
fn an_endless_line_is_not_read_into_memory() {
    let dir = tempfile::tempdir().unwrap();
    log_of(dir.path(), 3, &november());
    // A terabyte of nothing, after the last line.
    fs::OpenOptions::new().write(true).open(&month_files(dir.path())[0]).unwrap().set_len(1 << 40).unwrap();
    let started = std::time::Instant::now();
    let verdict = verdict(dir.path());
    assert_eq!((verdict.verdict, verdict.fault), (Finding::Tampered, Some(Fault::NotALine)));
    let log = AuditLog::open(dir.path(), &november()).unwrap();
    assert_eq!(log.take_notices().len(), 1);
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn pipes_links_and_folders_in_a_files_place_are_not_followed() {
    type Put = fn(&Path);
    let make: [(&str, Put); 4] = [
        ("a pipe", |at| assert!(Command::new("mkfifo").arg(at).status().unwrap().success())),
        ("a link", |at| std::os::unix::fs::symlink("/dev/zero", at).unwrap()),
        ("a folder", |at| fs::create_dir(at).unwrap()),
        ("a link to itself", |at| std::os::unix::fs::symlink(at, at).unwrap()),
    ];
    for (what, put) in make {
        for name in ["2026-11.jsonl", "2026-12.jsonl", "head.json", "state"] {
            let dir = tempfile::tempdir().unwrap();
            log_of(dir.path(), 3, &november());
            let at = dir.path().join(name);
            let _ = fs::remove_file(&at);
            put(&at);
            assert_eq!(verdict(dir.path()).verdict, Finding::Tampered, "{what} as {name}");
            match AuditLog::open(dir.path(), &november()) {
                Ok(log) => assert!(!log.take_notices().is_empty(), "{what} as {name}"),
                Err(error) => assert!(matches!(error, AuditError::Io { .. }), "{what} as {name}: {error}"),
            }
        }
    }
}

#[test]
fn a_later_formats_lines_are_named_not_guessed() {
    let dir = tempfile::tempdir().unwrap();
    log_of(dir.path(), 3, &november());
    let file = &month_files(dir.path())[0];
    let old = fs::read_to_string(file).unwrap();
    fs::write(file, format!("{old}{{\"action\":\"x\",\"seq\":4,\"v\":2}}\n")).unwrap();
    let verdict = verdict(dir.path());
    assert_eq!((verdict.verdict, verdict.fault), (Finding::Unknown, Some(Fault::Version(2))));
    assert!(verdict.fault.unwrap().to_string().contains("version 2"));
}

#[test]
fn an_unreadable_log_is_unknown() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("log"), b"").unwrap();
    let verdict = verify(&dir.path().join("log"), &own());
    assert_eq!(verdict.verdict, Finding::Unknown);
}
