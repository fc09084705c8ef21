//! Transcripts as they stand after people's changes, and those that are only half made.

use crate::{
    StoreError, Stores,
    rows::{as_word, json, parsed},
};
use cloister_access::{EditTranscript, Grant, OpensEncounter, Permission, Target, TranscribeEncounter};
use cloister_domain::{EncounterId, EncounterState, Segment, Sha256Hex, Timestamp, Transcript, TranscriptEdit, UserId};
use rusqlite::{Connection, OptionalExtension, params};

/// One change to a transcript, with who made it and when.
#[derive(Debug, Clone)]
pub struct KeptEdit {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: UserId,
    /// What.
    pub edit: TranscriptEdit,
}

/// How long a half-made transcript waits to be gone on with: a week.
const PARTIAL_KEPT_MS: i64 = 7 * 24 * 3_600_000;

/// What a half-made transcript is of: the same source, model and language make the same text.
#[derive(Debug, Clone, Copy)]
pub struct PartialKey<'a> {
    /// SHA-256 of the source's bytes.
    pub source_sha256: &'a Sha256Hex,
    /// SHA-256 of the speech model.
    pub model_sha256: &'a Sha256Hex,
    /// As it was asked for: an ISO 639-1 code, or `auto`.
    pub language: &'a str,
}

impl Stores {
    /// The newest transcript of the visit that the grant opens, as it stands after all changes.
    ///
    /// # Errors
    /// When the store fails.
    pub fn transcript(&self, by: &Grant<impl OpensEncounter>) -> Result<Option<Transcript>, StoreError> {
        newest(&*self.visits()?, encounter_of(by)?)
    }

    /// The changes to the visit's newest transcript, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn transcript_history(&self, by: &Grant<impl OpensEncounter>) -> Result<Vec<KeptEdit>, StoreError> {
        let db = self.visits()?;
        match newest_body(&db, encounter_of(by)?)? {
            Some(transcript) => edits(&db, &transcript.id.to_string()),
            None => Ok(Vec::new()),
        }
    }

    /// Adds a change to the visit's newest transcript, and gives the transcript as it stands then.
    ///
    /// # Errors
    /// [`StoreError::Edit`] for a change that does not fit; [`StoreError::Signed`] once the visit is signed;
    /// [`StoreError::NotFound`] when there is no transcript; otherwise when the store fails.
    pub fn edit_transcript(
        &self,
        by: &Grant<EditTranscript>,
        edit: &TranscriptEdit,
        at: Timestamp,
    ) -> Result<Transcript, StoreError> {
        let encounter = encounter_of(by)?;
        let mut db = self.visits()?;
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let state: String =
            tx.query_row("SELECT state FROM encounters WHERE id = ?1", params![encounter.to_string()], |r| r.get(0))?;
        if state == as_word(&EncounterState::Signed)? {
            return Err(StoreError::Signed);
        }
        let before = newest(&tx, encounter)?.ok_or(StoreError::NotFound)?;
        let id = before.id.to_string();
        let after = before.edited(edit)?;
        tx.execute(
            "INSERT INTO transcript_edits (transcript, number, at_ms, by_user, edit)
             VALUES (?1, (SELECT count(*) FROM transcript_edits WHERE transcript = ?1), ?2, ?3, ?4)",
            params![id, at.as_millis(), by.user().to_string(), serde_json::to_string(edit)?],
        )?;
        // Its words are taken up anew by the next search.
        tx.execute("DELETE FROM searchable WHERE kind = 'transcript' AND source = ?1", params![id])?;
        tx.commit()?;
        Ok(after)
    }

    /// What was already heard of a source by this person's earlier, broken-off import: the moment up to which it is
    /// final, in seconds, and the segments before it. 0 and none when there was no such import. Those that nobody went on
    /// with for a week are forgotten.
    ///
    /// # Errors
    /// When the store fails.
    pub fn partial_transcript(
        &self,
        by: &Grant<TranscribeEncounter>,
        of: PartialKey<'_>,
        now: Timestamp,
    ) -> Result<(f64, Vec<Segment>), StoreError> {
        let db = self.visits()?;
        let key = of.text(by);
        let stale = now.as_millis() - PARTIAL_KEPT_MS;
        db.execute("DELETE FROM partial_transcripts WHERE changed_ms < ?1", params![stale])?;
        let done = db.query_row("SELECT done_s FROM partial_transcripts WHERE key = ?1", params![key], |r| r.get(0));
        let Some(done_s) = done.optional()? else { return Ok((0.0, Vec::new())) };
        let mut statement = db.prepare("SELECT body FROM partial_segments WHERE key = ?1 ORDER BY number")?;
        let segments: Result<_, StoreError> = statement.query_and_then(params![key], |r| json(r, 0))?.collect();
        Ok((done_s, segments?))
    }

    /// Keeps more of a transcript under way: everything before `done_s` seconds is final with these segments.
    ///
    /// # Errors
    /// When the store fails.
    pub fn keep_partial_transcript(
        &self,
        by: &Grant<TranscribeEncounter>,
        of: PartialKey<'_>,
        done_s: f64,
        more: &[Segment],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let key = of.text(by);
        let mut db = self.visits()?;
        let tx = db.transaction()?;
        tx.execute(
            "INSERT INTO partial_transcripts (key, done_s, changed_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET done_s = ?2, changed_ms = ?3",
            params![key, done_s, at.as_millis()],
        )?;
        for segment in more {
            tx.execute(
                "INSERT INTO partial_segments (key, number, body)
                 VALUES (?1, (SELECT count(*) FROM partial_segments WHERE key = ?1), ?2)",
                params![key, serde_json::to_string(segment)?],
            )?;
        }
        Ok(tx.commit()?)
    }

    /// Forgets a half-made transcript: it is whole now, or nobody wants it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn drop_partial_transcript(
        &self,
        by: &Grant<TranscribeEncounter>,
        of: PartialKey<'_>,
    ) -> Result<(), StoreError> {
        self.visits()?.execute("DELETE FROM partial_transcripts WHERE key = ?1", params![of.text(by)])?;
        Ok(())
    }
}

