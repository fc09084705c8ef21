//! Files that appear whole or not at all, encrypted where somebody asks for it.

use crate::AppError;
use age::{Encryptor, stream::StreamWriter, x25519::Recipient};
use cloister_domain::Sha256Hex;
use sha2::{Digest as _, Sha256};
use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// What was written.
pub(crate) struct Digest {
    pub(crate) sha256: Sha256Hex,
    pub(crate) bytes: u64,
}

/// A file that appears whole or not at all.
pub(crate) struct AtomicFile {
    path: PathBuf,
    temporary: BufWriter<NamedTempFile>,
    hash: Sha256,
    bytes: u64,
}

impl AtomicFile {
    /// Begins a file that will be `path`.
    pub(crate) fn create(path: &Path) -> Result<Self, AppError> {
        let folder = match path.parent() {
            Some(p) if !p.as_os_str().is_empty() => p,
            _ => Path::new("."),
        };
        let temporary = std::fs::create_dir_all(folder).and_then(|()| NamedTempFile::new_in(folder));
        Ok(Self {
            path: path.to_owned(),
            temporary: BufWriter::with_capacity(1 << 18, temporary.map_err(cannot_write(path))?),
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Puts it in its place.
    pub(crate) fn finish(mut self) -> Result<Digest, AppError> {
        let path = self.path;
        self.temporary.flush().map_err(cannot_write(&path))?;
        let file = self.temporary.into_inner().map_err(|e| cannot_write(&path)(e.into_error()))?;
        file.as_file().sync_all().map_err(cannot_write(&path))?;
        file.persist(&path).map_err(|e| cannot_write(&path)(e.error))?;
        Ok(Digest { sha256: Sha256Hex::from_bytes(&self.hash.finalize().into()), bytes: self.bytes })
    }
}

impl Write for AtomicFile {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.temporary.write(buf)?;
        self.hash.update(&buf[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

/// Where an export goes: a file, or a file that only the holder of a key can read.
pub(crate) enum Sink {
    Plain(PlainSink),
    Sealed(PathBuf, Box<StreamWriter<PlainSink>>),
}

/// The file below.
pub(crate) struct PlainSink(AtomicFile);

impl Sink {
    /// Begins a file that will be `path`.
    pub(crate) fn create(path: &Path, recipient: Option<Recipient>) -> Result<Self, AppError> {
        let plain = PlainSink(AtomicFile::create(path)?);
        let Some(recipient) = recipient else { return Ok(Self::Plain(plain)) };
        let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
            .map_err(|_| AppError::Internal("an age recipient"))?;
        let sealed = encryptor.wrap_output(plain).map_err(cannot_write(path))?;
        Ok(Self::Sealed(path.to_owned(), Box::new(sealed)))
    }

    /// Puts it in its place.
    pub(crate) fn finish(self) -> Result<Digest, AppError> {
        match self {
            Self::Plain(plain) => plain.0.finish(),
            Self::Sealed(path, sealed) => sealed.finish().map_err(cannot_write(&path))?.0.finish(),
        }
    }
}

impl Write for PlainSink {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Write for Sink {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(plain) => plain.write(buf),
            Self::Sealed(_, sealed) => sealed.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(plain) => plain.flush(),
            Self::Sealed(_, sealed) => sealed.flush(),
        }
    }
}

/// An age public key.
pub(crate) fn recipient(key: &str) -> Result<Recipient, AppError> {
    key.trim().parse().map_err(|_| AppError::Usage("this is no age public key; it begins with age1".to_owned()))
}

/// Writes text to a file that appears whole or not at all.
///
/// # Errors
/// When the folder cannot be made or the file not be written.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), AppError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(cannot_write(path))?;
    file.finish().map(|_| ())
}

/// The digest beside an export, in the form that `sha256sum -c` reads.
pub(crate) fn write_digest(path: &Path, digest: &Sha256Hex) -> Result<(), AppError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    write_file(&beside(path, "sha256"), format!("{digest}  {name}\n").as_bytes())
}

/// The name of a file that belongs to another.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// An input/output error about an output file.
pub(crate) fn cannot_write(path: &Path) -> impl Fn(io::Error) -> AppError + use<> {
    let file = path.display().to_string();
    move |fault| AppError::Output { file: file.clone(), fault }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = Sink::create(&folder.path().join("out.csv"), None).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn only_the_holder_of_the_key_reads_a_sealed_export() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv.age");
        let identity = age::x25519::Identity::generate();
        let mut file = Sink::create(&path, Some(recipient(&identity.to_public().to_string()).unwrap())).unwrap();
        file.write_all(b"id,drug\n1,Quillfeather\n").unwrap();
        let digest = file.finish().unwrap();
        let sealed = std::fs::read(&path).unwrap();
        assert_eq!(digest.bytes, sealed.len() as u64);
        assert!(!sealed.windows(12).any(|w| w == b"Quillfeather"));
        let mut plain = String::new();
        let decryptor = age::Decryptor::new(sealed.as_slice()).unwrap();
        decryptor
            .decrypt(std::iter::once(&identity as &dyn age::Identity))
            .unwrap()
            .read_to_string(&mut plain)
            .unwrap();
        assert_eq!(plain, "id,drug\n1,Quillfeather\n");
        assert!(recipient("ssh-ed25519 AAAA").is_err());
    }
}
