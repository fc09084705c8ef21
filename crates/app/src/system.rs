//! The real clock and the real randomness, for the faces. Everything below takes them as parameters.

use cloister_domain::{Clock, Entropy, Timestamp};
use rustix::time::{ClockId, clock_gettime};
use std::{io, time::SystemTime};

/// The machine's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn boottime_ms(&self) -> u64 {
        let t = clock_gettime(ClockId::Boottime);
        u64::try_from(t.tv_sec).unwrap_or(0) * 1000 + u64::try_from(t.tv_nsec).unwrap_or(0) / 1_000_000
    }

    fn boot_id(&self) -> String {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map_or_else(|_| "unknown".to_owned(), |s| s.trim().to_owned())
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), io::Error> {
        getrandom::fill(out).map_err(|e| io::Error::other(e.to_string()))
    }
}
