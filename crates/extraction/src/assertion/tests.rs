#![allow(clippy::unwrap_used)]

use super::*;
use crate::sections::sections;
use proptest::prelude::*;

/// Assesses the stretch between the square brackets.
fn label(marked: &str) -> (Assertion, &'static str) {
    let start = marked.chars().position(|c| c == '[').unwrap();
    let end = marked.chars().position(|c| c == ']').unwrap() - 1;
    let plain = marked.replace(['[', ']'], "");
    let text = IndexedText::new(&plain);
    let a = assess(&text, &sections(&text), Span::new(start, end));
    (a.assertion, a.rule)
}

#[test]
fn cues_of_a_sentence() {
    use Assertion::*;
    for (text, want) in [
        ("He has a [cough].", Present),
        ("No [fever].", Negated),
        ("No fever, chills, or [night sweats].", Negated),
        ("There is no pleural effusion, pneumothorax or [focal consolidation] identified.", Negated),
        ("She denies chest pain and [dyspnea].", Negated),
        ("He denies fever but has a [cough].", Present),
        ("No fever, the [heart] is enlarged.", Present),
        ("No fever; [cough] for two days.", Present),
        ("Without [edema].", Negated),
        ("w/o [edema]", Negated),
        ("The abdomen is soft without [guarding] or rebound.", Negated),
        ("[Pneumonia] was ruled out.", Negated),
        ("[Nystagmus] is absent.", Negated),
        ("A [mass] was not seen.", Negated),
        ("Vocal cord [paralysis] was not found.", Negated),
        ("Blood cultures were negative for [bacteria].", Negated),
        ("No change in the [nodule].", Present),
        ("Not only [pain] but also swelling.", Present),
        ("Gram negative [sepsis].", Present),
        ("The [pain] was not relieved by rest.", Present),
        ("Pain not relieved by [aspirin].", Present),
        ("Nontender, no [masses] felt.", Negated),
        ("The wound is non-[tender].", Negated),
        ("She doesn't have [asthma].", Negated),
        ("History of [asthma].", Historical),
        ("No history of [asthma].", Negated),
        ("Status post [appendectomy].", Historical),
        ("s/p [appendectomy]", Historical),
        ("He had a [stroke] three years ago.", Historical),
        ("Nausea, [headache] and dizziness cleared with rest.", Historical),
        ("The [hyponatremia] was corrected with saline.", Historical),
        ("[Wheezing] cleared up overnight.", Historical),
        ("She was cleared with [asthma] for surgery.", Present),
        ("The [pain] has not resolved.", Present),
        ("The [effusion] has only partially resolved.", Present),
        ("Wait until the [fever] has subsided.", Present),
        ("Her [pain] resolved and recurred a week later.", Present),
        ("A 40-year-old man with [gout].", Present),
        ("Her mother has [breast cancer].", Family),
        ("Family history of [stroke].", Family),
        ("Mother states that he has a [rash].", Present),
        ("Return if you notice [bleeding].", Hypothetical),
        ("Monitor for [seizures].", Hypothetical),
        ("PPI for [PUD] prophylaxis.", Hypothetical),
        ("Possible [pneumonia].", Uncertain),
        ("Findings suggestive of [sarcoidosis].", Uncertain),
        ("CT to rule out [appendicitis].", Uncertain),
        ("[Infection] cannot be excluded.", Uncertain),
        ("[Atelectasis] versus pneumonia.", Uncertain),
        ("[No known drug allergies].", Negated),
        ("ALLERGIES: [NONE].", Negated),
        ("Room no. 5 with a [cough].", Present),
    ] {
        assert_eq!(label(text).0, want, "{text}");
    }
}

#[test]
fn what_has_gone_is_historical_and_not_there_any_more() {
    for text in [
        "There has been resolution of the [effusion].",
        "[Fever] and cough cleared with antibiotics.",
        "The [anemia] was corrected by transfusion.",
        "The possible [pneumonia] has resolved.",
        "Her [symptoms] subsided.",
        "[Resolution of the rash].",
    ] {
        assert_eq!(label(text), (Assertion::Historical, "cue-gone"), "{text}");
    }
    assert_eq!(label("History of [asthma].").1, "cue-before");
    assert_eq!(label("No resolution of the [effusion].").0, Assertion::Present);
}

#[test]
fn sections_speak_for_what_stands_in_them() {
    assert_eq!(
        label("FAMILY HISTORY:\nAll are well. [Gout] at old age."),
        (Assertion::Family, "section-family-history")
    );
    assert_eq!(label("PAST MEDICAL HISTORY:\n1. [Asthma]."), (Assertion::Historical, "section-past-history"));
    assert_eq!(label("PLAN:\n1. Treat [asthma].").0, Assertion::Present);
}

#[test]
fn a_question_is_what_its_answer_makes_of_it() {
    for (text, want, rule) in [
        ("Doctor: Any [chest pain]?\nPatient: No, nothing.", Assertion::Negated, "answer-no"),
        ("Any [chest pain]? Um, no.", Assertion::Negated, "answer-no"),
        ("Doctor: Do you have [headaches]?\nPatient: Yes, often.", Assertion::Present, "answer-yes"),
        ("Do you have [headaches]? The weather is bad.", Assertion::Uncertain, "question-open"),
        ("Do you have [headaches]?", Assertion::Uncertain, "question-open"),
    ] {
        assert_eq!(label(text), (want, rule), "{text}");
    }
}

#[test]
fn cue_lists_are_well_formed() {
    let mut seen = std::collections::HashSet::new();
    for cue in CUES.values().flatten() {
        let words = cue.words.join(" ");
        assert!(words.chars().all(|c| !c.is_uppercase() && !matches!(c, '\'' | '|' | '\n')), "{words}");
        assert!(!words.contains("  ") && !words.is_empty(), "{words:?}");
        assert!(seen.insert((words.clone(), cue.side == Side::After)), "{words} is listed twice");
    }
    assert!(seen.len() > 300, "the whole table is read");
}

proptest! {
    #[test]
    fn any_span_of_any_text_is_assessed(text in "\\PC{0,60}|[a-z ,.;:?\n]{0,120}", a in 0usize..130, b in 0usize..130) {
        let read = IndexedText::new(&text);
        let _ = assess(&read, &sections(&read), Span::new(a.min(b), a.max(b)));
    }
}
