//! Recording a visit from the terminal: q stops, p pauses and goes on, m marks a moment.

use crate::{
    args::{Record, Recordings},
    face::{Failure, Terminal},
    keys::Keys,
    print,
};
use cloister_app::dto::{MicrophoneDto, RecordingStatusDto, RecordingStoppedDto, RecoveredDto, VisitAudioDto};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::{BufRead, IsTerminal, stderr, stdin},
    process::ExitCode,
    time::Duration,
};

const STEP: Duration = Duration::from_millis(100);

pub(crate) fn run(terminal: &Terminal, what: &Record) -> Result<(), Failure> {
    terminal.sign_in()?;
    tell_recovered(terminal)?;
    let device = what.device_name.as_deref().map(|name| device_called(terminal, name)).transpose()?;
    let encounter = match &what.encounter {
        Some(id) => {
            if let Some(consent) = consent(what, false)? {
                terminal.call("record_consent", json!({"encounter": id, "consent": consent}))?;
            }
            id.clone()
        }
        None => {
            let title = what.title.clone().unwrap_or_else(|| "Visit".to_owned());
            let consent = consent(what, true)?;
            let declined = consent.as_ref().is_some_and(|c| c["decision"] == "declined");
            let payload = json!({"title": title, "purpose": what.purpose, "consent": consent});
            let opened = terminal.call("create_encounter", payload)?;
            let id = print::cell(&opened["encounter"]["id"]);
            if declined {
                return Err(Failure::Some(format!("nothing was recorded; the refusal is kept with the visit {id}")));
            }
            id
        }
    };
    let begun = terminal.call("start_recording", json!({"encounter": encounter, "device": device}))?;
    let keys = Keys::listen();
    print::message(&format!("Recording from {}. q stops, p pauses, m marks.", print::cell(&begun["device"])));
    let stopped = watch(terminal, what, &encounter, &keys);
    drop(keys);
    let kept = finish(terminal, stopped?)?;
    let length = kept.kept_s;
    if what.transcribe {
        let transcript = terminal.call("transcribe_recording", json!({"encounter": encounter}))?;
        if terminal.json {
            print::json(&json!({"encounter": encounter, "recording": kept.recording_id, "duration_s": length,
                "transcript": transcript}));
        } else {
            print::data(&super::transcribe::text_of(transcript)?);
        }
    } else if terminal.json {
        print::json(&json!({"encounter": encounter, "recording": kept.recording_id, "duration_s": length}));
    } else {
        print::line(&encounter);
    }
    print::message(&format!("Kept {} in visit {encounter}.", clock(length)));
    Ok(())
}

