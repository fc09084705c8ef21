//! Erasing, holding, and receipts.

use super::columns;
use crate::{
    args::{Retention, Visits},
    face::{Failure, Terminal},
    print,
};
use serde_json::{Value, json};

pub(crate) fn visits(terminal: &Terminal, what: &Visits) -> Result<(), Failure> {
    match what {
        Visits::List => {
            terminal.sign_in()?;
            let visits = terminal.call("list_encounters", json!({}))?;
            if terminal.json {
                print::json(&visits);
            } else {
                let names = ["id", "title", "state", "created"];
                print::table(&["ID", "RECORD", "STATE", "BEGAN"], &columns(&visits, &names));
            }
        }
        Visits::Delete { id, yes } => {
            if !yes {
                return Err(Failure::Usage(
                    "this erases the visit with its recordings, transcripts, findings and notes; say --yes".to_owned(),
                ));
            }
            terminal.sign_in()?;
            let gone = terminal.call("delete_encounter", json!({"id": id}))?;
            let r = &gone["receipt"];
            let keys = r["keys_destroyed"].as_array().map_or(0, Vec::len);
            told(terminal, &gone, &format!("{id}: erased, with {} files and {keys} keys", r["files"]), 0);
        }
    }
    Ok(())
}

pub(crate) fn run(terminal: &Terminal, what: &Retention) -> Result<(), Failure> {
    terminal.sign_in()?;
    match what {
        Retention::Hold { id, reason } => {
            terminal.call("hold_record", json!({"id": id, "reason": reason}))?;
        }
        Retention::Release { id } => {
            terminal.call("hold_record", json!({"id": id, "reason": null}))?;
        }
        Retention::Holds => {
            let holds = terminal.call("list_holds", json!({}))?;
            if terminal.json {
                print::json(&holds);
            } else {
                let names = ["id", "since", "by", "reason"];
                print::table(&["ID", "SINCE", "BY", "REASON"], &columns(&holds, &names));
            }
        }
        Retention::Receipts { of: Some(id), output: Some(file) } => {
            let sha256 = terminal.call_with("export_receipt", json!({"id": id}), Some(file))?;
            if terminal.json {
                print::json(&json!({"file": file, "sha256": sha256}));
            } else {
                print::message(&format!("the receipt is in {}", file.display()));
            }
        }
        Retention::Receipts { .. } => {
            let kept = terminal.call("list_receipts", json!({}))?;
            if terminal.json {
                print::json(&kept);
            } else {
                let cell = |r: &Value, name: &str| print::cell(&r["receipt"][name]);
                let rows: Vec<_> = kept
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|r| vec![cell(r, "erased"), cell(r, "kind"), cell(r, "at"), print::cell(&r["sha256"])])
                    .collect();
                print::table(&["ERASED", "KIND", "AT", "RECEIPT"], &rows);
            }
        }
    }
    Ok(())
}

/// Says what was erased; `documents` stand in the JSON for scripts that count them.
pub(super) fn told(terminal: &Terminal, gone: &Value, words: &str, documents: u64) {
    if terminal.json {
        let mut answer = gone.clone();
        if gone["receipt"]["kind"] == "dataset" {
            answer["documents"] = documents.into();
        }
        print::json(&answer);
    } else {
        print::line(words);
        print::line(&format!("receipt {}", print::cell(&gone["sha256"])));
    }
    if gone["journal_emptied"] == false {
        print::message(
            "another process reads the store: its journal keeps old pages, encrypted, until it ends; nothing more is needed",
        );
    }
}
