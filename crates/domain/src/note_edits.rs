//! What a person changed in a draft, kept apart from what was generated: when a decision changes, the generated
//! sentences follow it and the person's own words stay.

use crate::{FindingRef, NoteSection, Sensitive, Sentence};
use serde::{Deserialize, Serialize};

/// A person's words in place of a generated sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditedSentence {
    /// The findings of the sentence that they replace.
    pub findings: Vec<FindingRef>,
    /// The sentence as it was generated then.
    pub instead_of: Sensitive<String>,
    /// The person's words.
    pub text: Sensitive<String>,
}

/// A sentence that rests on no finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSentence {
    /// The section's name.
    pub section: String,
    /// The person's words.
    pub text: Sensitive<String>,
}

/// Everything that a person changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteEdits {
    /// Sentences worded anew.
    pub edited: Vec<EditedSentence>,
    /// Sentences added.
    pub own: Vec<OwnSentence>,
    /// Findings whose sentence was taken out: nothing is generated from them any more.
    pub left_out: Vec<FindingRef>,
}

/// A sentence of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftSentence {
    /// The words, and what they rest on.
    pub sentence: Sentence,
    /// What was decided about its findings changed since a person worded it.
    pub stale: bool,
}

/// A section of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftSection {
    /// Its name within the template.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// In order.
    pub sentences: Vec<DraftSentence>,
}

const WHY: &str = "comparing a draft with what was generated";

impl NoteEdits {
    /// What a draft says: the generated sections with a person's changes laid over them. An edited sentence stands
    /// where the first sentence of its findings would; one whose findings are all gone stays at the end, as the
    /// person's own words and marked. Sentences of their own end their section, or the last one when the template has
    /// no such section.
    #[must_use]
    pub fn laid_over(&self, generated: &[NoteSection]) -> Vec<DraftSection> {
        let mut used = vec![false; self.edited.len()];
        let mut sections: Vec<DraftSection> = Vec::with_capacity(generated.len());
        for section in generated {
            let mut sentences = Vec::new();
            for sentence in &section.sentences {
                let replaced = self.edited.iter().position(|e| overlap(&e.findings, &sentence.findings));
                match replaced {
                    Some(i) => {
                        if !std::mem::replace(&mut used[i], true) {
                            sentences.push(worded(&self.edited[i], sentence));
                        }
                    }
                    None => sentences.push(DraftSentence { sentence: sentence.clone(), stale: false }),
                }
            }
            sections.push(DraftSection { key: section.key.clone(), title: section.title.clone(), sentences });
        }
        let own = self.own.iter().map(|o| (o.section.as_str(), &o.text, false));
        let orphans = self.edited.iter().zip(&used).filter(|(_, used)| !**used).map(|(e, _)| ("", &e.text, true));
        for (key, text, stale) in own.chain(orphans) {
            let last = sections.len().saturating_sub(1);
            let at = sections.iter().position(|s| s.key == key).unwrap_or(last);
            if let Some(section) = sections.get_mut(at) {
                let sentence = Sentence { text: text.clone(), findings: Vec::new(), edited: true };
                section.sentences.push(DraftSentence { sentence, stale });
            }
        }
        sections
    }

    /// What stays left out when a person leaves a note as `wanted`: a sentence that was taken out and stands there again,
    /// with what it rests on, is back.
    #[must_use]
    pub fn still_left_out(&self, wanted: &[NoteSection]) -> Vec<FindingRef> {
        let worded = |s: &&Sentence| !s.text.expose(WHY).trim().is_empty();
        let back =
            |f: &FindingRef| wanted.iter().flat_map(|s| &s.sentences).filter(worded).any(|s| s.findings.contains(f));
        self.left_out.iter().filter(|f| !back(f)).cloned().collect()
    }

    /// The changes that make `wanted` of `generated`, which was made without the findings left out `before`. A sentence without words is taken out. What was `before` tells
    /// which sentences were worded for an older state of their findings; they stay marked until their words change.
    #[must_use]
    pub fn between(generated: &[NoteSection], wanted: &[NoteSection], before: &Self) -> Self {
        let mut edits = Self::default();
        let all = || generated.iter().flat_map(|s| &s.sentences);
        for section in wanted {
            for sentence in &section.sentences {
                let text = sentence.text.expose(WHY).trim();
                if text.is_empty() {
                    continue;
                }
                let text = Sensitive::new(text.to_owned());
                let Some(made) = all().find(|g| overlap(&g.findings, &sentence.findings)) else {
                    edits.own.push(OwnSentence { section: section.key.clone(), text });
                    continue;
                };
                if made.text != text {
                    let earlier = before.edited.iter().find(|e| overlap(&e.findings, &made.findings));
                    let instead_of = match earlier {
                        Some(e) if e.text == text => e.instead_of.clone(),
                        _ => made.text.clone(),
                    };
                    edits.edited.push(EditedSentence { findings: made.findings.clone(), instead_of, text });
                }
            }
        }
        // A sentence is there when one of its findings is claimed by a sentence with words.
        let claimed = |findings: &[FindingRef]| {
            let mut wanted = wanted.iter().flat_map(|s| &s.sentences);
            wanted.any(|s| !s.text.expose(WHY).trim().is_empty() && overlap(&s.findings, findings))
        };
        let gone = all().filter(|g| !claimed(&g.findings)).flat_map(|g| g.findings.clone());
        edits.left_out = before.left_out.iter().cloned().chain(gone).collect();
        edits
    }
}

