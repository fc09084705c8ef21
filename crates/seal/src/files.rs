//! Landlock: what a process may reach by name. Best effort over the kernel's versions, and the report says which.

use crate::{LandlockState, Options, Role, Sockets};
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, NetPort, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};
use std::io;

/// Puts the rules on the calling thread. What is handled is denied; the one grant is the directory's port.
///
/// # Errors
/// When the kernel refuses what it says it has.
pub(crate) fn restrict(options: Options) -> io::Result<LandlockState> {
    let wanted = version(options.newest_landlock);
    let other = |e: landlock::RulesetError| io::Error::other(e.to_string());
    let mut rules = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
    let mut state = LandlockState::default();
    let no_files = matches!(options.role, Role::Engine | Role::Directory);
    if no_files {
        rules = rules.handle_access(AccessFs::from_all(wanted)).map_err(other)?;
    }
    if options.sockets != Sockets::UnixAndInet {
        rules = handle_some(rules, AccessNet::from_all(wanted))?;
        // The window's display may listen on an abstract address, so the face keeps those.
        let scopes = match options.role {
            Role::Engine | Role::Directory => Scope::from_all(wanted),
            Role::Face => Scope::from_all(wanted) & Scope::Signal,
        };
        if !scopes.is_empty() {
            rules = rules.scope(scopes).map_err(other)?;
        }
    } else if options.role == Role::Face {
        return Ok(state);
    }
    if options.role == Role::Face && AccessNet::from_all(wanted).is_empty() {
        // Nothing to handle: an empty set of rules is an error of its own.
        return Ok(state);
    }
    let mut rules = rules.create().map_err(other)?;
    let port = options.port.filter(|_| options.role == Role::Directory && !AccessNet::from_all(wanted).is_empty());
    if let Some(port) = port {
        rules = rules.add_rule(NetPort::new(port, AccessNet::ConnectTcp)).map_err(other)?;
    }
    let done = rules.restrict_self().map_err(other)?;
    let LandlockStatus::Available { effective_abi, .. } = done.landlock else { return Ok(state) };
    if done.ruleset == RulesetStatus::NotEnforced {
        return Ok(state);
    }
    let abi = (effective_abi as u8).min(wanted as u8);
    state.abi = abi;
    state.files = no_files;
    state.tcp = abi >= 4;
    state.port = port.filter(|_| state.tcp);
    state.signals = abi >= 6;
    state.abstract_sockets = abi >= 6 && no_files;
    Ok(state)
}

fn handle_some(rules: Ruleset, access: landlock::BitFlags<AccessNet>) -> io::Result<Ruleset> {
    if access.is_empty() { Ok(rules) } else { rules.handle_access(access).map_err(|e| io::Error::other(e.to_string())) }
}

/// The newest version to ask for: the newest whose rules were tried with Cloister, or what was asked for.
const fn version(newest: Option<u8>) -> ABI {
    match newest {
        Some(0 | 1) => ABI::V1,
        Some(2) => ABI::V2,
        Some(3) => ABI::V3,
        Some(4) => ABI::V4,
        Some(5) => ABI::V5,
        Some(_) | None => ABI::V6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::File, io::ErrorKind, net::TcpListener, thread};

    /// Landlock alone, on a thread of its own: nothing else keeps it from files here.
    fn restricted<T: Send + 'static>(newest: Option<u8>, then: impl FnOnce(LandlockState) -> T + Send + 'static) -> T {
        let options = Options { newest_landlock: newest, ..Options::engine() };
        thread::spawn(move || then(restrict(options).unwrap())).join().unwrap()
    }

    #[test]
    fn the_directory_s_port_is_the_only_one_that_is_open() {
        let open = TcpListener::bind("127.0.0.1:0").unwrap();
        let shut = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = |l: &TcpListener| l.local_addr().unwrap().port();
        let (granted, other) = (port(&open), port(&shut));
        let options = Options { newest_landlock: None, ..Options::directory(granted) };
        let (state, reached, refused, bound) = thread::spawn(move || {
            let connect = |port: u16| std::net::TcpStream::connect(("127.0.0.1", port)).map(drop);
            let state = restrict(options).unwrap();
            (state, connect(granted), connect(other), TcpListener::bind("127.0.0.1:0").map(drop))
        })
        .join()
        .unwrap();
        assert!(state.files && reached.is_ok(), "{state:?} {reached:?}");
        if state.tcp {
            assert_eq!(state.port, Some(granted));
            for refused in [refused, bound] {
                assert_eq!(refused.err().map(|e| e.kind()), Some(ErrorKind::PermissionDenied));
            }
        }
    }

    #[test]
    fn the_oldest_kernel_that_is_promised_keeps_files_shut() {
        // Debian 12: Linux 6.1, version 2.
        let (state, read, written, listed, port) = restricted(Some(2), |state| {
            let kind = |r: io::Result<()>| r.err().map(|e| e.kind());
            (
                state,
                kind(File::open("/etc/passwd").map(drop)),
                kind(File::create("/tmp/cloister-landlock").map(drop)),
                kind(std::fs::read_dir("/").map(drop)),
                kind(TcpListener::bind("127.0.0.1:0").map(drop)),
            )
        });
        assert_eq!((state.abi, state.files, state.tcp, state.signals), (2, true, false, false));
        for refused in [read, written, listed] {
            assert_eq!(refused, Some(ErrorKind::PermissionDenied));
        }
        // Version 2 knows no ports: there seccomp alone stands between the engine and the network.
        assert_eq!(port, None);
    }

    #[test]
    fn what_this_kernel_has_beyond_that_is_used() {
        let (state, port) = restricted(None, |state| (state, TcpListener::bind("127.0.0.1:0").map(drop)));
        assert!(state.files);
        assert_eq!(state.tcp, state.abi >= 4);
        assert_eq!(port.is_err(), state.tcp, "{port:?}");
    }
}
