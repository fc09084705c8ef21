//! Of several places where a value stands, the one that is meant: the assertion that the field asks for, not yet taken
//! by a sister value, near the other values of its object, in the section the field speaks of.

use super::claim::Claim;
use super::kinds::is_wrong_kind;
use super::locate::{Occurrence, Strictness};
use super::reason::Reason;
use super::{Decision, Source};
use crate::assertion::{Assessment, assess, is_absent};
use crate::schema::{LeafKind, Polarity, answer_fits, words};
use crate::sections::{SectionKind, section_at};
use crate::text::Span;
use cloister_domain::Support;
use serde_json::Value;
use std::collections::HashMap;

/// Sentences between a dose and its drug at most.
const FARTHEST_SENTENCES: usize = 1;

/// Decides every claim that must stand in the text. Choices, yes-or-no and summaries get a first decision by their
/// own words; [`super::infer`] goes on where that found nothing.
pub(crate) fn decide(source: &Source<'_>, claims: &[Claim<'_>]) -> Vec<Decision> {
    let found: Vec<Result<Vec<Candidate>, Reason>> = claims.iter().map(|c| candidates(source, c)).collect();
    let mut out: Vec<Decision> =
        found.iter().map(|f| Decision::refused(f.as_ref().err().copied().unwrap_or(Reason::NotInText))).collect();
    let mut taken: HashMap<&str, Vec<Span>> = HashMap::new();
    for (head, members) in groups(claims) {
        let anchor = head.and_then(|h| anchor(claims, &found, h, &members, &taken).map(|c| (h, c)));
        for &i in &members {
            let (Some(Ok(candidates)), Some(claim)) = (found.get(i), claims.get(i)) else { continue };
            let spans = taken.get(claim.leaf.pattern.as_str()).map_or(&[][..], Vec::as_slice);
            let picked = match &anchor {
                Some((h, candidate)) if *h == i => Some((*candidate, None)),
                Some((_, candidate)) => nearest(source, claim, candidates, candidate.at.span, spans),
                None => best(claim, candidates, spans).map(|c| (c, None)),
            };
            let Some((candidate, rule)) = picked else { continue };
            let decision = decided(candidate, rule);
            if decision.support != Support::Unsupported {
                taken.entry(claim.leaf.pattern.as_str()).or_default().push(candidate.at.span);
            }
            if let Some(slot) = out.get_mut(i) {
                *slot = decision;
            }
        }
    }
    out
}

/// A place with what speaks for and against it.
struct Candidate {
    at: Occurrence,
    said: Assessment,
    /// The section or the words around it fit the field's name.
    fits_name: bool,
    /// Scalars to the nearest word of the field's name, for numbers and dates.
    to_name: usize,
}

fn candidates(source: &Source<'_>, claim: &Claim<'_>) -> Result<Vec<Candidate>, Reason> {
    if !answer_fits(claim.node, &claim.value) {
        return Err(Reason::SchemaInvalid);
    }
    if source.english && claim.value.as_str().is_some_and(|v| is_wrong_kind(&claim.leaf.field, v)) {
        return Err(Reason::WrongKind);
    }
    let mut why = Reason::NotInText;
    let mut found: Vec<Occurrence> = Vec::new();
    for window in &claim.windows {
        match occurrences(source, claim, *window) {
            Ok(list) => found.extend(list),
            Err(reason) => why = reason,
        }
    }
    found.sort_by_key(|o| (o.span.start, o.span.end));
    found.dedup_by_key(|o| o.span);
    if found.is_empty() {
        return Err(why);
    }
    let name = words(&claim.leaf.field);
    let numeric = matches!(claim.leaf.kind, LeafKind::Number | LeafKind::Date);
    let described = if numeric { words(&claim.leaf.description) } else { Vec::new() };
    let placeholder = claim.value.as_str().is_some_and(is_placeholder);
    let judged: Vec<Candidate> = found
        .into_iter()
        .map(|at| {
            let said = assess(source.hay.text, &source.sections, at.span);
            let fits_name = section_fits(source, at.span, &name);
            let to_name = if numeric { distance_to_name(source, at.span, &name, &described) } else { 0 };
            Candidate { at, said, fits_name, to_name }
        })
        // "None" answers a field only where the text says it about that field.
        .filter(|c| !placeholder || c.fits_name)
        .collect();
    if judged.is_empty() { Err(Reason::Placeholder) } else { Ok(judged) }
}

