//! Results leave the vault.

use super::results::standing;
use crate::{
    AppError,
    command::{Command, Context},
    export::{self, Digest, Layout, Sheet, Sink},
    present,
};
use cloister_access::{ExportResults, Target};
use cloister_domain::{BatchId, Detail, DetailKey, code};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// A file of results with its SHA-256 and an account of how it came about beside it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportBatch {
    id: BatchId,
    format: ExportFormat,
    /// A column of evidence and one of state for each leaf.
    #[serde(default)]
    evidence: bool,
    /// A column with the report's text.
    #[serde(default)]
    text: bool,
    /// An age public key (`age1…`); the file is encrypted to it.
    age_recipient: Option<String>,
}

/// In which form.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ExportFormat {
    Jsonl,
    Csv,
    Xlsx,
}

/// What was written.
#[derive(Serialize)]
pub(crate) struct Exported {
    file: String,
    sha256: String,
    documents: u64,
    /// Whether documents are still pending.
    partial: bool,
    /// Cells that did not fit a spreadsheet's cell and were cut.
    cut: u64,
}

impl Command for ExportBatch {
    const NAME: &'static str = "export_batch";
    type Needs = ExportResults;
    /// `None` when the person chose no file.
    type Output = Option<Exported>;

    fn target(&self) -> Target {
        Target::Batch(self.id)
    }

    fn run(self, cx: &Context<'_, ExportResults>) -> Result<Self::Output, AppError> {
        let recipient = self.age_recipient.as_deref().map(export::recipient).transpose()?;
        let row = cx.open.stores.batch(&cx.grant)?;
        let (ending, format) = match self.format {
            ExportFormat::Jsonl => ("jsonl", code!("jsonl")),
            ExportFormat::Csv => ("csv", code!("csv")),
            ExportFormat::Xlsx => ("xlsx", code!("xlsx")),
        };
        let partial = row.counts.pending > 0;
        let suggested =
            named(Path::new(&format!("{}-{}.{ending}", row.dataset, row.schema_name)), partial, recipient.is_some());
        let Some(path) = cx.ports.save_file(&suggested.to_string_lossy()) else { return Ok(None) };
        let path = named(&path, partial, recipient.is_some());
        let mut about = export::About::new(&row, cx.app.clock().now(), self.text, self.evidence);
        let mut originals = Vec::new();
        if self.format != ExportFormat::Jsonl {
            originals = cx.open.stores.original_columns(&cx.grant)?;
        }
        let layout = Layout::new(&row.definition, originals, self.evidence, self.text);
        about.dictionary = layout.dictionary(&row.definition);
        let recipients = u64::from(recipient.is_some());
        let mut sink = Sink::create(&path, recipient)?;
        match self.format {
            ExportFormat::Jsonl => write_jsonl(cx, &mut sink, &path, self.text, &mut about)?,
            ExportFormat::Csv => write_csv(cx, &mut sink, &path, &layout, &mut about)?,
            ExportFormat::Xlsx => write_xlsx(cx, &mut sink, &path, &layout, &mut about)?,
        }
        let Digest { sha256, bytes } = sink.finish()?;
        export::write_digest(&path, &sha256)?;
        about.write_beside(&path, &sha256)?;
        cx.record(DetailKey::Format, Detail::Code(format));
        cx.record(DetailKey::Documents, Detail::Count(about.documents));
        cx.record(DetailKey::Bytes, Detail::Count(bytes));
        cx.record(DetailKey::FileSha256, Detail::Hash(sha256.clone()));
        cx.record(DetailKey::Recipients, Detail::Count(recipients));
        Ok(Some(Exported {
            file: path.display().to_string(),
            sha256: sha256.to_string(),
            documents: about.documents,
            partial,
            cut: about.cut,
        }))
    }
}

/// The name that says what is in it: `partial` when documents are pending, `.age` when it is encrypted.
fn named(path: &Path, partial: bool, encrypted: bool) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if partial && !name.to_lowercase().contains("partial") {
        name = match name.split_once('.') {
            Some((stem, rest)) => format!("{stem}-partial.{rest}"),
            None => format!("{name}-partial"),
        };
    }
    if encrypted && !name.ends_with(".age") {
        name.push_str(".age");
    }
    path.with_file_name(name)
}

const WHY: &str = "an export that was admitted";

/// A row with its decisions laid over what the model found.
fn settled(row: &cloister_store::ResultRow) -> (Value, u64) {
    let decided = |path: &str| standing(&row.decisions, path).map(|d| d.after.expose(WHY).clone());
    let fields = export::reviewed(row.extraction.fields.expose(WHY), &row.extraction.findings, &decided);
    let count = row.extraction.findings.iter().filter(|f| decided(&f.path).is_some()).count();
    (fields, count as u64)
}

fn write_jsonl(
    cx: &Context<'_, ExportResults>,
    sink: &mut Sink,
    path: &Path,
    text: bool,
    about: &mut export::About,
) -> Result<(), AppError> {
    cx.open.stores.results(&cx.grant, |row| {
        let id = row.document.external_id.expose(WHY);
        let (fields, decided) = settled(&row);
        about.count(&row.extraction, decided);
        let mut line = present::extraction(id, &row.extraction);
        line.fields = fields;
        let mut more = Map::new();
        let original = row.original.as_ref().and_then(|o| serde_json::from_str::<Value>(o.expose(WHY)).ok());
        let mut add = |key: &str, value: Option<Value>| {
            if let Some(v) = value {
                more.insert(key.to_owned(), v);
            }
        };
        add("patient", row.patient.as_ref().map(|p| p.expose(WHY).as_str().into()));
        add("original", original);
        add("text", text.then(|| row.document.text.expose(WHY).as_str().into()));
        add("decided", (decided > 0).then(|| decided.into()));
        export::jsonl(sink, &line, more).map_err(export::cannot_write(path))
    })
}

fn write_csv(
    cx: &Context<'_, ExportResults>,
    sink: &mut Sink,
    path: &Path,
    layout: &Layout,
    about: &mut export::About,
) -> Result<(), AppError> {
    let failed = |e: csv::Error| export::cannot_write(path)(std::io::Error::other(e.to_string()));
    let mut table = csv::Writer::from_writer(sink);
    table.write_record(&layout.header).map_err(failed)?;
    cx.open.stores.results(&cx.grant, |row| {
        let (fields, decided) = settled(&row);
        about.count(&row.extraction, decided);
        let cells = layout.row(&row, &fields);
        table.write_record(cells.iter().map(|c| export::neutral(&c.text()))).map_err(failed)
    })?;
    table.flush().map_err(export::cannot_write(path))
}

fn write_xlsx(
    cx: &Context<'_, ExportResults>,
    sink: &mut Sink,
    path: &Path,
    layout: &Layout,
    about: &mut export::About,
) -> Result<(), AppError> {
    let mut sheet = Sheet::new(&layout.header)?;
    cx.open.stores.results(&cx.grant, |row| {
        let (fields, decided) = settled(&row);
        about.count(&row.extraction, decided);
        sheet.add(&layout.row(&row, &fields))
    })?;
    about.cut = sheet.cut();
    sheet.write(about, sink, path)
}
