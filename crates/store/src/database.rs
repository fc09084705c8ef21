//! Opening the databases.

use crate::{
    StoreError,
    rekey::{StoreLock, settle},
    schema_sql,
};
use cloister_access::Session;
use cloister_domain::Clock;
use cloister_vault::{DatabaseKey, DatabaseKind, Research, Visits};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::{
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How every database is opened, once its key is set. The cache (64 MiB) holds the indexes of a million rows.
#[doc(hidden)]
pub const SETTINGS: &str = "
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -65536;";

/// The databases that one session's keys open.
pub struct Stores {
    visits: Store,
    research: Store,
    library: Store,
    clock: Arc<dyn Clock>,
}

/// One database, as this session has it.
enum Store {
    /// The role's keys do not open it.
    NotHeld,
    /// With the lock that says so to a rotation of keys; the library's key is never rotated.
    Open(Mutex<Connection>, Option<StoreLock>),
    /// It should open and does not.
    Failed(StoreError),
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let open = |store: &Store| matches!(store, Store::Open(..));
        write!(f, "Stores(visits: {}, research: {})", open(&self.visits), open(&self.research))
    }
}

impl Stores {
    /// Opens what `session` may open, making and migrating the files where needed. `folder` is the vault's.
    ///
    /// A database that is damaged, foreign, newer than this program or not to be written answers every request with
    /// that fault, and the others work: who comes to read the log must get in when a store is broken.
    #[must_use]
    pub fn open(folder: &Path, session: &Session, clock: Arc<dyn Clock>) -> Self {
        let visits = session.visits_database();
        let research = session.research_database();
        Self {
            visits: Store::of(visits.map(|key| held(folder, VISITS, key, schema_sql::VISITS))),
            research: Store::of(research.map(|key| held(folder, RESEARCH, key, schema_sql::RESEARCH))),
            library: Store::of(Some(
                open(folder, "library.db", session.library_database(), schema_sql::LIBRARY).map(|db| (db, None)),
            )),
            clock,
        }
    }

    /// What keeps databases shut that these keys should open; empty when all is well.
    #[must_use]
    pub fn faults(&self) -> Vec<StoreError> {
        let fault = |store: &Store| match store {
            Store::Failed(fault) => Some(fault.clone()),
            Store::NotHeld | Store::Open(..) => None,
        };
        [&self.visits, &self.research, &self.library].into_iter().filter_map(fault).collect()
    }

    /// What tells whether something has ended.
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub(crate) fn visits(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.visits.lock()
    }

    pub(crate) fn research(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.research.lock()
    }

    /// The visits, and the lock that keeps other processes from writing them anew.
    pub(crate) fn visits_held(&self) -> Result<(&StoreLock, MutexGuard<'_, Connection>), StoreError> {
        Ok((self.visits.held()?, self.visits.lock()?))
    }

    /// The same of the research store.
    pub(crate) fn research_held(&self) -> Result<(&StoreLock, MutexGuard<'_, Connection>), StoreError> {
        Ok((self.research.held()?, self.research.lock()?))
    }

    pub(crate) fn library(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.library.lock()
    }
}

impl Store {
    fn of(opened: Option<Result<(Connection, Option<StoreLock>), StoreError>>) -> Self {
        match opened {
            None => Self::NotHeld,
            Some(Ok((db, held))) => Self::Open(Mutex::new(db), held),
            Some(Err(fault)) => Self::Failed(fault),
        }
    }

    fn lock(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        match self {
            Self::NotHeld => Err(StoreError::NotOpen),
            Self::Open(db, _) => Ok(lock(db)),
            Self::Failed(fault) => Err(fault.clone()),
        }
    }

    fn held(&self) -> Result<&StoreLock, StoreError> {
        match self {
            Self::Open(_, Some(held)) => Ok(held),
            Self::Open(_, None) | Self::NotHeld => Err(StoreError::NotOpen),
            Self::Failed(fault) => Err(fault.clone()),
        }
    }
}

/// A panic in another command leaves SQLite consistent (its transaction was rolled back), so a poisoned lock is
/// no reason to refuse everybody else.
fn lock(db: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    db.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) const VISITS: &str = "visits.db";
pub(crate) const RESEARCH: &str = "research.db";

pub(crate) fn open_visits(folder: &Path, key: &DatabaseKey<Visits>) -> Result<Connection, StoreError> {
    open(folder, VISITS, key, schema_sql::VISITS)
}

pub(crate) fn open_research(folder: &Path, key: &DatabaseKey<Research>) -> Result<Connection, StoreError> {
    open(folder, RESEARCH, key, schema_sql::RESEARCH)
}

/// Opens a store whose key can be rotated, once what a rotation left is put right.
fn held<S: DatabaseKind>(
    folder: &Path,
    name: &'static str,
    key: &DatabaseKey<S>,
    migrations: &[&str],
) -> Result<(Connection, Option<StoreLock>), StoreError> {
    let lock = StoreLock::shared(folder, name)?;
    settle(&lock, folder, name, key)?;
    Ok((open(folder, name, key, migrations)?, Some(lock)))
}

