//! Where a value stands in the text, and by which rule.
//!
//! The rules are tried from the strictest on, and a looser one only when no stricter one finds anything. None of them
//! guesses: each changes form, never content. Numbers, doses, dates and drug names meet only rules of form.

use super::abbreviations::{Abbreviation, abbreviations};
use super::dates::{DateMention, dates};
use super::decimal::Decimal;
use super::reason::Reason;
use super::terms::{Term, makes_another_quantity, metric, terms};
use crate::schema::Date;
use crate::text::{IndexedText, Span, TokenClass};
use std::collections::HashMap;

/// Occurrences looked at for one value.
const MOST: usize = 100;

/// A place where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) span: Span,
    /// Whether the value stands there letter for letter.
    pub(crate) verbatim: bool,
    pub(crate) rules: Vec<Reason>,
    /// A second place that the rule rests on: where the text spells an abbreviation out.
    pub(crate) also: Option<Span>,
}

/// How freely the words of a value may differ in form from those of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Drug names, doses, anything with a number in it.
    Form,
    /// Other words: plurals, articles and "neck and back pain" too.
    Grammar,
}

/// A text made ready for finding values in it.
pub(crate) struct Haystack<'t> {
    pub(crate) text: &'t IndexedText<'t>,
    pub(crate) terms: Vec<Term>,
    places: HashMap<String, Vec<usize>>,
    singular: HashMap<String, Vec<usize>>,
    abbreviations: Vec<Abbreviation>,
    dates: Vec<DateMention>,
}

