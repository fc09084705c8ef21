//! The encrypted body, as something to write into and something to read from.
//!
//! AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015), as in encrypted files:
//! segments of 1 MiB, the nonce a counter and a flag on the last one.

use super::{NAME, refused};
use crate::{Fault, VaultError, secret::Key};
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

pub(super) const SEGMENT: usize = 1024 * 1024;
const TAG: usize = 16;

/// Counter and flag; the rest may be zero because the key is the file's own.
fn nonce(counter: u32, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[7..11].copy_from_slice(&counter.to_be_bytes());
    nonce[11] = last.into();
    nonce
}

/// Encrypts what is written into it. Nothing says that it is whole until [`Self::finish`].
pub(super) struct Encrypting<W> {
    to: W,
    key: Key,
    held: Zeroizing<Vec<u8>>,
    counter: u32,
}

impl<W: Write> Encrypting<W> {
    pub(super) fn new(to: W, key: Key) -> Self {
        Self { to, key, held: Zeroizing::new(Vec::with_capacity(SEGMENT)), counter: 0 }
    }

    pub(super) fn write(&mut self, mut bytes: &[u8]) -> Result<(), VaultError> {
        while !bytes.is_empty() {
            // A full segment goes out only when more comes: the last one is marked.
            if self.held.len() == SEGMENT {
                self.seal(false)?;
            }
            let room = (SEGMENT - self.held.len()).min(bytes.len());
            self.held.extend_from_slice(&bytes[..room]);
            bytes = &bytes[room..];
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<W, VaultError> {
        self.seal(true)?;
        Ok(self.to)
    }

    fn seal(&mut self, last: bool) -> Result<(), VaultError> {
        let sealed = self.key.encrypt(&nonce(self.counter, last), &[], &self.held)?;
        self.to.write_all(&sealed).map_err(VaultError::io("writing the backup"))?;
        self.counter = self.counter.checked_add(1).ok_or(VaultError::Crypto("encrypting more than 4 PiB"))?;
        self.held.clear();
        Ok(())
    }
}

/// Decrypts what is read from it. Every byte that it gives is authentic; that the end is the end is known at the end.
pub(super) struct Decrypting<R> {
    from: R,
    key: Key,
    /// The sealed segment that comes after the one in `plain`.
    ahead: Vec<u8>,
    plain: Zeroizing<Vec<u8>>,
    at: usize,
    counter: u32,
    ended: bool,
}

impl<R: Read> Decrypting<R> {
    pub(super) fn new(mut from: R, key: Key) -> Result<Self, VaultError> {
        let ahead = sealed_segment(&mut from)?;
        Ok(Self { from, key, ahead, plain: Zeroizing::default(), at: 0, counter: 0, ended: false })
    }

    fn open_next(&mut self) -> Result<(), VaultError> {
        let next = if self.ahead.len() < SEGMENT + TAG { Vec::new() } else { sealed_segment(&mut self.from)? };
        let last = next.is_empty();
        self.plain = self.key.decrypt(&nonce(self.counter, last), &[], &self.ahead).ok_or_else(|| {
            // A segment that is authentic but not the last stands where the file now ends: the end was cut off.
            let cut = last && self.key.decrypt(&nonce(self.counter, false), &[], &self.ahead).is_some();
            refused(if cut || self.ahead.len() < TAG { Fault::Truncated } else { Fault::Authentication })
        })?;
        (self.at, self.ended, self.ahead) = (0, last, next);
        self.counter = self.counter.checked_add(1).ok_or_else(|| refused(Fault::TooLarge))?;
        Ok(())
    }

    /// Up to `out.len()` bytes; 0 only at the authentic end.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, VaultError> {
        while self.at == self.plain.len() && !self.ended {
            self.open_next()?;
        }
        let n = out.len().min(self.plain.len() - self.at);
        out[..n].copy_from_slice(&self.plain[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

/// An error of ours on its way through [`io::Read`].
impl<R: Read> Read for Decrypting<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        Self::read(self, out).map_err(io::Error::other)
    }
}

fn sealed_segment(from: &mut impl Read) -> Result<Vec<u8>, VaultError> {
    let mut out = Vec::with_capacity(SEGMENT + TAG);
    from.by_ref()
        .take((SEGMENT + TAG) as u64)
        .read_to_end(&mut out)
        .map_err(VaultError::io(format!("reading {NAME}")))?;
    Ok(out)
}
