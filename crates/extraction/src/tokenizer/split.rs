//! Splitting a text into the pieces that are encoded apart.
//!
//! The published patterns of Qwen2 and Llama 3 differ only in how many digits stay together:
//! `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,n}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
//! with n = 1 and 3. Written out by hand it takes one pass over any input, where a backtracking engine gives up on a
//! megabyte of spaces.

use super::TokenizerError;
use unicode_normalization::char::is_combining_mark;

/// Which pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Splitter {
    /// Longest run of digits in a piece.
    digits: usize,
    /// A piece that is a token as a whole becomes that token, whatever merges would make of it.
    pub(super) whole_pieces: bool,
}

impl Splitter {
    pub(super) fn named(pre: &str) -> Result<Self, TokenizerError> {
        match pre {
            "qwen2" => Ok(Self { digits: 1, whole_pieces: false }),
            "llama-bpe" => Ok(Self { digits: 3, whole_pieces: true }),
            _ => Err(TokenizerError::PreTokenizer { pre: pre.to_owned() }),
        }
    }
}

/// The pieces of `text`, in order and without gaps.
pub(super) fn split(splitter: Splitter, text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let len = Some(piece_len(splitter, rest)).filter(|&len| len > 0)?;
        let (piece, after) = rest.split_at(len);
        rest = after;
        Some(piece)
    })
}

/// Bytes of the first piece: the pattern's alternatives in order, the first that matches. 0 only for no text.
fn piece_len(splitter: Splitter, text: &str) -> usize {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return 0 };
    let second = chars.next();

    if first == '\''
        && let Some(len) = contraction_len(text)
    {
        return len;
    }
    // [^\r\n\p{L}\p{N}]?\p{L}+
    if is_letter(first) {
        return run_len(text, is_letter);
    }
    if !is_number(first) && !is_line_end(first) && second.is_some_and(is_letter) {
        return first.len_utf8() + run_len(&text[first.len_utf8()..], is_letter);
    }
    // \p{N}{1,n}
    if is_number(first) {
        return text.chars().take(splitter.digits).take_while(|&c| is_number(c)).map(char::len_utf8).sum();
    }
    // ` ?[^\s\p{L}\p{N}]+[\r\n]*`
    let skip = usize::from(first == ' ' && second.is_some_and(is_other));
    let others = run_len(&text[skip..], is_other);
    if others > 0 {
        let end = skip + others;
        return end + run_len(&text[end..], is_line_end);
    }
    white_space_len(text)
}

/// `'s|'t|'re|'ve|'m|'ll|'d` in any case; `ſ` (long s) folds to `s`.
fn contraction_len(text: &str) -> Option<usize> {
    let mut chars = text.chars().skip(1);
    let (a, b) = (chars.next()?, chars.next());
    match (a.to_ascii_lowercase(), b.map(|c| c.to_ascii_lowercase())) {
        ('s' | 't' | 'm' | 'd' | 'ſ', _) => Some(1 + a.len_utf8()),
        ('r' | 'v', Some('e')) | ('l', Some('l')) => Some(3),
        _ => None,
    }
}

/// `\s*[\r\n]+|\s+(?!\S)|\s+` on text that starts with white space.
fn white_space_len(text: &str) -> usize {
    let all = run_len(text, char::is_whitespace);
    let white = &text[..all];
    // Up to the last line end, if there is one.
    if let Some(at) = white.rfind(is_line_end) {
        return at + 1;
    }
    // The last space is left to the word that follows, unless it is the only one or nothing follows.
    match white.char_indices().next_back() {
        Some((last, _)) if all < text.len() && last > 0 => last,
        _ => all,
    }
}

fn run_len(text: &str, is: fn(char) -> bool) -> usize {
    text.find(|c| !is(c)).unwrap_or(text.len())
}

const fn is_line_end(c: char) -> bool {
    matches!(c, '\r' | '\n')
}

/// `\p{N}`: std's own definition.
fn is_number(c: char) -> bool {
    c.is_numeric()
}

/// `\p{L}`: std's Alphabetic without what that adds to the letters: letter-like numbers, marks, circled letters.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || (!c.is_ascii()
            && c.is_alphabetic()
            && !c.is_numeric()
            && !is_combining_mark(c)
            && !matches!(c, '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}'))
}

/// `[^\s\p{L}\p{N}]`
fn is_other(c: char) -> bool {
    !c.is_whitespace() && !is_letter(c) && !is_number(c)
}
