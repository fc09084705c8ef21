//! A vault with people and a log, to try signing in at.

#![allow(clippy::unwrap_used, dead_code, reason = "each test program uses its part")]

use cloister_access::{Policy, Session, SignIn, SignInError, intend, settled};
use cloister_audit::{AuditLog, Environment};
use cloister_domain::{Actor, Clock, Entropy, Role, Timestamp, code};
use cloister_vault::{Argon2Cost, NewVault, PasswordRule, PlannedChange, VaultFolder};
use rustix::time::{ClockId, clock_gettime};
use secrecy::SecretString;
use std::{cell::RefCell, fs::File, io::Read, path::PathBuf, sync::Arc};

pub(crate) const PASSWORD: &str = "nine grey herons at dawn";
pub(crate) const WRONG: &str = "nine grey herons at noon";

/// The machine's own time since its start, and a wall clock that may be set.
#[derive(Clone)]
pub(crate) struct Real {
    pub(crate) set_ahead_ms: i64,
    pub(crate) boot: &'static str,
    /// Milliseconds of uptime to count from instead of the machine's start.
    pub(crate) since_boot_ms: Option<u64>,
}

impl Default for Real {
    fn default() -> Self {
        Self { set_ahead_ms: 0, boot: "boot-a", since_boot_ms: None }
    }
}

fn uptime_ms() -> u64 {
    let t = clock_gettime(ClockId::Boottime);
    u64::try_from(t.tv_sec).unwrap() * 1000 + u64::try_from(t.tv_nsec).unwrap() / 1_000_000
}

impl Clock for Real {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_000_000_000 + i64::try_from(uptime_ms()).unwrap() + self.set_ahead_ms)
    }
    fn boottime_ms(&self) -> u64 {
        self.since_boot_ms.unwrap_or_else(uptime_ms)
    }
    fn boot_id(&self) -> String {
        self.boot.to_owned()
    }
}

impl Entropy for Real {
    fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
        File::open("/dev/urandom")?.read_exact(out)
    }
}

pub(crate) struct Station {
    folder: tempfile::TempDir,
    pub(crate) log: Arc<AuditLog>,
}

impl Station {
    /// A vault with the administrator `ada` and accounts of the cheapest cost there is.
    pub(crate) fn new(names: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (log, _) = AuditLog::create(&folder.path().join("audit"), &environment(&Real::default())).unwrap();
        let station = Self { folder, log: Arc::new(log) };
        let clock = Real::default();
        let password = PasswordRule { min_length: 12 }.check(&SecretString::from(PASSWORD), "ada").unwrap();
        let policy = Policy::default().to_document().unwrap();
        let new = NewVault { admin_name: "ada", password: &password, policy, cost: Argon2Cost::FLOOR };
        let noted = RefCell::new(Vec::new());
        let record = |planned: &PlannedChange| {
            noted.borrow_mut().push(planned.clone());
            intend(&station.log, &Actor::System, planned)
        };
        let vault_folder = VaultFolder::at(station.data());
        vault_folder.create(new, &clock, &clock, record).unwrap();
        if !names.is_empty() {
            let mut vault = vault_folder.open().unwrap();
            let ada = vault.unlock_by_name("ada", &SecretString::from(PASSWORD)).unwrap();
            let mut edit = vault.edit(&ada, &clock, &clock).unwrap();
            for name in names {
                edit.add_account(name, Role::Viewer, &password).unwrap();
            }
            edit.commit(record).unwrap();
        }
        for planned in noted.into_inner() {
            settled(&station.log, &Actor::System, &planned).unwrap();
        }
        station
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn log_folder(&self) -> PathBuf {
        self.folder.path().join("audit")
    }

    /// The log as another process opens it.
    pub(crate) fn log_anew(&self, clock: &Real) -> Arc<AuditLog> {
        Arc::new(AuditLog::open(&self.log_folder(), &environment(clock)).unwrap())
    }

    pub(crate) fn attempt(&self, log: &AuditLog, clock: &Real, name: &str, word: &str) -> Result<Session, SignInError> {
        let vault = VaultFolder::at(self.data()).open().unwrap();
        let folder = self.log_folder();
        let sign_in = SignIn {
            vault: &vault,
            log,
            log_folder: &folder,
            clock,
            entropy: &Real::default(),
            face: code!("cli"),
            directory: None,
        };
        sign_in.attempt(name, &SecretString::from(word), None)
    }
}

fn environment(clock: &Real) -> Environment {
    Environment { clock: Arc::new(clock.clone()), entropy: Arc::new(Real::default()), host: "ward".to_owned() }
}
