//! Writing one answer: the prompt is read, then token after token the likeliest allowed one is taken.
//!
//! Greedy and without randomness. What the grammar forces is appended in the same step as the token before it.

mod choose;
mod confidence;

use crate::ExtractError;
use crate::constrain::{Guide, Origin};
use crate::decoder::{Decoder, KvCache, Rows, Step};
use crate::tokenizer::TokenId;
use choose::choose;
pub(crate) use confidence::confidences;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Tokens of a prompt read at once. More use the weights better, fewer answer a cancel sooner.
const CHUNK: usize = 256;

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
}

/// How long it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) reading: Duration,
    pub(crate) writing: Duration,
}

/// Told after every step: tokens of the prompt read, of how many, and tokens written. `Break` cancels.
pub(crate) type OnStep<'a> = &'a mut dyn FnMut(usize, usize, usize) -> ControlFlow<()>;

/// Reads `prompt` into `cache` and writes an answer of at most `most` tokens (closing a cut one may take more).
pub(crate) fn generate(
    decoder: &Decoder,
    cache: &mut KvCache,
    prompt: &[TokenId],
    mut guide: Guide<'_>,
    most: usize,
    on_step: OnStep<'_>,
) -> Result<Generation, ExtractError> {
    let start = Instant::now();
    guide.forced()?;
    let mut writer = Writer { decoder, cache, guide, base: 0, fed: 0, cuts: Vec::new() };
    let mut logits = writer.read_prompt(prompt, on_step)?;
    let reading = start.elapsed();

    while !writer.guide.is_finished() {
        if writer.guide.written().len() >= most || writer.cache.room() < LOOKAHEAD {
            writer.close(Cut::Budget);
            break;
        }
        let allowed = writer.guide.allowed()?;
        let Some((token, log_prob)) = choose(&logits, &allowed) else {
            writer.close(Cut::Unfinished);
            break;
        };
        writer.guide.write(token, log_prob, Origin::Sampled)?;
        writer.guide.forced()?;
        writer.break_loops()?;
        if writer.guide.is_finished() {
            break;
        }
        match writer.feed()? {
            Some(next) => logits = next,
            None => {
                writer.close(Cut::Budget);
                break;
            }
        }
        if on_step(prompt.len(), prompt.len(), writer.guide.written().len()).is_break() {
            return Err(ExtractError::Cancelled);
        }
    }
    let times = Times { reading, writing: start.elapsed().saturating_sub(reading) };
    Ok(writer.finish(prompt.len(), times))
}

/// Room that must be left in the cache to go on: one token and what the grammar may force after it.
const LOOKAHEAD: usize = 2;

struct Writer<'a> {
    decoder: &'a Decoder,
    cache: &'a mut KvCache,
    guide: Guide<'a>,
    /// Length of the cache before the answer's first token.
    base: usize,
    /// Tokens of the answer that the model has read.
    fed: usize,
    cuts: Vec<Cut>,
}

impl Writer<'_> {
    /// Reads the prompt and what the grammar forces at once; gives the scores of the first token to choose.
    fn read_prompt(&mut self, prompt: &[TokenId], on_step: OnStep<'_>) -> Result<Vec<f32>, ExtractError> {
        self.base = self.cache.len() + prompt.len();
        let forced: Vec<TokenId> = self.guide.written().iter().map(|w| w.token).collect();
        let all = [prompt, &forced].concat();
        let mut logits = Vec::new();
        let mut read = 0;
        for chunk in all.chunks(CHUNK) {
            if on_step(read.min(prompt.len()), prompt.len(), 0).is_break() {
                return Err(ExtractError::Cancelled);
            }
            read += chunk.len();
            let rows = if read == all.len() { Rows::Last } else { Rows::None };
            logits = self.step(chunk, rows)?;
        }
        self.fed = forced.len();
        Ok(logits)
    }

    /// Reads the tokens written since the last step. `None` when they do not fit the cache.
    fn feed(&mut self) -> Result<Option<Vec<f32>>, ExtractError> {
        let tokens: Vec<TokenId> = self.guide.written().iter().skip(self.fed).map(|w| w.token).collect();
        if tokens.len() > self.cache.room() {
            return Ok(None);
        }
        self.fed += tokens.len();
        self.step(&tokens, Rows::Last).map(Some)
    }

    fn step(&mut self, tokens: &[TokenId], logits: Rows) -> Result<Vec<f32>, ExtractError> {
        let logits = self.decoder.forward(&mut [Step { cache: self.cache, tokens, logits }])?;
        Ok(logits.first().map(|l| l.last().to_vec()).unwrap_or_default())
    }

    /// Ends what goes in circles and takes the model back to before it.
    fn break_loops(&mut self) -> Result<(), ExtractError> {
        while let Some(found) = self.guide.looping() {
            match self.guide.break_out(found) {
                Some(kept) => {
                    self.fed = self.fed.min(kept);
                    self.cache.truncate(self.base + self.fed);
                    self.cuts.push(Cut::Repetition);
                    self.guide.forced()?;
                }
                None => {
                    self.close(Cut::Repetition);
                    break;
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, why: Cut) {
        self.cuts.push(why);
        if !self.guide.close() {
            self.cuts.push(Cut::Unfinished);
        }
    }

    fn finish(self, prompt: usize, times: Times) -> Generation {
        let written = self.guide.written();
        let starts = std::iter::once(0).chain(written.iter().map(|w| w.end));
        let tokens = written
            .iter()
            .zip(starts)
            .map(|(w, start)| {
                let log_prob = (w.origin == Origin::Sampled).then_some(w.log_prob);
                Token { start, end: w.end, log_prob }
            })
            .collect();
        let by = |origin: Origin| written.iter().filter(|w| w.origin == origin).count();
        let counts = Counts { prompt, sampled: by(Origin::Sampled), forced: by(Origin::Forced) };
        Generation { text: self.guide.text(), tokens, cuts: self.cuts, counts, times }
    }
}

#[cfg(test)]
mod tests;
