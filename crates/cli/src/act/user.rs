//! Accounts: an administrator's work on them, and everybody's on their own.

use super::columns;
use crate::{
    args::{Totp, User},
    face::{Failure, Terminal, first_line},
    print,
};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn run(terminal: &Terminal, what: &User) -> Result<(), Failure> {
    if let User::Recover { name, recovery_key_file, new_password_file } = what {
        let key = first_line(recovery_key_file.as_deref(), "Recovery key: ")?;
        let password = Terminal::new_password(new_password_file.as_deref(), name)?;
        terminal.call("recover_account", json!({"recovery_key": key, "name": name, "password": password}))?;
        return said(
            terminal,
            &format!("{name} can sign in with the new password; a second factor is to be set up anew"),
        );
    }
    if let User::Enrol { code_file, previous_password_file, request } = what {
        return enrol_by_directory(terminal, code_file.as_deref(), previous_password_file.as_deref(), *request);
    }
    let own = terminal.sign_in_by_password()?;
    match what {
        User::Add { name, role, directory: true, .. } => {
            let added = terminal.call("add_directory_user", json!({"name": name, "role": role}))?;
            code_given(terminal, name, &added)
        }
        User::Requests => requests(terminal),
        User::Approve { name, fingerprint } => approve(terminal, name, fingerprint.as_deref()),
        User::Refuse { name } => {
            terminal.call("refuse_enrolment", json!({"user": request_of(terminal, name)?["user"]}))?;
            said(terminal, &format!("{name} is not let in, and can ask again"))
        }
        User::EnrolCode { name, to_directory } => {
            let payload = json!({"user": id_of(terminal, name)?, "to_directory": to_directory});
            let given = terminal.call("give_enrolment_code", payload)?;
            code_given(terminal, name, &given)
        }
        User::Add { name, role, new_password_file, .. } => {
            let password = Terminal::new_password(new_password_file.as_deref(), name)?;
            let added = terminal.call("add_user", json!({"name": name, "role": role, "password": password}))?;
            if terminal.json {
                print::json(&added);
                return Ok(());
            }
            print::line(&format!("{name} can sign in as {role}"));
            Ok(())
        }
        User::List => list(terminal),
        User::Review => review(terminal),
        User::Role { name, role } => {
            terminal.call("change_role", json!({"user": id_of(terminal, name)?, "role": role}))?;
            said(terminal, &format!("{name} is {role} from the next sign-in on"))
        }
        User::Disable { name, rotate } => {
            terminal.call("disable_user", json!({"user": id_of(terminal, name)?, "disabled": true}))?;
            if *rotate {
                return rotate_keys(terminal, None);
            }
            said(
                terminal,
                &format!(
                    "{name} opens nothing any more. A key that {name} kept outside Cloister still opens the stores: \
                     `cloister user rotate-keys` ends that. What {name} read before, nothing takes back"
                ),
            )
        }
        User::RotateKeys { only } => rotate_keys(terminal, only.as_deref()),
        User::Enable { name } => {
            terminal.call("disable_user", json!({"user": id_of(terminal, name)?, "disabled": false}))?;
            said(terminal, &format!("{name} can sign in again"))
        }
        User::Reset { name, new_password_file } => {
            let user = id_of(terminal, name)?;
            let password = Terminal::new_password(new_password_file.as_deref(), name)?;
            terminal.call("reset_user", json!({"user": user, "password": password}))?;
            said(terminal, &format!("{name} can sign in with the new password"))
        }
        User::Unlock { name } => {
            terminal.call("unlock_user", json!({"user": id_of(terminal, name)?}))?;
            said(terminal, &format!("{name} may try again"))
        }
        User::Password { new_password_file } => {
            let new = Terminal::new_password(new_password_file.as_deref(), &own.name)?;
            let payload = json!({"user": own.id, "password": own.password, "new_password": new});
            terminal.call("change_password", payload)?;
            said(terminal, "the new password holds from now on")
        }
        User::Totp { act: Totp::Enrol { secret, code } } => enrol(terminal, &own, secret.as_deref(), code.as_deref()),
        User::Totp { act: Totp::Remove } => {
            terminal.call("remove_second_factor", json!({"user": own.id, "password": own.password}))?;
            said(terminal, "there is no second factor any more")
        }
        // Handled before anybody is signed in.
        User::Recover { .. } | User::Enrol { .. } => Ok(()),
    }
}

