//! The institution's directory, as this process has it: the broker that was started before the process was sealed, the
//! settings it was given, and the password of the account that searches.

use crate::{App, AppError, Paths};
use cloister_access::{
    DirectoryAbsent, Enrolment,
    directory::{Broker, BrokerError, Client, Directory, Fault, Settings, Step, Verified},
};
use cloister_audit::{AlertKind, Due};
use cloister_domain::Timestamp;
use cloister_vault::{LockedVault, VaultFolder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use zeroize::Zeroizing;

/// The password of the account that searches, beside the vault's other files. Nothing is unlocked when it is needed,
/// so nothing but the file's mode protects it.
const SECRET: &str = "directory.secret";
/// Longer passwords are none.
const LONGEST_SECRET: u64 = 1024;
const DAY_MS: i64 = 86_400_000;
/// So many days before a certificate ends, an alert says so.
const WARN_DAYS: i64 = cloister_access::directory::protocol::WARN_DAYS;

/// A broker that was started, or the reason why there is none. Shared by whoever holds the options.
#[derive(Debug, Clone, Default)]
pub struct DirectoryBroker(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    /// None was wanted.
    #[default]
    Absent,
    /// It could not be started, or was refused.
    Failed(BrokerError),
    /// Started, and told nothing.
    Started(Broker),
    /// In use.
    Configured(Arc<Client>),
}

impl DirectoryBroker {
    /// Starts one where the vault seems to name a directory, or `anyway`. First thing in `main`, before
    /// [`crate::seal`]: what a sealed process starts can reach no network either.
    #[must_use]
    pub fn start(paths: &Paths, anyway: bool) -> Self {
        if !anyway && !VaultFolder::at(&paths.data).may_have_directory() {
            return Self::default();
        }
        let state = Broker::spawn(&paths.directory).map_or_else(State::Failed, State::Started);
        Self(Arc::new(Mutex::new(state)))
    }

    /// Whether there is a process.
    fn runs(&self) -> bool {
        matches!(*self.0.lock().unwrap_or_else(PoisonError::into_inner), State::Started(_) | State::Configured(_))
    }

    /// The client, once it was configured.
    pub(crate) fn client(&self) -> Option<Arc<Client>> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Configured(client) => Some(Arc::clone(client)),
            _ => None,
        }
    }

    /// Why there is none.
    fn failure(&self) -> Option<String> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Failed(e) => Some(e.to_string()),
            _ => None,
        }
    }

    /// Configures it, unless that was done: it takes one configuration in its life.
    fn configure(
        &self,
        settings: impl FnOnce() -> Result<(Settings, Option<SecretString>), AppError>,
        unsealed: bool,
    ) -> Result<Arc<Client>, Fault> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::take(&mut *state) {
            State::Started(broker) => match settings() {
                Ok((settings, secret)) => match broker.configure(settings, secret, unsealed) {
                    Ok(client) => {
                        let client = Arc::new(client);
                        *state = State::Configured(Arc::clone(&client));
                        Ok(client)
                    }
                    Err(e) => {
                        let fault =
                            if matches!(e, BrokerError::NotSealed(_)) { Fault::NotSealed } else { Fault::NotRunning };
                        *state = State::Failed(e);
                        Err(fault)
                    }
                },
                Err(_) => {
                    *state = State::Started(broker);
                    Err(Fault::Settings)
                }
            },
            State::Configured(client) => {
                *state = State::Configured(Arc::clone(&client));
                Ok(client)
            }
            State::Failed(e) => {
                let fault = if matches!(e, BrokerError::NotSealed(_)) { Fault::NotSealed } else { Fault::NotRunning };
                *state = State::Failed(e);
                Err(fault)
            }
            State::Absent => Err(Fault::NotRunning),
        }
    }
}

/// A directory to sign in by.
pub(crate) enum Asked {
    Client(Arc<Client>),
    Absent(DirectoryAbsent),
}

