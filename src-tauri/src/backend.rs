//! The app behind the window, started by the first call.

use cloister_app::{
    App, AppError, AppOptions, DirectoryBroker, Face, Paths, SealReport, SystemClock, SystemEntropy, SystemSound,
};
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

/// Starts the app when it is first asked, and again at the next call if it could not: so the window can say what
/// is wrong, and "try again" does.
#[derive(Debug)]
pub(crate) struct Backend {
    options: AppOptions,
    app: Mutex<Option<Arc<App>>>,
}

impl Backend {
    pub(crate) fn new(paths: Paths, seal: SealReport, directory: DirectoryBroker) -> Self {
        let threads = available_parallelism().map_or(1, NonZero::get);
        let options = AppOptions {
            paths,
            face: Face::Desktop,
            threads: u16::try_from(threads).unwrap_or(u16::MAX),
            device: "auto".to_owned(),
            seal,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            sound: Arc::new(SystemSound),
            directory,
        };
        Self { options, app: Mutex::default() }
    }

    /// The app, started if it is not yet.
    ///
    /// # Errors
    /// As [`App::start`].
    pub(crate) fn app(&self) -> Result<Arc<App>, AppError> {
        let mut app = self.app.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(started) = &*app {
            return Ok(Arc::clone(started));
        }
        let started = Arc::new(App::start(self.options.clone())?);
        *app = Some(Arc::clone(&started));
        Ok(started)
    }

    /// The app, if a call has started it.
    pub(crate) fn started(&self) -> Option<Arc<App>> {
        self.app.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The window closes: a recording ends in order, who is in it is signed out, and the log says so. Whether or not
    /// that can be written, the keys end with the process.
    pub(crate) fn sign_out(&self) {
        if let Some(app) = self.started() {
            let _ = app.close();
        }
    }
}
