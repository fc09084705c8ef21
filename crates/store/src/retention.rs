//! What is kept no longer than the policy says.
//!
//! A rule counts days from something that a person did: a signature (sound), the last change (visits), the last import,
//! run or decision (datasets, runs). What a legal hold keeps, or is under way, is shown and not erased. Erasing looks
//! at the rule again, in the same transaction: nobody's word but the policy's lets these methods erase anything.

use crate::{
    Erased, FilesGone, StoreError, Stores,
    deletions::{Erasure, empty_journal, erase_audio, erase_dataset, erase_run, erase_visit, is_held, keep},
};
use cloister_access::{AppliesRetention, Grant, Policy, PreviewRetention, Retain};
use cloister_domain::{RecordingId, Role, Sensitive, Timestamp};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::io;

const DAY_MS: i64 = 86_400_000;

/// For how long each kind of data is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetentionRules {
    /// Recordings, from the newest signature under the visit's note on. What is not signed is kept.
    pub audio: Retain,
    /// Visits, from their last change on.
    pub visits: Retain,
    /// Datasets, from the last import, run or decision on.
    pub datasets: Retain,
    /// Runs with their results, from the last result or decision on.
    pub runs: Retain,
}

impl RetentionRules {
    /// The policy's.
    #[must_use]
    pub const fn of(policy: &Policy) -> Self {
        Self {
            audio: policy.retain_audio,
            visits: policy.retain_visits,
            datasets: policy.retain_datasets,
            runs: policy.retain_runs,
        }
    }

    const fn rule(&self, kind: DueKind) -> Retain {
        match kind {
            DueKind::Audio => self.audio,
            DueKind::Visit => self.visits,
            DueKind::Dataset => self.datasets,
            DueKind::Run => self.runs,
        }
    }
}

/// A kind of data that a rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueKind {
    /// The recordings of a visit.
    Audio,
    /// A visit with all that belongs to it.
    Visit,
    /// A dataset with its reports, runs and results.
    Dataset,
    /// A run with its results.
    Run,
}

impl DueKind {
    /// Every kind, in the order in which they are erased: sound before the visit that it belongs to.
    pub const ALL: [Self; 4] = [Self::Audio, Self::Visit, Self::Run, Self::Dataset];

