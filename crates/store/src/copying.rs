//! Copies of the databases while they are in use, made without any key: for backups.
//!
//! A database in WAL mode is two files: the pages as of the last checkpoint, and the log of what was committed since.
//! Together they are consistent whenever nobody moves pages from the log to the database between the copying of one
//! and the other. SQLite keeps that out with locks on bytes of the `-shm` file (<https://sqlite.org/walformat.html>,
//! "WAL locks"), which this takes as any other connection would: writers go on writing, at the end of the log, and
//! checkpoints wait. What stands behind the last commit in the copied log is passed over when it is opened, as after a
//! power cut. The pages are ciphertext, and stay it.
//!
//! These functions take no grant: they open nothing.

use crate::{StoreError, rekey::StoreLock, schema_sql};
use nix::{
    errno::Errno,
    fcntl::{FcntlArg, fcntl},
    libc,
};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Seek},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A file of a database, copied to a place without a name: gone when it is dropped, and when the process dies.
#[derive(Debug)]
pub struct FileCopy {
    /// Its name in the data folder.
    pub name: String,
    /// The content, to be read from its beginning.
    pub file: File,
    /// Its length.
    pub bytes: u64,
}

/// The newest format of each database that this program knows.
#[must_use]
pub fn known_formats() -> BTreeMap<String, u32> {
    let format = |migrations: &[&str]| u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    [("visits.db", schema_sql::VISITS), ("research.db", schema_sql::RESEARCH), ("library.db", schema_sql::LIBRARY)]
        .map(|(name, migrations)| (name.to_owned(), format(migrations)))
        .into()
}

/// A database under a new key on its way into the old one's place: after a crash it may be the one that counts.
const WRITTEN_ANEW: &str = ".db.next";

/// Every database of the data folder, each as it stood at one moment, copied into unnamed files on the disk of `scratch`.
///
/// # Errors
/// [`StoreError::DiskFull`]; [`StoreError::Database`] when a database stays busy for ten seconds or cannot be read.
pub fn copy_databases(data: &Path, scratch: &Path) -> Result<Vec<FileCopy>, StoreError> {
    let entries = std::fs::read_dir(data).map_err(cannot_copy)?;
    let mut names: Vec<_> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(".db") || name.ends_with(WRITTEN_ANEW));
    names.sort_unstable();
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let mut copies = Vec::new();
    for name in names {
        if name.ends_with(WRITTEN_ANEW) {
            // Nobody has it open; who is writing it takes it away or puts it in place afterwards.
            let file = File::open(data.join(&name)).map_err(cannot_copy)?;
            copies.push(copy(&file, name, scratch)?);
        } else {
            copies.append(&mut copy_database(&mut kept, data, &name, scratch)?);
        }
    }
    Ok(copies)
}

fn copy_database(kept: &mut Kept, data: &Path, name: &str, scratch: &Path) -> Result<Vec<FileCopy>, StoreError> {
    let path = |ending: &str| data.join(format!("{name}{ending}"));
    let until = Instant::now() + PATIENCE;
    // Together with whoever has it open: nobody writes it anew under another key meanwhile.
    let _not_rotated = StoreLock::shared(data, name)?;
    let database = kept.open(&path(""), false)?;
    // As a connection: whoever closes does not take himself for the last, who removes the log.
    let _connected = Held::take(&database, libc::F_RDLCK, SHARED, until)?;
    // Where nobody else has the database open, this is what the next connection would make.
    let shared = kept.open(&path("-shm"), true)?;
    // No page moves, and no writer begins the log anew.
    let _no_checkpoint = Held::take(&shared, libc::F_WRLCK, WAL_CHECKPOINT, until)?;
    let _no_restart = Held::take(&shared, libc::F_RDLCK, WAL_READER_1, until)?;
    let replaced = Kept::id(&path(""))? != Kept::id_of(&database)? || Kept::id(&path("-shm"))? != Kept::id_of(&shared)?;
    if replaced || path("-journal").metadata().is_ok_and(|m| m.len() > 0) {
        // It is being made, or exchanged, at this very moment.
        return Err(StoreError::Database("busy"));
    }
    let mut copies = vec![copy(&database, name.to_owned(), scratch)?];
    if path("-wal").try_exists().map_err(cannot_copy)? {
        let wal = kept.open(&path("-wal"), false)?;
        copies.push(copy(&wal, format!("{name}-wal"), scratch)?);
    }
    Ok(copies)
}

