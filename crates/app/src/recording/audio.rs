//! The sound of a visit: all its recordings one after the other, decrypted in memory as it is read.

use super::files::RecordingFolder;
use crate::AppError;
use cloister_capture::RATE;
use cloister_domain::Sensitive;
use cloister_engine_client::ByteSource;
use cloister_store::StoredRecording;
use cloister_vault::{ItemKey, RoleKey, SegmentId, SegmentReader, SegmentVerdict, Visits};
use std::{fs::File, io, path::Path};
use zeroize::Zeroizing;

/// Of a WAV file's header (RIFF, `fmt `, `data`).
const HEADER: u64 = 44;

/// Reads a visit's sound. As a [`ByteSource`] it is a WAV file that stands nowhere.
pub(crate) struct VisitAudio {
    parts: Vec<Part>,
    samples: u64,
    /// The frame read last: part, number, sound.
    frame: Option<(usize, u32, Zeroizing<Vec<i16>>)>,
}

/// One segment.
struct Part {
    id: SegmentId,
    key: ItemKey,
    folder: RecordingFolder,
    first: u64,
    samples: u64,
    reader: Option<SegmentReader<File>>,
}

/// What is wrong with a segment's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Damage {
    pub(crate) segment: SegmentId,
    pub(crate) verdict: &'static str,
    /// Seconds of the segment that are refused, from 0.
    pub(crate) refused: Vec<u32>,
}

impl VisitAudio {
    /// Opens the keys; the files are opened as they are read.
    pub(crate) fn open(data: &Path, key: &RoleKey<Visits>, recordings: &[StoredRecording]) -> Result<Self, AppError> {
        let mut parts = Vec::new();
        let mut first = 0;
        for recording in recordings {
            let folder = RecordingFolder::of(data, recording.id);
            for segment in &recording.segments {
                let id = SegmentId { recording: recording.id, number: segment.number };
                let key = key.open_item_key(&id.to_string(), &segment.sealed)?;
                parts.push(Part { id, key, folder: folder.clone(), first, samples: segment.samples, reader: None });
                first += segment.samples;
            }
        }
        Ok(Self { parts, samples: first, frame: None })
    }

    /// Samples in all.
    pub(crate) const fn samples(&self) -> u64 {
        self.samples
    }

    /// Reads every file whole and compares it with what the store knows of it.
    pub(crate) fn examine(&self, recordings: &[StoredRecording]) -> Result<Vec<Damage>, AppError> {
        let known = recordings.iter().flat_map(|r| &r.segments);
        let mut damages = Vec::new();
        for (part, known) in self.parts.iter().zip(known) {
            let examined = part.open().and_then(|mut reader| reader.examine().ok());
            let (verdict, refused) = match examined {
                None => ("unreadable", Vec::new()),
                Some(found) => {
                    let verdict = match found.against(&known.seal) {
                        SegmentVerdict::Whole => continue,
                        SegmentVerdict::Damaged => "damaged",
                        SegmentVerdict::CutShort => "cut_short",
                        SegmentVerdict::Changed => "changed",
                    };
                    (verdict, found.refused)
                }
            };
            damages.push(Damage { segment: part.id, verdict, refused });
        }
        Ok(damages)
    }

    /// Fills `out` with the sound from sample `from` on; fewer only at the end. What is not authentic is silence.
    pub(crate) fn read(&mut self, from: u64, out: &mut [i16]) -> usize {
        let mut had = 0;
        while had < out.len() && from + (had as u64) < self.samples {
            had += self.read_some(from + had as u64, &mut out[had..]);
        }
        had
    }