fn rotate_keys(terminal: &Terminal, only: Option<&str>) -> Result<(), Failure> {
    let rotated = terminal.call("rotate_keys", json!({"only": only}))?;
    if terminal.json {
        print::json(&rotated);
        return Ok(());
    }
    for store in ["visits", "research"] {
        if let Some(version) = rotated[store].as_u64() {
            print::line(&format!("{store}: keys of version {version}"));
        }
    }
    print::message(
        "The old keys open nothing any more. Not undone: what was read before, copies of the disk and backups from \
         before, and a recording's file for who kept its key.",
    );
    Ok(())
}

/// Who signed in, with the password that was just given: it is the proof that acts on one's own account ask for.
pub(crate) struct Own {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) password: String,
}

fn said(terminal: &Terminal, words: &str) -> Result<(), Failure> {
    if terminal.json {
        print::json(&json!({}));
    } else {
        print::line(words);
    }
    Ok(())
}

fn list(terminal: &Terminal) -> Result<(), Failure> {
    let users = terminal.call("list_users", json!({}))?;
    if terminal.json {
        print::json(&users);
        return Ok(());
    }
    let names = ["name", "role", "kind", "disabled", "last_sign_in", "second_factor", "locked_minutes", "created"];
    let titles = ["NAME", "ROLE", "KIND", "DISABLED", "LAST SIGN-IN", "SECOND FACTOR", "LOCKED, MIN", "CREATED"];
    print::table(&titles, &columns(&users, &names));
    Ok(())
}

fn review(terminal: &Terminal) -> Result<(), Failure> {
    let review = terminal.call("review_access", json!({}))?;
    if terminal.json {
        print::json(&review);
        return Ok(());
    }
    let rows: Vec<_> = review["people"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|p| {
            let account = |name: &str| print::cell(&p["account"][name]);
            let state = if p["account"]["disabled"] == true { "disabled" } else { "active" };
            let counts = ["visits", "shared_visits", "datasets", "given_datasets", "emergencies"];
            [account("name"), account("role"), state.to_owned(), account("last_sign_in"), account("second_factor")]
                .into_iter()
                .chain(counts.map(|name| print::cell(&p[name])))
                .collect()
        })
        .collect();
    let titles = [
        "NAME",
        "ROLE",
        "STATE",
        "LAST SIGN-IN",
        "SECOND FACTOR",
        "VISITS",
        "SHARED",
        "DATASETS",
        "GIVEN",
        "EMERGENCIES",
    ];
    print::table(&titles, &rows);
    for (list, title) in [("visits", "Shared visits"), ("datasets", "Given datasets")] {
        let given: Vec<_> = review[list].as_array().into_iter().flatten().collect();
        if given.is_empty() {
            continue;
        }
        print::line(&format!("\n{}", print::bold(title)));
        for one in given {
            let with: Vec<_> = one["with"].as_array().into_iter().flatten().map(print::cell).collect();
            let (name, owner) = (print::cell(&one["name"]), print::cell(&one["owner"]));
            print::line(&format!("  {name}, of {owner}: {}", with.join(", ")));
        }
    }
    if let Some(open @ 1..) = review["open_emergencies"].as_u64() {
        print::message(&format!("{open} emergency accesses wait for a review: cloister audit emergencies"));
    }
    Ok(())
}

fn id_of(terminal: &Terminal, name: &str) -> Result<Value, Failure> {
    let users = terminal.call("list_users", json!({}))?;
    let wanted = name.to_lowercase();
    let found = users.as_array().into_iter().flatten().find(|u| print::cell(&u["name"]).to_lowercase() == wanted);
    found.map(|u| u["id"].clone()).ok_or_else(|| Failure::Some(format!("there is no account called {name}")))
}

/// The first sign-in by the directory, or the first after a change of password there.
fn enrol_by_directory(
    terminal: &Terminal,
    code_file: Option<&Path>,
    previous: Option<&Path>,
    request: bool,
) -> Result<(), Failure> {
    let enrolment = match (previous, request) {
        (Some(file), _) => json!({"previous": first_line(Some(file), "")?}),
        (None, true) => json!({"request": true}),
        (None, false) => json!({"code": first_line(code_file, "Enrolment code: ")?}),
    };
    match terminal.sign_in_with(&enrolment) {
        Err(Failure::App(e)) if request && e.code() == "enrolment_pending" => {
            let fingerprint = e.to_ui().params.get("fingerprint").cloned().unwrap_or_default();
            if terminal.json {
                print::json(&json!({"fingerprint": fingerprint}));
            } else {
                print::line(&fingerprint);
                print::message("Read this to an administrator, who sees the same and lets you in.");
            }
            Ok(())
        }
        other => {
            other?;
            said(terminal, "from now on the directory's password opens your account here")
        }
    }
}

