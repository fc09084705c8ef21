//! Dates as reports write them, read to calendar days. A date that can be read in two ways is no date.

use super::reason::Reason;
use crate::schema::Date;
use crate::text::{IndexedText, Span, Token, TokenClass};

/// A date in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateMention {
    pub(crate) span: Span,
    pub(crate) reading: Reading,
}

/// What a date in the text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// One day.
    Day(Date),
    /// Month and day could be exchanged: (month first, day first).
    Either(Date, Date),
    /// The year has two digits.
    NoCentury,
}

impl Reading {
    /// Whether it is `date`; why not, when it might be.
    pub(crate) fn is(self, date: Date) -> Result<bool, Reason> {
        match self {
            Self::Day(d) => Ok(d == date),
            Self::Either(a, b) if a == date || b == date => Err(Reason::DateAmbiguous),
            Self::Either(..) => Ok(false),
            Self::NoCentury => Err(Reason::DateWithoutCentury),
        }
    }
}

const MONTHS: [&[&str]; 12] = [
    &["january", "jan"],
    &["february", "feb"],
    &["march", "mar"],
    &["april", "apr"],
    &["may"],
    &["june", "jun"],
    &["july", "jul"],
    &["august", "aug"],
    &["september", "sep", "sept"],
    &["october", "oct"],
    &["november", "nov"],
    &["december", "dec"],
];

/// The dates of a text. Where some date of the text can be read in one order only, the others are read in that order.
pub(crate) fn dates(text: &IndexedText<'_>) -> Vec<DateMention> {
    let tokens = text.tokens();
    let mut out = Vec::new();
    let mut orders = (false, false);
    for at in 0..tokens.len() {
        if let Some(found) = numeric(text, tokens, at, &mut orders).or_else(|| named(text, tokens, at)) {
            let overlaps = out.last().is_some_and(|last: &DateMention| last.span.overlaps(found.span));
            if !overlaps {
                out.push(found);
            }
        }
    }
    for mention in &mut out {
        if let Reading::Either(month_first, day_first) = mention.reading {
            mention.reading = match orders {
                (true, false) => Reading::Day(month_first),
                (false, true) => Reading::Day(day_first),
                _ => mention.reading,
            };
        }
    }
    out
}

/// `2024-03-05`, `3/5/2024`, `5.3.2024`: three numbers joined by one kind of separator.
fn numeric(text: &IndexedText<'_>, tokens: &[Token], at: usize, orders: &mut (bool, bool)) -> Option<DateMention> {
    let first = tokens.get(at).filter(|t| t.class == TokenClass::Number)?;
    if first.folded.matches('.').count() == 2 {
        let parts: Vec<&str> = first.folded.split('.').collect();
        let [day, month, year] = parts.as_slice() else { return None };
        // Dots are written day first.
        let reading = match year.len() {
            4 => Reading::Day(Date::new(number(year)?, small(month)?, small(day)?)?),
            2 => Reading::NoCentury,
            _ => return None,
        };
        return Some(DateMention { span: first.span, reading });
    }
    let separator = text.char_at(first.span.end).filter(|c| matches!(c, '/' | '-' | '–'))?;
    let joined = |i: usize, from: usize| {
        tokens
            .get(i)
            .filter(|t| t.class == TokenClass::Number && t.span.start == from + 1)
            .zip(text.char_at(from).filter(|c| *c == separator))
    };
    let (second, _) = joined(at + 2, first.span.end)?;
    let (third, _) = joined(at + 4, second.span.end)?;
    let span = first.span.cover(third.span);
    let longer = matches!(text.char_at(span.end), Some('/' | '-'))
        && text.char_at(span.end + 1).is_some_and(|c| c.is_ascii_digit());
    if longer {
        return None;
    }
    let (a, b, c) = (first.folded.as_str(), second.folded.as_str(), third.folded.as_str());
    let reading = match (a.len(), c.len()) {
        (4, 1..=2) => Reading::Day(Date::new(number(a)?, small(b)?, small(c)?)?),
        (1..=2, 4) => {
            let year = number(c)?;
            let month_first = Date::new(year, small(a)?, small(b)?);
            let day_first = Date::new(year, small(b)?, small(a)?);
            match (month_first, day_first) {
                (Some(m), Some(d)) if m == d => Reading::Day(m),
                (Some(m), Some(d)) => Reading::Either(m, d),
                (Some(m), None) => {
                    orders.0 = true;
                    Reading::Day(m)
                }
                (None, Some(d)) => {
                    orders.1 = true;
                    Reading::Day(d)
                }
                (None, None) => return None,
            }
        }
        (1..=2, 2) => {
            // The order can still be learned from it.
            orders.0 |= number(b)? > 12;
            orders.1 |= number(a)? > 12;
            Reading::NoCentury
        }
        _ => return None,
    };
    Some(DateMention { span, reading })
}

