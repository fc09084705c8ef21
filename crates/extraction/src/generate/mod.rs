//! Writing answers: a prompt is read, then token after token the likeliest allowed one is taken.
//!
//! Greedy and without randomness. What the grammar forces is appended in the same step as the token before it, and
//! so is what the document suggests. Several answers are written side by side, each step of the model serving all of
//! them: its weights are read once for all. What an answer says does not depend on its neighbours.

mod confidence;
mod draft;
mod writer;

use crate::ExtractError;
use crate::decoder::{Decoder, Logits, Step};
pub(crate) use confidence::confidences;
use rayon::prelude::*;
use std::time::{Duration, Instant};
pub(crate) use writer::{Request, Writer};

/// Tokens of a prompt read at once. More use the weights better, fewer answer a cancel sooner.
pub(crate) const CHUNK: usize = 256;

/// An answer as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Generation {
    /// Compact JSON; not valid only if [`Cut::Unfinished`] is among the cuts.
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
    pub(crate) cuts: Vec<Cut>,
    pub(crate) counts: Counts,
    pub(crate) times: Times,
}

/// A token of the answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Token {
    /// Its bytes in the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Logarithm of its probability among the tokens that were allowed; `None` for one the model did not choose.
    pub(crate) log_prob: Option<f32>,
}

/// Why an answer is not all that the model would have written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The budget of tokens, or the context, ran out.
    Budget,
    /// A list or text that repeated itself was ended.
    Repetition,
    /// It could not be closed within the grammar.
    Unfinished,
}

/// Tokens by what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Of the prompt, read for this answer (a shared start is not read again).
    pub(crate) prompt: usize,
    /// Chosen by the model.
    pub(crate) sampled: usize,
    /// Given by the grammar.
    pub(crate) forced: usize,
    /// Times the model was run to write them.
    pub(crate) steps: usize,
}

/// How long it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) reading: Duration,
    pub(crate) writing: Duration,
}

/// Rows of a step that are nearly as fast as one: measured, t(8) / t(1) is about 1.5 (benches/results).
const ROWS_TOGETHER: usize = 8;

/// Answers that are being written side by side.
pub(crate) struct Batch<'a> {
    decoder: &'a Decoder,
    /// Each with the number it was added under, oldest first.
    writers: Vec<(usize, Writer<'a>)>,
}

/// How far an answer is: tokens of its prompt read, of how many, and tokens written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) number: usize,
    pub(crate) read: usize,
    pub(crate) to_read: usize,
    pub(crate) written: usize,
}

impl<'a> Batch<'a> {
    pub(crate) const fn new(decoder: &'a Decoder) -> Self {
        Self { decoder, writers: Vec::new() }
    }

    pub(crate) fn add(&mut self, number: usize, writer: Writer<'a>) {
        self.writers.push((number, writer));
    }

    pub(crate) const fn len(&self) -> usize {
        self.writers.len()
    }

    /// Tokens that all of them may come to hold beyond what they share.
    pub(crate) fn tokens(&self) -> usize {
        self.writers.iter().map(|(_, w)| w.expected_tokens()).sum()
    }

    /// How far the oldest is.
    pub(crate) fn reached(&self) -> Option<Reached> {
        let (number, writer) = self.writers.first()?;
        let (read, to_read) = writer.prompt_read();
        Some(Reached { number: *number, read, to_read, written: writer.written() })
    }

    /// Runs the model once for all of them and gives those that ended, in the order in which they were added.
    pub(crate) fn step(&mut self) -> Result<Vec<(usize, Generation)>, ExtractError> {
        let start = Instant::now();
        let guesses = (ROWS_TOGETHER / self.writers.len().max(1)).saturating_sub(1);
        let mut room = CHUNK;
        let mut steps: Vec<Step<'_>> = Vec::with_capacity(self.writers.len());
        let mut rows = Vec::with_capacity(self.writers.len());
        for (_, writer) in &mut self.writers {
            let step = writer.step(room);
            let tokens = step.as_ref().map_or(0, |s| s.tokens.len());
            room = room.saturating_sub(tokens);
            rows.push(tokens);
            steps.extend(step);
        }
        let mut logits = self.decoder.forward(&mut steps)?.into_iter();
        // None for those that had no room in this step.
        let logits: Vec<Option<Logits>> = rows.iter().map(|&n| if n > 0 { logits.next() } else { None }).collect();
        self.decoder.on_threads(|| {
            let pairs = self.writers.par_iter_mut().zip(&logits);
            pairs.try_for_each(|((_, writer), logits)| logits.as_ref().map_or(Ok(()), |l| writer.take(l, guesses)))
        })?;
        let (took, all) = (start.elapsed(), rows.iter().sum::<usize>());
        for ((_, writer), rows) in self.writers.iter_mut().zip(rows) {
            writer.spend(took.mul_f64(rows as f64 / all.max(1) as f64));
        }
        Ok(self.writers.extract_if(.., |(_, w)| w.is_finished()).map(|(n, w)| (n, w.finish())).collect())
    }
}

#[cfg(test)]
mod tests;
