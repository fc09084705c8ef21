//! No key and no password outlives the session in memory. Every key of the vault comes from randomness that this test
//! knows, so it can look for all of them in the memory of the program and of its engine, from outside, as root could.
//!
//! `cargo nextest run -p cloister-tests memory`. Not covered, as SECURITY.md says: the page's own processes.
#![cfg(target_os = "linux")]

#[path = "../worker/seeded.rs"]
#[allow(dead_code, reason = "the worker draws from it; this side only works it out")]
mod seeded;

use crate::kill::{prepared, worker};
use std::{
    collections::HashMap,
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    os::unix::fs::FileExt,
    process::{Child, ChildStdout, Command, Stdio},
};

const PASSWORD: &str = "thirteen teal plovers inland";
/// More than a session draws.
const BLOCKS: u64 = 4096;

/// What is looked for, by its first eight bytes.
struct Needles(HashMap<[u8; 8], Vec<(String, Vec<u8>)>>);

impl Needles {
    fn new() -> Self {
        let mut all = Self(HashMap::new());
        for n in 0..BLOCKS {
            let key = seeded::block(n);
            let hex: String = key.iter().map(|b| format!("{b:02x}")).collect();
            all.add(format!("key {n}"), &key);
            all.add(format!("key {n} in hex"), hex.as_bytes());
            all.add(format!("key {n} in HEX"), hex.to_uppercase().as_bytes());
        }
        all.add("the password".to_owned(), PASSWORD.as_bytes());
        let wide: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
        all.add("the password in UTF-16".to_owned(), &wide);
        all
    }

    fn add(&mut self, name: String, bytes: &[u8]) {
        self.0.entry(bytes[..8].try_into().unwrap()).or_default().push((name, bytes.to_owned()));
    }

    /// Those that stand in memory which the process can write; `None` where the system lets nobody look.
    fn found(&self, pid: u32) -> Option<Vec<String>> {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
        let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
        // Most places fail here, on two bytes.
        let mut begins = vec![false; 1 << 16];
        for first in self.0.keys() {
            begins[usize::from(u16::from_le_bytes([first[0], first[1]]))] = true;
        }
        let (mut hits, mut looked) = (Vec::new(), 0);
        for line in maps.lines().filter(|line| line.contains(" rw")) {
            let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
            let (from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            if memory.read_exact_at(&mut bytes, from).is_err() {
                continue;
            }
            looked += bytes.len();
            for at in 0..bytes.len().saturating_sub(8) {
                if begins[usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))]
                    && let Some(whole) = self.0.get(&bytes[at..at + 8])
                {
                    let here = whole.iter().filter(|(_, needle)| bytes[at..].starts_with(needle));
                    let region = line.split_whitespace().nth(5).unwrap_or("without a name");
                    hits.extend(here.map(|(name, _)| format!("{name} ({region})")));
                }
            }
        }
        assert!(looked > 1 << 20, "only {looked} bytes could be read");
        hits.sort_unstable();
        hits.dedup();
        Some(hits)
    }
}

/// A worker that takes a step for each line.
struct Person {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Person {
    fn step(&mut self, line: &str, answer: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{line}").unwrap();
        let mut said = String::new();
        self.answers.read_line(&mut said).unwrap();
        assert_eq!(said.trim(), answer);
    }

    /// The program and its children.
    fn processes(&self) -> Vec<u32> {
        let pid = self.process.id();
        let mut all = vec![pid];
        for task in fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
            let children = fs::read_to_string(task.unwrap().path().join("children")).unwrap_or_default();
            all.extend(children.split_whitespace().map(|c| c.parse::<u32>().unwrap()));
        }
        all
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn no_key_and_no_password_is_left_after_the_session() {
    let folder = prepared(3, false).unwrap();
    let mut process = Command::new(worker())
        .args(["session", &folder.path().to_string_lossy()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let answers = BufReader::new(process.stdout.take().unwrap());
    let mut person = Person { process, answers };
    let needles = Needles::new();

    person.step(PASSWORD, "made");
    person.step("work", "worked");
    let worked: Vec<_> = person.processes().iter().map(|pid| needles.found(*pid)).collect();
    if worked.iter().any(Option::is_none) {
        eprintln!("skipped: this user may not read another process's memory");
        return;
    }
    let program = worked[0].clone().unwrap();
    assert!(program.iter().any(|hit| hit.starts_with("key ")), "the control: keys stand there meanwhile: {program:?}");
    for engine in worked[1..].iter().flatten() {
        assert_eq!(*engine, Vec::<String>::new(), "an engine holds keys");
    }

    person.step("leave", "out");
    for pid in person.processes() {
        assert_eq!(needles.found(pid).unwrap(), Vec::<String>::new(), "after the session, in process {pid}");
    }
}
