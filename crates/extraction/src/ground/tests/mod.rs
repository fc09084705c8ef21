#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod checklist;
mod negation;
mod properties;

use super::*;
use serde_json::json;

fn schema(definition: Value) -> Schema {
    Schema::parse(&definition).unwrap()
}

fn list(name: &str, description: &str) -> Schema {
    schema(json!({"type": "object", "properties": {
        name: {"type": "array", "description": description, "items": {"type": "string"}}}}))
}

fn one(name: &str, definition: Value) -> Schema {
    schema(json!({"type": "object", "properties": {name: definition}}))
}

/// The support, quotes and reasons of the first finding.
fn first(schema: &Schema, text: &str, answer: Value) -> (Support, Vec<String>, Vec<String>) {
    let g = checked(schema, text, &answer);
    let f = &g.findings[0];
    let quotes = f.evidence.iter().map(|e| e.quote.expose("test").clone()).collect();
    (f.support, quotes, f.reasons.clone())
}

/// Grounds, and checks what must hold of every grounding.
fn checked(schema: &Schema, text: &str, answer: &Value) -> Grounding {
    let g = ground(schema, text, answer);
    let chars: Vec<char> = text.chars().collect();
    for f in &g.findings {
        for e in &f.evidence {
            let slice: String = chars[e.start..e.end].iter().collect();
            assert_eq!(&slice, e.quote.expose("test"), "a quote is the slice at its offsets");
        }
        assert!(!f.evidence.is_empty() || f.support == Support::Unsupported, "support needs evidence");
        if f.support == Support::Verbatim {
            let value = f.value.expose("test");
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert!(f.evidence.iter().any(|e| *e.quote.expose("test") == value), "verbatim is letter for letter");
        }
        assert!(!f.reasons.is_empty());
    }
    let fields = g.fields.expose("test");
    if g.status == ExtractionStatus::Ok {
        assert!(schema.validate(fields).is_ok(), "fields: {fields}");
    }
    g
}

#[test]
fn words_are_found_by_rules_of_form() {
    let s = list("findings", "");
    for (text, value, support, quote, reason) in [
        ("He has a dry cough.", "dry cough", Support::Verbatim, "dry cough", "exact"),
        ("He has a dry cough.", "Dry Cough", Support::Normalised, "dry cough", "case"),
        ("a dry\n  cough now", "dry cough", Support::Normalised, "dry\n  cough", "spacing"),
        ("non-small-cell cancer", "non small cell cancer", Support::Normalised, "non-small-cell cancer", "punctuation"),
        ("Colitis.", "Colitis.", Support::Verbatim, "Colitis.", "exact"),
        ("Colitis, sepsis", "Colitis.", Support::Normalised, "Colitis", "punctuation"),
        (
            "Cafe\u{301}-au-lait spots",
            "Café-au-lait spots",
            Support::Normalised,
            "Cafe\u{301}-au-lait spots",
            "letter-form",
        ),
        ("Fanconi’s syndrome", "Fanconi's syndrome", Support::Normalised, "Fanconi’s syndrome", "punctuation"),
        (
            "three episodes of syncope",
            "3 episodes of syncope",
            Support::Normalised,
            "three episodes of syncope",
            "number-form",
        ),
        ("severe headaches", "severe headache", Support::Normalised, "severe headaches", "plural"),
        ("two biopsies taken of skin", "biopsy", Support::Normalised, "biopsies", "plural"),
        ("He had swelling.", "the swelling", Support::Normalised, "swelling", "article"),
        ("CT of the abdomen", "CT abdomen", Support::Normalised, "CT of the abdomen", "function-words"),
        ("neck and back pain", "neck pain", Support::Normalised, "neck and back pain", "coordination"),
        ("Prader-Willi syndrome (PWS) deletion; PWS again", "PWS again", Support::Verbatim, "PWS again", "exact"),
        (
            "Has chronic kidney disease (CKD). CKD stage three.",
            "chronic kidney disease stage three",
            Support::Normalised,
            "CKD stage three",
            "abbreviation",
        ),
        ("👩‍⚕️ שלום cough\u{0}", "cough", Support::Verbatim, "cough", "exact"),
        ("胸痛あり", "胸痛", Support::Verbatim, "胸痛", "exact"),
    ] {
        let (got, quotes, reasons) = first(&s, text, json!({"findings": [value]}));
        assert_eq!((got, reasons[0].as_str()), (support, reason), "{value} in {text:?}: {quotes:?} {reasons:?}");
        assert!(quotes.contains(&quote.to_owned()), "{value} in {text:?}: {quotes:?}");
    }
}

