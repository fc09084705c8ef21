//! Eight matrix rows at a time with AVX2; the form is that of [`crate::avx512`], with half the lanes and products in
//! two steps: pairs of columns to 16 bits, then groups to 32.

use crate::Format;
use crate::activations::Long;
use crate::matrix::{Matrix, Q4_K_BYTES, Q6_K_BYTES};
use crate::product::Columns;
use std::arch::x86_64::*;
use std::ops::Range;

pub(crate) const ROWS: usize = 8;
/// Activation rows whose sums are held in registers together.
const TOGETHER: usize = 4;

/// A block of 256 columns of 8 rows, turned.
pub(crate) struct Tile {
    /// Columns 4i to 4i + 3, unsigned bytes.
    pub(crate) columns: [__m256i; 64],
    /// Scale of each group of columns, in both halves of a lane.
    pub(crate) scales: [__m256i; 16],
    /// Q4_K: the minima, Q6_K: the scales, two groups a lane, in the order of the activations' sums.
    pairs: [__m256i; 8],
    d: __m256,
    dmin: __m256,
}

impl Tile {
    #[target_feature(enable = "avx2,f16c")]
    fn new() -> Self {
        let (zero, none) = (_mm256_setzero_si256(), _mm256_setzero_ps());
        Self { columns: [zero; 64], scales: [zero; 16], pairs: [zero; 8], d: none, dmin: none }
    }
}

/// Multiplies rows `rows` of `matrix` with every row of `x` and writes the results.
///
/// # Safety
/// The processor has these features. `x` holds whole rows of `matrix.columns() / 256` blocks, one for each row of
/// `out`, and `rows` are rows of the matrix that no other thread writes.
#[target_feature(enable = "avx2,f16c")]
pub(crate) unsafe fn multiply(matrix: Matrix<'_>, rows: Range<usize>, x: &[Long], out: Columns) {
    // SAFETY: the caller's promise.
    unsafe { multiply_with::<Q4K, Q6K>(matrix, rows, x, out) }
}

/// [`multiply`] with another way to add.
///
/// # Safety
/// As there; the processor has the features of `Four` and `Six` too.
#[target_feature(enable = "avx2,f16c")]
pub(crate) unsafe fn multiply_with<Four: Blocked, Six: Blocked>(
    matrix: Matrix<'_>,
    rows: Range<usize>,
    x: &[Long],
    out: Columns,
) {
    let blocks = matrix.columns() / 256;
    let x: Vec<&[Long]> = x.chunks_exact(blocks).collect();
    let mut sums = vec![[0.0f32; ROWS]; x.len()];
    for first in rows.clone().step_by(ROWS) {
        let count = ROWS.min(rows.end - first);
        match matrix.format() {
            Format::Q4_K => tile_row::<Four>(matrix, first, count, &x, &mut sums),
            _ => tile_row::<Six>(matrix, first, count, &x, &mut sums),
        }
        for (row, sums) in sums.iter().enumerate() {
            // SAFETY: `row` is one of x's rows, and `first..first + count` lie within `rows`.
            unsafe { out.write(row, first, &sums[..count]) };
        }
    }
}

/// What the two formats do differently.
pub(crate) trait Blocked {
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

#[target_feature(enable = "avx2,f16c")]
fn tile_row<F: Blocked>(matrix: Matrix<'_>, first: usize, count: usize, x: &[&[Long]], sums: &mut [[f32; ROWS]]) {
    sums.fill([0.0; ROWS]);
    // Rows beyond the last stand in for themselves with the last one's bytes; their results are not written.
    let starts: [*const u8; ROWS] = std::array::from_fn(|i| matrix.row(first + i.min(count - 1)).as_ptr());
    let end = matrix.bytes().as_ptr_range().end;
    let mut tile = Tile::new();
    for block in 0..matrix.columns() / 256 {
        // As in avx512.rs: the bytes that follow this tile's.
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
        while row < x.len() {
            // SAFETY: the features are this function's own.
            unsafe { F::add(&tile, [&x[row][block]], &mut sums[row..=row]) };
            row += 1;
        }
    }
}

pub(crate) struct Q4K;

impl Blocked for Q4K {
    const BYTES: usize = Q4_K_BYTES;

