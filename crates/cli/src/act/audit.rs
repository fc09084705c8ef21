//! The log.

use super::columns;
use crate::{
    args::{Audit, LineFilter},
    face::{Failure, Terminal},
    print,
};
use cloister_app::month_of;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

pub(crate) fn run(terminal: &Terminal, what: &Audit) -> Result<ExitCode, Failure> {
    match what {
        Audit::Verify { file: Some(file), key, .. } => return verify_export(terminal, file, key.as_deref()),
        Audit::Verify { checkpoint, fingerprint, with_vault, .. } => {
            return verify(terminal, checkpoint, fingerprint.as_deref(), *with_vault);
        }
        Audit::Harden => return harden(terminal),
        _ => terminal.sign_in()?,
    }
    match what {
        Audit::List { limit, before, filter } => list(terminal, *limit, *before, filter)?,
        Audit::Alerts { acknowledge, reason } => alerts(terminal, *acknowledge, reason.as_deref())?,
        Audit::Emergencies { reviewed, reason } => emergencies(terminal, *reviewed, reason.as_deref())?,
        Audit::Report { month, from, to, output } => {
            let period = match (month, from, to) {
                (Some(month), ..) => month_of(month),
                (None, Some(from), Some(to)) => cloister_app::days_of(from, to),
                _ => None,
            };
            let (from, to) = period.ok_or_else(|| {
                Failure::Usage("a month is YYYY-MM, a day YYYY-MM-DD; the last day is not before the first".to_owned())
            })?;
            report(terminal, &from, &to, output.as_deref())?;
        }
        Audit::Export { format, output, filter } => {
            let payload = json!({"format": format, "filter": lines(filter)});
            let done = terminal.call_with("audit_export", payload, Some(output))?;
            if terminal.json {
                print::json(&done);
            } else {
                print::line(&format!("{}: {} lines", output.display(), done["lines"]));
                print::line(&format!("sealed with the key {}", print::cell(&done["key"])));
                print::message("Check it anywhere, later: cloister audit verify FILE (FILE.seal.json beside it).");
            }
        }
        Audit::Checkpoint { output } => {
            let done = terminal.call_with("audit_checkpoint", json!({}), Some(output))?;
            if terminal.json {
                print::json(&done);
            } else {
                print::line(&format!("{}: the log's end at line {}", output.display(), done["seq"]));
                print::message("Keep it on another machine or disk. Later: cloister audit verify --checkpoint FILE.");
            }
        }
        Audit::Verify { .. } | Audit::Harden => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The filter as the app takes it.
fn lines(f: &LineFilter) -> Value {
    json!({"from": f.from, "to": f.to, "user": f.who, "event_type": f.event, "outcome": f.outcome, "record": f.record})
}

fn list(terminal: &Terminal, limit: usize, before: Option<u64>, filter: &LineFilter) -> Result<(), Failure> {
    let found = terminal.call("audit_list", json!({"limit": limit, "before_seq": before, "filter": lines(filter)}))?;
    if terminal.json {
        print::json(&found);
        return Ok(());
    }
    let names = ["seq", "time", "event_type", "user_id", "outcome", "target", "details"];
    print::table(&["SEQ", "TIME", "EVENT", "WHO", "OUTCOME", "TARGET", "DETAILS"], &columns(&found, &names));
    if found.as_array().is_some_and(Vec::is_empty) {
        print::message("No line of the log is like that.");
    }
    Ok(())
}

fn alerts(terminal: &Terminal, acknowledge: Option<u64>, reason: Option<&str>) -> Result<(), Failure> {
    if let Some(seq) = acknowledge {
        let done = terminal.call("audit_acknowledge", json!({"seq": seq, "reason": reason}))?;
        if terminal.json {
            print::json(&done);
        } else {
            print::line(&format!("line {seq}: looked at"));
        }
        return Ok(());
    }
    let found = terminal.call("audit_alerts", json!({}))?;
    if terminal.json {
        print::json(&found);
        return Ok(());
    }
    let names = ["seq", "time", "kind", "count", "about", "acknowledged_reason"];
    let mut rows = columns(&found, &names);
    rows.iter_mut().filter_map(|row| row.last_mut()).filter(|state| state.is_empty()).for_each(|state| {
        "open".clone_into(state);
    });
    print::table(&["SEQ", "TIME", "ALERT", "COUNT", "ABOUT", "STATE"], &rows);
    if rows.is_empty() {
        print::message("There is no alert.");
    }
    Ok(())
}

fn emergencies(terminal: &Terminal, reviewed: Option<u64>, reason: Option<&str>) -> Result<(), Failure> {
    if reviewed.is_some() {
        return alerts(terminal, reviewed, reason);
    }
    let found = terminal.call("list_emergencies", json!({}))?;
    if terminal.json {
        print::json(&found);
        return Ok(());
    }
    // A visit's name for who may open it; its pseudonym for who may not.
    let rows: Vec<_> = found
        .as_array()
        .into_iter()
        .flatten()
        .map(|e| {
            let visit = if e["title"].is_null() { &e["visit"] } else { &e["title"] };
            let state = if e["review"].is_null() { "open".to_owned() } else { print::cell(&e["review"]) };
            let cell = |name: &str| print::cell(&e[name]);
            vec![cell("seq"), cell("at"), cell("by"), cell("reason"), print::cell(visit), cell("until"), state]
        })
        .collect();
    print::table(&["SEQ", "AT", "BY", "REASON", "VISIT", "UNTIL", "REVIEW"], &rows);
    if rows.is_empty() {
        print::message("Nobody opened another's visit within the last month.");
    }
    Ok(())
}

fn report(terminal: &Terminal, from: &str, to: &str, output: Option<&Path>) -> Result<(), Failure> {
    let Some(output) = output else {
        let report = terminal.call("audit_report", json!({"from": from, "to": to}))?;
        if terminal.json {
            print::json(&report);
        } else {
            print::data(&cloister_app::report_markdown(&report)?);
        }
        return Ok(());
    };
    let format = match output.extension().and_then(|e| e.to_str()) {
        Some("pdf") => "pdf",
        Some("md") => "md",
        _ => return Err(Failure::Usage(format!("{}: say a name ending in .md or .pdf", output.display()))),
    };
    let payload = json!({"from": from, "to": to, "format": format});
    let done = terminal.call_with("audit_export_report", payload, Some(output))?;
    if terminal.json {
        print::json(&done);
    } else {
        print::line(&format!("{}: {} lines of the log", output.display(), done["lines"]));
    }
    Ok(())
}

fn verify(
    terminal: &Terminal,
    checkpoints: &[PathBuf],
    fingerprint: Option<&str>,
    with_vault: bool,
) -> Result<ExitCode, Failure> {
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path).map_err(|e| Failure::Usage(format!("{}: {}", path.display(), e.kind())))
    };
    let checkpoints = checkpoints.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if with_vault {
        terminal.sign_in()?;
    }
    let verdict = terminal.call("audit_verify", json!({"checkpoints": checkpoints, "fingerprint": fingerprint}))?;
    Ok(tell(terminal, &verdict))
}

