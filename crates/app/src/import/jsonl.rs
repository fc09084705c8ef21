//! JSON Lines, read line by line.

use super::{
    Source,
    records::{FileFormat, FileSettings, Raw, RawRows},
    table::encoding,
};
use crate::AppError;
use std::io::{BufRead, BufReader, Read};

/// A longer line is no report but a damaged file.
const LONGEST_LINE: u64 = 64 << 20;

/// The objects of a file, one a line. Blank lines are passed over.
pub(super) fn rows(source: Source, settings: &FileSettings) -> Result<RawRows, AppError> {
    let name = source.name.clone();
    let encoding = encoding(&source, settings)?;
    let format =
        FileFormat { kind: "jsonl".into(), encoding: Some(encoding.name().to_lowercase()), ..FileFormat::default() };
    let mut lines = BufReader::with_capacity(1 << 18, source.text(Some(encoding)));
    let mut row = 0;
    let rows = std::iter::from_fn(move || {
        loop {
            let mut line = Vec::new();
            match lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(e) => return Some(Err(AppError::input(name.clone(), super::fault(&e)))),
            }
            let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
            if text.is_empty() {
                continue;
            }
            row += 1;
            let raw = serde_json::from_slice(text)
                .map_or_else(|e| Raw::Bad(format!("it is not a JSON object (column {})", e.column())), Raw::Object);
            return Some(Ok((row, raw)));
        }
    });
    Ok(RawRows { format, names: Vec::new(), rows: Box::new(rows) })
}
