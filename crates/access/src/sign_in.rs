//! Sign-in: the password opens the slot, and where there is a second factor, its code is asked for. For an account of
//! the institution's directory, the directory has to take the password first (`directory_sign_in.rs`).

use crate::{
    AccessError, KeysPutBack, Lockout, LockoutRule, Policy, Session,
    directory_sign_in::Enrolment,
    failed_sign_in::FailedBy,
    intend, keyring_is_the_recorded,
    recorded::search_for_slot,
    second_factor::{TotpSecret, without_code},
    slot_is_the_recorded,
};
use cloister_audit::{AlertKind, AuditError, AuditLog, Due, Filter};
use cloister_directory_client::{Directory, Fault};
use cloister_domain::{
    Actor, AuditEvent, AuditTarget, Clock, Code, DetailKey, Entropy, EventType, Outcome, Pseudonym, SessionId, UserId,
    code,
};
use cloister_vault::{Account, AccountKind, LockedVault, PasswordFault, PlannedChange, UnlockedKeys, VaultError};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use std::{collections::HashSet, path::Path};

/// So many of the newest lines are searched for a name's failures. Each failure costs two lines and half a second of
/// Argon2, so nobody buries their own within a lockout's reach.
pub(crate) const SEARCHED: u64 = 20_000;
/// After a failure so many of the newest lines are searched for what the name's slot was: less than a millisecond apart
/// for a name that is there and one that is not.
const SEARCHED_FOR_SLOTS: u64 = 2_000;
/// The most tries of one name that are counted.
const MOST_TRIES: usize = 1000;

/// Why a sign-in did not succeed. The answer is the same for an unknown name and a wrong password.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The name, the password or the second factor is wrong, or the account is disabled.
    #[error("the name, the password or the code is not right")]
    Refused,
    /// The password opened the slot, and the second factor's code is missing.
    #[error("a code of the second factor is needed, or a recovery code")]
    CodeNeeded,
    /// Too many failures.
    #[error("too many failed sign-ins; try again in {minutes} minutes, or ask an administrator")]
    LockedOut {
        /// Whole minutes to wait, rounded up.
        minutes: u64,
    },
    /// The directory refuses the person for a reason that may be told, or cannot be asked.
    #[error("{0}")]
    Directory(Fault),
    /// The directory took the password, and it opens no keys here: the person is new, or it was changed there.
    #[error("{}", if *.first { FIRST } else { CHANGED })]
    EnrolmentNeeded {
        /// Whether there is no password before this one.
        first: bool,
    },
    /// An administrator has to say yes first.
    #[error("an administrator has to approve this; read them this fingerprint: {fingerprint}")]
    EnrolmentPending {
        /// What both compare.
        fingerprint: String,
    },
    /// The password before this one is not that.
    #[error("the directory took the password, but this is not the one that was used here before")]
    PreviousPassword,
    /// The enrolment code opens nothing.
    #[error("{0}")]
    EnrolmentCode(VaultError),
    /// The directory gives the person another role than they have here.
    #[error("the directory gives you another role than you have here; an administrator has to approve it first")]
    RoleChanged,
    /// The directory's password is not one that keys are put under.
    #[error("the directory took the password, but it is too weak to protect keys on this disk ({0}); change it there")]
    DirectoryPassword(PasswordFault),
    /// The log cannot be written, so nobody can be let in.
    #[error("the audit log cannot be written, so nobody can sign in: {0}")]
    Log(#[from] AuditError),
    /// The vault's files are damaged.
    #[error(transparent)]
    Vault(VaultError),
    /// The keyring or the account's slot is not the one that the log recorded last.
    #[error(transparent)]
    KeysPutBack(#[from] KeysPutBack),
    /// A session could not be made.
    #[error(transparent)]
    Session(Box<AccessError>),
}

const FIRST: &str = "the directory took the password; now give the enrolment code that an administrator gave you, or \
     ask for approval";
const CHANGED: &str = "the directory took the password, which was changed there; give the one before it as well, or ask \
     for approval";

/// What somebody types to sign in.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a> {
    /// The name.
    pub name: &'a str,
    /// The password: the vault's, or the directory's.
    pub password: &'a SecretString,
    /// The second factor's code, or a recovery code.
    pub code: Option<&'a str>,
    /// How a person from the directory comes by their keys.
    pub enrolment: Option<Enrolment<'a>>,
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
    /// The institution's directory, where the keyring names one.
    pub directory: Option<&'a dyn Directory>,
}

impl std::fmt::Debug for SignIn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn")
    }
}

