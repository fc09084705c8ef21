//! What goes into a backup, and in which order, so that its parts fit each other although the vault is in use.
//!
//! 1. Recordings that have ended: their files never change again. One that is erased meanwhile is left out, or its
//!    sound stays in without its key, which the store no longer has.
//! 2. With the keyring held still: the journals of recordings under way, the databases, keyring and slots, and the
//!    log. The journals come before the databases: a recording that ends in between is in both. The log comes last:
//!    what the databases and keys rest on is in it.
//! 3. The recordings under way, as far as they had come: to the restored vault they look like after a crash.

use super::lock;
use crate::{AppError, recording};
use cloister_audit::{LogCopy, Receipt};
use cloister_store::{FileCopy, copy_databases, known_formats};
use cloister_vault::{BackupFacts, BackupLogEnd, VaultError, VaultFolder};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, ErrorKind},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Of the rest of the folder, no file is longer.
const LONGEST_OTHER: u64 = 64 << 20;

/// One file on its way into the backup.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) source: Source,
}

/// Where its content comes from.
pub(super) enum Source {
    /// An open file and how much of it.
    File(File, u64),
    /// The content itself.
    Bytes(Zeroizing<Vec<u8>>),
}

impl Item {
    pub(super) fn bytes(&self) -> u64 {
        match &self.source {
            Source::File(_, bytes) => *bytes,
            Source::Bytes(bytes) => bytes.len() as u64,
        }
    }
}

impl From<FileCopy> for Item {
    fn from(copy: FileCopy) -> Self {
        Self { name: copy.name, source: Source::File(copy.file, copy.bytes) }
    }
}

/// Files below the data folder that may go in one by one, as they lie.
pub(super) struct Sound {
    data: PathBuf,
    taken: BTreeSet<String>,
}

impl Sound {
    pub(super) const fn of(data: PathBuf) -> Self {
        Self { data, taken: BTreeSet::new() }
    }

    /// Names of the segments of recordings that have ended.
    pub(super) fn ended(&self) -> Result<Vec<String>, AppError> {
        self.segments(|folder| !folder.join(recording::JOURNAL).exists())
    }

    /// Names of all others.
    pub(super) fn rest(&self) -> Result<Vec<String>, AppError> {
        let mut names = self.segments(|_| true)?;
        names.retain(|name| !self.taken.contains(name));
        Ok(names)
    }

    /// A file as it is now; `None` when it is gone.
    pub(super) fn take(&mut self, name: &str) -> Result<Option<Item>, AppError> {
        let Some((file, bytes)) = open_plain(&self.data.join(name)).map_err(cannot_read(name))? else {
            return Ok(None);
        };
        self.taken.insert(name.to_owned());
        Ok(Some(Item { name: name.to_owned(), source: Source::File(file, bytes) }))
    }

    /// The length of everything recorded so far.
    pub(super) fn bytes(&self) -> u64 {
        let names = self.segments(|_| true).unwrap_or_default();
        names.iter().filter_map(|n| Some(fs::metadata(self.data.join(n)).ok()?.len())).sum()
    }

