//! The words about erasing and keeping.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Retention {
    /// What the policy's rules would erase now; nothing is erased
    #[command(after_help = "Example:\n  cloister --user ada retention preview")]
    Preview,
    /// Apply the policy's rules now; each thing erased leaves a receipt
    #[command(after_help = "Example:\n  cloister --user ada retention run")]
    Run,
    /// Everything of one patient: shown, or with --yes erased
    #[command(after_help = "Examples:\n  cloister --user ada retention erase-patient 4711\n  cloister --user ada \
                            retention erase-patient 4711 --yes")]
    ErasePatient {
        /// The record number, or the 32 digits that stand for it in the log
        patient: String,
        /// It cannot be undone; say that you mean it
        #[arg(long)]
        yes: bool,
    },
    /// Keep a visit or dataset from being erased by anybody: a legal hold
    #[command(after_help = "Example:\n  cloister --user ada retention hold VISIT --reason \"court order 12/26\"")]
    Hold {
        /// Id of a visit or dataset
        id: String,
        /// Why; kept encrypted in the store
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Release a hold
    #[command(after_help = "Example:\n  cloister --user ada retention release VISIT")]
    Release {
        /// Id of a visit or dataset
        id: String,
    },
    /// Every hold
    #[command(after_help = "Example:\n  cloister --user ada retention holds")]
    Holds,
    /// Every receipt of what was erased; one of them as a file
    #[command(after_help = "Examples:\n  cloister --user ada retention receipts\n  cloister --user ada retention \
                            receipts --of VISIT --output receipt.json")]
    Receipts {
        /// Id of what was erased
        #[arg(long, value_name = "ID", requires = "output")]
        of: Option<String>,
        /// Write its receipt, byte for byte as its SHA-256 was taken
        #[arg(long, value_name = "FILE", requires = "of")]
        output: Option<PathBuf>,
    },
}
