//! Results against gold labels: precision, recall and F1 per field and over all, with intervals, confusions and a list
//! of what went wrong.

mod compare;
mod score;
mod words;

pub(crate) use compare::Comparator;

use score::{Fields, Outcome, Tally};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use ts_rs::TS;

/// Resamples of a bootstrap.
const RESAMPLES: usize = 1_000;
/// Errors listed; all are counted.
const LISTED: usize = 2_000;

/// Precision, recall and F1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Scores {
    /// Right values among those found.
    pub p: f64,
    /// Right values among the gold ones.
    pub r: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

/// Bounds of a 95 % interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Interval {
    /// Lower.
    pub low: f64,
    /// Upper.
    pub high: f64,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FieldScore {
    /// Its name; `field.member` for a further member of an object.
    pub field: String,
    /// How it was compared.
    pub comparator: String,
    /// Gold values (words, for `tokens`).
    #[ts(type = "number")]
    pub gold: u64,
    /// Found values.
    #[ts(type = "number")]
    pub found: u64,
    /// In the strict sense; null for `tokens`.
    pub exact: Option<Scores>,
    /// In the relaxed sense, which is the strict one where the comparator knows no other.
    pub relaxed: Scores,
    /// Of the relaxed F1, by a bootstrap over documents.
    pub interval: Interval,
    /// Documents in which the whole field is right, of those with gold labels.
    pub accuracy: f64,
    /// Of a closed list: gold value, found value (empty for none), how often.
    pub confusion: Vec<(String, String, u32)>,
}

/// A value that is missed or invented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Miss {
    /// `doc-…`
    pub document: String,
    /// Its id in the source.
    pub document_id: String,
    /// The field.
    pub field: String,
    /// The gold value that nothing matched.
    pub missed: Option<String>,
    /// The found value that matched nothing.
    pub invented: Option<String>,
}

/// A run against its gold labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Evaluation {
    /// Documents with gold labels and a result.
    #[ts(type = "number")]
    pub documents: u64,
    /// Of those, the ones without fields: rejected or failed.
    #[ts(type = "number")]
    pub without_fields: u64,
    /// Documents with gold labels that are still pending: not counted.
    #[ts(type = "number")]
    pub pending: u64,
    /// In the order of the schema.
    pub fields: Vec<FieldScore>,
    /// Over all values, without `tokens` fields.
    pub micro_exact: Scores,
    /// Over all values, without `tokens` fields.
    pub micro_relaxed: Scores,
    /// Of the relaxed micro F1.
    pub micro_interval: Interval,
    /// Mean F1 of the fields.
    pub macro_exact_f1: f64,
    /// Mean F1 of the fields, `tokens` included.
    pub macro_relaxed_f1: f64,
    /// What went wrong, document by document.
    pub misses: Vec<Miss>,
}

/// Two runs over the same documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Comparison {
    /// Documents that both have.
    #[ts(type = "number")]
    pub documents: u64,
    /// Relaxed micro F1 of the first.
    pub first: f64,
    /// Of the second.
    pub second: f64,
    /// Second less first.
    pub difference: f64,
    /// Of the difference, by a bootstrap over pairs of documents.
    pub interval: Interval,
    /// How often the sign of the difference turned in the resamples, twice: a two-sided p value.
    pub p_value: f64,
    /// Field, F1 of the first, F1 of the second.
    pub fields: Vec<(String, f64, f64)>,
}

/// One document to score.
pub(crate) struct Labelled {
    pub(crate) document: String,
    pub(crate) document_id: String,
    pub(crate) gold: Map<String, Value>,
    /// `None` when it was rejected or failed.
    pub(crate) found: Option<Map<String, Value>>,
}

type PerField = BTreeMap<String, Tally>;

