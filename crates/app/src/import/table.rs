//! CSV and TSV, read row by row.

use super::{
    Source,
    records::{FileFormat, FileSettings, Raw, RawRows, column_names, looks_like_header},
};
use crate::AppError;
use csv::{ReaderBuilder, StringRecord};
use encoding_rs::Encoding;
use std::{
    io::{Cursor, Read},
    path::Path,
};

/// So much of the file decides how it is read.
const HEAD: usize = 64 << 10;

/// The rows of a table.
pub(super) fn rows(path: &Path, source: Source, settings: &FileSettings) -> Result<RawRows, AppError> {
    let name = source.name.clone();
    let unreadable = |e: std::io::Error| AppError::input(super::file_name(path), super::fault(&e));
    let encoding = encoding(&source, settings)?;
    let mut text = source.text(Some(encoding));
    let mut head = vec![0u8; HEAD];
    let got = read_some(&mut text, &mut head).map_err(unreadable)?;
    head.truncate(got);
    let delimiter = match settings.delimiter {
        Some(c) => single_byte(c, "delimiter")?,
        None => guess_delimiter(path, &head),
    };
    let quote = match settings.quote {
        Some(c) => single_byte(c, "quote")?,
        None => guess_quote(&head, delimiter),
    };
    let whole = Cursor::new(head).chain(text);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .quote(quote)
        .flexible(true)
        .has_headers(false)
        .buffer_capacity(1 << 18)
        .from_reader(whole);
    let mut first = StringRecord::new();
    let any = reader.read_record(&mut first).map_err(|e| AppError::input(name.clone(), csv_fault(&e)))?;
    if !any {
        return Err(AppError::input(name, "there is no row in it"));
    }
    let first: Vec<String> = first.iter().map(|c| c.trim_start_matches('\u{feff}').to_owned()).collect();
    let header = settings.header.unwrap_or_else(|| looks_like_header(&first));
    let names = column_names(&first, header);
    let before = (!header).then(|| Ok((1, Raw::Cells(first))));
    let already = u64::from(!header);
    let rows = reader.into_records().enumerate().map(move |(i, record)| {
        let row = i as u64 + 1 + already;
        match record {
            Ok(r) => Ok((row, Raw::Cells(r.iter().map(cell).collect()))),
            Err(e) if e.is_io_error() => Err(AppError::input(name.clone(), csv_fault(&e))),
            Err(e) => Ok((row, Raw::Bad(csv_fault(&e)))),
        }
    });
    let format = FileFormat {
        kind: "table".into(),
        encoding: Some(encoding.name().to_lowercase()),
        delimiter: Some(char::from(delimiter).to_string()),
        quote: Some(char::from(quote).to_string()),
        header,
        ..FileFormat::default()
    };
    Ok(RawRows { format, names, rows: Box::new(before.into_iter().chain(rows)) })
}

/// The encoding that was asked for, or the one that the bytes look like.
pub(super) fn encoding(source: &Source, settings: &FileSettings) -> Result<&'static Encoding, AppError> {
    match &settings.encoding {
        None => Ok(source.encoding),
        Some(label) => Encoding::for_label(label.as_bytes())
            .ok_or_else(|| AppError::Usage(format!("there is no encoding called {label}; utf-8 or windows-1252, say"))),
    }
}

fn cell(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', " ") } else { text.to_owned() }
}

fn single_byte(c: char, what: &str) -> Result<u8, AppError> {
    u8::try_from(c)
        .ok()
        .filter(u8::is_ascii)
        .ok_or_else(|| AppError::Usage(format!("the {what} must be one ASCII character")))
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
        let mut reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(head);
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

/// Single quotes are taken for quotes only where cells begin with them and none begins with a double one.
fn guess_quote(head: &[u8], delimiter: u8) -> u8 {
    let begins = |quote: u8| head.windows(2).filter(|w| (w[0] == delimiter || w[0] == b'\n') && w[1] == quote).count();
    if begins(b'"') == 0 && begins(b'\'') >= 2 { b'\'' } else { b'"' }
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
    use crate::import::records::{ColumnChoice, Records, Row};
    use std::io::Write;

    fn import(content: &[u8], settings: &FileSettings) -> Result<Vec<Row>, AppError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        let source = Source::open(file.path())?;
        let (name, sha256) = (source.name.clone(), source.sha256.clone());
        let raw = rows(file.path(), source, settings)?;
        Records { name, sha256, raw }.reports(&ColumnChoice::default())?.collect()
    }

    fn texts(content: &[u8]) -> Vec<(String, String)> {
        let rows = import(content, &FileSettings::default()).unwrap();
        rows.into_iter().flatten().map(|r| (r.external_id, r.text.into_exposed("test"))).collect()
    }

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn quotes_newlines_and_semicolons_are_read_as_a_spreadsheet_writes_them() {
        let got = texts("id;text\r\na;\"one; \"\"two\"\"\nthree\"\r\nb;Größe\r\n".as_bytes());
        assert_eq!(got, pairs(&[("a", "one; \"two\"\nthree"), ("b", "Größe")]));
    }

    #[test]
    fn line_ends_may_be_mixed() {
        assert_eq!(texts(b"id,text\ra,one\nb,two\r\nc,three"), pairs(&[("a", "one"), ("b", "two"), ("c", "three")]));
    }

    #[test]
    fn a_bad_row_is_left_out_with_its_number_and_the_rest_stays() {
        let rows = import(b"id,text\na,fine\nb\nc,\nd,also fine\n", &FileSettings::default()).unwrap();
        let kept: Vec<_> = rows.iter().filter_map(|r| r.as_ref().ok()).map(|r| r.external_id.as_str()).collect();
        let left: Vec<_> = rows.iter().filter_map(|r| r.as_ref().err()).map(|s| s.row).collect();
        assert_eq!((kept, left), (vec!["a", "d"], vec![2, 3]));
    }

    #[test]
    fn an_unknown_text_column_is_answered_with_the_columns_there_are() {
        let e = import(b"a,b\nc,d\n", &FileSettings::default()).unwrap_err().to_string();
        assert!(e.contains("--text-column") && e.contains("a, b"), "{e}");
    }

    #[test]
    fn rows_without_an_id_column_are_numbered() {
        assert_eq!(texts(b"report\nfirst\nsecond\n"), pairs(&[("1", "first"), ("2", "second")]));
    }

    #[test]
    fn what_was_guessed_can_be_changed() {
        let settings = FileSettings {
            encoding: Some("windows-1252".into()),
            delimiter: Some('|'),
            quote: Some('\''),
            header: Some(true),
            sheet: None,
        };
        let rows = import(b"id|text\na|'Gr\xf6\xdfe | 170'\n", &settings).unwrap();
        assert_eq!(rows[0].as_ref().unwrap().text.expose("test"), "Größe | 170");
        let no_header = FileSettings { header: Some(false), ..FileSettings::default() };
        assert_eq!(import(b"first\nsecond\n", &no_header).unwrap().len(), 2);
        assert!(import(b"a\n", &FileSettings { encoding: Some("klingon".into()), ..FileSettings::default() }).is_err());
    }

    #[test]
    fn a_cell_of_ten_megabytes_is_one_report() {
        let long = "a sentence. ".repeat(10 << 17);
        let got = texts(format!("id,text\na,\"{long}\"\nb,short\n").as_bytes());
        assert_eq!((got[0].1.len(), got.len()), (long.len(), 2));
    }
}
