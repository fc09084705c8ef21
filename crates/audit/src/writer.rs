//! The one who holds the pen: groups of lines, in the order of syncs that makes a crash tell itself from a cut.
//!
//! Under the lock on the state file: the state is read (another process may have moved on), what a crash left is
//! put right (`recovery`), then lines, sync, state, sync, head. Only then may the act begin.

use crate::{
    AuditError,
    chain::{Chain, Entry, Place},
    files::{self, FileName},
    head::{Fingerprint, HEAD, Head, Receipt},
    lock::Lock,
    log::Environment,
    ratchet::Seed,
    reserve::{self, Reserve},
    state::State,
};
use cloister_domain::{Actor, AuditEvent, Clock, Code, DetailKey, Entropy, EventType, Outcome, Sha256Hex, code};
use std::{
    fs::{DirBuilder, File},
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};
use zeroize::Zeroizing;

/// Version of the line format.
pub(crate) const FORMAT_VERSION: u64 = 1;

/// From this many lines on, working out the next group's keys beside the syncs saves more than a thread costs.
const WORTH_A_THREAD: usize = 4;

/// Something the log had to put right, or could not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A crash left an unfinished line; it stands in the log with its length and digest beside it.
    Recovered {
        /// Its length in bytes.
        length: u64,
    },
    /// `head.json` was missing or not the log's, while state and lines agree.
    HeadRestored,
    /// The chain is broken. The log goes on in a new segment, and its verdict stays.
    Broken(Break),
}

/// How a log was found broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Break {
    /// The state file is gone.
    StateMissing,
    /// The state file is not one.
    StateDamaged,
    /// The state knows of a later end than the lines have.
    Truncated,
    /// The last line is not the one the state knows.
    LastLineChanged,
    /// Whole lines stand after the end that do not belong to the chain.
    ForeignLines,
    /// The head, or a newer segment, knows of a later end than state and lines: both were put back.
    RolledBack,
}

impl Break {
    /// Every way.
    pub(crate) const ALL: [Self; 6] = [
        Self::StateMissing,
        Self::StateDamaged,
        Self::Truncated,
        Self::LastLineChanged,
        Self::ForeignLines,
        Self::RolledBack,
    ];

    /// The reason code in the log.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::StateMissing => code!("state_missing"),
            Self::StateDamaged => code!("state_damaged"),
            Self::Truncated => code!("truncated"),
            Self::LastLineChanged => code!("last_line_changed"),
            Self::ForeignLines => code!("foreign_lines"),
            Self::RolledBack => code!("rolled_back"),
        }
    }
}

pub(crate) struct Writer {
    pub(crate) dir: PathBuf,
    place: Place,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    state_file: Arc<File>,
    /// The newest file, as long as the folder still has it under its name.
    pub(crate) newest: Option<(FileName, File)>,
    reserve: Reserve,
    head: Head,
    pub(crate) notices: Vec<Notice>,
    /// The chain after the last group, if nobody has moved on since.
    end: Option<Chain>,
    failed: bool,
}

impl Writer {
    pub(crate) fn create(dir: &Path, env: &Environment) -> Result<(Self, Fingerprint), AuditError> {
        let doing = "make the log's folder";
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(AuditError::io(doing))?;
        if holds_log(dir)? {
            return Err(AuditError::Exists);
        }
        let mut writer = Self::bare(dir, env, Reserve::create(dir)?)?;
        let state_file = Arc::clone(&writer.state_file);
        let _lock = Lock::exclusive(&state_file).map_err(AuditError::io("lock the log"))?;
        let seed = writer.fresh_seed()?;
        let first_vk = seed.key().verifying_key().to_bytes();
        let event = system(EventType::LogCreated, code!("log.create"))
            .hash(DetailKey::FirstVk, Sha256Hex::from_bytes(&first_vk))
            .count(DetailKey::FormatVersion, FORMAT_VERSION);
        writer.begin_file(1, Chain::new(0, [0; 32], seed), event)?;
        files::open_plain(&dir.join(HEAD))
            .and_then(|head| head.sync_all())
            .and_then(|()| files::sync_dir(dir))
            .map_err(AuditError::io("sync the log's folder"))?;
        Ok((writer, Fingerprint::of(&first_vk)))
    }

    pub(crate) fn open(dir: &Path, env: &Environment) -> Result<Self, AuditError> {
        if !dir.is_dir() || !holds_log(dir)? {
            return Err(AuditError::Missing);
        }
        let reserve = Reserve::open(dir).map_err(AuditError::io(reserve::OPENING))?;
        let mut writer = Self::bare(dir, env, reserve)?;
        let state_file = writer.locked_state_file()?;
        let _lock = Lock::exclusive(&state_file).map_err(AuditError::io("lock the log"))?;
        writer.inspect(&state_file)?;
        Ok(writer)
    }

