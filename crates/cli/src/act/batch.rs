//! Datasets and runs.

use super::columns;
use crate::{
    args::{Batch, Dataset},
    face::{Failure, Terminal},
    print,
};
use serde_json::{Map, Value, json};

pub(crate) fn dataset(terminal: &Terminal, what: &Dataset) -> Result<(), Failure> {
    match what {
        Dataset::Import { file, name, text_column, id_column, gold_column } => {
            let mut gold = Map::new();
            for pair in gold_column {
                let (field, column) = pair
                    .split_once('=')
                    .ok_or_else(|| Failure::Usage(format!("--gold-column {pair}: say FIELD=COLUMN")))?;
                gold.insert(field.to_owned(), Value::from(column));
            }
            terminal.sign_in()?;
            let columns = json!({"text": text_column, "id": id_column, "gold": gold});
            let done = terminal.call_with("import_dataset", json!({"name": name, "columns": columns}), Some(file))?;
            let skipped = done["skipped"].as_array().cloned().unwrap_or_default();
            for row in &skipped {
                print::message(&format!(
                    "{}: row {} left out: {}",
                    file.display(),
                    row["row"],
                    print::cell(&row["reason"])
                ));
            }
            if terminal.json {
                print::json(&done);
            } else {
                print::line(&format!("{name}: {} documents, {} rows left out", done["documents"], skipped.len()));
            }
        }
        Dataset::List => {
            terminal.sign_in()?;
            let datasets = terminal.call("list_datasets", json!({}))?;
            if terminal.json {
                print::json(&datasets);
            } else {
                let names = ["name", "documents", "source", "created", "id"];
                print::table(&["NAME", "DOCUMENTS", "SOURCE", "IMPORTED", "ID"], &columns(&datasets, &names));
            }
        }
    }
    Ok(())
}

pub(crate) fn run(terminal: &Terminal, what: &Batch) -> Result<(), Failure> {
    terminal.sign_in()?;
    match what {
        Batch::Run { dataset, schema, purpose, model } => {
            let id = dataset_id(terminal, dataset)?;
            let payload = json!({"dataset": id, "schema": schema, "purpose": purpose, "model": model});
            show(terminal, &terminal.call("run_batch", payload)?);
        }
        Batch::Status { id } => show(terminal, &terminal.call("batch_status", json!({"id": id}))?),
        Batch::Pause { id } => control(terminal, id, "pause")?,
        Batch::Cancel { id } => control(terminal, id, "cancel")?,
        Batch::Retry { id } => control(terminal, id, "retry")?,
        Batch::List => {
            let batches = terminal.call("list_batches", json!({}))?;
            if terminal.json {
                print::json(&batches);
            } else {
                let rows: Vec<_> = batches.as_array().into_iter().flatten().map(row).collect();
                print::table(&["RUN", "DATASET", "SCHEMA", "STATUS", "DOCUMENTS"], &rows);
            }
        }
        Batch::Export { id, format, output } => {
            let done = terminal.call_with("export_batch", json!({"id": id, "format": format}), Some(output))?;
            if terminal.json {
                print::json(&done);
            } else {
                print::line(&format!("{}: {} documents", print::cell(&done["file"]), done["documents"]));
            }
        }
    }
    Ok(())
}

/// The id of the dataset called `name` (an id is taken as it is).
fn dataset_id(terminal: &Terminal, name: &str) -> Result<Value, Failure> {
    let datasets = terminal.call("list_datasets", json!({}))?;
    let mut all = datasets.as_array().into_iter().flatten();
    all.find(|d| d["name"] == name || d["id"] == name)
        .map(|d| d["id"].clone())
        .ok_or_else(|| Failure::Some(format!("there is no dataset called {name}")))
}

fn control(terminal: &Terminal, id: &str, action: &str) -> Result<(), Failure> {
    show(terminal, &terminal.call("control_batch", json!({"id": id, "action": action}))?);
    Ok(())
}

fn show(terminal: &Terminal, batch: &Value) {
    if terminal.json {
        print::json(batch);
    } else {
        print::line(&row(batch).join("  "));
    }
}

fn row(batch: &Value) -> Vec<String> {
    let counts = batch["counts"].as_object().into_iter().flatten();
    let counts: Vec<_> = counts.filter(|(_, n)| **n != 0).map(|(name, n)| format!("{n} {name}")).collect();
    let cell = |name: &str| print::cell(&batch[name]);
    vec![cell("batch"), cell("dataset"), cell("schema"), cell("status"), counts.join(", ")]
}
