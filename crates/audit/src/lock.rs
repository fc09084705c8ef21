//! Who may append: one open file description at a time, over all processes.
//!
//! Open file description locks (fcntl(2), `F_OFD_SETLKW`): unlike POSIX record locks they hold between threads and
//! are not lost when another descriptor of the file is closed; unlike flock(2) an exclusive one needs a descriptor
//! open for writing, so an account that may only read cannot hold the log up. They end with their holder, however
//! it dies.

use nix::{
    fcntl::{FcntlArg, fcntl},
    libc,
};
use std::{
    fs::File,
    io,
    time::{Duration, Instant},
};

/// Held until dropped.
pub(crate) struct Lock<'a>(&'a File);

impl<'a> Lock<'a> {
    /// Waits until no other process appends or takes a snapshot.
    pub(crate) fn exclusive(file: &'a File) -> io::Result<Self> {
        let request = whole_file(libc::F_WRLCK);
        loop {
            match fcntl(file, FcntlArg::F_OFD_SETLKW(&request)) {
                Ok(_) => return Ok(Self(file)),
                Err(nix::errno::Errno::EINTR) => {}
                Err(errno) => return Err(io::Error::from_raw_os_error(errno as i32)),
            }
        }
    }

    /// Waits at most `patience` for writers to pause. A verifier must answer even when a writer was stopped in
    /// mid-append.
    pub(crate) fn shared(file: &'a File, patience: Duration) -> io::Result<Option<Self>> {
        let request = whole_file(libc::F_RDLCK);
        let until = Instant::now() + patience;
        loop {
            match fcntl(file, FcntlArg::F_OFD_SETLK(&request)) {
                Ok(_) => return Ok(Some(Self(file))),
                Err(nix::errno::Errno::EINTR) => {}
                Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EACCES) => {
                    if Instant::now() >= until {
                        return Ok(None);
                    }
                    std::thread::sleep(Duration::from_micros(200));
                }
                Err(errno) => return Err(io::Error::from_raw_os_error(errno as i32)),
            }
        }
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        // Closing the descriptor would release it too; nothing can be done about a refusal.
        let _ = fcntl(self.0, FcntlArg::F_OFD_SETLK(&whole_file(libc::F_UNLCK)));
    }
}

fn whole_file(kind: libc::c_int) -> libc::flock {
    libc::flock {
        l_type: libc::c_short::try_from(kind).unwrap_or_default(),
        l_whence: libc::c_short::try_from(libc::SEEK_SET).unwrap_or_default(),
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Lock;
    use std::{fs::File, time::Duration};

    #[test]
    fn one_holder_at_a_time_even_within_a_process() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let a = File::create(&path).unwrap();
        let b = File::open(&path).unwrap();
        let held = Lock::exclusive(&a).unwrap();
        assert!(Lock::shared(&b, Duration::from_millis(5)).unwrap().is_none());
        drop(held);
        let seen = Lock::shared(&b, Duration::from_millis(5)).unwrap();
        assert!(seen.is_some());
        // Only a descriptor open for writing may ask for the exclusive lock.
        drop(seen);
        assert!(Lock::exclusive(&b).is_err());
    }
}
