#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::gguf::Header;
use cloister_testkit::tiny_gguf::TinyModel;
use proptest::prelude::*;
use serde_json::json;

fn constrainer() -> Constrainer {
    let file = TinyModel::default().gguf();
    let tokenizer = Tokenizer::from_gguf(&Header::read(&file).unwrap()).unwrap();
    Constrainer::new(Arc::new(tokenizer)).unwrap()
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "drugs": {"type": "array", "maxItems": 9, "items": {"type": "object", "properties": {
                "name": {"type": "string", "maxLength": 300}, "dose": {"anyOf": [{"type": "string"}, {"type": "null"}]}
            }, "required": ["name", "dose"], "additionalProperties": false}},
            "words": {"type": "array", "items": {"type": "string"}},
            "age": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "sex": {"enum": ["female", "male", null]}
        },
        "required": ["drugs", "words", "age", "sex"],
        "additionalProperties": false
    })
}

/// JSON without white space, spaced as answers are. No text of these tests has a comma or colon of its own.
fn spaced(json: &str) -> String {
    json.replace(',', ITEM_SEPARATOR).replace(':', KEY_SEPARATOR)
}

/// Writes `text`, spaced, as a model would that wants to say exactly this.
fn write(guide: &mut Guide<'_>, constrainer: &Constrainer, text: &str) {
    for &byte in spaced(text).as_bytes() {
        guide.write(constrainer.tokenizer.byte_token(byte), -0.5, Origin::Sampled).unwrap();
    }
}

#[test]
fn keys_and_punctuation_are_forced() {
    let constrainer = constrainer();
    let grammar = constrainer.grammar(&schema()).unwrap();
    let mut guide = constrainer.guide(&grammar);
    let forced = guide.forced().unwrap();
    assert!(!forced.is_empty());
    assert!(spaced("{\"drugs\":[").starts_with(&guide.text()) && guide.text().len() > 6);
    let whole = spaced("{\"drugs\":[],\"words\":[],\"age\":null,\"sex\":null}");
    for &byte in &whole.as_bytes()[guide.text().len()..] {
        guide.write(constrainer.tokenizer.byte_token(byte), -0.5, Origin::Sampled).unwrap();
    }
    assert!(guide.is_finished());
    assert!(guide.written().iter().take(forced.len()).all(|w| w.origin == Origin::Forced && w.log_prob == 0.0));
}

#[test]
fn white_space_extra_keys_and_control_tokens_cannot_follow() {
    let constrainer = constrainer();
    let grammar = constrainer.grammar(&schema()).unwrap();
    let mut guide = constrainer.guide(&grammar);
    write(&mut guide, &constrainer, "{\"drugs\":[");
    let allowed = guide.allowed().unwrap();
    let tokenizer = &constrainer.tokenizer;
    assert!(allowed.is_allowed(tokenizer.byte_token(b'{')) && allowed.is_allowed(tokenizer.byte_token(b']')));
    assert!(!allowed.is_allowed(tokenizer.byte_token(b' ')) && !allowed.is_allowed(tokenizer.byte_token(b'"')));
    assert!((0..tokenizer.vocabulary_len() as u32).all(|t| !tokenizer.is_control(t) || !allowed.is_allowed(t)));
}

#[test]
fn a_cut_answer_is_closed_without_adding_anything() {
    let constrainer = constrainer();
    let grammar = constrainer.grammar(&schema()).unwrap();
    let empty = ",\"words\":[],\"age\":null,\"sex\":null}";
    for (cut, closed) in [
        ("", format!("{{\"drugs\":[]{empty}")),
        ("{\"dru", format!("{{\"drugs\":[]{empty}")),
        (
            "{\"drugs\":[{\"name\":\"aspirin\",\"dose\":\"81",
            format!("{{\"drugs\":[{{\"name\":\"aspirin\",\"dose\":null}}]{empty}"),
        ),
        (
            "{\"drugs\":[{\"name\":\"aspirin\",\"dose\":null},",
            format!("{{\"drugs\":[{{\"name\":\"aspirin\",\"dose\":null}}]{empty}"),
        ),
        ("{\"drugs\":[],\"words\":[\"a\",\"unfin", "{\"drugs\":[],\"words\":[\"a\"],\"age\":null,\"sex\":null}".into()),
        ("{\"drugs\":[],\"words\":[],\"age\":4", "{\"drugs\":[],\"words\":[],\"age\":null,\"sex\":null}".into()),
        (
            "{\"drugs\":[],\"words\":[],\"age\":41,\"sex\":\"fem",
            "{\"drugs\":[],\"words\":[],\"age\":41,\"sex\":null}".into(),
        ),
    ] {
        let mut guide = constrainer.guide(&grammar);
        write(&mut guide, &constrainer, cut);
        assert!(guide.close(), "{cut}");
        assert!(guide.is_finished());
        assert_eq!(guide.text(), spaced(&closed), "{cut}");
    }
}

