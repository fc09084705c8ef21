//! A run that is killed again and again, at any moment, comes to the same results as one that nobody disturbed.

use crate::incidents::{incidents, operational};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// `make soak` sets it: 300 kills in a run of 200 documents instead of a few in a short one.
const SOAK: &str = "CLOISTER_SOAK";

pub(crate) fn worker() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_cloister-worker"))
}

fn engine() -> PathBuf {
    let beside = worker().with_file_name("cloister-engine");
    if beside.is_file() { beside } else { cloister_testkit::repository().join("target/ci/cloister-engine") }
}

pub(crate) fn prepared(documents: usize, poisoned: bool) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("engine-path"), engine().to_string_lossy().as_bytes())?;
    let mut command = Command::new(worker());
    command.arg("prepare").arg(folder.path()).arg(documents.to_string()).args(poisoned.then_some("poison"));
    let out = command.output()?;
    ensure!(out.status.success(), "preparing: {}", String::from_utf8_lossy(&out.stderr));
    Ok(folder)
}

fn copied(from: &Path) -> Result<TempDir> {
    let to = tempfile::tempdir()?;
    let copy = Command::new("cp").arg("-a").arg(from.join(".")).arg(to.path()).status()?;
    ensure!(copy.success(), "copying");
    Ok(to)
}

/// A run at work, its lines as they come.
pub(crate) struct Life {
    child: std::process::Child,
    lines: Receiver<Value>,
}

impl Life {
    pub(crate) fn begin(folder: &Path) -> Result<Self> {
        let mut child = Command::new(worker())
            .args(["run", &folder.to_string_lossy()])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let out = child.stdout.take().context("no pipe")?;
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = serde_json::from_str(&line).map(|v: Value| tell.send(v));
            }
        });
        Ok(Self { child, lines })
    }

    /// Waits until so many documents are done; how many are, or nothing when it ended before.
    pub(crate) fn reach(&self, documents: u64) -> Option<u64> {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(60)).ok()?;
            let done = line["done"].as_f64()? as u64;
            if done >= documents {
                return Some(done);
            }
        }
    }

    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub(crate) fn until_the_end(mut self) -> Result<Value> {
        ensure!(self.child.wait()?.success(), "the run failed");
        self.lines.iter().last().context("it said nothing")
    }
}

/// The export without our own ids, which are random.
fn results(folder: &Path) -> Result<Vec<Value>> {
    let output = folder.join("results.jsonl");
    let args = ["export", &folder.to_string_lossy(), &output.to_string_lossy()];
    let out = Command::new(worker()).args(args).output()?;
    ensure!(out.status.success(), "exporting: {}", String::from_utf8_lossy(&out.stderr));
    let mut lines = Vec::new();
    for line in fs::read_to_string(output)?.lines() {
        let mut line: Value = serde_json::from_str(line)?;
        line.as_object_mut().context("no object")?.remove("id");
        lines.push(line);
    }
    Ok(lines)
}

