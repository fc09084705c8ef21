//! Causal attention with grouped key heads (Ainslie et al. 2023).
//!
//! Scores of sixteen positions are computed side by side, so keys are kept turned; each score is summed over the
//! head's values in their order, each output over the positions in theirs.

use crate::CpuPath;
use crate::elementwise::{exp, pairwise};
use crate::half::{Plain, Widen, narrow};
use rayon::prelude::*;

/// Heads of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttentionShape {
    /// Query heads, a multiple of `kv_heads`.
    pub heads: usize,
    /// Key and value heads.
    pub kv_heads: usize,
    /// Values of a head.
    pub head_dim: usize,
}

impl AttentionShape {
    /// Query heads that share a key head.
    const fn group(self) -> usize {
        self.heads / self.kv_heads
    }

    const fn width(self) -> usize {
        self.heads * self.head_dim
    }

    const fn kv_width(self) -> usize {
        self.kv_heads * self.head_dim
    }
}

/// Keys and values of consecutive positions, with room for more. They are kept in half precision, rounded as they
/// are written, so that every query sees the same ones.
pub struct Keys {
    shape: AttentionShape,
    /// [position / 16][kv head][head_dim][position % 16], zero where nothing was written.
    keys: Vec<u16>,
    /// [position][kv head][head_dim].
    values: Vec<u16>,
}

/// Positions whose scores are computed side by side.
const LANES: usize = 16;

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({:?})", self.shape)
    }
}

impl Keys {
    /// Room for `capacity` positions. The memory is touched only as they are written.
    #[must_use]
    pub fn new(shape: AttentionShape, capacity: usize) -> Self {
        let width = shape.kv_width();
        let keys = vec![0; capacity.next_multiple_of(LANES) * width];
        Self { shape, keys, values: vec![0; capacity * width] }
    }

    /// Writes the keys and values (each [positions, kv_heads · head_dim]) of positions from `at` on, as far as there
    /// is room.
    pub fn write(&mut self, at: usize, keys: &[f32], values: &[f32]) {
        let width = self.shape.kv_width();
        for (position, key) in (at..).zip(keys.chunks_exact(width)) {
            let block = self.keys.chunks_exact_mut(LANES * width).nth(position / LANES);
            for (lanes, &k) in block.into_iter().flat_map(|b| b.chunks_exact_mut(LANES)).zip(key) {
                lanes[position % LANES] = narrow(k);
            }
        }
        for (own, value) in self.values.chunks_exact_mut(width).skip(at).zip(values.chunks_exact(width)) {
            own.iter_mut().zip(value).for_each(|(own, &v)| *own = narrow(v));
        }
    }

    /// Heads that these are for.
    #[must_use]
    pub const fn shape(&self) -> AttentionShape {
        self.shape
    }

    /// Takes over the first `positions` of another, as far as there is room. Does nothing when the shapes differ.
    pub fn copy_from(&mut self, other: &Self, positions: usize) {
        if self.shape != other.shape {
            return;
        }
        let width = self.shape.kv_width();
        let take = |to: &mut [u16], from: &[u16], positions: usize| {
            let len = (positions * width).min(to.len()).min(from.len());
            to[..len].copy_from_slice(&from[..len]);
        };
        take(&mut self.keys, &other.keys, positions.next_multiple_of(LANES));
        take(&mut self.values, &other.values, positions);
    }

    /// Sixteen positions' keys of one head: [head_dim][16].
    fn block(&self, block: usize, head: usize) -> &[[u16; LANES]] {
        let len = self.shape.head_dim * LANES;
        let start = (block * self.shape.kv_heads + head) * len;
        self.keys[start..start + len].as_chunks().0
    }

    fn value(&self, position: usize, head: usize) -> &[u16] {
        let start = (position * self.shape.kv_heads + head) * self.shape.head_dim;
        &self.values[start..start + self.shape.head_dim]
    }
}

