//! Making a backup: written beside its place, read back, and only then put there.

use super::{
    gather::{Item, Moment, Sound, Source, moment},
    lock::BackupLock,
};
use crate::{
    AppError,
    export::{cannot_write, write_digest},
};
use age::x25519::Recipient;
use cloister_domain::{Clock, Entropy, Sha256Hex, Timestamp, VaultId};
use cloister_vault::{BackupFile, BackupHeader, BackupKey, BackupWriter, Manifest, NewBackup, VaultError, VaultFolder};
use rustix::fs::{Advice, fadvise, statvfs};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, BufWriter, ErrorKind, Read, Seek, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Duration,
};

/// What is not finished is called `.cloister-VAULT-…` and so.
const PARTIAL: &str = ".partial";

/// Where the vault is, and what making a backup takes from outside.
pub(crate) struct Place<'a> {
    pub(crate) data: &'a Path,
    pub(crate) log: &'a Path,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) entropy: &'a dyn Entropy,
}

/// Told of the stage, and of bytes done out of about so many. What it answers ends the work or lets it go on.
pub(crate) type Progress<'a> = dyn FnMut(&str, u64, u64) -> ControlFlow<()> + 'a;

/// What was made.
pub(crate) struct Made {
    pub(crate) file: PathBuf,
    pub(crate) made: Timestamp,
    pub(crate) bytes: u64,
    /// Files in it.
    pub(crate) members: u64,
    pub(crate) sha256: Sha256Hex,
}

/// Makes a backup at `to`, which may be there already and is replaced as the last step. The digest goes beside it, as
/// `sha256sum -c` reads it.
pub(crate) fn make(
    place: &Place<'_>,
    to: &Path,
    recipients: &[Recipient],
    progress: &mut Progress<'_>,
) -> Result<Made, AppError> {
    let _alone = BackupLock::take(place.data)?;
    let folder = match to.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    if is_within(folder, place.data) {
        return Err(AppError::Usage("a backup within the vault's own folder protects nothing; choose another".into()));
    }
    let mut sound = Sound::of(place.data.to_owned());
    let total = sound.bytes() + of_databases(place.data);
    if let Ok(fs) = statvfs(folder)
        && fs.f_bavail.saturating_mul(fs.f_frsize) < total
    {
        return Err(cannot_write(to)(ErrorKind::StorageFull.into()));
    }
    let key = BackupKey::random(place.entropy)?;
    let made = place.clock.now();
    let frozen = VaultFolder::at(place.data).freeze()?;
    let temporary = tempfile::Builder::new().prefix(&prefix(frozen.id())).suffix(PARTIAL).tempfile_in(folder);
    let mut temporary = temporary.map_err(cannot_write(to))?;
    let others = recipients.iter().map(|r| key.with_bytes(|bytes| age::encrypt(r, bytes)));
    let others = others.collect::<Result<_, _>>().map_err(|_| AppError::Internal("an age recipient"))?;
    let new = NewBackup { made, program: env!("CARGO_PKG_VERSION"), others };
    let header = BackupHeader::new(&frozen, new, &key, place.entropy)?;
    let first = frozen.recovery_public();
    // Who wants to change keys need not wait for the sound.
    drop(frozen);

    let mut done = 0;
    let mut tick = |stage: &str, bytes: u64| {
        done += bytes;
        progress(stage, done, total.max(done))
    };
    let file = temporary.as_file().try_clone().map_err(cannot_write(to))?;
    let out = Hashing { to: BufWriter::with_capacity(1 << 20, file), hash: Sha256::new(), bytes: 0 };
    let mut writer = BackupWriter::begin(out, &header, &key).map_err(of_output(to))?;
    let mut put = |writer: &mut BackupWriter<_>, item: Item| add(writer, item, to, &mut |n| tick("saving", n));
    for name in sound.ended()? {
        if let Some(item) = sound.take(&name)? {
            put(&mut writer, item)?;
        }
    }
    let Moment { items, facts } = moment(place.data, place.log, &first)?;
    for item in items {
        put(&mut writer, item)?;
    }
    for name in sound.rest()? {
        if let Some(item) = sound.take(&name)? {
            put(&mut writer, item)?;
        }
    }
    let (mut out, manifest) = writer.finish(facts).map_err(of_output(to))?;
    out.flush().map_err(cannot_write(to))?;
    let (sha256, bytes) = (Sha256Hex::from_bytes(&out.hash.finalize().into()), out.bytes);
    drop(out.to);

    temporary.as_file().sync_all().map_err(cannot_write(to))?;
    read_back(temporary.as_file_mut(), &key, &manifest, bytes, progress)?;
    temporary.persist(to).map_err(|e| cannot_write(to)(e.error))?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(cannot_write(to))?;
    write_digest(to, &sha256)?;
    Ok(Made { file: to.to_owned(), made, bytes, members: manifest.members.len() as u64, sha256 })
}

