//! Structured data out of clinical text: a local language model held to a JSON Schema, and every value it gives
//! found back in the text.
//!
//! Runs inside the engine process. Text and schema in, fields with their evidence out; no files, no network.

mod accelerator;
pub mod assertion;
pub mod chat;
mod constrain;
pub mod decoder;
mod error;
mod extractor;
mod generate;
pub mod gguf;
pub mod ground;
mod orders;
pub mod prompt;
pub mod schema;
pub mod sections;
pub mod text;
pub mod tokenizer;

pub use accelerator::Accelerator;
pub use cloister_kernels::CpuPath;
pub use error::{ExtractError, LoadError};
pub use extractor::{Answer, Device, ExtractOptions, Extractor, LoadOptions, ModelCard, Progress, Stats};
