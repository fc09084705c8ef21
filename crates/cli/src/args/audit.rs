//! The words about the log.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Whether anybody changed or cut the log, or an export of it; needs no sign-in
    #[command(after_help = VERIFY)]
    Verify {
        /// An export: its seal lies beside it as FILE.seal.json
        #[arg(value_name = "FILE", conflicts_with_all = ["checkpoint", "fingerprint", "with_vault"])]
        file: Option<PathBuf>,
        /// A checkpoint kept elsewhere; may be given several times
        #[arg(long, value_name = "FILE")]
        checkpoint: Vec<PathBuf>,
        /// The fingerprint of the log's first key, from paper
        #[arg(long, value_name = "DIGITS")]
        fingerprint: Option<String>,
        /// The fingerprint of the key that sealed FILE, from paper
        #[arg(long, value_name = "DIGITS", requires = "file")]
        key: Option<String>,
        /// Sign in, and compare with what the vault remembers too
        #[arg(long)]
        with_vault: bool,
    },
    /// Newest lines first
    #[command(after_help = LIST)]
    List {
        /// So many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
        /// Only lines before this number
        #[arg(long, value_name = "SEQ")]
        before: Option<u64>,
        #[command(flatten)]
        filter: LineFilter,
    },
    /// What a person should look at, and whether somebody did
    #[command(
        after_help = "Examples:\n  cloister --user aud audit alerts\n  cloister --user aud audit alerts --acknowledge 812 --reason explained"
    )]
    Alerts {
        /// Say that you looked at the alert of this line
        #[arg(long, value_name = "SEQ", requires = "reason")]
        acknowledge: Option<u64>,
        /// What came of it
        #[arg(long, value_parser = ["explained", "followed_up", "false_alarm"], requires = "acknowledge")]
        reason: Option<String>,
    },
    /// Who opened another's visit in an emergency, and who reviewed it
    #[command(
        after_help = "Examples:\n  cloister --user aud audit emergencies\n  cloister --user aud audit emergencies --reviewed 812 --reason explained"
    )]
    Emergencies {
        /// Say that you reviewed this one (its SEQ)
        #[arg(long, value_name = "SEQ", requires = "reason")]
        reviewed: Option<u64>,
        /// What came of it
        #[arg(long, value_parser = ["explained", "followed_up", "false_alarm"], requires = "reviewed")]
        reason: Option<String>,
    },
    /// A period at a glance, as Markdown or PDF
    #[command(after_help = "Example:\n  cloister --user aud audit report --month 2026-11 --output november.pdf")]
    Report {
        /// A month of the calendar
        #[arg(long, value_name = "YYYY-MM", conflicts_with_all = ["from", "to"], required_unless_present = "from")]
        month: Option<String>,
        /// From this day on (UTC)
        #[arg(long, value_name = "YYYY-MM-DD", requires = "to")]
        from: Option<String>,
        /// Until this day, included (UTC)
        #[arg(long, value_name = "YYYY-MM-DD", requires = "from")]
        to: Option<String>,
        /// A file ending in .md or .pdf; without it Markdown goes to standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Lines as a file, with a signed seal beside it
    #[command(
        after_help = "Examples:\n  cloister --user aud audit export --output log.jsonl\n  cloister audit verify log.jsonl"
    )]
    Export {
        /// Rows or the lines as they stand
        #[arg(long, value_name = "FORMAT", default_value = "jsonl", value_parser = ["jsonl", "csv"])]
        format: String,
        /// The file; its seal becomes FILE.seal.json
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        #[command(flatten)]
        filter: LineFilter,
    },
    /// The log's signed end as a file, to be kept elsewhere
    #[command(after_help = "Example:\n  cloister --user aud audit checkpoint --output /media/usb/checkpoint.json")]
    Checkpoint {
        /// The file
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Let the file system refuse every change of the log but further lines (chattr +a); needs root
    #[command(
        after_help = "Example:\n  sudo cloister --data /var/lib/cloister audit harden\n\nEach month begins a new file: \
                            run it again then, from a timer for instance. To move or delete the vault later: chattr -R -a."
    )]
    Harden,
}

const VERIFY: &str = "\
Examples:
  cloister audit verify --json
  cloister audit verify --checkpoint /media/usb/checkpoint.json
  cloister audit verify log.jsonl

Exit status: 0 intact, 1 tampered or truncated, 4 cannot tell.";

const LIST: &str = "\
Examples:
  cloister --user aud audit list --event sign_in --outcome failure
  cloister --user aud audit list --record \"MRN 1043\"        # who looked at this patient?
  cloister --user aud audit list --who okafor --from 2026-11-01T00:00:00Z";

/// Which lines. Every condition must hold.
#[derive(Debug, Args, Default)]
pub(crate) struct LineFilter {
    /// At or after this moment
    #[arg(long = "from", value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Before this moment
    #[arg(long = "to", value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// By this person: a name or usr-…
    #[arg(long = "who", value_name = "NAME")]
    pub(crate) who: Option<String>,
    /// Of this type (docs/audit-events.md)
    #[arg(long = "event", value_name = "TYPE")]
    pub(crate) event: Option<String>,
    /// attempt, success, denied, failure or interrupted
    #[arg(long = "outcome", value_name = "OUTCOME")]
    pub(crate) outcome: Option<String>,
    /// About this patient's record number, record (enc-…, doc-…) or pseudonym
    #[arg(long = "record", value_name = "RECORD")]
    pub(crate) record: Option<String>,
}
