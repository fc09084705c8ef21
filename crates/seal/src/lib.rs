//! Sealing a process off: kernel rules that it puts on itself, once, before it has met any data, and that neither it
//! nor its children can take off again. What was put on is read back from the kernel and told as a [`SealReport`].
//!
//! Three kinds of process are sealed. A *face* (window or command line) holds keys and files, so it may open files and
//! start programs, but no socket other than AF_UNIX. The *engine* reads hostile bytes, so it may compute, and read
//! and write what it was handed: a list of allowed system calls, and no file by name. The *directory*'s broker may do
//! that and connect to one TCP port; there is one only where an administrator configured a directory.
//!
//! A program that links this crate also overwrites memory when it gives it back (`wipe.rs`): keys, passwords and words
//! of a report do not outlive their use in freed memory.
//!
//! Linux only. Elsewhere [`seal`] puts nothing on and its report says so, so that the program refuses to start.

#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod filters;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
pub mod probe;
mod report;
#[cfg(target_os = "linux")]
mod status;
mod wipe;

pub use report::{LandlockState, SealReport};
#[cfg(target_os = "linux")]
pub use status::{KernelStatus, children};

use serde::{Deserialize, Serialize};

/// What a process is, and so what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The window or the command line, and the page's processes that the window starts.
    Face,
    /// The process that reads hostile bytes.
    Engine,
    /// The process that asks the institution's directory, and the ones it forks to do so.
    Directory,
}

/// Which sockets a process may open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sockets {
    /// None.
    None,
    /// AF_UNIX: display, sound, desktop services.
    Unix,
    /// TCP connections outwards, and nothing else.
    TcpOut,
    /// AF_UNIX and IP. WebDriver reaches a window over loopback; a build for that test opens it, and its report says
    /// that the process is not sealed.
    UnixAndInet,
}

/// How to seal.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What this process is.
    pub role: Role,
    /// Which sockets it may open. Only a face has a choice: an engine has none, the directory's broker TCP outwards.
    pub sockets: Sockets,
    /// The one TCP port that the directory's broker may connect to, where the kernel can tell ports apart.
    pub port: Option<u16>,
    /// Whether the engine may speak to drivers of devices that it opened before: with an accelerator. The threads that
    /// such a driver has started are held by the filters, not by Landlock.
    pub accelerator: bool,
    /// Newest Landlock version to use, to try on a new kernel what an old one gives. `None`: all that the kernel has.
    pub newest_landlock: Option<u8>,
}

/// The number of filters that the engine puts on beyond those it inherits. Its parent compares with the kernel's
/// count, which no process can lower.
pub const ENGINE_FILTERS: u32 = 3;

/// Names the newest Landlock version to use, for [`Options::newest_landlock`].
pub const NEWEST_LANDLOCK: &str = "CLOISTER_LANDLOCK";

impl Options {
    /// For the window and the command line.
    #[must_use]
    pub fn face() -> Self {
        Self::of(Role::Face, Sockets::Unix)
    }

    /// For the engine.
    #[must_use]
    pub fn engine() -> Self {
        Self::of(Role::Engine, Sockets::None)
    }

    /// For the process that asks the directory, whose servers all listen on `port`.
    #[must_use]
    pub fn directory(port: u16) -> Self {
        Self { port: Some(port), ..Self::of(Role::Directory, Sockets::TcpOut) }
    }

    fn of(role: Role, sockets: Sockets) -> Self {
        Self { role, sockets, port: None, accelerator: false, newest_landlock: newest_landlock() }
    }
}

fn newest_landlock() -> Option<u8> {
    std::env::var(NEWEST_LANDLOCK).ok()?.parse().ok()
}

/// Puts every rule on that this kernel has and reads back what is in force. It never fails half-way: what could not
/// be had stands in the report, and [`SealReport::is_enforced`] says whether it is enough.
///
/// Call it once, first thing in `main`: Landlock holds for the calling thread and the threads it starts later.
#[must_use]
#[cfg(target_os = "linux")]
pub fn seal(options: Options) -> SealReport {
    let mut faults = Vec::new();
    let mut note = |what: &str, result: Result<(), std::io::Error>| {
        if let Err(e) = result {
            faults.push(format!("{what}: {e}"));
        }
    };
    // The status stays readable through this descriptor when no file can be opened any more.
    let status = std::fs::File::open("/proc/self/status");
    let before = status.as_ref().ok().and_then(|f| KernelStatus::read(f).ok()).unwrap_or_default();
    note("limits", limits::set(options.role));
    note("no_new_privs", rustix::thread::set_no_new_privs(true).map_err(Into::into));
    let landlock = files::restrict(options).unwrap_or_else(|e| {
        note("Landlock", Err(e));
        LandlockState::default()
    });
    let sockets = match options.role {
        Role::Engine => Sockets::None,
        Role::Directory => Sockets::TcpOut,
        Role::Face => options.sockets,
    };
    let filters = filters::put_on(options.role, sockets, options.accelerator);
    let put_on = filters.is_ok();
    note("seccomp", filters);
    let after = match status.and_then(|f| KernelStatus::read(&f)) {
        Ok(after) => after,
        Err(e) => {
            note("reading back", Err(e));
            KernelStatus::default()
        }
    };
    SealReport {
        role: options.role,
        sockets,
        filters_put_on: put_on,
        filters_before: before.filters,
        kernel: after,
        landlock,
        dumpable: !limits::is_not_dumpable(),
        core_limit: limits::core_limit(),
        faults,
    }
}

/// Takes from a process that the directory's broker forked what only the broker needs: making, ending and waiting for
/// processes, and pipes to them.
///
/// # Errors
/// When the kernel does not take the filter.
#[cfg(target_os = "linux")]
pub fn give_up_processes() -> std::io::Result<()> {
    filters::give_up_processes()
}
