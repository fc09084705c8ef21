//! Recordings: which segments there are, what opens them, and where each ends. The sound itself lies in files.

use crate::{
    StoreError, Stores,
    encounters::encounter_of,
    rows::{as_word, json, parsed, word},
};
use cloister_access::{Grant, ListDevices, OpensAudio, RecordEncounter, RecoverRecordings};
use cloister_domain::{EncounterId, EncounterState, RecordingId, Timestamp};
use cloister_vault::{JournalKey, SealedKey, SegmentSeal};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

/// How far a recording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordingState {
    /// Begun; its journal says more.
    Open,
    /// Ended in order.
    Ended,
    /// Ended by a crash or a power cut, and taken in afterwards.
    Recovered,
}

/// A segment as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSegment {
    /// Its number in the recording, from 1.
    pub number: u32,
    /// Its key, sealed to K_visits.
    pub sealed: SealedKey,
    /// When it began.
    pub began: Timestamp,
    /// Where it ends: a file that ends elsewhere was changed.
    pub seal: SegmentSeal,
    /// Samples in it.
    pub samples: u64,
}

/// A recording as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecording {
    /// Its id.
    pub id: RecordingId,
    /// When it began.
    pub created: Timestamp,
    /// How far it is.
    pub state: RecordingState,
    /// Marked moments, in milliseconds of audio from its start.
    pub marks_ms: Vec<u64>,
    /// In order.
    pub segments: Vec<StoredSegment>,
}

impl Stores {
    /// Notes that a recording of the grant's visit is about to begin.
    ///
    /// # Errors
    /// When the store fails.
    pub fn begin_recording(
        &self,
        by: &Grant<RecordEncounter>,
        id: RecordingId,
        journal: &JournalKey,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut db = self.visits()?;
        let tx = db.transaction()?;
        let encounter = encounter_of(by)?.to_string();
        journal.with_bytes(|key| {
            tx.execute(
                "INSERT INTO recordings (id, encounter, created_ms, by_user, journal_key, state, marks)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, '[]')",
                params![
                    id.to_string(),
                    encounter,
                    now.as_millis(),
                    by.user().to_string(),
                    key.as_slice(),
                    as_word(&RecordingState::Open)?
                ],
            )
            .map_err(StoreError::from)
        })?;
        Ok(tx.commit()?)
    }

    /// Takes back a recording that could not begin.
    ///
    /// # Errors
    /// When the store fails.
    pub fn forget_recording(&self, _by: &Grant<RecordEncounter>, id: RecordingId) -> Result<(), StoreError> {
        self.visits()?.execute(
            "DELETE FROM recordings WHERE id = ?1
             AND NOT EXISTS (SELECT 1 FROM recording_segments WHERE recording = ?1)",
            params![id.to_string()],
        )?;
        Ok(())
    }

    /// What authenticates a recording's journal.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such recording.
    pub fn journal_key(&self, _by: &Grant<RecoverRecordings>, id: RecordingId) -> Result<JournalKey, StoreError> {
        let db = self.visits()?;
        let key: Vec<u8> =
            db.query_row("SELECT journal_key FROM recordings WHERE id = ?1", params![id.to_string()], |r| r.get(0))?;
        JournalKey::from_bytes(&key).map_err(|_| StoreError::Unreadable("journal key"))
    }

