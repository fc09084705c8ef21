//! The files in tests/vectors/recording: what we would write again, byte for byte, and what each damaged one is found
//! to be. `UPDATE_VECTORS=1` writes them anew; that is a change of format, and says so in review.

use super::tests::{RATE, id, key, sound};
use super::*;
use crate::testing::Seeded;
use cloister_domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, io::Cursor, path::PathBuf};

fn folder() -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/recording")
}

#[derive(Serialize, Deserialize)]
struct Expected {
    recording: String,
    /// Of every segment here, which is number 1.
    segment_key: String,
    journal_key: String,
    rate: u32,
    /// Sample i is the low 16 bits of 40503 × i.
    samples: BTreeMap<String, usize>,
    closed: (u32, String),
    journal: Vec<JournalEntry>,
    /// Of files in `damaged/`, beside `closed`.
    verdicts: BTreeMap<String, String>,
}

const LENGTH: usize = RATE as usize + 1234;

fn make() -> (BTreeMap<String, Vec<u8>>, Expected) {
    let format = SampleFormat::new(RATE, 1).unwrap();
    let write = |close: bool| {
        let mut file = Vec::new();
        let mut writer = SegmentWriter::begin(&key(5), id(1), format, &mut file).unwrap();
        writer.frame(&sound(RATE as usize)).unwrap();
        let seal = close.then(|| writer.close(&sound(LENGTH)[RATE as usize..]).unwrap().1);
        (file, seal)
    };
    let (closed, seal) = write(true);
    let seal = seal.unwrap();
    let (mut unterminated, _) = write(false);
    unterminated.extend_from_slice(&closed[unterminated.len()..unterminated.len() + 600]);
    let frame = RATE as usize * 2 + TAG;
    let flipped = |at: usize| {
        let mut bytes = closed.clone();
        bytes[at] ^= 1;
        bytes
    };
    let at = Timestamp::from_millis(1_795_446_000_120);
    let sealed = crate::SealedKey::new(1, &[3; 32], &[4; 48]).unwrap();
    let entries = vec![
        JournalEntry::Opened { segment: 1, key: sealed, at },
        JournalEntry::Marked { at_ms: 1500 },
        JournalEntry::closed(1, &seal),
        JournalEntry::Ended { at },
    ];
    let mut journal = Vec::new();
    let journal_key = JournalKey::random(&Seeded::new(1)).unwrap();
    let journal_hex = journal_key.with_bytes(|b| hex::encode(b));
    let mut writer = Journal::begin(journal_key, id(1).recording, &mut journal);
    entries.iter().cloned().for_each(|e| writer.append(e).unwrap());
    let damaged = [
        ("first-frame-changed", flipped(HEADER + 7), "damaged"),
        ("last-frame-changed", flipped(HEADER + frame + 9), "changed"),
        ("last-frame-missing", closed[..HEADER + frame].to_vec(), "cut_short"),
        ("cut-within-first-frame", closed[..HEADER + 900].to_vec(), "cut_short"),
        ("added-to", [closed.as_slice(), &[0; 33]].concat(), "changed"),
        ("rate-changed", flipped(45), "refused"),
        ("recording-changed", flipped(20), "foreign"),
        ("commitment-changed", flipped(60), "other_key"),
        (
            "version-2",
            {
                let mut b = closed.clone();
                b[7] = 2;
                b
            },
            "version",
        ),
        ("header-cut", closed[..HEADER - 1].to_vec(), "truncated"),
    ];
    let expected = Expected {
        recording: id(1).recording.to_string(),
        segment_key: hex::encode([5; 32]),
        journal_key: journal_hex,
        rate: RATE,
        samples: [("closed.seg".into(), LENGTH), ("unterminated.seg".into(), RATE as usize)].into(),
        closed: (seal.frames, hex::encode(seal.last_tag)),
        journal: entries,
        verdicts: damaged.iter().map(|(name, _, verdict)| (format!("{name}.seg"), (*verdict).to_owned())).collect(),
    };
    let mut files: BTreeMap<String, Vec<u8>> = [
        ("closed.seg".to_owned(), closed.clone()),
        ("unterminated.seg".to_owned(), unterminated),
        ("journal".to_owned(), journal),
    ]
    .into();
    files.extend(damaged.into_iter().map(|(name, bytes, _)| (format!("damaged/{name}.seg"), bytes)));
    (files, expected)
}

#[test]
fn the_files_are_what_we_would_write_again() {
    let (files, expected) = make();
    let text = serde_json::to_string_pretty(&expected).unwrap() + "\n";
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::create_dir_all(folder().join("damaged")).unwrap();
        files.iter().for_each(|(name, bytes)| std::fs::write(folder().join(name), bytes).unwrap());
        std::fs::write(folder().join("expected.json"), &text).unwrap();
    }
    for (name, bytes) in files {
        assert!(std::fs::read(folder().join(&name)).unwrap() == bytes, "{name} is written differently now");
    }
    assert_eq!(std::fs::read_to_string(folder().join("expected.json")).unwrap(), text);
}

#[test]
fn each_is_found_to_be_what_it_is() {
    let expected: Expected = serde_json::from_slice(&std::fs::read(folder().join("expected.json")).unwrap()).unwrap();
    let read = |name: &str| std::fs::read(folder().join(name)).unwrap();
    let open = |bytes| SegmentReader::open(&key(5), id(1), Cursor::new(bytes));
    let mut closed = None;
    for (name, length) in &expected.samples {
        let mut reader = open(read(name)).unwrap();
        let found = reader.examine().unwrap();
        let samples: Vec<i16> =
            (0..found.seal.frames).flat_map(|n| reader.frame(n).unwrap().unwrap().to_vec()).collect();
        assert_eq!(samples, sound(*length), "{name}");
        if name == "closed.seg" {
            assert_eq!((found.seal.frames, hex::encode(found.seal.last_tag)), expected.closed);
            closed = Some(found.seal);
        } else {
            assert_eq!(found.seal.end, SegmentEnd::Unterminated);
        }
    }
    let journal_key = JournalKey::from_bytes(&hex::decode(&expected.journal_key).unwrap()).unwrap();
    assert_eq!(read_journal(&journal_key, id(1).recording, &read("journal")).unwrap(), expected.journal);
    for (name, verdict) in &expected.verdicts {
        let found = match open(read(&format!("damaged/{name}"))) {
            Err(VaultError::Refused { fault, .. }) => fault.code(),
            Err(other) => panic!("{other}"),
            Ok(mut reader) => {
                let found = reader.examine().unwrap();
                match found.against(&closed.unwrap()) {
                    _ if found.seal.frames == 0 && found.refused.len() == 1 && verdict == "refused" => "refused",
                    SegmentVerdict::Whole => "whole",
                    SegmentVerdict::Damaged => "damaged",
                    SegmentVerdict::CutShort => "cut_short",
                    SegmentVerdict::Changed => "changed",
                }
            }
        };
        assert_eq!(found, verdict, "{name}");
    }
}
