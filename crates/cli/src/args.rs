//! The words of the command line.

mod audit;
mod backup;
mod directory;
mod models;
mod note;
mod retention;
mod user;
mod visits;

pub(crate) use crate::research_args::{Batch, Dataset};
pub(crate) use audit::{Audit, LineFilter};
pub(crate) use backup::{Backup, BackupKey};
pub(crate) use directory::Directory;
pub(crate) use models::Models;
pub(crate) use note::{Note, NoteFormat, Visit};
pub(crate) use retention::Retention;
pub(crate) use user::{Totp, User};
pub(crate) use visits::{Reason, Visits};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Clinical speech and reports into structured, grounded, reviewable data, on this workstation alone.
#[derive(Debug, Parser)]
#[command(name = "cloister", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  cloister demo
  cloister init --admin ada
  cloister --user ada transcribe visit.flac --format txt
  cloister --user ada record --consent-by patient --transcribe
  cloister --user ada schema add report.schema.json --name report
  cloister --user ada dataset import reports.csv --name study
  cloister --user ada batch run --dataset study --schema report --purpose \"audit 2026\"
  cloister audit verify

Exit status: 0 done, 1 the act failed, 2 usage, 3 denied, locked or not signed in, 4 cannot tell.";

/// What every act takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The vault's folder
    #[arg(long, global = true, env = "CLOISTER_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The folder of model files
    #[arg(long, global = true, env = "CLOISTER_MODELS", value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,
    /// Who signs in
    #[arg(long, global = true, env = "CLOISTER_USER", value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// A file whose first line is the password; else it is asked for
    #[arg(long, global = true, env = "CLOISTER_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// The code of the second factor, or a recovery code; else it is asked for when it is needed
    #[arg(long, global = true, env = "CLOISTER_OTP", value_name = "CODE", hide_env_values = true)]
    pub(crate) otp: Option<String>,
    /// Print one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Threads for the models; every core this process may use by default
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
    /// Where the models compute
    #[arg(long, global = true, value_name = "DEVICE", default_value = "auto")]
    pub(crate) device: Device,
}

/// Incidents.
#[derive(Debug, Subcommand)]
pub(crate) enum Incident {
    /// The log, the operational log, the verdict and the workstation's state in one encrypted file
    #[command(
        after_help = "Example:\n  cloister --user otto incident collect --output incident.zip.age --age-recipient age1…"
    )]
    Collect {
        /// The file to write; its SHA-256 goes beside it
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        /// An age public key; only its holder can read the file
        #[arg(long, value_name = "KEY")]
        age_recipient: String,
    },
}

/// Where the models compute.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Device {
    /// The best there is
    Auto,
    /// The processor
    Cpu,
    /// An NVIDIA accelerator
    Cuda,
}

