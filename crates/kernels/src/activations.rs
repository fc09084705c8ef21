//! Rows of activations, rounded to bytes for products with quantised weights.

use crate::path::compiled_for_each_path;
use crate::{CpuPath, Format};
use rayon::prelude::*;

/// Rows of activations in blocks of the length that a weight format has. A value is a signed byte times its block's
/// scale, at most 1/254 of the block's largest magnitude away from the original.
#[derive(Debug)]
pub struct Activations {
    rows: usize,
    columns: usize,
    blocks: Blocks,
}

pub(crate) enum Blocks {
    /// For Q4_K and Q6_K: [rows][columns / 256].
    Long(Vec<Long>),
    /// For Q8_0 and Q5_0: [rows][columns / 32].
    Short(Vec<Short>),
}

impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Long(_) => "blocks of 256",
            Self::Short(_) => "blocks of 32",
        })
    }
}

/// 256 values.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Long {
    /// Four signed bytes in each, the first the lowest.
    pub(crate) words: [i32; 64],
    /// Sums of 16 values, two a word, in the order in which the scales of Q6_K unpack: (0, 2), (1, 3), (4, 6), (5, 7)…
    pub(crate) sums16: [i32; 8],
    /// Sums of 32 values in the same order, as the minima of Q4_K unpack.
    pub(crate) sums32: [i32; 4],
    pub(crate) scale: f32,
}

/// 32 values.
#[derive(Clone, Copy)]
pub(crate) struct Short {
    pub(crate) bytes: [i8; 32],
    pub(crate) scale: f32,
}

impl Activations {
    /// Rounds `x`, rows of `columns` values, for products with weights of `format`. `None` if the rows are not whole
    /// blocks.
    #[must_use]
    pub fn new(path: CpuPath, format: Format, columns: usize, x: &[f32]) -> Option<Self> {
        let len = format.block_len();
        if columns == 0 || !columns.is_multiple_of(len) || !x.len().is_multiple_of(columns) {
            return None;
        }
        let blocks = match format {
            Format::Q4_K | Format::Q6_K => {
                let mut blocks =
                    vec![Long { words: [0; 64], sums16: [0; 8], sums32: [0; 4], scale: 0.0 }; x.len() / 256];
                in_parallel(x, 256, &mut blocks, |x, out| round_long(path, x, out));
                Blocks::Long(blocks)
            }
            Format::Q8_0 | Format::Q5_0 => {
                let mut blocks = vec![Short { bytes: [0; 32], scale: 0.0 }; x.len() / 32];
                in_parallel(x, 32, &mut blocks, |x, out| round_short(path, x, out));
                Blocks::Short(blocks)
            }
        };
        Some(Self { rows: x.len() / columns, columns, blocks })
    }

    /// How many rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Values in a row.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Whether they were rounded for this format, or for one whose blocks are as long.
    #[must_use]
    pub const fn fit(&self, format: Format) -> bool {
        match self.blocks {
            Blocks::Long(_) => matches!(format, Format::Q4_K | Format::Q6_K),
            Blocks::Short(_) => matches!(format, Format::Q8_0 | Format::Q5_0),
        }
    }

    pub(crate) const fn blocks(&self) -> &Blocks {
        &self.blocks
    }
}

/// Blocks that one thread does at a time.
const BLOCKS_PER_JOB: usize = 64;

fn in_parallel<B: Send>(x: &[f32], len: usize, blocks: &mut [B], round: impl Fn(&[f32], &mut [B]) + Sync) {
    if blocks.len() <= BLOCKS_PER_JOB {
        round(x, blocks);
    } else {
        let x = x.par_chunks(len * BLOCKS_PER_JOB);
        blocks.par_chunks_mut(BLOCKS_PER_JOB).zip(x).for_each(|(blocks, x)| round(x, blocks));
    }
}

compiled_for_each_path! {
    fn round_long(x: &[f32], out: &mut [Long]) = round_long_body
}
compiled_for_each_path! {
    fn round_short(x: &[f32], out: &mut [Short]) = round_short_body
}

#[inline(always)]
fn round_long_body(x: &[f32], out: &mut [Long]) {
    for (x, out) in x.as_chunks::<256>().0.iter().zip(out) {
        let mut bytes = [0i8; 256];
        out.scale = round(x, &mut bytes);
        for (word, b) in out.words.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *word = i32::from_le_bytes(b.map(|b| b as u8));
        }
        let mut sums = [0i32; 16];
        for (sum, bytes) in sums.iter_mut().zip(bytes.as_chunks::<16>().0) {
            *sum = bytes.iter().map(|&b| i32::from(b)).sum();
        }
        let pair = |low: i32, high: i32| (low & 0xffff) | high << 16;
        for j in 0..4 {
            out.sums16[2 * j] = pair(sums[4 * j], sums[4 * j + 2]);
            out.sums16[2 * j + 1] = pair(sums[4 * j + 1], sums[4 * j + 3]);
        }
        let sum32 = |i: usize| sums[2 * i] + sums[2 * i + 1];
        for j in 0..2 {
            out.sums32[2 * j] = pair(sum32(4 * j), sum32(4 * j + 2));
            out.sums32[2 * j + 1] = pair(sum32(4 * j + 1), sum32(4 * j + 3));
        }
    }
}

#[inline(always)]
fn round_short_body(x: &[f32], out: &mut [Short]) {
    for (x, out) in x.as_chunks::<32>().0.iter().zip(out) {
        out.scale = round(x, &mut out.bytes);
    }
}

/// Nearest bytes to `x / scale`, ties to even; gives the scale.
#[inline(always)]
pub(crate) fn round<const N: usize>(x: &[f32; N], bytes: &mut [i8; N]) -> f32 {
    // Added to a small number, this leaves its nearest whole number in the low bits of the sum.
    const MAGIC: f32 = 12_582_912.0;
    let mut largest = [0.0f32; 16];
    for chunk in x.as_chunks::<16>().0 {
        for i in 0..16 {
            let magnitude = chunk[i].abs();
            largest[i] = if magnitude > largest[i] { magnitude } else { largest[i] };
        }
    }
    let largest = largest.into_iter().fold(0.0f32, |a, b| if b > a { b } else { a });
    if largest == 0.0 {
        return 0.0;
    }
    let inverse = 127.0 / largest;
    for (byte, x) in bytes.iter_mut().zip(x) {
        *byte = (x * inverse + MAGIC).to_bits() as i8;
    }
    largest / 127.0
}

/// The signed bytes of a word.
pub(crate) fn bytes(word: i32) -> [i32; 4] {
    word.to_le_bytes().map(|b| i32::from(b as i8))
}

/// The two signed halves of a word.
pub(crate) const fn halves(word: i32) -> [i32; 2] {
    [(word as i16) as i32, word >> 16]
}