/// Whether `folder` is `data` or below it.
fn is_within(folder: &Path, data: &Path) -> bool {
    match (folder.canonicalize(), data.canonicalize()) {
        (Ok(folder), Ok(data)) => folder.starts_with(data),
        _ => false,
    }
}

fn of_databases(data: &Path) -> u64 {
    let files = std::fs::read_dir(data).into_iter().flatten().flatten();
    files.filter_map(|f| f.metadata().ok()).filter(std::fs::Metadata::is_file).map(|m| m.len()).sum()
}

/// Adds one file; a person's cancel comes through as an error of the reader.
fn add<W: Write>(
    writer: &mut BackupWriter<W>,
    item: Item,
    to: &Path,
    tick: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<(), AppError> {
    let (name, bytes) = (item.name.clone(), item.bytes());
    let mut cancelled = false;
    let result = match item.source {
        Source::File(file, _) => {
            writer.member(&name, bytes, &mut Watched { from: file, tick, cancelled: &mut cancelled })
        }
        Source::Bytes(held) => {
            writer.member(&name, bytes, &mut Watched { from: held.as_slice(), tick, cancelled: &mut cancelled })
        }
    };
    if cancelled { Err(AppError::Cancelled) } else { result.map_err(of_output(to)) }
}

/// Lets whoever waits know how far it is, and stop it.
pub(super) struct Watched<'a, R> {
    pub(super) from: R,
    pub(super) tick: &'a mut dyn FnMut(u64) -> ControlFlow<()>,
    pub(super) cancelled: &'a mut bool,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(out)?;
        if (self.tick)(n as u64).is_break() {
            *self.cancelled = true;
            return Err(io::Error::other("cancelled"));
        }
        Ok(n)
    }
}

/// Reads the file from the disk, decrypts it, and compares every member's digest with what went in.
fn read_back(
    file: &mut File,
    key: &BackupKey,
    wrote: &Manifest,
    bytes: u64,
    progress: &mut Progress<'_>,
) -> Result<(), AppError> {
    // From the medium, where the system lets go of what it holds in memory.
    let _ = fadvise(&*file, 0, None, Advice::DontNeed);
    file.rewind().map_err(|e| AppError::Backup(VaultError::from_reading(e)))?;
    let (mut done, mut cancelled) = (0, false);
    let mut tick = |n: u64| {
        done += n;
        progress("reading_back", done, bytes)
    };
    let read = BackupFile::open(Watched { from: file, tick: &mut tick, cancelled: &mut cancelled })
        .and_then(|opened| opened.unlock(key))
        .and_then(|reader| reader.read(|_, _| Ok::<_, VaultError>(())));
    match read {
        _ if cancelled => Err(AppError::Cancelled),
        Ok(found) if found == *wrote => Ok(()),
        Ok(_) => Err(AppError::Internal("a backup that reads back as another")),
        Err(e) => Err(AppError::Backup(e)),
    }
}

/// A failure while writing, by what the system said.
fn of_output(to: &Path) -> impl Fn(VaultError) -> AppError + use<> {
    let cannot = cannot_write(to);
    move |error| match error {
        VaultError::Io { act, source } if act == "writing the backup" => cannot(source),
        // A file of the vault could not be read.
        VaultError::Io { act, source } => {
            AppError::input(act.trim_start_matches("reading "), source.kind().to_string())
        }
        other => AppError::Vault(other),
    }
}

/// Counts and digests what goes by.
struct Hashing<W> {
    to: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.to.write(buf)?;
        self.hash.update(&buf[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Takes away what interrupted backups of this vault left in a folder. The vault's lock is not held yet: what belongs to
/// a process at work is young.
pub(super) fn sweep(folder: &Path, vault: VaultId) {
    let prefix = prefix(vault);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let old = entry.metadata().and_then(|m| m.modified()).is_ok_and(|t| t.elapsed().is_ok_and(|t| t > AN_HOUR));
        if old && entry.file_name().to_str().is_some_and(|n| n.starts_with(&prefix) && n.ends_with(PARTIAL)) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

const AN_HOUR: Duration = Duration::from_secs(3600);

fn prefix(vault: VaultId) -> String {
    format!(".cloister-{vault}-")
}
