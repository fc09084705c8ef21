//! Runs.

use super::dataset::dataset_id;
use crate::{
    args::Batch,
    face::{Failure, Terminal},
    print,
};
use serde_json::{Map, Value, json};

pub(crate) fn run(terminal: &Terminal, what: &Batch) -> Result<(), Failure> {
    let password = terminal.sign_in_by_password()?.password;
    match what {
        Batch::Run { dataset, schema, purpose, model, detach } => {
            let id = dataset_id(terminal, dataset)?;
            let payload =
                json!({"dataset": id, "schema": schema, "purpose": purpose, "model": model, "begin_only": detach});
            let begun = terminal.call("run_batch", payload)?;
            follow(terminal, &begun, *detach, &password)?;
        }
        Batch::Clone { id, schema, purpose, model, detach } => {
            let payload = json!({"id": id, "schema": schema, "purpose": purpose, "model": model, "begin_only": detach});
            let begun = terminal.call("clone_batch", payload)?;
            follow(terminal, &begun, *detach, &password)?;
        }
        Batch::Resume { id, detach } => {
            let name = if *detach { "batch_status" } else { "resume_batch" };
            let begun = terminal.call(name, json!({"id": id}))?;
            follow(terminal, &begun, *detach, &password)?;
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
        Batch::Export { id, format, output, evidence, text, age_recipient } => {
            let payload = json!({"id": id, "format": format, "evidence": evidence, "text": text,
                "age_recipient": age_recipient});
            let done = terminal.call_with("export_batch", payload, Some(output))?;
            if terminal.json {
                print::json(&done);
            } else {
                print::line(&format!("{}: {} documents", print::cell(&done["file"]), done["documents"]));
            }
            if done["cut"] != 0 {
                print::message(&format!("{} cells were cut to what a spreadsheet holds", done["cut"]));
            }
        }
        Batch::Evaluate { id, comparator, errors } => {
            let mut comparators = Map::new();
            for pair in comparator {
                let (field, kind) = pair
                    .split_once('=')
                    .ok_or_else(|| Failure::Usage(format!("--comparator {pair}: say FIELD=COMPARATOR")))?;
                comparators.insert(field.to_owned(), kind.into());
            }
            let scores = terminal.call("evaluate_batch", json!({"id": id, "comparators": comparators}))?;
            if terminal.json {
                print::json(&scores);
            } else {
                evaluation(&scores, *errors);
            }
        }
        Batch::Compare { first, second } => {
            let both = terminal.call("compare_batches", json!({"id": first, "with": second}))?;
            if terminal.json {
                print::json(&both);
            } else {
                comparison(&both);
            }
        }
        Batch::Queue { id, order, limit } => {
            let page = terminal.call("list_results", json!({"id": id, "order": order, "limit": limit}))?;
            if terminal.json {
                print::json(&page);
            } else {
                let line = |r: &Value| {
                    let cell = |name: &str| print::cell(&r[name]);
                    vec![cell("document_id"), cell("status"), figure(&r["doubt"]), cell("decided"), cell("document")]
                };
                let rows: Vec<_> = page["rows"].as_array().into_iter().flatten().map(line).collect();
                print::table(&["DOCUMENT", "STATUS", "DOUBT", "DECIDED", "ID"], &rows);
            }
        }
        Batch::Decide { id, document, path, verdict } => {
            let (word, value) = match verdict.edit.as_deref() {
                Some(text) => ("edit", serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))),
                None if verdict.accept => ("accept", Value::Null),
                None if verdict.undo => ("undo", Value::Null),
                None => ("reject", Value::Null),
            };
            let mut payload = json!({"id": id, "document": document, "path": path, "verdict": word});
            if word == "edit" {
                payload["value"] = value;
            }
            let now = terminal.call("decide_result", payload)?;
            if terminal.json {
                print::json(&now);
            } else {
                print::line(&format!("{path}: {word}"));
            }
        }
    }
    Ok(())
}

