//! Every act of the command line.

mod audit;
mod backup;
mod batch;
mod dataset;
mod directory;
mod extract;
mod models;
pub(crate) mod note;
pub(crate) mod record;
mod retention;
mod schema;
mod transcribe;
mod user;
mod vault;
mod visits;

pub(crate) use extract::findings;
pub(crate) use user::Own;

use crate::{
    args::{Command, Incident},
    face::{Failure, Terminal},
    print,
};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Does what was asked for.
pub(crate) fn run(terminal: &Terminal, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Init { admin, policy } => vault::init(terminal, admin, policy)?,
        Command::User(what) => user::run(terminal, what)?,
        Command::Directory(what) => return directory::run(terminal, what),
        Command::Policy(what) => vault::policy(terminal, what)?,
        Command::Transcribe(what) => transcribe::run(terminal, what)?,
        Command::Record(what) => record::run(terminal, what)?,
        Command::Recordings(what) => return record::list(terminal, what),
        Command::Extract(what) => extract::run(terminal, what)?,
        Command::Visits(what) => visits::run(terminal, what)?,
        Command::Retention(what) => retention::run(terminal, what)?,
        Command::Note(what) => note::run(terminal, what)?,
        Command::Schema(what) => schema::run(terminal, what)?,
        Command::Dataset(what) => dataset::run(terminal, what)?,
        Command::Batch(what) => batch::run(terminal, what)?,
        Command::Backup(what) => return backup::run(terminal, what),
        Command::Audit(what) => return audit::run(terminal, what),
        Command::Incident(what) => incident(terminal, what)?,
        Command::Models(what) => return models::run(terminal, what),
        Command::Doctor { probe } => return doctor(terminal, *probe),
        // Handled before an app is started.
        Command::Demo { .. } | Command::Completions { .. } | Command::Manual { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn incident(terminal: &Terminal, what: &Incident) -> Result<(), Failure> {
    let Incident::Collect { output, age_recipient } = what;
    terminal.sign_in()?;
    let done = terminal.call_with("collect_evidence", json!({"age_recipient": age_recipient}), Some(output))?;
    if terminal.json {
        print::json(&done);
        return Ok(());
    }
    for member in done["members"].as_array().into_iter().flatten() {
        print::line(&print::cell(member));
    }
    print::line(&format!("{}: {} bytes, SHA-256 {}", output.display(), done["bytes"], print::cell(&done["sha256"])));
    print::message("Encrypted; no report, transcript or file name is in it.");
    Ok(())
}

fn doctor(terminal: &Terminal, probe: bool) -> Result<ExitCode, Failure> {
    let examination = terminal.call("doctor", json!({"probe": probe}))?;
    let checks = examination["checks"].as_array().cloned().unwrap_or_default();
    if terminal.json {
        print::json(&examination);
    } else {
        for check in &checks {
            let facts: Vec<_> = check["facts"].as_array().into_iter().flatten().map(print::cell).collect();
            let name = print::cell(&check["name"]);
            print::line(&format!("{:5} {name:12} {}", print::cell(&check["state"]), facts.join("; ")));
        }
    }
    let failed = checks.iter().any(|c| c["state"] == "fail");
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Members of each object of a list, as rows.
fn columns(list: &Value, names: &[&str]) -> Vec<Vec<String>> {
    let rows = list.as_array().into_iter().flatten();
    rows.map(|r| names.iter().map(|n| print::cell(&r[*n])).collect()).collect()
}

/// Looks for words until every text was taken up, and gives what was found.
fn search(terminal: &Terminal, command: &str, words: &[String]) -> Result<Value, Failure> {
    loop {
        let mut answer = terminal.call(command, json!({"words": words.join(" ")}))?;
        if answer["left"] == 0 {
            return Ok(answer["found"].take());
        }
    }
}

/// What a search found as rows: these members, and the words with what stands around them.
fn found(found: &Value, names: &[&str]) -> Vec<Vec<String>> {
    let words =
        |hit: &Value| hit["excerpt"].as_array().into_iter().flatten().map(|p| print::cell(&p["text"])).collect();
    let mut rows = columns(found, names);
    for (row, hit) in rows.iter_mut().zip(found.as_array().into_iter().flatten()) {
        row.push(words(hit));
    }
    rows
}
