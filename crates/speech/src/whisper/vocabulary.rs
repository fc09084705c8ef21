//! The model's tokens, by role.

use whisper_rs::WhisperContext;

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
}

impl Vocabulary {
    pub(super) fn read(context: &WhisperContext) -> Self {
        let end = context.token_eot();
        let (mut bytes, mut starts, mut suppressed) = (Vec::new(), vec![0], Vec::new());
        for id in 0..end {
            let token = context.token_to_bytes(id).unwrap_or_default();
            suppressed.push(is_no_speech(token));
            bytes.extend_from_slice(token);
            starts.push(bytes.len());
        }
        Self {
            end,
            start: context.token_sot(),
            previous: context.token_prev(),
            no_speech: context.token_nosp(),
            transcribe: context.token_transcribe(),
            time_zero: context.token_beg(),
            suppressed,
            bytes,
            starts,
        }
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

#[cfg(test)]
mod tests {
    use super::is_no_speech;

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
