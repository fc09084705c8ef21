//! Datasets.

use super::columns;
use crate::{
    args::Dataset,
    face::{Failure, Terminal},
    print,
    research_args::Source,
};
use serde_json::{Map, Value, json};

pub(crate) fn run(terminal: &Terminal, what: &Dataset) -> Result<(), Failure> {
    match what {
        Dataset::Import { name, source } => {
            let mut payload = choices(source)?;
            payload["name"] = name.as_str().into();
            terminal.sign_in()?;
            let done = terminal.call_with("import_dataset", payload, Some(&source.file))?;
            left_out(source, &done["skipped"], &done["left_out"]);
            if terminal.json {
                print::json(&done);
            } else {
                print::line(&format!("{name}: {} documents, {} rows left out", done["documents"], done["left_out"]));
            }
        }
        Dataset::Preview { source } => {
            let payload = choices(source)?;
            terminal.sign_in()?;
            let seen = terminal.call_with("preview_dataset", payload, Some(&source.file))?;
            if terminal.json {
                print::json(&seen);
            } else {
                preview(source, &seen);
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
        Dataset::Search { words } => {
            terminal.sign_in()?;
            let found = super::search(terminal, "search_reports", words)?;
            if terminal.json {
                print::json(&found);
            } else {
                let rows = super::found(&found, &["dataset", "document_id"]);
                print::table(&["DATASET", "REPORT", "WORDS"], &rows);
            }
        }
        Dataset::Share { name, with, without } => {
            terminal.sign_in()?;
            let id = dataset_id(terminal, name)?;
            let user = with.as_ref().or(without.as_ref());
            let shared = terminal.call("share_dataset", json!({"id": id, "user": user, "give": without.is_none()}))?;
            if terminal.json {
                print::json(&shared);
            } else {
                shared.as_array().into_iter().flatten().for_each(|n| print::line(&print::cell(n)));
            }
        }
        Dataset::Delete { name, yes } => {
            if !yes {
                return Err(Failure::Usage(
                    "this erases the dataset with its runs, results and decisions; say --yes".to_owned(),
                ));
            }
            terminal.sign_in()?;
            let id = dataset_id(terminal, name)?;
            let gone = terminal.call("delete_dataset", json!({"id": id}))?;
            let documents = gone["receipt"]["rows"]["documents"].as_u64().unwrap_or(0);
            super::retention::told(terminal, &gone, &format!("{name}: {documents} documents erased"), documents);
        }
    }
    Ok(())
}

/// The id of the dataset called `name` (an id is taken as it is).
pub(super) fn dataset_id(terminal: &Terminal, name: &str) -> Result<Value, Failure> {
    let datasets = terminal.call("list_datasets", json!({}))?;
    let mut all = datasets.as_array().into_iter().flatten();
    all.find(|d| d["name"] == name || d["id"] == name)
        .map(|d| d["id"].clone())
        .ok_or_else(|| Failure::Some(format!("there is no dataset called {name}")))
}

fn choices(source: &Source) -> Result<Value, Failure> {
    let mut gold = Map::new();
    for pair in &source.gold_column {
        let (field, column) =
            pair.split_once('=').ok_or_else(|| Failure::Usage(format!("--gold-column {pair}: say FIELD=COLUMN")))?;
        gold.insert(field.to_owned(), Value::from(column));
    }
    Ok(json!({
        "columns": {"text": source.text_column, "id": source.id_column, "patient": source.patient_column, "gold": gold},
        "settings": {"sheet": source.sheet, "encoding": source.encoding, "delimiter": source.delimiter,
            "quote": source.quote, "header": source.header.as_deref().map(|h| h == "yes")},
    }))
}

fn left_out(source: &Source, listed: &Value, all: &Value) {
    let listed = listed.as_array().cloned().unwrap_or_default();
    for row in &listed {
        let reason = print::cell(&row["reason"]);
        print::message(&format!("{}: row {} left out: {reason}", source.file.display(), row["row"]));
    }
    let more = all.as_u64().unwrap_or(0).saturating_sub(listed.len() as u64);
    if more > 0 {
        print::message(&format!("{}: {more} more rows left out", source.file.display()));
    }
}

fn preview(source: &Source, seen: &Value) {
    let f = &seen["format"];
    let mut read = vec![print::cell(&f["kind"])];
    for (name, value) in [("encoding", &f["encoding"]), ("delimiter", &f["delimiter"]), ("sheet", &f["sheet"])] {
        if !value.is_null() {
            read.push(format!("{name} {value}"));
        }
    }
    if f["kind"] != "folder" && f["kind"] != "jsonl" {
        read.push(if f["header"] == true { "first row names the columns" } else { "no header" }.to_owned());
    }
    print::line(&format!("{}: {}", source.file.display(), read.join(", ")));
    let names = |v: &Value| v.as_array().into_iter().flatten().map(print::cell).collect::<Vec<_>>().join(", ");
    print::line(&format!("columns: {}", names(&seen["columns"])));
    match &seen["fault"] {
        Value::String(fault) => print::line(&format!("no report can be made of it: {fault}")),
        _ => print::line(&format!(
            "text: {}; id: {}; patient: {}",
            names(&seen["text"]),
            print::cell(&seen["id"]),
            print::cell(&seen["patient"])
        )),
    }
    print::line(&format!(
        "{} rows: {} reports of {} patients, {} with gold labels; {} left out, {} with an id that is there already, {} \
         with a text that is there already",
        seen["total"],
        seen["usable"],
        seen["patients"],
        seen["gold"],
        seen["left_out"],
        seen["duplicate_ids"],
        seen["duplicate_texts"]
    ));
    left_out(source, &seen["problems"], &seen["left_out"]);
    for d in seen["duplicates"].as_array().into_iter().flatten() {
        print::message(&format!("rows {} and {} have the same {}", d["first"], d["second"], print::cell(&d["what"])));
    }
}
