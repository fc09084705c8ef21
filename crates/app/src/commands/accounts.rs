//! Accounts and policy.

use crate::{
    AppError,
    command::{Command, Context},
};
use cloister_access::{Policy, ReadAccounts, ReadPolicy, Target, WriteAccounts};
use cloister_domain::{Code, Detail, DetailKey, Role, code};
use cloister_vault::{PasswordRule, VaultError};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// An account as an administrator sees it.
#[derive(Serialize)]
pub(crate) struct AccountRow {
    id: String,
    name: String,
    role: Role,
    disabled: bool,
    created: String,
}

/// Every account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListUsers {}

impl Command for ListUsers {
    const NAME: &'static str = "list_users";
    type Needs = ReadAccounts;
    type Output = Vec<AccountRow>;

    fn target(&self) -> Target {
        Target::Accounts
    }

    fn run(self, cx: &Context<'_, ReadAccounts>) -> Result<Self::Output, AppError> {
        Ok(cx.app.vault()?.accounts().iter().map(row).collect())
    }
}

/// A local account that signs in at once with the given password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddUser {
    name: String,
    role: Role,
    password: SecretString,
}

impl Command for AddUser {
    const NAME: &'static str = "add_user";
    type Needs = WriteAccounts;
    type Output = AccountRow;

    fn target(&self) -> Target {
        Target::Accounts
    }

    fn run(self, cx: &Context<'_, WriteAccounts>) -> Result<AccountRow, AppError> {
        let app = cx.app;
        let mut vault = app.vault()?;
        let policy = Policy::from_document(vault.policy())?;
        let rule = PasswordRule { min_length: policy.minimum_password_length as usize };
        let password = rule.check(&self.password, &self.name).map_err(VaultError::from)?;
        let mut edit = vault.edit(cx.open.session.keys(), app.clock(), app.entropy())?;
        let id = edit.add_account(&self.name, self.role, &password)?;
        let actor = cx.open.session.actor();
        edit.commit(|planned| app.record_keyring(&actor, planned))?;
        cx.record(DetailKey::NewRole, Detail::Code(role_code(self.role)));
        vault.account(id).map(row).ok_or(AppError::Internal("the new account"))
    }
}

/// The policy in force.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowPolicy {}

impl Command for ShowPolicy {
    const NAME: &'static str = "show_policy";
    type Needs = ReadPolicy;
    type Output = Policy;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, ReadPolicy>) -> Result<Policy, AppError> {
        Ok(Policy::from_document(cx.app.vault()?.policy())?)
    }
}

fn row(a: &cloister_vault::Account) -> AccountRow {
    AccountRow {
        id: a.id.to_string(),
        name: a.name.clone(),
        role: a.role,
        disabled: a.disabled,
        created: a.created.to_string(),
    }
}

const fn role_code(role: Role) -> Code {
    match role {
        Role::Administrator => code!("administrator"),
        Role::Clinician => code!("clinician"),
        Role::Researcher => code!("researcher"),
        Role::Viewer => code!("viewer"),
        Role::Auditor => code!("auditor"),
    }
}
