//! Lines of a file from its end to its beginning, in flat memory.

use crate::line::MAX_LINE;
use std::{fs::File, io, os::unix::fs::FileExt};

const BLOCK: u64 = 64 * 1024;
/// A stretch without newline that is longer than this is where reading ends: nobody waits for a terabyte of nothing.
const MAX_STRETCH: u64 = 64 << 20;

/// Reads `file` backwards.
pub(crate) struct Backwards<'a> {
    file: &'a File,
    /// Where `pending` begins in the file.
    start: u64,
    /// Bytes read and not yet given out.
    pending: Vec<u8>,
}

/// A stretch of the file between two newlines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stretch {
    /// A line, its newline included.
    Line(Vec<u8>),
    /// What stands after the last newline, or is longer than a line can be.
    Other,
}

impl<'a> Backwards<'a> {
    /// From byte `end` on, backwards.
    pub(crate) fn new(file: &'a File, end: u64) -> Self {
        Self { file, start: end, pending: Vec::new() }
    }

    /// The stretch before the last one; `None` at the beginning of the file.
    pub(crate) fn next(&mut self) -> io::Result<Option<Stretch>> {
        let mut too_long = false;
        let from = self.start;
        loop {
            // The stretch's own newline, if it has one, is the last byte: look for the one before it.
            let body = self.pending.len().saturating_sub(1);
            if let Some(newline) = self.pending[..body].iter().rposition(|b| *b == b'\n') {
                let stretch = self.pending.split_off(newline + 1);
                return Ok(Some(if too_long { Stretch::Other } else { classify(stretch) }));
            }
            if self.start == 0 {
                if self.pending.is_empty() {
                    return Ok(None);
                }
                let stretch = std::mem::take(&mut self.pending);
                return Ok(Some(if too_long { Stretch::Other } else { classify(stretch) }));
            }
            if self.pending.len() > MAX_LINE {
                // Keep one byte to stand for what is thrown away.
                self.pending.truncate(1);
                self.pending[0] = 0;
                too_long = true;
            }
            if from - self.start > MAX_STRETCH {
                self.start = 0;
                self.pending.clear();
                return Ok(Some(Stretch::Other));
            }
            let size = self.start.min(BLOCK);
            let mut block = vec![0; usize::try_from(size).unwrap_or(0)];
            self.file.read_exact_at(&mut block, self.start - size)?;
            self.start -= size;
            block.append(&mut self.pending);
            self.pending = block;
        }
    }

    /// The last whole line, whatever stands after it.
    pub(crate) fn last_line(mut self) -> io::Result<Option<Vec<u8>>> {
        while let Some(stretch) = self.next()? {
            if let Stretch::Line(line) = stretch {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }
}

fn classify(stretch: Vec<u8>) -> Stretch {
    if stretch.ends_with(b"\n") && stretch.len() <= MAX_LINE { Stretch::Line(stretch) } else { Stretch::Other }
}

#[cfg(test)]
mod tests {
    use super::{Backwards, Stretch};
    use crate::line::MAX_LINE;
    use proptest::prelude::{ProptestConfig, any, prop, proptest};
    use std::{fs::File, io::Write};

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn backwards(bytes: &[u8]) -> Vec<Stretch> {
        let file = file(bytes);
        let mut reader = Backwards::new(&file, bytes.len() as u64);
        std::iter::from_fn(|| reader.next().unwrap()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn it_gives_the_same_lines_as_reading_forwards(
            lengths in prop::collection::vec(0_usize..40_000, 0..30),
            unfinished in any::<bool>(),
        ) {
            let mut bytes = Vec::new();
            for n in &lengths {
                bytes.extend(std::iter::repeat_n(b'x', *n));
                bytes.push(b'\n');
            }
            if unfinished {
                bytes.push(b'y');
            }
            let mut forwards: Vec<_> = bytes
                .split_inclusive(|b| *b == b'\n')
                .map(|l| {
                    if l.ends_with(b"\n") && l.len() <= MAX_LINE { Stretch::Line(l.to_vec()) } else { Stretch::Other }
                })
                .collect();
            forwards.reverse();
            assert_eq!(backwards(&bytes), forwards);
        }
    }

    #[test]
    fn a_terabyte_of_nothing_is_not_read() {
        let file = file(b"line\n");
        file.set_len(1 << 40).unwrap();
        let mut reader = Backwards::new(&file, 1 << 40);
        assert_eq!(reader.next().unwrap(), Some(Stretch::Other));
        assert_eq!(reader.next().unwrap(), None);
    }

    #[test]
    fn a_line_without_end_is_one_stretch_and_takes_no_memory() {
        let mut bytes = vec![b'x'; 3_000_000];
        assert_eq!(backwards(&bytes), [Stretch::Other]);
        bytes.insert(0, b'\n');
        assert_eq!(backwards(&bytes), [Stretch::Other, Stretch::Line(b"\n".to_vec())]);
    }
}
