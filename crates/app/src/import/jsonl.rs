//! JSON Lines, read line by line.

use super::records::{ColumnChoice, ID, Record, Row, SkippedRow, TEXT};
use crate::AppError;
use cloister_domain::Sensitive;
use serde_json::{Map, Value};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

/// A longer line is no report but a damaged file.
const LONGEST_LINE: u64 = 64 << 20;

/// The objects of a file, one a line. Blank lines are passed over.
pub(super) fn rows(
    path: &Path,
    file: File,
    columns: &ColumnChoice,
) -> Result<impl Iterator<Item = Result<Row, AppError>> + use<>, AppError> {
    let name = super::file_name(path);
    let columns = columns.clone();
    let mut lines = BufReader::new(file);
    let mut row = 0;
    Ok(std::iter::from_fn(move || {
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
            return Some(Ok(read(row, text, &columns).map_err(|reason| SkippedRow { row, reason })));
        }
    }))
}

fn read(row: u64, line: &[u8], columns: &ColumnChoice) -> Result<Record, String> {
    let object: Map<String, Value> =
        serde_json::from_slice(line).map_err(|e| format!("it is not a JSON object (column {})", e.column()))?;
    let find = |wanted: Option<&str>, usual: &[&str]| match wanted {
        Some(name) => object.get(name),
        None => usual.iter().find_map(|u| object.get(*u)),
    };
    let text = match find(columns.text.as_deref(), TEXT) {
        Some(Value::String(s)) if !s.trim().is_empty() => s.replace('\0', " "),
        Some(Value::String(_)) => return Err("its text is empty".to_owned()),
        Some(_) => return Err("its text is not a string".to_owned()),
        None => return Err("it has no text; name the key with --text-column".to_owned()),
    };
    let external_id = match find(columns.id.as_deref(), ID) {
        Some(Value::String(s)) if !s.trim().is_empty() => s.clone(),
        Some(Value::Number(n)) => n.to_string(),
        Some(_) => return Err("its id is neither a text nor a number".to_owned()),
        None if columns.id.is_some() => return Err("its id is missing".to_owned()),
        None => row.to_string(),
    };
    // Gold labels: the columns named, else an object under "gold".
    let gold = if columns.gold.is_empty() {
        object.get("gold").filter(|g| g.is_object()).cloned()
    } else {
        let labels = columns.gold.iter().filter_map(|(f, c)| Some((f.clone(), object.get(c)?.clone())));
        Some(Value::Object(labels.collect()))
    };
    Ok(Record { row, external_id, text: Sensitive::new(text), gold: gold.map(|g| Sensitive::new(g.to_string())) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Result<Record, String> {
        read(1, line.as_bytes(), &ColumnChoice::default())
    }

    #[test]
    fn an_object_with_text_is_a_report_and_keeps_its_gold() {
        let r = one(r#"{"id":"r1","text":"Größe","gold":{"size":["170"]}}"#).unwrap();
        assert_eq!(r.external_id, "r1");
        assert_eq!(r.gold.unwrap().into_exposed("test"), r#"{"size":["170"]}"#);
    }

    #[test]
    fn what_is_no_report_says_why() {
        for line in ["[]", "{", r#"{"id":"a"}"#, r#"{"text":7}"#, r#"{"text":" "}"#, r#"{"id":[],"text":"x"}"#] {
            assert!(one(line).is_err(), "{line}");
        }
    }
}
