//! Extraction schemas.

use crate::{
    StoreError, Stores,
    rows::{json, parsed},
};
use cloister_access::{Grant, Permission, ReadSchemas, WriteSchemas};
use cloister_domain::{ExtractionSchema, SchemaId, Sha256Hex, Timestamp};
use rusqlite::{Row, params};
use serde_json::Value;

const COLUMNS: &str = "SELECT id, name, version, definition, sha256, created_ms FROM schemas";

impl Stores {
    /// Every schema in its newest version, by name.
    ///
    /// # Errors
    /// When the store fails.
    pub fn schemas(&self, _by: &Grant<ReadSchemas>) -> Result<Vec<ExtractionSchema>, StoreError> {
        let db = self.library()?;
        let sql =
            format!("{COLUMNS} s WHERE version = (SELECT max(version) FROM schemas WHERE name = s.name) ORDER BY name");
        db.prepare(&sql)?.query_and_then([], schema)?.collect()
    }

    /// Every version of a schema, oldest first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub fn schema_versions(&self, _by: &Grant<ReadSchemas>, name: &str) -> Result<Vec<ExtractionSchema>, StoreError> {
        let db = self.library()?;
        let found: Vec<_> = db
            .prepare(&format!("{COLUMNS} WHERE name = ?1 ORDER BY version"))?
            .query_and_then([name], schema)?
            .collect::<Result<_, _>>()?;
        if found.is_empty() { Err(StoreError::NotFound) } else { Ok(found) }
    }

    /// A schema by name, in its newest version or, written `name@2`, in that one. Any admitted act may look one up:
    /// schemas hold nothing clinical, and the gate has already seen the act that needs it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub fn schema<P: Permission>(&self, _by: &Grant<P>, name: &str) -> Result<ExtractionSchema, StoreError> {
        let (name, version) = match name.rsplit_once('@') {
            Some((n, v)) if v.parse::<u32>().is_ok() => (n, v.parse::<u32>().ok()),
            _ => (name, None),
        };
        let db = self.library()?;
        let sql = format!("{COLUMNS} WHERE name = ?1 AND (?2 IS NULL OR version = ?2) ORDER BY version DESC LIMIT 1");
        db.prepare(&sql)?.query_and_then(params![name, version], schema)?.next().unwrap_or(Err(StoreError::NotFound))
    }

    /// Adds a schema: a new name, or the next version of one. The same content again is the version that is there.
    ///
    /// # Errors
    /// When the store fails.
    pub fn keep_schema(
        &self,
        by: &Grant<WriteSchemas>,
        id: SchemaId,
        name: &str,
        definition: &Value,
        sha256: &Sha256Hex,
        created: Timestamp,
    ) -> Result<ExtractionSchema, StoreError> {
        let mut db = self.library()?;
        let tx = db.transaction()?;
        let newest = tx
            .prepare(&format!("{COLUMNS} WHERE name = ?1 ORDER BY version DESC LIMIT 1"))?
            .query_and_then(params![name], schema)?
            .next()
            .transpose()?;
        if let Some(same) = newest.as_ref().filter(|s| s.sha256 == *sha256) {
            return Ok(same.clone());
        }
        let version = newest.map_or(1, |s| s.version + 1);
        tx.execute(
            "INSERT INTO schemas (id, name, version, definition, sha256, added_by, created_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                id.to_string(),
                name,
                version,
                serde_json::to_string(definition)?,
                sha256.as_str(),
                by.user().to_string(),
                created.as_millis()
            ],
        )?;
        tx.commit()?;
        Ok(ExtractionSchema {
            id,
            name: name.to_owned(),
            version,
            definition: definition.clone(),
            sha256: sha256.clone(),
            created,
        })
    }
}

fn schema(row: &Row<'_>) -> Result<ExtractionSchema, StoreError> {
    Ok(ExtractionSchema {
        id: parsed(row, 0)?,
        name: row.get(1)?,
        version: row.get(2)?,
        definition: json(row, 3)?,
        sha256: parsed(row, 4)?,
        created: Timestamp::from_millis(row.get(5)?),
    })
}