impl Device {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The main job on bundled samples, in a throw-away vault
    #[command(after_help = "Example:\n  cloister demo --keep /tmp/demo")]
    Demo {
        /// Keep vault and exports in this folder
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
    /// Create the vault and its first administrator
    #[command(after_help = "Example:\n  cloister init --admin ada")]
    Init {
        /// The administrator's name
        #[arg(long, value_name = "NAME")]
        admin: String,
        /// A policy key, such as second_factor=optional
        #[arg(long, value_name = "KEY=VALUE")]
        policy: Vec<String>,
    },
    /// Accounts
    #[command(subcommand)]
    User(User),
    /// The institution's directory (LDAP), where people sign in by it
    #[command(subcommand)]
    Directory(Directory),
    /// Audio files to transcripts, each in a new visit
    #[command(after_help = "Example:\n  cloister --user ada transcribe visit.flac --format srt --output visit.srt")]
    Transcribe(Transcribe),
    /// A visit from the microphone, encrypted as it is recorded: q stops, p pauses, m marks
    #[command(
        after_help = "Example:\n  cloister --user ada record --title 4711 --consent-by patient --max 1h --transcribe"
    )]
    Record(Record),
    /// What was recorded of a visit, and whether its files are unchanged
    #[command(after_help = "Example:\n  cloister --user ada recordings VISIT --verify")]
    Recordings(Recordings),
    /// One extraction, with its evidence
    #[command(after_help = "Example:\n  cloister --user ada extract --schema report --text-file letter.txt")]
    Extract(Extract),
    /// Visits: the list, and their end
    #[command(subcommand)]
    Visits(Visits),
    /// Notes of visits: from findings to a signature and a file
    #[command(subcommand)]
    Note(Note),
    /// Extraction schemas
    #[command(subcommand)]
    Schema(Schema),
    /// Sets of reports
    #[command(subcommand)]
    Dataset(Dataset),
    /// Runs over datasets
    #[command(subcommand)]
    Batch(Batch),
    /// What must not be erased, and the receipts of what was
    #[command(subcommand)]
    Retention(Retention),
    /// The whole vault in one encrypted file, and back
    #[command(subcommand)]
    Backup(Backup),
    /// The log
    #[command(subcommand)]
    Audit(Audit),
    /// Evidence for whoever looks into an incident, without anything clinical
    #[command(subcommand)]
    Incident(Incident),
    /// Model files
    #[command(subcommand)]
    Models(Models),
    /// Configuration
    #[command(subcommand)]
    Policy(Policy),
    /// What this workstation can do, and why not
    #[command(after_help = "Example:\n  cloister doctor --probe")]
    Doctor {
        /// Also try, from within, every known way out of this process and of the engine
        #[arg(long)]
        probe: bool,
    },
    /// Shell completions
    #[command(hide = true)]
    Completions { shell: clap_complete::Shell },
    /// Manual pages, one a command, into a folder
    #[command(hide = true)]
    Manual { folder: PathBuf },
}

#[derive(Debug, Args)]
pub(crate) struct Record {
    /// A microphone's id, or words of its name; else the one used last
    #[arg(long, value_name = "NAME")]
    pub(crate) device_name: Option<String>,
    /// Stop by itself after so long, such as 90s, 30m or 2h
    #[arg(long, value_name = "LENGTH", value_parser = crate::act::record::length)]
    pub(crate) max: Option<std::time::Duration>,
    /// Record into this visit instead of a new one
    #[arg(long, value_name = "ID", conflicts_with_all = ["title", "purpose"])]
    pub(crate) encounter: Option<String>,
    /// The new visit's record number or pseudonym
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// What the visit is for; kept in the vault
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
    /// Who agreed to the recording; else it is asked for
    #[arg(long, value_name = "WHO")]
    pub(crate) consent_by: Option<String>,
    /// How they agreed
    #[arg(long, value_name = "HOW", default_value = "spoken", value_parser = ["spoken", "written"])]
    pub(crate) consent_how: String,
    /// Print what was said, once it has ended
    #[arg(long)]
    pub(crate) transcribe: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Recordings {
    /// The visit
    #[arg(value_name = "ID")]
    pub(crate) encounter: String,
    /// Read every second and compare it with what was sealed
    #[arg(long)]
    pub(crate) verify: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Transcribe {
    /// Audio files; without any, what was recorded of the visit
    #[arg(required_unless_present = "encounter", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// A speech model of `cloister models list`
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// The language spoken (ISO 639-1), or auto
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub(crate) language: String,
    /// Expect the terms of this list: cardiology, general-practice, mental-health, respiratory
    #[arg(long, value_name = "LIST")]
    pub(crate) vocabulary: Option<String>,
    /// Expect this term too, such as a name (may be given several times)
    #[arg(long = "term", value_name = "TERM")]
    pub(crate) terms: Vec<String>,
    /// Into this visit instead of a new one
    #[arg(long, value_name = "ID")]
    pub(crate) encounter: Option<String>,
    /// How the transcript is written
    #[arg(long, value_name = "FORMAT", default_value = "txt")]
    pub(crate) format: TranscriptFormat,
    /// A file for one input, a folder for several
    #[arg(long, value_name = "OUTPUT")]
    pub(crate) output: Option<PathBuf>,
}

/// How a transcript is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TranscriptFormat {
    /// Words with times and probabilities
    Json,
    /// The spoken words alone
    Txt,
    /// SubRip subtitles
    Srt,
    /// WebVTT subtitles
    Vtt,
}

impl TranscriptFormat {
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Txt => "txt",
            Self::Srt => "srt",
            Self::Vtt => "vtt",
        }
    }
}

