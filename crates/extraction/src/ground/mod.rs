//! Grounding: what a model answered, held against the text it was asked about.
//!
//! Every leaf of the answer is found back in the text with its offsets, or refused. The rules are fixed and each one
//! that decides is named (docs/grounding.md); no model takes part. What leaves here is valid against the schema
//! wherever it can be, and no value in it lacks a quote.

mod abbreviations;
mod checklist;
mod choose;
mod claim;
mod concepts;
mod dates;
mod decimal;
mod fields;
mod governs;
mod infer;
mod kinds;
mod locate;
mod reason;
mod resolve;
mod terms;

use crate::schema::Schema;
use crate::sections::{Section, sections};
use crate::text::{IndexedText, Span};
use cloister_domain::{Assertion, Evidence, ExtractionStatus, Finding, Sensitive, Support};
use locate::Haystack;
use reason::Reason;
use serde_json::Value;

/// An answer held against its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Grounding {
    /// Every leaf that is not unsupported, in schema order, every declared property that can be there present: a
    /// removed leaf is `[]`, `null` or absent. Valid against the schema unless the status is partial.
    pub fields: Sensitive<Value>,
    /// Every leaf of the answer in schema order, the refused ones too.
    pub findings: Vec<Finding>,
    /// `Ok`; `Partial` when a value that the schema requires had to go; `Rejected` when the answer is no object.
    pub status: ExtractionStatus,
    /// Why the status is not `Ok`: a code of docs/grounding.md, a space, and the JSON Pointer it is about.
    pub reasons: Vec<String>,
}

/// Holds an answer against the text it was drawn from.
#[must_use]
pub fn ground(schema: &Schema, text: &str, answer: &Value) -> Grounding {
    let whole = Span::new(0, text.chars().count());
    ground_windows(schema, text, &[(whole, answer.clone())])
}

/// Holds the answers of a long document's windows (Unicode scalars of `text`) against it, as one: lists are joined
/// and what stands in two windows is kept once; of different single values the best supported stays.
#[must_use]
pub fn ground_windows(schema: &Schema, text: &str, answers: &[(Span, Value)]) -> Grounding {
    let mut objects: Vec<(Span, Value)> = answers.iter().filter(|(_, v)| v.is_object()).cloned().collect();
    if objects.is_empty() {
        return Grounding {
            fields: Sensitive::new(Value::Object(serde_json::Map::new())),
            findings: Vec::new(),
            status: ExtractionStatus::Rejected,
            reasons: vec!["not-an-object /".to_owned()],
        };
    }
    let read = IndexedText::new(text);
    let hay = Haystack::new(&read);
    let english = kinds::is_english(&hay.terms);
    let source = Source { sections: sections(&read), hay, english };
    let mut checklists = checklist::checklists(schema.root());
    for (_, object) in &mut objects {
        object.as_object_mut().into_iter().for_each(|o| checklist::propose(&mut checklists, o));
    }
    let joined = claim::join(schema.root(), &objects);
    let mut decisions = choose::decide(&source, &joined.claims);
    infer::decide(&source, &joined.claims, &mut decisions);
    governs::decide(&source, &joined.claims, &mut decisions);
    checklist::decide(&source, &checklists, &joined.claims, &mut decisions);
    resolve::resolve(&source, &joined.claims, &mut decisions);
    let built = fields::build(schema, &joined, &mut decisions);
    let mut reasons = built.reasons;
    reasons.extend(joined.misshapen.iter().map(|p| format!("schema-invalid {p}")));
    if objects.len() < answers.len() {
        reasons.push("not-an-object /".to_owned());
    }
    let status = if reasons.is_empty() { ExtractionStatus::Ok } else { ExtractionStatus::Partial };
    let pairs = joined.claims.iter().zip(&decisions).filter(|(c, d)| !checklist::is_idle(&checklists, c, d));
    let findings = pairs.filter_map(|(c, d)| finding(&source, c, d)).collect();
    Grounding { fields: Sensitive::new(built.fields), findings, status, reasons }
}

/// A text as the rules need it.
pub(crate) struct Source<'t> {
    pub(crate) hay: Haystack<'t>,
    pub(crate) sections: Vec<Section>,
    /// Rules that rest on lists of English words speak.
    pub(crate) english: bool,
}

/// What was decided about one claim.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decision {
    pub(crate) support: Support,
    /// The spans it rests on; for a refused value, where it was refused because of what the text says there.
    pub(crate) evidence: Vec<Span>,
    pub(crate) assertion: Assertion,
    pub(crate) reasons: Vec<Reason>,
    /// The rule that gave the assertion.
    pub(crate) assertion_rule: &'static str,
    /// It says the same as an earlier claim, which now holds its evidence.
    pub(crate) merged: bool,
}

impl Decision {
    /// Refused, with nothing to show.
    pub(crate) fn refused(reason: Reason) -> Self {
        Self {
            support: Support::Unsupported,
            evidence: Vec::new(),
            assertion: Assertion::Present,
            reasons: vec![reason],
            assertion_rule: "",
            merged: false,
        }
    }

    /// Whether the value stays in the fields.
    pub(crate) fn stands(&self) -> bool {
        self.support != Support::Unsupported && !self.merged
    }

    /// Takes the value out of the fields; its evidence stays, to show why.
    pub(crate) fn refuse(&mut self, reason: Reason) {
        self.support = Support::Unsupported;
        self.reasons.push(reason);
    }
}

fn finding(source: &Source<'_>, claim: &claim::Claim<'_>, decision: &Decision) -> Option<Finding> {
    if decision.merged {
        return None;
    }
    let mut spans = decision.evidence.clone();
    spans.sort_unstable();
    spans.dedup();
    let evidence = spans
        .into_iter()
        .map(|s| Evidence {
            start: s.start,
            end: s.end,
            quote: Sensitive::new(source.hay.text.slice(s).to_owned()),
            start_s: None,
            end_s: None,
        })
        .collect();
    let mut reasons: Vec<String> = decision.reasons.iter().map(|r| r.code().to_owned()).collect();
    if !matches!(decision.assertion_rule, "" | "stated") {
        reasons.push(decision.assertion_rule.to_owned());
    }
    Some(Finding {
        path: claim.path.clone(),
        field: claim.leaf.field.clone(),
        value: Sensitive::new(claim.value.clone()),
        evidence,
        assertion: decision.assertion,
        support: decision.support,
        confidence: None,
        reasons,
    })
}

#[cfg(test)]
mod tests;
