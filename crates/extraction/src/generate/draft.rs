//! Guessing what comes next: most values are copied from the document, so what follows in the document is a good
//! guess of what follows in the answer.
//!
//! Several guessed tokens are checked in one step of the model, which costs little more than one (weights are read
//! once). A guess is kept only where the model itself chooses the same token, so it changes the time, never the text.

use crate::tokenizer::{TokenId, Tokenizer};

/// Fewest bytes of a value that make a place in the document worth a guess.
const LEAST_MATCH: usize = 2;
/// Tokens guessed at first and at most: with the token before them, whole groups of rows of the kernels.
const FIRST_GUESS: usize = 3;
const LONGEST_GUESS: usize = 7;
/// Bytes of the document that surely hold the longest guess.
const SPAN: usize = 96;

/// Where in the document the answer copies from.
pub(super) struct Drafter<'a> {
    document: &'a str,
    /// Behind the last place that a guess was taken from: lists follow the document's order.
    after: usize,
    length: usize,
}

impl<'a> Drafter<'a> {
    pub(super) const fn new(document: &'a str) -> Self {
        Self { document, after: 0, length: FIRST_GUESS }
    }

    /// Tokens that may follow in a value of which `start` is written.
    pub(super) fn guess(&mut self, start: &str, tokenizer: &Tokenizer) -> Vec<TokenId> {
        let Some(at) = self.find(start) else { return Vec::new() };
        self.after = at;
        let rest = &self.document[at..];
        let mut end = rest.len().min(SPAN);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        // A line end would have to be escaped in the answer.
        let line = rest[..end].find(['\n', '\r', '"', '\\', '\t']).unwrap_or(end);
        let mut tokens = tokenizer.encode(&rest[..line]);
        tokens.truncate(self.length);
        tokens
    }

    /// Learns how many of the guessed tokens were right.
    pub(super) fn learn(&mut self, guessed: usize, right: usize) {
        if guessed > 0 {
            self.length = if right == guessed { LONGEST_GUESS } else { FIRST_GUESS };
        }
    }

    /// The end of the next place where `start` stands from the beginning of a word.
    fn find(&self, start: &str) -> Option<usize> {
        if start.len() < LEAST_MATCH {
            return None;
        }
        let word_before = |at: usize| self.document[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let first_from = |from: usize| {
            let places = self.document.get(from..)?.match_indices(start).map(|(at, _)| from + at);
            places.into_iter().find(|&at| !word_before(at))
        };
        // The place last copied from ends at `after`, so the same value goes on from there.
        let from = self.after.saturating_sub(start.len());
        let at =
            first_from((from..=self.after).find(|&i| self.document.is_char_boundary(i))?).or_else(|| first_from(0))?;
        Some(at + start.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::gguf::Header;
    use cloister_testkit::tiny_gguf::TinyModel;

    fn tokenizer() -> Tokenizer {
        let file = TinyModel::default().gguf();
        Tokenizer::from_gguf(&Header::read(&file).unwrap()).unwrap()
    }

    #[test]
    fn what_follows_in_the_document_is_guessed() {
        let tokenizer = tokenizer();
        let mut drafter = Drafter::new("The pain and the painful swelling.\nNo pain now.");
        let mut guess = |start: &str| String::from_utf8(tokenizer.decode(&drafter.guess(start, &tokenizer))).unwrap();
        assert_eq!(guess("painf"), "ul ");
        assert_eq!(guess("painful"), " sw");
        assert_eq!(guess("swelling."), "", "the line ends");
        assert_eq!(guess("pain"), " no", "the next one in the document's order");
        assert_eq!(guess("The"), " pa", "and from the start again");
        assert_eq!(guess("ain"), "", "only from the beginning of a word");
        assert_eq!(guess("p"), "", "too little to go by");
    }

    #[test]
    fn right_guesses_make_longer_ones() {
        let tokenizer = tokenizer();
        let mut drafter = Drafter::new("abcdefghijklmnop");
        assert_eq!(drafter.guess("ab", &tokenizer).len(), FIRST_GUESS);
        drafter.learn(3, 3);
        assert_eq!(drafter.guess("abc", &tokenizer).len(), LONGEST_GUESS);
        drafter.learn(7, 2);
        assert_eq!(drafter.guess("abcd", &tokenizer).len(), FIRST_GUESS);
    }

    #[test]
    fn any_text_can_be_guessed_from() {
        let tokenizer = tokenizer();
        let mut drafter = Drafter::new("é漢字👩‍⚕️ é漢字👩‍⚕️ x");
        for start in ["é漢", "é漢字👩", "字👩‍", "x", ""] {
            let _ = drafter.guess(start, &tokenizer);
        }
    }
}
