//! A model's sizes, from its metadata.

use crate::LoadError;
use crate::gguf::Header;

/// The families whose forward pass is written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Qwen2 and Qwen2.5: biases on the attention inputs, rotated halves.
    Qwen2,
    /// Llama 2 and 3: no biases, rotated neighbours.
    Llama,
}

impl Architecture {
    fn named(name: &str) -> Result<Self, LoadError> {
        match name {
            "qwen2" => Ok(Self::Qwen2),
            "llama" => Ok(Self::Llama),
            _ => Err(LoadError::Architecture { name: name.to_owned() }),
        }
    }

    /// As `general.architecture` spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qwen2 => "qwen2",
            Self::Llama => "llama",
        }
    }
}

/// Sizes and constants of a decoder-only transformer.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Its family.
    pub architecture: Architecture,
    /// Transformer blocks.
    pub layers: usize,
    /// Length of a token's state.
    pub hidden: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; each serves `heads / kv_heads` query heads.
    pub kv_heads: usize,
    /// Length of one head.
    pub head_dim: usize,
    /// Length of the feed-forward state.
    pub feed_forward: usize,
    /// Longest sequence in tokens.
    pub context: usize,
    /// Tokens in the vocabulary.
    pub vocabulary: usize,
    /// Added to the mean square in RMS normalisation.
    pub norm_eps: f32,
    /// Base of the rotary frequencies.
    pub rope_base: f32,
}

/// Beyond these no real model goes; below them no product of sizes overflows.
const MAX_LAYERS: usize = 512;
const MAX_WIDTH: usize = 1 << 17;
const MAX_HEADS: usize = 1 << 10;
const MAX_CONTEXT: usize = 1 << 20;

impl Config {
    /// Reads and checks the sizes.
    ///
    /// # Errors
    /// When the family or one of its variants is not supported, or sizes are missing or contradict each other.
    pub fn from_gguf(header: &Header<'_>) -> Result<Self, LoadError> {
        let architecture = Architecture::named(header.str("general.architecture")?)?;
        let name = architecture.name();
        let key = |part: &str| format!("{name}.{part}");
        let size = |part: &str, most: usize, what: &'static str| -> Result<usize, LoadError> {
            let n = header.u32(&key(part))? as usize;
            if (1..=most).contains(&n) { Ok(n) } else { Err(LoadError::Config { what }) }
        };
        refuse_variants(header, &key)?;

        let heads = size("attention.head_count", MAX_HEADS, "number of heads")?;
        let kv_heads = match header.get(&key("attention.head_count_kv")) {
            Some(_) => size("attention.head_count_kv", MAX_HEADS, "number of key heads")?,
            None => heads,
        };
        let hidden = size("embedding_length", MAX_WIDTH, "embedding length")?;
        if hidden % heads != 0 || heads % kv_heads != 0 || !(hidden / heads).is_multiple_of(2) {
            return Err(LoadError::Config { what: "division into heads" });
        }
        let head_dim = hidden / heads;
        for part in ["rope.dimension_count", "attention.key_length", "attention.value_length"] {
            if header.get(&key(part)).is_some_and(|v| v.as_u32() != u32::try_from(head_dim).ok()) {
                return Err(LoadError::Config { what: "head length" });
            }
        }
        let vocabulary = header
            .tensor("token_embd.weight")
            .and_then(|t| t.dims().first().copied())
            .ok_or_else(|| LoadError::MissingTensor { name: "token_embd.weight".to_owned() })?;
        let norm_eps = header.f32(&key("attention.layer_norm_rms_epsilon"))?;
        let rope_base = header.get(&key("rope.freq_base")).map_or(Some(10_000.0), crate::gguf::Value::as_f32);
        let rope_base = rope_base.filter(|&base| base > 1.0).ok_or(LoadError::Config { what: "rotary base" })?;
        if !(0.0..1.0).contains(&norm_eps) {
            return Err(LoadError::Config { what: "normalisation constant" });
        }
        Ok(Self {
            architecture,
            layers: size("block_count", MAX_LAYERS, "number of blocks")?,
            hidden,
            heads,
            kv_heads,
            head_dim,
            feed_forward: size("feed_forward_length", MAX_WIDTH, "feed-forward length")?,
            context: size("context_length", MAX_CONTEXT, "context length")?,
            vocabulary,
            norm_eps,
            rope_base,
        })
    }
}

/// What would load and then compute nonsense.
fn refuse_variants(header: &Header<'_>, key: &dyn Fn(&str) -> String) -> Result<(), LoadError> {
    if let Some(scaling) = header.get(&key("rope.scaling.type")).and_then(crate::gguf::Value::as_str)
        && scaling != "none"
    {
        return Err(LoadError::Feature { feature: format!("rope scaling {scaling}") });
    }
    if header.get(&key("expert_count")).and_then(crate::gguf::Value::as_u32).is_some_and(|n| n > 0) {
        return Err(LoadError::Feature { feature: "a mixture of experts".to_owned() });
    }
    if header.get(&key("attention.sliding_window")).and_then(crate::gguf::Value::as_u32).is_some_and(|n| n > 0) {
        return Err(LoadError::Feature { feature: "sliding-window attention".to_owned() });
    }
    Ok(())
}