    /// A writer that has not looked at the log yet.
    fn bare(dir: &Path, env: &Environment, reserve: Reserve) -> Result<Self, AuditError> {
        let place = Place { host: env.host.to_ascii_lowercase(), boot: env.clock.boot_id() };
        for (what, text) in [("host's name", &place.host), ("boot's identifier", &place.boot)] {
            let fits = !text.is_empty()
                && text.len() <= 128
                && text.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\');
            if !fits {
                return Err(AuditError::Environment { what });
            }
        }
        Ok(Self {
            dir: dir.to_owned(),
            place,
            clock: Arc::clone(&env.clock),
            entropy: Arc::clone(&env.entropy),
            state_file: Arc::new(files::open_state(dir).map_err(AuditError::io("open the log's state"))?),
            newest: None,
            reserve,
            head: Head::sign(0, &[0; 32], &ed25519_dalek::SigningKey::from_bytes(&[0; 32])),
            notices: Vec::new(),
            end: None,
            failed: false,
        })
    }

    pub(crate) const fn head(&self) -> &Head {
        &self.head
    }

    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Writes a group. Answers each entry in its place.
    pub(crate) fn commit(&mut self, group: &[Entry]) -> Vec<Result<Receipt, AuditError>> {
        match self.commit_all(group) {
            Ok(results) => results,
            Err(error) => vec![Err(error); group.len()],
        }
    }

    fn commit_all(&mut self, group: &[Entry]) -> Result<Vec<Result<Receipt, AuditError>>, AuditError> {
        if self.failed {
            return Err(AuditError::Failed);
        }
        let state_file = self.locked_state_file()?;
        let _lock = Lock::exclusive(&state_file).map_err(AuditError::io("lock the log"))?;
        let mut low = self.reserve.space_is_low();
        loop {
            let state = self.resume(&state_file)?;
            let chosen: Vec<_> = group.iter().filter(|e| !low || e.event.event_type().draws_on_reserve()).collect();
            let mut receipts = match self.write_group(state, &chosen, low) {
                Ok(receipts) => receipts.into_iter(),
                // The disk filled up while we wrote. Once more, with those who may use the reserve; what had
                // already reached the file stays there as attempts that nothing followed.
                Err(AuditError::Full) if !low => {
                    low = true;
                    continue;
                }
                Err(error) => return Err(error),
            };
            if !low {
                // Best effort: the next group tries again.
                let _ = self.reserve.refill();
            }
            let written = |e: &Entry| !low || e.event.event_type().draws_on_reserve();
            return Ok(group
                .iter()
                .map(|e| if written(e) { receipts.next().ok_or(AuditError::Failed) } else { Err(AuditError::Full) })
                .collect());
        }
    }

    /// The state file that the folder has now. Replaced under us, the old one's lock would guard nothing.
    fn locked_state_file(&mut self) -> Result<Arc<File>, AuditError> {
        if !files::still_at(&self.dir.join(files::STATE), &self.state_file) {
            let file = files::open_state(&self.dir).map_err(AuditError::io("open the log's state"))?;
            self.state_file = Arc::new(file);
        }
        Ok(Arc::clone(&self.state_file))
    }

    fn write_group(&mut self, state: State, group: &[&Entry], low: bool) -> Result<Vec<Receipt>, AuditError> {
        let Some(last) = group.last() else { return Ok(Vec::new()) };
        let month = FileName::of(state.file.segment, last.time);
        let state = self.turn_month(state, month, low)?;
        let (name, mut length) = (state.file, state.length);
        let known = self.end.take().filter(|end| end.ends_at(state.seq, &state.hash, &state.seed));
        let mut chain = known.unwrap_or_else(|| Chain::new(state.seq, state.hash, state.seed));
        let mut bytes = Vec::new();
        let receipts = group.iter().map(|e| chain.extend(e, &self.place, &mut bytes)).collect();
        self.write_lines(&bytes, low)?;
        length += bytes.len() as u64;
        self.settle(name, length, chain, group.len())?;
        Ok(receipts)
    }

    /// Appends bytes to the newest file, drawing on the reserve if told to. Not synced.
    pub(crate) fn write_lines(&mut self, mut bytes: &[u8], draw: bool) -> Result<(), AuditError> {
        let Some((_, file)) = &mut self.newest else { return Err(AuditError::Failed) };
        while !bytes.is_empty() {
            match file.write(bytes) {
                Ok(0) => return Err(AuditError::Failed),
                Ok(n) => bytes = &bytes[n..],
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if is_full(&e) => {
                    if !(draw && self.reserve.release().map_err(AuditError::io("use the log's reserve"))?) {
                        return Err(AuditError::Full);
                    }
                }
                Err(e) => return Err(AuditError::io("write the log")(e)),
            }
        }
        Ok(())
    }

