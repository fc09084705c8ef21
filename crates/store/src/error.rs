/// Why something could not be kept or found. Never carries content of a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no such record, or the grant is for another one.
    #[error("there is no such record")]
    NotFound,
    /// The role of this session does not open this store.
    #[error("this role does not open this store")]
    NotOpen,
    /// The name is taken.
    #[error("there is already one of this name")]
    NameTaken,
    /// Two documents of one import have the same id.
    #[error("the id is there twice: the rows {first} and {second}")]
    DuplicateId {
        /// Row of the first.
        first: u64,
        /// Row of the second.
        second: u64,
    },
    /// An import without a single document.
    #[error("there is no document in it")]
    Empty,
    /// The file is no database of ours, was damaged, or belongs to another vault.
    #[error("the store {0} cannot be opened with this vault's key: it is damaged or belongs to another vault")]
    WrongKey(&'static str),
    /// Reading all of it found what is not as it was written.
    #[error("the store {0} is damaged; nothing was changed")]
    Damaged(&'static str),
    /// The store was written by a later version of Cloister.
    #[error("the store {file} has format {found}; this version knows formats up to {known}")]
    Newer {
        /// File name.
        file: &'static str,
        /// Its format.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// A change that does not fit its transcript.
    #[error(transparent)]
    Edit(#[from] cloister_domain::EditFault),
    /// A signed visit stays as it was signed.
    #[error("the visit is signed; what was signed stays as it is")]
    Signed,
    /// A legal hold keeps it.
    #[error(
        "a legal hold keeps it; nothing was erased (`cloister retention holds` says why, an administrator can release it)"
    )]
    Held,
    /// Its recording is under way.
    #[error("a recording of this visit is under way; nothing was erased")]
    UnderWay,
    /// A file that cannot be taken away.
    #[error("a file cannot be erased ({0}); its keys and records are still there, so try again")]
    File(std::io::ErrorKind),
    /// Another process, or another session of this one, has the store open.
    #[error("another window or command has the store open; close it and try again. Nothing was changed")]
    InUse,
    /// Another process gives the store new keys.
    #[error("the store is being given new keys by another window or command; sign in again in a moment")]
    Rotating,
    /// Somebody else changed the same meanwhile.
    #[error("it was changed meanwhile; nothing was kept")]
    ChangedMeanwhile,
    /// The disk is full.
    #[error("the disk is full; nothing was changed")]
    DiskFull,
    /// The database refused.
    #[error("the store failed ({0})")]
    Database(&'static str),
    /// A record that this version cannot read.
    #[error("a stored record cannot be read: {0}")]
    Unreadable(&'static str),
}

impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        // SQLite's messages can quote values, so only the kind is kept.
        match &e {
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound,
            rusqlite::Error::SqliteFailure(f, _) => match f.code {
                ErrorCode::DiskFull => Self::DiskFull,
                ErrorCode::ConstraintViolation => Self::NameTaken,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Database("busy"),
                ErrorCode::ReadOnly => Self::Database("read-only"),
                ErrorCode::SystemIoFailure => Self::Database("input/output"),
                ErrorCode::DatabaseCorrupt => Self::Database("damaged"),
                ErrorCode::NotADatabase => Self::Database("not a database"),
                _ => Self::Database("refused"),
            },
            _ => Self::Database("unexpected"),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(_: serde_json::Error) -> Self {
        Self::Unreadable("json")
    }
}