/// The last rows of a sequence, which attend to themselves and all before them.
pub struct Attention<'a> {
    /// [rows, heads · head_dim].
    pub queries: &'a [f32],
    /// The sequence's positions in order, these rows included: keys and how many of their positions count.
    pub runs: Vec<(&'a Keys, usize)>,
    /// Results, shaped as the queries.
    pub out: &'a mut [f32],
}

impl std::fmt::Debug for Attention<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attention({:?})", self.runs)
    }
}

/// Lets the last rows of each sequence attend, all in one parallel region.
///
/// Leaves alone a sequence whose shapes do not fit each other.
pub fn attend(path: CpuPath, shape: AttentionShape, sequences: &mut [Attention<'_>]) {
    let mut jobs: Vec<(Task<'_>, &[f32], &mut [f32])> = Vec::new();
    for Attention { queries, runs, out } in sequences {
        let (queries, runs, out): (&[f32], &[(&Keys, usize)], &mut [f32]) = (queries, runs, out);
        let rows = queries.len() / shape.width().max(1);
        let positions: usize = runs.iter().map(|(_, len)| len).sum();
        let room = runs.iter().all(|(keys, len)| keys.shape == shape && len * shape.kv_width() <= keys.values.len());
        if rows == 0 || positions < rows || out.len() != queries.len() || !room {
            continue;
        }
        let group = shape.group() * shape.head_dim;
        if rows < 2 * ROWS_TOGETHER {
            // Few rows: each key head of each row by itself.
            let parts = out.chunks_mut(group).zip(queries.chunks(group)).enumerate();
            jobs.extend(parts.map(|(i, (out, queries))| {
                let (row, head) = (i / shape.kv_heads, i % shape.kv_heads);
                let first_visible = positions - rows + row + 1;
                (Task { shape, runs, heads: (head, head + 1), first_visible, stride: group }, queries, out)
            }));
        } else {
            // Many rows: some rows together, so that a key is read once for all of them.
            let chunk = ROWS_TOGETHER * shape.width();
            let parts = out.chunks_mut(chunk).zip(queries.chunks(chunk)).enumerate();
            jobs.extend(parts.map(|(i, (out, queries))| {
                let first_visible = positions - rows + i * ROWS_TOGETHER + 1;
                (Task { shape, runs, heads: (0, shape.kv_heads), first_visible, stride: shape.width() }, queries, out)
            }));
        }
    }
    jobs.into_par_iter().with_max_len(1).for_each(|(task, queries, out)| {
        let group = shape.group() * shape.head_dim;
        for (i, head) in (task.heads.0..task.heads.1).enumerate() {
            attend_head(path, Task { heads: (head, head + 1), ..task }, &queries[i * group..], &mut out[i * group..]);
        }
    });
}

const ROWS_TOGETHER: usize = 4;

/// Some consecutive rows of the queries that share a key head.
#[derive(Clone, Copy)]
struct Task<'a> {
    shape: AttentionShape,
    runs: &'a [(&'a Keys, usize)],
    /// Key heads, from one to before another.
    heads: (usize, usize),
    /// Positions that the first row sees; each further row sees one more.
    first_visible: usize,
    /// From one row's queries to the next one's.
    stride: usize,
}

/// As `compiled_for_each_path` does it, with each path's own way of widening halves.
fn attend_head(path: CpuPath, task: Task<'_>, queries: &[f32], out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    {
        use crate::half::{Avx512, F16c};
        use crate::path::Level;
        #[target_feature(enable = "avx2,f16c")]
        fn avx2(task: Task<'_>, queries: &[f32], out: &mut [f32]) {
            attend_head_body::<F16c>(task, queries, out);
        }
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
        fn avx512(task: Task<'_>, queries: &[f32], out: &mut [f32]) {
            attend_head_body::<Avx512>(task, queries, out);
        }
        match path.level() {
            Level::Scalar => attend_head_body::<Plain>(task, queries, out),
            // SAFETY: a `CpuPath` of these levels exists only on a processor that has these features.
            Level::Avx2 | Level::AvxVnni => unsafe { avx2(task, queries, out) },
            // SAFETY: as above.
            Level::Avx512Vnni => unsafe { avx512(task, queries, out) },
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = path;
        attend_head_body::<Plain>(task, queries, out);
    }
}

