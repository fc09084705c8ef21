//! Tokens: words, numbers, signs that carry meaning, and marks that do not.

use super::Span;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// What a token is, and so how it counts in a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenClass {
    /// Letters, or letters and digits that begin with a letter (`HER2`); dotted letters (`b.i.d.`) are one word.
    Word,
    /// Digits with their decimal point and group commas (`1,200.5`), or one vulgar fraction (`½`).
    Number,
    /// A sign that changes the meaning: `% < > ≤ ≥ = + ± / & °`.
    Sign,
    /// Punctuation that a comparison passes over.
    Mark,
}

/// One token.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub class: TokenClass,
    /// Its letters for comparison: NFKC, lower case, without invisible characters and the dots of `b.i.d.`.
    pub folded: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("span", &self.span).field("class", &self.class).finish_non_exhaustive()
    }
}

/// The tokens of a text.
pub(super) fn tokens(chars: &[char]) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let (end, class) = if is_digit(c) || (c == '.' && starts_decimal(chars, at)) {
            (number_end(chars, at), TokenClass::Number)
        } else if is_minus(c) && starts_negative(chars, at) {
            (number_end(chars, at + 1), TokenClass::Number)
        } else if is_vulgar_fraction(c) {
            (at + 1, TokenClass::Number)
        } else if is_word_char(c) {
            (word_end(chars, at), TokenClass::Word)
        } else if is_skipped(c) {
            at += 1;
            continue;
        } else if is_sign(c) {
            (at + 1, TokenClass::Sign)
        } else {
            (at + 1, TokenClass::Mark)
        };
        let slice = chars.get(at..end).unwrap_or(&[]);
        let folded = fold(slice);
        out.push(Token { span: Span::new(at, end), class, folded });
        at = end;
    }
    out
}

/// Letters for comparison: NFKC, lower case, invisible characters dropped. A raised or lowered digit behind a digit
/// keeps a mark, so that 10³ never reads as 103.
fn fold(chars: &[char]) -> String {
    let dotted = chars.len() > 1 && chars.iter().any(|c| c.is_alphabetic()) && chars.contains(&'.');
    let mut kept = String::new();
    let mut before = '\0';
    for &c in chars {
        if is_invisible(c) || (dotted && c == '.') || is_apostrophe(c) {
            continue;
        }
        if is_raised(c) && is_digit(before) {
            kept.push('^');
        }
        kept.push(if is_minus(c) { '-' } else { c });
        before = c;
    }
    let lower: String = kept.nfkc().collect::<String>().to_lowercase();
    lower.nfkc().collect()
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '−')
}

fn is_vulgar_fraction(c: char) -> bool {
    matches!(c, '¼'..='¾' | '⅐'..='⅞')
}

fn is_raised(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '⁰'..='₉')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '＇')
}

/// Characters without a shape: soft hyphen, zero-width space and joiners, direction marks, byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn is_skipped(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_invisible(c)
}

fn is_sign(c: char) -> bool {
    matches!(c, '%' | '<' | '>' | '≤' | '≥' | '=' | '+' | '±' | '/' | '&' | '°' | '~' | '≈' | '⁄')
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Scripts that write words without spaces between them; each of their characters is a token.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' |
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' |
        '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// `.5` after nothing that it could belong to.
fn starts_decimal(chars: &[char], at: usize) -> bool {
    let next = chars.get(at + 1).is_some_and(|c| is_digit(*c));
    let before = at.checked_sub(1).and_then(|i| chars.get(i));
    next && before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '<' | '>' | '='))
}

/// A minus that belongs to the number behind it: after a space or a bracket. At the start of a line it is a bullet.
fn starts_negative(chars: &[char], at: usize) -> bool {
    let next = chars.get(at + 1).is_some_and(|c| is_digit(*c));
    let before = at.checked_sub(1).and_then(|i| chars.get(i));
    next && before
        .is_some_and(|c| (c.is_whitespace() && !super::is_line_end(*c)) || matches!(c, '(' | '[' | '=' | '<' | '>'))
        && !bullet(chars, at)
}

/// Only white space between the last line end and `at`.
fn bullet(chars: &[char], at: usize) -> bool {
    let before = chars.get(..at).unwrap_or(&[]);
    before.iter().rev().find(|c| super::is_line_end(**c) || !c.is_whitespace()).is_none_or(|c| super::is_line_end(*c))
}

