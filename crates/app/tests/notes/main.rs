//! From findings to a signed note through the app's one door: nothing stands in a note that nobody accepted, nothing is
//! signed that is undecided, and what was signed stays.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

mod bench;
mod documents;
mod search;

use bench::{PASSWORD, Ward, finding};
use cloister_domain::Assertion;
use serde_json::{Value, json};

fn text(note: &Value) -> String {
    let mut text = String::new();
    for section in note["sections"].as_array().unwrap() {
        let sentences = section["sentences"].as_array().unwrap();
        if sentences.is_empty() {
            continue;
        }
        text.push_str(&format!("{}\n", section["title"].as_str().unwrap()));
        for s in sentences {
            let mark = match (s["edited"] == true, s["stale"] == true) {
                (_, true) => "!",
                (true, _) => "*",
                _ => "-",
            };
            text.push_str(&format!("{mark} {}\n", s["text"].as_str().unwrap()));
        }
    }
    text
}

fn saved(draft: &Value) -> Value {
    let sections = draft["sections"].as_array().unwrap().iter();
    let sentences = |s: &Value| -> Vec<Value> {
        let all = s["sentences"].as_array().unwrap().iter();
        all.map(|x| json!({"text": x["text"], "findings": x["findings"]})).collect()
    };
    sections.map(|s| json!({"key": s["key"], "sentences": sentences(s)})).collect()
}

#[test]
fn a_note_says_what_was_accepted_in_the_words_of_its_template_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, extraction) = ward.visit();
    let begun = ward.call("draft_note", json!({"id": visit}));
    assert_eq!(text(&begun["draft"]), "", "nothing is accepted yet");
    assert_eq!((&begun["draft"]["undecided"], &begun["state"]), (&json!(17), &json!("draft")));

    ward.accept_all_but(&visit, &extraction, &["/negated_findings/1", "/medications/1/dose"]);
    let edit =
        json!({"extraction": extraction, "path": "/medications/1/dose", "verdict": "edit", "value": "20 mg daily"});
    let reject = json!({"extraction": extraction, "path": "/negated_findings/1", "verdict": "reject"});
    let note = ward.call("decide_findings", json!({"id": visit, "decisions": [edit, reject]}));
    insta::assert_snapshot!("soap", text(&note["draft"]));
    for template in ["letter", "discharge", "referral", "free"] {
        let note = ward.call("draft_note", json!({"id": visit, "template": template}));
        insta::assert_snapshot!(template, text(&note["draft"]));
    }
    // Each sentence names the findings that it rests on.
    let plan = &ward.call("draft_note", json!({"id": visit, "template": "soap"}))["draft"]["sections"][3];
    let paths: Vec<_> =
        plan["sentences"][1]["findings"].as_array().unwrap().iter().map(|f| f["path"].clone()).collect();
    assert_eq!(paths, ["/medications/1/name", "/medications/1/dose", "/medications/1/action"]);
}

#[test]
fn what_a_text_denies_remembers_or_doubts_is_never_stated_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, _) = ward.visit();
    let mut found = Vec::new();
    let topics = [
        "symptoms",
        "denied",
        "assessment",
        "past",
        "ruled_out",
        "family",
        "allergies",
        "examination",
        "plan",
        "smoking",
    ];
    use Assertion::{Family, Historical, Hypothetical, Negated, Present, Uncertain};
    for topic in topics {
        for (i, assertion) in [Present, Negated, Historical, Family, Hypothetical, Uncertain].into_iter().enumerate() {
            found.push(finding(&format!("/{topic}/{i}"), topic, &format!("{topic}{i}"), "knee", assertion));
        }
    }
    ward.put(&visit, "everything@1", &found);
    let all = ward.call("get_encounter", json!({"id": visit}));
    let extraction = all["extractions"][0]["id"].as_str().unwrap();
    ward.accept_all_but(&visit, extraction, &[]);
    let note = ward.call("draft_note", json!({"id": visit, "extractions": [extraction], "template": "free"}));
    insta::assert_snapshot!("assertions", text(&note["draft"]));
}