impl PartialKey<'_> {
    fn text(&self, by: &Grant<TranscribeEncounter>) -> String {
        format!("{} {} {} {}", by.user(), self.source_sha256, self.model_sha256, self.language)
    }
}

fn newest_body(db: &Connection, encounter: EncounterId) -> Result<Option<Transcript>, StoreError> {
    let mut statement =
        db.prepare("SELECT body FROM transcripts WHERE encounter = ?1 ORDER BY created_ms DESC, id DESC LIMIT 1")?;
    statement.query_and_then(params![encounter.to_string()], |r| json(r, 0))?.next().transpose()
}

pub(crate) fn newest(db: &Connection, encounter: EncounterId) -> Result<Option<Transcript>, StoreError> {
    let Some(transcript) = newest_body(db, encounter)? else { return Ok(None) };
    let changes = edits(db, &transcript.id.to_string())?;
    Ok(Some(changes.iter().try_fold(transcript, |t, change| t.edited(&change.edit))?))
}

fn edits(db: &Connection, transcript: &str) -> Result<Vec<KeptEdit>, StoreError> {
    let mut statement =
        db.prepare("SELECT at_ms, by_user, edit FROM transcript_edits WHERE transcript = ?1 ORDER BY number")?;
    let read = |r: &rusqlite::Row<'_>| -> Result<KeptEdit, StoreError> {
        Ok(KeptEdit { at: Timestamp::from_millis(r.get(0)?), by: parsed(r, 1)?, edit: json(r, 2)? })
    };
    statement.query_and_then(params![transcript], read)?.collect()
}

fn encounter_of<P: Permission>(by: &Grant<P>) -> Result<EncounterId, StoreError> {
    match by.target() {
        Target::Encounter(id) => Ok(id),
        _ => Err(StoreError::NotFound),
    }
}
