//! A decoder-only transformer over quantised weights: token numbers in, logits out.
//!
//! One forward pass serves qwen2 and llama, configured from the model file. It takes any number of sequences at once
//! and any number of tokens of each, and what a row yields depends on nothing but its own sequence up to it: the sums
//! of a row have one fixed order, whatever shares its batch, however its prompt was cut into chunks and whether its
//! start was read by itself or forked from a shared one. So the same text gives the same bytes.

mod bytes;
mod cache;
mod config;
mod linear;
mod rotation;
mod weights;

pub use bytes::{ModelBytes, read_model};
pub use cache::{KvCache, SharedPrefix};
pub use config::{Architecture, Config};

use crate::gguf::Header;
use crate::tokenizer::TokenId;
use crate::{Accelerator, ExtractError, LoadError};
use cloister_kernels::{Attention, CpuPath, attend, rms_norm, silu_times};
use linear::apply;
use rotation::Rotation;
use weights::Weights;

/// A loaded model.
pub struct Decoder {
    config: Config,
    weights: Weights,
    rotation: Rotation,
    path: CpuPath,
    threads: rayon::ThreadPool,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("config", &self.config).finish_non_exhaustive()
    }
}

/// One sequence's part of a forward pass.
#[derive(Debug)]
pub struct Step<'a> {
    /// What the sequence has read so far; the step appends to it.
    pub cache: &'a mut KvCache,
    /// The tokens to read now, at least one.
    pub tokens: &'a [TokenId],
    /// After which of them logits are wanted.
    pub logits: Rows,
}

/// Which positions of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// None: the step only fills the cache.
    None,
    /// This many of the last.
    Last(usize),
    /// All of them.
    All,
}

/// Scores of the next token: [rows, vocabulary].
#[derive(Debug, Clone, PartialEq)]
pub struct Logits {
    vocabulary: usize,
    values: Vec<f32>,
}

impl Logits {
    /// One row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f32] {
        self.values.get(index * self.vocabulary..(index + 1) * self.vocabulary).unwrap_or(&[])
    }

    /// The last row.
    #[must_use]
    pub fn last(&self) -> &[f32] {
        self.row(self.rows().saturating_sub(1))
    }

    /// How many rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.values.len() / self.vocabulary
    }
}

impl Decoder {
    /// Prepares a model to be run by `threads` threads of its own. `header` was read from `file`.
    ///
    /// # Errors
    /// When the model is of another family, incomplete or contradicts itself.
    pub fn load(header: &Header<'_>, file: &ModelBytes, path: CpuPath, threads: usize) -> Result<Self, LoadError> {
        Self::load_on(None, header, file, path, threads)
    }

    /// [`load`](Self::load), with the matrices on an accelerator if there is one. Its sums depend in their last bits on
    /// how many rows share a step.
    ///
    /// # Errors
    /// As there, and when the accelerator has no room.
    pub fn load_on(
        accelerator: Option<&Accelerator>,
        header: &Header<'_>,
        file: &ModelBytes,
        path: CpuPath,
        threads: usize,
    ) -> Result<Self, LoadError> {
        let config = Config::from_gguf(header)?;
        let weights = Weights::load(accelerator, header, file, &config)?;
        let rotation = Rotation::new(&config, weights.rope_factors.as_deref());
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .thread_name(|i| format!("language-{i}"))
            .build()
            .map_err(|e| LoadError::Compute(e.to_string()))?;
        Ok(Self { config, weights, rotation, path, threads })
    }

    /// The model's sizes.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The instructions it is computed with.
    #[must_use]
    pub const fn path(&self) -> CpuPath {
        self.path
    }

    /// An empty cache with room for `capacity` tokens.
    #[must_use]
    pub fn cache(&self, capacity: usize) -> KvCache {
        KvCache::new(&self.config, capacity)
    }

    /// A cache that goes on from `prefix`, with room for `capacity` more tokens.
    #[must_use]
    pub fn cache_after(&self, prefix: &SharedPrefix, capacity: usize) -> KvCache {
        KvCache::after(prefix, &self.config, capacity)
    }

    /// Reads each step's tokens and gives the logits each asked for, in order of the steps.
    ///
    /// # Errors
    /// When a step is empty, a cache has no room, or a token is not in the vocabulary.
    pub fn forward(&self, steps: &mut [Step<'_>]) -> Result<Vec<Logits>, ExtractError> {
        self.check(steps)?;
        self.threads.install(|| self.run(steps))
    }

    /// Does something beside the model on its threads.
    pub(crate) fn on_threads<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.threads.install(work)
    }

