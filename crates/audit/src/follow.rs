//! Lines in the order they were written, and later those that came since: for what looks at many lines at once.

use crate::{
    files::{self, FileName},
    forwards::{Forwards, Piece},
    line::Line,
};
use cloister_domain::Timestamp;
use std::{
    io::{self, Seek, SeekFrom},
    ops::ControlFlow,
    path::Path,
};

/// How far a reader has come. What a writer has not finished yet stays before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Followed {
    /// The file that holds the last line read; `None` before the first.
    pub(crate) file: Option<FileName>,
    /// Where the next line of that file begins.
    pub(crate) offset: u64,
    /// Stretches passed over because they are no lines. The verifier says what that means.
    pub(crate) unreadable: u64,
}

/// Where a line stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stands {
    pub(crate) file: FileName,
    /// Its first byte.
    pub(crate) at: u64,
    /// Its bytes, newline included.
    pub(crate) length: u64,
}

impl Followed {
    /// Before the first line of the first file that can hold lines from `from` on (a line never stands in a file
    /// earlier than its own month).
    pub(crate) fn before(dir: &Path, from: Option<Timestamp>) -> io::Result<Self> {
        let Some(from) = from.map(|t| FileName::of(1, t)) else { return Ok(Self::default()) };
        let earlier = |name: &FileName| (name.year, name.month) < (from.year, from.month);
        let mut skipped = None;
        for name in files::list(dir)? {
            if !earlier(&name) {
                break;
            }
            skipped = Some(name);
        }
        Ok(Self { file: skipped, offset: u64::MAX, unreadable: 0 })
    }

    /// Gives out the lines after this place, and moves on over them, until `each` breaks off.
    pub(crate) fn read(
        &mut self,
        dir: &Path,
        mut each: impl FnMut(&Line<'_>, &[u8], Stands) -> ControlFlow<()>,
    ) -> io::Result<()> {
        for name in files::list(dir)? {
            if self.file.is_some_and(|last| name < last) {
                continue;
            }
            let begin = if self.file == Some(name) { self.offset } else { 0 };
            let mut file = match files::open_plain(&dir.join(name.to_string())) {
                Ok(file) => file,
                Err(e) if e.kind() == io::ErrorKind::PermissionDenied => return Err(e),
                Err(_) => {
                    self.unreadable += 1;
                    continue;
                }
            };
            let length = file.metadata()?.len();
            if begin >= length {
                continue;
            }
            file.seek(SeekFrom::Start(begin))?;
            (self.file, self.offset) = (Some(name), begin);
            let mut lines = Forwards::new(file, length - begin);
            let mut piece = Vec::new();
            let mut at = begin;
            loop {
                let kind = lines.next(&mut piece)?;
                let here = at;
                at += piece.len() as u64;
                match kind {
                    Piece::End | Piece::Unfinished => break,
                    Piece::Part => self.unreadable += 1,
                    Piece::Line => {
                        self.offset = at;
                        match Line::parse(&piece[..piece.len() - 1]) {
                            Ok(line) => {
                                let stands = Stands { file: name, at: here, length: piece.len() as u64 };
                                if each(&line, &piece, stands).is_break() {
                                    return Ok(());
                                }
                            }
                            Err(_) => self.unreadable += 1,
                        }
                    }
                }
            }
        }
        Ok(())
    }
}