/// The end of the number that starts at `at`: digits, and `.` or `,` between digits.
fn number_end(chars: &[char], at: usize) -> usize {
    let mut end = at;
    while let Some(&c) = chars.get(end) {
        let digit_next = chars.get(end + 1).is_some_and(|n| is_digit(*n));
        if is_digit(c) || (matches!(c, '.' | ',') && digit_next) {
            end += 1;
        } else {
            break;
        }
    }
    end.max(at + 1)
}

/// The end of the word that starts at `at`.
fn word_end(chars: &[char], at: usize) -> usize {
    if let Some(end) = dotted_end(chars, at) {
        return end;
    }
    let mut end = at + 1;
    if chars.get(at).is_some_and(|c| is_unspaced(*c)) {
        while chars.get(end).is_some_and(|c| is_combining_mark(*c)) {
            end += 1;
        }
        return end;
    }
    while let Some(&c) = chars.get(end) {
        let joins = is_apostrophe(c) || is_invisible(c);
        let word_next = chars.get(end + 1).is_some_and(|n| is_word_char(*n) && !is_unspaced(*n));
        if (is_word_char(c) && !is_unspaced(c) && !is_vulgar_fraction(c)) || (joins && word_next) {
            end += 1;
        } else {
            break;
        }
    }
    end
}

/// `b.i.d.`, `p.o.`, `U.S.`: single letters, each with a dot, at least two.
fn dotted_end(chars: &[char], at: usize) -> Option<usize> {
    let letter = |i: usize| chars.get(i).is_some_and(|c| c.is_alphabetic() && !is_unspaced(*c));
    let mut end = at;
    let mut letters = 0;
    while letter(end) && chars.get(end + 1) == Some(&'.') {
        letters += 1;
        end += 2;
    }
    if letters >= 1 && letter(end) && !chars.get(end + 1).is_some_and(|c| is_word_char(*c) || *c == '.') {
        return Some(end + 1);
    }
    (letters >= 2 && !letter(end)).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        tokens(&chars).into_iter().filter(|t| t.class != TokenClass::Mark).map(|t| t.folded).collect()
    }

    #[test]
    fn words_numbers_and_signs() {
        for (text, want) in [
            ("Metoprolol 25 mg b.i.d. for 3 days", vec!["metoprolol", "25", "mg", "bid", "for", "3", "days"]),
            ("take p.o.", vec!["take", "po"]),
            ("p.o q.i.d", vec!["po", "qid"]),
            ("0.5mg, .25 mg", vec!["0.5", "mg", ".25", "mg"]),
            ("1,200.5 mL", vec!["1,200.5", "ml"]),
            ("BP 120/80 (98%)", vec!["bp", "120", "/", "80", "98", "%"]),
            (
                "-5 mg is a bullet\n-5 too, but (-5) and x -5",
                vec!["5", "mg", "is", "a", "bullet", "5", "too", "but", "-5", "and", "x", "-5"],
            ),
            ("saralasin-treated", vec!["saralasin", "treated"]),
            ("Fanconi’s HER2 T4N2M1 15q12", vec!["fanconis", "her2", "t4n2m1", "15", "q12"]),
            ("hyper\u{ad}tension 5\u{200a}mg", vec!["hypertension", "5", "mg"]),
            ("m² CO₂ ½", vec!["m2", "co2", "1⁄2"]),
            ("ｆｕｌｌ ５ ﬁbrosis", vec!["full", "5", "fibrosis"]),
            ("Cafe\u{301} Café", vec!["café", "café"]),
            ("胸痛", vec!["胸", "痛"]),
            ("Dr. X.", vec!["dr", "x"]),
        ] {
            assert_eq!(folded(text), want, "{text}");
        }
    }

    #[test]
    fn a_power_of_ten_is_not_a_longer_number() {
        assert_eq!(folded("10³/µL"), ["10", "3", "/", "μl"]);
        let chars: Vec<char> = "10³".chars().collect();
        let classes: Vec<_> = tokens(&chars).iter().map(|t| t.class).collect();
        assert_eq!(classes, [TokenClass::Number, TokenClass::Word], "the exponent is no number");
        assert_eq!(folded("x10³"), ["x10^3"]);
    }
}
