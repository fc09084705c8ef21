//! A process for each question.

#![allow(unsafe_code, reason = "no safe crate forks")]

use cloister_directory_client::MAX_FRAME;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    pipe::{PipeFlags, pipe_with},
    process::{Pid, Signal, WaitOptions, kill_process, waitpid},
};
use std::{
    fs::File,
    io::{self, Read, Write, stdin, stdout},
    os::fd::{AsFd, AsRawFd},
    time::{Duration, Instant},
};

/// Both pipes to the parent. The standard descriptors lead nowhere from then on, so that a fork which lets go of these
/// has no way to the parent.
pub(crate) struct Pipes {
    pub(crate) from_parent: File,
    pub(crate) to_parent: File,
}

impl Pipes {
    /// Takes the standard input and output. Needs the file system, so it comes before the seal.
    pub(crate) fn take() -> io::Result<Self> {
        let from_parent = File::from(stdin().as_fd().try_clone_to_owned()?);
        let to_parent = File::from(stdout().as_fd().try_clone_to_owned()?);
        let nowhere = File::options().read(true).write(true).open("/dev/null")?;
        for standard in [libc::STDIN_FILENO, libc::STDOUT_FILENO] {
            // SAFETY: both are open descriptors of this process; nothing holds the standard ones by value, and whoever
            // uses them by number finds /dev/null there.
            if unsafe { libc::dup2(nowhere.as_raw_fd(), standard) } < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(Self { from_parent, to_parent })
    }
}

/// How a fork ended.
pub(crate) enum Ended {
    /// With these bytes.
    Answered(Vec<u8>),
    /// Without any: it crashed, or was ended by the kernel.
    Broke,
    /// It was ended after its time.
    TookTooLong,
}

/// Runs `work` in a fork of this process, which lets go of `pipes` first, and gives what it returned.
pub(crate) fn answer(pipes: &mut Option<Pipes>, limit: Duration, work: impl FnOnce() -> Vec<u8>) -> io::Result<Ended> {
    let (from_child, to_parent) = pipe_with(PipeFlags::CLOEXEC)?;
    // SAFETY: this process has one thread (it never starts another), so the fork finds every lock of the C library and
    // of the allocator free; nothing is shared with it but open descriptors.
    let pid = unsafe { libc::fork() };
    if pid < 0 {
        return Err(io::Error::last_os_error());
    }
    let Some(child) = Pid::from_raw(pid) else {
        // The fork.
        *pipes = None;
        drop(from_child);
        let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
        let bytes = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_default();
        let _ = File::from(to_parent).write_all(&bytes);
        std::process::exit(0);
    };
    drop(to_parent);
    let (bytes, in_time) = collect(File::from(from_child), Instant::now() + limit);
    if !in_time {
        let _ = kill_process(child, Signal::KILL);
    }
    while let Err(Errno::INTR) = waitpid(Some(child), WaitOptions::empty()) {}
    Ok(match (bytes, in_time) {
        (_, false) => Ended::TookTooLong,
        (bytes, true) if bytes.is_empty() => Ended::Broke,
        (bytes, true) => Ended::Answered(bytes),
    })
}

/// What comes until the end of the pipe, and whether that came before `deadline`. More than a frame is nothing.
fn collect(mut from: File, deadline: Instant) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let Some(left) = deadline.checked_duration_since(Instant::now()) else { return (bytes, false) };
        let Ok(left) = Timespec::try_from(left) else { return (bytes, false) };
        match poll(&mut [PollFd::new(&from, PollFlags::IN)], Some(&left)) {
            Ok(0) => return (bytes, false),
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return (Vec::new(), true),
        }
        match from.read(&mut piece) {
            Ok(0) => return (bytes, true),
            Ok(n) if bytes.len() + n <= MAX_FRAME => bytes.extend_from_slice(&piece[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => return (Vec::new(), true),
        }
    }
}