/// A visit's recordings, and whether their files are what was recorded.
pub(crate) fn list(terminal: &Terminal, what: &Recordings) -> Result<ExitCode, Failure> {
    terminal.sign_in()?;
    tell_recovered(terminal)?;
    let payload = json!({"encounter": what.encounter, "examine": what.verify});
    let answer = terminal.call("visit_audio", payload)?;
    let audio: VisitAudioDto = typed(answer.clone())?;
    if terminal.json {
        print::json(&answer);
    } else {
        let rows = audio.recordings.iter().map(|r| {
            vec![r.id.clone(), r.created.clone(), clock(r.duration_s), r.segments.to_string(), r.state.clone()]
        });
        print::table(&["RECORDING", "BEGAN", "LENGTH", "SEGMENTS", "STATE"], &rows.collect::<Vec<_>>());
    }
    let mut damaged = false;
    for recording in &audio.recordings {
        for damage in &recording.damages {
            damaged = true;
            let seconds: Vec<_> = damage.refused.iter().map(|n| clock(f64::from(*n))).collect();
            let refused = if seconds.is_empty() { String::new() } else { format!("; refused: {}", seconds.join(", ")) };
            print::message(&format!(
                "{} segment {}: {}{refused}",
                recording.id,
                damage.segment,
                match damage.verdict.as_str() {
                    "damaged" => "was changed in between; the rest is as it was recorded",
                    "cut_short" => "was cut short after it was closed",
                    "changed" => "was changed at its end",
                    _ => "cannot be read",
                }
            ));
        }
    }
    if what.verify && !damaged && !terminal.json && !audio.recordings.is_empty() {
        print::line("Every second is as it was recorded.");
    }
    Ok(if damaged { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What the last sign-in took in of recordings that a crash had left.
fn tell_recovered(terminal: &Terminal) -> Result<(), Failure> {
    let recovered: Vec<RecoveredDto> = typed(terminal.call("recovered_recordings", Value::Null)?)?;
    for one in recovered {
        if one.verdict == "journal_refused" {
            let text = format!("The journal of {} was changed; the recording was left as it is.", one.recording_id);
            print::message(&text);
            continue;
        }
        let how = if one.after_a_crash { "A recording was broken off" } else { "A recording ended behind the lock" };
        let refused = match one.refused.len() {
            0 => String::new(),
            n => format!(" {n} second(s) were changed and are refused."),
        };
        let text = format!("{how}; {} of it are kept in visit {}.{refused}", clock(one.kept_s), one.encounter_id);
        print::message(&text);
    }
    Ok(())
}

/// Follows the take until it ends.
fn watch(terminal: &Terminal, what: &Record, encounter: &str, keys: &Keys) -> Result<RecordingStoppedDto, Failure> {
    let meter = stderr().is_terminal() && !terminal.json;
    let mut told = BTreeSet::new();
    loop {
        let status: RecordingStatusDto = typed(terminal.call("recording_status", Value::Null)?)?;
        let long_enough = what.max.is_some_and(|max| status.elapsed_s >= max.as_secs_f64());
        if status.state == "ended" || long_enough || terminal.interrupted() {
            break;
        }
        if meter {
            print::status(&meter_line(&status));
        }
        for warning in status.warnings.iter().filter(|w| told.insert((*w).clone())) {
            if meter {
                print::status("");
            }
            print::message(words(warning));
        }
        told.retain(|w| status.warnings.contains(w));
        match keys.pressed(STEP) {
            Some(b'q' | b'Q') => break,
            Some(b'p' | b'P' | b' ') if status.state == "paused" => {
                terminal.call("resume_recording", json!({"encounter": encounter}))?;
            }
            Some(b'p' | b'P' | b' ') => {
                terminal.call("pause_recording", Value::Null)?;
            }
            Some(b'm' | b'M') => {
                terminal.call("mark_recording", json!({"encounter": encounter}))?;
            }
            _ => {}
        }
    }
    if meter {
        print::status("");
    }
    typed(terminal.call("stop_recording", Value::Null)?)
}

/// What was kept; a session that timed out meanwhile is begun again for it.
fn finish(terminal: &Terminal, stopped: RecordingStoppedDto) -> Result<RecoveredDto, Failure> {
    let why: RecordingStatusDto = typed(terminal.call("recording_status", Value::Null)?)?;
    if let Some(because) = why.ended_because {
        print::message(match because.as_str() {
            "disk_full" => "The recording ended because the disk is nearly full. What was recorded is kept.",
            _ => "The recording broke off because the disk failed. What was written is kept.",
        });
    }
    if let Some(kept) = stopped.kept {
        return Ok(kept);
    }
    terminal.sign_in()?;
    let mut kept: Vec<RecoveredDto> = typed(terminal.call("recovered_recordings", Value::Null)?)?;
    kept.pop().ok_or_else(|| Failure::Some("the recording is on disk; the next sign-in takes it in".to_owned()))
}

/// The consent that the arguments give, or that a person gives at the terminal.
fn consent(what: &Record, needed: bool) -> Result<Option<Value>, Failure> {
    if let Some(by) = &what.consent_by {
        return Ok(Some(json!({"decision": "given", "by": by, "how": what.consent_how})));
    }
    if !needed {
        return Ok(None);
    }
    if !stdin().is_terminal() {
        let words = "who agreed to the recording? Say --consent-by patient (and --consent-how spoken or written)";
        return Err(Failure::Usage(words.to_owned()));
    }
    let agreed = ask("Has the patient, or who speaks for them, agreed to this recording? [y/N] ");
    let decision = if matches!(agreed.as_str(), "y" | "Y" | "yes") { "given" } else { "declined" };
    let by = ask("Who was asked? [patient] ");
    let by = if by.is_empty() { "patient".to_owned() } else { by };
    Ok(Some(json!({"decision": decision, "by": by, "how": what.consent_how})))
}

fn ask(question: &str) -> String {
    print::prompt(question);
    let mut line = String::new();
    let _ = stdin().lock().read_line(&mut line);
    line.trim().to_owned()
}

/// The microphone of that id, or the only one with these words in its name.
fn device_called(terminal: &Terminal, name: &str) -> Result<String, Failure> {
    let found: Vec<MicrophoneDto> = typed(terminal.call("list_microphones", json!({}))?)?;
    if let Some(exact) = found.iter().find(|d| d.id == name || d.name == name) {
        return Ok(exact.id.clone());
    }
    let wanted = name.to_lowercase();
    let fitting: Vec<_> = found.iter().filter(|d| d.name.to_lowercase().contains(&wanted)).collect();
    let names =
        |of: &[&MicrophoneDto]| of.iter().map(|d| format!("  {} ({})", d.name, d.id)).collect::<Vec<_>>().join("\n");
    match fitting.as_slice() {
        [one] => Ok(one.id.clone()),
        [] => Err(Failure::Usage(format!(
            "no microphone is called {name}; there are\n{}",
            names(&found.iter().collect::<Vec<_>>())
        ))),
        several => Err(Failure::Usage(format!("several microphones are called {name}:\n{}", names(several)))),
    }
}

fn meter_line(status: &RecordingStatusDto) -> String {
    /// dBFS at the left edge.
    const FLOOR: f32 = -60.0;
    const WIDTH: usize = 24;
    let share = ((status.level_dbfs - FLOOR) / -FLOOR).clamp(0.0, 1.0);
    let full = (share * WIDTH as f32).round() as usize;
    let bar = format!("{}{}", "█".repeat(full), "·".repeat(WIDTH - full));
    let state = match status.state.as_str() {
        "paused" => "‖ paused   ",
        "waiting" => "… no device",
        _ => "● recording",
    };
    let marks = if status.marks > 0 { format!("  {} marked", status.marks) } else { String::new() };
    format!("{state}  {}  {bar}{marks}", clock(status.elapsed_s))
}

fn words(warning: &str) -> &'static str {
    match warning {
        "muted" => "The microphone gives nothing at all: is it muted or unplugged?",
        "silence" => "Nothing is heard: is this the right microphone?",
        "clipping" => "Too loud: move the microphone away or turn it down.",
        "forgotten" => "Still recording: was it forgotten? q stops.",
        "device_lost" => "The microphone is gone. What was recorded is kept; waiting for it, or for another one.",
        "device_changed" => "Going on with another microphone.",
        "slept" => "The machine slept. What was recorded is kept; going on.",
        "overrun" => "Some sound was lost because the machine was too busy.",
        "low_disk" => "The disk is nearly full.",
        _ => "Something is wrong with the recording.",
    }
}

/// Minutes and seconds, hours where there are any.
fn clock(seconds: f64) -> String {
    let s = seconds as u64;
    match s / 3600 {
        0 => format!("{}:{:02}", s / 60, s % 60),
        h => format!("{h}:{:02}:{:02}", s / 60 % 60, s % 60),
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|_| Failure::Some("an answer cannot be read back".to_owned()))
}

/// Reads `90s`, `30m`, `2h` or plain seconds.
pub(crate) fn length(text: &str) -> Result<Duration, String> {
    let fault = || format!("{text} is no length of time; say 90s, 30m or 2h");
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 'h')) => (&text[..at], 3600.0),
        Some((at, 'm')) => (&text[..at], 60.0),
        Some((at, 's')) => (&text[..at], 1.0),
        _ => (text, 1.0),
    };
    let seconds: f64 = number.parse::<f64>().map_err(|_| fault())? * unit;
    if seconds > 0.0 && seconds <= 12.0 * 3600.0 { Ok(Duration::from_secs_f64(seconds)) } else { Err(fault()) }
}

#[cfg(test)]
mod tests {
    use super::{clock, length};
    use std::time::Duration;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        assert_eq!(length("2h"), Ok(Duration::from_secs(7200)));
        assert_eq!(length("90m"), Ok(Duration::from_secs(5400)));
        assert_eq!(length("1.5"), Ok(Duration::from_millis(1500)));
        for bad in ["", "h", "-1s", "0", "13h", "two"] {
            assert!(length(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn moments_are_shown_as_on_a_clock() {
        assert_eq!(clock(61.9), "1:01");
        assert_eq!(clock(3661.0), "1:01:01");
    }
}
