//! Accounts: the list, and new ones.

use crate::{
    App, AppError,
    command::{Command, Context},
    dto::AccountDto,
};
use cloister_access::{Policy, ReadAccounts, Target, WriteAccounts};
use cloister_audit::Filter;
use cloister_domain::{Code, Detail, DetailKey, EventType, Role, code};
use cloister_vault::{Account, LockedVault, PasswordRule, VaultError};
use secrecy::SecretString;
use serde::Deserialize;

/// So many of the newest lines are looked through for each account's last sign-in.
const SEARCHED: u64 = 20_000;

/// Every account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListUsers {}

impl Command for ListUsers {
    const NAME: &'static str = "list_users";
    type Needs = ReadAccounts;
    type Output = Vec<AccountDto>;

    fn target(&self) -> Target {
        Target::Accounts
    }

    fn run(self, cx: &Context<'_, ReadAccounts>) -> Result<Self::Output, AppError> {
        let vault = cx.app.vault()?;
        vault.accounts().iter().map(|a| row(cx.app, &vault, a)).collect()
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
    type Output = AccountDto;

    fn target(&self) -> Target {
        Target::Accounts
    }

    fn run(self, cx: &Context<'_, WriteAccounts>) -> Result<AccountDto, AppError> {
        let app = cx.app;
        let mut vault = app.vault()?;
        let policy = Policy::from_document(vault.policy())?;
        let rule = PasswordRule { min_length: policy.minimum_password_length as usize };
        let password = rule.check(&self.password, &self.name).map_err(VaultError::from)?;
        let mut edit = vault.edit(cx.open.session.keys(), app.clock(), app.entropy())?;
        let id = edit.add_account(&self.name, self.role, &password)?;
        let actor = cx.open.session.actor();
        app.commit_keyring(&actor, edit)?;
        cx.record(DetailKey::NewRole, Detail::Code(role_code(self.role)));
        row(app, &vault, vault.account(id).ok_or(AppError::Internal("the new account"))?)
    }
}

/// Stores that a role's keys open.
fn opens(role: Role) -> Vec<String> {
    let names: &[&str] = match role {
        Role::Administrator => &["visits", "research"],
        Role::Clinician => &["visits"],
        Role::Researcher | Role::Viewer => &["research"],
        Role::Auditor => &[],
    };
    names.iter().map(|n| (*n).to_owned()).collect()
}

fn row(app: &App, vault: &LockedVault, account: &Account) -> Result<AccountDto, AppError> {
    let (log, folder) = (app.log()?, app.log_folder());
    let last = cloister_audit::lines(
        &folder,
        &Filter {
            user: Some(account.id.to_string()),
            event_type: Some(EventType::SignIn.name().to_owned()),
            outcome: Some("success".to_owned()),
            after_seq: Some(log.head()?.seq().saturating_sub(SEARCHED)),
            limit: 1,
            ..Filter::default()
        },
    )?;
    let last = last.lines.into_iter().next();
    let policy = Policy::from_document(vault.policy())?;
    let wait_ms = app.signing_in(vault, &log, &folder).wait_ms(account, &policy)?;
    Ok(AccountDto {
        id: account.id.to_string(),
        name: account.name.clone(),
        role: account.role.to_string(),
        disabled: account.disabled,
        created: account.created.to_string(),
        second_factor: last.as_ref().and_then(|l| l.details["second_factor"].as_str().map(str::to_owned)),
        last_sign_in: last.map(|l| l.time),
        locked_minutes: u32::try_from(wait_ms.div_ceil(60_000)).unwrap_or(u32::MAX),
        opens: if account.disabled { Vec::new() } else { opens(account.role) },
    })
}

pub(super) const fn role_code(role: Role) -> Code {
    match role {
        Role::Administrator => code!("administrator"),
        Role::Clinician => code!("clinician"),
        Role::Researcher => code!("researcher"),
        Role::Viewer => code!("viewer"),
        Role::Auditor => code!("auditor"),
    }
}
