//! CSV and TSV, read row by row.

use super::{
    encoding,
    records::{ColumnChoice, ID, Record, Row, SkippedRow, TEXT, column},
};
use crate::AppError;
use cloister_domain::Sensitive;
use serde_json::{Map, Value};
use std::{fs::File, io::Read, path::Path};

/// A file up to this length has its encoding guessed as a whole; a longer one must be UTF-8.
const LONGEST_GUESSED: u64 = 64 << 20;

/// The rows of a table whose first row names the columns.
pub(super) fn rows(
    path: &Path,
    mut file: File,
    columns: &ColumnChoice,
) -> Result<impl Iterator<Item = Result<Row, AppError>> + use<>, AppError> {
    let name = super::file_name(path);
    let unreadable = |e: std::io::Error| AppError::input(super::file_name(path), super::fault(&e));
    let len = file.metadata().map_err(unreadable)?.len();
    let source: Box<dyn Read> = if len <= LONGEST_GUESSED {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unreadable)?;
        Box::new(std::io::Cursor::new(encoding::decode(&bytes).into_bytes()))
    } else {
        Box::new(file)
    };
    let mut source = source;
    let mut head = vec![0u8; 64 << 10];
    let got = read_some(&mut source, &mut head).map_err(unreadable)?;
    head.truncate(got);
    let delimiter = guess_delimiter(path, &head);
    let whole = std::io::Cursor::new(head).chain(source);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(whole);
    let names: Vec<String> = reader
        .headers()
        .map_err(|e| AppError::input(name.clone(), csv_fault(&e)))?
        .iter()
        .map(|h| h.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let text = match column(&names, columns.text.as_deref(), TEXT, &name, "text")? {
        Some(i) => i,
        None if names.len() == 1 => 0,
        None => {
            return Err(AppError::input(
                name,
                format!("which column holds the text? Name it with --text-column; there are: {}", names.join(", ")),
            ));
        }
    };
    let id = column(&names, columns.id.as_deref(), ID, &name, "id")?;
    let mut gold = Vec::new();
    for (field, wanted) in &columns.gold {
        if let Some(i) = column(&names, Some(wanted), &[], &name, "gold labels")? {
            gold.push((field.clone(), i));
        }
    }
    let width = names.len();
    let rows = reader.into_records().enumerate().map(move |(i, record)| {
        let row = i as u64 + 1;
        let skip = |reason: String| Ok(Err(SkippedRow { row, reason }));
        let record = match record {
            Ok(r) => r,
            Err(e) if e.is_io_error() => return Err(AppError::input(name.clone(), csv_fault(&e))),
            Err(e) => return skip(csv_fault(&e)),
        };
        if record.len() != width {
            return skip(format!("it has {} cells where the header has {width}", record.len()));
        }
        let cell = |i: usize| record.get(i).unwrap_or_default();
        if cell(text).trim().is_empty() {
            return skip("its text is empty".to_owned());
        }
        let external_id = match id.map(|i| cell(i).trim()) {
            Some("") => return skip("its id is empty".to_owned()),
            Some(id) => id.to_owned(),
            None => row.to_string(),
        };
        let labels: Map<_, _> = gold.iter().map(|(f, i)| (f.clone(), Value::from(cell(*i)))).collect();
        Ok(Ok(Record {
            row,
            external_id,
            text: Sensitive::new(cell(text).to_owned()),
            gold: (!labels.is_empty()).then(|| Sensitive::new(Value::Object(labels).to_string())),
        }))
    });
    Ok(rows)
}

fn read_some(source: &mut dyn Read, block: &mut [u8]) -> std::io::Result<usize> {
    let mut got = 0;
    while got < block.len() {
        match source.read(&mut block[got..])? {
            0 => break,
            n => got += n,
        }
    }
    Ok(got)
}

/// The delimiter that splits the header and the first rows most evenly.
fn guess_delimiter(path: &Path, head: &[u8]) -> u8 {
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("tsv")) {
        return b'\t';
    }
    let score = |delimiter: u8| {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(head);
        let widths: Vec<usize> = reader.records().take(20).filter_map(Result::ok).map(|r| r.len()).collect();
        let first = widths.first().copied().unwrap_or(0);
        let even = widths.iter().filter(|w| **w == first).count();
        if first < 2 { 0 } else { even * 100 / widths.len().max(1) * 100 + first.min(99) }
    };
    let mut best = (b',', score(b','));
    for candidate in [b';', b'\t', b'|'] {
        let s = score(candidate);
        if s > best.1 {
            best = (candidate, s);
        }
    }
    best.0
}

/// What is wrong, without quoting a cell.
fn csv_fault(e: &csv::Error) -> String {
    match e.kind() {
        csv::ErrorKind::Io(io) => format!("the table cannot be read ({io})"),
        csv::ErrorKind::Utf8 { .. } => "its text is not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} cells where the header has {expected_len}")
        }
        _ => "it is not a row of a table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn import(content: &[u8], columns: &ColumnChoice) -> Result<Vec<Row>, AppError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        let open = File::open(file.path()).unwrap();
        rows(file.path(), open, columns)?.collect()
    }

    fn texts(content: &[u8]) -> Vec<(String, String)> {
        let rows = import(content, &ColumnChoice::default()).unwrap();
        rows.into_iter().flatten().map(|r| (r.external_id, r.text.into_exposed("test"))).collect()
    }

    #[test]
    fn quotes_newlines_and_semicolons_are_read_as_a_spreadsheet_writes_them() {
        let got = texts("id;text\r\na;\"one; \"\"two\"\"\nthree\"\r\nb;Größe\r\n".as_bytes());
        assert_eq!(got, [("a".into(), "one; \"two\"\nthree".into()), ("b".into(), "Größe".into())]);
    }

    #[test]
    fn a_bad_row_is_left_out_with_its_number_and_the_rest_stays() {
        let rows = import(b"id,text\na,fine\nb\nc,\nd,also fine\n", &ColumnChoice::default()).unwrap();
        let kept: Vec<_> = rows.iter().filter_map(|r| r.as_ref().ok()).map(|r| r.external_id.as_str()).collect();
        let left: Vec<_> = rows.iter().filter_map(|r| r.as_ref().err()).map(|s| s.row).collect();
        assert_eq!((kept, left), (vec!["a", "d"], vec![2, 3]));
    }

    #[test]
    fn an_unknown_text_column_is_answered_with_the_columns_there_are() {
        let e = import(b"a,b\n1,2\n", &ColumnChoice::default()).unwrap_err().to_string();
        assert!(e.contains("--text-column") && e.contains("a, b"), "{e}");
    }

    #[test]
    fn rows_without_an_id_column_are_numbered() {
        assert_eq!(texts(b"report\nfirst\nsecond\n"), [("1".into(), "first".into()), ("2".into(), "second".into())]);
    }
}
