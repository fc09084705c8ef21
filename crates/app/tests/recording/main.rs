//! Recordings through the app's one door: nothing before consent, nothing lost, nothing accepted that was not recorded.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod bench;
mod killed;
mod live;

use bench::{Station, sample};
use cloister_app::capture::RATE;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::Ordering::SeqCst,
};

const SECOND: u64 = RATE as u64;

fn expected(from: u64, to: u64) -> Vec<i16> {
    (from..to).map(sample).collect()
}

fn segments(data: &Path) -> Vec<PathBuf> {
    let recordings = fs::read_dir(data.join("recordings")).unwrap();
    let mut found: Vec<PathBuf> = recordings
        .flat_map(|r| fs::read_dir(r.unwrap().path()).unwrap())
        .map(|f| f.unwrap().path())
        .filter(|f| f.extension().is_some_and(|e| e == "seg"))
        .collect();
    found.sort();
    found
}

#[test]
fn nothing_is_recorded_before_consent_and_what_is_recorded_can_be_heard() {
    let folder = tempfile::tempdir().unwrap();
    let station = Station::new(&folder.path().join("data"));
    let opened = station.call("create_encounter", json!({"title": "4711"}));
    let visit = opened["encounter"]["id"].as_str().unwrap().to_owned();
    assert_eq!(opened["may_record"], false);
    assert_eq!(station.refused("start_recording", json!({"encounter": visit})), "consent_missing");
    let consent = |decision| json!({"encounter": visit, "consent": {"decision": decision, "by": "the patient", "how": "written"}});
    station.call("record_consent", consent("declined"));
    assert_eq!(station.refused("start_recording", json!({"encounter": visit})), "consent_missing");
    assert_eq!(station.audio(&visit)["consent"]["decision"], "declined", "a refusal is kept");
    assert_eq!(station.controls.given.load(SeqCst), 0, "no microphone was opened");
    station.call("record_consent", consent("given"));

    station.controls.at_most.store(5 * SECOND / 2, SeqCst);
    station.record(&visit);
    assert_eq!(station.refused("start_recording", json!({"encounter": visit})), "recording_state", "one at a time");
    station.recorded(2.5);
    station.call("mark_recording", json!({"encounter": visit}));
    station.until("the mark", |s| s["marks"] == 1);
    let stopped = station.call("stop_recording", Value::Null);
    assert_eq!((&stopped["duration_s"], &stopped["kept"]["verdict"]), (&json!(2.5), &json!("whole")));
    let audio = station.audio(&visit);
    assert_eq!(audio["recordings"][0]["state"], "ended");
    assert_eq!(audio["recordings"][0]["marks_s"], json!([2.5]));
    assert_eq!(audio["recordings"][0]["damages"], json!([]));
    assert_eq!(station.listen(&visit), expected(0, 5 * SECOND / 2));
    let rows = station.call("list_encounters", json!({}));
    assert_eq!((&rows[0]["state"], &rows[0]["duration_s"]), (&json!("recorded"), &json!(2.5)));
    let peaks = station.call("audio_peaks", json!({"encounter": visit, "buckets": 10}));
    assert!(peaks.as_array().unwrap().iter().all(|p| p.as_u64().unwrap() > 100), "{peaks}");
}

#[test]
fn a_loudspeaker_that_is_lost_is_opened_again_and_one_that_will_not_do_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let station = Station::new(&folder.path().join("data"));
    let visit = station.visit();
    station.controls.at_most.store(4 * SECOND, SeqCst);
    station.record(&visit);
    station.recorded(4.0);
    station.call("stop_recording", Value::Null);
    station.controls.lost_after.store(SECOND / 2, SeqCst);
    station.controls.loudspeakers_lost.store(2, SeqCst);
    assert_eq!(station.listen(&visit), expected(0, 4 * SECOND), "nothing left out, nothing twice");
    assert_eq!(station.call("playback_status", Value::Null)["failed"], false);
    station.controls.lost_after.store(0, SeqCst);
    station.controls.loudspeakers_lost.store(100, SeqCst);
    assert!(station.listen(&visit).is_empty());
    let status = station.call("playback_status", Value::Null);
    assert_eq!((&status["failed"], &status["playing"]), (&json!(true), &json!(false)));
}

