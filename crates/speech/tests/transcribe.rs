//! From audio files to words, with real weights.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use cloister_domain::Segment;
use cloister_speech::{AudioDecoder, Event, Heard, Language, ModelFault, Options, Recogniser, SpeechError, Warning};
use common::{noise, shared, wave_16k, weights};
use std::io::Cursor;
use std::ops::ControlFlow;

const TINY: &str = "ggml-tiny.en.bin";

fn hear(recogniser: &mut Recogniser, bytes: Vec<u8>, options: &Options) -> Result<Heard, SpeechError> {
    let mut audio = AudioDecoder::open(Cursor::new(bytes), None)?;
    recogniser.transcribe(&mut audio, options, &mut |_| ControlFlow::Continue(()))
}

fn text(segments: &[Segment]) -> String {
    let lines: Vec<&str> = segments.iter().map(|s| s.text.expose("comparing").as_str()).collect();
    lines.join(" ")
}

/// The words alone: commas come and go with a few samples more or less.
fn words(segments: &[Segment]) -> String {
    text(segments).to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect()
}

/// Samples of the clip of President Kennedy's address (11 s).
fn clip() -> Option<Vec<f32>> {
    let path = shared("audio/formats/jfk-f32-16k.wav")?;
    let mut audio = AudioDecoder::open(std::fs::File::open(path).unwrap(), None).unwrap();
    let mut samples = Vec::new();
    while let Some(block) = audio.next_block().unwrap() {
        samples.extend_from_slice(block);
    }
    Some(samples)
}

#[test]
fn words_come_with_moments_and_probabilities_and_twice_the_same() {
    let (Some(model), Some(clip)) = (weights(TINY), clip()) else { return };
    let mut recogniser = Recogniser::load(&model, 1).unwrap();
    let file = wave_16k(clip.iter().copied());
    let heard = hear(&mut recogniser, file.clone(), &Options::default()).unwrap();
    assert!(text(&heard.segments).contains("ask not what your country can do for you"), "{}", text(&heard.segments));
    assert!((heard.duration_s - 11.0).abs() < 0.01);
    for segment in &heard.segments {
        assert!(segment.start_s >= 0.0 && segment.end_s <= heard.duration_s);
        assert!(segment.words.windows(2).all(|w| w[0].end_s <= w[1].start_s));
        assert!(segment.words.iter().all(|w| w.start_s <= w.end_s && (0.0..=1.0).contains(&w.probability)));
        assert_eq!(segment.start_s, segment.words[0].start_s);
    }
    // The pause before "ask" lies between 2.6 and 3.3 s of the clip.
    let words: Vec<_> = heard.segments.iter().flat_map(|s| &s.words).collect();
    let ask = words.iter().find(|w| w.text.expose("comparing").eq_ignore_ascii_case("ask")).unwrap();
    assert!((3.0..3.7).contains(&ask.start_s), "\"ask\" begins at {}", ask.start_s);
    // Other audio in between leaves nothing behind.
    let _ = hear(&mut recogniser, wave_16k(clip.iter().rev().copied()), &Options::default()).unwrap();
    assert_eq!(hear(&mut recogniser, file, &Options::default()).unwrap(), heard);
}