/// `March 5, 2024`, `5 March 2024`, `5th of March 2024`.
fn named(text: &IndexedText<'_>, tokens: &[Token], at: usize) -> Option<DateMention> {
    let words: Vec<&Token> = tokens.iter().skip(at).take(8).filter(|t| t.class != TokenClass::Mark).collect();
    let month = |t: &Token| {
        MONTHS.iter().position(|names| names.contains(&t.folded.as_str())).and_then(|i| u8::try_from(i + 1).ok())
    };
    let plain = |i: usize| words.get(i).filter(|t| t.class == TokenClass::Number).copied();
    let suffix =
        |i: usize| usize::from(words.get(i).is_some_and(|t| matches!(t.folded.as_str(), "st" | "nd" | "rd" | "th")));
    let first = words.first().filter(|_| tokens.get(at).is_some_and(|t| t.class != TokenClass::Mark))?;
    let (month, day, next) = if let Some(month) = month(first) {
        (month, plain(1)?, 2 + suffix(2))
    } else {
        let day = plain(0)?;
        let after = 1 + suffix(1);
        // "3, May 2024" is the end of a list and a month.
        if text.char_at(day.span.end) == Some(',') {
            return None;
        }
        let of = after + usize::from(words.get(after).is_some_and(|t| t.folded == "of"));
        (month(words.get(of)?)?, day, of + 1)
    };
    let year = plain(next)?;
    let reading = match year.folded.len() {
        4 => Reading::Day(Date::new(number(&year.folded)?, month, small(&day.folded)?)?),
        _ => return None,
    };
    Some(DateMention { span: first.span.cover(year.span), reading })
}

fn number(text: &str) -> Option<u16> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

fn small(text: &str) -> Option<u8> {
    number(text).and_then(|n| u8::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Reading)> {
        let indexed = IndexedText::new(text);
        dates(&indexed).into_iter().map(|d| (indexed.slice(d.span).to_owned(), d.reading)).collect()
    }

    fn day(text: &str) -> Reading {
        Reading::Day(Date::parse(text).unwrap())
    }

    #[test]
    fn the_usual_forms() {
        for (text, quote, date) in [
            ("on 2024-03-05.", "2024-03-05", "2024-03-05"),
            ("on 2024/03/05", "2024/03/05", "2024-03-05"),
            ("on March 5, 2024 he", "March 5, 2024", "2024-03-05"),
            ("on Mar. 5th, 2024", "Mar. 5th, 2024", "2024-03-05"),
            ("the 5th of March 2024", "5th of March 2024", "2024-03-05"),
            ("5 Mar 2024", "5 Mar 2024", "2024-03-05"),
            ("am 25.03.2024", "25.03.2024", "2024-03-25"),
            ("03/25/2024", "03/25/2024", "2024-03-25"),
            ("25/03/2024", "25/03/2024", "2024-03-25"),
            ("05/05/2024", "05/05/2024", "2024-05-05"),
        ] {
            assert_eq!(read(text), [(quote.to_owned(), day(date))], "{text}");
        }
    }

    #[test]
    fn an_ambiguous_order_is_settled_by_another_date_or_not_at_all() {
        let [(_, either)] = read("on 03/05/2024").try_into().unwrap();
        assert_eq!(either.is(Date::parse("2024-03-05").unwrap()), Err(Reason::DateAmbiguous));
        assert_eq!(either.is(Date::parse("2024-03-06").unwrap()), Ok(false));
        assert_eq!(read("on 03/05/2024 and 03/25/2024")[0].1, day("2024-03-05"));
        assert_eq!(read("on 03/05/2024 and 25/03/2024")[0].1, day("2024-05-03"));
    }

    #[test]
    fn what_is_no_full_date_is_not_read_as_one() {
        assert!(read("120/80, 3-5 days, 8/2008, May 5, 31/31/2024, 1-2-3-4, May 2024").is_empty());
        assert_eq!(read("seen 3/25/24")[0].1, Reading::NoCentury);
    }
}
