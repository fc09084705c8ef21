//! What a file is, by its content; names are not believed.

/// The verdict on a file's first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A container that the decoder has.
    Container,
    /// Bytes worth a search for MPEG frames.
    Candidate,
    /// Audio in a format that is named but not decoded.
    Unsupported(&'static str),
    /// Not audio at all.
    NotAudio(&'static str),
}

/// Judges the first bytes of a file (4 KiB are plenty).
pub(super) fn sniff(head: &[u8]) -> Kind {
    use Kind::{Candidate, Container, NotAudio, Unsupported};
    let at = |offset: usize, magic: &[u8]| head.get(offset..offset + magic.len()) == Some(magic);
    if at(0, b"OggS") {
        return sniff_ogg(head);
    }
    if at(0, b"RIFF") || at(0, b"RF64") || at(0, b"RIFX") {
        return match head.get(8..12) {
            Some(b"WAVE") => wave_format_tag(head).and_then(unsupported_wave_tag).map_or(Container, Unsupported),
            Some(b"AVI ") => NotAudio("an AVI video"),
            Some(b"WEBP") => NotAudio("a WebP picture"),
            _ => Candidate,
        };
    }
    // EBML: WebM and Matroska.
    if at(0, b"\x1a\x45\xdf\xa3")
        || at(0, b"fLaC")
        || at(4, b"ftyp")
        || (at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")))
    {
        return Container;
    }
    let refused: &[(usize, &[u8], Kind)] = &[
        (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Unsupported("WMA (Windows Media)")),
        (0, b"#!AMR", Unsupported("AMR")),
        (0, b"caff", Unsupported("CAF (Core Audio)")),
        (0, b".snd", Unsupported("AU (Sun audio)")),
        (0, b"MAC ", Unsupported("Monkey's Audio")),
        (0, b"wvpk", Unsupported("WavPack")),
        (0, b"TTA1", Unsupported("True Audio")),
        (0, b"MPCK", Unsupported("Musepack")),
        (0, b"DSD ", Unsupported("DSD")),
        (0, b"\x02dss", Unsupported("DSS (dictation)")),
        (0, b"\x03dss", Unsupported("DSS (dictation)")),
        (0, b"\x03ds2", Unsupported("DS2 (dictation)")),
        (0, b"\x07ds2", Unsupported("DS2 (dictation)")),
        (0, b"MThd", NotAudio("a MIDI score")),
        (0, b"%PDF", NotAudio("a PDF document")),
        (0, b"PK\x03\x04", NotAudio("a ZIP archive or an Office document")),
        (0, b"\x1f\x8b", NotAudio("a gzip archive")),
        (0, b"\x89PNG", NotAudio("a PNG picture")),
        (0, b"\xff\xd8\xff", NotAudio("a JPEG picture")),
        (0, b"GIF8", NotAudio("a GIF picture")),
        (0, b"\x7fELF", NotAudio("a program")),
        (0, b"MZ", NotAudio("a program")),
        (0, b"GGUF", NotAudio("a language model")),
        (0, b"lmgg", NotAudio("a speech model")),
        (0, b"SQLite format 3", NotAudio("a database")),
        (0, b"\xd0\xcf\x11\xe0", NotAudio("an Office document")),
        (128, b"DICM", NotAudio("a DICOM image")),
    ];
    for (offset, magic, kind) in refused {
        if at(*offset, magic) {
            return *kind;
        }
    }
    if is_text(head) { NotAudio("text") } else { Candidate }
}

/// The first page of an Ogg stream begins with its codec's own magic.
fn sniff_ogg(head: &[u8]) -> Kind {
    let segments = usize::from(head.get(26).copied().unwrap_or(0));
    let payload = head.get(27 + segments..).unwrap_or_default();
    match payload {
        p if p.starts_with(b"Speex   ") => Kind::Unsupported("Speex"),
        p if p.starts_with(b"\x80theora") => Kind::NotAudio("an Ogg video"),
        _ => Kind::Container,
    }
}

/// The format tag of a WAVE file's `fmt ` chunk, when it stands in these bytes.
fn wave_format_tag(head: &[u8]) -> Option<u16> {
    let mut at = 12;
    loop {
        let size = u32::from_le_bytes(head.get(at + 4..at + 8)?.try_into().ok()?);
        if head.get(at..at + 4)? == b"fmt " {
            return Some(u16::from_le_bytes(head.get(at + 8..at + 10)?.try_into().ok()?));
        }
        at = at.checked_add(8)?.checked_add(usize::try_from(size).ok()?.checked_next_multiple_of(2)?)?;
    }
}

/// Names of the WAVE codings that dictation machines and telephone systems write and that are not decoded (RFC 2361).
fn unsupported_wave_tag(tag: u16) -> Option<&'static str> {
    Some(match tag {
        0x0016 | 0x0040 | 0x0045 | 0x0064 => "G.726 in WAV",
        0x0022 => "TrueSpeech in WAV",
        0x0031 => "GSM 6.10 in WAV",
        0x0042 => "G.723 in WAV",
        0x0050 | 0x0055 => "MPEG audio in WAV",
        0x0065 => "G.722 in WAV",
        0x0083 | 0x0133 => "G.729 in WAV",
        0x0160..=0x0163 => "WMA in WAV",
        0x704f => "Opus in WAV",
        _ => return None,
    })
}

/// Whether these bytes are plain text: UTF-8 (or UTF-16 with its mark) without control characters.
fn is_text(head: &[u8]) -> bool {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return head.len() > 3 && head[2..].chunks_exact(2).any(|c| c[0] == 0 || c[1] == 0);
    }
    let whole = match std::str::from_utf8(head) {
        Ok(s) => s,
        // The last character may be cut by the end of the bytes looked at.
        Err(e) if head.len() - e.valid_up_to() < 4 => std::str::from_utf8(&head[..e.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    whole.len() >= 16 && whole.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

/// The coding of the first audio track of an MP4 or 3GP file, from its sample description box (ISO/IEC 14496-12,
/// 8.5.2). Looks only where boxes say that it is; gives up after 4096 boxes.
pub(super) fn mp4_sample_entry(source: &mut (impl std::io::Read + std::io::Seek)) -> Option<[u8; 4]> {
    let end = source.seek(std::io::SeekFrom::End(0)).ok()?;
    let mut at = 0u64;
    for _ in 0..4096 {
        let mut header = [0u8; 16];
        source.seek(std::io::SeekFrom::Start(at)).ok()?;
        source.read_exact(&mut header).ok()?;
        let size = u64::from(u32::from_be_bytes([header[0], header[1], header[2], header[3]]));
        match &header[4..8] {
            b"moov" | b"trak" | b"mdia" | b"minf" | b"stbl" => at += 8,
            // Full box header, entry count, then the first entry: its size and its four letters.
            b"stsd" => {
                let mut entry = [0u8; 8];
                source.seek(std::io::SeekFrom::Start(at + 16)).ok()?;
                source.read_exact(&mut entry).ok()?;
                let coding = [entry[4], entry[5], entry[6], entry[7]];
                if !matches!(&coding, b"avc1" | b"hvc1" | b"hev1" | b"mp4v" | b"s263" | b"tx3g" | b"text") {
                    return Some(coding);
                }
                at += size.max(16);
            }
            _ if size == 1 => at = at.checked_add(u64::from_be_bytes(header[8..16].try_into().ok()?).max(16))?,
            _ => at = at.checked_add(size.max(8))?,
        }
        if at + 16 > end {
            return None;
        }
    }
    None
}

/// A name for a sample entry that is not decoded.
pub(super) fn mp4_coding_name(entry: [u8; 4]) -> String {
    match &entry {
        b"samr" => "AMR (3GP)".into(),
        b"sawb" | b"sawp" => "AMR-WB (3GP)".into(),
        b"ac-3" | b"ec-3" => "Dolby Digital".into(),
        b"fLaC" => "FLAC in MP4".into(),
        b"enca" | b"drms" => "encrypted audio".into(),
        other if other.iter().all(u8::is_ascii_graphic) => {
            format!("audio coded as \"{}\"", String::from_utf8_lossy(other))
        }
        _ => "this audio coding".into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn named_formats_are_known_by_content() {
        let mut speex = b"OggS".to_vec();
        speex.extend([0; 22]);
        speex.extend([1, 19]);
        speex.extend(b"Speex   ");
        assert_eq!(sniff(&speex), Kind::Unsupported("Speex"));
        assert_eq!(sniff(b"\x1a\x45\xdf\xa3rest"), Kind::Container);
        assert_eq!(sniff(b"%PDF-1.7 ..."), Kind::NotAudio("a PDF document"));
        assert_eq!(sniff("Der Patient klagt über Kopfschmerzen.\n".as_bytes()), Kind::NotAudio("text"));
        assert_eq!(sniff(b"ID3\x04\0\0"), Kind::Candidate);
        assert_eq!(sniff(b"fLaC\0\0\0\x22"), Kind::Container);
        let gsm = b"RIFF\x24\0\0\0WAVEfmt \x14\0\0\0\x31\0\x01\0";
        assert_eq!(sniff(gsm), Kind::Unsupported("GSM 6.10 in WAV"));
    }

    #[test]
    fn text_cut_inside_a_character_is_still_text() {
        let text = "Bewusstseinsgetrübt, Größe 170 cm".as_bytes();
        let cut = text.iter().rposition(|b| *b >= 0xc0).unwrap() + 1;
        assert!(is_text(&text[..cut]));
        assert!(!is_text(b"\xff\xfb\x90\x64 binary binary binary"));
    }

    #[test]
    fn a_sample_entry_is_found_through_nested_boxes() {
        fn wrap(name: &[u8; 4], inner: &[u8]) -> Vec<u8> {
            let mut out = u32::try_from(inner.len() + 8).unwrap().to_be_bytes().to_vec();
            out.extend(name);
            out.extend(inner);
            out
        }
        let mut stsd = vec![0, 0, 0, 0, 0, 0, 0, 1];
        stsd.extend(wrap(b"samr", &[0; 28]));
        let nested = [b"stbl", b"minf", b"mdia", b"trak", b"moov"]
            .iter()
            .fold(wrap(b"stsd", &stsd), |inner, name| wrap(name, &inner));
        let file = [wrap(b"ftyp", b"3gp4"), nested].concat();
        assert_eq!(mp4_sample_entry(&mut std::io::Cursor::new(file)), Some(*b"samr"));
        assert_eq!(mp4_sample_entry(&mut std::io::Cursor::new([0u8; 64])), None);
    }
}
