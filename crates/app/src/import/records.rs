//! Reports out of a file or a folder, one at a time, whatever its kind.

use super::{Source, folder, jsonl, table, workbook};
use crate::{AppError, engines::Engines};
use cloister_domain::{Sensitive, Sha256Hex};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, path::Path};
use ts_rs::TS;

/// Which columns hold what. Unnamed ones are guessed from their usual names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnChoice {
    /// Several are joined in this order, a blank line between them.
    #[serde(default)]
    pub(crate) text: Vec<String>,
    pub(crate) id: Option<String>,
    /// Whose report it is.
    pub(crate) patient: Option<String>,
    /// Field name to column.
    #[serde(default)]
    pub(crate) gold: BTreeMap<String, String>,
}

/// How a file is to be read, where the guess is not right.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSettings {
    /// A label of the Encoding Standard: `utf-8`, `windows-1252`, …
    pub(crate) encoding: Option<String>,
    pub(crate) delimiter: Option<char>,
    pub(crate) quote: Option<char>,
    /// Whether the first row names the columns.
    pub(crate) header: Option<bool>,
    /// Of a workbook.
    pub(crate) sheet: Option<String>,
}

impl FileSettings {
    /// Whoever names a column says that the first row names them, unless it is one of our own numbered names.
    pub(crate) fn with_names(mut self, columns: &ColumnChoice) -> Self {
        let one = columns.id.iter().chain(&columns.patient).chain(columns.gold.values());
        let named = columns.text.iter().chain(one).any(|name| !name.starts_with("column "));
        self.header = self.header.or(named.then_some(true));
        self
    }
}

/// How a file was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FileFormat {
    /// `table`, `jsonl`, `workbook`, `folder`.
    pub kind: String,
    /// Of a table.
    pub encoding: Option<String>,
    /// Of a table.
    pub delimiter: Option<String>,
    /// Of a table.
    pub quote: Option<String>,
    /// Whether the first row names the columns.
    pub header: bool,
    /// Of a workbook: every sheet.
    pub sheets: Vec<String>,
    /// The one that was read.
    pub sheet: Option<String>,
}

/// A row that was left out, and why. The import goes on past it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SkippedRow {
    /// Counted from 1, the header not counted; of a workbook, as Excel counts.
    #[ts(type = "number")]
    pub row: u64,
    /// In plain words without content.
    pub reason: String,
}

/// One report.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) row: u64,
    pub(crate) external_id: String,
    pub(crate) patient: Option<Sensitive<String>>,
    pub(crate) text: Sensitive<String>,
    pub(crate) gold: Option<Sensitive<String>>,
    /// The other cells by column, as JSON.
    pub(crate) original: Option<Sensitive<String>>,
}

/// A row: a report, or why it is none.
pub(crate) type Row = Result<Record, SkippedRow>;

/// A row before it is known which of its cells hold what.
pub(crate) enum Raw {
    Cells(Vec<String>),
    Object(Map<String, Value>),
    Bad(String),
}

/// Rows before it is known which columns hold what.
pub(crate) struct RawRows {
    pub(crate) format: FileFormat,
    /// Empty for objects, whose members name themselves.
    pub(crate) names: Vec<String>,
    pub(crate) rows: Box<dyn Iterator<Item = Result<(u64, Raw), AppError>>>,
}

/// The rows of a file, and the digest of its bytes.
pub(crate) struct Records {
    pub(crate) name: String,
    pub(crate) sha256: Sha256Hex,
    pub(crate) raw: RawRows,
}

impl Records {
    /// Opens a folder, a workbook, a JSON Lines file or a table, told apart by what they are.
    pub(crate) fn open(path: &Path, settings: &FileSettings, engines: &Engines) -> Result<Self, AppError> {
        if path.is_dir() {
            return folder::open(path, engines);
        }
        let source = Source::open(path)?;
        let (name, sha256) = (source.name.clone(), source.sha256.clone());
        let raw = if workbook::is_one(path, &source)? {
            workbook::rows(path, source, settings, engines)?
        } else if is_jsonl(path) {
            jsonl::rows(source, settings)?
        } else {
            table::rows(path, source, settings)?
        };
        Ok(Self { name, sha256, raw })
    }

