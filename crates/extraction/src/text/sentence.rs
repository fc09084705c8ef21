//! Sentences of clinical prose: full stops of abbreviations, doses and numbered lists do not end one.

use super::{Span, is_line_end};

/// A sentence longer than this is cut at white space, so that one endless line stays workable.
const LONGEST: usize = 4_000;

/// Titles: a name follows, so the sentence goes on whatever comes next.
const TITLES: &[&str] = &["dr", "drs", "mr", "mrs", "ms", "prof", "st", "sr", "jr", "rev", "capt", "lt"];

/// Abbreviations in the middle of a sentence, whatever follows.
const INNER: &[&str] =
    &["vs", "fig", "figs", "approx", "ca", "cf", "viz", "i.e", "e.g", "incl", "resp", "dept", "univ"];

/// Abbreviations that go on when a number follows.
const BEFORE_NUMBER: &[&str] = &[
    "no", "nos", "ref", "refs", "vol", "ext", "tel", "eq", "wt", "ht", "temp", "max", "min", "avg", "tab", "tabs",
    "pp", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec",
];

/// The sentences of a text, without the white space around them.
pub(super) fn sentences(chars: &[char]) -> Vec<Span> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < chars.len() {
        let c = chars.get(at).copied().unwrap_or(' ');
        let end = if is_line_end(c) {
            line_break_ends(chars, start, at).then_some(at)
        } else if is_stop(c) {
            stop_end(chars, start, at)
        } else if at - start >= LONGEST && c.is_whitespace() || at - start >= 2 * LONGEST && !is_word(c) {
            Some(at)
        } else {
            None
        };
        match end {
            Some(end) => {
                push(chars, start, end.max(at), &mut out);
                start = end.max(at);
                at = start.max(at + usize::from(start == at));
            }
            None => at += 1,
        }
    }
    push(chars, start, chars.len(), &mut out);
    out
}

fn push(chars: &[char], start: usize, end: usize, out: &mut Vec<Span>) {
    let Some(slice) = chars.get(start..end) else { return };
    let blank = |c: &char| c.is_whitespace() || c.is_control();
    let Some(first) = slice.iter().position(|c| !blank(c)) else { return };
    let last = slice.iter().rposition(|c| !blank(c)).unwrap_or(first);
    out.push(Span::new(start + first, start + last + 1));
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

const fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '।' | '۔')
}

const fn is_closer(c: char) -> bool {
    matches!(c, ')' | ']' | '}' | '"' | '\'' | '”' | '’' | '»')
}

/// The end of the sentence that the stop at `at` closes; `None` when it closes none.
fn stop_end(chars: &[char], start: usize, at: usize) -> Option<usize> {
    let mut end = at + 1;
    while chars.get(end).is_some_and(|c| is_stop(*c)) {
        end += 1;
    }
    while chars.get(end).is_some_and(|c| is_closer(*c)) {
        end += 1;
    }
    let stop = chars.get(at).copied()?;
    if !matches!(stop, '.' | '…' | '!' | '?') {
        return Some(end); // the full stops of scripts that put no space behind them
    }
    let next = chars.get(end).copied();
    if let Some(next) = next
        && !next.is_whitespace()
        && !next.is_control()
    {
        return glued(chars, at, end, next).then_some(end);
    }
    if stop != '.' {
        return Some(end);
    }
    let follows = chars.get(end..)?.iter().copied().find(|c| !c.is_whitespace() && !c.is_control());
    let word = word_before(chars, start, at);
    let lower: String = word.iter().flat_map(|c| c.to_lowercase()).collect();
    if TITLES.contains(&lower.as_str()) || list_number(chars, start, at, &word) {
        return None;
    }
    let Some(follows) = follows else { return Some(end) };
    let goes_on = INNER.contains(&lower.as_str())
        || follows.is_lowercase()
        || (follows.is_ascii_digit() && BEFORE_NUMBER.contains(&lower.as_str()));
    if goes_on {
        return None;
    }
    if word.len() == 1 && word.first().is_some_and(|c| c.is_uppercase()) {
        return initial_ends(chars, start, at).then_some(end);
    }
    Some(end)
}

/// `bleeding.He` ends a sentence; `0.5`, `q.i.d`, `x.org` do not.
fn glued(chars: &[char], at: usize, end: usize, next: char) -> bool {
    let lower_before = at >= 2
        && chars.get(at - 1).is_some_and(|c| c.is_lowercase())
        && chars.get(at - 2).is_some_and(|c| c.is_alphabetic());
    let lower_after = chars.get(end + 1).is_some_and(|c| c.is_lowercase() || c.is_whitespace());
    lower_before && next.is_uppercase() && lower_after
}

/// The word right before `at`, with dots inside (`e.g`).
fn word_before(chars: &[char], start: usize, at: usize) -> Vec<char> {
    let before = chars.get(start..at).unwrap_or(&[]);
    let from = before.iter().rposition(|c| !(is_word(*c) || *c == '.')).map_or(0, |i| i + 1);
    before.get(from..).unwrap_or(&[]).to_vec()
}

