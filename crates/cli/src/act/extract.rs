//! One extraction.

use crate::{
    args::Extract,
    face::{Failure, Terminal},
    print,
};
use serde_json::{Value, json};

pub(crate) fn run(terminal: &Terminal, what: &Extract) -> Result<(), Failure> {
    terminal.sign_in()?;
    let with = |id: &Option<String>| json!({"id": id, "schema": what.schema, "model": what.model});
    let result = if what.encounter.is_some() {
        terminal.call("extract_encounter", with(&what.encounter))?
    } else if what.document.is_some() {
        terminal.call("extract_document", with(&what.document))?
    } else {
        let payload = json!({"schema": what.schema, "model": what.model});
        terminal.call_with("extract_text", payload, what.text_file.as_deref())?
    };
    if terminal.json {
        print::json(&result);
    } else {
        findings(&result);
    }
    if result["status"] == "failed" {
        return Err(Failure::Some(print::cell(&result["error"])));
    }
    Ok(())
}

/// Supported findings with their evidence, then what nothing supports.
pub(crate) fn findings(result: &Value) {
    let all = result["findings"].as_array().cloned().unwrap_or_default();
    let (refused, found): (Vec<_>, Vec<_>) = all.iter().partition(|f| f["support"] == "unsupported");
    if found.is_empty() {
        print::line("Nothing was found.");
    }
    for f in found {
        print::line(&finding(f));
    }
    if !refused.is_empty() {
        print::line(&print::bold("Left out: nothing in the text supports it"));
        for f in refused {
            print::line(&format!("  {:22} {}", print::cell(&f["field"]), print::cell(&f["value"])));
        }
    }
    if !result["error"].is_null() {
        print::message(&format!("{}: {}", print::cell(&result["status"]), print::cell(&result["error"])));
    }
}

fn finding(f: &Value) -> String {
    let evidence = &f["evidence"][0];
    let place = match evidence["start_s"].as_f64() {
        Some(s) => format!("at {}:{:04.1}", (s / 60.0) as u64, s % 60.0),
        None => format!("characters {}–{}", evidence["start"], evidence["end"]),
    };
    let assertion = match print::cell(&f["assertion"]).as_str() {
        "present" => String::new(),
        other => format!(" [{other}]"),
    };
    let quote = print::cell(&evidence["quote"]).replace('\n', " ");
    let value = print::cell(&f["value"]);
    let head = format!("  {:22} {}{assertion}", print::cell(&f["field"]), print::bold(&value));
    format!("{head}\n  {:22} “{quote}”, {place}, {}", "", print::cell(&f["support"]))
}
