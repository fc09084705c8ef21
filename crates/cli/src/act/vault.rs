//! The vault itself: creation and policy.

use super::columns;
use crate::{
    args::Policy,
    face::{Failure, Terminal},
    print,
};
use serde_json::{Map, Value, json};

pub(crate) fn init(terminal: &Terminal, admin: &str, policy: &[String]) -> Result<(), Failure> {
    let mut keys = Map::new();
    for pair in policy {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| Failure::Usage(format!("--policy {pair}: say KEY=VALUE")))?;
        keys.insert(key.to_owned(), Value::from(value));
    }
    let password = terminal.administrator_password(admin)?;
    let created = terminal.call("create_vault", json!({"name": admin, "password": password, "policy": keys}))?;
    if terminal.json {
        print::json(&created);
        return Ok(());
    }
    print::line(&format!("Recovery key        {}", print::cell(&created["recovery_key"])));
    print::line(&format!("Log's first key     {}", print::cell(&created["log_fingerprint"])));
    print::message(
        "Both are shown this once. Print them and keep them apart from this machine: the recovery key opens the \
         vault when every password is lost, and the log's first key proves later that the log is this one.",
    );
    Ok(())
}

pub(crate) fn policy(terminal: &Terminal, what: &Policy) -> Result<(), Failure> {
    let mut pairs = Vec::new();
    if let Policy::Set { pairs: given } = what {
        for pair in given {
            pairs.push(pair.split_once('=').ok_or_else(|| Failure::Usage(format!("{pair}: say KEY=VALUE")))?);
        }
    }
    terminal.sign_in()?;
    if let Policy::History = what {
        return history(terminal);
    }
    for (key, value) in pairs {
        terminal.call("set_policy", json!({"key": key, "value": value}))?;
    }
    let policy = terminal.call("show_policy", json!({}))?;
    if terminal.json {
        print::json(&policy);
    } else {
        for (key, value) in policy.as_object().into_iter().flatten() {
            print::line(&format!("{key} = {}", print::cell(value)));
        }
    }
    Ok(())
}

fn history(terminal: &Terminal) -> Result<(), Failure> {
    let changes = terminal.call("policy_history", json!({}))?;
    if terminal.json {
        print::json(&changes);
        return Ok(());
    }
    let names = ["at", "by", "setting", "old", "new", "keyring_version"];
    print::table(&["AT", "BY", "KEY", "BEFORE", "SINCE", "KEYRING"], &columns(&changes, &names));
    if changes.as_array().is_some_and(Vec::is_empty) {
        print::message("The policy is as the vault was made with it.");
    }
    Ok(())
}