#[test]
fn words_that_do_not_stand_there_are_refused() {
    let s = list("findings", "");
    for (text, value, reason) in [
        ("He has a cough.", "fever", "not-in-text"),
        ("Painful knee", "pain", "not-in-text"),
        ("chest clear. Pain in the leg", "clear pain", "not-in-text"),
        ("fever and has chest pain", "fever pain", "not-in-text"),
        ("no words here", "—", "nothing-to-find"),
        ("hypotension", "hypertension", "not-in-text"),
        ("seen in the clinic", "in the", "nothing-to-find"),
    ] {
        let (got, _, reasons) = first(&s, text, json!({"findings": [value]}));
        assert_eq!((got, reasons[0].as_str()), (Support::Unsupported, reason), "{value} in {text:?}");
    }
}

#[test]
fn doses_and_drugs_change_form_and_nothing_else() {
    let s = list("medications", "Drugs with their doses.");
    for (text, value, stands) in [
        ("metoprolol 25 mg twice daily", "metoprolol 25 mg", true),
        ("metoprolol 25mg", "metoprolol 25 mg", true),
        ("METOPROLOL 25 MG", "metoprolol 25 mg", true),
        ("forty milligrams of omeprazole", "40 mg", true),
        ("0.5 g of vancomycin", "500 mg", true),
        ("1,000 units", "1000 units", true),
        ("aspirin b.i.d.", "aspirin bid", true),
        ("after sodium nitroprusside (SNP) was begun", "SNP", true),
        ("metoprolol 25 mg", "metoprolol 50 mg", false),
        ("metoprolol 0.5 mg", "5 mg", false),
        ("metoprolol 125 mg", "25 mg", false),
        ("5 mg/kg of gentamicin", "5 mg", false),
        ("2-4 mg of morphine", "4 mg", false),
        ("2-4 mg of morphine", "2-4 mg", true),
        ("10 mg daily", "10 mcg", false),
        ("10 mg daily", "1.0 mg", false),
        ("takes statins", "statin", false),
        ("hydroxyzine", "hydralazine", false),
        ("prednisolone", "prednisone", false),
        ("5 mg/day", "5 mg", true),
    ] {
        let (got, _, reasons) = first(&s, text, json!({"medications": [value]}));
        assert_eq!(got != Support::Unsupported, stands, "{value} in {text:?}: {reasons:?}");
    }
}

#[test]
fn numbers_are_whole_numbers_of_the_text() {
    let s = one("pulse", json!({"type": "number"}));
    for (text, value, stands) in [
        ("Pulse 117.", json!(117), true),
        ("Pulse 117.0.", json!(117), true),
        ("pulse one hundred and seventeen", json!(117), true),
        ("BP 120/80", json!(80), true),
        ("48-year-old", json!(48), true),
        ("48yo", json!(48), true),
        ("98% on air", json!(98), true),
        ("1,200 cells", json!(1200), true),
        ("2,5 mg", json!(2.5), true),
        ("Pulse 117.", json!(17), false),
        ("Pulse 11.7", json!(117), false),
        ("for 3-5 days", json!(5), false),
        ("at 10:30", json!(30), false),
        ("on 2014-12-28", json!(12), false),
        ("15q12 deletion", json!(15), false),
        ("HER2", json!(2), false),
        ("10³", json!(103), false),
        ("x (-5) D", json!(5), false),
        ("x (-5) D", json!(-5), true),
    ] {
        let (got, _, reasons) = first(&s, text, json!({"pulse": value}));
        assert_eq!(got != Support::Unsupported, stands, "{value} in {text:?}: {reasons:?}");
    }
}

