//! The institution's directory: setting it, and finding out which step of a sign-in fails.

use crate::{
    args::Directory,
    face::{Failure, Terminal, first_line},
    print,
};
use serde_json::{Map, Value, json};
use std::{fs, path::Path, process::ExitCode};

pub(crate) fn run(terminal: &Terminal, what: &Directory) -> Result<ExitCode, Failure> {
    match what {
        Directory::Set { file, search_password_file } => {
            let settings = read(file)?;
            terminal.sign_in()?;
            let search_password = search_password(&settings, search_password_file.as_deref())?;
            let payload = json!({"settings": settings, "search_password": search_password});
            show(terminal, &terminal.call("set_directory", payload)?);
            if !terminal.json {
                print::message(
                    "Each command from now on asks this directory; a window that is open does so once it is started \
                     again. Try it: cloister directory test --as NAME",
                );
            }
        }
        Directory::Show => {
            terminal.sign_in()?;
            show(terminal, &terminal.call("show_directory", json!({}))?);
        }
        Directory::Test { name, as_password_file, without_password, file, search_password_file } => {
            let password = |name: &str| match without_password {
                true => Ok(None),
                false => first_line(as_password_file.as_deref(), &format!("Directory password of {name}: ")).map(Some),
            };
            let steps = match file {
                Some(file) => {
                    let settings = read(file)?;
                    let search_password = search_password(&settings, search_password_file.as_deref())?;
                    let password = name.as_deref().map(password).transpose()?.flatten();
                    let payload = json!({
                        "settings": settings, "search_password": search_password, "name": name, "password": password
                    });
                    terminal.call("try_directory", payload)?
                }
                None => {
                    terminal.sign_in()?;
                    let password = name.as_deref().map(password).transpose()?.flatten();
                    terminal.call("test_directory", json!({"name": name, "password": password}))?
                }
            };
            return Ok(tell(terminal, &steps));
        }
        Directory::Remove => {
            terminal.sign_in()?;
            let left = terminal.call("remove_directory", json!({}))?;
            if terminal.json {
                print::json(&left);
            } else {
                print::line("there is no directory any more; its accounts stay shut until they are reset");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Settings in TOML, as JSON. `ca_file` lies beside the file, and becomes its content.
fn read(file: &Path) -> Result<Value, Failure> {
    let at = |path: &Path, words: &dyn std::fmt::Display| Failure::Usage(format!("{}: {words}", path.display()));
    let text = fs::read_to_string(file).map_err(|e| at(file, &e))?;
    let mut settings: Map<String, Value> = toml::from_str(&text).map_err(|e| at(file, &e.message()))?;
    if let Some(ca_file) = settings.remove("ca_file") {
        if settings.contains_key("ca") {
            return Err(at(file, &"say ca or ca_file, not both"));
        }
        let ca_file = file.parent().unwrap_or(Path::new(".")).join(print::cell(&ca_file));
        let ca = fs::read_to_string(&ca_file).map_err(|e| at(&ca_file, &e))?;
        settings.insert("ca".to_owned(), ca.into());
    }
    Ok(Value::Object(settings))
}

/// The password of the account that searches, where there is one.
fn search_password(settings: &Value, file: Option<&Path>) -> Result<Option<String>, Failure> {
    match settings["search_account"].as_str().filter(|a| !a.is_empty()) {
        None => Ok(None),
        Some(account) => first_line(file, &format!("Password of {account}: ")).map(Some),
    }
}

fn show(terminal: &Terminal, directory: &Value) {
    if terminal.json {
        print::json(directory);
        return;
    }
    let Some(settings) = directory["settings"].as_object() else {
        print::line("no directory is set");
        return;
    };
    for (key, value) in settings {
        match (key.as_str(), value) {
            ("ca", _) | (_, Value::Null) => {}
            ("groups", Value::Array(groups)) => {
                for group in groups {
                    print::line(&format!("group = {} -> {}", print::cell(&group["dn"]), print::cell(&group["role"])));
                }
            }
            (_, Value::Array(list)) => {
                for value in list {
                    print::line(&format!("{} = {}", key.trim_end_matches('s'), print::cell(value)));
                }
            }
            (_, value) => print::line(&format!("{key} = {}", print::cell(value))),
        }
    }
    if directory["restart_needed"] == true {
        print::message("It counts from the next start on.");
    }
    if let Some(failure) = directory["failure"].as_str() {
        print::message(&format!("It is not asked: {failure}."));
    }
    if directory["local_administrators"] == 0 {
        print::message(
            "No local administrator is left: while the directory cannot be reached, only the recovery key helps.",
        );
    }
}

/// One line a step. The exit status says whether all went well.
fn tell(terminal: &Terminal, steps: &Value) -> ExitCode {
    let list = steps.as_array().map(Vec::as_slice).unwrap_or_default();
    if terminal.json {
        print::json(steps);
    } else {
        for step in list {
            let mut facts: Vec<_> = step["facts"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, value)| format!("{key} {}", print::cell(value)))
                .collect();
            facts.extend(step["words"].as_str().map(str::to_owned));
            let (name, state) = (print::cell(&step["step"]), print::cell(&step["state"]).replace('_', " "));
            print::line(format!("{:14} {state:10} {}", name.replace('_', " "), facts.join("; ")).trim_end());
        }
    }
    if list.iter().any(|s| s["state"] == "failed") { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
