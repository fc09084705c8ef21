//! Whisper model files in ggml form (whisper.cpp's), checked whole before anything is made of them: every field against
//! the fixed shapes of the Whisper family (Radford et al., 2022, table 1), every tensor against the length of the file.
//! Weights may be coded as F32, F16, Q4_0, Q4_1, Q5_0, Q5_1 or Q8_0, as Whisper models are published.
//!
//! Layout, little-endian: magic `lmgg`; eleven i32 (vocabulary, audio context, audio state, audio heads, audio
//! layers, text context, text state, text heads, text layers, mel bands, file type); the mel filter bank (two i32,
//! then f32 values); the vocabulary (i32 count; each u32 length and bytes); tensors until the end (i32 dimensions,
//! i32 name length, i32 type; i32 per dimension, innermost first; name; data).

use std::collections::HashMap;

/// Why a file is not a usable Whisper model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// Another kind of file.
    #[error("it does not begin like one")]
    Magic,
    /// It ends in the middle of something.
    #[error("it is cut short in its {0}")]
    CutShort(&'static str),
    /// A header field that no Whisper model has.
    #[error("its header gives {value} for the {field}")]
    Header {
        /// The field's name.
        field: &'static str,
        /// What stands there.
        value: i64,
    },
    /// A vocabulary that does not fit the header.
    #[error("its vocabulary has {0} entries")]
    Vocabulary(i64),
    /// A vocabulary entry of impossible length.
    #[error("its vocabulary is damaged at entry {0}")]
    VocabularyEntry(usize),
    /// Header and vocabulary are there, weights are not.
    #[error("it has no weights")]
    NoWeights,
    /// A tensor with an unknown name, a second time, or of the wrong shape or type.
    #[error("its weight number {0} is damaged or does not belong to a Whisper model")]
    Tensor(usize),
    /// Fewer tensors than the layers in the header need.
    #[error("it has {found} of {needed} weights")]
    MissingTensors {
        /// Tensors in the file.
        found: usize,
        /// Tensors the header's layers need.
        needed: usize,
    },
}

/// The sizes of a Whisper model that passed the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelShape {
    /// Whether it knows languages other than English.
    pub multilingual: bool,
    /// Width of the transformer: 384 (tiny), 512 (base), 768 (small), 1024 (medium), 1280 (large).
    pub state: usize,
    /// Encoder layers.
    pub audio_layers: usize,
    /// Decoder layers.
    pub text_layers: usize,
}

const AUDIO_CONTEXT: usize = 1500;
const TEXT_CONTEXT: usize = 448;
const FFT_BINS: usize = 201;
/// Words of the byte-pair vocabulary without special tokens: 50,257 entries, of which English-only files omit one.
const WORDS: std::ops::RangeInclusive<i64> = 50_256..=50_258;
const LONGEST_WORD: u32 = 512;

/// Checks a whole model file.
///
/// # Errors
/// The first fault found, by name.
pub fn check_model(bytes: &[u8]) -> Result<ModelShape, ModelFault> {
    read_model(bytes).map(|file| file.shape)
}

/// A model file, taken apart.
pub(crate) struct ModelFile<'a> {
    pub(crate) shape: ModelShape,
    /// Mel bands.
    pub(crate) mels: usize,
    /// Tokens, special ones included.
    pub(crate) vocabulary: usize,
    /// [mel band][frequency], little-endian f32.
    pub(crate) filters: &'a [u8],
    /// What the text tokens write.
    pub(crate) words: Vec<&'a [u8]>,
    tensors: HashMap<String, (Tensor, &'a [u8])>,
}

impl<'a> ModelFile<'a> {
    /// A tensor's coding and bytes. Every tensor that the shape calls for is there.
    pub(crate) fn tensor(&self, name: &str) -> Option<(Coding, &'a [u8])> {
        self.tensors.get(name).map(|(tensor, bytes)| (tensor.coding, *bytes))
    }
}