fn overlap(a: &[FindingRef], b: &[FindingRef]) -> bool {
    a.iter().any(|f| b.contains(f))
}

fn worded(edit: &EditedSentence, made: &Sentence) -> DraftSentence {
    let sentence = Sentence { text: edit.text.clone(), findings: made.findings.clone(), edited: true };
    DraftSentence { sentence, stale: edit.instead_of != made.text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entropy, ExtractionId, Timestamp};

    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
            out.fill(0);
            Ok(())
        }
    }

    fn of(path: &str) -> FindingRef {
        FindingRef { extraction: ExtractionId::fresh(Timestamp::from_millis(1), &Zero).unwrap(), path: path.to_owned() }
    }

    fn made(text: &str, paths: &[&str]) -> Sentence {
        Sentence {
            text: Sensitive::new(text.to_owned()),
            findings: paths.iter().map(|p| of(p)).collect(),
            edited: false,
        }
    }

    fn section(key: &str, sentences: Vec<Sentence>) -> NoteSection {
        NoteSection { key: key.to_owned(), title: key.to_owned(), sentences }
    }

    fn said(sections: &[DraftSection]) -> Vec<(String, bool, bool)> {
        let all = sections.iter().flat_map(|s| &s.sentences);
        all.map(|s| (s.sentence.text.expose("test").clone(), s.sentence.edited, s.stale)).collect()
    }

    fn plain(sections: &[DraftSection]) -> Vec<NoteSection> {
        let one = |s: &DraftSection| section(&s.key, s.sentences.iter().map(|x| x.sentence.clone()).collect());
        sections.iter().map(one).collect()
    }

    #[test]
    fn what_a_person_wrote_stays_when_a_decision_changes_and_is_marked() {
        let first =
            [section("s", vec![made("Denies fever and chills.", &["/a/0", "/a/1"]), made("Aspirin.", &["/m"])])];
        let mut wanted = first.to_vec();
        wanted[0].sentences[0].text = Sensitive::new("No fever, no chills at all.".into());
        wanted[0].sentences.push(Sentence { text: Sensitive::new("Seen with her son.".into()), ..made("", &[]) });
        let edits = NoteEdits::between(&first, &wanted, &NoteEdits::default());
        let expected = [
            ("No fever, no chills at all.", true, false),
            ("Aspirin.", false, false),
            ("Seen with her son.", true, false),
        ];
        assert_eq!(said(&edits.laid_over(&first)), expected.map(|(t, e, s)| (t.to_owned(), e, s)));

        // One of the two findings is rejected: the person's words stay, and are marked until they are looked at.
        let then = [section("s", vec![made("Denies fever.", &["/a/0"]), made("Aspirin.", &["/m"])])];
        let drawn = edits.laid_over(&then);
        assert_eq!(said(&drawn)[0], ("No fever, no chills at all.".to_owned(), true, true));
        let again = NoteEdits::between(&then, &plain(&drawn), &edits);
        assert!(again.laid_over(&then)[0].sentences[0].stale, "an autosave does not clear the mark");
        let mut looked_at = plain(&drawn);
        looked_at[0].sentences[0].text = Sensitive::new("No fever at all.".into());
        let edits = NoteEdits::between(&then, &looked_at, &edits);
        assert_eq!(said(&edits.laid_over(&then))[0], ("No fever at all.".to_owned(), true, false));

        // Both are rejected: nothing of the person's is lost.
        let none = [section("s", vec![made("Aspirin.", &["/m"])])];
        assert!(said(&edits.laid_over(&none)).contains(&("No fever at all.".to_owned(), true, true)));
    }

    #[test]
    fn what_was_taken_out_is_remembered_by_its_findings() {
        let first = [section("s", vec![made("One.", &["/1"]), made("Two.", &["/2"])])];
        let mut wanted = first.to_vec();
        wanted[0].sentences.remove(0);
        let edits = NoteEdits::between(&first, &wanted, &NoteEdits::default());
        assert_eq!(edits.left_out, [of("/1")]);
        // The next draft is generated without it, and leaves out another.
        let next = [section("s", vec![made("Two.", &["/2"])])];
        let edits = NoteEdits::between(&next, &[section("s", vec![])], &edits);
        assert_eq!(edits.left_out, [of("/1"), of("/2")]);
        // Put back with what it rests on, it is no longer left out; emptied words bring nothing back.
        let back = [section("s", vec![made("One.", &["/1"]), made(" ", &["/2"])])];
        assert_eq!(edits.still_left_out(&back), [of("/2")]);
    }
}
