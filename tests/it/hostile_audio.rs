//! Sound files that are broken, empty, mislabelled or made to crash a reader.

use cloister_testkit::{Workstation, evaluation_data};
use std::{collections::BTreeMap, fs, path::Path, process::Command, time::Duration};

/// Files that hold no sound at all: they must be refused.
const NOT_SOUND: &[&str] = &["zero-bytes.wav", "text-named.mp3", "fuzz-mp4file-00.m4a", "hound-fuzz-00.wav"];

/// Files in which nobody speaks, or that are too short for a word: a transcript of them is empty.
const NO_SPEECH: &[&str] = &[
    "leopard-silence.wav",
    "kitchen-noise-only.flac",
    "header-only.wav",
    "hound-nonstandard-01.wav",
    "hound-pcmwaveformat-16bit-44100Hz-mono-extra.wav",
    "hound-pcmwaveformat-24bit-4byte-48kHz-stereo.wav",
    "hound-pop.wav",
    "hound-waveformatex-16bit-44100Hz-mono.wav",
    "hound-waveformatex-8bit-11025Hz-mono.wav",
    "hound-waveformatextensible-24bit-192kHz-mono.wav",
    "hound-waveformatextensible-32bit-48kHz-stereo.wav",
];

/// Files with speech that a careful reader still hears, and words of it.
const SPEECH: &[(&str, &str)] = &[("mp3-named.wav", "country"), ("truncated.flac", "fellow"), ("truncated.wav", "so")];

#[test]
fn no_file_crashes_hangs_or_puts_words_into_anyones_mouth_with_models() {
    let Some(folder) = evaluation_data("bad_inputs/audio") else { return };
    let station = Workstation::with_vault().unwrap();
    let mut names = BTreeMap::new();
    let mut args = vec!["transcribe".to_owned()];
    for path in cloister_testkit::traces::files(&folder).unwrap() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // `truncated.wav` and `truncated.flac` would share an output file.
        let copy = format!("in/{}-{name}", path.extension().unwrap().to_string_lossy());
        let copy = station.file(&copy, fs::read(&path).unwrap()).unwrap();
        args.push(copy.to_string_lossy().into_owned());
        names.insert(name, copy.file_stem().unwrap().to_string_lossy().into_owned());
    }
    let out = station.path("out");
    args.extend(["--format", "txt", "--output"].map(str::to_owned));
    args.push(out.to_string_lossy().into_owned());
    let ran = station.cloister(args).within(Duration::from_secs(180)).run().unwrap();
    // Some of them cannot be read, and the others are not lost for it.
    let ran = ran.exited(1).unwrap();

    let heard = |name: &str| fs::read_to_string(out.join(format!("{}.txt", names[name]))).ok();
    for name in names.keys() {
        assert!(heard(name).is_some() || ran.stderr.contains(name.as_str()), "{name}: no transcript and no word of it");
    }
    for name in NOT_SOUND {
        assert_eq!(heard(name), None, "{name} is no sound");
    }
    for name in NO_SPEECH {
        assert_eq!(heard(name).unwrap_or_default(), "", "words out of {name}");
    }
    for (name, word) in SPEECH {
        let text = heard(name).unwrap_or_default().to_lowercase();
        assert!(text.contains(word), "{name}: {text:?}; {}", ran.stderr);
    }
    station.run(["audit", "verify"]).unwrap().succeeded().unwrap();
}

#[test]
fn what_is_no_sound_is_refused_by_name_and_alone_with_models() {
    let station = Workstation::with_vault().unwrap();
    let text = station.file("minutes.mp3", "These are the minutes of a meeting, not its sound.\n").unwrap();
    let out = station.run(["transcribe", &text.to_string_lossy()]).unwrap().exited(1).unwrap();
    assert!(out.stdout.is_empty(), "{}", out.stdout);
    assert!(out.stderr.contains("minutes.mp3"), "{}", out.stderr);
    assert!(!out.stderr.contains("minutes of a meeting"), "content in an error: {}", out.stderr);

    let gone = station.run(["transcribe", "/nowhere/visit.wav"]).unwrap().exited(1).unwrap();
    assert!(gone.stderr.contains("visit.wav"), "{}", gone.stderr);
    let folder = station.data();
    let refused = station.run(["transcribe".as_ref(), folder.as_os_str()]).unwrap().exited(1).unwrap();
    assert!(refused.stderr.contains("folder"), "{}", refused.stderr);

    // What may never end is not waited for.
    let pipe = station.path("visit.wav");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for endless in [pipe.as_path(), Path::new("/dev/zero")] {
        let asked = station.cloister(["transcribe".as_ref(), endless.as_os_str()]).within(Duration::from_secs(20));
        let refused = asked.run().unwrap().exited(1).unwrap();
        assert!(refused.stderr.contains("a pipe or a device"), "{}", refused.stderr);
    }
}
