//! Sections of a clinical note, by their headings.

mod headings;

use crate::text::{IndexedText, Span, is_line_end};

/// What a section is about, as far as grounding and assertion care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SectionKind {
    /// Why the patient came.
    Complaint,
    /// The history of the present episode.
    PresentHistory,
    /// Earlier illness and operations.
    PastHistory,
    /// Illness of relatives.
    FamilyHistory,
    /// Living, work, tobacco, alcohol.
    SocialHistory,
    /// What is taken.
    Medications,
    /// What is not tolerated.
    Allergies,
    /// Immunisations.
    Immunizations,
    /// Questions organ by organ.
    ReviewOfSystems,
    /// Vital signs.
    Vitals,
    /// Findings on examination.
    Examination,
    /// Laboratory results.
    Laboratory,
    /// Images and what they show.
    Imaging,
    /// Operations and other procedures.
    Procedures,
    /// What the author makes of it: assessment, impression, diagnoses.
    Assessment,
    /// What is to be done.
    Plan,
    /// Why an examination was asked for.
    Indication,
    /// A heading that names something else.
    Other,
}

/// A section: its heading and everything up to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// The words of the heading, without its colon; empty for text before the first heading.
    pub heading: Span,
    /// From behind the heading to the start of the next.
    pub body: Span,
    /// What it is about.
    pub kind: SectionKind,
}

/// The sections of a text in order. Together they cover it; a text without headings is one [`SectionKind::Other`].
///
/// A heading is one of our own list, or a short line or line start in capitals, followed by a colon or alone on its
/// line; known ones are also seen in the middle of a line when written in capitals with a colon.
#[must_use]
pub fn sections(text: &IndexedText<'_>) -> Vec<Section> {
    let mut found = found_headings(text);
    found.sort_unstable_by_key(|(span, _, _)| span.start);
    found.dedup_by_key(|(span, _, _)| span.start);
    let first = found.first().map_or(text.len(), |(span, _, _)| span.start);
    let mut out = Vec::new();
    if first > 0 {
        out.push(Section { heading: Span::new(0, 0), body: Span::new(0, first), kind: SectionKind::Other });
    }
    for (i, (heading, body_start, kind)) in found.iter().enumerate() {
        let end = found.get(i + 1).map_or(text.len(), |(next, _, _)| next.start);
        out.push(Section { heading: *heading, body: Span::new((*body_start).min(end), end), kind: *kind });
    }
    out
}

/// The section that holds scalar `at`; its heading belongs to it.
#[must_use]
pub fn section_at(sections: &[Section], at: usize) -> Option<&Section> {
    let next = sections.partition_point(|s| s.heading.start.min(s.body.start) <= at);
    sections.get(next.checked_sub(1)?)
}

/// Every heading with the start of its body.
fn found_headings(text: &IndexedText<'_>) -> Vec<(Span, usize, SectionKind)> {
    let mut out = Vec::new();
    let mut line_start = 0;
    for at in 0..=text.len() {
        if at == text.len() || text.char_at(at).is_some_and(is_line_end) {
            line(text, Span::new(line_start, at), &mut out);
            line_start = at + 1;
        }
    }
    out
}

fn line(text: &IndexedText<'_>, line: Span, out: &mut Vec<(Span, usize, SectionKind)>) {
    let Some(start) = first_letter(text, line) else { return };
    let colon = (start..line.end.min(start + headings::LONGEST)).find(|i| text.char_at(*i).is_some_and(is_colon));
    match colon {
        Some(colon) => {
            let heading = trimmed(text, Span::new(start, colon));
            if let Some(kind) = kind_of(text.slice(heading), true) {
                out.push((heading, colon + 1, kind));
            }
        }
        None if line.end - start <= headings::LONGEST => {
            let heading = trimmed(text, Span::new(start, line.end));
            if let Some(kind) = kind_of(text.slice(heading), false) {
                out.push((heading, line.end, kind));
            }
        }
        None => {}
    }
    for i in start..line.end {
        if text.char_at(i).is_some_and(is_colon)
            && let Some(found) = inline(text, line, i)
        {
            out.push(found);
        }
    }
}

/// A known heading in capitals right before the colon at `colon`, behind the end of a sentence.
fn inline(text: &IndexedText<'_>, line: Span, colon: usize) -> Option<(Span, usize, SectionKind)> {
    let from = (line.start..colon)
        .rev()
        .take(headings::LONGEST)
        .find(|i| text.char_at(*i).is_some_and(|c| matches!(c, '.' | ';')))?;
    let heading = trimmed(text, Span::new(from + 1, colon));
    let words = text.slice(heading);
    (is_capitals(words) && heading.start > from + 1).then_some(())?;
    headings::kind(words).map(|kind| (heading, colon + 1, kind))
}

