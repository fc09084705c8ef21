//! Counts of right, missed and invented values, per document and field. Values of a list are a set: each gold value is
//! matched to one found value at most, exact matches first. A wrong value counts as missed and as invented.

use super::{
    compare::Comparator,
    words::{normal, shared, text, values},
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Counts of one field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Exact matches.
    pub(crate) exact: u64,
    /// Relaxed matches, the exact ones included.
    pub(crate) relaxed: u64,
    /// Gold values.
    pub(crate) gold: u64,
    /// Found values.
    pub(crate) found: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.exact += other.exact;
        self.relaxed += other.relaxed;
        self.gold += other.gold;
        self.found += other.found;
    }
}

/// What one document gave for one field.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) tally: Tally,
    /// Gold values that nothing matched.
    pub(crate) missed: Vec<String>,
    /// Found values that matched nothing.
    pub(crate) invented: Vec<String>,
    /// Pairs of a confusion matrix: gold and found, empty for none.
    pub(crate) pairs: Vec<(String, String)>,
}

/// The fields of a schema and how each is compared.
pub(crate) struct Fields {
    properties: Map<String, Value>,
    chosen: BTreeMap<String, Comparator>,
}

impl Fields {
    pub(crate) fn new(definition: &Value, chosen: BTreeMap<String, Comparator>) -> Self {
        let properties = definition.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        Self { properties, chosen }
    }

    pub(crate) fn comparator(&self, field: &str) -> Comparator {
        let by_schema = || self.properties.get(field).map_or(Comparator::Words, Comparator::of_field);
        self.chosen.get(field).copied().unwrap_or_else(by_schema)
    }

    /// Names in the order of the schema.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.properties.keys()
    }

    /// Compares one document. Fields come in the order of the gold labels, then of what was found.
    pub(crate) fn document(&self, gold: &Map<String, Value>, found: &Map<String, Value>) -> Vec<(String, Outcome)> {
        let mut all = Vec::new();
        let also = found.keys().filter(|k| self.properties.contains_key(*k) && !gold.contains_key(*k));
        for field in gold.keys().chain(also) {
            let comparator = self.comparator(field);
            let (g, f) = (values(gold.get(field)), values(found.get(field)));
            let definition = self.properties.get(field).unwrap_or(&Value::Null);
            let unscored = definition.get("x-skip-if-gold-empty") == Some(&Value::Bool(true)) && g.is_empty();
            if comparator == Comparator::Skip || unscored {
                continue;
            }
            let described = definition.pointer("/items/properties").and_then(Value::as_object);
            if comparator == Comparator::Tokens {
                all.push((field.clone(), tokens(&g, &f)));
            } else if described.is_some() || g.iter().any(|v| v.is_object()) {
                objects(field, comparator, described, &g, &f, &mut all);
            } else {
                let (g, f) = (distinct(g.into_iter().map(text)), distinct(f.into_iter().map(text)));
                all.push((field.clone(), pair_up(comparator, &g, &f)));
            }
        }
        all
    }
}

fn tokens(gold: &[&Value], found: &[&Value]) -> Outcome {
    let bag = |values: &[&Value]| normal(&values.iter().map(|v| text(v)).collect::<Vec<_>>().join(" "));
    let (g, f) = (bag(gold), bag(found));
    let n = shared(&g, &f) as u64;
    let count = |s: &str| s.split_whitespace().count() as u64;
    Outcome { tally: Tally { exact: n, relaxed: n, gold: count(&g), found: count(&f) }, ..Outcome::default() }
}

