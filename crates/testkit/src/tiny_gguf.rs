//! Language models small enough for a unit test: random weights, a real file.
//!
//! [`TinyModel::gguf`] writes a complete GGUF file (tokenizer, chat template and all) of about a megabyte that a
//! decoder loads in milliseconds. What it answers is noise, but the same noise every time, which is all that tests of
//! loading, caching, constraining and cutting need. [`GgufWriter`] writes any other GGUF file, broken ones included.

/// Numbers of ggml's tensor types.
pub mod tensor_type {
    #![allow(missing_docs, reason = "ggml's own names")]
    pub const F32: u32 = 0;
    pub const Q8_0: u32 = 8;
    pub const Q4_K: u32 = 12;
    pub const Q6_K: u32 = 14;
}

/// The shape of a random model.
#[derive(Debug, Clone)]
pub struct TinyModel {
    /// `qwen2` or `llama`; anything else is written as it stands.
    pub architecture: &'static str,
    /// Transformer blocks.
    pub layers: usize,
    /// Longest sequence in tokens.
    pub context: usize,
    /// Weights as a Q4_K_M file has them (Q4_K, some Q6_K), or all F32.
    pub quantised: bool,
    /// Another seed, other weights.
    pub seed: u64,
}

impl Default for TinyModel {
    fn default() -> Self {
        Self { architecture: "qwen2", layers: 2, context: 2048, quantised: true, seed: 1 }
    }
}

const HIDDEN: usize = 256;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const HEAD_DIM: usize = HIDDEN / HEADS;
const FEED_FORWARD: usize = 512;

/// What follows the 256 bytes in the vocabulary, each the merge of two earlier tokens, in order of rank.
const MERGES: &[(&str, &str)] = &[
    ("t", "h"),
    ("th", "e"),
    ("i", "n"),
    ("e", "r"),
    ("Ġ", "t"),
    ("Ġ", "the"),
    ("Ġ", "a"),
    ("o", "n"),
    ("in", "g"),
    ("{", "\""),
    ("\"", ":"),
    ("\"", ","),
    (":", "["),
    ("\":", "["),
    ("]", "}"),
    ("\"", "]"),
    (",", "\""),
    ("Ġ", "Ġ"),
    ("Ċ", "Ċ"),
    ("m", "g"),
    ("Ġ", "mg"),
];

