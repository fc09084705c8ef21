//! Speech to text, with real models on short clips.

use cloister_testkit::{Workstation, demo_sample, evaluation_data, fixture, sound, words};
use serde_json::Value;
use std::fs;

/// Small and quick; the default model is heard in `the_bundled_visit…`.
const QUICK: [&str; 2] = ["--model", "whisper-tiny.en"];

fn said_in_the_visit() -> String {
    let script = fs::read_to_string(demo_sample("visit.txt")).unwrap();
    let said: Vec<&str> = script.lines().filter_map(|line| Some(line.split_once(": ")?.1)).collect();
    said.join(" ")
}

/// Numbers as the model writes them.
fn with_figures(text: &str) -> String {
    let spelled = [
        ("one hundred forty", "140"),
        ("eighty five", "85"),
        ("seventy eight", "78"),
        ("fifty five", "55"),
        ("five hundred", "500"),
        ("one hundred", "100"),
        ("thirty", "30"),
    ];
    spelled.iter().fold(text.to_lowercase(), |text, (word, figure)| text.replace(word, figure))
}

#[test]
fn the_bundled_visit_is_heard_word_by_word_with_models() {
    let station = Workstation::with_vault().unwrap();
    let visit = demo_sample("visit.ogg");
    let args = ["transcribe", &visit.to_string_lossy(), "--language", "en", "--format", "json"].map(str::to_owned);
    let transcript = station.run(args).unwrap().succeeded().unwrap().json().unwrap();
    let keys: Vec<_> = transcript.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["id", "language", "duration_s", "model", "segments"]);
    assert_eq!(transcript["language"], "en");
    assert!((transcript["duration_s"].as_f64().unwrap() - 79.7).abs() < 1.0, "{}", transcript["duration_s"]);

    let segments = transcript["segments"].as_array().unwrap();
    let text: Vec<&str> = segments.iter().map(|s| s["text"].as_str().unwrap()).collect();
    let text = text.join(" ");
    let rate = words::error_rate(&with_figures(&said_in_the_visit()), &with_figures(&text));
    assert!(rate < 0.08, "word error rate {rate:.3}: {text}");
    for term in ["naproxen", "aspirin", "penicillin"] {
        assert!(text.to_lowercase().contains(term), "{term} was not heard: {text}");
    }
    check_times(segments);
}

/// Times go forward, words lie in their segments, and a segment's text is its words.
fn check_times(segments: &[Value]) {
    let mut before = 0.0;
    for segment in segments {
        let (start, end) = (segment["start_s"].as_f64().unwrap(), segment["end_s"].as_f64().unwrap());
        assert!(before <= start && start < end, "{segment}");
        before = start;
        let words = segment["words"].as_array().unwrap();
        let joined: Vec<&str> = words.iter().map(|w| w["text"].as_str().unwrap()).collect();
        assert_eq!(joined.join(" "), segment["text"].as_str().unwrap());
        let mut last = start;
        for word in words {
            let (from, to) = (word["start_s"].as_f64().unwrap(), word["end_s"].as_f64().unwrap());
            assert!(last <= from && from <= to && to <= end + 1e-3, "{word} in {start}..{end}");
            last = from;
            assert!((0.0..=1.0).contains(&word["probability"].as_f64().unwrap()), "{word}");
        }
    }
}

#[test]
fn every_format_holds_the_same_words_with_models() {
    let station = Workstation::with_vault().unwrap();
    let clip = fixture("greeting.flac");
    let clip = clip.to_string_lossy();
    let in_format = |format: &str| {
        let args = ["transcribe", &clip, "--format", format].into_iter().chain(QUICK);
        station.run(args).unwrap().succeeded().unwrap().stdout
    };
    let txt = in_format("txt");
    assert!(words::error_rate("Good morning, Mr. Harlow. What brings you in today?", &txt) < 0.15, "{txt}");
    assert!(!txt.contains("-->") && !txt.contains('[') && !txt.contains("Clinician"), "{txt}");
    assert!(txt.ends_with('\n') && txt.lines().all(|l| !l.trim().is_empty()), "{txt:?}");

    let spoken = |subtitles: &str| -> String {
        let is_words = |l: &&str| !l.contains("-->") && !l.is_empty() && l.parse::<u32>().is_err() && *l != "WEBVTT";
        subtitles.lines().filter(is_words).collect::<Vec<_>>().join(" ")
    };
    let srt = in_format("srt");
    assert!(srt.starts_with("1\n00:00:0"), "{srt}");
    let times = srt.lines().nth(1).unwrap();
    let shape: String = times.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "00:00:00,000 --> 00:00:00,000");
    assert_eq!(words::error_rate(&txt, &spoken(&srt)), 0.0, "{srt}");

    let vtt = in_format("vtt");
    assert!(vtt.starts_with("WEBVTT\n\n"), "{vtt}");
    let times = vtt.lines().find(|l| l.contains("-->")).unwrap();
    let shape: String = times.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "00:00:00.000 --> 00:00:00.000");
    assert_eq!(words::error_rate(&txt, &spoken(&vtt)), 0.0, "{vtt}");
}

