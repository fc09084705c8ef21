//! Legal holds: what nobody may erase for the time being.

use crate::{StoreError, Stores};
use cloister_access::{Grant, HoldRecord, ReadReceipts, Target};
use cloister_domain::{Sensitive, Timestamp, UserId};
use rusqlite::{Connection, params};
use std::sync::MutexGuard;

/// A hold as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Id of the visit or dataset.
    pub subject: String,
    /// Since when.
    pub set: Timestamp,
    /// Who set it.
    pub by: UserId,
    /// Why, in their words.
    pub reason: Sensitive<String>,
}

impl Stores {
    /// Sets a hold on the grant's visit or dataset; one that is there keeps its reason.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such record.
    pub fn set_hold(
        &self,
        by: &Grant<HoldRecord>,
        reason: &Sensitive<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (db, table, subject) = self.store_of(by)?;
        db.query_row(&format!("SELECT 1 FROM {table} WHERE id = ?1"), [&subject], |_| Ok(()))?;
        db.execute(
            "INSERT OR IGNORE INTO holds (subject, set_ms, by_user, reason) VALUES (?1, ?2, ?3, ?4)",
            params![subject, now.as_millis(), by.user().to_string(), reason.expose("kept in the encrypted store")],
        )?;
        Ok(())
    }

    /// Releases it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no hold.
    pub fn release_hold(&self, by: &Grant<HoldRecord>) -> Result<(), StoreError> {
        let (db, _, subject) = self.store_of(by)?;
        match db.execute("DELETE FROM holds WHERE subject = ?1", [&subject])? {
            0 => Err(StoreError::NotFound),
            _ => Ok(()),
        }
    }

    /// Every hold, oldest first.
    ///
    /// # Errors
    /// When a store fails.
    pub fn holds(&self, _by: &Grant<ReadReceipts>) -> Result<Vec<Hold>, StoreError> {
        let mut all = Vec::new();
        for db in [self.visits()?, self.research()?] {
            let mut statement = db.prepare("SELECT subject, set_ms, by_user, reason FROM holds")?;
            let read = |r: &rusqlite::Row<'_>| -> Result<Hold, StoreError> {
                Ok(Hold {
                    subject: r.get(0)?,
                    set: Timestamp::from_millis(r.get(1)?),
                    by: crate::rows::parsed(r, 2)?,
                    reason: Sensitive::new(r.get(3)?),
                })
            };
            for hold in statement.query_and_then([], read)? {
                all.push(hold?);
            }
        }
        all.sort_by_key(|h: &Hold| h.set);
        Ok(all)
    }

    fn store_of(
        &self,
        by: &Grant<HoldRecord>,
    ) -> Result<(MutexGuard<'_, Connection>, &'static str, String), StoreError> {
        match by.target() {
            Target::Encounter(id) => Ok((self.visits()?, "encounters", id.to_string())),
            Target::Dataset(id) => Ok((self.research()?, "datasets", id.to_string())),
            _ => Err(StoreError::NotFound),
        }
    }
}
