//! Speech cut into pieces that Whisper can hear at once, with the way back to the recording's time.

use crate::SAMPLE_RATE;
use crate::vad::{FRAME, OFF, ON, Region, RegionFinder};
use crate::whisper::LONGEST_S;
use std::collections::VecDeque;

/// How speech is cut, in frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The longest chunk.
    longest: usize,
    /// Cuts are looked for in what lies beyond this.
    cut_from: usize,
    /// Silence after which what is waiting is given out.
    patience: u64,
}

impl Limits {
    /// For a recording that lies there whole: long chunks, for the sake of context.
    pub(crate) const WHOLE: Self =
        Self { longest: frames(LONGEST_S), cut_from: frames(12.0), patience: frames(4.0) as u64 };
    /// For one that goes on: a text is final soon after a pause, and a draft of what waits is cheap to make.
    pub(crate) const LIVE: Self = Self { longest: frames(15.0), cut_from: frames(7.0), patience: frames(1.0) as u64 };
}

const fn frames(seconds: f64) -> usize {
    (seconds * SAMPLE_RATE as f64) as usize / FRAME
}

/// Some speech, up to 29 s, silence of more than half a second left out.
#[derive(Clone, PartialEq)]
pub(crate) struct Chunk {
    /// 16 kHz mono.
    pub(crate) samples: Vec<f32>,
    /// Frames in which the detector heard speech, in seconds.
    pub(crate) speech_s: f64,
    /// How sure the detector is of speech in each frame.
    probabilities: Vec<f32>,
    pieces: Vec<Piece>,
}

/// A stretch of a chunk that is contiguous in the recording. In samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// From the chunk's start.
    at: u64,
    /// From the recording's start.
    from: u64,
    len: u64,
}

impl Chunk {
    fn from_regions(regions: impl IntoIterator<Item = Region>, skipped: u64) -> Self {
        let (mut samples, mut probabilities, mut pieces) = (Vec::new(), Vec::new(), Vec::<Piece>::new());
        for region in regions {
            let from = skipped + region.start * FRAME as u64;
            let len = region.samples.len() as u64;
            match pieces.last_mut() {
                Some(last) if last.from + last.len == from => last.len += len,
                _ => pieces.push(Piece { at: samples.len() as u64, from, len }),
            }
            samples.extend_from_slice(&region.samples);
            probabilities.extend_from_slice(&region.probabilities);
        }
        let spoken = probabilities.iter().filter(|p| **p >= ON).count();
        Self { samples, speech_s: (spoken * FRAME) as f64 / f64::from(SAMPLE_RATE), probabilities, pieces }
    }

    /// The moment of the recording up to which this chunk reaches, in seconds.
    pub(crate) fn end_s(&self) -> f64 {
        self.pieces.last().map_or(0.0, |p| (p.from + p.len) as f64 / f64::from(SAMPLE_RATE))
    }

    /// For each 20 ms of this chunk, whether somebody speaks.
    pub(crate) fn voiced(&self) -> Vec<bool> {
        let frame = |step: usize| (step * SAMPLE_RATE as usize / 50 + SAMPLE_RATE as usize / 100) / FRAME;
        let steps = self.samples.len() * 50 / SAMPLE_RATE as usize;
        (0..steps).map(|s| self.probabilities.get(frame(s)).is_some_and(|p| *p >= OFF)).collect()
    }

    /// The recording's time of a stretch of this chunk (seconds from the chunk's start). It lies within one
    /// contiguous piece: the one that holds the stretch's middle.
    pub(crate) fn in_recording(&self, start_s: f64, end_s: f64) -> (f64, f64) {
        let rate = f64::from(SAMPLE_RATE);
        let middle = ((start_s + end_s) / 2.0 * rate).max(0.0) as u64;
        let Some(piece) = self.pieces.iter().rev().find(|p| p.at <= middle).or(self.pieces.first()) else {
            return (start_s, end_s);
        };
        let place = |s: f64| {
            let offset = (s * rate - piece.at as f64).clamp(0.0, piece.len as f64);
            (piece.from as f64 + offset) / rate
        };
        (place(start_s), place(end_s))
    }
}

impl std::fmt::Debug for Chunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chunk").field("pieces", &self.pieces).field("speech_s", &self.speech_s).finish_non_exhaustive()
    }
}

/// Makes chunks from a stream of samples, in flat memory.
#[derive(Debug)]
pub(crate) struct Chunker {
    finder: RegionFinder,
    waiting: VecDeque<Region>,
    limits: Limits,
    /// Samples of the recording before this stream.
    skipped: u64,
}

