//! A clock and a source of randomness that are the same in every run.

use cloister_domain::{Clock, Entropy, Timestamp};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Ticks 5 ms whenever it is looked at.
pub(crate) struct Ticking {
    uptime_ms: AtomicU64,
    set_ahead_ms: AtomicI64,
}

impl Ticking {
    pub(crate) const fn new() -> Self {
        Self { uptime_ms: AtomicU64::new(1000), set_ahead_ms: AtomicI64::new(0) }
    }

    /// Sets the wall clock so far ahead of the uptime.
    #[allow(dead_code, reason = "each test program uses its part")]
    pub(crate) fn set_ahead(&self, ms: i64) {
        self.set_ahead_ms.store(ms, Ordering::Relaxed);
    }
}

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let ahead = self.set_ahead_ms.load(Ordering::Relaxed);
        Timestamp::from_millis(1_795_000_000_000 + ahead + self.boottime_ms().cast_signed())
    }
    fn boottime_ms(&self) -> u64 {
        self.uptime_ms.fetch_add(5, Ordering::Relaxed)
    }
    fn boot_id(&self) -> String {
        "boot-a".to_owned()
    }
}

/// Bytes out of a counter.
pub(crate) struct Counting(AtomicU64);

impl Counting {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(1))
    }
}

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
        for byte in out {
            let n = self.0.fetch_add(1, Ordering::Relaxed);
            *byte = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()[7];
        }
        Ok(())
    }
}