    /// The rows as reports.
    pub(crate) fn reports(
        self,
        choice: &ColumnChoice,
    ) -> Result<impl Iterator<Item = Result<Row, AppError>> + use<>, AppError> {
        let columns = Columns::choose(&self.name, &self.raw.names, choice)?;
        Ok(self.raw.rows.map(move |row| {
            let (row, raw) = row?;
            Ok(columns.read(row, raw).map_err(|reason| SkippedRow { row, reason }))
        }))
    }
}

fn is_jsonl(path: &Path) -> bool {
    path.extension().is_some_and(|e| ["jsonl", "ndjson"].iter().any(|j| e.eq_ignore_ascii_case(j)))
}

/// Usual names of a text column.
pub(crate) const TEXT: &[&str] = &["text", "report", "note", "report_text", "content", "body"];
/// Usual names of an id column.
pub(crate) const ID: &[&str] = &["id", "document_id", "report_id", "doc_id", "accession"];
/// Usual names of a patient column.
pub(crate) const PATIENT: &[&str] = &["patient", "patient_id", "subject_id", "mrn"];

/// Which cells hold what.
pub(crate) struct Columns {
    names: Vec<String>,
    choice: ColumnChoice,
    pub(crate) text: Vec<usize>,
    pub(crate) id: Option<usize>,
    pub(crate) patient: Option<usize>,
    gold: Vec<(String, usize)>,
}

impl Columns {
    /// Finds the chosen columns among `names`, or the usual ones. Objects are looked into one by one instead.
    pub(crate) fn choose(file: &str, names: &[String], choice: &ColumnChoice) -> Result<Self, AppError> {
        let mut found = Self {
            names: names.to_vec(),
            choice: choice.clone(),
            text: Vec::new(),
            id: None,
            patient: None,
            gold: Vec::new(),
        };
        if names.is_empty() {
            return Ok(found);
        }
        let named = |name: &str, what: &str| {
            position(names, name).ok_or_else(|| {
                let there = names.join(", ");
                AppError::input(file, format!("there is no column \"{name}\" for the {what}; there are: {there}"))
            })
        };
        let one = |wanted: Option<&String>, usual: &[&str], what| match wanted {
            Some(name) => named(name, what).map(Some),
            None => Ok(usual.iter().find_map(|u| position(names, u))),
        };
        for name in &choice.text {
            found.text.push(named(name, "text")?);
        }
        if found.text.is_empty() {
            found.text = match TEXT.iter().find_map(|u| position(names, u)) {
                Some(i) => vec![i],
                None if names.len() == 1 => vec![0],
                None => {
                    let there = names.join(", ");
                    let fault = format!("which column holds the text? Name it with --text-column; there are: {there}");
                    return Err(AppError::input(file, fault));
                }
            };
        }
        found.id = one(choice.id.as_ref(), ID, "id")?;
        found.patient = one(choice.patient.as_ref(), PATIENT, "patient")?;
        for (field, wanted) in &choice.gold {
            found.gold.push((field.clone(), named(wanted, "gold labels")?));
        }
        Ok(found)
    }

    pub(crate) fn read(&self, row: u64, raw: Raw) -> Result<Record, String> {
        match raw {
            Raw::Bad(reason) => Err(reason),
            Raw::Cells(cells) => self.of_cells(row, cells),
            Raw::Object(object) => self.of_object(row, object),
        }
    }

