//! What is about to be written, for the log: the caller records it before it happens.

use crate::{KeyHolder, VaultError};
use cloister_domain::Sha256Hex;
use std::error::Error;

/// A version of `keyring.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyringChange {
    /// Its number.
    pub version: u64,
    /// SHA-256 of the file.
    pub sha256: Sha256Hex,
}

/// A version of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotChange {
    /// Whose slot.
    pub holder: KeyHolder,
    /// Its number.
    pub version: u64,
    /// SHA-256 of the file.
    pub sha256: Sha256Hex,
}

/// A change that is written and synced beside the files it will replace. The caller records it durably; only then is
/// it renamed into place. If it cannot be recorded, it is taken away again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedChange {
    /// The new keyring, unless only a slot changes.
    pub keyring: Option<KeyringChange>,
    /// New slots.
    pub slots: Vec<SlotChange>,
}

pub(crate) fn record_with<E: Into<Box<dyn Error + Send + Sync>>>(
    record: impl FnOnce(&PlannedChange) -> Result<(), E>,
    planned: &PlannedChange,
) -> Result<(), VaultError> {
    record(planned).map_err(|e| VaultError::NotRecorded(e.into()))
}
