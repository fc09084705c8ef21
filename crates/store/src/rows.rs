//! Shared reading and writing of rows.

use crate::StoreError;
use cloister_domain::{ExtractionId, ExtractionStatus, Finding, Provenance, Sensitive, Timestamp};
use rusqlite::Row;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// An extraction as it is kept: a grounded result, or the reason why there is none.
#[derive(Debug, Clone)]
pub struct StoredExtraction {
    /// Its id.
    pub id: ExtractionId,
    /// When it was made.
    pub created: Timestamp,
    /// How it came out.
    pub status: ExtractionStatus,
    /// What it was made with.
    pub provenance: Provenance,
    /// The supported leaves; null when rejected or failed.
    pub fields: Sensitive<Value>,
    /// Every leaf.
    pub findings: Vec<Finding>,
    /// Why it is partial, rejected or failed; codes and plain words, never content.
    pub error: Option<String>,
}

impl StoredExtraction {
    /// Reads the columns `id, created_ms, status, provenance, fields, findings, error`, in this order from `from`.
    pub(crate) fn read(row: &Row<'_>, from: usize) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed(row, from)?,
            created: Timestamp::from_millis(row.get(from + 1)?),
            status: word(&row.get::<_, String>(from + 2)?)?,
            provenance: json(row, from + 3)?,
            fields: json(row, from + 4)?,
            findings: json(row, from + 5)?,
            error: row.get(from + 6)?,
        })
    }
}

/// A column that holds an id or another parsed text.
pub(crate) fn parsed<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> Result<T, StoreError> {
    row.get::<_, String>(column)?.parse().map_err(|_| StoreError::Unreadable("id"))
}

/// A column that holds JSON.
pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, StoreError> {
    Ok(serde_json::from_str(&row.get::<_, String>(column)?)?)
}

/// An enum from its word.
pub(crate) fn word<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    Ok(serde_json::from_value(Value::String(text.to_owned()))?)
}

/// An enum's word.
pub(crate) fn as_word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value)? {
        Value::String(s) => Ok(s),
        _ => Err(StoreError::Unreadable("word")),
    }
}
