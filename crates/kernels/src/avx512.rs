//! Sixteen matrix rows at a time with AVX-512 VNNI.
//!
//! A block of 256 columns of 16 rows is turned on its side in registers, so that lane i of every vector belongs to
//! row i: then one instruction multiplies four columns of 16 rows with four values of an activation row, scales apply
//! lane by lane, and no sum across lanes is ever needed. Turning a block costs as much as five activation rows'
//! products with it, so one form serves single rows and long prompts alike, straight on the file's own layout.

use crate::Format;
use crate::activations::Long;
use crate::matrix::{Matrix, Q4_K_BYTES, Q6_K_BYTES};
use crate::product::Columns;
use std::arch::x86_64::*;
use std::ops::Range;

const ROWS: usize = 16;
/// Activation rows whose sums are held in registers together.
const TOGETHER: usize = 8;

/// A block of 256 columns of 16 rows, turned.
struct Tile {
    /// Columns 4i to 4i + 3, unsigned bytes.
    columns: [__m512i; 64],
    /// Scale of each group of 32 (Q4_K: 8) or 16 columns (Q6_K: 16).
    scales: [__m512i; 16],
    /// Q4_K: the minima, Q6_K: the scales, two groups a lane, in the order of the activations' sums.
    pairs: [__m512i; 8],
    d: __m512,
    dmin: __m512,
}

impl Tile {
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    fn new() -> Self {
        let (zero, none) = (_mm512_setzero_si512(), _mm512_setzero_ps());
        Self { columns: [zero; 64], scales: [zero; 16], pairs: [zero; 8], d: none, dmin: none }
    }
}

/// Multiplies rows `rows` of `matrix` with every row of `x` and writes the results.
///
/// # Safety
/// The processor has these features. `x` holds whole rows of `matrix.columns() / 256` blocks, one for each row of
/// `out`, and `rows` are rows of the matrix that no other thread writes.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(crate) unsafe fn multiply(matrix: Matrix<'_>, rows: Range<usize>, x: &[Long], out: Columns) {
    let blocks = matrix.columns() / 256;
    let x: Vec<&[Long]> = x.chunks_exact(blocks).collect();
    let mut sums = vec![[0.0f32; ROWS]; x.len()];
    for first in rows.clone().step_by(ROWS) {
        let count = ROWS.min(rows.end - first);
        match matrix.format() {
            Format::Q4_K => tile_row::<Q4K>(matrix, first, count, &x, &mut sums),
            _ => tile_row::<Q6K>(matrix, first, count, &x, &mut sums),
        }
        for (row, sums) in sums.iter().enumerate() {
            // SAFETY: `row` is one of x's rows, and `first..first + count` lie within `rows`.
            unsafe { out.write(row, first, &sums[..count]) };
        }
    }
}

/// What the two formats do differently.
trait Blocked {
    const BYTES: usize;

    /// Turns the block at `at` of each row.
    ///
    /// # Safety
    /// The processor has the features, and `BYTES` bytes can be read at each place.
    // SAFETY: the caller has asked the processor for these features; `at` points at whole blocks of the matrix.
    unsafe fn turn(at: [*const u8; ROWS], tile: &mut Tile);