    /// Keeps what a recording's journal told: its segments, marks and end. The visit counts as recorded then. Telling
    /// the same again changes nothing. Returns the visit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such recording.
    pub fn keep_recording(
        &self,
        _by: &Grant<RecoverRecordings>,
        id: RecordingId,
        state: RecordingState,
        marks_ms: &[u64],
        segments: &[StoredSegment],
    ) -> Result<EncounterId, StoreError> {
        let mut db = self.visits()?;
        let tx = db.transaction()?;
        let name = id.to_string();
        let encounter: EncounterId =
            tx.query_row("SELECT encounter FROM recordings WHERE id = ?1", params![name], |r| Ok(parsed(r, 0)))??;
        tx.execute(
            "UPDATE recordings SET state = ?2, marks = ?3 WHERE id = ?1",
            params![name, as_word(&state)?, serde_json::to_string(marks_ms)?],
        )?;
        for segment in segments {
            tx.execute(
                "INSERT OR IGNORE INTO recording_segments
                 (recording, number, sealed_key, began_ms, frames, last_tag, end, samples)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    name,
                    segment.number,
                    segment.sealed.as_bytes().as_slice(),
                    segment.began.as_millis(),
                    segment.seal.frames,
                    segment.seal.last_tag.as_slice(),
                    as_word(&segment.seal.end)?,
                    segment.samples
                ],
            )?;
        }
        if segments.iter().any(|s| s.samples > 0) {
            tx.execute(
                "UPDATE encounters SET state = ?2 WHERE id = ?1 AND state = ?3",
                params![encounter.to_string(), as_word(&EncounterState::Recorded)?, as_word(&EncounterState::Open)?],
            )?;
        }
        tx.commit()?;
        Ok(encounter)
    }

    /// The recordings of the grant's visit, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn recordings(&self, by: &Grant<impl OpensAudio>) -> Result<Vec<StoredRecording>, StoreError> {
        let db = self.visits()?;
        let mut statement = db.prepare(
            "SELECT id, created_ms, state, marks FROM recordings WHERE encounter = ?1 ORDER BY created_ms, id",
        )?;
        statement.query_and_then(params![encounter_of(by)?.to_string()], |r| recording(&db, r))?.collect()
    }

    /// The microphone that this person used last.
    ///
    /// # Errors
    /// When the store fails.
    pub fn microphone(&self, by: &Grant<ListDevices>) -> Result<Option<String>, StoreError> {
        microphone_of(&*self.visits()?, &by.user().to_string())
    }

    /// The microphone to record with when none is named.
    ///
    /// # Errors
    /// When the store fails.
    pub fn microphone_to_record(&self, by: &Grant<RecordEncounter>) -> Result<Option<String>, StoreError> {
        microphone_of(&*self.visits()?, &by.user().to_string())
    }

    /// Remembers the microphone that was chosen.
    ///
    /// # Errors
    /// When the store fails.
    pub fn keep_microphone(&self, by: &Grant<RecordEncounter>, device: &str) -> Result<(), StoreError> {
        self.visits()?.execute(
            "INSERT INTO microphones (user, device) VALUES (?1, ?2)
             ON CONFLICT (user) DO UPDATE SET device = excluded.device",
            params![by.user().to_string(), device],
        )?;
        Ok(())
    }
}

fn microphone_of(db: &Connection, user: &str) -> Result<Option<String>, StoreError> {
    Ok(db.query_row("SELECT device FROM microphones WHERE user = ?1", params![user], |r| r.get(0)).optional()?)
}

fn recording(db: &Connection, row: &Row<'_>) -> Result<StoredRecording, StoreError> {
    let id: RecordingId = parsed(row, 0)?;
    let mut statement = db.prepare(
        "SELECT number, sealed_key, began_ms, frames, last_tag, end, samples FROM recording_segments
         WHERE recording = ?1 ORDER BY number",
    )?;
    let segments = statement.query_and_then(params![id.to_string()], segment)?.collect::<Result<_, _>>()?;
    Ok(StoredRecording {
        id,
        created: Timestamp::from_millis(row.get(1)?),
        state: word(&row.get::<_, String>(2)?)?,
        marks_ms: json(row, 3)?,
        segments,
    })
}

fn segment(row: &Row<'_>) -> Result<StoredSegment, StoreError> {
    let unreadable = |_| StoreError::Unreadable("segment");
    Ok(StoredSegment {
        number: row.get(0)?,
        sealed: SealedKey::from_bytes(&row.get::<_, Vec<u8>>(1)?).map_err(|_| StoreError::Unreadable("sealed key"))?,
        began: Timestamp::from_millis(row.get(2)?),
        seal: SegmentSeal {
            frames: row.get(3)?,
            last_tag: row.get::<_, Vec<u8>>(4)?.try_into().map_err(unreadable)?,
            end: word(&row.get::<_, String>(5)?)?,
        },
        samples: row.get(6)?,
    })
}
