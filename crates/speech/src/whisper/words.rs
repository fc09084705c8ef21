//! From tokens to words with their moments.

use super::STEPS_PER_SECOND;
use super::align::{self, Word};
use super::decode::{Hypothesis, Token};
use super::vocabulary::Vocabulary;
use std::ops::Range;

/// A word, in seconds from the chunk's start.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SpokenWord {
    pub(crate) text: String,
    pub(crate) start_s: f64,
    pub(crate) end_s: f64,
    pub(crate) probability: f32,
}

/// Words that the model put between two times.
#[derive(Clone, PartialEq)]
pub(crate) struct Utterance {
    pub(crate) words: Vec<SpokenWord>,
}

impl Utterance {
    /// How sure the model is of these words: the geometric mean of their probabilities.
    pub(crate) fn clarity(&self) -> f32 {
        let sum: f32 = self.words.iter().map(|w| w.probability.max(1e-6).ln()).sum();
        (sum / self.words.len().max(1) as f32).exp()
    }

    /// The same words, later.
    pub(super) fn shifted(mut self, by_s: f64) -> Self {
        for word in &mut self.words {
            word.start_s += by_s;
            word.end_s += by_s;
        }
        self
    }
}

impl std::fmt::Debug for Utterance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Utterance of {} words", self.words.len())
    }
}

/// The utterances of a transcript, and how many of the chunk's `steps` (20 ms each) it covers. `voiced`: for each step,
/// whether somebody speaks.
pub(super) fn utterances(
    hypothesis: &Hypothesis,
    v: &Vocabulary,
    voiced: &[bool],
    steps: usize,
    unspaced: bool,
) -> (Vec<Utterance>, usize) {
    let mut all = Vec::new();
    let (mut text, mut opened, mut covered) = (Vec::new(), 0, 0);
    for token in &hypothesis.tokens {
        if !v.is_time(token.id) {
            text.push(token);
            continue;
        }
        let time = (token.id - v.time_zero) as usize;
        if !text.is_empty() {
            all.push(utterance(&text, v, voiced, opened..time, unspaced));
            text.clear();
            covered = time;
        }
        opened = time;
    }
    if !text.is_empty() {
        // Text that was not closed: to the end when the model meant it to be the end; when it was cut off, it is heard
        // again from the last time on, unless there is none to begin from.
        if hypothesis.ended || covered == 0 {
            all.push(utterance(&text, v, voiced, opened..steps, unspaced));
            covered = steps;
        }
    }
    all.retain(|u| !u.words.is_empty());
    (all, covered)
}

fn utterance(tokens: &[&Token], v: &Vocabulary, voiced: &[bool], span: Range<usize>, unspaced: bool) -> Utterance {
    let groups = group(tokens, v, unspaced);
    let to_place = groups.iter().map(|g| Word {
        times: &g.tokens[0].times,
        any_time: g.tokens[0].any_time,
        letters: letters(&g.text),
    });
    let places = align::place(&to_place.collect::<Vec<_>>(), voiced, span);
    let seconds = |step: usize| step as f64 / STEPS_PER_SECOND;
    let words = groups.iter().zip(places).map(|(g, place)| SpokenWord {
        text: g.text.clone(),
        start_s: seconds(place.start),
        end_s: seconds(place.end),
        probability: g.probability(v),
    });
    Utterance { words: words.collect() }
}

/// The tokens of one word.
struct Group<'a> {
    tokens: Vec<&'a Token>,
    text: String,
}

impl Group<'_> {
    /// The probability that the model gives the word: of all its letters; punctuation is not counted.
    fn probability(&self, v: &Vocabulary) -> f32 {
        let is_mark = |t: &Token| v.bytes(t.id).iter().all(|b| b.is_ascii_punctuation() || *b == b' ');
        self.tokens.iter().filter(|t| !is_mark(t)).map(|t| t.probability).product::<f32>().clamp(0.0, 1.0)
    }
}

/// Puts tokens together to words. A word begins with a space; in scripts without spaces, with each whole character
/// or group of characters that one token writes. A character may be spread over several tokens.
fn group<'a>(tokens: &[&'a Token], v: &Vocabulary, unspaced: bool) -> Vec<Group<'a>> {
    let mut groups: Vec<(Vec<&Token>, Vec<u8>)> = Vec::new();
    for token in tokens {
        let bytes = v.bytes(token.id);
        let begins = match groups.last() {
            None => true,
            Some((_, before)) => {
                bytes.starts_with(b" ")
                    || (unspaced && std::str::from_utf8(before).is_ok() && !bytes.iter().all(u8::is_ascii_punctuation))
            }
        };
        if begins {
            groups.push((vec![token], bytes.to_vec()));
        } else if let Some((tokens, text)) = groups.last_mut() {
            tokens.push(token);
            text.extend_from_slice(bytes);
        }
    }
    let mut words: Vec<Group<'a>> = Vec::new();
    for (tokens, bytes) in groups {
        let text = String::from_utf8_lossy(&bytes).replace('\u{fffd}', "").trim().to_owned();
        match words.last_mut() {
            // A lone mark belongs to the word before it; a lone dash or dots to none.
            Some(before) if letters(&text) == 0 => {
                if text.chars().all(|c| matches!(c, ',' | ';' | ':' | '.' | '!' | '?' | '%' | '"' | '”' | '。' | '、'))
                {
                    before.text.push_str(&text);
                    before.tokens.extend(tokens);
                }
            }
            None if letters(&text) == 0 => {}
            _ => words.push(Group { tokens, text }),
        }
    }
    words
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}
