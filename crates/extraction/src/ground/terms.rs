//! Terms: tokens brought to a form in which equal things have equal keys. Number words and digits meet in one key,
//! and so do the spellings of a unit.

use super::decimal::Decimal;
use super::reason::Reason;
use crate::text::{IndexedText, Span, Token, TokenClass};

/// One unit of comparison.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Term {
    /// Equal keys are the same thing by rule: `#` and a decimal, `u:` and a unit, else the folded letters.
    pub(crate) key: String,
    /// The letters before any rule.
    pub(crate) folded: String,
    /// Where it stands.
    pub(crate) span: Span,
    /// Whether it is a sign (`%`, `/`, `<` …).
    pub(crate) sign: bool,
}

impl Term {
    /// Whether it is a number.
    pub(crate) fn is_number(&self) -> bool {
        self.key.starts_with('#')
    }

    /// Whether it is a unit of measure.
    pub(crate) fn is_unit(&self) -> bool {
        self.key.starts_with("u:") || self.key == "%"
    }

    /// The rule that makes two terms of one key the same when their letters differ.
    pub(crate) fn rule(&self, other: &Self) -> Option<Reason> {
        if self.folded == other.folded {
            None
        } else if self.is_number() {
            Some(Reason::NumberForm)
        } else {
            Some(Reason::UnitForm)
        }
    }
}

/// The terms of a text. Marks are passed over.
pub(crate) fn terms(text: &IndexedText<'_>) -> Vec<Term> {
    let tokens: Vec<&Token> = text.tokens().iter().filter(|t| t.class != TokenClass::Mark).collect();
    let mut out: Vec<Term> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.class == TokenClass::Word
            && let Some((number, used)) = number_words(tokens.get(at..).unwrap_or(&[]))
        {
            let last = tokens.get(at + used - 1).map_or(token.span, |t| t.span);
            let folded: Vec<&str> = tokens.iter().skip(at).take(used).map(|t| t.folded.as_str()).collect();
            out.push(Term { key: number.key(), folded: folded.join(" "), span: token.span.cover(last), sign: false });
            at += used;
            continue;
        }
        let key = match token.class {
            TokenClass::Number => {
                number(token, tokens.get(at + 1).copied()).map_or_else(|| format!("#{}", token.folded), |d| d.key())
            }
            TokenClass::Word => match unit(&out, &token.folded) {
                Some("%") => "%".to_owned(),
                Some(unit) => format!("u:{unit}"),
                None => token.folded.clone(),
            },
            _ if token.folded == "⁄" => "/".to_owned(),
            _ => token.folded.clone(),
        };
        let sign = token.class == TokenClass::Sign;
        // "milligrams per kilogram" is "mg/kg".
        let (key, sign) =
            if key == "per" && out.last().is_some_and(Term::is_unit) { ("/".to_owned(), true) } else { (key, sign) };
        out.push(Term { key, folded: token.folded.clone(), span: token.span, sign });
        at += 1;
    }
    out
}

fn number(token: &Token, next: Option<&Token>) -> Option<Decimal> {
    if let Some((above, below)) = token.folded.split_once('⁄') {
        return fraction(above, below);
    }
    // A comma before a unit is a decimal comma when it cannot mark a group.
    let measured = next.is_some_and(|n| {
        n.folded == "%" || n.folded == "°" || UNITS.iter().any(|(_, names)| names.contains(&n.folded.as_str()))
    });
    Decimal::parse_written(&token.folded, measured)
}

/// Vulgar fractions whose decimal is short: halves, quarters, fifths, eighths, tenths.
fn fraction(above: &str, below: &str) -> Option<Decimal> {
    let n: u32 = above.parse().ok()?;
    let thousandths = match below {
        "2" => 500,
        "4" => 250,
        "5" => 200,
        "8" => 125,
        "10" => 100,
        _ => return None,
    };
    Some(Decimal::parse(&(n * thousandths).to_string())?.shifted(-3))
}

