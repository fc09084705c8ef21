//! A bundle of model files: a tar archive whose list of digests is signed (docs/verify-a-release.md).
//!
//! `SHA256SUMS`, `SHA256SUMS.minisig`, then the listed files in the list's order, and nothing else. The signature is minisign's
//! over the list; each file is held to its line while it is read. Headers and padding have one form, so that no byte
//! but the signature's untrusted comment can change unseen.

use crate::AppError;
use cloister_domain::Sha256Hex;
use minisign_verify::{PublicKey, Signature};
use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

const LIST: &str = "SHA256SUMS";
const SIGNATURE: &str = "SHA256SUMS.minisig";
const BLOCK: usize = 512;
/// More than any list or signature needs, and little enough to be read into memory before it is trusted.
const MAX_TEXT: u64 = 64 << 10;

/// A bundle whose list was signed by the key that was asked for.
pub(crate) struct Bundle {
    file: File,
    shown: String,
    /// Where the next header begins.
    at: u64,
    listed: VecDeque<(Sha256Hex, String)>,
}

/// One file of a bundle: what its bytes must be, and the bytes as they come.
pub(crate) struct Member<'a> {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: Sha256Hex,
    pub(crate) content: io::Take<&'a mut File>,
}

/// Whether the file begins as a bundle does.
pub(crate) fn is_bundle(path: &Path) -> bool {
    let mut name = [0; LIST.len()];
    File::open(path).and_then(|mut f| f.read_exact(&mut name)).is_ok() && name == *LIST.as_bytes()
}

/// The key that is given, or the institution's.
pub(crate) fn key(institution: &Path, given: Option<&str>) -> Result<PublicKey, AppError> {
    if let Some(text) = given {
        return PublicKey::from_base64(text.trim())
            .map_err(|_| AppError::Usage("the key is no public key of minisign".to_owned()));
    }
    let file = institution.join("models.pub");
    let text = fs::read_to_string(&file).map_err(|e| {
        let fault = format!("{}: the key that the bundle is signed with is needed here, or as --key", e.kind());
        AppError::input(file.display().to_string(), fault)
    })?;
    PublicKey::decode(&text).map_err(|_| AppError::input(file.display().to_string(), "it is no public key of minisign"))
}

impl Bundle {
    /// Opens a bundle and checks the signature over its list.
    ///
    /// # Errors
    /// [`AppError::Input`] when it is no bundle, or not one of this key.
    pub(crate) fn open(path: &Path, key: &PublicKey) -> Result<Self, AppError> {
        let shown = path.display().to_string();
        let file = File::open(path).map_err(|e| AppError::input(shown.clone(), e.kind().to_string()))?;
        let mut bundle = Self { file, shown, at: 0, listed: VecDeque::new() };
        let list = bundle.text(LIST)?;
        let signature = bundle.text(SIGNATURE)?;
        let refused = |fault: &str| bundle.fault(SIGNATURE, fault);
        let signature = Signature::decode(&signature).map_err(|_| refused("it is no signature of minisign"))?;
        key.verify(list.as_bytes(), &signature, false).map_err(|e| match e {
            minisign_verify::Error::UnexpectedKeyId => refused("it was made with another key than the one at hand"),
            _ => refused("it does not fit the list of files: one of the two was changed"),
        })?;
        bundle.listed = lines(&list).ok_or_else(|| bundle.fault(LIST, "it is no list of digests and names"))?;
        Ok(bundle)
    }

    /// The next file. Whoever takes it compares what it read with the digest.
    ///
    /// # Errors
    /// [`AppError::Input`] when something else comes, or nothing.
    pub(crate) fn next_file(&mut self) -> Result<Option<Member<'_>>, AppError> {
        let Some((sha256, name)) = self.listed.pop_front() else {
            return self.end().map(|()| None);
        };
        let bytes = self.header(&name)?;
        Ok(Some(Member { name, bytes, sha256, content: (&mut self.file).take(bytes) }))
    }

    /// Bytes of all of it, for progress.
    pub(crate) fn total(&self) -> u64 {
        self.file.metadata().map_or(0, |m| m.len())
    }

    /// Words for a fault of one of its files.
    pub(crate) fn fault(&self, name: &str, fault: &str) -> AppError {
        AppError::input(format!("{}: {name}", self.shown), fault)
    }

    /// Reads the header at `at`, which must be this file's, and gives the length of what follows.
    fn header(&mut self, name: &str) -> Result<u64, AppError> {
        let mut block = [0; BLOCK];
        let wrong =
            |found: &Self| found.fault(name, "it does not come where the list has it, or its header was changed");
        let read = self.file.seek(SeekFrom::Start(self.at)).and_then(|_| self.file.read_exact(&mut block));
        let size = size_of(&block).filter(|size| block == header(name, *size));
        let (Ok(()), Some(bytes)) = (read, size) else { return Err(wrong(self)) };
        let content = self.at + BLOCK as u64;
        let padded = bytes.next_multiple_of(BLOCK as u64);
        // What fills the last block is looked at first: its content is read by somebody else.
        let mut padding = Vec::new();
        let read = self
            .file
            .seek(SeekFrom::Start(content + bytes))
            .and_then(|_| (&self.file).take(padded - bytes).read_to_end(&mut padding))
            .and_then(|_| self.file.seek(SeekFrom::Start(content)));
        if read.is_err() || padding.len() as u64 != padded - bytes || padding.iter().any(|b| *b != 0) {
            return Err(self.fault(name, "it is cut off, or what follows it was changed"));
        }
        self.at = content + padded;
        Ok(bytes)
    }

    fn text(&mut self, name: &str) -> Result<String, AppError> {
        let bytes = self.header(name)?;
        if bytes > MAX_TEXT {
            return Err(self.fault(name, "it is too long"));
        }
        let mut text = String::new();
        let read = (&self.file).take(bytes).read_to_string(&mut text);
        read.map(|_| text).map_err(|_| self.fault(name, "it is no text"))
    }

    /// After the last file there are zeros alone, two blocks or more.
    fn end(&mut self) -> Result<(), AppError> {
        let mut rest = Vec::new();
        let read =
            self.file.seek(SeekFrom::Start(self.at)).and_then(|_| (&self.file).take(MAX_TEXT).read_to_end(&mut rest));
        let ended = (2 * BLOCK..MAX_TEXT as usize).contains(&rest.len()) && rest.iter().all(|b| *b == 0);
        if read.is_ok() && ended { Ok(()) } else { Err(self.fault("", "it does not end where the list ends")) }
    }
}

/// The lines of `sha256sum`: a digest, two spaces, a name without folders.
fn lines(list: &str) -> Option<VecDeque<(Sha256Hex, String)>> {
    let line = |line: &str| {
        let (digest, name) = line.split_once("  ")?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let good = (1..=100).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(plain);
        good.then_some((digest.parse().ok()?, name.to_owned()))
    };
    list.lines().map(line).collect()
}

/// The length that a header names: eleven octal digits.
fn size_of(block: &[u8; BLOCK]) -> Option<u64> {
    let digits = std::str::from_utf8(&block[124..135]).ok()?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| u64::from_str_radix(digits, 8).ok())?
}

/// The only header that a file of this name and length may have (POSIX ustar: mode 644, nobody's, of 1970).
fn header(name: &str, bytes: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    put(0, &name.as_bytes()[..name.len().min(100)]);
    put(100, b"0000644\x000000000\x000000000\0");
    put(124, format!("{bytes:011o}\0").as_bytes());
    put(136, b"00000000000\0        0");
    put(257, b"ustar\x0000");
    put(329, b"0000000\x000000000\0");
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[cfg(test)]
mod tests;
