//! A workstation whose microphones and loudspeaker are ours: every sample says where it stands.

use cloister_app::{
    App, AppError, AppOptions, Face, NoPorts, Paths, SystemClock, SystemEntropy,
    capture::{Device, Input, Output, RATE, Sound, SoundError},
};
use cloister_domain::{Clock, Timestamp};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

/// This process is sealed like a face, once. Where the kernel cannot, the vault's policy lets the tests go on.
static SEAL: OnceLock<cloister_app::SealReport> = OnceLock::new();

pub(crate) const NAME: &str = "ada";
pub(crate) const PASSWORD: &str = "nine grey herons at dawn";

/// Sample `i` of every microphone here. Never three alike in a row, and loud enough to be no silence.
pub(crate) fn sample(i: u64) -> i16 {
    let mixed = i.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23).wrapping_mul(0xD134_2543_DE82_EF95);
    ((mixed >> 49) as i16) - 16_384
}

/// What a test does to the microphones.
#[derive(Default)]
pub(crate) struct Controls {
    /// The first microphone is unplugged.
    pub(crate) unplugged: AtomicBool,
    /// Samples given so far, over all microphones.
    pub(crate) given: AtomicU64,
    /// So many a read, as fast as they are read; 0 for real time.
    pub(crate) burst: AtomicU64,
    /// No more than so many in all; 0 for no end.
    pub(crate) at_most: AtomicU64,
    /// What the microphones hear, silence after its end; without it every sample says where it stands.
    pub(crate) said: OnceLock<Vec<i16>>,
    /// Samples are all 0.
    pub(crate) muted: AtomicBool,
    /// So many loudspeakers are lost, once they have been given so many samples.
    pub(crate) loudspeakers_lost: AtomicU64,
    pub(crate) lost_after: AtomicU64,
    /// What the loudspeaker was given.
    pub(crate) heard: Mutex<Vec<i16>>,
    /// Milliseconds that the machine slept.
    pub(crate) slept_ms: AtomicU64,
}

impl Controls {
    /// Has the microphones hear this.
    pub(crate) fn says(&self, sound: Vec<i16>) {
        self.said.set(sound).unwrap();
    }
}

pub(crate) struct Bench(pub Arc<Controls>);

impl Bench {
    fn devices(&self) -> Vec<Device> {
        let device = |id: &str, name: &str, default| Device { id: id.into(), name: name.into(), default };
        let mut found = vec![device("test:two", "Second microphone", false)];
        if !self.0.unplugged.load(SeqCst) {
            found.insert(0, device("test:one", "First microphone", true));
        }
        found
    }
}

impl Sound for Bench {
    fn inputs(&self) -> Result<Vec<Device>, SoundError> {
        Ok(self.devices())
    }

    fn open_input(&self, id: Option<&str>) -> Result<Box<dyn Input>, SoundError> {
        let found = self.devices();
        let device = match id {
            Some(id) => found.into_iter().find(|d| d.id == id),
            None => found.into_iter().next(),
        };
        let device = device.ok_or(SoundError::NoDevice("microphone"))?;
        Ok(Box::new(Microphone { controls: Arc::clone(&self.0), device, opened: Instant::now(), given: 0 }))
    }

    fn open_output(&self) -> Result<Box<dyn Output>, SoundError> {
        let lost = self.0.loudspeakers_lost.load(SeqCst);
        self.0.loudspeakers_lost.store(lost.saturating_sub(1), SeqCst);
        Ok(Box::new(Loudspeaker { controls: Arc::clone(&self.0), given: 0, is_lost: lost > 0 }))
    }
}

struct Microphone {
    controls: Arc<Controls>,
    device: Device,
    opened: Instant,
    given: u64,
}

impl Input for Microphone {
    fn device(&self) -> &Device {
        &self.device
    }

    fn read(&mut self, out: &mut Vec<i16>, wait: Duration) -> Result<(), SoundError> {
        let c = &self.controls;
        if self.device.id == "test:one" && c.unplugged.load(SeqCst) {
            return Err(SoundError::Lost);
        }
        let burst = c.burst.load(SeqCst);
        let mut count = if burst > 0 {
            burst
        } else {
            thread::sleep(wait.min(Duration::from_millis(50)));
            (self.opened.elapsed().as_secs_f64() * f64::from(RATE)) as u64 - self.given
        };
        let given = c.given.load(SeqCst);
        let at_most = c.at_most.load(SeqCst);
        if at_most > 0 {
            count = count.min(at_most.saturating_sub(given));
            if count == 0 {
                thread::sleep(wait);
            }
        }
        let muted = c.muted.load(SeqCst);
        out.extend((given..given + count).map(|i| match c.said.get() {
            _ if muted => 0,
            Some(said) => said.get(i as usize).copied().unwrap_or(0),
            None => sample(i),
        }));
        self.given += count;
        c.given.store(given + count, SeqCst);
        Ok(())
    }