impl SignIn<'_> {
    /// Tries name, password and, for an account with a second factor, its code or a recovery code. The try stands in the log before the password is looked at, and counts as a failure
    /// until its success is written, so that tries made at the same moment count each other.
    ///
    /// # Errors
    /// As [`SignInError`] says.
    pub fn attempt(&self, name: &str, password: &SecretString, code: Option<&str>) -> Result<Session, SignInError> {
        self.attempt_with(&Credentials { name, password, code, enrolment: None })
    }

    /// The same, for a person from the directory who has to come by keys first.
    ///
    /// # Errors
    /// As [`SignInError`] says.
    pub fn attempt_with(&self, credentials: &Credentials<'_>) -> Result<Session, SignInError> {
        let &Credentials { name, password, code, .. } = credentials;
        let account = self.vault.find(name).cloned();
        let actor = match &account {
            Some(a) => Actor::User { id: a.id, role: a.role, session: None },
            None => Actor::UnknownName(self.name_hash(name)),
        };
        self.check_keyring(&actor)?;
        let policy = Policy::from_document(self.vault.policy()).map_err(|e| boxed(e.into()))?;
        let rule = LockoutRule::after(policy.max_login_attempts);
        self.refuse_if_locked(&actor, rule, None)?;
        let attempt = self.log.append(&self.event(&actor, Outcome::Attempt))?.seq;
        self.refuse_if_locked(&actor, rule, Some(attempt))?;
        let failed = |reason: FailedBy| {
            let event = self.event(&actor, Outcome::Failure).count(DetailKey::Attempt, attempt);
            self.log.append(&event.code(DetailKey::Reason, reason.word()))
        };
        // A local account's password is nobody else's business.
        let directory = self.directory.filter(|_| account.as_ref().is_none_or(|a| a.kind == AccountKind::Directory));
        let mut certificate_ends = None;
        let opened = match (directory, &account) {
            (Some(directory), _) => {
                self.by_directory(directory, account.as_ref(), credentials, &actor, &mut certificate_ends)?
            }
            // The keyring names no directory any more.
            (None, Some(a)) if a.kind == AccountKind::Directory => {
                self.vault.spend_a_guess(password).map_err(SignInError::Vault)?;
                Err((FailedBy::Directory(Fault::NotRunning), SignInError::Directory(Fault::NotRunning)))
            }
            (None, _) => by_slot(self.vault.unlock_by_name(name, password)),
        };
        let keys = match opened {
            Ok(keys) => keys,
            Err((_, SignInError::KeysPutBack(put_back))) => {
                return Err(self.refuse_put_back(&actor, put_back, Some(attempt))?);
            }
            Err((reason, error)) => {
                if matches!(error, SignInError::Refused) {
                    // Why a good password may have failed. The search is as long for a name that nobody has.
                    let searched = self.log.head()?.seq().saturating_sub(SEARCHED_FOR_SLOTS);
                    if let Some(put_back) = self.slot_put_back(account.as_ref(), Some(searched))? {
                        return Err(self.refuse_put_back(&actor, put_back, Some(attempt))?);
                    }
                }
                failed(reason)?;
                return Err(error);
            }
        };
        // An account of this name was opened, so it is there; its role is the keyring's.
        let Some(account) = account else { return Err(SignInError::Refused) };
        if let Some(put_back) = self.slot_put_back(Some(&account), None)? {
            return Err(self.refuse_put_back(&actor, put_back, Some(attempt))?);
        }
        let factor = match self.second_factor(&account, &keys, password, code)? {
            Ok(factor) => factor,
            Err((reason, error)) => {
                failed(reason)?;
                return Err(error);
            }
        };
        let id =
            SessionId::fresh(self.clock.now(), self.entropy).map_err(|e| SignInError::Vault(VaultError::Entropy(e)))?;
        let session =
            Session::begin(id, &account, keys, self.vault, &policy, self.clock.boottime_ms()).map_err(boxed)?;
        let session = session.by_directory(certificate_ends);
        let mut event = self.event(&session.actor(), Outcome::Success).count(DetailKey::Attempt, attempt);
        let method = if account.kind == AccountKind::Directory { code!("directory") } else { code!("local") };
        event = event.code(DetailKey::Method, method).code(DetailKey::SecondFactor, factor.name());
        if let Factor::Totp { step } = factor {
            event = event.count(DetailKey::TotpStep, step);
        }
        // As it is now: a recovery code that was used has changed it.
        if let Ok(slot) = self.vault.slot(account.id) {
            event = event.count(DetailKey::SlotVersion, slot.version).hash(DetailKey::SlotSha256, slot.sha256);
        }
        let seq = self.log.append(&event)?.seq;
        if let Factor::Totp { step } = factor
            && self.was_used(account.id, step, Some(seq))?
        {
            // Two tries with one code at the same moment: the first line in the log has it.
            failed(FailedBy::CodeUsed)?;
            return Err(SignInError::Refused);
        }
        if self.face == code!("cli") {
            // A command line signs in for one act: asking twice would ask the same person the same thing.
            session.note_step_up(self.clock.boottime_ms());
        }
        Ok(session)
    }

    /// Milliseconds until the account is heard again; 0 when it is not locked out.
    ///
    /// # Errors
    /// [`AuditError`] when the log cannot be read.
    pub fn wait_ms(&self, account: &Account, policy: &Policy) -> Result<u64, AuditError> {
        let actor = Actor::User { id: account.id, role: account.role, session: None };
        Ok(self.lockout(&actor, LockoutRule::after(policy.max_login_attempts), None)?.1)
    }

    /// Asks for what the slot holds: nothing, a code of this moment that was not used before, or a recovery code,
    /// which is gone with that.
    pub(crate) fn second_factor(
        &self,
        account: &Account,
        keys: &UnlockedKeys,
        password: &SecretString,
        code: Option<&str>,
    ) -> Result<Result<Factor, (FailedBy, SignInError)>, SignInError> {
        let kept = keys.second_factor();
        let Some(secret) = kept.totp_secret() else { return Ok(Ok(Factor::None)) };
        let Some(code) = code.filter(|c| !c.trim().is_empty()) else {
            return Ok(Err((FailedBy::CodeMissing, SignInError::CodeNeeded)));
        };
        if let Some(step) = TotpSecret::of(secret).step_of(code, self.clock.now().as_millis()) {
            let used = self.was_used(account.id, step, None)?;
            return Ok(if used { Err((FailedBy::CodeUsed, SignInError::Refused)) } else { Ok(Factor::Totp { step }) });
        }
        let Some(left) = without_code(kept, code) else {
            return Ok(Err((FailedBy::Code, SignInError::Refused)));
        };
        let actor = Actor::User { id: account.id, role: account.role, session: None };
        let record = |planned: &PlannedChange| {
            let event = AuditEvent::new(
                EventType::SecondFactorChange,
                code!("use_recovery_code"),
                actor.clone(),
                Outcome::Attempt,
            );
            self.log.append(&event.target(AuditTarget::Account(account.id)))?;
            intend(self.log, &actor, planned)
        };
        self.vault
            .set_second_factor(account.id, password, left, self.clock, self.entropy, record)
            .map_err(SignInError::Vault)?;
        Ok(Ok(Factor::RecoveryCode))
    }

    /// Whether a code of this step or a later one was already accepted from this account, before line `before`.
    pub(crate) fn was_used(&self, user: UserId, step: u64, before: Option<u64>) -> Result<bool, AuditError> {
        let after_seq = Some(self.log.head()?.seq().saturating_sub(SEARCHED));
        for event in [EventType::SignIn, EventType::StepUp] {
            let filter = Filter {
                user: Some(user.to_string()),
                event_type: Some(event.name().to_owned()),
                outcome: Some("success".to_owned()),
                after_seq,
                before_seq: before,
                // The newest ones: steps only grow, unless the clock was set back.
                limit: 20,
                ..Filter::default()
            };
            let lines = cloister_audit::lines(self.log_folder, &filter)?.lines;
            let used = |line: &cloister_audit::LogLine| line.details[DetailKey::TotpStep.name()].as_u64();
            if lines.iter().filter_map(used).any(|u| u >= step) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn check_keyring(&self, actor: &Actor) -> Result<(), SignInError> {
        match keyring_is_the_recorded(self.log_folder, self.vault)? {
            Ok(()) => Ok(()),
            Err(put_back) => Err(self.refuse_put_back(actor, put_back, None)?),
        }
    }

    /// Whether the account's slot is an older one than the log recorded, as far as its lines after `after` tell.
    pub(crate) fn slot_put_back(
        &self,
        account: Option<&Account>,
        after: Option<u64>,
    ) -> Result<Option<KeysPutBack>, SignInError> {
        let slot = account.and_then(|a| self.vault.slot(a.id).ok().map(|slot| (a.id, slot)));
        let Some((user, slot)) = slot else {
            let nobody = UserId::fresh(self.clock.now(), self.entropy)
                .map_err(|e| SignInError::Vault(VaultError::Entropy(e)))?;
            search_for_slot(self.log_folder, nobody, after)?;
            return Ok(None);
        };
        Ok(slot_is_the_recorded(self.log_folder, user, &slot, after)?.err())
    }

    /// Raises the alarm and says no. Nobody's password is looked at.
    pub(crate) fn refuse_put_back(
        &self,
        actor: &Actor,
        put_back: KeysPutBack,
        attempt: Option<u64>,
    ) -> Result<SignInError, SignInError> {
        let mut event = self.event(actor, Outcome::Denied).code(DetailKey::Reason, FailedBy::KeysPutBack.word());
        if let Some(attempt) = attempt {
            event = event.count(DetailKey::Attempt, attempt);
        }
        let line = self.log.append(&event)?.seq;
        self.log.append(&Due { kind: AlertKind::KeysPutBack, line, count: None }.event())?;
        Ok(put_back.into())
    }

    fn event(&self, actor: &Actor, outcome: Outcome) -> AuditEvent {
        AuditEvent::new(EventType::SignIn, code!("sign_in"), actor.clone(), outcome).code(DetailKey::Face, self.face)
    }

    /// Refuses while the name must wait.
    fn refuse_if_locked(&self, actor: &Actor, rule: LockoutRule, own: Option<u64>) -> Result<(), SignInError> {
        let (failures, wait_ms) = self.lockout(actor, rule, own)?;
        if wait_ms == 0 {
            return Ok(());
        }
        let event = self
            .event(actor, Outcome::Denied)
            .code(DetailKey::Reason, code!("locked_out"))
            .count(DetailKey::Attempts, failures.into())
            .count(DetailKey::WaitS, wait_ms.div_ceil(1000));
        self.log.append(&event)?;
        Err(SignInError::LockedOut { minutes: wait_ms.div_ceil(60_000) })
    }

    /// Attempts since the last success or unlock, `own` left out, and the time to wait for them in milliseconds.
    fn lockout(&self, actor: &Actor, rule: LockoutRule, own: Option<u64>) -> Result<(u32, u64), AuditError> {
        let after = self.log.head()?.seq().saturating_sub(SEARCHED);
        let filter = Filter {
            user: Some(actor.user_id()),
            event_type: Some(EventType::SignIn.name().to_owned()),
            after_seq: Some(after),
            limit: MOST_TRIES,
            before_seq: own,
            ..Filter::default()
        };
        let lines = cloister_audit::lines(self.log_folder, &filter)?.lines;
        let count = |after: u64| {
            let mut lockout = Lockout::default();
            let mut excused = HashSet::new();
            for line in lines.iter().take_while(|l| l.outcome != "success" && l.seq > after) {
                // The answer to a try is newer than the try.
                let reason = line.details[DetailKey::Reason.name()].as_str();
                if reason.and_then(FailedBy::of_word).is_some_and(|r| !r.counts()) {
                    excused.extend(line.details[DetailKey::Attempt.name()].as_u64());
                }
                if line.outcome == "attempt" && !excused.contains(&line.seq) {
                    lockout.add(&line.boot, line.mono_ms);
                }
            }
            (lockout.failures(), lockout.remaining_ms(rule, &self.clock.boot_id(), self.clock.boottime_ms()))
        };
        match (count(after), actor) {
            // Only who must wait can have been unlocked.
            ((_, 1..), Actor::User { id, .. }) => Ok(count(self.unlocked(*id, after)?)),
            (counted, _) => Ok(counted),
        }
    }

    /// The line with which somebody unlocked the account last, or `after`.
    fn unlocked(&self, user: UserId, after: u64) -> Result<u64, AuditError> {
        let filter = Filter {
            event_type: Some(EventType::SignInUnlock.name().to_owned()),
            outcome: Some("success".to_owned()),
            target: Some(AuditTarget::Account(user).to_string()),
            after_seq: Some(after),
            limit: 1,
            ..Filter::default()
        };
        Ok(cloister_audit::lines(self.log_folder, &filter)?.lines.first().map_or(after, |l| l.seq))
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

/// What was asked for beside the password.
#[derive(Clone, Copy)]
pub(crate) enum Factor {
    None,
    Totp { step: u64 },
    RecoveryCode,
}

impl Factor {
    pub(crate) const fn name(self) -> Code {
        match self {
            Self::None => code!("none"),
            Self::Totp { .. } => code!("totp"),
            Self::RecoveryCode => code!("recovery_code"),
        }
    }
}

/// What opening a slot came to, with the word for the log.
pub(crate) fn by_slot(unlocked: Result<UnlockedKeys, VaultError>) -> Result<UnlockedKeys, (FailedBy, SignInError)> {
    unlocked.map_err(|e| match e {
        VaultError::SignIn | VaultError::Disabled => (FailedBy::Credentials, SignInError::Refused),
        e => (FailedBy::Vault, SignInError::Vault(e)),
    })
}

pub(crate) fn boxed(e: AccessError) -> SignInError {
    SignInError::Session(Box::new(e))
}
