//! Values that rest on a quote without standing in it: choices from a closed list, yes or no, constants, summaries.
//! Each needs a stretch of the text that speaks of it; without one it is unsupported like any other.

use super::claim::Claim;
use super::concepts::{Concept, stem};
use super::reason::Reason;
use super::{Decision, Source};
use crate::assertion::{assess, is_absent};
use crate::schema::{LeafKind, Polarity, Shape, sorts_the_whole, words};
use crate::text::{IndexedText, Span};
use cloister_domain::{Assertion, Support};
use serde_json::Value;

/// Scalars of the longest sentence that is quoted whole.
const LONGEST_QUOTE: usize = 300;
/// Quotes of one summary at most.
const MOST_QUOTES: usize = 6;

/// Decides what [`super::choose`] left open.
pub(crate) fn decide(source: &Source<'_>, claims: &[Claim<'_>], decisions: &mut [Decision]) {
    for i in 0..claims.len() {
        let (Some(claim), Some(before)) = (claims.get(i), decisions.get(i)) else { continue };
        if before.reasons.contains(&Reason::SchemaInvalid) {
            continue;
        }
        let decided = match claim.leaf.kind {
            LeafKind::Choice => Some(choice(source, claims, decisions, i)),
            LeafKind::Boolean => Some(yes_or_no(source, claim, claim.value == Value::Bool(true))),
            LeafKind::Summary if !before.stands() => Some(summary(source, claim)),
            _ => None,
        };
        if let (Some(decided), Some(slot)) = (decided, decisions.get_mut(i)) {
            *slot = decided;
        }
    }
}

fn choice(source: &Source<'_>, claims: &[Claim<'_>], decisions: &[Decision], i: usize) -> Decision {
    let (Some(claim), Some(before)) = (claims.get(i), decisions.get(i)) else {
        return Decision::refused(Reason::NoQuote);
    };
    let siblings = siblings(claims, decisions, i);
    let Shape::Choice { values, constant } = &claim.node.shape else { return before.clone() };
    if let Some(decision) = assertion_label(claim, values, &siblings) {
        return decision;
    }
    match claim.value.as_str().map(str::to_lowercase).as_deref() {
        Some("yes" | "true") => return yes_or_no(source, claim, true),
        Some("no" | "false") => return yes_or_no(source, claim, false),
        Some("unknown" | "not stated" | "not specified" | "not mentioned" | "unspecified" | "n/a") => {
            return Decision::refused(Reason::Placeholder);
        }
        _ => {}
    }
    // A label that stands in the text, and is not denied there, needs no inference.
    let denied = is_absent(before.assertion, before.assertion_rule) && claim.leaf.polarity != Polarity::Absent;
    let label = words(claim.value.as_str().unwrap_or(""));
    let normal = Concept::of(&label).is_some_and(|c| c.is_normal());
    if before.stands() && (!denied || normal) {
        return before.clone();
    }
    if *constant {
        return siblings.first().map_or_else(
            || Decision::refused(Reason::NoQuote),
            |s| inferred(s.evidence.clone(), s.assertion, s.assertion_rule, Reason::ConstantOfObject),
        );
    }
    if claim.object.is_empty() && classifies(claim) {
        return classified(source, claim, values, claims, decisions);
    }
    let mut refusal = if denied { Reason::OnlyNegated } else { Reason::NoQuote };
    if let Some(concept) = Concept::of(&label) {
        match mentions(source, claim, &concept, claim.leaf.polarity == Polarity::Absent) {
            Ok(decision) => return decision,
            Err(reason) => refusal = if denied { refusal } else { reason },
        }
    }
    let mut out = Decision::refused(refusal);
    if refusal == Reason::OnlyNegated {
        out.evidence.clone_from(&before.evidence);
        out.assertion = if denied { before.assertion } else { Assertion::Negated };
    }
    out
}

