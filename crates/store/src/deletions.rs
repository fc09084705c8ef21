//! Erasing for good, with a receipt.

use crate::{StoreError, Stores, encounters::encounter_of, rows::as_word};
use cloister_access::{DeleteDataset, DeleteEncounter, Grant, ReadReceipts, Target};
use cloister_domain::{EncounterState, Pseudonym, RecordingId, Role, Sha256Hex, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, io};

/// What was erased: ids, counts and digests, never content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Version of this format: 1.
    pub receipt: u32,
    /// `visit`, `audio`, `dataset`, `run` or `patient`.
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
    ("emergency_accesses", "encounter = ?1"),
    ("searchable", "encounter = ?1"),
    ("encounters", "id = ?1"),
];

/// The same of a visit's sound.
const OF_AUDIO: &[(&str, &str)] = &[
    ("recordings", "encounter = ?1"),
    ("recording_segments", "recording IN (SELECT id FROM recordings WHERE encounter = ?1)"),
];

/// The same of a report.
const OF_DOCUMENT: &[(&str, &str)] = &[
    ("documents", "id = ?1"),
    ("results", "document = ?1"),
    ("decisions", "result IN (SELECT id FROM results WHERE document = ?1)"),
];

/// The same of a run.
const OF_RUN: &[(&str, &str)] = &[
    ("batches", "id = ?1"),
    ("results", "batch = ?1"),
    ("decisions", "result IN (SELECT id FROM results WHERE batch = ?1)"),
];

/// The same of a dataset.
const OF_DATASET: &[(&str, &str)] = &[
    ("documents", "dataset = ?1"),
    ("batches", "dataset = ?1"),
    ("results", "document IN (SELECT id FROM documents WHERE dataset = ?1)"),
    ("decisions", "result IN (SELECT r.id FROM results r JOIN documents d ON d.id = r.document WHERE d.dataset = ?1)"),
    ("dataset_grants", "dataset = ?1"),
    ("document_numbers", "document IN (SELECT id FROM documents WHERE dataset = ?1)"),
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
        let receipt = erase_visit(&Erasure { tx: &tx, by: by.user(), now }, &id, unlink)?;
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
        let mut db = self.research()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let receipt = erase_dataset(&Erasure { tx: &tx, by: by.user(), now }, &id.to_string())?;
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

/// An erasure under way: in which transaction, by whom, when.
pub(crate) struct Erasure<'a> {
    pub(crate) tx: &'a Transaction<'a>,
    pub(crate) by: UserId,
    pub(crate) now: Timestamp,
}

impl Erasure<'_> {
    fn receipt(&self, kind: &str, id: &str, rows: BTreeMap<String, u64>) -> Receipt {
        Receipt::new(kind, id, self.by, self.now, rows)
    }
}

/// A visit with everything that belongs to it. The files go before the transaction is committed.
pub(crate) fn erase_visit(
    erasure: &Erasure<'_>,
    id: &str,
    unlink: impl FnOnce(&[RecordingId]) -> io::Result<FilesGone>,
) -> Result<Receipt, StoreError> {
    let tx = erasure.tx;
    refuse_held(tx, id)?;
    let mut receipt = erasure.receipt("visit", id, counted(tx, OF_VISIT, id)?);
    receipt.keys_destroyed = audio_keys(tx, id)?;
    let recordings = recordings_of(tx, id)?;
    // Half-made transcripts of the same sources: kept for going on after a crash.
    let partial = tx.execute(
        "DELETE FROM partial_transcripts WHERE EXISTS (SELECT 1 FROM transcripts t WHERE t.encounter = ?1
         AND instr(partial_transcripts.key, t.source_sha256) > 0)",
        [id],
    )?;
    if partial > 0 {
        receipt.rows.insert("partial_transcripts".to_owned(), partial as u64);
    }
    tx.execute("DELETE FROM encounters WHERE id = ?1", [id])?;
    unlinked(&mut receipt, &recordings, unlink)?;
    Ok(receipt)
}

