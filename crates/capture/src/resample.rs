//! From the device's rate to ours and back.

use crate::SoundError;
use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _};

/// Input samples handed to the filter at once: 20 ms at 48 kHz. The filter's delay is about as long.
const CHUNK: usize = 960;

/// A streaming resampler for one channel. What it gives is late by its filter's delay, which is cut off at the start.
pub(crate) struct Resampler {
    /// `None` when the rates are the same.
    filter: Option<Fft<f32>>,
    pending: Vec<f32>,
    chunk: Vec<f32>,
    delay_left: usize,
}

impl Resampler {
    pub(crate) fn new(from: u32, to: u32) -> Result<Self, SoundError> {
        let filter = (from != to)
            .then(|| Fft::new(from as usize, to as usize, CHUNK, 1, FixedSync::Both))
            .transpose()
            .map_err(|_| SoundError::Format)?;
        let chunk = vec![0.0; filter.as_ref().map_or(0, rubato::Resampler::output_frames_max)];
        let delay_left = filter.as_ref().map_or(0, rubato::Resampler::output_delay);
        Ok(Self { filter, pending: Vec::new(), chunk, delay_left })
    }

    /// Takes samples and hands what is ready to `out`.
    pub(crate) fn push(&mut self, samples: &[f32], mut out: impl FnMut(&[f32])) {
        let Some(filter) = &mut self.filter else { return out(samples) };
        self.pending.extend_from_slice(samples);
        let need = filter.input_frames_max();
        let whole = self.pending.len() / need * need;
        for chunk in self.pending[..whole].chunks_exact(need) {
            let (frames, room) = (chunk.len(), self.chunk.len());
            let (Ok(from), Ok(mut to)) =
                (SequentialSlice::new(chunk, 1, frames), SequentialSlice::new_mut(&mut self.chunk, 1, room))
            else {
                continue;
            };
            // It fails only for buffers of another size than its own.
            let Ok((_, written)) = filter.process_into_buffer(&from, &mut to, Some(&Indexing::new())) else { continue };
            let skip = self.delay_left.min(written);
            self.delay_left -= skip;
            out(&self.chunk[skip..written]);
        }
        self.pending.drain(..whole);
    }
}

#[cfg(test)]
mod tests {
    use super::Resampler;
    use proptest::prelude::*;

    fn resample(from: u32, to: u32, samples: &[f32], step: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(from, to).unwrap();
        let mut out = Vec::new();
        samples.chunks(step).for_each(|block| resampler.push(block, |ready| out.extend_from_slice(ready)));
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn a_tone_keeps_its_pitch_and_nothing_but_the_filters_length_is_missing(
            rates in prop::sample::select(vec![(48_000, 16_000), (44_100, 16_000), (16_000, 48_000), (8_000, 16_000), (16_000, 16_000)]),
            step in 64usize..3000,
        ) {
            let (from, to) = rates;
            let tone: Vec<f32> = (0..from).map(|i| (std::f32::consts::TAU * 440.0 * i as f32 / from as f32).sin()).collect();
            let out = resample(from, to, &tone, step);
            let missing = to as usize - out.len();
            prop_assert!(missing <= to as usize / 10, "{missing} of {to} samples are missing");
            let crossings = out.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
            let due = 440 * out.len() / to as usize;
            prop_assert!(crossings.abs_diff(due) <= 2, "{crossings} periods, {due} due");
        }
    }
}