#[test]
fn a_pause_keeps_nothing_and_what_is_on_disk_is_no_sound() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let station = Station::new(&data);
    let visit = station.visit();
    station.record(&visit);
    station.recorded(1.2);
    station.call("pause_recording", Value::Null);
    let paused = station.until("the pause", |s| s["state"] == "paused");
    let given = station.controls.given.load(SeqCst);
    while station.controls.given.load(SeqCst) < given + SECOND {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(station.status()["elapsed_s"], paused["elapsed_s"]);
    station.call("resume_recording", json!({"encounter": visit}));
    station.recorded(paused["elapsed_s"].as_f64().unwrap() + 0.5);
    station.call("stop_recording", Value::Null);
    let heard = station.listen(&visit);
    let at = (paused["elapsed_s"].as_f64().unwrap() * f64::from(RATE)).round() as usize;
    assert_eq!(heard[..at], expected(0, at as u64));
    // Long enough a stretch that no other place is like it.
    let after = &heard[at..at + 256];
    let is_there = |i: &u64| after.iter().zip(*i..).all(|(heard, i)| *heard == sample(i));
    let skipped = (at as u64..at as u64 + 60 * SECOND).find(is_there).unwrap() - at as u64;
    assert!(skipped >= SECOND, "only {skipped} samples were left out");
    // No file holds a stretch of it in the clear.
    let stretch: Vec<u8> = heard[100..132].iter().flat_map(|s| s.to_le_bytes()).collect();
    let mut looked_at = 0;
    let mut open = vec![data];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                looked_at += 1;
                let bytes = fs::read(&path).unwrap();
                assert!(!bytes.windows(stretch.len()).any(|w| w == stretch), "{}", path.display());
            }
        }
    }
    assert!(looked_at > 8, "{looked_at} files");
}

#[test]
fn a_lost_microphone_and_a_sleeping_machine_begin_new_segments_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let station = Station::new(&data);
    let visit = station.visit();
    station.record(&visit);
    assert_eq!(station.status()["device"], "First microphone");
    station.recorded(1.3);
    station.controls.unplugged.store(true, SeqCst);
    let waiting = station.until("the loss", |s| s["state"] == "waiting");
    assert_eq!(waiting["warnings"], json!(["device_lost"]));
    // After a while another one will do.
    let other = station.until("another microphone", |s| s["state"] == "recording");
    assert_eq!(other["device"], "Second microphone");
    let at = other["elapsed_s"].as_f64().unwrap();
    station.recorded(at + 1.2);
    station.controls.slept_ms.store(600_000, SeqCst);
    let slept = station.until("the sleep", |s| s["segments"] == 3);
    assert!(slept["warnings"].as_array().unwrap().contains(&json!("slept")), "{slept}");
    station.recorded(slept["elapsed_s"].as_f64().unwrap() + 0.5);
    station.call("stop_recording", Value::Null);
    assert_eq!(segments(&data).len(), 3);
    let heard = station.listen(&visit);
    assert_eq!(heard.len() as u64, station.controls.given.load(SeqCst), "all that was given");
    assert_eq!(heard, expected(0, heard.len() as u64));
    assert_eq!(station.audio(&visit)["recordings"][0]["damages"], json!([]));
}

#[test]
fn it_goes_on_behind_the_lock_and_is_taken_in_at_the_next_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let station = Station::new(&folder.path().join("data"));
    let visit = station.visit();
    station.record(&visit);
    station.recorded(0.5);
    station.call("sign_out", Value::Null);
    let locked = station.status();
    assert_eq!(
        (&locked["state"], &locked["encounter_id"], &locked["mine"]),
        (&json!("recording"), &Value::Null, &json!(false))
    );
    station.recorded(locked["elapsed_s"].as_f64().unwrap() + 1.0);
    // State, pause and stop; nothing else.
    assert_eq!(station.refused("mark_recording", json!({"encounter": visit})), "not_signed_in");
    assert_eq!(station.refused("resume_recording", json!({"encounter": visit})), "not_signed_in");
    assert_eq!(station.refused("play_span", json!({"encounter": visit, "from_s": 0.0})), "not_signed_in");
    // A device lost behind the lock needs a new segment, whose key nobody here can open.
    station.controls.unplugged.store(true, SeqCst);
    station.until("another microphone", |s| s["segments"] == 2);
    station.call("pause_recording", Value::Null);
    station.until("the pause", |s| s["state"] == "paused");
    let stopped = station.call("stop_recording", Value::Null);
    assert_eq!(stopped["kept"], Value::Null);
    station.sign_in();
    let recovered = station.call("recovered_recordings", Value::Null);
    assert_eq!(recovered.as_array().unwrap().len(), 1);
    assert_eq!(
        (&recovered[0]["after_a_crash"], &recovered[0]["kept_s"], &recovered[0]["encounter_id"]),
        (&json!(false), &stopped["duration_s"], &json!(visit))
    );
    let heard = station.listen(&visit);
    assert_eq!(heard, expected(0, heard.len() as u64));
    assert!(heard.len() as u64 > 3 * SECOND / 2);
    assert_eq!(station.call("recovered_recordings", Value::Null), json!([]), "told once");
}

