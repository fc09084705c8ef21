//! A visit's note: drafted from accepted findings, edited by a person, signed, and from then on as it was signed.

use crate::{Decision, NoteId, NoteLayout};
use crate::{EncounterId, ExtractionId, Finding, Provenance, Review, Sensitive, Sha256Hex, Support, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// What kind of document the note is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoteTemplate {
    /// A visit by subjective, objective, assessment, plan.
    #[default]
    Soap,
    /// A letter to whoever asked for advice.
    Letter,
    /// What goes home with the patient.
    Discharge,
    /// A request to somebody else.
    Referral,
    /// One section, without an order of its own.
    Free,
}

/// One finding of one extraction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingRef {
    /// The extraction.
    pub extraction: ExtractionId,
    /// The finding's path in it (JSON Pointer).
    pub path: String,
}

/// A sentence, with the findings that it rests on: none when a person wrote it by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// The words.
    pub text: Sensitive<String>,
    /// What it rests on.
    pub findings: Vec<FindingRef>,
    /// Whether a person wrote or changed it.
    pub edited: bool,
}

/// A section, with a name that stays and a heading that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteSection {
    /// Its name within the template.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// In order.
    pub sentences: Vec<Sentence>,
}

/// A finding with what was decided about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettledFinding {
    /// As it was grounded, evidence and all.
    pub finding: Finding,
    /// `None` only for one that nothing in the source supports.
    pub review: Option<Review>,
}

/// One extraction that a note rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoteBasis {
    /// Its id.
    pub extraction: ExtractionId,
    /// What it was made with.
    pub provenance: Provenance,
    /// Every finding of it.
    pub findings: Vec<SettledFinding>,
}

impl NoteBasis {
    /// How many findings still wait for a decision.
    #[must_use]
    pub fn undecided(&self) -> usize {
        self.findings.iter().filter(|f| f.finding.support != Support::Unsupported && f.review.is_none()).count()
    }
}

/// What a signature covers, beside who signed and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoteContent {
    /// The note; its versions share it.
    pub id: NoteId,
    /// The visit.
    pub encounter: EncounterId,
    /// The patient, as the visit names them: a record number or a pseudonym.
    pub patient: Sensitive<String>,
    /// When the visit began.
    pub visited: Timestamp,
    /// 1, 2, …
    pub version: u32,
    /// What kind of document.
    pub template: NoteTemplate,
    /// How it is laid out, where it is not as that kind is bundled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<NoteLayout>,
    /// Why there is another version; `None` for the first.
    pub reason: Option<Sensitive<String>>,
    /// The digest of the version before.
    pub replaces: Option<Sha256Hex>,
    /// The text.
    pub sections: Vec<NoteSection>,
    /// What it rests on.
    pub basis: Vec<NoteBasis>,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// The account.
    pub id: UserId,
    /// Its name at that time.
    pub name: String,
}

/// What the digest is made of, as canonical JSON (RFC 8785): content, signer, time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoteStatement {
    /// The version of this form: 1.
    pub format: u32,
    /// What is signed.
    pub content: NoteContent,
    /// By whom.
    pub signer: Signer,
    /// When.
    pub signed: Timestamp,
}

/// The form of statements that this version writes.
const FORMAT: u32 = 1;

/// State: being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft(());

/// State: signed, and unchangeable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    signer: Signer,
    at: Timestamp,
    statement: Sensitive<String>,
    sha256: Sha256Hex,
}

/// A note in one of its states. Only a signed one leaves as a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Note<S> {
    content: NoteContent,
    state: S,
}

/// Why a note cannot be signed, or is not what was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// Findings wait for a decision.
    #[error("{open} {} not decided yet", if *open == 1 { "finding is" } else { "findings are" })]
    Undecided {
        /// How many.
        open: usize,
    },
    /// A sentence claims a finding that was not accepted.
    #[error("a sentence rests on a finding that was not accepted")]
    NotAccepted,
    /// Sentences were worded for decisions that changed since.
    #[error("{sentences} {} worded before a decision changed; look at it again", if *sentences == 1 { "sentence was" } else { "sentences were" })]
    Stale {
        /// How many.
        sentences: usize,
    },
    /// There is not one sentence.
    #[error("the note is empty")]
    Empty,
    /// The digest is not the one that was signed.
    #[error("the note is not as it was signed")]
    Altered,
}

