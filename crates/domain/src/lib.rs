//! What Cloister talks about: clinical types and identifiers. No input or output, no clock, no randomness.
//!
//! Everything above this crate agrees on these names (Encounter, Transcript, Segment, Finding, Evidence,
//! Assertion). Clinical text is wrapped in [`Sensitive`], so that a stray `{:?}` never prints it.

mod audit_event;
mod chance;
mod document;
mod encounter;
mod extraction;
mod ids;
pub mod note;
mod note_edits;
mod note_layout;
mod people;
mod provenance;
mod sensitive;
mod time;
mod transcript;
mod transcript_edit;

pub use audit_event::{
    Actor, AuditEvent, AuditTarget, Code, Detail, DetailKey, DetailKind, EventFault, EventType, FieldName, MAX_COUNT,
    MAX_FIELDS, Outcome, Pseudonym, RecordKind, UnknownName,
};
pub use chance::Entropy;
pub use document::{Dataset, Document, ExtractionSchema};
pub use encounter::{Consent, ConsentDecision, Encounter, EncounterState};
pub use extraction::{
    Assertion, Decision, Draft, Evidence, Extraction, ExtractionStatus, Finding, Grounded, GroundingFault, Review,
    Signed, Support,
};
pub use ids::{
    BatchId, DatasetId, DocumentId, EncounterId, ExtractionId, IdError, IncidentId, NoteId, RecordingId, SchemaId,
    SessionId, TranscriptId, UserId, VaultId,
};
pub use note::{
    FindingRef, Note, NoteBasis, NoteContent, NoteFault, NoteSection, NoteStatement, NoteTemplate, Sentence,
    SettledFinding, Signer,
};
pub use note_edits::{DraftSection, DraftSentence, EditedSentence, NoteEdits, OwnSentence};
pub use note_layout::{LayoutFault, LayoutSection, NoteLayout, NoteTopic};
pub use people::{Role, RoleParseError};
pub use provenance::{ModelRef, Provenance, Sha256Hex, Sha256HexError};
pub use sensitive::Sensitive;
pub use time::{Clock, Timestamp};
pub use transcript::{Segment, Speaker, SpeakerSource, SpokenText, Transcript, Word};
pub use transcript_edit::{EditFault, TranscriptEdit};
