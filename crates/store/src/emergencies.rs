//! Emergencies: a clinician opens another's visit, for a while.
//!
//! The end is a fact of the store. It comes when the wall clock says so, and no later than the time since boot says;
//! after a reboot the wall clock alone counts. A clock set back before the beginning ends it at once.

use crate::{
    StoreError, Stores,
    encounters::encounter_of,
    rows::{parsed, word},
};
use cloister_access::{BreakGlass, FindForEmergency, Grant, ReviewLog, record_number};
use cloister_domain::{Clock, EncounterId, EncounterState, Sensitive, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, params};

/// So long another's visit stays open.
const LASTS_MS: i64 = 60 * 60_000;

/// A visit that was found by its record number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundVisit {
    /// The visit.
    pub id: EncounterId,
    /// Whose it is.
    pub owner: UserId,
    /// When it was opened.
    pub created: Timestamp,
    /// How far it is.
    pub state: EncounterState,
}

/// One emergency access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyAccess {
    /// The visit.
    pub encounter: EncounterId,
    /// What its list shows.
    pub title: Sensitive<String>,
    /// Whose visit it is.
    pub owner: UserId,
    /// Who opened it.
    pub user: UserId,
    /// Since when.
    pub began: Timestamp,
    /// When it ends, or ended.
    pub until: Timestamp,
}

/// The moment at which emergencies are asked after.
pub(crate) struct Now {
    pub(crate) ms: i64,
    pub(crate) boot: String,
    pub(crate) boot_ms: i64,
}

impl Now {
    pub(crate) fn of(clock: &dyn Clock) -> Self {
        let boot_ms = i64::try_from(clock.boottime_ms()).unwrap_or(i64::MAX);
        Self { ms: clock.now().as_millis(), boot: clock.boot_id(), boot_ms }
    }
}

/// Whether an access of `emergency_accesses x` holds at ?3 (wall clock), ?4 (boot) and ?5 (since boot).
pub(crate) const HOLDS: &str = "x.began_ms <= ?3 AND x.until_ms > ?3 AND (x.boot <> ?4 OR x.until_boot_ms > ?5)";

/// Whether the visit stands open to `user` for an emergency.
pub(crate) fn is_open_to(
    db: &Connection,
    encounter: &str,
    user: UserId,
    clock: &dyn Clock,
) -> Result<bool, StoreError> {
    let now = Now::of(clock);
    let sql = format!("SELECT 1 FROM emergency_accesses x WHERE x.encounter = ?1 AND x.user = ?2 AND {HOLDS} LIMIT 1");
    let found = db
        .query_row(&sql, params![encounter, user.to_string(), now.ms, now.boot, now.boot_ms], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

impl Stores {
    /// Opens the grant's visit to its user for a while; says until when.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such visit.
    pub fn begin_emergency(&self, by: &Grant<BreakGlass>, reason: &'static str) -> Result<Timestamp, StoreError> {
        let id = encounter_of(by)?.to_string();
        let now = Now::of(self.clock());
        let db = self.visits()?;
        db.query_row("SELECT 1 FROM encounters WHERE id = ?1", [&id], |_| Ok(()))?;
        let until = now.ms + LASTS_MS;
        db.execute(
            "INSERT INTO emergency_accesses (encounter, user, reason, began_ms, until_ms, boot, until_boot_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![id, by.user().to_string(), reason, now.ms, until, now.boot, now.boot_ms + LASTS_MS],
        )?;
        Ok(Timestamp::from_millis(until))
    }

    /// The visits of the patient with this record number, which has to be the whole of what the list shows; newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn find_for_emergency(
        &self,
        by: &Grant<FindForEmergency>,
        number: &str,
    ) -> Result<Vec<FoundVisit>, StoreError> {
        let wanted = record_number(number);
        let db = self.visits()?;
        let sql =
            "SELECT id, owner, created_ms, state, title FROM encounters WHERE owner <> ?1 ORDER BY created_ms DESC";
        let mut statement = db.prepare(sql)?;
        let mut found = Vec::new();
        let mut rows = statement.query([by.user().to_string()])?;
        while let Some(row) = rows.next()? {
            if record_number(&row.get::<_, String>(4)?) == wanted {
                found.push(FoundVisit {
                    id: parsed(row, 0)?,
                    owner: parsed(row, 1)?,
                    created: Timestamp::from_millis(row.get(2)?),
                    state: word(&row.get::<_, String>(3)?)?,
                });
            }
        }
        Ok(found)
    }

    /// Every emergency access to visits that are still there, newest first.
    ///
    /// # Errors
    /// [`StoreError::NotOpen`] for a role without the visits' key: an auditor reviews them in the log.
    pub fn emergencies(&self, _by: &Grant<ReviewLog>) -> Result<Vec<EmergencyAccess>, StoreError> {
        let db = self.visits()?;
        let mut statement = db.prepare(
            "SELECT x.encounter, e.title, e.owner, x.user, x.began_ms, x.until_ms FROM emergency_accesses x
             JOIN encounters e ON e.id = x.encounter ORDER BY x.id DESC",
        )?;
        let read = |r: &rusqlite::Row<'_>| -> Result<EmergencyAccess, StoreError> {
            Ok(EmergencyAccess {
                encounter: parsed(r, 0)?,
                title: Sensitive::new(r.get(1)?),
                owner: parsed(r, 2)?,
                user: parsed(r, 3)?,
                began: Timestamp::from_millis(r.get(4)?),
                until: Timestamp::from_millis(r.get(5)?),
            })
        };
        statement.query_and_then([], read)?.collect()
    }
}