fn copy(from: &File, name: String, scratch: &Path) -> Result<FileCopy, StoreError> {
    let mut from = from;
    let mut file = tempfile::tempfile_in(scratch).map_err(cannot_copy)?;
    from.rewind().map_err(cannot_copy)?;
    let bytes = io::copy(&mut from, &mut file).map_err(cannot_copy)?;
    file.rewind().map_err(cannot_copy)?;
    Ok(FileCopy { name, file, bytes })
}

fn cannot_copy(error: io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::DiskFull,
        _ => StoreError::Database("input/output"),
    }
}

/// Bytes of the database file that stand for "connected" (os_unix.c, SHARED_FIRST and SHARED_SIZE), and of the `-shm`
/// file (walformat.html, WAL_CKPT_LOCK and WAL_READ_LOCK(1)).
const SHARED: (libc::off_t, libc::off_t) = (0x4000_0002, 510);
const WAL_CHECKPOINT: (libc::off_t, libc::off_t) = (121, 1);
const WAL_READER_1: (libc::off_t, libc::off_t) = (124, 1);
const PATIENCE: Duration = Duration::from_secs(10);

/// Descriptors of database files stay open. SQLite's own locks are the process's, and POSIX lets all of them go when
/// the process closes *any* descriptor of the file: a window that copied and closed would lose its locks without
/// noticing. What is kept is found again by device and inode; a file that is gone from the disk is nobody's any more.
struct Kept(BTreeMap<(u64, u64), Arc<File>>);

static KEPT: Mutex<Kept> = Mutex::new(Kept(BTreeMap::new()));

impl Kept {
    fn open(&mut self, path: &Path, shared_memory: bool) -> Result<Arc<File>, StoreError> {
        self.0.retain(|_, file| file.metadata().is_ok_and(|m| m.nlink() > 0));
        if let Ok(id) = Self::id(path)
            && let Some(file) = self.0.get(&id)
        {
            return Ok(Arc::clone(file));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(shared_memory).create(shared_memory).truncate(false).mode(0o600);
        let file = Arc::new(options.open(path).map_err(cannot_copy)?);
        let id = Self::id_of(&file)?;
        // Another took the path between the look and the opening, and was met before: both stay.
        let file = self.0.entry(id).or_insert_with(|| Arc::clone(&file)).clone();
        Ok(file)
    }

    fn id(path: &Path) -> Result<(u64, u64), StoreError> {
        path.metadata().map(|m| (m.dev(), m.ino())).map_err(cannot_copy)
    }

    fn id_of(file: &File) -> Result<(u64, u64), StoreError> {
        file.metadata().map(|m| (m.dev(), m.ino())).map_err(cannot_copy)
    }
}

/// A lock of this open file description (fcntl(2), `F_OFD_SETLK`), which SQLite's respect. Ends with the value.
struct Held<'a> {
    file: &'a File,
    range: (libc::off_t, libc::off_t),
}

impl<'a> Held<'a> {
    fn take(
        file: &'a File,
        kind: libc::c_int,
        range: (libc::off_t, libc::off_t),
        until: Instant,
    ) -> Result<Self, StoreError> {
        loop {
            match fcntl(file, FcntlArg::F_OFD_SETLK(&request(kind, range))) {
                Ok(_) => return Ok(Self { file, range }),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN | Errno::EACCES) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err(Errno::EAGAIN | Errno::EACCES) => return Err(StoreError::Database("busy")),
                Err(_) => return Err(StoreError::Database("input/output")),
            }
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // Nothing can be done about a refusal; the process's end releases it, too.
        let _ = fcntl(self.file, FcntlArg::F_OFD_SETLK(&request(libc::F_UNLCK, self.range)));
    }
}

