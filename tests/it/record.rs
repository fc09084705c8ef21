//! The whole path from a microphone: recorded, encrypted, killed, recovered, transcribed. The microphone is a private
//! sound server's; without one the tests say so and end.

use anyhow::{Context, Result, ensure};
use cloister_testkit::{Workstation, fixture, repository};
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// A sound server of our own, ended when dropped.
struct Microphone {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Microphone {
    fn start() -> Result<Option<Self>> {
        if ["pulseaudio", "paplay", "pactl"].iter().any(|tool| !is_installed(tool)) {
            let _ = writeln!(io::stderr(), "skipped: pulseaudio is not installed");
            return Ok(None);
        }
        let folder = tempfile::tempdir()?;
        let out = Command::new(script()).arg("start").arg(folder.path()).output()?;
        ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let text = String::from_utf8(out.stdout)?;
        let line = text.lines().find_map(|l| l.strip_prefix("export ")).context("no variables")?;
        let pairs = line.split_whitespace().filter_map(|pair| pair.split_once('='));
        let variables = pairs.map(|(n, v)| (n.to_owned(), v.trim_matches('\'').to_owned())).collect();
        Ok(Some(Self { folder, variables }))
    }

    fn play(&self, file: &Path) -> Result<()> {
        let out = Command::new(script()).arg("play").arg(self.folder.path()).arg(file).output()?;
        ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        Ok(())
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        let _ = Command::new(script()).arg("stop").arg(self.folder.path()).output();
    }
}

fn script() -> PathBuf {
    repository().join("tests/microphone.sh")
}

fn is_installed(tool: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|p| std::env::split_paths(&p).any(|d| d.join(tool).is_file()))
}

/// `cloister record` that has begun to record.
fn recording(station: &Workstation, mic: &Microphone, args: &[&str]) -> Result<cloister_testkit::Running> {
    let mut all = vec!["--json", "record", "--title", "4711", "--consent-by", "patient"];
    all.extend_from_slice(args);
    let mut run = station.cloister(all);
    for (name, value) in &mic.variables {
        run = run.env(name, value);
    }
    let running = run.start()?;
    // Its first frame is on disk once sound comes.
    let begun = Instant::now();
    while !has_a_frame(&station.data()) {
        ensure!(begun.elapsed() < Duration::from_secs(60), "nothing was recorded");
        thread::sleep(Duration::from_millis(20));
    }
    Ok(running)
}

fn has_a_frame(data: &Path) -> bool {
    let folders = std::fs::read_dir(data.join("recordings")).into_iter().flatten().flatten();
    folders
        .filter(|r| r.path().join("journal").exists())
        .any(|r| std::fs::metadata(r.path().join("0001.seg")).is_ok_and(|m| m.len() > 32_000))
}

#[test]
fn what_is_said_into_the_microphone_becomes_words_with_models() -> Result<()> {
    let Some(mic) = Microphone::start()? else { return Ok(()) };
    let station = Workstation::with_vault()?;
    let running = recording(&station, &mic, &["--transcribe"])?;
    mic.play(&fixture("greeting.flac"))?;
    thread::sleep(Duration::from_millis(700));
    running.interrupt()?;
    let answer = running.finish()?.succeeded()?.json()?;
    let segments = answer["transcript"]["segments"].as_array().context("segments")?;
    let said = segments.iter().filter_map(|s| s["text"].as_str()).collect::<Vec<_>>().join(" ");
    ensure!(said.contains("brings you in today"), "heard: {said}");
    let encounter = answer["encounter"].as_str().context("encounter")?;
    let listed = station.run(["--json", "recordings", encounter, "--verify"])?.succeeded()?.json()?;
    ensure!(listed["transcript_fits"] == true && listed["recordings"][0]["state"] == "ended", "{listed}");
    Ok(())
}

#[test]
fn a_killed_recording_is_kept_told_and_verified() -> Result<()> {
    let Some(mic) = Microphone::start()? else { return Ok(()) };
    let station = Workstation::with_vault()?;
    let mut running = recording(&station, &mic, &[])?;
    let since = Instant::now();
    thread::sleep(Duration::from_millis(2600));
    running.kill()?;
    let recorded = since.elapsed().as_secs_f64() + 1.0;
    running.finish()?;
    // The microphone was silent: as plain samples its sound would be long rows of zeros.
    let sealed = std::fs::read(segment(&station.data())?)?;
    ensure!(sealed.len() > 64_000 && !sealed[80..].windows(16).any(|w| w == [0; 16]), "sound lies open on the disk");
    let visits = station.run(["--json", "recordings", "enc-00000000000000000000000000"])?;
    let told = visits.stderr.lines().find(|l| l.contains("broken off")).context("nothing was told")?.to_owned();
    let encounter = told.split_whitespace().find(|w| w.starts_with("enc-")).context("no visit")?;
    let encounter = encounter.trim_end_matches('.').to_owned();
    let listed = station.run(["--json", "recordings", &encounter, "--verify"])?.succeeded()?.json()?;
    let kept = listed["duration_s"].as_f64().context("duration")?;
    ensure!(recorded - kept <= 2.0, "{recorded:.2} s recorded, {kept} s kept");
    ensure!(listed["recordings"][0]["state"] == "recovered", "{listed}");

    // A changed byte is found and named.
    let file = segment(&station.data())?;
    let mut bytes = std::fs::read(&file)?;
    bytes[80 + 32_016 + 5] ^= 1;
    std::fs::write(&file, bytes)?;
    let damaged = station.run(["--json", "recordings", &encounter, "--verify"])?.exited(1)?;
    ensure!(damaged.json()?["recordings"][0]["damages"][0]["refused"] == serde_json::json!([1]), "{}", damaged.stdout);
    ensure!(damaged.stderr.contains("refused: 0:01"), "{}", damaged.stderr);

    // Erased, its files and keys go with it.
    let gone = station.run(["--json", "visits", "delete", &encounter, "--yes"])?.succeeded()?.json()?;
    let receipt = &gone["receipt"];
    ensure!(receipt["files"].as_u64() >= Some(1) && receipt["bytes"].as_u64() > Some(64_000), "{receipt}");
    ensure!(receipt["keys_destroyed"].as_array().is_some_and(|k| !k.is_empty()), "{receipt}");
    ensure!(segment(&station.data()).is_err(), "sound is left on the disk");
    Ok(())
}

#[test]
fn nobody_is_recorded_without_consent_or_a_microphone() -> Result<()> {
    let station = Workstation::with_vault()?;
    let asked = station.run(["record", "--title", "4711"])?.exited(2)?;
    ensure!(asked.stderr.contains("who agreed"), "{}", asked.stderr);
    let nothing = station.path("no-sound.conf");
    std::fs::write(&nothing, "")?;
    let none = station
        .cloister(["record", "--title", "4711", "--consent-by", "patient"])
        .env("ALSA_CONFIG_PATH", &nothing)
        .env("PULSE_SERVER", "unix:/nowhere")
        .run()?
        .exited(1)?;
    ensure!(!none.stderr.is_empty() && none.stdout.is_empty(), "{}", none.stderr);
    ensure!(!station.data().join("recordings").exists() || segment(&station.data()).is_err(), "something was recorded");
    Ok(())
}

fn segment(data: &Path) -> Result<PathBuf> {
    let mut folders = std::fs::read_dir(data.join("recordings"))?;
    folders.find_map(|r| r.ok().map(|r| r.path().join("0001.seg")).filter(|f| f.exists())).context("no segment")
}
