//! Accounts: the list, and new ones.

use crate::{
    App, AppError,
    command::{Command, Context},
    dto::AccountDto,
};
use cloister_access::{Policy, ReadAccounts, Target, WriteAccounts, role_code};
use cloister_audit::{Filter, LogLine};
use cloister_domain::{AuditTarget, Detail, DetailKey, EventType, Role};
use cloister_vault::{Account, AccountKind, LockedVault, PasswordRule, VaultError};
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
pub(super) struct SignIns {
    /// Each account's last success.
    last: HashMap<String, LogLine>,
    /// Tries since then.
    failing: HashMap<String, u32>,
    /// The role that the directory gave last, by target.
    directory_roles: HashMap<String, Role>,
}

impl SignIns {
    fn read(app: &App, vault: &LockedVault) -> Result<Self, AppError> {
        let after_seq = Some(app.log()?.head()?.seq().saturating_sub(SEARCHED));
        let of = |event: EventType| Filter {
            event_type: Some(event.name().to_owned()),
            after_seq,
            limit: usize::MAX,
            ..Filter::default()
        };
        let mut known = Self::default();
        // Newest first.
        for line in cloister_audit::lines(&app.log_folder(), &of(EventType::SignIn))?.lines {
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
        if vault.accounts().iter().any(|a| a.kind == AccountKind::Directory) {
            for line in cloister_audit::lines(&app.log_folder(), &of(EventType::DirectoryRole))?.lines {
                let role = line.details[DetailKey::NewRole.name()].as_str().and_then(|r| r.parse().ok());
                if let (Some(account), Some(role)) = (line.target, role) {
                    known.directory_roles.entry(account).or_insert(role);
                }
            }
        }
        Ok(known)
    }
}

/// Every account, with one look at the log.
pub(super) fn rows(app: &App, vault: &LockedVault) -> Result<Vec<AccountDto>, AppError> {
    let sign_ins = SignIns::read(app, vault)?;
    vault.accounts().iter().map(|account| row(app, vault, account, &sign_ins)).collect()
}

pub(super) fn row(
    app: &App,
    vault: &LockedVault,
    account: &Account,
    sign_ins: &SignIns,
) -> Result<AccountDto, AppError> {
    let id = account.id.to_string();
    let policy = Policy::from_document(vault.policy())?;
    let wait_ms = if sign_ins.failing.get(&id).is_some_and(|tries| *tries >= policy.max_login_attempts) {
        let (log, folder) = (app.log()?, app.log_folder());
        app.signing_in(vault, &log, &folder).wait_ms(account, &policy)?
    } else {
        0
    };
    let last = sign_ins.last.get(&id);
    let by_directory = account.kind == AccountKind::Directory;
    let role_in_directory = sign_ins.directory_roles.get(&AuditTarget::Account(account.id).to_string());
    let role_in_directory = role_in_directory.filter(|role| by_directory && **role != account.role);
    Ok(AccountDto {
        name: account.name.clone(),
        role: account.role.to_string(),
        disabled: account.disabled,
        created: account.created.to_string(),
        second_factor: last.and_then(|l| l.details["second_factor"].as_str().map(str::to_owned)),
        last_sign_in: last.map(|l| l.time.clone()),
        locked_minutes: u32::try_from(wait_ms.div_ceil(60_000)).unwrap_or(u32::MAX),
        opens: if account.disabled { Vec::new() } else { opens(account.role) },
        kind: match account.kind {
            AccountKind::Local => "local".to_owned(),
            AccountKind::Directory => "directory".to_owned(),
        },
        // A damaged slot says nothing here; its person's sign-in does.
        code_until: by_directory
            .then(|| vault.opens_by_code_until(account.id).ok().flatten())
            .flatten()
            .map(|t| t.to_string()),
        role_in_directory: role_in_directory.map(|role| role.to_string()),
        id,
    })
}
