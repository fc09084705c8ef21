//! Values as words that can be compared.

use serde_json::Value;
use std::collections::BTreeMap;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

const ARTICLES: [&str; 3] = ["a", "an", "the"];
const UNITS: [&str; 10] = ["mcg", "mg", "ml", "units", "unit", "kg", "g", "cm", "mm", "ug"];

/// Lower case, without accents, punctuation, articles and extra spaces; a unit is parted from its number.
pub(super) fn normal(text: &str) -> String {
    let folded: Vec<char> = text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)).collect();
    let mut plain = String::with_capacity(text.len());
    for (i, c) in folded.iter().copied().enumerate() {
        let between_digits = || {
            let before = i.checked_sub(1).map(|p| folded[p]);
            before.is_some_and(char::is_numeric) && folded.get(i + 1).is_some_and(|n| n.is_numeric())
        };
        match c {
            '.' | ',' if between_digits() => plain.push('.'),
            '\'' | '\u{2019}' => {}
            c if c.is_alphanumeric() => plain.push(c),
            _ => plain.push(' '),
        }
    }
    let parted = part_units(&plain);
    let words: Vec<&str> = parted.split_whitespace().filter(|w| !ARTICLES.contains(w)).collect();
    words.join(" ")
}

fn part_units(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        let begins =
            |unit: &str| rest.strip_prefix(unit).is_some_and(|after| !after.starts_with(char::is_alphanumeric));
        if before.is_numeric() && UNITS.iter().any(|unit| begins(unit)) {
            out.push(' ');
        }
        out.push(c);
        before = c;
    }
    out
}

/// The wordings of a value, of which any one is right: " | " stands between them.
pub(super) fn wordings(text: &str) -> Vec<String> {
    text.split(" | ").map(normal).filter(|w| !w.is_empty()).collect()
}

/// F1 over the words of two normal texts.
pub(super) fn token_f1(a: &str, b: &str) -> f64 {
    let (n, total) = (shared(a, b), a.split(' ').count() + b.split(' ').count());
    if a.is_empty() || b.is_empty() { 0.0 } else { 2.0 * n as f64 / total as f64 }
}

/// How many words two normal texts share, each as often as in both.
pub(super) fn shared(a: &str, b: &str) -> usize {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in a.split_whitespace() {
        *counts.entry(word).or_default() += 1;
    }
    let mut n = 0;
    for word in b.split_whitespace() {
        if let Some(left) = counts.get_mut(word).filter(|left| **left > 0) {
            *left -= 1;
            n += 1;
        }
    }
    n
}

/// Half of the words in common, or all the words of one within the other.
pub(super) fn close(a: &str, b: &str) -> bool {
    if token_f1(a, b) >= 0.5 {
        return true;
    }
    let within = |a: &str, b: &str| !a.is_empty() && a.split(' ').all(|w| b.split(' ').any(|v| v == w));
    !a.is_empty() && !b.is_empty() && (within(a, b) || within(b, a))
}

/// The first number in a text; commas within it are passed over.
pub(super) fn first_number(text: &str) -> Option<f64> {
    let plain = text.replace(',', "");
    let begin = plain.find(|c: char| c.is_ascii_digit())?;
    let rest = &plain[begin..];
    let whole = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let mut end = whole;
    if let Some(fraction) = rest[whole..].strip_prefix('.') {
        let digits = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
        if digits > 0 {
            end = whole + 1 + digits;
        }
    }
    rest[..end].parse().ok()
}

/// A calendar day as year, month, day: `2026-03-05`, `5.3.2026`, `3/5/2026` (month first, as in the United States,
/// unless that cannot be), `5 March 2026`, `March 5, 2026`.
pub(super) fn day(text: &str) -> Option<(u32, u32, u32)> {
    let text = text.trim();
    let text = text.split_once('T').map_or(text, |(d, _)| d);
    let parts: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let number = |s: &str| s.parse::<u32>().ok();
    let valid = |y: u32, m: u32, d: u32| {
        let year = if y < 100 { y + if y < 70 { 2000 } else { 1900 } } else { y };
        ((1..=12).contains(&m) && (1..=31).contains(&d)).then_some((year, m, d))
    };
    match (number(a), number(b), number(c)) {
        (Some(y), Some(m), Some(d)) if a.len() == 4 => valid(y, m, d),
        (Some(d), Some(m), Some(y)) if text.contains('.') => valid(y, m, d),
        (Some(m), Some(d), Some(y)) => valid(y, m, d).or_else(|| valid(y, d, m)),
        (Some(d), None, Some(y)) => valid(y, month(b)?, d),
        (None, Some(d), Some(y)) => valid(y, month(a)?, d),
        _ => None,
    }
}

fn month(name: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = name.to_lowercase();
    MONTHS.iter().position(|m| name.starts_with(m)).and_then(|i| u32::try_from(i + 1).ok())
}

/// The values of a field: one, several, or none; empty ones are none.
pub(super) fn values(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(s)) if s.trim().is_empty() => Vec::new(),
        Some(Value::Array(items)) => items.iter().flat_map(|i| values(Some(i))).collect(),
        Some(other) => vec![other],
    }
}

/// A value in words.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(s) => s.clone(),
        Value::Object(members) => {
            let filled = members.values().filter(|v| !matches!(v, Value::Null) && v.as_str() != Some(""));
            filled.map(text).collect::<Vec<_>>().join(" ")
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_normalised_as_a_reader_would() {
        let cases = [
            ("The  Métoprolol, 50mg!", "metoprolol 50 mg"),
            ("1,000.5 units", "1.000.5 units"),
            ("patient's X-ray_2", "patients x ray 2"),
            ("5mgs", "5mgs"),
            ("½ tablet", "1 2 tablet"),
            ("", ""),
        ];
        for (given, normal_form) in cases {
            assert_eq!(normal(given), normal_form, "{given}");
        }
    }

    #[test]
    fn numbers_and_days_are_found() {
        assert_eq!(first_number("about 1,250.5 ml"), Some(1250.5));
        assert_eq!(first_number("5."), Some(5.0));
        assert_eq!(first_number("none"), None);
        let fifth = Some((2026, 3, 5));
        for text in
            ["2026-03-05", "2026-03-05T10:00", "5.3.2026", "03/05/2026", "5 March 2026", "March 5, 2026", "5.3.26"]
        {
            assert_eq!(day(text), fifth, "{text}");
        }
        assert_eq!(day("13/05/2026"), Some((2026, 5, 13)));
        assert_eq!((day("yesterday"), day("2026-14-40")), (None, None));
    }
}
