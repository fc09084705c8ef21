//! Who may use a dataset.

use crate::{StoreError, Stores};
use cloister_access::{Grant, ShareDataset, Target};
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
}
