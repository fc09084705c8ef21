//! Ending a cut answer: the shortest text the grammar accepts, found byte by byte.

use super::cursor::Cursor;
use crate::tokenizer::{TokenId, Tokenizer};
use llguidance::Matcher;

/// No closing is longer: it opens nothing it need not.
const LONGEST_CLOSING: usize = 64 * 1024;

/// Bytes to try in a string and outside of one, best first: what ends things, then what says least, then the rest.
const IN_STRING: &[u8] = b"\"";
const OUTSIDE: &[u8] = b"}],n[{\"0123456789-ft:.eE";

/// Takes `matcher` and `cursor` from where they stand to the end of the grammar. `false` if they do not get there.
pub(super) fn close(matcher: &mut Matcher, cursor: &mut Cursor, tokenizer: &Tokenizer) -> bool {
    finish(matcher, cursor, tokenizer).is_some()
}

fn finish(matcher: &mut Matcher, cursor: &mut Cursor, tokenizer: &Tokenizer) -> Option<()> {
    let start = cursor.bytes().len();
    while !matcher.is_stopped() {
        if cursor.bytes().len() - start > LONGEST_CLOSING {
            return None;
        }
        let forced = matcher.compute_ff_bytes();
        if forced.is_empty() {
            let byte = next_byte(matcher, cursor.in_string(), tokenizer)?;
            feed(matcher, cursor, tokenizer, &[byte])?;
        } else {
            feed(matcher, cursor, tokenizer, &forced)?;
        }
    }
    // An end that the grammar does not call one (an error inside it) is none.
    (matcher.stop_reason().is_ok() && !matcher.is_error()).then_some(())
}

fn feed(matcher: &mut Matcher, cursor: &mut Cursor, tokenizer: &Tokenizer, bytes: &[u8]) -> Option<()> {
    matcher.consume_tokens(&single_bytes(tokenizer, bytes)).ok()?;
    cursor.push(bytes);
    Some(())
}

/// Every byte a token of its own: the grammar reads bytes, and any split of them will do.
fn single_bytes(tokenizer: &Tokenizer, bytes: &[u8]) -> Vec<TokenId> {
    bytes.iter().map(|&b| tokenizer.byte_token(b)).collect()
}

fn next_byte(matcher: &mut Matcher, in_string: bool, tokenizer: &Tokenizer) -> Option<u8> {
    let mask = matcher.compute_mask().ok()?;
    let preferred = if in_string { IN_STRING } else { OUTSIDE };
    preferred.iter().copied().chain(0x20..0x7f).chain(0x80..=0xff).find(|&b| mask.is_allowed(tokenizer.byte_token(b)))
}