    /// Adds the products of a tile with one block of `N` activation rows.
    ///
    /// # Safety
    /// The processor has the features.
    // SAFETY: the caller has asked the processor for these features.
    unsafe fn add<const N: usize>(tile: &Tile, x: [&Long; N], sums: &mut [[f32; ROWS]]);
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
fn tile_row<F: Blocked>(matrix: Matrix<'_>, first: usize, count: usize, x: &[&[Long]], sums: &mut [[f32; ROWS]]) {
    sums.fill([0.0; ROWS]);
    // Rows beyond the last stand in for themselves with the last one's bytes; their results are not written.
    let starts: [*const u8; ROWS] = std::array::from_fn(|i| matrix.row(first + i.min(count - 1)).as_ptr());
    let end = matrix.bytes().as_ptr_range().end;
    let mut tile = Tile::new();
    for block in 0..matrix.columns() / 256 {
        // The rows of a tile follow each other in the file, and so do tiles: ask for what comes after this tile, as
        // many bytes as one block of all rows has.
        let next = matrix.row(first).as_ptr().wrapping_add(matrix.row_bytes() * ROWS + block * F::BYTES * ROWS);
        for line in (0..F::BYTES * ROWS).step_by(64) {
            let at = next.wrapping_add(line);
            if at < end {
                _mm_prefetch::<_MM_HINT_T0>(at.cast());
            }
        }
        // SAFETY: the features are this function's own; each row has a block of BYTES bytes there.
        unsafe { F::turn(starts.map(|row| row.add(block * F::BYTES)), &mut tile) };
        let mut row = 0;
        while row + TOGETHER <= x.len() {
            let together: [&Long; TOGETHER] = std::array::from_fn(|i| &x[row + i][block]);
            // SAFETY: the features are this function's own.
            unsafe { F::add(&tile, together, &mut sums[row..row + TOGETHER]) };
            row += TOGETHER;
        }
        if row + 4 <= x.len() {
            let together: [&Long; 4] = std::array::from_fn(|i| &x[row + i][block]);
            // SAFETY: the features are this function's own.
            unsafe { F::add(&tile, together, &mut sums[row..row + 4]) };
            row += 4;
        }
        if row + 2 <= x.len() {
            // SAFETY: the features are this function's own.
            unsafe { F::add(&tile, [&x[row][block], &x[row + 1][block]], &mut sums[row..row + 2]) };
            row += 2;
        }
        if row < x.len() {
            // SAFETY: the features are this function's own.
            unsafe { F::add(&tile, [&x[row][block]], &mut sums[row..=row]) };
        }
    }
}

struct Q4K;

impl Blocked for Q4K {
    const BYTES: usize = Q4_K_BYTES;

    // SAFETY: the caller has asked the processor for these features; `at` points at whole blocks of the matrix.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn turn(at: [*const u8; ROWS], tile: &mut Tile) {
        let nibble = _mm512_set1_epi8(15);
        // SAFETY: bytes 0 to 15 of each block.
        let [halves, s0, s1, s2] = unsafe { turn16(at, 0) };
        tile.d = half_to_single(halves);
        tile.dmin = half_to_single(_mm512_srli_epi32::<16>(halves));
        // Six-bit scales and minima of groups 0 to 3 and 4 to 7, one a byte (see `scalar::q4_k_scales`).
        let six = _mm512_set1_epi8(63);
        let high = |v: __m512i| _mm512_and_si512(_mm512_srli_epi32::<2>(v), _mm512_set1_epi8(0x30));
        let scales = [_mm512_and_si512(s0, six), _mm512_or_si512(_mm512_and_si512(s2, nibble), high(s0))];
        let minima = [
            _mm512_and_si512(s1, six),
            _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi32::<4>(s2), nibble), high(s1)),
        ];
        for half in 0..2 {
            let byte = _mm512_set1_epi32(0xff);
            tile.scales[4 * half] = _mm512_and_si512(scales[half], byte);
            tile.scales[4 * half + 1] = _mm512_and_si512(_mm512_srli_epi32::<8>(scales[half]), byte);
            tile.scales[4 * half + 2] = _mm512_and_si512(_mm512_srli_epi32::<16>(scales[half]), byte);
            tile.scales[4 * half + 3] = _mm512_srli_epi32::<24>(scales[half]);
            let even = _mm512_set1_epi16(0xff);
            tile.pairs[2 * half] = _mm512_and_si512(minima[half], even);
            tile.pairs[2 * half + 1] = _mm512_srli_epi16::<8>(minima[half]);
        }
        for i in 0..8 {
            // SAFETY: bytes 16 to 143 of each block.
            let four = unsafe { turn16(at, 16 + 16 * i) };
            for (j, v) in four.into_iter().enumerate() {
                // Word 4i + j holds low nibbles of group 2c and high ones of group 2c + 1, c = word / 8.
                let word = 4 * i + j;
                let low = word / 8 * 16 + word % 8;
                tile.columns[low] = _mm512_and_si512(v, nibble);
                tile.columns[low + 8] = _mm512_and_si512(_mm512_srli_epi32::<4>(v), nibble);
            }
        }
    }

    // SAFETY: the caller has asked the processor for these features.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn add<const N: usize>(tile: &Tile, x: [&Long; N], sums: &mut [[f32; ROWS]]) {
        let zero = _mm512_setzero_si512();
        let mut products = [zero; N];
        for group in 0..8 {
            let mut sum = [zero; N];
            for i in 8 * group..8 * group + 8 {
                for n in 0..N {
                    sum[n] = _mm512_dpbusd_epi32(sum[n], tile.columns[i], _mm512_set1_epi32(x[n].words[i]));
                }
            }
            for n in 0..N {
                products[n] = _mm512_add_epi32(products[n], _mm512_mullo_epi32(sum[n], tile.scales[group]));
            }
        }
        for n in 0..N {
            let mut offsets = zero;
            for i in 0..4 {
                offsets = _mm512_dpwssd_epi32(offsets, tile.pairs[i], _mm512_set1_epi32(x[n].sums32[i]));
            }
            let scale = _mm512_set1_ps(x[n].scale);
            let gain = _mm512_mul_ps(_mm512_mul_ps(tile.d, scale), _mm512_cvtepi32_ps(products[n]));
            let loss = _mm512_mul_ps(_mm512_mul_ps(tile.dmin, scale), _mm512_cvtepi32_ps(offsets));
            let sum = load(&sums[n]);
            store(&mut sums[n], _mm512_sub_ps(_mm512_add_ps(sum, gain), loss));
        }
    }
}

