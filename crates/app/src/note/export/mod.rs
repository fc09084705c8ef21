//! A signed note as a document: Markdown, PDF, DOCX, FHIR R4. Only `Note<Signed>` comes in here.

mod docx;
mod fhir;
mod markdown;
mod print;

use crate::{AppError, present};
use cloister_domain::{
    Code, Decision, Finding, Note, NoteTemplate, Pseudonym, Sentence, SettledFinding, Timestamp, code, note::Signed,
};
use serde::Deserialize;

const WHY: &str = "a signed note that leaves, as the gate admitted";

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NoteForm {
    Md,
    Pdf,
    Docx,
    Fhir,
    /// Markdown for the clipboard.
    Copy,
}

impl NoteForm {
    /// The word in the log.
    pub(crate) const fn code(self) -> Code {
        match self {
            Self::Md => code!("md"),
            Self::Pdf => code!("pdf"),
            Self::Docx => code!("docx"),
            Self::Fhir => code!("fhir"),
            Self::Copy => code!("copy"),
        }
    }

    /// How the file's name ends.
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::Md | Self::Copy => "md",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Fhir => "fhir.json",
        }
    }
}

/// The document's bytes. `evidence` adds what each finding rests on; the pseudonym stands for the patient in FHIR.
pub(crate) fn written(
    note: &Note<Signed>,
    form: NoteForm,
    evidence: bool,
    patient: Pseudonym,
) -> Result<Vec<u8>, AppError> {
    let page = Page::of(note, evidence);
    match form {
        NoteForm::Md | NoteForm::Copy => Ok(markdown::markdown(&page).into_bytes()),
        NoteForm::Pdf => print::pdf(&page),
        NoteForm::Docx => docx::docx(&page),
        NoteForm::Fhir => fhir::bundle(note, &page, patient),
    }
}

/// What every printed form shows.
struct Page {
    title: String,
    /// Record number or pseudonym, day of the visit, version.
    facts: Vec<(&'static str, String)>,
    sections: Vec<(String, Vec<String>)>,
    signer: String,
    signed: String,
    sha256: String,
    /// Findings with their words, when asked for.
    evidence: Option<Vec<Shown>>,
}

/// A line of the evidence.
struct Shown {
    field: String,
    value: String,
    standing: String,
    quote: String,
    /// Minutes and seconds of the recording.
    at: String,
}

impl Page {
    fn of(note: &Note<Signed>, evidence: bool) -> Self {
        let content = note.content();
        let mut facts = vec![
            ("Patient", content.patient.expose(WHY).clone()),
            ("Visit", minute(content.visited)),
            ("Version", content.version.to_string()),
        ];
        if let Some(reason) = &content.reason {
            facts.push(("Amended", reason.expose(WHY).clone()));
        }
        let words = |s: &Sentence| s.text.expose(WHY).clone();
        let all = content.basis.iter().flat_map(|b| &b.findings).filter(|f| f.review.is_some());
        Self {
            title: content.title(),
            facts,
            sections: content
                .sections
                .iter()
                .map(|s| (s.title.clone(), s.sentences.iter().map(words).collect()))
                .collect(),
            signer: note.signer().name.clone(),
            signed: minute(note.signed()),
            sha256: note.sha256().to_string(),
            evidence: evidence.then(|| all.map(shown).collect()),
        }
    }

    /// Who signed what, in one line.
    fn signature(&self) -> String {
        format!("Signed by {} on {}", self.signer, self.signed)
    }

    /// What the digest is of.
    fn fixed(&self) -> String {
        format!("SHA-256 {} of text, findings, evidence, signer and time", self.sha256)
    }
}

/// `2026-11-24 09:12 UTC`.
fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} {} UTC", text.get(..10).unwrap_or_default(), text.get(11..16).unwrap_or_default())
}

fn shown(settled: &SettledFinding) -> Shown {
    let Finding { field, value, evidence, assertion, .. } = &settled.finding;
    let found = super::topics::words(value.expose(WHY)).unwrap_or_default();
    let review = settled.review.as_ref();
    let changed = review.and_then(|r| r.value.as_ref()).and_then(|v| super::topics::words(v.expose(WHY)));
    let (value, standing) = match (review.map(|r| r.decision), changed) {
        (Some(Decision::Edited), Some(now)) => (now, format!("accepted; was: {found}")),
        (Some(Decision::Rejected), _) => (found, "rejected".to_owned()),
        _ => (found, "accepted".to_owned()),
    };
    let quotes: Vec<&str> = evidence.iter().map(|e| e.quote.expose(WHY).as_str()).collect();
    Shown {
        field: super::words::label(&field.replace('.', " · ")),
        value,
        standing: match present::word(*assertion).as_str() {
            "present" => standing,
            other => format!("{standing}, {other}"),
        },
        quote: quotes.join(" … ").split_whitespace().collect::<Vec<_>>().join(" "),
        at: evidence.first().and_then(|e| e.start_s).map(clock).unwrap_or_default(),
    }
}

fn clock(seconds: f64) -> String {
    // A float cast saturates, and a negative moment is none.
    let whole = seconds as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

/// The name that a file is suggested under.
pub(crate) const fn stem(template: NoteTemplate) -> &'static str {
    match template {
        NoteTemplate::Soap => "visit-note",
        NoteTemplate::Letter => "consultation-letter",
        NoteTemplate::Discharge => "discharge-summary",
        NoteTemplate::Referral => "referral",
        NoteTemplate::Free => "note",
    }
}

/// On one line, without control characters and what XML cannot hold.
fn without_controls(text: &str) -> String {
    let spaced = text.chars().map(|c| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { c });
    spaced.filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}

#[cfg(test)]
mod tests;
