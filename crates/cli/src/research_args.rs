//! The words about datasets and runs.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Dataset {
    /// A table (CSV, TSV), Excel workbook, JSON Lines file or folder of TXT, MD and DOCX files
    #[command(
        after_help = "Example:\n  cloister --user ada dataset import reports.csv --name study --text-column report"
    )]
    Import {
        /// The dataset's name
        #[arg(long, value_name = "NAME")]
        name: String,
        #[command(flatten)]
        source: Source,
    },
    /// How a file would be read and what would be left out; nothing is imported
    #[command(after_help = "Example:\n  cloister --user ada dataset preview reports.csv --text-column report")]
    Preview {
        #[command(flatten)]
        source: Source,
    },
    /// Every dataset you may use
    #[command(after_help = "Example:\n  cloister --user ada dataset list")]
    List,
    /// Reports in which the words stand, of every dataset you may read
    #[command(after_help = "Example:\n  cloister --user ada dataset search pulmonary nodule")]
    Search {
        /// Each must occur, as itself or as a word's beginning
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Who may use a dataset, beside its owner and the administrators
    #[command(after_help = "Example:\n  cloister --user ada dataset share study --with okafor")]
    Share {
        /// A dataset's name
        name: String,
        /// Give it to this person
        #[arg(long, value_name = "USER", conflicts_with = "without")]
        with: Option<String>,
        /// Take it away from this person
        #[arg(long, value_name = "USER")]
        without: Option<String>,
    },
    /// Erase a dataset with its runs, results and decisions
    #[command(after_help = "Example:\n  cloister --user ada dataset delete study --yes")]
    Delete {
        /// A dataset's name
        name: String,
        /// It cannot be undone; say that you mean it
        #[arg(long)]
        yes: bool,
    },
}

/// A file or folder and how it is read. What is left out is guessed.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// A file, or a folder of texts
    pub(crate) file: PathBuf,
    /// A column that holds the report; several are joined in this order
    #[arg(long, value_name = "COLUMN")]
    pub(crate) text_column: Vec<String>,
    /// The column that names the report
    #[arg(long, value_name = "COLUMN")]
    pub(crate) id_column: Option<String>,
    /// The column that names the patient, who may have several reports
    #[arg(long, value_name = "COLUMN")]
    pub(crate) patient_column: Option<String>,
    /// A column with what is known to be right
    #[arg(long, value_name = "FIELD=COLUMN")]
    pub(crate) gold_column: Vec<String>,
    /// The sheet of a workbook; the first by default
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// Such as utf-8 or windows-1252
    #[arg(long, value_name = "ENCODING")]
    pub(crate) encoding: Option<String>,
    /// What stands between cells; `\\t` for a tab
    #[arg(long, value_name = "CHARACTER", value_parser = character)]
    pub(crate) delimiter: Option<char>,
    /// What stands around cells
    #[arg(long, value_name = "CHARACTER", value_parser = character)]
    pub(crate) quote: Option<char>,
    /// Whether the first row names the columns
    #[arg(long, value_name = "yes|no", value_parser = ["yes", "no"])]
    pub(crate) header: Option<String>,
}