#[test]
fn silence_between_is_skipped_and_times_stay_true() {
    let (Some(model), Some(clip)) = (weights(TINY), clip()) else { return };
    let mut recogniser = Recogniser::load(&model, 1).unwrap();
    let once = hear(&mut recogniser, wave_16k(clip.iter().copied()), &Options::default()).unwrap();
    let silence = || std::iter::repeat_n(0.0, 90 * 16_000);
    let file = wave_16k(silence().chain(clip.iter().copied()).chain(silence()).chain(clip.iter().copied()));
    let mut progress = Vec::new();
    let mut audio = AudioDecoder::open(Cursor::new(file), None).unwrap();
    let heard = recogniser
        .transcribe(&mut audio, &Options::default(), &mut |event| {
            if let Event::Progress { done_s, total_s } = event {
                assert!((total_s.unwrap() - 202.0).abs() < 0.1);
                progress.push(done_s);
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    let starts: Vec<f64> = heard.segments.iter().map(|s| s.start_s).collect();
    assert_eq!(words(&heard.segments), [words(&once.segments), words(&once.segments)].join(" "), "{starts:?}");
    // The silence before moves the sound against the frames in which it is heard, and a word within a phrase may be placed
    // a little otherwise for it; where the speech begins may not.
    let moments = |h: &Heard| h.segments.iter().flat_map(|s| &s.words).map(|w| w.start_s).collect::<Vec<_>>();
    let first = moments(&once);
    for (i, now) in moments(&heard).into_iter().enumerate() {
        let shift = if i < first.len() { 90.0 } else { 191.0 };
        let off = (now - shift - first[i % first.len()]).abs();
        assert!(off < if i % first.len() == 0 { 0.1 } else { 0.75 }, "word {i}: {now} {}", first[i % first.len()]);
    }
    assert!(progress.windows(2).all(|w| w[0] <= w[1]) && progress.len() > 10, "{progress:?}");
    assert_eq!(*progress.last().unwrap(), heard.duration_s);

    // Gone on with after the first part, the second part is the same.
    let file = wave_16k(silence().chain(clip.iter().copied()).chain(silence()).chain(clip.iter().copied()));
    let rest = hear(&mut recogniser, file, &Options { from_s: 120.0, ..Options::default() }).unwrap();
    assert_eq!(words(&rest.segments), words(&once.segments));
    assert!((rest.segments[0].start_s - 191.0 - once.segments[0].start_s).abs() < 0.1);
}

#[test]
fn silence_noise_and_hum_have_no_words() {
    let Some(model) = weights(TINY) else { return };
    let mut recogniser = Recogniser::load(&model, 1).unwrap();
    let minutes = 20 * 60 * 16_000;
    let hum = (0..minutes).map(|i| {
        let turn = std::f32::consts::TAU * 50.0 * (i % 16_000) as f32 / 16_000.0;
        0.2 * turn.sin() + 0.1 * (3.0 * turn).sin()
    });
    let sounds: [(&str, Vec<u8>); 4] = [
        ("silence", wave_16k(std::iter::repeat_n(0.0, minutes))),
        ("loud noise", wave_16k(noise().take(minutes).map(|s| 0.5 * s))),
        ("soft noise", wave_16k(noise().take(minutes).map(|s| 0.003 * s))),
        ("hum", wave_16k(hum)),
    ];
    for (name, sound) in sounds {
        let heard = hear(&mut recogniser, sound, &Options::default()).unwrap();
        assert_eq!(heard.segments.len(), 0, "{name}: {}", text(&heard.segments));
        assert!((heard.duration_s - 1200.0).abs() < 0.01);
    }
    for name in ["kitchen-noise-only.flac", "leopard-silence.wav"] {
        let Some(path) = shared(&format!("bad_inputs/audio/{name}")) else { continue };
        let heard = hear(&mut recogniser, std::fs::read(path).unwrap(), &Options::default()).unwrap();
        assert_eq!(heard.segments.len(), 0, "{name}: {}", text(&heard.segments));
    }
}

#[test]
fn damaged_speech_is_left_out_rather_than_guessed() {
    let (Some(model), Some(path)) = (weights("ggml-base-q8_0.bin"), shared("bad_inputs/audio/bitrot.mp3")) else {
        return;
    };
    let mut recogniser = Recogniser::load(&model, 1).unwrap();
    let heard = hear(&mut recogniser, std::fs::read(path).unwrap(), &Options::default()).unwrap();
    assert_eq!(words(&heard.segments), "", "the true words cannot be made out in it");
    assert!(heard.warnings.iter().any(|w| matches!(w, Warning::DamagedParts { .. })), "{:?}", heard.warnings);
    assert!(heard.warnings.iter().any(|w| matches!(w, Warning::Unclear { .. })), "{:?}", heard.warnings);
}

#[test]
fn it_stops_when_asked_to() {
    let (Some(model), Some(clip)) = (weights(TINY), clip()) else { return };
    let mut recogniser = Recogniser::load(&model, 1).unwrap();
    for patience in 0..3 {
        let mut left = patience;
        let mut audio = AudioDecoder::open(Cursor::new(wave_16k(clip.iter().copied())), None).unwrap();
        let result = recogniser.transcribe(&mut audio, &Options::default(), &mut |_| {
            left -= 1;
            if left < 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(matches!(result, Err(SpeechError::Cancelled)));
    }
}

#[test]
fn terms_help_and_are_not_echoed() {
    let (Some(model), Some(clip)) = (weights(TINY), clip()) else { return };
    let mut recogniser = Recogniser::load(&model, 1).unwrap();
    let vocabulary: Vec<String> =
        ["metoprolol", "apixaban", "empagliflozin", "levothyroxine", "amiodarone"].map(str::to_owned).to_vec();
    let options = Options { vocabulary, ..Options::default() };
    let heard = hear(&mut recogniser, wave_16k(clip.into_iter()), &options).unwrap();
    let said = text(&heard.segments).to_lowercase();
    assert!(said.contains("your country"), "{said}");
    assert!(options.vocabulary.iter().all(|term| !said.contains(term)), "{said}");
    let silence = hear(&mut recogniser, wave_16k(std::iter::repeat_n(0.0, 160_000)), &options).unwrap();
    assert!(silence.segments.is_empty());
}

#[test]
fn languages_are_fixed_or_detected_and_unknown_ones_refused() {
    let (Some(base), Some(tiny), Some(clip)) = (weights("ggml-base-q8_0.bin"), weights(TINY), clip()) else { return };
    let file = wave_16k(clip.into_iter());
    let mut recogniser = Recogniser::load(&base, 1).unwrap();
    let with = |language| Options { language, ..Options::default() };
    let heard = hear(&mut recogniser, file.clone(), &with(Language::Detect)).unwrap();
    assert_eq!(heard.language, "en");
    assert!(text(&heard.segments).contains("your country"));
    for unknown in ["xx", "", "en\0"] {
        let result = hear(&mut recogniser, file.clone(), &with(Language::Fixed(unknown.into())));
        assert!(matches!(result, Err(SpeechError::Language(_))), "{unknown:?}");
    }
    let mut english = Recogniser::load(&tiny, 1).unwrap();
    let german = hear(&mut english, file, &with(Language::Fixed("de".into())));
    assert!(matches!(german, Err(SpeechError::Language(l)) if l == "de"));
}

#[test]
fn models_that_are_none_are_refused_by_name() {
    if let Some(path) = shared("bad_inputs/models/for-tests-ggml-tiny.bin") {
        let result = Recogniser::load(&std::fs::read(path).unwrap(), 1);
        assert!(matches!(result, Err(SpeechError::Model(ModelFault::NoWeights))), "{result:?}");
    }
    if let Some(path) = shared("bad_inputs/models/cut.gguf") {
        let result = Recogniser::load(&std::fs::read(path).unwrap(), 1);
        assert!(matches!(result, Err(SpeechError::Model(ModelFault::Magic))), "{result:?}");
    }
    if let Some(model) = weights(TINY) {
        let shape = Recogniser::load(&model, 1).unwrap().shape();
        assert_eq!((shape.multilingual, shape.state, shape.audio_layers), (false, 384, 4));
        for cut in [4, 47, 100, 70_000, 600_000, model.len() / 2, model.len() - 1] {
            assert!(matches!(Recogniser::load(&model[..cut], 1), Err(SpeechError::Model(_))), "cut at {cut}");
        }
    }
}
