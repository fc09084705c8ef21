//! What people decide about findings. Nothing is written over: a change of mind is a later decision.

use crate::{
    StoreError, Stores,
    batches::batch_of,
    rows::{as_word, json, parsed, word},
};
use cloister_access::{Grant, ReviewResults};
use cloister_domain::{DocumentId, ExtractionId, Sensitive, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is right.
    Accept,
    /// It is wrong and goes.
    Reject,
    /// It is this instead.
    Edit,
    /// The decision before is taken back.
    Undo,
}

/// A decision to keep.
#[derive(Debug)]
pub struct NewDecision<'a> {
    /// The document.
    pub document: DocumentId,
    /// JSON Pointer of the finding.
    pub path: &'a str,
    /// What.
    pub verdict: Verdict,
    /// The value that it is about.
    pub before: &'a Sensitive<Value>,
    /// The value from now on; null for one that goes.
    pub after: &'a Sensitive<Value>,
    /// Now.
    pub decided: Timestamp,
}

/// A decision as it is kept.
#[derive(Debug, Clone)]
pub struct Decision {
    /// JSON Pointer of the finding.
    pub path: String,
    /// Who.
    pub reviewer: UserId,
    /// When.
    pub decided: Timestamp,
    /// What.
    pub verdict: Verdict,
    /// The value before.
    pub before: Sensitive<Value>,
    /// The value after.
    pub after: Sensitive<Value>,
}

impl Stores {
    /// Keeps a decision about a finding of the grant's run.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the document has no result in this run.
    pub fn keep_decision(&self, by: &Grant<ReviewResults>, new: &NewDecision<'_>) -> Result<(), StoreError> {
        let db = self.research()?;
        let result: Option<String> = db
            .query_row(
                "SELECT id FROM results WHERE batch = ?1 AND document = ?2",
                params![batch_of(by)?.to_string(), new.document.to_string()],
                |r| r.get(0),
            )
            .optional()?;
        db.prepare_cached(
            "INSERT INTO decisions (result, path, reviewer, decided_ms, verdict, before, after)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            result.ok_or(StoreError::NotFound)?,
            new.path,
            by.user().to_string(),
            new.decided.as_millis(),
            as_word(&new.verdict)?,
            serde_json::to_string(new.before)?,
            serde_json::to_string(new.after)?
        ])?;
        Ok(())
    }
}

/// Every decision about a result, oldest first.
pub(crate) fn decisions_of(db: &Connection, result: ExtractionId) -> Result<Vec<Decision>, StoreError> {
    db.prepare_cached(
        "SELECT path, reviewer, decided_ms, verdict, before, after FROM decisions WHERE result = ?1 ORDER BY id",
    )?
    .query_and_then([result.to_string()], |r| {
        Ok(Decision {
            path: r.get(0)?,
            reviewer: parsed(r, 1)?,
            decided: Timestamp::from_millis(r.get(2)?),
            verdict: word(&r.get::<_, String>(3)?)?,
            before: json(r, 4)?,
            after: json(r, 5)?,
        })
    })?
    .collect()
}
