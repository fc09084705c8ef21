//! Labels that are looked up one by one.

use super::*;

fn signs() -> Schema {
    schema(json!({"type": "object", "properties": {"signs": {"type": "array", "description": "Findings of the study.",
        "items": {"enum": ["normal", "Opacity", "Calcified Granuloma", "Calcinosis", "Granulomatous Disease",
            "Pleural Effusion", "Fractures, Bone"]}}}}))
}

fn found(text: &str, named: &Value) -> Value {
    let grounding = checked(&signs(), text, &json!({"signs": named}));
    let claimed = named.as_array().map_or(0, Vec::len);
    let refused = grounding.findings.iter().filter(|f| f.support == Support::Unsupported).count();
    assert!(refused <= claimed, "what nobody claimed is no finding");
    grounding.fields.expose("test")["signs"].clone()
}

#[test]
fn a_label_stands_where_the_text_speaks_of_it_whoever_names_it() {
    let text = "Minimal opacity in the left base. No effusion.";
    assert_eq!(found(text, &json!([])), json!(["Opacity"]));
    assert_eq!(found(text, &json!(["Opacity", "Pleural Effusion", "normal"])), json!(["Opacity"]));
}

#[test]
fn of_labels_on_the_same_words_the_one_that_they_name_stays() {
    assert_eq!(found("Stable calcified granuloma.", &json!([])), json!(["Calcified Granuloma"]));
    let both = found("Stable calcified granuloma. The vessels are calcified.", &json!([]));
    assert_eq!(both, json!(["Calcified Granuloma", "Calcinosis"]));
}

#[test]
fn nothing_found_is_normal_only_if_the_text_says_so() {
    assert_eq!(found("The heart and lungs are unremarkable.", &json!([])), json!(["normal"]));
    assert_eq!(found("Two views of the chest.", &json!([])), json!([]));
}

#[test]
fn what_was_asked_or_feared_or_is_gone_was_not_found() {
    for text in [
        "INDICATION: rib fracture\nFINDINGS: The lungs are clear.",
        "FINDINGS: Resolution of the left pleural effusion. Lungs clear of opacity.",
        "FINDINGS: The left pleural effusion has resolved. Lungs clear.",
        "FINDINGS: Lungs clear. A fracture cannot be excluded.",
    ] {
        assert_eq!(found(text, &json!([])), json!(["normal"]), "{text}");
    }
    assert_eq!(found("The effusion has not resolved.", &json!([])), json!(["Pleural Effusion"]));
    assert_eq!(found("Old rib fracture.", &json!([])), json!(["Fractures, Bone"]));
}