#[test]
fn a_run_killed_at_any_moment_loses_nothing_and_repeats_nothing() {
    let soak = std::env::var_os(SOAK).is_some();
    let (documents, kills) = if soak { (200, 300) } else { (48, 8) };
    let undisturbed = prepared(documents, false).unwrap();
    let killed = copied(undisturbed.path()).unwrap();

    let began = Instant::now();
    let life = Life::begin(undisturbed.path()).unwrap();
    assert_eq!(life.reach(0), Some(0));
    let start_up = began.elapsed();
    let begun = Instant::now();
    life.reach(1).unwrap();
    let (first, rest) = (Instant::now(), u32::try_from(documents - 1).unwrap());
    let whole = life.until_the_end().unwrap();
    let (to_first, per_document) = (first - begun, first.elapsed() / rest);
    assert_eq!((&whole["status"], &whole["counts"]["pending"]), (&"finished".into(), &0.into()));
    assert_eq!(whole["counts"]["failed"], 0, "{whole}");

    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut share = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 11) as f64 / (1u64 << 53) as f64
    };
    let (mut known, mut at_work, mut grown) = (0, 0, 0);
    for kill in 0..kills {
        let life = Life::begin(killed.path()).unwrap();
        if share() < 0.25 {
            // While it starts: signing in, opening the stores, loading the model.
            std::thread::sleep(start_up.mul_f64(share()));
        } else if let Some(resumed) = life.reach(0) {
            assert!(resumed >= known, "it knew {known} documents, then {resumed}");
            grown += u64::from(resumed > known);
            (known, at_work) = (resumed, at_work + 1);
            // While it works, spread so that work is left for every kill to come: several answers come out together,
            // so some kills come before the first of them, some between two.
            let due = documents as f64 * 0.5 * f64::from(kill + 1) / f64::from(kills);
            if (resumed as f64) < due {
                life.reach(resumed + 1);
                std::thread::sleep(per_document.mul_f64(share()));
            } else {
                std::thread::sleep(to_first.mul_f64(0.9 * share()));
            }
        }
        life.kill().unwrap();
    }
    assert!(at_work * 3 > kills && grown > 0, "{at_work} of {kills} kills came while it worked, {grown} found more");

    let last = Life::begin(killed.path()).unwrap();
    let resumed = last.reach(0).expect("it had finished before the last kill");
    let end = last.until_the_end().unwrap();
    assert_eq!((&end["status"], &end["counts"]), (&whole["status"], &whole["counts"]));
    assert!(resumed >= known, "it knew {known} documents, then {resumed}");
    let (expected, found) = (results(undisturbed.path()).unwrap(), results(killed.path()).unwrap());
    assert_eq!(expected.len(), documents);
    assert!(expected == found, "the results differ");
    println!("{kills} kills, {at_work} at work; {resumed} of {documents} documents were there before the last start");
}

#[test]
fn a_document_that_kills_its_engine_fails_alone() {
    let folder = prepared(12, true).unwrap();
    let poisonable = folder.path().join("poisonable-engine");
    fs::copy(worker(), &poisonable).unwrap();
    fs::write(folder.path().join("real-engine-path"), engine().to_string_lossy().as_bytes()).unwrap();
    fs::write(folder.path().join("engine-path"), poisonable.to_string_lossy().as_bytes()).unwrap();
    let whole = Life::begin(folder.path()).unwrap().until_the_end().unwrap();
    assert_eq!(whole["status"], "finished");
    assert_eq!((&whole["counts"]["failed"], &whole["counts"]["pending"]), (&2.into(), &0.into()), "{whole}");
    for line in results(folder.path()).unwrap() {
        let poisoned = ["3", "10"].contains(&line["document_id"].as_str().unwrap());
        assert_eq!(line["status"] == "failed", poisoned, "{line}");
        assert_eq!(line["error"].is_null(), !poisoned && line["status"] == "ok", "{line}");
    }
    // Both logs tell of each death, under the same incident; no word of what killed it is in either.
    let data = folder.path().join("data");
    let kept = operational(&data);
    let deaths: Vec<_> = kept.lines().filter(|l| l.contains("engine restarted")).collect();
    // Once with the others beside it, then each alone.
    assert_eq!(deaths.len(), 3, "{kept}");
    let audit: String = fs::read_dir(data.join("audit"))
        .unwrap()
        .map(|f| f.unwrap().path())
        .filter(|f| f.extension().is_some_and(|e| e == "jsonl"))
        .map(|f| fs::read_to_string(f).unwrap())
        .collect();
    for death in deaths {
        let line = format!("\"code\":\"engine_died\",\"incident\":\"{}\"", incidents(death)[0]);
        assert_eq!(audit.matches(&line).count(), 1, "{death}");
    }
    assert!(audit.contains("\"alert\":\"engine_crash\""));
    assert!(!kept.contains("Poison") && !audit.contains("Poison"));
}
