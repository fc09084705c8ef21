//! Backups.

use super::columns;
use crate::{
    args::{Backup, BackupKey},
    face::{Failure, Terminal, first_line},
    print,
};
use serde_json::{Map, Value, json};
use std::{path::Path, process::ExitCode};

pub(crate) fn run(terminal: &Terminal, what: &Backup) -> Result<ExitCode, Failure> {
    match what {
        Backup::Create { output, age_recipients, .. } => create(terminal, output.as_deref(), age_recipients),
        Backup::Verify { file, key } => verify(terminal, file, key),
        Backup::Restore { file, key } => restore(terminal, file, key),
        Backup::List => list(terminal),
    }
}

fn create(terminal: &Terminal, output: Option<&Path>, recipients: &[String]) -> Result<ExitCode, Failure> {
    let made = match output {
        Some(file) => {
            terminal.sign_in()?;
            terminal.call_with("create_backup", json!({"age_recipients": recipients}), Some(file))?
        }
        None => terminal.call("scheduled_backup", json!({}))?,
    };
    if terminal.json {
        print::json(&made);
    } else {
        print::line(&format!(
            "{}: {} files, {} bytes, read back and whole",
            print::cell(&made["file"]),
            made["files"],
            made["bytes"]
        ));
        print::line(&format!("sha256 {}", print::cell(&made["sha256"])));
        if made["expired"] != 0 {
            print::line(&format!("{} older taken away", made["expired"]));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(terminal: &Terminal, file: &Path, key: &BackupKey) -> Result<ExitCode, Failure> {
    let found = terminal.call_with("verify_backup", secret(key, false)?.into(), Some(file))?;
    if terminal.json {
        print::json(&found);
    } else {
        print::line(&format!(
            "{}: vault {}, made {} by Cloister {}",
            print::cell(&found["verdict"]),
            print::cell(&found["vault"]),
            print::cell(&found["made"]),
            print::cell(&found["program"])
        ));
        match (&found["verdict"], &found["files"], &found["line"]) {
            (_, Value::Number(files), _) => print::line(&format!("{files} files, each with its digest")),
            (_, _, Value::Number(line)) => {
                print::line(&format!("line {line} of the log tells of this very file; it was not opened"));
            }
            _ => print::message(
                "it was not opened, and the log at hand does not tell of it: say --recovery-key-file or --age-identity",
            ),
        }
    }
    Ok(if found["verdict"] == "unknown" { ExitCode::from(4) } else { ExitCode::SUCCESS })
}

fn restore(terminal: &Terminal, file: &Path, key: &BackupKey) -> Result<ExitCode, Failure> {
    let mut payload = secret(key, true)?;
    if payload.contains_key("age_identity") {
        let (name, password) = terminal.name_and_password()?;
        payload.insert("name".to_owned(), name.into());
        payload.insert("password".to_owned(), password.into());
    }
    let restored = terminal.with_code(|code| {
        let mut payload = payload.clone();
        payload.insert("code".to_owned(), code.into());
        terminal.call_with("restore_backup", payload.into(), Some(file))
    })?;
    let verdict = &restored["log"]["verdict"];
    if terminal.json {
        print::json(&restored);
    } else {
        print::line(&format!(
            "vault {} as of {}: {} files, {} accounts",
            print::cell(&restored["vault"]),
            print::cell(&restored["made"]),
            restored["files"],
            restored["accounts"]
        ));
        print::line(&format!("log {}, {} lines", print::cell(verdict), restored["log"]["entries"]));
        if restored["sound_missing"] != 0 {
            print::message(&format!(
                "{} segments of sound are not in the backup; what else there is of these visits is",
                restored["sound_missing"]
            ));
        }
    }
    if verdict != "intact" {
        print::message(&format!(
            "the log in the backup is not intact ({}): look at it with `cloister audit verify`",
            print::cell(&restored["log"]["reason"])
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn list(terminal: &Terminal) -> Result<ExitCode, Failure> {
    terminal.sign_in()?;
    let plan = terminal.call("backup_plan", json!({}))?;
    if terminal.json {
        print::json(&plan);
    } else {
        if plan["folder"] == "" {
            print::message("the policy names no folder; set one: cloister policy set backup_folder=/mnt/backups");
        } else if plan["reachable"] == false {
            print::message(&format!("{} is not there", print::cell(&plan["folder"])));
        }
        print::table(&["MADE", "BYTES", "FILE"], &columns(&plan["kept"], &["made", "bytes", "file"]));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the command line says of a key; the recovery key is asked for where one is needed and none is said.
fn secret(key: &BackupKey, needed: bool) -> Result<Map<String, Value>, Failure> {
    let mut payload = Map::new();
    if let Some(file) = &key.age_identity {
        let text = std::fs::read_to_string(file).map_err(|e| Failure::Usage(format!("{}: {e}", file.display())))?;
        payload.insert("age_identity".to_owned(), text.into());
    } else if needed || key.recovery_key_file.is_some() {
        let typed = first_line(key.recovery_key_file.as_deref(), "Recovery key: ")?;
        payload.insert("recovery_key".to_owned(), typed.into());
    }
    Ok(payload)
}
