//! Keeps the log while a process has it open: says when the service starts and stops, seals silence every hour, and
//! looks for what a person should look at.

use crate::{AppError, backup::Nightly, operational};
use cloister_audit::{AlertKind, Alerts, AuditLog, Due, Watch};
use cloister_domain::{Actor, AuditEvent, Clock, Code, DetailKey, EventType, Outcome, Sha256Hex, Timestamp, code};
use rustix::fs::statvfs;
use std::{
    path::PathBuf,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

const HOUR_MS: u64 = 3_600_000;
/// How often the lines that came since are looked at.
const LOOK: Duration = Duration::from_secs(20);
/// Alerts look this far back: the month before counts for what is usual.
const LOOK_BACK_MS: i64 = 31 * 86_400_000;
/// Less room than this on the vault's disk is an alert, once a day.
const LOW_DISK: u64 = 1 << 30;
const DAY_MS: i64 = 86_400_000;

/// What the keeper works on.
pub(crate) struct Keeping {
    pub(crate) log: Arc<AuditLog>,
    /// The log's folder.
    pub(crate) folder: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    /// `desktop` or `cli`.
    pub(crate) face: Code,
    /// The keyring that was found, if it is the one that the log recorded last.
    pub(crate) keyring: Option<(u64, Sha256Hex)>,
    /// For a process that stays: the daily backup.
    pub(crate) nightly: Option<Nightly>,
}

/// A thread that keeps the log until it is stopped.
pub(crate) struct Keeper {
    keeping: Arc<Kept>,
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread works on.
pub(crate) struct Kept {
    keeping: Keeping,
    watch: Mutex<Option<Watch>>,
    sealed_ms: AtomicU64,
    /// Alerts that nobody looked at, as of the last look.
    open: AtomicU32,
    stopping: AtomicBool,
}

impl Keeper {
    /// Writes that the service starts, and begins.
    ///
    /// # Errors
    /// When the line cannot be made durable.
    pub(crate) fn start(keeping: Keeping) -> Result<Self, AppError> {
        let mut event =
            service(EventType::ServiceStart, keeping.face).code(DetailKey::Version, code!(env!("CARGO_PKG_VERSION")));
        if let Some((version, sha256)) = &keeping.keyring {
            event = event.count(DetailKey::KeyringVersion, *version).hash(DetailKey::KeyringSha256, sha256.clone());
        }
        keeping.log.append(&event)?;
        operational::service("start", keeping.face.as_str());
        let sealed_ms = AtomicU64::new(keeping.clock.boottime_ms());
        let (watch, open, stopping) = (Mutex::default(), AtomicU32::new(0), AtomicBool::new(false));
        let keeping = Arc::new(Kept { keeping, watch, sealed_ms, open, stopping });
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let (kept, stopped) = (Arc::clone(&keeping), Arc::clone(&stop));
        // Without a thread the log is still written, and looked at when the process stops.
        let thread = thread::Builder::new().name("log".into()).spawn(move || run(&kept, &stopped)).ok();
        Ok(Self { keeping, stop, thread })
    }

    /// What looks at the log, for a look out of turn: that may take a while, and nothing else should wait for it.
    pub(crate) fn kept(&self) -> Arc<Kept> {
        Arc::clone(&self.keeping)
    }

    /// How many alerts nobody looked at yet. Costs nothing, and is as old as the last look.
    pub(crate) fn open_alerts(&self) -> u32 {
        self.keeping.open.load(Ordering::Relaxed)
    }

    /// Looks once more, and writes that the service stops.
    pub(crate) fn stop(mut self) -> Result<(), AppError> {
        self.keeping.stopping.store(true, Ordering::Relaxed);
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let looked = self.keeping.look();
        let keeping = &self.keeping.keeping;
        keeping.log.append(&service(EventType::ServiceStop, keeping.face))?;
        operational::service("stop", keeping.face.as_str());
        looked.map(|_| ())
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

fn run(kept: &Kept, (stopped, wake): &(Mutex<bool>, Condvar)) {
    let mut stop = stopped.lock().unwrap_or_else(PoisonError::into_inner);
    while !*stop {
        stop = wake.wait_timeout(stop, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        if *stop {
            return;
        }
        drop(stop);
        // What cannot be written now is tried again: the next act of a person will be refused and say why.
        kept.seal_if_due();
        let _ = kept.look();
        if let Some(nightly) = &kept.keeping.nightly {
            nightly.make_if_due(&kept.keeping.log, &kept.stopping);
        }
        stop = stopped.lock().unwrap_or_else(PoisonError::into_inner);
    }
}

impl Kept {
    /// Once an hour: how the workstation is doing, and the seal.
    fn seal_if_due(&self) {
        let k = &self.keeping;
        let now = k.clock.boottime_ms();
        if !seal_is_due(self.sealed_ms.load(Ordering::Relaxed), now) {
            return;
        }
        let resources = AuditEvent::new(EventType::Resources, code!("resources"), Actor::System, Outcome::Success)
            .count(DetailKey::FreeBytes, free_bytes(&k.folder).unwrap_or(0))
            .count(DetailKey::MemoryBytes, peak_memory())
            .count(DetailKey::ProcessorMs, processor_ms());
        // A full disk takes no such line; the seal may draw on the reserve.
        let _ = k.log.append(&resources);
        let seal = AuditEvent::new(EventType::Seal, code!("seal"), Actor::System, Outcome::Success);
        if k.log.append(&seal).is_ok() {
            self.sealed_ms.store(now, Ordering::Relaxed);
        }
    }

    /// Reads what came since, writes the alerts that it calls for, and says what is known.
    pub(crate) fn look(&self) -> Result<Alerts, AppError> {
        let known = self.look_once()?;
        let open = known.raised.iter().filter(|alert| alert.acknowledged.is_none()).count();
        self.open.store(u32::try_from(open).unwrap_or(u32::MAX), Ordering::Relaxed);
        Ok(known)
    }

    fn look_once(&self) -> Result<Alerts, AppError> {
        let k = &self.keeping;
        let mut held = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = match &mut *held {
            Some(watch) => watch,
            empty => {
                let from = Timestamp::from_millis(k.clock.now().as_millis() - LOOK_BACK_MS);
                empty.insert(Watch::since(&k.folder, Some(from))?)
            }
        };
        let mut known = watch.look(&k.folder)?;
        let mut due = std::mem::take(&mut known.due);
        due.extend(self.low_disk(&known));
        if due.is_empty() {
            return Ok(known);
        }
        for alert in due {
            k.log.append(&alert.event())?;
        }
        Ok(watch.look(&k.folder)?)
    }

    fn low_disk(&self, known: &Alerts) -> Option<Due> {
        let k = &self.keeping;
        let free = free_bytes(&k.folder).filter(|free| *free < LOW_DISK)?;
        let yesterday = k.clock.now().as_millis() - DAY_MS;
        let told = known.raised.iter().any(|a| {
            a.kind == AlertKind::LowDisk && Timestamp::parse(&a.time).is_some_and(|t| t.as_millis() > yesterday)
        });
        let line = k.log.head().ok()?.seq();
        (!told).then_some(Due { kind: AlertKind::LowDisk, line, count: Some(free) })
    }
}

/// Time with the machine asleep counts: an hour is an hour.
const fn seal_is_due(sealed_ms: u64, now_ms: u64) -> bool {
    now_ms.saturating_sub(sealed_ms) >= HOUR_MS
}

fn service(event: EventType, face: Code) -> AuditEvent {
    let action = match event {
        EventType::ServiceStart => code!("service.start"),
        _ => code!("service.stop"),
    };
    AuditEvent::new(event, action, Actor::System, Outcome::Success).code(DetailKey::Face, face)
}

fn free_bytes(folder: &std::path::Path) -> Option<u64> {
    statvfs(folder).ok().map(|fs| fs.f_bavail.saturating_mul(fs.f_frsize))
}

/// Linux counts it in the process's own status; elsewhere it is not said.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn processor_ms() -> u64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(t.tv_sec).unwrap_or(0) * 1000 + u64::try_from(t.tv_nsec).unwrap_or(0) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::{HOUR_MS, seal_is_due};

    #[test]
    fn silence_is_sealed_after_an_hour_and_not_before() {
        assert!(!seal_is_due(5_000, 5_000 + HOUR_MS - 1));
        assert!(seal_is_due(5_000, 5_000 + HOUR_MS));
        // A boot later the clock starts anew.
        assert!(!seal_is_due(HOUR_MS * 5, 10));
    }
}