impl Note<Draft> {
    /// A note in the making.
    #[must_use]
    pub const fn draft(content: NoteContent) -> Self {
        Self { content, state: Draft(()) }
    }

    /// Signs it. `seal` gives the statement's canonical text and the SHA-256 of its bytes.
    ///
    /// # Errors
    /// [`NoteFault`] while a finding is undecided, a sentence rests on one that was not accepted, or there is no text;
    /// what `seal` fails with.
    pub fn sign<E: From<NoteFault>>(
        self,
        signer: Signer,
        at: Timestamp,
        seal: impl FnOnce(&NoteStatement) -> Result<(String, Sha256Hex), E>,
    ) -> Result<Note<Signed>, E> {
        let open: usize = self.content.basis.iter().map(NoteBasis::undecided).sum();
        if open > 0 {
            return Err(NoteFault::Undecided { open }.into());
        }
        let mut sentences = self.content.sections.iter().flat_map(|s| &s.sentences).peekable();
        if sentences.peek().is_none() {
            return Err(NoteFault::Empty.into());
        }
        if !sentences.flat_map(|s| &s.findings).all(|f| self.content.accepts(f)) {
            return Err(NoteFault::NotAccepted.into());
        }
        let statement = NoteStatement { format: FORMAT, content: self.content, signer, signed: at };
        let (text, sha256) = seal(&statement)?;
        Ok(Note::of(statement, text, sha256))
    }
}

impl Note<Signed> {
    /// A note that was signed before, if its statement still has the digest that was signed.
    ///
    /// # Errors
    /// [`NoteFault::Altered`] when it has another, or cannot be read.
    pub fn recall(
        statement: Sensitive<String>,
        sha256: Sha256Hex,
        digest: impl FnOnce(&[u8]) -> Sha256Hex,
    ) -> Result<Self, NoteFault> {
        let text = statement.into_exposed("read back, once its digest is found to be the signed one");
        if digest(text.as_bytes()) != sha256 {
            return Err(NoteFault::Altered);
        }
        let statement: NoteStatement = serde_json::from_str(&text).map_err(|_| NoteFault::Altered)?;
        Ok(Self::of(statement, text, sha256))
    }

    fn of(statement: NoteStatement, text: String, sha256: Sha256Hex) -> Self {
        let NoteStatement { content, signer, signed, .. } = statement;
        Self { content, state: Signed { signer, at: signed, statement: Sensitive::new(text), sha256 } }
    }

    /// Who signed.
    #[must_use]
    pub const fn signer(&self) -> &Signer {
        &self.state.signer
    }

    /// When.
    #[must_use]
    pub const fn signed(&self) -> Timestamp {
        self.state.at
    }

    /// The statement that was signed, byte for byte.
    #[must_use]
    pub const fn statement(&self) -> &Sensitive<String> {
        &self.state.statement
    }

    /// Its digest: of text, findings, evidence, signer and time.
    #[must_use]
    pub const fn sha256(&self) -> &Sha256Hex {
        &self.state.sha256
    }
}

impl<S> Note<S> {
    /// Text and basis.
    #[must_use]
    pub const fn content(&self) -> &NoteContent {
        &self.content
    }
}

impl NoteContent {
    /// How it is laid out.
    #[must_use]
    pub fn layout(&self) -> NoteLayout {
        self.layout.clone().unwrap_or_else(|| NoteLayout::bundled(self.template))
    }

    /// What such a document is called.
    #[must_use]
    pub fn title(&self) -> String {
        self.layout().title
    }

    /// Whether a person accepted this finding, as it was or with another value.
    #[must_use]
    pub fn accepts(&self, of: &FindingRef) -> bool {
        self.settled(of)
            .and_then(|f| f.review.as_ref())
            .is_some_and(|r| matches!(r.decision, Decision::Accepted | Decision::Edited))
    }

    /// A finding of the basis.
    #[must_use]
    pub fn settled(&self, of: &FindingRef) -> Option<&SettledFinding> {
        let basis = self.basis.iter().find(|b| b.extraction == of.extraction)?;
        basis.findings.iter().find(|f| f.finding.path == of.path)
    }
}
