//! Keys and values of the tokens read so far.

use super::Config;
use cloister_kernels::{AttentionShape, Keys};
use std::sync::Arc;

/// The keys and values of one sequence: a start that may be shared with other sequences, and its own continuation,
/// preallocated.
#[derive(Debug)]
pub struct KvCache {
    shared: Option<Arc<Segment>>,
    own: Segment,
}

/// The start of a prompt, read once. Any number of sequences can go on from it.
#[derive(Debug, Clone)]
pub struct SharedPrefix(Arc<Segment>);

/// Consecutive positions of one sequence, for every layer.
struct Segment {
    len: usize,
    capacity: usize,
    layers: Vec<Keys>,
}

impl KvCache {
    /// An empty cache with room for `capacity` tokens. The memory is touched only as tokens come in.
    pub(super) fn new(config: &Config, capacity: usize) -> Self {
        Self { shared: None, own: Segment::new(config, capacity) }
    }

    /// A cache that goes on from `prefix`, with room for `capacity` more tokens.
    pub(super) fn after(prefix: &SharedPrefix, config: &Config, capacity: usize) -> Self {
        Self { shared: Some(Arc::clone(&prefix.0)), own: Segment::new(config, capacity) }
    }

    /// Makes what was read so far a start for others; `None` for a cache that itself goes on from one.
    #[must_use]
    pub fn into_prefix(self) -> Option<SharedPrefix> {
        self.shared.is_none().then(|| SharedPrefix(Arc::new(self.own)))
    }

    /// Tokens read so far, shared ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared_len() + self.own.len
    }

    /// Nothing read yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Room for this many more tokens.
    #[must_use]
    pub const fn room(&self) -> usize {
        self.own.capacity - self.own.len
    }

    /// Forgets the tokens from position `len` on. The shared start stays.
    pub fn truncate(&mut self, len: usize) {
        self.own.len = self.own.len.min(len.saturating_sub(self.shared_len()));
    }

    /// Writes a layer's keys and values of new tokens behind those counted so far. Every layer writes at the same
    /// place; [`KvCache::advance`] counts them once. The caller has checked [`KvCache::room`].
    pub(super) fn write(&mut self, layer: usize, keys: &[f32], values: &[f32]) {
        self.own.layers[layer].write(self.own.len, keys, values);
    }

    pub(super) const fn advance(&mut self, tokens: usize) {
        self.own.len += tokens;
    }

    /// A layer's positions in order, the shared start first, `more` written beyond those counted.
    pub(super) fn runs(&self, layer: usize, more: usize) -> Vec<(&Keys, usize)> {
        let shared = self.shared.iter().map(|s| (&s.layers[layer], s.len));
        shared.chain([(&self.own.layers[layer], self.own.len + more)]).collect()
    }

    fn shared_len(&self) -> usize {
        self.shared.as_ref().map_or(0, |s| s.len)
    }
}

impl SharedPrefix {
    /// Tokens in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len
    }

    /// No tokens in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.len == 0
    }
}

impl Segment {
    fn new(config: &Config, capacity: usize) -> Self {
        let shape = config.attention();
        Self { len: 0, capacity, layers: (0..config.layers).map(|_| Keys::new(shape, capacity)).collect() }
    }
}

impl Config {
    pub(super) const fn attention(&self) -> AttentionShape {
        AttentionShape { heads: self.heads, kv_heads: self.kv_heads, head_dim: self.head_dim }
    }
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Segment({} of {} tokens)", self.len, self.capacity)
    }
}
