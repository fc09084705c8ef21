//! Changes that a person makes to a transcript. The recogniser's own text is never overwritten: a transcript as it
//! stands is that text with every change applied in order.

use crate::{Segment, Sensitive, Speaker, SpeakerSource, Transcript, Word};
use serde::{Deserialize, Serialize};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TranscriptEdit {
    /// What was said in a segment.
    Text {
        /// Its number, from 0.
        segment: usize,
        /// Its words from now on; none take the segment's text away, not its moment.
        text: Sensitive<String>,
    },
    /// Who speaks.
    Speaker {
        /// The segment's number, from 0.
        segment: usize,
        /// The name from now on; `None` takes it away.
        label: Option<String>,
        /// Also every other segment that has had the same speaker so far.
        all_alike: bool,
    },
    /// Suggestions of who speaks, for segments of which it is not known (see [`Transcript::with_suggested_turns`]).
    SuggestTurns,
}

/// Why a change does not fit a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditFault {
    /// There is no such segment.
    #[error("the transcript has no segment of that number")]
    NoSuchSegment,
    /// A speaker's name is empty or longer than 60 characters.
    #[error("a speaker's name has 1 to 60 characters")]
    Name,
    /// More text than a segment can hold: 10,000 characters.
    #[error("a segment holds at most 10,000 characters")]
    TooLong,
}

/// A pause after which another person may be speaking, in seconds.
const TURN_PAUSE_S: f64 = 1.0;
const LONGEST_NAME: usize = 60;
const LONGEST_TEXT: usize = 10_000;

impl Transcript {
    /// The transcript after a change. Words that stay keep their moments and probabilities; a word that a person wrote
    /// takes the moment of what it replaces and has probability 1.
    ///
    /// # Errors
    /// [`EditFault`], with the transcript unchanged and lost; keep a copy to go on with.
    pub fn edited(mut self, edit: &TranscriptEdit) -> Result<Self, EditFault> {
        match edit {
            TranscriptEdit::Text { segment, text } => {
                let text = text.expose("a person's own words for the transcript");
                if text.chars().count() > LONGEST_TEXT {
                    return Err(EditFault::TooLong);
                }
                let segment = self.segments.get_mut(*segment).ok_or(EditFault::NoSuchSegment)?;
                segment.words = rewritten(segment, text);
                segment.text = Sensitive::new(joined(&segment.words));
            }
            TranscriptEdit::Speaker { segment, label, all_alike } => {
                let label = label.as_deref().map(str::trim);
                if label.is_some_and(|l| l.is_empty() || l.chars().count() > LONGEST_NAME) {
                    return Err(EditFault::Name);
                }
                let before = self.segments.get(*segment).ok_or(EditFault::NoSuchSegment)?.speaker.clone();
                let named = label.map(|l| Speaker { label: l.to_owned(), source: SpeakerSource::Person });
                let is_like = |s: &Segment| label_of(&s.speaker) == label_of(&before);
                for (i, s) in self.segments.iter_mut().enumerate() {
                    if i == *segment || (*all_alike && is_like(s)) {
                        s.speaker.clone_from(&named);
                    }
                }
            }
            TranscriptEdit::SuggestTurns => self = self.with_suggested_turns(TURN_PAUSE_S),
        }
        Ok(self)
    }

    /// Suggests where the speaker changes, for segments that have none: after a pause of at least `pause_s` seconds, and
    /// after a question. Two speakers take turns. Segments of a known speaker stay as they are.
    #[must_use]
    pub fn with_suggested_turns(mut self, pause_s: f64) -> Self {
        let mut second = false;
        let mut before: Option<(f64, bool)> = None;
        for segment in &mut self.segments {
            let turn = before.is_some_and(|(end_s, asked)| asked || segment.start_s - end_s >= pause_s);
            second ^= turn;
            let text = segment.text.expose("looking for a question mark");
            before = Some((segment.end_s, text.trim_end_matches(['"', '”']).ends_with(['?', '？'])));
            if segment.speaker.is_none() {
                let label = if second { "Speaker 2" } else { "Speaker 1" }.to_owned();
                segment.speaker = Some(Speaker { label, source: SpeakerSource::Suggested });
            }
        }
        self
    }
}

