//! One backup at a time.

use crate::AppError;
use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

pub(super) const FILE: &str = "backup.lock";

/// Held while a backup of this vault is made. Ends with the value, or with the process.
pub(super) struct BackupLock {
    _file: File,
}

impl BackupLock {
    /// # Errors
    /// [`AppError::BackupUnderWay`] when another process holds it.
    pub(super) fn take(data: &Path) -> Result<Self, AppError> {
        let path = data.join(FILE);
        let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = opened.map_err(|fault| AppError::Output { file: path.display().to_string(), fault })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(_) => Err(AppError::BackupUnderWay),
        }
    }
}
