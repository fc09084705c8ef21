//! When a value is right.

use super::words::{close, day, first_number, normal, token_f1, wordings};
use crate::AppError;
use serde_json::Value;
use std::str::FromStr;

/// How one field is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Comparator {
    /// Exact: equal when normalised. Relaxed: half of the words in common, or one within the other.
    Words,
    /// Character for character.
    Exact,
    /// Equal when normalised, for exact and relaxed alike.
    Normalised,
    /// Relaxed: a Jaro-Winkler similarity of at least so much.
    Fuzzy(f64),
    /// The first number in each, so far apart at most.
    Number(f64),
    /// The same calendar day, however written.
    Date,
    /// One of a closed list; a confusion matrix is kept.
    Category,
    /// Precision and recall over the bag of words of the whole field.
    Tokens,
    /// Not scored.
    Skip,
}

impl Comparator {
    /// What the schema says of a field: `x-match`, else a closed list, else words.
    pub(super) fn of_field(field: &Value) -> Self {
        match field.get("x-match").and_then(Value::as_str).map(str::parse) {
            Some(Ok(named)) => named,
            _ if closed_list(field) => Self::Category,
            _ => Self::Words,
        }
    }

    /// Its name, as in reports.
    pub(super) fn name(self) -> String {
        match self {
            Self::Words => "words".to_owned(),
            Self::Exact => "exact".to_owned(),
            Self::Normalised => "normalised".to_owned(),
            Self::Fuzzy(t) => format!("fuzzy:{t}"),
            Self::Number(t) => format!("number:{t}"),
            Self::Date => "date".to_owned(),
            Self::Category => "category".to_owned(),
            Self::Tokens => "tokens".to_owned(),
            Self::Skip => "skip".to_owned(),
        }
    }

    /// Whether two values are the same in the strict sense.
    pub(super) fn exact(self, gold: &str, found: &str) -> bool {
        match self {
            Self::Exact => gold.split(" | ").any(|g| g.trim() == found.trim()),
            Self::Number(tolerance) => same_words(gold, found) || near(gold, found, tolerance),
            Self::Date => same_words(gold, found) || day(gold).is_some_and(|d| day(found) == Some(d)),
            _ => same_words(gold, found),
        }
    }

    /// Whether two values are the same in the relaxed sense; `None` when this comparator knows none.
    pub(super) fn relaxed(self, gold: &str, found: &str) -> Option<bool> {
        match self {
            Self::Words | Self::Category => {
                Some(wordings(gold).iter().any(|g| wordings(found).iter().any(|f| close(g, f))))
            }
            Self::Fuzzy(threshold) => Some(strsim::jaro_winkler(&normal(gold), &normal(found)) >= threshold),
            _ => None,
        }
    }

    /// How good a relaxed pair is, so that the best pairs are made first.
    pub(super) fn affinity(self, gold: &str, found: &str) -> f64 {
        let over = |score: &dyn Fn(&str, &str) -> f64| {
            let found = wordings(found);
            wordings(gold)
                .iter()
                .flat_map(|g| found.iter().map(|f| score(g, f)).collect::<Vec<_>>())
                .fold(0.0, f64::max)
        };
        match self {
            Self::Fuzzy(_) => over(&strsim::jaro_winkler),
            _ => over(&token_f1),
        }
    }
}

impl FromStr for Comparator {
    type Err = AppError;

    fn from_str(s: &str) -> Result<Self, AppError> {
        let (name, parameter) = s.split_once(':').map_or((s, None), |(n, p)| (n, p.parse::<f64>().ok()));
        Ok(match name {
            "words" => Self::Words,
            "exact" => Self::Exact,
            "normalised" => Self::Normalised,
            "fuzzy" => Self::Fuzzy(parameter.unwrap_or(0.9)),
            "number" => Self::Number(parameter.unwrap_or(0.0)),
            "date" => Self::Date,
            "category" => Self::Category,
            "tokens" => Self::Tokens,
            "skip" => Self::Skip,
            _ => {
                return Err(AppError::Usage(format!(
                    "there is no comparator {s}; there are words, exact, normalised, fuzzy:0.9, number:0.5, date, \
                     category, tokens, skip"
                )));
            }
        })
    }
}

fn closed_list(field: &Value) -> bool {
    let items = field.get("items").unwrap_or(field);
    items.get("enum").is_some() || items.get("type").and_then(Value::as_str) == Some("boolean")
}

fn same_words(gold: &str, found: &str) -> bool {
    let gold = wordings(gold);
    gold.contains(&normal(found)) || wordings(found).iter().any(|f| gold.contains(f))
}

fn near(gold: &str, found: &str, tolerance: f64) -> bool {
    match (first_number(gold), first_number(found)) {
        (Some(g), Some(f)) => (g - f).abs() <= tolerance,
        _ => false,
    }
}
