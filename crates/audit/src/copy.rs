//! The log as it stands at one moment, to be copied elsewhere: for backups.

use crate::{
    AuditError,
    files::{self, STATE},
    head::{HEAD, Head, Receipt},
    lock::Lock,
    state::State,
};
use cloister_domain::Sha256Hex;
use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::Path,
    time::Duration,
};
use zeroize::Zeroizing;

/// How long a group of appends may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// No state file is longer.
const MOST: u64 = 4096;

/// What the log's folder held. The files of lines only grow: what stands in them up to the length is of that moment,
/// however much later it is read.
pub struct LogCopy {
    /// Name, open file and length of each file of lines, oldest first.
    pub lines: Vec<(String, File, u64)>,
    /// Name and content of the others: head and state, as far as they are there. The state holds the secret that signs
    /// the next line.
    pub others: Vec<(String, Zeroizing<Vec<u8>>)>,
    /// Where the log ended, as its state says it.
    pub end: Option<Receipt>,
}

impl fmt::Debug for LogCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogCopy({} files, {:?})", self.lines.len(), self.end)
    }
}

impl LogCopy {
    /// Waits for writers to pause and looks. A log that is broken is copied as it is.
    ///
    /// # Errors
    /// [`AuditError::Io`]; when writers do not pause within ten seconds, as a time-out.
    pub fn take(dir: &Path) -> Result<Self, AuditError> {
        let io = || AuditError::io("copy the log");
        let state_file = match files::open_plain(&dir.join(STATE)) {
            Ok(file) => Some(file),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(io()(e)),
        };
        let _paused = match &state_file {
            Some(file) => {
                let lock = Lock::shared(file, PATIENCE).map_err(io())?;
                Some(lock.ok_or_else(|| io()(io::ErrorKind::TimedOut.into()))?)
            }
            None => None,
        };
        let mut others = Vec::new();
        let mut end = None;
        if let Some(head) = Head::read_bytes(dir).map_err(io())? {
            others.push((HEAD.to_owned(), Zeroizing::new(head)));
        }
        if let Some(file) = &state_file {
            let mut bytes = Zeroizing::new(Vec::with_capacity(256));
            file.take(MOST).read_to_end(&mut bytes).map_err(io())?;
            end = State::read(file).ok().map(|s| Receipt { seq: s.seq, hash: Sha256Hex::from_bytes(&s.hash) });
            others.push((STATE.to_owned(), bytes));
        }
        let mut lines = Vec::new();
        for name in files::list(dir).map_err(io())? {
            let file = files::open_plain(&dir.join(name.to_string())).map_err(io())?;
            let length = file.metadata().map_err(io())?.len();
            lines.push((name.to_string(), file, length));
        }
        Ok(Self { lines, others, end })
    }
}
