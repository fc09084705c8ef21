//! Runs over datasets, and results.

use crate::{
    StoreError, StoredExtraction, Stores,
    datasets::document,
    rows::{as_word, parsed, word},
};
use cloister_access::{
    ControlBatch, ExtractDocument, ExtractText, Grant, ListDatasets, OpensResults, Permission, RunBatch, Target,
};
use cloister_domain::{
    BatchId, DatasetId, Document, DocumentId, ExtractionSchema, ExtractionStatus, ModelRef, Role, Sensitive, Sha256Hex,
    Timestamp,
};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchStatus {
    /// Begun and not ended; when no process owns it, it was interrupted and can go on.
    Running,
    /// Stopped by a person; can go on.
    Paused,
    /// Ended by a person; its results are kept.
    Cancelled,
    /// Every document has its result.
    Finished,
}

/// Documents of a run by how they came out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCounts {
    /// Whole answers.
    pub ok: u64,
    /// Answers cut short.
    pub partial: u64,
    /// Answers that cannot be made valid.
    pub rejected: u64,
    /// No answer.
    pub failed: u64,
    /// Not yet tried.
    pub pending: u64,
}

impl BatchCounts {
    /// Documents that have a result.
    #[must_use]
    pub const fn done(&self) -> u64 {
        self.ok + self.partial + self.rejected + self.failed
    }
}

/// A run to begin.
#[derive(Debug)]
pub struct NewBatch<'a> {
    /// Its id.
    pub id: BatchId,
    /// The schema, which is copied into the run.
    pub schema: &'a ExtractionSchema,
    /// The language model.
    pub model: &'a ModelRef,
    /// Why; stays in the store.
    pub purpose: &'a Sensitive<String>,
    /// Now.
    pub created: Timestamp,
}

/// A run.
#[derive(Debug, Clone)]
pub struct BatchRow {
    /// Its id.
    pub id: BatchId,
    /// The dataset's name.
    pub dataset: String,
    /// `name@version` of the schema.
    pub schema: String,
    /// The schema's name alone.
    pub schema_name: String,
    /// Its version.
    pub schema_version: u32,
    /// SHA-256 of the schema.
    pub schema_sha256: Sha256Hex,
    /// The schema as it was when the run began.
    pub definition: Value,
    /// The language model.
    pub model: ModelRef,
    /// Why it was run.
    pub purpose: Sensitive<String>,
    /// The run it was cloned from.
    pub cloned_from: Option<BatchId>,
    /// The dataset's id.
    pub dataset_id: DatasetId,
    /// How far it is.
    pub status: BatchStatus,
    /// Its documents by outcome.
    pub counts: BatchCounts,
    /// When it began.
    pub created: Timestamp,
}

/// A document that a run has yet to work on.
#[derive(Debug)]
pub struct PendingDocument {
    /// The document.
    pub document: Document,
    /// Its row in the source.
    pub ordinal: u64,
}

/// What is kept beside a result for progress and for review.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ResultFigures {
    /// How long the document took.
    pub took_ms: u64,
    /// How much a reviewer should look at it: 0 not at all, 1 most.
    pub doubt: f64,
}

const BATCH: &str = "SELECT b.id, d.name, b.schema_name, b.schema_version, b.schema_sha256, b.definition,
    b.model_name, b.model_sha256, b.status, b.created_ms, d.documents, b.purpose, b.cloned_from, b.dataset FROM batches b JOIN datasets d ON d.id = b.dataset";

