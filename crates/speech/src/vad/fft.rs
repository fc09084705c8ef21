//! The magnitude spectrum of 256 samples, for the voice detector's input.

use std::f32::consts::TAU;

const N: usize = 256;
/// Bins from 0 to the Nyquist frequency.
pub(super) const BINS: usize = N / 2 + 1;

/// Hann-windowed discrete Fourier transform of 256 real samples (radix 2, decimation in time).
pub(super) struct Spectrum {
    window: [f32; N],
    /// cos and sin of -2πk/256.
    twiddles: [(f32, f32); N / 2],
}

impl Spectrum {
    pub(super) fn new() -> Self {
        let angle = |k: usize| TAU * k as f32 / N as f32;
        Self {
            window: std::array::from_fn(|n| 0.5 - 0.5 * angle(n).cos()),
            twiddles: std::array::from_fn(|k| (angle(k).cos(), -angle(k).sin())),
        }
    }

    /// Magnitudes of the 129 bins of `samples` (256 of them) into `out`.
    pub(super) fn magnitudes(&self, samples: &[f32], out: &mut [f32]) {
        let (mut re, mut im) = ([0.0f32; N], [0.0f32; N]);
        for (n, (sample, window)) in samples.iter().zip(&self.window).enumerate() {
            re[n.reverse_bits() >> (usize::BITS - N.trailing_zeros())] = sample * window;
        }
        let mut half = 1;
        while half < N {
            let stride = N / (2 * half);
            for start in (0..N).step_by(2 * half) {
                for k in 0..half {
                    let (c, s) = self.twiddles[k * stride];
                    let (a, b) = (start + k, start + k + half);
                    let (tr, ti) = (re[b] * c - im[b] * s, re[b] * s + im[b] * c);
                    (re[b], im[b]) = (re[a] - tr, im[a] - ti);
                    (re[a], im[a]) = (re[a] + tr, im[a] + ti);
                }
            }
            half *= 2;
        }
        for (m, (r, i)) in out.iter_mut().zip(re.iter().zip(&im)).take(BINS) {
            *m = (r * r + i * i).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_equals_the_sum_that_defines_it() {
        let samples: Vec<f32> = (0..N).map(|n| ((n * n) as f32 * 0.013).sin() * 0.3 + (n as f32 * 0.7).cos()).collect();
        let mut fast = [0.0; BINS];
        Spectrum::new().magnitudes(&samples, &mut fast);
        for (k, fast) in fast.iter().enumerate() {
            let (mut re, mut im) = (0.0f64, 0.0f64);
            for (n, s) in samples.iter().enumerate() {
                let turn = std::f64::consts::TAU / N as f64;
                let windowed = f64::from(*s) * (0.5 - 0.5 * (turn * n as f64).cos());
                re += windowed * (turn * (k * n) as f64).cos();
                im -= windowed * (turn * (k * n) as f64).sin();
            }
            assert!((re.hypot(im) - f64::from(*fast)).abs() < 1e-3, "bin {k}");
        }
    }
}
