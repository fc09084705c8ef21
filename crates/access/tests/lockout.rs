//! Five failures lock a name, and neither another process, nor a set clock, nor a restart of the machine, nor tries made
//! all at once help.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use cloister_access::SignInError;
use common::{PASSWORD, Real, Station, WRONG};
use std::thread;

const DAY_MS: i64 = 86_400_000;

fn minutes(station: &Station, clock: &Real) -> u64 {
    // As a process that has just been started.
    match station.attempt(&station.log_anew(clock), clock, "ada", PASSWORD) {
        Err(SignInError::LockedOut { minutes }) => minutes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_lockout_outlives_the_process_a_set_clock_and_a_restart() {
    let station = Station::new(&[]);
    for _ in 0..5 {
        let tried = station.attempt(&station.log, &Real::default(), "ada", WRONG);
        assert!(matches!(tried, Err(SignInError::Refused)), "{tried:?}");
    }
    assert_eq!(minutes(&station, &Real::default()), 15);
    for set_ahead_ms in [DAY_MS, -DAY_MS] {
        assert_eq!(minutes(&station, &Real { set_ahead_ms, ..Real::default() }), 15, "set by {set_ahead_ms} ms");
    }
    // A minute after another boot, a minute is over, whatever the wall clock says.
    let restarted = Real { boot: "boot-b", since_boot_ms: Some(60_000), set_ahead_ms: DAY_MS };
    assert_eq!(minutes(&station, &restarted), 14);
    let at_last = Real { boot: "boot-b", since_boot_ms: Some(15 * 60_000), ..Real::default() };
    station.attempt(&station.log_anew(&at_last), &at_last, "ada", PASSWORD).unwrap();
}

#[test]
fn tries_made_at_the_same_moment_count_each_other() {
    let station = Station::new(&[]);
    let answers: Vec<_> = thread::scope(|scope| {
        let tries: Vec<_> = (0..12)
            .map(|_| scope.spawn(|| station.attempt(&station.log, &Real::default(), "ada", WRONG).map(|_| ())))
            .collect();
        tries.into_iter().map(|t| t.join().unwrap().unwrap_err()).collect()
    });
    let looked_at = answers.iter().filter(|a| matches!(a, SignInError::Refused)).count();
    let locked = answers.iter().filter(|a| matches!(a, SignInError::LockedOut { .. })).count();
    assert_eq!(looked_at + locked, 12, "{answers:?}");
    assert!((1..=5).contains(&looked_at), "{looked_at} passwords were looked at");
    // And one unknown name is counted as one that is known.
    for _ in 0..5 {
        let tried = station.attempt(&station.log, &Real::default(), "nobody", WRONG);
        assert!(matches!(tried, Err(SignInError::Refused)), "{tried:?}");
    }
    let tried = station.attempt(&station.log, &Real::default(), "nobody", WRONG);
    assert!(matches!(tried, Err(SignInError::LockedOut { .. })), "{tried:?}");
}