#[test]
fn signing_needs_every_decision_and_the_password_and_then_nothing_changes_but_by_an_amendment() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, extraction) = ward.visit();
    let sign = |seen: Value| json!({"id": visit, "password": PASSWORD, "seen": seen});
    assert_eq!(ward.refused("sign_note", sign(Value::Null)), "note_unready", "there is no draft");
    ward.call("draft_note", json!({"id": visit}));
    ward.accept_all_but(&visit, &extraction, &["/allergies/0"]);
    let undecided = ward.attempt("sign_note", sign(Value::Null)).unwrap_err();
    assert_eq!((undecided.code(), undecided.to_string().as_str()), ("note_unready", "1 finding is not decided yet"));
    ward.accept_all_but(&visit, &extraction, &[]);
    // Own words: one changed, one taken out, one added.
    let mut draft = ward.call("get_note", json!({"id": visit}))["draft"].clone();
    let mut sections = saved(&draft);
    sections[0]["sentences"][0]["text"] = json!("Right knee\u{0} swollen\nfor three weeks.");
    sections[1]["sentences"].as_array_mut().unwrap().clear();
    sections[3]["sentences"].as_array_mut().unwrap().push(json!({"text": "Seen with her daughter.", "findings": []}));
    draft = ward.call("save_note", json!({"id": visit, "sections": sections, "changed": draft["changed"]}))["draft"]
        .clone();
    insta::assert_snapshot!("edited", text(&draft));
    assert_eq!(draft["left_out"], 2, "the measurement's two findings");

    let wrong = json!({"id": visit, "password": "ten white storks at noon", "seen": draft["seen"]});
    assert_eq!(ward.refused("sign_note", wrong), "bad_credentials");
    assert_eq!(ward.refused("sign_note", sign(json!("0".repeat(64)))), "changed_meanwhile", "not what was seen");
    let note = ward.call("sign_note", sign(draft["seen"].clone()));
    assert_eq!((&note["state"], &note["draft"]), (&json!("signed"), &Value::Null));
    let signed = &note["signed"][0];
    assert_eq!((&signed["version"], &signed["signed_by"]), (&json!(1), &json!("ada")));
    assert_eq!(signed["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(text(signed), text(&draft));
    let rows = ward.call("list_encounters", json!({}));
    assert_eq!(rows[0]["state"], "signed");

    // It stays.
    let reject = json!({"extraction": extraction, "path": "/allergies/0", "verdict": "reject"});
    let edit = json!({"kind": "text", "segment": 0, "text": "other"});
    assert_eq!(ward.refused("decide_findings", json!({"id": visit, "decisions": [reject]})), "already_signed");
    assert_eq!(ward.refused("draft_note", json!({"id": visit})), "already_signed");
    assert!(ward.attempt("edit_transcript", json!({"id": visit, "edit": edit})).is_err());
    assert_eq!(ward.refused("sign_note", sign(Value::Null)), "note_unready");

    // An amendment begins with what was signed, says why, and is the next version.
    assert_eq!(ward.refused("amend_note", json!({"id": visit, "reason": "  "})), "usage");
    let amended = ward.call("amend_note", json!({"id": visit, "reason": "the allergy was misheard"}));
    assert_eq!(text(&amended["draft"]), text(signed), "word for word");
    assert_eq!(amended["draft"]["version"], 2);
    let after = ward.call("decide_findings", json!({"id": visit, "decisions": [reject]}));
    assert!(!text(&after["draft"]).contains("penicillin"));
    assert_eq!(text(&after["signed"][0]), text(signed), "the first version still says it");
    let second = ward.call("sign_note", sign(Value::Null));
    let versions: Vec<_> = second["signed"].as_array().unwrap().iter().map(|v| v["version"].clone()).collect();
    assert_eq!(versions, [2, 1]);
    assert_eq!(second["signed"][0]["reason"], "the allergy was misheard");
    assert_eq!(second["signed"][1], *signed);
}

#[test]
fn a_persons_words_outlive_a_changed_decision_and_have_to_be_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, extraction) = ward.visit();
    ward.accept_all_but(&visit, &extraction, &[]);
    let draft = ward.call("draft_note", json!({"id": visit}))["draft"].clone();
    let mut sections = saved(&draft);
    sections[0]["sentences"][1]["text"] = json!("Neither fever nor chills.");
    let draft = ward.call("save_note", json!({"id": visit, "sections": sections}))["draft"].clone();
    let old = draft["changed"].clone();
    let reject = json!({"extraction": extraction, "path": "/negated_findings/1", "verdict": "reject"});
    let draft = ward.call("decide_findings", json!({"id": visit, "decisions": [reject]}))["draft"].clone();
    assert_eq!(draft["stale"], 1);
    assert!(text(&draft).contains("! Neither fever nor chills."), "{}", text(&draft));
    assert_eq!(ward.refused("sign_note", json!({"id": visit, "password": PASSWORD})), "note_unready");
    // Saved as it is, it keeps its mark; with other words it loses it.
    let draft = ward.call("save_note", json!({"id": visit, "sections": saved(&draft)}))["draft"].clone();
    assert_eq!(draft["stale"], 1);
    let mut sections = saved(&draft);
    sections[0]["sentences"][1]["text"] = json!("No fever.");
    assert_eq!(
        ward.refused("save_note", json!({"id": visit, "sections": sections, "changed": old})),
        "changed_meanwhile"
    );
    let draft = ward.call("save_note", json!({"id": visit, "sections": sections}))["draft"].clone();
    assert_eq!(draft["stale"], 0);
    ward.call("sign_note", json!({"id": visit, "password": PASSWORD}));
}