impl<'t> Haystack<'t> {
    pub(crate) fn new(text: &'t IndexedText<'t>) -> Self {
        let terms = terms(text);
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        let mut singular: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, t) in terms.iter().enumerate() {
            places.entry(t.key.clone()).or_default().push(i);
            singular.entry(without_plural(&t.key).to_owned()).or_default().push(i);
        }
        let abbreviations = abbreviations(text, &terms);
        let dates = dates(text);
        Self { text, terms, places, singular, abbreviations, dates }
    }

    /// The places of a value of words inside `window`, in order; or why there are none.
    pub(crate) fn find(&self, value: &str, strictness: Strictness, window: Span) -> Result<Vec<Occurrence>, Reason> {
        let read = IndexedText::new(value);
        let wanted = terms(&read);
        if wanted.iter().all(|t| t.sign || IDLE.contains(&t.key.as_str())) {
            return Err(Reason::NothingToFind);
        }
        let needle = Needle { value, read: &read, terms: &wanted };
        let mut cut = false;
        let exact = self.runs(&needle, window, &mut cut);
        if !exact.is_empty() {
            return Ok(exact);
        }
        if let Some(date) = Date::parse(value.trim()) {
            return self.find_date(date, value, window);
        }
        let spelled = self.spelled_out(&needle, window);
        if !spelled.is_empty() {
            return Ok(spelled);
        }
        let converted = self.converted(&wanted, window);
        if !converted.is_empty() {
            return Ok(converted);
        }
        if strictness == Strictness::Grammar && !wanted.iter().any(Term::is_number) {
            for rule in [Self::plural, Self::without_article, Self::elided, Self::coordinated] {
                let found = rule(self, &wanted, window);
                if !found.is_empty() {
                    return Ok(found);
                }
            }
        }
        Err(if cut { Reason::CutFromQuantity } else { Reason::NotInText })
    }

    /// The places of a number inside `window`.
    pub(crate) fn find_number(&self, value: &str, window: Span) -> Result<Vec<Occurrence>, Reason> {
        let Some(decimal) = Decimal::parse(value) else { return Err(Reason::NothingToFind) };
        let mut cut = false;
        let mut out = Vec::new();
        for i in self.places.get(&decimal.key()).into_iter().flatten().copied() {
            let Some(term) = self.terms.get(i).filter(|t| window.contains(t.span)) else { continue };
            if self.joined_number(term.span) || self.dates.iter().any(|d| d.span.contains(term.span)) {
                cut = true;
                continue;
            }
            let verbatim = self.text.slice(term.span) == value;
            let rules = vec![if verbatim { Reason::Exact } else { Reason::NumberForm }];
            out.push(Occurrence { span: term.span, verbatim, rules, also: None });
            if out.len() == MOST {
                break;
            }
        }
        if out.is_empty() { Err(if cut { Reason::CutFromQuantity } else { Reason::NotInText }) } else { Ok(out) }
    }

    /// The places of a day inside `window`.
    pub(crate) fn find_date(&self, date: Date, value: &str, window: Span) -> Result<Vec<Occurrence>, Reason> {
        let mut why = Reason::NotInText;
        let mut out = Vec::new();
        for mention in self.dates.iter().filter(|d| window.contains(d.span)) {
            match mention.reading.is(date) {
                Ok(true) => {
                    let verbatim = self.text.slice(mention.span) == value;
                    let rules = vec![if verbatim { Reason::Exact } else { Reason::DateForm }];
                    out.push(Occurrence { span: mention.span, verbatim, rules, also: None });
                }
                Ok(false) => {}
                Err(reason) => why = if why == Reason::DateAmbiguous { why } else { reason },
            }
        }
        if out.is_empty() { Err(why) } else { Ok(out) }
    }

    /// Whether some number of the text equals `key`.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    /// What two values that mean the same share: their keys, long forms as the short forms that the text gives them.
    pub(crate) fn meaning(&self, value: &str) -> String {
        let mut keys: Vec<String> = terms(&IndexedText::new(value)).into_iter().map(|t| t.key).collect();
        for a in &self.abbreviations {
            while let Some(at) = keys.windows(a.long.len()).position(|w| w == a.long.as_slice()) {
                // "Prader-Willi syndrome (PWS)" is one name, not two.
                let twice = keys.get(at + a.long.len()..).is_some_and(|rest| rest.starts_with(&a.short));
                let end = at + a.long.len() + if twice { a.short.len() } else { 0 };
                keys.splice(at..end, a.short.iter().cloned());
            }
        }
        keys.join(" ")
    }

    /// The terms inside `span`.
    pub(crate) fn terms_in(&self, span: Span) -> &[Term] {
        let from = self.terms.partition_point(|t| t.span.start < span.start);
        let to = self.terms.partition_point(|t| t.span.end <= span.end);
        self.terms.get(from..to.max(from)).unwrap_or(&[])
    }

    /// Runs of terms with the needle's keys.
    fn runs(&self, needle: &Needle<'_>, window: Span, cut: &mut bool) -> Vec<Occurrence> {
        let keys: Vec<&str> = needle.terms.iter().map(|t| t.key.as_str()).collect();
        let mut out = Vec::new();
        for run in self.runs_of(&keys, window) {
            let matched = self.terms.get(run.clone()).unwrap_or(&[]);
            let Some(span) = cover(matched) else { continue };
            if self.is_cut(run, matched) {
                *cut = true;
                continue;
            }
            let span = self.with_marks(needle, span);
            if self.crosses_sentence(span) && squeezed(self.text.slice(span)) != squeezed(needle.value) {
                continue;
            }
            out.push(self.judged(needle, matched, span));
            if out.len() == MOST {
                break;
            }
        }
        out
    }

    /// Ranges of terms whose keys are `keys`, inside `window`.
    fn runs_of(&self, keys: &[&str], window: Span) -> Vec<std::ops::Range<usize>> {
        let Some(first) = keys.first() else { return Vec::new() };
        let starts = self.places.get(*first).map_or(&[][..], Vec::as_slice);
        let fits = |from: usize| {
            let run = self.terms.get(from..from + keys.len())?;
            let same = run.iter().zip(keys).all(|(t, k)| t.key == *k);
            (same && window.contains(cover(run)?)).then(|| from..from + keys.len())
        };
        starts.iter().filter_map(|from| fits(*from)).collect()
    }

    /// A needle found: letter for letter, or by which rules.
    fn judged(&self, needle: &Needle<'_>, matched: &[Term], span: Span) -> Occurrence {
        let quote = self.text.slice(span);
        if quote == needle.value {
            return Occurrence { span, verbatim: true, rules: vec![Reason::Exact], also: None };
        }
        let mut rules: Vec<Reason> = matched.iter().zip(needle.terms).filter_map(|(a, b)| a.rule(b)).collect();
        rules.sort_unstable();
        rules.dedup();
        if rules.is_empty() {
            let bare = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let unspaced = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            rules.push(if unspaced(quote) == unspaced(needle.value) {
                Reason::Spacing
            } else if bare(quote) == bare(needle.value) {
                Reason::Punctuation
            } else if bare(quote).to_lowercase() == bare(needle.value).to_lowercase() {
                Reason::Case
            } else {
                Reason::LetterForm
            });
        }
        Occurrence { span, verbatim: false, rules, also: None }
    }

    /// Marks around the terms that the value has too: a trailing full stop, brackets.
    fn with_marks(&self, needle: &Needle<'_>, span: Span) -> Span {
        let own = |t: &crate::text::Token| t.class != TokenClass::Mark;
        let tokens = needle.read.tokens();
        let (Some(first), Some(last)) = (tokens.iter().find(|t| own(t)), tokens.iter().rfind(|t| own(t))) else {
            return span;
        };
        let before = first.span.start;
        let after = needle.read.len() - last.span.end;
        let wide = Span::new(span.start.saturating_sub(before), span.end + after);
        if before <= span.start && self.text.slice(wide) == needle.value { wide } else { span }
    }

    fn crosses_sentence(&self, span: Span) -> bool {
        !self.text.sentence_span(span.start).contains(span)
    }

    /// Whether a run is only a part of the quantity that stands there.
    fn is_cut(&self, run: std::ops::Range<usize>, matched: &[Term]) -> bool {
        let (Some(first), Some(last)) = (matched.first(), matched.last()) else { return false };
        if first.is_number() && self.joined_before(first.span) {
            return true;
        }
        if last.is_number() && self.joined_after(last.span) {
            return true;
        }
        let next = self.terms.get(run.end);
        let after = self.terms.get(run.end + 1);
        last.is_unit()
            && next.is_some_and(|t| t.key == "/" && t.span.distance(last.span) <= 5)
            && after.is_some_and(|t| makes_another_quantity(&t.key))
    }

    /// A range, a time or a date goes on before the number: `3-5`, `10:30`.
    fn joined_before(&self, span: Span) -> bool {
        let at = |back: usize| span.start.checked_sub(back).and_then(|i| self.text.char_at(i));
        matches!(at(1), Some('-' | '–' | '—' | ':')) && at(2).is_some_and(|c| c.is_ascii_digit())
    }

    /// It goes on after it; so does `15q12`, but `48yo` is a number with its unit.
    fn joined_after(&self, span: Span) -> bool {
        let at = |on: usize| self.text.char_at(span.end + on);
        if matches!(at(0), Some('-' | '–' | '—' | ':')) && at(1).is_some_and(|c| c.is_ascii_digit()) {
            return true;
        }
        let glued = at(0).is_some_and(char::is_alphabetic);
        let next = self.terms.partition_point(|t| t.span.start < span.end);
        glued
            && !self
                .terms
                .get(next)
                .is_some_and(|t| t.is_unit() || matches!(t.key.as_str(), "yo" | "y" | "f" | "m" | "x"))
    }

    /// Whether a bare number is a piece of something else.
    fn joined_number(&self, span: Span) -> bool {
        self.joined_before(span) || self.joined_after(span)
    }

    /// The value with a short form for a long one, or the other way round, where the text defines it.
    fn spelled_out(&self, needle: &Needle<'_>, window: Span) -> Vec<Occurrence> {
        let keys: Vec<&str> = needle.terms.iter().map(|t| t.key.as_str()).collect();
        let mut out = Vec::new();
        for a in &self.abbreviations {
            for (from, to) in [(&a.long, &a.short), (&a.short, &a.long)] {
                let Some(at) = keys.windows(from.len()).position(|w| w.iter().zip(from).all(|(x, y)| x == y)) else {
                    continue;
                };
                let mut other: Vec<&str> = keys.get(..at).unwrap_or(&[]).to_vec();
                other.extend(to.iter().map(String::as_str));
                other.extend(keys.get(at + from.len()..).unwrap_or(&[]));
                for run in self.runs_of(&other, window) {
                    let matched = self.terms.get(run.clone()).unwrap_or(&[]);
                    let Some(span) = cover(matched) else { continue };
                    if self.is_cut(run, matched) || self.crosses_sentence(span) {
                        continue;
                    }
                    let also = Some(a.definition).filter(|d| !d.contains(span) && window.contains(*d));
                    out.push(Occurrence { span, verbatim: false, rules: vec![Reason::Abbreviation], also });
                }
            }
        }
        out.truncate(MOST);
        out
    }

    /// The same quantity in another metric unit: 0.5 g is 500 mg.
    fn converted(&self, wanted: &[Term], window: Span) -> Vec<Occurrence> {
        let [number, unit] = wanted else { return Vec::new() };
        let base = |number: &Term, unit: &Term| {
            let (dimension, power) = metric(&unit.key)?;
            let decimal = Decimal::parse_written(&number.folded, true)?;
            Some((dimension, decimal.shifted(power).key()))
        };
        let Some(quantity) = base(number, unit) else { return Vec::new() };
        let mut out = Vec::new();
        for (i, pair) in self.terms.windows(2).enumerate() {
            let [n, u] = pair else { continue };
            let span = n.span.cover(u.span);
            if base(n, u).as_ref() == Some(&quantity) && window.contains(span) && !self.is_cut(i..i + 2, pair) {
                out.push(Occurrence { span, verbatim: false, rules: vec![Reason::UnitConverted], also: None });
            }
        }
        out.truncate(MOST);
        out
    }

    /// The same words, one or more in the other grammatical number.
    fn plural(&self, wanted: &[Term], window: Span) -> Vec<Occurrence> {
        let keys: Vec<&str> = wanted.iter().map(|t| without_plural(&t.key)).collect();
        let starts = keys.first().and_then(|k| self.singular.get(*k)).map_or(&[][..], Vec::as_slice);
        let runs = starts.iter().filter_map(|from| {
            let run = self.terms.get(*from..*from + keys.len())?;
            run.iter().zip(&keys).all(|(t, k)| without_plural(&t.key) == *k).then(|| cover(run))?
        });
        self.by_rule(runs, Reason::Plural, window)
    }

    /// The same words without a leading article.
    fn without_article(&self, wanted: &[Term], window: Span) -> Vec<Occurrence> {
        let keys: Vec<&str> = wanted.iter().map(|t| t.key.as_str()).collect();
        let [first, rest @ ..] = keys.as_slice() else { return Vec::new() };
        if !ARTICLES.contains(first) || rest.is_empty() {
            return Vec::new();
        }
        let runs = self.runs_of(rest, window);
        self.by_rule(runs.into_iter().filter_map(|r| cover(self.terms.get(r)?)), Reason::Article, window)
    }

    /// The same words in order, the text having "of", "the" and the like between them.
    fn elided(&self, wanted: &[Term], window: Span) -> Vec<Occurrence> {
        let starts = wanted.first().and_then(|t| self.places.get(&t.key)).map_or(&[][..], Vec::as_slice);
        let runs = starts.iter().filter_map(|from| {
            let mut at = *from;
            for term in wanted {
                while self.terms.get(at)?.key != term.key {
                    (at > *from && FUNCTION_WORDS.contains(&self.terms.get(at)?.key.as_str())).then_some(())?;
                    at += 1;
                }
                at += 1;
            }
            cover(self.terms.get(*from..at)?)
        });
        self.by_rule(runs, Reason::FunctionWords, window)
    }

    /// "neck and back pain" holds neck pain.
    fn coordinated(&self, wanted: &[Term], window: Span) -> Vec<Occurrence> {
        let starts = wanted.first().and_then(|t| self.places.get(&t.key)).map_or(&[][..], Vec::as_slice);
        let mut found = Vec::new();
        for from in starts {
            for split in 1..wanted.len() {
                let same = |at: usize, part: &[Term]| {
                    self.terms
                        .get(at..at + part.len())
                        .is_some_and(|run| run.iter().zip(part).all(|(a, b)| a.key == b.key))
                };
                let (head, tail) = wanted.split_at(split);
                if !same(*from, head) {
                    continue;
                }
                let gap_start = from + split;
                let end = (1..=LONGEST_GAP)
                    .find(|gap| same(gap_start + gap, tail) && self.joins(gap_start..gap_start + gap))
                    .map(|gap| gap_start + gap + tail.len());
                found.extend(end.and_then(|end| cover(self.terms.get(*from..end)?)));
            }
        }
        self.by_rule(found.into_iter(), Reason::Coordination, window)
    }

    /// Whether the terms between two parts of a value only add members to a list.
    fn joins(&self, gap: std::ops::Range<usize>) -> bool {
        let Some(terms) = self.terms.get(gap.clone()) else { return false };
        let joiner = |t: Option<&Term>| t.is_some_and(|t| matches!(t.key.as_str(), "and" | "or" | "/" | "&"));
        let comma = |i: usize| {
            let (Some(a), Some(b)) = (i.checked_sub(1).and_then(|i| self.terms.get(i)), self.terms.get(i)) else {
                return false;
            };
            self.text.slice(Span::new(a.span.end, b.span.start)).contains(',')
        };
        let links =
            joiner(terms.first()) || joiner(terms.last()) || comma(gap.start) && terms.iter().any(|t| joiner(Some(t)));
        links && !terms.iter().any(|t| t.is_number() || STOPS_A_LIST.contains(&t.key.as_str()))
    }

    fn by_rule(&self, spans: impl Iterator<Item = Span>, rule: Reason, window: Span) -> Vec<Occurrence> {
        spans
            .filter(|s| window.contains(*s) && !self.crosses_sentence(*s))
            .take(MOST)
            .map(|span| Occurrence { span, verbatim: false, rules: vec![rule], also: None })
            .collect()
    }
}

