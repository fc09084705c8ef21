//! Sign-in with the institution's directory: the directory takes the password, and the same password opens the slot.
//!
//! A person who is new, or whose password was changed there, has no slot that it opens. Then one of three things
//! helps: the password before it, a code that an administrator gave them, or an administrator's yes to a fresh pair of
//! keys.

use crate::{
    SignIn, SignInError,
    failed_sign_in::FailedBy,
    intend, settled,
    sign_in::{Credentials, SEARCHED, by_slot},
};
use cloister_audit::{AuditError, AuditLog, Filter};
use cloister_directory_client::{Directory, Fault, Verified};
use cloister_domain::{Actor, AuditEvent, AuditTarget, Code, DetailKey, EventType, Outcome, Role, Timestamp, code};
use cloister_vault::{
    Account, EnrolmentCode, EnrolmentRequest, EnrolmentWish, NewPassword, PasswordRule, PlannedChange, UnlockedKeys,
    VaultError,
};
use secrecy::{ExposeSecret, SecretString};
use std::path::Path;

/// How a person from the directory comes by keys, or keeps them.
#[derive(Debug, Clone, Copy)]
pub enum Enrolment<'a> {
    /// With the password that the slot is still under.
    PreviousPassword(&'a SecretString),
    /// With the code that an administrator gave them.
    Code(&'a SecretString),
    /// By an administrator's approval.
    Request,
}

/// A directory that the keyring names and that cannot be asked in this process.
#[derive(Debug, Clone, Copy)]
pub struct DirectoryAbsent(pub Fault);

impl Directory for DirectoryAbsent {
    fn verify(&self, _: &str, _: &SecretString) -> Result<Verified, Fault> {
        Err(self.0)
    }

    fn minimum_password_length(&self) -> u32 {
        u32::MAX
    }
}

/// An opened slot, or the reason for the log and the answer for the person.
type Opened = Result<UnlockedKeys, (FailedBy, SignInError)>;

impl SignIn<'_> {
    /// Asks the directory and, when it lets the person in, opens their slot.
    pub(crate) fn by_directory(
        &self,
        directory: &dyn Directory,
        account: Option<&Account>,
        credentials: &Credentials<'_>,
        actor: &Actor,
        certificate_ends: &mut Option<Timestamp>,
    ) -> Result<Opened, SignInError> {
        let password = credentials.password;
        let name = account.map_or(credentials.name, |a| a.name.as_str());
        let verified = match directory.verify(name, password) {
            Ok(verified) => verified,
            Err(fault) => {
                if fault.is_decided() {
                    // The time of a slot that does not open, whether there is one or not.
                    self.vault.spend_a_guess(password).map_err(SignInError::Vault)?;
                }
                let told = if fault.is_silent() { SignInError::Refused } else { SignInError::Directory(fault) };
                return Ok(Err((FailedBy::Directory(fault), told)));
            }
        };
        *certificate_ends = Some(verified.certificate_ends);
        let rule = PasswordRule { min_length: directory.minimum_password_length() as usize };
        let step = Step { sign_in: self, credentials, actor, rule, name };
        let Some(account) = account else {
            let role = verified.roles.first().copied().unwrap_or(Role::Viewer);
            return step.without_keys(None, role, true);
        };
        self.note_role(account, &verified)?;
        if !verified.roles.contains(&account.role) {
            return Ok(Err((FailedBy::RoleChanged, SignInError::RoleChanged)));
        }
        match self.vault.opens_by_code_until(account.id) {
            Ok(Some(_)) => step.without_keys(Some(account), account.role, true),
            Ok(None) => match self.vault.unlock(account.id, password) {
                Err(VaultError::SignIn) => step.without_keys(Some(account), account.role, false),
                unlocked => Ok(by_slot(unlocked)),
            },
            // Damaged: an administrator's code mends it.
            Err(e) => Ok(by_slot(Err(e))),
        }
    }

    /// Writes down, once, that the directory gives another role than the account has. An administrator finds it there.
    fn note_role(&self, account: &Account, verified: &Verified) -> Result<(), SignInError> {
        let Some(role) = verified.roles.first().copied() else { return Ok(()) };
        if role_in_directory(self.log, self.log_folder, account)? == role {
            return Ok(());
        }
        let event = AuditEvent::new(EventType::DirectoryRole, code!("directory_role"), Actor::System, Outcome::Success)
            .target(AuditTarget::Account(account.id))
            .code(DetailKey::OldRole, role_code(account.role))
            .code(DetailKey::NewRole, role_code(role));
        self.log.append(&event)?;
        Ok(())
    }
}

