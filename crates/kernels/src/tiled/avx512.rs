//! Products of tiles with AVX-512 VNNI: one instruction multiplies four columns of 16 rows with four values of an
//! activation row.

use super::{BLOCK, Bytes32, Job, ROWS};
use std::arch::x86_64::*;

/// Activation rows whose sums are held in registers together, with two tile rows.
const TOGETHER: usize = 6;
/// Activation rows that stay in the first cache while all tiles pass.
const PANEL: usize = 8 * TOGETHER;

/// # Safety
/// The processor has these features; as [`Job::run`].
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn multiply(job: &Job<'_>) {
    let rows = job.x.len() / job.blocks;
    for panel in (0..rows).step_by(PANEL) {
        let end = (panel + PANEL).min(rows);
        let mut tile = job.range.start;
        while tile < job.range.end {
            let two = tile + 2 <= job.range.end;
            let mut row = panel;
            while row < end {
                // SAFETY: the features are this function's own; the rows and tile rows are the job's.
                unsafe {
                    row += match (two, end - row) {
                        (true, TOGETHER..) => group::<TOGETHER, 2>(job, row, tile),
                        (true, 4..) => group::<4, 2>(job, row, tile),
                        (true, 2..) => group::<2, 2>(job, row, tile),
                        (true, _) => group::<1, 2>(job, row, tile),
                        (false, TOGETHER..) => group::<TOGETHER, 1>(job, row, tile),
                        (false, 4..) => group::<4, 1>(job, row, tile),
                        (false, 2..) => group::<2, 1>(job, row, tile),
                        (false, _) => group::<1, 1>(job, row, tile),
                    };
                }
            }
            tile += if two { 2 } else { 1 };
        }
    }
}

/// `N` activation rows with `T` tile rows; gives `N`.
///
/// # Safety
/// The processor has the features; the rows are the job's.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
#[inline]
unsafe fn group<const N: usize, const T: usize>(job: &Job<'_>, row: usize, tile: usize) -> usize {
    let blocks = job.blocks;
    // Bounds are checked once here, not for each block.
    let tiles = job.tiles[tile * blocks..(tile + T) * blocks].as_ptr();
    let x = job.x[row * blocks..(row + N) * blocks].as_ptr();
    let mut sums = [[_mm512_setzero_ps(); T]; N];
    if let Some(start) = job.start {
        for t in 0..T {
            let first = (tile + t) * ROWS;
            // SAFETY: the mask leaves out what lies beyond the last row.
            let start = unsafe { _mm512_maskz_loadu_ps(job.columns(tile + t), start.as_ptr().add(first)) };
            for n in 0..N {
                sums[n][t] = start;
            }
        }
    }
    for b in 0..blocks {
        let mut whole = [[_mm512_setzero_si512(); T]; N];
        for n in 0..N {
            // SAFETY: block `b` of row `n`, within the slice above.
            let offset = _mm512_set1_epi32(unsafe { (*x.add(n * blocks + b)).offset });
            for t in 0..T {
                whole[n][t] = offset;
            }
        }
        for i in 0..8 {
            let mut columns = [_mm512_setzero_si512(); T];
            for t in 0..T {
                // SAFETY: 64 bytes, aligned as tiles are, within the slice above.
                columns[t] = unsafe { _mm512_load_si512((*tiles.add(t * blocks + b)).columns[i].as_ptr().cast()) };
            }
            for n in 0..N {
                // SAFETY: as above.
                let four = _mm512_set1_epi32(unsafe { (*x.add(n * blocks + b)).words[i] });
                for t in 0..T {
                    whole[n][t] = _mm512_dpbusd_epi32(whole[n][t], columns[t], four);
                }
            }
        }
        for t in 0..T {
            // SAFETY: 16 floats, within the slice above.
            let scales = unsafe { _mm512_load_ps((*tiles.add(t * blocks + b)).scales.as_ptr()) };
            for n in 0..N {
                // SAFETY: as above.
                let scale = _mm512_mul_ps(scales, _mm512_set1_ps(unsafe { (*x.add(n * blocks + b)).scale }));
                sums[n][t] = _mm512_add_ps(sums[n][t], _mm512_mul_ps(scale, _mm512_cvtepi32_ps(whole[n][t])));
            }
        }
    }
    for t in 0..T {
        let columns = job.columns(tile + t);
        for n in 0..N {
            // SAFETY: the caller's promise; the mask leaves out what lies beyond the last column.
            unsafe { _mm512_mask_storeu_ps(job.out.at(row + n, (tile + t) * ROWS), columns, sums[n][t]) };
        }
    }
    N
}

/// As [`Bytes32::of`], block by block.
///
/// # Safety
/// The processor has these features.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn round(x: &[[f32; BLOCK]], out: &mut [Bytes32]) {
    // Added to a small number, this leaves its nearest whole number in the low bits of the sum.
    let magic = _mm512_set1_ps(12_582_912.0);
    for (x, out) in x.iter().zip(out) {
        // SAFETY: 16 of 32 floats each.
        let (a, b) = unsafe { (_mm512_loadu_ps(x.as_ptr()), _mm512_loadu_ps(x.as_ptr().add(16))) };
        // What is no number loses against what stands second.
        let largest = _mm512_max_ps(_mm512_abs_ps(a), _mm512_setzero_ps());
        let largest = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(b), largest));
        if largest == 0.0 {
            *out = Bytes32::ZERO;
            continue;
        }
        let inverse = _mm512_set1_ps(127.0 / largest);
        let low = |x| _mm512_cvtepi32_epi8(_mm512_castps_si512(_mm512_add_ps(_mm512_mul_ps(x, inverse), magic)));
        let bytes = _mm256_set_m128i(low(b), low(a));
        let sums = _mm256_dpbusd_epi32(_mm256_setzero_si256(), _mm256_set1_epi8(1), bytes);
        let four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
        let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b1110>(four));
        let sum = _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<1>(two)));
        // SAFETY: 32 bytes.
        unsafe { _mm256_storeu_si256(out.words.as_mut_ptr().cast(), bytes) };
        (out.offset, out.scale) = (-128 * sum, largest / 127.0);
    }
}
