//! Tables of the index, and a filter in their words.

use crate::Filter;
use rusqlite::{Connection, OptionalExtension, types::Value};

/// Of the tables. An index of another version is thrown away.
pub(super) const VERSION: u32 = 1;

pub(super) const TYPE: u8 = 1;
pub(super) const USER: u8 = 2;
pub(super) const OUTCOME: u8 = 3;
/// A target as it stands, or the pseudonym in a target or in `details.patient`.
pub(super) const RECORD: u8 = 4;

/// `lines.n` counts from 1 in the order of the files, without gaps.
pub(super) const TABLES: &str = "
CREATE TABLE files (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL, last_at INTEGER NOT NULL,
    last_sha256 BLOB NOT NULL) STRICT;
CREATE TABLE words (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, word TEXT NOT NULL, UNIQUE (kind, word)) STRICT;
CREATE TABLE lines (n INTEGER PRIMARY KEY, seq INTEGER NOT NULL, file INTEGER NOT NULL, at INTEGER NOT NULL,
    length INTEGER NOT NULL, time_ms INTEGER NOT NULL, type INTEGER NOT NULL, user INTEGER NOT NULL,
    outcome INTEGER NOT NULL) STRICT;
CREATE TABLE records (record INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (record, n)) STRICT, WITHOUT ROWID;
";
/// Each holds all that a filter asks for, so that counting and paging never touch the table.
pub(super) const INDEXES: &str = "
CREATE INDEX IF NOT EXISTS by_type ON lines(type, n, time_ms, user, outcome, seq);
CREATE INDEX IF NOT EXISTS by_user ON lines(user, n, time_ms, type, outcome, seq);
CREATE INDEX IF NOT EXISTS by_outcome ON lines(outcome, n, time_ms, type, user, seq);
CREATE INDEX IF NOT EXISTS by_time ON lines(time_ms, n);
";
pub(super) const NO_INDEXES: &str = "DROP INDEX IF EXISTS by_type; DROP INDEX IF EXISTS by_user; DROP INDEX IF EXISTS by_outcome; DROP INDEX IF EXISTS \
     by_time;";

/// A `WHERE` and its values.
pub(super) struct Conditions {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// `None` when no line can fulfil it: a word that no line has.
    pub(super) fn of(db: &Connection, filter: &Filter) -> rusqlite::Result<Option<Self>> {
        let mut c = Self { parts: Vec::new(), values: Vec::new() };
        let word = |kind: u8, word: &str| -> rusqlite::Result<Option<i64>> {
            let mut statement = db.prepare_cached("SELECT id FROM words WHERE kind = ?1 AND word = ?2")?;
            statement.query_row((kind, word), |r| r.get(0)).optional()
        };
        for (column, kind, wanted) in
            [("type", TYPE, &filter.event_type), ("user", USER, &filter.user), ("outcome", OUTCOME, &filter.outcome)]
        {
            if let Some(wanted) = wanted {
                let Some(id) = word(kind, wanted)? else { return Ok(None) };
                c.add(format!("{column} = ?"), id);
            }
        }
        let mut records = Vec::new();
        if let Some(target) = &filter.target {
            let Some(id) = word(RECORD, target)? else { return Ok(None) };
            c.add("n IN (SELECT n FROM records WHERE record = ?)".to_owned(), id);
        }
        for record in &filter.records {
            records.extend(word(RECORD, record)?);
        }
        if !filter.records.is_empty() {
            if records.is_empty() {
                return Ok(None);
            }
            let marks = vec!["?"; records.len()].join(", ");
            c.parts.push(format!("n IN (SELECT n FROM records WHERE record IN ({marks}))"));
            c.values.extend(records.into_iter().map(Value::Integer));
        }
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        for (condition, value) in [
            ("time_ms >= ?", filter.from.map(cloister_domain::Timestamp::as_millis)),
            ("time_ms < ?", filter.to.map(cloister_domain::Timestamp::as_millis)),
            ("seq < ?", filter.before_seq.map(number)),
            ("seq > ?", filter.after_seq.map(number)),
        ] {
            if let Some(value) = value {
                c.add(condition.to_owned(), value);
            }
        }
        Ok(Some(c))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// `WHERE …`, or nothing.
    pub(super) fn whole(&self) -> String {
        if self.parts.is_empty() { String::new() } else { format!("WHERE {}", self.parts.join(" AND ")) }
    }

    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    fn add(&mut self, condition: String, value: i64) {
        self.parts.push(condition);
        self.values.push(Value::Integer(value));
    }
}
