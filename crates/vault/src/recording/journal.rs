//! What a recording leaves for the store while the store is closed.
//!
//! The window may be locked, and its keys gone, while a recording goes on. New segments and their ends are then
//! written here, each line under a MAC, so that whoever can write to the disk can add no segment of their own: sealing
//! to a public key proves nothing about who sealed. The key can authenticate the journal and open no audio.

use super::{SegmentEnd, SegmentSeal};
use crate::{
    Fault, SealedKey, VaultError,
    encoding::{Bytes, bind, canonical},
    secret::Key,
};
use cloister_domain::{Entropy, RecordingId, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::io::Write;

const NAME: &str = "the recording's journal";

/// Authenticates one recording's journal. Zeroized when dropped; kept in the recording's row of the store.
pub struct JournalKey(Key);

impl std::fmt::Debug for JournalKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JournalKey")
    }
}

impl JournalKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`VaultError::Entropy`].
    pub fn random(entropy: &dyn Entropy) -> Result<Self, VaultError> {
        Key::random(entropy).map(Self)
    }

    /// Lends the bytes, for the encrypted store.
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8; 32]) -> R) -> R {
        f(self.0.expose())
    }

    /// From the store.
    ///
    /// # Errors
    /// [`VaultError::WrappedKey`] unless there are 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        Key::from_slice(bytes).map(Self).ok_or(VaultError::WrappedKey)
    }

    fn mac(
        &self,
        recording: RecordingId,
        line: u64,
        previous: &Bytes<32>,
        entry: &JournalEntry,
    ) -> Result<Hmac<Sha256>, VaultError> {
        #[derive(Serialize)]
        struct Context<'a> {
            recording: RecordingId,
            line: u64,
            previous: &'a Bytes<32>,
            entry: &'a JournalEntry,
        }
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.expose())
            .map_err(|_| VaultError::Crypto("authenticating a journal"))?;
        mac.update(&bind("cloister/1/recording-journal", &Context { recording, line, previous, entry })?);
        Ok(mac)
    }
}

/// One thing that the store is to learn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub enum JournalEntry {
    /// A segment is about to begin.
    Opened {
        /// Its number, from 1.
        segment: u32,
        /// Its key, sealed to the role.
        key: SealedKey,
        /// When.
        at: Timestamp,
    },
    /// A segment was closed.
    Closed {
        /// Its number.
        segment: u32,
        /// Its frames, the last included.
        frames: u32,
        /// The last frame's tag, as lower-case hex.
        last_tag: String,
    },
    /// A person marked a moment, so many milliseconds of audio after the recording's start.
    Marked {
        /// Where.
        at_ms: u64,
    },
    /// The recording ended in order.
    Ended {
        /// When.
        at: Timestamp,
    },
}

impl JournalEntry {
    /// A segment's end.
    #[must_use]
    pub fn closed(segment: u32, seal: &SegmentSeal) -> Self {
        let last_tag = seal.last_tag.iter().map(|b| format!("{b:02x}")).collect();
        Self::Closed { segment, frames: seal.frames, last_tag }
    }

    /// The end that [`Self::Closed`] tells of; `None` for other entries and for a tag that is none.
    #[must_use]
    pub fn seal(&self) -> Option<SegmentSeal> {
        let Self::Closed { frames, last_tag, .. } = self else { return None };
        let digits: Vec<u32> = last_tag.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
        let bytes: Vec<u8> =
            digits.chunks(2).map(|d| u8::try_from(d[0] * 16 + d.get(1)?).ok()).collect::<Option<_>>()?;
        Some(SegmentSeal { frames: *frames, last_tag: bytes.try_into().ok()?, end: SegmentEnd::Closed })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    entry: JournalEntry,
    mac: Bytes<32>,
}

/// Appends to a journal. Each line is one write; the caller syncs.
#[derive(Debug)]
pub struct Journal<W: Write> {
    key: JournalKey,
    recording: RecordingId,
    out: W,
    lines: u64,
    previous: Bytes<32>,
}

impl<W: Write> Journal<W> {
    /// A journal without a line.
    pub const fn begin(key: JournalKey, recording: RecordingId, out: W) -> Self {
        Self { key, recording, out, lines: 0, previous: Bytes([0; 32]) }
    }

    /// Adds a line.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn append(&mut self, entry: JournalEntry) -> Result<(), VaultError> {
        let mac = self.key.mac(self.recording, self.lines, &self.previous, &entry)?.finalize().into_bytes();
        let mac = Bytes(mac.into());
        let mut line = canonical(&Line { entry, mac }, "a journal's line")?;
        line.push(b'\n');
        self.out.write_all(&line).and_then(|()| self.out.flush()).map_err(VaultError::io("writing a recording"))?;
        self.lines += 1;
        self.previous = mac;
        Ok(())
    }

    /// Where the lines go, to sync it.
    #[must_use]
    pub const fn get_ref(&self) -> &W {
        &self.out
    }
}

/// The entries of a journal in order. A line without its end is what a crash left, and is not one.
///
/// # Errors
/// [`VaultError::Refused`] with [`Fault::Malformed`] or [`Fault::Authentication`] at the first line that this key did
/// not write in this place.
pub fn read_journal(key: &JournalKey, recording: RecordingId, bytes: &[u8]) -> Result<Vec<JournalEntry>, VaultError> {
    let refused = || VaultError::refused(NAME);
    let mut entries = Vec::new();
    let mut previous = Bytes([0; 32]);
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(&[][..], |end| &bytes[..end]);
    for (n, text) in whole.split(|b| *b == b'\n').filter(|_| !whole.is_empty()).enumerate() {
        let line: Line = serde_json::from_slice(text).map_err(|_| refused()(Fault::Malformed))?;
        let mac = key.mac(recording, n as u64, &previous, &line.entry)?;
        mac.verify_slice(&line.mac.0).map_err(|_| refused()(Fault::Authentication))?;
        previous = line.mac;
        entries.push(line.entry);
    }
    Ok(entries)
}
