//! Weights out of a checked model file, as the network computes with them.

use crate::model_file::{Coding, ModelFault, ModelFile};
use cloister_kernels::{CpuPath, Rounded, TiledMatrix, TiledProduct, layer_norm, multiply_tiled};
use half::f16;

/// Small number that keeps a norm from dividing by zero.
const EPS: f32 = 1e-5;

/// A file's weights, by name.
pub(super) struct Source<'a> {
    pub(super) file: &'a ModelFile<'a>,
    /// Width of the transformer.
    pub(super) width: usize,
}

impl Source<'_> {
    pub(super) fn vector(&self, name: &str) -> Result<Vec<f32>, ModelFault> {
        let (coding, bytes) = self.file.tensor(name).ok_or(ModelFault::NoWeights)?;
        let mut out = Vec::new();
        read(coding, bytes, &mut out);
        Ok(out)
    }

    pub(super) fn norm(&self, name: &str) -> Result<Norm, ModelFault> {
        Ok(Norm { weight: self.vector(&format!("{name}.weight"))?, bias: self.vector(&format!("{name}.bias"))? })
    }

    /// A layer from `inputs` values to `outputs`.
    pub(super) fn linear(&self, name: &str, outputs: usize, inputs: usize) -> Result<Linear, ModelFault> {
        let matrix = self.matrix(&format!("{name}.weight"), outputs, inputs)?;
        // Keys have no bias.
        let bias = self.vector(&format!("{name}.bias")).ok();
        Ok(Linear { matrix, bias })
    }

    pub(super) fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<TiledMatrix, ModelFault> {
        const Q8_0: i32 = 8;
        let (coding, bytes) = self.file.tensor(name).ok_or(ModelFault::NoWeights)?;
        let matrix = if coding.id == Q8_0 {
            TiledMatrix::from_q8_0(rows, columns, bytes)
        } else {
            let (row_bytes, mut values) = (bytes.len() / rows, Vec::new());
            TiledMatrix::from_rows(rows, columns, |row, out| {
                values.clear();
                read(coding, &bytes[row * row_bytes..(row + 1) * row_bytes], &mut values);
                out.copy_from_slice(&values);
            })
        };
        matrix.map_err(|_| ModelFault::NoWeights)
    }

    /// A convolution over three moments, as a matrix: a row for each output, columns [moment][channel], filled up with
    /// zeros to whole blocks.
    pub(super) fn convolution(&self, name: &str, channels: usize) -> Result<Linear, ModelFault> {
        let stored = self.vector(&format!("{name}.weight"))?;
        let matrix = TiledMatrix::from_rows(self.width, (3 * channels).next_multiple_of(32), |row, out| {
            let weights = &stored[row * channels * 3..][..channels * 3];
            for (i, out) in out.iter_mut().enumerate() {
                *out = if i < 3 * channels { weights[i % channels * 3 + i / channels] } else { 0.0 };
            }
        });
        Ok(Linear {
            matrix: matrix.map_err(|_| ModelFault::NoWeights)?,
            bias: Some(self.vector(&format!("{name}.bias"))?),
        })
    }
}

/// A layer's scale and shift.
pub(super) struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Norm {
    pub(super) fn apply(&self, path: CpuPath, x: &[f32], out: &mut Vec<f32>) {
        out.resize(x.len(), 0.0);
        layer_norm(path, x, &self.weight, &self.bias, EPS, out);
    }
}

/// A dense layer.
pub(super) struct Linear {
    pub(super) matrix: TiledMatrix,
    bias: Option<Vec<f32>>,
}

impl Linear {
    /// `out` = [rows of x, outputs].
    pub(super) fn apply(&self, path: CpuPath, x: &Rounded, out: &mut Vec<f32>) {
        out.resize(x.rows() * self.matrix.rows(), 0.0);
        if let Some(product) = self.product(x, out) {
            multiply_tiled(path, &mut [product]);
        }
    }

    pub(super) fn product<'a>(&'a self, x: &'a Rounded, out: &'a mut Vec<f32>) -> Option<TiledProduct<'a>> {
        out.resize(x.rows() * self.matrix.rows(), 0.0);
        TiledProduct::new(&self.matrix, x, self.bias.as_deref(), out)
    }
}

/// Appends numbers as ggml stores them (`ggml-quants.c`).
fn read(coding: Coding, bytes: &[u8], out: &mut Vec<f32>) {
    let half = |b: &[u8]| f16::from_le_bytes([b[0], b[1]]).to_f32();
    // Sixteen bytes hold 32 low nibbles: the first sixteen low, the second high.
    let nibbles = |b: &[u8], i: usize| i32::from(if i < 16 { b[i] & 15 } else { b[i - 16] >> 4 });
    let fifth = |b: &[u8], i: usize| i32::from(b[i / 8] >> (i % 8) & 1) << 4;
    match coding.id {
        0 => out.extend(bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b))),
        1 => out.extend(bytes.as_chunks::<2>().0.iter().map(|b| half(b))),
        2 => {
            bytes.chunks_exact(18).for_each(|b| out.extend((0..32).map(|i| half(b) * (nibbles(&b[2..], i) - 8) as f32)))
        }
        3 => bytes
            .chunks_exact(20)
            .for_each(|b| out.extend((0..32).map(|i| half(b) * nibbles(&b[4..], i) as f32 + half(&b[2..])))),
        6 => bytes.chunks_exact(22).for_each(|b| {
            out.extend((0..32).map(|i| half(b) * ((nibbles(&b[6..], i) | fifth(&b[2..], i)) - 16) as f32));
        }),
        7 => bytes.chunks_exact(24).for_each(|b| {
            out.extend((0..32).map(|i| half(b) * (nibbles(&b[8..], i) | fifth(&b[4..], i)) as f32 + half(&b[2..])));
        }),
        _ => bytes.chunks_exact(34).for_each(|b| {
            out.extend(b[2..].iter().map(|q| half(b) * f32::from(q.cast_signed())));
        }),
    }
}
