//! Choosing tokens, one after another (Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision",
//! 2022, section 4.5).

use super::rules::{Moments, Rules, probability_of};
use super::vocabulary::Vocabulary;
use std::sync::Arc;

/// The most tokens of terms that are put before a transcript (half the text context, as in training).
pub(crate) const LONGEST_PROMPT: usize = 200;
/// The most tokens of one transcript.
const LONGEST: usize = 220;
/// Below this mean log-probability a transcript is tried again.
const LEAST_MEAN_LOG_P: f32 = -1.0;
/// What each token of text adds to what a text is worth, in units of log-probability. Without it longer texts lose to
/// shorter ones for their length alone; and with the mean over the tokens, the usual remedy, a text that leaves out what
/// is hard to hear wins over one that writes it down with doubts. A token is worth writing from a probability of 1/e on.
const TOKEN_WORTH: f32 = 1.0;
/// Above this, and with a low mean log-probability, nobody spoke.
const NO_SPEECH: f32 = 0.6;

/// One chosen token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) id: i32,
    /// Its probability among what was allowed.
    pub(super) probability: f32,
    /// Where what stands before it may end; shared by all tokens that were weighed for its place.
    pub(super) moments: Arc<Moments>,
}

/// A transcript of one chunk, and how much it is worth.
#[derive(Debug)]
pub(super) struct Hypothesis {
    /// Text and times as they were chosen; the opening time 0.00 is not among them.
    pub(super) tokens: Vec<Token>,
    /// Mean over the text tokens.
    mean_log_p: f32,
    /// What it is compared by with others of the same search.
    worth: f32,
    no_speech: f32,
    pub(super) end: End,
}

/// Why a text went no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The model ended it.
    Told,
    /// It ran in circles; they are taken off.
    Looped,
    /// It became too long.
    CutOff,
}

impl Hypothesis {
    /// Whether the model itself says that nobody speaks.
    pub(super) fn is_silence(&self) -> bool {
        self.tokens.is_empty() || (self.no_speech > NO_SPEECH && self.mean_log_p < LEAST_MEAN_LOG_P)
    }

    /// Good enough to look no further.
    pub(super) fn passes(&self) -> bool {
        self.end != End::Looped && self.mean_log_p >= LEAST_MEAN_LOG_P
    }

    pub(super) fn beats(&self, other: &Self) -> bool {
        (self.end != End::Looped, self.mean_log_p) > (other.end != End::Looped, other.mean_log_p)
    }

    fn is_worth_more_than(&self, other: &Self) -> bool {
        (self.end != End::Looped, self.worth) > (other.end != End::Looped, other.worth)
    }

    /// Whether it recites the terms it was given: a run of them in their order, longer than chance.
    pub(super) fn echoes(&self, terms: &[i32], v: &Vocabulary) -> bool {
        const RUN: usize = 8;
        let text: Vec<i32> = self.tokens.iter().filter(|t| !v.is_time(t.id)).map(|t| t.id).collect();
        !terms.is_empty() && text.windows(RUN).any(|w| terms.windows(RUN).any(|t| t == w))
    }
}

/// One transcript in the making: it says which tokens the network is to read next, and takes the logits after them.
///
/// Several texts are written side by side (beam search); of those that come to their end the one that is worth most is
/// taken: its log-probability, and [`TOKEN_WORTH`] for each token that is no time.
pub(super) struct Attempt<'a> {
    v: &'a Vocabulary,
    /// 0 follows the likeliest tokens; above, tokens are drawn, the same ones every time.
    temperature: f32,
    chance: Chance,
    /// Texts side by side.
    width: usize,
    /// What comes after the start token, as long as that is not read yet.
    opening: Vec<i32>,
    no_speech: f32,
    texts: Vec<Text<'a>>,
    /// For each text, the one among the texts before the last step that it goes on from.
    origins: Vec<usize>,
    ended: Vec<Hypothesis>,
}

/// A text so far.
#[derive(Clone)]
struct Text<'a> {
    rules: Rules<'a>,
    /// What the network has not read of it.
    pending: Vec<i32>,
    tokens: Vec<Token>,
    /// Sum over all tokens, and over those that are no times.
    log_p: f32,
    said_log_p: f32,
}

impl<'a> Attempt<'a> {
    /// `steps`: length of the sound in units of 20 ms. `width`: texts side by side.
    pub(super) fn new(
        v: &'a Vocabulary,
        terms: &[i32],
        language: Option<i32>,
        steps: usize,
        temperature: f32,
        width: usize,
    ) -> Self {
        let terms = &terms[..terms.len().min(LONGEST_PROMPT)];
        let previous = (!terms.is_empty()).then_some(v.previous);
        let task = language.map(|language| [language, v.transcribe]);
        let text = Text {
            rules: Rules::new(v, steps),
            pending: previous.into_iter().chain(terms.iter().copied()).chain([v.start]).collect(),
            tokens: Vec::new(),
            log_p: 0.0,
            said_log_p: 0.0,
        };
        Self {
            v,
            temperature,
            chance: Chance::new(),
            width: if temperature > 0.0 { 1 } else { width.max(1) },
            // Chunks begin where speech begins: the opening time is known.
            opening: task.into_iter().flatten().chain([v.time_zero]).collect(),
            no_speech: 0.0,
            texts: vec![text],
            origins: vec![0],
            ended: Vec::new(),
        }
    }

