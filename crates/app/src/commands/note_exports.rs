//! A signed note leaves the vault.

use crate::{
    AppError,
    command::{Command, Context},
    dto::NoteExportDto,
    export::{AtomicFile, Digest, cannot_write},
    extract::sha256,
    note::{self, NoteForm},
};
use cloister_access::{ExportNote, Target, record_number};
use cloister_domain::{Detail, DetailKey, EncounterId, RecordKind, code};
use serde::Deserialize;
use std::io::Write;

/// A signed note as a file, or as text to copy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportNoteOf {
    id: EncounterId,
    format: NoteForm,
    /// Which version; the newest by default.
    version: Option<u32>,
    /// With every finding and the words it rests on.
    #[serde(default)]
    evidence: bool,
}

impl Command for ExportNoteOf {
    const NAME: &'static str = "export_note";
    type Needs = ExportNote;
    /// `None` when the person chose no file.
    type Output = Option<NoteExportDto>;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, ExportNote>) -> Result<Self::Output, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("note")));
        cx.record(DetailKey::Format, Detail::Code(self.format.code()));
        let mut signed = Vec::new();
        for stored in cx.open.stores.signed_notes(&cx.grant)? {
            signed.push(note::recalled(stored)?);
        }
        let wanted = match self.version {
            Some(version) => signed.iter().find(|n| n.content().version == version),
            None => signed.last(),
        };
        let note = wanted.ok_or(AppError::NotSigned)?;
        let number = record_number(note.content().patient.expose("made into a pseudonym"));
        let pseudonym = cx.open.session.keys().pseudonym_key().pseudonym(RecordKind::Patient.name(), &number)?;
        let bytes = note::written(note, self.format, self.evidence, pseudonym)?;
        let mut answer = NoteExportDto {
            file: None,
            text: None,
            version: note.content().version,
            sha256: sha256(&bytes).to_string(),
            note_sha256: note.sha256().to_string(),
        };
        if self.format == NoteForm::Copy {
            cx.record(DetailKey::Bytes, Detail::Count(bytes.len() as u64));
            answer.text = Some(String::from_utf8(bytes).map_err(|_| AppError::Internal("a note's text"))?);
            return Ok(Some(answer));
        }
        let suggested = format!("{}.{}", note::stem(note.content().template), self.format.ending());
        let Some(path) = cx.ports.save_file(&suggested) else { return Ok(None) };
        let mut file = AtomicFile::create(&path)?;
        file.write_all(&bytes).map_err(cannot_write(&path))?;
        let Digest { sha256, bytes } = file.finish()?;
        cx.record(DetailKey::Bytes, Detail::Count(bytes));
        cx.record(DetailKey::FileSha256, Detail::Hash(sha256));
        answer.file = Some(path.display().to_string());
        Ok(Some(answer))
    }
}
