//! A store under a new key.
//!
//! The whole of it is written anew beside the old file, as `NAME.next`; the vault's keyring then names the new key, and
//! only then is the new file renamed into the old one's place. A crash in between leaves a `NAME.next` that the key of
//! the keyring either opens (then it takes its place at the next start) or does not (then it is taken away, and the old
//! file is still the store). For as long, this process has the store for itself: whoever opens it holds `NAME.lock`
//! together with others, and a rotation holds it alone.

use crate::{
    StoreError, Stores,
    database::{RESEARCH, VISITS, connect_at, open_research, open_visits},
};
use cloister_access::{Grant, RotateKeys};
use cloister_vault::{DatabaseKey, DatabaseKind, Research, SealedKey, VaultError, Visits};
use rusqlite::{Connection, params};
use std::{
    fs::{File, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::MutexGuard,
    thread::sleep,
    time::{Duration, Instant},
};

/// So long one waits for a rotation in another process to end.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks at a lock.
const PAUSE: Duration = Duration::from_millis(50);

/// Holds one store together with other processes, or alone.
#[derive(Debug)]
pub(crate) struct StoreLock(File);

impl StoreLock {
    /// Waits a while for whoever has the store alone.
    pub(crate) fn shared(folder: &Path, name: &str) -> Result<Self, StoreError> {
        let path = folder.join(format!("{name}.lock"));
        let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(path);
        let file = file.map_err(|_| StoreError::Database("cannot be made"))?;
        let lock = Self(file);
        lock.wait(|file| file.try_lock_shared())?;
        Ok(lock)
    }

    fn wait(&self, take: impl Fn(&File) -> Result<(), TryLockError>) -> Result<(), StoreError> {
        let began = Instant::now();
        loop {
            match take(&self.0) {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(StoreError::Rotating),
                Err(TryLockError::Error(_)) => return Err(StoreError::Database("cannot be locked")),
            }
        }
    }

    /// Alone from now on, unless others have it too: then it is shared as before.
    fn alone(&self) -> Result<(), StoreError> {
        // Changing the kind of a lock lets it go for a moment, so that two who want it alone do not wait for each other.
        match self.0.try_lock() {
            Ok(()) => Ok(()),
            Err(_) => {
                self.together()?;
                Err(StoreError::InUse)
            }
        }
    }

    /// Alone, once those who want the same have ended.
    fn alone_in_turn(&self) -> Result<(), StoreError> {
        self.0.unlock().map_err(|_| StoreError::Database("cannot be locked"))?;
        let taken = self.wait(File::try_lock);
        if taken.is_err() {
            self.together()?;
        }
        taken
    }

    fn together(&self) -> Result<(), StoreError> {
        self.wait(File::try_lock_shared)
    }
}

/// Stores written anew, not yet in place. Dropped, it leaves the old ones as they were.
pub struct Staged<'a> {
    folder: &'a Path,
    parts: Vec<Part<'a>>,
    installed: bool,
}

struct Part<'a> {
    name: &'static str,
    lock: &'a StoreLock,
    db: MutexGuard<'a, Connection>,
}

impl std::fmt::Debug for Staged<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Staged({} stores)", self.parts.len())
    }
}

impl Stores {
    /// Nothing written anew yet.
    #[must_use]
    pub const fn stage<'a>(&'a self, _by: &Grant<RotateKeys>, folder: &'a Path) -> Staged<'a> {
        Staged { folder, parts: Vec::new(), installed: false }
    }

    /// Writes the visits anew. `hand_on` gives each recording's key, by the item it is sealed for, as it is to be kept.
    /// Returns how many keys were handed on.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while another process, or another session of this one, has them open; when the store
    /// fails, the disk is full, or a key cannot be handed on.
    pub fn stage_visits<'a>(
        &'a self,
        staged: &mut Staged<'a>,
        new: &DatabaseKey<Visits>,
        hand_on: &mut dyn FnMut(&str, &SealedKey) -> Result<SealedKey, VaultError>,
    ) -> Result<u64, StoreError> {
        let next = staged.write(VISITS, self.visits_held()?, new)?;
        let keys = hand_on_keys(&next, hand_on)?;
        close(next, &next_of(staged.folder, VISITS))?;
        Ok(keys)
    }

    /// Writes the research store anew.
    ///
    /// # Errors
    /// As [`Self::stage_visits`].
    pub fn stage_research<'a>(
        &'a self,
        staged: &mut Staged<'a>,
        new: &DatabaseKey<Research>,
    ) -> Result<(), StoreError> {
        let next = staged.write(RESEARCH, self.research_held()?, new)?;
        close(next, &next_of(staged.folder, RESEARCH))
    }
}