    fn overruns(&self) -> u64 {
        0
    }
}

struct Loudspeaker {
    controls: Arc<Controls>,
    given: u64,
    is_lost: bool,
}

impl Output for Loudspeaker {
    fn write(&mut self, samples: &[i16]) -> Result<usize, SoundError> {
        if self.is_lost && self.given >= self.controls.lost_after.load(SeqCst) {
            return Err(SoundError::Lost);
        }
        self.given += samples.len() as u64;
        self.controls.heard.lock().unwrap().extend_from_slice(samples);
        Ok(samples.len())
    }

    fn played(&self) -> u64 {
        self.given
    }

    fn is_drained(&self) -> bool {
        true
    }
}

/// The machine's clock, with sleep that a test makes.
struct Sleepy(Arc<Controls>);

impl Clock for Sleepy {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn boottime_ms(&self) -> u64 {
        SystemClock.boottime_ms() + self.0.slept_ms.load(SeqCst)
    }

    fn boot_id(&self) -> String {
        SystemClock.boot_id()
    }
}

/// An app on a vault.
pub(crate) struct Station {
    pub(crate) app: App,
    pub(crate) controls: Arc<Controls>,
}

impl Station {
    pub(crate) fn on(data: &Path) -> Self {
        Self::on_with(data, data.join("models"), data.join("no-engine"))
    }

    fn on_with(data: &Path, models: PathBuf, engine: PathBuf) -> Self {
        let controls = Arc::new(Controls::default());
        let app = App::start(AppOptions {
            paths: Paths {
                data: data.to_owned(),
                models,
                engine,
                directory: "no-directory".into(),
                institution: data.join("none"),
            },
            face: Face::Cli,
            threads: 1,
            device: "cpu".into(),
            clock: Arc::new(Sleepy(Arc::clone(&controls))),
            entropy: Arc::new(SystemEntropy),
            seal: SEAL.get_or_init(|| cloister_app::seal(cloister_app::SealOptions::face())).clone(),
            sound: Arc::new(Bench(Arc::clone(&controls))),
            directory: Default::default(),
        })
        .unwrap();
        Self { app, controls }
    }

    /// A new vault with somebody in it.
    pub(crate) fn new(data: &Path) -> Self {
        Self::on(data).begun()
    }

    /// The same, with models and an engine.
    pub(crate) fn new_with(data: &Path, models: PathBuf, engine: PathBuf) -> Self {
        Self::on_with(data, models, engine).begun()
    }

    fn begun(self) -> Self {
        self.call("create_vault", json!({"name": NAME, "password": PASSWORD, "policy": {"sealing": "optional"}}));
        self
    }

    pub(crate) fn sign_in(&self) {
        self.call("sign_in", json!({"name": NAME, "password": PASSWORD}));
    }

    pub(crate) fn call(&self, name: &str, payload: Value) -> Value {
        self.attempt(name, payload).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub(crate) fn attempt(&self, name: &str, payload: Value) -> Result<Value, AppError> {
        self.app.call(name, payload, &NoPorts)
    }

    pub(crate) fn refused(&self, name: &str, payload: Value) -> &'static str {
        self.attempt(name, payload).map(|_| ()).unwrap_err().code()
    }

    /// A visit whose patient agreed.
    pub(crate) fn visit(&self) -> String {
        let consent = json!({"decision": "given", "by": "patient", "how": "spoken"});
        let opened = self.call("create_encounter", json!({"title": "4711", "consent": consent}));
        opened["encounter"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn record(&self, visit: &str) {
        self.call("start_recording", json!({"encounter": visit}));
    }

    pub(crate) fn status(&self) -> Value {
        self.call("recording_status", Value::Null)
    }

    /// Waits until the take says so.
    pub(crate) fn until(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let status = self.status();
            if is(&status) {
                return status;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "waited for {what}: {status}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn recorded(&self, seconds: f64) {
        self.until("sound", |s| s["elapsed_s"].as_f64().unwrap() >= seconds);
    }

    /// All of a visit's sound, as the loudspeaker gets it.
    pub(crate) fn listen(&self, visit: &str) -> Vec<i16> {
        self.controls.heard.lock().unwrap().clear();
        let length = self.audio(visit)["duration_s"].as_f64().unwrap();
        if length == 0.0 {
            return Vec::new();
        }
        self.call("play_span", json!({"encounter": visit, "from_s": 0.0}));
        let begun = Instant::now();
        while self.call("playback_status", Value::Null)["playing"] == true {
            assert!(begun.elapsed() < Duration::from_secs(60), "it plays for ever");
            thread::sleep(Duration::from_millis(5));
        }
        let mut heard = std::mem::take(&mut *self.controls.heard.lock().unwrap());
        heard.truncate((length * f64::from(RATE)).round() as usize);
        heard
    }

    pub(crate) fn audio(&self, visit: &str) -> Value {
        self.call("visit_audio", json!({"encounter": visit, "examine": true}))
    }
}
