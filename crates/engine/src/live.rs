//! Listening to a recording that goes on.

use crate::{
    jobs::{audio_fault, speech_options, transcribed},
    link::{Link, Ranges},
    models::Models,
};
use cloister_engine_client::{
    LIVE_RATE,
    protocol::{Fault, Progress, Reply, Stage, TranscribeOptions},
    read_answer,
};
use cloister_speech::{Event, LiveAudio, Options, SpeechError};
use std::{io, ops::ControlFlow};

pub(crate) fn listen(link: &Link, models: &mut Models, from: u64, options: &TranscribeOptions) -> Result<Reply, Fault> {
    let recogniser = models.speech.as_mut().ok_or(Fault::NoModel)?;
    let options = Options { from_s: from as f64 / f64::from(LIVE_RATE), ..speech_options(options) };
    let mut audio = Wanted { ranges: link.ranges(), next: from };
    let heard = recogniser.listen(&mut audio, &options, &mut |event| {
        let told = match event {
            Event::Progress { done_s, .. } => {
                link.reply(&Reply::Progress(Progress { stage: Stage::Transcribing, done: done_s, total: None }))
            }
            Event::Segment(segment) => link.reply(&Reply::Segment(segment.clone())),
            Event::Draft(segments) => link.reply(&Reply::Draft { segments: segments.to_vec() }),
            Event::Working => Ok(()),
        };
        if told.is_err() || link.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    Ok(Reply::Transcribed(transcribed(heard.map_err(|e| audio_fault(link, &e))?)))
}

/// Samples that the parent is asked for.
struct Wanted {
    ranges: Ranges,
    /// The first sample not taken yet.
    next: u64,
}

impl LiveAudio for Wanted {
    fn more(&mut self, least: usize, most: usize, out: &mut Vec<f32>) -> Result<bool, SpeechError> {
        let few = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let failed = |words: &'static str| SpeechError::Read(io::Error::other(words));
        let bytes = self.ranges.samples(self.next, few(least), few(most)).map_err(|_| failed("no answer"))?;
        let (samples, ended) = read_answer(&bytes).ok_or_else(|| failed("not the samples asked for"))?;
        let before = out.len();
        out.extend(samples);
        self.next += (out.len() - before) as u64;
        Ok(!ended)
    }
}
