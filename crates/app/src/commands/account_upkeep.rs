//! What an administrator does to somebody else's account.

use crate::{
    AppError,
    command::{Command, Context},
};
use cloister_access::{ChangeRole, DisableAccount, Permission, Policy, ResetAccount, Target, UnlockAccount, role_code};
use cloister_domain::{Detail, DetailKey, Role, UserId, code};
use cloister_vault::{AccountKind, KeyringEdit, PasswordRule, VaultError};
use secrecy::SecretString;
use serde::Deserialize;

/// Another role, with its keys. Keys of the old role may have been kept: only a rotation takes those back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeRoleOf {
    user: UserId,
    role: Role,
}

impl Command for ChangeRoleOf {
    const NAME: &'static str = "change_role";
    type Needs = ChangeRole;
    type Output = ();

    fn target(&self) -> Target {
        Target::Account(self.user)
    }

    fn run(self, cx: &Context<'_, ChangeRole>) -> Result<(), AppError> {
        let old = cx.app.vault()?.account(self.user).map(|a| a.role).ok_or(VaultError::NoSuchAccount)?;
        cx.record(DetailKey::OldRole, Detail::Code(role_code(old)));
        cx.record(DetailKey::NewRole, Detail::Code(role_code(self.role)));
        change(cx, |edit| edit.set_role(self.user, self.role))
    }
}

/// Takes an account's keys away, or gives them back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DisableUser {
    user: UserId,
    disabled: bool,
}

impl Command for DisableUser {
    const NAME: &'static str = "disable_user";
    type Needs = DisableAccount;
    type Output = ();

    fn target(&self) -> Target {
        Target::Account(self.user)
    }

    fn run(self, cx: &Context<'_, DisableAccount>) -> Result<(), AppError> {
        let setting = if self.disabled { code!("disabled") } else { code!("enabled") };
        cx.record(DetailKey::Setting, Detail::Code(setting));
        change(cx, |edit| edit.set_disabled(self.user, self.disabled))
    }
}

/// A new password, fresh keys and no second factor, for whoever lost theirs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetUser {
    user: UserId,
    password: SecretString,
}

impl Command for ResetUser {
    const NAME: &'static str = "reset_user";
    type Needs = ResetAccount;
    type Output = ();

    fn target(&self) -> Target {
        Target::Account(self.user)
    }

    fn run(self, cx: &Context<'_, ResetAccount>) -> Result<(), AppError> {
        let vault = cx.app.vault()?;
        let account = vault.account(self.user).ok_or(VaultError::NoSuchAccount)?;
        // Without a directory, this is how one of its accounts becomes a local one.
        if account.kind == AccountKind::Directory && vault.directory().is_some() {
            return Err(AppError::DirectoryAccount);
        }
        let policy = Policy::from_document(vault.policy())?;
        let rule = PasswordRule { min_length: policy.minimum_password_length as usize };
        let password = rule.check(&self.password, &account.name).map_err(VaultError::from)?;
        change(cx, |edit| edit.reset_account(self.user, &password))
    }
}

/// Lets a locked-out name try again. The line in the log is the act: sign-in counts failures from there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnlockUser {
    user: UserId,
}

impl Command for UnlockUser {
    const NAME: &'static str = "unlock_user";
    type Needs = UnlockAccount;
    type Output = ();

    fn target(&self) -> Target {
        Target::Account(self.user)
    }

    fn run(self, cx: &Context<'_, UnlockAccount>) -> Result<(), AppError> {
        cx.app.vault()?.account(self.user).ok_or(VaultError::NoSuchAccount)?;
        cx.record(DetailKey::Method, Detail::Code(code!("administrator")));
        Ok(())
    }
}

fn change<P: Permission>(
    cx: &Context<'_, P>,
    what: impl FnOnce(&mut KeyringEdit<'_>) -> Result<(), VaultError>,
) -> Result<(), AppError> {
    let app = cx.app;
    let mut vault = app.vault()?;
    let mut edit = vault.edit(cx.open.session.keys(), app.clock(), app.entropy())?;
    what(&mut edit)?;
    let actor = cx.open.session.actor();
    app.commit_keyring(&actor, edit)
}