fn character(text: &str) -> Result<char, String> {
    let mut all = text.chars();
    match (text, all.next(), all.next()) {
        ("\\t", ..) => Ok('\t'),
        (_, Some(c), None) => Ok(c),
        _ => Err("one character".to_owned()),
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Batch {
    /// Extract from every document; goes on with an unfinished run of the same kind
    #[command(
        after_help = "Example:\n  cloister --user ada batch run --dataset study --schema report --purpose \"audit 2026\""
    )]
    Run {
        /// A dataset's name
        #[arg(long, value_name = "NAME")]
        dataset: String,
        /// A schema of the library
        #[arg(long, value_name = "SCHEMA")]
        schema: String,
        /// What the run is for; kept in the vault
        #[arg(long, value_name = "TEXT")]
        purpose: String,
        /// A language model of `cloister models list`
        #[arg(long, value_name = "MODEL")]
        model: Option<String>,
        /// Work in the background, past the end of this terminal
        #[arg(long)]
        detach: bool,
    },
    /// How far a run is
    #[command(after_help = "Example:\n  cloister --user ada batch status RUN")]
    Status { id: String },
    /// Every run you may see
    #[command(after_help = "Example:\n  cloister --user ada batch list")]
    List,
    /// Let a run pause before its next document
    #[command(after_help = "Example:\n  cloister --user ada batch pause RUN")]
    Pause { id: String },
    /// Go on with a run, whatever stopped it
    #[command(after_help = "Example:\n  cloister --user ada batch resume RUN --detach")]
    Resume {
        id: String,
        /// Work in the background, past the end of this terminal
        #[arg(long)]
        detach: bool,
    },
    /// End a run; its results are kept
    #[command(after_help = "Example:\n  cloister --user ada batch cancel RUN")]
    Cancel { id: String },
    /// Make failed documents pending again; `batch resume` then goes on with them
    #[command(after_help = "Example:\n  cloister --user ada batch retry RUN")]
    Retry { id: String },
    /// The same documents again with another schema, model or purpose, as a new run
    #[command(after_help = "Example:\n  cloister --user ada batch clone RUN --schema report@2")]
    Clone {
        id: String,
        /// A schema of the library; the run's own in its newest version by default
        #[arg(long, value_name = "SCHEMA")]
        schema: Option<String>,
        /// What the new run is for; the first one's purpose by default
        #[arg(long, value_name = "TEXT")]
        purpose: Option<String>,
        /// A language model of `cloister models list`
        #[arg(long, value_name = "MODEL")]
        model: Option<String>,
        /// Work in the background, past the end of this terminal
        #[arg(long)]
        detach: bool,
    },
    /// Results as a file, with its SHA-256 and an account of the run beside it
    #[command(after_help = "Example:\n  cloister --user ada batch export RUN --format csv --output results.csv")]
    Export {
        id: String,
        #[arg(long, value_name = "FORMAT", default_value = "jsonl", value_parser = ["jsonl", "csv", "xlsx"])]
        format: String,
        /// `-partial` is added to its name while documents are pending, `.age` when it is encrypted
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        /// Columns of evidence and state for each leaf (csv, xlsx)
        #[arg(long)]
        evidence: bool,
        /// The report's text with each row
        #[arg(long)]
        text: bool,
        /// Encrypt the file to this age public key (age1…)
        #[arg(long, value_name = "RECIPIENT")]
        age_recipient: Option<String>,
    },
    /// Scores against gold labels
    #[command(
        after_help = "Example:\n  cloister --user ada batch evaluate RUN --comparator dose=number:0.5 --errors 20"
    )]
    Evaluate {
        id: String,
        /// words, exact, normalised, fuzzy:0.9, number:0.5, date, category, tokens or skip
        #[arg(long, value_name = "FIELD=COMPARATOR")]
        comparator: Vec<String>,
        /// Print the first N errors
        #[arg(long, value_name = "N", default_value_t = 0)]
        errors: usize,
    },
    /// Two runs over the same dataset side by side
    #[command(after_help = "Example:\n  cloister --user ada batch compare FIRST SECOND")]
    Compare { first: String, second: String },
    /// Documents for review, most doubtful first, or where gold labels disagree
    #[command(after_help = "Example:\n  cloister --user ada batch queue RUN --order gold")]
    Queue {
        id: String,
        #[arg(long, value_name = "ORDER", default_value = "doubt", value_parser = ["doubt", "gold", "source"])]
        order: String,
        /// So many
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u64,
    },
    /// Decide about one finding of one document
    #[command(
        after_help = "Example:\n  cloister --user ada batch decide RUN --document DOC --path /findings/0 --reject"
    )]
    Decide {
        id: String,
        /// A document's id (`doc-…`, as `batch queue` lists it)
        #[arg(long, value_name = "DOC")]
        document: String,
        /// The finding's place
        #[arg(long, value_name = "POINTER")]
        path: String,
        #[command(flatten)]
        verdict: Verdict,
    },
}

/// One of four.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Verdict {
    /// It is right
    #[arg(long)]
    pub(crate) accept: bool,
    /// It is wrong and goes
    #[arg(long)]
    pub(crate) reject: bool,
    /// It is this instead (JSON, or plain text)
    #[arg(long, value_name = "VALUE")]
    pub(crate) edit: Option<String>,
    /// Take the decision before back
    #[arg(long)]
    pub(crate) undo: bool,
}
