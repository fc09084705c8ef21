//! A sign-in takes as long for a name that nobody has as for one that somebody has: neither the answer nor its time tells
//! who has an account here. One failed try each, in turn.
//!
//! `make security` sets `CLOISTER_NAMES=200` and compares the medians of the processor's time and of the time on the wall.
//! The short form shares its machine with whatever else runs there, and that takes caches and memory away even from the
//! thread's own time. It can only add: so the shortest of each kind is compared, of the processor's time alone.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod common;

use cloister_access::SignInError;
use cloister_domain::{Actor, AuditEvent, EventType, Outcome, code};
use common::{Real, Station, WRONG};
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// The largest difference.
const ALIKE: Duration = Duration::from_millis(5);
/// Lines between the accounts' making and the tries: as after some days of work.
const LINES: u32 = 3_000;

/// Processor time of this thread, and time.
#[derive(Clone, Copy)]
struct Both {
    processor: Duration,
    wall: Duration,
}

fn timed(act: impl FnOnce()) -> Both {
    let processor = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
    let (before, began) = (processor(), Instant::now());
    act();
    Both { processor: processor() - before, wall: began.elapsed() }
}

type Which = fn(&Both) -> Duration;

/// The time at `rank`, of the sorted ones.
fn ranked(of: &[Both], which: Which, rank: usize) -> Duration {
    let mut all: Vec<_> = of.iter().map(which).collect();
    all.sort_unstable();
    all[rank]
}

#[test]
fn the_time_of_a_refusal_does_not_tell_whether_the_name_is_known() {
    let long = std::env::var("CLOISTER_NAMES").ok().and_then(|n| n.parse::<usize>().ok());
    let count = long.unwrap_or(24);
    let names: Vec<_> = (0..count).map(|n| format!("person-{n:03}")).collect();
    let station = Station::new(&names);
    for _ in 0..LINES {
        let event = AuditEvent::new(EventType::Read, code!("read_encounter"), Actor::System, Outcome::Success);
        station.log.append(&event).unwrap();
    }
    let fails = |name: &str| {
        let refused = station.attempt(&station.log, &Real::default(), name, WRONG);
        assert!(matches!(refused, Err(SignInError::Refused)), "{name}: {refused:?}");
    };
    let (mut known, mut unknown, mut late) = (Vec::new(), Vec::new(), Vec::new());
    for name in &names {
        known.push(timed(|| fails(name)));
        let nobody = timed(|| fails(&name.replace("person", "nobody")));
        unknown.push(nobody);
        let delay = Duration::from_millis(20);
        late.push(Both { processor: nobody.processor + delay, wall: nobody.wall + delay });
    }
    let (rank, compared) = if long.is_some() { (count / 2, "medians") } else { (0, "shortest") };
    let clocks: [(&str, Which); 2] = [("processor", |b| b.processor), ("wall", |b| b.wall)];
    for (what, which) in clocks {
        let [is, is_not, is_late] = [&known, &unknown, &late].map(|tries| ranked(tries, which, rank));
        let (difference, control) = (is.abs_diff(is_not), is.abs_diff(is_late));
        println!(
            "{count} names each, {what} time, {compared}: {is:?} known, {is_not:?} unknown, {difference:?} apart; with \
             20 ms more {control:?}"
        );
        if what == "processor" || long.is_some() {
            assert!(difference < ALIKE, "{what} time tells known names from unknown ones: {difference:?}");
            assert!(control > ALIKE, "20 ms more would not have been seen: {control:?}");
        }
    }
}
