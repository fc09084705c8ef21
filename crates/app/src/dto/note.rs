//! A visit's note and what was decided about its findings.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One finding of one extraction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindingRefDto {
    /// `ext-…`
    pub extraction: String,
    /// JSON Pointer.
    pub path: String,
}

/// The decision in force about a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FindingDecisionDto {
    /// `ext-…`
    pub extraction: String,
    /// JSON Pointer.
    pub path: String,
    /// `accept`, `reject`, `edit`.
    pub verdict: String,
    /// The value from then on; null for one that goes.
    pub value: serde_json::Value,
    /// Who, by name.
    pub by: String,
    /// RFC 3339.
    pub at: String,
}

/// A sentence of a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteSentenceDto {
    /// The words.
    pub text: String,
    /// What it rests on; empty for a person's own.
    pub findings: Vec<FindingRefDto>,
    /// Whether a person wrote or changed it.
    pub edited: bool,
    /// Whether the decisions about its findings changed since: it has to be looked at before the note is signed.
    pub stale: bool,
}

/// A section of a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteSectionDto {
    /// Its name within the template.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// In order.
    pub sentences: Vec<NoteSentenceDto>,
}

/// An extraction that a draft is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteSourceDto {
    /// `ext-…`
    pub extraction: String,
    /// `name@version`.
    pub schema: String,
    /// Findings that have to be decided.
    pub findings: usize,
    /// Of these, not decided yet.
    pub undecided: usize,
    /// Whether the transcript's words changed since.
    pub text_changed: bool,
}

/// A drug of a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteMedicationDto {
    /// What it is called.
    pub name: String,
    /// `start`, `stop`, `change`, `continue`; null where the text does not say.
    pub action: Option<String>,
    /// Dose, route, frequency, reason, as far as they are known.
    pub details: String,
    /// `present`, `negated`, `historical`, …
    pub assertion: String,
    /// What it rests on.
    pub findings: Vec<FindingRefDto>,
}

/// A problem of a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteProblemDto {
    /// What it is called.
    pub name: String,
    /// As the text words it: active, resolved, …
    pub status: Option<String>,
    /// `present`, `negated`, `historical`, …
    pub assertion: String,
    /// What it rests on.
    pub findings: Vec<FindingRefDto>,
}

/// A step that is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteFollowUpDto {
    /// The step.
    pub text: String,
    /// What it rests on.
    pub findings: Vec<FindingRefDto>,
}

/// What a note says of drugs, problems and next steps, item by item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteListsDto {
    /// Drugs.
    pub medications: Vec<NoteMedicationDto>,
    /// Problems.
    pub problems: Vec<NoteProblemDto>,
    /// Next steps.
    pub follow_ups: Vec<NoteFollowUpDto>,
}

/// A section of a layout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LayoutSectionDto {
    /// Its name, which stays when the heading changes.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// What stands in it, in order: `reason`, `symptom`, `denied`, …
    pub topics: Vec<String>,
}

/// How a kind of document is laid out for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteLayoutDto {
    /// `soap`, `letter`, `discharge`, `referral`, `free`.
    pub template: String,
    /// Whether the person laid it out anew.
    pub own: bool,
    /// What such a document is called.
    pub title: String,
    /// In order.
    pub sections: Vec<LayoutSectionDto>,
}

/// The draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteDraftDto {
    /// Which version it will be.
    pub version: u32,
    /// `soap`, `letter`, `discharge`, `referral`, `free`.
    pub template: String,
    /// Why the version before is amended.
    pub reason: Option<String>,
    /// RFC 3339.
    pub changed: String,
    /// What it is made from.
    pub sources: Vec<NoteSourceDto>,
    /// Findings without a decision; signing needs 0.
    pub undecided: usize,
    /// Sentences to look at again; signing needs 0.
    pub stale: usize,
    /// Accepted findings whose sentence a person took out.
    pub left_out: usize,
    /// Every section of the template, empty ones too.
    pub sections: Vec<NoteSectionDto>,
    /// Drugs, problems and next steps that were accepted.
    pub lists: NoteListsDto,
    /// Digest of text and findings as they stand; `sign_note` takes it back as `seen`.
    pub seen: String,
}

/// A signed version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignedNoteDto {
    /// 1, 2, …
    pub version: u32,
    /// `soap`, `letter`, `discharge`, `referral`, `free`.
    pub template: String,
    /// What such a document is called.
    pub title: String,
    /// Why it replaced the one before.
    pub reason: Option<String>,
    /// The signer's name.
    pub signed_by: String,
    /// RFC 3339.
    pub signed_at: String,
    /// Of text, findings, evidence, signer and time.
    pub sha256: String,
    /// Sections with sentences.
    pub sections: Vec<NoteSectionDto>,
    /// Drugs, problems and next steps that were accepted.
    pub lists: NoteListsDto,
}

/// `get_note`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct NoteDto {
    /// `enc-…`
    pub encounter: String,
    /// The visit's state: `open`, `recorded`, `transcribed`, `draft`, `signed`.
    pub state: String,
    /// The draft, while there is one.
    pub draft: Option<NoteDraftDto>,
    /// Newest first.
    pub signed: Vec<SignedNoteDto>,
    /// Decisions in force.
    pub decisions: Vec<FindingDecisionDto>,
}

/// What `export_note` wrote, or the text to copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteExportDto {
    /// The file; null for a copy.
    pub file: Option<String>,
    /// The Markdown text of a copy.
    pub text: Option<String>,
    /// The version that left.
    pub version: u32,
    /// Digest of the bytes.
    pub sha256: String,
    /// The note's own digest.
    pub note_sha256: String,
}
