//! A look over a file before it is imported: how it is read, what its columns hold, and what would be left out.

use super::records::{ColumnChoice, Columns, FileFormat, Raw, Records, SkippedRow};
use crate::AppError;
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    ops::ControlFlow,
};
use ts_rs::TS;

/// Rows shown.
const SHOWN_ROWS: usize = 20;
/// Characters shown of a cell.
const SHOWN_CELL: usize = 240;
/// Faults listed; all are counted.
const LISTED: usize = 200;

/// What an import would find.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Preview {
    /// The file's name.
    pub file: String,
    /// SHA-256 of its bytes.
    pub source_sha256: String,
    /// How it was read.
    pub format: FileFormat,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The columns taken for text.
    pub text: Vec<String>,
    /// The column taken for the id.
    pub id: Option<String>,
    /// The column taken for the patient.
    pub patient: Option<String>,
    /// Why no report can be made of it as it stands.
    pub fault: Option<String>,
    /// The first rows, cells in the order of `columns`, long ones cut.
    pub rows: Vec<Vec<String>>,
    /// All rows.
    #[ts(type = "number")]
    pub total: u64,
    /// Rows that make a report.
    #[ts(type = "number")]
    pub usable: u64,
    /// Different patients; 0 without a patient column.
    #[ts(type = "number")]
    pub patients: u64,
    /// Reports with gold labels.
    #[ts(type = "number")]
    pub gold: u64,
    /// Rows that would be left out.
    #[ts(type = "number")]
    pub left_out: u64,
    /// The first of them, with reasons.
    pub problems: Vec<SkippedRow>,
    /// Rows whose id another row has: they stop the import.
    #[ts(type = "number")]
    pub duplicate_ids: u64,
    /// Rows whose text another row has, word for word.
    #[ts(type = "number")]
    pub duplicate_texts: u64,
    /// The first of both.
    pub duplicates: Vec<Duplicate>,
    /// Characters of all usable texts.
    #[ts(type = "number")]
    pub characters: u64,
}

/// Two rows that are alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Duplicate {
    /// `id` or `text`.
    pub what: String,
    /// The earlier row.
    #[ts(type = "number")]
    pub first: u64,
    /// The later row.
    #[ts(type = "number")]
    pub second: u64,
}

/// Reads everything once and keeps nothing but counts and the first rows.
pub(crate) fn preview(
    records: Records,
    choice: &ColumnChoice,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Preview, AppError> {
    let named = Columns::choose(&records.name, &records.raw.names, choice);
    let name_of = |i: usize| records.raw.names[i].clone();
    let mut seen = Preview {
        file: records.name.clone(),
        source_sha256: records.sha256.to_string(),
        format: records.raw.format.clone(),
        columns: records.raw.names.clone(),
        text: named.as_ref().map(|c| c.text.iter().map(|i| name_of(*i)).collect()).unwrap_or_default(),
        id: named.as_ref().ok().and_then(|c| c.id).map(name_of),
        patient: named.as_ref().ok().and_then(|c| c.patient).map(name_of),
        fault: named.as_ref().err().map(|e| match e {
            AppError::Input { fault, .. } => fault.clone(),
            other => other.to_string(),
        }),
        rows: Vec::new(),
        total: 0,
        usable: 0,
        patients: 0,
        gold: 0,
        left_out: 0,
        problems: Vec::new(),
        duplicate_ids: 0,
        duplicate_texts: 0,
        duplicates: Vec::new(),
        characters: 0,
    };
    let (mut ids, mut texts, mut patients) = (HashMap::new(), HashMap::new(), HashMap::new());
    for row in records.raw.rows {
        let (row, raw) = row?;
        seen.total += 1;
        if seen.total.is_multiple_of(1024) && progress(seen.total).is_break() {
            return Err(AppError::Cancelled);
        }
        if seen.rows.len() < SHOWN_ROWS {
            seen.show(&raw);
        }
        let Ok(columns) = &named else { continue };
        match columns.read(row, raw) {
            Err(reason) => {
                seen.left_out += 1;
                if seen.problems.len() < LISTED {
                    seen.problems.push(SkippedRow { row, reason });
                }
            }
            Ok(record) => {
                seen.usable += 1;
                seen.gold += u64::from(record.gold.is_some());
                let text = record.text.expose("counted for a preview");
                seen.characters += text.chars().count() as u64;
                if let Some(first) = ids.insert(fingerprint(&record.external_id), row) {
                    seen.duplicate_ids += 1;
                    seen.note("id", first, row);
                }
                if let Some(first) = texts.insert(fingerprint(text), row) {
                    seen.duplicate_texts += 1;
                    seen.note("text", first, row);
                }
                if let Some(p) = &record.patient {
                    patients.insert(fingerprint(p.expose("counted for a preview")), ());
                }
            }
        }
    }
    seen.patients = patients.len() as u64;
    Ok(seen)
}

impl Preview {
    fn show(&mut self, raw: &Raw) {
        match raw {
            Raw::Cells(cells) => self.rows.push(cells.iter().map(|c| cut(c)).collect()),
            Raw::Object(object) => {
                for key in object.keys().filter(|k| !self.columns.contains(k)).cloned().collect::<Vec<_>>() {
                    self.columns.push(key);
                }
                let cell = |name: &String| match object.get(name) {
                    None | Some(Value::Null) => String::new(),
                    Some(Value::String(s)) => cut(s),
                    Some(other) => cut(&other.to_string()),
                };
                self.rows.push(self.columns.iter().map(cell).collect());
            }
            Raw::Bad(_) => {}
        }
    }

    fn note(&mut self, what: &str, first: u64, second: u64) {
        if self.duplicates.len() < LISTED {
            self.duplicates.push(Duplicate { what: what.to_owned(), first, second });
        }
    }
}

fn cut(cell: &str) -> String {
    match cell.char_indices().nth(SHOWN_CELL) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell.to_owned(),
    }
}

/// 128 bits that tell texts apart, so that a million of them need not be kept.
fn fingerprint(text: &str) -> u128 {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        (seed, text).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(1) << 64 | half(2)
}
