//! The password again, before an act of weight: a window left open is not enough.
//!
//! Which acts ask for it stands with their permissions. What was given is a value that only this file makes; a grant of
//! such a permission holds it, so that no code can do the act without. On the command line the password just given is
//! the step-up.

use crate::{
    Relation, Session, SignIn, SignInError,
    sign_in::{Factor, boxed},
    slot_is_the_recorded,
};
use cloister_domain::{AuditEvent, Code, DetailKey, EventType, Outcome, Role, code};
use cloister_vault::VaultError;
use secrecy::SecretString;

mod sealed {
    pub trait Sealed {}
}

/// What an act asks for beside the role.
pub trait Proof: sealed::Sealed + Sized + Send + Sync + 'static {
    /// The proof, if the session has it now (milliseconds since boot).
    #[doc(hidden)]
    fn of(session: &Session, relation: Relation, now_ms: u64) -> Option<Self>;
}

/// Nothing: an act of everyday.
#[derive(Debug)]
pub struct NoProof(());

/// Proof that the password was given again within the last minutes, and the code with it where there is a second factor.
#[derive(Debug)]
pub struct StepUp(());

/// The same, asked of administrators alone, and not about what is their own.
#[derive(Debug)]
pub struct AdministratorsAgain(Option<StepUp>);

impl AdministratorsAgain {
    /// The step-up, where one was asked for.
    #[must_use]
    pub const fn step_up(&self) -> Option<&StepUp> {
        self.0.as_ref()
    }
}

impl sealed::Sealed for NoProof {}
impl sealed::Sealed for StepUp {}
impl sealed::Sealed for AdministratorsAgain {}

impl Proof for NoProof {
    fn of(_: &Session, _: Relation, _: u64) -> Option<Self> {
        Some(Self(()))
    }
}

impl Proof for StepUp {
    fn of(session: &Session, _: Relation, now_ms: u64) -> Option<Self> {
        session.is_stepped_up(now_ms).then_some(Self(()))
    }
}

impl Proof for AdministratorsAgain {
    fn of(session: &Session, relation: Relation, now_ms: u64) -> Option<Self> {
        if session.role() != Role::Administrator || relation == Relation::Owner {
            return Some(Self(None));
        }
        StepUp::of(session, relation, now_ms).map(|given| Self(Some(given)))
    }
}

impl SignIn<'_> {
    /// Asks who is signed in for the password again, and for the code where there is a second factor; acts that ask for
    /// it are admitted for some minutes then. Within these the password alone is right too, and does not prolong them.
    ///
    /// # Errors
    /// As [`SignIn::attempt`]. Nobody is locked out here: the caller counts failures, and ends the session.
    pub fn step_up(&self, session: &Session, password: &SecretString, code: Option<&str>) -> Result<(), SignInError> {
        let line = |outcome| {
            AuditEvent::new(EventType::StepUp, code!("step_up"), session.actor(), outcome)
                .code(DetailKey::Method, code!("password"))
        };
        let attempt = self.log.append(&line(Outcome::Attempt))?.seq;
        let failed = |reason: Code| {
            let event = line(Outcome::Failure).count(DetailKey::Attempt, attempt);
            self.log.append(&event.code(DetailKey::Reason, reason))
        };
        let (Some(account), Ok(slot)) = (self.vault.account(session.user()), self.vault.slot(session.user())) else {
            failed(code!("credentials"))?;
            return Err(SignInError::Refused);
        };
        if let Err(put_back) = slot_is_the_recorded(self.log_folder, account.id, &slot, None)? {
            return Err(self.refuse_put_back(&session.actor(), put_back, Some(attempt))?);
        }
        let keys = match self.vault.unlock(account.id, password) {
            Ok(keys) => keys,
            Err(VaultError::SignIn | VaultError::Disabled) => {
                failed(code!("credentials"))?;
                return Err(SignInError::Refused);
            }
            Err(e) => {
                failed(code!("vault"))?;
                return Err(SignInError::Vault(e));
            }
        };
        let now_ms = self.clock.boottime_ms();
        let typed = code.is_some_and(|c| !c.trim().is_empty());
        if keys.second_factor().totp_secret().is_some() && !typed && session.is_stepped_up(now_ms) {
            self.log.append(&line(Outcome::Success).count(DetailKey::Attempt, attempt))?;
            return Ok(());
        }
        let factor = match self.second_factor(account, &keys, password, code)? {
            Ok(factor) => factor,
            Err((reason, error)) => {
                failed(reason)?;
                return Err(error);
            }
        };
        let mut event = line(Outcome::Success).count(DetailKey::Attempt, attempt);
        event = event.code(DetailKey::SecondFactor, factor.name());
        if let Factor::Totp { step } = factor {
            event = event.count(DetailKey::TotpStep, step);
        }
        let seq = self.log.append(&event)?.seq;
        if let Factor::Totp { step } = factor
            && self.was_used(account.id, step, Some(seq))?
        {
            failed(code!("code_used"))?;
            return Err(SignInError::Refused);
        }
        session.check_alive(now_ms).map_err(boxed)?;
        session.note_step_up(now_ms);
        Ok(())
    }
}