impl Directory for Asked {
    fn verify(&self, name: &str, password: &SecretString) -> Result<Verified, Fault> {
        match self {
            Self::Client(client) => client.verify(name, password),
            Self::Absent(absent) => absent.verify(name, password),
        }
    }

    fn minimum_password_length(&self) -> u32 {
        match self {
            Self::Client(client) => client.minimum_password_length(),
            Self::Absent(absent) => absent.minimum_password_length(),
        }
    }
}

/// How a person from the directory comes by keys, as a face says it.
#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EnrolmentIn {
    Previous(SecretString),
    Code(SecretString),
    Request(bool),
}

impl EnrolmentIn {
    /// Of a `sign_in`.
    pub(crate) fn of(payload: &Value) -> Result<Option<Self>, AppError> {
        let given = payload.get("enrolment").filter(|e| !e.is_null());
        match given.map(|e| serde_json::from_value(e.clone())).transpose() {
            Ok(Some(Self::Request(false))) | Err(_) => {
                Err(AppError::Usage("enrolment is previous, code or request".to_owned()))
            }
            Ok(read) => Ok(read),
        }
    }

    pub(crate) const fn as_given(&self) -> Enrolment<'_> {
        match self {
            Self::Previous(password) => Enrolment::PreviousPassword(password),
            Self::Code(code) => Enrolment::Code(code),
            Self::Request(_) => Enrolment::Request,
        }
    }
}

/// How a process stands to the directory that the keyring names.
pub(crate) struct Standing {
    /// What the keyring says.
    pub(crate) settings: Settings,
    /// Whether the broker was given just that.
    pub(crate) in_force: bool,
    /// Whether it was given something else, or was started without: closing Cloister and starting it again mends that.
    pub(crate) restart_needed: bool,
    /// What else is wrong.
    pub(crate) failure: Option<String>,
}

impl App {
    /// The directory, where the keyring names one.
    pub(crate) fn directory(&self, vault: &LockedVault) -> Option<Asked> {
        vault.directory()?;
        let asked = self.broker().configure(
            || Ok((settings_of(vault)?.ok_or(AppError::NoDirectory)?, self.search_password()?)),
            self.engines().may_be_unsealed(),
        );
        Some(asked.map_or_else(|fault| Asked::Absent(DirectoryAbsent(fault)), Asked::Client))
    }

    /// How this process stands to it.
    pub(crate) fn directory_standing(&self, vault: &LockedVault) -> Result<Option<Standing>, AppError> {
        let Some(settings) = settings_of(vault)? else { return Ok(None) };
        let asked = self.directory(vault);
        let in_force = matches!(&asked, Some(Asked::Client(client)) if *client.settings() == settings);
        let failure = match &asked {
            Some(Asked::Absent(DirectoryAbsent(fault))) if self.broker().runs() => Some(fault.to_string()),
            _ => self.broker().failure(),
        };
        let restart_needed = !in_force && failure.is_none();
        Ok(Some(Standing { settings, in_force, restart_needed, failure }))
    }

    /// Takes each step of a sign-in by itself. `settings` are asked for only by the command line, and only of a broker
    /// that knows none yet: one configuration in its life.
    pub(crate) fn try_directory(
        &self,
        settings: Settings,
        search_password: Option<SecretString>,
        name: Option<&str>,
        password: Option<&SecretString>,
    ) -> Result<Vec<Step>, AppError> {
        let wanted = settings.clone();
        let client = self.broker().configure(|| Ok((settings, search_password)), false).map_err(AppError::Directory)?;
        if *client.settings() != wanted {
            return Err(AppError::Directory(Fault::NotRunning));
        }
        client.test(name, password).map_err(AppError::Directory)
    }

