//! Lockout after failed sign-ins, computed from the log, so that it holds across processes and restarts.

/// When a name is locked, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockoutRule {
    /// Failures in a row before the first wait.
    pub attempts: u32,
    /// The first wait in milliseconds; each further failure doubles it.
    pub first_wait_ms: u64,
    /// The longest wait in milliseconds.
    pub longest_wait_ms: u64,
}

impl LockoutRule {
    /// Five (or what the policy says), then 15 minutes, doubling to an hour.
    #[must_use]
    pub const fn after(attempts: u32) -> Self {
        Self { attempts, first_wait_ms: 15 * 60_000, longest_wait_ms: 60 * 60_000 }
    }

    fn wait_ms(self, failures: u32) -> u64 {
        match failures.checked_sub(self.attempts) {
            None => 0,
            Some(further) => self.first_wait_ms.saturating_mul(1 << further.min(16)).min(self.longest_wait_ms),
        }
    }
}

/// The failures of one name since its last success or unlock, as the log tells them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lockout {
    failures: u32,
    /// The boot and uptime (ms, sleep included) of the newest failure.
    newest: Option<(String, u64)>,
}

impl Lockout {
    /// Adds failures, newest first.
    pub fn add(&mut self, boot: &str, mono_ms: u64) {
        self.failures = self.failures.saturating_add(1);
        if self.newest.is_none() {
            self.newest = Some((boot.to_owned(), mono_ms));
        }
    }

    /// Failures in a row.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Milliseconds to wait still; 0 when the name is free. Only time with the machine on counts: after a reboot the
    /// wait starts against the new uptime, so neither a reboot nor a set clock shortens it.
    #[must_use]
    pub fn remaining_ms(&self, rule: LockoutRule, boot: &str, mono_ms: u64) -> u64 {
        let Some((at_boot, at_ms)) = &self.newest else { return 0 };
        let passed = if at_boot == boot { mono_ms.saturating_sub(*at_ms) } else { mono_ms };
        rule.wait_ms(self.failures).saturating_sub(passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(n: u32) -> Lockout {
        let mut l = Lockout::default();
        for i in 0..n {
            l.add("boot-a", 1_000_000 - u64::from(i));
        }
        l
    }

    const RULE: LockoutRule = LockoutRule::after(5);
    const MINUTE: u64 = 60_000;

    #[test]
    fn four_failures_are_free_and_the_fifth_waits_a_quarter_of_an_hour() {
        assert_eq!(failed(4).remaining_ms(RULE, "boot-a", 1_000_000), 0);
        assert_eq!(failed(5).remaining_ms(RULE, "boot-a", 1_000_000), 15 * MINUTE);
        assert_eq!(failed(5).remaining_ms(RULE, "boot-a", 1_000_000 + 15 * MINUTE), 0);
    }

    #[test]
    fn waits_double_and_stop_at_an_hour() {
        assert_eq!(failed(6).remaining_ms(RULE, "boot-a", 1_000_000), 30 * MINUTE);
        assert_eq!(failed(7).remaining_ms(RULE, "boot-a", 1_000_000), 60 * MINUTE);
        assert_eq!(failed(60).remaining_ms(RULE, "boot-a", 1_000_000), 60 * MINUTE);
    }

    #[test]
    fn a_reboot_gives_no_credit() {
        assert_eq!(failed(5).remaining_ms(RULE, "boot-b", 5_000), 15 * MINUTE - 5_000);
    }
}
