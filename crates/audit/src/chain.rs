//! The end of the chain, and how it grows.

use crate::{
    head::{Head, Receipt},
    line::{Draft, Line, assemble},
    ratchet::{self, LINE_DOMAIN, Seed},
};
use cloister_domain::{AuditEvent, Sha256Hex, Timestamp};
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;

/// An event with the moment at which it was handed in.
pub(crate) struct Entry {
    pub(crate) event: AuditEvent,
    pub(crate) time: Timestamp,
    pub(crate) mono_ms: u64,
}

/// Where lines are written: the machine and its boot.
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) boot: String,
}

/// The last line, and the key of the next.
pub(crate) struct Chain {
    pub(crate) seq: u64,
    pub(crate) hash: [u8; 32],
    seed: Seed,
    key: SigningKey,
    /// Later seeds with their keys, worked out while the disk was busy. Never earlier ones.
    ahead: VecDeque<(Seed, SigningKey)>,
}

impl Chain {
    /// After line `seq` (0: none yet) of digest `hash`, with the seed of the line that follows.
    pub(crate) fn new(seq: u64, hash: [u8; 32], seed: Seed) -> Self {
        let key = seed.key();
        Self { seq, hash, seed, key, ahead: VecDeque::new() }
    }

    /// The public key that will sign the next line.
    pub(crate) fn vk(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// The seed of the next line.
    pub(crate) const fn seed(&self) -> &Seed {
        &self.seed
    }

    /// Whether this is the end that a state speaks of.
    pub(crate) fn ends_at(&self, seq: u64, hash: &[u8; 32], seed: &Seed) -> bool {
        self.seq == seq && self.hash == *hash && self.seed.expose() == seed.expose()
    }

    /// Works out the keys of the next `lines` lines, half of what writing them will cost.
    pub(crate) fn prepare(&mut self, lines: usize) {
        while self.ahead.len() < lines {
            let next = self.ahead.back().map_or(&self.seed, |(seed, _)| seed).next();
            let key = next.key();
            self.ahead.push_back((next, key));
        }
    }

    fn next_key(&mut self) -> (Seed, SigningKey) {
        self.ahead.pop_front().unwrap_or_else(|| {
            let seed = self.seed.next();
            let key = seed.key();
            (seed, key)
        })
    }

    /// The head after the last line.
    pub(crate) fn head(&self) -> Head {
        Head::sign(self.seq, &self.hash, &self.key)
    }

    /// Writes the next line to `out` and moves on; the key that signed it is gone.
    pub(crate) fn extend(&mut self, entry: &Entry, place: &Place, out: &mut Vec<u8>) -> Receipt {
        let (next_seed, next_key) = self.next_key();
        let draft = Draft {
            seq: self.seq + 1,
            time: entry.time,
            boot: &place.boot,
            mono_ms: entry.mono_ms,
            host: &place.host,
            event: &entry.event,
            prev: self.hash,
            next_vk: next_key.verifying_key().to_bytes(),
        };
        let (before, after) = draft.parts();
        let sig = ratchet::sign(&self.key, LINE_DOMAIN, &[&before, &after]);
        let line = assemble(&before, &sig, &after);
        out.extend_from_slice(&line);
        self.advance(Sha256::digest(&line).into(), next_seed, next_key);
        Receipt { seq: self.seq, hash: Sha256Hex::from_bytes(&self.hash) }
    }

    /// Moves on over `line` (with its newline) if it is exactly the next one: what was written before a crash, and
    /// not yet noted in the state.
    pub(crate) fn accept(&mut self, line: &[u8]) -> bool {
        let Some(Ok(read)) = line.strip_suffix(b"\n").map(Line::parse) else { return false };
        let (next_seed, next_key) = self.next_key();
        let ours = read.seq == self.seq + 1
            && read.prev == self.hash
            && read.next_vk == next_key.verifying_key().to_bytes()
            && ratchet::signed_by(&self.vk(), LINE_DOMAIN, &read.signed, &read.sig);
        if ours {
            self.advance(Sha256::digest(line).into(), next_seed, next_key);
        } else {
            self.ahead.push_front((next_seed, next_key));
        }
        ours
    }

    fn advance(&mut self, hash: [u8; 32], seed: Seed, key: SigningKey) {
        self.seq += 1;
        self.hash = hash;
        self.seed = seed;
        self.key = key;
    }
}
