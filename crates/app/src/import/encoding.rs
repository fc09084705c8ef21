//! Text in whatever encoding it comes.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes as text. A byte-order mark decides; else UTF-16 is told by its zero bytes; else UTF-8 if it is valid, or
/// valid but for a few bytes; else Windows-1252, in which every byte means something. NUL characters become spaces,
/// so that offsets stay and no tool downstream takes one for an end.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let encoding = Encoding::for_bom(bytes).map_or_else(|| guess(bytes), |(e, _)| e);
    let (text, _, _) = encoding.decode(bytes);
    if text.contains('\0') { text.replace('\0', " ") } else { text.into_owned() }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(4096)];
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let half = sample.len() / 2;
    if half >= 2 && zeros(0) * 10 > half * 6 && zeros(1) * 10 < half {
        return UTF_16BE;
    }
    if half >= 2 && zeros(1) * 10 > half * 6 && zeros(0) * 10 < half {
        return UTF_16LE;
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => UTF_8,
        // A text cut inside a character, or damaged in places, is still UTF-8 when it holds valid multi-byte
        // characters and few faults; Windows-1252 text read as UTF-8 has a fault at each accented letter.
        Err(_) => {
            let (text, _) = UTF_8.decode_without_bom_handling(bytes);
            let faults = text.chars().filter(|c| *c == '\u{fffd}').count();
            let good = text.chars().filter(|c| !c.is_ascii() && *c != '\u{fffd}').count();
            if good > faults { UTF_8 } else { WINDOWS_1252 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

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
        let (cp1252, _, lossy) = encoding_rs::WINDOWS_1252.encode(NOTE);
        assert!(!lossy);
        assert_eq!(decode(&cp1252), NOTE);
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
