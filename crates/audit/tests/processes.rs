//! Threads and processes writing one log, and dying while they do.

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
    drop(AuditLog::create(dir.path(), &env_at(7)).unwrap());
    let (mut acks, mut fragments, mut while_running) = (0, 0, 0);
    for n in 0..kills {
        let mut children = [start(dir.path(), 3, u64::MAX), start(dir.path(), 3, u64::MAX)];
        // Spread over the first tenths of a second: opening, first lines, full swing.
        std::thread::sleep(Duration::from_micros(2_000 + (n * 7_919) % 120_000));
        let (first, second) = children.split_at_mut(1);
        first[0].kill().unwrap();
        // The survivor goes on for a while over what the dead one left.
        std::thread::sleep(Duration::from_micros((n * 3_301) % 20_000));
        let live = verdict(dir.path());
        assert_eq!(live.verdict, Finding::Intact, "kill {n}, one still running: {live:?}");
        while_running += 1;
        second[0].kill().unwrap();
        let said: Vec<_> = children.iter_mut().flat_map(acknowledged).collect();
        children.iter_mut().for_each(|c| drop(c.wait().unwrap()));
        let after = verdict(dir.path());
        assert_eq!(after.verdict, Finding::Intact, "kill {n}: {after:?}");
        fragments += u64::from(after.unfinished_bytes.is_some());
        let disk = on_disk(dir.path());
        assert!(said.iter().all(|ack| disk.contains(ack)), "kill {n} lost an acknowledged line");
        acks += said.len();
    }
    let log = AuditLog::open(dir.path(), &env_at(7)).unwrap();
    let notices = log.take_notices();
    assert!(!notices.iter().any(|n| matches!(n, cloister_audit::Notice::Broken(_))), "{notices:?}");
    log.append(&read(1)).unwrap();
    let verdict = verdict(dir.path());
    assert_eq!((verdict.verdict, verdict.segments.len()), (Finding::Intact, 0));
    println!(
        "{kills} kills of two writers: {acks} lines acknowledged, {} on disk, none lost; {while_running} verdicts \
         beside a live writer; {fragments} unfinished lines at the end",
        verdict.entries
    );
}
