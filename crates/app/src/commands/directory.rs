//! The institution's directory: part of the signed keyring, so that each change has an administrator's signature and
//! stands in the log. A change counts from the next start on, because the process that asks is told its servers once.

use crate::{
    App, AppError,
    app::json,
    command::{Command, Context},
    directory::{StagedPassword, settings_of},
    dto::{AuthorityDto, DirectoryDto, DirectorySettingsDto, DirectoryStepDto, GroupRoleDto},
};
use cloister_access::{
    ReadDirectory, Target, TestDirectory, WriteDirectory,
    directory::{Authorities, BindMode, DirectoryKind, Fault, GivenSettings, Settings, Step},
};
use cloister_domain::{Detail, DetailKey, code};
use cloister_vault::AccountKind;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

/// What is set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowDirectory {}

impl Command for ShowDirectory {
    const NAME: &'static str = "show_directory";
    type Needs = ReadDirectory;
    type Output = DirectoryDto;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, ReadDirectory>) -> Result<DirectoryDto, AppError> {
        show(cx.app)
    }
}

/// Other settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetDirectory {
    settings: GivenSettings,
    /// Of the account that searches; left out, the one that is kept stays.
    #[serde(default)]
    search_password: Option<SecretString>,
}

impl Command for SetDirectory {
    const NAME: &'static str = "set_directory";
    type Needs = WriteDirectory;
    type Output = DirectoryDto;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, WriteDirectory>) -> Result<DirectoryDto, AppError> {
        let settings = Settings::new(self.settings).map_err(AppError::DirectorySettings)?;
        let app = cx.app;
        let password = match &self.search_password {
            _ if !settings.needs_search_password() => Some(app.stage_search_password(None)?),
            Some(password) => Some(app.stage_search_password(Some(password))?),
            None if app.search_password()?.is_some() => None,
            None => return Err(AppError::Usage("the account that searches needs its password".to_owned())),
        };
        cx.record(DetailKey::Setting, Detail::Code(code!("directory")));
        cx.record(DetailKey::NewCode, Detail::Code(code!("set")));
        put(cx, Some(settings.to_document().map_err(AppError::DirectorySettings)?))?;
        // Only now: while the settings before these are in force, so is their password.
        password.map_or(Ok(()), StagedPassword::put)?;
        show(app)
    }
}

/// No directory any more. Its accounts stay, and nobody signs in with them until an administrator resets them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveDirectory {}

impl Command for RemoveDirectory {
    const NAME: &'static str = "remove_directory";
    type Needs = WriteDirectory;
    type Output = DirectoryDto;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, WriteDirectory>) -> Result<DirectoryDto, AppError> {
        if cx.app.vault()?.directory().is_none() {
            return Err(AppError::NoDirectory);
        }
        cx.record(DetailKey::Setting, Detail::Code(code!("directory")));
        cx.record(DetailKey::NewCode, Detail::Code(code!("removed")));
        put(cx, None)?;
        cx.app.stage_search_password(None)?.put()?;
        show(cx.app)
    }
}

/// Each step of a sign-in by itself, under the settings in force.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestDirectoryAs {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    password: Option<SecretString>,
}

impl Command for TestDirectoryAs {
    const NAME: &'static str = "test_directory";
    type Needs = TestDirectory;
    type Output = Vec<DirectoryStepDto>;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, TestDirectory>) -> Result<Self::Output, AppError> {
        let vault = cx.app.vault()?;
        let standing = cx.app.directory_standing(&vault)?.ok_or(AppError::NoDirectory)?;
        let client = cx.app.broker().client().filter(|_| standing.in_force);
        let client = client.ok_or(AppError::Directory(Fault::NotRunning))?;
        let name = self.name.as_deref().filter(|n| !n.trim().is_empty());
        let steps = client.test(name, self.password.as_ref()).map_err(AppError::Directory)?;
        cx.record(DetailKey::Setting, Detail::Code(code!("directory")));
        if let Some(fault) = steps.iter().find_map(|s| s.fault) {
            cx.record(DetailKey::Reason, Detail::Code(fault.word()));
        }
        Ok(steps.into_iter().map(step).collect())
    }
}

/// Certificates of an authority from a file that the person chooses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadAuthority {}