    /// The tokens to be read next, for each text.
    pub(super) fn pending(&self) -> impl Iterator<Item = &[i32]> {
        self.texts.iter().map(|text| &text.pending[..])
    }

    /// For each text, which of those that were read last it goes on from.
    pub(super) fn origins(&self) -> &[usize] {
        &self.origins
    }

    /// Takes the logits after the pending tokens of each text. Gives the transcript when it is complete.
    pub(super) fn take<'l>(&mut self, logits: &mut impl Iterator<Item = &'l [f32]>) -> Option<Hypothesis> {
        if !self.opening.is_empty() {
            self.no_speech = probability_of(logits.next()?, self.v.no_speech);
            self.texts[0].pending = std::mem::take(&mut self.opening);
            return None;
        }
        let mut ways: Vec<Way> = Vec::new();
        for (origin, (text, logits)) in self.texts.iter().zip(logits).enumerate() {
            let next = text.rules.next(logits, self.temperature);
            let tokens = if self.temperature > 0.0 {
                vec![next.drawn(self.chance.next())]
            } else {
                // One more than is kept, since one of them may be the end.
                next.likeliest(self.width + 1)
            };
            let moments = Arc::new(next.moments());
            ways.extend(tokens.into_iter().map(|(id, log_p)| Way {
                origin,
                token: Token { id, probability: log_p.exp(), moments: Arc::clone(&moments) },
                log_p: text.log_p + log_p,
            }));
        }
        ways.sort_by(|a, b| b.log_p.total_cmp(&a.log_p));
        self.follow(ways);
        let full = self.texts.first().is_none_or(|text| text.tokens.len() == LONGEST);
        if self.ended.len() < self.width && !full && !self.is_decided() {
            return None;
        }
        let cut = if full { std::mem::take(&mut self.texts) } else { Vec::new() };
        let cut = cut.into_iter().map(|text| text.complete(self.v, self.no_speech, End::CutOff));
        let all = self.ended.drain(..).chain(cut);
        all.reduce(|best, other| if other.is_worth_more_than(&best) { other } else { best })
    }

    /// Whether a text has ended well that is worth more than any of those that go on is by now.
    fn is_decided(&self) -> bool {
        let best = self.ended.iter().filter(|e| e.end == End::Told).map(|e| e.worth).reduce(f32::max);
        best.is_some_and(|best| self.texts.iter().all(|text| text.worth(self.v) < best))
    }

    /// Goes the likeliest of the ways, which are in order.
    fn follow(&mut self, ways: Vec<Way>) {
        let before = std::mem::take(&mut self.texts);
        self.origins.clear();
        for way in ways {
            if self.texts.len() == self.width {
                break;
            }
            let mut text = before[way.origin].clone();
            let id = way.token.id;
            if !self.v.is_time(id) {
                text.said_log_p += way.token.probability.max(f32::MIN_POSITIVE).ln();
            }
            text.log_p = way.log_p;
            if id == self.v.end {
                self.ended.push(text.complete(self.v, self.no_speech, End::Told));
                continue;
            }
            text.rules.chosen(id);
            text.pending = vec![id];
            text.tokens.push(way.token);
            if let Some(extra) = loop_at_end(&text.tokens, self.v) {
                text.tokens.truncate(text.tokens.len() - extra);
                self.ended.push(text.complete(self.v, self.no_speech, End::Looped));
                continue;
            }
            self.texts.push(text);
            self.origins.push(way.origin);
        }
    }
}

/// A token that may come next.
struct Way {
    origin: usize,
    token: Token,
    /// Of the text with this token.
    log_p: f32,
}

impl Text<'_> {
    fn said(&self, v: &Vocabulary) -> usize {
        self.tokens.iter().filter(|t| !v.is_time(t.id)).count()
    }

    fn worth(&self, v: &Vocabulary) -> f32 {
        TOKEN_WORTH.mul_add(self.said(v) as f32, self.log_p)
    }

    fn complete(self, v: &Vocabulary, no_speech: f32, end: End) -> Hypothesis {
        let (said, worth) = (self.said(v), self.worth(v));
        let mut tokens = self.tokens;
        if said == 0 {
            tokens.clear();
        }
        Hypothesis { tokens, mean_log_p: self.said_log_p / (said + 1) as f32, worth, no_speech, end }
    }
}

/// How many tokens at the end only repeat what stands before them, when the text runs in circles: a phrase of `n`
/// tokens over and over. Times do not count. Returns the tokens to drop so that the phrase stands once.
fn loop_at_end(tokens: &[Token], v: &Vocabulary) -> Option<usize> {
    let text: Vec<(usize, i32)> =
        tokens.iter().enumerate().rev().filter(|(_, t)| !v.is_time(t.id)).take(128).map(|(i, t)| (i, t.id)).collect();
    repeated(&text.iter().map(|(_, id)| *id).collect::<Vec<_>>()).map(|keep| {
        // `text` runs backwards: entry `extra - 1` is the first token of the repetitions.
        tokens.len() - text[keep - 1].0
    })
}