const CONTROL: &[&str] = &["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

/// ChatML, as Qwen's models use it.
const CHAT_TEMPLATE: &str = "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}\
                             <|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

impl TinyModel {
    /// The model file.
    #[must_use]
    pub fn gguf(&self) -> Vec<u8> {
        let mut w = GgufWriter::new();
        let a = self.architecture;
        w.meta_str("general.architecture", a);
        w.meta_str("general.name", "tiny");
        w.meta_u32(&format!("{a}.block_count"), self.layers as u32);
        w.meta_u32(&format!("{a}.context_length"), self.context as u32);
        w.meta_u32(&format!("{a}.embedding_length"), HIDDEN as u32);
        w.meta_u32(&format!("{a}.feed_forward_length"), FEED_FORWARD as u32);
        w.meta_u32(&format!("{a}.attention.head_count"), HEADS as u32);
        w.meta_u32(&format!("{a}.attention.head_count_kv"), KV_HEADS as u32);
        w.meta_f32(&format!("{a}.attention.layer_norm_rms_epsilon"), 1e-6);
        w.meta_f32(&format!("{a}.rope.freq_base"), 1_000_000.0);
        let vocabulary = self.write_tokenizer(&mut w);
        self.write_tensors(&mut w, vocabulary);
        w.finish()
    }

    fn write_tokenizer(&self, w: &mut GgufWriter) -> usize {
        let mut tokens: Vec<String> = (0..=255).map(|b| byte_symbol(b).to_string()).collect();
        tokens.extend(MERGES.iter().map(|(left, right)| format!("{left}{right}")));
        let mut types = vec![1i32; tokens.len()];
        tokens.extend(CONTROL.iter().map(|s| (*s).to_owned()));
        types.resize(tokens.len(), 3);
        let end_of_turn = tokens.len() as u32 - 1;
        let merges: Vec<String> = MERGES.iter().map(|(left, right)| format!("{left} {right}")).collect();
        w.meta_str("tokenizer.ggml.model", "gpt2");
        w.meta_str("tokenizer.ggml.pre", "qwen2");
        w.meta_strs("tokenizer.ggml.tokens", &tokens);
        w.meta_i32s("tokenizer.ggml.token_type", &types);
        w.meta_strs("tokenizer.ggml.merges", &merges);
        w.meta_u32("tokenizer.ggml.eos_token_id", end_of_turn);
        w.meta_str("tokenizer.chat_template", CHAT_TEMPLATE);
        tokens.len()
    }

    fn write_tensors(&self, w: &mut GgufWriter, vocabulary: usize) {
        use tensor_type::{F32, Q4_K, Q6_K};
        let mut random = Random(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let (most, finer) = if self.quantised { (Q4_K, Q6_K) } else { (F32, F32) };
        let kv = KV_HEADS * HEAD_DIM;
        let mut matrix = |w: &mut GgufWriter, name: &str, rows: usize, columns: usize, kind: u32| {
            w.tensor(name, &[rows, columns], kind, &random.weights(rows * columns, kind));
        };
        matrix(w, "token_embd.weight", vocabulary, HIDDEN, finer);
        for layer in 0..self.layers {
            let name = |part: &str| format!("blk.{layer}.{part}");
            matrix(w, &name("attn_q.weight"), HIDDEN, HIDDEN, most);
            matrix(w, &name("attn_k.weight"), kv, HIDDEN, most);
            matrix(w, &name("attn_v.weight"), kv, HIDDEN, finer);
            matrix(w, &name("attn_output.weight"), HIDDEN, HIDDEN, most);
            matrix(w, &name("ffn_gate.weight"), FEED_FORWARD, HIDDEN, most);
            matrix(w, &name("ffn_up.weight"), FEED_FORWARD, HIDDEN, most);
            matrix(w, &name("ffn_down.weight"), HIDDEN, FEED_FORWARD, finer);
        }
        let mut vector = |w: &mut GgufWriter, name: &str, len: usize, mean: f32| {
            let values: Vec<u8> = (0..len).flat_map(|_| (mean + 0.2 * random.unit()).to_le_bytes()).collect();
            w.tensor(name, &[len], F32, &values);
        };
        for layer in 0..self.layers {
            let name = |part: &str| format!("blk.{layer}.{part}");
            vector(w, &name("attn_norm.weight"), HIDDEN, 1.0);
            vector(w, &name("ffn_norm.weight"), HIDDEN, 1.0);
            if self.architecture == "qwen2" {
                vector(w, &name("attn_q.bias"), HIDDEN, 0.0);
                vector(w, &name("attn_k.bias"), kv, 0.0);
                vector(w, &name("attn_v.bias"), kv, 0.0);
            }
        }
        vector(w, "output_norm.weight", HIDDEN, 1.0);
    }
}

/// Writes GGUF version 3 (or what a test makes of it) into memory.
#[derive(Debug, Clone)]
pub struct GgufWriter {
    /// Written after the magic.
    pub version: u32,
    /// Boundary of the tensors' data; written as metadata when it is not the format's 32.
    pub alignment: usize,
    metadata: Vec<u8>,
    metadata_count: u64,
    tensors: Vec<u8>,
    tensor_count: u64,
    data: Vec<u8>,
}

impl Default for GgufWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl GgufWriter {
    /// An empty file of version 3.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            version: 3,
            alignment: 32,
            metadata: vec![],
            metadata_count: 0,
            tensors: vec![],
            tensor_count: 0,
            data: vec![],
        }
    }

    /// A metadata value by its type number and bytes.
    pub fn meta(&mut self, key: &str, kind: u32, value: &[u8]) {
        put_str(&mut self.metadata, key);
        self.metadata.extend(kind.to_le_bytes());
        self.metadata.extend(value);
        self.metadata_count += 1;
    }

    /// A `u32`.
    pub fn meta_u32(&mut self, key: &str, value: u32) {
        self.meta(key, 4, &value.to_le_bytes());
    }

    /// An `f32`.
    pub fn meta_f32(&mut self, key: &str, value: f32) {
        self.meta(key, 6, &value.to_le_bytes());
    }

    /// A string.
    pub fn meta_str(&mut self, key: &str, value: &str) {
        let mut bytes = vec![];
        put_str(&mut bytes, value);
        self.meta(key, 8, &bytes);
    }

    /// An array of strings.
    pub fn meta_strs(&mut self, key: &str, values: &[String]) {
        let mut bytes = vec![];
        bytes.extend(8u32.to_le_bytes());
        bytes.extend((values.len() as u64).to_le_bytes());
        for value in values {
            put_str(&mut bytes, value);
        }
        self.meta(key, 9, &bytes);
    }

    /// An array of `i32`.
    pub fn meta_i32s(&mut self, key: &str, values: &[i32]) {
        let mut bytes = vec![];
        bytes.extend(5u32.to_le_bytes());
        bytes.extend((values.len() as u64).to_le_bytes());
        bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        self.meta(key, 9, &bytes);
    }

    /// A tensor, its fastest-varying dimension last, with its data placed after those before it.
    pub fn tensor(&mut self, name: &str, dims: &[usize], kind: u32, data: &[u8]) {
        self.data.resize(self.data.len().next_multiple_of(self.alignment.max(1)), 0);
        let sizes: Vec<u64> = dims.iter().rev().map(|&d| d as u64).collect();
        self.describe(name, &sizes, kind, self.data.len() as u64);
        self.data.extend(data);
    }

    /// A tensor's description alone: sizes in the file's order (fastest first), and any offset.
    pub fn describe(&mut self, name: &str, sizes: &[u64], kind: u32, offset: u64) {
        put_str(&mut self.tensors, name);
        self.tensors.extend((sizes.len() as u32).to_le_bytes());
        self.tensors.extend(sizes.iter().flat_map(|d| d.to_le_bytes()));
        self.tensors.extend(kind.to_le_bytes());
        self.tensors.extend(offset.to_le_bytes());
        self.tensor_count += 1;
    }

    /// The file.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.alignment != 32 {
            self.meta_u32("general.alignment", self.alignment as u32);
        }
        let mut file = b"GGUF".to_vec();
        file.extend(self.version.to_le_bytes());
        file.extend(self.tensor_count.to_le_bytes());
        file.extend(self.metadata_count.to_le_bytes());
        file.extend(self.metadata);
        file.extend(self.tensors);
        file.resize(file.len().next_multiple_of(self.alignment.max(1)), 0);
        file.extend(self.data);
        file
    }
}

