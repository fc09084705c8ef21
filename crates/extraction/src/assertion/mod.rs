//! What a text says about a finding: present, negated, historical, of a relative, hypothetical, uncertain.
//!
//! The method is that of NegEx (Chapman, Bridewell, Hanbury, Cooper, Buchanan: "A simple algorithm for identifying
//! negated findings and diseases in discharge summaries", J Biomed Inform 34(5), 2001) and ConText (Harkema, Dowling,
//! Thornblade, Chapman: "ConText: an algorithm for determining negation, experiencer, and temporal status from
//! clinical reports", J Biomed Inform 42(5), 2009): cues before or after a finding govern it up to the end of the
//! clause, unless a longer phrase shows that the cue means something else. The lists of cues are our own, and so are
//! the rules for sections and for answers in a dialogue.

mod cues;

use crate::sections::{Section, SectionKind, section_at};
use crate::text::{IndexedText, Span, TokenClass};
use cloister_domain::Assertion;
use cues::{CUES, Cue, Side};
use std::ops::Range;

/// Tokens before and after a finding that are looked at; no cue reaches farther.
const FARTHEST: usize = 80;

/// What is said about a span, and which rule says so (docs/grounding.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assessment {
    /// The label.
    pub assertion: Assertion,
    /// The rule's code; `stated` when no rule speaks against presence.
    pub rule: &'static str,
    /// The words that decided, when there are any.
    pub cue: Option<Span>,
}

/// The rule by which a finding was there and has gone: "has resolved", "resolution of".
const GONE: &str = "cue-gone";

/// Whether what is labelled so by this rule is not there: it is denied, or has gone.
pub(crate) fn is_absent(assertion: Assertion, rule: &str) -> bool {
    assertion == Assertion::Negated || rule == GONE
}

/// One item of a sentence as the rules see it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item<'t> {
    Word(&'t str, Span),
    Comma,
    Break,
}

/// Judges the finding at `span`, which lies in `text`, by the sentence and section it stands in.
#[must_use]
pub fn assess(text: &IndexedText<'_>, sections: &[Section], span: Span) -> Assessment {
    let sentence = text.sentence_span(span.start);
    let items = items(text, near(text, sentence.cover(span), span));
    let touched = |i: &Item<'_>| matches!(i, Item::Word(_, s) if s.overlaps(span));
    let (Some(first), Some(last)) = (items.iter().position(touched), items.iter().rposition(touched)) else {
        return Assessment { assertion: Assertion::Present, rule: "stated", cue: None };
    };
    let section = section_at(sections, span.start).map_or(SectionKind::Other, |s| s.kind);
    let mut found = by_cues(&items, first, last);
    if text.slice(sentence).trim_end().ends_with(['?', '？', '؟']) {
        found.push(by_answer(text, sentence));
    }
    found.extend(by_section(section));
    // The strongest label wins; of one label, the first rule.
    let mut best = Assessment { assertion: Assertion::Present, rule: "stated", cue: None };
    for f in found {
        if strength(f) > strength(best) || (best.rule == "stated" && f.rule != "stated") {
            best = f;
        }
    }
    best
}

/// The part of a sentence in which a cue can reach `span`: a very long one costs no more than an ordinary one.
fn near(text: &IndexedText<'_>, sentence: Span, span: Span) -> Span {
    let tokens = text.tokens();
    let range = text.tokens_in(sentence);
    let first = tokens.partition_point(|t| t.span.end <= span.start).saturating_sub(FARTHEST).max(range.start);
    let last = tokens.partition_point(|t| t.span.start < span.end).saturating_add(FARTHEST).min(range.end);
    match (tokens.get(first), last.checked_sub(1).and_then(|i| tokens.get(i))) {
        (Some(a), Some(b)) if first < last => a.span.cover(b.span).cover(span),
        _ => sentence,
    }
}

/// Which label wins when several hold. What might come is not there, whatever else is said of it; what is denied is
/// denied of the relative too.
fn strength(of: Assessment) -> u8 {
    match of.assertion {
        Assertion::Hypothetical => 5,
        Assertion::Negated => 4,
        Assertion::Historical if of.rule == GONE => 4,
        Assertion::Family => 3,
        Assertion::Uncertain => 2,
        Assertion::Historical => 1,
        Assertion::Present => 0,
    }
}

fn by_section(kind: SectionKind) -> Option<Assessment> {
    let (assertion, rule) = match kind {
        SectionKind::FamilyHistory => (Assertion::Family, "section-family-history"),
        SectionKind::PastHistory => (Assertion::Historical, "section-past-history"),
        _ => return None,
    };
    Some(Assessment { assertion, rule, cue: None })
}

/// A finding in a question is what the answer makes of it.
fn by_answer(text: &IndexedText<'_>, question: Span) -> Assessment {
    let next = text.sentence_at(question.start) + 1;
    let answer = text.sentences().get(next).copied().unwrap_or(Span::new(0, 0));
    let words = items(text, answer);
    let words: Vec<(&str, Span)> = words
        .iter()
        .filter_map(|i| match i {
            Item::Word(w, s) => Some((*w, *s)),
            _ => None,
        })
        .collect();
    // "Patient: Um, no": the speaker and what only fills the pause are passed over.
    let speaker =
        words.iter().take(3).position(|(_, s)| matches!(text.char_at(s.end), Some(':' | '：'))).map_or(0, |i| i + 1);
    let said = words.iter().skip(speaker).find(|(w, _)| !cues::FILLERS.contains(w));
    let (assertion, rule) = match said {
        Some((w, _)) if cues::NO.contains(w) => (Assertion::Negated, "answer-no"),
        Some((w, _)) if cues::YES.contains(w) => (Assertion::Present, "answer-yes"),
        _ => (Assertion::Uncertain, "question-open"),
    };
    Assessment { assertion, rule, cue: said.filter(|_| rule != "question-open").map(|(_, s)| *s) }
}

