//! The definition of every product, one row at a time, without vector instructions.

use crate::Format;
use crate::activations::{Long, Short, bytes, halves};
use crate::matrix::{Q4_K_BYTES, Q5_0_BYTES, Q6_K_BYTES, Q8_0_BYTES, f16};

/// The scales and minima of Q4_K: six bits each, packed into twelve bytes.
fn q4_k_scales(packed: &[u8]) -> ([i32; 8], [i32; 8]) {
    let mut scales = [0; 8];
    let mut minima = [0; 8];
    for j in 0..4 {
        scales[j] = i32::from(packed[j] & 63);
        minima[j] = i32::from(packed[j + 4] & 63);
        scales[j + 4] = i32::from(packed[j + 8] & 15 | packed[j] >> 6 << 4);
        minima[j + 4] = i32::from(packed[j + 8] >> 4 | packed[j + 4] >> 6 << 4);
    }
    (scales, minima)
}

/// The nibbles of Q4_K in order: 32 low ones, then the 32 high ones of the same bytes, four times.
fn q4_k_value(block: &[u8], index: usize) -> i32 {
    let byte = block[16 + index / 64 * 32 + index % 32];
    i32::from(if index % 64 < 32 { byte & 15 } else { byte >> 4 })
}

/// The six bits of Q6_K in order.
fn q6_k_value(block: &[u8], index: usize) -> i32 {
    let (half, quarter, at) = (index / 128, index % 128 / 32, index % 32);
    let low = block[half * 64 + quarter % 2 * 32 + at] >> (quarter / 2 * 4) & 15;
    let high = block[128 + half * 32 + at] >> (quarter * 2) & 3;
    i32::from(low | high << 4)
}

fn q5_0_value(block: &[u8], index: usize) -> i32 {
    let low = block[6 + index % 16] >> (index / 16 * 4) & 15;
    let high = block[2 + index / 8] >> (index % 8) & 1;
    i32::from(low | high << 4) - 16
}

/// A block's weights in full precision.
pub(crate) fn read_block(format: Format, block: &[u8], out: &mut [f32]) {
    let d = |at: usize| f16([block[at], block[at + 1]]);
    match format {
        Format::Q4_K => {
            let (scales, minima) = q4_k_scales(&block[4..16]);
            for (i, out) in out.iter_mut().enumerate() {
                *out = d(0) * scales[i / 32] as f32 * q4_k_value(block, i) as f32 - d(2) * minima[i / 32] as f32;
            }
        }
        Format::Q6_K => {
            for (i, out) in out.iter_mut().enumerate() {
                let scale = f32::from(block[192 + i / 16] as i8);
                *out = d(208) * scale * (q6_k_value(block, i) - 32) as f32;
            }
        }
        Format::Q8_0 => {
            for (i, out) in out.iter_mut().enumerate() {
                *out = d(0) * f32::from(block[2 + i] as i8);
            }
        }
        Format::Q5_0 => {
            for (i, out) in out.iter_mut().enumerate() {
                *out = d(0) * q5_0_value(block, i) as f32;
            }
        }
    }
}

pub(crate) fn dot_q4_k(row: &[u8], x: &[Long]) -> f32 {
    let mut sum = 0.0f32;
    for (block, x) in row.as_chunks::<Q4_K_BYTES>().0.iter().zip(x) {
        let (scales, minima) = q4_k_scales(&block[4..16]);
        let mut products = 0i32;
        let mut offsets = 0i32;
        for (word, group) in x.words.iter().zip((0..64).map(|i| i * 4)) {
            let four: i32 = (0..4).map(|j| q4_k_value(block, group + j) * bytes(*word)[j]).sum();
            products += scales[group / 32] * four;
        }
        for (i, pair) in x.sums32.iter().enumerate() {
            let first = i / 2 * 4 + i % 2;
            let [low, high] = halves(*pair);
            offsets += minima[first] * low + minima[first + 2] * high;
        }
        let d = f16([block[0], block[1]]) * x.scale;
        let dmin = f16([block[2], block[3]]) * x.scale;
        sum = sum + d * products as f32 - dmin * offsets as f32;
    }
    sum
}

pub(crate) fn dot_q6_k(row: &[u8], x: &[Long]) -> f32 {
    let mut sum = 0.0f32;
    for (block, x) in row.as_chunks::<Q6_K_BYTES>().0.iter().zip(x) {
        let scale = |group: usize| i32::from(block[192 + group] as i8);
        let mut products = 0i32;
        for (word, first) in x.words.iter().zip((0..64).map(|i| i * 4)) {
            let four: i32 = (0..4).map(|j| q6_k_value(block, first + j) * bytes(*word)[j]).sum();
            products += scale(first / 16) * four;
        }
        for (i, pair) in x.sums16.iter().enumerate() {
            let first = i / 2 * 4 + i % 2;
            let [low, high] = halves(*pair);
            products -= 32 * (scale(first) * low + scale(first + 2) * high);
        }
        sum += f16([block[208], block[209]]) * x.scale * products as f32;
    }
    sum
}

/// One row of short blocks against each row of `x`: `x` holds the rows one after the other, `out` gets one number
/// for each. The weights are unpacked once.
#[inline(always)]
pub(crate) fn dots_short(format: Format, row: &[u8], x: &[Short], out: &mut [f32]) {
    out.fill(0.0);
    let blocks = row.len() / format.block_bytes();
    for (index, block) in row.chunks_exact(format.block_bytes()).enumerate() {
        let weights = match format {
            Format::Q5_0 => q5_0_values(block),
            _ => q8_0_values(block),
        };
        let d = f16([block[0], block[1]]);
        for (out, x) in out.iter_mut().zip(x.chunks_exact(blocks)) {
            let x = &x[index];
            let mut products = 0i32;
            for i in 0..32 {
                products += i32::from(weights[i]) * i32::from(i16::from(x.bytes[i]));
            }
            *out += d * x.scale * products as f32;
        }
    }
}

#[inline(always)]
fn q8_0_values(block: &[u8]) -> [i16; 32] {
    let mut values = [0; 32];
    if let Some(bytes) = block.get(2..Q8_0_BYTES) {
        for (value, &byte) in values.iter_mut().zip(bytes) {
            *value = i16::from(byte as i8);
        }
    }
    values
}

/// As `q5_0_value`, sixteen at a time.
#[inline(always)]
fn q5_0_values(block: &[u8]) -> [i16; 32] {
    let mut values = [0; 32];
    if let (Some(bits), Some(nibbles)) = (block.get(2..6), block.get(6..Q5_0_BYTES)) {
        let mut five = [[0u8; 16]; 2];
        for i in 0..16 {
            five[0][i] = nibbles[i] & 15 | (bits[i / 8] >> (i % 8) & 1) << 4;
            five[1][i] = nibbles[i] >> 4 | (bits[2 + i / 8] >> (i % 8) & 1) << 4;
        }
        for (value, &five) in values.iter_mut().zip(five.as_flattened()) {
            *value = i16::from(five) - 16;
        }
    }
    values
}
