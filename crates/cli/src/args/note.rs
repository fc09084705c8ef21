//! The words about notes of visits.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Note {
    /// Every visit with its state
    #[command(after_help = "Example:\n  cloister --user ada note list")]
    List,
    /// Begin the draft of a visit's note, or change how it is made
    #[command(after_help = "Example:\n  cloister --user ada note draft VISIT --template letter")]
    Draft {
        #[command(flatten)]
        visit: Visit,
        /// The kind of document; a visit note at first
        #[arg(long, value_name = "TEMPLATE")]
        template: Option<Template>,
        /// Make it from the newest extractions, although it was made from others
        #[arg(long)]
        renew: bool,
        /// Forget every change to the text
        #[arg(long)]
        anew: bool,
    },
    /// Decide about findings; without a decision, list them
    #[command(
        after_help = "Examples:\n  cloister --user ada note review VISIT\n  cloister --user ada note review VISIT \
                      --reject /symptoms/2 --edit \"/medications/0/dose=20 mg daily\" --accept-rest"
    )]
    Review {
        #[command(flatten)]
        visit: Visit,
        /// This finding stands
        #[arg(long, value_name = "PATH")]
        accept: Vec<String>,
        /// This finding goes
        #[arg(long, value_name = "PATH")]
        reject: Vec<String>,
        /// This finding stands with another value
        #[arg(long, value_name = "PATH=VALUE")]
        edit: Vec<String>,
        /// Take the decision about this finding back
        #[arg(long, value_name = "PATH")]
        undo: Vec<String>,
        /// Every finding without a decision stands
        #[arg(long)]
        accept_rest: bool,
    },
    /// Add a sentence of one's own to the draft
    #[command(after_help = "Example:\n  cloister --user ada note add VISIT --section plan \"Seen with her daughter.\"")]
    Add {
        #[command(flatten)]
        visit: Visit,
        /// The section's name, as `note show --json` gives it
        #[arg(long, value_name = "SECTION")]
        section: String,
        /// The sentence
        text: String,
    },
    /// The draft, or the newest signed version
    #[command(after_help = "Example:\n  cloister --user ada note show VISIT")]
    Show {
        #[command(flatten)]
        visit: Visit,
        /// This signed version
        #[arg(long, value_name = "N")]
        version: Option<u64>,
    },
    /// Sign the draft: every finding has to be decided, and the password is checked again
    #[command(after_help = "Example:\n  cloister --user ada note sign VISIT")]
    Sign {
        #[command(flatten)]
        visit: Visit,
    },
    /// Begin the next version of a signed note
    #[command(after_help = "Example:\n  cloister --user ada note amend VISIT --reason \"dose corrected\"")]
    Amend {
        #[command(flatten)]
        visit: Visit,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Throw the draft away; decisions and signed versions stay
    #[command(after_help = "Example:\n  cloister --user ada note discard VISIT")]
    Discard {
        #[command(flatten)]
        visit: Visit,
    },
    /// A signed note as a file
    #[command(
        after_help = "Example:\n  cloister --user ada note export VISIT --format pdf --evidence --output note.pdf"
    )]
    Export {
        #[command(flatten)]
        visit: Visit,
        /// The form
        #[arg(long, value_name = "FORMAT")]
        format: NoteFormat,
        /// The file; one that is there is replaced
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        /// This version instead of the newest
        #[arg(long, value_name = "N")]
        version: Option<u64>,
        /// With every finding and the words that it rests on
        #[arg(long)]
        evidence: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Visit {
    /// The visit
    #[arg(value_name = "ENCOUNTER")]
    pub(crate) encounter: String,
}

/// The kind of document.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Template {
    /// Subjective, objective, assessment, plan
    Soap,
    /// A consultation letter
    Letter,
    /// A discharge summary
    Discharge,
    /// A referral
    Referral,
    /// One section
    Free,
}

impl Template {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Soap => "soap",
            Self::Letter => "letter",
            Self::Discharge => "discharge",
            Self::Referral => "referral",
            Self::Free => "free",
        }
    }
}

/// The form of a file.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum NoteFormat {
    /// Markdown
    Md,
    /// Pages of A4
    Pdf,
    /// A Word document
    Docx,
    /// A FHIR R4 document Bundle, as JSON
    Fhir,
}

impl NoteFormat {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Fhir => "fhir",
        }
    }
}