fn occurrences(source: &Source<'_>, claim: &Claim<'_>, window: Span) -> Result<Vec<Occurrence>, Reason> {
    let hay = &source.hay;
    match (&claim.value, claim.leaf.kind) {
        (Value::Number(n), _) => hay.find_number(&n.to_string(), window),
        (Value::String(s), LeafKind::Drug | LeafKind::Date) => hay.find(s, Strictness::Form, window),
        (Value::String(s), _) => hay.find(s, Strictness::Grammar, window),
        _ => Err(Reason::NoQuote),
    }
}

/// Words that stand for "nothing was given".
fn is_placeholder(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "none",
        "no",
        "nil",
        "n/a",
        "na",
        "not applicable",
        "not available",
        "not given",
        "not specified",
        "not stated",
        "not mentioned",
        "not reported",
        "not provided",
        "not documented",
        "unknown",
        "unspecified",
        "null",
        "nothing",
        "-",
        "negative",
        "yes",
        "other",
    ];
    let folded = value.trim().trim_end_matches('.').to_lowercase();
    WORDS.contains(&folded.as_str())
}

/// The members of each object, with the one that the others are placed by. Claims on the answer itself stand alone.
fn groups(claims: &[Claim<'_>]) -> Vec<(Option<usize>, Vec<usize>)> {
    let mut out: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut place: HashMap<&str, usize> = HashMap::new();
    for (i, claim) in claims.iter().enumerate() {
        if claim.object.is_empty() {
            out.push(("", vec![i]));
        } else if let Some(&at) = place.get(claim.object.as_str()) {
            if let Some((_, members)) = out.get_mut(at) {
                members.push(i);
            }
        } else {
            place.insert(&claim.object, out.len());
            out.push((&claim.object, vec![i]));
        }
    }
    let words = |i: &usize| claims.get(*i).is_some_and(|c| matches!(c.leaf.kind, LeafKind::Text | LeafKind::Drug));
    out.into_iter()
        .map(|(_, members)| (members.iter().copied().find(|i| words(i)).filter(|_| members.len() > 1), members))
        .collect()
}

/// The place of an object's head: the one from which its other values are nearest.
fn anchor<'f>(
    claims: &[Claim<'_>],
    found: &'f [Result<Vec<Candidate>, Reason>],
    head: usize,
    members: &[usize],
    taken: &HashMap<&str, Vec<Span>>,
) -> Option<&'f Candidate> {
    let claim = claims.get(head)?;
    let spans = taken.get(claim.leaf.pattern.as_str()).map_or(&[][..], Vec::as_slice);
    let candidates = found.get(head)?.as_ref().ok()?;
    candidates.iter().min_by_key(|c| {
        let others: usize = members
            .iter()
            .filter(|i| **i != head)
            .filter_map(|i| found.get(*i)?.as_ref().ok())
            .filter_map(|list| list.iter().map(|o| span_cost(c.at.span, o.at.span)).min())
            .sum();
        (mismatch(claim, c), others, rank(c, spans))
    })
}

/// How far two values of one object are apart: a value behind its head is nearer than one before it.
fn span_cost(head: Span, other: Span) -> usize {
    let distance = head.distance(other);
    if other.start < head.start { distance * 2 } else { distance }
}

/// The member's place nearest to its head. A dose in another sentence than its drug, or farther, is not its dose.
fn nearest<'c>(
    source: &Source<'_>,
    claim: &Claim<'_>,
    candidates: &'c [Candidate],
    head: Span,
    taken: &[Span],
) -> Option<(&'c Candidate, Option<Reason>)> {
    let best = candidates.iter().min_by_key(|c| (mismatch(claim, c), span_cost(head, c.at.span), rank(c, taken)))?;
    let text = source.hay.text;
    let apart = text.sentence_at(head.start).abs_diff(text.sentence_at(best.at.span.start));
    let quantity =
        claim.value.is_number() || claim.value.as_str().is_some_and(|s| s.chars().any(|c| c.is_ascii_digit()));
    let far = quantity && apart > FARTHEST_SENTENCES;
    Some((best, Some(if far { Reason::FarFromObject } else { Reason::NearestToObject })))
}

fn best<'c>(claim: &Claim<'_>, candidates: &'c [Candidate], taken: &[Span]) -> Option<&'c Candidate> {
    candidates.iter().min_by_key(|c| (mismatch(claim, c), rank(c, taken)))
}

