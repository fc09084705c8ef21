//! The window is locked because the workstation is.

use crate::{App, AppError};
use cloister_domain::{EventType, code};

/// Why the session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockReason {
    /// The machine is about to sleep.
    Suspend,
    /// Its screen was locked.
    ScreenLock,
}

impl App {
    /// Ends the session and drops its keys; a recording and runs go on. Nothing to do where nobody is signed in.
    ///
    /// # Errors
    /// When the log cannot be written; the session has ended all the same.
    pub fn lock(&self, why: LockReason) -> Result<(), AppError> {
        self.sign_out(
            EventType::SessionLock,
            match why {
                LockReason::Suspend => code!("suspend"),
                LockReason::ScreenLock => code!("screen_lock"),
            },
        )
    }
}