fn request(kind: libc::c_int, (start, length): (libc::off_t, libc::off_t)) -> libc::flock {
    libc::flock {
        l_type: libc::c_short::try_from(kind).unwrap_or_default(),
        l_whence: libc::c_short::try_from(libc::SEEK_SET).unwrap_or_default(),
        l_start: start,
        l_len: length,
        l_pid: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{FileCopy, copy_databases};
    use rusqlite::Connection;
    use std::{
        fs,
        io::{self, Write},
        path::Path,
        sync::atomic::{AtomicBool, AtomicU64, Ordering},
    };

    const KEY: &str = "PRAGMA key = \"x'2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d'\";";

    fn open(folder: &Path) -> Connection {
        let db = Connection::open(folder.join("things.db")).unwrap();
        db.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
        db.execute_batch(&format!(
            "PRAGMA cipher_log_level = NONE; {KEY} PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 20;"
        ))
        .unwrap();
        db
    }

    fn put(copies: Vec<FileCopy>, folder: &Path) {
        for mut copy in copies {
            let mut to = fs::File::create(folder.join(&copy.name)).unwrap();
            assert_eq!(io::copy(&mut copy.file, &mut to).unwrap(), copy.bytes);
            to.flush().unwrap();
        }
    }

    /// Three connections write, check-point, and open and close the database meanwhile.
    #[test]
    fn a_copy_made_under_writers_is_one_moment_of_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        open(path)
            .execute_batch("CREATE TABLE a (n INTEGER, filler BLOB); CREATE TABLE b (n INTEGER, filler BLOB);")
            .unwrap();
        let (done, committed) = (AtomicBool::new(false), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for worker in 0..3 {
                let (done, committed) = (&done, &committed);
                scope.spawn(move || {
                    let mut turn = 0;
                    while !done.load(Ordering::Relaxed) {
                        let mut db = open(path);
                        for _ in 0..8 {
                            let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
                            let n: u64 =
                                tx.query_row("SELECT coalesce(max(n), 0) + 1 FROM a", [], |r| r.get(0)).unwrap();
                            for table in ["a", "b"] {
                                let sql = format!("INSERT INTO {table} (n, filler) VALUES (?1, randomblob(3000))");
                                tx.execute(&sql, [n]).unwrap();
                                // As many go as come, so that pages are used again.
                                tx.execute(&format!("DELETE FROM {table} WHERE n + 40 < ?1"), [n]).unwrap();
                            }
                            tx.commit().unwrap();
                            committed.fetch_max(n, Ordering::SeqCst);
                            turn += 1;
                            if turn % 5 == worker {
                                let _ = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get::<_, i64>(0));
                            }
                        }
                    }
                });
            }
            for i in 0..20 {
                let before = committed.load(Ordering::SeqCst);
                let copies = copy_databases(path, path).unwrap();
                let after = tempfile::tempdir().unwrap();
                put(copies, after.path());
                let copy = open(after.path());
                let ends = |table| -> (u64, u64) {
                    let sql = format!("SELECT count(*), coalesce(max(n), 0) FROM {table}");
                    copy.query_row(&sql, [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap()
                };
                assert_eq!(ends("a"), ends("b"), "{i}: a transaction is whole or not there");
                assert!(ends("a").1 >= before, "{i}: what was committed before is in it");
                for check in ["PRAGMA integrity_check", "PRAGMA cipher_integrity_check"] {
                    let said: Option<String> = copy.query_row(check, [], |r| r.get(0)).ok();
                    assert!(said.is_none() || said.as_deref() == Some("ok"), "{i}: {said:?}");
                }
            }
            done.store(true, Ordering::Relaxed);
        });
        assert!(committed.load(Ordering::SeqCst) > 20);
    }

    /// The kernel's list of locks: copying must not take away those of a connection in the same process.
    #[test]
    fn a_connection_of_this_process_keeps_its_locks() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let db = open(folder.path());
        db.execute_batch("CREATE TABLE a (n INTEGER);").unwrap();
        let inode = fs::metadata(folder.path().join("things.db")).unwrap().ino();
        let held = || {
            let locks = fs::read_to_string("/proc/locks").unwrap();
            let (ours, file) = (std::process::id().to_string(), format!(":{inode}"));
            locks.lines().any(|l| l.contains("POSIX") && l.contains(&ours) && l.contains(&file))
        };
        assert!(held());
        drop(copy_databases(folder.path(), folder.path()).unwrap());
        drop(copy_databases(folder.path(), folder.path()).unwrap());
        assert!(held(), "the connection lost its lock");
    }

    #[test]
    fn a_database_that_nobody_has_open_is_copied_whole() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).execute_batch("CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (7);").unwrap();
        fs::write(folder.path().join("other.txt"), "not a database").unwrap();
        let copies = copy_databases(folder.path(), folder.path()).unwrap();
        assert_eq!(copies.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["things.db"]);
        let to = tempfile::tempdir().unwrap();
        put(copies, to.path());
        assert_eq!(open(to.path()).query_row("SELECT n FROM a", [], |r| r.get::<_, i64>(0)).unwrap(), 7);
        // And it opens afterwards as before.
        assert_eq!(open(folder.path()).query_row("SELECT n FROM a", [], |r| r.get::<_, i64>(0)).unwrap(), 7);
    }
}
