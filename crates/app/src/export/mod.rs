//! Results that leave the vault: written beside their place, synced, and only then put in it, with a digest beside.

mod about;
mod file;
mod layout;
mod sheet;

pub(crate) use about::About;
pub use file::write_file;
pub(crate) use file::{AtomicFile, Digest, Sink, beside, cannot_write, recipient, write_digest};
pub(crate) use layout::{Cell, Layout, cell, csv_columns, neutral, reviewed};
pub(crate) use sheet::Sheet;

use crate::dto::ExtractionDto;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// One JSON line: the extraction, and what else is known of the document.
pub(crate) fn jsonl(out: &mut impl Write, x: &ExtractionDto, more: Map<String, Value>) -> io::Result<()> {
    if more.is_empty() {
        serde_json::to_writer(&mut *out, x)?;
    } else {
        let mut line = serde_json::to_value(x)?;
        if let Value::Object(members) = &mut line {
            members.extend(more);
        }
        serde_json::to_writer(&mut *out, &line)?;
    }
    out.write_all(b"\n")
}
