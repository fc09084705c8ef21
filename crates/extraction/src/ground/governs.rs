//! A label beside a name: in "start prednisone, continue aspirin" the word "start" says nothing about aspirin.

use super::claim::Claim;
use super::concepts::stem;
use super::locate::Strictness;
use super::reason::Reason;
use super::terms::Term;
use super::{Decision, Source};
use crate::schema::{LeafKind, Shape};
use crate::text::Span;

/// Words between a label and the name that it is said of, at most: "start him on prednisone".
const BETWEEN: usize = 2;
/// Words that bind a label to the name before it, and do not count: "aspirin was stopped".
const BINDING: [&str; 9] = ["is", "are", "was", "were", "be", "been", "being", "has", "have"];

/// Refuses a label of a list's object where another label of the closed list stands nearer to the object's name, or this
/// label's word right before the name of another object, in a sentence that does not have this one's.
pub(crate) fn decide(source: &Source<'_>, claims: &[Claim<'_>], decisions: &mut [Decision]) {
    for (i, claim) in claims.iter().enumerate() {
        let Some(list) = list_of(&claim.object).filter(|_| claim.leaf.kind == LeafKind::Choice) else { continue };
        let Some(decision) = decisions.get_mut(i).filter(|d| d.stands()) else { continue };
        let (Some(label), Some(own)) = (claim.value.as_str(), name_of(claims, &claim.object)) else { continue };
        let Shape::Choice { values, .. } = &claim.node.shape else { continue };
        let labels: Vec<&str> = values.iter().filter_map(|v| v.as_str()).collect();
        let nearest = beside(source, claim, &labels, own);
        if !nearest.is_empty() {
            if !nearest.contains(&label) {
                decision.refuse(Reason::AnotherLabel);
            }
            continue;
        }
        let [word] = decision.evidence[..] else { continue };
        let sentence = source.hay.text.sentence_span(word.start);
        if !places(source, own, sentence).is_empty() {
            continue;
        }
        let others = claims.iter().filter(|c| c.object != claim.object && list_of(&c.object) == Some(list));
        let mut names =
            others.filter_map(|c| name_of(claims, &c.object)).flat_map(|name| places(source, name, sentence));
        if names.any(|name| matches!(distance(source, word, name), Some((_, Side::Before)))) {
            decision.refuse(Reason::OfAnother);
        }
    }
}

/// On which side of a name a label stands. Of two that are as near the one before it counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Before,
    After,
}

/// The label nearest to a name at each of its places in what the claim was read from, where one is near.
fn beside<'v>(source: &Source<'_>, claim: &Claim<'_>, labels: &[&'v str], name: &str) -> Vec<&'v str> {
    let mut nearest = Vec::new();
    for at in claim.windows.iter().flat_map(|window| places(source, name, *window)) {
        let sentence = source.hay.text.sentence_span(at.start);
        let of = |label: &&'v str| {
            let here = forms(source, label, sentence).into_iter();
            here.filter_map(|word| distance(source, word, at)).min().map(|near| (near, *label))
        };
        nearest.extend(labels.iter().filter_map(of).min().map(|(_, label)| label));
    }
    nearest
}

/// How many words stand between a label and a name, if few do.
fn distance(source: &Source<'_>, label: Span, name: Span) -> Option<(usize, Side)> {
    let (between, side) = if label.end <= name.start {
        (Span::new(label.end, name.start), Side::Before)
    } else if name.end <= label.start {
        (Span::new(name.end, label.start), Side::After)
    } else {
        return None;
    };
    let counts = |term: &&Term| !BINDING.contains(&term.key.as_str());
    let words = source.hay.terms_in(between).iter().filter(counts).count();
    (words <= BETWEEN).then_some((words, side))
}

/// Where a label stands in any of its forms: "stopped" for stop.
fn forms(source: &Source<'_>, label: &str, window: Span) -> Vec<Span> {
    if label.contains(char::is_whitespace) {
        return places(source, label, window);
    }
    let label = label.to_lowercase();
    let terms = source.hay.terms_in(window).iter();
    terms.filter(|term| stem(&term.folded) == stem(&label)).map(|term| term.span).collect()
}

fn places(source: &Source<'_>, words: &str, window: Span) -> Vec<Span> {
    let found = source.hay.find(words, Strictness::Form, window).unwrap_or_default();
    found.into_iter().map(|occurrence| occurrence.span).collect()
}

/// The list that an object belongs to.
fn list_of(object: &str) -> Option<&str> {
    let (list, index) = object.rsplit_once('/')?;
    (!index.is_empty() && index.bytes().all(|b| b.is_ascii_digit())).then_some(list)
}

/// What an object is called: its first text.
fn name_of<'c>(claims: &'c [Claim<'_>], object: &str) -> Option<&'c str> {
    let text = |c: &&Claim<'_>| c.object == object && matches!(c.leaf.kind, LeafKind::Text | LeafKind::Drug);
    claims.iter().find(text)?.value.as_str()
}
