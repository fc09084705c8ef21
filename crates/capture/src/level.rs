//! How loud it is, for a meter and for warnings.

/// Loudness of a stretch of sound.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Level {
    /// The loudest sample, 0 to 1.
    pub peak: f32,
    /// Root mean square, 0 to 1.
    pub rms: f32,
    /// Samples in runs of three or more at the very edge: the microphone was too loud for its converter.
    pub clipped: u32,
}

impl Level {
    /// The root mean square in dBFS; -120 for nothing at all.
    #[must_use]
    pub fn dbfs(&self) -> f32 {
        if self.rms <= 1e-6 { -120.0 } else { 20.0 * self.rms.log10() }
    }
}

/// Measures samples as they come.
#[derive(Debug, Clone, Default)]
pub struct LevelMeter {
    peak: u16,
    squares: f64,
    samples: u64,
    clipped: u32,
    /// Samples at the edge in a row.
    run: u32,
}

/// One below full scale: what converters and drivers give when they clip.
const EDGE: u16 = 32_766;
const RUN: u32 = 3;

impl LevelMeter {
    /// Hears `samples`.
    pub fn hear(&mut self, samples: &[i16]) {
        for sample in samples {
            let size = sample.unsigned_abs();
            self.peak = self.peak.max(size);
            self.squares += f64::from(*sample) * f64::from(*sample);
            if size >= EDGE {
                self.run += 1;
                self.clipped += match self.run {
                    RUN => RUN,
                    n if n > RUN => 1,
                    _ => 0,
                };
            } else {
                self.run = 0;
            }
        }
        self.samples += samples.len() as u64;
    }

    /// The level of what was heard since the last call; nothing heard is silence.
    pub fn take(&mut self) -> Level {
        let full = 32_768.0;
        let mean = if self.samples == 0 { 0.0 } else { self.squares / self.samples as f64 };
        let level =
            Level { peak: f32::from(self.peak) / full as f32, rms: (mean.sqrt() / full) as f32, clipped: self.clipped };
        *self = Self { run: self.run, ..Self::default() };
        level
    }
}

#[cfg(test)]
mod tests {
    use super::LevelMeter;

    #[test]
    fn a_full_sine_is_three_decibels_below_the_edge() {
        let sine: Vec<i16> = (0..16_000).map(|i| (f64::from(i) * 0.1).sin()).map(|s| (s * 32_000.0) as i16).collect();
        let mut meter = LevelMeter::default();
        meter.hear(&sine);
        let level = meter.take();
        assert!((level.dbfs() + 3.2).abs() < 0.1, "{}", level.dbfs());
        assert!(level.peak > 0.97 && level.clipped == 0);
        assert_eq!(meter.take().dbfs(), -120.0, "nothing heard since");
    }

    #[test]
    fn clipping_is_a_run_at_the_edge_and_not_one_loud_sample() {
        let mut meter = LevelMeter::default();
        meter.hear(&[0, 32_767, 0, i16::MIN, 32_767, 0]);
        assert_eq!(meter.take().clipped, 0);
        // A run over two blocks counts whole.
        meter.hear(&[0, 32_767, 32_767]);
        meter.hear(&[32_767, 32_767, 0]);
        assert_eq!(meter.take().clipped, 4);
    }
}