fn label_of(speaker: &Option<Speaker>) -> Option<&str> {
    speaker.as_ref().map(|s| s.label.as_str())
}

fn joined(words: &[Word]) -> String {
    words.iter().map(|w| w.text.expose("joining the words").as_str()).collect::<Vec<_>>().join(" ")
}

/// The words of `text`, with the moments of `segment`'s words: of a word that stays its own, of the others the stretch
/// between those that stay, shared out by their letters.
fn rewritten(segment: &Segment, text: &str) -> Vec<Word> {
    let old = &segment.words;
    let new: Vec<&str> = text.split_whitespace().collect();
    let kept = common(old, &new);
    let mut words = Vec::with_capacity(new.len());
    let (mut next_old, mut next_new) = (0, 0);
    for (o, n) in kept.into_iter().chain([(old.len(), new.len())]) {
        let replaced = &old[next_old..o];
        // What was inserted without replacing anything lies between its neighbours.
        let from = replaced.first().map(|w| w.start_s).or_else(|| old.get(next_old.wrapping_sub(1)).map(|w| w.end_s));
        let to = replaced.last().map(|w| w.end_s).or_else(|| old.get(o).map(|w| w.start_s));
        let (from, to) = (from.unwrap_or(segment.start_s), to.unwrap_or(segment.end_s));
        words.extend(shared_out(&new[next_new..n], from, to.max(from)));
        words.extend(old.get(o).cloned());
        (next_old, next_new) = (o + 1, n + 1);
    }
    words
}

fn shared_out(words: &[&str], from: f64, to: f64) -> impl Iterator<Item = Word> {
    let weight = |w: &str| 1.0 + w.chars().count() as f64;
    let total: f64 = words.iter().map(|w| weight(w)).sum();
    let mut at = from;
    words.iter().map(move |w| {
        let start_s = at;
        at = (at + (to - from) * weight(w) / total).min(to);
        Word { start_s, end_s: at, text: Sensitive::new((*w).to_owned()), probability: 1.0 }
    })
}