#[test]
fn dates_are_days() {
    let s = one("seen", json!({"type": "string", "format": "date"}));
    for (text, support, reason) in [
        ("Seen 2014-12-28.", Support::Verbatim, "exact"),
        ("Seen December 28, 2014.", Support::Normalised, "date-form"),
        ("Seen 12/28/2014.", Support::Normalised, "date-form"),
        ("Seen 12/29/2014.", Support::Unsupported, "not-in-text"),
        ("Seen 12/28/14.", Support::Unsupported, "date-without-century"),
    ] {
        let (got, _, reasons) = first(&s, text, json!({"seen": "2014-12-28"}));
        assert_eq!((got, reasons[0].as_str()), (support, reason), "{text}");
    }
    let (got, _, reasons) = first(&s, "Seen 03/04/2014.", json!({"seen": "2014-03-04"}));
    assert_eq!((got, reasons[0].as_str()), (Support::Unsupported, "date-ambiguous"));
    let (got, ..) = first(&s, "Seen 03/04/2014, again 03/24/2014.", json!({"seen": "2014-03-04"}));
    assert_eq!(got, Support::Normalised);
}

#[test]
fn the_nearest_fitting_occurrence_is_taken() {
    let pulse = one("pulse", json!({"type": "integer"}));
    let text = "Temperature 98 F. Room 12. Pulse was 98 and regular.";
    let g = checked(&pulse, text, &json!({"pulse": 98}));
    assert_eq!(g.findings[0].evidence[0].start, text.find("98 and").unwrap());

    let meds = schema(json!({"type": "object", "properties": {"medications": {"type": "array", "items": {
        "type": "object", "required": ["name"],
        "properties": {"name": {"type": "string"}, "dose": {"type": "string"}}}}}}));
    let text = "Aspirin 10 mg was stopped. He takes lisinopril 10 mg and atenolol 50 mg.";
    let answer =
        json!({"medications": [{"name": "lisinopril", "dose": "10 mg"}, {"name": "atenolol", "dose": "50 mg"}]});
    let g = checked(&meds, text, &answer);
    assert_eq!(g.findings[1].evidence[0].start, text.rfind("10 mg").unwrap());
    assert_eq!(g.fields.expose("test"), &answer);
}

#[test]
fn a_dose_far_from_its_drug_is_not_its_dose() {
    let meds = schema(json!({"type": "object", "properties": {"medications": {"type": "array", "items": {
        "type": "object", "required": ["name"],
        "properties": {"name": {"type": "string"}, "dose": {"type": "string"}}}}}}));
    let text = "He takes aspirin. He is well. He sleeps well. Lisinopril 10 mg was stopped.";
    let g = checked(&meds, text, &json!({"medications": [{"name": "aspirin", "dose": "10 mg"}]}));
    assert_eq!(g.fields.expose("test"), &json!({"medications": [{"name": "aspirin"}]}));
    assert!(g.findings[1].reasons.contains(&"far-from-object".to_owned()));
}

