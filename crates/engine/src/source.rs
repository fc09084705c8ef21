//! The source as a seekable stream over ranges that the parent serves. Memory stays flat whatever its length.

use crate::link::Ranges;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes asked for at once: large enough that a round trip over the pipe costs nothing beside decoding.
const BLOCK: u32 = 1 << 18;

/// A stream of the source's bytes.
#[derive(Debug)]
pub(crate) struct SourceStream {
    ranges: Ranges,
    len: u64,
    at: u64,
    block: Vec<u8>,
    block_at: u64,
}

impl SourceStream {
    /// Over a source of `len` bytes.
    pub(crate) fn new(ranges: Ranges, len: u64) -> Self {
        Self { ranges, len, at: 0, block: Vec::new(), block_at: 0 }
    }

    fn buffered(&self) -> &[u8] {
        let skip = self.at.checked_sub(self.block_at).and_then(|n| usize::try_from(n).ok());
        skip.and_then(|n| self.block.get(n..)).unwrap_or(&[])
    }
}

impl Read for SourceStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.len || buf.is_empty() {
            return Ok(0);
        }
        if self.buffered().is_empty() {
            self.block = self.ranges.get(self.at, BLOCK).map_err(io::Error::other)?;
            self.block_at = self.at;
        }
        let ready = self.buffered();
        let n = ready.len().min(buf.len());
        buf[..n].copy_from_slice(&ready[..n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for SourceStream {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(n) => Some(n),
            SeekFrom::End(n) => self.len.checked_add_signed(n),
            SeekFrom::Current(n) => self.at.checked_add_signed(n),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