fn items<'a>(text: &'a IndexedText<'_>, span: Span) -> Vec<Item<'a>> {
    let mut out = Vec::new();
    for token in text.tokens().get(text.tokens_in(span)).unwrap_or(&[]) {
        match token.class {
            TokenClass::Mark => match text.char_at(token.span.start) {
                Some(',' | '，' | '、') => out.push(Item::Comma),
                Some(';' | '；' | '•') => out.push(Item::Break),
                _ => {}
            },
            _ => out.push(Item::Word(&token.folded, token.span)),
        }
    }
    out
}

/// A cue found in a sentence: items `first..end`.
struct Match {
    cue: &'static Cue,
    first: usize,
    end: usize,
}

fn by_cues(items: &[Item<'_>], first: usize, last: usize) -> Vec<Assessment> {
    let mut out = Vec::new();
    for m in matches(items) {
        let Some(assertion) = m.cue.label else { continue };
        let span = words_span(items, m.first, m.end);
        let rule = if m.first >= first && m.end <= last + 1 {
            // A value that carries its own negation: "no known allergies".
            if assertion != Assertion::Negated && !m.cue.gone {
                continue;
            }
            "cue-inside"
        } else if m.end <= first && m.cue.side != Side::After && governs(items, m.end, first, m.cue.reach) {
            "cue-before"
        } else if m.first > last && m.cue.side != Side::Before && governs(items, last + 1, m.first, m.cue.reach) {
            "cue-after"
        } else {
            continue;
        };
        // What is waited for has not gone, and what came back is there.
        if m.cue.gone && (says(items, 0..first, cues::NOT_YET) || says(items, m.end..items.len(), cues::CAME_BACK)) {
            continue;
        }
        let rule = if m.cue.gone { GONE } else { rule };
        out.push(Assessment { assertion, rule, cue: span });
    }
    out
}

fn says(items: &[Item<'_>], within: Range<usize>, words: &[&str]) -> bool {
    let one = |item: &Item<'_>| matches!(item, Item::Word(w, _) if words.contains(w));
    items.get(within).is_some_and(|items| items.iter().any(one))
}

/// Cues in order, the longest at each place; words inside a longer phrase start no cue of their own.
fn matches(items: &[Item<'_>]) -> Vec<Match> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < items.len() {
        let here: Vec<(usize, &Cue)> =
            cues_at(items, at).filter_map(|cue| phrase_end(items, at, &cue.words).map(|end| (end, cue))).collect();
        let longest = here.iter().map(|(end, _)| *end).max().unwrap_or(at + 1);
        // One phrase may govern either side by two entries.
        out.extend(here.into_iter().filter(|(end, _)| *end == longest).map(|(end, cue)| Match { cue, first: at, end }));
        at = longest;
    }
    out
}

/// The cues that begin with the word at `at`, or with any number.
fn cues_at<'i>(items: &'i [Item<'_>], at: usize) -> impl Iterator<Item = &'static Cue> + 'i {
    let word = match items.get(at) {
        Some(Item::Word(w, _)) if w.starts_with(|c: char| c.is_ascii_digit()) => "#",
        Some(Item::Word(w, _)) => *w,
        _ => "",
    };
    CUES.get(word).into_iter().flatten()
}

/// The end of a phrase that starts at `at`.
fn phrase_end(items: &[Item<'_>], at: usize, phrase: &[&str]) -> Option<usize> {
    for (i, word) in phrase.iter().enumerate() {
        match items.get(at + i)? {
            Item::Word(w, _) if *w == *word || (*word == "#" && w.starts_with(|c: char| c.is_ascii_digit())) => {}
            _ => return None,
        }
    }
    Some(at + phrase.len())
}

/// Whether a cue on one side of `from..to` reaches the other: not past the end of the clause, nor too many words.
fn governs(items: &[Item<'_>], from: usize, to: usize, reach: usize) -> bool {
    let Some(between) = items.get(from..to) else { return false };
    let words = between.iter().filter(|i| matches!(i, Item::Word(..))).count();
    words <= reach
        && !between.contains(&Item::Break)
        && !(from..to).any(|i| ends_clause(items, i, to))
        && !(from..to).any(|i| items.get(i) == Some(&Item::Comma) && clause_begins(items, i + 1))
}

/// Whether a phrase that ends a clause starts at `at` and ends by `to`.
fn ends_clause(items: &[Item<'_>], at: usize, to: usize) -> bool {
    cues::TERMINATORS.iter().any(|phrase| {
        let words: Vec<&str> = phrase.split(' ').collect();
        phrase_end(items, at, &words).is_some_and(|end| end <= to)
    })
}

/// Whether a new clause begins behind a comma: words with a verb before the next comma, not introduced by "or".
fn clause_begins(items: &[Item<'_>], at: usize) -> bool {
    let segment: Vec<&str> =
        items.iter().skip(at).map_while(|i| if let Item::Word(w, _) = i { Some(*w) } else { None }).collect();
    let listed = matches!(segment.first(), Some(&("or" | "nor" | "and")));
    !listed && segment.iter().any(|w| cues::VERBS.contains(w))
}

fn words_span(items: &[Item<'_>], first: usize, end: usize) -> Option<Span> {
    items
        .get(first..end)?
        .iter()
        .filter_map(|i| if let Item::Word(_, s) = i { Some(*s) } else { None })
        .reduce(Span::cover)
}

#[cfg(test)]
mod tests;
