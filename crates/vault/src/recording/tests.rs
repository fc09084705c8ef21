use super::*;
use crate::testing::Seeded;
use cloister_domain::Timestamp;
use proptest::prelude::*;
use std::io::Cursor;

/// So that a second is short enough to make many of.
pub(super) const RATE: u32 = 8_000;
const FRAME: usize = RATE as usize;
const SEALED: usize = FRAME * 2 + TAG;

pub(super) fn id(number: u32) -> SegmentId {
    let recording = RecordingId::fresh(Timestamp::from_millis(1_795_446_000_120), &Seeded::new(7)).unwrap();
    SegmentId { recording, number }
}

pub(super) fn key(byte: u8) -> ItemKey {
    ItemKey(Key::from_slice(&[byte; 32]).unwrap())
}

/// Whose every sample says where it stands.
pub(super) fn sound(samples: usize) -> Vec<i16> {
    (0..samples).map(|i| (i.wrapping_mul(40_503) % 65_536) as u16 as i16).collect()
}

fn record(samples: &[i16], close: bool) -> (Vec<u8>, Option<SegmentSeal>) {
    let mut file = Vec::new();
    let mut writer = SegmentWriter::begin(&key(5), id(1), SampleFormat::new(RATE, 1).unwrap(), &mut file).unwrap();
    let frames = samples.chunks_exact(FRAME);
    let rest = frames.remainder();
    frames.for_each(|f| writer.frame(f).unwrap());
    let seal = close.then(|| writer.close(rest).unwrap().1);
    (file, seal)
}

fn open(file: &[u8]) -> Result<SegmentReader<Cursor<Vec<u8>>>, VaultError> {
    SegmentReader::open(&key(5), id(1), Cursor::new(file.to_vec()))
}

fn read_all(file: &[u8]) -> Vec<i16> {
    let mut reader = open(file).unwrap();
    (0..).map_while(|n| reader.frame(n).unwrap()).flat_map(|f| f.to_vec()).collect()
}

fn examine(file: &[u8]) -> Examination {
    open(file).unwrap().examine().unwrap()
}

#[test]
fn what_was_recorded_comes_back_whatever_its_length() {
    for len in [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 3 * FRAME + 777] {
        let (file, seal) = record(&sound(len), true);
        assert_eq!(file.len(), HEADER + len * 2 + TAG * (len / FRAME + 1), "{len}");
        assert_eq!(read_all(&file), sound(len), "{len}");
        let found = examine(&file);
        assert_eq!(found.against(&seal.unwrap()), SegmentVerdict::Whole, "{len}");
        assert_eq!(found.samples, len as u64);
    }
}

#[test]
fn a_crash_leaves_every_whole_second_and_nothing_else() {
    let (file, _) = record(&sound(4 * FRAME), false);
    for torn in [0, 1, TAG - 1, TAG, 500, SEALED - 1] {
        let cut = &file[..HEADER + 3 * SEALED + torn];
        let found = examine(cut);
        assert_eq!((found.seal.end, found.seal.frames), (SegmentEnd::Unterminated, 3), "{torn}");
        assert_eq!((found.rest_bytes, &found.refused), (torn as u64, &vec![]), "{torn}");
        assert_eq!(found.samples, 3 * FRAME as u64);
        let mut reader = open(cut).unwrap();
        assert_eq!(reader.frame(2).unwrap().unwrap().as_slice(), &sound(3 * FRAME)[2 * FRAME..]);
        if torn > 0 {
            assert!(matches!(reader.frame(3), Err(VaultError::Refused { fault: Fault::Authentication, .. })), "{torn}");
        }
    }
}

#[test]
fn of_two_hundred_frames_each_flipped_byte_costs_its_own_second_and_no_other() {
    let samples = sound(200 * FRAME + 10);
    let (file, seal) = record(&samples, true);
    let mut reader = SegmentReader::open(&key(5), id(1), Cursor::new(file)).unwrap();
    for n in 0..200usize {
        let at = HEADER + n * SEALED + n * 79 % SEALED;
        reader.flip(at);
        assert!(matches!(reader.frame(n as u32), Err(VaultError::Refused { fault: Fault::Authentication, .. })), "{n}");
        // Its neighbours, and every tenth time the whole file.
        for m in [n.wrapping_sub(1), n + 1].into_iter().filter(|m| *m < 200) {
            assert_eq!(*reader.frame(m as u32).unwrap().unwrap(), samples[m * FRAME..(m + 1) * FRAME], "{m}");
        }
        if n % 10 == 0 {
            let found = reader.examine().unwrap();
            assert_eq!(found.refused, [n as u32]);
            assert_eq!(found.samples, samples.len() as u64 - FRAME as u64);
            assert_eq!(found.against(&seal.unwrap()), SegmentVerdict::Damaged);
        }
        reader.flip(at);
    }
}

impl SegmentReader<Cursor<Vec<u8>>> {
    fn flip(&mut self, at: usize) {
        self.from.get_mut()[at] ^= 0x10;
    }
}

