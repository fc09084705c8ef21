//! Transcripts after they were made: changes, their history, and export.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{TranscriptDto, TranscriptEditDto},
    export::write_file,
    present, transcript_text,
};
use cloister_access::{EditTranscript, ExportTranscript, ReadEncounter, Target};
use cloister_domain::{Detail, DetailKey, EncounterId, TranscriptEdit, code};
use cloister_store::KeptEdit;
use serde::{Deserialize, Serialize};

/// Words or speakers of a visit's transcript change. What was there before stays in the history.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditTranscriptOf {
    id: EncounterId,
    edit: TranscriptEdit,
}

impl Command for EditTranscriptOf {
    const NAME: &'static str = "edit_transcript";
    type Needs = EditTranscript;
    type Output = TranscriptDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, EditTranscript>) -> Result<TranscriptDto, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("transcript")));
        let after = cx.open.stores.edit_transcript(&cx.grant, &self.edit, cx.app.clock().now())?;
        Ok(present::transcript(&after))
    }
}

/// Who changed what in a visit's transcript, oldest first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListTranscriptEdits {
    id: EncounterId,
}

impl Command for ListTranscriptEdits {
    const NAME: &'static str = "list_transcript_edits";
    type Needs = ReadEncounter;
    type Output = Vec<TranscriptEditDto>;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, ReadEncounter>) -> Result<Self::Output, AppError> {
        Ok(cx.open.stores.transcript_history(&cx.grant)?.iter().map(shown).collect())
    }
}

fn shown(kept: &KeptEdit) -> TranscriptEditDto {
    let (kind, segment, value, all_alike) = match &kept.edit {
        TranscriptEdit::Text { segment, text } => {
            ("text", Some(*segment), Some(text.expose("shown to a person whom the gate admitted").clone()), false)
        }
        TranscriptEdit::Speaker { segment, label, all_alike } => ("speaker", Some(*segment), label.clone(), *all_alike),
        TranscriptEdit::SuggestTurns => ("suggest_turns", None, None, false),
    };
    TranscriptEditDto {
        at: kept.at.to_string(),
        by: kept.by.to_string(),
        kind: kind.to_owned(),
        segment,
        value,
        all_alike,
    }
}

/// A visit's transcript as a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportTranscriptOf {
    id: EncounterId,
    format: TranscriptForm,
}

/// Forms of a transcript outside the vault.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TranscriptForm {
    Txt,
    Srt,
    Vtt,
    Json,
}

/// The file that was written.
#[derive(Serialize)]
pub(crate) struct TranscriptExported {
    file: String,
}

impl Command for ExportTranscriptOf {
    const NAME: &'static str = "export_transcript";
    type Needs = ExportTranscript;
    /// `None` when the person chose no file.
    type Output = Option<TranscriptExported>;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, ExportTranscript>) -> Result<Self::Output, AppError> {
        let found = cx.open.stores.transcript(&cx.grant)?;
        let transcript = present::transcript(&found.ok_or(cloister_store::StoreError::NotFound)?);
        let (ending, format, text) = match self.format {
            TranscriptForm::Txt => ("txt", code!("txt"), transcript_text::plain(&transcript)),
            TranscriptForm::Srt => ("srt", code!("srt"), transcript_text::srt(&transcript)),
            TranscriptForm::Vtt => ("vtt", code!("vtt"), transcript_text::vtt(&transcript)),
            TranscriptForm::Json => ("json", code!("json"), json_text(&transcript)?),
        };
        let Some(path) = cx.ports.save_file(&format!("transcript.{ending}")) else { return Ok(None) };
        write_file(&path, text.as_bytes())?;
        cx.record(DetailKey::Kind, Detail::Code(code!("transcript")));
        cx.record(DetailKey::Format, Detail::Code(format));
        Ok(Some(TranscriptExported { file: path.display().to_string() }))
    }
}

fn json_text(transcript: &TranscriptDto) -> Result<String, AppError> {
    let text = serde_json::to_string_pretty(transcript).map_err(|_| AppError::Internal("a transcript as JSON"))?;
    Ok(text + "\n")
}
