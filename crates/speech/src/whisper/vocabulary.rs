//! The model's tokens, by role.

use crate::model_file::ModelFile;
use std::collections::HashMap;

/// Characters of captions that are no speech: brackets of sound tags, music, and marks of markup and speakers.
const NOT_SPEECH: &[char] = &[
    '[', ']', '(', ')', '{', '}', '<', '>', '«', '»', '「', '」', '『', '』', '【', '】', '♩', '♪', '♫', '♬', '♭', '♮',
    '♯', '*', '#', '|', '~', '_', '^', '\\', '=', '@',
];

/// Token numbers that the decoder treats in their own way.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// The end of the text.
    pub(super) end: i32,
    /// The start of a transcript.
    pub(super) start: i32,
    /// What was said before follows.
    pub(super) previous: i32,
    /// Nobody speaks.
    pub(super) no_speech: i32,
    /// "Transcribe", not "translate".
    pub(super) transcribe: i32,
    /// The time 0.00; each later token is 20 ms more.
    pub(super) time_zero: i32,
    /// For each text token: never to be written.
    suppressed: Vec<bool>,
    /// Bytes of all text tokens, and where each begins.
    bytes: Vec<u8>,
    starts: Vec<usize>,
    /// Text tokens by what they write. A token's number is its rank in byte-pair encoding.
    ranks: HashMap<Box<[u8]>, i32>,
    /// Languages that the model has tokens for.
    languages: usize,
}

impl Vocabulary {
    /// Roles follow the layout of Whisper's tokenizers: text, end, start, languages, then the tasks and the times.
    pub(super) fn read(file: &ModelFile<'_>) -> Self {
        let end: i32 = if file.shape.multilingual { 50_257 } else { 50_256 };
        // Tokens that are neither text nor languages: end, start, six tasks and marks, 1501 times.
        let languages = file.vocabulary.saturating_sub(end as usize + 2 + 6 + 1501);
        let after_languages = end + 2 + languages as i32;
        let (mut bytes, mut starts, mut suppressed, mut ranks) = (Vec::new(), vec![0], Vec::new(), HashMap::new());
        for (id, token) in (0..end).zip(file.words.iter().copied().chain(std::iter::repeat(&[][..]))) {
            suppressed.push(is_no_speech(token));
            bytes.extend_from_slice(token);
            starts.push(bytes.len());
            ranks.insert(token.into(), id);
        }
        Self {
            end,
            start: end + 1,
            previous: after_languages + 3,
            no_speech: after_languages + 4,
            transcribe: after_languages + 1,
            time_zero: after_languages + 6,
            suppressed,
            bytes,
            starts,
            ranks,
            languages,
        }
    }

    /// One that writes single letters, with times from token `letters.len() + 6` on.
    #[cfg(test)]
    pub(super) fn of_letters(letters: &[u8]) -> Self {
        let end = letters.len() as i32;
        Self {
            end,
            start: end + 1,
            previous: end + 2,
            no_speech: end + 3,
            transcribe: end + 4,
            time_zero: end + 6,
            suppressed: vec![false; letters.len()],
            bytes: letters.to_vec(),
            starts: (0..=letters.len()).collect(),
            ranks: HashMap::new(),
            languages: 0,
        }
    }

    /// The token of a language (ISO 639-1), when the model has it.
    pub(super) fn language(&self, code: &str) -> Option<i32> {
        self.languages().find(|(c, _)| *c == code).map(|(_, token)| token)
    }

    /// Codes and tokens of all languages that the model has.
    pub(super) fn languages(&self) -> impl Iterator<Item = (&'static str, i32)> {
        LANGUAGES.iter().copied().take(self.languages).zip(self.start + 1..)
    }

    /// Text as tokens: byte-pair encoding (Sennrich et al. 2016), word by word.
    pub(super) fn tokens(&self, text: &str) -> Vec<i32> {
        pieces(text).flat_map(|piece| self.encode(piece.as_bytes())).collect()
    }

    fn encode(&self, piece: &[u8]) -> Vec<i32> {
        // Where parts begin, and where the last one ends.
        let mut cuts: Vec<usize> = (0..=piece.len()).collect();
        let rank = |part: &[u8]| self.ranks.get(part).copied();
        while let Some((_, at)) =
            cuts.windows(3).enumerate().filter_map(|(i, w)| Some((rank(&piece[w[0]..w[2]])?, i + 1))).min()
        {
            cuts.remove(at);
        }
        cuts.windows(2).filter_map(|w| rank(&piece[w[0]..w[1]])).collect()
    }

