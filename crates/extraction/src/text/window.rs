//! Windows: a document longer than the model's context is read in overlapping pieces.

use super::{IndexedText, Span};

/// Cuts the text into windows of at most `most` scalars that together cover all of it. A window ends where a section
/// begins, if one begins in its last third, else between sentences, else at white space, else where it must.
/// Each window after the first begins up to `overlap` scalars before the end of the last one, at a sentence.
///
/// `breaks` are preferred starts (of sections), ascending. `most` is taken as at least 1 and `overlap` as at most
/// half of `most`, so that every window goes forward.
#[must_use]
pub fn windows(text: &IndexedText<'_>, breaks: &[usize], most: usize, overlap: usize) -> Vec<Span> {
    let most = most.max(1);
    let overlap = overlap.min(most / 2);
    let total = text.len();
    let mut out = Vec::new();
    let mut start = 0;
    let mut covered = 0;
    while start < total {
        if total - start <= most {
            out.push(Span::new(start, total));
            break;
        }
        let end = window_end(text, breaks, (start, covered), start + most);
        out.push(Span::new(start, end));
        let back = end.saturating_sub(overlap);
        let sentence = text.sentences().iter().map(|s| s.start).find(|s| *s >= back && *s < end);
        // A section's first lines are not repeated: nothing before a heading belongs to it.
        let next = if breaks.binary_search(&end).is_ok() { end } else { sentence.unwrap_or(end) };
        start = next.max(start + 1);
        covered = end;
    }
    out
}

/// The end of the window at `start`: past `covered`, where the last window ended, and at most `limit`.
fn window_end(text: &IndexedText<'_>, breaks: &[usize], (start, covered): (usize, usize), limit: usize) -> usize {
    let late = (start + (limit - start) * 2 / 3).max(covered);
    let section = breaks.iter().rev().copied().find(|b| *b > late && *b <= limit);
    if let Some(section) = section {
        return section;
    }
    let starts = text.sentences();
    let from = starts.partition_point(|s| s.start <= limit);
    let sentence = starts.get(..from).and_then(|s| s.last()).map(|s| s.start).filter(|s| *s > start.max(covered));
    if let Some(sentence) = sentence {
        return sentence;
    }
    let space = (start.max(covered)..limit).rev().find(|i| text.char_at(*i).is_some_and(char::is_whitespace));
    space.map_or(limit, |i| i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_text_is_one_window_and_an_empty_one_none() {
        assert_eq!(windows(&IndexedText::new("Cough."), &[], 100, 10), [Span::new(0, 6)]);
        assert!(windows(&IndexedText::new(""), &[], 100, 10).is_empty());
    }

    #[test]
    fn windows_end_between_sentences_and_overlap_by_whole_ones() {
        let text = "Alpha one. Beta two. Gamma three. Delta four.";
        let read = IndexedText::new(text);
        let parts: Vec<_> = windows(&read, &[], 24, 12).iter().map(|w| read.slice(*w).trim()).collect();
        assert_eq!(parts, ["Alpha one. Beta two.", "Beta two. Gamma three.", "Delta four."]);
    }

    #[test]
    fn a_section_start_is_preferred_and_not_overlapped() {
        let text = "HISTORY: A long story here. And more. PLAN: Rest well. Drink water.";
        let read = IndexedText::new(text);
        let plan = text.find("PLAN").unwrap();
        let cut = windows(&read, &[0, plan], 50, 20);
        assert_eq!(cut[0].end, plan);
        assert_eq!(cut[1].start, plan);
    }

    proptest! {
        #[test]
        fn every_scalar_is_in_a_window_and_no_window_is_too_long(
            text in "[a-z .\n]{0,400}|\\PC{0,100}", most in 1usize..80, overlap in 0usize..60,
        ) {
            let read = IndexedText::new(&text);
            let cut = windows(&read, &[], most, overlap);
            let mut covered = 0;
            for w in &cut {
                prop_assert!(w.start <= covered && w.end > covered && w.len() <= most);
                covered = w.end;
            }
            prop_assert_eq!(covered, read.len());
        }
    }
}
