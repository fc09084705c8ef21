//! A signed-in person with the stores that their keys open.

use cloister_access::Session;
use cloister_store::Stores;
use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Lives as long as the session, and a running act's hold on it.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) session: Session,
    pub(crate) stores: Stores,
    chosen: Mutex<Option<PathBuf>>,
    /// Wrong passwords in a row, where it was asked for again. Held while one is looked at: they come one by one.
    wrong_passwords: Mutex<u32>,
}

impl Open {
    pub(crate) const fn new(session: Session, stores: Stores) -> Self {
        Self { session, stores, chosen: Mutex::new(None), wrong_passwords: Mutex::new(0) }
    }

    /// The file that the person last chose for a preview. No payload names a path: an import says that it means
    /// this one.
    pub(crate) fn chosen(&self) -> Option<PathBuf> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Wrong passwords in a row. While it is held nobody else's is looked at.
    pub(crate) fn wrong_passwords(&self) -> MutexGuard<'_, u32> {
        self.wrong_passwords.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn choose(&self, path: PathBuf) {
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
    }
}
