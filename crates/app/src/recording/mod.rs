//! Recordings: captured, sealed and written in this process, on a thread that outlives the session it was begun in.
//!
//! What a take needs is given to it when it begins: the role's public key, the journal's key, a handle on the log. None
//! of it opens a record, so it goes on while the window is locked. What it leaves in its journal is taken into the
//! store by `recover` as soon as somebody is signed in.

mod acts;
mod audio;
mod disk;
pub(crate) mod files;
mod live;
mod monitor;
mod playback;
mod recover;
mod shared;
mod take;
mod watch;

pub(crate) use audio::VisitAudio;
pub(crate) use files::{FOLDER, JOURNAL, root, waiting};
pub(crate) use live::{Live, Shown, line, listen};
pub(crate) use monitor::Monitor;
pub(crate) use playback::Player;
pub(crate) use recover::recover;
pub(crate) use shared::{Phase, Wish};
pub(crate) use take::Begin;

use crate::{AppError, dto::RecordingStatusDto};
use cloister_domain::{Actor, EncounterId, RecordingId, UserId};
use shared::Shared;
use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

/// At most one take at a time.
#[derive(Default)]
pub(crate) struct Recorder {
    take: Mutex<Option<Running>>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}

/// A take under way, or one that ended and was not looked at yet.
struct Running {
    recording: RecordingId,
    encounter: EncounterId,
    owner: UserId,
    shared: Arc<Shared>,
    live: Option<Live>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Begins a take; returns once the microphone is open, the first segment's key is sealed and its journal durable.
    /// `live` is what listens along.
    pub(crate) fn begin(&self, begin: Begin, live: impl FnOnce() -> Option<Live>) -> Result<(), AppError> {
        let mut held = self.lock();
        if held.as_ref().is_some_and(Running::is_under_way) {
            return Err(AppError::Recording("another recording is under way"));
        }
        let (recording, encounter, owner) = (begin.recording, begin.encounter, begin.owner);
        let (shared, thread) = take::start(begin)?;
        *held = Some(Running { recording, encounter, owner, shared, live: live(), thread: Some(thread) });
        Ok(())
    }

    /// Asks the take under way to pause, go on or stop.
    pub(crate) fn wish(&self, wish: Wish, by: &Actor) -> Result<(), AppError> {
        let held = self.lock();
        let running = held.as_ref().filter(|r| r.is_under_way()).ok_or(AppError::Recording("nothing is recorded"))?;
        running.shared.ask(wish, by.clone());
        Ok(())
    }

    /// Stops the take, if there is one, and waits until its last frame is on disk.
    pub(crate) fn stop(&self, by: &Actor) -> Option<RecordingId> {
        let (recording, thread) = {
            let mut held = self.lock();
            let running = held.as_mut()?;
            running.shared.ask(Wish::Stop, by.clone());
            (running.recording, running.thread.take())
        };
        // The lock is free meanwhile: the status is asked for while the last frame is written.
        if let Some(thread) = thread {
            let _ = thread.join();
        }
        Some(recording)
    }

    /// Marks this moment. Only for the take of that visit.
    pub(crate) fn mark(&self, encounter: EncounterId) -> Result<(), AppError> {
        self.of(encounter, |r| r.shared.mark())
    }

    /// Whether the take under way belongs to that visit.
    pub(crate) fn records(&self, encounter: EncounterId) -> bool {
        self.lock().as_ref().is_some_and(|r| r.encounter == encounter && r.is_under_way())
    }

    /// What is known of the take; the visit only for its owner.
    pub(crate) fn status(&self, asking: Option<UserId>) -> Option<RecordingStatusDto> {
        let held = self.lock();
        let running = held.as_ref()?;
        let mine = asking == Some(running.owner);
        let mut status = running.shared.status();
        status.mine = mine;
        if mine {
            status.encounter_id = Some(running.encounter.to_string());
            status.recording_id = Some(running.recording.to_string());
        }
        Some(status)
    }

    /// What was understood of that visit's take, which may have ended; `None` when nobody listens.
    pub(crate) fn live(&self, encounter: EncounterId) -> Result<Option<Live>, AppError> {
        self.of(encounter, |r| r.live.clone())
    }

    /// The session ends: its text is forgotten, its sound goes on being recorded.
    pub(crate) fn forget_text(&self) {
        if let Some(live) = self.lock().as_ref().and_then(|r| r.live.as_ref()) {
            live.forget();
        }
    }

    fn of<T>(&self, encounter: EncounterId, f: impl FnOnce(&Running) -> T) -> Result<T, AppError> {
        let held = self.lock();
        let running = held.as_ref().filter(|r| r.encounter == encounter);
        running.map(f).ok_or(AppError::Recording("this visit is not being recorded"))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.take.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    fn is_under_way(&self) -> bool {
        self.shared.phase() != Phase::Ended
    }
}
