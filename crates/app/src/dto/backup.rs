//! Backups as faces see them.

use super::VerdictDto;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A backup that was made and read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupMadeDto {
    /// Where it is.
    pub file: String,
    /// Of the file; it stands in the log, too.
    pub sha256: String,
    /// Its length.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Files of the vault in it.
    #[ts(type = "number")]
    pub files: u64,
    /// RFC 3339.
    pub made: String,
    /// Older ones that the policy had taken away.
    #[ts(type = "number")]
    pub expired: u64,
}

/// What a look over a backup found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupCheckedDto {
    /// `whole` (opened, every digest agreed), `unchanged` (not opened; the log tells of this very file), `unknown`.
    pub verdict: String,
    /// `vlt-…`
    pub vault: String,
    /// RFC 3339, by the clock of the machine that made it.
    pub made: String,
    /// Version of the program that made it.
    pub program: String,
    /// Of the file.
    pub sha256: String,
    /// Its length.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Files of the vault in it, once opened.
    #[ts(type = "number | null")]
    pub files: Option<u64>,
    /// Where its log ends, once opened.
    #[ts(type = "number | null")]
    pub log_seq: Option<u64>,
    /// The line of this vault's log that tells of it.
    #[ts(type = "number | null")]
    pub line: Option<u64>,
    /// How many age keys open it beside the recovery key.
    #[ts(type = "number")]
    pub age_recipients: u64,
}

/// A vault that was put back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RestoredDto {
    /// `vlt-…`
    pub vault: String,
    /// When the backup was made, RFC 3339.
    pub made: String,
    /// Files.
    #[ts(type = "number")]
    pub files: u64,
    /// Their bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Accounts, disabled ones too.
    #[ts(type = "number")]
    pub accounts: u64,
    /// Segments of sound that the visits know and the backup does not have.
    #[ts(type = "number")]
    pub sound_missing: u64,
    /// On the log as it was in the backup.
    pub log: VerdictDto,
}

/// Whether backups come by themselves, and which there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupPlanDto {
    /// The policy's folder; empty for none.
    pub folder: String,
    /// Whether it is there now.
    pub reachable: bool,
    /// How many are kept.
    pub keep: u32,
    /// Age keys that open them beside the recovery key.
    pub age_recipients: Vec<String>,
    /// Whether the next one is due.
    pub due: bool,
    /// Those in the folder, newest first.
    pub kept: Vec<KeptBackupDto>,
}

/// A backup in the policy's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeptBackupDto {
    /// Its name.
    pub file: String,
    /// RFC 3339, from its name.
    pub made: String,
    /// Its length.
    #[ts(type = "number")]
    pub bytes: u64,
}
