//! The words about backups.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Backup {
    /// The whole vault into one file, encrypted to the recovery key, and read back
    #[command(after_help = "Examples:\n  cloister --user ada backup create --output /mnt/stick/ward.backup\n  \
                            cloister backup create --scheduled")]
    Create {
        /// The file; one that is there is replaced once the new one is whole
        #[arg(long, value_name = "FILE", required_unless_present = "scheduled")]
        output: Option<PathBuf>,
        /// An age public key that shall open it beside the recovery key (may be given several times)
        #[arg(long = "age-recipient", value_name = "KEY", conflicts_with = "scheduled")]
        age_recipients: Vec<String>,
        /// Where to, for whom and how many, as the policy says; needs no password, for a timer
        #[arg(long, conflicts_with = "output")]
        scheduled: bool,
    },
    /// Read a backup whole: with a key every byte, without one its digest against this vault's log
    #[command(after_help = "Examples:\n  cloister backup verify ward.backup --recovery-key-file paper.txt\n  \
                            cloister backup verify ward.backup")]
    Verify {
        /// The backup
        file: PathBuf,
        #[command(flatten)]
        key: BackupKey,
    },
    /// Put a vault back from a backup, into a folder that holds nothing (--data)
    #[command(after_help = "Examples:\n  cloister --data /srv/cloister backup restore ward.backup\n  cloister --data \
                            /srv/cloister --user ada backup restore ward.backup --age-identity key.txt")]
    Restore {
        /// The backup
        file: PathBuf,
        #[command(flatten)]
        key: BackupKey,
    },
    /// What the policy says of backups, and those that are kept
    #[command(after_help = "Example:\n  cloister --user ada backup list")]
    List,
}

/// What opens a backup.
#[derive(Debug, Args)]
pub(crate) struct BackupKey {
    /// A file whose first line is the recovery key
    #[arg(long, value_name = "FILE", conflicts_with = "age_identity")]
    pub(crate) recovery_key_file: Option<PathBuf>,
    /// A file with an age identity that the backup was made for
    #[arg(long, value_name = "FILE")]
    pub(crate) age_identity: Option<PathBuf>,
}
