//! From tokens to words with their moments.

use super::STEPS_PER_SECOND;
use super::align::{self, Word};
use super::decode::{End, Hypothesis, Token};
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
    /// The same words, later.
    pub(super) fn shifted(mut self, by_s: f64) -> Self {
        for word in &mut self.words {
            word.start_s += by_s;
            word.end_s += by_s;
        }
        self
    }
}

/// How sure the model is of some words: the geometric mean of their probabilities.
pub(crate) fn clarity<'a>(words: impl IntoIterator<Item = &'a SpokenWord>) -> f32 {
    let (sum, count) =
        words.into_iter().fold((0.0, 0), |(sum, count), w| (sum + w.probability.max(1e-6).ln(), count + 1));
    (sum / count.max(1) as f32).exp()
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
        if hypothesis.end == End::Told || covered == 0 {
            all.push(utterance(&text, v, voiced, opened..steps, unspaced));
            covered = steps;
        }
    }
    drop_echoes(&mut all);
    all.retain(|u| !u.words.is_empty());
    (all, covered)
}

/// Fewer words than this may well be said twice, or be placed badly.
const ECHO_WORDS: usize = 8;
/// Nobody speaks a word in so little time, in seconds.
const NO_TIME_S: f64 = 0.06;

/// Takes out what the model wrote twice and what was said once: a run of words that stands elsewhere in the chunk as well,
/// and for which there is no time here.
fn drop_echoes(all: &mut [Utterance]) {
    let words: Vec<&SpokenWord> = all.iter().flat_map(|u| &u.words).collect();
    let text: Vec<String> = words
        .iter()
        .map(|w| w.text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
        .collect();
    let mut echo = vec![false; words.len()];
    for i in 0..words.len() {
        for other in (0..words.len()).filter(|other| other.abs_diff(i) >= ECHO_WORDS) {
            let most = other.abs_diff(i).min(words.len() - i.max(other));
            let run = (0..most).take_while(|n| text[i + n] == text[other + n]).count();
            let takes_s = |from: usize| words[from + run - 1].end_s - words[from].start_s;
            if run >= ECHO_WORDS && takes_s(i) < NO_TIME_S * run as f64 {
                echo[i..i + run].fill(true);
            }
        }
    }
    let mut echo = echo.into_iter();
    for utterance in all {
        utterance.words.retain(|_| !echo.next().unwrap_or(false));
    }
}

fn utterance(tokens: &[&Token], v: &Vocabulary, voiced: &[bool], span: Range<usize>, unspaced: bool) -> Utterance {
    let groups = group(tokens, v, unspaced);
    let to_place = groups.iter().map(|g| Word {
        times: &g.tokens[0].moments.each,
        any_time: g.tokens[0].moments.any,
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

#[cfg(test)]
mod tests {
    use super::{SpokenWord, Utterance, drop_echoes};

    /// Words, each so long.
    fn said(text: &str, from_s: f64, each_s: f64) -> Utterance {
        let word = |(i, text): (usize, &str)| SpokenWord {
            text: text.to_owned(),
            start_s: from_s + i as f64 * each_s,
            end_s: from_s + (i + 1) as f64 * each_s,
            probability: 1.0,
        };
        Utterance { words: text.split(' ').enumerate().map(word).collect() }
    }

    const SENTENCE: &str = "You don't mean that you thought me so silly.";

    #[test]
    fn what_is_written_again_in_no_time_was_not_said_again() {
        let mut all = [said(SENTENCE, 0.0, 0.3), said(SENTENCE, 2.7, 0.001), said("I really liked that", 3.0, 0.3)];
        let due = [all[0].clone(), Utterance { words: Vec::new() }, all[2].clone()];
        drop_echoes(&mut all);
        assert!(all == due);
    }

    #[test]
    fn what_is_said_twice_stays_and_so_do_words_that_are_only_placed_badly() {
        for again in [said(SENTENCE, 2.7, 0.3), said("Every other word stands at one moment here, badly.", 2.7, 0.001)]
        {
            let mut all = [said(SENTENCE, 0.0, 0.3), again];
            let due = all.clone();
            drop_echoes(&mut all);
            assert!(all == due);
        }
    }
}