#[test]
fn a_label_before_another_drug_is_not_this_ones() {
    let meds = schema(json!({"type": "object", "properties": {"medications": {"type": "array", "items": {
        "type": "object", "required": ["name"],
        "properties": {"name": {"type": "string"}, "action": {"enum": ["start", "stop", "continue"]}}}}}}));
    let drug = |name: &str, action: &str| json!({"name": name, "action": action});
    let of = |text: &str, drugs: &[Value]| checked(&meds, text, &json!({"medications": drugs}));
    let text = "Start prednisone. Please continue aspirin as before.";
    let g = of(text, &[drug("prednisone", "start"), drug("aspirin", "start")]);
    assert_eq!(g.fields.expose("test"), &json!({"medications": [drug("prednisone", "start"), {"name": "aspirin"}]}));
    assert!(g.findings[3].reasons.contains(&"another-label".to_owned()), "the text continues it");
    let g = of("He takes aspirin. Start prednisone.", &[drug("prednisone", "start"), drug("aspirin", "start")]);
    assert!(g.findings[3].reasons.contains(&"of-another".to_owned()));
    // Also where the answer does not have the other drug.
    let g = of("Stop naproxen, start prednisone, continue aspirin.", &[drug("aspirin", "start")]);
    assert_eq!(g.fields.expose("test"), &json!({"medications": [{"name": "aspirin"}]}));
    // One word for several drugs, and one that stands behind its drug, are as said.
    for (text, drugs) in [
        (
            "Continue lisinopril 10 mg daily, atenolol 50 mg and metformin.",
            [drug("lisinopril", "continue"), drug("metformin", "continue")],
        ),
        ("Aspirin was stopped and clopidogrel started.", [drug("Aspirin", "stop"), drug("clopidogrel", "start")]),
        ("Continue lisinopril and atenolol.", [drug("lisinopril", "continue"), drug("atenolol", "continue")]),
        (
            "Lisinopril helps: continue that, and start him on atenolol.",
            [drug("lisinopril", "continue"), drug("atenolol", "start")],
        ),
    ] {
        assert_eq!(of(text, &drugs).fields.expose("test"), &json!({"medications": drugs}), "{text}");
    }
}

#[test]
fn choices_need_a_sentence_that_speaks_of_them() {
    let s = schema(json!({"type": "object", "properties": {"findings": {"type": "array", "items": {
        "enum": ["normal", "Cardiomegaly", "Pleural Effusion", "Cicatrix", "Emphysema"]}}}}));
    for (text, label, support) in [
        ("The heart is enlarged.", "Cardiomegaly", Support::Inferred),
        ("Cardiomegaly is seen.", "Cardiomegaly", Support::Verbatim),
        ("No pleural effusion.", "Pleural Effusion", Support::Unsupported),
        ("Small pleural effusion.", "Pleural Effusion", Support::Normalised),
        ("Pleural effusions on both sides.", "Pleural Effusion", Support::Normalised),
        ("No pleural effusion on the left. A right effusion is small.", "Pleural Effusion", Support::Inferred),
        ("Apical scarring.", "Cicatrix", Support::Inferred),
        ("Heart size is normal. No acute disease.", "normal", Support::Verbatim),
        ("The lungs are clear.", "normal", Support::Inferred),
        ("The heart is enlarged.", "Emphysema", Support::Unsupported),
    ] {
        let (got, quotes, reasons) = first(&s, text, json!({"findings": [label]}));
        assert_eq!(got, support, "{label} in {text:?}: {quotes:?} {reasons:?}");
    }
}

#[test]
fn normal_does_not_stand_beside_a_finding() {
    let s = schema(json!({"type": "object", "properties": {"findings": {"type": "array", "items": {
        "enum": ["normal", "Cardiomegaly"]}}}}));
    let g =
        checked(&s, "The heart is enlarged. The lungs are clear.", &json!({"findings": ["normal", "Cardiomegaly"]}));
    assert_eq!(g.fields.expose("test"), &json!({"findings": ["Cardiomegaly"]}));
    assert!(g.findings[0].reasons.contains(&"exclusive-label".to_owned()));
}

