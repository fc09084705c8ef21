//! Black-box tests: they drive the real `cloister` as a script would and know nothing of its insides. What they hold
//! it to is written in docs/cli-json.md and docs/errors.md.
//!
//! The binary is found beside the tests' own profile folder, or named by `CLOISTER_BIN`. Model files are looked for in
//! `models/weights`, or where `CLOISTER_MODELS` says; tests whose names end in `with_models` need them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accounts;
mod audit;
mod backup;
mod batch;
mod conventions;
mod datasets;
mod demo;
mod directory;
mod directory_settings;
mod doctor;
mod documents;
mod emergency;
mod extract;
mod hostile_audio;
mod hostile_text;
mod incidents;
mod kill;
mod log;
mod media;
mod memory;
mod models;
mod note;
mod office;
mod people;
mod record;
mod results;
mod retention;
mod rotation;
mod samples;
mod schemas;
mod secrecy;
mod sharing;
mod transcribe;
