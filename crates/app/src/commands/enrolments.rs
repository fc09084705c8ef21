//! People from the directory: who asks to be let in, the codes that administrators give, and their approval.

use super::accounts::{SignIns, row};
use crate::{
    App, AppError,
    command::{Command, Context},
    dto::{AccountDto, EnrolmentCodeDto, EnrolmentDto},
};
use cloister_access::{
    DecideEnrolment, ReadAccounts, ResetAccount, Target, WriteAccounts, enrolment_is_the_recorded, role_code,
};
use cloister_domain::{Detail, DetailKey, Role, Timestamp, UserId, code};
use cloister_vault::{AccountKind, EnrolmentRequest, LockedVault, VaultError};
use serde::{Deserialize, Serialize};

/// How long a code opens what it was made for, in milliseconds: a week.
const CODE_MS: i64 = 7 * 86_400_000;

/// Every request that waits, oldest first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListEnrolments {}

impl Command for ListEnrolments {
    const NAME: &'static str = "list_enrolments";
    type Needs = ReadAccounts;
    type Output = Vec<EnrolmentDto>;

    fn target(&self) -> Target {
        Target::Accounts
    }

    fn run(self, cx: &Context<'_, ReadAccounts>) -> Result<Self::Output, AppError> {
        let vault = cx.app.vault()?;
        let (waiting, _) = vault.enrolments()?;
        let folder = cx.app.log_folder();
        let dto = |request: &EnrolmentRequest| {
            Ok(EnrolmentDto {
                user: request.user().to_string(),
                name: request.name().to_owned(),
                role: request.role().to_string(),
                asked: request.asked().to_string(),
                fingerprint: request.fingerprint()?,
                renews: vault.account(request.user()).is_some(),
                recorded: enrolment_is_the_recorded(&folder, request)?,
            })
        };
        waiting.iter().map(dto).collect()
    }
}

/// Lets a person in who asked for it. The fingerprint is the one that the administrator saw, and heard from the person:
/// a request that was swapped meanwhile has another.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApproveEnrolment {
    user: UserId,
    fingerprint: String,
}

impl Command for ApproveEnrolment {
    const NAME: &'static str = "approve_enrolment";
    type Needs = DecideEnrolment;
    type Output = AccountDto;

    fn target(&self) -> Target {
        Target::Account(self.user)
    }

    fn run(self, cx: &Context<'_, DecideEnrolment>) -> Result<AccountDto, AppError> {
        let app = cx.app;
        let mut vault = app.vault()?;
        let request = waiting(&vault, self.user)?;
        cx.record(DetailKey::FileSha256, Detail::Hash(request.sha256().clone()));
        cx.record(DetailKey::NewRole, Detail::Code(role_code(request.role())));
        cx.record(DetailKey::Reason, Detail::Code(code!("approved")));
        if letters(&self.fingerprint) != letters(&request.fingerprint()?) {
            return Err(AppError::OtherFingerprint);
        }
        if !enrolment_is_the_recorded(&app.log_folder(), &request)? {
            return Err(VaultError::NoSuchEnrolment.into());
        }
        let mut edit = vault.edit(cx.open.session.keys(), app.clock(), app.entropy())?;
        let id = edit.enrol(&request, request.role())?;
        app.commit_keyring(&cx.open.session.actor(), edit)?;
        vault.forget_enrolment(id)?;
        row(app, &vault, vault.account(id).ok_or(AppError::Internal("the new account"))?, &SignIns::default())
    }
}

/// Says no. The person can ask again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefuseEnrolment {
    user: UserId,
}

impl Command for RefuseEnrolment {
    const NAME: &'static str = "refuse_enrolment";
    type Needs = DecideEnrolment;
    type Output = ();

    fn target(&self) -> Target {
        Target::Account(self.user)
    }

