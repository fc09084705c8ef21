//! Looking things up: newest first, page by page, in flat memory and without an index.
//!
//! A page shows what stands in the files; whether that is what was written is the verifier's answer.

use crate::{
    AuditError,
    backwards::{Backwards, Stretch},
    files::{self, FileName},
    head::Receipt,
    line::{Line, MAX_LINE},
};
use cloister_domain::{DetailKey, Outcome, Sha256Hex, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    collections::HashSet,
    fs::File,
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
    path::Path,
};

/// Which lines are wanted. Every condition must hold; an empty filter wants all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// At or after this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// With this `user_id`.
    pub user: Option<String>,
    /// Of this type.
    pub event_type: Option<String>,
    /// With this outcome.
    pub outcome: Option<String>,
    /// With this target.
    pub target: Option<String>,
    /// About any of these records: pseudonyms, as they stand in a target or in `details.patient`. Empty: about all.
    pub records: Vec<String>,
    /// Numbered below this: where the page before ended.
    pub before_seq: Option<u64>,
    /// Numbered above this. It bounds the search for what may not be there.
    pub after_seq: Option<u64>,
    /// The most lines to return.
    pub limit: usize,
}

/// Lines, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Page {
    /// At most as many as were asked for.
    pub lines: Vec<LogLine>,
    /// `before_seq` of the next page; `None` when the log's beginning was reached.
    pub next_before_seq: Option<u64>,
    /// Stretches passed over because they are no lines. The verifier says what that means.
    pub unreadable: u64,
}

/// One line, taken apart, and as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// Its number.
    pub seq: u64,
    /// The wall clock's time (RFC 3339, UTC, milliseconds).
    pub time: String,
    /// The machine's boot.
    pub boot: String,
    /// Milliseconds since that boot.
    pub mono_ms: u64,
    /// What happened.
    pub event_type: String,
    /// Who did it: `usr-…`, `system` or `unknown:…`.
    pub user_id: String,
    /// The role they had.
    pub role: Option<String>,
    /// Their session.
    pub session: Option<String>,
    /// The machine.
    pub host: String,
    /// The command or inner act.
    pub action: String,
    /// What it was done to.
    pub target: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// Counts, codes and digests.
    pub details: serde_json::Value,
    /// The line's own JSON, as it stands in the file.
    pub raw: String,
}

impl LogLine {
    pub(crate) fn of(line: &Line<'_>, raw: &str) -> Self {
        let own = |text: Option<&str>| text.map(ToOwned::to_owned);
        Self {
            seq: line.seq,
            time: line.time.to_owned(),
            boot: line.boot.to_owned(),
            mono_ms: line.mono_ms,
            event_type: line.event_type.to_owned(),
            user_id: line.user_id.to_owned(),
            role: own(line.role),
            session: own(line.session),
            host: line.host.to_owned(),
            action: line.action.to_owned(),
            target: own(line.target),
            outcome: line.outcome.to_owned(),
            details: serde_json::from_str(line.details).unwrap_or_default(),
            raw: raw.to_owned(),
        }
    }
}

impl Filter {
    fn is_about(&self, line: &Line<'_>) -> bool {
        let target = line.target.map(|t| t.rsplit_once(':').map_or(t, |(_, name)| name));
        let patient = line.text(DetailKey::Patient.name());
        [target, line.target, patient].into_iter().flatten().any(|found| self.records.iter().any(|r| r == found))
    }

    pub(crate) fn wants(&self, line: &Line<'_>) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
        let time = || Timestamp::parse(line.time);
        self.before_seq.is_none_or(|seq| line.seq < seq)
            && is(&self.user, Some(line.user_id))
            && is(&self.event_type, Some(line.event_type))
            && is(&self.outcome, Some(line.outcome))
            && is(&self.target, line.target)
            && (self.records.is_empty() || self.is_about(line))
            && self.after_seq.is_none_or(|seq| line.seq > seq)
            && self.from.is_none_or(|from| time().is_some_and(|t| t >= from))
            && self.to.is_none_or(|to| time().is_some_and(|t| t < to))
    }
}

/// A page of the log in `dir`. Lines that another process is adding just then may or may not be on it.
///
/// # Errors
/// When a file cannot be read.
pub fn lines(dir: &Path, filter: &Filter) -> Result<Page, AuditError> {
    let mut page = Page::default();
    let mut more = false;
    page.unreadable = newest_first(dir, filter.from, filter.before_seq, |line, raw| {
        if filter.after_seq.is_some_and(|seq| line.seq <= seq) {
            return false;
        }
        if filter.wants(line) {
            more = page.lines.len() == filter.limit;
            if !more {
                page.lines.push(LogLine::of(line, raw));
            }
        }
        !more
    })
    .map_err(AuditError::io("read the log"))?;
    page.next_before_seq = page.lines.last().map(|line| line.seq).or(filter.before_seq).filter(|_| more);
    Ok(page)
}

