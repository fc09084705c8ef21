//! Datasets.

use crate::{
    AppError,
    command::{Command, Context},
    commands::schemas::check_name,
    extract::sha256,
    import::{self, ColumnChoice, Records, SkippedRow},
};
use cloister_access::{ImportDataset, ListDatasets, Target};
use cloister_domain::{DatasetId, Detail, DetailKey, Document, DocumentId, Sensitive, code};
use cloister_store::{DatasetRow, NewDataset, NewDocument, StoreError};
use serde::{Deserialize, Serialize};

/// A dataset as lists show it.
#[derive(Serialize)]
pub(crate) struct DatasetDto {
    id: DatasetId,
    name: String,
    documents: u64,
    source: String,
    source_sha256: String,
    created: String,
}

/// The datasets this person may use.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListDatasetsOf {}

impl Command for ListDatasetsOf {
    const NAME: &'static str = "list_datasets";
    type Needs = ListDatasets;
    type Output = Vec<DatasetDto>;

    fn target(&self) -> Target {
        Target::Datasets
    }

    fn run(self, cx: &Context<'_, ListDatasets>) -> Result<Self::Output, AppError> {
        Ok(cx.open.stores.datasets(&cx.grant)?.iter().map(dto).collect())
    }
}

/// A table or JSON Lines file becomes a dataset: all of it, or nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportDatasetFile {
    name: String,
    #[serde(default)]
    columns: ColumnChoice,
}

/// What was kept and what was left out.
#[derive(Serialize)]
pub(crate) struct DatasetImported {
    id: DatasetId,
    name: String,
    documents: u64,
    skipped: Vec<SkippedRow>,
    source_sha256: String,
}

impl Command for ImportDatasetFile {
    const NAME: &'static str = "import_dataset";
    type Needs = ImportDataset;
    /// `None` when the person chose no file.
    type Output = Option<DatasetImported>;

    fn target(&self) -> Target {
        Target::Datasets
    }

    fn run(self, cx: &Context<'_, ImportDataset>) -> Result<Self::Output, AppError> {
        check_name(&self.name)?;
        let Some(path) = cx.ports.open_file("dataset") else { return Ok(None) };
        let app = cx.app;
        app.begin_work();
        let mut records = Records::open(&path, &self.columns)?;
        let source_sha256 = records.sha256.clone();
        let mut skipped = Vec::new();
        let fresh = |_| AppError::Internal("randomness");
        let now = app.clock().now();
        let id = DatasetId::fresh(now, app.entropy()).map_err(fresh)?;
        let source_name = Sensitive::new(import::file_name(&path));
        let new =
            NewDataset { id, name: &self.name, source_name: &source_name, source_sha256: &source_sha256, created: now };
        let mut rows = 0.0;
        let documents = std::iter::from_fn(|| {
            loop {
                let record = match records.next()? {
                    Ok(Ok(record)) => record,
                    Ok(Err(skip)) => {
                        skipped.push(skip);
                        continue;
                    }
                    Err(e) => return Some(Err(e)),
                };
                rows += 1.0;
                if cx.progress("importing", rows, None, "documents").is_break() {
                    return Some(Err(AppError::Cancelled));
                }
                let document = DocumentId::fresh(now, app.entropy()).map_err(fresh).map(|id| NewDocument {
                    document: Document {
                        id,
                        external_id: Sensitive::new(record.external_id),
                        sha256: sha256(record.text.expose("its digest").as_bytes()),
                        text: record.text,
                    },
                    row: record.row,
                    gold: record.gold,
                });
                return Some(document);
            }
        });
        let counts = match cx.open.stores.import_dataset(&cx.grant, &new, documents) {
            Ok(counts) => counts,
            Err(AppError::Store(e @ StoreError::DuplicateId { .. })) => {
                return Err(AppError::input(import::file_name(&path), format!("{e}; nothing was imported")));
            }
            Err(AppError::Store(StoreError::Empty)) => {
                let why = skipped
                    .first()
                    .map_or_else(|| "it has no rows".to_owned(), |s| format!("row {}: {}", s.row, s.reason));
                let fault = format!("no report in it can be used ({why}); nothing was imported");
                return Err(AppError::input(import::file_name(&path), fault));
            }
            Err(e) => return Err(e),
        };
        cx.record(DetailKey::Documents, Detail::Count(counts.documents));
        cx.record(DetailKey::Failed, Detail::Count(skipped.len() as u64));
        cx.record(DetailKey::FileSha256, Detail::Hash(source_sha256.clone()));
        cx.record(DetailKey::Kind, Detail::Code(code!("dataset")));
        Ok(Some(DatasetImported {
            id,
            name: self.name,
            documents: counts.documents,
            skipped,
            source_sha256: source_sha256.to_string(),
        }))
    }
}

fn dto(row: &DatasetRow) -> DatasetDto {
    DatasetDto {
        id: row.dataset.id,
        name: row.dataset.name.clone(),
        documents: row.dataset.documents,
        source: row.source_name.expose("shown to a person whom the gate admitted").clone(),
        source_sha256: row.dataset.source_sha256.to_string(),
        created: row.dataset.created.to_string(),
    }
}
