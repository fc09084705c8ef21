//! Datasets and their documents.

use crate::{StoreError, Stores, rows::parsed};
use cloister_access::{ExtractDocument, ExtractText, Grant, ImportDataset, ListDatasets, OpensDocuments, Target};
use cloister_domain::{Dataset, DatasetId, Document, DocumentId, Role, Sensitive, Sha256Hex, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

/// A dataset with what the list shows.
#[derive(Debug, Clone)]
pub struct DatasetRow {
    /// The dataset.
    pub dataset: Dataset,
    /// Name of the file it came from.
    pub source_name: Sensitive<String>,
}

/// A dataset to import.
#[derive(Debug)]
pub struct NewDataset<'a> {
    /// Its id.
    pub id: DatasetId,
    /// Its name; must be free.
    pub name: &'a str,
    /// Name of the file.
    pub source_name: &'a Sensitive<String>,
    /// SHA-256 of the file's bytes.
    pub source_sha256: &'a Sha256Hex,
    /// How the file was read, as JSON.
    pub format: &'a str,
    /// Now.
    pub created: Timestamp,
}

/// A document to import.
#[derive(Debug)]
pub struct NewDocument {
    /// The document.
    pub document: Document,
    /// Its row in the source, counted from 1.
    pub row: u64,
    /// Gold labels as JSON, where the source has them.
    pub gold: Option<Sensitive<String>>,
    /// Whose report it is, where the source says so.
    pub patient: Option<Sensitive<String>>,
    /// The source's other cells as JSON.
    pub original: Option<Sensitive<String>>,
}

/// What an import kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportCounts {
    /// Documents kept.
    pub documents: u64,
}

impl Stores {
    /// The datasets this person may use, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn datasets(&self, by: &Grant<ListDatasets>) -> Result<Vec<DatasetRow>, StoreError> {
        let db = self.research()?;
        db.prepare(
            "SELECT id, name, documents, source_sha256, created_ms, source_name FROM datasets d
                 WHERE kind = 'import' AND (?1 OR owner = ?2
                 OR EXISTS (SELECT 1 FROM dataset_grants WHERE dataset = d.id AND user = ?2))
                 ORDER BY created_ms, id",
        )?
        .query_and_then(params![by.role() == Role::Administrator, by.user().to_string()], dataset)?
        .collect()
    }

    /// Imports a dataset in one transaction: all of it, or nothing. `documents` is drawn from as the rows come, so
    /// that a large file is never held in memory.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], [`StoreError::DuplicateId`], [`StoreError::Empty`], or the first error that `documents` yields.
    pub fn import_dataset<E: From<StoreError>>(
        &self,
        by: &Grant<ImportDataset>,
        new: &NewDataset<'_>,
        documents: impl Iterator<Item = Result<NewDocument, E>>,
    ) -> Result<ImportCounts, E> {
        let mut db = self.research()?;
        let tx = db.transaction().map_err(StoreError::from)?;
        insert_dataset(&tx, new, "import", &by.user().to_string())?;
        let mut count = 0;
        for document in documents {
            insert_document(&tx, new.id, &document?)?;
            count += 1;
        }
        if count == 0 {
            return Err(StoreError::Empty.into());
        }
        tx.execute("UPDATE datasets SET documents = ?2 WHERE id = ?1", params![new.id.to_string(), count])
            .map_err(StoreError::from)?;
        tx.commit().map_err(StoreError::from)?;
        Ok(ImportCounts { documents: u64::try_from(count).unwrap_or(0) })
    }

    /// Keeps one report of a person's own, in the folder of single reports that belongs to them alone.
    ///
    /// # Errors
    /// When the store fails.
    pub fn keep_single_report(
        &self,
        by: &Grant<ExtractText>,
        folder: DatasetId,
        mut document: NewDocument,
        created: Timestamp,
    ) -> Result<DocumentId, StoreError> {
        let owner = by.user().to_string();
        let mut db = self.research()?;
        let tx = db.transaction()?;
        let existing: Option<String> = tx
            .query_row("SELECT id FROM datasets WHERE kind = 'single' AND owner = ?1", [&owner], |r| r.get(0))
            .optional()?;
        let folder = match existing {
            Some(id) => id.parse().map_err(|_| StoreError::Unreadable("id"))?,
            None => {
                let name = format!("single reports of {owner}");
                let new = NewDataset {
                    id: folder,
                    name: &name,
                    source_name: &Sensitive::default(),
                    source_sha256: &document.document.sha256,
                    format: "{}",
                    created,
                };
                insert_dataset(&tx, &new, "single", &owner)?;
                folder
            }
        };
        // One file can come again: reports here are told apart by our id, not by the file's name.
        let count: u64 =
            tx.query_row("SELECT count(*) FROM documents WHERE dataset = ?1", [folder.to_string()], |r| r.get(0))?;
        document.row = count + 1;
        let id = document.document.id;
        document.document.external_id = Sensitive::new(id.to_string());
        insert_document(&tx, folder, &document)?;
        tx.execute("UPDATE datasets SET documents = ?2 WHERE id = ?1", params![folder.to_string(), document.row])?;
        tx.commit()?;
        Ok(id)
    }

    /// The report that the grant opens.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub fn document(&self, by: &Grant<ExtractDocument>) -> Result<Document, StoreError> {
        let Target::Document(id) = by.target() else { return Err(StoreError::NotFound) };
        read_document(&*self.research()?, id)
    }

    /// How many documents the grant's dataset holds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub fn dataset(&self, by: &Grant<impl OpensDocuments>) -> Result<DatasetRow, StoreError> {
        let Target::Dataset(id) = by.target() else { return Err(StoreError::NotFound) };
        self.research()?
            .prepare("SELECT id, name, documents, source_sha256, created_ms, source_name FROM datasets WHERE id = ?1")?
            .query_and_then([id.to_string()], dataset)?
            .next()
            .unwrap_or(Err(StoreError::NotFound))
    }
}

