//! Results that leave the vault: written beside their place, synced, and only then put in it, with a digest beside.

use crate::{AppError, dto::ExtractionDto};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// A file that appears whole or not at all.
pub(crate) struct AtomicFile {
    path: PathBuf,
    temporary: BufWriter<NamedTempFile>,
    hash: Sha256,
    bytes: u64,
}

impl AtomicFile {
    /// Begins a file that will be `path`.
    pub(crate) fn create(path: &Path) -> Result<Self, AppError> {
        let folder = match path.parent() {
            Some(p) if !p.as_os_str().is_empty() => p,
            _ => Path::new("."),
        };
        let temporary = std::fs::create_dir_all(folder).and_then(|()| NamedTempFile::new_in(folder));
        Ok(Self {
            path: path.to_owned(),
            temporary: BufWriter::new(temporary.map_err(cannot_write(path))?),
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Puts it in its place; returns its digest and length.
    pub(crate) fn finish(mut self) -> Result<(cloister_domain::Sha256Hex, u64), AppError> {
        let path = self.path;
        self.temporary.flush().map_err(cannot_write(&path))?;
        let file = self.temporary.into_inner().map_err(|e| cannot_write(&path)(e.into_error()))?;
        file.as_file().sync_all().map_err(cannot_write(&path))?;
        file.persist(&path).map_err(|e| cannot_write(&path)(e.error))?;
        Ok((cloister_domain::Sha256Hex::from_bytes(&self.hash.finalize().into()), self.bytes))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.temporary.write(buf)?;
        self.hash.update(&buf[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

/// Writes text to a file that appears whole or not at all.
///
/// # Errors
/// When the folder cannot be made or the file not be written.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), AppError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(cannot_write(path))?;
    file.finish().map(|_| ())
}

/// The digest beside an export, in the form that `sha256sum -c` reads.
pub(crate) fn write_digest(path: &Path, digest: &cloister_domain::Sha256Hex) -> Result<(), AppError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut beside = path.as_os_str().to_owned();
    beside.push(".sha256");
    write_file(Path::new(&beside), format!("{digest}  {name}\n").as_bytes())
}

/// An input/output error about an output file.
pub(crate) fn cannot_write(path: &Path) -> impl Fn(io::Error) -> AppError + use<> {
    let file = path.display().to_string();
    move |fault| AppError::Output { file: file.clone(), fault }
}

/// One JSON line.
pub(crate) fn jsonl(out: &mut impl Write, x: &ExtractionDto) -> io::Result<()> {
    serde_json::to_writer(&mut *out, x)?;
    out.write_all(b"\n")
}

/// The columns of a CSV export: one per leaf of the schema, by dotted path.
pub(crate) fn csv_columns(definition: &Value) -> Vec<String> {
    let mut columns = Vec::new();
    let mut seen = BTreeSet::new();
    leaves(definition, "", &mut |path| {
        if seen.insert(path.to_owned()) {
            columns.push(path.to_owned());
        }
    });
    columns
}

/// One CSV row: id, ours, status, error, then the leaves. Several values of one leaf are joined with " | ".
pub(crate) fn csv_row(x: &ExtractionDto, columns: &[String]) -> Vec<String> {
    let fixed = [&x.document_id, &x.id, &x.status, &x.error.clone().unwrap_or_default()].map(|s| neutral(s));
    let cells = columns.iter().map(|column| {
        let mut values = Vec::new();
        collect(&x.fields, &mut column.split('.'), &mut values);
        neutral(&values.join(" | "))
    });
    fixed.into_iter().chain(cells).collect()
}

/// The first columns of every CSV export.
pub(crate) const CSV_FIXED: [&str; 4] = ["document_id", "id", "status", "error"];

fn leaves(schema: &Value, path: &str, each: &mut dyn FnMut(&str)) {
    let items = schema.get("items").unwrap_or(schema);
    match items.get("properties").and_then(Value::as_object) {
        Some(properties) => {
            for (name, inner) in properties {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(inner, &path, each);
            }
        }
        None if schema.get("items").is_some() && items.get("items").is_some() => leaves(items, path, each),
        None => each(path),
    }
}

fn collect<'a>(value: &Value, path: &mut (impl Iterator<Item = &'a str> + Clone), out: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|i| collect(i, &mut path.clone(), out)),
        Value::Null => {}
        Value::Object(o) => {
            if let Some(inner) = path.next().and_then(|name| o.get(name)) {
                collect(inner, path, out);
            }
        }
        Value::String(s) => out.push(s.clone()),
        other => out.push(other.to_string()),
    }
}

/// A cell that no spreadsheet takes for a formula (OWASP: CSV injection).
fn neutral(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(fields: Value) -> ExtractionDto {
        ExtractionDto {
            document_id: "=1+1".into(),
            id: "ext-1".into(),
            status: "ok".into(),
            model: String::new(),
            model_sha256: String::new(),
            schema: String::new(),
            schema_sha256: String::new(),
            fields,
            findings: vec![],
            error: None,
        }
    }

    #[test]
    fn leaves_become_columns_and_lists_are_joined() {
        let schema = json!({"type": "object", "properties": {
            "drugs": {"type": "array", "items": {"type": "object", "properties":
                {"name": {"type": "string"}, "dose": {"type": "string"}}}},
            "age": {"type": "integer"}}});
        let columns = csv_columns(&schema);
        assert_eq!(columns, ["drugs.name", "drugs.dose", "age"]);
        let x = row(json!({"drugs": [{"name": "a", "dose": "-5 mg"}, {"name": "b"}], "age": 7}));
        assert_eq!(csv_row(&x, &columns), ["'=1+1", "ext-1", "ok", "", "a | b", "'-5 mg", "7"]);
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