    fn of_cells(&self, row: u64, mut cells: Vec<String>) -> Result<Record, String> {
        if cells.len() != self.names.len() {
            return Err(format!("it has {} cells where the header has {}", cells.len(), self.names.len()));
        }
        let text = joined(self.text.iter().map(|i| cells[*i].as_str()));
        if text.trim().is_empty() {
            return Err("its text is empty".to_owned());
        }
        let external_id = match self.id.map(|i| cells[i].trim()) {
            Some("") => return Err("its id is empty".to_owned()),
            Some(id) => id.to_owned(),
            None => row.to_string(),
        };
        let patient = self.patient.map(|i| cells[i].trim().to_owned()).filter(|p| !p.is_empty());
        let labels: Map<_, _> = self.gold.iter().map(|(f, i)| (f.clone(), Value::from(cells[*i].as_str()))).collect();
        let told = |i: &usize| self.text.contains(i) || self.id == Some(*i) || self.patient == Some(*i);
        let kept = (0..cells.len()).filter(|i| !told(i));
        let original: Map<_, _> =
            kept.map(|i| (self.names[i].clone(), Value::from(std::mem::take(&mut cells[i])))).collect();
        Ok(Record {
            row,
            external_id,
            patient: patient.map(Sensitive::new),
            text: Sensitive::new(text),
            gold: kept_json(labels),
            original: kept_json(original),
        })
    }

    fn of_object(&self, row: u64, mut object: Map<String, Value>) -> Result<Record, String> {
        let usual = |wanted: Option<&String>, usual: &[&str]| match wanted {
            Some(name) => Some(name.clone()),
            None => usual.iter().find(|u| object.contains_key(**u)).map(|u| (*u).to_owned()),
        };
        let (id_key, patient_key) = (usual(self.choice.id.as_ref(), ID), usual(self.choice.patient.as_ref(), PATIENT));
        let keys = match self.choice.text.as_slice() {
            [] => TEXT.iter().find(|u| object.contains_key(**u)).map(|u| vec![(*u).to_owned()]).unwrap_or_default(),
            chosen => chosen.to_vec(),
        };
        let mut parts = Vec::new();
        for key in &keys {
            match object.get(key) {
                Some(Value::String(s)) => parts.push(s.replace('\0', " ")),
                Some(Value::Null) if keys.len() > 1 => {}
                Some(_) => return Err("its text is not a string".to_owned()),
                None if keys.len() > 1 => {}
                None => return Err("it has no text; name the key with --text-column".to_owned()),
            }
        }
        if keys.is_empty() {
            return Err("it has no text; name the key with --text-column".to_owned());
        }
        let text = joined(parts.iter().map(String::as_str));
        if text.trim().is_empty() {
            return Err("its text is empty".to_owned());
        }
        let plain = |key: &Option<String>| match key.as_ref().and_then(|k| object.get(k)) {
            Some(Value::String(s)) if !s.trim().is_empty() => Ok(Some(s.trim().to_owned())),
            Some(Value::Number(n)) => Ok(Some(n.to_string())),
            Some(_) => Err("its id is neither a text nor a number".to_owned()),
            None => Ok(None),
        };
        let external_id = match plain(&id_key)? {
            Some(id) => id,
            None if self.choice.id.is_some() => return Err("its id is missing".to_owned()),
            None => row.to_string(),
        };
        let patient = plain(&patient_key).unwrap_or(None);
        // Gold labels: the members named, else an object under "gold".
        let gold = if self.choice.gold.is_empty() {
            match object.remove("gold") {
                Some(Value::Object(labels)) => labels,
                Some(other) => {
                    object.insert("gold".to_owned(), other);
                    Map::new()
                }
                None => Map::new(),
            }
        } else {
            self.choice.gold.iter().filter_map(|(f, c)| Some((f.clone(), object.get(c)?.clone()))).collect()
        };
        for key in keys.iter().chain(&id_key).chain(&patient_key) {
            object.shift_remove(key);
        }
        Ok(Record {
            row,
            external_id,
            patient: patient.map(Sensitive::new),
            text: Sensitive::new(text),
            gold: kept_json(gold),
            original: kept_json(object),
        })
    }
}