#[inline(always)]
fn attend_head_body<W: Widen>(task: Task<'_>, queries: &[f32], out: &mut [f32]) {
    let dim = task.shape.head_dim;
    // The queries of all rows, row by row: (offset, visible positions).
    let rows = queries.len().div_ceil(task.stride);
    let all: Vec<(usize, usize)> = (0..rows)
        .flat_map(|row| (0..task.shape.group()).map(move |i| (row * task.stride + i * dim, task.first_visible + row)))
        .collect();
    let longest = task.first_visible + rows - 1;
    let padded = longest + 2 * LANES;
    let mut weights = vec![0.0f32; all.len() * padded];
    let mut norms = vec![0.0f32; all.len()];

    let mut done = 0;
    while done < all.len() {
        let weights = &mut weights[done * padded..];
        done += match all.len() - done {
            8.. => scores::<W, 8>(task, queries, &all[done..], longest, weights, padded),
            6.. => scores::<W, 6>(task, queries, &all[done..], longest, weights, padded),
            4.. => scores::<W, 4>(task, queries, &all[done..], longest, weights, padded),
            2.. => scores::<W, 2>(task, queries, &all[done..], longest, weights, padded),
            _ => scores::<W, 1>(task, queries, &all[done..], longest, weights, padded),
        };
    }
    for ((weights, norm), &(_, visible)) in weights.chunks_exact_mut(padded).zip(&mut norms).zip(&all) {
        *norm = soften(&mut weights[..visible], 1.0 / (dim as f32).sqrt());
    }
    let mut done = 0;
    while done < all.len() {
        let (weights, norms) = (&weights[done * padded..], &norms[done..]);
        done += match all.len() - done {
            6.. => mix::<W, 6>(task, &all[done..], weights, padded, norms, out),
            4.. => mix::<W, 4>(task, &all[done..], weights, padded, norms, out),
            2.. => mix::<W, 2>(task, &all[done..], weights, padded, norms, out),
            _ => mix::<W, 1>(task, &all[done..], weights, padded, norms, out),
        };
    }
}

/// Products of `N` queries with every key, each query's in positions' order.
#[inline(always)]
fn scores<W: Widen, const N: usize>(
    task: Task<'_>,
    queries: &[f32],
    which: &[(usize, usize)],
    longest: usize,
    weights: &mut [f32],
    padded: usize,
) -> usize {
    let dim = task.shape.head_dim;
    let queries: [&[f32]; N] = std::array::from_fn(|n| &queries[which[n].0..which[n].0 + dim]);
    let mut start = 0;
    for (keys, len) in task.runs {
        let count = (*len).min(longest - start);
        for block in 0..count.div_ceil(LANES) {
            let mut sums = [[0.0f32; LANES]; N];
            for (d, k) in keys.block(block, task.heads.0).iter().enumerate() {
                let k = W::widen(k);
                for n in 0..N {
                    let q = queries[n][d];
                    for lane in 0..LANES {
                        sums[n][lane] += q * k[lane];
                    }
                }
            }
            // Whole blocks are written; what lies beyond a run is overwritten by the next or not looked at.
            for n in 0..N {
                let at = n * padded + start + block * LANES;
                weights[at..at + LANES].copy_from_slice(&sums[n]);
            }
        }
        start += count;
    }
    N
}

