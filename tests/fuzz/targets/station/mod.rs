//! The program as a face starts it, on a folder of its own in memory, with files to answer choosers with.

use cloister_app::{
    App, AppOptions, Face, Paths, Ports, SealOptions, SealReport, SystemClock, SystemEntropy,
    capture::{Device, Input, Output, Sound, SoundError},
    dto::ProgressDto,
};
use cloister_domain::{Clock, Timestamp};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// What is chosen to read, and to write.
pub struct Chosen {
    pub read: PathBuf,
    pub write: Option<PathBuf>,
}

impl Ports for Chosen {
    fn progress(&self, _: ProgressDto) {}
    fn open_file(&self, _: &str) -> Option<PathBuf> {
        Some(self.read.clone())
    }
    fn save_file(&self, _: &str) -> Option<PathBuf> {
        self.write.clone()
    }
}

/// Each of the first looks at it is half a second later, so that a new vault thinks Argon2 slow and takes its least cost. Then
/// it stands still, and no session ends.
struct Slow(AtomicU64);

impl Clock for Slow {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }
    fn boottime_ms(&self) -> u64 {
        self.0.fetch_add(500, Ordering::Relaxed).min(60_000)
    }
    fn boot_id(&self) -> String {
        "fuzz".to_owned()
    }
}

/// No microphone and no loudspeaker.
struct Silence;

impl Sound for Silence {
    fn inputs(&self) -> Result<Vec<Device>, SoundError> {
        Ok(Vec::new())
    }
    fn open_input(&self, _: Option<&str>) -> Result<Box<dyn Input>, SoundError> {
        Err(SoundError::NoDevice("sound"))
    }
    fn open_output(&self) -> Result<Box<dyn Output>, SoundError> {
        Err(SoundError::NoDevice("sound"))
    }
}

/// A process of its own on the vault in `folder`, or where there will be one.
pub fn start(folder: &Path) -> App {
    static SEAL: OnceLock<SealReport> = OnceLock::new();
    let options = AppOptions {
        paths: Paths {
            data: folder.join("data"),
            models: folder.join("models"),
            engine: folder.join("no-engine"),
            directory: folder.join("no-directory"),
            institution: folder.join("institution"),
        },
        face: Face::Cli,
        threads: 1,
        device: "cpu".to_owned(),
        seal: SEAL.get_or_init(|| cloister_app::seal(SealOptions::face())).clone(),
        clock: Arc::new(Slow(AtomicU64::new(0))),
        entropy: Arc::new(SystemEntropy),
        sound: Arc::new(Silence),
        directory: cloister_app::DirectoryBroker::default(),
    };
    App::start(options).expect("the program starts")
}
