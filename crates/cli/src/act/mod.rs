//! Every act of the command line.

mod audit;
mod batch;
mod extract;
mod transcribe;
mod user;
mod vault;

pub(crate) use extract::findings;
pub(crate) use user::Own;

use crate::{
    args::{Command, Models},
    face::{Failure, Terminal},
    print,
};
use cloister_app::read_json_file;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Does what was asked for.
pub(crate) fn run(terminal: &Terminal, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Init { admin, policy } => vault::init(terminal, admin, policy)?,
        Command::User(what) => user::run(terminal, what)?,
        Command::Policy(what) => vault::policy(terminal, what)?,
        Command::Transcribe(what) => transcribe::run(terminal, what)?,
        Command::Extract(what) => extract::run(terminal, what)?,
        Command::Schema(what) => schema(terminal, what)?,
        Command::Dataset(what) => batch::dataset(terminal, what)?,
        Command::Batch(what) => batch::run(terminal, what)?,
        Command::Audit(what) => return audit::run(terminal, what),
        Command::Models(what) => return models(terminal, what),
        Command::Doctor { probe } => return doctor(terminal, *probe),
        // Handled before an app is started.
        Command::Demo { .. } | Command::Completions { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn schema(terminal: &Terminal, what: &crate::args::Schema) -> Result<(), Failure> {
    use crate::args::Schema;
    match what {
        Schema::Check { file } => {
            let faults = terminal.call("check_schema", json!({"definition": read_json_file(file)?}))?;
            let found = faults.as_array().map_or(0, Vec::len);
            if terminal.json {
                print::json(&json!({"valid": found == 0, "faults": faults}));
            } else if found == 0 {
                print::line("The schema can be used.");
            }
            if found > 0 {
                let lines: Vec<_> = faults.as_array().into_iter().flatten().map(fault_line).collect();
                let head = format!("{}: {found} fault(s)", file.display());
                return Err(Failure::Some(format!("{head}\n{}", lines.join("\n"))));
            }
            return Ok(());
        }
        Schema::Add { file, name } => {
            let definition = read_json_file(file)?;
            terminal.sign_in()?;
            let added = terminal.call("add_schema", json!({"name": name, "definition": definition}))?;
            if terminal.json {
                print::json(&added);
            } else {
                print::line(&format!("{} (version {})", print::cell(&added["name"]), added["version"]));
            }
        }
        Schema::List => {
            terminal.sign_in()?;
            let schemas = terminal.call("list_schemas", json!({}))?;
            if terminal.json {
                print::json(&schemas);
            } else {
                print::table(&["NAME", "VERSION", "ADDED"], &columns(&schemas, &["name", "version", "created"]));
            }
        }
        Schema::Show { name } => {
            terminal.sign_in()?;
            let found = terminal.call("show_schema", json!({"name": name}))?;
            if terminal.json {
                print::json(&found);
            } else {
                print::line(&serde_json::to_string_pretty(&found["definition"]).unwrap_or_default());
            }
        }
    }
    Ok(())
}

fn fault_line(fault: &Value) -> String {
    let pointer = print::cell(&fault["pointer"]);
    let place = if pointer.is_empty() { "the whole schema" } else { &pointer };
    format!("  {place}: {}", print::cell(&fault["message"]))
}

fn models(terminal: &Terminal, what: &Models) -> Result<ExitCode, Failure> {
    let verify = matches!(what, Models::Verify);
    let models = terminal.call("list_models", json!({"verify": verify}))?;
    if terminal.json {
        print::json(&models);
    } else {
        let names = ["name", "task", "file", "bytes", "licence", "state"];
        print::table(&["NAME", "TASK", "FILE", "BYTES", "LICENCE", "STATE"], &columns(&models, &names));
    }
    let unfit: Vec<_> = models
        .as_array()
        .into_iter()
        .flatten()
        .filter(|m| m["state"] != "present")
        .map(|m| format!("{} is {}", print::cell(&m["name"]), print::cell(&m["state"])))
        .collect();
    if verify && !unfit.is_empty() {
        print::message(&unfit.join("\n"));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
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
