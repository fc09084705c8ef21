//! Holding, and receipts of what was erased.

use super::columns;
use crate::{
    args::Retention,
    face::{Failure, Terminal},
    print,
};
use serde_json::{Value, json};

pub(crate) fn run(terminal: &Terminal, what: &Retention) -> Result<(), Failure> {
    terminal.sign_in()?;
    match what {
        Retention::Preview => {
            let found = terminal.call("preview_retention", json!({}))?;
            if terminal.json {
                print::json(&found);
            } else {
                rules(&found);
                print::table(&DUE.map(|(_, heading)| heading), &columns(&found["due"], &DUE.map(|(name, _)| name)));
            }
        }
        Retention::Run => {
            let done = terminal.call("apply_retention", json!({}))?;
            if terminal.json {
                print::json(&done);
            } else {
                print::table(&DUE.map(|(_, heading)| heading), &columns(&done["erased"], &DUE.map(|(name, _)| name)));
                let erased = done["erased"].as_array().map_or(0, Vec::len);
                print::message(&format!(
                    "{erased} erased; {} kept by a legal hold, {} in use and left for the next time",
                    done["held"], done["later"]
                ));
            }
        }
        Retention::ErasePatient { patient, yes: false } => {
            let found = terminal.call("preview_patient", json!({"patient": patient}))?;
            if terminal.json {
                print::json(&found);
            } else {
                print::line(&format!("patient {}", print::cell(&found["pseudonym"])));
                of_patient(&found);
                print::message("nothing was erased; say --yes to erase it");
            }
        }
        Retention::ErasePatient { patient, yes: true } => {
            let done = terminal.call("erase_patient", json!({"patient": patient}))?;
            if terminal.json {
                print::json(&done);
            } else {
                for one in done["erased"].as_array().into_iter().flatten() {
                    let r = &one["receipt"];
                    let (kind, sha256) = (print::cell(&r["kind"]), print::cell(&one["sha256"]));
                    print::line(&format!("{} erased ({kind}), receipt {sha256}", print::cell(&r["erased"])));
                }
            }
            let held = |what: &str| done["held"][what].as_array().map_or(0, Vec::len);
            if held("visits") + held("reports") > 0 {
                return Err(Failure::Some(format!(
                    "legal holds keep {} visits and reports in {} datasets; they are still there",
                    held("visits"),
                    held("reports")
                )));
            }
        }
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

const DUE: [(&str, &str); 6] =
    [("kind", "KIND"), ("id", "ID"), ("name", "NAME"), ("since", "SINCE"), ("parts", "PARTS"), ("held", "HELD")];

fn rules(found: &Value) {
    let days = |rule: &str| match found[rule].as_str() {
        Some("keep") | None => "kept".to_owned(),
        Some(days) => format!("{days} days"),
    };
    print::message(&format!(
        "sound {} after signing; visits {}, datasets {}, runs {} after the last change; last applied {}",
        days("audio"),
        days("visits"),
        days("datasets"),
        days("runs"),
        found["last"].as_str().unwrap_or("never")
    ));
    if found["waits_for_a_person"] == true {
        print::message("the clock stands far from the last time: until you run them by hand, the rules erase nothing");
    }
}

fn of_patient(found: &Value) {
    print::table(&["VISIT", "BEGAN", "HELD"], &columns(&found["visits"], &["id", "created", "held"]));
    print::table(
        &["DATASET", "NAME", "REPORTS", "HELD"],
        &columns(&found["reports"], &["dataset", "name", "documents", "held"]),
    );
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
