//! The process is killed at random moments: at most two seconds are lost, and all that is kept is what was recorded.

use super::{
    bench::{Station, sample},
    expected,
};
use cloister_app::capture::RATE;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Tells a child of this test where to record. A child prints `recording` once sound comes.
const RECORD_IN: &str = "CLOISTER_TEST_RECORD_IN";

/// The child. Run by itself it only sees that nobody asked for it.
#[test]
fn a_recorder_to_be_killed() {
    let Some(data) = std::env::var_os(RECORD_IN) else {
        assert!(std::env::var_os(RECORD_IN).is_none());
        return;
    };
    let visit = std::env::var("CLOISTER_TEST_VISIT").unwrap();
    let station = Station::on(data.as_ref());
    station.sign_in();
    station.record(&visit);
    // The first sample is due now: the microphone of the bench gives them in real time.
    let mut out = std::io::stdout();
    out.write_all(b"\nrecording\n").and_then(|()| out.flush()).unwrap();
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}

fn child(data: &std::path::Path, visit: &str) -> (Child, Instant) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::a_recorder_to_be_killed", "--nocapture"])
        .env(RECORD_IN, data)
        .env("CLOISTER_TEST_VISIT", visit)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let recording = lines.map_while(Result::ok).any(|line| line == "recording");
    assert!(recording, "the child ended by itself");
    (child, Instant::now())
}

/// Ten moments in the common run; `make soak` asks for 200 (CLOISTER_KILLS).
#[test]
fn at_random_moments() {
    let kills: u64 = std::env::var("CLOISTER_KILLS").map_or(10, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let keeper = Station::new(&data);
    let visits: Vec<String> = (0..kills).map(|_| keeper.visit()).collect();
    let seed = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    let mut worst = 0.0_f64;
    for (n, visit) in visits.iter().enumerate() {
        let wait = (sample(seed ^ (n as u64 * 7919)).unsigned_abs() as f64 / 16_384.0) * 4.0 + 0.02;
        let (mut child, begun) = child(&data, visit);
        thread::sleep(Duration::from_secs_f64(wait));
        let recorded = begun.elapsed().as_secs_f64();
        child.kill().unwrap();
        child.wait().unwrap();

        keeper.call("touch", Value::Null);
        let kept = keeper.call("recover_recordings", json!({}));
        let kept = kept.as_array().unwrap().iter().find(|k| k["encounter_id"] == *visit).unwrap().clone();
        assert_eq!((&kept["after_a_crash"], &kept["refused"]), (&json!(true), &json!([])), "kill {n}");
        let kept_s = kept["kept_s"].as_f64().unwrap();
        let lost = recorded - kept_s;
        worst = worst.max(lost);
        assert!(lost <= 2.0, "kill {n} after {recorded:.2} s: {kept_s} s kept");
        let heard = keeper.listen(visit);
        assert_eq!(heard.len(), (kept_s * f64::from(RATE)) as usize);
        assert!(heard == expected(0, heard.len() as u64), "kill {n}: something else was kept");
        assert_eq!(keeper.audio(visit)["recordings"][0]["damages"], json!([]));
        // It can be gone on with: a new recording under new keys.
        if n == 0 {
            keeper.record(visit);
            keeper.recorded(0.3);
            keeper.call("stop_recording", Value::Null);
            assert_eq!(keeper.audio(visit)["recordings"].as_array().unwrap().len(), 2);
        }
    }
    println!("{kills} kills: at most {worst:.2} s lost");
}
