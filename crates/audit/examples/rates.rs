//! How fast the log is on this disk and this processor, as ratios to what bounds it.
//!
//! `cargo run --profile ci -p cloister-audit --example rates -- [DIR] [LINES]`
//!
//! Writing is compared with bare pairs of `fdatasync` (an append of the same bytes, then an overwrite of 128 bytes)
//! on the same disk: one group of lines costs one such pair. Verifying is lines per second and peak memory.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use cloister_audit::{AuditLog, Environment, Evidence, Filter, Finding, Index, verify};
use cloister_domain::{Actor, AuditEvent, Clock, DetailKey, Entropy, EventType, Outcome, Timestamp, code};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    ops::ControlFlow,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

const ROUNDS: u32 = 12;

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
        "rates".to_owned()
    }
}

struct Counting;

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
        out.iter_mut().zip(1..).for_each(|(byte, n)| *byte = n);
        Ok(())
    }
}

fn event(n: u64) -> AuditEvent {
    AuditEvent::new(EventType::Read, code!("transcript.read"), Actor::System, Outcome::Success)
        .count(DetailKey::Documents, n)
}

/// Bare pairs of syncs per second, each after an append of `bytes` bytes.
fn pairs(dir: &Path, bytes: usize, time: Duration) -> f64 {
    let (a, b) = (dir.join("append"), dir.join("overwrite"));
    let mut lines = OpenOptions::new().create(true).append(true).open(&a).unwrap();
    let state = OpenOptions::new().create(true).truncate(false).write(true).open(&b).unwrap();
    let payload = vec![b'x'; bytes];
    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < time {
        lines.write_all(&payload).unwrap();
        lines.sync_data().unwrap();
        state.write_all_at(&[count.to_le_bytes()[0]; 128], 0).unwrap();
        state.sync_data().unwrap();
        count += 1;
    }
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    fs::remove_file(a).unwrap();
    fs::remove_file(b).unwrap();
    rate
}

/// Lines per second with `threads` writers, and the number of lines.
fn appends(log: &AuditLog, threads: u64, time: Duration) -> (f64, u64) {
    let start = Instant::now();
    let total: u64 = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..threads)
            .map(|t| {
                scope.spawn(move || {
                    let mut n = 0;
                    while start.elapsed() < time {
                        log.append(&event(t)).unwrap();
                        n += 1;
                    }
                    n
                })
            })
            .collect();
        writers.into_iter().map(|w| w.join().unwrap()).sum()
    });
    (total as f64 / start.elapsed().as_secs_f64(), total)
}

fn peak_memory_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Processor time of this process so far, user and system, in seconds (clock ticks of 10 ms).
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn main() {
    let mut args = std::env::args().skip(1);
    let base = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let wanted: u64 = args.next().map_or(60_000, |n| n.parse().unwrap());
    let dir = base.join(format!("cloister-audit-rates-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let folder = dir.join("log");
    let env =
        Environment { clock: Arc::new(SystemClock(Instant::now())), entropy: Arc::new(Counting), host: "bench".into() };
    let (log, _) = AuditLog::create(&folder, &env).unwrap();

    for threads in [1, 32] {
        // Turn by turn, since the disk is rarely ours alone.
        let (mut bare, mut group_rate, mut line_rate) = (0.0, 0.0, 0.0);
        for _ in 0..ROUNDS {
            bare += pairs(&dir, 900, Duration::from_millis(300)) / f64::from(ROUNDS);
            let before = log.groups();
            let (rate, lines) = appends(&log, threads, Duration::from_millis(300));
            line_rate += rate / f64::from(ROUNDS);
            group_rate += rate * (log.groups() - before) as f64 / lines as f64 / f64::from(ROUNDS);
        }
        println!(
            "{threads:>2} writers: {line_rate:.0} lines/s in {group_rate:.0} groups/s of {:.1}; bare pairs {bare:.0}/s; \
             groups to pairs {:.2}, lines to pairs {:.2}",
            line_rate / group_rate,
            group_rate / bare,
            line_rate / bare,
        );
    }

    let mut have = log.head().unwrap().seq();
    while have < wanted {
        std::thread::scope(|s| {
            (0..256).for_each(|_| {
                s.spawn(|| log.append(&event(1)).unwrap());
            })
        });
        have = log.head().unwrap().seq();
    }
    drop(log);
    let before = peak_memory_kib();
    let (start, processor) = (Instant::now(), processor_seconds());
    let verdict = verify(&folder, &Evidence { own_folder: true, ..Evidence::default() });
    let (seconds, processor) = (start.elapsed().as_secs_f64(), processor_seconds() - processor);
    assert_eq!(verdict.verdict, Finding::Intact);
    println!(
        "verify: {} lines in {seconds:.2} s, {:.0} lines/s on {} cores; {:.0} us of processor time a line; peak memory \
         {} KiB more",
        verdict.entries,
        verdict.entries as f64 / seconds,
        std::thread::available_parallelism().map_or(1, usize::from),
        processor * 1e6 / verdict.entries as f64,
        peak_memory_kib() - before,
    );
    pages(&folder);
    fs::remove_dir_all(dir).unwrap();
}

/// Any page of the log through its index: the slowest of each kind of question.
fn pages(folder: &Path) {
    let start = Instant::now();
    let mut index = Index::open(folder).unwrap();
    index.refresh(&mut |_, _| ControlFlow::Continue(())).unwrap();
    let built = start.elapsed();
    let whole = Filter { limit: 200, ..Filter::default() };
    let total = index.slice(&whole, 0).unwrap().total;
    let by_type = Filter { event_type: Some("read".into()), ..whole.clone() };
    let by_two = Filter { user: Some("system".into()), outcome: Some("success".into()), ..by_type.clone() };
    let newest = Timestamp::parse(&index.slice(&whole, 0).unwrap().lines[0].time).unwrap();
    let late = Filter { from: Some(Timestamp::from_millis(newest.as_millis() - 3000)), ..by_two.clone() };
    println!("index: {total} lines taken in within {:.1} s", built.as_secs_f64());
    for (name, filter) in
        [("no filter", whole), ("by event", by_type), ("by person, event, outcome", by_two), ("and time", late)]
    {
        let mut slowest = Duration::ZERO;
        for place in 0..12 {
            let start = Instant::now();
            // A reader that was just started pays for opening too.
            let mut index = Index::open(folder).unwrap();
            index.refresh(&mut |_, _| ControlFlow::Continue(())).unwrap();
            let slice = index.slice(&filter, total * place / 12).unwrap();
            slowest = slowest.max(start.elapsed());
            assert!(slice.lines.len() <= 200);
        }
        println!("  a page of 200, {name}: at most {:.0} ms", slowest.as_secs_f64() * 1000.0);
    }
    let start = Instant::now();
    index.overview(&Filter::default(), 60).unwrap();
    println!("  charts of the whole log: {:.0} ms", start.elapsed().as_secs_f64() * 1000.0);
}