struct Q6K;

impl Blocked for Q6K {
    const BYTES: usize = Q6_K_BYTES;

    // SAFETY: the caller has asked the processor for these features; `at` points at whole blocks of the matrix.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn turn(at: [*const u8; ROWS], tile: &mut Tile) {
        let (low, high) = (_mm512_set1_epi8(0x0f), _mm512_set1_epi8(0x30));
        for half in 0..2 {
            for i in 0..2 {
                // SAFETY: bytes 0 to 191 of each block: nibbles 64·half + 16i and 32 further, upper bits 32·half + 16i.
                let (a, b, h) = unsafe {
                    (
                        turn16(at, 64 * half + 16 * i),
                        turn16(at, 64 * half + 32 + 16 * i),
                        turn16(at, 128 + 32 * half + 16 * i),
                    )
                };
                for j in 0..4 {
                    let word = 32 * half + 4 * i + j;
                    let six =
                        |nibbles, bits| _mm512_or_si512(_mm512_and_si512(nibbles, low), _mm512_and_si512(bits, high));
                    tile.columns[word] = six(a[j], _mm512_slli_epi32::<4>(h[j]));
                    tile.columns[word + 8] = six(b[j], _mm512_slli_epi32::<2>(h[j]));
                    tile.columns[word + 16] = six(_mm512_srli_epi32::<4>(a[j]), h[j]);
                    tile.columns[word + 24] = six(_mm512_srli_epi32::<4>(b[j]), _mm512_srli_epi32::<2>(h[j]));
                }
            }
        }
        // SAFETY: bytes 192 to 207 of each block.
        let scales = unsafe { turn16(at, 192) };
        for (i, v) in scales.into_iter().enumerate() {
            tile.scales[4 * i] = _mm512_srai_epi32::<24>(_mm512_slli_epi32::<24>(v));
            tile.scales[4 * i + 1] = _mm512_srai_epi32::<24>(_mm512_slli_epi32::<16>(v));
            tile.scales[4 * i + 2] = _mm512_srai_epi32::<24>(_mm512_slli_epi32::<8>(v));
            tile.scales[4 * i + 3] = _mm512_srai_epi32::<24>(v);
            tile.pairs[2 * i] = _mm512_srai_epi16::<8>(_mm512_slli_epi16::<8>(v));
            tile.pairs[2 * i + 1] = _mm512_srai_epi16::<8>(v);
        }
        // SAFETY: bytes 208 and 209 of each block.
        let d: [i32; ROWS] = at.map(|at| unsafe { i32::from(at.add(208).cast::<u16>().read_unaligned()) });
        // SAFETY: as many bytes as a vector has.
        tile.d = half_to_single(unsafe { _mm512_loadu_si512(d.as_ptr().cast()) });
    }

    // SAFETY: the caller has asked the processor for these features.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn add<const N: usize>(tile: &Tile, x: [&Long; N], sums: &mut [[f32; ROWS]]) {
        let zero = _mm512_setzero_si512();
        let mut products = [zero; N];
        for group in 0..16 {
            let mut sum = [zero; N];
            for i in 4 * group..4 * group + 4 {
                for n in 0..N {
                    sum[n] = _mm512_dpbusd_epi32(sum[n], tile.columns[i], _mm512_set1_epi32(x[n].words[i]));
                }
            }
            for n in 0..N {
                products[n] = _mm512_add_epi32(products[n], _mm512_mullo_epi32(sum[n], tile.scales[group]));
            }
        }
        for n in 0..N {
            let mut offsets = zero;
            for i in 0..8 {
                offsets = _mm512_dpwssd_epi32(offsets, tile.pairs[i], _mm512_set1_epi32(x[n].sums16[i]));
            }
            let products = _mm512_sub_epi32(products[n], _mm512_slli_epi32::<5>(offsets));
            let d = _mm512_mul_ps(tile.d, _mm512_set1_ps(x[n].scale));
            let sum = load(&sums[n]);
            store(&mut sums[n], _mm512_add_ps(sum, _mm512_mul_ps(d, _mm512_cvtepi32_ps(products))));
        }
    }
}