    /// What a text token writes: part of a UTF-8 text, a space in front when it begins a word.
    pub(super) fn bytes(&self, token: i32) -> &[u8] {
        let Ok(i) = usize::try_from(token) else { return &[] };
        match (self.starts.get(i), self.starts.get(i + 1)) {
            (Some(from), Some(to)) => &self.bytes[*from..*to],
            _ => &[],
        }
    }

    /// Which text tokens are never to be written.
    pub(super) fn suppressed(&self) -> &[bool] {
        &self.suppressed
    }

    /// Whether a token is a time.
    pub(super) const fn is_time(&self, token: i32) -> bool {
        token >= self.time_zero
    }
}

/// Whether these bytes stand for something other than speech. A dash that begins a word marks a change of speaker.
fn is_no_speech(token: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(token) else { return false };
    text.contains(NOT_SPEECH) || matches!(text, " -" | " --" | " ---" | "--" | "---" | " '" | " –" | " —")
}

/// The languages of Whisper's tokens, in their order.
const LANGUAGES: [&str; 100] = [
    "en", "zh", "de", "es", "ru", "ko", "fr", "ja", "pt", "tr", "pl", "ca", "nl", "ar", "sv", "it", "id", "hi", "fi",
    "vi", "he", "uk", "el", "ms", "cs", "ro", "da", "hu", "ta", "no", "th", "ur", "hr", "bg", "lt", "la", "mi", "ml",
    "cy", "sk", "te", "fa", "lv", "bn", "sr", "az", "sl", "kn", "et", "mk", "br", "eu", "is", "hy", "ne", "mn", "bs",
    "kk", "sq", "sw", "gl", "mr", "pa", "si", "km", "sn", "yo", "so", "af", "oc", "ka", "be", "tg", "sd", "gu", "am",
    "yi", "lo", "uz", "fo", "ht", "ps", "tk", "nn", "mt", "sa", "lb", "my", "bo", "tl", "mg", "as", "tt", "haw", "ln",
    "ha", "ba", "jw", "su", "yue",
];

/// The pieces that are encoded each by itself: letters, digits or other characters with the space before them, endings
/// such as "'s", white space (GPT-2's pattern).
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let length = piece(rest)?;
        let (piece, after) = rest.split_at(length);
        rest = after;
        Some(piece)
    })
}

/// The length of the first piece in bytes.
fn piece(text: &str) -> Option<usize> {
    const ENDINGS: [&str; 7] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    if let Some(ending) = ENDINGS.iter().find(|e| text.starts_with(**e)) {
        return Some(ending.len());
    }
    let first = text.chars().next()?;
    let body = text.strip_prefix(' ').filter(|b| b.chars().next().is_some_and(|c| !c.is_whitespace())).unwrap_or(text);
    let class = |c: char| match c {
        c if c.is_whitespace() => 0,
        c if c.is_alphabetic() => 1,
        c if c.is_numeric() => 2,
        _ => 3,
    };
    let kind = class(body.chars().next()?);
    let length = body.find(|c| class(c) != kind).unwrap_or(body.len());
    let space = text.len() - body.len();
    // Of white space before a word, the last character goes with the word.
    if kind == 0 && length < body.len() {
        let last = body[..length].chars().next_back().map_or(0, char::len_utf8);
        return Some((length - last).max(first.len_utf8()));
    }
    Some(space + length)
}

#[cfg(test)]
mod tests {
    use super::{is_no_speech, pieces};

    #[test]
    fn texts_fall_into_words_and_what_stands_between() {
        let all = |text| pieces(text).collect::<Vec<_>>();
        assert_eq!(all(" it's 20 mg/kg."), [" it", "'s", " 20", " mg", "/", "kg", "."]);
        assert_eq!(all("Müller  und"), ["Müller", " ", " und"]);
        assert_eq!(all("a\n b  "), ["a", "\n", " b", "  "]);
        assert_eq!(all(""), Vec::<&str>::new());
    }

    #[test]
    fn tags_and_music_are_no_speech_and_figures_are() {
        for t in [" [", "BLANK]", " (", ")", "♪", " ♪♪", " *", "[_", " -", "<|"] {
            assert!(is_no_speech(t.as_bytes()), "{t}");
        }
        for t in [" 120", "/", ":", " mg", "-", "'s", ".", " +", "%", " é", ","] {
            assert!(!is_no_speech(t.as_bytes()), "{t}");
        }
        assert!(!is_no_speech(b"\xe3\x81"), "half a character is not judged");
    }
}
