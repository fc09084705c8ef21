//! What the text denies, or says has gone, and which fields hold it all the same.

use super::*;

#[test]
fn negation_removes_only_where_the_field_asks_for_presence() {
    let text = "No fever. He has a cough. Denies chest pain.";
    let answer = |name: &str| json!({name: ["fever", "cough"]});
    let present = checked(&list("symptoms", "Symptoms stated as present."), text, &answer("symptoms"));
    assert_eq!(present.fields.expose("test"), &json!({"symptoms": ["cough"]}));
    assert_eq!(present.findings[0].assertion, Assertion::Negated);
    assert!(present.findings[0].reasons.contains(&"negated".to_owned()));
    assert_eq!(present.findings[0].evidence.len(), 1, "the place that denies it is shown");
    let any = checked(&list("symptoms", "Symptoms."), text, &answer("symptoms"));
    assert_eq!(any.fields.expose("test"), &answer("symptoms"));
    assert_eq!(any.findings[0].assertion, Assertion::Negated, "it is a label");
    let absent = checked(&list("denied", "What the text denies."), text, &json!({"denied": ["fever", "chest pain"]}));
    assert_eq!(absent.fields.expose("test"), &json!({"denied": ["fever", "chest pain"]}));
}

#[test]
fn a_negated_first_mention_does_not_hide_a_later_stated_one() {
    let text = "No pain at rest. On walking there is pain.";
    let g = checked(&list("symptoms", "Symptoms stated as present."), text, &json!({"symptoms": ["pain"]}));
    assert_eq!(g.findings[0].evidence[0].start, text.rfind("pain").unwrap());
    assert_eq!(g.findings[0].assertion, Assertion::Present);
}

#[test]
fn what_has_gone_is_not_present_and_is_of_the_past() {
    let text = "Fever and cough cleared with antibiotics. Her rash has not resolved. Gout years ago.";
    let all = json!(["fever", "cough", "rash", "gout"]);
    let present = checked(&list("symptoms", "Symptoms stated as present."), text, &json!({"symptoms": all}));
    assert_eq!(present.fields.expose("test"), &json!({"symptoms": ["rash", "gout"]}));
    assert_eq!(present.findings[0].assertion, Assertion::Historical);
    assert!(present.findings[0].reasons.contains(&"negated".to_owned()));
    let any = checked(&list("symptoms", "Symptoms."), text, &json!({"symptoms": all}));
    assert_eq!(any.fields.expose("test"), &json!({"symptoms": all}), "it is a label");
    let absent =
        checked(&list("symptoms", "Symptoms the text says are absent."), text, &json!({"symptoms": ["fever"]}));
    assert_eq!(absent.fields.expose("test"), &json!({"symptoms": ["fever"]}));
}

#[test]
fn a_mention_before_it_went_is_still_what_was_found() {
    let text = "He came with fever. The fever subsided overnight.";
    let g = checked(&list("symptoms", "Symptoms stated as present."), text, &json!({"symptoms": ["fever"]}));
    assert_eq!((g.findings[0].evidence[0].start, g.findings[0].assertion), (13, Assertion::Present));
}
