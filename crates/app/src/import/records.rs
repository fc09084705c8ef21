//! Reports out of a table or a JSON Lines file, one at a time.

use super::{jsonl, open_hashed, table};
use crate::AppError;
use cloister_domain::{Sensitive, Sha256Hex};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::Path};

/// Which columns hold what. Unnamed ones are guessed from their usual names.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ColumnChoice {
    pub(crate) text: Option<String>,
    pub(crate) id: Option<String>,
    /// Field name to column.
    #[serde(default)]
    pub(crate) gold: BTreeMap<String, String>,
}

/// A row that was left out, and why. The import goes on past it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SkippedRow {
    /// Counted from 1, the header not counted.
    pub(crate) row: u64,
    /// In plain words without content.
    pub(crate) reason: String,
}

/// One report.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) row: u64,
    pub(crate) external_id: String,
    pub(crate) text: Sensitive<String>,
    pub(crate) gold: Option<Sensitive<String>>,
}

/// A row: a report, or why it is none.
pub(crate) type Row = Result<Record, SkippedRow>;

/// The rows of a file, and the digest of its bytes.
pub(crate) struct Records {
    pub(crate) sha256: Sha256Hex,
    rows: Box<dyn Iterator<Item = Result<Row, AppError>>>,
}

impl Records {
    /// Opens a table or a JSON Lines file, told apart by what is in it.
    pub(crate) fn open(path: &Path, columns: &ColumnChoice) -> Result<Self, AppError> {
        let (file, sha256) = open_hashed(path)?;
        let rows: Box<dyn Iterator<Item = _>> = if is_jsonl(path) {
            Box::new(jsonl::rows(path, file, columns)?)
        } else {
            Box::new(table::rows(path, file, columns)?)
        };
        Ok(Self { sha256, rows })
    }
}

impl Iterator for Records {
    type Item = Result<Row, AppError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next()
    }
}

fn is_jsonl(path: &Path) -> bool {
    path.extension().is_some_and(|e| ["jsonl", "ndjson"].iter().any(|j| e.eq_ignore_ascii_case(j)))
}

/// The column called `wanted`, or the first of the usual names that is there.
pub(super) fn column(
    names: &[String],
    wanted: Option<&str>,
    usual: &[&str],
    file: &str,
    what: &str,
) -> Result<Option<usize>, AppError> {
    let find = |name: &str| names.iter().position(|n| n.trim().eq_ignore_ascii_case(name.trim()));
    if let Some(name) = wanted {
        return match find(name) {
            Some(i) => Ok(Some(i)),
            None => Err(AppError::input(
                file,
                format!("there is no column \"{name}\" for the {what}; there are: {}", names.join(", ")),
            )),
        };
    }
    Ok(usual.iter().find_map(|u| find(u)))
}

/// Usual names of a text column.
pub(super) const TEXT: &[&str] = &["text", "report", "note", "report_text", "content", "body"];
/// Usual names of an id column.
pub(super) const ID: &[&str] = &["id", "document_id", "report_id", "doc_id", "accession"];
