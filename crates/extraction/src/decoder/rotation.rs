//! Rotary position embedding (Su et al. 2021).

use super::{Architecture, Config};

pub(super) struct Rotation {
    /// Angle by which each pair of a head turns from one position to the next.
    frequencies: Vec<f64>,
    /// Which values of a head make a pair: the two halves (qwen2), or neighbours (llama, whose weights are stored in
    /// that order).
    halves: bool,
}

impl Rotation {
    /// `factors` divide the frequencies, one for each pair (Llama 3.1 and later).
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
