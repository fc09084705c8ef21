//! Keys and values into tiles.

use super::{BLOCK, ROWS, Tile};
use crate::activations::round;
use crate::path::compiled_for_each_path;

/// Values of a head.
pub(super) const DIM: usize = 64;

compiled_for_each_path! {
    /// Keys of one head: `x` begins with the first position's, the next one's lie `stride` further. Tiles
    /// [position / 16][2], zero beyond the last position.
    pub(super) fn pack_keys(x: &[f32], stride: usize, tiles: &mut [Tile]) = pack_keys_body
}
compiled_for_each_path! {
    /// Values of one head, turned: tiles [4][position / 32], columns are positions.
    pub(super) fn pack_values(x: &[f32], stride: usize, tiles: &mut [Tile]) = pack_values_body
}

#[inline(always)]
fn pack_keys_body(x: &[f32], stride: usize, tiles: &mut [Tile]) {
    let mut positions = x.chunks(stride);
    let mut bytes = [0i8; BLOCK];
    for pair in tiles.as_chunks_mut::<{ DIM / BLOCK }>().0 {
        for row in 0..ROWS {
            let key = positions.next().and_then(|x| x.first_chunk::<DIM>());
            for (block, tile) in pair.iter_mut().enumerate() {
                match key.and_then(|key| key[block * BLOCK..].first_chunk::<BLOCK>()) {
                    Some(x) => {
                        let scale = round(x, &mut bytes);
                        if scale == 0.0 {
                            bytes = [0; BLOCK];
                        }
                        tile.set_row(row, &bytes, scale);
                    }
                    None => tile.set_row(row, &[0; BLOCK], 0.0),
                }
            }
        }
    }
}

#[inline(always)]
fn pack_values_body(x: &[f32], stride: usize, tiles: &mut [Tile]) {
    let blocks = tiles.len() / (DIM / ROWS);
    for (block, x) in x.chunks(BLOCK * stride).enumerate() {
        for part in 0..DIM / ROWS {
            let at = |position: usize| x.get(position * stride + part * ROWS..).and_then(|x| x.first_chunk::<ROWS>());
            let mut largest = [0.0f32; ROWS];
            for position in 0..BLOCK {
                let Some(x) = at(position) else { break };
                for r in 0..ROWS {
                    let magnitude = x[r].abs();
                    largest[r] = if magnitude > largest[r] { magnitude } else { largest[r] };
                }
            }
            let inverse = largest.map(|l| if l > 0.0 { 127.0 / l } else { 0.0 });
            let tile = &mut tiles[part * blocks + block];
            tile.scales = largest.map(|l| l / 127.0);
            for (i, columns) in tile.columns.iter_mut().enumerate() {
                let mut words = [0u32; ROWS];
                for c in 0..4 {
                    let Some(x) = at(4 * i + c) else { break };
                    for r in 0..ROWS {
                        // As in `round`: the nearest whole number lies in the low bits.
                        words[r] |= ((x[r] * inverse[r] + 12_582_912.0).to_bits() & 0xff) << (8 * c);
                    }
                }
                for (to, word) in columns.as_chunks_mut::<4>().0.iter_mut().zip(words) {
                    *to = (word ^ 0x8080_8080).to_le_bytes();
                }
            }
        }
    }
}
