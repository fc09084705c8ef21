//! A recording transcribed while it goes on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use cloister_domain::Segment;
use cloister_speech::{AudioDecoder, Event, Heard, LiveAudio, Options, Recogniser, SpeechError};
use common::{noise, shared, weights};
use std::ops::ControlFlow;

/// A recording that gives `step` samples at a time, however many are asked for; `None` stands for a wait in vain.
struct Tape {
    samples: Vec<f32>,
    at: usize,
    step: usize,
    /// Where nothing comes for a while, and how often.
    rest: Option<(usize, usize)>,
}

impl Tape {
    fn new(samples: Vec<f32>, step: usize) -> Self {
        Self { samples, at: 0, step, rest: None }
    }
}

impl LiveAudio for Tape {
    fn more(&mut self, _: usize, most: usize, out: &mut Vec<f32>) -> Result<bool, SpeechError> {
        if let Some((at, left)) = &mut self.rest
            && *left > 0
            && self.at >= *at
        {
            *left -= 1;
            return Ok(true);
        }
        let end = (self.at + self.step.min(most)).min(self.samples.len());
        out.extend_from_slice(&self.samples[self.at..end]);
        self.at = end;
        Ok(end < self.samples.len())
    }
}

#[derive(Default)]
struct Told {
    /// Each draft's text, and the seconds that were final when it came.
    drafts: Vec<(String, f64)>,
    segments: Vec<Segment>,
    final_s: f64,
}

fn text(segments: &[Segment]) -> String {
    segments.iter().map(|s| s.text.expose("comparing").as_str()).collect::<Vec<_>>().join(" ")
}

fn listen(recogniser: &mut Recogniser, mut tape: Tape, options: &Options) -> (Heard, Told) {
    let mut told = Told::default();
    let heard = recogniser
        .listen(&mut tape, options, &mut |event| {
            match event {
                Event::Draft(segments) => told.drafts.push((text(segments), told.final_s)),
                Event::Segment(segment) => told.segments.push(segment.clone()),
                Event::Progress { done_s, .. } => {
                    assert!(done_s >= told.final_s, "what is final stays final");
                    told.final_s = done_s;
                }
                Event::Working => {}
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    (heard, told)
}

/// The clip of President Kennedy's address (11 s), with 3 s of faint noise after it, and a recogniser.
fn clip() -> Option<(Vec<f32>, Recogniser)> {
    let path = shared("audio/formats/jfk-f32-16k.wav")?;
    let model = weights("ggml-tiny.en.bin")?;
    let mut audio = AudioDecoder::open(std::fs::File::open(path).unwrap(), None).unwrap();
    let mut samples = Vec::new();
    while let Some(block) = audio.next_block().unwrap() {
        samples.extend_from_slice(block);
    }
    samples.extend(noise().take(48_000).map(|s| s * 0.001));
    Some((samples, Recogniser::load(&model, 1).unwrap()))
}

#[test]
fn drafts_come_while_somebody_speaks_and_the_text_does_not_depend_on_how_the_samples_came_with_models() {
    let Some((samples, mut recogniser)) = clip() else { return };
    let (heard, told) = listen(&mut recogniser, Tape::new(samples.clone(), 4000), &Options::default());
    assert!(text(&heard.segments).contains("what your country can do for you"), "{}", text(&heard.segments));
    assert_eq!(heard.segments, told.segments);
    assert!((heard.duration_s - 14.0).abs() < 0.01 && told.final_s == heard.duration_s);
    // The first words stand in a draft long before the first pause.
    let first = &told.drafts.first().unwrap().0;
    assert!(!first.is_empty() && first.len() < 40, "{first:?}");
    assert!(told.drafts.len() >= 6, "{} drafts", told.drafts.len());
    assert_eq!(told.drafts.last().unwrap().0, "", "nothing is left in grey");
    let (other, _) = listen(&mut recogniser, Tape::new(samples, 1234), &Options::default());
    assert_eq!(other.segments, heard.segments);
}

#[test]
fn behind_there_are_no_drafts_and_the_words_are_the_same_with_models() {
    let Some((samples, mut recogniser)) = clip() else { return };
    let (slow, _) = listen(&mut recogniser, Tape::new(samples.clone(), 4000), &Options::default());
    let (heard, told) = listen(&mut recogniser, Tape::new(samples, usize::MAX), &Options::default());
    assert!(told.drafts.len() <= 1, "{} drafts of a recording that waits", told.drafts.len());
    assert_eq!(heard.segments, slow.segments);
}

#[test]
fn when_nothing_comes_what_was_said_is_final_and_a_session_goes_on_where_one_broke_off_with_models() {
    let Some((samples, mut recogniser)) = clip() else { return };
    // "... can do for you" ends at 7.7 s, "ask what you can do" begins at 8.2 s; the recording rests between them.
    let rest_s = 7.9;
    let tape = Tape { rest: Some(((rest_s * 16_000.0) as usize, 4)), ..Tape::new(samples.clone(), 3200) };
    let (_, told) = listen(&mut recogniser, tape, &Options::default());
    let (before, after): (Vec<Segment>, Vec<Segment>) = told.segments.into_iter().partition(|s| s.end_s <= rest_s);
    assert!(text(&before).contains("country can do for you"), "{}", text(&before));
    assert!(after.iter().all(|s| s.start_s > 7.8) && text(&after).contains("your country"), "{}", text(&after));

    let from_s = 8.0;
    let tape = Tape::new(samples[(from_s * 16_000.0) as usize..].to_vec(), 3200);
    let (rest, told) = listen(&mut recogniser, tape, &Options { from_s, ..Options::default() });
    assert!(rest.segments[0].start_s >= from_s && !text(&rest.segments).contains("Americans"));
    assert!(text(&rest.segments).contains("you can do for your country"), "{}", text(&rest.segments));
    assert!((told.final_s - 14.0).abs() < 0.01, "times are the recording's");
}

#[test]
fn where_nobody_speaks_there_is_neither_draft_nor_text_with_models() {
    let Some((_, mut recogniser)) = clip() else { return };
    let hiss: Vec<f32> = noise().take(20 * 16_000).map(|s| s * 0.05).collect();
    let (heard, told) = listen(&mut recogniser, Tape::new(hiss, 4000), &Options::default());
    assert!(heard.segments.is_empty() && told.drafts.is_empty());
    assert_eq!(told.final_s, 20.0);
}
