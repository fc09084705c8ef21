//! An NVIDIA accelerator, where this build can use one: it holds the matrices and multiplies with them; all else, the
//! keys and values too, stays with the processor (docs/adr/0008-an-accelerator-holds-the-matrices.md).

use candle_core::Device;
use std::sync::OnceLock;

/// An accelerator that answered.
#[derive(Debug, Clone)]
pub struct Accelerator(Device);

impl Accelerator {
    /// The first one there is; it is looked for once in a process. A process that seals itself calls this before,
    /// since its driver opens files.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn open() -> Result<Self, &'static str> {
        static FOUND: OnceLock<Result<Accelerator, &'static str>> = OnceLock::new();
        FOUND.get_or_init(look).clone()
    }

    pub(crate) const fn device(&self) -> &Device {
        &self.0
    }

    /// The processor in an accelerator's place.
    #[cfg(test)]
    pub(crate) const fn stand_in() -> Self {
        Self(Device::Cpu)
    }
}

#[cfg(not(feature = "cuda"))]
const fn look() -> Result<Accelerator, &'static str> {
    Err("this build computes on the processor")
}

/// Opens it, and takes rows and multiplies once in each way that a model will: code is loaded at its first use, from
/// files.
#[cfg(feature = "cuda")]
fn look() -> Result<Accelerator, &'static str> {
    use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
    use candle_core::{DType, Module, Tensor};
    use std::sync::Arc;
    let device = Device::new_cuda(0).map_err(|_| "no NVIDIA accelerator answers")?;
    let try_out = || -> candle_core::Result<()> {
        for kind in [GgmlDType::Q4K, GgmlDType::Q6K, GgmlDType::Q8_0, GgmlDType::Q5_0] {
            let zero = Tensor::zeros((256, 256), DType::F32, &device)?;
            let matrix = Arc::new(QTensor::quantize(&zero, kind)?);
            matrix.embedding(&Tensor::zeros(1, DType::U32, &device)?)?;
            let product = QMatMul::from_arc(matrix)?;
            for rows in [1, 4, 64] {
                product.forward(&Tensor::zeros((rows, 256), DType::F32, &device)?)?.to_vec2::<f32>()?;
            }
        }
        Ok(())
    };
    try_out().map_err(|_| "the NVIDIA accelerator cannot multiply what models are made of")?;
    Ok(Accelerator(device))
}