fn joined<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut all = String::new();
    for part in parts.filter(|p| !p.trim().is_empty()) {
        if !all.is_empty() {
            all.push_str("\n\n");
        }
        all.push_str(part);
    }
    all
}

fn kept_json(members: Map<String, Value>) -> Option<Sensitive<String>> {
    (!members.is_empty()).then(|| Sensitive::new(Value::Object(members).to_string()))
}

pub(crate) fn position(names: &[String], name: &str) -> Option<usize> {
    names.iter().position(|n| n.trim().eq_ignore_ascii_case(name.trim()))
}

/// Names for the columns of a row: as they stand there, or numbered. No two are alike.
pub(super) fn column_names(first: &[String], header: bool) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(first.len());
    for (i, cell) in first.iter().enumerate() {
        let mut name = cell.trim_start_matches('\u{feff}').to_owned();
        if !header || name.trim().is_empty() {
            name = format!("column {}", i + 1);
        }
        let plain = name.clone();
        let mut again = 2;
        while names.contains(&name) {
            name = format!("{plain} ({again})");
            again += 1;
        }
        names.push(name);
    }
    names
}

/// Whether a first row names columns: not when it holds a number or a text, unless one of the usual names is there.
pub(super) fn looks_like_header(first: &[String]) -> bool {
    let usual = [TEXT, ID, PATIENT].concat().iter().any(|u| position(first, u).is_some());
    let data = |c: &String| c.trim().parse::<f64>().is_ok() || c.chars().count() > 200 || c.contains('\n');
    usual || !first.iter().any(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Result<Record, String> {
        let columns = Columns::choose("f", &[], &ColumnChoice::default()).unwrap();
        let raw = serde_json::from_str(line).map(Raw::Object).unwrap_or(Raw::Bad("no object".into()));
        columns.read(1, raw)
    }

    #[test]
    fn an_object_with_text_is_a_report_and_keeps_its_gold_and_the_rest() {
        let r = one(r#"{"id":"r1","text":"Größe","gold":{"size":["170"]},"ward":"B"}"#).unwrap();
        assert_eq!(r.external_id, "r1");
        assert_eq!(r.gold.unwrap().into_exposed("test"), r#"{"size":["170"]}"#);
        assert_eq!(r.original.unwrap().into_exposed("test"), r#"{"ward":"B"}"#);
    }

    #[test]
    fn what_is_no_report_says_why() {
        for line in ["[]", "{", r#"{"id":"a"}"#, r#"{"text":7}"#, r#"{"text":" "}"#, r#"{"id":[],"text":"x"}"#] {
            assert!(one(line).is_err(), "{line}");
        }
    }

    #[test]
    fn several_text_columns_are_joined_and_the_others_kept() {
        let names = ["id", "findings", "impression", "age"].map(str::to_owned);
        let choice = ColumnChoice { text: vec!["impression".into(), "findings".into()], ..ColumnChoice::default() };
        let columns = Columns::choose("f", &names, &choice).unwrap();
        let cells = ["7", "Clear lungs.", "Normal.", "61"].map(str::to_owned).to_vec();
        let r = columns.read(1, Raw::Cells(cells)).unwrap();
        assert_eq!(r.text.into_exposed("test"), "Normal.\n\nClear lungs.");
        assert_eq!(r.original.unwrap().into_exposed("test"), r#"{"age":"61"}"#);
    }

    #[test]
    fn a_first_row_of_data_is_no_header_and_names_are_told_apart() {
        let row = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        assert!(looks_like_header(&row(&["id", "text"])) && looks_like_header(&row(&["befund", ""])));
        assert!(!looks_like_header(&row(&["17", "No acute finding."])));
        assert_eq!(column_names(&row(&["a", "a", ""]), true), ["a", "a (2)", "column 3"]);
    }
}
