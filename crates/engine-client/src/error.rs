//! Why an engine gave no result.

use crate::{FrameError, protocol::Fault};
use std::io;

/// Why a job has no result.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The engine said so; it lives on.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// It cannot be started.
    #[error("the engine cannot be started: {0}")]
    Start(io::Error),
    /// It ended in the middle of something.
    #[error("the engine ended unexpectedly")]
    Died,
    /// It gave no sign of life for too long and was ended.
    #[error("the engine gave no sign of life and was ended")]
    Hung,
    /// It is another program, of another build, or speaks another protocol.
    #[error("what stands beside this program as its engine is another program, or of another version")]
    OtherVersion,
    /// It runs without the kernel's rules. It has been given nothing and was ended.
    #[error("the engine is not sealed off by the kernel ({0})")]
    NotSealed(&'static str),
    /// The source failed while the engine was reading it.
    #[error("the source cannot be read: {0}")]
    Source(io::Error),
}

impl EngineError {
    /// Whether the engine is gone, so that a fresh one may do better.
    #[must_use]
    pub const fn engine_is_gone(&self) -> bool {
        matches!(self, Self::Died | Self::Hung)
    }
}

/// What a broken pipe of frames says about the engine at its other end.
impl From<FrameError> for EngineError {
    fn from(e: FrameError) -> Self {
        match e {
            FrameError::Closed | FrameError::Pipe(_) => Self::Died,
            FrameError::Malformed(_) => Self::OtherVersion,
        }
    }
}
