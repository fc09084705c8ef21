//! A model's tensors, found by name and checked against its sizes.

use super::linear::{Linear, Weight, numbers};
use super::{Architecture, Config, ModelBytes};
use crate::gguf::{Header, TensorInfo};
use crate::{Accelerator, LoadError};

/// A transformer block's weights.
pub(super) struct Block {
    pub(super) attention_norm: Vec<f32>,
    pub(super) query: Linear,
    pub(super) key: Linear,
    pub(super) value: Linear,
    pub(super) attention_output: Linear,
    pub(super) feed_forward_norm: Vec<f32>,
    pub(super) gate: Linear,
    pub(super) up: Linear,
    pub(super) down: Linear,
}

/// All weights.
pub(super) struct Weights {
    /// The states of tokens before the first block: [vocabulary, hidden].
    pub(super) embedding: Weight,
    pub(super) blocks: Vec<Block>,
    pub(super) norm: Vec<f32>,
    pub(super) output: Linear,
    /// Divisors of the rotary frequencies (Llama 3.1 and later), one for each pair.
    pub(super) rope_factors: Option<Vec<f32>>,
}

impl Weights {
    pub(super) fn load(
        accelerator: Option<&Accelerator>,
        header: &Header<'_>,
        file: &ModelBytes,
        config: &Config,
    ) -> Result<Self, LoadError> {
        let from = Source { header, file, accelerator };
        // Single rows are read of it, which the processor does.
        let embedding =
            Source { accelerator: None, ..from }.matrix("token_embd.weight", config.hidden, config.vocabulary)?;
        let output = match (header.tensor("output.weight"), accelerator) {
            (Some(_), _) => from.linear("output", config.hidden, config.vocabulary, false)?,
            // Tied: the same matrix gives a token's state and a state's scores.
            (None, None) => Linear { weight: embedding.clone(), bias: None },
            (None, Some(_)) => {
                let weight = from.matrix("token_embd.weight", config.hidden, config.vocabulary)?;
                Linear { weight, bias: None }
            }
        };
        let rope_factors = match header.tensor("rope_freqs.weight") {
            Some(_) => Some(from.vector("rope_freqs.weight", config.head_dim / 2)?),
            None => None,
        };
        Ok(Self {
            embedding,
            blocks: (0..config.layers).map(|i| Block::load(&from, config, i)).collect::<Result<_, _>>()?,
            norm: from.vector("output_norm.weight", config.hidden)?,
            output,
            rope_factors,
        })
    }
}

impl Block {
    fn load(from: &Source<'_>, config: &Config, index: usize) -> Result<Self, LoadError> {
        let name = |part: &str| format!("blk.{index}.{part}");
        let (hidden, kv) = (config.hidden, config.kv_heads * config.head_dim);
        let biased = config.architecture == Architecture::Qwen2;
        Ok(Self {
            attention_norm: from.vector(&name("attn_norm.weight"), hidden)?,
            query: from.linear(&name("attn_q"), hidden, hidden, biased)?,
            key: from.linear(&name("attn_k"), hidden, kv, biased)?,
            value: from.linear(&name("attn_v"), hidden, kv, biased)?,
            attention_output: from.linear(&name("attn_output"), hidden, hidden, false)?,
            feed_forward_norm: from.vector(&name("ffn_norm.weight"), hidden)?,
            gate: from.linear(&name("ffn_gate"), hidden, config.feed_forward, false)?,
            up: from.linear(&name("ffn_up"), hidden, config.feed_forward, false)?,
            down: from.linear(&name("ffn_down"), config.feed_forward, hidden, false)?,
        })
    }
}

/// Where tensors come from.
#[derive(Clone, Copy)]
struct Source<'a> {
    header: &'a Header<'a>,
    file: &'a ModelBytes,
    accelerator: Option<&'a Accelerator>,
}

impl Source<'_> {
    fn linear(&self, name: &str, inputs: usize, outputs: usize, biased: bool) -> Result<Linear, LoadError> {
        let weight = self.matrix(&format!("{name}.weight"), inputs, outputs)?;
        let bias = if biased { Some(self.vector(&format!("{name}.bias"), outputs)?) } else { None };
        Ok(Linear { weight, bias })
    }

    fn matrix(&self, name: &str, inputs: usize, outputs: usize) -> Result<Weight, LoadError> {
        Weight::load(name, self.tensor(name, &[outputs, inputs])?, self.file, self.accelerator)
    }

    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, LoadError> {
        numbers(name, self.tensor(name, &[len])?, (**self.file).as_ref())
    }

    fn tensor(&self, name: &str, shape: &[usize]) -> Result<&TensorInfo, LoadError> {
        let info = self.header.tensor(name).ok_or_else(|| LoadError::MissingTensor { name: name.to_owned() })?;
        if info.dims() != shape {
            let (found, expected) = (info.dims().to_vec(), shape.to_vec());
            return Err(LoadError::TensorShape { name: name.to_owned(), found, expected });
        }
        Ok(info)
    }
}
