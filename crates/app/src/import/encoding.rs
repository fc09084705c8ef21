//! Text in whatever encoding it comes.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes as text. A byte-order mark decides; else UTF-16 is told by its zero bytes; else UTF-8 if it is valid, or
/// valid but for a few bytes; else Windows-1252, in which every byte means something. NUL characters become spaces,
/// so that offsets stay and no tool downstream takes one for an end.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let mut guess = Guess::default();
    guess.see(bytes);
    let (text, _, _) = guess.encoding().decode(bytes);
    if text.contains('\0') { text.replace('\0', " ") } else { text.into_owned() }
}

/// What a stream of bytes looks like, seen block by block.
#[derive(Debug, Default)]
pub(crate) struct Guess {
    head: Vec<u8>,
    /// The end of the block before, when a character may go on in the next.
    carried: Vec<u8>,
    faults: u64,
    good: u64,
}

impl Guess {
    /// Looks at the next block.
    pub(crate) fn see(&mut self, block: &[u8]) {
        let wanted = 4096usize.saturating_sub(self.head.len());
        self.head.extend_from_slice(&block[..block.len().min(wanted)]);
        if self.carried.is_empty() && block.is_ascii() {
            return;
        }
        let joined;
        let mut rest = if self.carried.is_empty() {
            block
        } else {
            joined = [std::mem::take(&mut self.carried).as_slice(), block].concat();
            joined.as_slice()
        };
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.good += beyond_ascii(text.as_bytes());
                    return;
                }
                Err(e) => {
                    let (valid, after) = rest.split_at(e.valid_up_to());
                    self.good += beyond_ascii(valid);
                    let Some(bad) = e.error_len() else {
                        self.carried = after.to_vec();
                        return;
                    };
                    self.faults += 1;
                    rest = &after[bad..];
                }
            }
        }
    }

    /// The encoding of everything seen.
    pub(crate) fn encoding(&self) -> &'static Encoding {
        if let Some((encoding, _)) = Encoding::for_bom(&self.head) {
            return encoding;
        }
        let zeros = |odd: usize| self.head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
        let half = self.head.len() / 2;
        if half >= 2 && zeros(0) * 10 > half * 6 && zeros(1) * 10 < half {
            return UTF_16BE;
        }
        if half >= 2 && zeros(1) * 10 > half * 6 && zeros(0) * 10 < half {
            return UTF_16LE;
        }
        // A text cut inside a character, or damaged in places, is still UTF-8 when it holds valid multi-byte
        // characters and few faults; Windows-1252 text read as UTF-8 has a fault at each accented letter.
        let faults = self.faults + u64::from(!self.carried.is_empty());
        if faults == 0 || self.good > faults { UTF_8 } else { WINDOWS_1252 }
    }
}

/// Characters outside ASCII in valid UTF-8: each has one byte that begins it.
fn beyond_ascii(text: &[u8]) -> u64 {
    text.iter().filter(|b| **b >= 0xc0).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "Größe 170 cm. It’s “fine”.";

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    #[test]
    fn one_note_in_every_encoding_is_the_same_text() {
        assert_eq!(decode(NOTE.as_bytes()), NOTE);
        assert_eq!(decode(&[b"\xef\xbb\xbf", NOTE.as_bytes()].concat()), NOTE);
        assert_eq!(decode(&[vec![0xff, 0xfe], utf16(NOTE, false)].concat()), NOTE);
        assert_eq!(decode(&utf16(NOTE, true)), NOTE);
        assert_eq!(decode(&utf16(NOTE, false)), NOTE);
        let (cp1252, _, lossy) = WINDOWS_1252.encode(NOTE);
        assert!(!lossy);
        assert_eq!(decode(&cp1252), NOTE);
    }

    #[test]
    fn a_character_cut_between_two_blocks_is_no_fault() {
        for cut in 0..NOTE.len() {
            let mut guess = Guess::default();
            guess.see(&NOTE.as_bytes()[..cut]);
            guess.see(&NOTE.as_bytes()[cut..]);
            assert_eq!((guess.encoding(), guess.faults), (UTF_8, 0), "cut at {cut}");
        }
    }

    #[test]
    fn a_damaged_end_keeps_the_rest() {
        let cut = &NOTE.as_bytes()[..NOTE.len() - 3];
        assert!(decode(cut).starts_with("Größe 170 cm. It’s “fine"));
    }

    #[test]
    fn nul_characters_keep_their_place() {
        assert_eq!(decode(b"a\0b"), "a b");
    }
}
