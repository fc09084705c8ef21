//! What happens to each value or row by itself.

use crate::CpuPath;
use crate::path::compiled_for_each_path;
use rayon::prelude::*;

/// Values below this number are not worth a second thread.
const PARALLEL: usize = 1 << 15;
/// Values that one thread does at a time.
const VALUES_PER_JOB: usize = 1 << 13;

/// `x / sqrt(mean(x²) + eps) · weight` for each row as long as `weight` (Zhang & Sennrich 2019).
#[must_use]
pub fn rms_norm(path: CpuPath, x: &[f32], weight: &[f32], eps: f32) -> Vec<f32> {
    let mut out = x.to_vec();
    if weight.is_empty() {
        return out;
    }
    let rows_per_job = VALUES_PER_JOB.div_ceil(weight.len());
    if x.len() < PARALLEL {
        norm_rows(path, &mut out, weight, eps);
    } else {
        let jobs = out.par_chunks_mut(rows_per_job * weight.len());
        jobs.for_each(|rows| norm_rows(path, rows, weight, eps));
    }
    out
}

/// `gate · sigmoid(gate) · up`, in place of `gate` (Shazeer 2020).
pub fn silu_times(path: CpuPath, gate: &mut [f32], up: &[f32]) {
    if gate.len() < PARALLEL {
        silu(path, gate, up);
    } else {
        let up = up.par_chunks(VALUES_PER_JOB);
        gate.par_chunks_mut(VALUES_PER_JOB).zip(up).for_each(|(gate, up)| silu(path, gate, up));
    }
}

/// `(x - mean) / sqrt(variance + eps) · weight + bias` for each row as long as `weight`, into `out` (Ba et al. 2016).
/// Does nothing when the lengths do not fit.
pub fn layer_norm(path: CpuPath, x: &[f32], weight: &[f32], bias: &[f32], eps: f32, out: &mut [f32]) {
    if weight.is_empty() || weight.len() != bias.len() || x.len() != out.len() {
        return;
    }
    let size = if x.len() < PARALLEL { x.len().max(1) } else { VALUES_PER_JOB.div_ceil(weight.len()) * weight.len() };
    out.par_chunks_mut(size).zip(x.par_chunks(size)).for_each(|(out, x)| centre_rows(path, x, weight, bias, eps, out));
}

/// `x · Φ(x)` in place, Φ the normal distribution (Hendrycks & Gimpel 2016).
pub fn gelu(path: CpuPath, x: &mut [f32]) {
    if x.len() < PARALLEL {
        gelu_all(path, x);
    } else {
        x.par_chunks_mut(VALUES_PER_JOB).for_each(|x| gelu_all(path, x));
    }
}

compiled_for_each_path! {
    fn centre_rows(x: &[f32], weight: &[f32], bias: &[f32], eps: f32, out: &mut [f32]) = centre_rows_body
}
compiled_for_each_path! {
    fn gelu_all(x: &mut [f32]) = gelu_body
}
compiled_for_each_path! {
    fn norm_rows(rows: &mut [f32], weight: &[f32], eps: f32) = norm_rows_body
}
compiled_for_each_path! {
    fn silu(gate: &mut [f32], up: &[f32]) = silu_body
}

#[inline(always)]
fn norm_rows_body(rows: &mut [f32], weight: &[f32], eps: f32) {
    for row in rows.chunks_exact_mut(weight.len()) {
        let mut sums = [0.0f32; 16];
        let (chunks, rest) = row.as_chunks::<16>();
        for chunk in chunks {
            for i in 0..16 {
                sums[i] += chunk[i] * chunk[i];
            }
        }
        for (sum, x) in sums.iter_mut().zip(rest) {
            *sum += x * x;
        }
        let scale = 1.0 / (pairwise(sums) / weight.len() as f32 + eps).sqrt();
        for (x, w) in row.iter_mut().zip(weight) {
            *x = *x * scale * w;
        }
    }
}

#[inline(always)]
fn silu_body(gate: &mut [f32], up: &[f32]) {
    for (gate, up) in gate.iter_mut().zip(up) {
        *gate = *gate / (1.0 + exp(-*gate)) * up;
    }
}

#[inline(always)]
fn centre_rows_body(x: &[f32], weight: &[f32], bias: &[f32], eps: f32, out: &mut [f32]) {
    let count = weight.len() as f32;
    for (out, row) in out.chunks_exact_mut(weight.len()).zip(x.chunks_exact(weight.len())) {
        let mean = sum(row, |x| x) / count;
        let variance = sum(row, |x| (x - mean) * (x - mean)) / count;
        let scale = 1.0 / (variance + eps).sqrt();
        for (((out, x), w), b) in out.iter_mut().zip(row).zip(weight).zip(bias) {
            *out = (x - mean) * scale * w + b;
        }
    }
}

/// Sums sixteen lanes side by side, then the lanes.
#[inline(always)]
fn sum(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0f32; 16];
    let (chunks, rest) = row.as_chunks::<16>();
    for chunk in chunks {
        for i in 0..16 {
            sums[i] += of(chunk[i]);
        }
    }
    for (sum, x) in sums.iter_mut().zip(rest) {
        *sum += of(*x);
    }
    pairwise(sums)
}

