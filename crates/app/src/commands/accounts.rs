//! Accounts: the list, and new ones.

use crate::{
    App, AppError,
    command::{Command, Context},
    dto::AccountDto,
};
use cloister_access::{Policy, ReadAccounts, Target, WriteAccounts};
use cloister_audit::{Filter, LogLine};
use cloister_domain::{Code, Detail, DetailKey, EventType, Role, code};
use cloister_vault::{Account, LockedVault, PasswordRule, VaultError};
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::HashMap;

/// So many of the newest lines are looked through for sign-ins.
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
        rows(cx.app, &cx.app.vault()?)
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
        let account = vault.account(id).ok_or(AppError::Internal("the new account"))?;
        row(app, &vault, account, &SignIns::default())
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

/// What the newest lines say of sign-ins, read once for everybody.
#[derive(Default)]
struct SignIns {
    /// Each account's last success.
    last: HashMap<String, LogLine>,
    /// Tries since then.
    failing: HashMap<String, u32>,
}

impl SignIns {
    fn read(app: &App) -> Result<Self, AppError> {
        let filter = Filter {
            event_type: Some(EventType::SignIn.name().to_owned()),
            after_seq: Some(app.log()?.head()?.seq().saturating_sub(SEARCHED)),
            limit: usize::MAX,
            ..Filter::default()
        };
        let mut known = Self::default();
        // Newest first.
        for line in cloister_audit::lines(&app.log_folder(), &filter)?.lines {
            if known.last.contains_key(&line.user_id) {
                continue;
            }
            match line.outcome.as_str() {
                "success" => {
                    known.last.insert(line.user_id.clone(), line);
                }
                "attempt" => *known.failing.entry(line.user_id).or_default() += 1,
                _ => {}
            }
        }
        Ok(known)
    }
}

/// Every account, with one look at the log.
pub(super) fn rows(app: &App, vault: &LockedVault) -> Result<Vec<AccountDto>, AppError> {
    let sign_ins = SignIns::read(app)?;
    vault.accounts().iter().map(|account| row(app, vault, account, &sign_ins)).collect()
}

fn row(app: &App, vault: &LockedVault, account: &Account, sign_ins: &SignIns) -> Result<AccountDto, AppError> {
    let id = account.id.to_string();
    let policy = Policy::from_document(vault.policy())?;
    let wait_ms = if sign_ins.failing.get(&id).is_some_and(|tries| *tries >= policy.max_login_attempts) {
        let (log, folder) = (app.log()?, app.log_folder());
        app.signing_in(vault, &log, &folder).wait_ms(account, &policy)?
    } else {
        0
    };
    let last = sign_ins.last.get(&id);
    Ok(AccountDto {
        name: account.name.clone(),
        role: account.role.to_string(),
        disabled: account.disabled,
        created: account.created.to_string(),
        second_factor: last.and_then(|l| l.details["second_factor"].as_str().map(str::to_owned)),
        last_sign_in: last.map(|l| l.time.clone()),
        locked_minutes: u32::try_from(wait_ms.div_ceil(60_000)).unwrap_or(u32::MAX),
        opens: if account.disabled { Vec::new() } else { opens(account.role) },
        id,
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
