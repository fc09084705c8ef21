//! A signed-in person with the stores that their keys open.

use cloister_access::Session;
use cloister_store::Stores;
use std::{
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

/// Lives as long as the session, and a running act's hold on it.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) session: Session,
    pub(crate) stores: Stores,
    chosen: Mutex<Option<PathBuf>>,
    /// Wrong passwords in a row, where it was asked for again.
    wrong_passwords: AtomicU32,
}

impl Open {
    pub(crate) const fn new(session: Session, stores: Stores) -> Self {
        Self { session, stores, chosen: Mutex::new(None), wrong_passwords: AtomicU32::new(0) }
    }

    /// The file that the person last chose for a preview. No payload names a path: an import says that it means
    /// this one.
    pub(crate) fn chosen(&self) -> Option<PathBuf> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a wrong password; says how many there were in a row.
    pub(crate) fn wrong_password(&self) -> u32 {
        self.wrong_passwords.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn right_password(&self) {
        self.wrong_passwords.store(0, Ordering::Relaxed);
    }

    pub(crate) fn choose(&self, path: PathBuf) {
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
    }
}