impl Chunker {
    /// For a stream that begins `skipped` samples into the recording.
    pub(crate) fn starting_at(skipped: u64, limits: Limits) -> Self {
        Self { finder: RegionFinder::new(), waiting: VecDeque::new(), limits, skipped }
    }

    /// Takes samples and appends the chunks that they complete to `out`.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut VecDeque<Chunk>) {
        // In steps well below a chunk's length, so that cuts are found whatever the size of a block.
        for step in samples.chunks(16 * FRAME) {
            let waiting = &mut self.waiting;
            self.finder.push(step, &mut |region| waiting.push_back(region));
            self.cut(out);
            let last_end = self.waiting.back().map_or(0, Region::end);
            if !self.waiting.is_empty() && self.finder.silent_frames(last_end) >= self.limits.patience {
                out.push_back(Chunk::from_regions(self.waiting.drain(..), self.skipped));
            }
        }
    }

    /// Seconds of the recording before which nothing is to come any more.
    pub(crate) fn settled_s(&self) -> f64 {
        let frame = match self.waiting.front() {
            Some(region) => region.start,
            None => self.finder.settled(),
        };
        (self.skipped + frame * FRAME as u64) as f64 / f64::from(SAMPLE_RATE)
    }

    /// What waits to become a chunk, the stretch going on included; `None` when nobody has spoken.
    pub(crate) fn draft(&self) -> Option<Chunk> {
        let open = self.finder.open().filter(|_| self.finder.is_speech());
        let regions: Vec<Region> = self.waiting.iter().chain(open).cloned().collect();
        (!regions.is_empty()).then(|| Chunk::from_regions(regions, self.skipped))
    }

    /// Appends what came so far to `out`: the stream rests, and may go on.
    pub(crate) fn rest(&mut self, out: &mut VecDeque<Chunk>) {
        let waiting = &mut self.waiting;
        self.finder.rest(&mut |region| waiting.push_back(region));
        self.give_out(out);
    }

    /// Ends the stream and appends what is left to `out`.
    pub(crate) fn finish(&mut self, out: &mut VecDeque<Chunk>) {
        let waiting = &mut self.waiting;
        self.finder.finish(&mut |region| waiting.push_back(region));
        self.give_out(out);
    }

    fn give_out(&mut self, out: &mut VecDeque<Chunk>) {
        self.cut(out);
        if !self.waiting.is_empty() {
            out.push_back(Chunk::from_regions(self.waiting.drain(..), self.skipped));
        }
    }

    /// Gives out chunks while more waits than fits one: cut at the longest pause in the second half, or where speech
    /// is least likely when there is no pause.
    fn cut(&mut self, out: &mut VecDeque<Chunk>) {
        loop {
            let open = self.finder.open().map_or(0, Region::frames);
            let total = self.waiting.iter().map(Region::frames).sum::<usize>() + open;
            if total <= self.limits.longest {
                return;
            }
            let next_start = self.finder.open().map(|r| r.start);
            if let Some(count) = best_pause(&self.waiting, next_start, self.limits) {
                out.push_back(Chunk::from_regions(self.waiting.drain(..count), self.skipped));
                continue;
            }
            out.push_back(self.cut_inside());
        }
    }

    /// Cuts the stretch that crosses the second half of a chunk.
    fn cut_inside(&mut self) -> Chunk {
        let mut taken: Vec<Region> = Vec::new();
        let mut length = 0;
        while let Some(region) = self.waiting.pop_front_if(|r| length + r.frames() <= self.limits.cut_from) {
            length += region.frames();
            taken.push(region);
        }
        if let Some(mut region) = self.waiting.pop_front() {
            let rest = region.split_off(quietest(&region, length, self.limits));
            self.waiting.push_front(rest);
            taken.push(region);
        } else {
            let at = self.finder.open().map_or(0, |open| quietest(open, length, self.limits));
            taken.extend(self.finder.take_open(at));
        }
        Chunk::from_regions(taken, self.skipped)
    }
}

/// How many waiting stretches make the best chunk: those before the longest pause among cuts that leave it more than
/// half full. `None` when there is no such pause.
fn best_pause(waiting: &VecDeque<Region>, next_start: Option<u64>, limits: Limits) -> Option<usize> {
    let mut best: Option<(u64, usize)> = None;
    let mut length = 0;
    for (i, region) in waiting.iter().enumerate() {
        length += region.frames();
        let Some(next) = waiting.get(i + 1).map(|r| r.start).or(next_start) else { break };
        if length > limits.longest {
            break;
        }
        let pause = next - region.end();
        if length > limits.cut_from && best.is_none_or(|(longest, _)| pause >= longest) {
            best = Some((pause, i + 1));
        }
    }
    best.map(|(_, count)| count)
}

