#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::constrain::{Constrainer, Grammar};
use crate::decoder::ModelBytes;
use crate::gguf::Header;
use crate::tokenizer::TokenId;
use crate::tokenizer::Tokenizer;
use cloister_testkit::tiny_gguf::TinyModel;
use serde_json::{Value, json};
use std::sync::Arc;

struct Bench {
    decoder: Decoder,
    tokenizer: Arc<Tokenizer>,
    constrainer: Constrainer,
    grammar: Grammar,
}

impl Bench {
    fn new() -> Self {
        let bytes: ModelBytes = Arc::new(TinyModel::default().gguf());
        let header = Header::read((*bytes).as_ref()).unwrap();
        let decoder = Decoder::load(&header, &bytes, cloister_kernels::CpuPath::detect(), 2).unwrap();
        let tokenizer = Arc::new(Tokenizer::from_gguf(&header).unwrap());
        let constrainer = Constrainer::new(Arc::clone(&tokenizer)).unwrap();
        let text = json!({"type": "string", "maxLength": 60});
        let schema = json!({"type": "object", "properties": {
            "drugs": {"type": "array", "maxItems": 20, "items": text}, "note": text
        }, "required": ["drugs", "note"], "additionalProperties": false});
        let grammar = constrainer.grammar(&schema).unwrap();
        Self { decoder, tokenizer, constrainer, grammar }
    }

    fn generate(&self, prompt: &[TokenId], most: usize, capacity: usize) -> Generation {
        self.generate_from("", prompt, most, capacity)
    }

    fn generate_from(&self, document: &str, prompt: &[TokenId], most: usize, capacity: usize) -> Generation {
        self.together(&[(document, prompt)], most, capacity, 1).remove(0)
    }

    fn writer<'a>(&'a self, document: &'a str, prompt: &[TokenId], most: usize, capacity: usize) -> Writer<'a> {
        let cache = self.decoder.cache(capacity);
        let request = Request {
            tokenizer: &self.tokenizer,
            path: self.decoder.path(),
            cache,
            prompt: prompt.to_vec(),
            document,
            most,
        };
        Writer::new(request, self.constrainer.guide(&self.grammar)).unwrap()
    }

    /// One answer for each document and prompt, at most `side_by_side` at a time.
    fn together(
        &self,
        of: &[(&str, &[TokenId])],
        most: usize,
        capacity: usize,
        side_by_side: usize,
    ) -> Vec<Generation> {
        let mut batch = Batch::new(&self.decoder);
        let mut done: Vec<Option<Generation>> = of.iter().map(|_| None).collect();
        let mut waiting = of.iter().enumerate();
        loop {
            while batch.len() < side_by_side
                && let Some((number, (document, prompt))) = waiting.next()
            {
                batch.add(number, self.writer(document, prompt, most, capacity));
            }
            if batch.len() == 0 {
                return done.into_iter().map(Option::unwrap).collect();
            }
            for (number, generation) in batch.step().unwrap() {
                assert!(done[number].replace(generation).is_none());
            }
        }
    }
}

#[test]
fn noise_is_valid_json_of_the_schema_whatever_the_budget() {
    let bench = Bench::new();
    for most in [1, 2, 3, 5, 8, 13, 21, 60, 400] {
        let generation = bench.generate(&[1, 2, 3], most, 1024);
        let value: Value = serde_json::from_str(&generation.text).unwrap();
        assert!(value["drugs"].is_array() && value["note"].is_string(), "{most}: {value}");
        assert!(!generation.cuts.contains(&Cut::Unfinished));
        assert!(most > 3 || generation.cuts.contains(&Cut::Budget));
    }
}

#[test]
fn the_same_prompt_gives_the_same_answer_and_another_prompt_another() {
    let bench = Bench::new();
    let strip = |g: Generation| (g.text, g.tokens, g.counts);
    let first = strip(bench.generate(&[1, 2, 3], 80, 1024));
    assert_eq!(first, strip(bench.generate(&[1, 2, 3], 80, 700)));
    assert_ne!(first.0, bench.generate(&[4, 5, 6], 80, 1024).text);
}

