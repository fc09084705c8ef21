//! Makes a log longer, for trying what reads it: `lengthen FOLDER LINES`.
//!
//! The lines are real ones, signed and chained as every other, of acts that nobody did: never run it on a log that
//! anybody relies on.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use cloister_audit::{AuditLog, Environment};
use cloister_domain::{Actor, AuditEvent, Clock, DetailKey, Entropy, EventType, Outcome, Timestamp, code};
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

const WRITERS: u64 = 64;

struct SystemClock(Instant);

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
    }
    fn boottime_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
    fn boot_id(&self) -> String {
        "lengthen".to_owned()
    }
}

/// Nothing is drawn from it: a log that goes on takes its seeds from its state.
struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&self, _: &mut [u8]) -> Result<(), std::io::Error> {
        Err(std::io::Error::other("a broken chain is not gone on with here"))
    }
}

fn event(n: u64) -> AuditEvent {
    let (event, action) = match n % 7 {
        0 => (EventType::Export, code!("batch.export")),
        1 | 2 => (EventType::ExtractionEnd, code!("batch.run")),
        _ => (EventType::Read, code!("transcript.read")),
    };
    let outcome = if n.is_multiple_of(41) { Outcome::Denied } else { Outcome::Success };
    AuditEvent::new(event, action, Actor::System, outcome).count(DetailKey::Documents, n % 500)
}

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(dir), Some(lines)) = (args.next().map(PathBuf::from), args.next().and_then(|n| n.parse::<u64>().ok()))
    else {
        println!("lengthen FOLDER LINES");
        std::process::exit(2);
    };
    let env = Environment {
        clock: Arc::new(SystemClock(Instant::now())),
        entropy: Arc::new(NoEntropy),
        host: "made-up".into(),
    };
    let log = AuditLog::open(&dir, &env).unwrap();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let log = &log;
            scope.spawn(move || {
                for n in (writer..lines).step_by(usize::try_from(WRITERS).unwrap()) {
                    log.append(&event(n)).unwrap();
                }
            });
        }
    });
    println!("{lines} lines in {:.1} s", begun.elapsed().as_secs_f64());
}
