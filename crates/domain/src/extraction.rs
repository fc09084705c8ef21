//! Results of extraction, and the states they pass: drafted by a model, grounded in the source, signed by a person.

use crate::{Provenance, Sensitive, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the text says about a finding (ConText's labels).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Assertion {
    /// Stated as present.
    Present,
    /// Stated as absent.
    Negated,
    /// Of the past, not of this episode.
    Historical,
    /// Of a relative.
    Family,
    /// If, in case of, return for.
    Hypothetical,
    /// Possible, suspected.
    Uncertain,
}

/// How a value rests on the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// The value stands in the quote.
    Verbatim,
    /// The value follows from the quote by a fixed rule (number words, units, dates, case, abbreviations).
    Normalised,
    /// A choice or summary that rests on a verbatim quote without standing in it.
    Inferred,
    /// Nothing in the text supports it. Shown apart, and never among the fields.
    Unsupported,
}

/// The words a finding rests on. Offsets count Unicode scalars of the source text, end exclusive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// First scalar.
    pub start: usize,
    /// One past the last scalar.
    pub end: usize,
    /// The words themselves.
    pub quote: Sensitive<String>,
    /// When they were said, for a source that is speech (seconds).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_s: Option<f64>,
    /// When they ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_s: Option<f64>,
}

/// One leaf of the answer with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// JSON Pointer (RFC 6901) into the answer as the model wrote it: `/medications/0/name`.
    pub path: String,
    /// The property's dotted name without indices: `medications.name`.
    pub field: String,
    /// The value.
    pub value: Sensitive<Value>,
    /// In order of the text; empty only when unsupported.
    pub evidence: Vec<Evidence>,
    /// What the text says about it.
    pub assertion: Assertion,
    /// How it rests on the text.
    pub support: Support,
    /// Computed from token probabilities, 0 to 1; absent when it was not computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Which rules decided, as codes a reviewer can look up (docs/grounding.md).
    #[serde(default)]
    pub reasons: Vec<String>,
}

/// How a document came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExtractionStatus {
    /// The whole answer, valid against the schema.
    Ok,
    /// Valid, but cut at a limit or with a required value removed.
    Partial,
    /// The answer cannot be made valid; reasons are given, no fields.
    Rejected,
    /// There is no answer: the engine or the document failed.
    Failed,
}

/// State: as the model wrote it. Never shown as a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    answer: Sensitive<Value>,
}

/// State: schema-valid, every span found in the source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grounded {
    fields: Sensitive<Value>,
    findings: Vec<Finding>,
}

/// What a reviewer decided about one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It stands.
    Accepted,
    /// It goes.
    Rejected,
    /// It stands with another value.
    Edited,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// The finding's path.
    pub path: String,
    /// What was decided.
    pub decision: Decision,
    /// The value after an edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Sensitive<Value>>,
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// State: every finding decided and signed by a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Signed {
    grounded: Grounded,
    reviews: Vec<Review>,
    by: UserId,
    at: Timestamp,
}

/// An extraction in one of its states. Only a `Signed` one leaves as a clinical document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Extraction<S> {
    provenance: Provenance,
    state: S,
}

/// Why a claim of grounding is false.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroundingFault {
    /// A finding without evidence that is not marked unsupported.
    #[error("the finding at {path} has no evidence")]
    NoEvidence {
        /// Its JSON Pointer.
        path: String,
    },
    /// A quote that does not stand at its offsets.
    #[error("the evidence of {path} does not stand in the source at {start}..{end}")]
    QuoteElsewhere {
        /// Its JSON Pointer.
        path: String,
        /// First scalar claimed.
        start: usize,
        /// End claimed.
        end: usize,
    },
    /// Not every finding was decided.
    #[error("{open} findings are not decided")]
    Undecided {
        /// How many.
        open: usize,
    },
}

impl Extraction<Draft> {
    /// What a model wrote.
    #[must_use]
    pub const fn draft(provenance: Provenance, answer: Value) -> Self {
        Self { provenance, state: Draft { answer: Sensitive::new(answer) } }
    }

    /// The answer as written.
    #[must_use]
    pub const fn answer(&self) -> &Sensitive<Value> {
        &self.state.answer
    }