#[test]
fn where_nobody_speaks_nothing_is_written_with_models() {
    let station = Workstation::with_vault().unwrap();
    let silence = station.file("silence.wav", sound::silence(20)).unwrap();
    let noise = station.file("noise.wav", sound::noise(20)).unwrap();
    let folder = station.path("out");
    let (silence, noise, out) = (silence.to_string_lossy(), noise.to_string_lossy(), folder.to_string_lossy());
    let args = ["transcribe", &silence, &noise, "--format", "txt", "--output", &out];
    let ran = station.run(args).unwrap().succeeded().unwrap();
    assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    for name in ["silence.txt", "noise.txt"] {
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "", "words out of {name}");
    }
}

#[test]
fn one_file_goes_to_a_file_and_an_old_one_is_replaced_with_models() {
    let station = Workstation::with_vault().unwrap();
    let clip = fixture("greeting.flac");
    let old = station
        .file("heard.txt", "something older and much longer than what will be heard in this clip\n".repeat(9))
        .unwrap();
    let args = ["transcribe", &clip.to_string_lossy(), "--format", "txt", "--output", &old.to_string_lossy()]
        .map(str::to_owned);
    station.run(args.iter().map(String::as_str).chain(QUICK)).unwrap().succeeded().unwrap();
    let heard = fs::read_to_string(&old).unwrap();
    assert!(heard.contains("morning") && !heard.contains("older"), "{heard}");
}

#[test]
fn every_container_is_heard_or_refused_by_name_with_models() {
    let Some(folder) = evaluation_data("audio/formats") else { return };
    let reference = fs::read_to_string(folder.join("REFERENCE.txt")).unwrap();
    let station = Workstation::with_vault().unwrap();
    // Names that differ by their ending alone would share an output file.
    let mut inputs = Vec::new();
    for path in cloister_testkit::traces::files(&folder).unwrap() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("jfk") {
            let renamed = format!("{}.{name}", name.replace('.', "-"));
            inputs.push((name, station.file(&renamed, fs::read(&path).unwrap()).unwrap()));
        }
    }
    let out = station.path("out");
    let mut args = vec!["transcribe".to_owned()];
    args.extend(inputs.iter().map(|(_, p)| p.to_string_lossy().into_owned()));
    args.extend(["--format", "txt", "--output"].map(str::to_owned));
    args.push(out.to_string_lossy().into_owned());
    args.extend(QUICK.map(str::to_owned));
    let ran = station.run(args).unwrap().orderly().unwrap();

    let must_be_heard = [
        "jfk first 5 s, 44k1 stereo 24bit.wav",
        "jfk-22k-u8.wav",
        "jfk-48k-stereo.flac",
        "jfk-8k-mulaw.wav",
        "jfk-adpcm.wav",
        "jfk-f32-16k.wav",
        "jfk-vbr-id3-unicode.mp3",
        "jfk.m4a",
        "jfk.mp3",
        "jfk.ogg",
        "jfk.3gp",
        "jfk.opus",
        "jfk.webm",
    ];
    for (name, path) in inputs {
        let written = out.join(format!("{}.txt", path.file_stem().unwrap().to_string_lossy()));
        if let Ok(heard) = fs::read_to_string(&written) {
            let expected = if name.contains("first 5 s") { "And so, my fellow Americans, ask not" } else { &reference };
            let rate = words::error_rate(expected, &heard);
            assert!(rate < 0.25, "{name}: word error rate {rate:.2}: {heard}");
        } else {
            assert!(!must_be_heard.contains(&name.as_str()), "{name} was not heard: {}", ran.stderr);
            assert!(ran.stderr.contains(&name), "{name} is neither heard nor named: {}", ran.stderr);
        }
    }
}

#[test]
fn two_inputs_of_one_stem_do_not_overwrite_each_other_with_models() {
    let station = Workstation::with_vault().unwrap();
    let clip = fs::read(fixture("greeting.flac")).unwrap();
    let first = station.file("a/visit.flac", clip).unwrap();
    let second = station.file("b/visit.wav", sound::silence(2)).unwrap();
    let out = station.path("out");
    let args = [
        "transcribe",
        &first.to_string_lossy(),
        &second.to_string_lossy(),
        "--format",
        "txt",
        "--output",
        &out.to_string_lossy(),
    ]
    .map(str::to_owned);
    let ran = station.run(args.iter().map(String::as_str).chain(QUICK)).unwrap().orderly().unwrap();
    let written = if out.exists() { cloister_testkit::traces::files(&out).unwrap().len() } else { 0 };
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(written, 2, "one of two transcripts is gone: {}", ran.stderr);
    assert!(!fs::read_to_string(out.join("visit.txt")).unwrap().is_empty());
    assert!(fs::read_to_string(out.join("visit-2.txt")).unwrap().is_empty());
    assert!(ran.stderr.contains("visit-2.txt"), "nobody was told: {}", ran.stderr);
}

#[test]
fn a_clinician_transcribes_and_nobody_extracts_from_a_visit_that_is_not_theirs_with_models() {
    let station = Workstation::with_vault().unwrap();
    let cleo = station.user("cleo", "clinician").unwrap();
    let clip = fixture("greeting.flac");
    let args = ["transcribe", &clip.to_string_lossy(), "--json"].map(str::to_owned);
    let heard = station.run_as(&cleo, args.iter().map(String::as_str).chain(QUICK)).unwrap().succeeded().unwrap();
    let heard = heard.json().unwrap();
    assert!(heard["id"].as_str().unwrap().starts_with("trn-"));
    assert_eq!(heard["model"], "whisper-tiny.en");
    let other = ["extract", "--schema", "x", "--encounter", "enc-00000000000000000000000000"];
    station.run_as(&cleo, other).unwrap().exited(3).unwrap();
}
