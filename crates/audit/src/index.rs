//! An index for looking things up in a long log: a SQLite file beside it that holds nothing the log does not, and
//! can be thrown away at any time.
//!
//! It only says where lines stand. What is shown is read from the log's own file each time and compared with what the
//! index says of it; an index that is wrong is made anew. Verdicts, reports and exports never ask it.

mod build;
mod sql;

use crate::{
    AuditError, Filter, LogLine,
    files::{self, FileName},
    line::Line,
};
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde::Serialize;
use sql::Conditions;
use std::{
    collections::HashMap,
    fs::File,
    io,
    ops::ControlFlow,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

const FILE: &str = "index.sqlite";

/// An open index, as up to date as its last [`Index::refresh`].
pub struct Index {
    db: Connection,
    dir: PathBuf,
}

/// Lines of a filter, counted from the newest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Slice {
    /// How many lines the filter wants.
    pub total: u64,
    /// Those from the offset on, newest first.
    pub lines: Vec<LogLine>,
}

/// A day's or an hour's lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Days since 1970-01-01, or the hour of the day, both in the time asked for.
    pub at: i64,
    /// Lines.
    pub lines: u64,
    /// Of these, refused or failed.
    pub refused: u64,
    /// Of these, failed sign-ins.
    pub failed_sign_ins: u64,
}

/// What a filter's lines are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// By day, oldest first; days without lines are left out.
    pub days: Vec<Tally>,
    /// By hour of the day, all that have lines.
    pub hours: Vec<Tally>,
    /// Every type with its number of lines, most first.
    pub event_types: Vec<(String, u64)>,
    /// Every `user_id` with its number of lines, most first.
    pub users: Vec<(String, u64)>,
    /// Every outcome with its number of lines, most first.
    pub outcomes: Vec<(String, u64)>,
}

impl Index {
    /// Opens the index of the log in `dir`, or begins one. One that cannot be read is thrown away.
    ///
    /// # Errors
    /// When the folder cannot be written or SQLite cannot work in it.
    pub fn open(dir: &Path) -> Result<Self, AuditError> {
        match Self::open_file(dir) {
            Ok(index) => Ok(index),
            Err(_) => {
                Self::throw_away(dir);
                Self::open_file(dir).map_err(fault)
            }
        }
    }

    /// Takes in the lines that were added since. An index that does not fit the files any more is made anew.
    /// `progress` hears of bytes read and to read, and may break off; the next call goes on from there.
    ///
    /// # Errors
    /// When a file of the log cannot be read, or the index not be written.
    pub fn refresh(&mut self, progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>) -> Result<(), AuditError> {
        if build::extend(&mut self.db, &self.dir, progress)? {
            return Ok(());
        }
        self.rebuild(progress)
    }

    /// `filter`'s lines from the newest on, `offset` of them passed over. `before_seq` and `after_seq` hold too.
    ///
    /// # Errors
    /// When the index cannot be read, or the log's files not.
    pub fn slice(&mut self, filter: &Filter, offset: u64) -> Result<Slice, AuditError> {
        if let Some(slice) = self.try_slice(filter, offset)? {
            return Ok(slice);
        }
        // What stands in the files is not what the index says. The files count.
        self.rebuild(&mut |_, _| ControlFlow::Continue(()))?;
        let again = self.try_slice(filter, offset)?;
        Ok(again.unwrap_or_default())
    }