    /// Checks every quote against the source, so that a claim of grounding by another process is not simply
    /// believed: each supported finding has evidence, and each quote stands at its offsets, character for character.
    ///
    /// # Errors
    /// The first claim that is false.
    pub fn ground(
        self,
        source: &str,
        fields: Value,
        findings: Vec<Finding>,
    ) -> Result<Extraction<Grounded>, GroundingFault> {
        // Byte offset of each scalar, so that a quote is one slice and a long report stays linear.
        let mut offsets: Vec<usize> = source.char_indices().map(|(i, _)| i).collect();
        offsets.push(source.len());
        for finding in &findings {
            if finding.support != Support::Unsupported && finding.evidence.is_empty() {
                return Err(GroundingFault::NoEvidence { path: finding.path.clone() });
            }
            for e in &finding.evidence {
                let said = match (offsets.get(e.start), offsets.get(e.end)) {
                    (Some(&s), Some(&t)) if s < t => source.get(s..t),
                    _ => None,
                };
                if said != Some(e.quote.expose("comparing it with the source").as_str()) {
                    return Err(GroundingFault::QuoteElsewhere {
                        path: finding.path.clone(),
                        start: e.start,
                        end: e.end,
                    });
                }
            }
        }
        Ok(Extraction { provenance: self.provenance, state: Grounded { fields: Sensitive::new(fields), findings } })
    }
}

impl Extraction<Grounded> {
    /// The supported leaves, in schema order.
    #[must_use]
    pub const fn fields(&self) -> &Sensitive<Value> {
        &self.state.fields
    }

    /// Every leaf, unsupported ones too.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.state.findings
    }

    /// Signs a result of which every finding that stands in the fields was decided.
    ///
    /// # Errors
    /// [`GroundingFault::Undecided`] when one was not.
    pub fn sign(self, reviews: Vec<Review>, by: UserId, at: Timestamp) -> Result<Extraction<Signed>, GroundingFault> {
        let open = self
            .state
            .findings
            .iter()
            .filter(|f| f.support != Support::Unsupported && !reviews.iter().any(|r| r.path == f.path))
            .count();
        if open > 0 {
            return Err(GroundingFault::Undecided { open });
        }
        Ok(Extraction { provenance: self.provenance, state: Signed { grounded: self.state, reviews, by, at } })
    }
}

impl Extraction<Signed> {
    /// The decisions.
    #[must_use]
    pub fn reviews(&self) -> &[Review] {
        &self.state.reviews
    }

    /// Every finding as grounded.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.state.grounded.findings
    }

    /// Who signed and when.
    #[must_use]
    pub const fn signature(&self) -> (UserId, Timestamp) {
        (self.state.by, self.state.at)
    }
}

impl<S> Extraction<S> {
    /// What it was made with.
    #[must_use]
    pub const fn provenance(&self) -> &Provenance {
        &self.provenance
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ModelRef, Sha256Hex};
    use serde_json::json;

    fn provenance() -> Provenance {
        let h: Sha256Hex = "a".repeat(64).parse().unwrap();
        Provenance {
            model: ModelRef { name: "m".into(), sha256: h.clone() },
            schema: "s@1".into(),
            schema_sha256: h.clone(),
            prompt_sha256: h.clone(),
            source_sha256: h,
            build: "b".into(),
            cpu_path: "scalar".into(),
            threads: 1,
            device: "cpu".into(),
        }
    }

    fn finding(start: usize, end: usize, quote: &str) -> Finding {
        Finding {
            path: "/drug/0".into(),
            field: "drug".into(),
            value: Sensitive::new(json!(quote)),
            evidence: vec![Evidence { start, end, quote: Sensitive::new(quote.into()), start_s: None, end_s: None }],
            assertion: Assertion::Present,
            support: Support::Verbatim,
            confidence: None,
            reasons: vec![],
        }
    }

    #[test]
    fn a_true_quote_grounds_and_a_false_one_does_not() {
        let source = "Größe: nahm Metoprolol.";
        let ok =
            Extraction::draft(provenance(), json!({})).ground(source, json!({}), vec![finding(12, 22, "Metoprolol")]);
        assert!(ok.is_ok());
        for (s, e) in [(11, 21), (12, 99), (22, 12), (12, 12)] {
            let no =
                Extraction::draft(provenance(), json!({})).ground(source, json!({}), vec![finding(s, e, "Metoprolol")]);
            assert!(matches!(no, Err(GroundingFault::QuoteElsewhere { .. })), "{s}..{e}");
        }
    }

    #[test]
    fn support_without_evidence_is_refused() {
        let mut f = finding(0, 1, "G");
        f.evidence.clear();
        let no = Extraction::draft(provenance(), json!({})).ground("G", json!({}), vec![f]);
        assert!(matches!(no, Err(GroundingFault::NoEvidence { .. })));
    }
}
