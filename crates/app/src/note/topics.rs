//! What a field of a schema is about. The names are those of the bundled schemas and
//! the usual ones beside them; any other field is kept under "Further findings", with its own name.

use cloister_domain::{
    Assertion, Decision, Finding, FindingRef, NoteBasis, NoteTopic as Topic, SettledFinding, Support,
};
use serde_json::Value;

/// What becomes of a drug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Start,
    Stop,
    Change,
    Continue,
}

/// A leaf that a person accepted.
#[derive(Debug, Clone)]
pub(crate) struct Leaf<'a> {
    pub(crate) of: FindingRef,
    /// Its name within the item, dotted; empty when the item is the leaf.
    pub(crate) name: &'a str,
    /// As words: with a person's change, on one line.
    pub(crate) text: String,
    pub(crate) finding: &'a Finding,
}

/// What belongs together: one drug, one measurement, one symptom.
#[derive(Debug, Clone)]
pub(crate) struct Item<'a> {
    pub(crate) topic: Topic,
    /// The property that it stands under.
    pub(crate) property: &'a str,
    pub(crate) leaves: Vec<Leaf<'a>>,
}

use Topic::{
    Allergy, Denied, Examination, Family, Measurement, Medication, Other, Past, Plan as NextSteps, Problem, Reason,
    RuledOut, Symptom, Treatment,
};

fn topic(property: &str) -> Topic {
    match property {
        "reason" | "reason_for_visit" | "complaint" | "chief_complaint" | "presenting_complaint" => Reason,
        "symptoms" | "complaints" => Symptom,
        "denied" | "negated_findings" | "denied_symptoms" => Denied,
        "past" | "past_history" | "history" | "procedures" => Past,
        "family" | "family_history" => Family,
        "allergies" | "intolerances" => Allergy,
        "medications" | "drugs" | "prescriptions" => Medication,
        "examination" | "exam" | "physical_examination" => Examination,
        "measurements" | "vitals" | "vital_signs" | "labs" | "laboratory" => Measurement,
        "assessment" | "problems" | "diagnoses" | "diagnosis" | "conditions" => Problem,
        "ruled_out" => RuledOut,
        "plan" | "follow_up" | "follow_ups" | "followups" => NextSteps,
        _ => Other,
    }
}

/// What a person accepted of a basis, in the order of the answers; what was `left_out` is passed over.
pub(crate) fn items<'a>(basis: &'a [NoteBasis], left_out: &[FindingRef]) -> Vec<Item<'a>> {
    let mut items: Vec<Item<'a>> = Vec::new();
    for one in basis {
        let mut last = "";
        for settled in &one.findings {
            let path = settled.finding.path.as_str();
            let of = FindingRef { extraction: one.extraction, path: path.to_owned() };
            let Some(text) = accepted(settled).filter(|_| !left_out.contains(&of)) else { continue };
            let (property, item, name) = parts(&settled.finding);
            let leaf = Leaf { of, name, text, finding: &settled.finding };
            match items.last_mut() {
                Some(open) if item == last && item.len() < path.len() => open.leaves.push(leaf),
                _ => items.push(Item { topic: topic(property), property, leaves: vec![leaf] }),
            }
            last = item;
        }
    }
    for item in &mut items {
        if item.topic == Medication && item.action().is_some() {
            item.topic = Treatment;
        }
    }
    items
}

/// The words of a finding that stands, `None` for one that does not.
fn accepted(settled: &SettledFinding) -> Option<String> {
    let review = settled.review.as_ref().filter(|_| settled.finding.support != Support::Unsupported)?;
    let value = match review.decision {
        Decision::Accepted => &settled.finding.value,
        Decision::Edited => review.value.as_ref()?,
        Decision::Rejected => return None,
    };
    words(value.expose("worded for the note"))
}

/// A value on one line; `None` for one that says nothing.
pub(crate) fn words(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(s) => s.split_whitespace().collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

/// A finding's property, its item's path and its name in it.
fn parts(finding: &Finding) -> (&str, &str, &str) {
    let (property, name) = finding.field.split_once('.').unwrap_or((&finding.field, ""));
    let path = finding.path.as_str();
    let mut ends = path.match_indices('/').map(|(i, _)| i).skip(1);
    let first = ends.next().unwrap_or(path.len());
    let second = ends.next().unwrap_or(path.len());
    let numbered = path.get(first + 1..second).is_some_and(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()));
    (property, &path[..if numbered { second } else { first }], name)
}

impl Item<'_> {
    /// The first leaf of one of these names.
    pub(crate) fn leaf(&self, names: &[&str]) -> Option<&Leaf<'_>> {
        names.iter().find_map(|name| self.leaves.iter().find(|l| l.name == *name))
    }

    /// What the item is: its leaf itself, or the one that names it.
    pub(crate) fn head(&self) -> Option<&Leaf<'_>> {
        self.leaf(&["", "name", "substance", "condition", "problem", "diagnosis", "drug", "test", "step", "what"])
    }

    /// What the text says about it.
    pub(crate) fn assertion(&self) -> Assertion {
        self.head().or_else(|| self.leaves.first()).map_or(Assertion::Present, |l| l.finding.assertion)
    }

    /// What was decided about a drug, where one of the four words can be told.
    pub(crate) fn action(&self) -> Option<Action> {
        self.leaf(&["action", "status"]).and_then(|l| action(&l.text))
    }
}

fn action(word: &str) -> Option<Action> {
    let word = word.trim().to_lowercase();
    let begins = |stems: &[&str]| stems.iter().any(|s| word.starts_with(s));
    if begins(&["start", "begin", "began", "begun", "initiat", "commenc", "new"]) {
        Some(Action::Start)
    } else if begins(&["stop", "discontinu", "ceas", "withdr"]) {
        Some(Action::Stop)
    } else if begins(&["chang", "increas", "reduc", "decreas", "adjust", "titrat", "switch"]) {
        Some(Action::Change)
    } else if begins(&["continu", "unchanged", "as before", "ongoing"]) {
        Some(Action::Continue)
    } else {
        None
    }
}
