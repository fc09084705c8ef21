//! Sentences from accepted findings. Fixed forms of ours: no model writes here, and nothing is said that the finding
//! does not say. What the text denies, remembers or doubts keeps that mark.

use super::topics::{Action, Item, items};
use cloister_domain::{
    Assertion, FindingRef, LayoutSection, NoteBasis, NoteLayout, NoteSection, NoteTopic as Topic, Sensitive, Sentence,
};

/// The sections of a layout, filled from what was accepted. Sections without a sentence are there, empty.
pub(crate) fn generated(layout: &NoteLayout, basis: &[NoteBasis], left_out: &[FindingRef]) -> Vec<NoteSection> {
    let items = items(basis, left_out);
    let section = |s: &LayoutSection| NoteSection {
        key: s.key.clone(),
        title: s.title.clone(),
        sentences: s.topics.iter().flat_map(|topic| about(*topic, &items)).collect(),
    };
    layout.sections.iter().map(section).collect()
}

struct Said {
    text: String,
    findings: Vec<FindingRef>,
}

fn about(topic: Topic, items: &[Item<'_>]) -> Vec<Sentence> {
    let (mut listed, mut each) = (Vec::new(), Vec::new());
    for item in items.iter().filter(|i| i.topic == topic) {
        let findings = item.leaves.iter().map(|l| l.of.clone()).collect();
        match phrase(topic, item) {
            Phrase::Listed(text) => add(&mut listed, Said { text, findings }),
            Phrase::Alone(text) => add(&mut each, Said { text: sentence(&text), findings }),
        }
    }
    let (lead, joint) = match topic {
        Topic::Reason => ("Comes for ", "; "),
        Topic::Symptom => ("Reports ", "; "),
        Topic::Denied => ("Denies ", ", "),
        Topic::Past => ("Past: ", "; "),
        Topic::Family => ("In the family: ", "; "),
        Topic::RuledOut => ("Absent or ruled out: ", "; "),
        _ => ("", "; "),
    };
    let mut sentences = Vec::new();
    if !listed.is_empty() {
        let text: Vec<&str> = listed.iter().map(|s| s.text.as_str()).collect();
        let text = sentence(&format!("{lead}{}", text.join(joint)));
        sentences.push(made(text, listed.iter().flat_map(|s| s.findings.clone()).collect()));
    }
    sentences.extend(each.into_iter().map(|s| made(s.text, s.findings)));
    sentences
}

/// The same words twice, from two extractions, are one sentence that rests on both.
fn add(to: &mut Vec<Said>, said: Said) {
    match to.iter_mut().find(|s| s.text.to_lowercase() == said.text.to_lowercase()) {
        Some(same) => same.findings.extend(said.findings),
        None => to.push(said),
    }
}

const fn made(text: String, findings: Vec<FindingRef>) -> Sentence {
    Sentence { text: Sensitive::new(text), findings, edited: false }
}

enum Phrase {
    /// One of several in a sentence.
    Listed(String),
    /// A sentence by itself.
    Alone(String),
}

fn phrase(topic: Topic, item: &Item<'_>) -> Phrase {
    use Phrase::{Alone, Listed};
    let assertion = item.assertion();
    let Some(head) = item.head().filter(|_| topic != Topic::Other) else {
        return Alone(unnamed(item, assertion));
    };
    let name = head.text.as_str();
    let marked = |text: &str| qualified(text, assertion);
    match topic {
        Topic::Reason | Topic::Symptom if assertion == Assertion::Present => Listed(with_rest(item, name, &[])),
        Topic::Denied | Topic::RuledOut if assertion == Assertion::Negated => match affirmed(name) {
            Some(name) => Listed(with_rest(item, name, &[])),
            None => Alone(with_rest(item, name, &[])),
        },
        Topic::Denied | Topic::RuledOut if assertion == Assertion::Present => {
            Alone(format!("{name} (stated as present)"))
        }
        Topic::Past if matches!(assertion, Assertion::Present | Assertion::Historical) => {
            Listed(with_rest(item, name, &[]))
        }
        Topic::Family => {
            let kin = item.leaf(&["relative"]).map(|l| format!("{}: ", l.text)).unwrap_or_default();
            let text = with_rest(item, &format!("{kin}{name}"), &["relative"]);
            match assertion {
                Assertion::Negated | Assertion::Uncertain | Assertion::Hypothetical => Listed(marked(&text)),
                _ => Listed(text),
            }
        }
        Topic::Measurement => {
            let value = item.leaf(&["value"]).map(|l| format!(": {}", l.text)).unwrap_or_default();
            let when = item.leaf(&["when"]).map(|l| format!(" ({})", l.text)).unwrap_or_default();
            Alone(marked(&with_rest(item, &format!("{name}{value}{when}"), &["value", "when"])))
        }
        Topic::Problem => {
            let status = item.leaf(&["status"]).map(|l| format!(" ({})", l.text)).unwrap_or_default();
            Alone(marked(&with_rest(item, &format!("{name}{status}"), &["status"])))
        }
        Topic::Allergy => {
            let reaction = item.leaf(&["reaction"]).map(|l| format!(" ({})", l.text)).unwrap_or_default();
            let text = with_rest(item, &format!("{name}{reaction}"), &["reaction"]);
            match assertion {
                // "No known allergies" is what the text says, not a substance.
                Assertion::Negated if denies(name) => Alone(text),
                Assertion::Present => Alone(format!("Allergic to {text}")),
                _ => Alone(marked(&format!("Allergy to {text}"))),
            }
        }
        Topic::Medication | Topic::Treatment => Alone(drug(item, name, assertion)),
        // A step that is planned is always of the future; its condition stands in its words.
        Topic::Plan if assertion == Assertion::Hypothetical => Alone(with_rest(item, name, &[])),
        _ => Alone(marked(&with_rest(item, name, &[]))),
    }
}

fn drug(item: &Item<'_>, name: &str, assertion: Assertion) -> String {
    let action = item.action();
    let mut text = match action {
        Some(Action::Start) => format!("Start {name}"),
        Some(Action::Stop) => format!("Stop {name}"),
        Some(Action::Change) => format!("Change {name}"),
        Some(Action::Continue) => format!("Continue {name}"),
        None => name.to_owned(),
    };
    for part in ["dose", "route", "frequency"] {
        if let Some(leaf) = item.leaf(&[part]) {
            text.push_str(&format!(", {}", leaf.text));
        }
    }
    if let Some(reason) = item.leaf(&["reason"]) {
        text.push_str(&format!(", for {}", reason.text));
    }
    let mut known = vec!["dose", "route", "frequency", "reason"];
    match item.leaf(&["action", "status"]) {
        // "Increased" says more than "change".
        Some(leaf)
            if action.is_none() || action == Some(Action::Change) && !leaf.text.eq_ignore_ascii_case("change") =>
        {
            text.push_str(&format!(" ({})", leaf.text));
            known.push(leaf.name);
        }
        Some(leaf) => known.push(leaf.name),
        None => {}
    }
    let text = with_rest(item, &text, &known);
    // What was stopped is of the past, and no longer taken: that is what "stop" says.
    if action.is_some() && matches!(assertion, Assertion::Negated | Assertion::Historical | Assertion::Hypothetical) {
        text
    } else {
        qualified(&text, assertion)
    }
}

/// An item whose name was not accepted, or of which nothing more is known than the names of its fields.
fn unnamed(item: &Item<'_>, assertion: Assertion) -> String {
    let label = label(item.property);
    let parts: Vec<String> = item.leaves.iter().map(|l| named(l.name, &l.text)).collect();
    qualified(&format!("{label}: {}", parts.join(", ")), assertion)
}

/// The phrase with the leaves that it does not hold yet.
fn with_rest(item: &Item<'_>, phrase: &str, held: &[&str]) -> String {
    let head = item.head().map(|l| l.name);
    let rest = item.leaves.iter().filter(|l| Some(l.name) != head && !held.contains(&l.name));
    rest.fold(phrase.to_owned(), |text, leaf| format!("{text}, {}", named(leaf.name, &leaf.text)))
}

fn named(name: &str, text: &str) -> String {
    if name.is_empty() { text.to_owned() } else { format!("{} {text}", label(name).to_lowercase()) }
}

/// A field's name as words.
pub(super) fn label(field: &str) -> String {
    let words = field.replace(['_', '-', '.'], " ");
    capitalised(words.trim())
}

fn qualified(text: &str, assertion: Assertion) -> String {
    match assertion {
        Assertion::Present => text.to_owned(),
        Assertion::Negated if denies(text) => text.to_owned(),
        Assertion::Negated => format!("{text}: stated as absent"),
        Assertion::Historical => format!("{text} (in the past)"),
        Assertion::Family => format!("{text} (in the family)"),
        Assertion::Hypothetical => format!("{text} (conditional)"),
        Assertion::Uncertain => format!("{text} (uncertain)"),
    }
}

const DENIALS: [&str; 9] = ["no", "not", "without", "denies", "denied", "kein", "keine", "keinen", "ohne"];

/// Whether the words deny by themselves.
fn denies(text: &str) -> bool {
    let first = first_word(text);
    DENIALS.contains(&first.as_str()) || ["none", "negative", "absent", "never"].contains(&first.as_str())
}

/// What is denied: "no fever" is about fever. `None` for words that deny in another way.
pub(super) fn affirmed(text: &str) -> Option<&str> {
    if !denies(text) {
        return Some(text);
    }
    let (_, rest) = text.split_once(char::is_whitespace).filter(|_| DENIALS.contains(&first_word(text).as_str()))?;
    Some(rest.trim()).filter(|rest| !rest.is_empty() && !denies(rest))
}

fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_lowercase()
}

fn sentence(text: &str) -> String {
    let text = capitalised(text.trim());
    if text.ends_with(['.', '!', '?', '…']) { text } else { format!("{text}.") }
}

/// With a capital, unless the first word has its own: pH, mRNA.
fn capitalised(text: &str) -> String {
    let first_word = text.split_whitespace().next().unwrap_or_default();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !first_word.chars().any(char::is_uppercase) => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