    // SAFETY: the caller has asked the processor for these features; `at` points at whole blocks of the matrix.
    #[target_feature(enable = "avx2,f16c")]
    unsafe fn turn(at: [*const u8; ROWS], tile: &mut Tile) {
        let nibble = _mm256_set1_epi8(15);
        // SAFETY: bytes 0 to 15 of each block.
        let [halves, s0, s1, s2] = unsafe { turn16(at, 0) };
        tile.d = half_to_single(halves);
        tile.dmin = half_to_single(_mm256_srli_epi32::<16>(halves));
        // Six-bit scales and minima of groups 0 to 3 and 4 to 7, one a byte (see `scalar::q4_k_scales`).
        let six = _mm256_set1_epi8(63);
        let high = |v: __m256i| _mm256_and_si256(_mm256_srli_epi32::<2>(v), _mm256_set1_epi8(0x30));
        let scales = [_mm256_and_si256(s0, six), _mm256_or_si256(_mm256_and_si256(s2, nibble), high(s0))];
        let minima = [
            _mm256_and_si256(s1, six),
            _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi32::<4>(s2), nibble), high(s1)),
        ];
        for half in 0..2 {
            let byte = _mm256_set1_epi32(0xff);
            tile.scales[4 * half] = both_halves(_mm256_and_si256(scales[half], byte));
            tile.scales[4 * half + 1] = both_halves(_mm256_and_si256(_mm256_srli_epi32::<8>(scales[half]), byte));
            tile.scales[4 * half + 2] = both_halves(_mm256_and_si256(_mm256_srli_epi32::<16>(scales[half]), byte));
            tile.scales[4 * half + 3] = both_halves(_mm256_srli_epi32::<24>(scales[half]));
            tile.pairs[2 * half] = _mm256_and_si256(minima[half], _mm256_set1_epi16(0xff));
            tile.pairs[2 * half + 1] = _mm256_srli_epi16::<8>(minima[half]);
        }
        for i in 0..8 {
            // SAFETY: bytes 16 to 143 of each block.
            let four = unsafe { turn16(at, 16 + 16 * i) };
            for (j, v) in four.into_iter().enumerate() {
                // Word 4i + j holds low nibbles of group 2c and high ones of group 2c + 1, c = word / 8.
                let word = 4 * i + j;
                let low = word / 8 * 16 + word % 8;
                tile.columns[low] = _mm256_and_si256(v, nibble);
                tile.columns[low + 8] = _mm256_and_si256(_mm256_srli_epi32::<4>(v), nibble);
            }
        }
    }

    // SAFETY: the caller has asked the processor for these features.
    #[target_feature(enable = "avx2,f16c")]
    unsafe fn add<const N: usize>(tile: &Tile, x: [&Long; N], sums: &mut [[f32; ROWS]]) {
        let zero = _mm256_setzero_si256();
        let mut products = [zero; N];
        for group in 0..8 {
            // At most 8 · 2 · 15 · 128 = 30,720: sixteen bits hold a whole group.
            let mut sum = [zero; N];
            for i in 8 * group..8 * group + 8 {
                for n in 0..N {
                    let two = _mm256_maddubs_epi16(tile.columns[i], _mm256_set1_epi32(x[n].words[i]));
                    sum[n] = _mm256_add_epi16(sum[n], two);
                }
            }
            for n in 0..N {
                products[n] = _mm256_add_epi32(products[n], _mm256_madd_epi16(sum[n], tile.scales[group]));
            }
        }
        Self::close(tile, x, products, sums);
    }
}

