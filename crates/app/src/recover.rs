//! The recovery key: when every administrator's password is lost. Whoever holds the paper needs no account.

use crate::{App, AppError, app::text};
use cloister_access::Policy;
use cloister_domain::{Actor, AuditEvent, AuditTarget, Code, DetailKey, EventType, Outcome, code};
use cloister_vault::{PasswordRule, RecoveryKey, VaultError};
use secrecy::SecretString;
use serde_json::Value;
use zeroize::Zeroizing;

/// Gives the account `name` a new `password` and fresh keys, without a second factor, and lets it try again if it was
/// locked out. 160 random bits are not guessed, so tries are not counted; each stands in the log.
pub(crate) fn account(app: &App, payload: &Value) -> Result<(), AppError> {
    let key = Zeroizing::new(text(payload, "recovery_key")?);
    let name = text(payload, "name")?;
    let password = SecretString::from(text(payload, "password")?);
    let mut vault = app.vault()?;
    app.open_log()?;
    app.check_keyring(&vault)?;
    let log = app.log()?;
    let line = |event_type, action: Code, outcome| AuditEvent::new(event_type, action, Actor::System, outcome);
    let attempt = log.append(&line(EventType::RecoveryKey, code!("recover_account"), Outcome::Attempt))?.seq;
    let failed = |reason: Code| {
        let event = line(EventType::RecoveryKey, code!("recover_account"), Outcome::Failure);
        log.append(&event.count(DetailKey::Attempt, attempt).code(DetailKey::Reason, reason))
    };
    let result = RecoveryKey::parse(&key).and_then(|key| vault.unlock_with_recovery_key(&key));
    let keys = match result {
        Ok(keys) => keys,
        Err(e) => {
            failed(code!("recovery_key"))?;
            return Err(e.into());
        }
    };
    // Only now: without the key nobody learns which names there are.
    let Some(user) = vault.find(&name).map(|a| a.id) else {
        failed(code!("no_such_account"))?;
        return Err(VaultError::NoSuchAccount.into());
    };
    let policy = Policy::from_document(vault.policy())?;
    let rule = PasswordRule { min_length: policy.minimum_password_length as usize };
    let done = rule.check(&password, &name).map_err(VaultError::from).map_err(AppError::from).and_then(|password| {
        let mut edit = vault.edit(&keys, app.clock(), app.entropy())?;
        edit.reset_account(user, &password)?;
        edit.set_disabled(user, false)?;
        app.commit_keyring(&Actor::System, edit)
    });
    if let Err(e) = done {
        failed(code!("keyring"))?;
        return Err(e);
    }
    let target = AuditTarget::Account(user);
    let used = line(EventType::RecoveryKey, code!("recover_account"), Outcome::Success);
    log.append(&used.target(target.clone()).count(DetailKey::Attempt, attempt))?;
    let unlocked = line(EventType::SignInUnlock, code!("unlock_account"), Outcome::Success);
    log.append(&unlocked.target(target).code(DetailKey::Method, code!("recovery_key")))?;
    Ok(())
}