    fn segments(&self, wanted: impl Fn(&Path) -> bool) -> Result<Vec<String>, AppError> {
        let mut names = Vec::new();
        for folder in list(&recording::root(&self.data))? {
            let path = recording::root(&self.data).join(&folder);
            if path.is_dir() && wanted(&path) {
                let files = list(&path)?.into_iter().filter(|f| f != recording::JOURNAL);
                names.extend(files.map(|file| format!("{}/{folder}/{file}", recording::FOLDER)));
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// Everything but the sound, of one moment.
pub(super) struct Moment {
    pub(super) items: Vec<Item>,
    pub(super) facts: BackupFacts,
}

/// Holds the keyring still for as long as copying the databases takes.
pub(super) fn moment(data: &Path, log: &Path, recovery: &[u8; 32]) -> Result<Moment, AppError> {
    let mut items = journals(data)?;
    let frozen = VaultFolder::at(data).freeze()?;
    if frozen.recovery_public() != *recovery {
        return Err(VaultError::ChangedMeanwhile.into());
    }
    items.extend(copy_databases(data, data)?.into_iter().map(Item::from));
    items.extend(
        frozen
            .files()
            .iter()
            .map(|(name, bytes)| Item { name: name.clone(), source: Source::Bytes(Zeroizing::new(bytes.clone())) }),
    );
    others(data, data, &mut items)?;
    let LogCopy { lines, others, end } = LogCopy::take(log)?;
    let within = |name: &str| format!("audit/{name}");
    items.extend(
        lines.into_iter().map(|(name, file, bytes)| Item { name: within(&name), source: Source::File(file, bytes) }),
    );
    items.extend(others.into_iter().map(|(name, bytes)| Item { name: within(&name), source: Source::Bytes(bytes) }));
    let facts = BackupFacts {
        keyring_sha256: frozen.keyring_sha256().clone(),
        keyring_version: frozen.version(),
        log: end.map(|Receipt { seq, hash }| BackupLogEnd { hash, seq }),
        stores: known_formats(),
    };
    Ok(Moment { items, facts })
}

/// The journals of recordings under way. Each grows by whole lines; a last one that is torn is one after a crash.
fn journals(data: &Path) -> Result<Vec<Item>, AppError> {
    let mut items = Vec::new();
    for recording in recording::waiting(data) {
        let name = format!("{}/{recording}/{}", recording::FOLDER, recording::JOURNAL);
        match fs::read(data.join(&name)) {
            Ok(bytes) => items.push(Item { name, source: Source::Bytes(Zeroizing::new(bytes)) }),
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(cannot_read(&name)(e)),
        }
    }
    Ok(items)
}

/// What else lies there: files that some part of the program keeps beside the databases. What is made again by itself,
/// belongs to running processes or is half written stays out.
fn others(data: &Path, folder: &Path, items: &mut Vec<Item>) -> Result<(), AppError> {
    for name in list(folder)? {
        let path = folder.join(&name);
        let top = folder == data;
        let known = top && (TAKEN_ELSEWHERE.contains(&name.as_str()) || NOT_KEPT.contains(&name.as_str()));
        let passing =
            [".new", ".lock", ".db", ".db.next", ".db-wal", ".db-shm", ".db-journal"].iter().any(|e| name.ends_with(e));
        if known || passing || name.starts_with('.') {
            continue;
        }
        let meta = fs::symlink_metadata(&path).map_err(cannot_read(&name))?;
        if meta.is_dir() {
            others(data, &path, items)?;
        } else if meta.is_file() && meta.len() <= LONGEST_OTHER {
            let below = path.strip_prefix(data).ok().and_then(Path::to_str).map(str::to_owned);
            let (Some(name), Ok(bytes)) = (below, fs::read(&path)) else { continue };
            items.push(Item { name, source: Source::Bytes(Zeroizing::new(bytes)) });
        }
    }
    Ok(())
}

const TAKEN_ELSEWHERE: [&str; 4] = ["keyring.json", "slots", "audit", recording::FOLDER];
const NOT_KEPT: [&str; 4] = ["operational", "runs", "models", lock::FILE];

/// Names in a folder, in order; none where there is no folder.
fn list(folder: &Path) -> Result<Vec<String>, AppError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(cannot_read(&folder.display().to_string())(e)),
    };
    let mut names: Vec<_> = entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    names.sort_unstable();
    Ok(names)
}

/// A plain file and its length; links lead elsewhere and are not followed.
fn open_plain(path: &Path) -> io::Result<Option<(File, u64)>> {
    let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let file = match fs::OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let meta = file.metadata()?;
    Ok(meta.is_file().then_some((file, meta.len())))
}

fn cannot_read(name: &str) -> impl Fn(io::Error) -> AppError + use<> {
    let file = name.to_owned();
    move |e| AppError::input(file.clone(), e.kind().to_string())
}
