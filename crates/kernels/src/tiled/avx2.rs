//! Products of tiles with AVX2. Bytes become sixteen-bit numbers, even and odd columns apart, so that no sum can
//! overflow: two columns of 8 rows an instruction.

use super::{BLOCK, Bytes32, Job, ROWS, Tile};
use std::arch::x86_64::*;

/// Activation rows whose sums are held in registers together.
const TOGETHER: usize = 3;
/// Activation rows that stay in the first cache while all tiles pass.
const PANEL: usize = 8 * TOGETHER;

/// As [`Bytes32`], each word as two: bytes 0 and 2, bytes 1 and 3, as halves.
#[derive(Clone, Copy)]
struct Halves32 {
    even: [i32; 8],
    odd: [i32; 8],
    offset: i32,
    scale: f32,
}

impl Halves32 {
    fn of(x: &Bytes32) -> Self {
        let half = |byte: u8| u32::from(i16::from(byte.cast_signed()).cast_unsigned());
        let pair = |low: u8, high: u8| (half(low) | half(high) << 16).cast_signed();
        let bytes = x.words.map(i32::to_le_bytes);
        Self {
            even: bytes.map(|b| pair(b[0], b[2])),
            odd: bytes.map(|b| pair(b[1], b[3])),
            offset: x.offset,
            scale: x.scale,
        }
    }
}

/// # Safety
/// The processor has AVX2; as [`Job::run`].
#[target_feature(enable = "avx2,f16c")]
pub(super) unsafe fn multiply(job: &Job<'_>) {
    let rows = job.x.len() / job.blocks;
    let mut halves = Vec::with_capacity(PANEL.min(rows) * job.blocks);
    for panel in (0..rows).step_by(PANEL) {
        let end = (panel + PANEL).min(rows);
        halves.clear();
        halves.extend(job.x[panel * job.blocks..end * job.blocks].iter().map(Halves32::of));
        for tile in job.range.clone() {
            let mut row = panel;
            while row < end {
                let x = &halves[(row - panel) * job.blocks..];
                // SAFETY: the features are this function's own; the rows and tile rows are the job's.
                unsafe {
                    row += match end - row {
                        TOGETHER.. => group::<TOGETHER>(job, x, row, tile),
                        2.. => group::<2>(job, x, row, tile),
                        _ => group::<1>(job, x, row, tile),
                    };
                }
            }
        }
    }
}

