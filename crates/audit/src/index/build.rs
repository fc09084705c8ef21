//! Filling the index: all lines at first, then those that came since.

use super::{
    fault,
    sql::{INDEXES, NO_INDEXES, OUTCOME, RECORD, TABLES, TYPE, USER, VERSION},
};
use crate::{
    AuditError,
    files::{self, FileName},
    follow::{Followed, Stands},
    line::Line,
};
use cloister_domain::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, ops::ControlFlow, os::unix::fs::FileExt, path::Path};

/// From so many bytes on the indexes are made after the lines instead of with each.
const MANY: u64 = 16 << 20;
/// Lines between two looks at whether to go on.
const STRIDE: u64 = 8192;

pub(super) fn create(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch("BEGIN IMMEDIATE")?;
    let version: u32 = db.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    if version == 0 {
        db.execute_batch(TABLES)?;
        db.execute_batch(INDEXES)?;
        db.pragma_update(None, "user_version", VERSION)?;
    }
    db.execute_batch("COMMIT")
}

/// Forgets every line.
pub(super) fn empty(db: &mut Connection) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch(NO_INDEXES)?;
    tx.execute_batch("DELETE FROM records; DELETE FROM lines; DELETE FROM words; DELETE FROM files;")?;
    tx.execute_batch(INDEXES)?;
    tx.commit()
}

/// Takes in what came since. `false` when what was taken in before does not stand in the files any more.
pub(super) fn extend(
    db: &mut Connection,
    dir: &Path,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<bool, AuditError> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    let Some((mut place, known)) = still_there(&tx, dir)? else { return Ok(false) };
    let total: u64 = sizes(dir)?.values().sum();
    if known >= total {
        return Ok(true);
    }
    let bulk = total - known > MANY;
    if bulk {
        tx.execute_batch(NO_INDEXES).map_err(fault)?;
    }
    let mut filling = Filling::begin(&tx).map_err(fault)?;
    let mut failed = None;
    let mut done = known;
    let read = place.read(dir, |line, bytes, stands| {
        if let Err(e) = filling.add(line, bytes, stands) {
            failed = Some(e);
            return ControlFlow::Break(());
        }
        done += stands.length;
        if filling.n.is_multiple_of(STRIDE) { progress(done, total) } else { ControlFlow::Continue(()) }
    });
    if let Some(e) = failed {
        return Err(fault(e));
    }
    read.map_err(AuditError::io("read the log"))?;
    filling.finish().map_err(fault)?;
    drop(filling);
    if bulk {
        tx.execute_batch(INDEXES).map_err(fault)?;
    }
    tx.commit().map_err(fault)?;
    Ok(true)
}

/// How far the index has come and how many bytes that is, if each file still holds what was taken in.
fn still_there(tx: &Transaction<'_>, dir: &Path) -> Result<Option<(Followed, u64)>, AuditError> {
    let mut statement = tx.prepare("SELECT name, bytes, last_at, last_sha256 FROM files").map_err(fault)?;
    let rows = statement
        .query_map([], |r| {
            Ok((r.get::<_, String>(0)?, r.get::<_, u64>(1)?, r.get::<_, u64>(2)?, r.get::<_, Vec<u8>>(3)?))
        })
        .map_err(fault)?;
    let sizes = sizes(dir)?;
    let mut place = Followed::default();
    let mut known = 0;
    let mut newest = None;
    for row in rows {
        let (name, bytes, last_at, last_sha256) = row.map_err(fault)?;
        let Some(name) = FileName::parse(&name) else { return Ok(None) };
        let holds = || -> Option<bool> {
            let file = files::open_plain(&dir.join(name.to_string())).ok()?;
            let mut line = vec![0; usize::try_from(bytes.checked_sub(last_at)?).ok()?];
            file.read_exact_at(&mut line, last_at).ok()?;
            Some(Sha256::digest(&line)[..] == last_sha256[..])
        };
        if sizes.get(&name).is_none_or(|size| *size < bytes) || holds() != Some(true) {
            return Ok(None);
        }
        known += bytes;
        if newest < Some(name) {
            newest = Some(name);
            (place.file, place.offset) = (newest, bytes);
        }
    }
    // A file that came in between, or grew after a later one began, has lines that the index would never see.
    let passed_over = |(name, size): (&FileName, &u64)| {
        newest.is_some_and(|n| *name < n) && *size > 0 && indexed(tx, *name).is_none_or(|bytes| bytes < *size)
    };
    if sizes.iter().any(passed_over) {
        return Ok(None);
    }
    Ok(Some((place, known)))
}