/// An object is told by its first member; each further member is scored together with it, as `field.member`.
fn objects(
    field: &str,
    comparator: Comparator,
    described: Option<&Map<String, Value>>,
    gold: &[&Value],
    found: &[&Value],
    all: &mut Vec<(String, Outcome)>,
) {
    let keys: Vec<&String> = match (described, gold.iter().find_map(|v| v.as_object())) {
        (Some(members), _) if !members.is_empty() => members.keys().collect(),
        (_, Some(first)) => first.keys().collect(),
        _ => return,
    };
    let Some((head, rest)) = keys.split_first() else { return };
    let member = |v: &Value, key: &str| -> Option<String> {
        let inner = match v {
            Value::Object(o) => o.get(key)?,
            plain if key == head.as_str() => plain,
            _ => return None,
        };
        let words = text(inner);
        (!inner.is_null() && inner.as_str() != Some("")).then_some(words)
    };
    let heads = |of: &[&Value]| distinct(of.iter().filter_map(|v| member(v, head)));
    all.push((field.to_owned(), pair_up(comparator, &heads(gold), &heads(found))));
    for key in rest {
        let both = |of: &[&Value]| -> Vec<(String, String)> {
            let told = |v: &&Value| Some((member(v, head).filter(|h| !h.is_empty())?, member(v, key)?));
            of.iter().filter_map(told).collect()
        };
        let (g, f) = (both(gold), both(found));
        let exact =
            |a: &(String, String), b: &(String, String)| comparator.exact(&a.0, &b.0) && comparator.exact(&a.1, &b.1);
        let relaxed = |a: &(String, String), b: &(String, String)| {
            let one = |x: &str, y: &str| comparator.relaxed(x, y).unwrap_or_else(|| comparator.exact(x, y));
            one(&a.0, &b.0) && one(&a.1, &b.1)
        };
        let tally = Tally {
            exact: matches(&g, &f, exact).0,
            relaxed: matches(&g, &f, relaxed).0,
            gold: g.len() as u64,
            found: f.len() as u64,
        };
        all.push((format!("{field}.{key}"), Outcome { tally, ..Outcome::default() }));
    }
}

fn pair_up(comparator: Comparator, gold: &[String], found: &[String]) -> Outcome {
    let (exact, g, f) = matches(gold, found, |a, b| comparator.exact(a, b));
    let tally = Tally { exact, relaxed: exact, gold: gold.len() as u64, found: found.len() as u64 };
    let mut outcome = Outcome { tally, ..Outcome::default() };
    let (mut used_g, mut used_f) = (BTreeSet::new(), BTreeSet::new());
    if comparator.relaxed("", "").is_some() {
        // The best pairs first, so that a good pair is not spoiled by a loose one.
        let mut pairs = Vec::new();
        for (i, a) in g.iter().enumerate() {
            for (j, b) in f.iter().enumerate() {
                if comparator.relaxed(a, b) == Some(true) {
                    pairs.push((comparator.affinity(a, b), i, j));
                }
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then(b.2.cmp(&a.2)));
        for (_, i, j) in pairs {
            if !used_g.contains(&i) && !used_f.contains(&j) {
                used_g.insert(i);
                used_f.insert(j);
            }
        }
        outcome.tally.relaxed += used_g.len() as u64;
    }
    let left = |all: &[&String], used: &BTreeSet<usize>| -> Vec<String> {
        all.iter().enumerate().filter(|(i, _)| !used.contains(i)).map(|(_, v)| (*v).clone()).collect()
    };
    outcome.missed = left(&g, &used_g);
    outcome.invented = left(&f, &used_f);
    if comparator == Comparator::Category {
        outcome.pairs = confusions(gold, &g, &f);
    }
    outcome
}

/// Right values on the diagonal; one wrong value for one gold value beside it; what else is wrong, against none.
fn confusions(gold: &[String], missed: &[&String], invented: &[&String]) -> Vec<(String, String)> {
    let right = gold.iter().filter(|g| !missed.contains(g)).map(|g| (normal(g), normal(g)));
    let wrong: Vec<_> = match (missed, invented) {
        ([g], [f]) => vec![(normal(g), normal(f))],
        _ => {
            let missed = missed.iter().map(|g| (normal(g), String::new()));
            missed.chain(invented.iter().map(|f| (String::new(), normal(f)))).collect()
        }
    };
    right.chain(wrong).collect()
}

/// Greedy one-to-one matching in order; how many matched, and what is left on either side.
fn matches<'a, T: PartialEq>(
    gold: &'a [T],
    found: &'a [T],
    same: impl Fn(&T, &T) -> bool,
) -> (u64, Vec<&'a T>, Vec<&'a T>) {
    let (mut left_g, mut left_f): (Vec<&T>, Vec<&T>) = (Vec::new(), found.iter().collect());
    let mut n = 0;
    for g in gold {
        match left_f.iter().position(|f| same(g, f)) {
            Some(i) => {
                left_f.remove(i);
                n += 1;
            }
            None => left_g.push(g),
        }
    }
    (n, left_g, left_f)
}

/// Values that differ when normalised, each once, in order.
fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    values.filter(|v| !normal(v).is_empty() && seen.insert(normal(v))).collect()
}