/// Shows the run, or hands it to a process of its own.
fn follow(terminal: &Terminal, begun: &Value, detach: bool, password: &str) -> Result<(), Failure> {
    if detach {
        let id = begun["batch"].as_str().unwrap_or_default();
        terminal.detach(&["batch", "resume", id, "--json"], password)?;
        print::message(&format!("It goes on in the background; `cloister batch status {id}` says how far it is."));
    }
    show(terminal, begun);
    Ok(())
}

fn control(terminal: &Terminal, id: &str, action: &str) -> Result<(), Failure> {
    show(terminal, &terminal.call("control_batch", json!({"id": id, "action": action}))?);
    Ok(())
}

fn show(terminal: &Terminal, batch: &Value) {
    if terminal.json {
        print::json(batch);
    } else {
        let mut line = row(batch).join("  ");
        if let (Some(rate), Some(left)) = (batch["per_hour"].as_f64(), batch["remaining_s"].as_f64()) {
            line.push_str(&format!("  {rate:.0} an hour, {} to go", duration(left)));
        }
        print::line(&line);
    }
}

fn row(batch: &Value) -> Vec<String> {
    let counts = batch["counts"].as_object().into_iter().flatten();
    let counts: Vec<_> = counts.filter(|(_, n)| **n != 0).map(|(name, n)| format!("{n} {name}")).collect();
    let cell = |name: &str| print::cell(&batch[name]);
    let interrupted = batch["status"] == "running" && batch["working"] == false;
    let status = if interrupted { "interrupted".to_owned() } else { cell("status") };
    vec![cell("batch"), cell("dataset"), cell("schema"), status, counts.join(", ")]
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

fn figure(value: &Value) -> String {
    value.as_f64().map_or_else(|| "-".to_owned(), |x| format!("{x:.3}"))
}

fn evaluation(scores: &Value, errors: usize) {
    let line = |name: String, f: &Value, exact: &Value, relaxed: &Value, interval: &Value| {
        let of = |s: &Value, k: &str| figure(&s[k]);
        vec![
            name,
            print::cell(&f["gold"]),
            print::cell(&f["found"]),
            of(exact, "p"),
            of(exact, "r"),
            of(exact, "f1"),
            of(relaxed, "p"),
            of(relaxed, "r"),
            of(relaxed, "f1"),
            format!("{}–{}", of(interval, "low"), of(interval, "high")),
        ]
    };
    let mut rows: Vec<_> = scores["fields"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|f| line(print::cell(&f["field"]), f, &f["exact"], &f["relaxed"], &f["interval"]))
        .collect();
    let (exact, relaxed) = (&scores["micro_exact"], &scores["micro_relaxed"]);
    rows.push(line("all values".to_owned(), &Value::Null, exact, relaxed, &scores["micro_interval"]));
    print::table(&["FIELD", "GOLD", "FOUND", "P", "R", "F1", "P~", "R~", "F1~", "95 % OF F1~"], &rows);
    print::line(&format!(
        "{} documents, {} without fields, {} still pending; mean F1 of the fields {} exact, {} relaxed (~)",
        scores["documents"],
        scores["without_fields"],
        scores["pending"],
        figure(&scores["macro_exact_f1"]),
        figure(&scores["macro_relaxed_f1"])
    ));
    for miss in scores["misses"].as_array().into_iter().flatten().take(errors) {
        let or_none = |v: &Value| if v.is_null() { "(none)".to_owned() } else { print::cell(v) };
        print::line(&format!(
            "  {} {}: right {}, found {}",
            print::cell(&miss["document_id"]),
            print::cell(&miss["field"]),
            or_none(&miss["missed"]),
            or_none(&miss["invented"])
        ));
    }
}

fn comparison(both: &Value) {
    let rows: Vec<_> = both["fields"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|f| vec![print::cell(&f[0]), figure(&f[1]), figure(&f[2])])
        .collect();
    print::table(&["FIELD", "FIRST F1~", "SECOND F1~"], &rows);
    print::line(&format!(
        "{} documents: {} and {}, difference {} (95 %: {} to {}), p = {}",
        both["documents"],
        figure(&both["first"]),
        figure(&both["second"]),
        figure(&both["difference"]),
        figure(&both["interval"]["low"]),
        figure(&both["interval"]["high"]),
        figure(&both["p_value"])
    ));
}
