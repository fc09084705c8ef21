//! SHA-256 in lower-case hex, of bytes, of files and of what passes through a writer.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Hash a file without holding it in memory.
pub(super) fn of_file(path: &Path) -> Result<String> {
    let open = || -> io::Result<String> {
        let mut file = BufReader::new(File::open(path)?);
        let mut sha256 = Sha256::new();
        let mut block = vec![0; 1 << 20];
        loop {
            match file.read(&mut block)? {
                0 => return Ok(hex::encode(sha256.finalize())),
                n => sha256.update(&block[..n]),
            }
        }
    };
    open().with_context(|| format!("cannot read {}", path.display()))
}

pub(super) fn of_bytes(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Hashes everything on its way into another writer.
pub(super) struct Sha256Writer<W> {
    inner: W,
    sha256: Sha256,
}

impl<W: Write> Sha256Writer<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, sha256: Sha256::new() }
    }

    /// The inner writer, and the hash of what it received.
    pub(super) fn finish(self) -> (W, String) {
        (self.inner, hex::encode(self.sha256.finalize()))
    }
}

impl<W: Write> Write for Sha256Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.sha256.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