/// Units and their spellings, ours. A spelling is read as a unit only behind a number or another unit and `/`.
const UNITS: &[(&str, &[&str])] = &[
    ("mg", &["mg", "mgs", "milligram", "milligrams", "milligramme", "milligrammes", "mgm"]),
    ("ug", &["mcg", "μg", "ug", "mcgs", "microgram", "micrograms", "microgramme", "microgrammes"]),
    ("ng", &["ng", "nanogram", "nanograms"]),
    ("g", &["g", "gm", "gms", "gram", "grams", "gramme", "grammes"]),
    ("kg", &["kg", "kgs", "kilogram", "kilograms", "kilo", "kilos"]),
    ("lb", &["lb", "lbs", "pound", "pounds"]),
    ("oz", &["oz", "ounce", "ounces"]),
    ("ml", &["ml", "mls", "milliliter", "milliliters", "millilitre", "millilitres", "cc", "ccs"]),
    ("dl", &["dl", "deciliter", "deciliters", "decilitre", "decilitres"]),
    ("ul", &["ul", "μl", "microliter", "microliters", "microlitre", "microlitres"]),
    ("l", &["l", "liter", "liters", "litre", "litres"]),
    ("cm", &["cm", "cms", "centimeter", "centimeters", "centimetre", "centimetres"]),
    ("mm", &["mm", "millimeter", "millimeters", "millimetre", "millimetres"]),
    ("m2", &["m2", "sqm"]),
    ("in", &["inch", "inches"]),
    ("ft", &["ft", "foot", "feet"]),
    ("iu", &["iu", "ius"]),
    ("unit", &["unit", "units"]),
    ("meq", &["meq", "meqs", "milliequivalent", "milliequivalents"]),
    ("mmol", &["mmol", "mmols", "millimole", "millimoles"]),
    ("umol", &["umol", "μmol", "micromole", "micromoles"]),
    ("mmhg", &["mmhg"]),
    ("bpm", &["bpm"]),
    ("%", &["percent", "pct"]),
    ("tablet", &["tablet", "tablets", "tab", "tabs"]),
    ("capsule", &["capsule", "capsules", "cap", "caps"]),
    ("puff", &["puff", "puffs"]),
    ("drop", &["drop", "drops", "gtt", "gtts"]),
    ("time", &["time", "times"]),
    ("second", &["second", "seconds", "sec", "secs"]),
    ("minute", &["minute", "minutes", "min", "mins"]),
    ("hour", &["hour", "hours", "hr", "hrs", "h"]),
    ("day", &["day", "days"]),
    ("week", &["week", "weeks", "wk", "wks"]),
    ("month", &["month", "months"]),
    ("year", &["year", "years", "yr", "yrs"]),
    ("gy", &["gy", "gray", "grays"]),
];

/// The unit's name when `word` is one where it stands.
fn unit(before: &[Term], word: &str) -> Option<&'static str> {
    let behind_number = before.last().is_some_and(Term::is_number);
    let behind_slash = matches!(before, [.., unit, slash] if slash.key == "/" && (unit.is_unit() || unit.is_number()));
    if !behind_number && !behind_slash {
        return None;
    }
    let name = UNITS.iter().find(|(_, names)| names.contains(&word)).map(|(name, _)| *name);
    name.or_else(|| (behind_slash && word == "d").then_some("day"))
}

/// Milligrams in a mass, millilitres in a volume: (dimension, power of ten).
pub(crate) fn metric(unit_key: &str) -> Option<(&'static str, i32)> {
    Some(match unit_key {
        "u:kg" => ("mass", 6),
        "u:g" => ("mass", 3),
        "u:mg" => ("mass", 0),
        "u:ug" => ("mass", -3),
        "u:ng" => ("mass", -6),
        "u:l" => ("volume", 3),
        "u:dl" => ("volume", 2),
        "u:ml" => ("volume", 0),
        "u:ul" => ("volume", -3),
        "u:cm" => ("length", 1),
        "u:mm" => ("length", 0),
        _ => return None,
    })
}

