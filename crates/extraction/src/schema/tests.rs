#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn schema(properties: Value) -> Schema {
    Schema::parse(&json!({"type": "object", "properties": properties})).unwrap()
}

fn faults(definition: Value) -> Vec<(String, String)> {
    Schema::parse(&definition).unwrap_err().into_iter().map(|f| (f.pointer, f.message)).collect()
}

#[test]
fn every_fault_is_named_with_its_pointer() {
    let object = |properties: Value| json!({"type": "object", "properties": properties});
    for (definition, pointer, says) in [
        (json!([]), "", "JSON object"),
        (json!({"type": "string"}), "", "must describe an object"),
        (json!({"type": ["object", "null"], "properties": {"a": {"type": "string"}}}), "", "must describe an object"),
        (json!({"type": "object"}), "", "nothing to extract"),
        (object(json!({"a": {}})), "/properties/a", "`type` is missing"),
        (object(json!({"a": true})), "/properties/a", "JSON object"),
        (object(json!({"a": {"type": "text"}})), "/properties/a/type", "no type"),
        (object(json!({"a": {"type": ["string", "number"]}})), "/properties/a/type", "exactly one type"),
        (object(json!({"a": {"type": ["null"]}})), "/properties/a/type", "exactly one type"),
        (object(json!({"a": {"type": 3}})), "/properties/a/type", "is a name"),
        (object(json!({"a": {"type": "array"}})), "/properties/a", "`items` is missing"),
        (object(json!({"a": {"enum": []}})), "/properties/a/enum", "empty"),
        (object(json!({"a": {"enum": "x"}})), "/properties/a/enum", "list"),
        (object(json!({"a": {"enum": [{}]}})), "/properties/a/enum/0", "chosen from"),
        (object(json!({"a": {"type": "string", "enum": ["x", 3]}})), "/properties/a/enum/1", "declared `type`"),
        (object(json!({"a": {"enum": ["x", "x"]}})), "/properties/a/enum/1", "twice"),
        (object(json!({"a": {"enum": [null]}})), "/properties/a/enum", "null alone"),
        (object(json!({"a": {"const": "x", "enum": ["y"]}})), "/properties/a/const", "not among"),
        (object(json!({"a": {"type": "number", "minimum": 5, "maximum": 2}})), "/properties/a/maximum", "no value"),
        (
            object(json!({"a": {"type": "number", "exclusiveMinimum": 5, "maximum": 5}})),
            "/properties/a/maximum",
            "no value",
        ),
        (object(json!({"a": {"type": "number", "minimum": "5"}})), "/properties/a/minimum", "is a number"),
        (
            object(json!({"a": {"type": "string", "minLength": 5, "maxLength": 2}})),
            "/properties/a/maxLength",
            "no value",
        ),
        (object(json!({"a": {"type": "string", "minLength": -1}})), "/properties/a/minLength", "whole number"),
        (
            object(json!({"a": {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 1}})),
            "/properties/a/maxItems",
            "no value",
        ),
        (object(json!({"a": {"type": "string", "minimum": 1}})), "/properties/a/minimum", "says nothing about"),
        (object(json!({"a": {"type": "string", "pattern": "^x"}})), "/properties/a/pattern", "not supported"),
        (object(json!({"a": {"$ref": "#/$defs/x"}})), "/properties/a/$ref", "references"),
        (object(json!({"a": {"oneOf": [{"type": "string"}]}})), "/properties/a/oneOf", "combinations"),
        (object(json!({"a": {"type": "string", "format": "email"}})), "/properties/a/format", "date-time"),
        (object(json!({"a": {"type": "string", "descripton": "x"}})), "/properties/a/descripton", "x-"),
        (object(json!({"a": {"type": "string", "description": 1}})), "/properties/a/description", "text"),
        (object(json!({"a": {"type": "string", "x-assertion": "maybe"}})), "/properties/a/x-assertion", "one of"),
        (object(json!({"a/b~": {"type": "string", "pattern": "x"}})), "/properties/a~1b~0/pattern", "not supported"),
        (object(json!({" ": {"type": "string"}})), "/properties/ ", "visible"),
        (
            object(json!({"a": {"anyOf": [{"type": "string"}, {"type": "number"}]}})),
            "/properties/a/anyOf",
            "one schema",
        ),
        (
            object(json!({"a": {"anyOf": [{"type": "string"}, {"type": "null"}], "maxLength": 3}})),
            "/properties/a/maxLength",
            "move this",
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"]}),
            "/required/0",
            "not declared",
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a", "a"]}),
            "/required/1",
            "twice",
        ),
        (json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": "a"}), "/required", "list"),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": true}),
            "/additionalProperties",
            "only false",
        ),
    ] {
        let found = faults(definition.clone());
        assert!(
            found.iter().any(|(p, m)| p == pointer && m.contains(says)),
            "{definition}: wanted {says:?} at {pointer:?}, got {found:?}"
        );
    }
}