impl Q4K {
    /// Adds what the products of a block, scaled group by group, come to.
    #[target_feature(enable = "avx2,f16c")]
    #[inline]
    pub(crate) fn close<const N: usize>(tile: &Tile, x: [&Long; N], products: [__m256i; N], sums: &mut [[f32; ROWS]]) {
        for n in 0..N {
            let offsets = offsets(&tile.pairs[..4], &x[n].sums32);
            let scale = _mm256_set1_ps(x[n].scale);
            let gain = _mm256_mul_ps(_mm256_mul_ps(tile.d, scale), _mm256_cvtepi32_ps(products[n]));
            let loss = _mm256_mul_ps(_mm256_mul_ps(tile.dmin, scale), _mm256_cvtepi32_ps(offsets));
            let sum = load(&sums[n]);
            store(&mut sums[n], _mm256_sub_ps(_mm256_add_ps(sum, gain), loss));
        }
    }
}

pub(crate) struct Q6K;

impl Blocked for Q6K {
    const BYTES: usize = Q6_K_BYTES;

    // SAFETY: the caller has asked the processor for these features; `at` points at whole blocks of the matrix.
    #[target_feature(enable = "avx2,f16c")]
    unsafe fn turn(at: [*const u8; ROWS], tile: &mut Tile) {
        let (low, high) = (_mm256_set1_epi8(0x0f), _mm256_set1_epi8(0x30));
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
                        |nibbles, bits| _mm256_or_si256(_mm256_and_si256(nibbles, low), _mm256_and_si256(bits, high));
                    tile.columns[word] = six(a[j], _mm256_slli_epi32::<4>(h[j]));
                    tile.columns[word + 8] = six(b[j], _mm256_slli_epi32::<2>(h[j]));
                    tile.columns[word + 16] = six(_mm256_srli_epi32::<4>(a[j]), h[j]);
                    tile.columns[word + 24] = six(_mm256_srli_epi32::<4>(b[j]), _mm256_srli_epi32::<2>(h[j]));
                }
            }
        }
        // SAFETY: bytes 192 to 207 of each block.
        let scales = unsafe { turn16(at, 192) };
        for (i, v) in scales.into_iter().enumerate() {
            let byte = _mm256_set1_epi32(0xffff);
            let signed = |v: __m256i| both_halves(_mm256_and_si256(_mm256_srai_epi32::<24>(v), byte));
            tile.scales[4 * i] = signed(_mm256_slli_epi32::<24>(v));
            tile.scales[4 * i + 1] = signed(_mm256_slli_epi32::<16>(v));
            tile.scales[4 * i + 2] = signed(_mm256_slli_epi32::<8>(v));
            tile.scales[4 * i + 3] = signed(v);
            tile.pairs[2 * i] = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(v));
            tile.pairs[2 * i + 1] = _mm256_srai_epi16::<8>(v);
        }
        // SAFETY: bytes 208 and 209 of each block.
        let d: [i32; ROWS] = at.map(|at| unsafe { i32::from(at.add(208).cast::<u16>().read_unaligned()) });
        // SAFETY: as many bytes as a vector has.
        tile.d = half_to_single(unsafe { _mm256_loadu_si256(d.as_ptr().cast()) });
    }

    // SAFETY: the caller has asked the processor for these features.
    #[target_feature(enable = "avx2,f16c")]
    unsafe fn add<const N: usize>(tile: &Tile, x: [&Long; N], sums: &mut [[f32; ROWS]]) {
        let zero = _mm256_setzero_si256();
        let mut products = [zero; N];
        for group in 0..16 {
            for i in [4 * group, 4 * group + 2] {
                for n in 0..N {
                    // At most 2 · 2 · 63 · 128 = 32,256: sixteen bits hold two steps, not four.
                    let a = _mm256_maddubs_epi16(tile.columns[i], _mm256_set1_epi32(x[n].words[i]));
                    let b = _mm256_maddubs_epi16(tile.columns[i + 1], _mm256_set1_epi32(x[n].words[i + 1]));
                    let scaled = _mm256_madd_epi16(_mm256_add_epi16(a, b), tile.scales[group]);
                    products[n] = _mm256_add_epi32(products[n], scaled);
                }
            }
        }
        Self::close(tile, x, products, sums);
    }
}

