//! Structured data out of clinical text: a local language model held to a JSON Schema, and every value it gives
//! found back in the text.
//!
//! Runs inside the engine process. Text and schema in, fields with their evidence out; no files, no network.

pub mod chat;
pub mod decoder;
mod error;
pub mod gguf;
pub mod prompt;
pub mod schema;
pub mod text;
pub mod tokenizer;

pub use error::{ExtractError, LoadError};