/// Scores to weights, not yet divided by their sum; gives the sum's inverse.
#[inline(always)]
fn soften(scores: &mut [f32], scale: f32) -> f32 {
    let mut highest = f32::NEG_INFINITY;
    for &score in scores.iter() {
        highest = if score > highest { score } else { highest };
    }
    let mut sums = [0.0f32; 16];
    let (chunks, rest) = scores.as_chunks_mut::<16>();
    for chunk in chunks {
        for (sum, score) in sums.iter_mut().zip(chunk) {
            *score = exp((*score - highest) * scale);
            *sum += *score;
        }
    }
    for (sum, score) in sums.iter_mut().zip(rest) {
        *score = exp((*score - highest) * scale);
        *sum += *score;
    }
    1.0 / pairwise(sums)
}

/// Sums of the values by weight for `N` queries, in strips of a head that fit registers.
#[inline(always)]
fn mix<W: Widen, const N: usize>(
    task: Task<'_>,
    which: &[(usize, usize)],
    weights: &[f32],
    padded: usize,
    norms: &[f32],
    out: &mut [f32],
) -> usize {
    let dim = task.shape.head_dim;
    let weights: [&[f32]; N] = std::array::from_fn(|n| &weights[n * padded..n * padded + which[n].1]);
    let mut at = 0;
    while at < dim {
        let place = |n: usize| which[n].0 + at;
        at += match dim - at {
            64.. => strip::<W, N, 64>(task, weights, at, norms, out, place),
            16.. => strip::<W, N, 16>(task, weights, at, norms, out, place),
            _ => strip::<W, N, 1>(task, weights, at, norms, out, place),
        };
    }
    N
}

#[inline(always)]
fn strip<W: Widen, const N: usize, const S: usize>(
    task: Task<'_>,
    weights: [&[f32]; N],
    at: usize,
    norms: &[f32],
    out: &mut [f32],
    place: impl Fn(usize) -> usize,
) -> usize {
    // All queries see these positions; the rest each goes on with alone, never touching what it must not see.
    let shared = weights.iter().map(|w| w.len()).min().unwrap_or(0);
    let mut sums = [[0.0f32; S]; N];
    let mut start = 0;
    for (keys, len) in task.runs {
        let end = (start + len).min(shared);
        for position in start..end.max(start) {
            let value = part::<W, S>(keys.value(position - start, task.heads.0), at);
            for n in 0..N {
                let w = weights[n][position];
                for s in 0..S {
                    sums[n][s] += w * value[s];
                }
            }
        }
        for n in 0..N {
            for position in shared.max(start)..weights[n].len().min(start + len) {
                let value = part::<W, S>(keys.value(position - start, task.heads.0), at);
                for s in 0..S {
                    sums[n][s] += weights[n][position] * value[s];
                }
            }
        }
        start += len;
    }
    for n in 0..N {
        for (out, sum) in out[place(n)..place(n) + S].iter_mut().zip(&sums[n]) {
            *out = sum * norms[n];
        }
    }
    S
}

