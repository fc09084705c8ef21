//! The messages. Both binaries are built together; [`VERSION`] catches a helper that was replaced by another build.

use cloister_domain::{ExtractionStatus, Finding, ModelRef, Segment, Sensitive, Sha256Hex};
use cloister_seal::{SealReport, probe::Outcome};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of the protocol. A different number on the other side ends the conversation.
pub const VERSION: u32 = 3;

/// The descriptor that holds the speech model in the engine.
pub const SPEECH_FD: i32 = 3;
/// The descriptor that holds the language model in the engine.
pub const LANGUAGE_FD: i32 = 4;

/// Parent to engine. One job at a time; `Cancel` may come at any moment.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    /// First message.
    Hello {
        /// [`VERSION`].
        version: u32,
        /// Threads the engine may use.
        threads: u16,
        /// The model behind [`SPEECH_FD`], if any.
        speech: Option<ModelRef>,
        /// The model behind [`LANGUAGE_FD`], if any.
        language: Option<ModelRef>,
        /// `auto`, `cpu`, `cuda`.
        device: String,
        /// Whether to go on where the kernel cannot seal: an administrator said so.
        unsealed: bool,
    },
    /// Tries every way out of the sandbox that is known, from within.
    Probe,
    /// Explains every fault of a schema.
    CheckSchema {
        /// The schema as the user wrote it.
        schema: Value,
    },
    /// Audio to segments. The engine asks for bytes with [`Reply::Need`].
    Transcribe {
        /// Length of the source in bytes.
        bytes: u64,
        /// Options.
        options: TranscribeOptions,
    },
    /// A recording that goes on, to drafts and segments. The engine asks for sound with [`Reply::Want`].
    Listen {
        /// The first sample to ask for: everything before it is done.
        from: u64,
        /// Options.
        options: TranscribeOptions,
    },
    /// Text and schema to findings.
    Extract {
        /// The schema.
        schema: Value,
        /// The report.
        text: Sensitive<String>,
        /// Options.
        options: ExtractOptions,
    },
    /// Several texts, side by side; each answer comes as it is ready, in a [`Reply::Answered`].
    ExtractAll {
        /// The schema.
        schema: Value,
        /// The reports.
        texts: Vec<Sensitive<String>>,
        /// Options.
        options: ExtractOptions,
    },
    /// The rows of one sheet of an Excel workbook.
    ReadWorkbook {
        /// Length of the source in bytes.
        bytes: u64,
        /// The sheet's name; the first by default.
        sheet: Option<String>,
    },
    /// The words of a Word document.
    ReadDocx {
        /// Length of the source in bytes.
        bytes: u64,
    },
    /// Stop the job under way; it ends with [`Fault::Cancelled`].
    Cancel,
}

/// How to transcribe.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct TranscribeOptions {
    /// ISO 639-1; `None` asks the model to detect it once.
    pub language: Option<String>,
    /// Words that are likely here (drug and place names); helps only where there is speech.
    pub vocabulary: Vec<String>,
    /// Everything before this moment is done already, in seconds; ignored by `Listen`, which has its own.
    #[serde(default)]
    pub from_s: f64,
}

/// How to extract.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ExtractOptions {
    /// Most tokens the answer may have; `None` lets the engine choose from the schema.
    pub max_output_tokens: Option<u32>,
}

