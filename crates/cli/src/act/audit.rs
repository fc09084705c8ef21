//! The log.

use super::columns;
use crate::{
    args::Audit,
    face::{Failure, Terminal},
    print,
};
use serde_json::json;
use std::process::ExitCode;

pub(crate) fn run(terminal: &Terminal, what: &Audit) -> Result<ExitCode, Failure> {
    match what {
        Audit::Verify => verify(terminal),
        Audit::List { limit, before } => {
            terminal.sign_in()?;
            let lines = terminal.call("audit_list", json!({"limit": limit, "before_seq": before}))?;
            if terminal.json {
                print::json(&lines);
            } else {
                let names = ["seq", "time", "event_type", "user_id", "outcome", "target", "details"];
                print::table(
                    &["SEQ", "TIME", "EVENT", "WHO", "OUTCOME", "TARGET", "DETAILS"],
                    &columns(&lines, &names),
                );
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn verify(terminal: &Terminal) -> Result<ExitCode, Failure> {
    let verdict = terminal.call("audit_verify", json!({}))?;
    let word = print::cell(&verdict["verdict"]);
    if terminal.json {
        print::json(&verdict);
    } else {
        print::line(&format!("{word}: {} lines", verdict["entries"]));
        let grounds: Vec<_> = verdict["rests_on"].as_array().into_iter().flatten().map(print::cell).collect();
        print::line(&format!("rests on: {}", grounds.join(", ")));
        if !verdict["reason"].is_null() {
            print::line(&format!("because: {}", print::cell(&verdict["reason"])));
        }
    }
    Ok(ExitCode::from(match word.as_str() {
        "intact" => 0,
        "tampered" | "truncated" => 1,
        _ => 4,
    }))
}
