//! Sixteen mebibytes set aside, so that a full disk can be repaired with a log running.

use crate::{AuditError, files};
use rustix::fs::{FallocateFlags, fallocate, fstatvfs};
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};

const RESERVE: &str = "reserve";
pub(crate) const OPENING: &str = "set the log's reserve aside";
const SIZE: u64 = 16 << 20;
/// What is given back to the file system at a time: a line, its part of the folder and a new head fit many times.
const STEP: u64 = 256 << 10;
/// Ordinary lines stop while less than this is free. Stopping before the disk is full, and not at it, keeps them
/// from leaving unfinished lines behind, each of which would cost a line of the reserve to put right.
const FLOOR: u64 = 1 << 20;

/// A file of allocated blocks without content. Only the holder of the log's lock touches it.
pub(crate) struct Reserve(File);

impl Reserve {
    /// Opens the reserve, and fills it where the disk has room.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let path = dir.join(RESERVE);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags((rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed())
            .open(&path)?;
        if !files::still_at(&path, &file) || !file.metadata()?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let reserve = Self(file);
        reserve.refill()?;
        Ok(reserve)
    }

    /// Sets the reserve aside for a new log.
    pub(crate) fn create(dir: &Path) -> Result<Self, AuditError> {
        let reserve = Self::open(dir).map_err(AuditError::io(OPENING))?;
        if reserve.left().map_err(AuditError::io(OPENING))? < SIZE {
            // Nothing of a log is left where none can be.
            let _ = fs::remove_file(dir.join(RESERVE));
            return Err(AuditError::Full);
        }
        Ok(reserve)
    }

    /// Bytes still set aside.
    pub(crate) fn left(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    /// Takes back what was given away, once the disk has room for it and as much again.
    pub(crate) fn refill(&self) -> io::Result<()> {
        if self.left()? >= SIZE || self.free()? < 2 * SIZE {
            return Ok(());
        }
        match fallocate(&self.0, FallocateFlags::empty(), 0, SIZE) {
            // Some file systems cannot allocate without writing.
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {
                let zeros = vec![0; 1 << 20];
                (0..SIZE).step_by(zeros.len()).try_for_each(|at| self.0.write_all_at(&zeros, at))
            }
            other => Ok(other?),
        }
    }

    /// Whether only what may draw on the reserve should be written now.
    pub(crate) fn space_is_low(&self) -> bool {
        // Where the file system does not say, writing will.
        self.free().is_ok_and(|free| free < FLOOR)
    }

    /// Gives a step back to the file system; `false` when none is left.
    pub(crate) fn release(&self) -> io::Result<bool> {
        let left = self.left()?;
        if left == 0 {
            return Ok(false);
        }
        self.0.set_len(left.saturating_sub(STEP))?;
        // Journalling file systems hand freed blocks out again only after the journal is written.
        self.0.sync_all()?;
        Ok(true)
    }

    fn free(&self) -> io::Result<u64> {
        let fs = fstatvfs(&self.0)?;
        Ok(fs.f_bavail.saturating_mul(fs.f_frsize))
    }
}

#[cfg(test)]
mod tests {
    use super::{Reserve, SIZE, STEP};
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn it_holds_real_blocks_gives_them_back_in_steps_and_takes_them_again() {
        let dir = tempfile::tempdir().unwrap();
        let reserve = Reserve::open(dir.path()).unwrap();
        assert_eq!(reserve.left().unwrap(), SIZE);
        assert!(std::fs::metadata(dir.path().join("reserve")).unwrap().blocks() * 512 >= SIZE);
        assert!(reserve.release().unwrap());
        assert_eq!(reserve.left().unwrap(), SIZE - STEP);
        while reserve.release().unwrap() {}
        assert_eq!(reserve.left().unwrap(), 0);
        reserve.refill().unwrap();
        assert_eq!(reserve.left().unwrap(), SIZE);
    }
}
