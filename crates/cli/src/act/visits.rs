//! Visits: the list, who may open one, and erasing.

use super::{columns, retention::told};
use crate::{
    args::{Reason, Visits},
    face::{Failure, Terminal},
    print,
};
use serde_json::{Value, json};

pub(crate) fn run(terminal: &Terminal, what: &Visits) -> Result<(), Failure> {
    if let Visits::Delete { yes: false, .. } = what {
        return Err(Failure::Usage(
            "this erases the visit with its recordings, transcripts, findings and notes; say --yes".to_owned(),
        ));
    }
    terminal.sign_in()?;
    match what {
        Visits::List => {
            let visits = terminal.call("list_encounters", json!({}))?;
            if terminal.json {
                print::json(&visits);
            } else {
                let names = ["id", "title", "state", "created", "owner", "access"];
                print::table(&["ID", "RECORD", "STATE", "BEGAN", "WHOSE", "ACCESS"], &columns(&visits, &names));
            }
        }
        Visits::New { record, purpose } => {
            let made = terminal.call("create_encounter", json!({"title": record, "purpose": purpose}))?;
            if terminal.json {
                print::json(&made);
            } else {
                print::line(&print::cell(&made["encounter"]["id"]));
            }
        }
        Visits::Share { id, with } => {
            let colleagues = terminal.call("list_colleagues", json!({}))?;
            let user = named(&colleagues, with).ok_or_else(|| {
                Failure::Some(format!("there is no clinician called {with} to share with; nothing was changed"))
            })?;
            shares(terminal, &terminal.call("share_encounter", json!({"id": id, "user": user, "give": true}))?);
        }
        Visits::Unshare { id, with } => {
            let has = terminal.call("list_encounter_shares", json!({"id": id}))?;
            let user = named(&has, with)
                .ok_or_else(|| Failure::Some(format!("{with} was not given this visit; nothing was changed")))?;
            shares(terminal, &terminal.call("share_encounter", json!({"id": id, "user": user, "give": false}))?);
        }
        Visits::Shares { id } => shares(terminal, &terminal.call("list_encounter_shares", json!({"id": id}))?),
        Visits::BreakGlass { id, record, reason } => break_glass(terminal, id.as_deref(), record.as_deref(), *reason)?,
        Visits::Search { words } => {
            let found = super::search(terminal, "search_visits", words)?;
            if terminal.json {
                print::json(&found);
            } else {
                let rows = super::found(&found, &["encounter", "title", "place"]);
                print::table(&["ID", "RECORD", "IN", "WORDS"], &rows);
            }
        }
        Visits::Delete { id, .. } => {
            let gone = terminal.call("delete_encounter", json!({"id": id}))?;
            let r = &gone["receipt"];
            let keys = r["keys_destroyed"].as_array().map_or(0, Vec::len);
            told(terminal, &gone, &format!("{id}: erased, with {} files and {keys} keys", r["files"]), 0);
        }
    }
    Ok(())
}

/// By id, or by the record number where there is just one visit of the patient.
fn break_glass(terminal: &Terminal, id: Option<&str>, record: Option<&str>, reason: Reason) -> Result<(), Failure> {
    let id = match (id, record) {
        (Some(id), _) => json!(id),
        (None, Some(record)) => {
            let found = terminal.call("find_emergency_visits", json!({"record": record}))?;
            match found.as_array().map(Vec::as_slice) {
                Some([one]) => one["id"].clone(),
                Some([]) | None => {
                    return Err(Failure::Some("nobody else has a visit under this record number".to_owned()));
                }
                Some(_) => {
                    if terminal.json {
                        print::json(&found);
                    } else {
                        print::table(
                            &["ID", "WHOSE", "BEGAN", "STATE"],
                            &columns(&found, &["id", "owner", "created", "state"]),
                        );
                    }
                    return Err(Failure::Some("there are several visits: say one's id; none was opened".to_owned()));
                }
            }
        }
        (None, None) => return Err(Failure::Usage("say a visit's id or a record number".to_owned())),
    };
    let open = terminal.call("break_glass", json!({"id": id, "reason": reason.code()}))?;
    if terminal.json {
        print::json(&open);
    } else {
        print::line(&print::cell(&open["id"]));
        let until = print::cell(&open["until"]);
        print::message(&format!(
            "open until {until}, to read and to hear; administrators and auditors see it and will ask about it"
        ));
    }
    Ok(())
}

/// The id of the one who is called so, whatever the capitals.
fn named(people: &Value, name: &str) -> Option<Value> {
    let wanted = name.to_lowercase();
    let found = people.as_array()?.iter().find(|p| print::cell(&p["name"]).to_lowercase() == wanted)?;
    Some(found["id"].clone())
}

fn shares(terminal: &Terminal, shares: &Value) {
    if terminal.json {
        print::json(shares);
        return;
    }
    print::table(&["NAME", "SINCE", "BY"], &columns(shares, &["name", "since", "by"]));
    if shares.as_array().is_some_and(Vec::is_empty) {
        print::message("Nobody was given this visit; its owner and the administrators open it.");
    }
}
