//! Randomness that a test can work out from outside: SHA-256 in counter mode. Shared by the worker and the test that
//! looks into its memory.

use cloister_domain::Entropy;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};

/// Block `n` of the stream.
pub(crate) fn block(n: u64) -> [u8; 32] {
    Sha256::new().chain_update(b"cloister tests, seeded").chain_update(n.to_be_bytes()).finalize().into()
}

/// Gives out the blocks in order, a whole one for each 32 bytes or fewer that are asked for.
#[derive(Default)]
pub(crate) struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
        for chunk in out.chunks_mut(32) {
            let mut next = block(self.0.fetch_add(1, Ordering::Relaxed));
            chunk.copy_from_slice(&next[..chunk.len()]);
            // Out of the stack again: what is found afterwards is to be the program's doing.
            next.fill(0);
            std::hint::black_box(&next);
        }
        Ok(())
    }
}