#[test]
fn a_full_context_cuts_the_answer() {
    let bench = Bench::new();
    let generation = bench.generate(&[1, 2, 3], 500, 40);
    assert!(generation.cuts.contains(&Cut::Budget));
    assert!(serde_json::from_str::<Value>(&generation.text).is_ok());
}

#[test]
fn tokens_cover_the_text_and_forced_ones_have_no_probability() {
    let bench = Bench::new();
    let generation = bench.generate(&[7, 8, 9], 60, 1024);
    let mut at = 0;
    for token in &generation.tokens {
        assert_eq!(token.start, at);
        at = token.end;
        assert!(token.log_prob.is_none_or(|p| p <= 0.0));
    }
    assert!(at <= generation.text.len());
    assert_eq!(generation.tokens[0].log_prob, None, "the opening is forced");
    assert!(generation.counts.forced > 0 && generation.counts.sampled > 0);
}

#[test]
fn what_shares_a_batch_changes_nothing() {
    let bench = Bench::new();
    let long: Vec<TokenId> = (0..300).map(|i| 1 + i % 200).collect();
    let of: [(&str, &[TokenId]); 6] =
        [("", &[1, 2, 3]), ("a b", &[4, 5]), ("", &long), ("c", &[6]), ("", &[7, 8, 9, 10]), ("d e f", &[1, 2, 3])];
    let strip = |g: &Generation| (g.text.clone(), g.tokens.clone(), g.cuts.clone());
    let alone: Vec<_> = of.iter().map(|(d, p)| strip(&bench.generate_from(d, p, 70, 600))).collect();
    for side_by_side in [2, 3, 6] {
        let together = bench.together(&of, 70, 600, side_by_side);
        assert_eq!(together.iter().map(strip).collect::<Vec<_>>(), alone, "{side_by_side}");
    }
}

#[test]
fn a_batch_says_how_far_its_oldest_is() {
    let bench = Bench::new();
    let mut batch = Batch::new(&bench.decoder);
    assert_eq!(batch.reached(), None);
    batch.add(7, bench.writer("", &[1; 300], 60, 600));
    batch.add(8, bench.writer("", &[2; 3], 60, 600));
    assert_eq!(batch.reached(), Some(Reached { number: 7, read: 0, to_read: 300, written: 0 }));
    assert_eq!(batch.tokens(), 303 + 2 * bench.writer("", &[1], 60, 600).expected_tokens() - 2);
    batch.step().unwrap();
    assert_eq!(batch.reached(), Some(Reached { number: 7, read: 256, to_read: 300, written: 0 }));
    batch.step().unwrap();
    assert!(batch.reached().unwrap().read == 300 && batch.reached().unwrap().written > 0);
}

/// Guesses change how often the model is run, never what it writes: here the document holds the very answer, or one
/// that is wrong from the middle of each word.
#[test]
fn guesses_change_the_time_and_not_the_text() {
    let bench = Bench::new();
    let words = |text: &str| text.replace(['"', '[', ']', '{', '}', ',', ':', '\\'], " ");
    let mut saved = 0;
    // Noise that holds no two letters in a row gives nothing to guess from: prompts are tried until one does.
    for i in 0..80 {
        let prompt = [1 + i * 3 % 250, 2 + i * 7 % 250, 3 + i * 11 % 250];
        let plain = bench.generate(&prompt, 120, 1024);
        let right = words(&plain.text);
        let wrong: String = right.chars().enumerate().map(|(i, c)| if i % 5 == 4 { 'x' } else { c }).collect();
        let mut steps = vec![];
        for document in [right, wrong] {
            let guessed = bench.generate_from(&document, &prompt, 120, 1024);
            assert_eq!((&guessed.text, &guessed.tokens, &guessed.cuts), (&plain.text, &plain.tokens, &plain.cuts));
            steps.push(guessed.counts.steps);
        }
        assert!(
            steps[0] <= plain.counts.steps && steps[1] <= plain.counts.steps,
            "{steps:?} and {}",
            plain.counts.steps
        );
        saved += usize::from(steps[0] < steps[1]);
        if saved > 1 {
            break;
        }
    }
    assert!(saved > 0, "no guess was ever right");
}
