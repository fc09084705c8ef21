//! What can be done with Cloister. The window and the command line go through [`App::call`] and nothing else.

mod app;
mod command;
mod commands;
pub mod demo;
mod doctor;
pub mod dto;
mod engines;
mod error;
mod export;
mod extract;
mod import;
mod keeper;
mod log_keeping;
mod log_report;
mod manifest;
mod open;
mod panics;
mod paths;
mod pdf;
mod ports;
mod present;
mod recover;
mod sealing;
mod system;
pub mod transcript_text;
mod vocabulary;

pub use app::{App, AppOptions, Face};
pub use cloister_seal::{Options as SealOptions, SealReport, Sockets, seal};
pub use error::AppError;
pub use export::write_file;
pub use import::{file_stem, read_json_file};
pub use log_report::{days_of, month_of, report_markdown};
pub use panics::quiet_panics;
pub use paths::Paths;
pub use ports::{NoPorts, Ports};
pub use system::{SystemClock, SystemEntropy};