/// Scores documents against a schema, comparators of its own choosing laid over the schema's.
pub(crate) fn evaluate(
    definition: &Value,
    chosen: BTreeMap<String, Comparator>,
    documents: impl Iterator<Item = Labelled>,
    pending: u64,
) -> Evaluation {
    let fields = Fields::new(definition, chosen);
    let mut order: Vec<String> = fields.names().filter(|f| fields.comparator(f) != Comparator::Skip).cloned().collect();
    let mut per_document: Vec<PerField> = Vec::new();
    let mut confusion: BTreeMap<String, BTreeMap<(String, String), u32>> = BTreeMap::new();
    let mut right: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let (mut misses, mut without_fields) = (Vec::new(), 0);
    let mut labelled = BTreeSet::new();
    for d in documents {
        labelled.extend(d.gold.keys().cloned());
        without_fields += u64::from(d.found.is_none());
        let mut tallies = PerField::new();
        for (field, outcome) in fields.document(&d.gold, d.found.as_ref().unwrap_or(&Map::new())) {
            if !order.contains(&field) {
                order.push(field.clone());
            }
            tallies.entry(field.clone()).or_default().add(&outcome.tally);
            let whole = right.entry(field.clone()).or_default();
            whole.0 +=
                u64::from(outcome.tally.relaxed == outcome.tally.gold && outcome.tally.gold == outcome.tally.found);
            whole.1 += 1;
            for pair in &outcome.pairs {
                *confusion.entry(field.clone()).or_default().entry(pair.clone()).or_default() += 1;
            }
            list(&d, &field, outcome, &mut misses);
        }
        per_document.push(tallies);
    }
    per_document.iter_mut().for_each(|tallies| tallies.retain(|field, _| is_of(&labelled, field)));
    misses.retain(|miss| is_of(&labelled, &miss.field));
    let totals = sum(per_document.iter());
    let is_bag = |f: &str| fields.comparator(f) == Comparator::Tokens;
    let micro = |of: &PerField| {
        of.iter().filter(|(f, _)| !is_bag(f)).fold(Tally::default(), |mut all, (_, t)| {
            all.add(t);
            all
        })
    };
    let resamples: Vec<PerField> =
        Resamples::new(per_document.len()).map(|picked| sum(picked.iter().map(|i| &per_document[*i]))).collect();
    let scored = order.iter().filter_map(|f| totals.get(f).filter(|t| t.gold + t.found > 0).map(|t| (f, t)));
    let field_scores: Vec<FieldScore> = scored
        .map(|(f, t)| {
            let (whole, of) = right.get(f).copied().unwrap_or((0, 1));
            let top = f.split('.').next().unwrap_or(f);
            FieldScore {
                field: f.clone(),
                comparator: fields.comparator(top).name(),
                gold: t.gold,
                found: t.found,
                exact: (!is_bag(f)).then(|| scores(t.exact, t)),
                relaxed: scores(t.relaxed, t),
                interval: interval(
                    resamples.iter().map(|r| r.get(f).map_or(0.0, |t| scores(t.relaxed, t).f1)).collect(),
                ),
                accuracy: whole as f64 / of.max(1) as f64,
                confusion: confusion
                    .remove(f)
                    .map(|c| c.into_iter().map(|((g, p), n)| (g, p, n)).collect())
                    .unwrap_or_default(),
            }
        })
        .collect();
    let all = micro(&totals);
    let mean = |of: Vec<f64>| if of.is_empty() { 0.0 } else { of.iter().sum::<f64>() / of.len() as f64 };
    Evaluation {
        documents: per_document.len() as u64,
        without_fields,
        pending,
        micro_exact: scores(all.exact, &all),
        micro_relaxed: scores(all.relaxed, &all),
        micro_interval: interval(resamples.iter().map(micro).map(|t| scores(t.relaxed, &t).f1).collect()),
        macro_exact_f1: mean(field_scores.iter().filter_map(|f| f.exact.map(|e| e.f1)).collect()),
        macro_relaxed_f1: mean(field_scores.iter().map(|f| f.relaxed.f1).collect()),
        fields: field_scores,
        misses,
    }
}

