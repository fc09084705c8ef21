//! What crosses about recordings: where a take is, what was kept, what can be heard. Never sound.

use super::{EncounterRow, SegmentDto};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A microphone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MicrophoneDto {
    /// The system's own name for it, the same after a restart.
    pub id: String,
    /// For people.
    pub name: String,
    /// Whether the system would choose it.
    pub default: bool,
    /// Whether this person used it last.
    pub remembered: bool,
}

/// `recording_status`: cheap, asked several times a second, not logged, answered behind the lock as well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RecordingStatusDto {
    /// `rec-…`, for its owner alone.
    pub recording_id: Option<String>,
    /// `enc-…`, for its owner alone.
    pub encounter_id: Option<String>,
    /// Whether it is the asking person's own.
    pub mine: bool,
    /// `recording`, `paused`, `waiting` (for a microphone), `ended`.
    pub state: String,
    /// Seconds recorded; a pause adds none.
    pub elapsed_s: f64,
    /// Seconds that the disk still has room for, when that is known.
    pub remaining_s: Option<f64>,
    /// The microphone's name.
    pub device: String,
    /// How loud it is now: root mean square in dBFS, -120 for nothing.
    pub level_dbfs: f32,
    /// The loudest sample of the last tenth of a second, 0 to 1.
    pub peak: f32,
    /// Moments marked.
    pub marks: u32,
    /// Segments begun.
    pub segments: u32,
    /// `muted`, `silence`, `clipping`, `forgotten`, `device_lost`, `device_changed`, `slept`, `overrun`, `low_disk`.
    pub warnings: Vec<String>,
    /// Why it ended by itself: `disk_full`, `disk`, `sealing`.
    pub ended_because: Option<String>,
}

/// `level`: how loud a microphone is before anything is recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LevelDto {
    /// Root mean square in dBFS, -120 for nothing.
    pub level_dbfs: f32,
    /// The loudest sample, 0 to 1.
    pub peak: f32,
}

/// A recording begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecordingBegunDto {
    /// `rec-…`
    pub recording_id: String,
    /// `enc-…`
    pub encounter_id: String,
    /// The microphone's name.
    pub device: String,
}

/// A recording that was taken into the store: at its end, or after a crash or a lock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RecoveredDto {
    /// `rec-…`
    pub recording_id: String,
    /// `enc-…`; empty when the journal could not be read.
    pub encounter_id: String,
    /// Seconds kept.
    pub kept_s: f64,
    /// Whether it had not ended in order.
    pub after_a_crash: bool,
    /// `whole`, `damaged`, `journal_refused`.
    pub verdict: String,
    /// Seconds that are not authentic, as `SEGMENT:SECOND` (the second counts from 0).
    pub refused: Vec<String>,
}

/// A recording of a visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RecordingDto {
    /// `rec-…`
    pub id: String,
    /// RFC 3339.
    pub created: String,
    /// `open`, `ended`, `recovered` (after a crash).
    pub state: String,
    /// Where it begins among the visit's recordings, in seconds.
    pub start_s: f64,
    /// Its length in seconds.
    pub duration_s: f64,
    /// Marked moments, in seconds from the visit's start.
    pub marks_s: Vec<f64>,
    /// Its segments: one, and one more after each interruption.
    pub segments: u32,
    /// What is wrong with its files; empty when they were not examined, or nothing is.
    pub damages: Vec<DamageDto>,
}

/// What is wrong with one segment's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DamageDto {
    /// Of the recording, from 1.
    pub segment: u32,
    /// `damaged` (seconds in between are refused), `cut_short`, `changed`, `unreadable`.
    pub verdict: String,
    /// Seconds that are refused, from 0.
    pub refused: Vec<u32>,
}

/// The sound of a visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VisitAudioDto {
    /// Oldest first.
    pub recordings: Vec<RecordingDto>,
    /// In all, seconds.
    pub duration_s: f64,
    /// Whether the transcript's moments are moments of this sound.
    pub transcript_fits: bool,
    /// What the visit is for.
    pub consent: Option<ConsentDto>,
}

/// What was said when the patient was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConsentDto {
    /// `given` or `declined`.
    pub decision: String,
    /// By whom.
    pub by: String,
    /// How.
    pub how: String,
    /// RFC 3339.
    pub at: String,
}

/// `live_text`: what was understood of a recording under way. Moments are seconds of that recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LiveTextDto {
    /// Final, from the one asked for on.
    pub segments: Vec<SegmentDto>,
    /// What may still change, after them.
    pub draft: Vec<SegmentDto>,
    /// Everything before this moment is final.
    pub final_s: f64,
    /// `listening`, `done` (the recording ended and was heard to its end), `off` (no model, or its engine fails),
    /// `forgotten` (the session ended meanwhile).
    pub state: String,
}

/// `playback_status`: where the voice is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlaybackStatusDto {
    /// `enc-…`
    pub encounter_id: String,
    /// Whether it is heard now.
    pub playing: bool,
    /// Whether it ended early because no loudspeaker would do.
    pub failed: bool,
    /// Seconds from the visit's start.
    pub position_s: f64,
}

/// `stop_recording`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RecordingStoppedDto {
    /// Seconds recorded.
    pub duration_s: f64,
    /// What was taken into the store; `None` behind the lock: the next sign-in takes it in.
    pub kept: Option<RecoveredDto>,
}

/// A visit opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VisitOpenedDto {
    /// Its row.
    pub encounter: EncounterRow,
    /// Whether it may be recorded.
    pub may_record: bool,
}
