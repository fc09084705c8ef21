//! A file that is read twice: once to learn its digest and encoding, once for its rows. What was read the second time
//! must be what was seen the first time, or the import is refused: somebody was still writing.

use super::{encoding::Guess, fault, file_name, open};
use crate::AppError;
use cloister_domain::Sha256Hex;
use encoding_rs::Encoding;
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// A file and what one look over all of it told.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) file: File,
    pub(crate) name: String,
    pub(crate) len: u64,
    pub(crate) sha256: Sha256Hex,
    pub(crate) encoding: &'static Encoding,
}

impl Source {
    /// Opens and looks over a file.
    pub(crate) fn open(path: &Path) -> Result<Self, AppError> {
        let mut file = open(path)?;
        let name = file_name(path);
        let about = |e: io::Error| AppError::input(name.clone(), fault(&e));
        let len = file.metadata().map_err(about)?.len();
        let (mut hash, mut guess, mut seen) = (Sha256::new(), Guess::default(), 0);
        let mut block = vec![0u8; 1 << 20];
        let mut whole = (&mut file).take(len);
        loop {
            match whole.read(&mut block) {
                Ok(0) => break,
                Ok(n) => {
                    hash.update(&block[..n]);
                    guess.see(&block[..n]);
                    seen += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(about(e)),
            }
        }
        if seen < len {
            return Err(changed(&name));
        }
        file.seek(SeekFrom::Start(0)).map_err(about)?;
        let sha256 = Sha256Hex::from_bytes(&hash.finalize().into());
        Ok(Self { file, name, len, sha256, encoding: guess.encoding() })
    }

    /// Refuses a file that is no longer what was looked over. Reads it whole again.
    pub(crate) fn check_unchanged(path: &Path, sha256: &Sha256Hex) -> Result<(), AppError> {
        if Self::open(path)?.sha256 == *sha256 { Ok(()) } else { Err(changed(&file_name(path))) }
    }

    /// Its text from the beginning, as UTF-8.
    pub(crate) fn text(self, encoding: Option<&'static Encoding>) -> impl Read + use<> {
        let encoding = encoding.unwrap_or(self.encoding);
        let same = SameBytes { left: self.len, file: self.file, hash: Some(Sha256::new()), expected: self.sha256 };
        let decoder: DecodeReaderBytes<_, Vec<u8>> =
            DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(same);
        decoder
    }
}

/// The same bytes as were looked over, or an error at their end.
struct SameBytes {
    file: File,
    left: u64,
    hash: Option<Sha256>,
    expected: Sha256Hex,
}

impl Read for SameBytes {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(hash) = &mut self.hash else { return Ok(0) };
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        if wanted > 0 {
            let n = self.file.read(&mut buf[..wanted])?;
            hash.update(&buf[..n]);
            self.left -= n as u64;
            if n > 0 {
                return Ok(n);
            }
        } else if self.left > 0 {
            return Ok(0);
        }
        // The end: of what was seen, or of a file that has become shorter.
        let grown = self.file.read(&mut [0u8; 1])? > 0;
        let digest = self.hash.take().map(|h| Sha256Hex::from_bytes(&h.finalize().into()));
        if self.left > 0 || grown || digest.as_ref() != Some(&self.expected) {
            return Err(io::Error::other("it changed while it was read"));
        }
        Ok(0)
    }
}

fn changed(name: &str) -> AppError {
    AppError::input(name, "the file changed while it was read; nothing was imported")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(content: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        file
    }

    #[test]
    fn a_file_that_grows_or_changes_while_it_is_read_is_refused() {
        let changes: [fn(&Path); 3] = [
            |p| std::fs::OpenOptions::new().append(true).open(p).unwrap().write_all(b"more").unwrap(),
            |p| std::fs::OpenOptions::new().write(true).open(p).unwrap().write_all(b"X").unwrap(),
            |p| std::fs::OpenOptions::new().write(true).open(p).unwrap().set_len(3).unwrap(),
        ];
        for change in changes {
            let file = file(b"id,text\na,b\n");
            let source = Source::open(file.path()).unwrap();
            change(file.path());
            let mut out = String::new();
            assert!(source.text(None).read_to_string(&mut out).is_err());
        }
        let same = file(b"id,text\na,b\n");
        let mut out = String::new();
        Source::open(same.path()).unwrap().text(None).read_to_string(&mut out).unwrap();
        assert_eq!(out, "id,text\na,b\n");
    }
}