/// Compares two runs over the documents that both have, with the comparators of the first one's schema.
pub(crate) fn compare(definition: &Value, first: Vec<Labelled>, second: Vec<Labelled>) -> Comparison {
    let fields = Fields::new(definition, BTreeMap::new());
    let mut others: BTreeMap<String, Labelled> = second.into_iter().map(|d| (d.document.clone(), d)).collect();
    let score = |d: &Labelled| -> PerField {
        let outcomes = fields.document(&d.gold, d.found.as_ref().unwrap_or(&Map::new()));
        outcomes.into_iter().map(|(f, o)| (f, o.tally)).collect()
    };
    let labelled: BTreeSet<String> = first.iter().flat_map(|d| d.gold.keys().cloned()).collect();
    let score = |d: &Labelled| {
        let mut tallies = score(d);
        tallies.retain(|field, _| is_of(&labelled, field));
        tallies
    };
    let pairs: Vec<(PerField, PerField)> =
        first.iter().filter_map(|a| others.remove(&a.document).map(|b| (score(a), score(&b)))).collect();
    let f1 = |of: &PerField| {
        let mut all = Tally::default();
        of.iter().filter(|(f, _)| fields.comparator(f) != Comparator::Tokens).for_each(|(_, t)| all.add(t));
        scores(all.relaxed, &all).f1
    };
    let (a, b) = (sum(pairs.iter().map(|p| &p.0)), sum(pairs.iter().map(|p| &p.1)));
    let difference = f1(&b) - f1(&a);
    let differences: Vec<f64> = Resamples::new(pairs.len())
        .map(|picked| f1(&sum(picked.iter().map(|i| &pairs[*i].1))) - f1(&sum(picked.iter().map(|i| &pairs[*i].0))))
        .collect();
    let turned = differences.iter().filter(|d| if difference > 0.0 { **d <= 0.0 } else { **d >= 0.0 }).count();
    let names: Vec<&String> = a.keys().chain(b.keys().filter(|k| !a.contains_key(*k))).collect();
    let of = |totals: &PerField, f: &str| totals.get(f).map_or(0.0, |t| scores(t.relaxed, t).f1);
    Comparison {
        documents: pairs.len() as u64,
        first: f1(&a),
        second: f1(&b),
        difference,
        p_value: (2.0 * turned as f64 / differences.len().max(1) as f64).min(1.0),
        fields: names.into_iter().map(|f| (f.clone(), of(&a, f), of(&b, f))).collect(),
        interval: interval(differences),
    }
}

/// Whether a field was labelled in any document. What nobody labelled is neither right nor wrong, and counts nowhere.
fn is_of(labelled: &BTreeSet<String>, field: &str) -> bool {
    labelled.contains(field) || field.split_once('.').is_some_and(|(top, _)| labelled.contains(top))
}

fn list(d: &Labelled, field: &str, outcome: Outcome, misses: &mut Vec<Miss>) {
    let (mut missed, mut invented) = (outcome.missed.into_iter(), outcome.invented.into_iter());
    loop {
        let (m, i) = (missed.next(), invented.next());
        if (m.is_none() && i.is_none()) || misses.len() >= LISTED {
            return;
        }
        misses.push(Miss {
            document: d.document.clone(),
            document_id: d.document_id.clone(),
            field: field.to_owned(),
            missed: m,
            invented: i,
        });
    }
}

fn sum<'a>(of: impl Iterator<Item = &'a PerField>) -> PerField {
    let mut all = PerField::new();
    for tallies in of {
        for (field, tally) in tallies {
            all.entry(field.clone()).or_default().add(tally);
        }
    }
    all
}

fn scores(right: u64, t: &Tally) -> Scores {
    let part = |of: u64| if of == 0 { 0.0 } else { right as f64 / of as f64 };
    let (p, r) = (part(t.found), part(t.gold));
    Scores { p, r, f1: if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 } }
}

/// The middle 95 %.
fn interval(mut of: Vec<f64>) -> Interval {
    of.sort_by(f64::total_cmp);
    let at = |share: f64| of.get(((of.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(0.0);
    Interval { low: at(0.025), high: at(0.975) }
}

/// Draws with replacement, the same ones every time: an evaluation that is repeated gives the same interval.
struct Resamples {
    documents: usize,
    left: usize,
    state: u64,
}

impl Resamples {
    const fn new(documents: usize) -> Self {
        Self { documents, left: if documents == 0 { 0 } else { RESAMPLES }, state: 0x5eed }
    }

    /// `SplitMix64` (Steele, Lea and Flood, 2014).
    const fn next_number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Iterator for Resamples {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        self.left = self.left.checked_sub(1)?;
        let n = self.documents as u64;
        Some((0..n).map(|_| usize::try_from(self.next_number() % n).unwrap_or(0)).collect())
    }
}

#[cfg(test)]
mod tests;
