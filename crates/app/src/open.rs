//! A signed-in person with the stores that their keys open.

use cloister_access::Session;
use cloister_store::Stores;
use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// Lives as long as the session, and a running act's hold on it.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) session: Session,
    pub(crate) stores: Stores,
    chosen: Mutex<Option<PathBuf>>,
}

impl Open {
    pub(crate) const fn new(session: Session, stores: Stores) -> Self {
        Self { session, stores, chosen: Mutex::new(None) }
    }

    /// The file that the person last chose for a preview. No payload names a path: an import says that it means
    /// this one.
    pub(crate) fn chosen(&self) -> Option<PathBuf> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn choose(&self, path: PathBuf) {
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
    }
}
