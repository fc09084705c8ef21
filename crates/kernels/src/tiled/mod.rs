//! Matrices of bytes that are laid out once for many products, sixteen rows side by side.
//!
//! [`Matrix`](crate::Matrix) works straight on a file's blocks and turns them in each product. Here a tile holds 32
//! columns of 16 rows, four columns of all rows after one another, so that nothing is turned any more: what is used
//! again and again with a few hundred rows (an encoder's weights, a sound's keys and values) is worth that.
//!
//! A result is `start + Σ (weight scale · value scale) · (whole sum of 32 products)`, block after block in the order of
//! the columns, on every path.

mod attention;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod avx_vnni;
mod pack;
#[cfg(test)]
mod tests;

pub use attention::{TiledKeys, attend_all};

use crate::CpuPath;
use crate::activations::round;
use crate::matrix::{MatrixError, Q8_0_BYTES, f16};
use crate::path::Level;
use crate::product::Columns;
use rayon::prelude::*;
use std::ops::Range;

/// Rows of a tile.
pub(crate) const ROWS: usize = 16;
/// Columns of a tile, and values that share a scale.
pub(crate) const BLOCK: usize = 32;

/// 32 columns of 16 rows.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Tile {
    /// [column / 4][row][column % 4]: each weight plus 128.
    pub(crate) columns: [[u8; 64]; 8],
    pub(crate) scales: [f32; ROWS],
}

impl Tile {
    /// All weights zero.
    pub(crate) const ZERO: Self = Self { columns: [[128; 64]; 8], scales: [0.0; ROWS] };

    /// Puts in 32 weights of one row.
    fn set_row(&mut self, row: usize, bytes: &[i8; BLOCK], scale: f32) {
        self.scales[row] = scale;
        for (columns, four) in self.columns.iter_mut().zip(bytes.as_chunks::<4>().0) {
            for (to, from) in columns[row * 4..row * 4 + 4].iter_mut().zip(four) {
                *to = from.cast_unsigned() ^ 128;
            }
        }
    }

    /// The weight at a place, without its scale.
    fn weight(&self, row: usize, column: usize) -> i32 {
        i32::from(self.columns[column / 4][row * 4 + column % 4]) - 128
    }
}

/// A matrix in tiles.
#[derive(Clone)]
pub struct TiledMatrix {
    rows: usize,
    columns: usize,
    /// [rows / 16][columns / 32]; rows beyond the last are zero.
    tiles: Vec<Tile>,
}

impl std::fmt::Debug for TiledMatrix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TiledMatrix({} x {})", self.rows, self.columns)
    }
}

impl TiledMatrix {
    /// From ggml's Q8_0 blocks (32 weights in 34 bytes), without loss.
    ///
    /// # Errors
    /// When the rows are not whole blocks, or `bytes` has another length than the shape implies.
    pub fn from_q8_0(rows: usize, columns: usize, bytes: &[u8]) -> Result<Self, MatrixError> {
        let row_bytes = columns / BLOCK * Q8_0_BYTES;
        if rows.checked_mul(row_bytes) != Some(bytes.len()) {
            return Err(MatrixError);
        }
        let mut matrix = Self::zero(rows, columns)?;
        let blocks = columns / BLOCK;
        for (row, row_bytes) in bytes.chunks_exact(row_bytes).enumerate() {
            for (block, bytes) in row_bytes.as_chunks::<Q8_0_BYTES>().0.iter().enumerate() {
                let mut weights = [0i8; BLOCK];
                for (weight, byte) in weights.iter_mut().zip(&bytes[2..]) {
                    *weight = byte.cast_signed();
                }
                matrix.tiles[row / ROWS * blocks + block].set_row(row % ROWS, &weights, f16([bytes[0], bytes[1]]));
            }
        }
        Ok(matrix)
    }

    /// By rounding rows of numbers, which `row` writes in turn. Each is at most 1/254 of the largest magnitude in its
    /// block of 32 away from the original.
    ///
    /// # Errors
    /// When the rows are not whole blocks.
    pub fn from_rows(rows: usize, columns: usize, mut row: impl FnMut(usize, &mut [f32])) -> Result<Self, MatrixError> {
        let mut matrix = Self::zero(rows, columns)?;
        let blocks = columns / BLOCK;
        let (mut values, mut bytes) = (vec![0.0; columns], [0i8; BLOCK]);
        for r in 0..rows {
            row(r, &mut values);
            for (block, x) in values.as_chunks::<BLOCK>().0.iter().enumerate() {
                let scale = round(x, &mut bytes);
                matrix.tiles[r / ROWS * blocks + block].set_row(r % ROWS, &bytes, scale);
            }
        }
        Ok(matrix)
    }

