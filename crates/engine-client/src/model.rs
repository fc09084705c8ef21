//! Model files: hashed and handed over through one and the same descriptor.

use cloister_domain::{ModelRef, Sha256Hex};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// An open model file whose bytes were hashed through this very descriptor.
#[derive(Debug)]
pub struct ModelFile {
    file: File,
    model: ModelRef,
    bytes: u64,
}

/// Why a model file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelFileError {
    /// It is not there.
    #[error("the model file {0} is missing")]
    Missing(String),
    /// It could not be read.
    #[error("the model file {0} cannot be read: {1}")]
    Unreadable(String, io::Error),
    /// Its bytes are not those of the manifest.
    #[error("the model file {0} is damaged or another one: its SHA-256 is not that of the manifest")]
    Damaged(String),
}

impl ModelFile {
    /// Opens and hashes `path`, and compares with the manifest's digest.
    ///
    /// # Errors
    /// As [`ModelFileError`] says; `name` is the manifest's.
    pub fn open(path: &Path, name: &str, expected: &Sha256Hex) -> Result<Self, ModelFileError> {
        let found = Self::open_any(path, name)?;
        if found.model.sha256 == *expected { Ok(found) } else { Err(ModelFileError::Damaged(name.to_owned())) }
    }

    /// Opens and hashes `path`, whatever its digest: for a model that is not in the manifest, or to verify one.
    ///
    /// # Errors
    /// When it is missing or unreadable.
    pub fn open_any(path: &Path, name: &str) -> Result<Self, ModelFileError> {
        let unreadable = |e: io::Error| match e.kind() {
            io::ErrorKind::NotFound => ModelFileError::Missing(name.to_owned()),
            _ => ModelFileError::Unreadable(name.to_owned(), e),
        };
        let mut file = File::open(path).map_err(unreadable)?;
        let mut hash = Sha256::new();
        let mut block = vec![0u8; 1 << 20];
        let mut bytes = 0;
        loop {
            match file.read(&mut block) {
                Ok(0) => break,
                Ok(n) => {
                    hash.update(&block[..n]);
                    bytes += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(unreadable(e)),
            }
        }
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let sha256 = Sha256Hex::from_bytes(&hash.finalize().into());
        Ok(Self { file, model: ModelRef { name: name.to_owned(), sha256 }, bytes })
    }

    /// Name and digest.
    #[must_use]
    pub const fn model(&self) -> &ModelRef {
        &self.model
    }

    /// Length in bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A second descriptor of the same open file, to hand to an engine.
    pub(crate) fn descriptor(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}
