//! One answer being written under a grammar.

use super::closing;
use super::cursor::Cursor;
pub(crate) use super::cursor::Loop;
use crate::ExtractError;
use crate::tokenizer::{TokenId, Tokenizer};
use llguidance::Matcher;
use toktrie::SimpleVob;

/// Who chose a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The model, among those the grammar allowed.
    Sampled,
    /// The grammar: nothing else could follow.
    Forced,
    /// The rule that ends a cut text.
    Closing,
}

/// A token of the answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Written {
    pub(crate) token: TokenId,
    /// Where its bytes end in the text.
    pub(crate) end: usize,
    /// Logarithm of its probability among the allowed tokens; 0 for a forced one.
    pub(crate) log_prob: f32,
    pub(crate) origin: Origin,
}

/// The text so far and what may follow.
pub(crate) struct Guide<'a> {
    matcher: Matcher,
    tokenizer: &'a Tokenizer,
    cursor: Cursor,
    written: Vec<Written>,
    closed: bool,
}

impl<'a> Guide<'a> {
    pub(super) fn new(matcher: Matcher, tokenizer: &'a Tokenizer) -> Self {
        Self { matcher, tokenizer, cursor: Cursor::default(), written: Vec::new(), closed: false }
    }

    /// Tokens that must follow now, written already.
    pub(crate) fn forced(&mut self) -> Result<Vec<TokenId>, ExtractError> {
        if self.is_finished() {
            return Ok(Vec::new());
        }
        let tokens = self.matcher.compute_ff_tokens();
        for &token in &tokens {
            self.write(token, 0.0, Origin::Forced)?;
        }
        Ok(tokens)
    }

    /// Tokens that may follow now.
    pub(crate) fn allowed(&mut self) -> Result<SimpleVob, ExtractError> {
        self.matcher.compute_mask().map_err(|_| broken())
    }

    /// Appends a token that may follow.
    pub(crate) fn write(&mut self, token: TokenId, log_prob: f32, origin: Origin) -> Result<(), ExtractError> {
        self.matcher.consume_token(token).map_err(|_| broken())?;
        self.cursor.push(self.tokenizer.token_bytes(token));
        self.written.push(Written { token, end: self.cursor.bytes().len(), log_prob, origin });
        Ok(())
    }

    /// Nothing more can follow.
    pub(crate) fn is_finished(&self) -> bool {
        self.closed || self.matcher.is_stopped()
    }

    pub(crate) fn looping(&self) -> Option<Loop> {
        self.cursor.looping()
    }

    /// The content so far of the text value being written, if one is, and if it stands there as it reads.
    pub(crate) fn open_text(&self) -> Option<&str> {
        self.cursor.open_text().filter(|text| !text.contains('\\'))
    }

    pub(crate) fn written(&self) -> &[Written] {
        &self.written
    }

    /// Ends the array or string that loops where it begins to repeat itself, so that the answer can go on after it.
    /// Gives the number of tokens that stay as they were, or `None` if the grammar allows no end there: then only
    /// [`Guide::close`] is left to do.
    pub(crate) fn break_out(&mut self, of: Loop) -> Option<usize> {
        let (keep, end) = match of {
            Loop::Items { keep } => (keep, b']'),
            Loop::Text { keep } => (keep, b'"'),
            Loop::Scalar => return None,
        };
        let mut bytes = self.rewind(keep)?;
        bytes.push(end);
        let kept = self.written.len();
        self.write_bytes(&bytes).then_some(kept)
    }

    /// Ends the answer here and now: drops the value being written and closes what is open.
    /// `false` if the grammar cannot be satisfied from there.
    pub(crate) fn close(&mut self) -> bool {
        let safe = self.cursor.safe();
        let Some(bytes) = self.rewind(safe) else { return false };
        self.closed = self.write_bytes(&bytes) && closing::close(&mut self.matcher, &mut self.cursor, self.tokenizer);
        self.closed
    }

    /// The text so far. What the grammar accepts is text; only an answer cut inside a character is not, and loses it.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.cursor.bytes()).into_owned()
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> bool {
        let tokens = self.tokenizer.encode_bytes(bytes);
        // Asked first: a token that is refused would leave the matcher unusable.
        self.matcher.validate_tokens(&tokens).is_ok_and(|n| n == tokens.len())
            && tokens.iter().all(|&token| self.write(token, 0.0, Origin::Closing).is_ok())
    }

    /// Goes back to the last token that ends at or before `to`, and gives the bytes from there to `to`.
    fn rewind(&mut self, to: usize) -> Option<Vec<u8>> {
        let kept = self.written.partition_point(|w| w.end <= to);
        let end = kept.checked_sub(1).and_then(|last| self.written.get(last)).map_or(0, |w| w.end);
        self.matcher.rollback(self.written.len() - kept).ok()?;
        self.written.truncate(kept);
        let between = self.cursor.bytes().get(end..to)?.to_vec();
        self.cursor = Cursor::of(&self.cursor.bytes()[..end]);
        Some(between)
    }
}

/// The grammar refused what it had allowed, or gave up on its limits. The reason would hold generated text.
fn broken() -> ExtractError {
    ExtractError::Grammar { reason: "it became too complex for the text at hand".to_owned() }
}
