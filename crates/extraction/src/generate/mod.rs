//! Writing one answer: the prompt is read, then token after token the likeliest allowed one is taken.
//!
//! Greedy and without randomness. What the grammar forces is appended in the same step as the token before it, and
//! so is what the document suggests.

mod choose;
mod confidence;
mod draft;

use crate::ExtractError;
use crate::constrain::{Guide, Origin};
use crate::decoder::{Decoder, KvCache, Logits, Rows, Step};
use crate::tokenizer::{TokenId, Tokenizer};
use choose::choose;
pub(crate) use confidence::confidences;
use draft::Drafter;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

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

/// Told after every step: tokens of the prompt read, of how many, and tokens written. `Break` cancels.
pub(crate) type OnStep<'a> = &'a mut dyn FnMut(usize, usize, usize) -> ControlFlow<()>;

/// What to write an answer from.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) decoder: &'a Decoder,
    pub(crate) tokenizer: &'a Tokenizer,
    /// What is read before the answer, behind what the cache holds already.
    pub(crate) prompt: &'a [TokenId],
    /// The document within the prompt, to guess from.
    pub(crate) document: &'a str,
    /// Tokens of the answer at most (closing a cut one may take more).
    pub(crate) most: usize,
}

/// Writes an answer held by `guide`.
pub(crate) fn generate(
    request: Request<'_>,
    cache: &mut KvCache,
    guide: Guide<'_>,
    on_step: OnStep<'_>,
) -> Result<Generation, ExtractError> {
    let start = Instant::now();
    let mut writer = Writer::read_prompt(request, cache, guide, on_step)?;
    let reading = start.elapsed();
    let prompt = request.prompt.len();
    while !writer.guide.is_finished() {
        if writer.guide.written().len() >= request.most {
            writer.close(Cut::Budget);
            break;
        }
        let Some(row) = writer.next_row()? else {
            writer.close(Cut::Budget);
            break;
        };
        let allowed = writer.guide.allowed()?;
        let Some((token, log_prob)) = choose(writer.logits.row(row), &allowed) else {
            writer.close(Cut::Unfinished);
            break;
        };
        writer.guide.write(token, log_prob, Origin::Sampled)?;
        writer.guide.forced()?;
        writer.break_loops()?;
        if on_step(prompt, prompt, writer.guide.written().len()).is_break() {
            return Err(ExtractError::Cancelled);
        }
    }
    let times = Times { reading, writing: start.elapsed().saturating_sub(reading) };
    Ok(writer.finish(times))
}

struct Writer<'a> {
    request: Request<'a>,
    cache: &'a mut KvCache,
    guide: Guide<'a>,
    drafter: Drafter<'a>,
    /// Length of the cache before the answer's first token.
    base: usize,
    /// The model has read this many tokens of the answer, and after them the guessed ones.
    read: usize,
    guessed: Vec<TokenId>,
    /// Scores after the answer as it was read, and after each guessed token.
    logits: Logits,
    steps: usize,
    cuts: Vec<Cut>,
}

impl<'a> Writer<'a> {
    /// Reads the prompt and what the grammar forces at once.
    fn read_prompt(
        request: Request<'a>,
        cache: &'a mut KvCache,
        mut guide: Guide<'a>,
        on_step: OnStep<'_>,
    ) -> Result<Self, ExtractError> {
        let forced = guide.forced()?;
        let prompt = request.prompt;
        let all = [prompt, &forced].concat();
        let base = cache.len() + prompt.len();
        let mut logits = Vec::new();
        let mut read = 0;
        for tokens in all.chunks(CHUNK) {
            if on_step(read.min(prompt.len()), prompt.len(), 0).is_break() {
                return Err(ExtractError::Cancelled);
            }
            read += tokens.len();
            let rows = if read == all.len() { Rows::Last(1) } else { Rows::None };
            logits = request.decoder.forward(&mut [Step { cache, tokens, logits: rows }])?;
        }
        let logits = logits.pop().ok_or_else(|| ExtractError::Compute("an empty prompt".to_owned()))?;
        let drafter = Drafter::new(request.document);
        let (read, guessed, cuts) = (forced.len(), Vec::new(), Vec::new());
        Ok(Self { request, cache, guide, drafter, base, read, guessed, logits, steps: 0, cuts })
    }

    /// The row of scores for the answer as it stands, after a step of the model if none of the guesses led there.
    /// `None` when the cache has no room left.
    fn next_row(&mut self) -> Result<Option<usize>, ExtractError> {
        let new: Vec<TokenId> = self.guide.written().iter().skip(self.read).map(|w| w.token).collect();
        let right = new.iter().zip(&self.guessed).take_while(|(a, b)| a == b).count();
        if right == new.len() && right <= self.guessed.len() {
            return Ok(Some(right));
        }
        self.drafter.learn(self.guessed.len(), right);
        self.read += right;
        self.cache.truncate(self.base + self.read);
        let mut tokens = new[right..].to_vec();
        let room = self.cache.room();
        if tokens.len() > room {
            return Ok(None);
        }
        self.guessed = match self.guide.open_text() {
            Some(start) => self.drafter.guess(start, self.request.tokenizer),
            None => Vec::new(),
        };
        self.guessed.truncate(room - tokens.len());
        self.read += tokens.len();
        tokens.extend(&self.guessed);
        let logits = Rows::Last(1 + self.guessed.len());
        let mut step = [Step { cache: self.cache, tokens: &tokens, logits }];
        if let Some(logits) = self.request.decoder.forward(&mut step)?.pop() {
            self.logits = logits;
        }
        self.steps += 1;
        Ok(Some(0))
    }

    /// Ends what goes in circles and takes the model back to before it.
    fn break_loops(&mut self) -> Result<(), ExtractError> {
        while let Some(found) = self.guide.looping() {
            let Some(kept) = self.guide.break_out(found) else {
                self.close(Cut::Repetition);
                break;
            };
            if kept < self.read {
                self.read = kept;
                self.guessed.clear();
                self.cache.truncate(self.base + kept);
            }
            self.cuts.push(Cut::Repetition);
            self.guide.forced()?;
        }
        Ok(())
    }

    fn close(&mut self, why: Cut) {
        self.cuts.push(why);
        if !self.guide.close() {
            self.cuts.push(Cut::Unfinished);
        }
    }

    fn finish(self, times: Times) -> Generation {
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
        let (sampled, forced) = (by(Origin::Sampled), by(Origin::Forced));
        let counts = Counts { prompt: self.request.prompt.len(), sampled, forced, steps: self.steps };
        Generation { text: self.guide.text(), tokens, cuts: self.cuts, counts, times }
    }
}

#[cfg(test)]
mod tests;
