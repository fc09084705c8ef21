//! Reports, sets of reports, and the schemas that say what to extract.

use crate::{DatasetId, DocumentId, SchemaId, Sensitive, Sha256Hex, Timestamp};
use serde::{Deserialize, Serialize};

/// One report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Ours.
    pub id: DocumentId,
    /// The value of the id column, or the file's name.
    pub external_id: Sensitive<String>,
    /// The text as imported, in UTF-8; every span refers to it.
    pub text: Sensitive<String>,
    /// SHA-256 of `text`.
    pub sha256: Sha256Hex,
}

/// A set of reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// Its id.
    pub id: DatasetId,
    /// Its name.
    pub name: String,
    /// How many documents it holds.
    pub documents: u64,
    /// SHA-256 of the imported file's bytes.
    pub source_sha256: Sha256Hex,
    /// When it was imported.
    pub created: Timestamp,
}

/// One version of a schema. A changed schema is a new version; results keep the one they were made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractionSchema {
    /// Its id.
    pub id: SchemaId,
    /// Its name; versions of one name are counted.
    pub name: String,
    /// 1, 2, …
    pub version: u32,
    /// The JSON Schema as the user wrote it.
    pub definition: serde_json::Value,
    /// SHA-256 of the definition's canonical JSON (RFC 8785).
    pub sha256: Sha256Hex,
    /// When it was added.
    pub created: Timestamp,
}
