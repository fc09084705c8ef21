//! What was decided about a visit's findings, the draft of its note, and its signed notes. Decisions are only ever
//! added, and a signed note is never changed: the table itself refuses.

use crate::{
    Decision, StoreError, Stores, Verdict,
    encounters::encounter_of,
    rows::{as_word, json, parsed, word},
};
use cloister_access::{DraftNote, Grant, OpensEncounter, ReviewEncounter, SignNote};
use cloister_domain::{
    EncounterState, ExtractionId, FindingRef, Note, NoteEdits, NoteId, NoteLayout, NoteTemplate, Sensitive, Sha256Hex,
    Timestamp, UserId, note::Signed,
};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use serde_json::Value;

/// A decision about a finding, to keep.
#[derive(Debug)]
pub struct NewFindingDecision {
    /// Which finding.
    pub of: FindingRef,
    /// What.
    pub verdict: Verdict,
    /// The value that it is about.
    pub before: Sensitive<Value>,
    /// The value from now on; null for one that goes.
    pub after: Sensitive<Value>,
    /// Now.
    pub decided: Timestamp,
}

/// A draft as it is kept: how it is made, and what a person changed. Its text is made anew each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDraft {
    /// The note's id; its versions share it.
    pub id: NoteId,
    /// Which version this will be.
    pub version: u32,
    /// The kind of document.
    pub template: NoteTemplate,
    /// How it is laid out, where a person laid it out anew.
    pub layout: Option<NoteLayout>,
    /// What it is made from.
    pub extractions: Vec<ExtractionId>,
    /// A person's changes.
    pub edits: NoteEdits,
    /// Why there is another version.
    pub reason: Option<Sensitive<String>>,
    /// Who changed it last.
    pub by: UserId,
    /// When.
    pub changed: Timestamp,
}

impl KeptDraft {
    /// How it is laid out.
    #[must_use]
    pub fn layout(&self) -> NoteLayout {
        self.layout.clone().unwrap_or_else(|| NoteLayout::bundled(self.template))
    }
}

/// A signed note as it is kept. It becomes a [`Note`] again once its digest is found to be that of its statement.
#[derive(Debug, Clone)]
pub struct StoredNote {
    /// What was signed, as canonical JSON.
    pub statement: Sensitive<String>,
    /// The digest as it was signed.
    pub sha256: Sha256Hex,
}

impl Stores {
    /// Keeps decisions about findings of the grant's visit, all or none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an extraction of another visit; [`StoreError::Signed`] when the note is signed and
    /// no amendment is begun.
    pub fn keep_finding_decisions(
        &self,
        by: &Grant<ReviewEncounter>,
        new: &[NewFindingDecision],
    ) -> Result<(), StoreError> {
        let encounter = encounter_of(by)?.to_string();
        let mut db = self.visits()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let closed = tx.query_row(
            "SELECT state = ?2 AND NOT EXISTS (SELECT 1 FROM note_drafts WHERE encounter = ?1)
             FROM encounters WHERE id = ?1",
            params![encounter, as_word(&EncounterState::Signed)?],
            |r| r.get::<_, bool>(0),
        )?;
        if closed {
            return Err(StoreError::Signed);
        }
        for decision in new {
            let added = tx.execute(
                "INSERT INTO finding_decisions (extraction, path, reviewer, decided_ms, verdict, before, after)
                 SELECT id, ?3, ?4, ?5, ?6, ?7, ?8 FROM extractions WHERE id = ?1 AND encounter = ?2",
                params![
                    decision.of.extraction.to_string(),
                    encounter,
                    decision.of.path,
                    by.user().to_string(),
                    decision.decided.as_millis(),
                    as_word(&decision.verdict)?,
                    serde_json::to_string(&decision.before)?,
                    serde_json::to_string(&decision.after)?
                ],
            )?;
            if added == 0 {
                return Err(StoreError::NotFound);
            }
        }
        Ok(tx.commit()?)
    }

