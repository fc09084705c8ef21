//! A recording that goes on while it is transcribed.

use crate::chunk::{Chunker, Limits};
use crate::parallel::Job;
use crate::recogniser::LEAST_CLARITY;
use crate::recogniser::{Event, Heard, Options, Recogniser, Run};
use crate::{SAMPLE_RATE, SpeechError};
use std::collections::VecDeque;
use std::ops::ControlFlow;

/// New sound needed for a new draft, in samples: 0.8 s.
const DRAFT_EVERY: usize = SAMPLE_RATE as usize * 4 / 5;
/// Sound asked for at the least, while the draft is up to date: 0.25 s.
const LEAST: usize = SAMPLE_RATE as usize / 4;
/// Sound taken at once. When so much has gathered, this machine is behind, and drafts wait until it is not. 4 s.
const MOST: usize = SAMPLE_RATE as usize * 4;
/// After so many askings in vain the recording rests, and what was said is final.
const RESTS_AFTER: usize = 3;
/// Silence after which progress is told, in seconds.
const SILENT_PROGRESS_S: f64 = 1.0;

/// Where the samples of a recording that goes on come from. It keeps them until they are asked for: the recogniser
/// takes no more than it can work on, so that a slow machine falls behind without holding audio or losing it.
pub trait LiveAudio {
    /// Appends the next samples (16 kHz mono, at most `most`) to `out`. Waits for `least` of them, but not for ever:
    /// fewer, or none, mean that none came for a while. Returns whether the recording goes on.
    ///
    /// # Errors
    /// [`SpeechError::Cancelled`] and reading faults.
    fn more(&mut self, least: usize, most: usize, out: &mut Vec<f32>) -> Result<bool, SpeechError>;
}

impl Recogniser {
    /// Transcribes a recording while it goes on: drafts within a few seconds of speech, final segments at pauses.
    /// `options.from_s` is the moment of the first sample that `audio` gives, so that a session can go on where
    /// another one broke off: after its last [`Event::Progress`]'s `done_s`.
    ///
    /// Drafts are made when there is time for them: one takes at most half of it, and none are made while samples
    /// wait. Final segments do not depend on drafts, nor on how the samples came. Memory is flat, but for the text.
    ///
    /// # Errors
    /// As [`Recogniser::transcribe`].
    pub fn listen(
        &mut self,
        audio: &mut dyn LiveAudio,
        options: &Options,
        on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<Heard, SpeechError> {
        let skipped = options.skipped_samples();
        let mut run = self.begin(options, on_event)?;
        let mut chunker = Chunker::starting_at(skipped, Limits::LIVE);
        let (mut chunks, mut block) = (VecDeque::new(), Vec::new());
        let mut pace = Pace::default();
        let (mut taken, mut empty, mut goes_on, mut shown) = (skipped, 0, true, false);
        while goes_on {
            block.clear();
            goes_on = audio.more(LEAST, MOST, &mut block)?;
            taken += block.len() as u64;
            pace.came(block.len());
            chunker.push(&block, &mut chunks);
            empty = if block.is_empty() { empty + 1 } else { 0 };
            if !goes_on {
                chunker.finish(&mut chunks);
            } else if empty == RESTS_AFTER {
                chunker.rest(&mut chunks);
            }
            if !chunks.is_empty() {
                for chunk in chunks.drain(..) {
                    run.transcribe_one(Job { chunk, least_clarity: LEAST_CLARITY, total_s: None })?;
                }
                pace.worked();
                shown = run.withdraw_draft(shown)?;
            }
            run.tell_settled(chunker.settled_s(), SILENT_PROGRESS_S, None)?;
            if goes_on && pace.draft_is_due() {
                match chunker.draft() {
                    Some(chunk) => {
                        let segments = run.draft(&chunk)?;
                        run.tell(Event::Draft(&segments))?;
                        shown = !segments.is_empty();
                        pace.drafted();
                    }
                    None => shown = run.withdraw_draft(shown)?,
                }
            }
        }
        let duration_s = taken as f64 / f64::from(SAMPLE_RATE);
        run.tell(Event::Progress { done_s: duration_s, total_s: Some(duration_s) })?;
        Ok(run.end(duration_s, &[]))
    }
}

impl Run<'_> {
    /// Takes the draft back when one is `shown`: what it said is final now, or was nothing.
    fn withdraw_draft(&mut self, shown: bool) -> Result<bool, SpeechError> {
        if shown {
            self.tell(Event::Draft(&[]))?;
        }
        Ok(false)
    }
}

/// When there is time for a draft. Measures time by the sound that came meanwhile.
#[derive(Debug, Default)]
struct Pace {
    /// Samples since the last draft.
    fresh: usize,
    /// Samples that gathered while the last draft was made: what one costs.
    cost: usize,
    just_drafted: bool,
    behind: bool,
}

impl Pace {
    fn came(&mut self, samples: usize) {
        if std::mem::take(&mut self.just_drafted) {
            self.cost = samples;
        }
        self.fresh += samples;
        self.behind = samples >= MOST;
    }

    /// Something else was done: what gathered meanwhile says nothing about drafts.
    const fn worked(&mut self) {
        self.just_drafted = false;
    }

    const fn draft_is_due(&self) -> bool {
        !self.behind && self.fresh >= DRAFT_EVERY && self.fresh >= self.cost
    }

    const fn drafted(&mut self) {
        self.fresh = 0;
        self.just_drafted = true;
    }
}