#[test]
fn a_choice_about_the_whole_text_rests_on_its_main_sentence() {
    let s = schema(json!({"type": "object", "properties": {
        "kind": {"enum": ["URGENT_CASE", "ROUTINE_CASE"], "description": "Which kind of case it is."},
        "drug": {"type": "string"}}}));
    let text = "Thank you for the letter. The man was given adrenaline at once.";
    let g = checked(&s, text, &json!({"kind": "URGENT_CASE", "drug": "adrenaline"}));
    assert_eq!(g.findings[0].support, Support::Inferred);
    assert!(g.findings[0].evidence[0].quote.expose("test").contains("adrenaline"));
}

#[test]
fn a_choice_about_the_whole_text_is_not_another_label_than_the_text_speaks_of() {
    let s =
        one("topic", json!({"enum": ["ALLERGY", "SURGERY", "QX"], "description": "Which topic the talk is about."}));
    for (label, support) in
        [("ALLERGY", Support::Inferred), ("SURGERY", Support::Unsupported), ("QX", Support::Inferred)]
    {
        let (got, _, reasons) = first(&s, "Are you allergic to any food? No, not at all.", json!({"topic": label}));
        assert_eq!(got, support, "{label}: {reasons:?}");
    }
}

#[test]
fn yes_and_no_need_a_statement_and_a_denial() {
    let s = one("smoker", json!({"type": ["boolean", "null"], "description": "Whether the patient smokes."}));
    for (text, value, support) in [
        ("He smokes a pack a day.", true, Support::Inferred),
        ("He denies tobacco use.", false, Support::Inferred),
        ("He denies tobacco use.", true, Support::Unsupported),
        ("He smokes a pack a day.", false, Support::Unsupported),
        ("He drinks tea.", false, Support::Unsupported),
    ] {
        let (got, _, reasons) = first(&s, text, json!({"smoker": value}));
        assert_eq!(got, support, "{value} in {text:?}: {reasons:?}");
    }
}

#[test]
fn a_list_of_yes_and_no_is_a_yes_or_no() {
    let s = one("smoker", json!({"enum": ["yes", "no", "unknown", null], "description": "Smoker, stated as present."}));
    for (text, value, support) in [
        ("Is a smoker. No rash.", "yes", Support::Inferred),
        ("Never smoked. He says yes.", "no", Support::Inferred),
        ("Never smoked. He says yes.", "yes", Support::Unsupported),
        ("No rash.", "no", Support::Unsupported),
        ("Cause unknown.", "unknown", Support::Unsupported),
    ] {
        let (got, _, reasons) = first(&s, text, json!({"smoker": value}));
        assert_eq!(got, support, "{value} in {text:?}: {reasons:?}");
    }
}

#[test]
fn a_constant_rests_on_its_object() {
    let s = schema(
        json!({"type": "object", "properties": {"drugs": {"type": "array", "items": {"type": "object", "properties": {
        "name": {"type": "string"}, "kind": {"const": "drug"}}}}}}),
    );
    let g = checked(
        &s,
        "He takes aspirin.",
        &json!({"drugs": [{"name": "aspirin", "kind": "drug"}, {"name": "heparin", "kind": "drug"}]}),
    );
    assert_eq!(g.fields.expose("test"), &json!({"drugs": [{"name": "aspirin", "kind": "drug"}]}));
    assert_eq!(g.findings[1].reasons, ["constant-of-object"]);
    assert_eq!(g.findings[3].support, Support::Unsupported);
}

#[test]
fn an_assertion_label_is_checked_against_the_text() {
    let s = schema(
        json!({"type": "object", "properties": {"symptoms": {"type": "array", "items": {"type": "object", "properties": {
        "name": {"type": "string"}, "status": {"enum": ["present", "absent", "possible"]}}}}}}),
    );
    let text = "No fever. He has a cough. Possible asthma.";
    let answer = json!({"symptoms": [{"name": "fever", "status": "absent"}, {"name": "cough", "status": "absent"},
        {"name": "asthma", "status": "possible"}]});
    let g = checked(&s, text, &answer);
    let supports: Vec<_> = g.findings.iter().filter(|f| f.field == "symptoms.status").map(|f| f.support).collect();
    assert_eq!(supports, [Support::Inferred, Support::Unsupported, Support::Inferred]);
}

