//! How sure the model was of each leaf of its answer.

use super::Token;
use std::collections::HashMap;

/// The geometric mean of the probabilities of a leaf's tokens (0 to 1), by the leaf's JSON Pointer. Tokens that the
/// grammar gave do not count, and a leaf made of them alone has no confidence. `text` is JSON on one line.
pub(crate) fn confidences(text: &str, tokens: &[Token]) -> HashMap<String, f32> {
    let mut leaves = Leaves { bytes: text.as_bytes(), at: 0, found: Vec::new() };
    leaves.value(&mut String::new());
    let confident = |(pointer, start, end): (String, usize, usize)| {
        let first = tokens.partition_point(|t| t.end <= start);
        let own = tokens.iter().skip(first).take_while(|t| t.start < end).filter_map(|t| t.log_prob);
        let (count, sum) = own.fold((0u16, 0.0), |(n, sum), p| (n.saturating_add(1), sum + p));
        (count > 0).then(|| (pointer, (sum / f32::from(count)).exp()))
    };
    leaves.found.into_iter().filter_map(confident).collect()
}

/// Finds the leaves of valid JSON on one line with their bytes; on anything else it stops where it no longer follows.
struct Leaves<'a> {
    bytes: &'a [u8],
    at: usize,
    found: Vec<(String, usize, usize)>,
}

impl Leaves<'_> {
    fn value(&mut self, pointer: &mut String) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
        let start = self.at;
        match self.peek() {
            Some(b'{') => self.container(pointer, b'}'),
            Some(b'[') => self.container(pointer, b']'),
            Some(b'"') => {
                self.string();
                self.found.push((pointer.clone(), start, self.at));
            }
            _ => {
                while self.peek().is_some_and(|b| !matches!(b, b',' | b']' | b'}')) {
                    self.at += 1;
                }
                self.found.push((pointer.clone(), start, self.at));
            }
        }
    }

    fn container(&mut self, pointer: &mut String, end: u8) {
        self.at += 1;
        let parent = pointer.len();
        let mut index = 0;
        while self.peek().is_some_and(|b| b != end) {
            let before = self.at;
            pointer.push('/');
            if end == b'}' {
                while self.peek() == Some(b' ') {
                    self.at += 1;
                }
                let key = self.string();
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                self.at += 1;
            } else {
                pointer.push_str(&index.to_string());
            }
            self.value(pointer);
            pointer.truncate(parent);
            index += 1;
            if self.peek() == Some(b',') {
                self.at += 1;
            }
            if self.at == before {
                return;
            }
        }
        self.at += 1;
    }

    /// A string with its quotes; gives its content.
    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        while let Some(b) = self.peek() {
            self.at += if b == b'\\' { 2 } else { 1 };
            if b == b'"' {
                break;
            }
        }
        let quoted = self.bytes.get(start..self.at).unwrap_or_default();
        serde_json::from_slice(quoted).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// One token a byte, of probability 0.5 unless the grammar gave it.
    fn tokens(text: &str, given: &[usize]) -> Vec<Token> {
        let token = |start| Token { start, end: start + 1, log_prob: (!given.contains(&start)).then(|| 0.5f32.ln()) };
        (0..text.len()).map(token).collect()
    }

    #[test]
    fn every_leaf_is_found_by_its_pointer() {
        let text = r#"{"a":[{"n":"x","d/e":null},{"n":"y\"]","d/e":2.5}],"b":[],"c":true}"#;
        let found = confidences(text, &tokens(text, &[]));
        let mut pointers: Vec<&str> = found.keys().map(String::as_str).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/a/0/d~1e", "/a/0/n", "/a/1/d~1e", "/a/1/n", "/c"]);
        assert!(found.values().all(|p| (p - 0.5).abs() < 1e-6));
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert!(found.keys().all(|p| value.pointer(p).is_some()));
        let spaced = text.replace(',', ", ").replace(':', ": ");
        assert_eq!(confidences(&spaced, &tokens(&spaced, &[])), found);
    }

    #[test]
    fn given_tokens_do_not_count() {
        let text = r#"{"a":12}"#;
        let mut tokens = tokens(text, &[5]);
        tokens[6].log_prob = Some(0.25f32.ln());
        assert_eq!(confidences(text, &tokens), HashMap::from([("/a".to_owned(), 0.25)]));
        tokens[6].log_prob = None;
        assert!(confidences(text, &tokens).is_empty());
    }

    proptest! {
        #[test]
        fn text_that_is_no_json_ends(text in "[\\[\\]{}\",:a\\\\1]{0,40}") {
            let _ = confidences(&text, &[]);
        }
    }
}
