//! Hearing a visit. The page gets a position, never sound.

use super::VisitAudio;
use crate::{AppError, dto::PlaybackStatusDto};
use cloister_capture::{RATE, Sound};
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
            playing: !playing.state.over.load(Ordering::Relaxed),
            position_s: playing.state.position.load(Ordering::Relaxed) as f64 / f64::from(RATE),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Playing>> {
        self.playing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn speak(
    mut audio: VisitAudio,
    from: u64,
    to: u64,
    sound: &dyn Sound,
    state: &State,
    opened: &mpsc::SyncSender<Result<(), AppError>>,
) {
    let mut output = match sound.open_output() {
        Ok(output) => {
            let _ = opened.send(Ok(()));
            output
        }
        Err(e) => {
            let _ = opened.send(Err(e.into()));
            return;
        }
    };
    let to = to.min(audio.samples());
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
        let taken = output.write(&block[..offered]);
        match &taken {
            Ok(taken) if wanted > 0 => at += *taken as u64,
            Ok(taken) => tail -= *taken,
            Err(_) => break,
        }
        if at >= to && tail == 0 && output.is_drained() {
            break;
        }
        state.position.store(from.saturating_add(output.played()).min(to), Ordering::Relaxed);
        // A full loudspeaker, or one that has all of it, needs time.
        if taken.is_ok_and(|taken| taken < offered || offered == 0) {
            thread::sleep(STEP);
        }
    }
    state.position.store(if at >= to { to } else { state.position.load(Ordering::Relaxed) }, Ordering::Relaxed);
    state.over.store(true, Ordering::Relaxed);
}
