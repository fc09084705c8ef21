//! Where the log ended when somebody was last signed in, and the checkpoints that were made. Kept under a key that
//! whoever rolls the log back does not have.
//!
//! These methods take no grant: they hold nothing of anybody, and are asked at sign-in, before there can be one.

use crate::{StoreError, Stores};
use cloister_domain::{Sha256Hex, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

/// A line that the log must still hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEnd {
    /// Its number.
    pub seq: u64,
    /// Its digest.
    pub hash: Sha256Hex,
    /// The signed head, as `head.json` had it; empty for an end that was only seen.
    pub head: String,
}

/// Beyond this many, the oldest checkpoints are forgotten: the newest say what the older ones said.
const KEPT: u32 = 200;

impl Stores {
    /// The newest end that was seen. Once the log contradicted one, that one stays, as evidence.
    ///
    /// # Errors
    /// When the store fails.
    pub fn last_seen_end(&self) -> Result<Option<LogEnd>, StoreError> {
        last_seen(&*self.library()?)
    }

    /// Remembers the end of a log that still holds the one remembered before.
    ///
    /// # Errors
    /// When the store fails.
    pub fn note_end(&self, end: &LogEnd, now: Timestamp) -> Result<(), StoreError> {
        let mut db = self.library()?;
        let tx = db.transaction()?;
        tx.execute("DELETE FROM log_ends WHERE kind = 'seen' AND seq < ?1", [end.seq])?;
        insert(&tx, "seen", end, now)?;
        Ok(tx.commit()?)
    }

    /// Keeps an end that the log does not hold any more, whatever comes after.
    ///
    /// # Errors
    /// When the store fails.
    pub fn keep_contradicted(&self, end: &LogEnd, now: Timestamp) -> Result<(), StoreError> {
        let db = self.library()?;
        insert(&db, "contradicted", end, now)
    }

    /// Remembers a checkpoint that was made.
    ///
    /// # Errors
    /// When the store fails.
    pub fn note_checkpoint(&self, end: &LogEnd, now: Timestamp) -> Result<(), StoreError> {
        let db = self.library()?;
        insert(&db, "checkpoint", end, now)?;
        let sql = "DELETE FROM log_ends WHERE kind = 'checkpoint' AND seq NOT IN (SELECT seq FROM log_ends WHERE kind = \
                   'checkpoint' ORDER BY seq DESC LIMIT ?1)";
        db.execute(sql, [KEPT])?;
        Ok(())
    }

    /// The checkpoints remembered, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn checkpoints(&self) -> Result<Vec<LogEnd>, StoreError> {
        let db = self.library()?;
        let mut statement =
            db.prepare("SELECT seq, hash, head FROM log_ends WHERE kind = 'checkpoint' ORDER BY seq DESC")?;
        let found = statement.query_map([], end)?.collect::<Result<_, _>>()?;
        Ok(found)
    }
}

pub(crate) fn last_seen(db: &rusqlite::Connection) -> Result<Option<LogEnd>, StoreError> {
    let sql = "SELECT seq, hash, head FROM log_ends WHERE kind IN ('contradicted', 'seen') ORDER BY kind, seq DESC \
               LIMIT 1";
    Ok(db.query_row(sql, [], end).optional()?)
}

fn insert(db: &rusqlite::Connection, kind: &str, end: &LogEnd, now: Timestamp) -> Result<(), StoreError> {
    db.execute(
        "INSERT OR IGNORE INTO log_ends (kind, seq, hash, head, noted_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![kind, end.seq, end.hash.as_str(), end.head, now.as_millis()],
    )?;
    Ok(())
}

fn end(row: &Row<'_>) -> rusqlite::Result<LogEnd> {
    let hash: String = row.get(1)?;
    let hash = hash.parse().map_err(|_| rusqlite::Error::InvalidQuery)?;
    Ok(LogEnd { seq: row.get(0)?, hash, head: row.get(2)? })
}
