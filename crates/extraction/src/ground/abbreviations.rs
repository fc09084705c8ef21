//! Abbreviations that the text itself spells out: "Prader-Willi syndrome (PWS)".
//!
//! The long form is found as Schwartz and Hearst do ("A simple algorithm for identifying abbreviation definitions in
//! biomedical text", Pacific Symposium on Biocomputing 2003): the letters of the short form, matched from the right
//! into the words before the bracket, its first letter at the start of a word.

use super::terms::Term;
use crate::text::{IndexedText, Span, TokenClass};

/// A short form and what it stands for, as keys of terms, with the place where the text says so.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Abbreviation {
    pub(crate) short: Vec<String>,
    pub(crate) long: Vec<String>,
    /// Long form, bracket and short form.
    pub(crate) definition: Span,
}

/// The definitions in a text.
pub(crate) fn abbreviations(text: &IndexedText<'_>, terms: &[Term]) -> Vec<Abbreviation> {
    let tokens = text.tokens();
    let mut out: Vec<Abbreviation> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if token.class != TokenClass::Mark || !matches!(text.char_at(token.span.start), Some('(' | '[')) {
            continue;
        }
        let close = tokens
            .iter()
            .skip(i + 1)
            .take(4)
            .find(|t| matches!(text.char_at(t.span.start), Some(')' | ']' | ',' | ';')));
        let Some(close) = close else { continue };
        let inner = Span::new(token.span.end, close.span.start);
        let short = text.slice(inner).trim();
        if !is_short_form(short) {
            continue;
        }
        let sentence = text.sentence_span(token.span.start);
        let before = Span::new(sentence.start.min(token.span.start), token.span.start);
        let Some(long) = long_form(text, before, short) else { continue };
        let keys = |span: Span| -> Vec<String> {
            let from = terms.partition_point(|t| t.span.start < span.start);
            let inside = terms.iter().skip(from).take_while(|t| t.span.end <= span.end);
            inside.map(|t| t.key.clone()).collect()
        };
        let found = Abbreviation { short: keys(inner), long: keys(long), definition: long.cover(inner) };
        if found.long.len() > found.short.len() && !found.short.is_empty() && out.iter().all(|a| a.short != found.short)
        {
            out.push(found);
        }
    }
    out
}

/// Two to ten characters, the first a letter or digit, at least one letter a capital.
fn is_short_form(text: &str) -> bool {
    let count = text.chars().count();
    (2..=10).contains(&count)
        && text.split_whitespace().count() <= 2
        && text.chars().next().is_some_and(char::is_alphanumeric)
        && text.chars().any(char::is_uppercase)
}

/// The words at the end of `before` that `short` abbreviates.
fn long_form(text: &IndexedText<'_>, before: Span, short: &str) -> Option<Span> {
    let letters: Vec<char> = short.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let most_words = (letters.len() + 5).min(letters.len() * 2);
    let words: Vec<Span> = text
        .tokens()
        .get(text.tokens_in(before))?
        .iter()
        .filter(|t| t.class != TokenClass::Mark)
        .map(|t| t.span)
        .collect();
    let floor =
        words.len().checked_sub(most_words).map_or(before.start, |i| words.get(i).map_or(before.start, |w| w.start));
    let mut at = before.end;
    for (i, letter) in letters.iter().enumerate().rev() {
        loop {
            at = at.checked_sub(1).filter(|at| *at >= floor)?;
            let same = text.char_at(at).is_some_and(|c| c.to_lowercase().eq([*letter]));
            let starts = at == 0 || text.char_at(at - 1).is_none_or(|c| !c.is_alphanumeric());
            if same && (i > 0 || starts) {
                break;
            }
        }
    }
    let end = words.last()?.end;
    (at < end).then(|| Span::new(at, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::terms::terms;

    fn found(text: &str) -> Vec<(String, String)> {
        let read = IndexedText::new(text);
        abbreviations(&read, &terms(&read)).into_iter().map(|a| (a.short.join(" "), a.long.join(" "))).collect()
    }

    #[test]
    fn definitions_in_brackets() {
        for (text, short, long) in [
            ("Typical Prader-Willi syndrome (PWS) here.", "pws", "prader willi syndrome"),
            ("after sodium nitroprusside (SNP)-induced fall", "snp", "sodium nitroprusside"),
            ("a fluorescence in situ hybridization (FISH) test", "fish", "fluorescence in situ hybridization"),
            ("had chronic obstructive pulmonary disease (COPD).", "copd", "chronic obstructive pulmonary disease"),
        ] {
            assert_eq!(found(text), [(short.to_owned(), long.to_owned())], "{text}");
        }
    }

    #[test]
    fn brackets_that_define_nothing() {
        for text in
            ["A mass (2 cm).", "seen (Figure 1)", "HER-2 (+)", "(PWS)", "a cat (XYZ)", "he (A)", "open (bracket"]
        {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
