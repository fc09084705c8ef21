//! Standard output and standard error. The only place that prints.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where the program prints")]

use serde_json::Value;
use std::io::{IsTerminal, Write, stdout};

/// A message for the person: standard error.
pub(crate) fn message(text: &str) {
    eprintln!("{text}");
}

/// A line that the next one replaces, on a terminal: standard error.
pub(crate) fn status(text: &str) {
    eprint!("\r\u{1b}[K{text}");
}

/// A question, answered on the same line.
pub(crate) fn prompt(text: &str) {
    eprint!("{text}");
}

/// Data: standard output, as it is. A closed pipe (`| head`) is no fault.
pub(crate) fn data(text: &str) {
    let _ = stdout().write_all(text.as_bytes());
    let _ = stdout().flush();
}

/// A line of data.
pub(crate) fn line(text: &str) {
    data(&format!("{text}\n"));
}

/// One JSON document.
pub(crate) fn json(value: &Value) {
    let text = if stdout().is_terminal() { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    line(&text.unwrap_or_default());
}

/// Rows under headings, columns as wide as they need; nothing at all when there are no rows.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let width = |i: usize| {
        rows.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).chain([headings[i].len()]).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..headings.len()).map(width).collect();
    let print = |cells: Vec<&str>| {
        let padded: Vec<_> = cells.iter().zip(&widths).map(|(c, w)| format!("{c:w$}")).collect();
        line(padded.join("  ").trim_end());
    };
    print(headings.to_vec());
    for row in rows {
        print(row.iter().map(String::as_str).collect());
    }
}

/// A text of a JSON value, for tables.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Bold on a terminal that wants it.
pub(crate) fn bold(text: &str) -> String {
    if stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\u{1b}[1m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