impl Q6K {
    /// As [`Q4K::close`].
    #[target_feature(enable = "avx2,f16c")]
    #[inline]
    pub(crate) fn close<const N: usize>(tile: &Tile, x: [&Long; N], products: [__m256i; N], sums: &mut [[f32; ROWS]]) {
        for n in 0..N {
            let offsets = offsets(&tile.pairs, &x[n].sums16);
            let products = _mm256_sub_epi32(products[n], _mm256_slli_epi32::<5>(offsets));
            let d = _mm256_mul_ps(tile.d, _mm256_set1_ps(x[n].scale));
            let sum = load(&sums[n]);
            store(&mut sums[n], _mm256_add_ps(sum, _mm256_mul_ps(d, _mm256_cvtepi32_ps(products))));
        }
    }
}

/// Pairs of minima or scales times the activations' sums.
#[target_feature(enable = "avx2,f16c")]
#[inline]
fn offsets(pairs: &[__m256i], sums: &[i32]) -> __m256i {
    let mut offsets = _mm256_setzero_si256();
    for (&pair, &sum) in pairs.iter().zip(sums) {
        offsets = _mm256_add_epi32(offsets, _mm256_madd_epi16(pair, _mm256_set1_epi32(sum)));
    }
    offsets
}

/// Sixteen bytes of each row, turned: word j of all rows in the j-th vector.
///
/// # Safety
/// The processor has the features, and 16 bytes can be read at `offset` from each place.
#[target_feature(enable = "avx2,f16c")]
// SAFETY: the caller has asked the processor for these features; `at` points at whole blocks of the matrix.
#[inline]
unsafe fn turn16(at: [*const u8; ROWS], offset: usize) -> [__m256i; 4] {
    // Rows i and i + 4 in the halves of a vector.
    let rows = |i: usize| {
        // SAFETY: the caller's promise.
        let half = |row: usize| unsafe { _mm_loadu_si128(at[row].add(offset).cast()) };
        _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(half(i)), half(i + 4))
    };
    let (a, b, c, d) = (rows(0), rows(1), rows(2), rows(3));
    let (ab_low, ab_high) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
    let (cd_low, cd_high) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
    [
        _mm256_unpacklo_epi64(ab_low, cd_low),
        _mm256_unpackhi_epi64(ab_low, cd_low),
        _mm256_unpacklo_epi64(ab_high, cd_high),
        _mm256_unpackhi_epi64(ab_high, cd_high),
    ]
}

/// The low half of each lane in both halves.
#[target_feature(enable = "avx2,f16c")]
#[inline]
fn both_halves(low: __m256i) -> __m256i {
    _mm256_or_si256(low, _mm256_slli_epi32::<16>(low))
}

/// The low half of each lane, half precision, to single.
#[target_feature(enable = "avx2,f16c")]
#[inline]
fn half_to_single(halves: __m256i) -> __m256 {
    let low = _mm256_and_si256(halves, _mm256_set1_epi32(0xffff));
    let packed = _mm256_permute4x64_epi64::<0b1000>(_mm256_packus_epi32(low, low));
    _mm256_cvtph_ps(_mm256_castsi256_si128(packed))
}

#[target_feature(enable = "avx2,f16c")]
#[inline]
fn load(from: &[f32; ROWS]) -> __m256 {
    // SAFETY: 8 floats can be read there.
    unsafe { _mm256_loadu_ps(from.as_ptr()) }
}

#[target_feature(enable = "avx2,f16c")]
#[inline]
fn store(to: &mut [f32; ROWS], value: __m256) {
    // SAFETY: 8 floats can be written there.
    unsafe { _mm256_storeu_ps(to.as_mut_ptr(), value) }
}