#[derive(Debug, Args)]
#[group(skip)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["encounter", "document", "text_file"]))]
pub(crate) struct Extract {
    /// A schema of the library: NAME or NAME@VERSION
    #[arg(long, value_name = "SCHEMA")]
    pub(crate) schema: String,
    /// From this visit's transcript
    #[arg(long, value_name = "ID")]
    pub(crate) encounter: Option<String>,
    /// From this report of a dataset
    #[arg(long, value_name = "ID")]
    pub(crate) document: Option<String>,
    /// From this text file
    #[arg(long, value_name = "FILE")]
    pub(crate) text_file: Option<PathBuf>,
    /// A language model of `cloister models list`
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Schema {
    /// A new schema, or the next version of one
    #[command(after_help = "Examples:\n  cloister --user ada schema add report.schema.json --name report\n  \
                            cloister --user ada schema add --preset medications")]
    Add {
        /// A JSON Schema
        #[arg(required_unless_present = "preset", conflicts_with = "preset")]
        file: Option<PathBuf>,
        /// One of `cloister schema presets` instead of a file
        #[arg(long, value_name = "PRESET")]
        preset: Option<String>,
        /// Its name in the library; a preset's own by default
        #[arg(long, value_name = "NAME", required_unless_present = "preset")]
        name: Option<String>,
    },
    /// The schemas that come with Cloister, or one of them, without a vault
    #[command(after_help = "Example:\n  cloister schema presets\n  cloister schema presets radiology")]
    Presets { name: Option<String> },
    /// Every schema
    #[command(after_help = "Example:\n  cloister --user ada schema list")]
    List,
    /// One schema: NAME or NAME@VERSION
    #[command(after_help = "Example:\n  cloister --user ada schema show report@1")]
    Show { name: String },
    /// Every version of a schema
    #[command(after_help = "Example:\n  cloister --user ada schema versions report")]
    Versions { name: String },
    /// What changed between two versions
    #[command(after_help = "Example:\n  cloister --user ada schema diff report@1 report@2")]
    Diff { from: String, to: String },
    /// Try a schema on a few documents of a dataset; nothing is kept
    #[command(after_help = "Example:\n  cloister --user ada schema try report --dataset study --documents 5")]
    Try {
        /// NAME or NAME@VERSION
        name: String,
        /// A dataset's name
        #[arg(long, value_name = "NAME")]
        dataset: String,
        /// So many, spread over the dataset
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=20))]
        documents: u64,
        /// A language model of `cloister models list`
        #[arg(long, value_name = "MODEL")]
        model: Option<String>,
    },
    /// Explain every fault of a schema, without a vault
    #[command(after_help = "Example:\n  cloister schema check report.schema.json")]
    Check { file: PathBuf },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// The policy in force
    #[command(after_help = "Example:\n  cloister --user ada policy show")]
    Show,
    /// Who changed what and when, newest first
    #[command(after_help = "Example:\n  cloister --user ada policy history")]
    History,
    /// Change it; it holds from each person's next sign-in
    #[command(after_help = "Example:\n  cloister --user ada policy set second_factor=required")]
    Set {
        /// A key and its value
        #[arg(required = true, value_name = "KEY=VALUE")]
        pairs: Vec<String>,
    },
    /// Changes that wait for a second administrator (policy_approval=two)
    #[command(after_help = "Example:\n  cloister --user ben policy proposals")]
    Proposals,
    /// Say yes to a change that another administrator proposed
    #[command(after_help = "Example:\n  cloister --user ben policy approve session_timeout_minutes=20")]
    Approve {
        /// The change, as `policy proposals` shows it
        #[arg(value_name = "KEY=VALUE")]
        pair: String,
    },
    /// Say no to it
    #[command(after_help = "Example:\n  cloister --user ben policy reject session_timeout_minutes=20")]
    Reject {
        /// The change, as `policy proposals` shows it
        #[arg(value_name = "KEY=VALUE")]
        pair: String,
    },
}