impl Stores {
    /// The runs this person may see, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn batches(&self, by: &Grant<ListDatasets>) -> Result<Vec<BatchRow>, StoreError> {
        let db = self.research()?;
        let sql = format!(
            "{BATCH} WHERE ?1 OR d.owner = ?2
             OR EXISTS (SELECT 1 FROM dataset_grants WHERE dataset = d.id AND user = ?2) ORDER BY b.created_ms, b.id"
        );
        db.prepare(&sql)?
            .query_and_then(params![by.role() == Role::Administrator, by.user().to_string()], |r| batch(&db, r))?
            .collect()
    }

    /// The run that the grant opens.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub fn batch(&self, by: &Grant<impl OpensResults>) -> Result<BatchRow, StoreError> {
        read_batch(&*self.research()?, batch_of(by)?)
    }

    /// The unfinished run of the grant's dataset (or of the dataset of the grant's run, which is then cloned) with the
    /// same schema, model and purpose, or a new one. `true` when it goes on.
    ///
    /// # Errors
    /// When the store fails.
    pub fn begin_batch(&self, by: &Grant<RunBatch>, new: &NewBatch<'_>) -> Result<(BatchRow, bool), StoreError> {
        let purpose = new.purpose.expose("kept in and compared within the encrypted store");
        let mut db = self.research()?;
        let tx = db.transaction()?;
        let dataset = match by.target() {
            Target::Dataset(id) => id,
            Target::Batch(id) => read_batch(&tx, id)?.dataset_id,
            _ => return Err(StoreError::NotFound),
        };
        let unfinished: Option<BatchId> = tx
            .prepare(
                "SELECT id FROM batches WHERE dataset = ?1 AND schema_sha256 = ?2 AND model_sha256 = ?3
                 AND purpose = ?4 AND status IN ('running', 'paused') ORDER BY created_ms DESC LIMIT 1",
            )?
            .query_and_then(
                params![dataset.to_string(), new.schema.sha256.as_str(), new.model.sha256.as_str(), purpose],
                |r| parsed(r, 0),
            )?
            .next()
            .transpose()?;
        let (id, goes_on) = match unfinished {
            Some(id) => {
                tx.execute("UPDATE batches SET status = 'running' WHERE id = ?1", [id.to_string()])?;
                (id, true)
            }
            None => {
                tx.execute(
                    "INSERT INTO batches (id, dataset, owner, schema_name, schema_version, schema_sha256, definition,
                     model_name, model_sha256, purpose, status, created_ms, cloned_from)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'running', ?11, ?12)",
                    params![
                        new.id.to_string(),
                        dataset.to_string(),
                        by.user().to_string(),
                        new.schema.name,
                        new.schema.version,
                        new.schema.sha256.as_str(),
                        serde_json::to_string(&new.schema.definition)?,
                        new.model.name,
                        new.model.sha256.as_str(),
                        purpose,
                        new.created.as_millis(),
                        match by.target() {
                            Target::Batch(id) => Some(id.to_string()),
                            _ => None,
                        }
                    ],
                )?;
                (new.id, false)
            }
        };
        let row = read_batch(&tx, id)?;
        tx.commit()?;
        Ok((row, goes_on))
    }

    /// At most `most` of the documents after the row `after` that have no result, in the order of the source.
    ///
    /// # Errors
    /// When the store fails, or the run is not of the grant's dataset.
    pub fn next_pending(
        &self,
        by: &Grant<RunBatch>,
        batch: BatchId,
        after: u64,
        most: usize,
    ) -> Result<Vec<PendingDocument>, StoreError> {
        let db = self.research()?;
        check_run(&db, by, batch)?;
        let mut statement = db.prepare_cached(
            "SELECT o.id, o.external_id, o.text, o.sha256, o.ordinal FROM batches b
             JOIN documents o ON o.dataset = b.dataset WHERE b.id = ?1 AND o.ordinal > ?2
             AND NOT EXISTS (SELECT 1 FROM results r WHERE r.batch = b.id AND r.document = o.id)
             ORDER BY o.ordinal LIMIT ?3",
        )?;
        statement
            .query_and_then(params![batch.to_string(), after, most], |r| {
                Ok(PendingDocument { document: document(r, 0)?, ordinal: r.get(4)? })
            })?
            .collect()
    }

    /// Keeps one document's result: one transaction, so that a crash loses none and repeats none.
    ///
    /// # Errors
    /// When the store fails, or the run is not of the grant's dataset.
    pub fn keep_result(
        &self,
        by: &Grant<RunBatch>,
        batch: BatchId,
        document: DocumentId,
        result: &StoredExtraction,
        figures: ResultFigures,
    ) -> Result<(), StoreError> {
        let db = self.research()?;
        check_run(&db, by, batch)?;
        insert_result(&db, Some(batch), document, result, figures)
    }

    /// Keeps the result of one report extracted on its own.
    ///
    /// # Errors
    /// When the store fails, or the grant is for another report.
    pub fn keep_document_result(
        &self,
        by: &Grant<ExtractDocument>,
        result: &StoredExtraction,
    ) -> Result<(), StoreError> {
        let Target::Document(id) = by.target() else { return Err(StoreError::NotFound) };
        insert_result(&*self.research()?, None, id, result, ResultFigures::default())
    }

    /// Keeps the result of a report that the same grant brought in.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the report is not among this person's single reports.
    pub fn keep_single_result(
        &self,
        by: &Grant<ExtractText>,
        document: DocumentId,
        result: &StoredExtraction,
    ) -> Result<(), StoreError> {
        let db = self.research()?;
        let theirs = db.query_row(
            "SELECT EXISTS (SELECT 1 FROM documents o JOIN datasets d ON d.id = o.dataset
             WHERE o.id = ?1 AND d.kind = 'single' AND d.owner = ?2)",
            params![document.to_string(), by.user().to_string()],
            |r| r.get::<_, bool>(0),
        )?;
        if theirs {
            insert_result(&db, None, document, result, ResultFigures::default())
        } else {
            Err(StoreError::NotFound)
        }
    }

    /// Whether the run should go on: a person may have paused or cancelled it from another process.
    ///
    /// # Errors
    /// When the store fails.
    pub fn batch_status(&self, _by: &Grant<RunBatch>, batch: BatchId) -> Result<BatchStatus, StoreError> {
        word(
            &self.research()?.query_row("SELECT status FROM batches WHERE id = ?1", [batch.to_string()], |r| {
                r.get::<_, String>(0)
            })?,
        )
    }

    /// The run while it is worked on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub fn running_batch(&self, _by: &Grant<RunBatch>, batch: BatchId) -> Result<BatchRow, StoreError> {
        read_batch(&*self.research()?, batch)
    }

    /// Takes up the grant's run again, whatever stopped it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such run.
    pub fn resume_batch(&self, by: &Grant<RunBatch>) -> Result<BatchRow, StoreError> {
        let id = batch_of(by)?;
        let db = self.research()?;
        db.execute("UPDATE batches SET status = 'running' WHERE id = ?1", [id.to_string()])?;
        read_batch(&db, id)
    }

    /// The model's time per document over the newest results of a run, in milliseconds; `None` before the first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn pace_ms<P: Permission>(&self, _by: &Grant<P>, batch: BatchId) -> Result<Option<f64>, StoreError> {
        Ok(self.research()?.query_row(
            "SELECT avg(took_ms) FROM (SELECT took_ms FROM results WHERE batch = ?1 AND took_ms > 0
             ORDER BY rowid DESC LIMIT 30)",
            [batch.to_string()],
            |r| r.get(0),
        )?)
    }

    /// Pauses a run from within, forgetting the results of these documents.
    ///
    /// # Errors
    /// When the store fails, or the run is not the grant's.
    pub fn stop_run(&self, by: &Grant<RunBatch>, batch: BatchId, documents: &[DocumentId]) -> Result<(), StoreError> {
        let mut db = self.research()?;
        check_run(&db, by, batch)?;
        let tx = db.transaction()?;
        for document in documents {
            tx.execute(
                "DELETE FROM results WHERE batch = ?1 AND document = ?2",
                params![batch.to_string(), document.to_string()],
            )?;
        }
        tx.execute("UPDATE batches SET status = 'paused' WHERE id = ?1", [batch.to_string()])?;
        Ok(tx.commit()?)
    }

    /// Ends the run when every document has its result.
    ///
    /// # Errors
    /// When the store fails.
    pub fn finish_batch(&self, _by: &Grant<RunBatch>, batch: BatchId) -> Result<BatchRow, StoreError> {
        let db = self.research()?;
        let row = read_batch(&db, batch)?;
        if row.counts.pending > 0 || row.status != BatchStatus::Running {
            return Ok(row);
        }
        db.execute("UPDATE batches SET status = 'finished' WHERE id = ?1", [batch.to_string()])?;
        read_batch(&db, batch)
    }

    /// Pauses, cancels, or lets a run go on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such run or it has ended.
    pub fn set_batch_status(&self, by: &Grant<ControlBatch>, to: BatchStatus) -> Result<BatchRow, StoreError> {
        let id = batch_of(by)?;
        let db = self.research()?;
        let changed = db.execute(
            "UPDATE batches SET status = ?2 WHERE id = ?1 AND status IN ('running', 'paused')",
            params![id.to_string(), as_word(&to)?],
        )?;
        if changed == 0 { Err(StoreError::NotFound) } else { read_batch(&db, id) }
    }

    /// Forgets failed results, so that the run tries those documents again.
    ///
    /// # Errors
    /// When the store fails.
    pub fn retry_failed(&self, by: &Grant<ControlBatch>) -> Result<BatchRow, StoreError> {
        let id = batch_of(by)?;
        let mut db = self.research()?;
        let tx = db.transaction()?;
        let forgotten = tx.execute("DELETE FROM results WHERE batch = ?1 AND status = 'failed'", [id.to_string()])?;
        if forgotten > 0 {
            tx.execute("UPDATE batches SET status = 'paused' WHERE id = ?1", [id.to_string()])?;
        }
        let row = read_batch(&tx, id)?;
        tx.commit()?;
        Ok(row)
    }
}

