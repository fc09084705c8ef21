//! Recordings: audio sealed second by second while it is captured.
//!
//! A recording is one or more segments, each a file of its own under a key of its own. Frames of one second are sealed
//! in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015): the nonce is a counter and a flag on
//! the last frame, the header is the AAD. Every frame but the last is exactly one second and the last one is shorter,
//! so that whatever a crash leaves is told from an end by its length, and each frame can be read by itself.
//!
//! The key of a segment is sealed to the role's public key ([`crate::RolePublicKey::seal_item_key`]): recording goes on
//! while nobody is signed in. What the store cannot be told then stands in the [`Journal`]. docs/formats.md has the
//! bytes.

mod examination;
mod journal;
mod reader;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
mod writer;

pub use examination::{Examination, SegmentEnd, SegmentSeal, SegmentVerdict};
pub use journal::{Journal, JournalEntry, JournalKey, read_journal};
pub use reader::SegmentReader;
pub use writer::SegmentWriter;

use crate::{Fault, ItemKey, VaultError, encoding::bind, secret::Key};
use cloister_domain::RecordingId;
use serde::Serialize;
use std::fmt;

const MAGIC: [u8; 7] = *b"CLOSEGM";
const VERSION: u8 = 1;
/// Signed 16-bit samples, little-endian, channels interleaved.
const S16LE: u8 = 1;
const TAG: usize = 16;
/// `rec-` and 26 letters and digits.
const ID: usize = 30;
/// Magic, version, recording, segment, rate, channels, sample format, commitment.
const HEADER: usize = MAGIC.len() + 1 + ID + 4 + 4 + 1 + 1 + 32;

const NAME: &str = "the recording's segment";

/// One segment of one recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentId {
    /// Which recording.
    pub recording: RecordingId,
    /// Which of its segments, from 1.
    pub number: u32,
}

/// The name its key is sealed for.
impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.recording, self.number)
    }
}

/// How the samples of a segment lie: signed 16-bit, channels interleaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleFormat {
    rate: u32,
    channels: u8,
}

impl SampleFormat {
    /// `rate` samples a second (8,000 to 192,000) in each of one or two `channels`; `None` for others.
    #[must_use]
    pub const fn new(rate: u32, channels: u8) -> Option<Self> {
        if rate >= 8_000 && rate <= 192_000 && channels >= 1 && channels <= 2 {
            Some(Self { rate, channels })
        } else {
            None
        }
    }

    /// Samples a second in each channel.
    #[must_use]
    pub const fn rate(self) -> u32 {
        self.rate
    }

    /// 1 or 2.
    #[must_use]
    pub const fn channels(self) -> u8 {
        self.channels
    }

    /// Samples of a whole frame, all channels together: one second.
    #[must_use]
    pub const fn frame_samples(self) -> usize {
        self.rate as usize * self.channels as usize
    }

    /// Bytes of a whole frame in the file.
    const fn sealed_frame(self) -> u64 {
        (self.frame_samples() * 2 + TAG) as u64
    }
}

/// The key that frames are sealed with, and the header that binds them.
struct Sealing {
    key: Key,
    header: [u8; HEADER],
}

impl Sealing {
    fn new(key: &ItemKey, id: SegmentId, format: SampleFormat) -> Result<Self, VaultError> {
        #[derive(Serialize)]
        struct Context {
            format_version: u8,
            item: String,
        }
        let context = Context { format_version: VERSION, item: id.to_string() };
        let commitment = key.0.derive(&bind("cloister/1/recording-commitment", &context)?)?;
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(&MAGIC);
        header.push(VERSION);
        header.extend_from_slice(id.recording.to_string().as_bytes());
        header.extend_from_slice(&id.number.to_be_bytes());
        header.extend_from_slice(&format.rate.to_be_bytes());
        header.extend_from_slice(&[format.channels, S16LE]);
        header.extend_from_slice(commitment.expose());
        let header = header.try_into().map_err(|_| VaultError::Crypto("writing a segment's header"))?;
        Ok(Self { key: key.0.derive(&bind("cloister/1/recording-frames", &context)?)?, header })
    }

    /// The format in a header that must otherwise be the one this key and id give.
    fn read(key: &ItemKey, id: SegmentId, found: &[u8]) -> Result<(Self, SampleFormat), Fault> {
        if !found.starts_with(&MAGIC) {
            return Err(Fault::Malformed);
        }
        match found.get(MAGIC.len()) {
            None => return Err(Fault::Truncated),
            Some(&VERSION) => {}
            Some(&other) => return Err(Fault::Version(other.into())),
        }
        let found: &[u8; HEADER] = found.try_into().map_err(|_| Fault::Truncated)?;
        let at = MAGIC.len() + 1 + ID;
        if found[MAGIC.len() + 1..at] != *id.recording.to_string().as_bytes()
            || found[at..at + 4] != id.number.to_be_bytes()
        {
            return Err(Fault::Foreign);
        }
        let rate = u32::from_be_bytes([found[at + 4], found[at + 5], found[at + 6], found[at + 7]]);
        let format = SampleFormat::new(rate, found[at + 8]).filter(|_| found[at + 9] == S16LE);
        let format = format.ok_or(Fault::Field("format"))?;
        let sealing = Self::new(key, id, format).map_err(|_| Fault::OtherKey)?;
        // Only the commitment can differ now.
        if sealing.header == *found { Ok((sealing, format)) } else { Err(Fault::OtherKey) }
    }

    fn seal(&self, counter: u32, last: bool, plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.key.encrypt(&nonce(counter, last), &self.header, plaintext)
    }

    fn open(&self, counter: u32, last: bool, sealed: &[u8]) -> Option<zeroize::Zeroizing<Vec<u8>>> {
        self.key.decrypt(&nonce(counter, last), &self.header, sealed)
    }
}

/// Counter and flag; the rest may be zero because the key is the segment's own.
fn nonce(counter: u32, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[7..11].copy_from_slice(&counter.to_be_bytes());
    nonce[11] = last.into();
    nonce
}
