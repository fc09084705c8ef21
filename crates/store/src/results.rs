//! Results as a table: whole for exports, in pages for a grid, one at a time beside its document.

use crate::{
    StoreError, StoredExtraction, Stores,
    batches::batch_of,
    datasets::document,
    reviews::{Decision, decisions_of},
    rows::{json, parsed, word},
};
use cloister_access::{Grant, OpensResults, Permission, Target};
use cloister_domain::{Document, DocumentId, ExtractionStatus, Sensitive};
use rusqlite::{OptionalExtension, params, types::Value as Sql};
use serde_json::Value;

/// A result with the document it belongs to.
#[derive(Debug)]
pub struct ResultRow {
    /// The document.
    pub document: Document,
    /// Whose it is.
    pub patient: Option<Sensitive<String>>,
    /// What is known to be right, as JSON.
    pub gold: Option<Sensitive<String>>,
    /// The source's other cells, as JSON.
    pub original: Option<Sensitive<String>>,
    /// The result.
    pub extraction: StoredExtraction,
    /// What people decided about it, oldest first.
    pub decisions: Vec<Decision>,
}

/// Which rows of a grid.
#[derive(Debug, Clone, Default)]
pub struct ResultQuery {
    /// Only documents that came out so.
    pub status: Option<ExtractionStatus>,
    /// Only documents whose id or patient contains this.
    pub search: Option<String>,
    /// Most doubtful first, instead of the order of the source.
    pub by_doubt: bool,
    /// Only these documents, in this order.
    pub documents: Option<Vec<DocumentId>>,
    /// Rows passed over.
    pub offset: u64,
    /// Most rows.
    pub limit: u64,
}

/// A row of a grid.
#[derive(Debug)]
pub struct ResultSummary {
    /// The document.
    pub document: DocumentId,
    /// Its id in the source.
    pub external_id: Sensitive<String>,
    /// Whose it is.
    pub patient: Option<Sensitive<String>>,
    /// `None` while it is pending.
    pub status: Option<ExtractionStatus>,
    /// The supported leaves; null without a result.
    pub fields: Sensitive<Value>,
    /// Why it is not `ok`.
    pub error: Option<String>,
    /// How much a reviewer should look at it.
    pub doubt: f64,
    /// How many findings somebody decided about.
    pub decided: u64,
}

/// One page of a grid.
#[derive(Debug)]
pub struct ResultPage {
    /// The rows of the whole query.
    pub total: u64,
    /// Those of this page.
    pub rows: Vec<ResultSummary>,
}

/// A document with its result, for a person to look at.
#[derive(Debug)]
pub struct ResultDetail {
    /// The document.
    pub document: Document,
    /// Whose it is.
    pub patient: Option<Sensitive<String>>,
    /// What is known to be right, as JSON.
    pub gold: Option<Sensitive<String>>,
    /// The result, once there is one.
    pub extraction: Option<StoredExtraction>,
    /// What people decided about it, oldest first.
    pub decisions: Vec<Decision>,
}

const RESULT: &str = "r.id, r.created_ms, r.status, r.provenance, r.fields, r.findings, r.error";

