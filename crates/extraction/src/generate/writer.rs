//! One answer on its way.

use super::draft::Drafter;
use super::{CHUNK, Counts, Cut, Generation, Times, Token};
use crate::ExtractError;
use crate::constrain::{Guide, Origin};
use crate::decoder::{KvCache, Logits, Rows, Step};
use crate::tokenizer::{TokenId, Tokenizer};
use cloister_kernels::{CpuPath, likeliest};
use std::time::Duration;

/// What to write an answer from.
pub(crate) struct Request<'a> {
    pub(crate) tokenizer: &'a Tokenizer,
    /// What to choose tokens with.
    pub(crate) path: CpuPath,
    /// What was read before the prompt, with room for it and the answer.
    pub(crate) cache: KvCache,
    /// What is read before the answer.
    pub(crate) prompt: Vec<TokenId>,
    /// The document within the prompt, to guess from.
    pub(crate) document: &'a str,
    /// Tokens of the answer at most (closing a cut one may take more).
    pub(crate) most: usize,
}

/// Tokens that an answer is expected to have, for the sake of memory.
const USUAL_ANSWER: usize = 256;

/// An answer being written: says which tokens the model must read next, and takes the scores that come of it.
pub(crate) struct Writer<'a> {
    request: Request<'a>,
    guide: Guide<'a>,
    drafter: Drafter<'a>,
    /// Length of the prompt proper; behind it stands what the grammar forces at once.
    prompt: usize,
    /// Tokens of `request.prompt` read so far.
    prompt_read: usize,
    /// Length of the cache before the answer's first token.
    base: usize,
    /// The model has read this many tokens of the answer, and after them the guessed ones.
    read: usize,
    guessed: Vec<TokenId>,
    /// What the model must read next.
    pending: Vec<TokenId>,
    steps: usize,
    cuts: Vec<Cut>,
    times: Times,
    done: bool,
}

impl<'a> Writer<'a> {
    /// An answer held by `guide`.
    pub(crate) fn new(mut request: Request<'a>, mut guide: Guide<'a>) -> Result<Self, ExtractError> {
        let forced = guide.forced()?;
        let prompt = request.prompt.len();
        let base = request.cache.len() + prompt;
        request.prompt.extend(&forced);
        if request.prompt.is_empty() {
            return Err(ExtractError::Compute("an empty prompt".to_owned()));
        }
        let drafter = Drafter::new(request.document);
        Ok(Self {
            request,
            guide,
            drafter,
            prompt,
            prompt_read: 0,
            base,
            read: forced.len(),
            guessed: Vec::new(),
            pending: Vec::new(),
            steps: 0,
            cuts: Vec::new(),
            times: Times::default(),
            done: false,
        })
    }

    /// Tokens of the prompt read, and of how many.
    pub(crate) fn prompt_read(&self) -> (usize, usize) {
        (self.prompt_read.min(self.prompt), self.prompt)
    }

    /// Tokens written.
    pub(crate) fn written(&self) -> usize {
        if self.is_reading() { 0 } else { self.guide.written().len() }
    }

    pub(crate) fn expected_tokens(&self) -> usize {
        self.request.prompt.len() + self.request.most.min(USUAL_ANSWER)
    }

    pub(crate) const fn is_finished(&self) -> bool {
        self.done
    }

    /// What the model must read next: at most `room` tokens of a prompt, nothing when there is no room.
    pub(crate) fn step(&mut self, room: usize) -> Option<Step<'_>> {
        if self.is_reading() {
            let end = self.request.prompt.len().min(self.prompt_read + room.min(CHUNK));
            let tokens = self.request.prompt.get(self.prompt_read..end).filter(|t| !t.is_empty())?;
            self.prompt_read = end;
            let logits = if end == self.request.prompt.len() { Rows::Last(1) } else { Rows::None };
            return Some(Step { cache: &mut self.request.cache, tokens, logits });
        }
        self.steps += 1;
        let logits = Rows::Last(1 + self.guessed.len());
        Some(Step { cache: &mut self.request.cache, tokens: &self.pending, logits })
    }

    /// Takes the scores of the step and chooses tokens as far as they reach. `guesses` is the most that the next step
    /// may guess.
    pub(crate) fn take(&mut self, logits: &Logits, guesses: usize) -> Result<(), ExtractError> {
        if self.is_reading() {
            return Ok(());
        }
        while !self.done {
            let new: Vec<TokenId> = self.guide.written().iter().skip(self.read).map(|w| w.token).collect();
            let right = new.iter().zip(&self.guessed).take_while(|(a, b)| a == b).count();
            if self.guide.is_finished() {
                self.done = true;
            } else if self.guide.written().len() >= self.request.most {
                self.close(Cut::Budget);
            } else if right == new.len() && right <= self.guessed.len() {
                self.choose(logits.row(right))?;
            } else {
                self.plan(&new, right, guesses);
                break;
            }
        }
        Ok(())
    }

    /// Its share of the time that a step took.
    pub(crate) fn spend(&mut self, time: Duration) {
        let of = if self.steps == 0 { &mut self.times.reading } else { &mut self.times.writing };
        *of += time;
    }

    pub(crate) fn finish(self) -> Generation {
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
        let counts = Counts { prompt: self.prompt, sampled, forced, steps: self.steps };
        Generation { text: self.guide.text(), tokens, cuts: self.cuts, counts, times: self.times }
    }

    fn is_reading(&self) -> bool {
        self.prompt_read < self.request.prompt.len()
    }

    fn choose(&mut self, scores: &[f32]) -> Result<(), ExtractError> {
        let allowed = self.guide.allowed()?;
        let Some((token, log_prob)) = likeliest(self.request.path, scores, allowed.as_slice()) else {
            self.close(Cut::Unfinished);
            return Ok(());
        };
        self.guide.write(token as TokenId, log_prob, Origin::Sampled)?;
        self.guide.forced()?;
        self.break_loops()
    }

    /// Makes ready what the model must read next: the `new` tokens behind the `right` guesses, and new guesses.
    fn plan(&mut self, new: &[TokenId], right: usize, guesses: usize) {
        self.drafter.learn(self.guessed.len(), right);
        self.read += right;
        self.request.cache.truncate(self.base + self.read);
        self.pending = new[right..].to_vec();
        let room = self.request.cache.room();
        if self.pending.len() > room {
            self.close(Cut::Budget);
            return;
        }
        self.guessed = match self.guide.open_text().filter(|_| guesses > 0) {
            Some(start) => self.drafter.guess(start, self.request.tokenizer),
            None => Vec::new(),
        };
        self.guessed.truncate(guesses.min(room - self.pending.len()));
        self.read += self.pending.len();
        self.pending.extend(&self.guessed);
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
                self.request.cache.truncate(self.base + kept);
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
        self.done = true;
    }
}