fn put_str(to: &mut Vec<u8>, text: &str) {
    to.extend((text.len() as u64).to_le_bytes());
    to.extend(text.as_bytes());
}

/// The character that stands for a byte in GPT-2 vocabularies: itself where it prints, else 256 and up in order.
fn byte_symbol(byte: u8) -> char {
    let prints = |b: u8| matches!(b, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if prints(byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|&b| !prints(b)).count() as u32;
    char::from_u32(256 + before).unwrap_or('?')
}

/// xorshift64*: small, seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Even over -1 to 1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| (self.next() >> 56) as u8).collect()
    }

    /// Weights of about ±0.1 in the given type's layout.
    fn weights(&mut self, count: usize, kind: u32) -> Vec<u8> {
        match kind {
            tensor_type::Q4_K => (0..count / 256).flat_map(|_| self.q4_k_block()).collect(),
            tensor_type::Q6_K => (0..count / 256).flat_map(|_| self.q6_k_block()).collect(),
            tensor_type::Q8_0 => (0..count / 32).flat_map(|_| self.q8_0_block()).collect(),
            _ => (0..count).flat_map(|_| (0.1 * self.unit()).to_le_bytes()).collect(),
        }
    }

    /// d, dmin (f16), 12 bytes of 6-bit scales and mins, 128 bytes of nibbles. Scales up to 63 and nibbles up to 15:
    /// with dmin about 7.5 d the weights spread around zero.
    fn q4_k_block(&mut self) -> Vec<u8> {
        let mut block = vec![];
        let d = 2.4e-4 * (1.0 + 0.2 * self.unit());
        block.extend(f16_bits(d).to_le_bytes());
        block.extend(f16_bits(7.5 * d).to_le_bytes());
        block.extend(self.bytes(12 + 128));
        block
    }

    /// 128 bytes of low nibbles, 64 of upper pairs of bits, 16 signed scales, d (f16).
    fn q6_k_block(&mut self) -> Vec<u8> {
        let mut block = self.bytes(128 + 64);
        block.extend((0..16).map(|_| (32 + self.next() % 64) as u8));
        block.extend(f16_bits(6e-5 * (1.0 + 0.2 * self.unit())).to_le_bytes());
        block
    }

    /// d (f16), 32 signed bytes.
    fn q8_0_block(&mut self) -> Vec<u8> {
        let mut block = f16_bits(8e-4).to_le_bytes().to_vec();
        block.extend(self.bytes(32));
        block
    }
}

/// IEEE half precision, truncated, subnormals included; for the small positive numbers above.
fn f16_bits(x: f32) -> u16 {
    let bits = x.to_bits();
    let exponent = ((bits >> 23) & 0xff) as i32 - 127 + 15;
    let mantissa = (bits & 0x7f_ffff) | 0x80_0000;
    if exponent >= 1 {
        ((exponent as u32) << 10 | (mantissa >> 13 & 0x3ff)) as u16
    } else {
        (mantissa >> (14 - exponent).min(31)) as u16
    }
}