#[test]
fn changed_seconds_are_named_the_rest_is_kept_and_a_cut_file_is_no_crash() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let station = Station::new(&data);
    let visit = station.visit();
    station.controls.burst.store(SECOND / 2, SeqCst);
    station.controls.at_most.store(200 * SECOND + 99, SeqCst);
    station.record(&visit);
    station.recorded(200.0);
    station.until("the rest", |s| s["elapsed_s"].as_f64().unwrap() > 200.006);
    station.call("stop_recording", Value::Null);
    let file = segments(&data).remove(0);
    let good = fs::read(&file).unwrap();
    let frame = (SECOND * 2 + 16) as usize;
    let header = good.len() - 200 * frame - 2 * 99 - 16;

    // A byte of each of 200 seconds, in four rounds, so that neighbours are good.
    for round in 0..4 {
        let mut bad = good.clone();
        let changed: Vec<usize> = (0..200).filter(|n| n % 4 == round).collect();
        changed.iter().for_each(|n| bad[header + n * frame + n * 157 % frame] ^= 1);
        fs::write(&file, &bad).unwrap();
        let audio = station.audio(&visit);
        let damage = &audio["recordings"][0]["damages"][0];
        assert_eq!((&damage["verdict"], &damage["refused"]), (&json!("damaged"), &json!(changed)));
        let heard = station.listen(&visit);
        let mut due = expected(0, 200 * SECOND + 99);
        changed.iter().for_each(|n| due[n * SECOND as usize..(n + 1) * SECOND as usize].fill(0));
        assert!(heard == due, "round {round}");
    }
    for (cut, verdict) in [(header, "cut_short"), (header + 50 * frame, "cut_short"), (good.len() - 1, "changed")] {
        fs::write(&file, &good[..cut]).unwrap();
        assert_eq!(station.audio(&visit)["recordings"][0]["damages"][0]["verdict"], verdict, "{cut}");
    }
    fs::remove_file(&file).unwrap();
    assert_eq!(station.audio(&visit)["recordings"][0]["damages"][0]["verdict"], "unreadable");
    fs::write(&file, &good).unwrap();
    assert_eq!(station.audio(&visit)["recordings"][0]["damages"], json!([]));
}

#[test]
fn a_long_recording_takes_no_more_memory_than_a_short_one() {
    let folder = tempfile::tempdir().unwrap();
    let station = Station::new(&folder.path().join("data"));
    let visit = station.visit();
    let hours: f64 = std::env::var("CLOISTER_HOURS").map_or(1.0, |h| h.parse().unwrap());
    station.controls.burst.store(30 * SECOND, SeqCst);
    station.record(&visit);
    station.recorded(300.0);
    let before = resident_mib();
    let target = hours * 3600.0;
    while station.status()["elapsed_s"].as_f64().unwrap() < target {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let grown = resident_mib() - before;
    station.call("stop_recording", Value::Null);
    assert!(grown < 16.0, "{grown:.1} MiB more after {hours} h than after 5 min");
    println!("{hours} h recorded: {before:.1} MiB after 5 min, {grown:+.1} MiB at the end");
    let recording = &station.audio(&visit)["recordings"][0];
    assert!(recording["duration_s"].as_f64().unwrap() >= target);
    assert_eq!(recording["damages"], json!([]));
}

fn resident_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
