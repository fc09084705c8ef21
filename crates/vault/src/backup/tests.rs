use super::{
    BackupFacts, BackupFile, BackupHeader, BackupKey, BackupLogEnd, BackupWriter, Manifest, NewBackup, read_archive,
    stream::SEGMENT,
};
use crate::{
    Fault, RecoveryKey, VaultError, VaultFolder,
    testing::{Seeded, Still},
    tests::{create, create_at, path},
};
use cloister_domain::Clock;
use proptest::prelude::*;
use std::{collections::BTreeMap, io::Cursor};

type Files = Vec<(String, Vec<u8>)>;

struct Made {
    bytes: Vec<u8>,
    key: BackupKey,
    recovery: RecoveryKey,
    files: Files,
}

fn facts() -> BackupFacts {
    BackupFacts {
        keyring_sha256: crate::encoding::sha256(b"keyring"),
        keyring_version: 1,
        log: Some(BackupLogEnd { hash: crate::encoding::sha256(b"line"), seq: 4 }),
        stores: BTreeMap::from([("visits.db".to_owned(), 6)]),
    }
}

fn content() -> Files {
    let long = (0..SEGMENT * 2 + 77).map(|i| (i * 31 % 251) as u8).collect();
    vec![
        ("keyring.json".into(), b"{}".to_vec()),
        ("recordings/rec-1/0001.seg".into(), long),
        ("audit/2026-11.jsonl".into(), Vec::new()),
    ]
}

fn made() -> Made {
    let (dir, created) = create();
    let frozen = VaultFolder::at(path(&dir)).freeze().unwrap();
    let key = BackupKey::random(&Seeded::new(9)).unwrap();
    let new = NewBackup { made: Still.now(), program: "0.1.0", others: vec![b"an age file".to_vec()] };
    let header = BackupHeader::new(&frozen, new, &key, &Seeded::new(10)).unwrap();
    let mut writer = BackupWriter::begin(Vec::new(), &header, &key).unwrap();
    let files = content();
    for (name, bytes) in &files {
        writer.member(name, bytes.len() as u64, &mut bytes.as_slice()).unwrap();
    }
    let (bytes, _) = writer.finish(facts()).unwrap();
    Made { bytes, key, recovery: created.recovery_key, files }
}

fn read(bytes: &[u8], key: &BackupKey) -> Result<(Files, Manifest), VaultError> {
    let mut files = Vec::new();
    let manifest = BackupFile::open(bytes)?.unlock(key)?.read(|name, from| {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).map_err(VaultError::from_reading)?;
        files.push((name.to_owned(), bytes));
        Ok::<_, VaultError>(())
    })?;
    Ok((files, manifest))
}

fn fault(result: Result<impl Sized, VaultError>) -> Fault {
    match result {
        Err(VaultError::Refused { file, fault }) if file == "the backup" => fault,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was read"),
    }
}

#[test]
fn paper_and_file_are_enough_to_read_it_back() {
    let made = made();
    let file = BackupFile::open(made.bytes.as_slice()).unwrap();
    assert_eq!(file.header().others().collect::<Vec<_>>(), [b"an age file"]);
    assert_eq!((file.header().program(), file.header().made()), ("0.1.0", Still.now()));
    let key = file.header().open_with(&made.recovery).unwrap();
    let (files, manifest) = read(&made.bytes, &key).unwrap();
    assert_eq!(files, made.files);
    assert_eq!(manifest.facts, facts());
    assert_eq!(manifest.members.iter().map(|m| m.bytes).collect::<Vec<_>>(), [2, SEGMENT as u64 * 2 + 77, 0]);
    // What a caller leaves unread is read past and hashed all the same.
    let skipped = BackupFile::open(made.bytes.as_slice()).unwrap().unlock(&key).unwrap();
    assert_eq!(skipped.read(|_, _| Ok::<_, VaultError>(())).unwrap(), manifest);
    assert!(!made.bytes.windows(12).any(|w| w == b"keyring.json"), "names are inside");
}

#[test]
fn another_vaults_recovery_key_and_another_key_open_nothing() {
    let made = made();
    let elsewhere = tempfile::tempdir().unwrap();
    let other = create_at(&elsewhere.path().join("vault"), 2).unwrap();
    let header = BackupFile::open(made.bytes.as_slice()).unwrap().header().clone();
    assert!(matches!(header.open_with(&other.recovery_key), Err(VaultError::WrongRecoveryKey)));
    let key = BackupKey::random(&Seeded::new(77)).unwrap();
    assert_eq!(fault(BackupFile::open(made.bytes.as_slice()).unwrap().unlock(&key)), Fault::OtherKey);
}

