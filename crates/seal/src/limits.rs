//! What is no filter: core dumps, who may read the memory, what files are made with, who is ended first.

use crate::Role;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, dumpable_behavior, getrlimit, set_dumpable_behavior, setrlimit,
};
use rustix::{fs::Mode, process::umask};
use std::{fs, io};

/// Sets all of it. Goes on after a failure and returns the first one.
pub(crate) fn set(role: Role) -> io::Result<()> {
    // What a child's core may hold survives exec, unlike dumpable; so a page process writes no memory down either.
    let core = fs::write("/proc/self/coredump_filter", "0");
    if role == Role::Engine {
        // A source made to fill the memory ends the engine and not the window. Missing in some containers.
        let _ = fs::write("/proc/self/oom_score_adj", "1000");
    }
    let zero = Rlimit { current: Some(0), maximum: Some(0) };
    let no_core = setrlimit(Resource::Core, zero).map_err(io::Error::from);
    let no_files = match role {
        Role::Engine | Role::Directory => setrlimit(Resource::Fsize, zero).map_err(io::Error::from),
        Role::Face => Ok(()),
    };
    // Whatever is made from here on is for its owner alone.
    umask(Mode::RWXG | Mode::RWXO);
    // Last: it takes the files above away from a user who is not root.
    let hidden = set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(io::Error::from);
    core.and(no_core).and(no_files).and(hidden)
}

/// Whether memory is closed to other processes of the user and to core dumps.
pub(crate) fn is_not_dumpable() -> bool {
    matches!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable))
}

/// The largest core file; `None` for no limit.
pub(crate) fn core_limit() -> Option<u64> {
    getrlimit(Resource::Core).current
}