    /// The password of the account that searches.
    pub(crate) fn search_password(&self) -> Result<Option<SecretString>, AppError> {
        let path = self.secret_file();
        let unreadable = |e: std::io::Error| AppError::input(SECRET, e.kind().to_string());
        let mut text = Zeroizing::new(String::with_capacity(LONGEST_SECRET as usize));
        match File::open(&path) {
            Ok(file) => file.take(LONGEST_SECRET).read_to_string(&mut text).map_err(unreadable)?,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(unreadable(e)),
        };
        Ok((!text.is_empty()).then(|| SecretString::from(text.as_str())))
    }

    /// Writes another password of the account that searches, for its owner's eyes, beside the one that is kept, which it
    /// replaces when it is put; an empty one, or `None`, will take that away.
    pub(crate) fn stage_search_password(&self, password: Option<&SecretString>) -> Result<StagedPassword, AppError> {
        let path = self.secret_file();
        let mut staged = StagedPassword { kept: path.clone(), new: None };
        let Some(password) = password.filter(|p| !p.expose_secret().is_empty()) else { return Ok(staged) };
        if password.expose_secret().len() as u64 > LONGEST_SECRET {
            return Err(AppError::Usage("the password of the account that searches is too long".to_owned()));
        }
        let new = path.with_extension("secret.new");
        absent(fs::remove_file(&new)).map_err(unwritten)?;
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new);
        let mut file = made.map_err(unwritten)?;
        staged.new = Some(new);
        file.write_all(password.expose_secret().as_bytes()).and_then(|()| file.sync_all()).map_err(unwritten)?;
        Ok(staged)
    }

    /// Raises an alert, once a day, while a certificate of the directory is about to end.
    pub(crate) fn mind_certificate(&self, ends: Option<Timestamp>) -> Result<(), AppError> {
        let Some(ends) = ends else { return Ok(()) };
        let now = self.clock().now();
        let days = cloister_access::directory::protocol::days_until(ends, now);
        if days >= WARN_DAYS {
            return Ok(());
        }
        let yesterday = now.as_millis() - DAY_MS;
        let told = self.alerts()?.raised.iter().any(|a| {
            a.kind == AlertKind::CertificateEnds && Timestamp::parse(&a.time).is_some_and(|t| t.as_millis() > yesterday)
        });
        if !told {
            let line = self.log()?.head()?.seq();
            let count = u64::try_from(days).ok();
            self.log()?.append(&Due { kind: AlertKind::CertificateEnds, line, count }.event())?;
        }
        Ok(())
    }

    fn secret_file(&self) -> PathBuf {
        self.data().join(SECRET)
    }
}

/// What is to be kept as the password of the account that searches. Until it is put, the one before it is in force;
/// dropped, nothing has changed.
#[must_use]
pub(crate) struct StagedPassword {
    kept: PathBuf,
    /// `None` takes away what is kept.
    new: Option<PathBuf>,
}

impl StagedPassword {
    /// In place of the one before it.
    pub(crate) fn put(mut self) -> Result<(), AppError> {
        let done = match &self.new {
            Some(new) => fs::rename(new, &self.kept),
            None => absent(fs::remove_file(&self.kept)),
        };
        done.map_err(unwritten)?;
        self.new = None;
        self.kept.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all()).map_err(unwritten)
    }
}

impl Drop for StagedPassword {
    fn drop(&mut self) {
        if let Some(new) = &self.new {
            let _ = fs::remove_file(new);
        }
    }
}

fn unwritten(fault: std::io::Error) -> AppError {
    AppError::Output { file: SECRET.to_owned(), fault }
}

/// What is not there has been taken away.
fn absent(removed: std::io::Result<()>) -> std::io::Result<()> {
    removed.or_else(|e| if e.kind() == ErrorKind::NotFound { Ok(()) } else { Err(e) })
}

/// The settings in the keyring.
pub(crate) fn settings_of(vault: &LockedVault) -> Result<Option<Settings>, AppError> {
    vault.directory().map(Settings::from_document).transpose().map_err(AppError::DirectorySettings)
}