/// `N` activation rows, which `x` begins with, with one tile row; gives `N`.
///
/// # Safety
/// The processor has AVX2; the rows are the job's.
#[target_feature(enable = "avx2,f16c")]
#[inline]
unsafe fn group<const N: usize>(job: &Job<'_>, x: &[Halves32], row: usize, tile: usize) -> usize {
    let blocks = job.blocks;
    let tiles: &[Tile] = &job.tiles[tile * blocks..][..blocks];
    let x: [&[Halves32]; N] = std::array::from_fn(|n| &x[n * blocks..][..blocks]);
    let low = _mm256_set1_epi16(0xff);
    let mut sums = [start(job, tile); N];
    for b in 0..blocks {
        let mut whole = [[_mm256_setzero_si256(); 2]; N];
        for n in 0..N {
            whole[n] = [_mm256_set1_epi32(x[n][b].offset); 2];
        }
        for i in 0..8 {
            let mut even = [_mm256_setzero_si256(); 2];
            let mut odd = even;
            for half in 0..2 {
                // SAFETY: 32 of 64 bytes each.
                let columns = unsafe { _mm256_loadu_si256(tiles[b].columns[i].as_ptr().add(32 * half).cast()) };
                (even[half], odd[half]) = (_mm256_and_si256(columns, low), _mm256_srli_epi16::<8>(columns));
            }
            for n in 0..N {
                let (x_even, x_odd) = (_mm256_set1_epi32(x[n][b].even[i]), _mm256_set1_epi32(x[n][b].odd[i]));
                for half in 0..2 {
                    let first = _mm256_madd_epi16(even[half], x_even);
                    let second = _mm256_madd_epi16(odd[half], x_odd);
                    whole[n][half] = _mm256_add_epi32(whole[n][half], _mm256_add_epi32(first, second));
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

/// What the sums of a tile row begin with, in halves.
#[target_feature(enable = "avx2,f16c")]
#[inline]
pub(super) fn start(job: &Job<'_>, tile: usize) -> [__m256; 2] {
    let start = job.start_of(tile);
    // SAFETY: 8 of 16 floats each.
    unsafe { [_mm256_loadu_ps(start.as_ptr()), _mm256_loadu_ps(start.as_ptr().add(8))] }
}

/// Adds a block's whole sums, times the weights' and the activations' scales.
#[target_feature(enable = "avx2,f16c")]
#[inline]
pub(super) fn add_scaled<const N: usize>(
    tile: &Tile,
    scales: [f32; N],
    whole: [[__m256i; 2]; N],
    sums: &mut [[__m256; 2]; N],
) {
    for half in 0..2 {
        // SAFETY: 8 of 16 floats each.
        let weights = unsafe { _mm256_loadu_ps(tile.scales.as_ptr().add(8 * half)) };
        for n in 0..N {
            let scale = _mm256_mul_ps(weights, _mm256_set1_ps(scales[n]));
            let product = _mm256_mul_ps(scale, _mm256_cvtepi32_ps(whole[n][half]));
            sums[n][half] = _mm256_add_ps(sums[n][half], product);
        }
    }
}

/// Writes the results of one row of activations with one tile row.
///
/// # Safety
/// As [`Job::write`].
#[target_feature(enable = "avx2,f16c")]
#[inline]
pub(super) unsafe fn write(job: &Job<'_>, row: usize, tile: usize, sums: [__m256; 2]) {
    let mut out = [0.0f32; ROWS];
    // SAFETY: 8 of 16 floats each; then the caller's promise.
    unsafe {
        _mm256_storeu_ps(out.as_mut_ptr(), sums[0]);
        _mm256_storeu_ps(out.as_mut_ptr().add(8), sums[1]);
        job.write(row, tile, &out);
    }
}

/// As [`Bytes32::of`], block by block.
///
/// # Safety
/// The processor has AVX2.
#[target_feature(enable = "avx2,f16c")]
pub(super) unsafe fn round(x: &[[f32; BLOCK]], out: &mut [Bytes32]) {
    // Added to a small number, this leaves its nearest whole number in the low bits of the sum.
    let magic = _mm256_set1_ps(12_582_912.0);
    let sign = _mm256_set1_ps(-0.0);
    for (x, out) in x.iter().zip(out) {
        let mut eights = [_mm256_setzero_ps(); 4];
        let mut largest = _mm256_setzero_ps();
        for i in 0..4 {
            // SAFETY: 8 of 32 floats each.
            eights[i] = unsafe { _mm256_loadu_ps(x.as_ptr().add(8 * i)) };
            // What is no number loses against what stands second.
            largest = _mm256_max_ps(_mm256_andnot_ps(sign, eights[i]), largest);
        }
        let four = _mm_max_ps(_mm256_castps256_ps128(largest), _mm256_extractf128_ps::<1>(largest));
        let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
        let largest = _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)));
        if largest == 0.0 {
            *out = Bytes32::ZERO;
            continue;
        }
        let inverse = _mm256_set1_ps(127.0 / largest);
        let mut sums = _mm256_setzero_si256();
        for i in 0..4 {
            let shifted = _mm256_castps_si256(_mm256_add_ps(_mm256_mul_ps(eights[i], inverse), magic));
            let whole = _mm256_srai_epi32::<24>(_mm256_slli_epi32::<24>(shifted));
            sums = _mm256_add_epi32(sums, whole);
            // From 16 bits on down within each half, then the halves together.
            let bytes = _mm256_packs_epi16(_mm256_packs_epi32(whole, whole), _mm256_setzero_si256());
            out.words[2 * i] = _mm256_extract_epi32::<0>(bytes);
            out.words[2 * i + 1] = _mm256_extract_epi32::<4>(bytes);
        }
        let four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
        let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b1110>(four));
        let sum = _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<1>(two)));
        (out.offset, out.scale) = (-128 * sum, largest / 127.0);
    }
}
