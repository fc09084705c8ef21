//! What was understood so far.

use cloister_domain::Segment;
use cloister_engine_client::LiveEvent;
use std::{
    ops::ControlFlow,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The text of one take.
#[derive(Default)]
pub(crate) struct LiveText(Mutex<Inner>);

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LiveState {
    /// Somebody listens, or is about to.
    #[default]
    Listening,
    /// All of the take was heard.
    Done,
    /// Nobody listens: there is no model, or the engine fails.
    Off,
    /// It was forgotten with the session.
    Forgotten,
}

/// What there is to show.
pub(crate) struct Shown<'a> {
    /// Final, in order.
    pub(crate) segments: &'a [Segment],
    /// What may still change, after them.
    pub(crate) draft: &'a [Segment],
    /// Everything before this moment is final, in seconds of the take.
    pub(crate) final_s: f64,
    pub(crate) state: LiveState,
}

#[derive(Default)]
struct Inner {
    segments: Vec<Segment>,
    /// Told, but not yet said to be final up to their end: an engine that dies now tells them again.
    fresh: Vec<Segment>,
    draft: Vec<Segment>,
    final_s: f64,
    state: LiveState,
}

impl LiveState {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Listening => "listening",
            Self::Done => "done",
            Self::Off => "off",
            Self::Forgotten => "forgotten",
        }
    }
}

impl LiveText {
    /// Lends what there is.
    pub(crate) fn read<T>(&self, f: impl FnOnce(Shown<'_>) -> T) -> T {
        let text = self.lock();
        f(Shown { segments: &text.segments, draft: &text.draft, final_s: text.final_s, state: text.state })
    }

    /// Whoever could read it is gone.
    pub(crate) fn forget(&self) {
        *self.lock() = Inner { state: LiveState::Forgotten, ..Inner::default() };
    }

    /// The moment from which an engine is to listen.
    pub(super) fn go_on(&self) -> f64 {
        let mut text = self.lock();
        text.fresh.clear();
        text.draft.clear();
        text.final_s
    }

    pub(super) fn take(&self, event: LiveEvent) -> ControlFlow<()> {
        let mut guard = self.lock();
        let text = &mut *guard;
        if text.state == LiveState::Forgotten {
            return ControlFlow::Break(());
        }
        match event {
            LiveEvent::Draft(draft) => text.draft = draft,
            LiveEvent::Segment(segment) => text.fresh.push(segment),
            LiveEvent::Final { until_s } => {
                if !text.fresh.is_empty() {
                    text.draft.clear();
                }
                text.segments.append(&mut text.fresh);
                text.final_s = until_s;
            }
        }
        ControlFlow::Continue(())
    }

    pub(super) fn end(&self, state: LiveState) {
        let mut text = self.lock();
        if text.state != LiveState::Forgotten {
            text.draft.clear();
            text.state = state;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
