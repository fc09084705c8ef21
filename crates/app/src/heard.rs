//! A transcript that grows chunk by chunk.

use crate::{AppError, command::Context, extract::stage};
use cloister_access::TranscribeEncounter;
use cloister_domain::Segment;
use cloister_engine_client::{TranscribeEvent, protocol::TranscribeOptions};
use cloister_store::PartialKey;
use std::ops::ControlFlow;

/// What has been heard of a source so far. Kept in the store with every chunk, so that a transcription that broke off (a
/// crash, a power cut) goes on where it was when the same sound is transcribed again.
pub(crate) struct HeardSoFar {
    /// Up to here everything is final and kept, in seconds.
    done_s: f64,
    segments: Vec<Segment>,
    /// Heard after `done_s`, not kept yet.
    fresh: Vec<Segment>,
    fault: Option<AppError>,
}

impl HeardSoFar {
    pub(crate) fn read(cx: &Context<'_, TranscribeEncounter>, of: PartialKey<'_>) -> Result<Self, AppError> {
        let (done_s, segments) = cx.open.stores.partial_transcript(&cx.grant, of, cx.app.clock().now())?;
        Ok(Self { done_s, segments, fresh: Vec::new(), fault: None })
    }

    /// The options for what is left, also after an engine died.
    pub(crate) fn go_on(&mut self, options: TranscribeOptions) -> TranscribeOptions {
        self.fresh.clear();
        TranscribeOptions { from_s: self.done_s, ..options }
    }

    pub(crate) fn take(
        &mut self,
        cx: &Context<'_, TranscribeEncounter>,
        of: PartialKey<'_>,
        event: TranscribeEvent,
    ) -> ControlFlow<()> {
        match event {
            TranscribeEvent::Segment(segment) => {
                self.fresh.push(segment);
                ControlFlow::Continue(())
            }
            TranscribeEvent::Progress(p) => {
                if p.done > self.done_s && !self.fresh.is_empty() {
                    let now = cx.app.clock().now();
                    if let Err(e) = cx.open.stores.keep_partial_transcript(&cx.grant, of, p.done, &self.fresh, now) {
                        self.fault = Some(e.into());
                        return ControlFlow::Break(());
                    }
                    self.done_s = p.done;
                    self.segments.append(&mut self.fresh);
                }
                stage(cx, p)
            }
        }
    }

    /// All that was heard.
    pub(crate) fn end(mut self) -> Result<Vec<Segment>, AppError> {
        self.segments.append(&mut self.fresh);
        self.fault.map_or(Ok(self.segments), Err)
    }
}
