//! Who may use a dataset, and its end.

use crate::{StoreError, Stores};
use cloister_access::{DeleteDataset, Grant, ShareDataset, Target};
use cloister_domain::UserId;
use rusqlite::params;

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
            .query_and_then([id.to_string()], |r| crate::rows::parsed(r, 0))?
            .collect()
    }

    /// Erases the grant's dataset with its documents, runs, results and decisions; returns how many documents.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub fn delete_dataset(&self, by: &Grant<DeleteDataset>) -> Result<u64, StoreError> {
        let Target::Dataset(id) = by.target() else { return Err(StoreError::NotFound) };
        let mut db = self.research()?;
        let tx = db.transaction()?;
        let documents =
            tx.query_row("SELECT count(*) FROM documents WHERE dataset = ?1", [id.to_string()], |r| r.get(0))?;
        if tx.execute("DELETE FROM datasets WHERE id = ?1", [id.to_string()])? == 0 {
            return Err(StoreError::NotFound);
        }
        tx.commit()?;
        // What was erased is gone from the journal, too.
        db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
        Ok(documents)
    }
}
