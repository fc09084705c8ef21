//! What is understood while it is being said.
//!
//! An engine of its own listens for as long as the take lasts. It works only in its turn (`Engines::turn`), so that it
//! and the engines that work on files and reports do not slow each other down; while it waits for one, or is slower than
//! speech, it falls behind, and catches up later. The take never waits for it.

mod feed;
mod text;

pub(crate) use feed::{SoundIn, SoundOut, line};
pub(crate) use text::{LiveState, LiveText, Shown};

use crate::{
    AppError,
    engines::{Engines, Turn},
    manifest,
};
use cloister_engine_client::{
    Connection, EngineError, EngineSpec, LiveRead, LiveSource, LiveStart, protocol::TranscribeOptions,
};
use std::{io, sync::Arc, thread, time::Duration};

/// A listener that finds nothing to do waits so long for sound.
const WAIT: Duration = Duration::from_millis(400);
/// An engine that died so often in one take will die again.
const MOST_ENGINES: u32 = 4;

/// The text of a take under way, and what it is made from.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) text: Arc<LiveText>,
    sound: SoundOut,
}

impl Live {
    /// Ends it: whoever could read it is gone.
    pub(crate) fn forget(&self) {
        self.sound.forget();
        self.text.forget();
    }
}

/// Begins to listen, on a thread of its own, to the sound that comes through the line. Without the model, or an engine,
/// the text says that it is off.
pub(crate) fn listen(engines: Arc<Engines>, model: manifest::Model, language: String, sound: SoundOut) -> Live {
    let live = Live { text: Arc::default(), sound };
    let listener = live.clone();
    let begun = thread::Builder::new().name("live text".to_owned()).spawn(move || {
        let ended = listener.hear(&engines, &model, &language);
        engines.stopped_listening();
        listener.text.end(if ended.is_ok() { LiveState::Done } else { LiveState::Off });
    });
    if begun.is_err() {
        live.text.end(LiveState::Off);
    }
    live
}

impl Live {
    fn hear(&self, engines: &Engines, model: &manifest::Model, language: &str) -> Result<(), AppError> {
        let spec = engines.listening(model)?;
        let options = TranscribeOptions { language: Some(language.to_owned()), ..TranscribeOptions::default() };
        let mut engine = 1;
        loop {
            let start = LiveStart { from_s: self.text.go_on(), options: options.clone() };
            match self.hear_with(&spec, engines, start) {
                Err(e) if e.engine_is_gone() && engine < MOST_ENGINES => engine += 1,
                ended => return Ok(ended?),
            }
        }
    }

    fn hear_with(&self, spec: &EngineSpec, engines: &Engines, start: LiveStart) -> Result<(), EngineError> {
        let mut engine = Connection::spawn(spec)?;
        engines.note_listening(&engine);
        let mut source = InTurn { sound: &self.sound, engines, turn: None };
        engine.listen(&mut source, start, &mut |event| self.text.take(event)).map(|_| ())
    }
}

/// The sound, given to an engine when it is its turn: between two askings it works.
struct InTurn<'a> {
    sound: &'a SoundOut,
    engines: &'a Engines,
    turn: Option<Turn<'a>>,
}

impl LiveSource for InTurn<'_> {
    fn read(&mut self, from: u64, least: usize, out: &mut [i16]) -> io::Result<LiveRead> {
        self.turn = None;
        let read = self.sound.give(from, least, out, WAIT)?;
        self.turn = Some(self.engines.turn());
        Ok(read)
    }
}