#[inline(always)]
fn gelu_body(x: &mut [f32]) {
    for x in x {
        *x = 0.5 * *x * (1.0 + erf(*x * std::f32::consts::FRAC_1_SQRT_2));
    }
}

/// The error function, at most 2e-7 off (Abramowitz & Stegun 7.1.26).
#[inline(always)]
fn erf(x: f32) -> f32 {
    let z = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let p = 1.061_405_43;
    let p = p * t - 1.453_152_03;
    let p = p * t + 1.421_413_74;
    let p = p * t - 0.284_496_736;
    let p = p * t + 0.254_829_592;
    let y = 1.0 - p * t * exp(-z * z);
    if x < 0.0 { -y } else { y }
}

/// The sum of sixteen numbers in one fixed order.
#[inline(always)]
pub(crate) fn pairwise(mut sums: [f32; 16]) -> f32 {
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            sums[i] += sums[i + half];
        }
    }
    sums[0]
}

/// e to the power x within two units in the last place, made of plain additions and multiplications so that every
/// path and every C library gives the same bits. Beyond ±87 it stays at the value there.
///
/// e^x = 2^n · e^r with |r| <= ln(2) / 2, ln(2) in two parts; the polynomial for e^r is that of Moshier's Cephes
/// library (`expf`).
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    /// Added to a small number, this leaves its nearest whole number in the low bits of the sum.
    const MAGIC: f32 = 12_582_912.0;
    const LN2_HIGH: f32 = 0.693_359_375;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = if x > 87.0 { 87.0 } else { x };
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + MAGIC;
    let n = shifted - MAGIC;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 5.000_000_1e-1;
    let power = shifted.to_bits().wrapping_sub(MAGIC.to_bits()).wrapping_add(127) << 23;
    (p * r * r + r + 1.0) * f32::from_bits(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_exp() {
        let mut worst = 0.0f64;
        for i in -86_000..87_000 {
            let x = i as f32 / 1000.0;
            let exact = f64::from(x).exp();
            worst = worst.max((f64::from(exp(x)) - exact).abs() / exact);
        }
        assert!(worst < 2.4e-7, "{worst:e}");
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f32::NAN).is_nan());
        assert!(exp(-1e30) > 0.0 && exp(-1e30) < 1e-37 && exp(1e30).is_finite());
    }

    #[test]
    fn rows_are_normalised_each_by_itself() {
        let path = CpuPath::detect();
        let x: Vec<f32> = (0..70).map(|i| i as f32 - 20.0).collect();
        let weight: Vec<f32> = (0..35).map(|i| 1.0 + i as f32).collect();
        let both = rms_norm(path, &x, &weight, 1e-6);
        assert_eq!(both[35..], rms_norm(path, &x[35..], &weight, 1e-6));
        let mean: f32 = x[..35].iter().map(|x| x * x).sum::<f32>() / 35.0;
        assert!((both[3] - x[3] / mean.sqrt() * 4.0).abs() < 1e-4);
    }

    #[test]
    fn rows_are_centred_each_by_itself() {
        let path = CpuPath::detect();
        let x: Vec<f32> = (0..70).map(|i| ((i * 37) % 23) as f32 - 4.0).collect();
        let (weight, bias): (Vec<f32>, Vec<f32>) = (0..35).map(|i| (1.0 + i as f32, i as f32 / 7.0)).unzip();
        let (mut both, mut second) = (vec![0.0; 70], vec![0.0; 35]);
        layer_norm(path, &x, &weight, &bias, 1e-5, &mut both);
        layer_norm(path, &x[35..], &weight, &bias, 1e-5, &mut second);
        assert_eq!(both[35..], second);
        let mean = x[..35].iter().sum::<f32>() / 35.0;
        let variance = x[..35].iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 35.0;
        assert!((both[3] - ((x[3] - mean) / variance.sqrt() * 4.0 + 3.0 / 7.0)).abs() < 1e-4);
    }

    #[test]
    fn gelu_is_gelu() {
        // From a table of the normal distribution.
        let mut x = [0.0, 1.0, -1.0, 2.0, -3.0, 12.0, -12.0];
        gelu(CpuPath::detect(), &mut x);
        let due = [0.0, 0.841_344_7, -0.158_655_3, 1.954_499_7, -0.004_049_7, 12.0, 0.0];
        assert!(x.iter().zip(due).all(|(x, due)| (x - due).abs() < 2e-6), "{x:?}");
    }

    #[test]
    fn every_path_gives_the_same_bits() {
        let x: Vec<f32> = (0..40_000).map(|i| ((i * 7919) % 1000) as f32 / 50.0 - 10.0).collect();
        let up: Vec<f32> = x.iter().rev().copied().collect();
        let results: Vec<_> = CpuPath::available()
            .into_iter()
            .map(|path| {
                let mut gate = x.clone();
                silu_times(path, &mut gate, &up);
                let (mut soft, mut centred) = (x.clone(), vec![0.0; x.len()]);
                gelu(path, &mut soft);
                layer_norm(path, &x, &up[..400], &up[400..800], 1e-5, &mut centred);
                (gate, rms_norm(path, &x, &up[..400], 1e-5), soft, centred)
            })
            .collect();
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
        let silu = x[7] / (1.0 + (-x[7]).exp()) * up[7];
        assert!((results[0].0[7] - silu).abs() < 1e-4 * silu.abs());
    }
}
