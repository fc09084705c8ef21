#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use cloister_testkit::tiny_gguf::TinyModel;
use serde_json::json;

fn extractor(model: &TinyModel) -> Extractor {
    Extractor::load(Arc::new(model.gguf()), LoadOptions { threads: Some(2), device: Device::Auto }).unwrap()
}

fn schema(field: &str) -> Schema {
    Schema::parse(&json!({"type": "object", "properties": {
        field: {"type": "array", "items": {"type": "string", "maxLength": 30}, "maxItems": 4},
        "age": {"type": "integer"}
    }}))
    .unwrap()
}

fn extract(extractor: &mut Extractor, schema: &Schema, text: &str, options: &ExtractOptions) -> Answer {
    let mut answer = extractor.extract(schema, text, options, &mut |_| ControlFlow::Continue(())).unwrap();
    (answer.stats.reading, answer.stats.writing) = Default::default();
    answer
}

const OPTIONS: ExtractOptions = ExtractOptions { max_output_tokens: 60, max_context_tokens: 2048 };

#[test]
fn noise_grounds_to_nothing_and_is_shaped_like_the_schema() {
    let mut extractor = extractor(&TinyModel::default());
    let schema = schema("drugs");
    let answer = extract(&mut extractor, &schema, "Takes aspirin 81 mg.", &OPTIONS);
    let fields = answer.fields.expose("test");
    assert!(schema.validate(fields).is_ok(), "{fields}");
    assert!(answer.stats.sampled_tokens > 0 && answer.stats.forced_tokens > 0 && answer.stats.windows == 1);
}

#[test]
fn a_blank_text_is_answered_without_the_model() {
    let mut extractor = extractor(&TinyModel::default());
    let schema = schema("drugs");
    for text in ["", " \n\t\u{a0} "] {
        let answer = extract(&mut extractor, &schema, text, &OPTIONS);
        assert_eq!(answer.status, ExtractionStatus::Ok);
        assert_eq!(answer.stats, Stats::default());
        assert_eq!(answer.fields.expose("test")["drugs"], json!([]));
        assert!(answer.findings.is_empty());
    }
}

#[test]
fn the_answer_does_not_depend_on_what_came_before() {
    let model = TinyModel::default();
    let (mut fresh, mut used) = (extractor(&model), extractor(&model));
    let text = "Metoprolol 25 mg b.i.d. for hypertension.";
    extract(&mut used, &schema("drugs"), "Another text, read before.", &OPTIONS);
    extract(&mut used, &schema("problems"), "And one of another schema.", &OPTIONS);
    let mut first = extract(&mut used, &schema("drugs"), text, &OPTIONS);
    let again = extract(&mut used, &schema("drugs"), text, &OPTIONS);
    assert!(first.stats.shared_tokens == 0 && again.stats.shared_tokens > 0);
    first.stats.shared_tokens = again.stats.shared_tokens;
    assert_eq!(first, again);
    let mut alone = extract(&mut fresh, &schema("drugs"), text, &OPTIONS);
    alone.stats.shared_tokens = again.stats.shared_tokens;
    assert_eq!(alone, again);
}

#[test]
fn a_long_text_is_read_in_windows_that_all_fit() {
    let mut extractor = extractor(&TinyModel { context: 1400, ..TinyModel::default() });
    let text = "The patient was seen again and was well. ".repeat(60);
    let mut last = None;
    let answer = extractor
        .extract(&schema("drugs"), &text, &OPTIONS, &mut |p| {
            assert!(p.window <= p.windows && p.read <= p.to_read);
            last = Some(p);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(answer.stats.windows > 1);
    // The oldest at work is told of, and the newest may be ready before it.
    assert_eq!(last.unwrap().windows, answer.stats.windows);
}

#[test]
fn instructions_without_room_for_a_text_are_an_error() {
    let mut extractor = extractor(&TinyModel { context: 300, ..TinyModel::default() });
    let outcome = extractor.extract(&schema("drugs"), "x", &OPTIONS, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(outcome, Err(ExtractError::SchemaTooLong { context: 300, .. })), "{outcome:?}");
}

#[test]
fn cancelling_is_heard() {
    let mut extractor = extractor(&TinyModel::default());
    let outcome = extractor.extract(&schema("drugs"), "text", &OPTIONS, &mut |_| ControlFlow::Break(()));
    assert_eq!(outcome.unwrap_err(), ExtractError::Cancelled);
}

#[test]
fn what_cannot_be_loaded_says_why() {
    let load = |file: Vec<u8>, device| {
        Extractor::load(Arc::new(file), LoadOptions { threads: Some(1), device }).unwrap_err().to_string()
    };
    assert_eq!(load(b"nonsense".to_vec(), Device::Cpu), "not a GGUF file");
    assert!(load(TinyModel::default().gguf(), Device::Cuda).starts_with("cuda cannot be used"));
    let other = TinyModel { architecture: "phi3", ..TinyModel::default() };
    assert!(load(other.gguf(), Device::Auto).contains("phi3"));
}

#[test]
fn the_card_says_what_runs_where() {
    let extractor = extractor(&TinyModel::default());
    let card = extractor.card();
    assert_eq!((card.architecture.as_str(), card.context_length, card.threads), ("qwen2", 2048, 2));
    assert!(card.parameters > 1_000_000 && !card.cpu_path.is_empty());
}