#[test]
fn a_closed_segment_cut_short_is_no_crash() {
    let (file, seal) = record(&sound(3 * FRAME + 5), true);
    let known = seal.unwrap();
    for (len, expected) in [
        (HEADER, SegmentVerdict::CutShort),
        (HEADER + 2 * SEALED, SegmentVerdict::CutShort),
        (HEADER + 2 * SEALED + 100, SegmentVerdict::CutShort),
        (HEADER + 3 * SEALED, SegmentVerdict::CutShort),
        (HEADER + 3 * SEALED + TAG - 1, SegmentVerdict::CutShort),
        (file.len() - 1, SegmentVerdict::Changed),
        (file.len(), SegmentVerdict::Whole),
    ] {
        assert_eq!(examine(&file[..len]).against(&known), expected, "{len}");
    }
    let longer = [file.as_slice(), &[0; 40]].concat();
    assert_eq!(examine(&longer).against(&known), SegmentVerdict::Changed);
    // What was taken in after a crash cannot shrink either.
    let (file, _) = record(&sound(3 * FRAME), false);
    let known = examine(&file).seal;
    assert_eq!(examine(&file[..HEADER + 2 * SEALED]).against(&known), SegmentVerdict::CutShort);
}

#[test]
fn frames_cannot_be_swapped_repeated_left_out_or_brought_from_elsewhere() {
    let (file, seal) = record(&sound(3 * FRAME), true);
    let (header, body) = file.split_at(HEADER);
    let frames: Vec<&[u8]> = body.chunks(SEALED).collect();
    for order in [vec![1, 0, 2, 3], vec![0, 0, 2, 3], vec![0, 2, 3], vec![0, 1, 2, 2, 3], vec![1, 2, 3]] {
        let parts: Vec<u8> = order.iter().flat_map(|i| frames[*i].to_vec()).collect();
        let found = examine(&[header, &parts].concat());
        assert_ne!(found.against(&seal.unwrap()), SegmentVerdict::Whole, "{order:?}");
        let misplaced = order.iter().enumerate().filter(|(at, of)| at != *of && **of != 3);
        assert_eq!(found.refused, misplaced.map(|(at, _)| at as u32).collect::<Vec<_>>(), "{order:?}");
    }
    let other = SegmentWriter::begin(&key(6), id(2), SampleFormat::new(RATE, 1).unwrap(), Vec::new());
    let (other, _) = other.and_then(|mut w| w.frame(&sound(FRAME)).and_then(|()| w.close(&[]))).unwrap();
    let mixed = [&file[..HEADER], &other[HEADER..]].concat();
    assert_eq!(examine(&mixed).refused, [0]);
}

#[test]
fn another_key_recording_number_version_or_format_is_named() {
    let (file, _) = record(&sound(FRAME), true);
    let fault = |key: &ItemKey, id, file: &[u8]| match SegmentReader::open(key, id, Cursor::new(file.to_vec())) {
        Err(VaultError::Refused { fault, .. }) => fault,
        other => panic!("{other:?}"),
    };
    let with = |at: usize, byte: u8| {
        let mut changed = file.clone();
        changed[at] = byte;
        changed
    };
    assert_eq!(fault(&key(6), id(1), &file), Fault::OtherKey);
    assert_eq!(fault(&key(5), id(2), &file), Fault::Foreign);
    assert_eq!(fault(&key(5), id(1), &with(0, 0)), Fault::Malformed);
    assert_eq!(fault(&key(5), id(1), &with(7, 2)), Fault::Version(2));
    assert_eq!(fault(&key(5), id(1), &with(HEADER - 34, 9)), Fault::Field("format"), "channels");
    assert_eq!(fault(&key(5), id(1), &with(HEADER - 33, 9)), Fault::Field("format"), "sample format");
    assert_eq!(fault(&key(5), id(1), &with(HEADER - 1, 0)), Fault::OtherKey, "commitment");
    assert_eq!(fault(&key(5), id(1), &file[..3]), Fault::Malformed);
    assert_eq!(fault(&key(5), id(1), &file[..HEADER - 1]), Fault::Truncated);
    // A rate that is possible but not the one that was recorded is bound by the frames.
    let mut other_rate = file.clone();
    other_rate[HEADER - 35] ^= 1;
    assert_eq!(examine(&other_rate).seal.frames, 0);
}

#[test]
fn a_frame_of_another_length_is_not_sealed() {
    let format = SampleFormat::new(RATE, 2).unwrap();
    let mut writer = SegmentWriter::begin(&key(5), id(1), format, Vec::new()).unwrap();
    assert!(writer.frame(&sound(FRAME)).is_err(), "half a second of two channels");
    assert!(writer.frame(&sound(2 * FRAME)).is_ok());
    assert_eq!(writer.frames(), 1);
    assert!(writer.close(&sound(3)).is_err(), "half a moment");
}