/// The other claims of the same object that stand.
fn siblings<'d>(claims: &[Claim<'_>], decisions: &'d [Decision], i: usize) -> Vec<&'d Decision> {
    let Some(claim) = claims.get(i) else { return Vec::new() };
    let same = |(j, (c, d)): &(usize, (&Claim<'_>, &Decision))| {
        *j != i && c.object == claim.object && !claim.object.is_empty() && d.stands() && !d.evidence.is_empty()
    };
    claims.iter().zip(decisions).enumerate().filter(same).map(|(_, (_, d))| d).collect()
}

/// A list of labels that names assertions ("present", "absent", "possible"): the object's other values decide it.
fn assertion_label(claim: &Claim<'_>, values: &[Value], siblings: &[&Decision]) -> Option<Decision> {
    let labels: Vec<Assertion> = values.iter().filter_map(|v| assertion_named(v.as_str()?)).collect();
    let named = assertion_named(claim.value.as_str()?)?;
    let distinct = labels.iter().any(|l| *l != named);
    let head = siblings.first().filter(|_| distinct)?;
    // What no label of the list can say is not held against the one chosen.
    let expected = if labels.contains(&head.assertion) { head.assertion } else { Assertion::Present };
    if expected == named {
        return Some(inferred(head.evidence.clone(), head.assertion, head.assertion_rule, Reason::AssertionLabel));
    }
    let mut refused = Decision::refused(Reason::AssertionDisagrees);
    refused.evidence.clone_from(&head.evidence);
    refused.assertion = head.assertion;
    Some(refused)
}

fn assertion_named(label: &str) -> Option<Assertion> {
    Some(match label.to_lowercase().as_str() {
        "present" | "positive" | "confirmed" | "affirmed" => Assertion::Present,
        "absent" | "negative" | "negated" | "denied" | "ruled out" | "ruled_out" => Assertion::Negated,
        "possible" | "suspected" | "probable" | "uncertain" | "likely" => Assertion::Uncertain,
        "historical" | "past" | "history" => Assertion::Historical,
        "family" | "family history" | "family_history" => Assertion::Family,
        "hypothetical" | "conditional" => Assertion::Hypothetical,
        _ => return None,
    })
}

/// The first sentence that speaks of a concept with the wanted polarity.
fn mentions(source: &Source<'_>, claim: &Claim<'_>, concept: &Concept, absent: bool) -> Result<Decision, Reason> {
    let mut against = None;
    let mut weaker: Option<Decision> = None;
    for sentence in sentences(source, claim) {
        let terms = source.hay.terms_in(sentence);
        let Some(hit) = concept.mention(terms) else { continue };
        let Some(words) = hit.iter().filter_map(|i| terms.get(*i)).map(|t| t.span).reduce(Span::cover) else {
            continue;
        };
        let first = hit.first().and_then(|i| terms.get(*i)).map_or(words, |t| t.span);
        let said = assess(source.hay.text, &source.sections, first);
        if concept.is_normal() {
            let not = hit.first().and_then(|i| terms.get(i.checked_sub(1)?)).is_some_and(|t| t.folded == "not");
            if !not {
                return Ok(inferred(vec![quote(sentence, words)], Assertion::Present, "stated", Reason::LabelWords));
            }
            continue;
        }
        if is_absent(said.assertion, said.rule) != absent {
            against = Some(if absent { Reason::OnlyAsserted } else { Reason::OnlyNegated });
            continue;
        }
        let decision = inferred(vec![quote(sentence, words)], said.assertion, said.rule, Reason::LabelWords);
        // What is simply stated is better evidence than what is feared, past or a relative's.
        if said.assertion == Assertion::Present || absent {
            return Ok(decision);
        }
        weaker.get_or_insert(decision);
    }
    weaker.ok_or(against.unwrap_or(Reason::NoQuote))
}

pub(super) fn sentences<'s>(source: &'s Source<'_>, claim: &'s Claim<'_>) -> impl Iterator<Item = Span> + 's {
    let inside = |s: &&Span| claim.windows.iter().any(|w| w.overlaps(**s));
    source.hay.text.sentences().iter().filter(inside).copied()
}

/// A sentence, or only the telling words of a very long one.
pub(super) fn quote(sentence: Span, words: Span) -> Span {
    if sentence.len() <= LONGEST_QUOTE { sentence } else { words }
}

/// Whether a field sorts the whole text.
fn classifies(claim: &Claim<'_>) -> bool {
    sorts_the_whole(&claim.leaf.description, claim.value.as_str().unwrap_or(""))
}

/// A choice about the text as a whole: what the text is about counts, not whether it affirms it.
fn classified(
    source: &Source<'_>,
    claim: &Claim<'_>,
    values: &[Value],
    claims: &[Claim<'_>],
    decisions: &[Decision],
) -> Decision {
    let concept = |v: &Value| Concept::of(&words(v.as_str().unwrap_or("")));
    let spoken_of = |c: &Concept| {
        sentences(source, claim).find_map(|s| {
            let terms = source.hay.terms_in(s);
            let hit = c.mention(terms)?;
            hit.iter().filter_map(|i| terms.get(*i)).map(|t| t.span).reduce(Span::cover).map(|w| quote(s, w))
        })
    };
    let own = concept(&claim.value);
    if let Some(quote) = own.as_ref().and_then(spoken_of) {
        return inferred(vec![quote], Assertion::Present, "stated", Reason::LabelWords);
    }
    let another = || {
        values
            .iter()
            .filter(|v| **v != claim.value)
            .filter_map(concept)
            .any(|c| c.is_known() && spoken_of(&c).is_some())
    };
    if own.is_some_and(|c| c.is_known()) && another() {
        return Decision::refused(Reason::AnotherLabel);
    }
    whole_text(source, claim, claims, decisions)
}

/// A choice about the text as a whole rests on the sentence that most of the answer rests on.
fn whole_text(source: &Source<'_>, claim: &Claim<'_>, claims: &[Claim<'_>], decisions: &[Decision]) -> Decision {
    let described = Concept::of(&words(&claim.leaf.description));
    let rests = |s: Span| {
        let others = claims.iter().zip(decisions).filter(|(c, d)| c.leaf.kind != LeafKind::Choice && d.stands());
        others.filter(|(_, d)| d.evidence.iter().any(|e| s.overlaps(*e))).count()
    };
    let best = sentences(source, claim).filter(|s| source.hay.terms_in(*s).len() >= 3).max_by_key(|s| {
        let about = described.as_ref().map_or(0, |c| c.overlap(source.hay.terms_in(*s)));
        (rests(*s), about, std::cmp::Reverse(s.start))
    });
    best.map_or_else(
        || Decision::refused(Reason::NoQuote),
        |s| {
            inferred(
                vec![Span::new(s.start, s.end.min(s.start + 2 * LONGEST_QUOTE))],
                Assertion::Present,
                "stated",
                Reason::WholeText,
            )
        },
    )
}

/// Yes needs a sentence that states it, no one that denies it.
fn yes_or_no(source: &Source<'_>, claim: &Claim<'_>, yes: bool) -> Decision {
    let name = claim.leaf.field.rsplit('.').next().unwrap_or("");
    let mut refusal = Reason::NoQuote;
    for wanted in [name, claim.leaf.description.as_str()] {
        let Some(concept) = Concept::of(&words(wanted)) else { continue };
        match mentions(source, claim, &concept, !yes) {
            Ok(mut decision) => {
                decision.reasons = vec![Reason::NameWords];
                return decision;
            }
            Err(reason) if refusal == Reason::NoQuote => refusal = reason,
            Err(_) => {}
        }
    }
    Decision::refused(refusal)
}

/// A summary: its numbers and drugs stand in the text, most of its words do, and each of its sentences has a sentence
/// of the text that it follows.
fn summary(source: &Source<'_>, claim: &Claim<'_>) -> Decision {
    let Some(value) = claim.value.as_str() else { return Decision::refused(Reason::NoQuote) };
    let read = IndexedText::new(value);
    let terms = super::terms::terms(&read);
    if terms.iter().any(|t| t.is_number() && !source.hay.has_key(&t.key)) {
        return Decision::refused(Reason::NumberNotInText);
    }
    let content: Vec<&str> =
        terms.iter().filter(|t| is_content(&t.folded) && !t.is_number()).map(|t| t.folded.as_str()).collect();
    let said: std::collections::HashSet<&str> = source.hay.terms.iter().map(|t| stem(&t.folded)).collect();
    if content.iter().any(|w| looks_like_drug(w) && !said.contains(stem(w))) {
        return Decision::refused(Reason::DrugNotInText);
    }
    let covered = content.iter().filter(|w| said.contains(stem(w))).count();
    if covered * 2 < content.len() {
        return Decision::refused(Reason::TooLittleOverlap);
    }
    let mut evidence: Vec<Span> = Vec::new();
    for part in read.sentences() {
        let mine: Vec<&str> =
            terms.iter().filter(|t| part.contains(t.span) && is_content(&t.folded)).map(|t| stem(&t.folded)).collect();
        let shared = |s: Span| {
            let theirs = source.hay.terms_in(s);
            mine.iter().filter(|m| theirs.iter().any(|t| stem(&t.folded) == **m)).count()
        };
        let best =
            sentences(source, claim).map(|s| (shared(s), s)).max_by_key(|(n, s)| (*n, std::cmp::Reverse(s.start)));
        if let Some((n, s)) = best
            && n > 0
            && evidence.len() < MOST_QUOTES
            && !evidence.contains(&s)
        {
            evidence.push(s);
        }
    }
    if evidence.is_empty() {
        return Decision::refused(Reason::NoQuote);
    }
    inferred(evidence, Assertion::Present, "stated", Reason::SummaryWords)
}

fn is_content(word: &str) -> bool {
    const IDLE: &[&str] = &[
        "the", "and", "for", "with", "was", "were", "has", "had", "have", "his", "her", "she", "him", "that", "this",
        "are", "not", "but", "from", "who", "which", "been", "patient", "any", "also", "does", "did", "denies",
        "denied", "reports", "reported", "states", "stated", "without", "per", "all", "their", "they", "there",
        "other", "than",
    ];
    word.chars().count() >= 3 && !IDLE.contains(&word)
}

/// Words built on stems of the international non-proprietary names (WHO, "The use of stems in the selection of
/// International Nonproprietary Names", 2018): a summary may not bring in a drug of its own.
fn looks_like_drug(word: &str) -> bool {
    const STEMS: &[&str] = &[
        "pril",
        "sartan",
        "olol",
        "dipine",
        "statin",
        "azole",
        "mycin",
        "cillin",
        "cycline",
        "floxacin",
        "oxetine",
        "azepam",
        "zolam",
        "tidine",
        "prazole",
        "parin",
        "xaban",
        "gatran",
        "gliptin",
        "gliflozin",
        "glutide",
        "formin",
        "mab",
        "tinib",
        "platin",
        "rubicin",
        "taxel",
        "vir",
        "triptan",
        "setron",
        "profen",
        "oxicam",
        "coxib",
        "sone",
        "solone",
        "caine",
        "barbital",
        "terol",
        "tropium",
        "lukast",
        "semide",
        "thiazide",
        "dronate",
        "cef",
        "penem",
        "bactam",
    ];
    word.chars().count() >= 6
        && word.chars().all(char::is_alphabetic)
        && STEMS.iter().any(|s| word.ends_with(s) || (*s == "cef" && word.starts_with(s)))
}

pub(super) fn inferred(evidence: Vec<Span>, assertion: Assertion, rule: &'static str, reason: Reason) -> Decision {
    Decision {
        support: Support::Inferred,
        evidence,
        assertion,
        reasons: vec![reason],
        assertion_rule: rule,
        merged: false,
    }
}
