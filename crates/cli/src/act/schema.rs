//! Extraction schemas.

use super::{columns, dataset::dataset_id};
use crate::{
    args::Schema,
    face::{Failure, Terminal},
    print,
};
use cloister_app::read_json_file;
use serde_json::{Value, json};

pub(crate) fn run(terminal: &Terminal, what: &Schema) -> Result<(), Failure> {
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
        Schema::Add { file, preset: of, name } => {
            let definition = match (file, of) {
                (Some(file), _) => read_json_file(file)?,
                (None, of) => preset(terminal, of.as_deref().unwrap_or_default())?["definition"].clone(),
            };
            let name = name.as_ref().or(of.as_ref());
            terminal.sign_in()?;
            let added = terminal.call("add_schema", json!({"name": name, "definition": definition}))?;
            if terminal.json {
                print::json(&added);
            } else {
                print::line(&format!("{} (version {})", print::cell(&added["name"]), added["version"]));
            }
        }
        Schema::Presets { name: Some(name) } => {
            let found = preset(terminal, name)?;
            if terminal.json {
                print::json(&found);
            } else {
                print::line(&serde_json::to_string_pretty(&found["definition"]).unwrap_or_default());
            }
        }
        Schema::Presets { name: None } => {
            let presets = terminal.call("list_presets", json!({}))?;
            if terminal.json {
                print::json(&presets);
            } else {
                print::table(&["NAME", "TITLE"], &columns(&presets, &["name", "title"]));
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
        Schema::Versions { name } => {
            terminal.sign_in()?;
            let versions = terminal.call("schema_versions", json!({"name": name}))?;
            if terminal.json {
                print::json(&versions);
            } else {
                let names = ["name", "version", "created", "sha256"];
                print::table(&["NAME", "VERSION", "ADDED", "SHA-256"], &columns(&versions, &names));
            }
        }
        Schema::Diff { from, to } => {
            terminal.sign_in()?;
            let changes = terminal.call("diff_schemas", json!({"from": from, "to": to}))?;
            if terminal.json {
                print::json(&changes);
            } else {
                for c in changes.as_array().into_iter().flatten() {
                    let (place, before, after) = (print::cell(&c["place"]), &c["before"], &c["after"]);
                    match print::cell(&c["change"]).as_str() {
                        "added" => print::line(&format!("+ {place}: {after}")),
                        "removed" => print::line(&format!("- {place}: {before}")),
                        _ => print::line(&format!("~ {place}: {before} becomes {after}")),
                    }
                }
            }
        }
        Schema::Try { name, dataset, documents, model } => {
            terminal.sign_in()?;
            let id = dataset_id(terminal, dataset)?;
            let payload = json!({"dataset": id, "schema": name, "documents": documents, "model": model});
            let trial = terminal.call("try_schema", payload)?;
            if terminal.json {
                print::json(&trial);
            } else {
                for r in trial["results"].as_array().into_iter().flatten() {
                    print::line(&print::bold(&print::cell(&r["extraction"]["document_id"])));
                    super::findings(&r["extraction"]);
                }
                let hours = trial["estimate_s"].as_f64().unwrap_or(0.0) / 3600.0;
                print::line(&format!("All {} documents would take about {hours:.2} hours.", trial["documents"]));
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

fn preset(terminal: &Terminal, name: &str) -> Result<Value, Failure> {
    let presets = terminal.call("list_presets", json!({}))?;
    let found = presets.as_array().into_iter().flatten().find(|p| p["name"] == name).cloned();
    found.ok_or_else(|| Failure::Some(format!("there is no preset {name}; see: cloister schema presets")))
}
