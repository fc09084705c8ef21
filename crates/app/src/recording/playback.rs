//! Hearing a visit. The page gets a position, never sound.

use super::VisitAudio;
use crate::{AppError, dto::PlaybackStatusDto};
use cloister_capture::{Output, RATE, Sound, SoundError};
use cloister_domain::EncounterId;
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use zeroize::Zeroizing;

const STEP: Duration = Duration::from_millis(20);
/// Loudspeakers opened one after the other that are lost before anything is heard from them.
const MOST_TRIES: u32 = 5;
const RETRY: Duration = Duration::from_millis(100);

/// At most one voice at a time.
#[derive(Default)]
pub(crate) struct Player {
    playing: Mutex<Option<Playing>>,
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Player")
    }
}

struct Playing {
    encounter: EncounterId,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    stop: AtomicBool,
    over: AtomicBool,
    /// It ended because no loudspeaker would do.
    failed: AtomicBool,
    /// Sample of the visit that is heard now.
    position: AtomicU64,
}

impl Player {
    /// Plays `from..to` (samples) in place of whatever plays; returns once the loudspeaker is open.
    pub(crate) fn play(
        &self,
        encounter: EncounterId,
        audio: VisitAudio,
        from: u64,
        to: u64,
        sound: Arc<dyn Sound>,
    ) -> Result<(), AppError> {
        self.stop();
        let state = Arc::new(State::default());
        state.position.store(from, Ordering::Relaxed);
        let (opened, is_open) = mpsc::sync_channel(1);
        let playing = Arc::clone(&state);
        let thread = thread::Builder::new()
            .name("playback".to_owned())
            .spawn(move || speak(audio, from, to, &*sound, &playing, &opened))
            .map_err(|_| AppError::Internal("no thread for the loudspeaker"))?;
        is_open.recv().map_err(|_| AppError::Internal("the loudspeaker broke off"))??;
        *self.lock() = Some(Playing { encounter, state, thread: Some(thread) });
        Ok(())
    }

    /// Silence.
    pub(crate) fn stop(&self) {
        if let Some(mut playing) = self.lock().take() {
            playing.state.stop.store(true, Ordering::Relaxed);
            if let Some(thread) = playing.thread.take() {
                let _ = thread.join();
            }
        }
    }

    pub(crate) fn status(&self) -> Option<PlaybackStatusDto> {
        let held = self.lock();
        let playing = held.as_ref()?;
        Some(PlaybackStatusDto {
            encounter_id: playing.encounter.to_string(),
            failed: playing.state.failed.load(Ordering::Relaxed),
            playing: !playing.state.over.load(Ordering::Relaxed),
            position_s: playing.state.position.load(Ordering::Relaxed) as f64 / f64::from(RATE),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Playing>> {
        self.playing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Speaks to the end, until it is stopped, or until no loudspeaker will do.
fn speak(
    mut audio: VisitAudio,
    from: u64,
    to: u64,
    sound: &dyn Sound,
    state: &State,
    opened: &mpsc::SyncSender<Result<(), AppError>>,
) {
    let to = to.min(audio.samples());
    let mut at = from;
    let mut tries = 0;
    let mut first = sound.open_output();
    if let Err(e) = &first {
        let _ = opened.send(Err(e.clone().into()));
        return;
    }
    let _ = opened.send(Ok(()));
    loop {
        let ended = first.and_then(|mut output| say(&mut audio, at, to, &mut *output, state));
        if ended.is_ok() {
            break;
        }
        // Sound servers lose a stream now and then, most often one that they have just opened. Another one goes on where
        // this one was heard last.
        let heard = state.position.load(Ordering::Relaxed);
        tries = if heard > at { 1 } else { tries + 1 };
        at = heard;
        if tries > MOST_TRIES {
            state.failed.store(true, Ordering::Relaxed);
            break;
        }
        thread::sleep(RETRY);
        first = sound.open_output();
    }
    state.over.store(true, Ordering::Relaxed);
}

/// Speaks `from..to` on one loudspeaker.
fn say(audio: &mut VisitAudio, from: u64, to: u64, output: &mut dyn Output, state: &State) -> Result<(), SoundError> {
    let mut at = from;
    let mut block = Zeroizing::new(vec![0; RATE as usize / 5]);
    // After the last sample a little nothing, so that the filter and the device give all of it.
    let mut tail = RATE as usize / 4;
    while !state.stop.load(Ordering::Relaxed) {
        let left = usize::try_from(to.saturating_sub(at)).unwrap_or(usize::MAX);
        let wanted = left.min(block.len());
        let offered = if wanted > 0 {
            audio.read(at, &mut block[..wanted])
        } else {
            block.fill(0);
            tail.min(block.len())
        };
        let taken = output.write(&block[..offered])?;
        if wanted > 0 {
            at += taken as u64;
        } else {
            tail -= taken;
        }
        if at >= to && tail == 0 && output.is_drained() {
            state.position.store(to, Ordering::Relaxed);
            break;
        }
        state.position.store(from.saturating_add(output.played()).min(to), Ordering::Relaxed);
        // A full loudspeaker, or one that has all of it, needs time.
        if taken < offered || offered == 0 {
            thread::sleep(STEP);
        }
    }
    Ok(())
}