#[test]
fn all_faults_are_reported_together() {
    let found = faults(json!({
        "type": "object", "required": ["zz"],
        "properties": {"a": {"enum": []}, "b": {"type": "string", "pattern": "x"}}
    }));
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn limits_hold() {
    let mut deep = json!({"type": "string"});
    for _ in 0..keywords::DEEPEST {
        deep = json!({"type": "object", "properties": {"a": deep}});
    }
    assert!(faults(deep).iter().any(|(_, m)| m.contains("deeper")));
    let wide: serde_json::Map<String, Value> =
        (0..=keywords::MOST_PROPERTIES).map(|i| (format!("p{i}"), json!({"type": "string"}))).collect();
    assert!(faults(json!({"type": "object", "properties": wide})).iter().any(|(_, m)| m.contains("properties in all")));
    let many: Vec<String> = (0..=keywords::MOST_CHOICES).map(|i| i.to_string()).collect();
    assert!(faults(json!({"type": "object", "properties": {"a": {"enum": many}}})).len() == 1);
}

#[test]
fn the_subset_is_accepted() {
    let definition = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:x", "title": "t", "description": "d",
        "x-owner": {"any": "thing"}, "type": "object", "additionalProperties": false, "required": ["when", "list"],
        "properties": {
            "when": {"type": "string", "format": "date"},
            "at": {"type": ["string", "null"], "format": "date-time"},
            "n": {"anyOf": [{"type": "integer", "minimum": 0, "exclusiveMaximum": 300}, {"type": "null"}], "description": "n"},
            "b": {"type": "boolean", "x-assertion": "any"},
            "e": {"enum": ["a", 1, true, null]},
            "c": {"const": "fixed"},
            "list": {"type": "array", "uniqueItems": true, "minItems": 0, "maxItems": 4,
                     "items": {"properties": {"x": {"type": "string", "minLength": 1, "maxLength": 9}}}}
        }
    });
    let schema = Schema::parse(&definition).unwrap();
    assert_eq!(schema.definition(), &definition);
    let patterns: Vec<_> = schema.leaves().into_iter().map(|l| l.pattern).collect();
    assert_eq!(patterns, ["/when", "/at", "/n", "/b", "/e", "/c", "/list/*/x"]);
}

#[test]
fn answers_are_checked() {
    let s = Schema::parse(&json!({
        "type": "object", "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 2, "maxLength": 4},
            "n": {"type": "integer", "minimum": 1, "exclusiveMaximum": 10},
            "when": {"type": ["string", "null"], "format": "date"},
            "e": {"enum": ["a", 1]},
            "list": {"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": true, "items": {"type": "boolean"}}
        }
    }))
    .unwrap();
    for (answer, wrong_at) in [
        (json!({"name": "äö👍", "n": 2.0, "when": null, "e": 1.0, "list": [true]}), vec![]),
        (json!({}), vec!["/name"]),
        (json!([]), vec![""]),
        (json!({"name": null}), vec!["/name"]),
        (json!({"name": "x"}), vec!["/name"]),
        (json!({"name": "abcde"}), vec!["/name"]),
        (json!({"name": "ab", "n": 10}), vec!["/n"]),
        (json!({"name": "ab", "n": 0}), vec!["/n"]),
        (json!({"name": "ab", "n": 1.5}), vec!["/n"]),
        (json!({"name": "ab", "n": "1"}), vec!["/n"]),
        (json!({"name": "ab", "when": "2024-02-30"}), vec!["/when"]),
        (json!({"name": "ab", "e": "b"}), vec!["/e"]),
        (json!({"name": "ab", "list": []}), vec!["/list"]),
        (json!({"name": "ab", "list": [true, true]}), vec!["/list"]),
        (json!({"name": "ab", "list": [true, 3]}), vec!["/list/1"]),
        (json!({"name": "ab", "zz": 1}), vec![""]),
    ] {
        let at: Vec<String> = s.validate(&answer).err().unwrap_or_default().into_iter().map(|f| f.pointer).collect();
        assert_eq!(at, wrong_at, "{answer}");
    }
}

