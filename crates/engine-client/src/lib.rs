//! The parent's side of the engine: the protocol, spawning with verified descriptors, and restart.
//!
//! The engine process (`cloister-engine`) hosts the models and every reader of untrusted bytes. It gets its models
//! as descriptors that were hashed by the parent, asks the parent for the bytes of a source range by range, and
//! answers over its standard output. When it dies, the parent says so, starts it once more and goes on.

mod connection;
mod error;
mod frame;
mod live;
mod model;
pub mod protocol;
mod spawn;
mod supervised;

pub use connection::{Bounds, Connection, EngineSpec, Observer, Pausable, Paused, TranscribeEvent, WorkbookPart};
pub use error::EngineError;
pub use frame::{Frame, FrameError, FrameReader, FrameWriter, MAX_FRAME};
pub use live::{LIVE_RATE, LiveEvent, LiveRead, LiveSource, LiveStart, read_answer};
pub use model::{ModelFile, ModelFileError};
pub use supervised::{Restarted, SupervisedEngine};

/// A source of bytes that the engine may ask for: a file, or a recording that the parent decrypts as it is read.
pub trait ByteSource: Send {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// Whether there is nothing in it.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads up to `buf.len()` bytes at `offset`; fewer only at the end.
    ///
    /// # Errors
    /// Whatever reading meets.
    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize>;
}

impl ByteSource for std::fs::File {
    fn len(&self) -> u64 {
        self.metadata().map_or(0, |m| m.len())
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buf, offset)
    }
}

impl ByteSource for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|o| self.get(o..)).unwrap_or(&[]);
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
}