fn indexed(tx: &Transaction<'_>, name: FileName) -> Option<u64> {
    tx.query_row("SELECT bytes FROM files WHERE name = ?1", [name.to_string()], |r| r.get(0)).optional().ok().flatten()
}

fn sizes(dir: &Path) -> Result<HashMap<FileName, u64>, AuditError> {
    let names = files::list(dir).map_err(AuditError::io("read the log"))?;
    let size = |name: &FileName| std::fs::symlink_metadata(dir.join(name.to_string())).map_or(0, |m| m.len());
    Ok(names.into_iter().map(|name| (name, size(&name))).collect())
}

/// One transaction's new lines.
struct Filling<'a> {
    tx: &'a Transaction<'a>,
    words: HashMap<(u8, String), i64>,
    n: u64,
    file: Option<(FileName, i64)>,
    /// The newest line of that file, as it stands.
    last: Vec<u8>,
    last_at: u64,
}

impl<'a> Filling<'a> {
    fn begin(tx: &'a Transaction<'a>) -> rusqlite::Result<Self> {
        let n = tx.query_row("SELECT coalesce(max(n), 0) FROM lines", [], |r| r.get(0))?;
        Ok(Self { tx, words: HashMap::new(), n, file: None, last: Vec::new(), last_at: 0 })
    }

    fn add(&mut self, line: &Line<'_>, bytes: &[u8], stands: Stands) -> rusqlite::Result<()> {
        let file = self.file(stands.file)?;
        self.n += 1;
        let time_ms = Timestamp::parse(line.time).map_or(0, Timestamp::as_millis);
        let (kind, user, outcome) =
            (self.word(TYPE, line.event_type)?, self.word(USER, line.user_id)?, self.word(OUTCOME, line.outcome)?);
        self.tx.prepare_cached("INSERT INTO lines VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute((
            self.n,
            line.seq,
            file,
            stands.at,
            stands.length,
            time_ms,
            kind,
            user,
            outcome,
        ))?;
        let of_target = line.target.map(|t| [t, t.rsplit_once(':').map_or(t, |(_, name)| name)]);
        for record in of_target.into_iter().flatten().chain(line.text("patient")) {
            let record = self.word(RECORD, record)?;
            self.tx.prepare_cached("INSERT OR IGNORE INTO records VALUES (?1, ?2)")?.execute((record, self.n))?;
        }
        // The digest of each line would cost more than all the rest: only the last one's is kept.
        self.last.clear();
        self.last.extend_from_slice(bytes);
        self.last_at = stands.at;
        Ok(())
    }

    fn word(&mut self, kind: u8, word: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.words.get(&(kind, word.to_owned())) {
            return Ok(*id);
        }
        self.tx.prepare_cached("INSERT OR IGNORE INTO words (kind, word) VALUES (?1, ?2)")?.execute((kind, word))?;
        let mut find = self.tx.prepare_cached("SELECT id FROM words WHERE kind = ?1 AND word = ?2")?;
        let id = find.query_row((kind, word), |r| r.get(0))?;
        self.words.insert((kind, word.to_owned()), id);
        Ok(id)
    }

    fn file(&mut self, name: FileName) -> rusqlite::Result<i64> {
        if let Some((current, id)) = self.file
            && current == name
        {
            return Ok(id);
        }
        self.finish()?;
        let text = name.to_string();
        self.tx
            .prepare_cached("INSERT OR IGNORE INTO files (name, bytes, last_at, last_sha256) VALUES (?1, 0, 0, x'')")?
            .execute([&text])?;
        let id = self.tx.query_row("SELECT id FROM files WHERE name = ?1", [&text], |r| r.get(0))?;
        self.file = Some((name, id));
        Ok(id)
    }

    /// Notes how far the file at hand has been taken in.
    fn finish(&self) -> rusqlite::Result<()> {
        let Some((_, id)) = self.file else { return Ok(()) };
        self.tx
            .prepare_cached("UPDATE files SET bytes = ?2, last_at = ?3, last_sha256 = ?4 WHERE id = ?1")?
            .execute((id, self.last_at + self.last.len() as u64, self.last_at, &Sha256::digest(&self.last)[..]))?;
        Ok(())
    }
}