    /// In policies, answers and receipts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Visit => "visit",
            Self::Dataset => "dataset",
            Self::Run => "run",
        }
    }

    /// Id, name, what it counts from (`since`), how many things are in it, the id that a hold would name, and whether
    /// work on it is said to go on; `?1` is one id or NULL for all.
    const fn sql(self) -> &'static str {
        match self {
            Self::Audio => {
                "SELECT e.id AS id, e.title AS name,
                 (SELECT max(signed_ms) FROM signed_notes n WHERE n.encounter = e.id) AS since,
                 (SELECT count(*) FROM recordings r WHERE r.encounter = e.id) AS parts, e.id AS holdable, 0 AS busy
                 FROM encounters e WHERE (?1 IS NULL OR e.id = ?1) AND parts > 0 AND since IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM note_drafts d WHERE d.encounter = e.id)"
            }
            Self::Visit => {
                "SELECT e.id AS id, e.title AS name, max(e.created_ms,
                 coalesce((SELECT max(created_ms) FROM transcripts t WHERE t.encounter = e.id), 0),
                 coalesce((SELECT max(at_ms) FROM transcript_edits x JOIN transcripts t ON t.id = x.transcript
                  WHERE t.encounter = e.id), 0),
                 coalesce((SELECT max(created_ms) FROM extractions x WHERE x.encounter = e.id), 0),
                 coalesce((SELECT max(decided_ms) FROM finding_decisions f JOIN extractions x ON x.id = f.extraction
                  WHERE x.encounter = e.id), 0),
                 coalesce((SELECT max(created_ms) FROM recordings r WHERE r.encounter = e.id), 0),
                 coalesce((SELECT max(changed_ms) FROM note_drafts d WHERE d.encounter = e.id), 0),
                 coalesce((SELECT max(signed_ms) FROM signed_notes n WHERE n.encounter = e.id), 0)) AS since,
                 1 AS parts, e.id AS holdable, 0 AS busy FROM encounters e WHERE (?1 IS NULL OR e.id = ?1)"
            }
            Self::Dataset => {
                "SELECT d.id AS id, d.name AS name, max(d.created_ms,
                 coalesce((SELECT max(created_ms) FROM batches b WHERE b.dataset = d.id), 0),
                 coalesce((SELECT max(r.created_ms) FROM results r JOIN documents o ON o.id = r.document
                  WHERE o.dataset = d.id), 0),
                 coalesce((SELECT max(decided_ms) FROM decisions c JOIN results r ON r.id = c.result
                  JOIN documents o ON o.id = r.document WHERE o.dataset = d.id), 0)) AS since,
                 d.documents AS parts, d.id AS holdable,
                 EXISTS (SELECT 1 FROM batches b WHERE b.dataset = d.id AND b.status = 'running') AS busy
                 FROM datasets d WHERE (?1 IS NULL OR d.id = ?1)"
            }
            Self::Run => {
                "SELECT b.id AS id, d.name || ' · ' || b.schema_name AS name, max(b.created_ms,
                 coalesce((SELECT max(created_ms) FROM results r WHERE r.batch = b.id), 0),
                 coalesce((SELECT max(decided_ms) FROM decisions c JOIN results r ON r.id = c.result
                  WHERE r.batch = b.id), 0)) AS since,
                 (SELECT count(*) FROM results r WHERE r.batch = b.id) AS parts, b.dataset AS holdable,
                 b.status = 'running' AS busy
                 FROM batches b JOIN datasets d ON d.id = b.dataset WHERE (?1 IS NULL OR b.id = ?1)"
            }
        }
    }
}

/// Something that a rule says is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueItem {
    /// What it is.
    pub kind: DueKind,
    /// Its id; a visit's for its sound.
    pub id: String,
    /// A visit's record number, a dataset's name.
    pub name: Sensitive<String>,
    /// What the rule counts from.
    pub since: Timestamp,
    /// Recordings, reports or results in it.
    pub parts: u64,
    /// Whether a legal hold keeps it.
    pub held: bool,
}

impl Stores {
    /// Everything that the rules say is to go, held or not, for an administrator to look at.
    ///
    /// # Errors
    /// When a store fails.
    pub fn preview_retention(
        &self,
        _by: &Grant<PreviewRetention>,
        rules: &RetentionRules,
        now: Timestamp,
    ) -> Result<Vec<DueItem>, StoreError> {
        self.due(&DueKind::ALL, rules, now)
    }

    /// What this person's session may erase for the policy: an administrator's everything, a clinician's sound.
    ///
    /// # Errors
    /// When a store fails.
    pub fn retention_due<P: AppliesRetention>(
        &self,
        by: &Grant<P>,
        rules: &RetentionRules,
        now: Timestamp,
    ) -> Result<Vec<DueItem>, StoreError> {
        self.due(kinds_of(by.role()), rules, now)
    }