fn open<S: DatabaseKind>(
    folder: &Path,
    name: &'static str,
    key: &DatabaseKey<S>,
    migrations: &[&str],
) -> Result<Connection, StoreError> {
    make(&folder.join(name)).map_err(|_| StoreError::Database("cannot be made"))?;
    let mut db = connect(folder, name, key)?.ok_or(StoreError::Database("cannot be made"))?;
    migrate(&mut db, name, migrations)?;
    Ok(db)
}

/// A connection to a database that is there, in whatever format; `None` when it is not.
pub(crate) fn connect<S: DatabaseKind>(
    folder: &Path,
    name: &'static str,
    key: &DatabaseKey<S>,
) -> Result<Option<Connection>, StoreError> {
    if !folder.join(name).exists() {
        return Ok(None);
    }
    let db = connect_at(&folder.join(name), name, key)?;
    db.execute_batch(SETTINGS)?;
    Ok(Some(db))
}

/// Opens a database that is there, if `key` is its key, and sets nothing else.
pub(crate) fn connect_at<S: DatabaseKind>(
    path: &Path,
    name: &'static str,
    key: &DatabaseKey<S>,
) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(Duration::from_secs(10))?;
    // SQLCipher logs to stderr otherwise; and a key that is not 64 hex digits would silently become a passphrase,
    // which `with_hex` rules out.
    db.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    key.with_hex(|hex| db.execute_batch(&format!("PRAGMA key = \"x'{hex}'\";")))?;
    // The first read decides whether the key fits.
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get::<_, i64>(0))
        .map_err(|_| StoreError::WrongKey(name))?;
    Ok(db)
}

/// SQLite gives its journal files the mode of the database, so it is made before SQLite would make it. One that is there
/// is not opened: closing it again would let go of every lock that other connections of this process hold on it.
fn make(path: &Path) -> std::io::Result<()> {
    match std::fs::File::options().write(true).create_new(true).mode(0o600).open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

fn migrate(db: &mut Connection, file: &'static str, migrations: &[&str]) -> Result<(), StoreError> {
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let version = |db: &Connection| db.query_row("PRAGMA user_version", [], |r| r.get::<_, u32>(0));
    if version(db)? == known {
        return Ok(());
    }
    // Two processes may open a new vault at once: who gets the lock migrates, the other finds it done.
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&tx)?;
    if found > known {
        return Err(StoreError::Newer { file, found, known });
    }
    for sql in migrations.iter().skip(found as usize) {
        tx.execute_batch(sql)?;
    }
    tx.pragma_update(None, "user_version", known)?;
    Ok(tx.commit()?)
}

#[cfg(test)]
mod tests {
    use super::{make, migrate};
    use crate::StoreError;
    use rusqlite::Connection;
    use std::os::unix::fs::MetadataExt;

    /// The kernel's list of locks. A run that goes on after a sign-out has the database open while the next person
    /// signs in; without its locks another process's last close would remove the write-ahead log under it.
    #[test]
    fn a_second_opening_leaves_the_first_ones_locks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("things.db");
        make(&path).unwrap();
        let db = Connection::open(&path).unwrap();
        db.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE a (n INTEGER);").unwrap();
        let (ours, file) = (std::process::id().to_string(), format!(":{}", path.metadata().unwrap().ino()));
        let held = || {
            let locks = std::fs::read_to_string("/proc/locks").unwrap();
            locks.lines().any(|l| l.contains("POSIX") && l.contains(&ours) && l.contains(&file))
        };
        assert!(held());
        make(&path).unwrap();
        assert!(held(), "the first connection lost its lock");
    }

    const FIRST: &str = "CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (7);";

    #[test]
    fn a_migration_that_fails_leaves_the_old_database_as_it_was() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db, "things.db", &[FIRST]).unwrap();
        let half = "ALTER TABLE a ADD COLUMN more TEXT; UPDATE a SET more = 'x'; INSERT INTO nowhere VALUES (1);";
        assert!(migrate(&mut db, "things.db", &[FIRST, half]).is_err());
        let version: u32 = db.query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap();
        let sql: String = db.query_row("SELECT sql FROM sqlite_schema WHERE name = 'a'", [], |r| r.get(0)).unwrap();
        assert_eq!((version, sql.as_str()), (1, "CREATE TABLE a (n INTEGER)"));
        assert_eq!(db.query_row("SELECT n FROM a", [], |r| r.get::<_, i64>(0)).unwrap(), 7);
        // And the next version of the program, in which it is put right, goes on from there.
        migrate(&mut db, "things.db", &[FIRST, "ALTER TABLE a ADD COLUMN more TEXT;"]).unwrap();
    }

    #[test]
    fn a_later_database_is_refused_and_left_alone() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db, "things.db", &[FIRST, "CREATE TABLE b (n INTEGER);"]).unwrap();
        let refused = migrate(&mut db, "things.db", &[FIRST]).unwrap_err();
        assert_eq!(refused, StoreError::Newer { file: "things.db", found: 2, known: 1 });
        assert!(refused.to_string().contains("format 2; this version knows formats up to 1"), "{refused}");
        assert_eq!(db.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get::<_, i64>(0)).unwrap(), 2);
    }
}