    fn run(self, cx: &Context<'_, DecideEnrolment>) -> Result<(), AppError> {
        let vault = cx.app.vault()?;
        cx.record(DetailKey::Reason, Detail::Code(code!("refused")));
        // One that cannot be read is taken away as well.
        match vault.enrolment(self.user) {
            Ok(Some(request)) => cx.record(DetailKey::FileSha256, Detail::Hash(request.sha256().clone())),
            Ok(None) => return Err(VaultError::NoSuchEnrolment.into()),
            Err(_) => {}
        }
        Ok(vault.forget_enrolment(self.user)?)
    }
}

/// A code for somebody who has an account: fresh keys, which they open with it at their next sign-in by the directory.
/// What opened the account before opens it no longer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveEnrolmentCode {
    user: UserId,
    /// Whether a local account becomes one of the directory.
    #[serde(default)]
    to_directory: bool,
}

impl Command for GiveEnrolmentCode {
    const NAME: &'static str = "give_enrolment_code";
    type Needs = ResetAccount;
    type Output = EnrolmentCodeDto;

    fn target(&self) -> Target {
        Target::Account(self.user)
    }

    fn run(self, cx: &Context<'_, ResetAccount>) -> Result<EnrolmentCodeDto, AppError> {
        let app = cx.app;
        let mut vault = app.vault()?;
        need_directory(&vault)?;
        let account = vault.account(self.user).ok_or(VaultError::NoSuchAccount)?;
        if account.kind == AccountKind::Local && !self.to_directory {
            return Err(AppError::LocalAccount);
        }
        let expires = code_expires(app);
        let mut edit = vault.edit(cx.open.session.keys(), app.clock(), app.entropy())?;
        let code = edit.give_enrolment_code(self.user, expires)?;
        cx.record(DetailKey::Reason, Detail::Code(code!("enrolment_code")));
        app.commit_keyring(&cx.open.session.actor(), edit)?;
        // A request from before would bring older keys.
        vault.forget_enrolment(self.user)?;
        Ok(EnrolmentCodeDto {
            user: self.user.to_string(),
            code: code.grouped().to_string(),
            expires: expires.to_string(),
        })
    }
}

/// A new account whose password is the directory's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddDirectoryUser {
    name: String,
    role: Role,
}

/// What [`AddDirectoryUser`] gives.
#[derive(Serialize)]
pub(crate) struct Added {
    #[serde(flatten)]
    account: AccountDto,
    code: String,
    expires: String,
}

impl Command for AddDirectoryUser {
    const NAME: &'static str = "add_directory_user";
    type Needs = WriteAccounts;
    type Output = Added;

    fn target(&self) -> Target {
        Target::Accounts
    }

    fn run(self, cx: &Context<'_, WriteAccounts>) -> Result<Added, AppError> {
        let app = cx.app;
        let mut vault = app.vault()?;
        need_directory(&vault)?;
        let expires = code_expires(app);
        let mut edit = vault.edit(cx.open.session.keys(), app.clock(), app.entropy())?;
        let (id, code) = edit.add_directory_account(&self.name, self.role, expires)?;
        app.commit_keyring(&cx.open.session.actor(), edit)?;
        cx.record(DetailKey::NewRole, Detail::Code(role_code(self.role)));
        cx.record(DetailKey::Method, Detail::Code(code!("directory")));
        let account =
            row(app, &vault, vault.account(id).ok_or(AppError::Internal("the new account"))?, &SignIns::default())?;
        Ok(Added { account, code: code.grouped().to_string(), expires: expires.to_string() })
    }
}

/// Until when a code that is given now counts.
fn code_expires(app: &App) -> Timestamp {
    Timestamp::from_millis(app.clock().now().as_millis() + CODE_MS)
}

fn need_directory(vault: &LockedVault) -> Result<(), AppError> {
    vault.directory().map(|_| ()).ok_or(AppError::NoDirectory)
}

fn waiting(vault: &LockedVault, user: UserId) -> Result<EnrolmentRequest, AppError> {
    Ok(vault.enrolment(user)?.ok_or(VaultError::NoSuchEnrolment)?)
}

/// A fingerprint as it is compared: neither case nor spacing matters.
fn letters(fingerprint: &str) -> String {
    let plain = fingerprint.chars().filter(char::is_ascii_alphanumeric);
    let plain = plain.map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    });
    plain.collect()
}