impl Stores {
    /// Hands each result of the grant's run to `each`, in the order of the source, one at a time.
    ///
    /// # Errors
    /// When the store fails, or the first error of `each`.
    pub fn results<E: From<StoreError>>(
        &self,
        by: &Grant<impl OpensResults>,
        mut each: impl FnMut(ResultRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let id = batch_of(by)?;
        let db = self.research()?;
        let reviewed: bool = db
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM decisions d JOIN results r ON r.id = d.result WHERE r.batch = ?1)",
                [id.to_string()],
                |r| r.get(0),
            )
            .map_err(StoreError::from)?;
        let sql = format!(
            "SELECT o.id, o.external_id, o.text, o.sha256, o.patient, o.gold, o.original, {RESULT}
             FROM batches b JOIN documents o ON o.dataset = b.dataset
             JOIN results r ON r.batch = b.id AND r.document = o.id WHERE b.id = ?1 ORDER BY o.ordinal"
        );
        let mut statement = db.prepare(&sql).map_err(StoreError::from)?;
        let rows = statement
            .query_and_then([id.to_string()], |r| {
                let extraction = StoredExtraction::read(r, 7)?;
                let decisions = if reviewed { decisions_of(&db, extraction.id)? } else { Vec::new() };
                Ok::<_, StoreError>(ResultRow {
                    document: document(r, 0)?,
                    patient: r.get::<_, Option<String>>(4)?.map(Sensitive::new),
                    gold: r.get::<_, Option<String>>(5)?.map(Sensitive::new),
                    original: r.get::<_, Option<String>>(6)?.map(Sensitive::new),
                    extraction,
                    decisions,
                })
            })
            .map_err(StoreError::from)?;
        for row in rows {
            each(row?)?;
        }
        Ok(())
    }

    /// The names of the source's own columns in the grant's run, in the order in which they first come.
    ///
    /// # Errors
    /// When the store fails.
    pub fn original_columns(&self, by: &Grant<impl OpensResults>) -> Result<Vec<String>, StoreError> {
        let db = self.research()?;
        db.prepare(
            "SELECT k.key FROM batches b JOIN documents o ON o.dataset = b.dataset, json_each(o.original) k
             WHERE b.id = ?1 AND o.original IS NOT NULL GROUP BY k.key ORDER BY min(o.ordinal), min(k.id)",
        )?
        .query_and_then([batch_of(by)?.to_string()], |r| Ok(r.get(0)?))?
        .collect()
    }

    /// One page of the documents of the grant's run, with their results as far as there are any.
    ///
    /// # Errors
    /// When the store fails.
    pub fn result_page(&self, by: &Grant<impl OpensResults>, query: &ResultQuery) -> Result<ResultPage, StoreError> {
        let batch = batch_of(by)?.to_string();
        let db = self.research()?;
        let dataset: String = db
            .query_row("SELECT dataset FROM batches WHERE id = ?1", [&batch], |r| r.get(0))
            .optional()?
            .ok_or(StoreError::NotFound)?;
        let mut found = Vec::new();
        if let Some(documents) = &query.documents {
            let page = documents.iter().skip(usize::try_from(query.offset).unwrap_or(usize::MAX));
            for id in page.take(usize::try_from(query.limit).unwrap_or(0)) {
                found.push(Sql::from(id.to_string()));
            }
            let rows = summaries(&db, &batch, &dataset, "o.id", &found)?;
            return Ok(ResultPage { total: documents.len() as u64, rows });
        }
        // First the keys of the page out of indexes alone, then its rows: so that the hundred-thousandth row costs
        // no more than the first.
        let status = query.status.map(|s| crate::rows::as_word(&s)).transpose()?;
        let search = query.search.as_ref().filter(|s| !s.is_empty()).map(|s| format!("%{}%", like(s)));
        let by_result = status.is_some() || query.by_doubt;
        let (from, filter, order) = if by_result {
            let order = if query.by_doubt { "r.doubt DESC, r.rowid" } else { "r.rowid" };
            let joined = if search.is_some() { " JOIN documents o ON o.id = r.document" } else { "" };
            (format!("results r{joined}"), "r.batch = ?1 AND (?3 IS NULL OR r.status = ?3)", order)
        } else {
            ("documents o".to_owned(), "o.dataset = ?2 AND ?1 = ?1 AND ?3 IS NULL", "o.ordinal")
        };
        let searched = if search.is_some() {
            " AND (o.external_id LIKE ?4 ESCAPE '\\' OR o.patient LIKE ?4 ESCAPE '\\')"
        } else {
            " AND ?4 IS NULL"
        };
        let total = db.query_row(
            &format!("SELECT count(*) FROM {from} WHERE {filter}{searched}"),
            params![batch, dataset, status, search],
            |r| r.get(0),
        )?;
        let key = if by_result { "r.document" } else { "o.rowid" };
        let sql = format!("SELECT {key} FROM {from} WHERE {filter}{searched} ORDER BY {order} LIMIT ?5 OFFSET ?6");
        let mut statement = db.prepare_cached(&sql)?;
        let keys = statement
            .query_map(params![batch, dataset, status, search, query.limit, query.offset], |r| r.get::<_, Sql>(0))?;
        for key in keys {
            found.push(key?);
        }
        let rows = summaries(&db, &batch, &dataset, if by_result { "o.id" } else { "o.rowid" }, &found)?;
        Ok(ResultPage { total, rows })
    }

    /// A document of the grant's run with its result.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the document is not of the run's dataset.
    pub fn result_detail(
        &self,
        by: &Grant<impl OpensResults>,
        document_id: DocumentId,
    ) -> Result<ResultDetail, StoreError> {
        let batch = batch_of(by)?.to_string();
        let db = self.research()?;
        let sql = format!(
            "SELECT o.id, o.external_id, o.text, o.sha256, o.patient, o.gold, {RESULT}
             FROM batches b JOIN documents o ON o.dataset = b.dataset
             LEFT JOIN results r ON r.batch = b.id AND r.document = o.id WHERE b.id = ?1 AND o.id = ?2"
        );
        db.prepare(&sql)?
            .query_and_then(params![batch, document_id.to_string()], |r| {
                let extraction = r.get::<_, Option<String>>(6)?.map(|_| StoredExtraction::read(r, 6)).transpose()?;
                let decisions = extraction.as_ref().map(|x| decisions_of(&db, x.id)).transpose()?.unwrap_or_default();
                Ok(ResultDetail {
                    document: document(r, 0)?,
                    patient: r.get::<_, Option<String>>(4)?.map(Sensitive::new),
                    gold: r.get::<_, Option<String>>(5)?.map(Sensitive::new),
                    extraction,
                    decisions,
                })
            })?
            .next()
            .unwrap_or(Err(StoreError::NotFound))
    }

    /// A few documents spread over the grant's dataset, to try a schema on.
    ///
    /// # Errors
    /// When the store fails.
    pub fn sample_documents<P: Permission>(
        &self,
        by: &Grant<P>,
        count: u64,
    ) -> Result<(Vec<Document>, u64), StoreError> {
        let Target::Dataset(id) = by.target() else { return Err(StoreError::NotFound) };
        let db = self.research()?;
        let total: u64 =
            db.query_row("SELECT count(*) FROM documents WHERE dataset = ?1", [id.to_string()], |r| r.get(0))?;
        let count = count.min(total);
        let mut found = Vec::new();
        let mut statement = db.prepare(
            "SELECT id, external_id, text, sha256 FROM documents WHERE dataset = ?1 ORDER BY ordinal LIMIT 1 OFFSET ?2",
        )?;
        for i in 0..count {
            let at = i * total / count;
            for row in statement.query_and_then(params![id.to_string(), at], |r| document(r, 0))? {
                found.push(row?);
            }
        }
        Ok((found, total))
    }
}

