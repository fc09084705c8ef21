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
    let pair = |pair: &str| {
        let pair = pair.split_once('=').ok_or_else(|| Failure::Usage(format!("{pair}: say KEY=VALUE")))?;
        Ok::<_, Failure>((pair.0.to_owned(), pair.1.to_owned()))
    };
    let decide = |given: &str, approve: bool| {
        let (key, value) = pair(given)?;
        terminal.sign_in()?;
        terminal.call("decide_policy_proposal", json!({"key": key, "value": value, "approve": approve}))
    };
    let policy = match what {
        Policy::History => return history(terminal),
        Policy::Proposals => return proposals(terminal),
        Policy::Show => {
            terminal.sign_in()?;
            terminal.call("show_policy", json!({}))?
        }
        Policy::Set { pairs } => {
            let pairs = pairs.iter().map(|given| pair(given)).collect::<Result<Vec<_>, _>>()?;
            terminal.sign_in()?;
            let mut now = Value::Null;
            for (key, value) in pairs {
                now = terminal.call("set_policy", json!({"key": key, "value": value}))?;
            }
            now
        }
        Policy::Approve { pair } => decide(pair, true)?,
        Policy::Reject { pair } => decide(pair, false)?,
    };
    if terminal.json {
        print::json(&policy);
        return Ok(());
    }
    for (key, value) in policy.as_object().into_iter().flatten().filter(|(key, _)| *key != "proposals") {
        print::line(&format!("{key} = {}", print::cell(value)));
    }
    for waiting in policy["proposals"].as_array().into_iter().flatten() {
        let (key, value) = (print::cell(&waiting["key"]), print::cell(&waiting["value"]));
        print::message(&format!(
            "{key}={value} waits for another administrator: cloister policy approve {key}={value}"
        ));
    }
    Ok(())
}

fn proposals(terminal: &Terminal) -> Result<(), Failure> {
    terminal.sign_in()?;
    let waiting = terminal.call("policy_proposals", json!({}))?;
    if terminal.json {
        print::json(&waiting);
        return Ok(());
    }
    print::table(&["AT", "BY", "KEY", "NOW", "PROPOSED"], &columns(&waiting, &["at", "by", "key", "old", "new"]));
    if waiting.as_array().is_some_and(Vec::is_empty) {
        print::message("No change of the policy waits.");
    }
    Ok(())
}

fn history(terminal: &Terminal) -> Result<(), Failure> {
    terminal.sign_in()?;
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
