//! Local sign-in: the password opens the slot, or it does not.

use crate::{AccessError, Lockout, LockoutRule, Policy, Session};
use cloister_audit::{AuditError, AuditLog, Filter};
use cloister_domain::{
    Actor, AuditEvent, Clock, Code, DetailKey, Entropy, EventType, Outcome, Pseudonym, SessionId, code,
};
use cloister_vault::{LockedVault, VaultError};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use std::path::Path;

/// So many of the newest lines are searched for a name's failures. Each failure costs two lines and half a second of
/// Argon2, so nobody buries their own within a lockout's reach.
const SEARCHED: u64 = 20_000;
/// The most tries of one name that are counted.
const MOST_TRIES: usize = 1000;

/// Why a sign-in did not succeed. The answer is the same for an unknown name and a wrong password.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The name, the password or the second factor is wrong, or the account is disabled.
    #[error("the name or the password is not right")]
    Refused,
    /// Too many failures.
    #[error("too many failed sign-ins; try again in {minutes} minutes, or ask an administrator")]
    LockedOut {
        /// Whole minutes to wait, rounded up.
        minutes: u64,
    },
    /// The log cannot be written, so nobody can be let in.
    #[error("the audit log cannot be written, so nobody can sign in: {0}")]
    Log(#[from] AuditError),
    /// The vault's files are damaged.
    #[error(transparent)]
    Vault(VaultError),
    /// A session could not be made.
    #[error(transparent)]
    Session(Box<AccessError>),
}

/// One try to sign in.
pub struct SignIn<'a> {
    /// The keyring and slots.
    pub vault: &'a LockedVault,
    /// Where failures are counted.
    pub log: &'a AuditLog,
    /// The log's folder.
    pub log_folder: &'a Path,
    /// The clocks.
    pub clock: &'a dyn Clock,
    /// For the session's id.
    pub entropy: &'a dyn Entropy,
    /// `desktop` or `cli`.
    pub face: Code,
}

impl std::fmt::Debug for SignIn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn")
    }
}

impl SignIn<'_> {
    /// Tries name and password. The try stands in the log before the password is looked at, and counts as a failure
    /// until its success is written, so that tries made at the same moment count each other.
    ///
    /// # Errors
    /// As [`SignInError`] says.
    pub fn attempt(&self, name: &str, password: &SecretString) -> Result<Session, SignInError> {
        let account = self.vault.find(name).cloned();
        let actor = match &account {
            Some(a) => Actor::User { id: a.id, role: a.role, session: None },
            None => Actor::UnknownName(self.name_hash(name)),
        };
        let policy = Policy::from_document(self.vault.policy()).map_err(|e| boxed(e.into()))?;
        let rule = LockoutRule::after(policy.max_login_attempts);
        self.refuse_if_locked(&actor, rule, None)?;
        let attempt = self.log.append(&self.event(&actor, Outcome::Attempt))?.seq;
        self.refuse_if_locked(&actor, rule, Some(attempt))?;
        let keys = match self.vault.unlock_by_name(name, password) {
            Ok(keys) => keys,
            Err(VaultError::SignIn | VaultError::Disabled) => {
                let event = self.event(&actor, Outcome::Failure).count(DetailKey::Attempt, attempt);
                self.log.append(&event.code(DetailKey::Reason, code!("credentials")))?;
                return Err(SignInError::Refused);
            }
            Err(e) => {
                let event = self.event(&actor, Outcome::Failure).count(DetailKey::Attempt, attempt);
                self.log.append(&event.code(DetailKey::Reason, code!("vault")))?;
                return Err(SignInError::Vault(e));
            }
        };
        // `unlock_by_name` opened an account of this name, so it is there; its role is the keyring's.
        let Some(account) = account else { return Err(SignInError::Refused) };
        let id =
            SessionId::fresh(self.clock.now(), self.entropy).map_err(|e| SignInError::Vault(VaultError::Entropy(e)))?;
        let session =
            Session::begin(id, &account, keys, self.vault, policy.session_timeout_minutes, self.clock.boottime_ms())
                .map_err(boxed)?;
        let event = self.event(&session.actor(), Outcome::Success).count(DetailKey::Attempt, attempt);
        self.log.append(&event.code(DetailKey::Method, code!("local")).code(DetailKey::SecondFactor, code!("none")))?;
        Ok(session)
    }

    fn event(&self, actor: &Actor, outcome: Outcome) -> AuditEvent {
        AuditEvent::new(EventType::SignIn, code!("sign_in"), actor.clone(), outcome).code(DetailKey::Face, self.face)
    }

    /// Counts attempts since the last success, `own` left out, and refuses while the name must wait.
    fn refuse_if_locked(&self, actor: &Actor, rule: LockoutRule, own: Option<u64>) -> Result<(), SignInError> {
        let mut lockout = Lockout::default();
        let filter = Filter {
            user: Some(actor.user_id()),
            event_type: Some(EventType::SignIn.name().to_owned()),
            after_seq: Some(self.log.head()?.seq().saturating_sub(SEARCHED)),
            limit: MOST_TRIES,
            before_seq: own,
            ..Filter::default()
        };
        for line in cloister_audit::lines(self.log_folder, &filter)?.lines {
            match line.outcome.as_str() {
                "success" => break,
                "attempt" => lockout.add(&line.boot, line.mono_ms),
                _ => {}
            }
        }
        let wait_ms = lockout.remaining_ms(rule, &self.clock.boot_id(), self.clock.boottime_ms());
        if wait_ms == 0 {
            return Ok(());
        }
        let event = self
            .event(actor, Outcome::Denied)
            .code(DetailKey::Reason, code!("locked_out"))
            .count(DetailKey::Attempts, lockout.failures().into())
            .count(DetailKey::WaitS, wait_ms.div_ceil(1000));
        self.log.append(&event)?;
        Err(SignInError::LockedOut { minutes: wait_ms.div_ceil(60_000) })
    }

    /// People type passwords into name fields, so an unknown name is logged only as a salted hash.
    fn name_hash(&self, name: &str) -> Pseudonym {
        let mut hash = Sha256::new();
        hash.update(b"cloister/1/unknown-name");
        hash.update(self.vault.id().to_string());
        hash.update(name.trim().to_lowercase());
        let digest: [u8; 32] = hash.finalize().into();
        let mut short = [0u8; 16];
        short.copy_from_slice(&digest[..16]);
        Pseudonym::from_bytes(short)
    }
}

fn boxed(e: AccessError) -> SignInError {
    SignInError::Session(Box::new(e))
}