/// A disk that is full after some bytes.
struct Full(usize);
impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let n = bytes.len().min(self.0);
        self.0 -= n;
        Ok(n)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_follows_a_frame_that_was_half_written() {
    let format = SampleFormat::new(RATE, 1).unwrap();
    let mut writer = SegmentWriter::begin(&key(5), id(1), format, Full(HEADER + 100)).unwrap();
    assert!(matches!(writer.frame(&sound(FRAME)), Err(VaultError::Io { .. })));
    assert!(matches!(writer.frame(&sound(FRAME)), Err(VaultError::Crypto(_))));
    assert!(matches!(writer.close(&[]), Err(VaultError::Crypto(_))));
}

mod journal {
    use super::*;
    use crate::SealedKey;

    fn entries() -> Vec<JournalEntry> {
        let sealed = SealedKey::new(1, &[3; 32], &[4; 48]).unwrap();
        let seal = SegmentSeal { frames: 9, last_tag: [0xab; 16], end: SegmentEnd::Closed };
        let at = Timestamp::from_millis(1_795_446_000_120);
        vec![
            JournalEntry::Opened { segment: 1, key: sealed, at },
            JournalEntry::Marked { at_ms: 1500 },
            JournalEntry::closed(1, &seal),
            JournalEntry::Ended { at },
        ]
    }

    fn key(n: u64) -> JournalKey {
        JournalKey::random(&Seeded::new(n)).unwrap()
    }

    fn written() -> Vec<u8> {
        let mut out = Vec::new();
        let mut journal = Journal::begin(key(1), id(1).recording, &mut out);
        entries().into_iter().for_each(|e| journal.append(e).unwrap());
        out
    }

    #[test]
    fn it_comes_back_in_order_and_keeps_a_segments_end() {
        let found = read_journal(&key(1), id(1).recording, &written()).unwrap();
        assert_eq!(found, entries());
        assert_eq!(found[2].seal().unwrap().last_tag, [0xab; 16]);
        assert_eq!(read_journal(&key(1), id(1).recording, b"").unwrap(), []);
    }

    #[test]
    fn an_unfinished_line_is_no_line() {
        let bytes = written();
        let ends: Vec<usize> = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i).collect();
        for cut in 0..bytes.len() {
            let whole = ends.iter().filter(|end| **end < cut).count();
            assert_eq!(read_journal(&key(1), id(1).recording, &bytes[..cut]).unwrap(), entries()[..whole], "{cut}");
        }
    }

    #[test]
    fn a_line_of_somebody_else_or_out_of_its_place_is_refused() {
        let bytes = written();
        let refused = |bytes: &[u8], n| read_journal(&key(n), id(1).recording, bytes).is_err();
        assert!(refused(&bytes, 2), "another key");
        let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        for order in [vec![1], vec![0, 2], vec![0, 0], vec![1, 0, 2, 3]] {
            assert!(refused(&order.iter().flat_map(|i| lines[*i].to_vec()).collect::<Vec<_>>(), 1), "{order:?}");
        }
        for at in (0..bytes.len()).filter(|at| bytes[*at] != b'\n') {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(refused(&changed, 1), "byte {at}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_length_comes_back_and_any_cut_keeps_its_whole_seconds(
        len in 0..4 * FRAME, close: bool, cut in 0usize..9 * FRAME,
    ) {
        let (file, seal) = record(&sound(len), close);
        let kept = if close { len } else { len / FRAME * FRAME };
        prop_assert_eq!(read_all(&file), sound(kept));
        let cut = HEADER + cut.min(file.len() - HEADER);
        let found = examine(&file[..cut]);
        prop_assert!(found.refused.is_empty());
        let whole = (cut - HEADER) / SEALED;
        prop_assert_eq!(found.whole as usize, whole);
        if cut < file.len() {
            prop_assert_eq!(found.samples as usize, whole * FRAME);
            prop_assert_eq!(found.seal.end, SegmentEnd::Unterminated);
            if let Some(seal) = seal {
                prop_assert_ne!(found.against(&seal), SegmentVerdict::Whole);
            }
        }
    }

    #[test]
    fn one_changed_bit_never_passes(len in 1..3 * FRAME, at: prop::sample::Index, bit in 0u8..8) {
        let (mut file, seal) = record(&sound(len), true);
        let at = at.index(file.len());
        file[at] ^= 1 << bit;
        if let Ok(mut reader) = open(&file) {
            let found = reader.examine().unwrap();
            prop_assert_ne!(found.against(&seal.unwrap()), SegmentVerdict::Whole);
            // Whatever is handed out is what was recorded there.
            for n in 0..found.whole + 1 {
                if let Ok(Some(samples)) = reader.frame(n) {
                    let from = n as usize * reader.format().frame_samples();
                    prop_assert_eq!(&samples[..], &sound(len)[from..from + samples.len()]);
                }
            }
        }
    }

    #[test]
    fn bytes_of_anybody_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(open(&bytes).is_err());
        let _ = read_journal(&JournalKey::random(&Seeded::new(1)).unwrap(), id(1).recording, &bytes);
    }
}