/// Engine to parent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    /// First answer to `Hello`: what is in force, before any model or document is read.
    Sealed(Sealed),
    /// Second answer to `Hello`, once the models are loaded.
    Ready(Ready),
    /// Asks for `len` bytes of the source at `offset`; the parent answers with a bytes frame (shorter at the end).
    Need {
        /// From here.
        offset: u64,
        /// So many.
        len: u32,
    },
    /// Asks for samples of a recording that goes on, from sample `from` on: at most `most`, at least `least` if they
    /// come soon. The parent answers with a bytes frame: 1 when the recording has ended with these samples, else 0;
    /// then the samples, 16 kHz mono, 16 bits little endian.
    Want {
        /// From this sample of the recording on.
        from: u64,
        /// So many are worth an answer.
        least: u32,
        /// Not more.
        most: u32,
    },
    /// All that is heard after the last [`Reply::Segment`] so far; takes the place of the draft before it.
    Draft {
        /// In order of time.
        segments: Vec<Segment>,
    },
    /// Sign of life and progress.
    Progress(Progress),
    /// A finished segment.
    Segment(Segment),
    /// The end of `Transcribe` and `Listen`.
    Transcribed(Transcribed),
    /// The end of `Extract`.
    Extracted(Extracted),
    /// What was found in one text of `ExtractAll`.
    Answered {
        /// Which, from 0.
        number: u32,
        /// What was found.
        answer: Extracted,
    },
    /// The end of `ExtractAll`.
    AllExtracted,
    /// The end of `CheckSchema`.
    SchemaChecked {
        /// Empty when the schema can be used.
        faults: Vec<SchemaFault>,
    },
    /// The end of `Probe`.
    Probed {
        /// Each way out, and how trying it ended.
        outcomes: Vec<(String, Outcome)>,
    },
    /// The sheets of a workbook, before its rows.
    Sheets {
        /// Their names, in order.
        names: Vec<String>,
        /// The one that is read.
        chosen: String,
    },
    /// Rows of the sheet, in order.
    Rows {
        /// As many as one message holds.
        rows: Sensitive<Vec<SheetRow>>,
    },
    /// The end of `ReadWorkbook`.
    WorkbookRead {
        /// How many rows held something.
        rows: u64,
    },
    /// The end of `ReadDocx`.
    DocxRead {
        /// Its words.
        text: Sensitive<String>,
    },
    /// The job ended without a result; the engine lives on.
    Failed(Fault),
}

/// Who answers, and what keeps it in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sealed {
    /// [`VERSION`].
    pub version: u32,
    /// Version of the engine's build.
    pub build: String,
    /// Read back by the engine itself. The parent asks the kernel as well.
    pub report: SealReport,
}

/// A row of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRow {
    /// As Excel counts, from 1.
    pub number: u32,
    /// From column A; what follows the last filled cell is left out.
    pub cells: Vec<String>,
}

/// What the engine can do and with what.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ready {
    /// [`VERSION`].
    pub version: u32,
    /// Version and build of the engine.
    pub build: String,
    /// Arithmetic path, such as `avx512-vnni`.
    pub cpu_path: String,
    /// `cpu`, or the accelerator, with the reason when one was asked for and could not be had.
    pub device: String,
    /// Threads in use.
    pub threads: u16,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Progress {
    /// Which part of the work.
    pub stage: Stage,
    /// So much: seconds of audio, or tokens.
    pub done: f64,
    /// Of so much, when that is known.
    pub total: Option<f64>,
}

/// Parts of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Seconds of audio heard.
    Transcribing,
    /// Tokens of the report read.
    Reading,
    /// Tokens of the answer written.
    Writing,
}

/// What was heard.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Transcribed {
    /// ISO 639-1.
    pub language: String,
    /// Length of the audio in seconds.
    pub duration_s: f64,
    /// All segments in order.
    pub segments: Vec<Segment>,
    /// What was wrong with the file although it could be read, in plain words without content.
    pub warnings: Vec<String>,
}

/// What was found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Extracted {
    /// `ok`, `partial`, `rejected`.
    pub status: ExtractionStatus,
    /// The supported leaves.
    pub fields: Sensitive<Value>,
    /// Every leaf.
    pub findings: Vec<Finding>,
    /// SHA-256 of the prompt's fixed part.
    pub prompt_sha256: Sha256Hex,
    /// Why it is partial or rejected, as codes and plain words without content.
    pub reasons: Vec<String>,
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub output_tokens: u32,
}

/// One fault of a schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaFault {
    /// JSON Pointer of the place.
    pub pointer: String,
    /// What is wrong there and what would be right.
    pub message: String,
}

/// Why a job ended without a result. The words never hold content of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The parent asked for it.
    #[error("cancelled")]
    Cancelled,
    /// The audio cannot be used.
    #[error("{words}")]
    Audio {
        /// What is wrong with it.
        words: String,
    },
    /// The text cannot be used.
    #[error("{words}")]
    Text {
        /// What is wrong with it.
        words: String,
    },
    /// The schema cannot be used.
    #[error("the schema cannot be used")]
    Schema {
        /// Every fault.
        faults: Vec<SchemaFault>,
    },
    /// The model file cannot be used.
    #[error("{words}")]
    Model {
        /// What is wrong with it.
        words: String,
    },
    /// The kernel gave not the rules that the engine must have.
    #[error("the engine cannot be sealed off on this kernel: {words}")]
    NotSealed {
        /// What is in force and what is not.
        words: String,
    },
    /// No model for this job was handed in.
    #[error("no model for this task is loaded")]
    NoModel,
    /// A mistake of ours.
    #[error("the engine failed: {words}")]
    Internal {
        /// Where.
        words: String,
    },
}
