//! The password again, before an act of weight: a window left open is not enough.

use crate::{AppError, command::Context};
use cloister_access::{Permission, Policy};
use cloister_domain::{AuditEvent, Code, DetailKey, EventType, Outcome, code};
use cloister_vault::VaultError;
use secrecy::SecretString;

/// Whether this is the password of who is signed in. A line of the log says how it went. Whoever fails as often as the
/// policy lets a name fail at sign-in is signed out.
pub(crate) fn ask_again<P: Permission>(cx: &Context<'_, P>, password: &SecretString) -> Result<(), AppError> {
    let vault = cx.app.vault()?;
    let unlocked = vault.unlock(cx.open.session.user(), password).map(drop);
    let outcome = if unlocked.is_ok() { Outcome::Success } else { Outcome::Failure };
    let line = AuditEvent::new(EventType::StepUp, code!("step_up"), cx.open.session.actor(), outcome);
    cx.app.log()?.append(&line.code(DetailKey::Method, code!("password")))?;
    let Err(fault) = unlocked else {
        cx.open.right_password();
        return Ok(());
    };
    if matches!(fault, VaultError::SignIn)
        && cx.open.wrong_password() >= Policy::from_document(vault.policy())?.max_login_attempts
    {
        const WHY: Code = code!("step_up");
        cx.app.sign_out(EventType::SessionLock, WHY)?;
    }
    Err(fault.into())
}
