//! What the app does about recordings outside any command: stopping one, also behind the lock, and taking in what was
//! kept out of the store.

use super::waiting;
use crate::{
    App, AppError, NoPorts, Ports, commands,
    dto::{RecordingStoppedDto, RecoveredDto},
};
use serde_json::json;

impl App {
    /// Ends the recording under way, or the one that ended by itself, and takes it into the store where somebody is
    /// signed in.
    pub(crate) fn stop_recording(&self, ports: &dyn Ports) -> Result<RecordingStoppedDto, AppError> {
        let recording = self.recorder().stop(&self.actor()).ok_or(AppError::Recording("nothing is recorded"))?;
        let duration_s = self.recorder().status(None).map_or(0.0, |s| s.elapsed_s);
        let id = recording.to_string();
        let (kept, others): (Vec<_>, Vec<_>) = self.take_in(ports).into_iter().partition(|k| k.recording_id == id);
        self.recovered().extend(others);
        Ok(RecordingStoppedDto { duration_s, kept: kept.into_iter().next() })
    }

    /// What a crash or a lock kept out of the store. A fault here is no reason to keep anybody out: the journal stays,
    /// and the next sign-in tries again.
    pub(crate) fn take_in_recordings(&self) {
        if !waiting(self.data()).is_empty() {
            let kept = self.take_in(&NoPorts);
            self.recovered().extend(kept);
        }
    }

    fn take_in(&self, ports: &dyn Ports) -> Vec<RecoveredDto> {
        // Who holds no key to visits cannot take anything in, and is not written down as refused for it.
        if !self.signed_in().is_ok_and(|open| open.session.keys().visits().is_some()) {
            return Vec::new();
        }
        let kept = commands::dispatch(self, "recover_recordings", json!({}), ports);
        kept.ok().and_then(|k| serde_json::from_value(k).ok()).unwrap_or_default()
    }
}
