//! An engine that is started when needed and once more when it dies.

use crate::{Connection, EngineError, EngineSpec};

/// Told when an engine died and was started again, so that the parent can say so and log it.
pub type Restarted<'a> = &'a mut dyn FnMut(&EngineError);

/// Holds at most one running engine of one [`EngineSpec`].
#[derive(Debug)]
pub struct SupervisedEngine {
    spec: EngineSpec,
    running: Option<Connection>,
}

impl SupervisedEngine {
    /// Nothing is started yet.
    #[must_use]
    pub const fn new(spec: EngineSpec) -> Self {
        Self { spec, running: None }
    }

    /// What is started.
    #[must_use]
    pub const fn spec(&self) -> &EngineSpec {
        &self.spec
    }

    /// Runs one job. When the engine dies under it, the job runs once more on a fresh engine; when that dies too,
    /// the job is at fault and its error is returned. The next job finds a fresh engine either way.
    ///
    /// # Errors
    /// The job's.
    pub fn run<T>(
        &mut self,
        restarted: Restarted<'_>,
        mut job: impl FnMut(&mut Connection) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        match self.attempt(&mut job) {
            Err(e) if e.engine_is_gone() => {
                restarted(&e);
                self.attempt(&mut job)
            }
            other => other,
        }
    }

    /// Ends the process now: its memory held clinical text.
    pub fn stop(&mut self) {
        self.running = None;
    }

    fn attempt<T>(
        &mut self,
        job: &mut impl FnMut(&mut Connection) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let mut engine = match self.running.take() {
            Some(engine) => engine,
            None => Connection::spawn(&self.spec)?,
        };
        let result = job(&mut engine);
        // After anything but an answer or a stated fault, a panic of the job among it, the pipe may be out of step: the
        // next job would be given what was heard for this one. Then the engine ends here.
        if matches!(result, Ok(_) | Err(EngineError::Fault(_))) {
            self.running = Some(engine);
        }
        result
    }
}