/// Checks a whole model file and takes it apart.
///
/// # Errors
/// The first fault found, by name.
pub(crate) fn read_model(bytes: &[u8]) -> Result<ModelFile<'_>, ModelFault> {
    let mut r = Reader { rest: bytes };
    if r.take(4, "magic number") != Ok(b"lmgg") {
        return Err(ModelFault::Magic);
    }
    let hyper = Hyperparameters::read(&mut r)?;
    let (mels, bins) = (r.i32("mel filters")?, r.i32("mel filters")?);
    if i64::from(mels) != hyper.mels as i64 || bins != FFT_BINS as i32 {
        return Err(ModelFault::Header { field: "mel filters", value: i64::from(mels) });
    }
    let filters = r.take(hyper.mels * FFT_BINS * 4, "mel filters")?;

    let count = i64::from(r.i32("vocabulary")?);
    if !WORDS.contains(&count) {
        return Err(ModelFault::Vocabulary(count));
    }
    let mut words = Vec::new();
    for entry in 0..usize::try_from(count).unwrap_or(0) {
        let length = r.u32("vocabulary")?;
        if length > LONGEST_WORD {
            return Err(ModelFault::VocabularyEntry(entry));
        }
        words.push(r.take(length as usize, "vocabulary")?);
    }
    let tensors = read_tensors(&mut r, &hyper)?;
    let shape = ModelShape {
        multilingual: hyper.vocabulary >= 51_865,
        state: hyper.state,
        audio_layers: hyper.audio_layers,
        text_layers: hyper.text_layers,
    };
    Ok(ModelFile { shape, mels: hyper.mels, vocabulary: hyper.vocabulary, filters, words, tensors })
}

fn read_tensors<'a>(
    r: &mut Reader<'a>,
    hyper: &Hyperparameters,
) -> Result<HashMap<String, (Tensor, &'a [u8])>, ModelFault> {
    if r.rest.is_empty() {
        return Err(ModelFault::NoWeights);
    }
    let mut expected = hyper.tensors();
    let mut found = HashMap::new();
    let needed = expected.len();
    while !r.rest.is_empty() {
        let fault = ModelFault::Tensor(found.len() + 1);
        let (dims, name_len, kind) = (r.i32("weights")?, r.i32("weights")?, r.i32("weights")?);
        if !(1..=3).contains(&dims) || !(1..=128).contains(&name_len) {
            return Err(fault);
        }
        let mut shape = [1usize; 3];
        for d in shape.iter_mut().take(dims as usize) {
            *d = usize::try_from(r.i32("weights")?).map_err(|_| fault.clone())?;
        }
        let name = r.take(name_len as usize, "weights")?;
        let known = std::str::from_utf8(name).ok().and_then(|n| expected.remove_entry(n));
        let (name, tensor) = known.ok_or_else(|| fault.clone())?;
        if tensor.shape != shape || tensor.coding.id != kind || !shape[0].is_multiple_of(tensor.coding.block) {
            return Err(fault);
        }
        // The shape equals an expected one, so this product is small.
        let size = shape.iter().product::<usize>() / tensor.coding.block * tensor.coding.bytes;
        found.insert(name, (tensor, r.take(size, "weights")?));
    }
    if expected.is_empty() {
        Ok(found)
    } else {
        Err(ModelFault::MissingTensors { found: needed - expected.len(), needed })
    }
}

/// How ggml stores numbers: `bytes` for each `block` of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coding {
    /// ggml's number of the type.
    pub(crate) id: i32,
    block: usize,
    bytes: usize,
}

const F32: Coding = Coding { id: 0, block: 1, bytes: 4 };
const F16: Coding = Coding { id: 1, block: 1, bytes: 2 };

/// The coding of the large matrices for a file type (`ggml_ftype`): those in which Whisper models are published.
const fn coding_of(file_type: i32) -> Option<Coding> {
    let (id, block, bytes) = match file_type {
        0 => return Some(F32),
        1 => return Some(F16),
        2 => (2, 32, 18),
        3 => (3, 32, 20),
        7 => (8, 32, 34),
        8 => (6, 32, 22),
        9 => (7, 32, 24),
        _ => return None,
    };
    Some(Coding { id, block, bytes })
}

struct Hyperparameters {
    vocabulary: usize,
    state: usize,
    audio_layers: usize,
    text_layers: usize,
    mels: usize,
    matrices: Coding,
}

struct Tensor {
    shape: [usize; 3],
    coding: Coding,
}