pub(crate) fn read_document(db: &Connection, id: DocumentId) -> Result<Document, StoreError> {
    db.prepare("SELECT id, external_id, text, sha256 FROM documents WHERE id = ?1")?
        .query_and_then([id.to_string()], |r| document(r, 0))?
        .next()
        .unwrap_or(Err(StoreError::NotFound))
}

pub(crate) fn document(row: &Row<'_>, from: usize) -> Result<Document, StoreError> {
    Ok(Document {
        id: parsed(row, from)?,
        external_id: Sensitive::new(row.get(from + 1)?),
        text: Sensitive::new(row.get(from + 2)?),
        sha256: parsed(row, from + 3)?,
    })
}

fn dataset(row: &Row<'_>) -> Result<DatasetRow, StoreError> {
    Ok(DatasetRow {
        dataset: Dataset {
            id: parsed(row, 0)?,
            name: row.get(1)?,
            documents: row.get(2)?,
            source_sha256: parsed(row, 3)?,
            created: Timestamp::from_millis(row.get(4)?),
        },
        source_name: Sensitive::new(row.get(5)?),
    })
}

fn insert_dataset(tx: &Transaction<'_>, new: &NewDataset<'_>, kind: &str, owner: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO datasets (id, name, owner, kind, source_name, source_sha256, documents, created_ms, format)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8)",
        params![
            new.id.to_string(),
            new.name,
            owner,
            kind,
            new.source_name.expose("kept in the encrypted store"),
            new.source_sha256.as_str(),
            new.created.as_millis(),
            new.format
        ],
    )?;
    Ok(())
}

fn insert_document(tx: &Transaction<'_>, dataset: DatasetId, new: &NewDocument) -> Result<(), StoreError> {
    let external = new.document.external_id.expose("kept in the encrypted store");
    let done = tx
        .prepare_cached(
            "INSERT INTO documents (id, dataset, ordinal, external_id, text, sha256, gold, patient, original)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            new.document.id.to_string(),
            dataset.to_string(),
            new.row,
            external,
            new.document.text.expose("kept in the encrypted store"),
            new.document.sha256.as_str(),
            new.gold.as_ref().map(|g| g.expose("kept in the encrypted store")),
            new.patient.as_ref().map(|p| p.expose("kept in the encrypted store")),
            new.original.as_ref().map(|o| o.expose("kept in the encrypted store"))
        ]);
    match done {
        Ok(_) => Ok(()),
        Err(e) => match StoreError::from(e) {
            StoreError::NameTaken => {
                let first = tx.query_row(
                    "SELECT ordinal FROM documents WHERE dataset = ?1 AND external_id = ?2",
                    params![dataset.to_string(), external],
                    |r| r.get(0),
                )?;
                Err(StoreError::DuplicateId { first, second: new.row })
            }
            other => Err(other),
        },
    }
}
