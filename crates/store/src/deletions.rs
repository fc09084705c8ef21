//! Erasing for good, with a receipt.

use crate::{StoreError, Stores, encounters::encounter_of, rows::as_word};
use cloister_access::{DeleteDataset, DeleteEncounter, Grant, ReadReceipts, Target};
use cloister_domain::{EncounterState, RecordingId, Role, Sha256Hex, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, io};

/// What was erased: ids, counts and digests, never content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Version of this format: 1.
    pub receipt: u32,
    /// `visit` or `dataset`.
    pub kind: String,
    /// Its id.
    pub erased: String,
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub by: UserId,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Files unlinked.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// SHA-256 of each wrapped key that was destroyed. Without it the file that it opened is noise.
    pub keys_destroyed: Vec<Sha256Hex>,
    /// Where copies may be that this deletion did not reach.
    pub not_reached: Vec<String>,
}

/// A receipt as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReceipt {
    /// The bytes that the digest is over: JSON.
    pub body: String,
    /// SHA-256 of `body`.
    pub sha256: Sha256Hex,
}

/// What a deletion gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// What was erased.
    pub receipt: Receipt,
    /// The receipt as it is kept.
    pub kept: KeptReceipt,
    /// Whether SQLite's own journal was emptied, too. A long reader in another process prevents it; its old pages are
    /// encrypted and go with the next checkpoint.
    pub journal_emptied: bool,
}

/// Files that are gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FilesGone {
    /// How many.
    pub files: u64,
    /// Their length together.
    pub bytes: u64,
}

/// Tables with something about a visit, and how its rows in them are found.
const OF_VISIT: &[(&str, &str)] = &[
    ("transcripts", "encounter = ?1"),
    ("transcript_edits", "transcript IN (SELECT id FROM transcripts WHERE encounter = ?1)"),
    ("extractions", "encounter = ?1"),
    ("finding_decisions", "extraction IN (SELECT id FROM extractions WHERE encounter = ?1)"),
    ("note_drafts", "encounter = ?1"),
    ("signed_notes", "encounter = ?1"),
    ("recordings", "encounter = ?1"),
    ("recording_segments", "recording IN (SELECT id FROM recordings WHERE encounter = ?1)"),
    ("encounter_shares", "encounter = ?1"),
    ("encounters", "id = ?1"),
];

/// The same of a dataset.
const OF_DATASET: &[(&str, &str)] = &[
    ("documents", "dataset = ?1"),
    ("batches", "dataset = ?1"),
    ("results", "document IN (SELECT id FROM documents WHERE dataset = ?1)"),
    ("decisions", "result IN (SELECT r.id FROM results r JOIN documents d ON d.id = r.document WHERE d.dataset = ?1)"),
    ("dataset_grants", "dataset = ?1"),
    ("datasets", "id = ?1"),
];

const NOT_REACHED: [&str; 3] = [
    "backups made before, until they expire",
    "files that were exported",
    "what flash memory keeps of overwritten blocks; readable only to a holder of the role key until it is rotated",
];

