//! What holds of every grounding, whatever the text and the answer.

use super::{checked, first, list, schema};
use crate::ground::ground;
use crate::schema::Schema;
use cloister_domain::{ExtractionStatus, Support};
use proptest::prelude::*;
use serde_json::{Value, json};

fn rich() -> Schema {
    schema(json!({"type": "object", "required": ["title"], "properties": {
        "title": {"type": "string"},
        "when": {"type": ["string", "null"], "format": "date"},
        "age": {"type": "integer", "minimum": 0},
        "smoker": {"type": "boolean"},
        "kind": {"enum": ["normal", "mass", 3]},
        "note": {"type": "string", "description": "A summary."},
        "symptoms": {"type": "array", "description": "stated as present", "maxItems": 3, "items": {"type": "string"}},
        "meds": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string"}, "dose": {"type": ["string", "null"]}, "times": {"type": "array", "items": {"type": "number"}}}}},
        "vitals": {"type": "object", "properties": {"pulse": {"type": "number"}}}}}))
}

fn any_text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "no",
        "fever",
        "cough",
        "mg",
        "5",
        "0.5",
        "aspirin",
        ".",
        ",",
        "\n",
        "History of",
        "é",
        "e\u{301}",
        "👩‍⚕️",
        "שלום",
        "\u{0}",
        "(PWS)",
        "Prader Willi syndrome",
        "3-5",
        "12/28/2014",
        "mass",
        "normal",
        "forty",
        "and",
        "\r\n",
        "ALLERGIES:",
        "?",
        "10³",
        "½",
    ]);
    prop_oneof![prop::collection::vec(word, 0..40).prop_map(|w| w.join(" ")), "\\PC{0,60}".prop_map(String::from),]
}

fn any_answer() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        prop::sample::select(vec![
            "fever",
            "No fever",
            "cough",
            "5 mg",
            "aspirin",
            "2014-12-28",
            "PWS",
            "",
            " ",
            "é",
            "none",
            "mass",
            "forty",
            "\u{0}"
        ])
        .prop_map(str::to_owned),
        "\\PC{0,10}".prop_map(String::from),
    ];
    let scalar = prop_oneof![
        text.prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        (-5i32..60).prop_map(Value::from),
        Just(json!(0.5)),
        Just(Value::Null),
    ];
    scalar.prop_recursive(3, 30, 5, |inner| {
        let key = prop::sample::select(vec![
            "title", "when", "age", "smoker", "kind", "note", "symptoms", "meds", "vitals", "name", "dose", "times",
            "pulse", "zzz",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..9)
                .prop_map(|v| Value::Object(v.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn any_answer_about_any_text_is_grounded(text in any_text(), answer in any_answer()) {
        let s = rich();
        let g = checked(&s, &text, &answer);
        let faults = s.validate(g.fields.expose("test")).err().unwrap_or_default();
        match g.status {
            ExtractionStatus::Rejected => prop_assert!(!answer.is_object()),
            ExtractionStatus::Ok => prop_assert!(faults.is_empty()),
            _ => prop_assert!(faults.iter().all(|f| f.pointer == "/title"), "only what is required and missing is wrong: {:?}", faults),
        }
        // The fields hold exactly the findings that stand.
        let mut leaves = Vec::new();
        collect(g.fields.expose("test"), &mut leaves);
        let standing = g.findings.iter().filter(|f| f.support != Support::Unsupported).count();
        prop_assert_eq!(leaves.len(), standing, "{:?} / {:?}", leaves, g.findings);
        // Once grounded, always grounded.
        let again = ground(&s, &text, g.fields.expose("test"));
        if g.status == ExtractionStatus::Ok {
            prop_assert_eq!(again.fields.expose("test"), g.fields.expose("test"));
        }
    }

    #[test]
    fn a_piece_of_the_text_is_found_where_it_stands(words in prop::collection::vec("[a-z]{4,9}", 3..20), from in 0usize..18, count in 1usize..4) {
        let text = words.join(" ");
        let from = from.min(words.len() - 1);
        let value = words[from..(from + count).min(words.len())].join(" ");
        let (support, quotes, _) = first(&list("findings", ""), &text, json!({"findings": [value.clone()]}));
        prop_assert_eq!(support, Support::Verbatim);
        prop_assert_eq!(quotes, [value]);
    }
}

fn collect(value: &Value, out: &mut Vec<Value>) {
    match value {
        Value::Object(map) => map.values().for_each(|v| collect(v, out)),
        Value::Array(list) => list.iter().for_each(|v| collect(v, out)),
        Value::Null => {}
        Value::String(s) if s.is_empty() => {}
        other => out.push(other.clone()),
    }
}
