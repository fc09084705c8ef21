//! A model's tensors, found by name and checked against its sizes.

use super::{Architecture, Config, ModelBytes};
use crate::LoadError;
use crate::gguf::{Header, TensorInfo, TensorType};
use candle_core::quantized::{GgmlDType, QMatMul, QStorage, QTensor};
use candle_core::{Device, Module, Tensor};
use std::borrow::Cow;
use std::sync::Arc;

/// A matrix of quantised weights, applied to rows of activations, with a bias or without.
pub(super) struct Linear {
    product: QMatMul,
    inputs: usize,
    outputs: usize,
    bias: Option<Vec<f32>>,
}

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
    embedding: Arc<QTensor>,
    pub(super) blocks: Vec<Block>,
    pub(super) norm: Vec<f32>,
    pub(super) output: Linear,
    /// Divisors of the rotary frequencies (Llama 3.1 and later), one for each pair.
    pub(super) rope_factors: Option<Vec<f32>>,
}

impl Weights {
    pub(super) fn load(header: &Header<'_>, bytes: &ModelBytes, config: &Config) -> Result<Self, LoadError> {
        let from = Source { header, bytes: (**bytes).as_ref() };
        let embedding = Arc::new(from.quantised("token_embd.weight", &[config.vocabulary, config.hidden])?);
        let output = match header.tensor("output.weight") {
            Some(_) => from.linear("output", config.hidden, config.vocabulary, false)?,
            None => Linear::new(Arc::clone(&embedding), None)?,
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

    /// The states of tokens before the first block: [tokens, hidden].
    pub(super) fn embed(&self, tokens: &[u32]) -> candle_core::Result<Vec<f32>> {
        let ids = Tensor::from_slice(tokens, tokens.len(), &Device::Cpu)?;
        self.embedding.embedding(&ids)?.flatten_all()?.to_vec1()
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

impl Linear {
    fn new(weight: Arc<QTensor>, bias: Option<Vec<f32>>) -> Result<Self, LoadError> {
        let (outputs, inputs) = weight.shape().dims2()?;
        Ok(Self { product: QMatMul::from_arc(weight)?, inputs, outputs, bias })
    }

    /// `x` is [rows, inputs]; the result [rows, outputs].
    pub(super) fn forward(&self, x: &[f32]) -> candle_core::Result<Vec<f32>> {
        let x = Tensor::from_slice(x, (x.len() / self.inputs, self.inputs), &Device::Cpu)?;
        let mut y = self.product.forward(&x)?.flatten_all()?.to_vec1()?;
        if let Some(bias) = &self.bias {
            for row in y.chunks_exact_mut(self.outputs) {
                row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
            }
        }
        Ok(y)
    }
}

/// Where tensors come from.
struct Source<'a> {
    header: &'a Header<'a>,
    bytes: &'a [u8],
}

impl Source<'_> {
    fn linear(&self, name: &str, inputs: usize, outputs: usize, biased: bool) -> Result<Linear, LoadError> {
        let weight = self.quantised(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = if biased { Some(self.vector(&format!("{name}.bias"), outputs)?) } else { None };
        Linear::new(Arc::new(weight), bias)
    }

    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, LoadError> {
        Ok(self.quantised(name, &[len])?.dequantize(&Device::Cpu)?.to_vec1()?)
    }

    fn quantised(&self, name: &str, shape: &[usize]) -> Result<QTensor, LoadError> {
        let info = self.header.tensor(name).ok_or_else(|| LoadError::MissingTensor { name: name.to_owned() })?;
        if info.dims() != shape {
            let (found, expected) = (info.dims().to_vec(), shape.to_vec());
            return Err(LoadError::TensorShape { name: name.to_owned(), found, expected });
        }
        let dtype = dtype(info)
            .ok_or_else(|| LoadError::TensorType { name: name.to_owned(), kind: format!("{:?}", info.kind()) })?;
        let bytes = self.bytes.get(info.range().clone()).unwrap_or_default();
        // candle casts the bytes to blocks in place and insists on their alignment, which a buffer in memory (unlike
        // a mapped file) need not have: an allocation of its own has.
        let bytes = if bytes.as_ptr().align_offset(BLOCK_ALIGNMENT) == 0 {
            Cow::Borrowed(bytes)
        } else {
            Cow::Owned(bytes.to_vec())
        };
        Ok(QTensor::new(QStorage::from_data(bytes, &Device::Cpu, dtype)?, shape)?)
    }
}

/// The strictest alignment among candle's block types.
const BLOCK_ALIGNMENT: usize = 4;

const fn dtype(info: &TensorInfo) -> Option<GgmlDType> {
    Some(match info.kind() {
        TensorType::F32 => GgmlDType::F32,
        TensorType::F16 => GgmlDType::F16,
        TensorType::BF16 => GgmlDType::BF16,
        TensorType::Q4_0 => GgmlDType::Q4_0,
        TensorType::Q4_1 => GgmlDType::Q4_1,
        TensorType::Q5_0 => GgmlDType::Q5_0,
        TensorType::Q5_1 => GgmlDType::Q5_1,
        TensorType::Q8_0 => GgmlDType::Q8_0,
        TensorType::Q2_K => GgmlDType::Q2K,
        TensorType::Q3_K => GgmlDType::Q3K,
        TensorType::Q4_K => GgmlDType::Q4K,
        TensorType::Q5_K => GgmlDType::Q5K,
        TensorType::Q6_K => GgmlDType::Q6K,
        // Types of intermediate results, never of weights.
        TensorType::Q8_1 | TensorType::Q8_K => return None,
    })
}