    /// Erases one thing that is due. `unlink` takes the files of recordings away.
    ///
    /// # Errors
    /// [`StoreError::Held`]; [`StoreError::UnderWay`]; [`StoreError::ChangedMeanwhile`] when it is not due any more;
    /// [`StoreError::NotOpen`] for a kind that is not this person's to erase; otherwise when the store fails.
    pub fn erase_due<P: AppliesRetention>(
        &self,
        by: &Grant<P>,
        item: &DueItem,
        rules: &RetentionRules,
        now: Timestamp,
        unlink: impl FnOnce(&[RecordingId]) -> io::Result<FilesGone>,
    ) -> Result<Erased, StoreError> {
        if !kinds_of(by.role()).contains(&item.kind) {
            return Err(StoreError::NotOpen);
        }
        let mut db = match item.kind {
            DueKind::Audio | DueKind::Visit => self.visits()?,
            DueKind::Dataset | DueKind::Run => self.research()?,
        };
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let still = due_in(&tx, item.kind, rules, now, Some(&item.id))?;
        let still = still.first().ok_or(StoreError::ChangedMeanwhile)?;
        if still.held {
            return Err(StoreError::Held);
        }
        let erasure = Erasure { tx: &tx, by: by.user(), now };
        let receipt = match item.kind {
            DueKind::Audio => erase_audio(&erasure, &item.id, unlink)?,
            DueKind::Visit => erase_visit(&erasure, &item.id, unlink)?,
            DueKind::Dataset => erase_dataset(&erasure, &item.id)?,
            DueKind::Run => erase_run(&erasure, &item.id)?,
        };
        let kept = keep(&tx, &receipt, now)?;
        tx.commit()?;
        Ok(Erased { receipt, kept, journal_emptied: empty_journal(&db) })
    }

    fn due(&self, kinds: &[DueKind], rules: &RetentionRules, now: Timestamp) -> Result<Vec<DueItem>, StoreError> {
        let mut due = Vec::new();
        for kind in kinds {
            let db = match kind {
                DueKind::Audio | DueKind::Visit => self.visits()?,
                DueKind::Dataset | DueKind::Run => self.research()?,
            };
            due.append(&mut due_in(&db, *kind, rules, now, None)?);
        }
        Ok(due)
    }

    /// When a chore that recurs was last done. No grant: it is nobody's, and asked for at sign-in.
    ///
    /// # Errors
    /// When the store fails.
    pub fn chore_done(&self, chore: &str) -> Result<Option<Timestamp>, StoreError> {
        let db = self.library()?;
        let done = db.query_row("SELECT done_ms FROM chores WHERE name = ?1", [chore], |r| r.get(0)).optional()?;
        Ok(done.map(Timestamp::from_millis))
    }

    /// Notes that it was done.
    ///
    /// # Errors
    /// When the store fails.
    pub fn note_chore(&self, chore: &str, now: Timestamp) -> Result<(), StoreError> {
        self.library()?.execute(
            "INSERT INTO chores (name, done_ms) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET done_ms = excluded.done_ms",
            params![chore, now.as_millis()],
        )?;
        Ok(())
    }
}

const fn kinds_of(role: Role) -> &'static [DueKind] {
    match role {
        Role::Administrator => &DueKind::ALL,
        Role::Clinician => &[DueKind::Audio],
        Role::Researcher | Role::Viewer | Role::Auditor => &[],
    }
}

fn due_in(
    db: &Connection,
    kind: DueKind,
    rules: &RetentionRules,
    now: Timestamp,
    id: Option<&str>,
) -> Result<Vec<DueItem>, StoreError> {
    let Retain::Days(days) = rules.rule(kind) else { return Ok(Vec::new()) };
    let latest = now.as_millis() - i64::from(days) * DAY_MS;
    // A run that is said to go on and has given nothing for a week was interrupted.
    let idle = now.as_millis() - 7 * DAY_MS;
    let sql = format!(
        "SELECT id, name, since, parts, holdable FROM ({}) WHERE since <= ?2 AND (NOT busy OR since <= ?3)
         ORDER BY since, id",
        kind.sql()
    );
    let mut statement = db.prepare(&sql)?;
    let rows = statement.query_and_then(params![id, latest, idle], |r| -> Result<DueItem, StoreError> {
        Ok(DueItem {
            kind,
            id: r.get(0)?,
            name: Sensitive::new(r.get(1)?),
            since: Timestamp::from_millis(r.get(2)?),
            parts: r.get(3)?,
            held: is_held(db, &r.get::<_, String>(4)?)?,
        })
    })?;
    rows.collect()
}
