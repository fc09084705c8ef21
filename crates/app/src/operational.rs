//! The operational log: what went wrong within the program, for whoever looks after the workstation. It is apart from
//! the audit log, proves nothing, and may be deleted.
//!
//! It holds ids, codes, numbers and the program's own words: never the words of an error, which may name a file, nor
//! anything that was read. A day's file takes at most 1 MiB, and the last fourteen are kept.

use crate::{AppError, incident::cause};
use cloister_domain::{IncidentId, Timestamp};
use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Mutex,
};
use tracing::{Level, level_filters::LevelFilter, subscriber};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, registry};

const KEPT_FILES: usize = 14;
const LARGEST_FILE: u64 = 1 << 20;
const PREFIX: &str = "cloister";
const SUFFIX: &str = "log";
const FULL: &[u8] = b"this day's file is full; what comes after is not kept\n";

/// From now on this process keeps an operational log beside the vault in `data`. A face calls it once, before it
/// starts the app; without it, and where there is no data folder yet, nothing is written.
pub fn keep_operational_log(data: &Path) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(Mutex::new(Rotated { data: data.to_owned(), today: None, full: false }))
        .with_ansi(false)
        .with_target(false)
        .log_internal_errors(false);
    // What libraries say of themselves may quote what they were given.
    let ours = Targets::new().with_default(LevelFilter::OFF).with_target("cloister", Level::INFO);
    // A second call finds the first one's log in place.
    let _ = subscriber::set_global_default(registry().with(ours).with(lines));
}

/// Where it lies.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("operational")
}

/// Whether what is said now is written down.
pub(crate) fn is_kept(data: &Path) -> bool {
    tracing::enabled!(Level::ERROR) && data.is_dir()
}

/// An act failed.
pub(crate) fn failed(incident: IncidentId, act: &'static str, error: &AppError) {
    tracing::error!(%incident, act, code = error.code(), cause = cause(error), "failed");
}

/// A panic, at a place of our own source or of a library's.
pub(crate) fn panicked(incident: Option<IncidentId>, place: &str) {
    let incident = incident.map(|i| i.to_string()).unwrap_or_default();
    tracing::error!(%incident, place, "panic");
}

/// The engine died under a job and is started once more.
pub(crate) fn engine_restarted(incident: IncidentId, why: &'static str) {
    tracing::warn!(%incident, cause = why, "engine restarted");
}

/// This process opened or closed the vault.
pub(crate) fn service(what: &'static str, face: &'static str) {
    tracing::info!(face, version = env!("CARGO_PKG_VERSION"), pid = std::process::id(), "{what}");
}

/// How many files there are, and their bytes.
pub(crate) fn extent(folder: &Path) -> (usize, u64) {
    let files = files(folder);
    (files.len(), files.iter().map(|(_, bytes)| bytes).sum())
}

/// Takes away the files of days before the last `days`. Says how many.
pub(crate) fn forget(data: &Path, days: u32, now: Timestamp) -> u64 {
    let oldest = Timestamp::from_millis(now.as_millis() - i64::from(days.saturating_sub(1)) * 86_400_000);
    let oldest: String = oldest.to_string().chars().take(10).collect();
    let folder = folder(data);
    let day = |name: &str| Some(name.strip_prefix(PREFIX)?.strip_prefix('.')?.get(..10)?.to_owned());
    let old = files(&folder).into_iter().filter(|(name, _)| day(name).is_some_and(|day| day < oldest));
    old.filter(|(name, _)| fs::remove_file(folder.join(name)).is_ok()).count() as u64
}

/// Names and lengths, oldest first: the names hold the day.
fn files(folder: &Path) -> Vec<(String, u64)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.metadata().ok()?.len())))
        .filter(|(name, _)| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
        .collect();
    found.sort();
    found
}

/// A file a day, opened when the first line comes. Several processes may append to it: each line is one write.
struct Rotated {
    data: PathBuf,
    today: Option<RollingFileAppender>,
    /// Whether the last line found its day's file full.
    full: bool,
}

impl Rotated {
    fn open(&mut self) -> io::Result<&mut RollingFileAppender> {
        let today = match self.today.take() {
            Some(today) => today,
            None => {
                let folder = folder(&self.data);
                // Not recursive: no data folder, no log.
                match DirBuilder::new().mode(0o700).create(&folder) {
                    Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
                    _ => {}
                }
                RollingFileAppender::builder()
                    .rotation(Rotation::DAILY)
                    .filename_prefix(PREFIX)
                    .filename_suffix(SUFFIX)
                    .max_log_files(KEPT_FILES)
                    .build(folder)
                    .map_err(io::Error::other)?
            }
        };
        Ok(self.today.insert(today))
    }
}

impl io::Write for Rotated {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let length = files(&folder(&self.data)).last().map_or(0, |(_, bytes)| *bytes);
        if length < LARGEST_FILE {
            self.full = false;
            return self.open()?.write(line);
        }
        // The newest file may be of yesterday: then the appender opens another now, and this line is its first.
        if !self.full {
            self.full = true;
            self.open()?.write_all(FULL)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.today.as_mut().map_or(Ok(()), io::Write::flush)
    }
}

#[cfg(test)]
mod tests {
    use super::{FULL, KEPT_FILES, LARGEST_FILE, Rotated, extent, files, folder};
    use std::{fs, io::Write};

    fn rotated(data: &std::path::Path) -> Rotated {
        Rotated { data: data.to_owned(), today: None, full: false }
    }

    #[test]
    fn nothing_is_made_where_there_is_no_data_folder() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        assert!(rotated(&data).write_all(b"a line\n").is_err());
        assert!(!data.exists());
    }

    #[test]
    fn it_is_bounded_in_number_and_size() {
        let dir = tempfile::tempdir().unwrap();
        let of_old = folder(dir.path());
        fs::create_dir(&of_old).unwrap();
        for day in 1..=28 {
            fs::write(of_old.join(format!("cloister.2020-02-{day:02}.log")), "old\n").unwrap();
            // Age is told by the time of creation.
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        let line = [b'x'; 4096];
        for _ in 0..3 {
            let mut log = rotated(dir.path());
            (0..400).for_each(|_| log.write_all(&line).unwrap());
        }
        let kept = files(&of_old);
        // A process that begins makes room for a file of its own, although today's is there.
        assert!([KEPT_FILES - 1, KEPT_FILES].contains(&kept.len()), "{kept:?}");
        assert!(*kept[0].0 >= *"cloister.2020-02-16.log", "the oldest went: {kept:?}");
        let (today, bytes) = kept.last().unwrap();
        assert!(*bytes >= LARGEST_FILE && *bytes < LARGEST_FILE + 8192, "{today}: {bytes}");
        assert!(fs::read(of_old.join(today)).unwrap().ends_with(FULL));
        assert_eq!(extent(&of_old).0, kept.len());
    }
}