    fn zero(rows: usize, columns: usize) -> Result<Self, MatrixError> {
        if rows == 0 || columns == 0 || !columns.is_multiple_of(BLOCK) {
            return Err(MatrixError);
        }
        let count = rows.div_ceil(ROWS).checked_mul(columns / BLOCK).ok_or(MatrixError)?;
        Ok(Self { rows, columns, tiles: vec![Tile::ZERO; count] })
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
        let blocks = self.columns / BLOCK;
        let tiles = &self.tiles[row / ROWS * blocks..][..blocks];
        for (tile, out) in tiles.iter().zip(out.chunks_exact_mut(BLOCK)) {
            for (column, out) in out.iter_mut().enumerate() {
                *out = tile.scales[row % ROWS] * tile.weight(row % ROWS, column) as f32;
            }
        }
    }
}

/// 32 values of a row of activations, as bytes.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Bytes32 {
    /// Four signed bytes in each, the first the lowest.
    pub(crate) words: [i32; 8],
    /// -128 times the sum of the bytes: what the 128 added to each weight comes to.
    pub(crate) offset: i32,
    pub(crate) scale: f32,
}

impl Bytes32 {
    const ZERO: Self = Self { words: [0; 8], offset: 0, scale: 0.0 };

    /// The definition.
    fn of(x: &[f32; BLOCK]) -> Self {
        let mut bytes = [0i8; BLOCK];
        let mut block = Self::ZERO;
        block.scale = round(x, &mut bytes);
        block.offset = -128 * bytes.iter().map(|b| i32::from(*b)).sum::<i32>();
        for (word, four) in block.words.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *word = i32::from_le_bytes(four.map(i8::cast_unsigned));
        }
        block
    }
}

/// Rows of activations rounded to bytes, for products with a [`TiledMatrix`]; memory that is used again and again.
#[derive(Default)]
pub struct Rounded {
    rows: usize,
    columns: usize,
    /// [rows][columns / 32].
    blocks: Vec<Bytes32>,
}

impl std::fmt::Debug for Rounded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rounded({} x {})", self.rows, self.columns)
    }
}

/// Blocks that one thread rounds at a time.
const BLOCKS_PER_JOB: usize = 512;

impl Rounded {
    /// Takes rows of `columns` values in place of what it held. Rows that are not whole blocks of 32 leave it empty.
    pub fn take(&mut self, path: CpuPath, columns: usize, x: &[f32]) {
        let rows = if columns > 0 && x.len().is_multiple_of(columns) { x.len() / columns } else { 0 };
        self.take_windows(path, columns, columns, rows, x);
    }

    /// Takes `rows` rows of `columns` values, each of which begins `stride` values after the one before, in place of
    /// what it held. Rows that are not whole blocks of 32, or lie beyond `x`, leave it empty.
    pub fn take_windows(&mut self, path: CpuPath, columns: usize, stride: usize, rows: usize, x: &[f32]) {
        self.blocks.clear();
        let needed = rows.checked_sub(1).and_then(|r| r.checked_mul(stride)).and_then(|n| n.checked_add(columns));
        if columns == 0 || !columns.is_multiple_of(BLOCK) || needed.is_none_or(|needed| needed > x.len()) {
            (self.rows, self.columns) = (0, columns);
            return;
        }
        (self.rows, self.columns) = (rows, columns);
        let blocks = columns / BLOCK;
        self.blocks.resize(rows * blocks, Bytes32::ZERO);
        let together = BLOCKS_PER_JOB.div_ceil(blocks);
        self.blocks.par_chunks_mut(together * blocks).enumerate().for_each(|(job, out)| {
            for (i, out) in out.chunks_exact_mut(blocks).enumerate() {
                round_all(path, &x[(job * together + i) * stride..][..columns], out);
            }
        });
    }

    /// How many rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }
}

/// Rounds consecutive blocks.
fn round_all(path: CpuPath, x: &[f32], out: &mut [Bytes32]) {
    let x = x.as_chunks::<BLOCK>().0;
    match path.level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `CpuPath` of this level exists only on a processor with these features.
        Level::Avx512Vnni => unsafe { avx512::round(x, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Level::Avx2 | Level::AvxVnni => unsafe { avx2::round(x, out) },
        _ => x.iter().zip(out).for_each(|(x, out)| *out = Bytes32::of(x)),
    }
}

/// `out[i][j] = start[j] + x[i] · matrix[j]`: [rows of x, rows of the matrix].
#[derive(Debug)]
pub struct TiledProduct<'a> {
    matrix: &'a TiledMatrix,
    x: &'a Rounded,
    start: Option<&'a [f32]>,
    out: &'a mut [f32],
}

impl<'a> TiledProduct<'a> {
    /// `None` when the shapes do not fit each other.
    #[must_use]
    pub fn new(matrix: &'a TiledMatrix, x: &'a Rounded, start: Option<&'a [f32]>, out: &'a mut [f32]) -> Option<Self> {
        let fits = x.columns == matrix.columns
            && start.is_none_or(|s| s.len() == matrix.rows)
            && x.rows.checked_mul(matrix.rows) == Some(out.len());
        fits.then_some(Self { matrix, x, start, out })
    }
}