    /// Every decision about findings of the grant's visit, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn finding_decisions(
        &self,
        by: &Grant<impl OpensEncounter>,
    ) -> Result<Vec<(ExtractionId, Decision)>, StoreError> {
        let db = self.visits()?;
        let mut statement = db.prepare(
            "SELECT d.extraction, d.path, d.reviewer, d.decided_ms, d.verdict, d.before, d.after
             FROM finding_decisions d JOIN extractions x ON x.id = d.extraction WHERE x.encounter = ?1 ORDER BY d.id",
        )?;
        statement
            .query_and_then(params![encounter_of(by)?.to_string()], |r| {
                let decision = Decision {
                    path: r.get(1)?,
                    reviewer: parsed(r, 2)?,
                    decided: Timestamp::from_millis(r.get(3)?),
                    verdict: word(&r.get::<_, String>(4)?)?,
                    before: json(r, 5)?,
                    after: json(r, 6)?,
                };
                Ok((parsed(r, 0)?, decision))
            })?
            .collect()
    }

    /// The draft of the grant's visit.
    ///
    /// # Errors
    /// When the store fails.
    pub fn note_draft(&self, by: &Grant<impl OpensEncounter>) -> Result<Option<KeptDraft>, StoreError> {
        let db = self.visits()?;
        let mut statement = db.prepare(
            "SELECT id, version, template, extractions, edits, reason, by_user, changed_ms, layout FROM note_drafts
             WHERE encounter = ?1",
        )?;
        statement.query_and_then(params![encounter_of(by)?.to_string()], draft)?.next().transpose()
    }

    /// Keeps a draft, in place of the one before. The visit counts as drafted from then on, unless it is signed.
    ///
    /// # Errors
    /// [`StoreError::ChangedMeanwhile`] when the draft is not the one that was read: `before` is the moment of its last
    /// change, `None` when there was none.
    pub fn keep_note_draft(
        &self,
        by: &Grant<DraftNote>,
        new: &KeptDraft,
        before: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        const WHY: &str = "kept in the encrypted store";
        let encounter = encounter_of(by)?.to_string();
        let mut db = self.visits()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        is_still(&tx, &encounter, before)?;
        tx.execute(
            "INSERT OR REPLACE INTO note_drafts
             (encounter, id, version, template, extractions, edits, reason, by_user, changed_ms, layout)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                encounter,
                new.id.to_string(),
                new.version,
                as_word(&new.template)?,
                serde_json::to_string(&new.extractions)?,
                serde_json::to_string(&new.edits)?,
                new.reason.as_ref().map(|r| r.expose(WHY)),
                by.user().to_string(),
                new.changed.as_millis(),
                new.layout.as_ref().map(serde_json::to_string).transpose()?
            ],
        )?;
        tx.execute(
            "UPDATE encounters SET state = ?2 WHERE id = ?1 AND state <> ?3",
            params![encounter, as_word(&EncounterState::Draft)?, as_word(&EncounterState::Signed)?],
        )?;
        Ok(tx.commit()?)
    }

    /// Throws the draft of the grant's visit away.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub fn drop_note_draft(&self, by: &Grant<DraftNote>) -> Result<(), StoreError> {
        let gone = self
            .visits()?
            .execute("DELETE FROM note_drafts WHERE encounter = ?1", params![encounter_of(by)?.to_string()])?;
        if gone == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }

    /// Keeps a signed note in place of its draft, and marks the visit as signed.
    ///
    /// # Errors
    /// [`StoreError::ChangedMeanwhile`] when the draft, last changed at `draft`, is another by now;
    /// [`StoreError::NameTaken`] when this version was signed already.
    pub fn keep_signed_note(
        &self,
        by: &Grant<SignNote>,
        note: &Note<Signed>,
        draft: Timestamp,
    ) -> Result<(), StoreError> {
        let encounter = encounter_of(by)?;
        if note.content().encounter != encounter || note.signer().id != by.user() {
            return Err(StoreError::NotFound);
        }
        let encounter = encounter.to_string();
        let mut db = self.visits()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        is_still(&tx, &encounter, Some(draft))?;
        tx.execute(
            "INSERT INTO signed_notes (encounter, version, sha256, signer, signed_ms, statement)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                encounter,
                note.content().version,
                note.sha256().as_str(),
                note.signer().id.to_string(),
                note.signed().as_millis(),
                note.statement().expose("kept in the encrypted store")
            ],
        )?;
        tx.execute("DELETE FROM note_drafts WHERE encounter = ?1", params![encounter])?;
        tx.execute(
            "UPDATE encounters SET state = ?2 WHERE id = ?1",
            params![encounter, as_word(&EncounterState::Signed)?],
        )?;
        Ok(tx.commit()?)
    }

    /// The signed notes of the grant's visit, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn signed_notes(&self, by: &Grant<impl OpensEncounter>) -> Result<Vec<StoredNote>, StoreError> {
        let db = self.visits()?;
        let mut statement =
            db.prepare("SELECT statement, sha256 FROM signed_notes WHERE encounter = ?1 ORDER BY version")?;
        statement
            .query_and_then(params![encounter_of(by)?.to_string()], |r| {
                Ok(StoredNote { statement: Sensitive::new(r.get(0)?), sha256: parsed(r, 1)? })
            })?
            .collect()
    }
}

fn is_still(db: &Connection, encounter: &str, expected: Option<Timestamp>) -> Result<(), StoreError> {
    let found: Option<i64> = db
        .query_row("SELECT changed_ms FROM note_drafts WHERE encounter = ?1", params![encounter], |r| r.get(0))
        .optional()?;
    if found == expected.map(Timestamp::as_millis) { Ok(()) } else { Err(StoreError::ChangedMeanwhile) }
}

fn draft(row: &Row<'_>) -> Result<KeptDraft, StoreError> {
    Ok(KeptDraft {
        id: parsed(row, 0)?,
        version: row.get(1)?,
        template: word(&row.get::<_, String>(2)?)?,
        extractions: json(row, 3)?,
        edits: json(row, 4)?,
        reason: row.get::<_, Option<String>>(5)?.map(Sensitive::new),
        by: parsed(row, 6)?,
        changed: Timestamp::from_millis(row.get(7)?),
        layout: row.get::<_, Option<String>>(8)?.map(|l| serde_json::from_str(&l)).transpose()?,
    })
}
