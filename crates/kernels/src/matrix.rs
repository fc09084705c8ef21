//! Quantised matrices as they lie in a GGUF file.

/// How rows of weights are stored: ggml's block layouts (`ggml-common.h`), little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(non_camel_case_types, reason = "ggml's own names")]
pub enum Format {
    /// 256 weights in 144 bytes: d and dmin (f16), eight 6-bit scales and minima in 12 bytes, 128 bytes of nibbles.
    /// Weight = d · scale · nibble - dmin · minimum.
    Q4_K,
    /// 256 weights in 210 bytes: 128 bytes of low nibbles, 64 of upper bit pairs, 16 signed scales, d (f16).
    /// Weight = d · scale · (six bits - 32).
    Q6_K,
    /// 32 weights in 34 bytes: d (f16), 32 signed bytes. Weight = d · byte.
    Q8_0,
    /// 32 weights in 22 bytes: d (f16), 32 fifth bits, 16 bytes of nibbles. Weight = d · (five bits - 16).
    Q5_0,
}

impl Format {
    /// Weights in a block.
    #[must_use]
    pub const fn block_len(self) -> usize {
        match self {
            Self::Q4_K | Self::Q6_K => 256,
            Self::Q8_0 | Self::Q5_0 => 32,
        }
    }

    /// Bytes of a block.
    #[must_use]
    pub const fn block_bytes(self) -> usize {
        match self {
            Self::Q4_K => Q4_K_BYTES,
            Self::Q6_K => Q6_K_BYTES,
            Self::Q8_0 => Q8_0_BYTES,
            Self::Q5_0 => Q5_0_BYTES,
        }
    }
}

pub(crate) const Q4_K_BYTES: usize = 144;
pub(crate) const Q6_K_BYTES: usize = 210;
pub(crate) const Q8_0_BYTES: usize = 34;
pub(crate) const Q5_0_BYTES: usize = 22;

/// Rows of weights, borrowed.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    format: Format,
    rows: usize,
    columns: usize,
    bytes: &'a [u8],
}

impl std::fmt::Debug for Matrix<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Matrix({:?}, {} x {})", self.format, self.rows, self.columns)
    }
}

/// The bytes are not such a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatrixError;

impl std::fmt::Display for MatrixError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the bytes do not make a matrix of this shape")
    }
}

impl std::error::Error for MatrixError {}

impl<'a> Matrix<'a> {
    /// `rows` rows of `columns` weights each.
    ///
    /// # Errors
    /// When a row is not a whole number of blocks, or `bytes` has another length than the shape implies.
    pub fn new(format: Format, rows: usize, columns: usize, bytes: &'a [u8]) -> Result<Self, MatrixError> {
        let row_bytes = columns / format.block_len() * format.block_bytes();
        let whole = columns > 0 && columns.is_multiple_of(format.block_len());
        if rows == 0 || !whole || rows.checked_mul(row_bytes) != Some(bytes.len()) {
            return Err(MatrixError);
        }
        Ok(Self { format, rows, columns, bytes })
    }

    /// How it is stored.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// How many rows: outputs of a product.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// How many columns: inputs of a product.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// One row's weights in full precision; `out` has a place for each column.
    pub fn read_row(&self, row: usize, out: &mut [f32]) {
        let blocks = self.row(row).chunks_exact(self.format.block_bytes());
        for (block, out) in blocks.zip(out.chunks_exact_mut(self.format.block_len())) {
            crate::scalar::read_block(self.format, block, out);
        }
    }

    pub(crate) const fn row_bytes(&self) -> usize {
        self.columns / self.format.block_len() * self.format.block_bytes()
    }

    pub(crate) fn row(&self, row: usize) -> &'a [u8] {
        let len = self.row_bytes();
        &self.bytes[row * len..(row + 1) * len]
    }

    pub(crate) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

/// IEEE half precision to single, exactly.
pub(crate) fn f16(bytes: [u8; 2]) -> f32 {
    let bits = u32::from(u16::from_le_bytes(bytes));
    let (sign, exponent, mantissa) = (bits >> 15 << 31, bits >> 10 & 0x1f, bits & 0x3ff);
    let magnitude = match exponent {
        // Subnormal: a whole number of 2^-24, exact in single precision.
        0 => return f32::from_bits((mantissa as f32 * f32::from_bits(0x3380_0000)).to_bits() | sign),
        0x1f => 0xff << 23 | mantissa << 13,
        _ => (exponent + 112) << 23 | mantissa << 13,
    };
    f32::from_bits(sign | magnitude)
}
