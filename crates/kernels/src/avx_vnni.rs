//! Eight matrix rows at a time with AVX-VNNI: tiles as in [`crate::avx2`], and four columns of them an instruction.

use crate::activations::Long;
use crate::avx2::{self, Blocked, ROWS, Tile};
use crate::matrix::{Matrix, Q4_K_BYTES, Q6_K_BYTES};
use crate::product::Columns;
use std::arch::x86_64::*;
use std::ops::Range;

/// Multiplies rows `rows` of `matrix` with every row of `x` and writes the results.
///
/// # Safety
/// The processor has these features; as [`avx2::multiply`].
#[target_feature(enable = "avx2,f16c,avxvnni")]
pub(crate) unsafe fn multiply(matrix: Matrix<'_>, rows: Range<usize>, x: &[Long], out: Columns) {
    // SAFETY: the caller's promise; the features are this function's own.
    unsafe { avx2::multiply_with::<Q4K, Q6K>(matrix, rows, x, out) }
}

struct Q4K;

impl Blocked for Q4K {
    const BYTES: usize = Q4_K_BYTES;

    // SAFETY: the caller has asked the processor for these features; `at` points at whole blocks of the matrix.
    #[target_feature(enable = "avx2,f16c,avxvnni")]
    unsafe fn turn(at: [*const u8; ROWS], tile: &mut Tile) {
        // SAFETY: the caller's promise.
        unsafe { avx2::Q4K::turn(at, tile) }
    }

    // SAFETY: the caller has asked the processor for these features.
    #[target_feature(enable = "avx2,f16c,avxvnni")]
    unsafe fn add<const N: usize>(tile: &Tile, x: [&Long; N], sums: &mut [[f32; ROWS]]) {
        avx2::Q4K::close(tile, x, scaled_sums::<N, 8>(tile, x), sums);
    }
}

struct Q6K;

impl Blocked for Q6K {
    const BYTES: usize = Q6_K_BYTES;

    // SAFETY: the caller has asked the processor for these features; `at` points at whole blocks of the matrix.
    #[target_feature(enable = "avx2,f16c,avxvnni")]
    unsafe fn turn(at: [*const u8; ROWS], tile: &mut Tile) {
        // SAFETY: the caller's promise.
        unsafe { avx2::Q6K::turn(at, tile) }
    }

    // SAFETY: the caller has asked the processor for these features.
    #[target_feature(enable = "avx2,f16c,avxvnni")]
    unsafe fn add<const N: usize>(tile: &Tile, x: [&Long; N], sums: &mut [[f32; ROWS]]) {
        avx2::Q6K::close(tile, x, scaled_sums::<N, 16>(tile, x), sums);
    }
}

/// The products of 256 columns in `GROUPS` groups, each times its scale.
#[target_feature(enable = "avx2,f16c,avxvnni")]
#[inline]
fn scaled_sums<const N: usize, const GROUPS: usize>(tile: &Tile, x: [&Long; N]) -> [__m256i; N] {
    let zero = _mm256_setzero_si256();
    let words = 64 / GROUPS;
    let mut products = [zero; N];
    for group in 0..GROUPS {
        let mut sum = [zero; N];
        for i in words * group..words * (group + 1) {
            for n in 0..N {
                sum[n] = _mm256_dpbusd_avx_epi32(sum[n], tile.columns[i], _mm256_set1_epi32(x[n].words[i]));
            }
        }
        // Of the two halves that hold it, the upper one with its sign.
        let scale = _mm256_srai_epi32::<16>(tile.scales[group]);
        for n in 0..N {
            products[n] = _mm256_add_epi32(products[n], _mm256_mullo_epi32(sum[n], scale));
        }
    }
    products
}
