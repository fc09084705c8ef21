//! The words about visits: the list, who may open one, and their end.

use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum Visits {
    /// Every visit you may see, newest first
    #[command(after_help = "Example:\n  cloister --user ada visits list")]
    List,
    /// Begin a visit: recordings, transcripts and notes go into it
    #[command(after_help = "Example:\n  cloister --user okafor visits new --record \"MRN 1043\"")]
    New {
        /// A record number or a pseudonym
        #[arg(long, value_name = "TEXT")]
        record: String,
        /// What it is for; kept in the vault
        #[arg(long, value_name = "TEXT")]
        purpose: Option<String>,
    },
    /// Let a colleague open a visit of yours: read, hear, review, draft; signing and erasing stay yours
    #[command(after_help = "Example:\n  cloister --user okafor visits share VISIT --with lind")]
    Share {
        /// A visit's id
        #[arg(value_name = "VISIT")]
        id: String,
        /// A clinician's name
        #[arg(long, value_name = "NAME")]
        with: String,
    },
    /// Take it back
    #[command(after_help = "Example:\n  cloister --user okafor visits unshare VISIT --with lind")]
    Unshare {
        /// A visit's id
        #[arg(value_name = "VISIT")]
        id: String,
        /// Who has it
        #[arg(long, value_name = "NAME")]
        with: String,
    },
    /// Who was given a visit
    #[command(after_help = "Example:\n  cloister --user okafor visits shares VISIT")]
    Shares {
        /// A visit's id
        #[arg(value_name = "VISIT")]
        id: String,
    },
    /// In an emergency: open another's visit for an hour, to read and to hear; administrators and auditors are told
    #[command(
        after_help = "Examples:\n  cloister --user lind visits break-glass --record \"MRN 1043\" --reason emergency-care\n  \
                      cloister --user lind visits break-glass VISIT --reason owner-unreachable"
    )]
    BreakGlass {
        /// A visit's id
        #[arg(value_name = "VISIT", required_unless_present = "record", conflicts_with = "record")]
        id: Option<String>,
        /// The patient's record number, whole; lists the visits unless there is just one
        #[arg(long, value_name = "NUMBER")]
        record: Option<String>,
        /// Why
        #[arg(long, value_name = "REASON")]
        reason: Reason,
    },
    /// Visits in whose record number, transcript or signed note the words stand
    #[command(after_help = "Example:\n  cloister --user ada visits search dry cough")]
    Search {
        /// Each must occur, as itself or as a word's beginning
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Erase a visit with its recordings, transcripts, findings and notes; prints a receipt
    #[command(after_help = "Example:\n  cloister --user ada visits delete VISIT --yes")]
    Delete {
        /// A visit's id
        #[arg(value_name = "VISIT")]
        id: String,
        /// It cannot be undone; say that you mean it
        #[arg(long)]
        yes: bool,
    },
}

/// Why another's visit is opened.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Reason {
    /// The patient needs care now
    EmergencyCare,
    /// Whose visit it is cannot be reached
    OwnerUnreachable,
    /// Something in it may endanger the patient
    PatientSafety,
    /// The patient asks for it
    PatientRequest,
}

impl Reason {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::EmergencyCare => "emergency_care",
            Self::OwnerUnreachable => "owner_unreachable",
            Self::PatientSafety => "patient_safety",
            Self::PatientRequest => "patient_request",
        }
    }
}