fn requests(terminal: &Terminal) -> Result<(), Failure> {
    let waiting = terminal.call("list_enrolments", json!({}))?;
    if terminal.json {
        print::json(&waiting);
        return Ok(());
    }
    let names = ["name", "role", "asked", "fingerprint", "renews", "recorded"];
    print::table(&["NAME", "ROLE", "ASKED", "FINGERPRINT", "HAS AN ACCOUNT", "IN THE LOG"], &columns(&waiting, &names));
    Ok(())
}

/// Approves a request, or, where there is none, the role that the directory gives.
fn approve(terminal: &Terminal, name: &str, fingerprint: Option<&str>) -> Result<(), Failure> {
    match request_of(terminal, name) {
        Ok(request) => {
            let fingerprint = match fingerprint {
                Some(fingerprint) => fingerprint.to_owned(),
                None => first_line(None, &format!("The fingerprint that {name} reads out: "))?,
            };
            let payload = json!({"user": request["user"], "fingerprint": fingerprint});
            let account = terminal.call("approve_enrolment", payload)?;
            said(terminal, &format!("{name} can sign in as {}", print::cell(&account["role"])))
        }
        Err(none) => {
            let users = terminal.call("list_users", json!({}))?;
            let wanted = name.to_lowercase();
            let user =
                users.as_array().into_iter().flatten().find(|u| print::cell(&u["name"]).to_lowercase() == wanted);
            let Some((user, role)) = user.and_then(|u| Some((u, u["role_in_directory"].as_str()?))) else {
                return Err(none);
            };
            terminal.call("change_role", json!({"user": user["id"], "role": role}))?;
            said(terminal, &format!("{name} is {role} from the next sign-in on"))
        }
    }
}

fn request_of(terminal: &Terminal, name: &str) -> Result<Value, Failure> {
    let waiting = terminal.call("list_enrolments", json!({}))?;
    let wanted = name.to_lowercase();
    let found = waiting.as_array().into_iter().flatten().find(|r| print::cell(&r["name"]).to_lowercase() == wanted);
    found.cloned().ok_or_else(|| Failure::Some(format!("nobody called {name} asks to be let in")))
}

fn code_given(terminal: &Terminal, name: &str, given: &Value) -> Result<(), Failure> {
    if terminal.json {
        print::json(given);
        return Ok(());
    }
    print::line(&print::cell(&given["code"]));
    print::message(&format!(
        "Give this code to {name} alone. With it and the directory's password {name} signs in once \
         (cloister user enrol, or the window); it is shown this once and expires at {}.",
        print::cell(&given["expires"])
    ));
    Ok(())
}

fn enrol(terminal: &Terminal, own: &Own, secret: Option<&str>, code: Option<&str>) -> Result<(), Failure> {
    let secret = match secret {
        Some(secret) => secret.to_owned(),
        None => {
            let offered = terminal.call("new_second_factor", json!({"user": own.id}))?;
            if terminal.json && code.is_none() {
                print::json(&offered);
                return Ok(());
            }
            print::message(&qr(&offered["qr"]));
            print::message(&format!("Scan it, or type this secret: {}", print::cell(&offered["secret"])));
            print::cell(&offered["secret"])
        }
    };
    let code = match code {
        Some(code) => code.to_owned(),
        None => first_line(None, "The code it shows: ")?,
    };
    let payload = json!({"user": own.id, "password": own.password, "secret": secret, "code": code});
    let answer = terminal.call("enrol_second_factor", payload)?;
    if terminal.json {
        print::json(&answer);
        return Ok(());
    }
    print::message("From now on a code is asked for. If the device is lost, each of these works once; print them:");
    for code in answer["codes"].as_array().into_iter().flatten() {
        print::line(&print::cell(code));
    }
    Ok(())
}

/// Two rows of the code in one row of half blocks, dark on light as cameras want it, with its quiet zone.
fn qr(rows: &Value) -> String {
    let rows: Vec<Vec<bool>> =
        rows.as_array().into_iter().flatten().map(|row| print::cell(row).chars().map(|c| c == '1').collect()).collect();
    let size = rows.len();
    let dark = |x: usize, y: usize| {
        let at = |v: usize| v.checked_sub(2).filter(|v| *v < size);
        at(x).zip(at(y)).is_some_and(|(x, y)| rows[y].get(x).copied().unwrap_or(false))
    };
    let mut out = String::new();
    for y in (0..size + 4).step_by(2) {
        // Black on white whatever the terminal's colours are.
        out.push_str("\u{1b}[30;107m");
        for x in 0..size + 4 {
            out.push(match (dark(x, y), dark(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        out.push_str("\u{1b}[0m\n");
    }
    out
}
