//! The log as the rest of the program sees it: append, and know when it is durable.

use crate::{
    AuditError,
    chain::Entry,
    head::{Fingerprint, Head, Receipt},
    writer::{Notice, Writer},
};
use cloister_domain::{AuditEvent, Clock, Entropy};
use std::{
    collections::HashMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, Thread},
};

/// The most lines written under one pair of syncs.
const MAX_GROUP: usize = 256;

/// Where a log gets its time and randomness from, and the machine's name.
#[derive(Clone)]
pub struct Environment {
    /// Times of lines.
    pub clock: Arc<dyn Clock>,
    /// The first seed of a chain.
    pub entropy: Arc<dyn Entropy>,
    /// The machine's name; capitals are lowered.
    pub host: String,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("host", &self.host).finish_non_exhaustive()
    }
}

/// An open log. Share it between threads by reference or `Arc`; open it once per process and folder (several
/// processes may have the same folder open).
///
/// Lines of threads that wait at the same time go to disk as one group: the first to find nobody writing writes
/// for all who wait.
pub struct AuditLog {
    queue: Mutex<Queue>,
    writer: Mutex<Writer>,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Queue {
    next_ticket: u64,
    waiting: Vec<Waiter>,
    done: HashMap<u64, Result<Receipt, AuditError>>,
    /// Whether some thread is writing.
    led: bool,
    groups: u64,
}

/// A thread that sleeps until its line is durable, or until it is its turn to write.
struct Waiter {
    ticket: u64,
    thread: Thread,
    entry: Entry,
}

impl AuditLog {
    /// Begins a log in `dir` (made if absent, for its owner alone). Returns the first key's fingerprint, which
    /// should be kept on paper.
    ///
    /// # Errors
    /// [`AuditError::Exists`] when any part of a log stands there.
    pub fn create(dir: &Path, env: &Environment) -> Result<(Self, Fingerprint), AuditError> {
        let (writer, fingerprint) = Writer::create(dir, env)?;
        Ok((Self::with(writer, env), fingerprint))
    }

    /// Opens the log in `dir` and puts right what a crash left. A broken chain does not stop it: the log goes on in
    /// a new segment that names the break, and [`AuditLog::take_notices`] tells of it.
    ///
    /// # Errors
    /// [`AuditError::Missing`] when `dir` holds no part of a log; others when the disk refuses.
    pub fn open(dir: &Path, env: &Environment) -> Result<Self, AuditError> {
        Ok(Self::with(Writer::open(dir, env)?, env))
    }

    fn with(writer: Writer, env: &Environment) -> Self {
        Self { queue: Mutex::default(), writer: Mutex::new(writer), clock: Arc::clone(&env.clock) }
    }

    /// Writes one line. When this returns `Ok`, the line is on disk and so is the state after it.
    ///
    /// # Errors
    /// The line is not durable: whatever it was to record must not happen. (The disk may still hold it, as an
    /// attempt that nothing followed.)
    pub fn append(&self, event: &AuditEvent) -> Result<Receipt, AuditError> {
        event.check()?;
        let event = event.clone();
        let mut queue = self.lock_queue();
        let ticket = queue.next_ticket;
        queue.next_ticket += 1;
        // The clock is read under the lock, so that the order of times is the order of lines.
        let entry = Entry { event, time: self.clock.now(), mono_ms: self.clock.boottime_ms() };
        queue.waiting.push(Waiter { ticket, thread: thread::current(), entry });
        loop {
            if let Some(result) = queue.done.remove(&ticket) {
                return result;
            }
            if queue.led {
                drop(queue);
                thread::park();
                queue = self.lock_queue();
            } else {
                queue = self.lead(queue);
            }
        }
    }

    /// Writes for all who wait, wakes them, and wakes the first of those who came meanwhile to lead in turn.
    fn lead<'a>(&'a self, mut queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        queue.led = true;
        let size = queue.waiting.len().min(MAX_GROUP);
        let mut group = Vec::with_capacity(size);
        let mut waiters = Vec::with_capacity(size);
        for Waiter { ticket, thread, entry } in queue.waiting.drain(..size) {
            group.push(entry);
            waiters.push((ticket, thread));
        }
        drop(queue);
        let results = self.write(&group);
        let mut queue = self.lock_queue();
        queue.led = false;
        queue.groups += 1;
        for ((ticket, thread), result) in waiters.into_iter().zip(results) {
            queue.done.insert(ticket, result);
            thread.unpark();
        }
        if let Some(next) = queue.waiting.first() {
            next.thread.unpark();
        }
        queue
    }

    /// The end of the log, as this process last wrote or saw it. Lines of other processes may have followed.
    /// Exported, it is a checkpoint.
    ///
    /// # Errors
    /// [`AuditError::Failed`] after an earlier failure.
    pub fn head(&self) -> Result<Head, AuditError> {
        self.writer.lock().map(|w| w.head().clone()).map_err(|_| AuditError::Failed)
    }

    /// How many groups of lines this handle has written: each cost one pair of syncs.
    #[must_use]
    pub fn groups(&self) -> u64 {
        self.lock_queue().groups
    }

    /// What had to be put right or sounded wrong since the last call: at opening, or when another process left work
    /// behind. Each is in the log already; the caller raises the alarm.
    #[must_use]
    pub fn take_notices(&self) -> Vec<Notice> {
        self.writer.lock().map(|mut w| w.take_notices()).unwrap_or_default()
    }

    fn write(&self, group: &[Entry]) -> Vec<Result<Receipt, AuditError>> {
        // A panic while leading must not leave the others waiting for ever. It poisons the writer, which ends it.
        let written = catch_unwind(AssertUnwindSafe(|| match self.writer.lock() {
            Ok(mut writer) => writer.commit(group),
            Err(_) => vec![Err(AuditError::Failed); group.len()],
        }));
        written.unwrap_or_else(|_| vec![Err(AuditError::Failed); group.len()])
    }

    fn lock_queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLog").finish_non_exhaustive()
    }
}
