//! The log as it stands at one moment.

use crate::{
    files::{self, FileName},
    head::Head,
    lock::Lock,
    state::{State, StateFault},
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long writers are given to pause. Without the lock the order of reading (head, state, lengths: each written
/// after the one that is read next) keeps a writer at work from looking like a cut.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) struct Snapshot {
    pub(super) dir: PathBuf,
    /// Every file of lines, and its length if it is a plain file.
    pub(super) files: Vec<(FileName, Option<u64>)>,
    /// The bytes of `head.json`, if there is one.
    pub(super) head: Option<Vec<u8>>,
    pub(super) state: StateBytes,
}

pub(super) enum StateBytes {
    Missing,
    /// There, and not ours to read: a verifier needs no secret.
    Hidden,
    Damaged,
    Known(Box<State>),
}

impl StateBytes {
    pub(super) fn seq(&self) -> Option<u64> {
        match self {
            Self::Known(state) => Some(state.seq),
            _ => None,
        }
    }
}

impl Snapshot {
    pub(super) fn take(dir: &Path) -> io::Result<Self> {
        let state_file = match files::open_plain(&dir.join(files::STATE)) {
            Ok(file) => Ok(file),
            Err(e) => Err(match e.kind() {
                io::ErrorKind::NotFound => StateBytes::Missing,
                io::ErrorKind::PermissionDenied => StateBytes::Hidden,
                _ => StateBytes::Damaged,
            }),
        };
        let _paused = match &state_file {
            Ok(file) => Lock::shared(file, PATIENCE)?,
            Err(_) => None,
        };
        let head = read_head(dir)?;
        let state = match &state_file {
            Ok(file) => read_state(file)?,
            Err(StateBytes::Hidden) => StateBytes::Hidden,
            Err(StateBytes::Missing) => StateBytes::Missing,
            Err(_) => StateBytes::Damaged,
        };
        let mut lengths = Vec::new();
        for name in list(dir)? {
            let meta = fs::symlink_metadata(dir.join(name.to_string()))?;
            lengths.push((name, meta.is_file().then_some(meta.len())));
        }
        Ok(Self { dir: dir.to_owned(), files: lengths, head, state })
    }

    /// Opens a file of lines.
    pub(super) fn open(&self, name: FileName) -> io::Result<File> {
        files::open_plain(&self.dir.join(name.to_string()))
    }
}

fn list(dir: &Path) -> io::Result<Vec<FileName>> {
    match files::list(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

fn read_head(dir: &Path) -> io::Result<Option<Vec<u8>>> {
    again_while_damaged(
        || match Head::read_bytes(dir) {
            // Something else in its place: not a head.
            Err(e) if e.kind() != io::ErrorKind::PermissionDenied => Ok(Some(Vec::new())),
            other => other,
        },
        |head| head.as_deref().is_some_and(|bytes| Head::parse(bytes).is_none()),
    )
}

fn read_state(file: &File) -> io::Result<StateBytes> {
    again_while_damaged(
        || match State::read(file) {
            Ok(state) => Ok(StateBytes::Known(Box::new(state))),
            Err(StateFault::Damaged) => Ok(StateBytes::Damaged),
            Err(StateFault::Io(e)) => Err(e),
        },
        |state| matches!(state, StateBytes::Damaged),
    )
}

/// Where the lock could not be had, a read may fall into a write: looks again before speaking of damage.
fn again_while_damaged<T>(mut read: impl FnMut() -> io::Result<T>, damaged: impl Fn(&T) -> bool) -> io::Result<T> {
    for _ in 0..4 {
        let found = read()?;
        if !damaged(&found) {
            return Ok(found);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    read()
}
