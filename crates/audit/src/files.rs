//! The folder of a log: one file per month and segment, opened so that nothing but a plain file is ever read.

use cloister_domain::Timestamp;
use rustix::fs::OFlags;
use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

pub(crate) const STATE: &str = "state";

/// `2026-11.jsonl` in the first segment, `2026-11.s2.jsonl` in the second. Ordered as the lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileName {
    /// From 1; a broken chain begins the next.
    pub(crate) segment: u32,
    pub(crate) year: u16,
    pub(crate) month: u8,
}

impl FileName {
    pub(crate) fn of(segment: u32, time: Timestamp) -> Self {
        let date = jiff::Timestamp::from_millisecond(time.as_millis())
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(jiff::tz::TimeZone::UTC);
        Self { segment, year: u16::try_from(date.year()).unwrap_or(0), month: u8::try_from(date.month()).unwrap_or(1) }
    }

    /// `None` for every other file of the folder.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (date, rest) = name.split_once('.')?;
        let segment = match rest.strip_suffix("jsonl")? {
            "" => 1,
            middle => middle.strip_prefix('s')?.strip_suffix('.')?.parse().ok().filter(|n| *n >= 2)?,
        };
        let (year, month) = date.split_once('-')?;
        let found = Self { segment, year: year.parse().ok()?, month: month.parse().ok()? };
        ((1..=12).contains(&found.month) && found.to_string() == name).then_some(found)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}.", self.year, self.month)?;
        if self.segment > 1 {
            write!(f, "s{}.", self.segment)?;
        }
        f.write_str("jsonl")
    }
}

/// The log's files in the order of their lines.
pub(crate) fn list(dir: &Path) -> io::Result<Vec<FileName>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        if let Some(name) = entry?.file_name().to_str().and_then(FileName::parse) {
            found.push(name);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Opens for reading, and refuses whatever is not a plain file: a link could lead anywhere, a pipe would wait
/// for ever.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    plain(OpenOptions::new().read(true).custom_flags(guarded()).open(path)?)
}

/// Opens a file of lines for appending (and reading its end).
pub(crate) fn open_append(path: &Path) -> io::Result<File> {
    plain(OpenOptions::new().read(true).append(true).custom_flags(guarded()).open(path)?)
}

/// Makes a file of lines; one that exists is an error.
pub(crate) fn create_append(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(path)
}

/// Opens a file that exists, to write over what it holds.
pub(crate) fn open_overwrite(path: &Path) -> io::Result<File> {
    plain(OpenOptions::new().write(true).custom_flags(guarded()).open(path)?)
}

/// Makes an empty file, whatever stood there before; a link is not followed.
pub(crate) fn create_over(path: &Path) -> io::Result<File> {
    plain(OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).custom_flags(guarded()).open(path)?)
}

/// Opens the state file for reading and overwriting, and makes an empty one where there is none.
pub(crate) fn open_state(dir: &Path) -> io::Result<File> {
    plain(
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(guarded())
            .open(dir.join(STATE))?,
    )
}

/// Whether `path` still leads to `file`.
pub(crate) fn still_at(path: &Path, file: &File) -> bool {
    match (fs::symlink_metadata(path), file.metadata()) {
        (Ok(at), Ok(open)) => (at.dev(), at.ino()) == (open.dev(), open.ino()),
        _ => false,
    }
}

/// Makes a new or renamed entry of the folder durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn guarded() -> i32 {
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()
}

fn plain(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

#[cfg(test)]
mod tests {
    use super::FileName;
    use cloister_domain::Timestamp;

    #[test]
    fn names_are_read_back_and_others_are_not_ours() {
        for name in ["2026-11.jsonl", "0000-01.jsonl", "2026-11.s2.jsonl", "2026-11.s12.jsonl"] {
            assert_eq!(FileName::parse(name).unwrap().to_string(), name);
        }
        for name in [
            "head.json",
            "2026-13.jsonl",
            "2026-1.jsonl",
            "2026-11.s1.jsonl",
            "2026-11.s02.jsonl",
            "2026-11.jsonl.bak",
            "2026-11.sjsonl",
            "+026-11.jsonl",
            "2026-11",
            "",
        ] {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_month_is_that_of_utc() {
        let last = Timestamp::parse("2026-11-30T23:59:59.999Z").unwrap();
        assert_eq!(FileName::of(1, last).to_string(), "2026-11.jsonl");
        let next = Timestamp::from_millis(last.as_millis() + 1);
        assert_eq!(FileName::of(3, next).to_string(), "2026-12.s3.jsonl");
    }

    #[test]
    fn segments_come_after_each_other_whatever_the_month() {
        assert!(FileName { segment: 2, year: 2020, month: 1 } > FileName { segment: 1, year: 2026, month: 1 });
    }
}
