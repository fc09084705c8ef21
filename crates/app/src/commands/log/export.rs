//! What leaves the house: lines with their seal, a period's report, a checkpoint.

use super::LogFilter;
use crate::{
    AppError,
    command::{Command, Context},
    dto::LogExportDto,
    export::{AtomicFile, Digest, cannot_write, write_file},
    log_keeping::seal_of,
    log_report::{self, Period},
};
use cloister_access::{ExportLog, Target};
use cloister_audit::{ExportFormat, Exported, Fingerprint, Seal, fingerprint, seal_export, write_export};
use cloister_domain::{Code, Detail, DetailKey, Sha256Hex, code};
use cloister_store::LogEnd;
use serde::Deserialize;
use std::{collections::BTreeMap, io::Write};

/// Lines as CSV or JSON Lines, with a seal beside them that is signed with the exporter's own key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportLines {
    format: String,
    #[serde(default)]
    filter: LogFilter,
}

impl Command for ExportLines {
    const NAME: &'static str = "audit_export";
    type Needs = ExportLog;
    type Output = Option<LogExportDto>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ExportLog>) -> Result<Self::Output, AppError> {
        let (format, word) = match self.format.as_str() {
            "csv" => (ExportFormat::Csv, code!("csv")),
            "jsonl" => (ExportFormat::Jsonl, code!("jsonl")),
            other => return Err(AppError::Usage(format!("{other} is no format of an export: csv or jsonl"))),
        };
        let filter = self.filter.of(cx)?;
        let Some(path) = cx.ports.save_file(&format!("audit-log.{}", format.name())) else { return Ok(None) };
        let mut file = AtomicFile::create(&path)?;
        let exported = write_export(&cx.app.log_folder(), &filter, format, &mut file)?;
        file.flush().map_err(cannot_write(&path))?;
        let Digest { sha256, bytes } = file.finish()?;
        record(cx, word, bytes, &sha256, exported.lines);
        let (seal, print) = seal(cx, format, &exported, (bytes, &sha256), self.filter.words(&filter))?;
        let keys = cx.open.session.keys();
        let text = seal_export(&seal, |purpose, message| keys.sign(purpose, message))?;
        write_file(&seal_of(&path), text.as_bytes())?;
        Ok(Some(LogExportDto {
            lines: exported.lines,
            bytes,
            sha256: sha256.to_string(),
            seq: seal.head.seq,
            key: Some(print.to_string()),
        }))
    }
}

/// The seal names the log's end as it was: whoever has the log, or a later checkpoint, can tell it is that log's.
fn seal(
    cx: &Context<'_, ExportLog>,
    format: ExportFormat,
    exported: &Exported,
    (bytes, sha256): (u64, &Sha256Hex),
    filter: BTreeMap<String, String>,
) -> Result<(Seal, Fingerprint), AppError> {
    let account = cx.app.vault()?.account(cx.grant.user()).cloned().ok_or(AppError::Internal("the exporter"))?;
    let log = fingerprint(&cx.app.log_folder())?;
    let seal = Seal {
        by: account.id.to_string(),
        bytes,
        filter,
        first_seq: exported.first_seq,
        format: format.name().to_owned(),
        head: cx.app.log()?.head()?.receipt(),
        key: Sha256Hex::from_bytes(account.signing_key()),
        last_seq: exported.last_seq,
        lines: exported.lines,
        log: log.map_or_else(String::new, |print| print.to_string()),
        made: cx.app.clock().now().to_string(),
        sha256: sha256.clone(),
        v: 1,
    };
    Ok((seal, Fingerprint::of_exporter(account.signing_key())))
}

fn record(cx: &Context<'_, ExportLog>, format: Code, bytes: u64, sha256: &Sha256Hex, lines: u64) {
    cx.record(DetailKey::Format, Detail::Code(format));
    cx.record(DetailKey::Bytes, Detail::Count(bytes));
    cx.record(DetailKey::FileSha256, Detail::Hash(sha256.clone()));
    cx.record(DetailKey::Documents, Detail::Count(lines));
}

/// A period's report as Markdown or PDF.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportReport {
    format: String,
    #[serde(flatten)]
    period: Period,
}

impl Command for ExportReport {
    const NAME: &'static str = "audit_export_report";
    type Needs = ExportLog;
    type Output = Option<LogExportDto>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ExportLog>) -> Result<Self::Output, AppError> {
        let (ending, word) = match self.format.as_str() {
            "md" => ("md", code!("md")),
            "pdf" => ("pdf", code!("pdf")),
            other => return Err(AppError::Usage(format!("{other} is no format of a report: md or pdf"))),
        };
        let report = log_report::make(cx, &self.period)?;
        let Some(path) = cx.ports.save_file(&format!("audit-report.{ending}")) else { return Ok(None) };
        let bytes = match ending {
            "md" => log_report::markdown(&report).into_bytes(),
            _ => log_report::pdf(&report)?,
        };
        let mut file = AtomicFile::create(&path)?;
        file.write_all(&bytes).map_err(cannot_write(&path))?;
        let Digest { sha256, bytes } = file.finish()?;
        record(cx, word, bytes, &sha256, report.lines);
        let seq = cx.app.log()?.head()?.seq();
        Ok(Some(LogExportDto { lines: report.lines, bytes, sha256: sha256.to_string(), seq, key: None }))
    }
}

/// The log's signed end, to be kept on another disk or on paper. The vault remembers it too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportCheckpoint {}

impl Command for ExportCheckpoint {
    const NAME: &'static str = "audit_checkpoint";
    type Needs = ExportLog;
    type Output = Option<LogExportDto>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ExportLog>) -> Result<Self::Output, AppError> {
        let head = cx.app.log()?.head()?;
        let suggested = format!("checkpoint-{}.json", head.seq());
        let Some(path) = cx.ports.save_file(&suggested) else { return Ok(None) };
        let text = head.to_json();
        let mut file = AtomicFile::create(&path)?;
        file.write_all(text.as_bytes()).map_err(cannot_write(&path))?;
        let Digest { sha256, bytes } = file.finish()?;
        record(cx, code!("checkpoint"), bytes, &sha256, head.seq());
        let end = LogEnd { seq: head.seq(), hash: head.hash().clone(), head: text };
        // The file is what counts; a store that is broken does not take it back.
        let _ = cx.open.stores.note_checkpoint(&end, cx.app.clock().now());
        Ok(Some(LogExportDto { lines: head.seq(), bytes, sha256: sha256.to_string(), seq: head.seq(), key: None }))
    }
}