    /// What `filter`'s lines are made of. Days and hours are those of a clock `offset_minutes` ahead of UTC.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn overview(&self, filter: &Filter, offset_minutes: i32) -> Result<Overview, AuditError> {
        let Some(c) = Conditions::of(&self.db, filter).map_err(fault)? else { return Ok(Overview::default()) };
        let shift = i64::from(offset_minutes) * 60_000;
        let sum = |unit: &str| -> rusqlite::Result<Vec<Tally>> {
            let sql = format!(
                "SELECT {unit}, count(*), sum(outcome IN (SELECT id FROM words WHERE kind = {o} AND word IN ('denied', \
                 'failure'))), sum(type = (SELECT id FROM words WHERE kind = {t} AND word = 'sign_in') AND outcome IN \
                 (SELECT id FROM words WHERE kind = {o} AND word IN ('denied', 'failure'))) FROM lines {} GROUP BY 1 \
                 ORDER BY 1",
                c.whole(),
                o = sql::OUTCOME,
                t = sql::TYPE,
            );
            let mut statement = self.db.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(c.values()), |r| {
                let refused = r.get::<_, Option<u64>>(2)?.unwrap_or(0);
                let failed_sign_ins = r.get::<_, Option<u64>>(3)?.unwrap_or(0);
                Ok(Tally { at: r.get(0)?, lines: r.get(1)?, refused, failed_sign_ins })
            })?;
            rows.collect()
        };
        let words = |column: &str| -> rusqlite::Result<Vec<(String, u64)>> {
            let sql = format!(
                "SELECT (SELECT word FROM words WHERE id = {column}), count(*) FROM lines {} GROUP BY {column} ORDER BY \
                 2 DESC, 1",
                c.whole()
            );
            let mut statement = self.db.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(c.values()), |r| Ok((r.get(0)?, r.get(1)?)))?;
            rows.collect()
        };
        let made = || -> rusqlite::Result<Overview> {
            Ok(Overview {
                days: sum(&format!("(time_ms + {shift}) / 86400000"))?,
                hours: sum(&format!("((time_ms + {shift}) / 3600000) % 24"))?,
                event_types: words("type")?,
                users: words("user")?,
                outcomes: words("outcome")?,
            })
        };
        made().map_err(fault)
    }

    /// `None` when the index does not tell what the files hold.
    fn try_slice(&self, filter: &Filter, offset: u64) -> Result<Option<Slice>, AuditError> {
        let Some(c) = Conditions::of(&self.db, filter).map_err(fault)? else { return Ok(Some(Slice::default())) };
        let (total, places) = self.places(&c, filter.limit as u64, offset).map_err(fault)?;
        let mut open: HashMap<FileName, File> = HashMap::new();
        let mut lines = Vec::with_capacity(places.len());
        for (seq, name, at, length) in places {
            let Some(name) = FileName::parse(&name) else { return Ok(None) };
            let file = match open.entry(name) {
                std::collections::hash_map::Entry::Occupied(e) => e.into_mut(),
                std::collections::hash_map::Entry::Vacant(e) => {
                    let Ok(file) = files::open_plain(&self.dir.join(name.to_string())) else { return Ok(None) };
                    e.insert(file)
                }
            };
            let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
            if file.read_exact_at(&mut bytes, at).is_err() || bytes.pop() != Some(b'\n') {
                return Ok(None);
            }
            match (Line::parse(&bytes), std::str::from_utf8(&bytes)) {
                (Ok(line), Ok(raw)) if line.seq == seq && filter.wants(&line) => lines.push(LogLine::of(&line, raw)),
                _ => return Ok(None),
            }
        }
        Ok(Some(Slice { total, lines }))
    }

    #[expect(clippy::type_complexity, reason = "a row, taken apart at once by its one caller")]
    fn places(&self, c: &Conditions, limit: u64, offset: u64) -> rusqlite::Result<(u64, Vec<(u64, String, u64, u64)>)> {
        let lines: u64 = self.db.query_row("SELECT coalesce(max(n), 0) FROM lines", [], |r| r.get(0))?;
        let all = c.is_empty();
        let total = if all {
            lines
        } else {
            let count = format!("SELECT count(*) FROM lines {}", c.whole());
            self.db.prepare_cached(&count)?.query_row(params_from_iter(c.values()), |r| r.get(0))?
        };
        // Numbers are dense, so without conditions the place follows from them. With conditions the inner query runs
        // over an index alone, and only the lines of the page are looked up.
        let inner = if all {
            format!("SELECT n FROM lines WHERE n <= {lines} - {offset} ORDER BY n DESC LIMIT {limit}")
        } else {
            format!("SELECT n FROM lines {} ORDER BY n DESC LIMIT {limit} OFFSET {offset}", c.whole())
        };
        let sql = format!(
            "SELECT l.seq, f.name, l.at, l.length FROM lines l JOIN files f ON f.id = l.file WHERE l.n IN ({inner}) \
             ORDER BY l.n DESC"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows =
            statement.query_map(params_from_iter(c.values()), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;
        Ok((total, rows.collect::<rusqlite::Result<_>>()?))
    }

    fn rebuild(&mut self, progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>) -> Result<(), AuditError> {
        build::empty(&mut self.db).map_err(fault)?;
        build::extend(&mut self.db, &self.dir, progress).map(|_| ())
    }

    fn open_file(dir: &Path) -> rusqlite::Result<Self> {
        let path = dir.join(FILE);
        // SQLite gives its journal the mode of the database, so that is made first. One that is there is not opened:
        // closing it again would let go of the locks of other connections of this process.
        match File::options().write(true).create_new(true).mode(0o600).open(&path) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(rusqlite::Error::InvalidPath(path)),
            _ => {}
        }
        let db = Connection::open(&path)?;
        db.busy_timeout(std::time::Duration::from_secs(30))?;
        // Losing the index loses nothing, so nothing waits for the disk.
        db.execute_batch(
            "PRAGMA cipher_log_level = NONE; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = OFF; \
             PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824; PRAGMA trusted_schema = OFF;",
        )?;
        let version: Option<u32> = db.query_row("PRAGMA user_version", [], |r| r.get(0)).optional()?;
        match version {
            Some(sql::VERSION) => {}
            Some(0) => build::create(&db)?,
            _ => return Err(rusqlite::Error::InvalidQuery),
        }
        Ok(Self { db, dir: dir.to_owned() })
    }

    fn throw_away(dir: &Path) {
        for name in [FILE.to_owned(), format!("{FILE}-journal")] {
            let _ = std::fs::remove_file(dir.join(name));
        }
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").finish_non_exhaustive()
    }
}

/// SQLite's words name files and tables of ours alone, but no word of a library goes to a face.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn fault(e: rusqlite::Error) -> AuditError {
    let kind = match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => io::ErrorKind::StorageFull,
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => io::ErrorKind::WouldBlock,
        Some(rusqlite::ErrorCode::ReadOnly) => io::ErrorKind::ReadOnlyFilesystem,
        _ => io::ErrorKind::Other,
    };
    AuditError::Io { doing: "use the log's index", kind, errno: None }
}