#[test]
fn a_summary_brings_in_no_number_and_no_drug() {
    let s = one("note", json!({"type": "string", "description": "A summary of the visit."}));
    let text = "Doctor: How is the omeprazole?\nPatient: I take forty milligrams once a day and feel fine.";
    for (value, support, reason) in [
        ("Takes omeprazole 40 mg once a day.", Support::Inferred, "summary-words"),
        ("Takes omeprazole 20 mg once a day.", Support::Unsupported, "number-not-in-text"),
        ("Takes pantoprazole once a day.", Support::Unsupported, "drug-not-in-text"),
        ("Went hiking in beautiful mountains.", Support::Unsupported, "too-little-overlap"),
    ] {
        let (got, quotes, reasons) = first(&s, text, json!({"note": value}));
        assert_eq!((got, reasons[0].as_str()), (support, reason), "{value}: {quotes:?}");
    }
}

#[test]
fn placeholders_count_only_where_the_text_says_so_about_the_field() {
    let s = schema(json!({"type": "object", "properties": {
        "allergies": {"type": "array", "items": {"type": "string"}},
        "dose": {"type": ["string", "null"]}}}));
    let text = "COMPARISON: None.\nALLERGIES: NONE.\nPLAN: rest.";
    let g = checked(&s, text, &json!({"allergies": ["NONE"], "dose": "None"}));
    assert_eq!(g.fields.expose("test"), &json!({"allergies": ["NONE"], "dose": null}));
    assert_eq!(g.findings[0].evidence[0].start, text.find("NONE").unwrap());
    assert_eq!(g.findings[1].reasons, ["placeholder"]);
}

#[test]
fn what_is_said_twice_is_kept_once_with_both_places() {
    let text = "Cough. Again: cough. Aspirin 5 mg. Aspirin.";
    let g = checked(&list("symptoms", ""), text, &json!({"symptoms": ["Cough", "cough", "COUGH"]}));
    assert_eq!(g.fields.expose("test"), &json!({"symptoms": ["Cough"]}));
    assert_eq!(g.findings.len(), 1);
    assert_eq!(g.findings[0].evidence.len(), 2);
    let meds = schema(json!({"type": "object", "properties": {"meds": {"type": "array", "items": {
        "type": "object", "properties": {"name": {"type": "string"}, "dose": {"type": "string"}}}}}}));
    let answer = json!({"meds": [{"name": "aspirin", "dose": ""}, {"name": "Aspirin", "dose": "5 mg"}]});
    let g = checked(&meds, text, &answer);
    assert_eq!(g.fields.expose("test"), &json!({"meds": [{"name": "Aspirin", "dose": "5 mg"}]}));
}

#[test]
fn a_short_form_that_the_text_defines_says_the_same() {
    let text = "Prader-Willi syndrome (PWS) was found. PWS is rare.";
    let answer = json!({"diseases": ["Prader-Willi syndrome", "PWS", "Prader-Willi syndrome (PWS)"]});
    let g = checked(&list("diseases", ""), text, &answer);
    assert_eq!(g.fields.expose("test"), &json!({"diseases": ["Prader-Willi syndrome"]}));
    assert_eq!(g.findings[0].evidence.len(), 3);
}

#[test]
fn a_removed_leaf_is_an_empty_list_null_or_absent() {
    let s = schema(json!({"type": "object", "required": ["must"], "properties": {
        "list": {"type": "array", "items": {"type": "string"}},
        "nullable": {"type": ["string", "null"]},
        "optional": {"type": "string"},
        "must": {"type": ["string", "null"]},
        "inner": {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}, "b": {"type": "number"}}},
        "never": {"type": "array", "items": {"type": "string"}}}}));
    let answer =
        json!({"list": ["zzz"], "nullable": "zzz", "optional": "zzz", "must": "zzz", "inner": {"a": ["zzz"], "b": 77}});
    let g = checked(&s, "Nothing of it.", &answer);
    assert_eq!(
        g.fields.expose("test"),
        &json!({"list": [], "nullable": null, "must": null, "inner": {"a": []}, "never": []})
    );
    assert_eq!(g.status, ExtractionStatus::Ok);
    assert_eq!(g.findings.len(), 6, "what was refused is still shown");
}