/// The newest line that `filter` wants: reading ends there. `None` when there is none (its `limit` does not matter).
///
/// # Errors
/// When a file cannot be read.
pub fn newest(dir: &Path, filter: &Filter) -> Result<Option<LogLine>, AuditError> {
    let mut found = None;
    newest_first(dir, filter.from, filter.before_seq, |line, raw| {
        if filter.after_seq.is_some_and(|seq| line.seq <= seq) {
            return false;
        }
        if filter.wants(line) {
            found = Some(LogLine::of(line, raw));
        }
        found.is_none()
    })
    .map_err(AuditError::io("read the log"))?;
    Ok(found)
}

/// Attempts since `from` that no line answers, newest first: acts that a crash ended, or that are still going on in
/// a living process (which knows its own).
///
/// # Errors
/// When a file cannot be read.
pub fn unanswered(dir: &Path, from: Timestamp, limit: usize) -> Result<Vec<LogLine>, AuditError> {
    let mut answered = HashSet::new();
    let mut open = Vec::new();
    newest_first(dir, Some(from), None, |line, raw| {
        if line.outcome != Outcome::Attempt.name() {
            answered.extend(line.count(DetailKey::Attempt.name()));
        } else if !answered.remove(&line.seq) && Timestamp::parse(line.time).is_some_and(|time| time >= from) {
            open.push(LogLine::of(line, raw));
        }
        open.len() < limit
    })
    .map_err(AuditError::io("read the log"))?;
    Ok(open)
}

/// Whether the log in `dir` still holds the line of a receipt, as it was written then. Looks that line up and no other:
/// a quick question at every sign-in, not a verdict.
///
/// # Errors
/// When a file cannot be read.
pub fn holds(dir: &Path, receipt: &Receipt) -> Result<bool, AuditError> {
    let found = line(dir, receipt.seq).map_err(AuditError::io("read the log"))?;
    Ok(found.is_some_and(|(hash, _)| Sha256Hex::from_bytes(&hash) == receipt.hash))
}

/// The digest of the newest line numbered `seq`, and the key it announces.
pub(crate) fn line(dir: &Path, seq: u64) -> io::Result<Option<([u8; 32], [u8; 32])>> {
    let mut found = None;
    newest_first(dir, None, Some(seq.saturating_add(1)), |line, raw| {
        if line.seq == seq {
            found = Some((Sha256::digest(format!("{raw}\n")).into(), line.next_vk));
        }
        line.seq > seq
    })?;
    Ok(found)
}

/// Gives out lines from the newest on (or from below `before_seq`), in files that can hold lines from `from` on,
/// until `more` has enough. Returns how many stretches were passed over because they are no lines.
fn newest_first(
    dir: &Path,
    from: Option<Timestamp>,
    before_seq: Option<u64>,
    mut more: impl FnMut(&Line<'_>, &str) -> bool,
) -> io::Result<u64> {
    let mut unreadable = 0;
    for name in files::list(dir)?.into_iter().rev() {
        // A line never stands in a file earlier than its own month (a clock set back opens no older file).
        if from.is_some_and(|from| month(name) < month(FileName::of(1, from))) {
            continue;
        }
        let file = match files::open_plain(&dir.join(name.to_string())) {
            Ok(file) => file,
            Err(e) if matches!(e.kind(), ErrorKind::PermissionDenied) => return Err(e),
            Err(_) => {
                unreadable += 1;
                continue;
            }
        };
        let length = file.metadata()?.len();
        let end = match before_seq {
            Some(seq) => end_before(&file, length, seq)?,
            None => length,
        };
        let mut reader = Backwards::new(&file, end);
        // Found by halving, the end may lie within a line, which then is not one to give out.
        let mut within_line = end < length;
        while let Some(stretch) = reader.next()? {
            let first = std::mem::take(&mut within_line);
            let Stretch::Line(bytes) = stretch else {
                unreadable += u64::from(!first);
                continue;
            };
            let text = &bytes[..bytes.len() - 1];
            let (Ok(line), Ok(raw)) = (Line::parse(text), std::str::from_utf8(text)) else {
                unreadable += 1;
                continue;
            };
            if !more(&line, raw) {
                return Ok(unreadable);
            }
        }
    }
    Ok(unreadable)
}

const fn month(name: FileName) -> (u16, u8) {
    (name.year, name.month)
}

/// A byte offset behind the last line numbered below `seq`, found by halving: numbers rise through a file. Too far
/// an end costs time only, since the filter looks again; damage can lead here astray, and then shows fewer lines.
fn end_before(file: &File, length: u64, seq: u64) -> io::Result<u64> {
    let (mut low, mut high) = (0, length);
    while high - low > 4 * MAX_LINE as u64 {
        let middle = low + (high - low) / 2;
        match first_line_after(file, middle, length)? {
            Some(found) if found < seq => low = middle,
            Some(_) => high = middle,
            None => break,
        }
    }
    Ok((high + 2 * MAX_LINE as u64).min(length))
}

/// The number of the first whole line that begins after byte `at`.
fn first_line_after(file: &File, at: u64, length: u64) -> io::Result<Option<u64>> {
    let size = usize::try_from((length - at).min(2 * MAX_LINE as u64)).unwrap_or(0);
    let mut bytes = vec![0; size];
    file.read_exact_at(&mut bytes, at)?;
    let mut parts = bytes.split_inclusive(|b| *b == b'\n').skip(1);
    Ok(parts.find_map(|part| Line::parse(part.strip_suffix(b"\n")?).ok().map(|line| line.seq)))
}
