//! Accounts: an administrator's work on them, and everybody's on their own.

use super::columns;
use crate::{
    args::{Totp, User},
    face::{Failure, Terminal, first_line},
    print,
};
use serde_json::{Value, json};

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
    let own = terminal.sign_in_by_password()?;
    match what {
        User::Add { name, role, new_password_file } => {
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
        User::Role { name, role } => {
            terminal.call("change_role", json!({"user": id_of(terminal, name)?, "role": role}))?;
            said(terminal, &format!("{name} is {role} from the next sign-in on"))
        }
        User::Disable { name } => {
            terminal.call("disable_user", json!({"user": id_of(terminal, name)?, "disabled": true}))?;
            said(
                terminal,
                &format!(
                    "{name} opens nothing any more. What {name} read before, and a key kept outside Cloister, this \
                     does not take back"
                ),
            )
        }
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
        User::Recover { .. } => Ok(()),
    }
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
    let names = ["name", "role", "disabled", "last_sign_in", "second_factor", "locked_minutes", "created"];
    let titles = ["NAME", "ROLE", "DISABLED", "LAST SIGN-IN", "SECOND FACTOR", "LOCKED, MIN", "CREATED"];
    print::table(&titles, &columns(&users, &names));
    Ok(())
}

fn id_of(terminal: &Terminal, name: &str) -> Result<Value, Failure> {
    let users = terminal.call("list_users", json!({}))?;
    let wanted = name.to_lowercase();
    let found = users.as_array().into_iter().flatten().find(|u| print::cell(&u["name"]).to_lowercase() == wanted);
    found.map(|u| u["id"].clone()).ok_or_else(|| Failure::Some(format!("there is no account called {name}")))
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