#[test]
fn a_sentence_taken_out_and_put_back_rests_on_its_findings_again() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, extraction) = ward.visit();
    ward.accept_all_but(&visit, &extraction, &[]);
    let whole = ward.call("draft_note", json!({"id": visit}))["draft"].clone();
    let mut without = saved(&whole);
    without[0]["sentences"].as_array_mut().unwrap().remove(0);
    let draft = ward.call("save_note", json!({"id": visit, "sections": without}))["draft"].clone();
    assert_ne!(draft["left_out"], 0);
    let draft = ward.call("save_note", json!({"id": visit, "sections": saved(&whole)}))["draft"].clone();
    assert_eq!((&draft["left_out"], &draft["sections"]), (&json!(0), &whole["sections"]));
}

#[test]
fn what_nothing_supports_cannot_be_accepted_and_places_are_the_visits_own() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, extraction) = ward.visit();
    let (other, _) = ward.visit();
    let decide = |visit: &str, path: &str, verdict: &str| {
        let one = json!({"extraction": extraction, "path": path, "verdict": verdict, "value": "x"});
        ward.attempt("decide_findings", json!({"id": visit, "decisions": [one]})).map(|_| ()).map_err(|e| e.code())
    };
    assert_eq!(decide(&visit, "/symptoms/1", "accept"), Err("usage"));
    assert_eq!(decide(&visit, "/symptoms/1", "edit"), Err("usage"));
    assert_eq!(decide(&visit, "/symptoms/9", "accept"), Err("usage"));
    assert_eq!(decide(&other, "/symptoms/0", "accept"), Err("usage"), "an extraction of another visit");
    assert_eq!(decide(&visit, "/symptoms/0", "accept"), Ok(()));
    let foreign = json!({"id": other, "extractions": [extraction]});
    assert_eq!(ward.refused("draft_note", foreign), "usage");
    // A claim of a finding that was not accepted is a sentence of one's own.
    ward.call("draft_note", json!({"id": visit}));
    let claim = json!([{"key": "plan", "sentences": [
        {"text": "Sweats at night.", "findings": [{"extraction": extraction, "path": "/symptoms/1"}]}]}]);
    let draft = ward.call("save_note", json!({"id": visit, "sections": claim}))["draft"].clone();
    assert_eq!(text(&draft), "Plan\n* Sweats at night.\n");
    assert_eq!(draft["sections"][3]["sentences"][0]["findings"], json!([]));
}

#[test]
fn who_does_not_know_the_password_is_signed_out_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, _) = ward.visit();
    ward.call("draft_note", json!({"id": visit}));
    for _ in 0..5 {
        let wrong = json!({"id": visit, "password": "ten white storks at noon"});
        assert_eq!(ward.refused("sign_note", wrong), "bad_credentials");
    }
    assert_eq!(ward.refused("get_note", json!({"id": visit})), "not_signed_in");
}

