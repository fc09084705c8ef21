//! Threads and processes writing one log, and dying while they do.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod common;

use cloister_audit::{AuditLog, Finding};
use common::{StepClock, environment, read, verdict};
use std::{
    collections::HashSet,
    env, fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::Duration,
};

fn env_at(seed: u8) -> cloister_audit::Environment {
    environment(StepClock::at("2026-11-23T15:00:00Z"), seed)
}

#[test]
fn thirty_two_threads_lose_nothing_and_share_syncs() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = AuditLog::create(dir.path(), &env_at(7)).unwrap();
    let seen = Mutex::new(HashSet::new());
    std::thread::scope(|scope| {
        for t in 0..32 {
            let (log, seen) = (&log, &seen);
            scope.spawn(move || {
                let mut last = 0;
                for _ in 0..25 {
                    let receipt = log.append(&read(t)).unwrap();
                    assert!(receipt.seq > last, "a thread's own lines are in its own order");
                    last = receipt.seq;
                    assert!(seen.lock().unwrap().insert((receipt.seq, receipt.hash.to_string())));
                }
            });
        }
    });
    assert_eq!(seen.into_inner().unwrap().len(), 800);
    let verdict = verdict(dir.path());
    assert_eq!((verdict.verdict, verdict.entries), (Finding::Intact, 801));
    assert!(log.groups() < 400, "{} groups for 800 lines", log.groups());
}

/// Not a test of its own: what the others start as a process. Writes until it is killed or has written enough, and
/// says each number once it is acknowledged.
#[test]
#[ignore = "started by the other tests as a process"]
fn child_writer() {
    let (Ok(dir), Ok(threads), Ok(lines)) =
        (env::var("AUDIT_TEST_DIR"), env::var("AUDIT_TEST_THREADS"), env::var("AUDIT_TEST_LINES"))
    else {
        return;
    };
    let log = AuditLog::open(Path::new(&dir), &env_at(7)).unwrap();
    let out = Mutex::new(std::io::stdout());
    std::thread::scope(|scope| {
        for _ in 0..threads.parse().unwrap() {
            scope.spawn(|| {
                for _ in 0..lines.parse::<u64>().unwrap() {
                    let receipt = log.append(&read(1)).unwrap();
                    let line = format!("ack {} {}\n", receipt.seq, receipt.hash);
                    out.lock().unwrap().write_all(line.as_bytes()).unwrap();
                }
            });
        }
    });
    let notices = log.take_notices();
    out.lock().unwrap().write_all(format!("notices {notices:?}\n").as_bytes()).unwrap();
}

fn start(dir: &Path, threads: u64, lines: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "child_writer", "--ignored", "--nocapture", "--test-threads=1"])
        .env("AUDIT_TEST_DIR", dir)
        .env("AUDIT_TEST_THREADS", threads.to_string())
        .env("AUDIT_TEST_LINES", lines.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a child said: each acknowledged line's number and digest.
fn acknowledged(child: &mut Child) -> Vec<(u64, String)> {
    BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| {
            // libtest writes its own words before the first line without a newline.
            let mut words = line[line.find("ack ")?..].split(' ').skip(1);
            Some((words.next()?.parse().ok()?, words.next().filter(|h| h.len() == 64)?.to_owned()))
        })
        .collect()
}

/// Number and digest of every line in the folder.
fn on_disk(dir: &Path) -> HashSet<(u64, String)> {
    use sha2::{Digest, Sha256};
    let text = fs::read(&common::month_files(dir)[0]).unwrap();
    text.split_inclusive(|b| *b == b'\n')
        .filter_map(|line| {
            let value: serde_json::Value = serde_json::from_slice(line).ok()?;
            let digest: String = Sha256::digest(line).iter().map(|b| format!("{b:02x}")).collect();
            Some((value["seq"].as_u64()?, digest))
        })
        .collect()
}

#[test]
fn two_processes_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    drop(AuditLog::create(dir.path(), &env_at(7)).unwrap());
    let mut children = [start(dir.path(), 4, 40), start(dir.path(), 4, 40)];
    let said: Vec<_> = children.iter_mut().flat_map(acknowledged).collect();
    assert!(children.iter_mut().all(|c| c.wait().unwrap().success()));
    assert_eq!(said.iter().collect::<HashSet<_>>().len(), 320);
    let disk = on_disk(dir.path());
    assert!(said.iter().all(|ack| disk.contains(ack)));
    let verdict = verdict(dir.path());
    assert_eq!((verdict.verdict, verdict.entries), (Finding::Intact, 321));
}

/// `AUDIT_KILLS` sets how many; 40 keep the suite short.
#[test]
fn killed_at_any_moment_no_acknowledged_line_is_lost_and_no_alarm_is_false() {
    let kills: u64 = env::var("AUDIT_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let dir = tempfile::tempdir().unwrap();
    let mut told = Told::default();
    // A new log now and then keeps each verdict quick.
    for round in 0..kills.div_ceil(20) {
        let log = dir.path().join(round.to_string());
        drop(AuditLog::create(&log, &env_at(7)).unwrap());
        (round * 20..kills.min(round * 20 + 20)).for_each(|n| kill_two_writers(&log, n, &mut told));
        let reopened = AuditLog::open(&log, &env_at(7)).unwrap();
        let notices = reopened.take_notices();
        assert!(!notices.iter().any(|n| matches!(n, cloister_audit::Notice::Broken(_))), "{notices:?}");
        reopened.append(&read(1)).unwrap();
        let verdict = verdict(&log);
        assert_eq!((verdict.verdict, verdict.segments.len()), (Finding::Intact, 0));
        told.on_disk += verdict.entries;
    }
    println!("{kills} kills of two writers: {told:?}; no acknowledged line lost, no false alarm");
}

#[derive(Debug, Default)]
struct Told {
    acknowledged: usize,
    on_disk: u64,
    unfinished_ends: u64,
}

/// Two processes write; one is killed, then the other, the log judged after each.
fn kill_two_writers(dir: &Path, n: u64, told: &mut Told) {
    let mut children = [start(dir, 3, u64::MAX), start(dir, 3, u64::MAX)];
    // Spread over the first tenths of a second: opening, first lines, full swing.
    std::thread::sleep(Duration::from_micros(2_000 + (n * 7_919) % 120_000));
    children[0].kill().unwrap();
    // The survivor goes on for a while over what the dead one left.
    std::thread::sleep(Duration::from_micros((n * 3_301) % 20_000));
    let live = verdict(dir);
    assert_eq!(live.verdict, Finding::Intact, "kill {n}, one still running: {live:?}");
    children[1].kill().unwrap();
    let said: Vec<_> = children.iter_mut().flat_map(acknowledged).collect();
    for child in &mut children {
        child.wait().unwrap();
    }
    let after = verdict(dir);
    assert_eq!(after.verdict, Finding::Intact, "kill {n}: {after:?}");
    let disk = on_disk(dir);
    assert!(said.iter().all(|ack| disk.contains(ack)), "kill {n} lost an acknowledged line");
    told.unfinished_ends += u64::from(after.unfinished_bytes.is_some());
    told.acknowledged += said.len();
}
