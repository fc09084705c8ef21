//! What happens to each row by itself: normalisation, rotation, activation.

use super::{Architecture, Config};
use rayon::prelude::*;

/// Rows below this many values are not worth a second thread.
const PARALLEL: usize = 1 << 15;

/// `x / sqrt(mean(x²) + eps) * weight` for each row as long as `weight` (Zhang & Sennrich 2019).
pub(super) fn rms_norm(x: &[f32], weight: &[f32], eps: f32) -> Vec<f32> {
    let mut out = x.to_vec();
    let norm = |row: &mut [f32]| {
        let mean = sum_of_squares(row) / row.len() as f32;
        let scale = 1.0 / (mean + eps).sqrt();
        row.iter_mut().zip(weight).for_each(|(x, w)| *x = *x * scale * w);
    };
    if x.len() < PARALLEL {
        out.chunks_exact_mut(weight.len()).for_each(norm);
    } else {
        out.par_chunks_exact_mut(weight.len()).for_each(norm);
    }
    out
}

/// Sixteen running sums, added pairwise at the end: an order that vector units can follow, on every machine the same.
fn sum_of_squares(row: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let chunks = row.chunks_exact(16);
    for (sum, x) in sums.iter_mut().zip(chunks.remainder()) {
        *sum = x * x;
    }
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, x)| *sum += x * x);
    }
    pairwise(&mut sums)
}

pub(super) fn pairwise(sums: &mut [f32; 16]) -> f32 {
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            sums[i] += sums[i + half];
        }
    }
    sums[0]
}

/// `gate * sigmoid(gate) * up`, in place of `gate` (Shazeer 2020).
pub(super) fn silu_times(gate: &mut [f32], up: &[f32]) {
    let apply = |(gate, up): (&mut f32, &f32)| *gate = *gate / (1.0 + (-*gate).exp()) * up;
    if gate.len() < PARALLEL {
        gate.iter_mut().zip(up).for_each(apply);
    } else {
        gate.par_iter_mut().with_min_len(PARALLEL / 4).zip(up).for_each(apply);
    }
}

/// `x += y`.
pub(super) fn add(x: &mut [f32], y: &[f32]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

/// Rotary position embedding (Su et al. 2021).
pub(super) struct Rotation {
    /// Angle by which each pair of a head turns from one position to the next.
    frequencies: Vec<f64>,
    /// Which values of a head make a pair: the two halves (qwen2), or neighbours (llama, whose weights are stored in
    /// that order).
    halves: bool,
}

impl Rotation {
    pub(super) fn new(config: &Config, factors: Option<&[f32]>) -> Self {
        let pairs = config.head_dim / 2;
        let frequencies = (0..pairs)
            .map(|i| {
                let factor = factors.and_then(|f| f.get(i)).copied().unwrap_or(1.0);
                f64::from(config.rope_base).powf(-(i as f64) / pairs as f64) / f64::from(factor)
            })
            .collect();
        Self { frequencies, halves: config.architecture == Architecture::Qwen2 }
    }

    /// Cosine and sine for each position and pair: [positions, pairs].
    pub(super) fn angles(&self, positions: &[usize]) -> Vec<(f32, f32)> {
        let at = |&position: &usize| {
            self.frequencies.iter().map(move |f| {
                let (sin, cos) = (position as f64 * f).sin_cos();
                (cos as f32, sin as f32)
            })
        };
        positions.iter().flat_map(at).collect()
    }

    /// Turns every head of every row: `x` is [rows, heads * head_dim], `angles` [rows, pairs].
    pub(super) fn apply(&self, x: &mut [f32], angles: &[(f32, f32)]) {
        let pairs = self.frequencies.len();
        let rows = angles.len() / pairs;
        let width = x.len() / rows;
        for (row, angles) in x.chunks_exact_mut(width).zip(angles.chunks_exact(pairs)) {
            for head in row.chunks_exact_mut(2 * pairs) {
                for (i, &(cos, sin)) in angles.iter().enumerate() {
                    let (a, b) = if self.halves { (i, i + pairs) } else { (2 * i, 2 * i + 1) };
                    let (x, y) = (head[a], head[b]);
                    head[a] = x * cos - y * sin;
                    head[b] = x * sin + y * cos;
                }
            }
        }
    }
}