impl Stores {
    /// Erases the grant's visit. `unlink` takes the files of its recordings away; when it fails nothing is erased from
    /// the store, so a receipt never says more than was done. A signed visit is erased by an administrator only.
    ///
    /// # Errors
    /// [`StoreError::Held`], [`StoreError::Signed`], [`StoreError::UnderWay`] (when `unlink` says `WouldBlock`),
    /// [`StoreError::File`], [`StoreError::NotFound`]; otherwise when the store fails.
    pub fn delete_encounter(
        &self,
        by: &Grant<DeleteEncounter>,
        now: Timestamp,
        unlink: impl FnOnce(&[RecordingId]) -> io::Result<FilesGone>,
    ) -> Result<Erased, StoreError> {
        let id = encounter_of(by)?.to_string();
        let mut db = self.visits()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let state: String = tx.query_row("SELECT state FROM encounters WHERE id = ?1", [&id], |r| r.get(0))?;
        if state == as_word(&EncounterState::Signed)? && by.role() != Role::Administrator {
            return Err(StoreError::Signed);
        }
        refuse_held(&tx, &id)?;
        let mut receipt = Receipt::new("visit", &id, by.user(), now, counted(&tx, OF_VISIT, &id)?);
        receipt.keys_destroyed = digests(
            &tx,
            "SELECT sealed_key FROM recording_segments s JOIN recordings r ON r.id = s.recording WHERE r.encounter = ?1
             UNION ALL SELECT journal_key FROM recordings WHERE encounter = ?1",
            &id,
        )?;
        let recordings: Vec<RecordingId> = tx
            .prepare("SELECT id FROM recordings WHERE encounter = ?1")?
            .query_and_then([&id], |r| crate::rows::parsed(r, 0))?
            .collect::<Result<_, StoreError>>()?;
        // Half-made transcripts of the same sources: kept for going on after a crash.
        let partial = tx.execute(
            "DELETE FROM partial_transcripts WHERE EXISTS (SELECT 1 FROM transcripts t WHERE t.encounter = ?1
             AND instr(partial_transcripts.key, t.source_sha256) > 0)",
            [&id],
        )?;
        if partial > 0 {
            receipt.rows.insert("partial_transcripts".to_owned(), partial as u64);
        }
        tx.execute("DELETE FROM encounters WHERE id = ?1", [&id])?;
        let gone = unlink(&recordings).map_err(|e| match e.kind() {
            io::ErrorKind::WouldBlock => StoreError::UnderWay,
            other => StoreError::File(other),
        })?;
        (receipt.files, receipt.bytes) = (gone.files, gone.bytes);
        let kept = keep(&tx, &receipt, now)?;
        tx.commit()?;
        Ok(Erased { receipt, kept, journal_emptied: empty_journal(&db) })
    }

    /// Erases the grant's dataset with its documents, runs, results and decisions.
    ///
    /// # Errors
    /// [`StoreError::Held`]; [`StoreError::NotFound`] when there is none.
    pub fn delete_dataset(&self, by: &Grant<DeleteDataset>, now: Timestamp) -> Result<Erased, StoreError> {
        let Target::Dataset(id) = by.target() else { return Err(StoreError::NotFound) };
        let id = id.to_string();
        let mut db = self.research()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        refuse_held(&tx, &id)?;
        let receipt = Receipt::new("dataset", &id, by.user(), now, counted(&tx, OF_DATASET, &id)?);
        if tx.execute("DELETE FROM datasets WHERE id = ?1", [&id])? == 0 {
            return Err(StoreError::NotFound);
        }
        let kept = keep(&tx, &receipt, now)?;
        tx.commit()?;
        Ok(Erased { receipt, kept, journal_emptied: empty_journal(&db) })
    }

    /// Every receipt, oldest first.
    ///
    /// # Errors
    /// When a store fails.
    pub fn receipts(&self, _by: &Grant<ReadReceipts>) -> Result<Vec<KeptReceipt>, StoreError> {
        let mut all: Vec<(i64, KeptReceipt)> = Vec::new();
        for db in [self.visits()?, self.research()?] {
            let mut statement = db.prepare("SELECT at_ms, body, sha256 FROM receipts")?;
            let read = |r: &rusqlite::Row<'_>| -> Result<_, StoreError> {
                Ok((r.get(0)?, KeptReceipt { body: r.get(1)?, sha256: crate::rows::parsed(r, 2)? }))
            };
            for row in statement.query_and_then([], read)? {
                all.push(row?);
            }
        }
        all.sort_by_key(|(at, _)| *at);
        Ok(all.into_iter().map(|(_, kept)| kept).collect())
    }
}

impl Receipt {
    fn new(kind: &str, id: &str, by: UserId, now: Timestamp, rows: BTreeMap<String, u64>) -> Self {
        Self {
            receipt: 1,
            kind: kind.to_owned(),
            erased: id.to_owned(),
            at: now.to_string(),
            by,
            rows,
            files: 0,
            bytes: 0,
            keys_destroyed: Vec::new(),
            not_reached: NOT_REACHED.map(str::to_owned).to_vec(),
        }
    }
}

fn refuse_held(tx: &Transaction<'_>, id: &str) -> Result<(), StoreError> {
    let held = tx.query_row("SELECT 1 FROM holds WHERE subject = ?1", [id], |_| Ok(())).optional()?;
    held.map_or(Ok(()), |()| Err(StoreError::Held))
}

/// Rows of each table that has any.
fn counted(tx: &Transaction<'_>, tables: &[(&str, &str)], id: &str) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut rows = BTreeMap::new();
    for (table, which) in tables {
        let count = tx.query_row(&format!("SELECT count(*) FROM {table} WHERE {which}"), [id], |r| r.get(0))?;
        if count > 0 {
            rows.insert((*table).to_owned(), count);
        }
    }
    Ok(rows)
}

fn digests(tx: &Transaction<'_>, sql: &str, id: &str) -> Result<Vec<Sha256Hex>, StoreError> {
    let mut statement = tx.prepare(sql)?;
    let found = statement.query_and_then([id], |r| Ok(digest(&r.get::<_, Vec<u8>>(0)?)))?;
    found.collect()
}

fn digest(bytes: &[u8]) -> Sha256Hex {
    Sha256Hex::from_bytes(&Sha256::digest(bytes).into())
}

fn keep(tx: &Transaction<'_>, receipt: &Receipt, now: Timestamp) -> Result<KeptReceipt, StoreError> {
    let body = serde_json::to_string(receipt)?;
    let sha256 = digest(body.as_bytes());
    tx.execute(
        "INSERT INTO receipts (subject, at_ms, sha256, body) VALUES (?1, ?2, ?3, ?4)",
        params![receipt.erased, now.as_millis(), sha256.as_str(), body],
    )?;
    Ok(KeptReceipt { body, sha256 })
}

/// Waits for readers in other processes as long as the busy time-out says. What was erased stays erased when it fails.
fn empty_journal(db: &Connection) -> bool {
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get::<_, i64>(0)).is_ok_and(|busy| busy == 0)
}