fn verify_export(terminal: &Terminal, file: &Path, key: Option<&str>) -> Result<ExitCode, Failure> {
    let found = terminal.call_with("audit_verify_export", json!({"key": key}), Some(file))?;
    let status = tell(terminal, &found);
    if !terminal.json && !found["key"].is_null() {
        let by = found["by"].as_str().map_or_else(String::new, |name| format!(" ({name})"));
        print::line(&format!("sealed {} with the key {}{by}", print::cell(&found["made"]), print::cell(&found["key"])));
    }
    Ok(status)
}

fn tell(terminal: &Terminal, verdict: &Value) -> ExitCode {
    let word = print::cell(&verdict["verdict"]);
    if terminal.json {
        print::json(verdict);
    } else {
        print::line(&format!("{word}: {} lines", verdict["entries"]));
        let grounds: Vec<_> = verdict["rests_on"].as_array().into_iter().flatten().map(print::cell).collect();
        print::line(&format!("rests on: {}", grounds.join(", ")));
        if !verdict["reason"].is_null() {
            print::line(&format!("because: {}", print::cell(&verdict["reason"])));
        }
    }
    ExitCode::from(match word.as_str() {
        "intact" => 0,
        "tampered" | "truncated" => 1,
        _ => 4,
    })
}

fn harden(terminal: &Terminal) -> Result<ExitCode, Failure> {
    let files = terminal.call("audit_harden", json!({}))?;
    if terminal.json {
        print::json(&files);
    } else {
        print::table(&["FILE", "STATE"], &columns(&files, &["file", "state"]));
    }
    let hard = |f: &Value| matches!(f["state"].as_str(), Some("hardened" | "already"));
    let all = files.as_array().is_some_and(|files| files.iter().all(hard));
    if !all {
        return Err(Failure::Some(
            "not every file is append-only: it needs root, and a file system that knows chattr +a (ext4, XFS, Btrfs)"
                .to_owned(),
        ));
    }
    Ok(ExitCode::SUCCESS)
}
