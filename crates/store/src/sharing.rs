//! Who may use a dataset or open a visit beside its owner.

use crate::{StoreError, Stores, encounters::encounter_of, rows::parsed};
use cloister_access::{Grant, OpensEncounter, ShareDataset, ShareEncounter, Target};
use cloister_domain::{Timestamp, UserId};
use rusqlite::params;

/// Somebody who was given a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Who may open it.
    pub user: UserId,
    /// Since when; shares of the first versions do not say.
    pub since: Option<Timestamp>,
    /// Who gave it.
    pub by: Option<UserId>,
}

impl Stores {
    /// Gives the grant's dataset to a person, or takes it away; returns everybody who has it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn share_dataset(
        &self,
        by: &Grant<ShareDataset>,
        change: Option<(UserId, bool)>,
    ) -> Result<Vec<UserId>, StoreError> {
        let Target::Dataset(id) = by.target() else { return Err(StoreError::NotFound) };
        let db = self.research()?;
        if let Some((user, give)) = change {
            let sql = if give {
                "INSERT OR IGNORE INTO dataset_grants (dataset, user) VALUES (?1, ?2)"
            } else {
                "DELETE FROM dataset_grants WHERE dataset = ?1 AND user = ?2"
            };
            db.execute(sql, params![id.to_string(), user.to_string()])?;
        }
        db.prepare("SELECT user FROM dataset_grants WHERE dataset = ?1 ORDER BY user")?
            .query_and_then([id.to_string()], |r| parsed(r, 0))?
            .collect()
    }

    /// Lets a person open the grant's visit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such visit.
    pub fn share_encounter(&self, by: &Grant<ShareEncounter>, with: UserId, now: Timestamp) -> Result<(), StoreError> {
        let id = encounter_of(by)?.to_string();
        let db = self.visits()?;
        db.query_row("SELECT 1 FROM encounters WHERE id = ?1", [&id], |_| Ok(()))?;
        db.execute(
            "INSERT OR IGNORE INTO encounter_shares (encounter, user, shared_ms, by_user) VALUES (?1, ?2, ?3, ?4)",
            params![id, with.to_string(), now.as_millis(), by.user().to_string()],
        )?;
        Ok(())
    }

    /// Takes the grant's visit away from a person again. What they read meanwhile they have read.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when they did not have it.
    pub fn unshare_encounter(&self, by: &Grant<ShareEncounter>, with: UserId) -> Result<(), StoreError> {
        let id = encounter_of(by)?.to_string();
        let sql = "DELETE FROM encounter_shares WHERE encounter = ?1 AND user = ?2";
        match self.visits()?.execute(sql, params![id, with.to_string()])? {
            0 => Err(StoreError::NotFound),
            _ => Ok(()),
        }
    }

    /// Who was given the grant's visit, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn encounter_shares(&self, by: &Grant<impl OpensEncounter>) -> Result<Vec<Share>, StoreError> {
        let db = self.visits()?;
        let mut statement = db.prepare(
            "SELECT user, shared_ms, by_user FROM encounter_shares WHERE encounter = ?1 ORDER BY shared_ms, user",
        )?;
        let read = |r: &rusqlite::Row<'_>| -> Result<Share, StoreError> {
            let by: Option<String> = r.get(2)?;
            Ok(Share {
                user: parsed(r, 0)?,
                since: r.get::<_, Option<i64>>(1)?.map(Timestamp::from_millis),
                by: by.map(|b| b.parse()).transpose().map_err(|_| StoreError::Unreadable("id"))?,
            })
        };
        statement.query_and_then([encounter_of(by)?.to_string()], read)?.collect()
    }
}
