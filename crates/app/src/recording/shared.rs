//! What a take and the rest of the program know of each other.

use crate::dto::RecordingStatusDto;
use cloister_capture::{Level, RATE};
use cloister_domain::Actor;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where a take is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Sound is sealed and written.
    Recording,
    /// A person paused it; what is said now is not kept.
    Paused,
    /// The microphone is gone, or the machine slept; it goes on as soon as one is there.
    Waiting,
    /// Over.
    Ended,
}

impl Phase {
    const fn code(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Paused => "paused",
            Self::Waiting => "waiting",
            Self::Ended => "ended",
        }
    }
}

/// What a person asked for last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Record,
    Pause,
    Stop,
}

pub(crate) struct Shared {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    phase: Phase,
    wish: Wish,
    by: Actor,
    marks_wanted: u32,
    marks: u32,
    samples: u64,
    segments: u32,
    device: String,
    level: Level,
    warnings: Vec<&'static str>,
    room_s: Option<u64>,
    ended_because: Option<&'static str>,
}

/// What a take tells of itself.
pub(crate) struct News<'a> {
    pub(crate) phase: Phase,
    pub(crate) samples: u64,
    pub(crate) segments: u32,
    pub(crate) device: &'a str,
    pub(crate) level: Level,
    pub(crate) warnings: Vec<&'static str>,
    pub(crate) room_s: Option<u64>,
}

impl Shared {
    pub(crate) fn new(by: Actor, device: String) -> Self {
        let inner = Inner {
            phase: Phase::Recording,
            wish: Wish::Record,
            by,
            marks_wanted: 0,
            marks: 0,
            samples: 0,
            segments: 0,
            device,
            level: Level::default(),
            warnings: Vec::new(),
            room_s: None,
            ended_because: None,
        };
        Self { inner: Mutex::new(inner) }
    }

    pub(crate) fn ask(&self, wish: Wish, by: Actor) {
        let mut inner = self.lock();
        // Nothing takes a stop back.
        if inner.wish != Wish::Stop {
            (inner.wish, inner.by) = (wish, by);
        }
    }

    /// What is wanted, and by whom.
    pub(crate) fn wish(&self) -> (Wish, Actor) {
        let inner = self.lock();
        (inner.wish, inner.by.clone())
    }

    pub(crate) fn mark(&self) {
        self.lock().marks_wanted += 1;
    }

    /// Marks asked for since the last call.
    pub(crate) fn take_marks(&self) -> u32 {
        let mut inner = self.lock();
        let wanted = std::mem::take(&mut inner.marks_wanted);
        inner.marks += wanted;
        wanted
    }

    pub(crate) fn tell(&self, news: News<'_>) {
        let mut inner = self.lock();
        inner.phase = news.phase;
        inner.samples = news.samples;
        inner.segments = news.segments;
        inner.level = news.level;
        inner.warnings = news.warnings;
        inner.room_s = news.room_s;
        if inner.device != news.device {
            news.device.clone_into(&mut inner.device);
        }
    }

    pub(crate) fn end(&self, samples: u64, because: Option<&'static str>) {
        let mut inner = self.lock();
        inner.samples = samples;
        inner.phase = Phase::Ended;
        inner.level = Level::default();
        inner.ended_because = because;
    }

    pub(crate) fn phase(&self) -> Phase {
        self.lock().phase
    }

    pub(crate) fn status(&self) -> RecordingStatusDto {
        let inner = self.lock();
        RecordingStatusDto {
            recording_id: None,
            encounter_id: None,
            mine: false,
            state: inner.phase.code().to_owned(),
            elapsed_s: inner.samples as f64 / f64::from(RATE),
            remaining_s: inner.room_s.map(|s| s as f64),
            device: inner.device.clone(),
            level_dbfs: inner.level.dbfs(),
            peak: inner.level.peak,
            marks: inner.marks,
            segments: inner.segments,
            warnings: inner.warnings.iter().map(|w| (*w).to_owned()).collect(),
            ended_because: inner.ended_because.map(str::to_owned),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