/// The frame of `region` to cut at, when `before` frames of the chunk are taken already: where speech is least likely
/// over five frames.
fn quietest(region: &Region, before: usize, limits: Limits) -> usize {
    let from = limits.cut_from.saturating_sub(before).max(3);
    let to = (limits.longest - before).min(region.frames().saturating_sub(3));
    let around = |at: usize| region.probabilities[at - 2..at + 3].iter().sum::<f32>();
    (from..to).min_by(|a, b| around(*a).total_cmp(&around(*b))).unwrap_or(to.max(1).min(region.frames()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const LONGEST: usize = Limits::WHOLE.longest;
    const CUT_FROM: usize = Limits::WHOLE.cut_from;

    /// A region whose samples tell their own place in the recording.
    fn region(start: u64, probabilities: Vec<f32>) -> Region {
        let first = start * FRAME as u64;
        let samples = (0..probabilities.len() * FRAME).map(|i| (first + i as u64) as f32).collect();
        Region { start, samples, probabilities }
    }

    proptest! {
        #[test]
        fn every_moment_of_a_chunk_finds_its_moment_in_the_recording(
            stretches in prop::collection::vec((0u64..500, 1usize..40), 1..12),
            skipped in 0u64..1_000_000,
            at in 0f64..1.0,
        ) {
            let mut next = 0;
            let regions = stretches.iter().map(|(gap, len)| {
                let r = region(next + gap, vec![0.9; *len]);
                next = r.end();
                r
            });
            let chunk = Chunk::from_regions(regions.collect::<Vec<_>>(), skipped);
            let sample = ((chunk.samples.len() - 1) as f64 * at) as usize;
            // The sample's value is its place in the stream; a stretch of 1 ms around it must lie there.
            let truth = (skipped as f64 + f64::from(chunk.samples[sample])) / 16_000.0;
            let here = sample as f64 / 16_000.0;
            let (start, end) = chunk.in_recording(here, here + 1.0 / 16_000.0);
            prop_assert!((start - truth).abs() < 1e-4 && end >= start && end - start < 1e-4, "{start} {truth}");
        }

        /// A word that reaches over a joint stays on one side of it.
        #[test]
        fn no_word_spans_a_silence_that_was_left_out(a in 0f64..1.0, b in 0f64..1.0) {
            let chunk = Chunk::from_regions([region(0, vec![0.9; 20]), region(1000, vec![0.9; 20])], 0);
            let length = chunk.samples.len() as f64 / 16_000.0;
            let (a, b) = (a.min(b) * length, a.max(b) * length);
            let (start, end) = chunk.in_recording(a, b);
            prop_assert!(start <= end && end - start <= b - a + 1e-9);
            prop_assert!(end <= 0.64 + 1e-9 || start >= 32.0 - 1e-9);
        }

        #[test]
        fn a_cut_lies_inside_the_region_and_keeps_the_chunk_short(
            before in 0usize..=CUT_FROM,
            extra in 1usize..100,
            dip in 0f64..1.0,
        ) {
            let len = LONGEST - before + extra;
            let mut probabilities = vec![0.95; len];
            probabilities[((len - 1) as f64 * dip) as usize] = 0.1;
            let at = quietest(&region(0, probabilities), before, Limits::WHOLE);
            prop_assert!(at > 0 && at < len && before + at <= LONGEST, "{at} of {len} after {before}");
        }
    }

    #[test]
    fn the_cut_is_at_the_longest_pause_of_the_second_half() {
        let third = LONGEST / 3;
        let r = |start| region(start, vec![0.9; third]);
        let waiting: VecDeque<Region> =
            [r(0), r(third as u64 + 400), r(2 * third as u64 + 440), r(3 * third as u64 + 500)].into();
        assert_eq!(best_pause(&waiting, None, Limits::WHOLE), Some(3), "the pause of 60 frames");
        let waiting: VecDeque<Region> =
            [r(0), r(third as u64 + 400), r(2 * third as u64 + 500), r(3 * third as u64 + 520)].into();
        assert_eq!(best_pause(&waiting, None, Limits::WHOLE), Some(2), "the pause of 100 frames");
        let long = VecDeque::from([region(0, vec![0.9; LONGEST + 50])]);
        assert_eq!(best_pause(&long, None, Limits::WHOLE), None);
    }

    #[test]
    fn silence_gives_no_chunk_and_settles() {
        let mut chunker = Chunker::starting_at(16_000, Limits::WHOLE);
        let mut chunks = VecDeque::new();
        for _ in 0..100 {
            chunker.push(&[0.0; 16_000], &mut chunks);
        }
        assert!(chunker.settled_s() > 100.0 && chunker.settled_s() <= 101.0);
        chunker.finish(&mut chunks);
        assert!(chunks.is_empty());
    }
}
