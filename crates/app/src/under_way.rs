//! Work that a person can stop. Each act has a flag of its own while it runs, so that stopping one leaves the others
//! alone, and a stop that comes too late is forgotten with its act.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// The acts that run now.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(Mutex<Vec<(&'static str, Arc<AtomicBool>)>>);

/// One act that runs, until it is dropped.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    all: &'a UnderWay,
    stopped: Arc<AtomicBool>,
}

impl UnderWay {
    /// Notes that the command `name` runs.
    pub(crate) fn begin(&self, name: &'static str) -> Work<'_> {
        let stopped = Arc::new(AtomicBool::new(false));
        self.acts().push((name, Arc::clone(&stopped)));
        Work { all: self, stopped }
    }

    /// Asks the acts of this command to stop, or all of them.
    pub(crate) fn stop(&self, command: Option<&str>) {
        for (name, stopped) in self.acts().iter() {
            if command.is_none_or(|wanted| wanted == *name) {
                stopped.store(true, Ordering::Relaxed);
            }
        }
    }

    fn acts(&self) -> MutexGuard<'_, Vec<(&'static str, Arc<AtomicBool>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Work<'_> {
    /// Whether somebody asked it to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.all.acts().retain(|(_, stopped)| !Arc::ptr_eq(stopped, &self.stopped));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_act_is_stopped_and_the_others_go_on() {
        let all = UnderWay::default();
        all.stop(None);
        let (import, run) = (all.begin("import_audio"), all.begin("run_batch"));
        assert!(!import.is_stopped() && !run.is_stopped(), "a stop before they began is not theirs");
        all.stop(Some("import_audio"));
        assert!(import.is_stopped() && !run.is_stopped());
        drop(import);
        let again = all.begin("import_audio");
        assert!(!again.is_stopped());
        all.stop(None);
        assert!(again.is_stopped() && run.is_stopped());
        drop((again, run));
        assert!(all.acts().is_empty());
    }
}