/// 1 when the text says the opposite there of what the field asks for. A field that asks for nothing special is taken
/// to mean what is not denied.
fn mismatch(claim: &Claim<'_>, c: &Candidate) -> u8 {
    let absent = is_absent(c.said.assertion, c.said.rule);
    match claim.leaf.polarity {
        Polarity::Absent => u8::from(!absent),
        Polarity::Present | Polarity::Any => u8::from(absent),
    }
}

fn rank(c: &Candidate, taken: &[Span]) -> (bool, usize, bool, bool, usize) {
    let used = taken.iter().any(|t| t.overlaps(c.at.span));
    (used, c.to_name, !c.fits_name, !c.at.verbatim, c.at.span.start)
}

fn decided(candidate: &Candidate, rule: Option<Reason>) -> Decision {
    let mut reasons = candidate.at.rules.clone();
    reasons.extend(rule);
    if candidate.to_name > 0 && candidate.to_name < usize::MAX {
        reasons.push(Reason::NearestToName);
    }
    let far = rule == Some(Reason::FarFromObject);
    Decision {
        support: match (far, candidate.at.verbatim) {
            (true, _) => Support::Unsupported,
            (false, true) => Support::Verbatim,
            (false, false) => Support::Normalised,
        },
        evidence: std::iter::once(candidate.at.span).chain(candidate.at.also).collect(),
        assertion: candidate.said.assertion,
        reasons,
        assertion_rule: candidate.said.rule,
        merged: false,
    }
}

/// Whether the section, by its kind or its own heading, is about the field.
fn section_fits(source: &Source<'_>, span: Span, name: &[String]) -> bool {
    let Some(section) = section_at(&source.sections, span.start) else { return false };
    let kind: &[&str] = match section.kind {
        SectionKind::Complaint => &["complaint", "complaints", "reason"],
        SectionKind::Medications => {
            &["medication", "medications", "drug", "drugs", "meds", "medicines", "prescriptions"]
        }
        SectionKind::Allergies => &["allergy", "allergies", "allergen", "reactions"],
        SectionKind::Immunizations => &["immunizations", "immunisations", "vaccines", "vaccinations"],
        SectionKind::Assessment => &["problem", "problems", "diagnosis", "diagnoses", "assessment", "impression"],
        SectionKind::Plan => &["plan", "plans", "recommendation", "recommendations", "treatment", "disposition"],
        SectionKind::FamilyHistory => &["family"],
        SectionKind::SocialHistory => &["social", "smoking", "alcohol", "tobacco"],
        SectionKind::PastHistory => &["past", "history", "surgeries", "comorbidities"],
        SectionKind::Procedures => &["procedure", "procedures", "operations"],
        SectionKind::Laboratory => &["labs", "laboratory", "tests", "results"],
        SectionKind::Vitals => &["vitals", "vital"],
        SectionKind::Indication => &["indication", "reason"],
        SectionKind::Imaging => &["imaging", "findings"],
        SectionKind::Examination => &["exam", "examination"],
        SectionKind::PresentHistory | SectionKind::ReviewOfSystems | SectionKind::Other => &[],
    };
    let heading = words(source.hay.text.slice(section.heading));
    name.iter().any(|n| kind.contains(&n.as_str()) || heading.contains(n))
}

/// Scalars from a number to the nearest word of its field's name, then description, in the same sentence; the
/// largest number when there is none. Words before a number name it more often than words after it.
fn distance_to_name(source: &Source<'_>, span: Span, name: &[String], described: &[String]) -> usize {
    let sentence = source.hay.text.sentence_span(span.start);
    let terms = source.hay.terms_in(sentence);
    let nearest = |wanted: &[String]| {
        terms
            .iter()
            .filter(|t| !t.span.overlaps(span) && wanted.iter().any(|w| names(w, &t.folded)))
            .map(|t| if t.span.start < span.start { t.span.distance(span) } else { 2 * t.span.distance(span) })
            .min()
    };
    let by_name = nearest(name).map(|d| d.max(1));
    by_name.or_else(|| nearest(described).map(|d| d.max(1) + 1_000)).unwrap_or(usize::MAX)
}

/// Whether a word of the text is a word of a field's name, or begins like it.
fn names(wanted: &str, word: &str) -> bool {
    const IDLE: &[&str] = &[
        "the", "of", "in", "a", "an", "and", "or", "value", "level", "patient", "as", "text", "is", "at", "for", "to",
    ];
    if IDLE.contains(&wanted) {
        return false;
    }
    let prefix = super::concepts::stem(wanted);
    wanted == word || (prefix.chars().count() >= 4 && word.starts_with(prefix))
}