    /// At least one sample: `from` lies within the sound.
    fn read_some(&mut self, from: u64, out: &mut [i16]) -> usize {
        let index = self.parts.partition_point(|p| p.first <= from).saturating_sub(1);
        let Some(part) = self.parts.get_mut(index) else { return out.len() };
        let within = from - part.first;
        let number = u32::try_from(within / u64::from(RATE)).unwrap_or(u32::MAX);
        let skip = usize::try_from(within % u64::from(RATE)).unwrap_or(0);
        // Up to the end of this second, or of the segment.
        let here = (RATE as usize - skip).min(usize::try_from(part.samples - within).unwrap_or(usize::MAX));
        let wanted = here.min(out.len());
        if self.frame.as_ref().is_none_or(|(p, n, _)| (*p, *n) != (index, number)) {
            if part.reader.is_none() {
                part.reader = part.open();
            }
            let frame = part.reader.as_mut().and_then(|r| r.frame(number).ok().flatten());
            self.frame = Some((index, number, frame.unwrap_or_default()));
        }
        let frame = self.frame.as_ref().map_or(&[][..], |(_, _, sound)| sound.get(skip..).unwrap_or(&[]));
        let had = frame.len().min(wanted);
        out[..had].copy_from_slice(&frame[..had]);
        out[had..wanted].fill(0);
        wanted
    }

    /// The loudest sample of each of `buckets` equal stretches, 0 to 255.
    pub(crate) fn peaks(&mut self, buckets: usize) -> Sensitive<Vec<u8>> {
        let mut peaks = vec![0_u8; buckets];
        let mut block = Zeroizing::new(vec![0; RATE as usize]);
        let mut at = 0;
        while at < self.samples {
            let had = self.read(at, &mut block);
            for (i, sample) in block[..had].iter().enumerate() {
                let bucket = (u128::from(at) + i as u128) * buckets as u128 / u128::from(self.samples);
                let loud = u8::try_from(sample.unsigned_abs() >> 7).unwrap_or(u8::MAX);
                if let Some(peak) = peaks.get_mut(usize::try_from(bucket).unwrap_or(usize::MAX)) {
                    *peak = (*peak).max(loud);
                }
            }
            at += had as u64;
        }
        Sensitive::new(peaks)
    }
}

impl Part {
    fn open(&self) -> Option<SegmentReader<File>> {
        let file = self.folder.open_segment(self.id.number).ok()?;
        let reader = SegmentReader::open(&self.key, self.id, file).ok()?;
        (reader.format().rate() == RATE && reader.format().channels() == 1).then_some(reader)
    }
}

impl ByteSource for VisitAudio {
    fn len(&self) -> u64 {
        HEADER + self.samples * 2
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if offset < HEADER {
            let header = wav_header(self.samples);
            let rest = &header[usize::try_from(offset).unwrap_or(0)..];
            let had = rest.len().min(buf.len());
            buf[..had].copy_from_slice(&rest[..had]);
            return Ok(had);
        }
        let at = offset - HEADER;
        // A range may begin in the middle of a sample.
        let odd = usize::try_from(at % 2).unwrap_or(0);
        let mut sound = Zeroizing::new(vec![0_i16; buf.len().div_ceil(2) + odd]);
        let had = self.read(at / 2, &mut sound);
        let bytes = sound[..had].iter().flat_map(|s| s.to_le_bytes()).skip(odd);
        let mut count = 0;
        for (to, byte) in buf.iter_mut().zip(bytes) {
            *to = byte;
            count += 1;
        }
        Ok(count)
    }
}

/// 16 kHz, one channel, 16 bits. Beyond what the header's lengths can say (37 hours) they are as large as they get,
/// which readers take for "to the end".
fn wav_header(samples: u64) -> [u8; HEADER as usize] {
    let bytes = u32::try_from(samples * 2).unwrap_or(u32::MAX - 36);
    let mut header = [0; HEADER as usize];
    let fields: [(usize, &[u8]); 13] = [
        (0, b"RIFF"),
        (4, &bytes.saturating_add(36).to_le_bytes()),
        (8, b"WAVE"),
        (12, b"fmt "),
        (16, &16_u32.to_le_bytes()),
        (20, &1_u16.to_le_bytes()),
        (22, &1_u16.to_le_bytes()),
        (24, &RATE.to_le_bytes()),
        (28, &(RATE * 2).to_le_bytes()),
        (32, &2_u16.to_le_bytes()),
        (34, &16_u16.to_le_bytes()),
        (36, b"data"),
        (40, &bytes.to_le_bytes()),
    ];
    for (at, field) in fields {
        header[at..at + field.len()].copy_from_slice(field);
    }
    header
}
