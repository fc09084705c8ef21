//! Model files: hashed and handed over through one and the same descriptor.

use cloister_domain::{ModelRef, Sha256Hex};
use rustix::{
    fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create},
    process::geteuid,
};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::MetadataExt,
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
        // Who can write the file could change it after it was hashed. Then its bytes are taken into memory first.
        let foreign = others_can_write(&file).map_err(unreadable)?;
        let mut copy = if foreign { Some(memory(name).map_err(unreadable)?) } else { None };
        let mut hash = Sha256::new();
        let mut block = vec![0u8; 1 << 20];
        let mut bytes = 0;
        loop {
            match file.read(&mut block) {
                Ok(0) => break,
                Ok(n) => {
                    hash.update(&block[..n]);
                    bytes += n as u64;
                    if let Some(copy) = &mut copy {
                        copy.write_all(&block[..n]).map_err(unreadable)?;
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(unreadable(e)),
            }
        }
        if let Some(copy) = copy {
            fcntl_add_seals(&copy, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)
                .map_err(|e| unreadable(e.into()))?;
            file = copy;
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

/// Whether somebody may write the file who is neither this user nor root.
fn others_can_write(file: &File) -> io::Result<bool> {
    let about = file.metadata()?;
    let trusted = about.uid() == 0 || about.uid() == geteuid().as_raw();
    Ok(!trusted || about.mode() & 0o022 != 0)
}

/// A file that has no name and lies in memory (memfd_create(2)).
fn memory(name: &str) -> io::Result<File> {
    Ok(File::from(memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, fs::OpenOptions, os::unix::fs::PermissionsExt};

    #[test]
    fn a_file_that_others_can_write_is_taken_as_it_was_hashed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        for (mode, kept) in [(0o666, "first"), (0o660, "first"), (0o644, "other")] {
            fs::write(&path, "first").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let model = ModelFile::open_any(&path, "model").unwrap();
            OpenOptions::new().write(true).open(&path).unwrap().write_all(b"other").unwrap();
            let mut given = model.descriptor().unwrap();
            let mut text = String::new();
            given.read_to_string(&mut text).unwrap();
            assert_eq!(text, kept, "{mode:o}");
            if mode != 0o644 {
                given.seek(SeekFrom::Start(0)).unwrap();
                assert!(given.write_all(b"third").is_err(), "what was hashed can be written by nobody");
            }
        }
    }
}