#[test]
fn every_cut_is_noticed() {
    let made = made();
    let header = made.bytes.len() - (SEGMENT * 2 + 77) - 3 * 16 - 1000;
    let ends = [0, 1, 6, 7, 8, 11, 12, 200, header, made.bytes.len() - SEGMENT, made.bytes.len() - 1];
    // Cuts at the seams between segments are the ones that look like an end.
    let body = made.bytes.windows(2).position(|w| w == b"}}").unwrap() + 2 + 32;
    let seams = (0..=2).map(|n| body + n * (SEGMENT + 16));
    for end in ends.into_iter().chain(seams) {
        let found = fault(read(&made.bytes[..end], &made.key));
        assert!(matches!(found, Fault::Empty | Fault::Malformed | Fault::Truncated | Fault::Authentication), "{end}");
    }
    let longer = [made.bytes.as_slice(), b"x"].concat();
    assert_eq!(fault(read(&longer, &made.key)), Fault::Authentication);
}

#[test]
fn a_later_version_is_named() {
    let made = made();
    let mut later = made.bytes.clone();
    later[7] = 2;
    assert_eq!(fault(BackupFile::open(later.as_slice())), Fault::Version(2));
    let words = BackupFile::open(later.as_slice()).unwrap_err().to_string();
    assert!(words.contains("use the version of Cloister that wrote it"), "{words}");
    let text = String::from_utf8_lossy(&made.bytes[12..200]).replace("\"format_version\":1", "\"format_version\":7");
    let mut later = made.bytes.clone();
    later[12..200].copy_from_slice(text.as_bytes());
    assert_eq!(fault(BackupFile::open(later.as_slice())), Fault::Version(7));
}

#[test]
fn a_flipped_bit_anywhere_is_noticed() {
    let made = made();
    let places = (0..made.bytes.len()).step_by(4_391).chain(0..made.bytes.len().min(2_000));
    for at in places {
        let mut bytes = made.bytes.clone();
        bytes[at] ^= 1;
        assert!(read(&bytes, &made.key).is_err(), "byte {at}");
    }
}

#[test]
fn a_member_that_changes_while_it_is_read_or_leads_elsewhere_ends_the_backup() {
    let made = made();
    let header = BackupFile::open(made.bytes.as_slice()).unwrap().header().clone();
    let mut writer = BackupWriter::begin(Vec::new(), &header, &made.key).unwrap();
    assert!(matches!(writer.member("a", 4, &mut b"abc".as_slice()), Err(VaultError::Io { .. })));
    for name in ["", "../up", "a//b", "/etc", "a/./b", ".hidden", "a/b/c/d/e", "a b", "ä", &"x".repeat(300)] {
        assert!(matches!(writer.member(name, 0, &mut std::io::empty()), Err(VaultError::NotCanonical(_))), "{name}");
    }
    writer.member("b", 0, &mut std::io::empty()).unwrap();
    assert!(matches!(writer.member("b", 0, &mut std::io::empty()), Err(VaultError::NotCanonical(_))));
}

/// What a vault's files look like to [`read_archive`].
fn archive(members: &[(String, Vec<u8>)], manifest: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in members {
        out.push(1);
        out.extend((name.len() as u16).to_be_bytes());
        out.extend(name.as_bytes());
        out.extend((bytes.len() as u64).to_be_bytes());
        out.extend(bytes);
    }
    out.push(2);
    out.extend((manifest.len() as u32).to_be_bytes());
    out.extend(manifest);
    out
}

#[test]
fn names_that_lead_elsewhere_or_come_twice_are_refused_by_the_reader_too() {
    for name in ["../x", "/x", "a/../b", "", "."] {
        let bytes = archive(&[(name.to_owned(), vec![1])], b"{}");
        assert_eq!(fault(read_archive(&mut bytes.as_slice())), Fault::Field("name"), "{name}");
    }
    let twice = archive(&[("a".into(), vec![]), ("a".into(), vec![])], b"{}");
    assert_eq!(fault(read_archive(&mut twice.as_slice())), Fault::Field("name"));
    let endless = [&[1, 0, 1, b'a'][..], &u64::MAX.to_be_bytes(), b"short"].concat();
    assert_eq!(fault(read_archive(&mut endless.as_slice())), Fault::Truncated);
    assert_eq!(fault(read_archive(&mut [2u8, 255, 255, 255, 255].as_slice())), Fault::TooLarge);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(read_archive(&mut bytes.as_slice()).is_err());
        prop_assert!(BackupFile::open(bytes.as_slice()).is_err());
    }

    #[test]
    fn any_files_come_back(files in proptest::collection::btree_map("[a-z0-9]{1,8}(/[a-z0-9._-]{0,5}[a-z]){0,3}",
        proptest::collection::vec(any::<u8>(), 0..5_000), 0..12)) {
        let made = made();
        let header = BackupFile::open(made.bytes.as_slice()).unwrap().header().clone();
        let mut writer = BackupWriter::begin(Vec::new(), &header, &made.key).unwrap();
        let files: Files = files.into_iter().filter(|(n, _)| n.split('/').all(|p| !p.starts_with('.'))).collect();
        for (name, bytes) in &files {
            writer.member(name, bytes.len() as u64, &mut Cursor::new(bytes)).unwrap();
        }
        let (bytes, manifest) = writer.finish(facts()).unwrap();
        let (back, said) = read(&bytes, &made.key).unwrap();
        prop_assert_eq!(back, files);
        prop_assert_eq!(said, manifest);
    }
}
