//! As an attacker would: from inside a sealed process, every way out that we know of.

#![allow(clippy::unwrap_used, reason = "tests")]

use cloister_seal::{SealReport, probe::Outcome};
use serde::Deserialize;
use std::{
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{Command, Output},
};

#[derive(Deserialize)]
struct Tried {
    report: Option<SealReport>,
    enforced: bool,
    outcomes: Vec<Way>,
}

#[derive(Deserialize)]
struct Way {
    name: String,
    outcome: Outcome,
}

fn sealed(args: &[&str], landlock: Option<&str>) -> Output {
    // target/PROFILE/deps/escape-… stands beside target/PROFILE/examples.
    let here = std::env::current_exe().unwrap();
    let program: PathBuf = here.ancestors().nth(2).unwrap().join("examples/sealed");
    let mut command = Command::new(program);
    if let Some(version) = landlock {
        command.env(cloister_seal::NEWEST_LANDLOCK, version);
    }
    command.args(args).output().unwrap()
}

fn tried(role: &str, landlock: Option<&str>) -> Tried {
    let out = sealed(&["probe", role], landlock);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

fn not_refused(tried: &Tried) -> Vec<String> {
    let ways = tried.outcomes.iter().filter(|w| w.outcome != Outcome::Refused);
    ways.map(|w| format!("{}: {:?}", w.name, w.outcome)).collect()
}

#[test]
fn no_way_leads_out_of_the_engine() {
    let engine = tried("engine", None);
    assert!(engine.enforced, "{:?}", engine.report);
    assert!(engine.outcomes.len() >= 30, "only {} ways were tried", engine.outcomes.len());
    assert_eq!(not_refused(&engine), Vec::<String>::new());
    let report = engine.report.unwrap();
    assert!(!report.dumpable && report.core_limit == Some(0) && report.faults.is_empty(), "{report:?}");
    assert_eq!(report.kernel.filters, report.filters_before.map(|n| n + cloister_seal::ENGINE_FILTERS));
}

#[test]
fn the_same_ways_are_open_where_nothing_is_sealed() {
    let open = tried("none", None);
    assert!(!open.enforced);
    let refused: Vec<_> = open.outcomes.iter().filter(|w| w.outcome == Outcome::Refused).map(|w| &w.name).collect();
    // What a user who is not root, or a container, may not do anyway.
    assert!(refused.len() <= 8, "the probes prove little here: {refused:?}");
    for name in ["TCP over IPv4", "UDP", "reading a file", "starting a program", "a file in memory"] {
        assert!(!refused.iter().any(|r| *r == name), "{name} is refused without a seal");
    }
}

#[test]
fn debian_12_s_kernel_keeps_the_engine_in_as_well() {
    let engine = tried("engine", Some("2"));
    assert!(engine.enforced, "{:?}", engine.report);
    assert_eq!(not_refused(&engine), Vec::<String>::new());
    let landlock = engine.report.unwrap().landlock;
    assert_eq!((landlock.abi, landlock.files, landlock.tcp), (2, true, false));
}

#[test]
fn a_face_reaches_no_network_and_no_other_process() {
    for landlock in [None, Some("2")] {
        let face = tried("face", landlock);
        assert!(face.enforced, "{:?}", face.report);
        assert!(face.outcomes.len() >= 20, "only {} ways were tried", face.outcomes.len());
        assert_eq!(not_refused(&face), Vec::<String>::new());
    }
}

#[test]
fn what_asks_the_directory_can_do_little_else() {
    for landlock in [None, Some("2")] {
        let directory = tried("directory", landlock);
        assert!(directory.enforced, "{:?}", directory.report);
        assert!(directory.outcomes.len() >= 30, "only {} ways were tried", directory.outcomes.len());
        assert_eq!(not_refused(&directory), Vec::<String>::new());
        let state = directory.report.unwrap().landlock;
        assert!(state.files && state.port == Some(636).filter(|_| state.tcp), "{state:?}");
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn a_call_of_another_abi_ends_the_process() {
    for which in ["i386", "x32"] {
        let out = sealed(&["abi", which], None);
        assert_eq!(out.status.signal(), Some(libc::SIGSYS), "{which}: {}", String::from_utf8_lossy(&out.stdout));
    }
}

#[test]
fn a_kernel_that_lacks_something_is_not_called_enforced() {
    let here = std::env::current_exe().unwrap();
    let program = here.ancestors().nth(2).unwrap().join("examples/sealed");
    for (what, role, enforced) in [
        ("seccomp", "engine", false),
        ("seccomp", "face", false),
        ("landlock", "engine", false),
        // A face does without Landlock.
        ("landlock", "face", true),
    ] {
        let out = sealed(&["without", what, &program.to_string_lossy(), "probe", role], None);
        let tried: Tried = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(tried.enforced, enforced, "{role} without {what}: {:?}", tried.report);
    }
}