const JOBS_PER_THREAD: usize = 4;

/// Computes products in one parallel region of the current thread pool.
pub fn multiply_tiled(path: CpuPath, products: &mut [TiledProduct<'_>]) {
    let threads = rayon::current_num_threads();
    let mut jobs = Vec::new();
    for product in products.iter_mut() {
        let matrix = product.matrix;
        let out = Columns::new(product.out, matrix.rows);
        let tiles = matrix.rows.div_ceil(ROWS);
        let parts = if threads == 1 { 1 } else { threads * JOBS_PER_THREAD };
        let step = tiles.div_ceil(parts).next_multiple_of(2);
        for first in (0..tiles).step_by(step) {
            let range = first..(first + step).min(tiles);
            let (rows, blocks) = (matrix.rows, matrix.columns / BLOCK);
            let (tiles, x) = (&matrix.tiles[..], &product.x.blocks[..]);
            jobs.push(Job { tiles, range, rows, blocks, x, start: product.start, out });
        }
    }
    match jobs.as_slice() {
        // SAFETY: as below.
        [only] => unsafe { only.run(path) },
        // SAFETY: jobs write disjoint columns of outputs that are held exclusively until all are done; each output has
        // a row for each row of `x` and a column for each row of the matrix (`TiledProduct::new`).
        many => many.par_iter().with_max_len(1).for_each(|job| unsafe { job.run(path) }),
    }
}

/// Some rows of tiles against all rows of activations.
pub(crate) struct Job<'a> {
    /// [tile row][blocks].
    pub(crate) tiles: &'a [Tile],
    /// Tile rows to be done.
    pub(crate) range: Range<usize>,
    /// Rows of the matrix: what lies beyond in the last tile is not written.
    pub(crate) rows: usize,
    pub(crate) blocks: usize,
    /// [row][blocks].
    pub(crate) x: &'a [Bytes32],
    /// What the sums begin with, one for each row of the matrix.
    pub(crate) start: Option<&'a [f32]>,
    pub(crate) out: Columns,
}

impl Job<'_> {
    /// # Safety
    /// `out` has a row for each row of `x` and a column for each row of the matrix, and nobody else touches the columns
    /// of `range`.
    pub(crate) unsafe fn run(&self, path: CpuPath) {
        match path.level() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `CpuPath` of this level exists only on a processor with these features; the rest is the
            // caller's promise.
            Level::Avx512Vnni => unsafe { avx512::multiply(self) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::AvxVnni => unsafe { avx_vnni::multiply(self) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx2 => unsafe { avx2::multiply(self) },
            // SAFETY: the caller's promise.
            _ => unsafe { self.run_scalar() },
        }
    }

    /// The definition.
    ///
    /// # Safety
    /// As [`run`](Self::run).
    unsafe fn run_scalar(&self) {
        for (row, x) in self.x.chunks_exact(self.blocks).enumerate() {
            for tile_row in self.range.clone() {
                let mut sums = self.start_of(tile_row);
                let tiles = &self.tiles[tile_row * self.blocks..][..self.blocks];
                for (tile, x) in tiles.iter().zip(x) {
                    let mut whole = [x.offset; ROWS];
                    for (columns, word) in tile.columns.iter().zip(x.words) {
                        let four = crate::activations::bytes(word);
                        for (whole, weights) in whole.iter_mut().zip(columns.as_chunks::<4>().0) {
                            for c in 0..4 {
                                *whole += i32::from(weights[c]) * four[c];
                            }
                        }
                    }
                    for r in 0..ROWS {
                        sums[r] += (tile.scales[r] * x.scale) * whole[r] as f32;
                    }
                }
                // SAFETY: the caller's promise.
                unsafe { self.write(row, tile_row, &sums) };
            }
        }
    }

    /// Which lanes of a tile row are rows of the matrix.
    #[cfg(target_arch = "x86_64")]
    fn columns(&self, tile_row: usize) -> u16 {
        let count = (self.rows - tile_row * ROWS).min(ROWS);
        ((1u32 << count) - 1) as u16
    }

    /// What the sums of a tile row begin with.
    #[inline(always)]
    pub(crate) fn start_of(&self, tile_row: usize) -> [f32; ROWS] {
        let mut sums = [0.0; ROWS];
        if let Some(start) = self.start {
            let own = &start[tile_row * ROWS..(tile_row * ROWS + ROWS).min(start.len())];
            sums[..own.len()].copy_from_slice(own);
        }
        sums
    }

    /// Writes the results of one row of activations with one tile row.
    ///
    /// # Safety
    /// As [`run`](Self::run); `tile_row` is of `range`, `row` one of x's.
    #[inline(always)]
    pub(crate) unsafe fn write(&self, row: usize, tile_row: usize, sums: &[f32; ROWS]) {
        let first = tile_row * ROWS;
        let count = ROWS.min(self.rows - first);
        // SAFETY: the caller's promise.
        unsafe { self.out.write(row, first, &sums[..count]) };
    }
}
