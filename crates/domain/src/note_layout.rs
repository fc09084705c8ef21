//! How a kind of document is laid out: its title, its sections, and what stands in which.

use crate::NoteTemplate;
use serde::{Deserialize, Serialize};

/// What a finding is about, as far as a note cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteTopic {
    /// Why the patient comes.
    Reason,
    /// What the patient reports.
    Symptom,
    /// What the patient denies.
    Denied,
    /// What was before.
    Past,
    /// What relatives have.
    Family,
    /// What is not tolerated.
    Allergy,
    /// A drug that is taken.
    Medication,
    /// A drug about which something was decided.
    Treatment,
    /// What was seen and felt.
    Examination,
    /// What was measured.
    Measurement,
    /// A diagnosis or problem.
    Problem,
    /// What it is not.
    RuledOut,
    /// What is to be done.
    Plan,
    /// Everything else, with its field's name.
    Other,
}

use NoteTopic::{
    Allergy, Denied, Examination, Family, Measurement, Medication, Other, Past, Plan, Problem, Reason, RuledOut,
    Symptom, Treatment,
};

impl NoteTopic {
    /// Every topic, in the order of a visit.
    pub const ALL: [Self; 14] = [
        Reason,
        Symptom,
        Denied,
        Past,
        Family,
        Allergy,
        Medication,
        Examination,
        Measurement,
        Problem,
        RuledOut,
        Treatment,
        Plan,
        Other,
    ];
}

/// A section of a layout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutSection {
    /// Its name, which stays when the heading changes.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// What stands in it, in order.
    pub topics: Vec<NoteTopic>,
}

/// How a kind of document is laid out. [`NoteLayout::checked`] makes one from what a person asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteLayout {
    /// What such a document is called.
    pub title: String,
    /// Its sections, in order.
    pub sections: Vec<LayoutSection>,
}

/// Why a layout cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LayoutFault {
    /// None, or too many.
    #[error("a template has 1 to {MOST_SECTIONS} sections")]
    Sections,
    /// Empty or too long.
    #[error("a title and each heading has 1 to {LONGEST_TITLE} characters")]
    Title,
    /// Of two sections, or no name.
    #[error("each section has a name of its own, of letters, digits and hyphens")]
    Key,
    /// It would be said twice.
    #[error("what is found stands in one section, not in two")]
    TopicTwice,
}

const MOST_SECTIONS: usize = 20;
const LONGEST_TITLE: usize = 80;
const LONGEST_KEY: usize = 40;

impl NoteLayout {
    /// The layout that `asked` describes, with tidy headings. What it places nowhere stands in its last section, so that
    /// nothing that was accepted is left unsaid.
    ///
    /// # Errors
    /// [`LayoutFault`] for one that cannot be used.
    pub fn checked(asked: Self) -> Result<Self, LayoutFault> {
        if asked.sections.is_empty() || asked.sections.len() > MOST_SECTIONS {
            return Err(LayoutFault::Sections);
        }
        let mut seen: Vec<NoteTopic> = Vec::new();
        let mut sections: Vec<LayoutSection> = Vec::with_capacity(asked.sections.len());
        for section in asked.sections {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let named = (1..=LONGEST_KEY).contains(&section.key.len()) && section.key.chars().all(fits);
            if !named || sections.iter().any(|s| s.key == section.key) {
                return Err(LayoutFault::Key);
            }
            for topic in &section.topics {
                if seen.contains(topic) {
                    return Err(LayoutFault::TopicTwice);
                }
                seen.push(*topic);
            }
            sections.push(LayoutSection { title: heading(&section.title)?, ..section });
        }
        if let Some(last) = sections.last_mut() {
            last.topics.extend(NoteTopic::ALL.into_iter().filter(|t| !seen.contains(t)));
        }
        Ok(Self { title: heading(&asked.title)?, sections })
    }

    /// The layout that is bundled for a kind of document.
    #[must_use]
    pub fn bundled(template: NoteTemplate) -> Self {
        let (title, sections): (&str, Bundled) = match template {
            NoteTemplate::Soap => ("Visit note", SOAP),
            NoteTemplate::Letter => ("Consultation letter", LETTER),
            NoteTemplate::Discharge => ("Discharge summary", DISCHARGE),
            NoteTemplate::Referral => ("Referral", REFERRAL),
            NoteTemplate::Free => ("Note", &[("note", "Note", &NoteTopic::ALL)]),
        };
        let section = |&(key, title, topics): &BundledSection| LayoutSection {
            key: key.to_owned(),
            title: title.to_owned(),
            topics: topics.to_vec(),
        };
        Self { title: title.to_owned(), sections: sections.iter().map(section).collect() }
    }
}