#[test]
fn a_fault_holds_no_clinical_text() {
    let s = schema(json!({"a": {"enum": ["x"]}}));
    let fault = s.validate(&json!({"a": "metoprolol"})).unwrap_err().remove(0);
    assert!(!format!("{fault} {fault:?}").contains("metoprolol"));
}

#[test]
fn decoding_asks_for_every_property_and_always_ends() {
    let s = Schema::parse(&json!({
        "type": "object", "x-y": 1, "required": ["a"],
        "properties": {
            "a": {"type": "string", "x-match": "skip"},
            "b": {"type": "integer", "minimum": 0},
            "c": {"type": "array", "description": "at most one", "items": {"type": "string"}},
            "d": {"type": "array", "items": {"enum": ["p", "q"]}},
            "e": {"enum": ["x"]},
            "f": {"type": "string", "description": "A summary of it."}
        }
    }))
    .unwrap();
    assert_eq!(
        s.for_decoding(),
        json!({
            "type": "object",
            "properties": {
                "a": {"type": "string", "minLength": 0, "maxLength": 400},
                "b": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
                "c": {"type": "array", "items": {"type": "string", "minLength": 0, "maxLength": 400}, "minItems": 0, "maxItems": 1},
                "d": {"type": "array", "items": {"enum": ["p", "q"]}, "minItems": 0, "maxItems": 2},
                "e": {"enum": ["x", null]},
                "f": {"anyOf": [{"type": "string", "minLength": 0, "maxLength": 1600}, {"type": "null"}]}
            },
            "required": ["a", "b", "c", "d", "e", "f"],
            "additionalProperties": false
        })
    );
}

#[test]
fn what_a_field_asks_for_is_read_from_its_words() {
    for (name, description, kind, polarity) in [
        ("diseases", "Every disease stated as present.", LeafKind::Text, Polarity::Present),
        ("symptoms", "Symptoms, present or absent.", LeafKind::Text, Polarity::Any),
        ("denied", "", LeafKind::Text, Polarity::Absent),
        ("negatedFindings", "", LeafKind::Text, Polarity::Absent),
        ("x", "Findings the text says are absent.", LeafKind::Text, Polarity::Absent),
        ("x", "Findings, but not negated ones.", LeafKind::Text, Polarity::Present),
        ("x", "Problems the patient has now.", LeafKind::Text, Polarity::Present),
        ("hpi", "The history of present illness.", LeafKind::Text, Polarity::Any),
        ("hpi", "Summarise the history of present illness.", LeafKind::Summary, Polarity::Any),
        ("note", "The text of that note section.", LeafKind::Summary, Polarity::Any),
        ("course", "A short narrative, as worded in the text.", LeafKind::Text, Polarity::Any),
        ("medication_name", "", LeafKind::Drug, Polarity::Any),
        ("dosage", "", LeafKind::Drug, Polarity::Any),
        ("allergies", "Allergies as stated.", LeafKind::Text, Polarity::Any),
    ] {
        let leaf = schema(json!({name: {"type": "string", "description": description}})).leaves().remove(0);
        assert_eq!((leaf.kind, leaf.polarity), (kind, polarity), "{name}: {description}");
    }
}

