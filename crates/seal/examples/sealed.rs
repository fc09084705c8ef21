//! For tests: what a sealed process can still do, and what a program does on a kernel that lacks something.
//!
//! ```text
//! sealed probe engine|face|directory|none  seals as that role, tries every way out, prints JSON
//! sealed abi i386|x32                seals as the engine, then makes a call of another ABI: the kernel ends it
//! sealed cost engine|face            seals as that role and prints how many microseconds that took
//! sealed without seccomp|landlock PROGRAM ARGS…    runs it as on a kernel without that
//! ```

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic, unsafe_code, reason = "a program of the tests")]

use cloister_seal::{Options, Role, give_up_processes, probe, seal};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter_all_threads};
use serde_json::json;
use std::{os::unix::process::CommandExt, process::Command, time::Instant};

#[cfg(target_arch = "x86_64")]
const ARCH: TargetArch = TargetArch::x86_64;
#[cfg(target_arch = "aarch64")]
const ARCH: TargetArch = TargetArch::aarch64;

/// On which nothing of ours listens.
const PORT: u16 = 636;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["probe", role] => {
            let report = match *role {
                "engine" => Some(seal(Options::engine())),
                "face" => Some(seal(Options::face())),
                "directory" => {
                    let report = seal(Options::directory(PORT));
                    give_up_processes().unwrap();
                    Some(report)
                }
                _ => None,
            };
            let tried = match *role {
                "face" => Role::Face,
                "directory" => Role::Directory,
                _ => Role::Engine,
            };
            let outcomes: Vec<_> = probe::of(tried).map(|p| json!({"name": p.name, "outcome": p.run()})).collect();
            let enforced = report.as_ref().is_some_and(cloister_seal::SealReport::is_enforced);
            println!("{}", json!({"report": report, "enforced": enforced, "outcomes": outcomes}));
        }
        ["cost", role] => {
            let options = if *role == "engine" { Options::engine() } else { Options::face() };
            let begun = Instant::now();
            let report = seal(options);
            let took = begun.elapsed().as_micros();
            assert!(report.is_enforced());
            println!("{took}");
        }
        ["abi", which] => {
            assert!(seal(Options::engine()).is_enforced());
            foreign_call(which);
        }
        ["without", what, program, rest @ ..] => {
            take_away(what);
            let failed = Command::new(program).args(rest).exec();
            panic!("{program}: {failed}");
        }
        _ => panic!("see the top of this file"),
    }
}

/// From here on the kernel answers as one that was built without it.
fn take_away(what: &str) {
    let (calls, errno) = match what {
        "seccomp" => (vec![libc::SYS_seccomp], libc::EINVAL),
        "landlock" => (vec![444, 445, 446], libc::ENOSYS),
        _ => panic!("seccomp or landlock"),
    };
    let rules = calls.into_iter().map(|call| (call, Vec::new())).collect();
    let refuse = SeccompAction::Errno(errno.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, ARCH).unwrap();
    apply_filter_all_threads(&BpfProgram::try_from(filter).unwrap()).unwrap();
}

#[cfg(target_arch = "x86_64")]
fn foreign_call(which: &str) {
    let result: i64;
    // SAFETY: getpid in either numbering takes no argument and touches no memory.
    unsafe {
        match which {
            "i386" => std::arch::asm!("int 0x80", inlateout("rax") 20_i64 => result),
            _ => result = libc::syscall(0x4000_0000 + libc::SYS_getpid),
        }
    }
    println!("{which}: {result}");
}

#[cfg(not(target_arch = "x86_64"))]
fn foreign_call(which: &str) {
    println!("{which}: there is none on this processor");
}