impl Hyperparameters {
    fn read(r: &mut Reader<'_>) -> Result<Self, ModelFault> {
        let mut field = |name: &'static str, valid: &dyn Fn(i32) -> bool| {
            let value = r.i32("header")?;
            if valid(value) { Ok(value as usize) } else { Err(ModelFault::Header { field: name, value: value.into() }) }
        };
        let width = |v: i32| (64..=1280).contains(&v) && v % 64 == 0;
        let layers = |v: i32| (1..=32).contains(&v);
        let vocabulary = field("vocabulary", &|v| (51_864..=51_866).contains(&v))?;
        field("audio context", &|v| v == AUDIO_CONTEXT as i32)?;
        let state = field("audio state", &width)?;
        field("audio heads", &|v| v as usize * 64 == state)?;
        let audio_layers = field("audio layers", &layers)?;
        field("text context", &|v| v == TEXT_CONTEXT as i32)?;
        field("text state", &|v| v as usize == state)?;
        field("text heads", &|v| v as usize * 64 == state)?;
        let text_layers = field("text layers", &layers)?;
        let mels = field("mel bands", &|v| v == 80 || v == 128)?;
        // Thousands carry the version of the quantised layouts; 2 is the only one in use.
        let known = |v: i32| coding_of(v % 1000).is_some() && (v < 1000 || v / 1000 == 2);
        let file_type = field("file type", &known)? as i32;
        let Some(matrices) = coding_of(file_type % 1000) else {
            return Err(ModelFault::Header { field: "file type", value: file_type.into() });
        };
        Ok(Self { vocabulary, state, audio_layers, text_layers, mels, matrices })
    }

    /// Every tensor of the model, with its shape (innermost first) and coding.
    fn tensors(&self) -> HashMap<String, Tensor> {
        let (n, big) = (self.state, self.matrices);
        let filters = if big == F32 { F32 } else { F16 };
        let mut all = HashMap::new();
        let mut add = |name: String, shape: [usize; 3], coding| {
            all.insert(name, Tensor { shape, coding });
        };
        add("encoder.positional_embedding".into(), [n, AUDIO_CONTEXT, 1], F32);
        add("encoder.conv1.weight".into(), [3, self.mels, n], filters);
        add("encoder.conv1.bias".into(), [1, n, 1], F32);
        add("encoder.conv2.weight".into(), [3, n, n], filters);
        add("encoder.conv2.bias".into(), [1, n, 1], F32);
        add("decoder.positional_embedding".into(), [n, TEXT_CONTEXT, 1], F32);
        add("decoder.token_embedding.weight".into(), [n, self.vocabulary, 1], big);
        for norm in ["encoder.ln_post", "decoder.ln"] {
            add(format!("{norm}.weight"), [n, 1, 1], F32);
            add(format!("{norm}.bias"), [n, 1, 1], F32);
        }
        let encoder = (0..self.audio_layers).map(|i| (format!("encoder.blocks.{i}"), &["attn"][..]));
        let decoder = (0..self.text_layers).map(|i| (format!("decoder.blocks.{i}"), &["attn", "cross_attn"][..]));
        for (block, attentions) in encoder.chain(decoder) {
            for attention in attentions {
                add(format!("{block}.{attention}_ln.weight"), [n, 1, 1], F32);
                add(format!("{block}.{attention}_ln.bias"), [n, 1, 1], F32);
                for part in ["query", "key", "value", "out"] {
                    add(format!("{block}.{attention}.{part}.weight"), [n, n, 1], big);
                    if part != "key" {
                        add(format!("{block}.{attention}.{part}.bias"), [n, 1, 1], F32);
                    }
                }
            }
            add(format!("{block}.mlp_ln.weight"), [n, 1, 1], F32);
            add(format!("{block}.mlp_ln.bias"), [n, 1, 1], F32);
            add(format!("{block}.mlp.0.weight"), [n, 4 * n, 1], big);
            add(format!("{block}.mlp.0.bias"), [4 * n, 1, 1], F32);
            add(format!("{block}.mlp.2.weight"), [4 * n, n, 1], big);
            add(format!("{block}.mlp.2.bias"), [n, 1, 1], F32);
        }
        all
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize, part: &'static str) -> Result<&'a [u8], ModelFault> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or(ModelFault::CutShort(part))?;
        self.rest = rest;
        Ok(taken)
    }

    fn u32(&mut self, part: &'static str) -> Result<u32, ModelFault> {
        let b = self.take(4, part)?;
        Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn i32(&mut self, part: &'static str) -> Result<i32, ModelFault> {
        self.u32(part).map(u32::cast_signed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// A tiny but complete model file: 64 wide, one layer each, all weights zero.
    fn small_model() -> Vec<u8> {
        let mut f = b"lmgg".to_vec();
        let i32s = |f: &mut Vec<u8>, vs: &[i32]| vs.iter().for_each(|v| f.extend(v.to_le_bytes()));
        i32s(&mut f, &[51_864, 1500, 64, 1, 1, 448, 64, 1, 1, 80, 2007]);
        i32s(&mut f, &[80, 201]);
        f.extend(vec![0u8; 80 * 201 * 4]);
        i32s(&mut f, &[50_257]);
        for i in 0..50_257u32 {
            let word = format!("w{i}");
            f.extend((word.len() as u32).to_le_bytes());
            f.extend(word.bytes());
        }
        let hyper = Hyperparameters {
            vocabulary: 51_864,
            state: 64,
            audio_layers: 1,
            text_layers: 1,
            mels: 80,
            matrices: coding_of(7).unwrap(),
        };
        for (name, t) in hyper.tensors() {
            let dims: Vec<i32> = t.shape.iter().map(|d| *d as i32).collect();
            i32s(&mut f, &[3, name.len() as i32, t.coding.id]);
            i32s(&mut f, &dims);
            f.extend(name.bytes());
            f.extend(vec![0u8; t.shape.iter().product::<usize>() / t.coding.block * t.coding.bytes]);
        }
        f
    }

    static SMALL: LazyLock<Vec<u8>> = LazyLock::new(small_model);

    #[test]
    fn a_complete_file_passes() {
        let shape = ModelShape { multilingual: false, state: 64, audio_layers: 1, text_layers: 1 };
        assert_eq!(check_model(&SMALL), Ok(shape));
    }

    #[test]
    fn a_file_without_weights_is_refused_by_name() {
        let start = 48 + 8 + 80 * 201 * 4;
        let vocabulary: usize = 4 + (0..50_257).map(|i: u32| 4 + format!("w{i}").len()).sum::<usize>();
        assert_eq!(check_model(&SMALL[..start + vocabulary]), Err(ModelFault::NoWeights));
        assert_eq!(check_model(b"GGUF and more"), Err(ModelFault::Magic));
        assert_eq!(check_model(b""), Err(ModelFault::Magic));
    }

    #[test]
    fn a_tensor_that_stands_twice_or_lacks_is_refused() {
        let mut twice = SMALL.clone();
        let tail = [&3i32.to_le_bytes()[..], &15i32.to_le_bytes(), &0i32.to_le_bytes()].concat();
        twice.extend(tail);
        for d in [64i32, 1, 1] {
            twice.extend(d.to_le_bytes());
        }
        twice.extend(b"decoder.ln.bias");
        twice.extend([0u8; 256]);
        assert!(matches!(check_model(&twice), Err(ModelFault::Tensor(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn every_cut_is_refused(cut in 0usize..1_000_000) {
            prop_assert!(check_model(&SMALL[..cut % SMALL.len()]).is_err());
        }

        /// A changed byte is refused, or it stood in a filter value, a word or a weight, where any byte is valid.
        #[test]
        fn a_changed_header_is_refused(at in 0usize..48, flip in 1u8..=255) {
            let mut file = SMALL.clone();
            file[at] ^= flip;
            prop_assert!(check_model(&file).is_err());
        }

        #[test]
        fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
            prop_assert!(check_model(&bytes).is_err());
            let mut with_magic = b"lmgg".to_vec();
            with_magic.extend(bytes);
            prop_assert!(check_model(&with_magic).is_err());
        }

        #[test]
        fn a_changed_byte_anywhere_never_panics(at in any::<prop::sample::Index>(), to in any::<u8>()) {
            let mut file = SMALL.clone();
            let at = at.index(file.len());
            file[at] = to;
            let _ = check_model(&file);
        }
    }
}