#[test]
fn a_draft_lists_drugs_with_what_becomes_of_them_problems_and_next_steps() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, extraction) = ward.visit();
    ward.accept_all_but(&visit, &extraction, &["/follow_up/0"]);
    let lists = ward.call("draft_note", json!({"id": visit}))["draft"]["lists"].clone();
    let of = |what: &str, names: &[&str]| -> Vec<Value> {
        let all = lists[what].as_array().unwrap().iter();
        all.map(|x| names.iter().map(|n| x[*n].clone()).collect()).collect()
    };
    let drugs = of("medications", &["name", "action", "details"]);
    let expected = [
        json!(["naproxen", "stop", "500 mg twice a day"]),
        json!(["prednisone", "start", "30 mg once a day"]),
        json!(["aspirin", "continue", ""]),
    ];
    assert_eq!(drugs, expected);
    assert_eq!(of("problems", &["name", "status", "assertion"]), [json!(["arthritis of the knee", null, "present"])]);
    assert_eq!(lists["follow_ups"], json!([]), "not accepted yet");
    ward.accept_all_but(&visit, &extraction, &[]);
    let signed = ward.call("sign_note", json!({"id": visit, "password": PASSWORD}))["signed"][0].clone();
    assert_eq!(signed["lists"]["follow_ups"][0]["text"], "kidney function next week");
}

#[test]
fn a_template_that_a_person_laid_out_anew_is_theirs_and_stays_with_what_was_signed() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::new(folder.path());
    let (visit, extraction) = ward.visit();
    ward.accept_all_but(&visit, &extraction, &[]);
    let layouts = ward.call("list_layouts", json!({}));
    let names: Vec<_> = layouts.as_array().unwrap().iter().map(|l| (l["template"].clone(), l["own"].clone())).collect();
    assert_eq!(names[0], (json!("soap"), json!(false)));
    assert_eq!(names.len(), 5);

    let layout = json!({"title": "Knee clinic", "sections": [
        {"key": "next", "title": "To do", "topics": ["treatment", "plan"]},
        {"key": "rest", "title": "What was said", "topics": ["problem"]}]});
    let after = ward.call("save_layout", json!({"template": "letter", "layout": layout}));
    assert_eq!((&after[1]["own"], &after[1]["title"]), (&json!(true), &json!("Knee clinic")));
    let draft = ward.call("draft_note", json!({"id": visit, "template": "letter"}))["draft"].clone();
    let titles: Vec<_> = draft["sections"].as_array().unwrap().iter().map(|s| s["title"].clone()).collect();
    assert_eq!(titles, ["To do", "What was said"]);
    assert!(text(&draft).starts_with("To do\n- Stop naproxen"), "{}", text(&draft));
    assert!(text(&draft).contains("penicillin"), "what no section names stands in the last one");

    // The draft stays as it is when the template changes again; so does what is signed, and an amendment of it.
    ward.call("save_layout", json!({"template": "letter", "layout": null}));
    assert_eq!(ward.call("get_note", json!({"id": visit}))["draft"]["sections"], draft["sections"]);
    let signed = ward.call("sign_note", json!({"id": visit, "password": PASSWORD}))["signed"][0].clone();
    assert_eq!((&signed["title"], text(&signed)), (&json!("Knee clinic"), text(&draft)));
    let file = folder.path().join("note.md");
    ward.export(json!({"id": visit, "format": "md"}), &file).unwrap();
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("# Knee clinic\n"));
    let amended = ward.call("amend_note", json!({"id": visit, "reason": "a slip"}));
    assert_eq!(text(&amended["draft"]), text(&signed));

    let twice = json!({"title": "T", "sections": [
        {"key": "a", "title": "A", "topics": ["plan"]}, {"key": "b", "title": "B", "topics": ["plan"]}]});
    assert_eq!(ward.refused("save_layout", json!({"template": "soap", "layout": twice})), "usage");
    assert_eq!(ward.call("list_layouts", json!({}))[0]["own"], false);
}