    /// Makes the lines durable, then the state after them, then replaces the head. Meanwhile the keys of as many
    /// lines as there were are worked out for the next group.
    pub(crate) fn settle(
        &mut self,
        name: FileName,
        length: u64,
        mut chain: Chain,
        lines: usize,
    ) -> Result<State, AuditError> {
        let Some((_, file)) = &self.newest else { return Err(AuditError::Failed) };
        let state = State { file: name, length, seq: chain.seq, hash: chain.hash, seed: chain.seed().copy() };
        let sync = || {
            file.sync_data().map_err(AuditError::io("sync the log"))?;
            let written = state.write(&self.state_file).and_then(|()| self.state_file.sync_data());
            written.map_err(AuditError::io("sync the log's state"))
        };
        // After a failed sync the kernel may have dropped the pages and report the next one as good.
        self.failed = true;
        if lines < WORTH_A_THREAD {
            sync()?;
        } else {
            thread::scope(|scope| {
                // Without a thread the keys are worked out when they are needed.
                let _ = thread::Builder::new().spawn_scoped(scope, || chain.prepare(lines));
                sync()
            })?;
        }
        self.failed = false;
        self.set_head(chain.head());
        self.end = Some(chain);
        Ok(state)
    }

    /// The lines are safe without it, and the verifier knows a head that lags: not a reason to refuse the act.
    pub(crate) fn set_head(&mut self, head: Head) {
        let _ = head.write(&self.dir);
        self.head = head;
    }

    /// Goes on in the file of `month` if that is later than the newest one: a clock set back opens no older file.
    pub(crate) fn turn_month(&mut self, mut state: State, month: FileName, draw: bool) -> Result<State, AuditError> {
        if month <= state.file {
            return Ok(state);
        }
        match self.create_file(month, draw) {
            Ok(file) => {
                self.newest = Some((month, file));
                (state.file, state.length) = (month, 0);
                Ok(state)
            }
            // Another process began this month and died before it could say so.
            Err(AuditError::Io { kind: io::ErrorKind::AlreadyExists, .. }) => {
                (state.file, state.length) = (month, 0);
                self.catch_up(state)
            }
            Err(error) => Err(error),
        }
    }

    /// A new file of lines, durable in the folder.
    fn create_file(&mut self, name: FileName, draw: bool) -> Result<File, AuditError> {
        let path = self.dir.join(name.to_string());
        loop {
            match files::create_append(&path).and_then(|file| files::sync_dir(&self.dir).map(|()| file)) {
                Ok(file) => return Ok(file),
                Err(e) if is_full(&e) => self.make_room(draw)?,
                Err(e) => return Err(AuditError::io("begin a file of the log")(e)),
            }
        }
    }

    /// After the disk said that it is full: gives a step of the reserve back, or says so in turn.
    fn make_room(&self, draw: bool) -> Result<(), AuditError> {
        let released = draw && self.reserve.release().map_err(AuditError::io("use the log's reserve"))?;
        if released { Ok(()) } else { Err(AuditError::Full) }
    }

    /// Begins a segment with its first line, in a new file of the current month.
    pub(crate) fn begin_file(
        &mut self,
        segment: u32,
        mut chain: Chain,
        event: AuditEvent,
    ) -> Result<State, AuditError> {
        let entry = self.entry(event);
        let name = FileName::of(segment, entry.time);
        let file = self.create_file(name, true)?;
        self.newest = Some((name, file));
        let mut bytes = Vec::new();
        chain.extend(&entry, &self.place, &mut bytes);
        self.write_lines(&bytes, true)?;
        self.settle(name, bytes.len() as u64, chain, 0)
    }

    /// Adds a line of the log's own.
    pub(crate) fn extend_with(&mut self, chain: &mut Chain, event: AuditEvent, out: &mut Vec<u8>) {
        let entry = self.entry(event);
        chain.extend(&entry, &self.place, out);
    }

    pub(crate) fn fresh_seed(&self) -> Result<Seed, AuditError> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.entropy.fill(bytes.as_mut()).map_err(|_| AuditError::Entropy)?;
        Ok(Seed::new(bytes))
    }

    fn entry(&self, event: AuditEvent) -> Entry {
        Entry { event, time: self.clock.now(), mono_ms: self.clock.boottime_ms() }
    }
}

/// An event of the log's own making.
pub(crate) fn system(event_type: EventType, action: Code) -> AuditEvent {
    AuditEvent::new(event_type, action, Actor::System, Outcome::Success)
}

fn is_full(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Whether any part of a log stands in the folder.
fn holds_log(dir: &Path) -> Result<bool, AuditError> {
    let lines = files::list(dir).map_err(AuditError::io("read the log's folder"))?;
    Ok(!lines.is_empty() || [files::STATE, HEAD].iter().any(|name| dir.join(name).symlink_metadata().is_ok()))
}
