//! Stretches of speech in a stream of samples.

use super::{FRAME, SpeechDetector};
use std::collections::VecDeque;

/// Speech begins where the detector is at least this sure ...
pub(crate) const ON: f32 = 0.5;
/// ... and lasts until it is less sure than this.
pub(crate) const OFF: f32 = 0.35;
/// Sound kept before and after speech: soft beginnings and endings lie below the thresholds. 256 ms.
const PAD: usize = 8;
/// A pause that ends a stretch: what two stretches' padding would bridge anyway. 512 ms.
const PAUSE: usize = 2 * PAD;
/// Stretches with fewer frames of speech are clicks and coughs. 128 ms.
const SHORTEST: usize = 4;

/// A stretch of sound in which somebody speaks, with a little of what surrounds it.
#[derive(Clone, PartialEq)]
pub(crate) struct Region {
    /// Frames from the recording's start to this stretch.
    pub(crate) start: u64,
    /// The sound: 512 samples for each entry of `probabilities`.
    pub(crate) samples: Vec<f32>,
    /// How sure the detector is of speech in each frame.
    pub(crate) probabilities: Vec<f32>,
}

impl Region {
    /// Length in frames.
    pub(crate) fn frames(&self) -> usize {
        self.probabilities.len()
    }

    /// Frames from the recording's start to the end of this stretch.
    pub(crate) fn end(&self) -> u64 {
        self.start + self.frames() as u64
    }

    /// Cuts off what lies after the first `frames` frames and returns it.
    pub(crate) fn split_off(&mut self, frames: usize) -> Self {
        let probabilities = self.probabilities.split_off(frames);
        let samples = self.samples.split_off(frames * FRAME);
        Self { start: self.start + frames as u64, samples, probabilities }
    }
}

impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Region({}..{})", self.start, self.end())
    }
}

/// Finds stretches of speech; holds the one that is going on and a quarter of a second before it, nothing else.
#[derive(Debug)]
pub(crate) struct RegionFinder {
    detector: SpeechDetector,
    /// Samples that do not fill a frame yet.
    partial: Vec<f32>,
    /// Frames judged so far.
    frames: u64,
    /// The last frames outside of speech, for the padding of a stretch that may begin.
    before: VecDeque<(Box<[f32; FRAME]>, f32)>,
    open: Option<Region>,
    /// Frames since speech was last heard in the open stretch.
    quiet: usize,
    /// Frames of speech in the open stretch.
    spoken: usize,
}

impl RegionFinder {
    pub(crate) fn new() -> Self {
        Self {
            detector: SpeechDetector::new(),
            partial: Vec::new(),
            frames: 0,
            before: VecDeque::new(),
            open: None,
            quiet: 0,
            spoken: 0,
        }
    }

    /// Takes samples; calls `found` for each stretch that ended in them.
    pub(crate) fn push(&mut self, samples: &[f32], found: &mut dyn FnMut(Region)) {
        let mut rest = samples;
        if !self.partial.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(FRAME - self.partial.len()));
            self.partial.extend_from_slice(head);
            rest = tail;
            if self.partial.len() < FRAME {
                return;
            }
            let mut frame = Box::new([0.0; FRAME]);
            frame.copy_from_slice(&self.partial);
            self.partial.clear();
            self.judge(frame, found);
        }
        let mut frames = rest.chunks_exact(FRAME);
        for samples in &mut frames {
            let mut frame = Box::new([0.0; FRAME]);
            frame.copy_from_slice(samples);
            self.judge(frame, found);
        }
        self.partial.extend_from_slice(frames.remainder());
    }

    /// Ends the stream, giving a stretch that was still going on.
    pub(crate) fn finish(&mut self, found: &mut dyn FnMut(Region)) {
        if !self.partial.is_empty() {
            let mut frame = Box::new([0.0; FRAME]);
            frame[..self.partial.len()].copy_from_slice(&self.partial);
            self.partial.clear();
            self.judge(frame, found);
        }
        self.close(found);
    }

    /// Gives a stretch that is going on; the stream goes on too.
    pub(crate) fn rest(&mut self, found: &mut dyn FnMut(Region)) {
        self.close(found);
    }

    /// Frames since the last speech ended, or 0 while somebody speaks.
    pub(crate) fn silent_frames(&self, last_end: u64) -> u64 {
        if self.open.is_some() { 0 } else { self.frames.saturating_sub(last_end) }
    }

    /// Frames before which no stretch can begin any more.
    pub(crate) fn settled(&self) -> u64 {
        self.open.as_ref().map_or(self.frames - self.before.len() as u64, |open| open.start)
    }

    /// The stretch going on.
    pub(crate) const fn open(&self) -> Option<&Region> {
        self.open.as_ref()
    }

    /// Whether the stretch going on holds more than a click.
    pub(crate) const fn is_speech(&self) -> bool {
        self.spoken >= SHORTEST
    }

    /// Takes the first `frames` frames of the stretch going on, which goes on with the rest.
    pub(crate) fn take_open(&mut self, frames: usize) -> Option<Region> {
        let open = self.open.as_mut()?;
        let rest = open.split_off(frames);
        self.spoken = rest.probabilities.iter().filter(|p| **p >= ON).count();
        Some(std::mem::replace(open, rest))
    }

    fn judge(&mut self, frame: Box<[f32; FRAME]>, found: &mut dyn FnMut(Region)) {
        let p = self.detector.probability(&frame);
        self.frames += 1;
        if let Some(region) = &mut self.open {
            region.samples.extend_from_slice(&frame[..]);
            region.probabilities.push(p);
            self.spoken += usize::from(p >= ON);
            self.quiet = if p < OFF { self.quiet + 1 } else { 0 };
            if self.quiet >= PAUSE {
                self.close(found);
            }
            return;
        }
        self.before.push_back((frame, p));
        if p >= ON {
            let start = self.frames - self.before.len() as u64;
            let probabilities = self.before.iter().map(|(_, p)| *p).collect();
            let samples = self.before.drain(..).flat_map(|(frame, _)| *frame).collect();
            self.open = Some(Region { start, samples, probabilities });
            (self.quiet, self.spoken) = (0, 1);
        } else if self.before.len() > PAD {
            self.before.pop_front();
        }
    }

    fn close(&mut self, found: &mut dyn FnMut(Region)) {
        let Some(mut region) = self.open.take() else { return };
        let keep = region.frames().saturating_sub(self.quiet.saturating_sub(PAD));
        let after = region.split_off(keep);
        // The rest of the pause may lead into the next stretch.
        self.before = after
            .samples
            .chunks_exact(FRAME)
            .zip(&after.probabilities)
            .filter_map(|(samples, p)| Some((Box::new(<[f32; FRAME]>::try_from(samples).ok()?), *p)))
            .collect();
        if self.spoken >= SHORTEST {
            found(region);
        }
    }
}