#[test]
fn x_assertion_outranks_the_words_and_reaches_the_items() {
    let s = schema(json!({"findings": {
        "type": "array", "description": "present", "x-assertion": "any",
        "items": {"type": "object", "properties": {"name": {"type": "string", "description": "present"}}}
    }}));
    assert_eq!(s.leaves()[0].polarity, Polarity::Any);
}

#[test]
fn the_seven_schemas_of_the_evaluation_set_are_accepted_as_they_are() {
    let Some(folder) = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(3)
        .map(|p| p.join("shared/data/extraction"))
        .filter(|p| p.is_dir())
    else {
        println!("skipped: no evaluation data beside the repository");
        return;
    };
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with(".schema.json") {
            continue;
        }
        let definition: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let schema = Schema::parse(&definition).unwrap_or_else(|f| panic!("{}: {f:?}", path.display()));
        assert!(Schema::parse(&schema.for_decoding()).is_ok(), "what is decoded with is in the subset itself");
        seen += 1;
    }
    assert_eq!(seen, 7);
}

fn any_json(depth: u32) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec!["object", "array", "string", "number", "null", "present", "date", ""])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(depth, 60, 6, |inner| {
        let key = prop::sample::select(vec![
            "type",
            "properties",
            "items",
            "enum",
            "const",
            "required",
            "anyOf",
            "minItems",
            "maxItems",
            "minimum",
            "maximum",
            "format",
            "description",
            "additionalProperties",
            "x-assertion",
            "a",
            "b",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6)
                .prop_map(|v| Value::Object(v.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn parsing_never_panics_and_what_is_accepted_can_be_used(definition in any_json(5), answer in any_json(3)) {
        match Schema::parse(&definition) {
            Err(faults) => prop_assert!(!faults.is_empty()),
            Ok(schema) => {
                let decoding = schema.for_decoding();
                prop_assert!(Schema::parse(&decoding).is_ok());
                let _ = schema.validate(&answer);
                prop_assert!(!schema.leaves().is_empty());
            }
        }
    }
}

#[test]
fn examples_are_read_and_checked() {
    let with = |examples: Value| {
        Schema::parse(&json!({"type": "object", "properties": {"n": {"type": "integer"}}, "x-examples": examples}))
    };
    let good = with(json!([{"text": "Three.", "answer": {"n": 3}}])).unwrap();
    assert_eq!(good.examples()[0].text, "Three.");
    let pointer = |examples: Value| with(examples).unwrap_err()[0].pointer.clone();
    assert_eq!(pointer(json!("no list")), "/x-examples");
    assert_eq!(pointer(json!([{"text": "x"}])), "/x-examples/0");
    assert_eq!(
        pointer(json!([{"text": "x", "answer": {}}, {"text": "x", "answer": {"n": "3"}}])),
        "/x-examples/1/answer"
    );
    assert_eq!(pointer(json!([{}, {}, {}, {}, {}])), "/x-examples");
}

#[test]
fn a_long_closed_list_is_a_checklist_unless_it_sorts_the_text() {
    let labels = json!(["cough", "fever", "rash", "pain", "edema"]);
    let of = |field: Value| {
        let schema = Schema::parse(&json!({"type": "object", "properties": {"f": field}})).unwrap();
        let empty = schema.for_decoding()["properties"]["f"]["maxItems"] == 0;
        assert_eq!(empty, !schema.checklists().is_empty());
        empty
    };
    assert!(of(json!({"type": "array", "description": "Signs.", "items": {"enum": labels}})));
    assert!(of(json!({"type": "array", "description": "pain if it hurts", "items": {"enum": labels}})));
    assert!(!of(json!({"type": "array", "description": "Which sign it is about.", "items": {"enum": labels}})));
    assert!(!of(
        json!({"type": "array", "description": "pain if it hurts, rash if it is red", "items": {"enum": labels}})
    ));
    assert!(!of(json!({"type": "array", "items": {"enum": labels}, "maxItems": 1})));
    assert!(!of(json!({"type": "array", "items": {"enum": ["a", "b", "c", "d"]}})));
    assert!(!of(json!({"enum": labels})));
}