fn heading(typed: &str) -> Result<String, LayoutFault> {
    let words = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = (1..=LONGEST_TITLE).contains(&words.chars().count()) && !words.chars().any(char::is_control);
    if fits { Ok(words) } else { Err(LayoutFault::Title) }
}

/// Name, heading, what stands in it.
type BundledSection = (&'static str, &'static str, &'static [NoteTopic]);
type Bundled = &'static [BundledSection];

const SOAP: Bundled = &[
    ("subjective", "Subjective", &[Reason, Symptom, Denied, Past, Family, Allergy, Medication]),
    ("objective", "Objective", &[Examination, Measurement]),
    ("assessment", "Assessment", &[Problem, RuledOut]),
    ("plan", "Plan", &[Treatment, Plan]),
    ("further", "Further findings", &[Other]),
];

const LETTER: Bundled = &[
    ("reason", "Reason for consultation", &[Reason]),
    ("history", "History", &[Symptom, Denied, Past, Family, Allergy]),
    ("findings", "Findings", &[Examination, Measurement]),
    ("assessment", "Assessment", &[Problem, RuledOut]),
    ("medication", "Medication", &[Medication, Treatment]),
    ("recommendations", "Recommendations", &[Plan]),
    ("further", "Further findings", &[Other]),
];

const DISCHARGE: Bundled = &[
    ("diagnoses", "Diagnoses", &[Problem, RuledOut]),
    ("history", "History", &[Reason, Symptom, Denied, Past, Family]),
    ("findings", "Findings", &[Examination, Measurement]),
    ("allergies", "Allergies", &[Allergy]),
    ("medication", "Medication on discharge", &[Medication, Treatment]),
    ("followup", "Follow-up", &[Plan]),
    ("further", "Further findings", &[Other]),
];

const REFERRAL: Bundled = &[
    ("reason", "Reason for referral", &[Reason, Problem, RuledOut]),
    ("history", "History", &[Symptom, Denied, Past, Family]),
    ("findings", "Findings", &[Examination, Measurement]),
    ("medication", "Medication and allergies", &[Medication, Treatment, Allergy]),
    ("request", "Request", &[Plan]),
    ("further", "Further findings", &[Other]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn section(key: &str, title: &str, topics: &[NoteTopic]) -> LayoutSection {
        LayoutSection { key: key.into(), title: title.into(), topics: topics.to_vec() }
    }

    fn checked(sections: Vec<LayoutSection>) -> Result<NoteLayout, LayoutFault> {
        NoteLayout::checked(NoteLayout { title: " Letter  to  the GP ".into(), sections })
    }

    #[test]
    fn what_is_placed_nowhere_stands_in_the_last_section() {
        let made = checked(vec![section("a", "What was said", &[Plan]), section("b", "All else", &[Reason])]).unwrap();
        assert_eq!(made.title, "Letter to the GP");
        assert_eq!(made.sections[0].topics, [Plan]);
        assert_eq!(made.sections[1].topics[0], Reason);
        assert_eq!(made.sections.iter().map(|s| s.topics.len()).sum::<usize>(), NoteTopic::ALL.len());
    }

    #[test]
    fn bundled_layouts_are_whole() {
        use NoteTemplate::{Discharge, Free, Letter, Referral, Soap};
        for template in [Soap, Letter, Discharge, Referral, Free] {
            let bundled = NoteLayout::bundled(template);
            assert_eq!(NoteLayout::checked(bundled.clone()), Ok(bundled));
        }
    }

    #[test]
    fn a_layout_that_cannot_be_used_says_why() {
        assert_eq!(checked(vec![]), Err(LayoutFault::Sections));
        assert_eq!(checked(vec![section("a", " ", &[])]), Err(LayoutFault::Title));
        assert_eq!(checked(vec![section("a", &"x".repeat(81), &[])]), Err(LayoutFault::Title));
        assert_eq!(checked(vec![section("A b", "A", &[])]), Err(LayoutFault::Key));
        let twice = vec![section("a", "A", &[Plan]), section("b", "B", &[Plan])];
        assert_eq!(checked(twice), Err(LayoutFault::TopicTwice));
        let same = vec![section("a", "A", &[]), section("a", "B", &[])];
        assert_eq!(checked(same), Err(LayoutFault::Key));
    }
}