/// Sixteen bytes of each row, turned: word j of all rows in the j-th vector.
///
/// # Safety
/// The processor has the features, and 16 bytes can be read at `offset` from each place.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
// SAFETY: the caller has asked the processor for these features; `at` points at whole blocks of the matrix.
#[inline]
unsafe fn turn16(at: [*const u8; ROWS], offset: usize) -> [__m512i; 4] {
    // Rows i, i + 4, i + 8, i + 12 in the quarters of a vector.
    let rows = |i: usize| {
        // SAFETY: the caller's promise.
        let quarter = |row: usize| unsafe { _mm_loadu_si128(at[row].add(offset).cast()) };
        let v = _mm512_castsi128_si512(quarter(i));
        let v = _mm512_mask_broadcast_i32x4(v, 0x00f0, quarter(i + 4));
        let v = _mm512_mask_broadcast_i32x4(v, 0x0f00, quarter(i + 8));
        _mm512_mask_broadcast_i32x4(v, 0xf000, quarter(i + 12))
    };
    let (a, b, c, d) = (rows(0), rows(1), rows(2), rows(3));
    let (ab_low, ab_high) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let (cd_low, cd_high) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    [
        _mm512_unpacklo_epi64(ab_low, cd_low),
        _mm512_unpackhi_epi64(ab_low, cd_low),
        _mm512_unpacklo_epi64(ab_high, cd_high),
        _mm512_unpackhi_epi64(ab_high, cd_high),
    ]
}

/// The low half of each lane, half precision, to single.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
#[inline]
fn half_to_single(halves: __m512i) -> __m512 {
    _mm512_cvtph_ps(_mm512_cvtepi32_epi16(halves))
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
#[inline]
fn load(from: &[f32; ROWS]) -> __m512 {
    // SAFETY: 16 floats can be read there.
    unsafe { _mm512_loadu_ps(from.as_ptr()) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
#[inline]
fn store(to: &mut [f32; ROWS], value: __m512) {
    // SAFETY: 16 floats can be written there.
    unsafe { _mm512_storeu_ps(to.as_mut_ptr(), value) }
}