impl Command for ReadAuthority {
    const NAME: &'static str = "read_authority";
    type Needs = ReadDirectory;
    type Output = Option<AuthorityDto>;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, ReadDirectory>) -> Result<Self::Output, AppError> {
        use std::io::Read;
        let Some(path) = cx.ports.open_file("certificate") else { return Ok(None) };
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        let read = std::fs::File::open(&path).and_then(|f| f.take(65 * 1024).read_to_end(&mut bytes));
        read.map_err(|e| AppError::input(file.clone(), e.kind().to_string()))?;
        let ca = String::from_utf8(bytes).map_err(|_| {
            AppError::input(file.clone(), "it is no text; export the certificate as PEM (Base64), not DER")
        })?;
        let authorities = Authorities::read(&ca).map_err(|e| AppError::input(file, e.why))?;
        Ok(Some(AuthorityDto { ca, fingerprints: fingerprints(&authorities) }))
    }
}

/// What `try_directory` takes: settings that are in no vault yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trial {
    settings: GivenSettings,
    #[serde(default)]
    search_password: Option<SecretString>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    password: Option<SecretString>,
}

/// Tries settings before they are set. Only the command line asks for it, in a process that opens no vault: a window
/// that reached whatever address its page names would be a way out.
pub(crate) fn try_settings(app: &App, payload: Value) -> Result<Value, AppError> {
    if app.face() != crate::Face::Cli || app.signed_in().is_ok() {
        return Err(AppError::Usage("settings are tried on the command line".to_owned()));
    }
    let trial: Trial = serde_json::from_value(payload)
        .map_err(|e| AppError::Usage(format!("try_directory does not take this: {e}")))?;
    let settings = Settings::new(trial.settings).map_err(AppError::DirectorySettings)?;
    let steps = app.try_directory(settings, trial.search_password, trial.name.as_deref(), trial.password.as_ref())?;
    json(&steps.into_iter().map(step).collect::<Vec<_>>())
}

fn put(cx: &Context<'_, WriteDirectory>, document: Option<Value>) -> Result<(), AppError> {
    let app = cx.app;
    let mut vault = app.vault()?;
    let mut edit = vault.edit(cx.open.session.keys(), app.clock(), app.entropy())?;
    edit.set_directory(document);
    let actor = cx.open.session.actor();
    app.commit_keyring(&actor, edit)
}

fn show(app: &App) -> Result<DirectoryDto, AppError> {
    let vault = app.vault()?;
    let standing = app.directory_standing(&vault)?;
    let local = |a: &&cloister_vault::Account| a.kind == AccountKind::Local && a.administers();
    let local_administrators = u32::try_from(vault.accounts().iter().filter(local).count()).unwrap_or(u32::MAX);
    let search_password_kept = app.search_password()?.is_some();
    Ok(match standing {
        None => DirectoryDto {
            settings: None,
            in_force: false,
            restart_needed: false,
            failure: None,
            search_password_kept,
            local_administrators,
        },
        Some(standing) => DirectoryDto {
            settings: Some(in_full(standing.settings)?),
            in_force: standing.in_force,
            restart_needed: standing.restart_needed,
            failure: standing.failure,
            search_password_kept,
            local_administrators,
        },
    })
}

fn in_full(s: Settings) -> Result<DirectorySettingsDto, AppError> {
    let authorities = Authorities::read(&s.ca).map_err(AppError::DirectorySettings)?;
    Ok(DirectorySettingsDto {
        kind: match s.kind {
            DirectoryKind::OpenLdap => "openldap".to_owned(),
            DirectoryKind::ActiveDirectory => "active-directory".to_owned(),
        },
        servers: s.servers.iter().map(ToString::to_string).collect(),
        ca_fingerprints: fingerprints(&authorities),
        ca: s.ca,
        bind: match s.bind {
            BindMode::Search => "search".to_owned(),
            BindMode::Direct => "direct".to_owned(),
        },
        search_account: s.search_account,
        bind_template: s.bind_template,
        people_base: s.people_base,
        people_filter: s.people_filter,
        login_attribute: s.login_attribute,
        membership: s.membership,
        groups: s.groups.into_iter().map(|g| GroupRoleDto { dn: g.dn, role: g.role.to_string() }).collect(),
        minimum_password_length: s.minimum_password_length,
        connect_timeout_s: s.connect_timeout_s,
        operation_timeout_s: s.operation_timeout_s,
    })
}

fn fingerprints(authorities: &Authorities) -> Vec<String> {
    authorities.fingerprints().iter().map(ToString::to_string).collect()
}

pub(crate) fn step(step: Step) -> DirectoryStepDto {
    DirectoryStepDto {
        step: step.step.code().to_owned(),
        state: step.state.code().to_owned(),
        fault: step.fault.map(|f| f.code().to_owned()),
        words: step.fault.map(|f| f.to_string()),
        facts: step.facts,
    }
}

/// For `doctor`: which settings there are, without a sign-in.
pub(crate) fn examined(app: &App) -> Option<Result<Settings, AppError>> {
    let vault = app.vault().ok()?;
    settings_of(&vault).transpose()
}