#[test]
fn a_required_value_that_must_go_makes_the_answer_partial() {
    let s = schema(
        json!({"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "x": {"type": "string"}}}),
    );
    let g = checked(&s, "A cough.", &json!({"name": "fever", "x": "cough"}));
    assert_eq!(g.status, ExtractionStatus::Partial);
    assert_eq!(g.reasons, ["required-missing /name"]);
    assert_eq!(g.fields.expose("test"), &json!({"x": "cough"}));
}

#[test]
fn an_item_without_its_first_value_is_dropped_and_its_findings_with_it() {
    let s = schema(
        json!({"type": "object", "properties": {"pairs": {"type": "array", "items": {"type": "object", "properties": {
        "drug": {"type": "string"}, "effect": {"type": "string"}}}}}}),
    );
    let g = checked(&s, "Rash after amoxicillin.", &json!({"pairs": [{"drug": "penicillin", "effect": "Rash"}]}));
    assert_eq!(g.fields.expose("test"), &json!({"pairs": []}));
    assert!(g.findings.iter().all(|f| f.support == Support::Unsupported));
    assert!(g.findings[1].reasons.contains(&"object-dropped".to_owned()));
}

#[test]
fn an_answer_of_another_shape_is_refused_or_partial() {
    let s = list("a", "");
    assert_eq!(ground(&s, "text", &json!(["x"])).status, ExtractionStatus::Rejected);
    let g = checked(&s, "text", &json!({"a": "text", "zzz": 1}));
    assert_eq!(g.status, ExtractionStatus::Partial);
    assert_eq!(g.fields.expose("test"), &json!({"a": []}));
}

#[test]
fn windows_are_joined_by_what_they_found() {
    let s = schema(json!({"type": "object", "properties": {
        "symptoms": {"type": "array", "items": {"type": "string"}}, "age": {"type": ["integer", "null"]}}}));
    let text = "A 40-year-old with cough and fever. Fever again, and a rash. Seen 41 times.";
    let cut = text.find("Fever again").unwrap();
    let windows = [
        (Span::new(0, cut), json!({"symptoms": ["cough", "fever"], "age": 40})),
        (Span::new(20, text.len()), json!({"symptoms": ["fever", "rash"], "age": 41})),
    ];
    let g = ground_windows(&s, text, &windows);
    assert_eq!(g.fields.expose("test"), &json!({"symptoms": ["cough", "fever", "rash"], "age": 40}));
    let lost: Vec<_> = g.findings.iter().filter(|f| f.reasons.contains(&"conflict".to_owned())).collect();
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].path, "/age");
    assert_eq!(g.status, ExtractionStatus::Ok);
}

#[test]
fn a_value_is_looked_for_only_in_its_window() {
    let s = list("symptoms", "");
    let text = "Cough here. Nothing there.";
    let g = ground_windows(&s, text, &[(Span::new(12, text.len()), json!({"symptoms": ["Cough"]}))]);
    assert_eq!(g.findings[0].support, Support::Unsupported);
}

#[test]
fn the_same_twice_gives_the_same() {
    let s = list("symptoms", "present");
    let text = "No fever. Cough, cough and fever?";
    let answer = json!({"symptoms": ["cough", "fever", "Cough"]});
    let once = ground(&s, text, &answer);
    assert_eq!(once, ground(&s, text, &answer));
    // Grounding what was grounded removes nothing more.
    let fields = once.fields.expose("test").clone();
    assert_eq!(ground(&s, text, &fields).fields.expose("test"), &fields);
}
