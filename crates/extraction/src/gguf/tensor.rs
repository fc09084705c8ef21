//! Tensor descriptions and the sizes of their types.

use super::{GgufError, cursor::Cursor};
use std::ops::Range;

/// How a tensor's numbers are stored. Block layouts: ggml's `ggml-common.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, non_camel_case_types, reason = "ggml's own names")]
pub enum TensorType {
    F32,
    F16,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q8_1,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K,
    Q8_K,
    BF16,
}

impl TensorType {
    const fn from_code(code: u32) -> Option<Self> {
        Some(match code {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            6 => Self::Q5_0,
            7 => Self::Q5_1,
            8 => Self::Q8_0,
            9 => Self::Q8_1,
            10 => Self::Q2_K,
            11 => Self::Q3_K,
            12 => Self::Q4_K,
            13 => Self::Q5_K,
            14 => Self::Q6_K,
            15 => Self::Q8_K,
            30 => Self::BF16,
            _ => return None,
        })
    }

    /// Values in a block.
    #[must_use]
    pub const fn block_len(self) -> u64 {
        match self {
            Self::F32 | Self::F16 | Self::BF16 => 1,
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 | Self::Q8_1 => 32,
            Self::Q2_K | Self::Q3_K | Self::Q4_K | Self::Q5_K | Self::Q6_K | Self::Q8_K => 256,
        }
    }

    /// Bytes of a block.
    #[must_use]
    pub const fn block_bytes(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q8_1 => 36,
            Self::Q2_K => 84,
            Self::Q3_K => 110,
            Self::Q4_K => 144,
            Self::Q5_K => 176,
            Self::Q6_K => 210,
            Self::Q8_K => 292,
        }
    }
}

/// A tensor's type, shape and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    pub(super) kind: TensorType,
    pub(super) dims: Vec<usize>,
    pub(super) offset: u64,
    pub(super) byte_len: u64,
    pub(super) range: Range<usize>,
}

impl TensorInfo {
    pub(super) fn read(at: &mut Cursor<'_>, name: &str) -> Result<Self, GgufError> {
        let impossible = || GgufError::Shape { name: name.to_owned() };
        let rank = at.u32("tensor rank")?;
        if !(1..=4).contains(&rank) {
            return Err(impossible());
        }
        let mut sizes = Vec::with_capacity(4);
        for _ in 0..rank {
            sizes.push(at.u64("tensor shape")?);
        }
        let code = at.u32("tensor type")?;
        let offset = at.u64("tensor offset")?;
        let kind =
            TensorType::from_code(code).ok_or_else(|| GgufError::UnknownTensorType { name: name.to_owned(), code })?;

        let values = sizes.iter().try_fold(1u64, |n, &d| n.checked_mul(d)).filter(|&n| n > 0).ok_or_else(impossible)?;
        let row = sizes.first().copied().unwrap_or(0);
        if !row.is_multiple_of(kind.block_len()) {
            return Err(impossible());
        }
        let byte_len = (values / kind.block_len()).checked_mul(kind.block_bytes()).ok_or_else(impossible)?;
        // GGUF lists the fastest-varying dimension first; everywhere else here the last one is.
        let dims =
            sizes.iter().rev().map(|&d| usize::try_from(d)).collect::<Result<_, _>>().map_err(|_| impossible())?;
        Ok(Self { kind, dims, offset, byte_len, range: 0..0 })
    }

    /// How its numbers are stored.
    #[must_use]
    pub const fn kind(&self) -> TensorType {
        self.kind
    }

    /// Sizes, the fastest-varying dimension last: `[rows, columns]` for a matrix.
    #[must_use]
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// How many numbers.
    #[must_use]
    pub fn value_count(&self) -> usize {
        self.dims.iter().product()
    }

    /// Its bytes within the file.
    #[must_use]
    pub const fn range(&self) -> &Range<usize> {
        &self.range
    }
}
