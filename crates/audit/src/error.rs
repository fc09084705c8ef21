//! What can go wrong with the log, apart from a verdict.

use cloister_domain::EventFault;
use std::io;

/// Why a line could not be written or the log not be opened. Whoever gets one must not do the act.
///
/// Cloneable, because one failed write answers every act that waited for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// The event is not one the log takes.
    #[error("the log does not take this event: {0}")]
    Event(#[from] EventFault),
    /// The host's name or the boot's identifier is not plain ASCII of at most 128 characters.
    #[error("the {what} cannot stand in the log")]
    Environment {
        /// Which of them.
        what: &'static str,
    },
    /// A log stands there already.
    #[error("the folder holds a log already")]
    Exists,
    /// No log stands there.
    #[error("the folder holds no log")]
    Missing,
    /// The disk is full, and this event has no claim on the reserve (or that is used up too).
    #[error("the disk is full: the log keeps its last space for sign-in, stopping a recording and deletion")]
    Full,
    /// A sync failed earlier. What the kernel then says about later syncs proves nothing, so this handle writes no
    /// more; opening the log again starts from what the disk holds.
    #[error("an earlier write to the log failed; open it again")]
    Failed,
    /// The operating system refused.
    #[error("cannot {doing}: {kind}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// What came back.
        kind: io::ErrorKind,
        /// The errno, where there was one.
        errno: Option<i32>,
    },
    /// No randomness, or none to be trusted.
    #[error("no randomness for a new key")]
    Entropy,
}

impl AuditError {
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |e| Self::Io { doing, kind: e.kind(), errno: e.raw_os_error() }
    }
}
