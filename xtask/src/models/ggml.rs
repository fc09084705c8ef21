//! whisper.cpp's model file.
//!
//! Layout, little-endian `i32` unless said otherwise: magic, eleven hyper-parameters, the mel filters (rows, columns,
//! `f32` values), the token count and per token its length and bytes, then tensors to the end of the file: rank, name
//! length, element type, dimensions innermost first, name, values.

use anyhow::{Context, Result};
use half::f16;

use super::npz::Matrix;
use super::q8_0;

const MAGIC: i32 = 0x6767_6d6c;
/// Position of the weights' type among the hyper-parameters.
const FTYPE: usize = 10;
const FTYPE_Q8_0: i32 = 7;
/// ggml marks quantised files with the version of its formats in the thousands of the weights' type.
const QUANTISATION_VERSION: i32 = 2;
const QUANTISATION_VERSION_FACTOR: i32 = 1000;

pub(super) struct WhisperFile {
    /// n_vocab, n_audio_ctx, n_audio_state, n_audio_head, n_audio_layer, n_text_ctx, n_text_state, n_text_head,
    /// n_text_layer, n_mels, ftype.
    pub(super) hyper_parameters: [i32; 11],
    pub(super) mel_filters: Matrix,
    pub(super) tokens: Vec<Vec<u8>>,
    pub(super) tensors: Vec<Tensor>,
}

pub(super) struct Tensor {
    pub(super) name: String,
    /// Dimensions, outermost first.
    pub(super) shape: Vec<usize>,
    pub(super) values: Values,
}

#[derive(Debug, PartialEq)]
pub(super) enum Values {
    F32(Vec<f32>),
    F16(Vec<f16>),
    /// Blocks of 34 bytes.
    Q8_0(Vec<u8>),
}

impl WhisperFile {
    /// Quantise every matrix of 16-bit floats, which is what whisper.cpp quantises: embeddings of positions and biases
    /// of convolutions have two dimensions too, but are kept in 32 bits; convolutions themselves have three.
    pub(super) fn quantise_q8_0(&mut self) -> Result<()> {
        self.hyper_parameters[FTYPE] = QUANTISATION_VERSION * QUANTISATION_VERSION_FACTOR + FTYPE_Q8_0;
        for tensor in &mut self.tensors {
            if let (Values::F16(values), 2) = (&tensor.values, tensor.shape.len()) {
                tensor.values = Values::Q8_0(q8_0::quantise(values).with_context(|| tensor.name.clone())?);
            }
        }
        Ok(())
    }

    /// The file's bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, MAGIC);
        self.hyper_parameters.iter().for_each(|&n| put(&mut out, n));
        put_count(&mut out, self.mel_filters.rows);
        put_count(&mut out, self.mel_filters.columns);
        self.mel_filters.values.iter().for_each(|v| out.extend(v.to_le_bytes()));
        put_count(&mut out, self.tokens.len());
        for token in &self.tokens {
            put_count(&mut out, token.len());
            out.extend(token);
        }
        self.tensors.iter().for_each(|tensor| tensor.put(&mut out));
        out
    }
}

impl Tensor {
    fn put(&self, out: &mut Vec<u8>) {
        put_count(out, self.shape.len());
        put_count(out, self.name.len());
        put(out, self.values.type_number());
        self.shape.iter().rev().for_each(|&d| put_count(out, d));
        out.extend(self.name.as_bytes());
        match &self.values {
            Values::F32(values) => values.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Values::F16(values) => values.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Values::Q8_0(blocks) => out.extend(blocks),
        }
    }
}

impl Values {
    /// ggml's number for the element type.
    fn type_number(&self) -> i32 {
        match self {
            Self::F32(_) => 0,
            Self::F16(_) => 1,
            Self::Q8_0(_) => 8,
        }
    }
}

fn put(out: &mut Vec<u8>, n: i32) {
    out.extend(n.to_le_bytes());
}

/// Counts in these files stay far below 2^31: the largest is a token count.
fn put_count(out: &mut Vec<u8>, n: usize) {
    out.extend((n as u32).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(name: &str, shape: &[usize], values: Values) -> Tensor {
        Tensor { name: name.into(), shape: shape.into(), values }
    }

    fn file() -> WhisperFile {
        WhisperFile {
            hyper_parameters: [1; 11],
            mel_filters: Matrix { rows: 1, columns: 2, values: vec![0.0, 1.0] },
            tokens: vec![b"a".to_vec()],
            tensors: vec![
                tensor("m", &[2, 32], Values::F16(vec![f16::ONE; 64])),
                tensor("conv", &[1, 2, 32], Values::F16(vec![f16::ONE; 64])),
                tensor("position", &[1, 32], Values::F32(vec![1.0; 32])),
            ],
        }
    }

    #[test]
    fn the_layout_is_that_of_whisper_cpp() {
        let mut small = file();
        small.tensors = vec![tensor("ab", &[1, 2], Values::F16(vec![f16::ONE, f16::ZERO]))];
        let mut expected = b"lmgg".to_vec();
        expected.extend([1, 0, 0, 0].repeat(11));
        expected.extend([1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f]);
        expected.extend([1, 0, 0, 0, 1, 0, 0, 0, b'a']);
        expected.extend([2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, b'a', b'b', 0, 0x3c, 0, 0]);
        assert_eq!(small.to_bytes(), expected);
    }

    #[test]
    fn only_matrices_of_weights_are_quantised() {
        let mut file = file();
        file.quantise_q8_0().unwrap();
        let numbers: Vec<i32> = file.tensors.iter().map(|t| t.values.type_number()).collect();
        assert_eq!(numbers, [8, 1, 0]);
        assert_eq!(file.hyper_parameters[FTYPE], 2007);
        let Values::Q8_0(blocks) = &file.tensors[0].values else { panic!("not quantised") };
        assert_eq!(blocks.len(), 2 * 34);
    }
}
