//! Single extractions: from a visit, from a report of a dataset, from a text file.

use crate::{
    AppError,
    command::{Command, Context},
    dto::ExtractionDto,
    extract::{Source, extract, record, sha256},
    import, manifest, present,
};
use cloister_access::{ExtractDocument, ExtractEncounter, ExtractText, Target};
use cloister_domain::{DatasetId, Document, DocumentId, EncounterId, Sensitive};
use cloister_store::NewDocument;
use serde::Deserialize;

/// From a visit's newest transcript.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtractEncounterWith {
    id: EncounterId,
    schema: String,
    model: Option<String>,
}

impl Command for ExtractEncounterWith {
    const NAME: &'static str = "extract_encounter";
    type Needs = ExtractEncounter;
    type Output = ExtractionDto;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, ExtractEncounter>) -> Result<ExtractionDto, AppError> {
        let stores = &cx.open.stores;
        let transcript = stores
            .transcript(&cx.grant)?
            .ok_or_else(|| AppError::Usage("this visit has no transcript yet".to_owned()))?;
        let schema = stores.schema(&cx.grant, &self.schema)?;
        let model = cx.app.model(manifest::Task::Language, self.model.as_deref())?;
        let spoken = transcript.spoken_text();
        let source = Source { text: spoken.text(), spoken: Some(&spoken), limit: None };
        let result = extract(cx, &schema, &model, &source)?;
        stores.keep_encounter_extraction(&cx.grant, &result)?;
        record(cx, &result);
        Ok(present::extraction(&self.id.to_string(), &result))
    }
}

/// From one report of a dataset.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtractDocumentWith {
    id: DocumentId,
    schema: String,
    model: Option<String>,
}

impl Command for ExtractDocumentWith {
    const NAME: &'static str = "extract_document";
    type Needs = ExtractDocument;
    type Output = ExtractionDto;

    fn target(&self) -> Target {
        Target::Document(self.id)
    }

    fn run(self, cx: &Context<'_, ExtractDocument>) -> Result<ExtractionDto, AppError> {
        let stores = &cx.open.stores;
        let document = stores.document(&cx.grant)?;
        let schema = stores.schema(&cx.grant, &self.schema)?;
        let model = cx.app.model(manifest::Task::Language, self.model.as_deref())?;
        let result = extract(cx, &schema, &model, &Source { text: &document.text, spoken: None, limit: None })?;
        stores.keep_document_result(&cx.grant, &result)?;
        record(cx, &result);
        Ok(present::extraction(document.external_id.expose("names the result"), &result))
    }
}

/// From a text file, which is kept among this person's single reports.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtractTextFile {
    schema: String,
    model: Option<String>,
}

impl Command for ExtractTextFile {
    const NAME: &'static str = "extract_text";
    type Needs = ExtractText;
    /// `None` when the person chose no file.
    type Output = Option<ExtractionDto>;

    fn target(&self) -> Target {
        Target::Datasets
    }

    fn run(self, cx: &Context<'_, ExtractText>) -> Result<Self::Output, AppError> {
        let Some(path) = cx.ports.open_file("text") else { return Ok(None) };
        let stores = &cx.open.stores;
        let app = cx.app;
        let schema = stores.schema(&cx.grant, &self.schema)?;
        let model = cx.app.model(manifest::Task::Language, self.model.as_deref())?;
        let text = import::read_text(&path)?;
        let fresh = |_| AppError::Internal("randomness");
        let now = app.clock().now();
        let document = Document {
            id: DocumentId::fresh(now, app.entropy()).map_err(fresh)?,
            external_id: Sensitive::new(import::file_name(&path)),
            sha256: sha256(text.as_bytes()),
            text: Sensitive::new(text),
        };
        let result = extract(cx, &schema, &model, &Source { text: &document.text, spoken: None, limit: None })?;
        let folder = DatasetId::fresh(now, app.entropy()).map_err(fresh)?;
        let id = stores.keep_single_report(
            &cx.grant,
            folder,
            NewDocument { document, row: 0, gold: None, patient: None, original: None },
            now,
        )?;
        stores.keep_single_result(&cx.grant, id, &result)?;
        record(cx, &result);
        Ok(Some(present::extraction(&import::file_name(&path), &result)))
    }
}
