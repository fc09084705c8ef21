//! Closed lists that may hold several labels: every label is looked for in the text, whether a model named it or not.
//!
//! A small model does not choose from a long list, it recites it. So such a field is not asked of the model at all
//! (`schema::decoding` leaves it empty): a label stands where a sentence speaks of it, in its own words or in words of
//! the same meaning, and says that it is so. Of two labels that rest on the same words, the one stays that they name.

use super::claim::Claim;
use super::concepts::Concept;
use super::infer::{inferred, quote, sentences};
use super::reason::Reason;
use super::{Decision, Source};
use crate::assertion::{assess, is_absent};
use crate::schema::{Node, Polarity, Shape, pointer, words};
use crate::sections::{SectionKind, section_at};
use crate::text::Span;
use cloister_domain::{Assertion, Support};
use serde_json::{Map, Value};

/// A checklist of a schema.
pub(crate) struct Checklist<'s> {
    name: &'s str,
    labels: &'s [Value],
    /// Of its items.
    pattern: String,
    /// The labels that an answer named.
    named: Vec<Value>,
}

/// The checklists of a schema.
pub(crate) fn checklists(root: &Node) -> Vec<Checklist<'_>> {
    let Shape::Object(properties) = &root.shape else { return Vec::new() };
    let of = |p: &'_ crate::schema::Property| p.node.checklist().is_some();
    properties
        .iter()
        .filter(|p| of(p))
        .filter_map(|p| {
            let pattern = format!("{}/*", pointer("", &p.name));
            Some(Checklist { name: &p.name, labels: p.node.checklist()?, pattern, named: Vec::new() })
        })
        .collect()
}

/// Adds the labels that an answer lacks, so that each is decided on, and notes those that it has.
pub(crate) fn propose(checklists: &mut [Checklist<'_>], answer: &mut Map<String, Value>) {
    for list in checklists {
        let given = answer.entry(list.name).or_insert_with(|| Value::Array(Vec::new()));
        if let Some(given) = given.as_array_mut() {
            list.named.extend(given.iter().cloned());
            let missing: Vec<Value> = list.labels.iter().filter(|l| !given.contains(l)).cloned().collect();
            given.extend(missing);
        }
    }
}

/// A place of the text that speaks of a label.
struct Mention {
    sentence: Span,
    words: Vec<Span>,
    /// In all of the label's own words.
    named: bool,
    assertion: Assertion,
    rule: &'static str,
}

impl Mention {
    fn is_absent(&self) -> bool {
        is_absent(self.assertion, self.rule)
    }

    fn rests_on_words_of(&self, other: &Self) -> bool {
        self.words.iter().all(|w| other.words.contains(w))
    }

    /// Whether these words are better told by the other label.
    fn yields_to(&self, other: &Self) -> bool {
        let more = other.words.len() > self.words.len();
        self.rests_on_words_of(other) && ((other.named && (more || !self.named)) || (more && !self.named))
    }
}

/// Decides on every label of the checklists.
pub(crate) fn decide(
    source: &Source<'_>,
    checklists: &[Checklist<'_>],
    claims: &[Claim<'_>],
    decisions: &mut [Decision],
) {
    for list in checklists {
        let members: Vec<usize> = (0..claims.len()).filter(|i| claims[*i].leaf.pattern == list.pattern).collect();
        let all: Vec<Vec<Mention>> = members.iter().map(|&i| mentions(source, &claims[i])).collect();
        let mut normal = Vec::new();
        for (member, &i) in members.iter().enumerate() {
            let absent = claims[i].leaf.polarity == Polarity::Absent;
            if concept(&claims[i]).is_some_and(|c| c.is_normal()) && !absent {
                normal.push(i);
                continue;
            }
            let taken = |m: &Mention| {
                let others = all.iter().enumerate().filter(|(other, _)| *other != member);
                others.flat_map(|(_, ms)| ms).any(|other| m.yields_to(other))
            };
            let own: Vec<&Mention> = all[member].iter().filter(|m| !taken(m)).collect();
            let says = |m: &&&Mention| match m.assertion {
                _ if m.is_absent() => absent,
                Assertion::Present | Assertion::Historical => !absent,
                _ => false,
            };
            let refusal = match own.first() {
                Some(m) if m.is_absent() => Reason::OnlyNegated,
                _ => Reason::NoQuote,
            };
            decisions[i] = match own.iter().find(says) {
                Some(m) => stated(&decisions[i], m),
                None => Decision::refused(refusal),
            };
        }
        let found = members.iter().any(|i| !normal.contains(i) && decisions[*i].stands());
        for i in normal {
            decisions[i] = if found {
                Decision::refused(Reason::ExclusiveLabel)
            } else {
                unremarkable(source, &claims[i], &decisions[i])
            };
        }
    }
}

/// Whether a claim is a label of a checklist that was looked for in vain: nobody claimed it, so it is no finding.
pub(crate) fn is_idle(checklists: &[Checklist<'_>], claim: &Claim<'_>, decision: &Decision) -> bool {
    let idle = |l: &Checklist<'_>| l.pattern == claim.leaf.pattern && !l.named.contains(&claim.value);
    decision.support == Support::Unsupported && checklists.iter().any(idle)
}

fn stated(before: &Decision, mention: &Mention) -> Decision {
    let words = mention.words.iter().copied().reduce(Span::cover).unwrap_or(mention.sentence);
    // A label that stands there letter by letter needs no inference.
    if before.stands() && before.evidence.iter().any(|e| e.overlaps(words)) {
        return before.clone();
    }
    inferred(vec![quote(mention.sentence, words)], mention.assertion, mention.rule, Reason::LabelWords)
}

fn concept(claim: &Claim<'_>) -> Option<Concept> {
    Concept::of(&words(claim.value.as_str()?))
}

fn mentions(source: &Source<'_>, claim: &Claim<'_>) -> Vec<Mention> {
    let Some(concept) = concept(claim) else { return Vec::new() };
    let mention = |sentence: Span| {
        let terms = source.hay.terms_in(sentence);
        let hit = concept.mention(terms)?;
        let words: Vec<Span> = hit.iter().filter_map(|i| terms.get(*i)).map(|t| t.span).collect();
        let first = *words.first()?;
        // What somebody wants to know is not what was found.
        let asked = section_at(&source.sections, first.start).is_some_and(|s| s.kind == SectionKind::Indication);
        let said = assess(source.hay.text, &source.sections, first);
        let named = concept.is_named(terms, &hit);
        (!asked).then_some(Mention { sentence, words, named, assertion: said.assertion, rule: said.rule })
    };
    sentences(source, claim).filter_map(mention).collect()
}

/// A label such as "normal" stands when a sentence says so, and nothing else was found.
fn unremarkable(source: &Source<'_>, claim: &Claim<'_>, before: &Decision) -> Decision {
    let plain = Decision { assertion: Assertion::Present, assertion_rule: "stated", ..before.clone() };
    mentions(source, claim).first().map_or_else(
        || Decision::refused(Reason::NoQuote),
        |m| stated(&plain, &Mention { words: vec![m.words[0]], assertion: Assertion::Present, rule: "stated", ..*m }),
    )
}
