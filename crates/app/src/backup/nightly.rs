//! Backups while the window runs: once a day, whoever is signed in, and also while nobody is.

use super::{Place, Plan, due, run};
use crate::AppError;
use cloister_access::{Policy, keyring_is_the_recorded};
use cloister_audit::AuditLog;
use cloister_domain::{Clock, Entropy};
use cloister_vault::VaultFolder;
use std::{
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// How often the folder is looked at, and how long a failure is left alone.
const BETWEEN_MS: u64 = 600_000;

/// Looks after one vault's daily backup.
pub(crate) struct Nightly {
    pub(crate) data: PathBuf,
    pub(crate) log_folder: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Time since boot of the last look; 0 before the first.
    looked_ms: AtomicU64,
}

impl Nightly {
    pub(crate) const fn new(
        data: PathBuf,
        log_folder: PathBuf,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { data, log_folder, clock, entropy, looked_ms: AtomicU64::new(0) }
    }

    /// Makes a backup if the policy wants one and the newest is a day old. `stopping` ends it early; what comes of it
    /// stands in the log either way.
    pub(crate) fn make_if_due(&self, log: &AuditLog, stopping: &AtomicBool) {
        let now = self.clock.boottime_ms().max(1);
        let looked = self.looked_ms.load(Ordering::Relaxed);
        if looked != 0 && now.saturating_sub(looked) < BETWEEN_MS {
            return;
        }
        self.looked_ms.store(now, Ordering::Relaxed);
        // Another process that makes one, a disk that is not there: tried again in a while, and the log says so.
        let _ = self.make(log, stopping);
    }

    fn make(&self, log: &AuditLog, stopping: &AtomicBool) -> Result<(), AppError> {
        let vault = VaultFolder::at(&self.data).open()?;
        let Some(plan) = Plan::of(&Policy::from_document(vault.policy())?, vault.id())? else { return Ok(()) };
        if !due(&plan, self.clock.now()) {
            return Ok(());
        }
        keyring_is_the_recorded(&self.log_folder, &vault)?.map_err(|e| AppError::SignIn(e.into()))?;
        let place = Place { data: &self.data, log: &self.log_folder, clock: &*self.clock, entropy: &*self.entropy };
        let mut progress = |_: &str, _, _| match stopping.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        run(&place, log, &plan, &mut progress).map(|_| ())
    }
}
