//! Opening the databases.

use crate::{StoreError, schema_sql};
use cloister_access::Session;
use cloister_vault::{DatabaseKey, DatabaseKind};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::{
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
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
}

/// One database, as this session has it.
enum Store {
    /// The role's keys do not open it.
    NotHeld,
    Open(Mutex<Connection>),
    /// It should open and does not.
    Failed(StoreError),
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let open = |store: &Store| matches!(store, Store::Open(_));
        write!(f, "Stores(visits: {}, research: {})", open(&self.visits), open(&self.research))
    }
}

impl Stores {
    /// Opens what `session` may open, making and migrating the files where needed. `folder` is the vault's.
    ///
    /// A database that is damaged, foreign, newer than this program or not to be written answers every request with
    /// that fault, and the others work: who comes to read the log must get in when a store is broken.
    #[must_use]
    pub fn open(folder: &Path, session: &Session) -> Self {
        let visits = session.visits_database();
        let research = session.research_database();
        Self {
            visits: Store::of(visits.map(|key| open(folder, "visits.db", key, schema_sql::VISITS))),
            research: Store::of(research.map(|key| open(folder, "research.db", key, schema_sql::RESEARCH))),
            library: Store::of(Some(open(folder, "library.db", session.library_database(), schema_sql::LIBRARY))),
        }
    }

    /// What keeps databases shut that these keys should open; empty when all is well.
    #[must_use]
    pub fn faults(&self) -> Vec<StoreError> {
        let fault = |store: &Store| match store {
            Store::Failed(fault) => Some(fault.clone()),
            Store::NotHeld | Store::Open(_) => None,
        };
        [&self.visits, &self.research, &self.library].into_iter().filter_map(fault).collect()
    }

    pub(crate) fn visits(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.visits.lock()
    }

    pub(crate) fn research(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.research.lock()
    }

    pub(crate) fn library(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        self.library.lock()
    }
}

impl Store {
    fn of(opened: Option<Result<Connection, StoreError>>) -> Self {
        match opened {
            None => Self::NotHeld,
            Some(Ok(db)) => Self::Open(Mutex::new(db)),
            Some(Err(fault)) => Self::Failed(fault),
        }
    }

    fn lock(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        match self {
            Self::NotHeld => Err(StoreError::NotOpen),
            Self::Open(db) => Ok(lock(db)),
            Self::Failed(fault) => Err(fault.clone()),
        }
    }
}

/// A panic in another command leaves SQLite consistent (its transaction was rolled back), so a poisoned lock is
/// no reason to refuse everybody else.
fn lock(db: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    db.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open<S: DatabaseKind>(
    folder: &Path,
    name: &'static str,
    key: &DatabaseKey<S>,
    migrations: &[&str],
) -> Result<Connection, StoreError> {
    // SQLite gives its journal files the mode of the database, so it is made before SQLite would make it.
    std::fs::File::options()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(folder.join(name))
        .map_err(|_| StoreError::Database("cannot be made"))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(folder.join(name), flags)?;
    db.busy_timeout(Duration::from_secs(10))?;
    // SQLCipher logs to stderr otherwise; and a key that is not 64 hex digits would silently become a passphrase,
    // which `with_hex` rules out.
    db.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    key.with_hex(|hex| db.execute_batch(&format!("PRAGMA key = \"x'{hex}'\";")))?;
    // The first read decides whether the key fits.
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get::<_, i64>(0))
        .map_err(|_| StoreError::WrongKey(name))?;
    db.execute_batch(SETTINGS)?;
    migrate(&mut db, name, migrations)?;
    Ok(db)
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
