//! Where recordings lie: `DATA/recordings/REC/`, a file per segment (`0001.seg`) and, until it was taken in, `journal`.

use cloister_domain::RecordingId;
use cloister_store::FilesGone;
use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Below the data folder.
pub(crate) const FOLDER: &str = "recordings";
pub(crate) const JOURNAL: &str = "journal";

/// The folder of one recording.
#[derive(Debug, Clone)]
pub(crate) struct RecordingFolder(PathBuf);

/// Every recording's folder.
pub(crate) fn root(data: &Path) -> PathBuf {
    data.join(FOLDER)
}

/// Recordings whose journal is still to be taken in, whether or not they are under way.
pub(crate) fn waiting(data: &Path) -> Vec<RecordingId> {
    let entries = std::fs::read_dir(root(data)).into_iter().flatten().flatten();
    let mut found: Vec<RecordingId> = entries
        .filter(|e| e.path().join(JOURNAL).is_file())
        .filter_map(|e| e.file_name().to_str()?.parse().ok())
        .collect();
    found.sort_unstable();
    found
}

/// Takes the files of recordings away: all of them, or none where one is under way.
pub(crate) fn unlink(data: &Path) -> impl FnOnce(&[RecordingId]) -> io::Result<FilesGone> + use<> {
    let data = data.to_owned();
    move |recordings| {
        let folders: Vec<_> = recordings.iter().map(|r| RecordingFolder::of(&data, *r)).collect();
        for folder in &folders {
            if folder.is_under_way()? {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
        folders.iter().try_fold(FilesGone::default(), |sum, folder| {
            let gone = folder.erase()?;
            Ok(FilesGone { files: sum.files + gone.files, bytes: sum.bytes + gone.bytes })
        })
    }
}

impl RecordingFolder {
    pub(crate) fn of(data: &Path, recording: RecordingId) -> Self {
        Self(root(data).join(recording.to_string()))
    }

    /// Makes it, with a journal that this process holds: whoever finds it held leaves it alone.
    pub(crate) fn create(&self) -> io::Result<File> {
        let root = self.0.parent().unwrap_or(&self.0);
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let journal = new_file(&self.0.join(JOURNAL))?;
        journal.lock()?;
        for folder in [self.0.as_path(), root, root.parent().unwrap_or(root)] {
            File::open(folder)?.sync_all()?;
        }
        Ok(journal)
    }

    /// The journal, held; `None` when another process holds it or there is none.
    pub(crate) fn take_journal(&self) -> io::Result<Option<File>> {
        match OpenOptions::new().read(true).write(true).open(self.0.join(JOURNAL)) {
            Ok(file) => Ok(file.try_lock().is_ok().then_some(file)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Takes the journal away once the store knows what it said. Its keys are sealed; what flash keeps of it is no
    /// more than a backup of the store would be.
    pub(crate) fn remove_journal(&self) -> io::Result<()> {
        std::fs::remove_file(self.0.join(JOURNAL))?;
        File::open(&self.0)?.sync_all()
    }

    /// Takes a folder without sound away again.
    pub(crate) fn remove(&self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }

    /// Whether a recording is under way in it, in this process or another.
    pub(crate) fn is_under_way(&self) -> io::Result<bool> {
        Ok(self.0.join(JOURNAL).try_exists()? && self.take_journal()?.is_none())
    }

    /// Unlinks it with all that is in it. A folder that is gone already is none.
    pub(crate) fn erase(&self) -> io::Result<FilesGone> {
        let mut gone = FilesGone::default();
        let entries = match std::fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(gone),
            Err(e) => return Err(e),
        };
        for entry in entries {
            gone.bytes += entry?.metadata()?.len();
            gone.files += 1;
        }
        std::fs::remove_dir_all(&self.0)?;
        File::open(self.0.parent().unwrap_or(&self.0))?.sync_all()?;
        Ok(gone)
    }

    /// A new segment's file, in the folder for good.
    pub(crate) fn create_segment(&self, number: u32) -> io::Result<File> {
        let file = new_file(&self.segment(number))?;
        File::open(&self.0)?.sync_all()?;
        Ok(file)
    }

    pub(crate) fn open_segment(&self, number: u32) -> io::Result<File> {
        File::open(self.segment(number))
    }

    fn segment(&self, number: u32) -> PathBuf {
        self.0.join(format!("{number:04}.seg"))
    }
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}
