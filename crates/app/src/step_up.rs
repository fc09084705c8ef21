//! The password again, before an act of weight. Which acts ask for it stands with their permissions.

use crate::{App, AppError, open::Open};
use cloister_access::{Policy, SignInError};
use cloister_domain::{Code, EventType, code};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

/// What is given again.
pub(crate) struct Again<'a> {
    pub(crate) password: &'a SecretString,
    /// Of the second factor, where there is one and it was not given just now.
    pub(crate) code: Option<&'a str>,
}

/// The same, as it is asked for by itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    password: SecretString,
    code: Option<String>,
}

/// `step_up`: acts of weight are admitted for some minutes then.
pub(crate) fn step_up(app: &App, payload: Value) -> Result<(), AppError> {
    let asked: Request = serde_json::from_value(payload)
        .map_err(|_| AppError::Usage("step_up takes a password and a code".to_owned()))?;
    app.end_if_timed_out()?;
    ask_again(app, &*app.signed_in()?, &Again { password: &asked.password, code: asked.code.as_deref() })
}

/// Whether it is the password of who is signed in. A line of the log says how it went. Whoever fails as often as the
/// policy lets a name fail at sign-in is signed out.
pub(crate) fn ask_again(app: &App, open: &Open, again: &Again<'_>) -> Result<(), AppError> {
    let vault = app.vault()?;
    let most = Policy::from_document(vault.policy())?.max_login_attempts;
    let mut wrong = open.wrong_passwords();
    if *wrong >= most {
        return Err(AppError::NotSignedIn);
    }
    let (log, folder) = (app.log()?, app.log_folder());
    match app.signing_in(&vault, &log, &folder).step_up(&open.session, again.password, again.code) {
        Ok(()) => {
            *wrong = 0;
            Ok(())
        }
        Err(fault) => {
            if matches!(fault, SignInError::Refused) {
                *wrong += 1;
                if *wrong >= most {
                    const WHY: Code = code!("step_up");
                    app.sign_out(EventType::SessionLock, WHY)?;
                }
            }
            Err(fault.into())
        }
    }
}
