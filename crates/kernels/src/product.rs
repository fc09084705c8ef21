//! Products of quantised matrices with rows of activations.

use crate::activations::{Blocks, Long, Short};
use crate::path::Level;
use crate::{Activations, CpuPath, Format, Matrix, scalar};
use rayon::prelude::*;
use std::ops::Range;

/// `out[i][j] = activations[i] · matrix[j]`: [activation rows, matrix rows].
#[derive(Debug)]
pub struct Product<'a> {
    matrix: Matrix<'a>,
    activations: &'a Activations,
    out: &'a mut [f32],
}

impl<'a> Product<'a> {
    /// `None` when the shapes or formats do not fit each other.
    #[must_use]
    pub fn new(matrix: Matrix<'a>, activations: &'a Activations, out: &'a mut [f32]) -> Option<Self> {
        let fits = activations.fit(matrix.format())
            && activations.columns() == matrix.columns()
            && activations.rows().checked_mul(matrix.rows()) == Some(out.len());
        fits.then_some(Self { matrix, activations, out })
    }
}

/// Computes products in one parallel region of the current thread pool.
pub fn multiply(path: CpuPath, products: &mut [Product<'_>]) {
    let threads = rayon::current_num_threads();
    let mut jobs = Vec::new();
    for product in products.iter_mut() {
        let rows = product.matrix.rows();
        let out = Columns::new(product.out, rows);
        // A few jobs a thread even out what else the machine does; whole tiles, so that none is computed twice.
        let step = rows.div_ceil(threads * JOBS_PER_THREAD).next_multiple_of(TILE_ROWS);
        for first in (0..rows).step_by(step) {
            let rows = first..(first + step).min(rows);
            jobs.push(Job { matrix: product.matrix, activations: product.activations, rows, out });
        }
    }
    match jobs.as_slice() {
        [only] => only.run(path),
        many => many.par_iter().with_max_len(1).for_each(|job| job.run(path)),
    }
}

const JOBS_PER_THREAD: usize = 8;
/// The most matrix rows that any path computes together.
pub(crate) const TILE_ROWS: usize = 16;

/// Some rows of a matrix against all rows of activations.
struct Job<'a> {
    matrix: Matrix<'a>,
    activations: &'a Activations,
    rows: Range<usize>,
    out: Columns,
}

/// Where results go: a matrix that several threads write, each its own columns.
#[derive(Clone, Copy)]
pub(crate) struct Columns {
    start: *mut f32,
    stride: usize,
}

// SAFETY: the pointer is to the `out` of a `Product`, which `multiply` holds exclusively until all jobs are done, and
// jobs write disjoint columns of it.
unsafe impl Send for Columns {}
// SAFETY: as above.
unsafe impl Sync for Columns {}

impl Columns {
    /// A matrix with rows of `stride` columns.
    pub(crate) const fn new(out: &mut [f32], stride: usize) -> Self {
        Self { start: out.as_mut_ptr(), stride }
    }

    /// A place in the matrix.
    ///
    /// # Safety
    /// `row` and `column` are within it.
    pub(crate) unsafe fn at(self, row: usize, column: usize) -> *mut f32 {
        // SAFETY: within the allocation by the caller's promise.
        unsafe { self.start.add(row * self.stride + column) }
    }

    /// Writes consecutive columns of one row.
    ///
    /// # Safety
    /// `row` is a row of the product and the columns are within the calling job's rows of the matrix.
    pub(crate) unsafe fn write(self, row: usize, first: usize, values: &[f32]) {
        // SAFETY: within the allocation by the caller's promise; no other thread touches these columns.
        unsafe {
            std::ptr::copy_nonoverlapping(values.as_ptr(), self.start.add(row * self.stride + first), values.len())
        }
    }
}

impl Job<'_> {
    fn run(&self, path: CpuPath) {
        match self.activations.blocks() {
            Blocks::Long(x) => self.run_long(path, x),
            Blocks::Short(x) => {
                let mut dots = vec![0.0; self.activations.rows()];
                for row in self.rows.clone() {
                    dots_short(path, self.matrix.format(), self.matrix.row(row), x, &mut dots);
                    self.write_column(row, &dots);
                }
            }
        }
    }

    fn run_long(&self, path: CpuPath, x: &[Long]) {
        match path.level() {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `CpuPath` of this level exists only on a processor with these features; `x` holds
            // `activations.rows()` rows of the matrix's columns (checked by `Product::new`); the rows are this job's.
            Level::Avx512Vnni => unsafe { crate::avx512::multiply(self.matrix, self.rows.clone(), x, self.out) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::AvxVnni => unsafe { crate::avx_vnni::multiply(self.matrix, self.rows.clone(), x, self.out) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx2 => unsafe { crate::avx2::multiply(self.matrix, self.rows.clone(), x, self.out) },
            _ => {
                let blocks = self.matrix.columns() / 256;
                let dot = if self.matrix.format() == Format::Q4_K { scalar::dot_q4_k } else { scalar::dot_q6_k };
                let mut dots = vec![0.0; self.activations.rows()];
                for row in self.rows.clone() {
                    for (out, x) in dots.iter_mut().zip(x.chunks_exact(blocks)) {
                        *out = dot(self.matrix.row(row), x);
                    }
                    self.write_column(row, &dots);
                }
            }
        }
    }

    fn write_column(&self, column: usize, values: &[f32]) {
        for (row, value) in values.iter().enumerate() {
            // SAFETY: there is a value for each row of activations, and the column is one of this job's.
            unsafe { self.out.write(row, column, std::slice::from_ref(value)) };
        }
    }
}

/// [`scalar::dots_short`], compiled for AVX2 where there is that. Blocks of 32 do not fill wider vectors.
fn dots_short(path: CpuPath, format: Format, row: &[u8], x: &[Short], out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn avx2(format: Format, row: &[u8], x: &[Short], out: &mut [f32]) {
            scalar::dots_short(format, row, x, out);
        }
        if path.level() >= Level::Avx2 {
            // SAFETY: a `CpuPath` of this level exists only on a processor that has AVX2.
            return unsafe { avx2(format, row, x, out) };
        }
    }
    scalar::dots_short(format, row, x, out);
}
