//! Causal attention with grouped key heads (Ainslie et al. 2023), one query row at a time.

use super::Config;
use super::cache::Run;
use super::elementwise::pairwise;
use rayon::prelude::*;

/// The last `rows` positions of a sequence attend to themselves and all before them. `queries` and `out` are
/// [rows, heads * head_dim]; `runs` hold every position of the sequence in order, these rows included.
pub(super) fn attend(config: &Config, queries: &[f32], runs: [Run<'_>; 2], out: &mut [f32]) {
    let (dim, width) = (config.head_dim, config.kv_heads * config.head_dim);
    let group = config.heads / config.kv_heads;
    let scale = 1.0 / (dim as f32).sqrt();
    let positions = runs.iter().map(|r| r.keys.len() / width).sum::<usize>();
    let rows = queries.len() / config.hidden;
    let before = positions - rows;

    out.par_chunks_exact_mut(dim).zip(queries.par_chunks_exact(dim)).enumerate().for_each_init(
        || Vec::with_capacity(positions),
        |scores, (index, (out, query))| {
            let (row, head) = (index / config.heads, index % config.heads);
            let offset = head / group * dim;
            let visible = before + row + 1;
            scores.clear();
            scores
                .extend(heads(&runs, |r| r.keys, width, offset, dim).take(visible).map(|key| dot(query, key) * scale));
            softmax(scores);
            out.fill(0.0);
            for (&weight, value) in scores.iter().zip(heads(&runs, |r| r.values, width, offset, dim)) {
                out.iter_mut().zip(value).for_each(|(out, v)| *out += weight * v);
            }
        },
    );
}

/// One head's keys or values at each position.
fn heads<'a>(
    runs: &[Run<'a>; 2],
    of: fn(&Run<'a>) -> &'a [f32],
    width: usize,
    offset: usize,
    dim: usize,
) -> impl Iterator<Item = &'a [f32]> {
    let [first, second] = [of(&runs[0]), of(&runs[1])];
    first.chunks_exact(width).chain(second.chunks_exact(width)).map(move |row| &row[offset..offset + dim])
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let (a_chunks, b_chunks) = (a.chunks_exact(16), b.chunks_exact(16));
    for ((sum, a), b) in sums.iter_mut().zip(a_chunks.remainder()).zip(b_chunks.remainder()) {
        *sum = a * b;
    }
    for (a, b) in a_chunks.zip(b_chunks) {
        for i in 0..16 {
            sums[i] += a[i] * b[i];
        }
    }
    pairwise(&mut sums)
}

fn softmax(scores: &mut [f32]) {
    let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - max).exp();
        sum += *score;
    }
    let scale = 1.0 / sum;
    scores.iter_mut().for_each(|score| *score *= scale);
}