fn first_letter(text: &IndexedText<'_>, line: Span) -> Option<usize> {
    // Numbers, bullets and the marks of Markdown may stand before a heading.
    let skipped = |c: char| c.is_whitespace() || c.is_control() || c.is_ascii_digit() || "#*-•.)_".contains(c);
    (line.start..line.end).find(|i| text.char_at(*i).is_some_and(|c| !skipped(c)))
}

const fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：')
}

fn trimmed(text: &IndexedText<'_>, span: Span) -> Span {
    let blank = |i: &usize| {
        text.char_at(*i).is_none_or(|c| c.is_whitespace() || c.is_control() || matches!(c, '*' | '_' | '#'))
    };
    let start = (span.start..span.end).find(|i| !blank(i)).unwrap_or(span.end);
    let end = (start..span.end).rev().find(|i| !blank(i)).map_or(start, |i| i + 1);
    Span::new(start, end)
}

fn is_capitals(words: &str) -> bool {
    words.chars().any(char::is_uppercase) && !words.chars().any(char::is_lowercase)
}

/// The kind of a heading: from the list, or `Other` for a short line in capitals that is not on it.
fn kind_of(words: &str, colon: bool) -> Option<SectionKind> {
    if let Some(kind) = headings::kind(words) {
        return Some(kind);
    }
    let count = words.split_whitespace().count();
    let short = (1..=6).contains(&count) && words.chars().filter(|c| c.is_alphabetic()).count() >= 3;
    let title = words.split_whitespace().all(|w| w.chars().next().is_some_and(|c| !c.is_lowercase()));
    // A speaker's turn ("Doctor: …") is no section.
    let speaker = count <= 2 && !is_capitals(words);
    ((is_capitals(words) && short) || (colon && short && title && count >= 2 && !speaker)).then_some(SectionKind::Other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(text: &str) -> Vec<(String, SectionKind)> {
        let read = IndexedText::new(text);
        sections(&read).iter().map(|s| (read.slice(s.heading).to_owned(), s.kind)).collect()
    }

    #[test]
    fn headings_of_a_note_are_found_in_every_usual_form() {
        let text = "Seen in clinic.\nPAST MEDICAL HISTORY:\n1. Asthma.\n\nFamily history: father with gout.\r\n\
                    ## Medications\n- aspirin\nALLERGIES\nNone.\nROS: negative. PLAN: rest.\nODD HEADING: x\nDoctor: how are you?";
        let got = kinds(text);
        let got: Vec<(&str, SectionKind)> = got.iter().map(|(h, k)| (h.as_str(), *k)).collect();
        assert_eq!(
            got,
            [
                ("", SectionKind::Other),
                ("PAST MEDICAL HISTORY", SectionKind::PastHistory),
                ("Family history", SectionKind::FamilyHistory),
                ("Medications", SectionKind::Medications),
                ("ALLERGIES", SectionKind::Allergies),
                ("ROS", SectionKind::ReviewOfSystems),
                ("PLAN", SectionKind::Plan),
                ("ODD HEADING", SectionKind::Other),
            ]
        );
    }

    #[test]
    fn prose_has_no_headings() {
        assert_eq!(kinds("The plan was simple: rest and fluids."), [(String::new(), SectionKind::Other)]);
        assert_eq!(kinds("Patient: I have a cough.\nDoctor: since when?").len(), 1);
        assert!(kinds("").is_empty());
    }

    #[test]
    fn a_place_knows_its_section() {
        let text = "FAMILY HISTORY: mother with asthma.\nPLAN: rest.";
        let read = IndexedText::new(text);
        let found = sections(&read);
        assert_eq!(section_at(&found, 20).map(|s| s.kind), Some(SectionKind::FamilyHistory));
        assert_eq!(section_at(&found, 38).map(|s| s.kind), Some(SectionKind::Plan));
    }

    proptest! {
        #[test]
        fn sections_cover_the_text_in_order(text in "[A-Za-z:. \n\r#*-]{0,120}|\\PC{0,60}") {
            let read = IndexedText::new(&text);
            let mut at = 0;
            for s in sections(&read) {
                prop_assert!(s.heading.start <= s.heading.end && s.heading.end <= s.body.start && s.body.start <= s.body.end);
                prop_assert!(at <= s.body.start);
                at = s.body.end;
            }
            prop_assert_eq!(at, read.len());
        }
    }
}
