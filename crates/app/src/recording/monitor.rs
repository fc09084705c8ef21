//! How loud a microphone is while nobody records: listened to as long as somebody looks, kept nowhere.

use crate::{AppError, dto::LevelDto};
use cloister_capture::{Level, LevelMeter, Sound, SoundError};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};
use zeroize::Zeroize;

/// Nobody asked for so long: nobody looks any more.
const UNASKED: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(100);

/// At most one microphone at a time.
#[derive(Default)]
pub(crate) struct Monitor(Mutex<Option<Listening>>);

impl std::fmt::Debug for Monitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Monitor")
    }
}

struct Listening {
    device: Option<String>,
    heard: Arc<Mutex<Heard>>,
}

struct Heard {
    asked: Instant,
    level: Result<Level, SoundError>,
    over: bool,
}

impl Monitor {
    /// The level now. The first call begins to listen and finds silence.
    pub(crate) fn level(&self, device: Option<String>, sound: Arc<dyn Sound>) -> Result<LevelDto, AppError> {
        let mut listening = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = listening.as_ref().filter(|l| l.device == device && !lock(&l.heard).over);
        let heard = match same {
            Some(same) => Arc::clone(&same.heard),
            None => {
                // Whoever listened to another one is told that nobody looks.
                if let Some(before) = listening.take() {
                    lock(&before.heard).over = true;
                }
                let heard = Heard { asked: Instant::now(), level: Ok(Level::default()), over: false };
                let heard = Arc::new(Mutex::new(heard));
                *listening = Some(Listening { device: device.clone(), heard: Arc::clone(&heard) });
                let its = Arc::clone(&heard);
                thread::spawn(move || listen(device.as_deref(), &*sound, &its));
                heard
            }
        };
        let mut heard = lock(&heard);
        heard.asked = Instant::now();
        let level = heard.level.clone()?;
        Ok(LevelDto { level_dbfs: level.dbfs(), peak: level.peak })
    }

    /// Lets the microphone go: a recording wants it.
    pub(crate) fn stop(&self) {
        if let Some(listening) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            lock(&listening.heard).over = true;
        }
    }
}

fn listen(device: Option<&str>, sound: &dyn Sound, heard: &Mutex<Heard>) {
    let mut meter = LevelMeter::default();
    let mut samples = Vec::new();
    let mut input = match sound.open_input(device) {
        Ok(input) => input,
        Err(e) => {
            lock(heard).level = Err(e);
            // It is said for a while, so that the microphone is not tried many times a second.
            thread::sleep(UNASKED);
            lock(heard).over = true;
            return;
        }
    };
    loop {
        let read = input.read(&mut samples, STEP);
        meter.hear(&samples);
        samples.zeroize();
        let mut heard = lock(heard);
        if heard.over || heard.asked.elapsed() > UNASKED || read.is_err() {
            heard.level = read.map(|()| Level::default());
            heard.over = true;
            return;
        }
        let level = meter.take();
        if level.peak > 0.0 || heard.level.as_ref().is_ok_and(|l| l.peak > 0.0) {
            heard.level = Ok(level);
        }
    }
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}
