//! Products of tiles with AVX-VNNI: as [`super::avx512`], a tile's rows in two halves.

use super::avx2::{add_scaled, start, write};
use super::{Bytes32, Job, Tile};
use std::arch::x86_64::*;

/// Activation rows whose sums are held in registers together.
const TOGETHER: usize = 6;
/// Activation rows that stay in the first cache while all tiles pass.
const PANEL: usize = 8 * TOGETHER;

/// # Safety
/// The processor has AVX2 and AVX-VNNI; as [`Job::run`].
#[target_feature(enable = "avx2,f16c,avxvnni")]
pub(super) unsafe fn multiply(job: &Job<'_>) {
    let rows = job.x.len() / job.blocks;
    for panel in (0..rows).step_by(PANEL) {
        let end = (panel + PANEL).min(rows);
        for tile in job.range.clone() {
            let mut row = panel;
            while row < end {
                // SAFETY: the features are this function's own; the rows and tile rows are the job's.
                unsafe {
                    row += match end - row {
                        TOGETHER.. => group::<TOGETHER>(job, row, tile),
                        4.. => group::<4>(job, row, tile),
                        2.. => group::<2>(job, row, tile),
                        _ => group::<1>(job, row, tile),
                    };
                }
            }
        }
    }
}

/// `N` activation rows with one tile row; gives `N`.
///
/// # Safety
/// The processor has the features; the rows are the job's.
#[target_feature(enable = "avx2,f16c,avxvnni")]
#[inline]
unsafe fn group<const N: usize>(job: &Job<'_>, row: usize, tile: usize) -> usize {
    let blocks = job.blocks;
    let tiles: &[Tile] = &job.tiles[tile * blocks..][..blocks];
    let x: [&[Bytes32]; N] = std::array::from_fn(|n| &job.x[(row + n) * blocks..][..blocks]);
    let mut sums = [start(job, tile); N];
    for b in 0..blocks {
        let mut whole = [[_mm256_setzero_si256(); 2]; N];
        for n in 0..N {
            whole[n] = [_mm256_set1_epi32(x[n][b].offset); 2];
        }
        for i in 0..8 {
            let columns = tiles[b].columns[i].as_ptr();
            // SAFETY: 32 of 64 bytes each.
            let columns = unsafe { [_mm256_loadu_si256(columns.cast()), _mm256_loadu_si256(columns.add(32).cast())] };
            for n in 0..N {
                let four = _mm256_set1_epi32(x[n][b].words[i]);
                for half in 0..2 {
                    whole[n][half] = _mm256_dpbusd_avx_epi32(whole[n][half], columns[half], four);
                }
            }
        }
        add_scaled(&tiles[b], x.map(|x| x[b].scale), whole, &mut sums);
    }
    for n in 0..N {
        // SAFETY: the caller's promise.
        unsafe { write(job, row + n, tile, sums[n]) };
    }
    N
}
