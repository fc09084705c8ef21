//! Visits, transcripts, and extractions from them.

use crate::{
    StoreError, StoredExtraction, Stores,
    emergencies::{HOLDS, Now},
    rows::{as_word, parsed, word},
};
use cloister_access::{
    ExtractEncounter, Grant, ListEncounters, OpensEncounter, Permission, Target, TranscribeEncounter, WriteEncounter,
};
use cloister_domain::{
    Consent, Encounter, EncounterId, EncounterState, Role, Sensitive, Sha256Hex, Timestamp, Transcript,
};
use rusqlite::{OptionalExtension, Row, params};

/// A row of the list of visits.
#[derive(Debug, Clone)]
pub struct EncounterSummary {
    /// The visit.
    pub encounter: Encounter,
    /// Length of the audio, once transcribed.
    pub duration_s: Option<f64>,
    /// Findings of its newest extraction.
    pub findings: u32,
    /// Whether it was shared with who asks.
    pub shared: bool,
    /// Until when it stands open to who asks, for an emergency.
    pub emergency_until: Option<Timestamp>,
}

/// A transcript to keep, with where it came from.
#[derive(Debug)]
pub struct NewTranscript<'a> {
    /// The transcript.
    pub transcript: &'a Transcript,
    /// The audio file's name.
    pub source_name: &'a Sensitive<String>,
    /// SHA-256 of its bytes.
    pub source_sha256: &'a Sha256Hex,
    /// Whether it is of the visit's own recordings, so that its moments can be heard.
    pub recorded: bool,
    /// Now.
    pub created: Timestamp,
}

/// A visit about to begin.
#[derive(Debug)]
pub struct NewEncounter<'a> {
    /// Its id.
    pub id: EncounterId,
    /// A record number or a pseudonym.
    pub title: &'a Sensitive<String>,
    /// What it is for.
    pub purpose: Option<&'a Sensitive<String>>,
    /// The schema that its findings are looked for with.
    pub template: Option<&'a str>,
    /// What the patient said to being recorded.
    pub consent: Option<&'a Consent>,
    /// Now.
    pub created: Timestamp,
}

