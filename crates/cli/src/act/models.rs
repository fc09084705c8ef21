//! Model files.

use super::columns;
use crate::{
    args::Models,
    face::{Failure, Terminal},
    print,
};
use serde_json::{Value, json};
use std::process::ExitCode;

pub(crate) fn run(terminal: &Terminal, what: &Models) -> Result<ExitCode, Failure> {
    match what {
        Models::List => return list(terminal, false),
        Models::Verify => return list(terminal, true),
        Models::Install { bundle, key } => {
            show(terminal, &terminal.call_with("install_models", json!({"key": key}), Some(bundle))?);
        }
        Models::Import { path, key, name, licence } => {
            terminal.sign_in()?;
            let payload = json!({"name": name, "licence": licence, "folder": path.is_dir(), "key": key});
            show(terminal, &terminal.call_with("import_model", payload, Some(path))?);
        }
        Models::Default { task, name } => {
            terminal.sign_in()?;
            terminal.call("choose_model", json!({"task": task, "name": name}))?;
        }
        Models::Try { name } => {
            terminal.sign_in()?;
            let tried = terminal.call("try_model", json!({"name": name}))?;
            if terminal.json { print::json(&tried) } else { print::line(&in_words(&tried)) }
        }
        Models::Remove { yes: false, .. } => {
            return Err(Failure::Usage("this takes the model's file away; say --yes".to_owned()));
        }
        Models::Remove { name, yes: true } => {
            terminal.sign_in()?;
            terminal.call("remove_model", json!({"name": name}))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(terminal: &Terminal, imported: &Value) {
    if terminal.json {
        print::json(imported);
    } else {
        imported.as_array().into_iter().flatten().for_each(told);
    }
}

fn told(m: &Value) {
    let known =
        if m["known"] == true { "known to the manifest" } else { "named by you, loaded once, now in the policy" };
    print::line(&format!(
        "{} ({}): {}, {}, sha256 {}",
        print::cell(&m["name"]),
        print::cell(&m["licence"]),
        print::cell(&m["state"]),
        known,
        print::cell(&m["sha256"])
    ));
    let mib = |key: &str| m[key].as_u64().unwrap_or(0) >> 20;
    let (needs, has, free) = (mib("ram_bytes"), mib("memory_bytes"), mib("memory_free"));
    print::line(&format!("  needs about {needs} MiB of memory; this machine has {has} MiB, {free} of them free"));
    if m["fits"] == false {
        print::message("this machine has less memory than it needs; it will be slow or not load at all");
    }
}

fn in_words(tried: &Value) -> String {
    let s = |key: &str| tried[key].as_f64().unwrap_or(0.0);
    let (loading, working) = (s("loading_s"), s("working_s"));
    match tried["audio_s"].as_f64() {
        Some(audio) => format!(
            "loaded in {loading:.1} s; {audio:.1} s of speech in {working:.1} s ({:.1} times as fast), {} words",
            audio / working.max(0.001),
            tried["words"]
        ),
        None => format!(
            "loaded in {loading:.1} s; one report in {working:.1} s ({:.0} tokens a second), answer {}",
            tried["tokens"].as_f64().unwrap_or(0.0) / working.max(0.001),
            print::cell(&tried["status"])
        ),
    }
}

fn list(terminal: &Terminal, verify: bool) -> Result<ExitCode, Failure> {
    let models = terminal.call("list_models", json!({"verify": verify}))?;
    if terminal.json {
        print::json(&models);
    } else {
        let names = ["name", "task", "file", "bytes", "licence", "state"];
        print::table(&["NAME", "TASK", "FILE", "BYTES", "LICENCE", "STATE"], &columns(&models, &names));
    }
    let unfit: Vec<_> = models
        .as_array()
        .into_iter()
        .flatten()
        .filter(|m| m["state"] != "present")
        .map(|m| format!("{} is {}", print::cell(&m["name"]), print::cell(&m["state"])))
        .collect();
    if verify && !unfit.is_empty() {
        print::message(&unfit.join("\n"));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