/// Units that, behind a slash, make another quantity: 5 mg is not 5 mg/kg. A count per day is the same dose.
pub(crate) fn makes_another_quantity(unit_key: &str) -> bool {
    matches!(
        unit_key,
        "u:kg" | "u:m2" | "u:ml" | "u:dl" | "u:l" | "u:ul" | "u:minute" | "u:hour" | "u:g" | "u:mg" | "kg" | "m2"
    )
}

/// A number written in English words at the start of `tokens`: its value and how many words it takes.
fn number_words(tokens: &[&Token]) -> Option<(Decimal, usize)> {
    let word = |i: usize| tokens.get(i).filter(|t| t.class == TokenClass::Word).map(|t| t.folded.as_str());
    let (mut total, mut used) = below_hundred(&word, 0)?;
    if word(used) == Some("hundred") && total < 10 {
        total *= 100;
        used += 1;
        let skip = usize::from(word(used) == Some("and"));
        if let Some((rest, more)) = below_hundred(&word, used + skip) {
            total += rest;
            used += skip + more;
        }
    }
    if word(used) == Some("thousand") {
        total *= 1_000;
        used += 1;
        let skip = usize::from(word(used) == Some("and"));
        if let Some((rest, more)) = below_hundred(&word, used + skip) {
            let hundreds = word(used + skip + more) == Some("hundred") && rest < 10;
            total += if hundreds { rest * 100 } else { rest };
            used += skip + more + usize::from(hundreds);
        }
    }
    let mut text = total.to_string();
    if word(used) == Some("point") {
        let digits: String =
            (used + 1..).map_while(|i| word(i).and_then(digit)).map(|d| char::from(b'0' + d)).collect();
        if !digits.is_empty() {
            used += 1 + digits.len();
            text = format!("{total}.{digits}");
        }
    }
    Some((Decimal::parse(&text)?, used))
}

fn digit(word: &str) -> Option<u8> {
    SMALL.iter().take(10).position(|w| *w == word).and_then(|i| u8::try_from(i).ok())
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

fn below_hundred<'a>(word: &impl Fn(usize) -> Option<&'a str>, at: usize) -> Option<(u32, usize)> {
    let first = word(at)?;
    if let Some(n) = SMALL.iter().position(|w| *w == first) {
        return Some((u32::try_from(n).ok()?, 1));
    }
    let tens = TENS.iter().position(|w| *w == first)?;
    let tens = (u32::try_from(tens).ok()? + 2) * 10;
    let unit = word(at + 1).and_then(digit).filter(|d| *d > 0);
    Some(unit.map_or((tens, 1), |d| (tens + u32::from(d), 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        terms(&IndexedText::new(text)).into_iter().map(|t| t.key).collect()
    }

    #[test]
    fn one_thing_has_one_key() {
        for (a, b) in [
            ("forty-eight years", "48 year"),
            ("one hundred and twenty mg", "120 milligrams"),
            ("two thousand five hundred units", "2,500 units"),
            ("twenty five mcg", "25 µg"),
            ("two point five ml", "2.5 cc"),
            ("0,5 mg", "0.5 mg"),
            ("5 milligrams per kilogram", "5 mg/kg"),
            ("½ tablet", "0.5 tabs"),
            ("50 percent", "50 %"),
            ("3-day", "three days"),
        ] {
            assert_eq!(keys(a), keys(b), "{a} is {b}");
        }
    }

    #[test]
    fn different_things_have_different_keys() {
        for (a, b) in [
            ("5 mg", "5 mcg"),
            ("5 mg", "50 mg"),
            ("5 mg", "5 mg/kg"),
            ("10 mg", "1.0 mg"),
            ("vitamin g", "vitamin gram"),
            ("twenty one", "20"),
            ("10³", "103"),
        ] {
            assert_ne!(keys(a), keys(b), "{a} is not {b}");
        }
    }
}