pub(crate) fn batch_of<P: Permission>(by: &Grant<P>) -> Result<BatchId, StoreError> {
    match by.target() {
        Target::Batch(id) => Ok(id),
        _ => Err(StoreError::NotFound),
    }
}

/// A grant to run opens one run, or every run of one dataset.
fn check_run(db: &Connection, by: &Grant<RunBatch>, batch: BatchId) -> Result<(), StoreError> {
    let fits = match by.target() {
        Target::Batch(id) if id == batch => true,
        // A clone of the grant's run: rights go by the dataset.
        Target::Batch(id) => db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM batches a JOIN batches b ON b.dataset = a.dataset
                 WHERE a.id = ?1 AND b.id = ?2)",
            )?
            .query_row(params![batch.to_string(), id.to_string()], |r| r.get(0))?,
        Target::Dataset(id) => db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM batches WHERE id = ?1 AND dataset = ?2)")?
            .query_row(params![batch.to_string(), id.to_string()], |r| r.get(0))?,
        _ => false,
    };
    if fits { Ok(()) } else { Err(StoreError::NotFound) }
}

fn insert_result(
    db: &Connection,
    batch: Option<BatchId>,
    document: DocumentId,
    result: &StoredExtraction,
    figures: ResultFigures,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO results
         (batch, document, id, created_ms, status, provenance, fields, findings, error, took_ms, doubt)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        batch.map(|b| b.to_string()),
        document.to_string(),
        result.id.to_string(),
        result.created.as_millis(),
        as_word(&result.status)?,
        serde_json::to_string(&result.provenance)?,
        serde_json::to_string(&result.fields)?,
        serde_json::to_string(&result.findings)?,
        result.error,
        figures.took_ms,
        figures.doubt
    ])?;
    Ok(())
}

