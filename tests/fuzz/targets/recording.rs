//! Any bytes as a recording's segment and as its journal: samples that are authentic, or what is wrong with them.
#![no_main]

use cloister_domain::{Entropy, RecordingId};
use cloister_vault::{ItemKey, JournalKey, SegmentEnd, SegmentId, SegmentReader, read_journal};
use libfuzzer_sys::fuzz_target;
use std::{io::Cursor, sync::LazyLock};

/// The key of tests/vectors/recording, so that what the corpus begins with opens.
struct Fives;

impl Entropy for Fives {
    fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
        out.fill(5);
        Ok(())
    }
}

struct Keys(ItemKey, JournalKey, RecordingId);

static KEYS: LazyLock<Option<Keys>> = LazyLock::new(|| {
    let journal = [
        0x78, 0x38, 0x25, 0x82, 0x2a, 0x6f, 0x9e, 0x62, 0xda, 0x21, 0x90, 0xe8, 0x28, 0xe4, 0xc9, 0xd2, 0x57, 0x6e,
        0x59, 0x77, 0xe3, 0xa0, 0xb3, 0x62, 0x0b, 0x09, 0x2d, 0xfb, 0x9e, 0x99, 0x96, 0xfa,
    ];
    let recording = "rec-01m84eqjfrx3es8f9pdjneffnq".parse().ok()?;
    Some(Keys(ItemKey::random(&Fives).ok()?, JournalKey::from_bytes(&journal).ok()?, recording))
});

fuzz_target!(|bytes: &[u8]| {
    let Keys(key, journal, recording) = KEYS.as_ref().expect("the vectors' keys");
    let _ = read_journal(journal, *recording, bytes);
    let id = SegmentId { recording: *recording, number: 1 };
    let Ok(mut segment) = SegmentReader::open(key, id, Cursor::new(bytes)) else { return };
    let Ok(found) = segment.examine() else { return };
    // A frame cannot be made without the key: what is whole is at most what the file has room for.
    assert!(found.samples * 2 <= bytes.len() as u64);
    assert!(found.seal.end != SegmentEnd::Closed || found.seal.frames > 0);
    let _ = segment.frame(0);
});
