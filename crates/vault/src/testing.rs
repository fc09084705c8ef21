//! Time and randomness for tests: the same every time.

use cloister_domain::{Clock, Entropy, Timestamp};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// SHA-256 in counter mode over a seed.
pub(crate) struct Seeded {
    seed: u64,
    drawn: AtomicU64,
}

impl Seeded {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Entropy for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
        for chunk in out.chunks_mut(32) {
            let n = self.drawn.fetch_add(1, Relaxed);
            let block = Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(n.to_be_bytes()).finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

/// No randomness at all.
pub(crate) struct Dry;

impl Entropy for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), std::io::Error> {
        Err(std::io::Error::other("dry"))
    }
}

/// A clock that stands still.
pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_446_000_120)
    }

    fn boottime_ms(&self) -> u64 {
        1_000
    }

    fn boot_id(&self) -> String {
        "00000000-0000-4000-8000-000000000000".to_owned()
    }
}
