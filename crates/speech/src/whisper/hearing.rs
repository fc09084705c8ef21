//! One chunk on its way from sound to words.

use super::decode::{Attempt, Hypothesis};
use super::network::SAMPLES_PER_STEP;
use super::vocabulary::Vocabulary;
use super::words::{self, Utterance};
use super::{Hints, STEPS_PER_SECOND, Sound, steps};

/// A chunk must be longer than this, and a run must get further. 0.2 s.
const MIN_STEPS_LEFT: usize = 10;
/// Speech left after an early stop that is worth another run: 1 s. Less is the end of the last word.
const WORTH_HEARING: usize = 50;
/// Several tries, bounded: greedy first; with the terms left out when they seem to lead astray; then with some chance.
/// Temperature, and whether terms are given.
const TRIES: [(f32, bool); 4] = [(0.0, true), (0.0, false), (0.4, false), (0.8, false)];
/// Texts that are tried side by side. A draft follows one only.
const BEAM: usize = 5;

/// What a chunk needs next.
pub(super) enum Next<'a> {
    /// This sound is to be encoded.
    Encode(&'a [f32]),
    /// Its pending tokens are to be read.
    Read,
    /// Nothing any more.
    End,
}

pub(super) struct Hearing<'a> {
    vocabulary: &'a Vocabulary,
    sound: &'a Sound<'a>,
    hints: &'a Hints,
    /// Samples that are done with.
    offset: usize,
    state: State<'a>,
    heard: Vec<Utterance>,
}

enum State<'a> {
    /// The rest of the sound is to be encoded.
    Unheard,
    /// A try at its transcript.
    Writing(Box<Writing<'a>>),
    End,
}

struct Writing<'a> {
    attempt: Attempt<'a>,
    /// Its number among [`TRIES`].
    number: usize,
    /// Nothing of it was read yet.
    fresh: bool,
    /// The best of the tries before it.
    best: Option<Hypothesis>,
}

impl<'a> Hearing<'a> {
    pub(super) fn new(vocabulary: &'a Vocabulary, sound: &'a Sound<'a>, hints: &'a Hints) -> Self {
        let mut hearing = Self { vocabulary, sound, hints, offset: 0, state: State::End, heard: Vec::new() };
        hearing.go_on_from(0);
        hearing
    }

    /// What is to be done next; a sound that is given is taken as encoded.
    pub(super) fn next(&mut self) -> Next<'a> {
        match self.state {
            State::Unheard => {
                self.try_again(0, None);
                Next::Encode(self.rest())
            }
            State::Writing(_) => Next::Read,
            State::End => Next::End,
        }
    }

    /// Whether the page's text begins anew. True once for each try.
    pub(super) fn begins_text(&mut self) -> bool {
        match &mut self.state {
            State::Writing(writing) => std::mem::take(&mut writing.fresh),
            _ => false,
        }
    }

    /// Tokens to be read for each text of the page, while there are any.
    pub(super) fn pending(&self) -> impl Iterator<Item = &[i32]> {
        self.attempt().into_iter().flat_map(Attempt::pending)
    }

    /// For each text of the page, which of its texts so far it goes on from.
    pub(super) fn origins(&self) -> &[usize] {
        self.attempt().map_or(&[], Attempt::origins)
    }

    fn attempt(&self) -> Option<&Attempt<'a>> {
        match &self.state {
            State::Writing(writing) => Some(&writing.attempt),
            _ => None,
        }
    }

    /// Takes the logits after the pending tokens, which come first in `logits`.
    pub(super) fn take<'l>(&mut self, logits: &mut impl Iterator<Item = &'l [f32]>) {
        let State::Writing(writing) = &mut self.state else { return };
        let Some(hypothesis) = writing.attempt.take(logits) else { return };
        if hypothesis.is_silence() {
            self.state = State::End;
            return;
        }
        let number = writing.number;
        let terms = if TRIES[number].1 { &self.hints.terms[..] } else { &[] };
        let passes = hypothesis.passes() && !hypothesis.echoes(terms, self.vocabulary);
        let best = match writing.best.take() {
            Some(best) if !passes && !hypothesis.beats(&best) => best,
            _ => hypothesis,
        };
        // The best that passes, else the best that does not run in circles.
        let next = (number + 1..TRIES.len()).find(|n| TRIES[*n].0 > 0.0 || !self.hints.terms.is_empty());
        match next {
            Some(next) if !passes && !self.hints.draft => self.try_again(next, Some(best)),
            _ => self.accept(&best),
        }
    }

    /// What was heard.
    pub(super) fn end(self) -> Vec<Utterance> {
        self.heard
    }

    fn rest(&self) -> &'a [f32] {
        &self.sound.samples[self.offset..]
    }

    fn try_again(&mut self, number: usize, best: Option<Hypothesis>) {
        let (temperature, with_terms) = TRIES[number];
        let terms = if with_terms { &self.hints.terms[..] } else { &[] };
        let width = if self.hints.draft { 1 } else { BEAM };
        let steps = steps(self.rest());
        let attempt = Attempt::new(self.vocabulary, terms, self.hints.language, steps, temperature, width);
        self.state = State::Writing(Box::new(Writing { attempt, number, fresh: true, best }));
    }

    /// Takes a transcript of the rest. The model may have stopped in the middle; then what is left is heard by itself.
    fn accept(&mut self, hypothesis: &Hypothesis) {
        let total = steps(self.rest());
        let start = self.offset / SAMPLES_PER_STEP;
        let voiced = self.sound.voiced.get(start..).unwrap_or_default();
        let (utterances, covered) = words::utterances(hypothesis, self.vocabulary, voiced, total, self.hints.unspaced);
        let start_s = start as f64 / STEPS_PER_SECOND;
        self.heard.extend(utterances.into_iter().map(|u| u.shifted(start_s)));
        let left = voiced.iter().skip(covered).filter(|voiced| **voiced).count();
        if left < WORTH_HEARING || covered < MIN_STEPS_LEFT {
            self.state = State::End;
        } else {
            self.go_on_from(self.offset + covered * SAMPLES_PER_STEP);
        }
    }

    fn go_on_from(&mut self, offset: usize) {
        self.offset = offset.min(self.sound.samples.len());
        let enough = self.rest().len() > SAMPLES_PER_STEP * MIN_STEPS_LEFT;
        self.state = if enough { State::Unheard } else { State::End };
    }
}
