#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::constrain::{Constrainer, Grammar};
use crate::decoder::ModelBytes;
use crate::gguf::Header;
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
        let mut cache = self.decoder.cache(capacity);
        let guide = self.constrainer.guide(&self.grammar);
        let request = Request { decoder: &self.decoder, tokenizer: &self.tokenizer, prompt, document, most };
        generate(request, &mut cache, guide, &mut |_, _, _| ControlFlow::Continue(())).unwrap()
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
fn cancelling_stops_while_reading_and_while_writing() {
    let bench = Bench::new();
    for stop_after in [0, 5] {
        let mut steps = 0;
        let mut cache = bench.decoder.cache(1024);
        let guide = bench.constrainer.guide(&bench.grammar);
        let (decoder, tokenizer) = (&bench.decoder, &*bench.tokenizer);
        let request = Request { decoder, tokenizer, prompt: &[1; 300], document: "", most: 100 };
        let outcome = generate(request, &mut cache, guide, &mut |_, _, _| {
            steps += 1;
            if steps > stop_after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(outcome, Err(ExtractError::Cancelled));
        assert_eq!(steps, stop_after + 1);
    }
}

/// Guesses change how often the model is run, never what it writes: here the document holds the very answer, or one
/// that is wrong from the middle of each word.
#[test]
fn guesses_change_the_time_and_not_the_text() {
    let bench = Bench::new();
    let plain = bench.generate(&[1, 2, 3], 120, 1024);
    let words = |text: &str| text.replace(['"', '[', ']', '{', '}', ',', ':', '\\'], " ");
    let right = words(&plain.text);
    let wrong: String = right.chars().enumerate().map(|(i, c)| if i % 5 == 4 { 'x' } else { c }).collect();
    let mut steps = vec![];
    for document in [right, wrong] {
        let guessed = bench.generate_from(&document, &[1, 2, 3], 120, 1024);
        assert_eq!((&guessed.text, &guessed.tokens, &guessed.cuts), (&plain.text, &plain.tokens, &plain.cuts));
        steps.push(guessed.counts.steps);
    }
    assert!(steps[0] < steps[1] && steps[1] <= plain.counts.steps, "{steps:?} and {}", plain.counts.steps);
}