struct Needle<'v> {
    value: &'v str,
    read: &'v IndexedText<'v>,
    terms: &'v [Term],
}

const ARTICLES: &[&str] = &["the", "a", "an", "his", "her", "their"];
const FUNCTION_WORDS: &[&str] = &["of", "the", "a", "an", "his", "her", "their", "its"];
/// Words that alone say nothing, wherever they stand.
const IDLE: &[&str] = &[
    "the", "a", "an", "of", "and", "or", "in", "on", "at", "to", "for", "with", "by", "from", "is", "are", "was",
    "were", "be", "been", "it", "this", "that", "which", "as",
];
/// Terms at most between the parts of "neck, shoulder and back pain".
const LONGEST_GAP: usize = 6;
/// Words that a list of things of one kind does not hold.
const STOPS_A_LIST: &[&str] = &[
    "is", "are", "was", "were", "has", "have", "had", "no", "not", "without", "denies", "denied", "but", "with", "for",
    "due", "after", "before", "then", "he", "she", "they", "patient",
];

fn cover(terms: &[Term]) -> Option<Span> {
    Some(terms.first()?.span.cover(terms.last()?.span))
}

/// Letters and marks in lower case, white space apart.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// An English word without its plural ending; short words and `-ss`, `-us`, `-is` are left alone.
fn without_plural(word: &str) -> &str {
    let less = |n: usize| word.get(..word.len() - n).unwrap_or(word);
    if word.len() < 4 || !word.is_ascii() || ["ss", "us", "is"].iter().any(|e| word.ends_with(e)) {
        return word;
    }
    if word.len() > 4 && word.ends_with("ies") {
        return less(3);
    }
    if word.len() > 4 && word.ends_with('y') {
        return less(1);
    }
    // "headaches" and "headache", "patches" and "patch" meet without their last vowel.
    if word.ends_with("che") {
        return less(1);
    }
    if ["sses", "shes", "ches", "xes"].iter().any(|e| word.ends_with(e)) {
        return less(2);
    }
    word.strip_suffix('s').unwrap_or(word)
}
