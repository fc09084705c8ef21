//! Where models are used.

use crate::{StoreError, Stores};
use cloister_access::{Grant, Permission, ReadModels, RemoveModel};
use cloister_domain::Sha256Hex;

/// Runs over datasets that used one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelUse {
    /// Its digest.
    pub sha256: Sha256Hex,
    /// How many.
    pub runs: u64,
    /// Of them, those that can go on.
    pub unfinished: u64,
}

/// Acts that ask for it.
pub trait SeesModelUses: Permission {}
impl SeesModelUses for ReadModels {}
impl SeesModelUses for RemoveModel {}

impl Stores {
    /// Each model that a run used.
    ///
    /// # Errors
    /// When the store fails.
    pub fn model_uses(&self, _by: &Grant<impl SeesModelUses>) -> Result<Vec<ModelUse>, StoreError> {
        let db = self.research()?;
        let mut statement = db.prepare(
            "SELECT model_sha256, count(*), sum(status IN ('running', 'paused')) FROM batches GROUP BY model_sha256",
        )?;
        let rows = statement.query_and_then([], |r| -> Result<ModelUse, StoreError> {
            Ok(ModelUse { sha256: crate::rows::parsed(r, 0)?, runs: r.get(1)?, unfinished: r.get(2)? })
        })?;
        rows.collect()
    }
}
