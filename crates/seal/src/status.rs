//! `/proc/PID/status`: what the kernel says of a process, and the process cannot change.

use serde::{Deserialize, Serialize};
use std::{fs::File, io, os::unix::fs::FileExt};

/// The lines of it that tell of sealing (proc_pid_status(5)).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelStatus {
    /// 0 none, 1 strict, 2 filter.
    pub seccomp: u8,
    /// How many filters are in force; `None` before kernel 5.9.
    pub filters: Option<u32>,
    /// Starting a program gives no more rights than there are.
    pub no_new_privs: bool,
}

impl KernelStatus {
    /// Of another process.
    ///
    /// # Errors
    /// When it is gone, or the kernel hides it (`hidepid`).
    pub fn of(pid: u32) -> io::Result<Self> {
        Self::read(&File::open(format!("/proc/{pid}/status"))?)
    }

    /// Through an open status file, from its start.
    pub(crate) fn read(file: &File) -> io::Result<Self> {
        // The file is about 1.5 KiB; it has no length of its own.
        let mut text = vec![0; 8192];
        let n = file.read_at(&mut text, 0)?;
        Ok(Self::parse(&String::from_utf8_lossy(&text[..n])))
    }

    fn parse(text: &str) -> Self {
        let field = |name: &str| {
            text.lines()
                .find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))
                .and_then(|v| v.trim().parse::<u32>().ok())
        };
        Self {
            seccomp: field("Seccomp").and_then(|n| u8::try_from(n).ok()).unwrap_or(0),
            filters: field("Seccomp_filters"),
            no_new_privs: field("NoNewPrivs") == Some(1),
        }
    }
}

/// The processes that this one started and that still run, with their names.
#[must_use]
pub fn children() -> Vec<(u32, String)> {
    let own = std::process::id();
    let pids = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let child = |pid| {
        // `pid (name) state ppid …`; the name may hold brackets and spaces of its own (proc_pid_stat(5)).
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        let parent: u32 = rest.split_whitespace().nth(1)?.parse().ok()?;
        (parent == own).then(|| (pid, name.to_owned()))
    };
    pids.filter_map(child).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_read_and_a_missing_one_claims_nothing() {
        let text = "Name:\tx\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n";
        let all = KernelStatus { seccomp: 2, filters: Some(3), no_new_privs: true };
        assert_eq!(KernelStatus::parse(text), all);
        assert_eq!(KernelStatus::parse("Name:\tx\n"), KernelStatus::default());
    }

    #[test]
    fn another_process_can_be_asked_about() {
        let own = KernelStatus::of(std::process::id()).unwrap();
        assert_eq!(own, KernelStatus::read(&File::open("/proc/self/status").unwrap()).unwrap());
        assert!(KernelStatus::of(u32::MAX).is_err());
    }

    #[test]
    fn a_child_is_found_by_its_name() {
        let mut child = std::process::Command::new("sleep").arg("30").spawn().unwrap();
        let found = children();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(found.contains(&(child.id(), "sleep".to_owned())), "{found:?}");
    }
}
