//! A log with a clock and randomness of the test's own.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloister_audit::{AuditLog, Environment, Evidence, Verdict, verify};
use cloister_domain::{Actor, AuditEvent, Clock, DetailKey, Entropy, EventType, Outcome, Timestamp, code};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// Moves on by 250 ms at each look.
pub struct StepClock(AtomicI64);

impl StepClock {
    pub fn at(time: &str) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(Timestamp::parse(time).unwrap().as_millis())))
    }

    pub fn set(&self, time: &str) {
        self.0.store(Timestamp::parse(time).unwrap().as_millis(), Ordering::SeqCst);
    }
}

impl Clock for StepClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(250, Ordering::SeqCst))
    }
    fn boottime_ms(&self) -> u64 {
        u64::try_from(self.0.load(Ordering::SeqCst) % 1_000_000_000).unwrap()
    }
    fn boot_id(&self) -> String {
        "6f1c0b0e-0000-4000-8000-000000000001".to_owned()
    }
}

/// The same bytes each time.
pub struct Fixed(pub u8);

impl Entropy for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
        out.fill(self.0);
        Ok(())
    }
}

/// So many inputs for a property; `make soak` asks for more.
pub fn cases(short: u32) -> proptest::prelude::ProptestConfig {
    let asked = std::env::var("AUDIT_CASES").ok().and_then(|n| n.parse().ok());
    proptest::prelude::ProptestConfig::with_cases(asked.unwrap_or(short))
}

pub fn environment(clock: Arc<StepClock>, seed: u8) -> Environment {
    Environment { clock, entropy: Arc::new(Fixed(seed)), host: "Ward-3".to_owned() }
}

pub fn november() -> Environment {
    environment(StepClock::at("2026-11-23T15:00:00Z"), 7)
}

pub fn read(n: u64) -> AuditEvent {
    AuditEvent::new(EventType::Read, code!("transcript.read"), Actor::System, Outcome::Success)
        .count(DetailKey::Documents, n)
}

/// A log of `n` lines, its creation included, closed again.
pub fn log_of(dir: &Path, n: u64, env: &Environment) {
    let (log, _) = AuditLog::create(dir, env).unwrap();
    (1..n).for_each(|i| drop(log.append(&read(i)).unwrap()));
}

pub fn own() -> Evidence<'static> {
    Evidence { own_folder: true, ..Evidence::default() }
}

pub fn verdict(dir: &Path) -> Verdict {
    verify(dir, &own())
}

/// The folder's files but for the reserve, which holds nothing.
pub fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "reserve" {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// The files of lines, in order.
pub fn month_files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    files
}