#[test]
fn a_required_value_that_cannot_be_empty_is_still_closed_validly() {
    let constrainer = constrainer();
    let schema = json!({"type": "object", "properties": {
        "when": {"type": "string", "format": "date"}, "n": {"type": "integer", "minimum": 18},
        "kind": {"enum": ["low", "high"]}, "two": {"type": "array", "items": {"type": "boolean"}, "minItems": 2}
    }, "required": ["when", "n", "kind", "two"], "additionalProperties": false});
    let grammar = constrainer.grammar(&schema).unwrap();
    let mut guide = constrainer.guide(&grammar);
    assert!(guide.close());
    let value: Value = serde_json::from_str(&guide.text()).unwrap();
    assert!(value["n"].as_i64().unwrap() >= 18 && value["two"].as_array().unwrap().len() == 2, "{value}");
}

#[test]
fn a_looping_array_is_ended_and_the_answer_goes_on() {
    let constrainer = constrainer();
    let grammar = constrainer.grammar(&schema()).unwrap();
    let mut guide = constrainer.guide(&grammar);
    write(&mut guide, &constrainer, "{\"drugs\":[],\"words\":[\"a\",\"b\",\"b\",\"b\"");
    let found = guide.looping().unwrap();
    let before = guide.written().len();
    let kept = guide.break_out(found).unwrap();
    assert_eq!(guide.text(), spaced("{\"drugs\":[],\"words\":[\"a\",\"b\"]"));
    assert!(kept < guide.written().len() && guide.written().len() < before);
    write(&mut guide, &constrainer, ",\"age\":7,\"sex\":null}");
    assert!(guide.is_finished());
}

#[test]
fn a_looping_text_is_ended_after_its_first_round() {
    let constrainer = constrainer();
    let grammar = constrainer.grammar(&schema()).unwrap();
    let mut guide = constrainer.guide(&grammar);
    write(&mut guide, &constrainer, &format!("{{\"drugs\":[],\"words\":[\"{}", "ha ".repeat(20)));
    let found = guide.looping().unwrap();
    guide.break_out(found).unwrap();
    assert_eq!(guide.text(), spaced("{\"drugs\":[],\"words\":[\"ha \""));
    write(&mut guide, &constrainer, "],\"age\":null,\"sex\":null}");
    assert!(guide.is_finished());
}

#[test]
fn a_schema_that_cannot_be_met_is_an_error() {
    let constrainer = constrainer();
    let schema = json!({"type": "object", "properties": {"a": false}, "required": ["a"]});
    assert!(matches!(constrainer.grammar(&schema), Err(ExtractError::Grammar { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Whatever is written under the grammar and wherever it is cut, the closed answer is JSON of the schema's shape.
    #[test]
    fn any_cut_closes(choices in proptest::collection::vec(any::<u16>(), 0..80)) {
        thread_local!(static READY: (Constrainer, Grammar) = {
            let c = constrainer();
            let g = c.grammar(&schema()).unwrap();
            (c, g)
        });
        READY.with(|(constrainer, grammar)| {
            let mut guide = constrainer.guide(grammar);
            for choice in choices {
                if guide.is_finished() {
                    break;
                }
                if guide.forced().unwrap().is_empty() {
                    let allowed = guide.allowed().unwrap().to_list();
                    guide.write(allowed[usize::from(choice) % allowed.len()], -1.0, Origin::Sampled).unwrap();
                }
            }
            prop_assert!(guide.is_finished() || guide.close());
            let value: Value = serde_json::from_str(&guide.text()).unwrap();
            prop_assert!(value["drugs"].is_array() && value["words"].is_array());
            Ok(())
        })?;
    }
}
