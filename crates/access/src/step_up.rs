//! The password again, before an act of weight: a window left open is not enough.
//!
//! Which acts ask for it stands with their permissions. What was given is a value that only this file makes; a grant of
//! such a permission holds it, so that no code can do the act without. On the command line the password just given is
//! the step-up.

use crate::{
    Relation, Session, SignIn, SignInError,
    failed_sign_in::FailedBy,
    sign_in::{Factor, boxed, by_slot},
    slot_is_the_recorded,
};
use cloister_domain::{Actor, AuditEvent, DetailKey, EventType, Outcome, Role, UserId, code};
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
        let typed = code.is_some_and(|c| !c.trim().is_empty());
        let without_code = !typed && session.is_stepped_up(self.clock.boottime_ms());
        match self.asked_again(session.user(), &session.actor(), password, code, without_code)? {
            Again::Password => Ok(()),
            Again::Whole => {
                let now_ms = self.clock.boottime_ms();
                session.check_alive(now_ms).map_err(boxed)?;
                session.note_step_up(now_ms);
                Ok(())
            }
        }
    }

    /// The same of somebody who is not signed in and does one act: who puts a vault back.
    ///
    /// # Errors
    /// As [`SignIn::attempt`]. Nobody is locked out here.
    pub fn step_up_once(&self, user: UserId, password: &SecretString, code: Option<&str>) -> Result<(), SignInError> {
        let account = self.vault.account(user).ok_or(SignInError::Refused)?;
        let actor = Actor::User { id: user, role: account.role, session: None };
        self.asked_again(user, &actor, password, code, false).map(|_| ())
    }

    fn asked_again(
        &self,
        user: UserId,
        actor: &Actor,
        password: &SecretString,
        code: Option<&str>,
        without_code: bool,
    ) -> Result<Again, SignInError> {
        let line = |outcome| {
            AuditEvent::new(EventType::StepUp, code!("step_up"), actor.clone(), outcome)
                .code(DetailKey::Method, code!("password"))
        };
        let attempt = self.log.append(&line(Outcome::Attempt))?.seq;
        let failed = |reason: FailedBy| {
            let event = line(Outcome::Failure).count(DetailKey::Attempt, attempt);
            self.log.append(&event.code(DetailKey::Reason, reason.word()))
        };
        let (Some(account), Ok(slot)) = (self.vault.account(user), self.vault.slot(user)) else {
            failed(FailedBy::Credentials)?;
            return Err(SignInError::Refused);
        };
        if let Err(put_back) = slot_is_the_recorded(self.log_folder, account.id, &slot, None)? {
            return Err(self.refuse_put_back(actor, put_back, Some(attempt))?);
        }
        let keys = match by_slot(self.vault.unlock(account.id, password)) {
            Ok(keys) => keys,
            Err((reason, error)) => {
                failed(reason)?;
                return Err(error);
            }
        };
        if keys.second_factor().totp_secret().is_some() && without_code {
            self.log.append(&line(Outcome::Success).count(DetailKey::Attempt, attempt))?;
            return Ok(Again::Password);
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
            failed(FailedBy::CodeUsed)?;
            return Err(SignInError::Refused);
        }
        Ok(Again::Whole)
    }
}

/// What was given again.
enum Again {
    /// The password alone, soon after all of it.
    Password,
    /// All that a sign-in asks for.
    Whole,
}