fn read_batch(db: &Connection, id: BatchId) -> Result<BatchRow, StoreError> {
    db.prepare(&format!("{BATCH} WHERE b.id = ?1"))?
        .query_and_then([id.to_string()], |r| batch(db, r))?
        .next()
        .unwrap_or(Err(StoreError::NotFound))
}

fn batch(db: &Connection, row: &Row<'_>) -> Result<BatchRow, StoreError> {
    let id: BatchId = parsed(row, 0)?;
    let (name, version): (String, u32) = (row.get(2)?, row.get(3)?);
    let mut counts = BatchCounts::default();
    let mut statement = db.prepare_cached("SELECT status, count(*) FROM results WHERE batch = ?1 GROUP BY status")?;
    let mut rows = statement.query([id.to_string()])?;
    while let Some(r) = rows.next()? {
        let n = r.get(1)?;
        match word(&r.get::<_, String>(0)?)? {
            ExtractionStatus::Ok => counts.ok = n,
            ExtractionStatus::Partial => counts.partial = n,
            ExtractionStatus::Rejected => counts.rejected = n,
            ExtractionStatus::Failed => counts.failed = n,
        }
    }
    counts.pending = row.get::<_, u64>(10)?.saturating_sub(counts.done());
    Ok(BatchRow {
        id,
        dataset: row.get(1)?,
        schema: format!("{name}@{version}"),
        schema_name: name,
        schema_version: version,
        schema_sha256: parsed(row, 4)?,
        definition: serde_json::from_str(&row.get::<_, String>(5)?)?,
        model: ModelRef { name: row.get(6)?, sha256: parsed(row, 7)? },
        purpose: Sensitive::new(row.get(11)?),
        cloned_from: row.get::<_, Option<String>>(12)?.and_then(|id| id.parse().ok()),
        dataset_id: parsed(row, 13)?,
        status: word(&row.get::<_, String>(8)?)?,
        counts,
        created: Timestamp::from_millis(row.get(9)?),
    })
}
