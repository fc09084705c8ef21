//! Reading, replacing and locking the vault's few small files.

use crate::{Fault, VaultError};
use rustix::fs::{CWD, Mode, OFlags};
use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Reads a whole plain file of at most `max` bytes; `None` when there is none. Links are not followed, and a pipe or
/// device does not block.
pub(crate) fn read(folder: &Path, name: &str, max: u64) -> Result<Option<Vec<u8>>, VaultError> {
    let refused = VaultError::refused(name);
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = match rustix::fs::openat(CWD, folder.join(name), flags, Mode::empty()) {
        Ok(fd) => File::from(fd),
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(rustix::io::Errno::LOOP) => return Err(refused(Fault::NotAFile)),
        Err(e) => return Err(VaultError::io(format!("opening {name}"))(e.into())),
    };
    let meta = file.metadata().map_err(VaultError::io(format!("reading {name}")))?;
    if !meta.is_file() {
        return Err(refused(Fault::NotAFile));
    }
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).map_err(VaultError::io(format!("reading {name}")))?;
    if bytes.len() as u64 > max { Err(refused(Fault::TooLarge)) } else { Ok(Some(bytes)) }
}

/// New content for a file, written and synced beside it under `NAME.new` (mode 0600), not yet in its place. Dropped
/// before [`Staged::put`], it takes the new content away again.
pub(crate) struct Staged {
    folder: PathBuf,
    name: String,
    put: bool,
}

impl Staged {
    pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<Self, VaultError> {
        let staged = Self { folder: folder.to_owned(), name: name.to_owned(), put: false };
        let write = || -> io::Result<()> {
            // What a crash left is taken away rather than written over: it may be open, linked or readable to others.
            match std::fs::remove_file(staged.source()) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(staged.source())?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(VaultError::io(format!("writing {name}")))?;
        Ok(staged)
    }

    /// What a crash left staged, known to be good.
    pub(crate) fn left_behind(folder: &Path, name: &str) -> Self {
        Self { folder: folder.to_owned(), name: name.to_owned(), put: false }
    }

    /// Puts the new content in its place, replacing what is there, and syncs the folder.
    pub(crate) fn put(mut self) -> Result<(), VaultError> {
        let target = self.folder.join(&self.name);
        std::fs::rename(self.source(), &target)
            .and_then(|()| sync_parent(&target))
            .map_err(VaultError::io(format!("replacing {}", self.name)))?;
        self.put = true;
        Ok(())
    }

    /// Like [`Self::put`], but refuses with [`VaultError::Exists`] when something is there.
    pub(crate) fn put_new(mut self) -> Result<(), VaultError> {
        let target = self.folder.join(&self.name);
        match rustix::fs::renameat_with(CWD, self.source(), CWD, &target, rustix::fs::RenameFlags::NOREPLACE) {
            Ok(()) => self.put = true,
            Err(rustix::io::Errno::EXIST) => return Err(VaultError::Exists),
            Err(e) => return Err(VaultError::io(format!("writing {}", self.name))(e.into())),
        }
        sync_parent(&target).map_err(VaultError::io(format!("writing {}", self.name)))
    }

    fn source(&self) -> PathBuf {
        self.folder.join(format!("{}.new", self.name))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.put {
            let _ = std::fs::remove_file(self.source());
        }
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |p| File::open(p)?.sync_all())
}

/// Makes a folder and its parents (mode 0700) unless it is there.
pub(crate) fn make_folder(path: &Path) -> Result<(), VaultError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .and_then(|()| sync_parent(path))
        .map_err(VaultError::io("making the vault folder"))
}

/// Whether a folder is there and holds more than files that were staged and never put.
pub(crate) fn holds_files(path: &Path) -> Result<bool, VaultError> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(VaultError::io("reading the slots folder")(e)),
    };
    for entry in entries {
        let entry = entry.map_err(VaultError::io("reading the slots folder"))?;
        if entry.path().extension().is_none_or(|e| e != "new") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Held while the vault's files are changed: the window and the command line may both be at work. Ends with the value,
/// or with the process.
pub(crate) struct ChangeLock {
    _file: File,
}

impl ChangeLock {
    /// Waits for another process that is changing the vault.
    pub(crate) fn take(folder: &Path) -> Result<Self, VaultError> {
        let lock = || -> io::Result<File> {
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(folder.join("keyring.lock"))?;
            file.lock()?;
            Ok(file)
        };
        lock().map(|file| Self { _file: file }).map_err(VaultError::io("locking the vault"))
    }
}
