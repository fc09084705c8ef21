//! What was said, by whom, and when.

use crate::{ModelRef, Sensitive, TranscriptId};
use serde::{Deserialize, Serialize};

/// How a segment came by its speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpeakerSource {
    /// One channel per speaker.
    Channel,
    /// Suggested from pauses; not yet confirmed.
    Suggested,
    /// Named by a person.
    Person,
    /// From a voice embedding (not built yet; its place in the format).
    Voice,
}

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speaker {
    /// A label: "Clinician", "Patient", "Speaker 1".
    pub label: String,
    /// How we know.
    pub source: SpeakerSource,
}

/// One word with its moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// Seconds from the recording's start.
    pub start_s: f64,
    /// Seconds from the recording's start.
    pub end_s: f64,
    /// The word with its punctuation, without surrounding space.
    pub text: Sensitive<String>,
    /// The model's probability of it, 0 to 1.
    pub probability: f32,
}

/// A stretch of speech.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Seconds from the recording's start.
    pub start_s: f64,
    /// Seconds from the recording's start.
    pub end_s: f64,
    /// Who speaks, when that is known.
    pub speaker: Option<Speaker>,
    /// The words joined by spaces.
    pub text: Sensitive<String>,
    /// The words, in order of time.
    pub words: Vec<Word>,
}

/// A whole recording as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// Its id.
    pub id: TranscriptId,
    /// ISO 639-1 code.
    pub language: String,
    /// Length of the audio in seconds.
    pub duration_s: f64,
    /// The speech model.
    pub model: ModelRef,
    /// In order of time; empty when nothing was said.
    pub segments: Vec<Segment>,
}

/// A transcript as one text, with the way back from characters to moments.
#[derive(Debug, Clone)]
pub struct SpokenText {
    text: Sensitive<String>,
    /// Start (in Unicode scalars), end, seconds, seconds; in order.
    words: Vec<(usize, usize, f64, f64)>,
}

impl SpokenText {
    /// The text: one segment a line, words joined by spaces.
    #[must_use]
    pub const fn text(&self) -> &Sensitive<String> {
        &self.text
    }

    /// The moment of the characters `start..end` (Unicode scalars): from the first word touched to the last.
    /// `None` when the span touches no word.
    #[must_use]
    pub fn moment(&self, start: usize, end: usize) -> Option<(f64, f64)> {
        let mut touched = self.words.iter().filter(|(s, e, _, _)| *s < end && start < *e);
        let first = touched.next()?;
        let last = touched.next_back().unwrap_or(first);
        Some((first.2, last.3))
    }
}

impl Transcript {
    /// The whole transcript as one text for extraction.
    #[must_use]
    pub fn spoken_text(&self) -> SpokenText {
        let mut text = String::new();
        let mut at = 0;
        let mut words = Vec::new();
        for (i, segment) in self.segments.iter().enumerate() {
            if i > 0 {
                text.push('\n');
                at += 1;
            }
            for (j, word) in segment.words.iter().enumerate() {
                if j > 0 {
                    text.push(' ');
                    at += 1;
                }
                let w = word.text.expose("building the text to extract from");
                let n = w.chars().count();
                text.push_str(w);
                words.push((at, at + n, word.start_s, word.end_s));
                at += n;
            }
        }
        SpokenText { text: Sensitive::new(text), words }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entropy, Timestamp};

    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
            out.fill(0);
            Ok(())
        }
    }

    fn word(t: &str, s: f64) -> Word {
        Word { start_s: s, end_s: s + 0.5, text: Sensitive::new(t.into()), probability: 0.9 }
    }

    #[test]
    fn a_span_of_the_text_finds_its_moment_whatever_the_script() {
        let words = vec![vec![word("Größe", 0.0), word("ist", 1.0)], vec![word("170", 2.0), word("cm.", 3.0)]];
        let segments = words
            .into_iter()
            .map(|words| Segment { start_s: 0.0, end_s: 0.0, speaker: None, text: Sensitive::default(), words })
            .collect();
        let t = Transcript {
            id: TranscriptId::fresh(Timestamp::from_millis(0), &Zero).unwrap(),
            language: "de".into(),
            duration_s: 4.0,
            model: ModelRef { name: "m".into(), sha256: "0".repeat(64).parse().unwrap() },
            segments,
        };
        let s = t.spoken_text();
        assert_eq!(s.text().expose("test"), "Größe ist\n170 cm.");
        assert_eq!(s.moment(6, 9), Some((1.0, 1.5)));
        assert_eq!(s.moment(6, 17), Some((1.0, 3.5)));
        assert_eq!(s.moment(9, 10), None, "the line end touches no word");
    }
}
