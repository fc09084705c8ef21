//! Whether databases that came out of a backup are whole.
//!
//! It takes no grant: it is asked of a folder that is no vault yet, by whoever brought the keys, and gives nothing of
//! what is kept.

use crate::{LogEnd, StoreError, copying::known_formats, database::connect};
use cloister_access::{CreateBackup, Grant, Session};
use cloister_domain::RecordingId;
use cloister_vault::{LockedVault, UnlockedKeys};
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Where the log ended when somebody was last signed in.
    pub last_seen: Option<LogEnd>,
    /// Segments of recordings whose file is not there.
    pub missing_sound: u64,
}

/// Opens every database in `folder` with `keys`, which must be an administrator's, and reads every page.
///
/// # Errors
/// [`StoreError::WrongKey`], [`StoreError::Newer`]; [`StoreError::Damaged`] with the database's name.
pub fn examine(folder: &Path, vault: &LockedVault, keys: &UnlockedKeys) -> Result<Examined, StoreError> {
    let unlock = |_| StoreError::NotOpen;
    let visits = keys.visits().ok_or(StoreError::NotOpen)?;
    let visits = vault.database_key(visits).map_err(unlock)?;
    let research = vault.database_key(keys.research().ok_or(StoreError::NotOpen)?).map_err(unlock)?;
    let library = keys.pseudonym_key().library_database_key().map_err(unlock)?;
    let mut found = Examined { last_seen: None, missing_sound: 0 };
    if let Some(db) = connect(folder, "visits.db", &visits)? {
        whole(&db, "visits.db")?;
        found.missing_sound = missing_sound(&db, folder)?;
    }
    if let Some(db) = connect(folder, "research.db", &research)? {
        whole(&db, "research.db")?;
    }
    if let Some(db) = connect(folder, "library.db", &library)? {
        whole(&db, "library.db")?;
        found.last_seen = crate::log_witness::last_seen(&db).unwrap_or_default();
    }
    Ok(found)
}

/// Reads every page of the databases that the session's keys open, while they are in use.
///
/// # Errors
/// As [`examine`].
pub fn check_databases(_by: &Grant<CreateBackup>, folder: &Path, session: &Session) -> Result<(), StoreError> {
    let dbs = [
        session.visits_database().map(|key| connect(folder, "visits.db", key)).transpose()?.flatten(),
        session.research_database().map(|key| connect(folder, "research.db", key)).transpose()?.flatten(),
        connect(folder, "library.db", session.library_database())?,
    ];
    dbs.into_iter().zip(["visits.db", "research.db", "library.db"]).try_for_each(|(db, name)| match db {
        Some(db) => whole(&db, name),
        None => Ok(()),
    })
}

/// Every page's authentication code, every row's place in its indexes; and the format is one that this program knows.
fn whole(db: &Connection, name: &'static str) -> Result<(), StoreError> {
    let found: u32 = db.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    let known = known_formats().get(name).copied().unwrap_or(0);
    if found > known {
        return Err(StoreError::Newer { file: name, found, known });
    }
    // One says nothing when all is well, the other `ok`.
    for check in ["PRAGMA cipher_integrity_check", "PRAGMA integrity_check"] {
        let said: Option<String> = db.query_row(check, [], |r| r.get(0)).optional()?;
        if said.is_some_and(|word| word != "ok") {
            return Err(StoreError::Damaged(name));
        }
    }
    Ok(())
}

fn missing_sound(db: &Connection, folder: &Path) -> Result<u64, StoreError> {
    // A store of the first format has no recordings yet.
    let known = db.query_row("SELECT 1 FROM sqlite_schema WHERE name = 'recording_segments'", [], |_| Ok(()));
    if known.optional()?.is_none() {
        return Ok(0);
    }
    let mut statement = db.prepare("SELECT recording, number FROM recording_segments")?;
    let mut missing = 0;
    for row in statement.query_and_then([], |r| Ok::<_, StoreError>((crate::rows::parsed(r, 0)?, r.get(1)?)))? {
        let (recording, number): (RecordingId, u32) = row?;
        let file = folder.join("recordings").join(recording.to_string()).join(format!("{number:04}.seg"));
        missing += u64::from(!file.is_file());
    }
    Ok(missing)
}