fn summaries(
    db: &rusqlite::Connection,
    batch: &str,
    dataset: &str,
    key: &str,
    keys: &[Sql],
) -> Result<Vec<ResultSummary>, StoreError> {
    let sql = format!(
        "SELECT o.id, o.external_id, o.patient, r.status, coalesce(r.fields, 'null'), r.error, coalesce(r.doubt, 0),
         (SELECT count(DISTINCT path) FROM decisions WHERE result = r.id)
         FROM documents o LEFT JOIN results r ON r.batch = ?1 AND r.document = o.id
         WHERE {key} = ?2 AND o.dataset = ?3"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = Vec::with_capacity(keys.len());
    for key in keys {
        let found = statement.query_and_then(params![batch, key, dataset], |r| {
            Ok::<_, StoreError>(ResultSummary {
                document: parsed(r, 0)?,
                external_id: Sensitive::new(r.get(1)?),
                patient: r.get::<_, Option<String>>(2)?.map(Sensitive::new),
                status: r.get::<_, Option<String>>(3)?.map(|s| word(&s)).transpose()?,
                fields: json(r, 4)?,
                error: r.get(5)?,
                doubt: r.get(6)?,
                decided: r.get(7)?,
            })
        })?;
        for row in found {
            rows.push(row?);
        }
    }
    Ok(rows)
}

/// A text inside a LIKE pattern.
fn like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
