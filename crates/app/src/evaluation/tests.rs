//! Against figures made elsewhere, kept in tests/vectors/evaluation.

use super::*;
use serde_json::json;

fn vectors(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/evaluation").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn documents(of: &Value) -> Vec<Labelled> {
    let object = |v: &Value| v.as_object().unwrap().clone();
    let all = of["documents"].as_array().unwrap().iter().enumerate();
    all.map(|(i, d)| Labelled {
        document: i.to_string(),
        document_id: i.to_string(),
        gold: object(&d["gold"]),
        found: Some(object(&d["found"])),
    })
    .collect()
}

fn same(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-9, "{what}: {found}, not {expected}");
}

fn same_scores(found: Scores, expected: &Value, what: &str) {
    same(found.p, &expected["p"], what);
    same(found.r, &expected["r"], what);
    same(found.f1, &expected["f1"], what);
}

#[test]
fn categories_and_sets_score_as_scikit_learn_scores_them() {
    let all = vectors("scikit-learn.json");
    for name in ["categories", "sets"] {
        let of = &all[name];
        let e = evaluate(&of["schema"], BTreeMap::new(), documents(of).into_iter(), 0);
        same_scores(e.micro_exact, &of["micro"], name);
        assert_eq!(e.fields[0].comparator, "category");
    }
    let of = &all["categories"];
    let e = evaluate(&of["schema"], BTreeMap::new(), documents(of).into_iter(), 0);
    let labels: Vec<&str> = of["labels"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    for (i, gold) in labels.iter().enumerate() {
        for (j, found) in labels.iter().enumerate() {
            let cell = e.fields[0].confusion.iter().find(|(g, f, _)| g == gold && f == found).map_or(0, |c| c.2);
            assert_eq!(u64::from(cell), of["confusion"][i][j].as_u64().unwrap(), "{gold} found as {found}");
        }
    }
}

#[test]
fn free_text_scores_as_an_independent_scorer_scores_it() {
    let of = vectors("free-text.json");
    let e = evaluate(&of["schema"], BTreeMap::new(), documents(&of).into_iter(), 0);
    let expected = of["scores"]["fields"].as_object().unwrap();
    assert_eq!(e.fields.len(), expected.len());
    for field in &e.fields {
        let there = &expected[&field.field];
        assert_eq!(
            (field.gold, field.found),
            (there["gold"].as_u64().unwrap(), there["pred"].as_u64().unwrap()),
            "{}",
            field.field
        );
        same_scores(field.relaxed, &there["relaxed"], &field.field);
        match field.exact {
            Some(exact) => same_scores(exact, &there["exact"], &field.field),
            None => assert!(there.get("exact").is_none(), "{}", field.field),
        }
        assert!(field.interval.low <= field.relaxed.f1 && field.relaxed.f1 <= field.interval.high, "{}", field.field);
    }
    same_scores(e.micro_exact, &of["scores"]["micro"]["exact"], "micro, exact");
    same_scores(e.micro_relaxed, &of["scores"]["micro"]["relaxed"], "micro, relaxed");
    same(e.macro_exact_f1, &of["scores"]["macro_f1"]["exact"], "macro, exact");
    same(e.macro_relaxed_f1, &of["scores"]["macro_f1"]["relaxed"], "macro, relaxed");
}

fn one(schema: Value, comparator: &str, gold: Value, found: Value) -> FieldScore {
    let field = |v: Value| json!({"x": v}).as_object().unwrap().clone();
    let d = Labelled { document: "d".into(), document_id: "d".into(), gold: field(gold), found: Some(field(found)) };
    let chosen = BTreeMap::from([("x".to_owned(), comparator.parse().unwrap())]);
    evaluate(&json!({"properties": {"x": schema}}), chosen, std::iter::once(d), 0).fields.remove(0)
}

#[test]
fn each_comparator_by_hand() {
    let cases = [
        ("exact", json!("Aspirin"), json!("aspirin"), 0.0),
        ("normalised", json!("The Aspirin!"), json!("aspirin"), 1.0),
        ("fuzzy:0.9", json!("metoprolol"), json!("metoprolo"), 1.0),
        ("fuzzy:0.9", json!("metoprolol"), json!("warfarin"), 0.0),
        ("number:0.5", json!("37.2 C"), json!(37.6), 1.0),
        ("number:0.1", json!("37.2 C"), json!(37.6), 0.0),
        ("date", json!("2026-03-05"), json!("5 March 2026"), 1.0),
        ("date", json!("2026-03-05"), json!("6 March 2026"), 0.0),
    ];
    for (comparator, gold, found, f1) in cases {
        let score = one(json!({}), comparator, gold.clone(), found.clone());
        assert!((score.relaxed.f1 - f1).abs() < 1e-9, "{comparator} {gold} {found}: {score:?}");
    }
    // A wrong value is one missed and one invented.
    let wrong = one(json!({}), "exact", json!("left"), json!("right"));
    assert_eq!((wrong.gold, wrong.found, wrong.relaxed.p, wrong.relaxed.r, wrong.accuracy), (1, 1, 0.0, 0.0, 0.0));
    assert!("colour".parse::<Comparator>().is_err());
}

#[test]
fn two_runs_are_told_apart_only_when_they_differ() {
    let run = |right: usize| -> Vec<Labelled> {
        let documents = (0..40).map(|i| Labelled {
            document: i.to_string(),
            document_id: i.to_string(),
            gold: json!({"x": "yes"}).as_object().unwrap().clone(),
            found: Some(json!({"x": if i < right { "yes" } else { "no" }}).as_object().unwrap().clone()),
        });
        documents.collect()
    };
    let schema = json!({"properties": {"x": {"enum": ["yes", "no"]}}});
    let same = compare(&schema, run(30), run(30));
    assert_eq!((same.documents, same.difference), (40, 0.0));
    assert!(same.p_value > 0.9);
    let better = compare(&schema, run(10), run(30));
    assert!((better.difference - 0.5).abs() < 1e-9 && better.p_value < 0.01 && better.interval.low > 0.2, "{better:?}");
}

#[test]
fn a_field_that_nobody_labelled_is_neither_right_nor_wrong() {
    let schema = json!({ "type": "object", "properties": {
        "diagnoses": { "type": "array", "items": { "type": "string" } },
        "drugs": { "type": "array", "items": { "type": "object", "properties": {
            "name": { "type": "string" }, "dose": { "type": "string" } } } } } });
    let of = json!({ "documents": [
        { "gold": { "diagnoses": ["gout"] }, "found": { "diagnoses": ["gout"], "drugs": [{ "name": "x", "dose": "1 mg" }] } },
        { "gold": { "diagnoses": [] }, "found": { "diagnoses": [], "drugs": [{ "name": "y", "dose": "2 mg" }] } } ] });
    let e = evaluate(&schema, BTreeMap::new(), documents(&of).into_iter(), 0);
    assert_eq!(e.fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["diagnoses"]);
    assert_eq!((e.micro_exact.p, e.micro_exact.r), (1.0, 1.0));
    assert_eq!(e.misses, Vec::new());
    let c = compare(&schema, documents(&of), documents(&of));
    assert_eq!((c.first, c.fields.len()), (1.0, 1));
}
