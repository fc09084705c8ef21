//! Lines of a file from its beginning, in flat memory whatever the file holds.

use crate::line::MAX_LINE;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Take},
};

/// Reads a file up to a length fixed beforehand, so that a writer at work does not move the end.
pub(crate) struct Forwards(BufReader<Take<File>>);

/// What the last read gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A line, its newline included.
    Line,
    /// Part of a stretch without newline that is longer than any line.
    Part,
    /// What stands after the last newline.
    Unfinished,
    /// The end of the file.
    End,
}

impl Forwards {
    pub(crate) fn new(file: File, length: u64) -> Self {
        Self(BufReader::with_capacity(256 * 1024, file.take(length)))
    }

    /// Replaces `piece` by the next one: at most [`MAX_LINE`] bytes.
    pub(crate) fn next(&mut self, piece: &mut Vec<u8>) -> io::Result<Piece> {
        piece.clear();
        loop {
            let block = self.0.fill_buf()?;
            if block.is_empty() {
                return Ok(if piece.is_empty() { Piece::End } else { Piece::Unfinished });
            }
            let room = block.len().min(MAX_LINE - piece.len());
            let newline = block[..room].iter().position(|b| *b == b'\n');
            let taken = newline.map_or(room, |at| at + 1);
            piece.extend_from_slice(&block[..taken]);
            self.0.consume(taken);
            if newline.is_some() {
                return Ok(Piece::Line);
            }
            if piece.len() == MAX_LINE {
                return Ok(Piece::Part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Forwards, Piece};
    use crate::line::MAX_LINE;
    use std::io::{Seek, Write};

    #[test]
    fn lines_come_whole_and_the_endless_in_parts() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"a\n\n").unwrap();
        file.write_all(&vec![b'x'; MAX_LINE * 2]).unwrap();
        file.write_all(b"\nrest").unwrap();
        file.rewind().unwrap();
        let length = file.metadata().unwrap().len();
        let mut reader = Forwards::new(file, length);
        let mut piece = Vec::new();
        let mut seen = Vec::new();
        loop {
            let kind = reader.next(&mut piece).unwrap();
            seen.push((kind, piece.len()));
            if kind == Piece::End {
                break;
            }
        }
        let expected = [
            (Piece::Line, 2),
            (Piece::Line, 1),
            (Piece::Part, MAX_LINE),
            (Piece::Part, MAX_LINE),
            (Piece::Line, 1),
            (Piece::Unfinished, 4),
            (Piece::End, 0),
        ];
        assert_eq!(seen, expected);
    }
}
