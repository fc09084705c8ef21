//! Any sample rate to 16 kHz, one channel, with exact timing.

use super::SAMPLE_RATE;
use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _};

/// Input samples handed to the filter at once (rounded up by it to what the ratio needs).
const CHUNK: usize = 1024;

/// A streaming resampler whose output has the length and the moments of its input: the filter's delay is cut off at
/// the start and made up at the end.
pub(super) struct Resampler {
    /// `None` when the rate is right already.
    filter: Option<Fft<f32>>,
    rate: u32,
    /// Input that does not fill a chunk yet.
    pending: Vec<f32>,
    /// Scratch for one chunk of output.
    chunk: Vec<f32>,
    /// Output samples of the filter's delay still to be dropped.
    delay_left: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// For input at `rate` samples a second.
    pub(super) fn new(rate: u32) -> Result<Self, rubato::ResamplerConstructionError> {
        let filter = if rate == SAMPLE_RATE {
            None
        } else {
            Some(Fft::new(rate as usize, SAMPLE_RATE as usize, CHUNK, 1, FixedSync::Both)?)
        };
        let chunk = vec![0.0; filter.as_ref().map_or(0, rubato::Resampler::output_frames_max)];
        let delay_left = filter.as_ref().map_or(0, rubato::Resampler::output_delay);
        Ok(Self { filter, rate, pending: Vec::new(), chunk, delay_left, taken: 0, given: 0 })
    }

    /// Samples a second of the input.
    pub(super) const fn rate(&self) -> u32 {
        self.rate
    }

    /// Takes samples and appends what is ready to `out`.
    pub(super) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> rubato::ResampleResult<()> {
        self.taken += samples.len() as u64;
        let Some(filter) = &self.filter else {
            self.given += samples.len() as u64;
            out.extend_from_slice(samples);
            return Ok(());
        };
        let need = filter.input_frames_max();
        self.pending.extend_from_slice(samples);
        let whole = self.pending.len() / need * need;
        let mut input = std::mem::take(&mut self.pending);
        for chunk in input[..whole].chunks_exact(need) {
            self.run(chunk, out)?;
        }
        input.drain(..whole);
        self.pending = input;
        Ok(())
    }

    /// Gives the rest, so that the whole output is as long as the whole input.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) -> rubato::ResampleResult<()> {
        let due = (self.taken * u64::from(SAMPLE_RATE) + u64::from(self.rate) / 2) / u64::from(self.rate);
        let Some(need) = self.filter.as_ref().map(rubato::Resampler::input_frames_max) else { return Ok(()) };
        let before = out.len();
        let given_before = self.given;
        let mut input = std::mem::take(&mut self.pending);
        while self.given < due {
            input.resize(need, 0.0);
            self.run(&input, out)?;
            input.clear();
        }
        out.truncate(before + usize::try_from(due - given_before).unwrap_or(usize::MAX));
        self.given = due;
        Ok(())
    }

    fn run(&mut self, input: &[f32], out: &mut Vec<f32>) -> rubato::ResampleResult<()> {
        let Some(filter) = &mut self.filter else { return Ok(()) };
        let (frames, room) = (input.len(), self.chunk.len());
        let (Ok(from), Ok(mut to)) =
            (SequentialSlice::new(input, 1, frames), SequentialSlice::new_mut(&mut self.chunk, 1, room))
        else {
            return Ok(());
        };
        let (_, written) = filter.process_into_buffer(&from, &mut to, Some(&Indexing::new()))?;
        let skip = self.delay_left.min(written);
        self.delay_left -= skip;
        self.given += (written - skip) as u64;
        out.extend_from_slice(&self.chunk[skip..written]);
        Ok(())
    }
}

impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resampler").field("rate", &self.rate).field("taken", &self.taken).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn resample(rate: u32, samples: &[f32], step: usize) -> Vec<f32> {
        let mut r = Resampler::new(rate).unwrap();
        let mut out = Vec::new();
        for block in samples.chunks(step) {
            r.push(block, &mut out).unwrap();
        }
        r.finish(&mut out).unwrap();
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn the_output_is_as_long_as_the_input(
            rate in prop::sample::select(vec![8000u32, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192_000, 7919]),
            len in 0usize..30_000,
            step in 1usize..5000,
        ) {
            let out = resample(rate, &vec![0.25; len], step);
            let due = (len as f64 * 16_000.0 / f64::from(rate)).round();
            prop_assert!((out.len() as f64 - due).abs() <= 1.0, "{} samples, {due} due", out.len());
        }
    }

    #[test]
    fn a_click_keeps_its_moment_and_a_tone_its_pitch() {
        for rate in [8000u32, 22050, 44100, 48000] {
            let mut click = vec![0.0f32; rate as usize * 2];
            click[rate as usize] = 1.0;
            let out = resample(rate, &click, 777);
            let peak = (0..out.len()).max_by(|a, b| out[*a].abs().total_cmp(&out[*b].abs())).unwrap();
            assert!(peak.abs_diff(16_000) <= 1, "at {rate} Hz the click went to sample {peak}");

            let tone: Vec<f32> =
                (0..rate).map(|i| (std::f32::consts::TAU * 1000.0 * i as f32 / rate as f32).sin()).collect();
            let out = resample(rate, &tone, 1000);
            let crossings = out.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
            assert!(crossings.abs_diff(1000) <= 2, "{crossings} periods a second at {rate} Hz");
        }
    }
}
