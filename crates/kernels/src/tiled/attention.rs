//! Attention of any row to all positions (Vaswani et al. 2017), as products of tiles: queries with keys, then weights
//! with values. Heads have 64 values, as in every Whisper model.

use super::pack::{DIM, pack_keys, pack_values};
use super::{BLOCK, Bytes32, Job, ROWS, Tile, round_all};
use crate::CpuPath;
use crate::elementwise::{exp, pairwise};
use crate::path::compiled_for_each_path;
use crate::product::Columns;
use rayon::prelude::*;

/// Keys and values of all positions, rounded to bytes.
pub struct TiledKeys {
    heads: usize,
    positions: usize,
    /// [head][position / 16][2].
    keys: Vec<Tile>,
    /// [head][4][position / 32].
    values: Vec<Tile>,
}

impl std::fmt::Debug for TiledKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TiledKeys({} heads, {} positions)", self.heads, self.positions)
    }
}

impl TiledKeys {
    /// Without positions.
    #[must_use]
    pub const fn new(heads: usize) -> Self {
        Self { heads, positions: 0, keys: Vec::new(), values: Vec::new() }
    }

    /// Takes these keys and values (each [positions, heads · 64]) in place of what it held. Shapes that do not fit leave
    /// it empty.
    pub fn take(&mut self, path: CpuPath, keys: &[f32], values: &[f32]) {
        let width = self.heads * DIM;
        if width == 0 || keys.len() != values.len() || !keys.len().is_multiple_of(width) {
            *self = Self::new(self.heads);
            return;
        }
        self.positions = keys.len() / width;
        let each = self.tiles_of_head();
        self.keys.resize(self.heads * each, Tile::ZERO);
        self.values.resize(self.heads * each, Tile::ZERO);
        if each == 0 {
            return;
        }
        let tiles = self.keys.par_chunks_mut(each).zip(self.values.par_chunks_mut(each));
        tiles.enumerate().for_each(|(head, (key_tiles, value_tiles))| {
            pack_keys(path, &keys[head * DIM..], width, key_tiles);
            pack_values(path, &values[head * DIM..], width, value_tiles);
        });
    }

    /// Positions, those included that fill the last tile.
    const fn padded(&self) -> usize {
        self.positions.next_multiple_of(BLOCK)
    }

    /// Tiles of a head's keys, and of its values.
    const fn tiles_of_head(&self) -> usize {
        self.padded() / ROWS * (DIM / BLOCK)
    }
}

/// Rows whose weights are held at the same time.
const CHUNK: usize = 24;

#[derive(Default)]
struct Scratch {
    queries: Vec<f32>,
    rounded: Vec<Bytes32>,
    scores: Vec<f32>,
    weights: Vec<Bytes32>,
    norms: Vec<f32>,
    mixed: Vec<f32>,
}

/// Each row attends to all positions. `queries` and `out` are [rows, heads · 64]. Does nothing when the shapes do not
/// fit or there are no positions.
pub fn attend_all(path: CpuPath, keys: &TiledKeys, queries: &[f32], out: &mut [f32]) {
    let width = keys.heads * DIM;
    if keys.positions == 0 || queries.len() != out.len() || !queries.len().is_multiple_of(width) {
        return;
    }
    let chunks = (queries.len() / width).div_ceil(CHUNK);
    let target = Columns::new(out, width);
    (0..chunks * keys.heads).into_par_iter().for_each_init(Scratch::default, |scratch, job| {
        let (head, first) = (job / chunks, job % chunks * CHUNK);
        scratch.attend(path, keys, head, queries, first);
        for (i, (mixed, norm)) in scratch.mixed.as_chunks_mut::<DIM>().0.iter_mut().zip(&scratch.norms).enumerate() {
            for value in mixed.iter_mut() {
                *value *= norm;
            }
            // SAFETY: row and columns are within `out`, which this function holds; no other job has this row's head.
            unsafe { target.write(first + i, head * DIM, mixed) };
        }
    });
}

impl Scratch {
    /// What the rows from `first` on take from one head: `mixed`, to be multiplied with `norms`.
    fn attend(&mut self, path: CpuPath, keys: &TiledKeys, head: usize, queries: &[f32], first: usize) {
        let (padded, each) = (keys.padded(), keys.tiles_of_head());
        self.queries.clear();
        for row in queries.chunks_exact(keys.heads * DIM).skip(first).take(CHUNK) {
            self.queries.extend_from_slice(&row[head * DIM..][..DIM]);
        }
        let rows = self.queries.len() / DIM;
        self.rounded.resize(self.queries.len() / BLOCK, Bytes32::ZERO);
        round_all(path, &self.queries, &mut self.rounded);
        self.scores.resize(rows * padded, 0.0);
        let job = Job {
            tiles: &keys.keys[head * each..][..each],
            range: 0..padded / ROWS,
            rows: padded,
            blocks: DIM / BLOCK,
            x: &self.rounded,
            start: None,
            out: Columns::new(&mut self.scores, padded),
        };
        // SAFETY: the scores have a row for each query and a column for each position.
        unsafe { job.run(path) };
        self.norms.resize(rows, 0.0);
        self.weights.resize(rows * padded / BLOCK, Bytes32::ZERO);
        let weights = self.weights.chunks_exact_mut(padded / BLOCK);
        for ((scores, weights), norm) in self.scores.chunks_exact_mut(padded).zip(weights).zip(&mut self.norms) {
            soften(path, scores, keys.positions, norm);
            round_all(path, scores, weights);
        }
        self.mixed.resize(rows * DIM, 0.0);
        let job = Job {
            tiles: &keys.values[head * each..][..each],
            range: 0..DIM / ROWS,
            rows: DIM,
            blocks: padded / BLOCK,
            x: &self.weights,
            start: None,
            out: Columns::new(&mut self.mixed, DIM),
        };
        // SAFETY: there is a row for each query and a column for each value of the head.
        unsafe { job.run(path) };
    }
}

compiled_for_each_path! {
    /// A row of scores to weights, which are still to be multiplied with `norm`.
    fn soften(scores: &mut [f32], positions: usize, norm: &mut f32) = soften_body
}

#[inline(always)]
fn soften_body(scores: &mut [f32], positions: usize, norm: &mut f32) {
    const SCALE: f32 = 0.125; // 1 / sqrt(64)
    scores[positions..].fill(f32::NEG_INFINITY);
    let mut highest = [f32::NEG_INFINITY; 16];
    for chunk in scores.as_chunks::<16>().0 {
        for i in 0..16 {
            highest[i] = if chunk[i] > highest[i] { chunk[i] } else { highest[i] };
        }
    }
    let highest = highest.into_iter().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
    let mut sums = [0.0f32; 16];
    for chunk in scores.as_chunks_mut::<16>().0 {
        // What lies beyond the last position comes to 1e-38 here, and to nothing when it is rounded.
        for i in 0..16 {
            chunk[i] = exp((chunk[i] - highest) * SCALE);
            sums[i] += chunk[i];
        }
    }
    *norm = 1.0 / pairwise(sums);
}
