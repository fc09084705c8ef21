//! Datasets.

use crate::{
    AppError,
    command::{Command, Context},
    commands::schemas::check_name,
    extract::sha256,
    import::{ColumnChoice, FileSettings, Preview, Records, SkippedRow, preview},
};
use cloister_access::{ImportDataset, ListDatasets, PreviewDataset, ShareDataset, Target};
use cloister_domain::{DatasetId, Detail, DetailKey, Document, DocumentId, Role, Sensitive, code};
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

/// A look over a file before it is imported. The file stays chosen: the import that follows reads the same one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewDatasetFile {
    /// Whether to look again at the file that is chosen already, read another way.
    #[serde(default)]
    again: bool,
    /// Whether a folder is asked for instead of a file.
    #[serde(default)]
    folder: bool,
    #[serde(default)]
    columns: ColumnChoice,
    #[serde(default)]
    settings: FileSettings,
}

impl Command for PreviewDatasetFile {
    const NAME: &'static str = "preview_dataset";
    type Needs = PreviewDataset;
    /// `None` when the person chose no file.
    type Output = Option<Preview>;

    fn target(&self) -> Target {
        Target::Datasets
    }

    fn run(self, cx: &Context<'_, PreviewDataset>) -> Result<Self::Output, AppError> {
        let chosen = if self.again { cx.open.chosen() } else { None };
        let Some(path) = chosen.or_else(|| cx.ports.open_file(if self.folder { "folder" } else { "dataset" })) else {
            return Ok(None);
        };
        let settings = self.settings.with_names(&self.columns);
        let records = Records::open(&path, &settings, cx.app.engines())?;
        cx.open.choose(path);
        let seen = preview(records, &self.columns, &mut |rows| cx.progress("reading", rows as f64, None, "rows"))?;
        Ok(Some(seen))
    }
}

/// A table, workbook, JSON Lines file or folder of texts becomes a dataset: all of it, or nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportDatasetFile {
    name: String,
    #[serde(default)]
    columns: ColumnChoice,
    #[serde(default)]
    settings: FileSettings,
    /// Whether the file of the preview is meant.
    #[serde(default)]
    previewed: bool,
}

/// What was kept and what was left out.
#[derive(Serialize)]
pub(crate) struct DatasetImported {
    id: DatasetId,
    name: String,
    documents: u64,
    /// The first rows that were left out, with reasons.
    skipped: Vec<SkippedRow>,
    /// All of them.
    left_out: u64,
    source_sha256: String,
}

/// So many left-out rows are listed.
const LISTED: usize = 1_000;
/// Progress is told once per so many rows.
const ROWS_PER_STEP: u64 = 512;

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
        let chosen = if self.previewed { cx.open.chosen() } else { None };
        let Some(path) = chosen.or_else(|| cx.ports.open_file("dataset")) else { return Ok(None) };
        let app = cx.app;
        let settings = self.settings.with_names(&self.columns);
        let records = Records::open(&path, &settings, app.engines())?;
        let (source_sha256, file) = (records.sha256.clone(), records.name.clone());
        let format = serde_json::to_string(&records.raw.format).map_err(|_| AppError::Internal("a file's format"))?;
        let mut reports = records.reports(&self.columns)?;
        let (mut skipped, mut left_out, mut rows) = (Vec::new(), 0u64, 0u64);
        let fresh = |_| AppError::Internal("randomness");
        let now = app.clock().now();
        let id = DatasetId::fresh(now, app.entropy()).map_err(fresh)?;
        let source_name = Sensitive::new(file.clone());
        let new = NewDataset {
            id,
            name: &self.name,
            source_name: &source_name,
            source_sha256: &source_sha256,
            format: &format,
            created: now,
        };
        let documents = std::iter::from_fn(|| {
            loop {
                let record = match reports.next()? {
                    Ok(Ok(record)) => record,
                    Ok(Err(skip)) => {
                        left_out += 1;
                        if skipped.len() < LISTED {
                            skipped.push(skip);
                        }
                        continue;
                    }
                    Err(e) => return Some(Err(e)),
                };
                rows += 1;
                if rows % ROWS_PER_STEP == 0 && cx.progress("importing", rows as f64, None, "documents").is_break() {
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
                    patient: record.patient,
                    original: record.original,
                });
                return Some(document);
            }
        });
        let counts = match cx.open.stores.import_dataset(&cx.grant, &new, documents) {
            Ok(counts) => counts,
            Err(AppError::Store(e @ StoreError::DuplicateId { .. })) => {
                let words = format!(
                    "{e}; nothing was imported. If a patient has several reports, name that column the patient's \
                     (--patient-column) and another the id"
                );
                return Err(AppError::input(file, words));
            }
            Err(AppError::Store(StoreError::Empty)) => {
                let why = skipped
                    .first()
                    .map_or_else(|| "it has no rows".to_owned(), |s| format!("row {}: {}", s.row, s.reason));
                let fault = format!("no report in it can be used ({why}); nothing was imported");
                return Err(AppError::input(file, fault));
            }
            Err(e) => return Err(e),
        };
        cx.record(DetailKey::Documents, Detail::Count(counts.documents));
        cx.record(DetailKey::Failed, Detail::Count(left_out));
        cx.record(DetailKey::FileSha256, Detail::Hash(source_sha256.clone()));
        cx.record(DetailKey::Kind, Detail::Code(code!("dataset")));
        Ok(Some(DatasetImported {
            id,
            name: self.name,
            documents: counts.documents,
            skipped,
            left_out,
            source_sha256: source_sha256.to_string(),
        }))
    }
}

/// Who may use a dataset: gives it to a person, takes it away, or only lists.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareDatasetWith {
    id: DatasetId,
    /// A sign-in name.
    user: Option<String>,
    /// `false` takes it away.
    #[serde(default = "yes")]
    give: bool,
}

const fn yes() -> bool {
    true
}

impl Command for ShareDatasetWith {
    const NAME: &'static str = "share_dataset";
    type Needs = ShareDataset;
    /// The names of those who have it, beside its owner and the administrators.
    type Output = Vec<String>;

    fn target(&self) -> Target {
        Target::Dataset(self.id)
    }

    fn run(self, cx: &Context<'_, ShareDataset>) -> Result<Vec<String>, AppError> {
        let vault = cx.app.vault()?;
        let accounts = vault.accounts();
        let change = match &self.user {
            None => None,
            Some(name) => {
                let found = accounts.iter().find(|a| a.name == *name && !a.disabled);
                let account = found.ok_or_else(|| AppError::Usage(format!("there is no account called {name}")))?;
                if !matches!(account.role, Role::Researcher | Role::Viewer) {
                    return Err(AppError::Usage(format!("{name} is neither a researcher nor a viewer")));
                }
                Some((account.id, self.give))
            }
        };
        cx.record(DetailKey::Kind, Detail::Code(code!("dataset")));
        if let Some((user, give)) = change {
            cx.record(DetailKey::With, Detail::Account(user));
            cx.record(DetailKey::Reason, Detail::Code(if give { code!("given") } else { code!("taken_back") }));
        }
        let with = cx.open.stores.share_dataset(&cx.grant, change)?;
        Ok(accounts.iter().filter(|a| with.contains(&a.id)).map(|a| a.name.clone()).collect())
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