/// Pairs of places (old, new) of the words that both have, in order: a longest common subsequence. Texts beyond a few
/// thousand words are compared from both ends only, to bound the cost.
fn common(old: &[Word], new: &[&str]) -> Vec<(usize, usize)> {
    let same = |o: &Word, n: &str| o.text.expose("comparing with a person's words") == n;
    let head = old.iter().zip(new).take_while(|(o, n)| same(o, n)).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(o, n)| same(o, n)).count();
    let (inner_old, inner_new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|i| (i, i)).collect();
    if inner_old.len() * inner_new.len() <= 4_000_000 {
        // lengths[o][n]: of the longest common subsequence of what begins at o and n.
        let width = inner_new.len() + 1;
        let mut lengths = vec![0u32; (inner_old.len() + 1) * width];
        for o in (0..inner_old.len()).rev() {
            for n in (0..inner_new.len()).rev() {
                lengths[o * width + n] = if same(&inner_old[o], inner_new[n]) {
                    lengths[(o + 1) * width + n + 1] + 1
                } else {
                    lengths[(o + 1) * width + n].max(lengths[o * width + n + 1])
                };
            }
        }
        let (mut o, mut n) = (0, 0);
        while o < inner_old.len() && n < inner_new.len() {
            if same(&inner_old[o], inner_new[n]) {
                pairs.push((head + o, head + n));
                (o, n) = (o + 1, n + 1);
            } else if lengths[(o + 1) * width + n] >= lengths[o * width + n + 1] {
                o += 1;
            } else {
                n += 1;
            }
        }
    }
    pairs.extend((0..tail).rev().map(|i| (old.len() - 1 - i, new.len() - 1 - i)));
    pairs
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Entropy, ModelRef, Timestamp, TranscriptId};

    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
            out.fill(0);
            Ok(())
        }
    }

    /// One segment a line, a word a second.
    fn transcript(lines: &[&str]) -> Transcript {
        let mut at = 0.0;
        let segments = lines.iter().map(|line| {
            let words: Vec<Word> = line
                .split(' ')
                .map(|w| {
                    at += 1.0;
                    let text = Sensitive::new(w.to_owned());
                    Word { start_s: at - 1.0, end_s: at, text, probability: 0.5 }
                })
                .collect();
            let (start_s, end_s) = (words[0].start_s, at);
            Segment { start_s, end_s, speaker: None, text: Sensitive::new((*line).to_owned()), words }
        });
        Transcript {
            id: TranscriptId::fresh(Timestamp::from_millis(0), &Zero).unwrap(),
            language: "en".into(),
            duration_s: 100.0,
            model: ModelRef { name: "m".into(), sha256: "0".repeat(64).parse().unwrap() },
            segments: segments.collect(),
        }
    }

    fn text(segment: usize, text: &str) -> TranscriptEdit {
        TranscriptEdit::Text { segment, text: Sensitive::new(text.to_owned()) }
    }

    fn speaker(segment: usize, label: &str, all_alike: bool) -> TranscriptEdit {
        TranscriptEdit::Speaker { segment, label: Some(label.to_owned()), all_alike }
    }

    fn labels(t: &Transcript) -> Vec<&str> {
        t.segments.iter().map(|s| label_of(&s.speaker).unwrap_or("-")).collect()
    }

    #[test]
    fn words_that_stay_keep_their_moments_and_new_ones_take_those_of_what_they_replace() {
        let t =
            transcript(&["he takes met oh pro lol daily"]).edited(&text(0, "he takes metoprolol 50 mg daily")).unwrap();
        let words: Vec<(&str, f64, f64, f32)> = t.segments[0]
            .words
            .iter()
            .map(|w| (w.text.expose("test").as_str(), w.start_s, w.end_s, w.probability))
            .collect();
        assert_eq!((words[0], words[1]), (("he", 0.0, 1.0, 0.5), ("takes", 1.0, 2.0, 0.5)));
        assert_eq!(words[5], ("daily", 6.0, 7.0, 0.5));
        assert!(words[2].1 == 2.0 && words[2].2 > 3.5 && words[4].2 == 6.0 && words[3].3 == 1.0, "{words:?}");
        assert_eq!(t.segments[0].text.expose("test"), "he takes metoprolol 50 mg daily");
    }

    #[test]
    fn words_can_be_added_at_either_end_and_all_can_go() {
        let t = transcript(&["no pain"]).edited(&text(0, "she has no pain today")).unwrap();
        let w = &t.segments[0].words;
        assert_eq!((w[0].start_s, w[1].end_s, w[2].start_s, w[4].start_s, w[4].end_s), (0.0, 0.0, 0.0, 2.0, 2.0));
        let t = t.edited(&text(0, "  ")).unwrap();
        assert!(t.segments[0].words.is_empty() && t.segments[0].text.expose("test").is_empty());
        let t = t.edited(&text(0, "back again")).unwrap();
        assert_eq!((t.segments[0].words[0].start_s, t.segments[0].words[1].end_s), (0.0, 2.0));
    }

    #[test]
    fn one_act_names_a_turn_and_one_more_all_like_it() {
        let t = transcript(&["how are you?", "not well", "since when?", "monday"]).with_suggested_turns(5.0);
        assert_eq!(labels(&t), ["Speaker 1", "Speaker 2", "Speaker 2", "Speaker 1"]);
        let t = t.edited(&speaker(0, "Dr Lee", false)).unwrap();
        assert_eq!(labels(&t), ["Dr Lee", "Speaker 2", "Speaker 2", "Speaker 1"]);
        let t = t.edited(&speaker(1, " Patient ", true)).unwrap();
        assert_eq!(labels(&t), ["Dr Lee", "Patient", "Patient", "Speaker 1"]);
        assert_eq!(t.segments[2].speaker.as_ref().unwrap().source, SpeakerSource::Person);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let t = || transcript(&["a b"]);
        assert_eq!(t().edited(&text(1, "x")).unwrap_err(), EditFault::NoSuchSegment);
        assert_eq!(t().edited(&speaker(0, "  ", false)).unwrap_err(), EditFault::Name);
        assert_eq!(t().edited(&speaker(9, "x", true)).unwrap_err(), EditFault::NoSuchSegment);
        assert_eq!(t().edited(&text(0, &"x".repeat(10_001))).unwrap_err(), EditFault::TooLong);
    }
}
