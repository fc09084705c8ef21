//! What a person should be told while recording: nothing comes, too much comes, or they forgot to stop.

use cloister_capture::Level;

/// A microphone that gives exactly nothing is muted or unplugged.
const MUTED_S: f64 = 3.0;
/// Below this nobody speaks into this microphone, dBFS.
const QUIET_DBFS: f32 = -55.0;
const SILENCE_S: f64 = 15.0;
/// Nobody has spoken for so long: did somebody forget to stop?
const FORGOTTEN_S: f64 = 600.0;
/// No visit lasts so long.
const LONG_S: f64 = 3.0 * 3600.0;
/// A warning about clipping stays for so long.
const CLIPPED_S: f64 = 5.0;
/// So many clipped samples within a tenth of a second are heard.
const CLIPPED: u32 = 8;

/// Listens to levels.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch {
    nothing_s: f64,
    quiet_s: f64,
    clipped_for_s: f64,
    recorded_s: f64,
}

impl Watch {
    /// Hears the level of the last `seconds`.
    pub(crate) fn hear(&mut self, level: &Level, seconds: f64) {
        self.recorded_s += seconds;
        self.nothing_s = if level.peak == 0.0 { self.nothing_s + seconds } else { 0.0 };
        self.quiet_s = if level.dbfs() < QUIET_DBFS { self.quiet_s + seconds } else { 0.0 };
        self.clipped_for_s = if level.clipped >= CLIPPED { CLIPPED_S } else { (self.clipped_for_s - seconds).max(0.0) };
    }

    /// Begins to listen anew: after a pause, or on another microphone.
    pub(crate) fn begin_anew(&mut self) {
        *self = Self { recorded_s: self.recorded_s, ..Self::default() };
    }

    /// What is wrong now, as codes.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = &'static str> {
        let forgotten = self.quiet_s >= FORGOTTEN_S || self.recorded_s >= LONG_S;
        let silence = match () {
            () if self.nothing_s >= MUTED_S => Some("muted"),
            () if self.quiet_s >= SILENCE_S => Some("silence"),
            () => None,
        };
        let clipping = (self.clipped_for_s > 0.0).then_some("clipping");
        [silence, clipping, forgotten.then_some("forgotten")].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::Watch;
    use cloister_capture::Level;

    const SPEECH: Level = Level { peak: 0.3, rms: 0.05, clipped: 0 };
    const ROOM: Level = Level { peak: 0.002, rms: 0.0005, clipped: 0 };
    const NOTHING: Level = Level { peak: 0.0, rms: 0.0, clipped: 0 };

    fn after(levels: &[(Level, u32)]) -> Vec<&'static str> {
        let mut watch = Watch::default();
        for (level, seconds) in levels {
            (0..seconds * 10).for_each(|_| watch.hear(level, 0.1));
        }
        watch.warnings().collect()
    }

    #[test]
    fn a_visit_with_its_pauses_is_left_alone() {
        assert!(after(&[(SPEECH, 60), (ROOM, 14), (SPEECH, 1800), (NOTHING, 2)]).is_empty());
    }

    #[test]
    fn a_muted_microphone_a_quiet_one_and_a_loud_one_are_told_apart() {
        assert_eq!(after(&[(SPEECH, 5), (NOTHING, 4)]), ["muted"]);
        assert_eq!(after(&[(SPEECH, 5), (ROOM, 16)]), ["silence"]);
        assert_eq!(after(&[(Level { clipped: 30, ..SPEECH }, 1)]), ["clipping"]);
        assert!(after(&[(Level { clipped: 30, ..SPEECH }, 1), (SPEECH, 6)]).is_empty());
    }

    #[test]
    fn ten_quiet_minutes_or_three_hours_look_forgotten() {
        assert_eq!(after(&[(SPEECH, 5), (ROOM, 601)]), ["silence", "forgotten"]);
        assert_eq!(after(&[(SPEECH, 3 * 3600 + 1)]), ["forgotten"]);
    }
}