/// The sound of a visit. What was written of it stays.
pub(crate) fn erase_audio(
    erasure: &Erasure<'_>,
    id: &str,
    unlink: impl FnOnce(&[RecordingId]) -> io::Result<FilesGone>,
) -> Result<Receipt, StoreError> {
    let tx = erasure.tx;
    refuse_held(tx, id)?;
    // One visit can lose its sound more than once: each receipt has a subject of its own.
    let subject = format!("{id}/audio/{}", erasure.now.as_millis());
    let mut receipt = erasure.receipt("audio", &subject, counted(tx, OF_AUDIO, id)?);
    receipt.keys_destroyed = audio_keys(tx, id)?;
    let recordings = recordings_of(tx, id)?;
    // Its moments cannot be heard any more.
    tx.execute("UPDATE transcripts SET recorded = 0 WHERE encounter = ?1", [id])?;
    tx.execute("DELETE FROM recordings WHERE encounter = ?1", [id])?;
    unlinked(&mut receipt, &recordings, unlink)?;
    Ok(receipt)
}

/// A dataset with its reports, runs, results and decisions.
pub(crate) fn erase_dataset(erasure: &Erasure<'_>, id: &str) -> Result<Receipt, StoreError> {
    refuse_held(erasure.tx, id)?;
    let receipt = erasure.receipt("dataset", id, counted(erasure.tx, OF_DATASET, id)?);
    match erasure.tx.execute("DELETE FROM datasets WHERE id = ?1", [id])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(receipt),
    }
}

/// A run with its results and decisions.
pub(crate) fn erase_run(erasure: &Erasure<'_>, id: &str) -> Result<Receipt, StoreError> {
    let receipt = erasure.receipt("run", id, counted(erasure.tx, OF_RUN, id)?);
    match erasure.tx.execute("DELETE FROM batches WHERE id = ?1", [id])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(receipt),
    }
}

/// Reports of one patient, wherever they are, with their results and decisions.
pub(crate) fn erase_documents(
    erasure: &Erasure<'_>,
    patient: Pseudonym,
    documents: &[&str],
) -> Result<Receipt, StoreError> {
    let mut rows = BTreeMap::new();
    for id in documents {
        for (table, count) in counted(erasure.tx, OF_DOCUMENT, id)? {
            *rows.entry(table).or_default() += count;
        }
        erasure.tx.execute("DELETE FROM documents WHERE id = ?1", [id])?;
    }
    let subject = format!("patient/{patient}/{}", erasure.now.as_millis());
    Ok(erasure.receipt("patient", &subject, rows))
}

fn audio_keys(tx: &Transaction<'_>, visit: &str) -> Result<Vec<Sha256Hex>, StoreError> {
    digests(
        tx,
        "SELECT sealed_key FROM recording_segments s JOIN recordings r ON r.id = s.recording WHERE r.encounter = ?1
         UNION ALL SELECT journal_key FROM recordings WHERE encounter = ?1",
        visit,
    )
}

fn recordings_of(tx: &Transaction<'_>, visit: &str) -> Result<Vec<RecordingId>, StoreError> {
    tx.prepare("SELECT id FROM recordings WHERE encounter = ?1")?
        .query_and_then([visit], |r| crate::rows::parsed(r, 0))?
        .collect()
}

fn unlinked(
    receipt: &mut Receipt,
    recordings: &[RecordingId],
    unlink: impl FnOnce(&[RecordingId]) -> io::Result<FilesGone>,
) -> Result<(), StoreError> {
    let gone = unlink(recordings).map_err(|e| match e.kind() {
        io::ErrorKind::WouldBlock => StoreError::UnderWay,
        other => StoreError::File(other),
    })?;
    (receipt.files, receipt.bytes) = (gone.files, gone.bytes);
    Ok(())
}

fn refuse_held(db: &Connection, id: &str) -> Result<(), StoreError> {
    if is_held(db, id)? { Err(StoreError::Held) } else { Ok(()) }
}

pub(crate) fn is_held(db: &Connection, id: &str) -> Result<bool, StoreError> {
    Ok(db.query_row("SELECT 1 FROM holds WHERE subject = ?1", [id], |_| Ok(())).optional()?.is_some())
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

pub(crate) fn keep(tx: &Transaction<'_>, receipt: &Receipt, now: Timestamp) -> Result<KeptReceipt, StoreError> {
    let body = serde_json::to_string(receipt)?;
    let sha256 = digest(body.as_bytes());
    tx.execute(
        "INSERT INTO receipts (subject, at_ms, sha256, body) VALUES (?1, ?2, ?3, ?4)",
        params![receipt.erased, now.as_millis(), sha256.as_str(), body],
    )?;
    Ok(KeptReceipt { body, sha256 })
}

/// Waits for readers in other processes as long as the busy time-out says. What was erased stays erased when it fails.
pub(crate) fn empty_journal(db: &Connection) -> bool {
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get::<_, i64>(0)).is_ok_and(|busy| busy == 0)
}