/// `S` of a head's values from `at` on.
#[inline(always)]
fn part<W: Widen, const S: usize>(value: &[u16], at: usize) -> [f32; S] {
    let mut own = [0; S];
    own.copy_from_slice(&value[at..at + S]);
    W::widen(&own)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// What is kept of these numbers.
    fn kept(x: Vec<f32>) -> Vec<f32> {
        x.into_iter().map(|x| crate::half::widen(narrow(x))).collect()
    }

    fn noise(len: usize, seed: usize) -> Vec<f32> {
        (0..len).map(|i| (((i + 1) * (seed * 2 + 7919)) % 1013) as f32 / 500.0 - 1.0).collect()
    }

    fn one(path: CpuPath, shape: AttentionShape, queries: &[f32], runs: &[(&Keys, usize)], out: &mut [f32]) {
        attend(path, shape, &mut [Attention { queries, runs: runs.to_vec(), out }]);
    }

    fn run(path: CpuPath, shape: AttentionShape, rows: usize, before: usize, split: usize) -> Vec<f32> {
        let positions = before + rows;
        let keys = noise(positions * shape.kv_width(), 1);
        let values = noise(positions * shape.kv_width(), 2);
        let queries = noise(rows * shape.width(), 3);
        let split = split.min(before);
        let cut = split * shape.kv_width();
        let (mut first, mut second) = (Keys::new(shape, split), Keys::new(shape, positions - split));
        first.write(0, &keys[..cut], &values[..cut]);
        second.write(0, &keys[cut..], &values[cut..]);
        let mut out = vec![0.0; queries.len()];
        one(path, shape, &queries, &[(&first, split), (&second, positions - split)], &mut out);
        out
    }

    /// By the book: softmax(q · k / sqrt(d)) · v in double precision.
    fn expected(shape: AttentionShape, rows: usize, before: usize) -> Vec<f64> {
        let positions = before + rows;
        let keys = kept(noise(positions * shape.kv_width(), 1));
        let values = kept(noise(positions * shape.kv_width(), 2));
        let queries = noise(rows * shape.width(), 3);
        let dim = shape.head_dim;
        let mut out = vec![];
        for row in 0..rows {
            for head in 0..shape.heads {
                let q = &queries[(row * shape.heads + head) * dim..][..dim];
                let of = |x: &[f32], p: usize| x[(p * shape.kv_heads + head / shape.group()) * dim..][..dim].to_vec();
                let weights: Vec<f64> = (0..=before + row)
                    .map(|p| {
                        let dot: f64 = q.iter().zip(of(&keys, p)).map(|(&a, b)| f64::from(a) * f64::from(b)).sum();
                        (dot / (dim as f64).sqrt()).exp()
                    })
                    .collect();
                let sum: f64 = weights.iter().sum();
                for d in 0..dim {
                    out.push(weights.iter().enumerate().map(|(p, w)| w / sum * f64::from(of(&values, p)[d])).sum());
                }
            }
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

        #[test]
        fn attention_is_attention_and_the_same_on_every_path(
            group in 1usize..7, kv_heads in 1usize..3, dim in prop::sample::select(vec![4usize, 16, 24, 64, 80]),
            rows in 1usize..21, before in 0usize..50, split in 0usize..50,
        ) {
            let shape = AttentionShape { heads: group * kv_heads, kv_heads, head_dim: dim };
            let paths = CpuPath::available();
            let whole = run(paths[0], shape, rows, before, 0);
            for (a, b) in whole.iter().zip(expected(shape, rows, before)) {
                prop_assert!((f64::from(*a) - b).abs() < 1e-5, "{a} {b}");
            }
            for path in paths {
                prop_assert!(run(path, shape, rows, before, split) == whole);
            }
        }
    }

    #[test]
    fn a_row_does_not_depend_on_the_rows_beside_it() {
        let shape = AttentionShape { heads: 6, kv_heads: 2, head_dim: 32 };
        let (keys, values) = (noise(40 * 64, 1), noise(40 * 64, 2));
        let queries = noise(40 * shape.width(), 3);
        let mut all = Keys::new(shape, 40);
        all.write(0, &keys, &values);
        let mut together = vec![0.0; queries.len()];
        one(CpuPath::detect(), shape, &queries, &[(&all, 40)], &mut together);
        for row in 0..40 {
            let own = row * shape.width()..(row + 1) * shape.width();
            let mut alone = vec![0.0; shape.width()];
            one(CpuPath::detect(), shape, &queries[own.clone()], &[(&all, row + 1)], &mut alone);
            assert_eq!(alone, together[own], "row {row}");
        }
    }

    #[test]
    fn shapes_that_do_not_fit_change_nothing() {
        let shape = AttentionShape { heads: 2, kv_heads: 1, head_dim: 4 };
        let keys = Keys::new(shape, 2);
        let mut out = vec![7.0; 8];
        one(CpuPath::detect(), shape, &[1.0; 8], &[(&keys, 5)], &mut out);
        one(CpuPath::detect(), shape, &[1.0; 8], &[], &mut out);
        assert_eq!(out, vec![7.0; 8]);
    }
}
