//! Transcription of a recording that goes on.
//!
//! The engine pulls: it asks for samples when it has time to work on them, so that a slow machine falls behind without
//! audio piling up in a pipe. The parent keeps the audio (it records it anyway) and answers from wherever it lies: the
//! last seconds from memory, older ones by reading the recording back. Catching up needs nothing more.
//!
//! ```text
//! engine                                parent
//!   Want { from, least, most }   ──>     LiveSource::read   (waits for sound, half a second at most)
//!                                <──     samples
//!   Draft [segments]             ──>     LiveEvent::Draft   (shown in grey; each takes the place of the one before)
//!   Segment                      ──>     LiveEvent::Segment (final; kept)
//!   Progress                     ──>     LiveEvent::Final   (everything before this moment is final)
//! ```
//!
//! A listening engine should be one of its own, beside the one that works on files: a session lasts as long as the
//! recording. When it dies, begin again on a fresh one with [`LiveStart::from_s`] set to the last
//! [`LiveEvent::Final`]: nothing is lost and nothing comes twice.

use crate::{
    Connection, EngineError,
    protocol::{Reply, Request, TranscribeOptions, Transcribed},
};
use cloister_domain::Segment;
use std::{io, ops::ControlFlow};

/// Samples a second of the sound that the engine takes.
pub const LIVE_RATE: u32 = 16_000;

/// Where the samples of a recording that goes on come from.
pub trait LiveSource {
    /// Copies samples from `from` (counted from the recording's start; 16 kHz mono) on into `out`: as many as there
    /// are and fit. When fewer than `least` are there, waits for them, but not longer than about half a second, so
    /// that what was said before a pause becomes final and a cancel is heard.
    ///
    /// # Errors
    /// Whatever reading the recording back meets; the session then ends with [`EngineError::Source`].
    fn read(&mut self, from: u64, least: usize, out: &mut [i16]) -> io::Result<LiveRead>;
}

/// What [`LiveSource::read`] gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveRead {
    /// Samples copied.
    pub samples: usize,
    /// Whether the recording has ended and holds nothing after these.
    pub ended: bool,
}

/// How a session begins.
#[derive(Debug, Clone, Default)]
pub struct LiveStart {
    /// Everything before this moment is done, in seconds from the recording's start.
    pub from_s: f64,
    /// Language and vocabulary.
    pub options: TranscribeOptions,
}

/// What a session tells. Times are seconds from the recording's start.
#[derive(Debug)]
pub enum LiveEvent {
    /// What is heard after the last final segment; empty when nothing is. Takes the place of the draft before it.
    Draft(Vec<Segment>),
    /// A final segment. The draft still stands until the next one.
    Segment(Segment),
    /// Everything before this moment is final. The recording's length less this is how far the text is behind.
    Final {
        /// In seconds.
        until_s: f64,
    },
}

impl Connection {
    /// Transcribes a recording while it goes on, until `source` says that it has ended or `on_event` breaks.
    ///
    /// # Errors
    /// As [`EngineError`] says; [`Fault::Cancelled`](crate::protocol::Fault::Cancelled) after a break.
    pub fn listen(
        &mut self,
        source: &mut dyn LiveSource,
        start: LiveStart,
        on_event: &mut dyn FnMut(LiveEvent) -> ControlFlow<()>,
    ) -> Result<Transcribed, EngineError> {
        let from = (start.from_s.max(0.0) * f64::from(LIVE_RATE)) as u64;
        self.send(&Request::Listen { from, options: start.options })?;
        let mut cancelled = false;
        let mut samples = Vec::new();
        loop {
            let event = match self.receive()? {
                Reply::Want { from, least, most } => {
                    samples.resize((most as usize).min(crate::MAX_FRAME / 2 - 2), 0);
                    let read = source.read(from, least as usize, &mut samples).map_err(EngineError::Source)?;
                    self.send_bytes(&answer(&samples[..read.samples.min(samples.len())], read.ended))?;
                    continue;
                }
                Reply::Draft { segments } => LiveEvent::Draft(segments),
                Reply::Segment(segment) => LiveEvent::Segment(segment),
                Reply::Progress(p) => LiveEvent::Final { until_s: p.done },
                Reply::Transcribed(t) => return Ok(t),
                Reply::Failed(fault) => return Err(fault.into()),
                _ => return Err(EngineError::OtherVersion),
            };
            if on_event(event).is_break() && !cancelled {
                cancelled = true;
                self.send(&Request::Cancel)?;
            }
        }
    }
}

/// The bytes frame that answers a `Want`.
fn answer(samples: &[i16], ended: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 + samples.len() * 2);
    out.push(u8::from(ended));
    out.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
    out
}

/// Reads the answer to a `Want`: the samples within -1..1, and whether the recording has ended. `None` for what is
/// no such answer.
#[must_use]
pub fn read_answer(bytes: &[u8]) -> Option<(impl Iterator<Item = f32> + '_, bool)> {
    let (ended, samples) = bytes.split_first()?;
    let samples = samples.chunks_exact(2).map(|s| f32::from(i16::from_le_bytes([s[0], s[1]])) / 32768.0);
    (*ended <= 1).then_some((samples, *ended == 1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A tagged enum cannot hold a bare list: every message of a session must survive the pipe.
    #[test]
    fn drafts_cross_the_pipe() {
        let mut pipe = Vec::new();
        crate::FrameWriter::new(&mut pipe).message(&Reply::Draft { segments: Vec::new() }).unwrap();
        let back = crate::FrameReader::new(pipe.as_slice()).read::<Reply>().unwrap();
        assert!(matches!(back, crate::Frame::Message(Reply::Draft { segments }) if segments.is_empty()));
    }

    #[test]
    fn an_answer_comes_back_as_it_was_given() {
        let bytes = answer(&[0, -32768, 16384], true);
        let (samples, ended) = read_answer(&bytes).unwrap();
        assert_eq!((samples.collect::<Vec<_>>(), ended), (vec![0.0, -1.0, 0.5], true));
        assert!(read_answer(&[]).is_none() && read_answer(&[7, 0, 0]).is_none());
    }
}
