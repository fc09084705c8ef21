//! What is in force, as the kernel says it.

#[cfg(target_os = "linux")]
use crate::KernelStatus;
use crate::{Role, Sockets};
use serde::{Deserialize, Serialize};

/// What Landlock answered when the rules were put on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LandlockState {
    /// The version in use; 0 for none.
    pub abi: u8,
    /// No file can be opened by name.
    pub files: bool,
    /// No TCP port can be bound or connected to but `port` (version 4).
    pub tcp: bool,
    /// The one port that can be connected to, for the directory's broker.
    pub port: Option<u16>,
    /// No signal can leave (version 6).
    pub signals: bool,
    /// No abstract AF_UNIX address outside can be reached (version 6).
    pub abstract_sockets: bool,
}

/// What was put on and read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealReport {
    /// What the process is.
    pub role: Role,
    /// Which sockets its filter leaves.
    pub sockets: Sockets,
    /// The kernel took every filter.
    pub filters_put_on: bool,
    /// Filters that were in force before, inherited; `None` where the kernel does not count them (before 5.9).
    pub filters_before: Option<u32>,
    /// Read from `/proc/self/status` afterwards.
    pub kernel: KernelStatus,
    /// Landlock's own answers.
    pub landlock: LandlockState,
    /// Whether another process of this user may read its memory, and a crash may write it down.
    pub dumpable: bool,
    /// The largest core file, in bytes; `None` for no limit.
    pub core_limit: Option<u64>,
    /// What could not be had, without paths and without content.
    pub faults: Vec<String>,
}

impl SealReport {
    /// Whether the rules that every process must have are in force: seccomp without network sockets (for the
    /// directory's broker, without any but TCP outwards) and no_new_privs; for engine and broker Landlock's file rules as
    /// well. Rests on what the kernel answered and on what was
    /// read back from it, both.
    #[must_use]
    pub fn is_enforced(&self) -> bool {
        let grown = match (self.filters_before, self.kernel.filters) {
            (Some(before), Some(after)) => after > before,
            _ => true,
        };
        let filtered = self.filters_put_on && self.kernel.seccomp == 2 && grown;
        let quiet = match self.role {
            Role::Directory => self.sockets == Sockets::TcpOut,
            Role::Engine | Role::Face => matches!(self.sockets, Sockets::None | Sockets::Unix),
        };
        let files = self.role == Role::Face || self.landlock.files;
        filtered && quiet && files && self.kernel.no_new_privs
    }

    /// Whether everything is in force but the one rule that a build for WebDriver leaves out at compile time.
    #[must_use]
    pub fn is_for_tests(&self) -> bool {
        self.sockets == Sockets::UnixAndInet && Self { sockets: Sockets::Unix, ..self.clone() }.is_enforced()
    }

    /// For people: one rule a line, as read back.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        let mut facts = vec![self.seccomp(), self.landlock_in_words()];
        facts.push(format!("no_new_privs: {}", u8::from(self.kernel.no_new_privs)));
        let core = match self.core_limit {
            Some(0) => "off".to_owned(),
            Some(n) => format!("up to {n} bytes"),
            None => "no limit".to_owned(),
        };
        let memory = if self.dumpable { "readable by other programs of this user" } else { "closed to other programs" };
        facts.push(format!("core dumps: {core}; memory {memory}"));
        facts.extend(self.faults.iter().map(|f| format!("not to be had: {f}")));
        facts
    }

    fn seccomp(&self) -> String {
        if !self.filters_put_on || self.kernel.seccomp != 2 {
            return format!("seccomp: mode {}, the filter is not in force", self.kernel.seccomp);
        }
        let sockets = match self.sockets {
            Sockets::None => "no sockets",
            Sockets::Unix => "sockets AF_UNIX only",
            Sockets::TcpOut => "sockets for TCP outwards only",
            Sockets::UnixAndInet => "a build for tests: loopback is open to WebDriver",
        };
        let count = self.kernel.filters.map_or_else(String::new, |n| format!(" ({n} in all)"));
        format!("seccomp: filter in force{count}, {sockets}")
    }

    fn landlock_in_words(&self) -> String {
        let l = self.landlock;
        if l.abi == 0 {
            return "Landlock: no rules in force".to_owned();
        }
        let mut rules = Vec::new();
        if l.files {
            rules.push("no file may be opened".to_owned());
        }
        if l.tcp {
            rules.push(l.port.map_or_else(|| "no TCP".to_owned(), |port| format!("TCP to port {port} alone")));
        }
        if l.signals {
            rules.push("no signal to others".to_owned());
        }
        if l.abstract_sockets {
            rules.push("no abstract address".to_owned());
        }
        if rules.is_empty() {
            rules.push("nothing beyond seccomp".to_owned());
        }
        format!("Landlock: version {}, {}", l.abi, rules.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine() -> SealReport {
        SealReport {
            role: Role::Engine,
            sockets: Sockets::None,
            filters_put_on: true,
            filters_before: Some(2),
            kernel: KernelStatus { seccomp: 2, filters: Some(5), no_new_privs: true },
            landlock: LandlockState { abi: 2, files: true, ..LandlockState::default() },
            dumpable: false,
            core_limit: Some(0),
            faults: Vec::new(),
        }
    }

    #[test]
    fn every_rule_is_needed_for_the_word_enforced() {
        assert!(engine().is_enforced());
        let without = |change: fn(&mut SealReport)| {
            let mut report = engine();
            change(&mut report);
            report.is_enforced()
        };
        assert!(!without(|r| r.filters_put_on = false));
        assert!(!without(|r| r.kernel.seccomp = 0));
        // A filter that was inherited is not ours.
        assert!(!without(|r| r.kernel.filters = r.filters_before));
        assert!(!without(|r| r.kernel.no_new_privs = false));
        assert!(!without(|r| r.landlock.files = false));
        assert!(!without(|r| r.sockets = Sockets::UnixAndInet));
        // A face opens files by name, so it does without file rules.
        assert!(without(|r| (r.role, r.landlock) = (Role::Face, LandlockState::default())));
        // TCP is the broker's alone.
        assert!(!without(|r| r.sockets = Sockets::TcpOut));
        assert!(without(|r| (r.role, r.sockets) = (Role::Directory, Sockets::TcpOut)));
        assert!(!without(|r| (r.role, r.sockets) = (Role::Directory, Sockets::Unix)));
    }

    #[test]
    fn facts_say_what_is_missing() {
        let mut report = engine();
        report.filters_put_on = false;
        report.faults.push("seccomp: Invalid argument (os error 22)".to_owned());
        let facts = report.facts().join("\n");
        assert!(facts.contains("the filter is not in force") && facts.contains("not to be had: seccomp"), "{facts}");
    }
}