/// A visit as the person ?2 sees it, at the moment of [`HOLDS`].
const SUMMARY: &str = "SELECT e.id, e.owner, e.title, e.state, e.created_ms, e.consent,
    coalesce((SELECT json_extract(body, '$.duration_s') FROM transcripts t WHERE t.encounter = e.id
     ORDER BY t.created_ms DESC LIMIT 1),
     (SELECT sum(samples) / 16000.0 FROM recording_segments s JOIN recordings r ON r.id = s.recording
      WHERE r.encounter = e.id)),
    coalesce((SELECT json_array_length(findings) FROM extractions x WHERE x.encounter = e.id
     ORDER BY x.created_ms DESC, x.id DESC LIMIT 1), 0),
    EXISTS (SELECT 1 FROM encounter_shares s WHERE s.encounter = e.id AND s.user = ?2),
    (SELECT max(x.until_ms) FROM emergency_accesses x WHERE x.encounter = e.id AND x.user = ?2 AND ";

impl Stores {
    /// The visits this person may see, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn encounters(&self, by: &Grant<ListEncounters>) -> Result<Vec<EncounterSummary>, StoreError> {
        let db = self.visits()?;
        let sql = format!(
            "{SUMMARY}{HOLDS}) FROM encounters e WHERE ?1 OR e.owner = ?2
             OR EXISTS (SELECT 1 FROM encounter_shares s WHERE s.encounter = e.id AND s.user = ?2)
             OR EXISTS (SELECT 1 FROM emergency_accesses x WHERE x.encounter = e.id AND x.user = ?2 AND {HOLDS})
             ORDER BY e.created_ms DESC, e.id DESC"
        );
        let mut statement = db.prepare(&sql)?;
        let now = Now::of(self.clock());
        let asked = params![by.role() == Role::Administrator, by.user().to_string(), now.ms, now.boot, now.boot_ms];
        statement.query_and_then(asked, summary)?.collect()
    }

    /// The visit that the grant opens.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub fn encounter(&self, by: &Grant<impl OpensEncounter>) -> Result<EncounterSummary, StoreError> {
        let sql = format!("{SUMMARY}{HOLDS}) FROM encounters e WHERE e.id = ?1");
        let now = Now::of(self.clock());
        let asked = params![encounter_of(by)?.to_string(), by.user().to_string(), now.ms, now.boot, now.boot_ms];
        self.visits()?.prepare(&sql)?.query_and_then(asked, summary)?.next().unwrap_or(Err(StoreError::NotFound))
    }

    /// Opens a visit that belongs to the grant's user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a grant on one visit; otherwise when the store fails.
    pub fn keep_encounter(&self, by: &Grant<WriteEncounter>, new: &NewEncounter<'_>) -> Result<(), StoreError> {
        const WHY: &str = "kept in the encrypted store";
        if by.target() != Target::Encounters {
            return Err(StoreError::NotFound);
        }
        self.visits()?.execute(
            "INSERT INTO encounters (id, owner, title, state, created_ms, consent, purpose, template)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                new.id.to_string(),
                by.user().to_string(),
                new.title.expose(WHY),
                as_word(&EncounterState::Open)?,
                new.created.as_millis(),
                new.consent.map(serde_json::to_string).transpose()?,
                new.purpose.map(|p| p.expose(WHY)),
                new.template
            ],
        )?;
        Ok(())
    }

    /// Keeps what the patient said to being recorded, in the grant's visit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the grant is for no visit; otherwise when the store fails.
    pub fn keep_consent(&self, by: &Grant<WriteEncounter>, consent: &Consent) -> Result<(), StoreError> {
        let changed = self.visits()?.execute(
            "UPDATE encounters SET consent = ?2 WHERE id = ?1",
            params![encounter_of(by)?.to_string(), serde_json::to_string(consent)?],
        )?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }

    /// Whether the newest transcript of the grant's visit is of its own recordings.
    ///
    /// # Errors
    /// When the store fails.
    pub fn transcript_is_recorded(&self, by: &Grant<impl OpensEncounter>) -> Result<bool, StoreError> {
        let db = self.visits()?;
        let found = db
            .query_row(
                "SELECT recorded FROM transcripts WHERE encounter = ?1 ORDER BY created_ms DESC, id DESC LIMIT 1",
                params![encounter_of(by)?.to_string()],
                |r| r.get(0),
            )
            .optional()?;
        Ok(found.unwrap_or(false))
    }

    /// Keeps a transcript: in the grant's visit, or, for a grant on visits as a whole, in the new visit `new` whose
    /// owner is the grant's user. Visit and transcript come in one transaction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when grant and `new` do not fit together; otherwise when the store fails.
    pub fn keep_transcript(
        &self,
        by: &Grant<TranscribeEncounter>,
        new: Option<(EncounterId, &Sensitive<String>)>,
        transcript: &NewTranscript<'_>,
    ) -> Result<EncounterId, StoreError> {
        let mut db = self.visits()?;
        let tx = db.transaction()?;
        let at = transcript.created.as_millis();
        let encounter = match (by.target(), new) {
            (Target::Encounter(id), None) => {
                // Another transcript under a signed note would not be what was signed.
                let changed = tx.execute(
                    "UPDATE encounters SET state = ?2 WHERE id = ?1 AND state <> ?3",
                    params![id.to_string(), as_word(&EncounterState::Transcribed)?, as_word(&EncounterState::Signed)?],
                )?;
                if changed == 0 {
                    return Err(StoreError::Signed);
                }
                id
            }
            (Target::Encounters, Some((id, title))) => {
                tx.execute(
                    "INSERT INTO encounters (id, owner, title, state, created_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![
                        id.to_string(),
                        by.user().to_string(),
                        title.expose("kept in the encrypted store"),
                        as_word(&EncounterState::Transcribed)?,
                        at
                    ],
                )?;
                id
            }
            _ => return Err(StoreError::NotFound),
        };
        tx.execute(
            "INSERT INTO transcripts (id, encounter, created_ms, source_name, source_sha256, body, recorded)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                transcript.transcript.id.to_string(),
                encounter.to_string(),
                at,
                transcript.source_name.expose("kept in the encrypted store"),
                transcript.source_sha256.as_str(),
                serde_json::to_string(transcript.transcript)?,
                transcript.recorded
            ],
        )?;
        tx.commit()?;
        Ok(encounter)
    }

    /// Keeps an extraction of the grant's visit.
    ///
    /// # Errors
    /// When the store fails.
    pub fn keep_encounter_extraction(
        &self,
        by: &Grant<ExtractEncounter>,
        extraction: &StoredExtraction,
    ) -> Result<(), StoreError> {
        let id = encounter_of(by)?.to_string();
        let mut db = self.visits()?;
        let tx = db.transaction()?;
        tx.execute(
            "INSERT INTO extractions (id, encounter, created_ms, status, provenance, fields, findings, error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                extraction.id.to_string(),
                id,
                extraction.created.as_millis(),
                as_word(&extraction.status)?,
                serde_json::to_string(&extraction.provenance)?,
                serde_json::to_string(&extraction.fields)?,
                serde_json::to_string(&extraction.findings)?,
                extraction.error
            ],
        )?;
        tx.execute(
            "UPDATE encounters SET state = ?2 WHERE id = ?1 AND state <> ?3",
            params![id, as_word(&EncounterState::Draft)?, as_word(&EncounterState::Signed)?],
        )?;
        Ok(tx.commit()?)
    }

    /// The extractions of the grant's visit, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn encounter_extractions(&self, by: &Grant<impl OpensEncounter>) -> Result<Vec<StoredExtraction>, StoreError> {
        let db = self.visits()?;
        let mut statement = db.prepare(
            "SELECT id, created_ms, status, provenance, fields, findings, error FROM extractions
             WHERE encounter = ?1 ORDER BY created_ms DESC, id DESC",
        )?;
        statement.query_and_then(params![encounter_of(by)?.to_string()], |r| StoredExtraction::read(r, 0))?.collect()
    }
}

pub(crate) fn encounter_of<P: Permission>(by: &Grant<P>) -> Result<EncounterId, StoreError> {
    match by.target() {
        Target::Encounter(id) => Ok(id),
        _ => Err(StoreError::NotFound),
    }
}

fn summary(row: &Row<'_>) -> Result<EncounterSummary, StoreError> {
    let consent: Option<String> = row.get(5)?;
    Ok(EncounterSummary {
        encounter: Encounter {
            id: parsed(row, 0)?,
            owner: parsed(row, 1)?,
            title: Sensitive::new(row.get(2)?),
            state: word(&row.get::<_, String>(3)?)?,
            created: Timestamp::from_millis(row.get(4)?),
            consent: consent.map(|c| serde_json::from_str(&c)).transpose()?,
        },
        duration_s: row.get(6).optional()?.flatten(),
        findings: row.get(7)?,
        shared: row.get(8)?,
        emergency_until: row.get::<_, Option<i64>>(9)?.map(Timestamp::from_millis),
    })
}