    fn run(&self, steps: &mut [Step<'_>]) -> Result<Vec<Logits>, ExtractError> {
        let tokens: Vec<TokenId> = steps.iter().flat_map(|s| s.tokens).copied().collect();
        let positions: Vec<usize> = steps.iter().flat_map(|s| (s.cache.len()..).take(s.tokens.len())).collect();
        let angles = self.rotation.angles(&positions);

        let eps = self.config.norm_eps;
        let mut x = self.weights.embedding.rows(&tokens)?;
        for (index, block) in self.weights.blocks.iter().enumerate() {
            let normed = rms_norm(self.path, &x, &block.attention_norm, eps);
            let [mut queries, mut keys, values] = apply(self.path, &normed, [&block.query, &block.key, &block.value])?;
            self.rotation.apply(&mut queries, &angles);
            self.rotation.apply(&mut keys, &angles);
            let attended = self.attend(index, steps, &queries, &keys, &values);
            let [attended] = apply(self.path, &attended, [&block.attention_output])?;
            add(&mut x, &attended);

            let normed = rms_norm(self.path, &x, &block.feed_forward_norm, eps);
            let [mut gate, up] = apply(self.path, &normed, [&block.gate, &block.up])?;
            silu_times(self.path, &mut gate, &up);
            let [down] = apply(self.path, &gate, [&block.down])?;
            add(&mut x, &down);
        }
        for step in steps.iter_mut() {
            step.cache.advance(step.tokens.len());
        }
        self.logits(steps, &x)
    }

    fn check(&self, steps: &[Step<'_>]) -> Result<(), ExtractError> {
        let refuse = |why: &str| Err(ExtractError::Compute(why.to_owned()));
        for step in steps {
            if step.tokens.is_empty() {
                return refuse("a step without tokens");
            }
            if step.cache.room() < step.tokens.len() || step.cache.len() + step.tokens.len() > self.config.context {
                return refuse("no room in the cache");
            }
            if step.tokens.iter().any(|&t| t as usize >= self.config.vocabulary) {
                return refuse("a token outside the vocabulary");
            }
        }
        Ok(())
    }

    /// Writes the new keys and values into each sequence's cache and lets its queries attend to all of it.
    fn attend(&self, layer: usize, steps: &mut [Step<'_>], queries: &[f32], keys: &[f32], values: &[f32]) -> Vec<f32> {
        let kv = self.config.kv_heads * self.config.head_dim;
        let (mut keys, mut values) = (keys, values);
        for step in steps.iter_mut() {
            let (own_keys, own_values) =
                (keys.split_off(..step.tokens.len() * kv), values.split_off(..step.tokens.len() * kv));
            step.cache.write(layer, own_keys.unwrap_or_default(), own_values.unwrap_or_default());
        }
        let mut out = vec![0.0; queries.len()];
        let (mut queries, mut rest) = (queries, out.as_mut_slice());
        let mut sequences = Vec::with_capacity(steps.len());
        for step in steps.iter() {
            let len = step.tokens.len() * self.config.hidden;
            sequences.push(Attention {
                queries: queries.split_off(..len).unwrap_or_default(),
                runs: step.cache.runs(layer, step.tokens.len()),
                out: rest.split_off_mut(..len).unwrap_or_default(),
            });
        }
        attend(self.path, self.config.attention(), &mut sequences);
        out
    }

    fn logits(&self, steps: &[Step<'_>], x: &[f32]) -> Result<Vec<Logits>, ExtractError> {
        let hidden = self.config.hidden;
        let mut wanted = Vec::new();
        let mut counts = Vec::with_capacity(steps.len());
        let mut start = 0;
        for step in steps {
            let end = start + step.tokens.len();
            let first = match step.logits {
                Rows::None => end,
                Rows::Last(count) => end - count.min(step.tokens.len()),
                Rows::All => start,
            };
            wanted.extend_from_slice(&x[first * hidden..end * hidden]);
            counts.push(end - first);
            start = end;
        }
        let vocabulary = self.config.vocabulary;
        if wanted.is_empty() {
            return Ok(counts.iter().map(|_| Logits { vocabulary, values: vec![] }).collect());
        }
        let normed = rms_norm(self.path, &wanted, &self.weights.norm, self.config.norm_eps);
        let [mut values] = apply(self.path, &normed, [&self.weights.output])?;
        let mut logits = Vec::with_capacity(counts.len());
        for count in counts {
            let rest = values.split_off(count * vocabulary);
            logits.push(Logits { vocabulary, values });
            values = rest;
        }
        Ok(logits)
    }
}

/// `x += y`.
fn add(x: &mut [f32], y: &[f32]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

#[cfg(test)]
mod tests;
