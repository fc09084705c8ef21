//! The source text, read once: scalar offsets, tokens, sentences, windows.
//!
//! Every offset in this crate counts Unicode scalars (`char`s) of the text as it was imported, end exclusive.
//! Nothing here changes the text: folding for comparison happens beside it, so a quote is always the original slice.

mod sentence;
mod token;
mod window;

pub use token::{Token, TokenClass};
pub use window::windows;

/// A stretch of the text: Unicode scalars, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First scalar.
    pub start: usize,
    /// One past the last scalar.
    pub end: usize,
}

impl Span {
    /// `start..end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// How many scalars it covers.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether `other` lies inside it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share a scalar.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// Scalars between the two; 0 when they touch or overlap.
    #[must_use]
    pub const fn distance(self, other: Self) -> usize {
        // One of the two differences is 0, and both are when they overlap.
        other.start.saturating_sub(self.end) + self.start.saturating_sub(other.end)
    }
}

/// A text with what is asked of it again and again: the way from scalars to bytes, its tokens and its sentences.
#[derive(Clone)]
pub struct IndexedText<'t> {
    text: &'t str,
    chars: Vec<char>,
    /// Byte offset of each scalar, and of the end.
    bytes: Vec<usize>,
    tokens: Vec<Token>,
    sentences: Vec<Span>,
}

impl std::fmt::Debug for IndexedText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexedText")
            .field("scalars", &self.chars.len())
            .field("tokens", &self.tokens.len())
            .field("sentences", &self.sentences.len())
            .finish()
    }
}

impl<'t> IndexedText<'t> {
    /// Reads `text`; linear in its length, and defined for every string, the empty one too.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let mut bytes: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
        bytes.push(text.len());
        let chars: Vec<char> = text.chars().collect();
        let tokens = token::tokens(&chars);
        let sentences = sentence::sentences(&chars);
        Self { text, chars, bytes, tokens, sentences }
    }

    /// How many scalars the text has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// Whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// The whole text.
    #[must_use]
    pub const fn text(&self) -> &'t str {
        self.text
    }

    /// The original characters of `span`; the empty string when the span leaves the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &'t str {
        match (self.bytes.get(span.start), self.bytes.get(span.end)) {
            (Some(&from), Some(&to)) => self.text.get(from..to).unwrap_or(""),
            _ => "",
        }
    }

    /// The scalar at `at`.
    #[must_use]
    pub fn char_at(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    /// The tokens in order.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The range of [`Self::tokens`] that lies wholly inside `span`.
    #[must_use]
    pub fn tokens_in(&self, span: Span) -> std::ops::Range<usize> {
        let from = self.tokens.partition_point(|t| t.span.start < span.start);
        let to = self.tokens.partition_point(|t| t.span.end <= span.end);
        from..to.max(from)
    }

    /// The sentences in order. They do not overlap, and every token lies in one.
    #[must_use]
    pub fn sentences(&self) -> &[Span] {
        &self.sentences
    }

    /// The index of the sentence that holds scalar `at`, or of the last one before it.
    #[must_use]
    pub fn sentence_at(&self, at: usize) -> usize {
        self.sentences.partition_point(|s| s.start <= at).saturating_sub(1)
    }

    /// The sentence of [`Self::sentence_at`]; the empty span in an empty text.
    #[must_use]
    pub fn sentence_span(&self, at: usize) -> Span {
        self.sentences.get(self.sentence_at(at)).copied().unwrap_or(Span::new(0, 0))
    }
}

/// Whether `c` ends a line: every end that Unicode names (UAX #14: LF, CR, NEL, VT, FF, LS, PS).
#[must_use]
pub const fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_slice_is_the_original_whatever_the_script() {
        let text = "a\u{0}é 👩‍⚕️ שלום\r\n5 mg";
        let read = IndexedText::new(text);
        let whole: String = (0..read.len()).map(|i| read.slice(Span::new(i, i + 1))).collect();
        assert_eq!(whole, text);
        assert_eq!(read.slice(Span::new(3, 900)), "", "a span outside the text is empty, not a panic");
    }

    #[test]
    fn an_empty_text_has_nothing() {
        let read = IndexedText::new("");
        assert!(read.is_empty() && read.tokens().is_empty() && read.sentences().is_empty());
        assert_eq!(read.sentence_span(0), Span::new(0, 0));
    }

    proptest! {
        #[test]
        fn tokens_and_sentences_stay_in_order_and_cover_each_other(text in "\\PC{0,80}|[a-zA-Z0-9 .,:;\n\r\t()/-]{0,120}|(.|\n){0,60}") {
            let read = IndexedText::new(&text);
            let mut end = 0;
            for t in read.tokens() {
                prop_assert!(end <= t.span.start && t.span.start < t.span.end && t.span.end <= read.len());
                end = t.span.end;
                let sentence = read.sentence_span(t.span.start);
                prop_assert!(sentence.contains(t.span), "a token is never cut by a sentence end");
            }
            let mut end = 0;
            for s in read.sentences() {
                prop_assert!(end <= s.start && s.start < s.end && s.end <= read.len());
                end = s.end;
            }
        }
    }
}