/// For a text that runs backwards: how many of its first entries are repetitions of a phrase, when they are too many
/// to have been said.
fn repeated(backwards: &[i32]) -> Option<usize> {
    (1..=backwards.len() / 3).find_map(|n| {
        let times = 1 + backwards.chunks_exact(n).skip(1).take_while(|c| *c == &backwards[..n]).count();
        // People do say "no, no, no, no"; nobody says a sentence four times.
        let most = match n {
            1 => 7,
            2 => 5,
            3..=5 => 4,
            _ => 3,
        };
        (times > most).then(|| (times - 1) * n)
    })
}

/// A fixed sequence of numbers from 0 to 1 (xorshift64*): the same recording gives the same text.
struct Chance(u64);

impl Chance {
    const fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    fn next(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40) as f32 / (1u64 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_and_speech_is_not() {
        let backwards =
            |text: &str| text.split(' ').rev().map(|w| w.len() as i32 * 31 + w.as_bytes()[0] as i32).collect();
        let check = |text: &str| repeated(&Vec::<i32>::from_iter::<Vec<i32>>(backwards(text)));
        assert_eq!(check("and then no no no no no"), None);
        assert_eq!(check(&"thank ".repeat(9)[..53]), Some(8));
        assert_eq!(check(&["he went home", "he went home"].join(" ")), None);
        let sentence = "the pain comes and goes at night";
        assert_eq!(check(&[sentence; 5].join(" ")), Some(28));
    }

    const LETTERS: &[u8] = b"abcd";

    /// What is written when `likelihood` tells how likely each letter, and last the end, is after a text.
    fn written(width: usize, likelihood: impl Fn(&str) -> [f32; 5]) -> String {
        let v = Vocabulary::of_letters(LETTERS);
        let mut attempt = Attempt::new(&v, &[], None, 10, 0.0, width);
        let mut texts = vec![String::new()];
        loop {
            let logits: Vec<Vec<f32>> = texts
                .iter()
                .map(|text| {
                    let mut logits: Vec<f32> = likelihood(text).map(f32::ln).into();
                    logits.resize(v.time_zero as usize + 11, f32::NEG_INFINITY);
                    // A text is closed by a time before it may end.
                    if text.ends_with('.') {
                        logits[v.end as usize] = 0.0;
                    } else {
                        logits[v.time_zero as usize + 5] = std::mem::replace(&mut logits[v.end as usize], -99.0);
                    }
                    logits
                })
                .collect();
            let ended = attempt.take(&mut logits.iter().map(Vec::as_slice));
            let letter = |id: i32| LETTERS.get(id as usize).map_or('.', |l| char::from(*l));
            if let Some(hypothesis) = ended {
                return hypothesis.tokens.iter().map(|t| letter(t.id)).collect();
            }
            let goes_on = |(origin, read): (&usize, &[i32])| match read {
                [id] if *id != v.time_zero => format!("{}{}", texts[*origin], letter(*id)),
                _ => String::new(),
            };
            texts = attempt.origins().iter().zip(attempt.pending()).map(goes_on).collect();
        }
    }

    #[test]
    fn a_text_that_begins_doubtfully_wins_when_it_goes_on_surely() {
        let likelihood = |text: &str| match text {
            "" => [0.5, 0.4, 0.06, 0.04, 1e-9],
            "a" => [0.3, 0.25, 0.25, 0.2, 1e-9],
            "b" => [1e-3, 1e-3, 0.995, 1e-3, 1e-9],
            _ => [1e-3, 1e-3, 1e-3, 1e-3, 0.995],
        };
        assert_eq!(written(1, likelihood), "aa.");
        assert_eq!(written(5, likelihood), "bc.");
    }

    #[test]
    fn what_is_hard_to_hear_is_not_left_out_for_a_short_text_that_is_sure() {
        let likelihood = |doubts: [f32; 5]| {
            move |text: &str| match text {
                "" => [0.5, 1e-3, 1e-3, 0.4, 1e-9],
                "d" => [1e-3, 1e-3, 1e-3, 1e-3, 0.995],
                _ if text.len() < 3 => doubts,
                _ => [0.02, 0.02, 0.02, 0.02, 0.9],
            }
        };
        assert_eq!(written(5, likelihood([0.45, 0.3, 0.2, 0.04, 1e-3])), "aaa.");
        assert_eq!(written(5, likelihood([0.25, 0.25, 0.25, 0.2, 1e-3])), "d.", "anything would do for it");
    }

    #[test]
    fn texts_that_run_in_circles_lose_to_one_that_ends() {
        let likelihood = |text: &str| match text {
            "d" => [0.1, 0.1, 0.1, 0.1, 0.6],
            _ => [0.97, 1e-3, 1e-3, 0.02, 1e-3],
        };
        assert_eq!(written(1, likelihood), "a", "taken off the circle");
        assert_eq!(written(5, likelihood), "d.");
    }
}
