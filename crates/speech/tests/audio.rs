//! Audio files, good and bad, as 16 kHz samples or as an error that names the fault.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use cloister_speech::{AudioDecoder, SpeechError, Warning};
use common::{shared, wave, wave_16k};
use std::io::Cursor;

fn decode(bytes: Vec<u8>) -> Result<(Vec<f32>, AudioDecoder), SpeechError> {
    let mut audio = AudioDecoder::open(Cursor::new(bytes), None)?;
    let mut samples = Vec::new();
    while let Some(block) = audio.next_block()? {
        samples.extend_from_slice(block);
    }
    assert!((audio.decoded_s() - samples.len() as f64 / 16_000.0).abs() < 1e-9);
    Ok((samples, audio))
}

fn fault(bytes: &[u8]) -> String {
    decode(bytes.to_vec()).err().map(|e| e.to_string()).unwrap_or_default()
}

#[test]
fn every_sample_format_gives_the_same_tone() {
    let tone = |i: usize| 0.5 * (std::f64::consts::TAU * 440.0 * i as f64 / 48_000.0).sin();
    let frames = || (0..48_000).map(tone);
    let files = [
        wave(1, 48_000, 1, 8, &frames().map(|s| (s * 127.0 + 128.0) as u8).collect::<Vec<_>>()),
        wave(1, 48_000, 1, 16, &frames().flat_map(|s| ((s * 32767.0) as i16).to_le_bytes()).collect::<Vec<_>>()),
        wave(
            1,
            48_000,
            2,
            24,
            &frames()
                .flat_map(|s| {
                    let b = ((s * 8_388_607.0) as i32).to_le_bytes();
                    [b[0], b[1], b[2], b[0], b[1], b[2]]
                })
                .collect::<Vec<_>>(),
        ),
        wave(3, 48_000, 1, 32, &frames().flat_map(|s| (s as f32).to_le_bytes()).collect::<Vec<_>>()),
    ];
    for file in files {
        let (samples, audio) = decode(file).unwrap();
        assert_eq!(samples.len(), 16_000, "{:?}", audio.format());
        assert!(audio.warnings().is_empty());
        // Away from the ends, where the filter rings.
        let worst = (1000..15_000).map(|i| (f64::from(samples[i]) - tone(i * 3)).abs()).fold(0.0, f64::max);
        assert!(worst < 0.02, "{:?} is off by {worst}", audio.format());
    }
}

#[test]
fn nonsense_samples_become_silence_and_loud_ones_are_cut() {
    let values = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30, 0.25];
    let data: Vec<u8> = values.iter().cycle().take(6000).flat_map(|s| s.to_le_bytes()).collect();
    let (samples, _) = decode(wave(3, 16_000, 1, 32, &data)).unwrap();
    assert_eq!(&samples[..6], &[0.0, 0.0, 0.0, 1.0, -1.0, 0.25]);
}

#[test]
fn eight_channels_at_192_khz_become_one_at_16() {
    let frame: Vec<u8> = (0..8i16).flat_map(|c| (c * 1000).to_le_bytes()).collect();
    let (samples, audio) = decode(wave(1, 192_000, 8, 16, &frame.repeat(192_000))).unwrap();
    assert_eq!((samples.len(), audio.format().channels), (16_000, 8));
    assert!((samples[8000] - 3500.0 / 32768.0).abs() < 1e-3, "the mean of the channels");
}

#[test]
fn a_header_that_lies_about_its_length_is_not_believed() {
    let mut file = wave_16k((0..32_000).map(|i| (i as f32 * 0.05).sin()));
    for (at, value) in [(4usize, 3_000_000u32), (40, 2_999_964)] {
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    let (samples, audio) = decode(file).unwrap();
    assert_eq!(samples.len(), 32_000);
    assert!(audio.promised_s().unwrap() < 2.1, "no longer than the bytes allow");
    let [Warning::EndsEarly { read_s, promised_s }] = audio.warnings() else { panic!("{:?}", audio.warnings()) };
    assert!((*read_s - 2.0).abs() < 0.01 && *promised_s > 90.0);
}

#[test]
fn faults_are_named() {
    assert_eq!(fault(b""), "the file is empty");
    assert_eq!(fault(b"Just some notes about the patient."), "not audio: this is text");
    assert_eq!(fault(&wave(1, 16_000, 1, 16, &[])), "an audio header without any audio after it");
    assert_eq!(fault(b"fLaC"), "an audio header without any audio after it");
    assert!(!fault(&[0x1a, 0x45, 0xdf, 0xa3, 1, 2, 3]).is_empty());
    assert!(fault(&[7; 5000]).starts_with("not audio, or audio in a format that is not known"));
    assert!(fault(&wave(0x31, 8000, 1, 0, &[0; 650])).starts_with("GSM 6.10 in WAV is not supported"));
    let folder = AudioDecoder::open(std::fs::File::open(env!("CARGO_MANIFEST_DIR")).unwrap(), None);
    assert_eq!(folder.unwrap_err().to_string(), "this is a folder, not an audio file");
}

#[test]
fn files_cut_anywhere_give_what_they_hold_or_an_error() {
    let whole = wave_16k((0..4000).map(|i| (i as f32 * 0.1).sin()));
    for cut in 0..whole.len().min(200) {
        let _ = decode(whole[..cut].to_vec());
    }
    let (samples, audio) = decode(whole[..44 + 4000].to_vec()).unwrap();
    assert_eq!(samples.len(), 2000);
    assert_eq!(audio.warnings().len(), 0, "a tenth of a second is not worth a word");
}

#[test]
fn every_format_of_the_clip_has_its_length() {
    let Some(folder) = shared("audio/formats") else { return };
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let refused = [("wma", "WMA (Windows Media) is not supported")];
        let result = decode(std::fs::read(&path).unwrap());
        if name.ends_with(".txt") {
            assert!(matches!(result, Err(SpeechError::NotAudio("text"))));
        } else if let Some((_, format)) = refused.iter().find(|(e, _)| name.ends_with(e)) {
            assert!(result.err().unwrap().to_string().starts_with(format), "{name}");
        } else {
            let (samples, audio) = result.unwrap();
            let due = if name.contains("first 5 s") { 5.0 } else { 11.0 };
            let seconds = samples.len() as f64 / 16_000.0;
            assert!((seconds - due).abs() < 0.15, "{name}: {seconds} s");
            assert!(audio.warnings().is_empty(), "{name}: {:?}", audio.warnings());
            seen += 1;
        }
    }
    assert!(seen >= 13, "{seen} files were decoded");
}

#[test]
fn no_bad_file_crashes_and_each_error_names_a_fault() {
    let Some(folder) = shared("bad_inputs/audio") else { return };
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let result = decode(std::fs::read(&path).unwrap());
        let expected = match name.as_str() {
            "zero-bytes.wav" => "the file is empty",
            "header-only.wav" => "an audio header without",
            "text-named.mp3" => "not audio: this is text",
            "truncated.m4a" => "the audio is damaged: nothing could be read from it (its index is missing",
            "fuzz-opusfile-00.opus" => "",
            "pocketsphinx-awful.wav" => "the audio header is damaged",
            _ => "",
        };
        match result {
            Err(e) => assert!(e.to_string().starts_with(expected), "{name}: {e}"),
            Ok((samples, audio)) => {
                assert_eq!(expected, "", "{name} was decoded");
                assert!(samples.iter().all(|s| s.is_finite()));
                if name.starts_with("truncated") {
                    assert!(matches!(audio.warnings(), [Warning::EndsEarly { .. }]), "{name}: {:?}", audio.warnings());
                }
            }
        }
    }
}