/// `1.` at the start of a line numbers an item.
fn list_number(chars: &[char], start: usize, at: usize, word: &[char]) -> bool {
    let short = !word.is_empty() && word.len() <= 2 && word.iter().all(|c| c.is_ascii_digit());
    if !short {
        return false;
    }
    let before = chars.get(start..at - word.len()).unwrap_or(&[]);
    before.iter().rev().find(|c| is_line_end(**c) || !c.is_whitespace()).is_none_or(|c| is_line_end(*c) || *c == ':')
}

/// A single capital with a stop: a title or a plain word before it makes it a name or a grade that ends the
/// sentence ("by Dr. X. He", "vitamin C. He"); after a capitalised word it is an initial ("John F. Doe").
fn initial_ends(chars: &[char], start: usize, at: usize) -> bool {
    let before: String = chars.get(start..at.saturating_sub(1)).unwrap_or(&[]).iter().collect();
    let Some(previous) = before.split_whitespace().last() else { return false };
    let bare = previous.trim_end_matches('.').to_lowercase();
    TITLES.contains(&bare.as_str()) || previous.chars().next().is_some_and(|c| c.is_lowercase() || c.is_ascii_digit())
}

/// Whether the line end at `at` ends a sentence. A wrapped line goes on; a new item, heading or paragraph does not.
fn line_break_ends(chars: &[char], start: usize, at: usize) -> bool {
    let mut next = at + 1;
    if chars.get(at) == Some(&'\r') && chars.get(next) == Some(&'\n') {
        next += 1;
    }
    while let Some(&c) = chars.get(next) {
        if is_line_end(c) {
            return true; // an empty line
        }
        if !c.is_whitespace() {
            break;
        }
        next += 1;
    }
    let Some(&first) = chars.get(next) else { return true };
    let line = chars.get(start..at).unwrap_or(&[]);
    let width = line.iter().rev().take_while(|c| !is_line_end(**c)).count();
    let last = line.iter().rev().find(|c| !c.is_whitespace()).copied().unwrap_or('\n');
    if is_stop(last) || matches!(last, ':' | ';' | '\n') {
        return true;
    }
    if first.is_lowercase() && !lettered_item(chars, next) {
        return false;
    }
    let item = !first.is_alphabetic() || lettered_item(chars, next) || heading_follows(chars, next);
    item || width < 60
}

/// `a)`, `b.`, `A.` at the start of a line.
fn lettered_item(chars: &[char], at: usize) -> bool {
    chars.get(at + 1).is_some_and(|c| matches!(c, ')' | '.')) && chars.get(at + 2).is_some_and(|c| c.is_whitespace())
}

/// A colon within the first words of the line.
fn heading_follows(chars: &[char], at: usize) -> bool {
    chars.iter().skip(at).take(40).take_while(|c| !is_line_end(**c)).any(|c| *c == ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        sentences(&chars).iter().map(|s| chars[s.start..s.end].iter().collect()).collect()
    }

    #[test]
    fn abbreviations_doses_and_lists_do_not_end_a_sentence() {
        for text in [
            "Seen by Dr. Marsh today.",
            "Given 0.5 mg of lorazepam.",
            "Take 1 tablet q.i.d. with food.",
            "Compared vs. placebo in approx. 40 patients.",
            "1. Aspirin 81 mg.",
            "See Fig. 2 for details.",
            "Signed by John F. Doe.",
            "The temperature was 38.5 and\nthe pulse was 90.",
            "e.g. a rash.",
        ] {
            assert_eq!(split(text), [text], "one sentence");
        }
    }

    #[test]
    fn ends_are_found() {
        for (text, want) in [
            ("No fever. Has a cough.", vec!["No fever.", "Has a cough."]),
            ("Operated by Dr. X. He did well.", vec!["Operated by Dr. X.", "He did well."]),
            ("Take p.o. b.i.d. He agreed.", vec!["Take p.o. b.i.d.", "He agreed."]),
            ("Takes vitamin C. She is well.", vec!["Takes vitamin C.", "She is well."]),
            ("Pain? No! None.", vec!["Pain?", "No!", "None."]),
            ("PLAN:\n1. Rest.\n2. Fluids.", vec!["PLAN:", "1. Rest.", "2. Fluids."]),
            ("Cough\r\n\r\nFever", vec!["Cough", "Fever"]),
            ("Cough\rFever", vec!["Cough", "Fever"]),
            ("胸痛あり。咳なし。", vec!["胸痛あり。", "咳なし。"]),
            ("He was bleeding.He was seen.", vec!["He was bleeding.", "He was seen."]),
            ("   \n\t", vec![]),
        ] {
            assert_eq!(split(text), want, "{text:?}");
        }
    }

    #[test]
    fn an_endless_line_is_cut_at_white_space() {
        let text = "word ".repeat(5_000);
        let parts = split(&text);
        assert!(parts.len() > 4);
        assert!(parts.iter().all(|p| p.chars().count() <= 2 * LONGEST));
        assert_eq!(parts.join(" "), text.trim());
    }
}