/// The role that the directory gave somebody at their last sign-in, as the log tells; the account's own where it tells
/// nothing. Another one than the account's waits for an administrator.
///
/// # Errors
/// When the log cannot be read.
pub fn role_in_directory(log: &AuditLog, log_folder: &Path, account: &Account) -> Result<Role, AuditError> {
    let filter = Filter {
        event_type: Some(EventType::DirectoryRole.name().to_owned()),
        target: Some(AuditTarget::Account(account.id).to_string()),
        after_seq: Some(log.head()?.seq().saturating_sub(SEARCHED)),
        limit: 1,
        ..Filter::default()
    };
    let lines = cloister_audit::lines(log_folder, &filter)?.lines;
    let said = lines.first().and_then(|line| line.details[DetailKey::NewRole.name()].as_str()?.parse().ok());
    Ok(said.unwrap_or(account.role))
}

/// What is the same for every way to come by keys.
struct Step<'a> {
    sign_in: &'a SignIn<'a>,
    credentials: &'a Credentials<'a>,
    actor: &'a Actor,
    rule: PasswordRule,
    name: &'a str,
}

impl Step<'_> {
    /// The directory lets the person in, and nothing opens their keys yet.
    fn without_keys(&self, account: Option<&Account>, role: Role, first: bool) -> Result<Opened, SignInError> {
        // A slot that was put back is not to become the newest one by being written anew.
        if let (Some(account), Some(_)) = (account, self.credentials.enrolment)
            && let Some(put_back) = self.sign_in.slot_put_back(Some(account), None)?
        {
            return Ok(Err((FailedBy::KeysPutBack, put_back.into())));
        }
        // Nothing is put under a password that would not protect it.
        let new = match self.rule.check(self.credentials.password, self.name) {
            Ok(new) => new,
            Err(fault) => return Ok(Err((FailedBy::WeakPassword, SignInError::DirectoryPassword(fault)))),
        };
        match (self.credentials.enrolment, account) {
            (Some(Enrolment::Request), _) => self.request(account, role, &new),
            (Some(Enrolment::Code(code)), Some(account)) => self.by_code(account, code, &new),
            (Some(Enrolment::PreviousPassword(previous)), Some(account)) if !first => {
                self.by_previous(account, previous, &new)
            }
            (Some(Enrolment::Code(_)), None) => {
                Ok(Err((FailedBy::EnrolmentCode, SignInError::EnrolmentCode(VaultError::WrongEnrolmentCode))))
            }
            _ => self.what_is_missing(first),
        }
    }

    fn what_is_missing(&self, first: bool) -> Result<Opened, SignInError> {
        let waiting = self.sign_in.vault.enrolment_of(self.name).map_err(SignInError::Vault)?;
        Ok(Err(match waiting {
            Some(request) => (FailedBy::EnrolmentPending, pending(&request)?),
            None => (FailedBy::EnrolmentNeeded, SignInError::EnrolmentNeeded { first }),
        }))
    }

    /// A fresh pair, and a request that an administrator decides.
    fn request(&self, account: Option<&Account>, role: Role, new: &NewPassword) -> Result<Opened, SignInError> {
        let SignIn { vault, log, clock, entropy, .. } = self.sign_in;
        let event = |request: &EnrolmentRequest, outcome| {
            AuditEvent::new(EventType::EnrolmentRequest, code!("enrolment_request"), self.actor.clone(), outcome)
                .target(AuditTarget::Account(request.user()))
                .hash(DetailKey::FileSha256, request.sha256().clone())
                .code(DetailKey::Method, code!("directory"))
                .code(DetailKey::NewRole, role_code(role))
        };
        let wish = EnrolmentWish { user: account.map(|a| a.id), name: self.name, role };
        let mut attempt = None;
        let request = vault
            .request_enrolment(wish, new, *clock, *entropy, |request| {
                attempt = Some(log.append(&event(request, Outcome::Attempt))?.seq);
                Ok::<_, AuditError>(())
            })
            .map_err(SignInError::Vault)?;
        let mut done = event(&request, Outcome::Success);
        if let Some(attempt) = attempt {
            done = done.count(DetailKey::Attempt, attempt);
        }
        log.append(&done)?;
        Ok(Err((FailedBy::EnrolmentPending, pending(&request)?)))
    }

    /// The keys that an administrator made lie under a code.
    fn by_code(&self, account: &Account, typed: &SecretString, new: &NewPassword) -> Result<Opened, SignInError> {
        let SignIn { vault, clock, entropy, .. } = self.sign_in;
        let redeemed = EnrolmentCode::parse(typed.expose_secret()).map_err(Refusal::Code).and_then(|code| {
            self.recorded(|record| vault.redeem_enrolment_code(account.id, &code, new, *clock, *entropy, record))
        });
        match redeemed {
            Ok(()) => self.open(account),
            Err(Refusal::Code(e)) => Ok(Err((FailedBy::EnrolmentCode, SignInError::EnrolmentCode(e)))),
            Err(Refusal::Other(e)) => Ok(by_slot(Err(e))),
            Err(Refusal::Log(e)) => Err(e),
        }
    }

    /// The slot opens with the password before this one, and is put under this one.
    fn by_previous(
        &self,
        account: &Account,
        previous: &SecretString,
        new: &NewPassword,
    ) -> Result<Opened, SignInError> {
        let SignIn { vault, clock, entropy, .. } = self.sign_in;
        match self.recorded(|record| vault.change_password(account.id, previous, new, *clock, *entropy, record)) {
            Ok(()) => self.open(account),
            Err(Refusal::Other(VaultError::SignIn)) => {
                Ok(Err((FailedBy::PreviousPassword, SignInError::PreviousPassword)))
            }
            Err(Refusal::Code(e) | Refusal::Other(e)) => Ok(by_slot(Err(e))),
            Err(Refusal::Log(e)) => Err(e),
        }
    }

    fn open(&self, account: &Account) -> Result<Opened, SignInError> {
        let vault = self.sign_in.vault;
        let opened = by_slot(vault.unlock(account.id, self.credentials.password));
        if opened.is_ok() {
            // They got in some other way.
            vault.forget_enrolment(account.id).map_err(SignInError::Vault)?;
        }
        Ok(opened)
    }

    /// A change of a slot, with the log told before and after.
    fn recorded(
        &self,
        change: impl FnOnce(&mut dyn FnMut(&PlannedChange) -> Result<(), AuditError>) -> Result<(), VaultError>,
    ) -> Result<(), Refusal> {
        let log = self.sign_in.log;
        let mut noted = None;
        let changed = change(&mut |planned| {
            noted = Some(planned.clone());
            intend(log, self.actor, planned)
        });
        changed.map_err(|e| match e {
            VaultError::WrongEnrolmentCode | VaultError::EnrolmentCodeExpired => Refusal::Code(e),
            e => Refusal::Other(e),
        })?;
        noted.map_or(Ok(()), |planned| settled(log, self.actor, &planned)).map_err(|e| Refusal::Log(e.into()))
    }
}

/// Why a slot was not put under the new password.
enum Refusal {
    Code(VaultError),
    Other(VaultError),
    Log(SignInError),
}

fn pending(request: &EnrolmentRequest) -> Result<SignInError, SignInError> {
    let fingerprint = request.fingerprint().map_err(SignInError::Vault)?;
    Ok(SignInError::EnrolmentPending { fingerprint })
}

/// A role's word in the log.
#[must_use]
pub const fn role_code(role: Role) -> Code {
    match role {
        Role::Administrator => code!("administrator"),
        Role::Clinician => code!("clinician"),
        Role::Researcher => code!("researcher"),
        Role::Viewer => code!("viewer"),
        Role::Auditor => code!("auditor"),
    }
}
