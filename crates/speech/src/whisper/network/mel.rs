//! What the encoder sees of a sound: a spectrogram in mel bands (Radford et al. 2022, section 2.2).

use crate::model_file::ModelFile;
use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};
use std::sync::Arc;

/// Samples of a frame, and from one frame to the next: 25 and 10 ms.
const WINDOW: usize = 400;
const HOP: usize = 160;
/// Frequencies from 0 to 8 kHz.
const BINS: usize = WINDOW / 2 + 1;
/// The least power that counts.
const FLOOR: f32 = 1e-10;
/// What lies further below the loudest is cut off, in powers of ten.
const RANGE: f32 = 8.0;

pub(super) struct Spectrogram {
    pub(super) bands: usize,
    /// The frequency at which each band begins, and its weights from there.
    filters: Vec<(usize, Vec<f32>)>,
    window: Vec<f32>,
    transform: Arc<dyn RealToComplex<f32>>,
}

impl Spectrogram {
    pub(super) fn new(file: &ModelFile<'_>) -> Self {
        let weights: Vec<f32> = file.filters.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let filters = weights.chunks_exact(BINS).map(|band| {
            let first = band.iter().position(|w| *w != 0.0).unwrap_or(0);
            let last = band.iter().rposition(|w| *w != 0.0).map_or(first, |last| last + 1);
            (first, band[first..last].to_vec())
        });
        let turn = std::f64::consts::TAU / WINDOW as f64;
        Self {
            bands: file.mels,
            filters: filters.collect(),
            window: (0..WINDOW).map(|n| (0.5 - 0.5 * (turn * n as f64).cos()) as f32).collect(),
            transform: RealFftPlanner::new().plan_fft_forward(WINDOW),
        }
    }

    /// The first `frames` frames of `samples` (16 kHz), [frame][band]; after their end there is silence. Appends to
    /// `out`.
    pub(super) fn append(&self, samples: &[f32], frames: usize, out: &mut Vec<f32>) {
        let start = out.len();
        let (mut input, mut spectrum) = (self.transform.make_input_vec(), self.transform.make_output_vec());
        let mut scratch = self.transform.make_scratch_vec();
        let mut powers = [0.0f32; BINS];
        let mut loudest = FLOOR.log10();
        for frame in 0..frames {
            // A frame's middle is its moment; before the first sample the sound is mirrored.
            let first = frame * HOP;
            let at = |n: usize| {
                let i = first + n;
                samples.get(i.abs_diff(WINDOW / 2)).copied().unwrap_or(0.0)
            };
            if first >= samples.len() + WINDOW / 2 {
                out.resize(start + frames * self.bands, FLOOR.log10());
                break;
            }
            for (n, (input, window)) in input.iter_mut().zip(&self.window).enumerate() {
                *input = at(n) * window;
            }
            // The buffers are the plan's own, so their lengths fit.
            if self.transform.process_with_scratch(&mut input, &mut spectrum, &mut scratch).is_err() {
                spectrum.fill(Complex::default());
            }
            for (power, c) in powers.iter_mut().zip(&spectrum) {
                *power = c.norm_sqr();
            }
            for (first, weights) in &self.filters {
                let sum: f32 = weights.iter().zip(&powers[*first..]).map(|(w, p)| w * p).sum();
                let level = sum.max(FLOOR).log10();
                loudest = loudest.max(level);
                out.push(level);
            }
        }
        for level in &mut out[start..] {
            *level = (level.max(loudest - RANGE) + 4.0) / 4.0;
        }
    }
}