impl<'a> Staged<'a> {
    /// Copies a store to its next file under `new`, and opens that.
    fn write<S: DatabaseKind>(
        &mut self,
        name: &'static str,
        (lock, db): (&'a StoreLock, MutexGuard<'a, Connection>),
        new: &DatabaseKey<S>,
    ) -> Result<Connection, StoreError> {
        let path = next_of(self.folder, name);
        lock.alone()?;
        self.parts.push(Part { name, lock, db });
        let Some(Part { db, .. }) = self.parts.last() else { return Err(StoreError::Database("unexpected")) };
        take_away(&path)?;
        // Without a write-ahead log there is nothing beside the file that belongs to it when it is renamed over.
        let mode: String = db.query_row("PRAGMA journal_mode = DELETE", [], |r| r.get(0))?;
        if !mode.eq_ignore_ascii_case("delete") {
            return Err(StoreError::InUse);
        }
        File::options().create_new(true).write(true).mode(0o600).open(&path).map_err(file)?;
        let version: u32 = db.query_row("PRAGMA user_version", [], |r| r.get(0))?;
        let shown = path.to_str().ok_or(StoreError::Database("has a path that is no text"))?;
        new.with_hex(|hex| db.execute("ATTACH DATABASE ?1 AS next KEY ?2", params![shown, format!("x'{hex}'")]))?;
        let copied = db
            .query_row("SELECT sqlcipher_export('next')", [], |_| Ok(()))
            .and_then(|()| db.execute_batch(&format!("PRAGMA next.user_version = {version};")));
        let detached = db.execute_batch("DETACH DATABASE next;");
        copied.and(detached)?;
        connect_at(&path, name, new)
    }

    /// Puts the new files in the place of the old ones, and opens them. To be called once the keyring names the keys.
    ///
    /// # Errors
    /// When a file cannot be renamed; the next start does it then.
    pub fn install(
        mut self,
        visits: Option<&DatabaseKey<Visits>>,
        research: Option<&DatabaseKey<Research>>,
    ) -> Result<(), StoreError> {
        self.installed = true;
        for Part { name, db, .. } in &mut self.parts {
            put_in_place(self.folder, name)?;
            let opened = match *name {
                VISITS => visits.map(|key| open_visits(self.folder, key)),
                _ => research.map(|key| open_research(self.folder, key)),
            };
            if let Some(opened) = opened {
                // The old connection's file is unlinked, and ends with it.
                **db = opened?;
            }
        }
        Ok(())
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        for Part { name, lock, db } in &self.parts {
            if !self.installed {
                let _ = db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()));
                let _ = take_away(&next_of(self.folder, name));
            }
            let _ = lock.together();
        }
    }
}

/// What a rotation that was cut off left beside a store: put in its place if `key` opens it, and taken away if `key`
/// opens the store as it is.
///
/// # Errors
/// [`StoreError::Rotating`] while others have the store; when the files cannot be changed.
pub(crate) fn settle<S: DatabaseKind>(
    lock: &StoreLock,
    folder: &Path,
    name: &'static str,
    key: &DatabaseKey<S>,
) -> Result<(), StoreError> {
    let next = next_of(folder, name);
    if !next.try_exists().map_err(file)? {
        return Ok(());
    }
    lock.alone_in_turn()?;
    // Looked at again: somebody may have been here first.
    let settled = match next.try_exists() {
        Ok(true) if connect_at(&next, name, key).is_ok() => put_in_place(folder, name),
        // Where neither opens, the store's own fault is the one to tell.
        Ok(true) if connect_at(&folder.join(name), name, key).is_ok() => take_away(&next),
        _ => Ok(()),
    };
    lock.together()?;
    settled
}

/// Renames the next file over the store. The old one has no write-ahead log; what is left of one would be taken for the
/// new file's.
fn put_in_place(folder: &Path, name: &str) -> Result<(), StoreError> {
    for beside in ["-wal", "-shm", "-journal"] {
        remove(&folder.join(format!("{name}{beside}")))?;
    }
    std::fs::rename(next_of(folder, name), folder.join(name)).map_err(file)?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(file)
}

fn next_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.next"))
}

/// A next file, with what a crash left beside it.
fn take_away(next: &Path) -> Result<(), StoreError> {
    for ending in ["-journal", "-wal", "-shm", ""] {
        let mut name = next.as_os_str().to_owned();
        name.push(ending);
        remove(Path::new(&name))?;
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(file(e)),
        _ => Ok(()),
    }
}

fn file(e: io::Error) -> StoreError {
    StoreError::File(e.kind())
}

fn hand_on_keys(
    db: &Connection,
    hand_on: &mut dyn FnMut(&str, &SealedKey) -> Result<SealedKey, VaultError>,
) -> Result<u64, StoreError> {
    const UNREADABLE: StoreError = StoreError::Unreadable("sealed key");
    db.execute_batch("BEGIN IMMEDIATE")?;
    let mut handed = Vec::new();
    {
        let mut statement = db.prepare("SELECT recording, number, sealed_key FROM recording_segments")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (recording, number): (String, u32) = (row.get(0)?, row.get(1)?);
            let sealed = SealedKey::from_bytes(&row.get::<_, Vec<u8>>(2)?).map_err(|_| UNREADABLE)?;
            let new = hand_on(&format!("{recording}/{number}"), &sealed).map_err(|_| UNREADABLE)?;
            handed.push((recording, number, new));
        }
    }
    for (recording, number, sealed) in &handed {
        db.execute(
            "UPDATE recording_segments SET sealed_key = ?3 WHERE recording = ?1 AND number = ?2",
            params![recording, number, sealed.as_bytes().as_slice()],
        )?;
    }
    db.execute_batch("COMMIT")?;
    Ok(handed.len() as u64)
}

/// Looks the new file through, and makes sure that it is on the disk.
fn close(db: Connection, path: &Path) -> Result<(), StoreError> {
    let sound: String = db.query_row("PRAGMA quick_check", [], |r| r.get(0))?;
    if sound != "ok" {
        return Err(StoreError::Database("damaged"));
    }
    db.close().map_err(|(_, e)| StoreError::from(e))?;
    File::open(path).and_then(|f| f.sync_all()).map_err(file)
}
