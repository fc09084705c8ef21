//! Keys and values of the tokens read so far.

use super::Config;
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

/// Consecutive positions of one sequence.
struct Segment {
    /// Values of one key (or value) over all key heads.
    width: usize,
    len: usize,
    capacity: usize,
    layers: Vec<Layer>,
}

/// Keys and values of one layer: [capacity, kv_heads * head_dim], zero where nothing was written yet.
struct Layer {
    keys: Vec<f32>,
    values: Vec<f32>,
}

/// A run of positions as attention reads it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a> {
    /// [positions, kv_heads * head_dim].
    pub(super) keys: &'a [f32],
    /// The same shape.
    pub(super) values: &'a [f32],
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
        let start = self.own.len * self.own.width;
        let layer = &mut self.own.layers[layer];
        layer.keys[start..start + keys.len()].copy_from_slice(keys);
        layer.values[start..start + values.len()].copy_from_slice(values);
    }

    pub(super) const fn advance(&mut self, tokens: usize) {
        self.own.len += tokens;
    }

    /// A layer's positions in order, the shared start first, `more` written beyond those counted.
    pub(super) fn runs(&self, layer: usize, more: usize) -> [Run<'_>; 2] {
        let own = self.own.run(layer, self.own.len + more);
        match &self.shared {
            Some(shared) => [shared.run(layer, shared.len), own],
            None => [Run { keys: &[], values: &[] }, own],
        }
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
        let width = config.kv_heads * config.head_dim;
        let layer = || Layer { keys: vec![0.0; capacity * width], values: vec![0.0; capacity * width] };
        Self { width, len: 0, capacity, layers: (0..config.layers).map(|_| layer()).collect() }
    }

    fn run(&self, layer: usize, positions: usize) -> Run<'_> {
        let layer = &self.layers[layer];
        let end = positions * self.width;
        Run { keys: &layer.keys[..end], values: &layer.values[..end] }
    }
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Segment({} of {} tokens)", self.len, self.capacity)
    }
}
