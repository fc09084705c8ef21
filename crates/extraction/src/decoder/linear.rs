//! Matrices of weights, applied to rows of activations.

use super::ModelBytes;
use crate::gguf::{TensorInfo, TensorType};
use crate::{Accelerator, LoadError};
use candle_core::quantized::{GgmlDType, QMatMul, QStorage, QTensor};
use candle_core::{Device, Module, Result, Tensor};
use cloister_kernels::{Activations, CpuPath, Format, Matrix, Product, multiply};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// A matrix of weights as the file stores it: [outputs, inputs].
#[derive(Clone)]
pub(super) struct Weight {
    outputs: usize,
    inputs: usize,
    stored: Stored,
}

#[derive(Clone)]
enum Stored {
    /// In the file itself, in a layout that our own products read.
    InFile { format: Format, file: ModelBytes, range: Range<usize> },
    /// As candle's copy, for the other layouts and on an accelerator. Its sums take another order for one row than for
    /// several, so that with these the last bits of a result may depend on what shares a step.
    Copied(Arc<QTensor>, QMatMul),
}

/// A matrix with a bias or without.
pub(super) struct Linear {
    pub(super) weight: Weight,
    pub(super) bias: Option<Vec<f32>>,
}

impl Weight {
    /// The tensor `info` of `file`, a matrix.
    pub(super) fn load(
        name: &str,
        info: &TensorInfo,
        file: &ModelBytes,
        accelerator: Option<&Accelerator>,
    ) -> std::result::Result<Self, LoadError> {
        let &[outputs, inputs] = info.dims() else {
            let (found, expected) = (info.dims().to_vec(), vec![0, 0]);
            return Err(LoadError::TensorShape { name: name.to_owned(), found, expected });
        };
        let range = info.range().clone();
        let stored = match (format(info.kind()), accelerator) {
            (Some(format), None) => Stored::InFile { format, file: Arc::clone(file), range },
            (_, accelerator) => {
                let device = accelerator.map_or(&Device::Cpu, Accelerator::device);
                let tensor = Arc::new(copy(name, info, (**file).as_ref(), device)?);
                Stored::Copied(Arc::clone(&tensor), QMatMul::from_arc(tensor)?)
            }
        };
        Ok(Self { outputs, inputs, stored })
    }

    /// The rows of these numbers: [rows.len(), inputs].
    pub(super) fn rows(&self, rows: &[u32]) -> Result<Vec<f32>> {
        if let Some(tensor) = self.copied() {
            let rows = Tensor::from_slice(rows, rows.len(), &Device::Cpu)?;
            return tensor.embedding(&rows)?.flatten_all()?.to_vec1();
        }
        let matrix = self.matrix()?;
        let mut out = vec![0.0; rows.len() * self.inputs];
        for (&row, out) in rows.iter().zip(out.chunks_exact_mut(self.inputs)) {
            matrix.read_row(row as usize, out);
        }
        Ok(out)
    }

    fn copied(&self) -> Option<&QTensor> {
        match &self.stored {
            Stored::InFile { .. } => None,
            Stored::Copied(tensor, _) => Some(tensor),
        }
    }

    fn format(&self) -> Option<Format> {
        match &self.stored {
            Stored::InFile { format, .. } => Some(*format),
            Stored::Copied(..) => None,
        }
    }

    fn matrix(&self) -> Result<Matrix<'_>> {
        let Stored::InFile { format, file, range } = &self.stored else {
            return Err(candle_core::Error::Msg("not a matrix of the file".into()));
        };
        let bytes = (**file).as_ref().get(range.clone()).unwrap_or_default();
        Matrix::new(*format, self.outputs, self.inputs, bytes).map_err(|e| candle_core::Error::Msg(e.to_string()))
    }
}

/// Applies several matrices to the same rows, `x` of [rows, inputs], in one parallel region; gives [rows, outputs]
/// for each.
pub(super) fn apply<const N: usize>(path: CpuPath, x: &[f32], linears: [&Linear; N]) -> Result<[Vec<f32>; N]> {
    let mismatch = || candle_core::Error::Msg("a matrix does not fit its inputs".into());
    let mut out: [Vec<f32>; N] = std::array::from_fn(|i| {
        let weight = &linears[i].weight;
        vec![0.0; x.len() / weight.inputs * weight.outputs]
    });
    // Rounded once for each length of block among the matrices.
    let mut rounded: Vec<Activations> = Vec::with_capacity(2);
    for linear in linears {
        if let Some(format) = linear.weight.format()
            && !rounded.iter().any(|r| r.fit(format))
        {
            rounded.push(Activations::new(path, format, linear.weight.inputs, x).ok_or_else(mismatch)?);
        }
    }
    let mut products = Vec::with_capacity(N);
    // To an accelerator once for all of them, which lie in one place.
    let sent = (linears.iter().find_map(|linear| linear.weight.copied()))
        .map(|copy| {
            Tensor::from_slice(x, (x.len() / linears[0].weight.inputs, linears[0].weight.inputs), &copy.device())
        })
        .transpose()?;
    for (linear, out) in linears.iter().zip(&mut out) {
        match &linear.weight.stored {
            Stored::InFile { format, .. } => {
                let x = rounded.iter().find(|r| r.fit(*format)).ok_or_else(mismatch)?;
                products.push(Product::new(linear.weight.matrix()?, x, out).ok_or_else(mismatch)?);
            }
            Stored::Copied(_, product) => {
                let x = sent.as_ref().ok_or_else(mismatch)?;
                *out = product.forward(x)?.flatten_all()?.to_vec1()?;
            }
        }
    }
    multiply(path, &mut products);
    for (linear, out) in linears.iter().zip(&mut out) {
        if let Some(bias) = &linear.bias {
            for row in out.chunks_exact_mut(bias.len()) {
                row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
            }
        }
    }
    Ok(out)
}

/// A tensor's numbers in full precision.
pub(super) fn numbers(name: &str, info: &TensorInfo, file: &[u8]) -> std::result::Result<Vec<f32>, LoadError> {
    Ok(copy(name, info, file, &Device::Cpu)?.dequantize(&Device::Cpu)?.flatten_all()?.to_vec1()?)
}

fn copy(name: &str, info: &TensorInfo, file: &[u8], device: &Device) -> std::result::Result<QTensor, LoadError> {
    let dtype = dtype(info.kind())
        .ok_or_else(|| LoadError::TensorType { name: name.to_owned(), kind: format!("{:?}", info.kind()) })?;
    let bytes = file.get(info.range().clone()).unwrap_or_default();
    // candle casts the bytes to blocks in place and insists on their alignment, which a buffer in memory (unlike a
    // mapped file) need not have: an allocation of its own has.
    let bytes = if bytes.as_ptr().align_offset(BLOCK_ALIGNMENT) == 0 {
        Cow::Borrowed(bytes)
    } else {
        Cow::Owned(bytes.to_vec())
    };
    Ok(QTensor::new(QStorage::from_data(bytes, device, dtype)?, info.dims())?)
}

/// The strictest alignment among candle's block types.
const BLOCK_ALIGNMENT: usize = 4;

const fn format(kind: TensorType) -> Option<Format> {
    Some(match kind {
        TensorType::Q4_K => Format::Q4_K,
        TensorType::Q6_K => Format::Q6_K,
        TensorType::Q8_0 => Format::Q8_0,
        TensorType::Q5_0 => Format::Q5_0,
        _ => return None,
    })
}

const fn dtype(kind: TensorType) -> Option<GgmlDType> {
    Some(match kind {
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
