//! One take: from the microphone to sealed frames on disk, until it is stopped.

use super::{
    disk::{Room, room},
    files::{self, RecordingFolder},
    live::SoundIn,
    shared::{News, Phase, Shared, Wish},
    watch::Watch,
};
use crate::AppError;
use cloister_audit::AuditLog;
use cloister_capture::{Input, Level, LevelMeter, RATE, Sound, SoundError};
use cloister_domain::{
    Actor, AuditEvent, AuditTarget, Clock, Code, DetailKey, EncounterId, Entropy, EventType, Outcome, RecordingId,
    Sha256Hex, UserId, code,
};
use cloister_vault::{
    ItemKey, Journal, JournalEntry, JournalKey, RolePublicKey, SampleFormat, SegmentId, SegmentSeal, SegmentWriter,
    VaultError, Visits,
};
use std::{
    fs::File,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// Sound is taken from the microphone in pieces of about this length.
const STEP: Duration = Duration::from_millis(100);
/// Between two tries to get a microphone back.
const RETRY: Duration = Duration::from_secs(1);
/// The same microphone is waited for so long before another will do.
const SAME_DEVICE: Duration = Duration::from_secs(5);
/// A jump of the clock beyond what a busy machine makes is sleep.
const SLEPT_MS: u64 = 3_000;
const DISK_EVERY: Duration = Duration::from_secs(5);
/// A passing warning is shown for so long.
const SHOWN: Duration = Duration::from_secs(30);

/// What a take is begun with.
pub(crate) struct Begin {
    pub(crate) recording: RecordingId,
    pub(crate) encounter: EncounterId,
    pub(crate) owner: UserId,
    pub(crate) actor: Actor,
    pub(crate) target: AuditTarget,
    pub(crate) data: PathBuf,
    pub(crate) public: RolePublicKey<Visits>,
    pub(crate) journal: JournalKey,
    pub(crate) sound: Arc<dyn Sound>,
    pub(crate) device: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) log: Arc<AuditLog>,
    /// Where the sound goes as well, for somebody who listens along.
    pub(crate) to_live: Option<SoundIn>,
}

/// Opens the microphone and the first segment on a thread of its own, which then records.
pub(super) fn start(begin: Begin) -> Result<(Arc<Shared>, JoinHandle<()>), AppError> {
    let (ready, is_ready) = mpsc::sync_channel(1);
    let thread = thread::Builder::new()
        .name("recording".to_owned())
        .spawn(move || match Take::open(begin) {
            Ok(take) => {
                if ready.send(Ok(Arc::clone(&take.shared))).is_ok() {
                    take.run();
                }
            }
            Err(e) => {
                let _ = ready.send(Err(e));
            }
        })
        .map_err(|_| AppError::Internal("no thread for the recording"))?;
    let shared = is_ready.recv().map_err(|_| AppError::Internal("the recording broke off"))??;
    Ok((shared, thread))
}

struct Take {
    begin: Begin,
    shared: Arc<Shared>,
    folder: RecordingFolder,
    journal: Journal<File>,
    /// Opened on this thread and never moved: some systems' streams cannot be.
    input: Option<Box<dyn Input>>,
    device: String,
    segment: Option<Segment>,
    segments: u32,
    /// Samples of the recording so far, sealed or pending.
    samples: u64,
    pending: Zeroizing<Vec<i16>>,
    phase: Phase,
    meter: LevelMeter,
    level: Level,
    watch: Watch,
    passing: Vec<(&'static str, Instant)>,
    room: Room,
    overruns: u64,
}

struct Segment {
    number: u32,
    writer: SegmentWriter<File>,
}

/// Why a take cannot go on.
enum Fatal {
    Disk,
    Seal,
}

impl Fatal {
    const fn code(&self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Seal => "sealing",
        }
    }
}

impl From<VaultError> for Fatal {
    fn from(e: VaultError) -> Self {
        match e {
            VaultError::Io { .. } => Self::Disk,
            _ => Self::Seal,
        }
    }
}

impl From<std::io::Error> for Fatal {
    fn from(_: std::io::Error) -> Self {
        Self::Disk
    }
}

impl Take {
    fn open(mut begin: Begin) -> Result<Self, AppError> {
        // First the microphone: without one nothing is begun.
        let input = begin.sound.open_input(begin.device.as_deref())?;
        let device = input.device().name.clone();
        begin.device = Some(input.device().id.clone());
        let folder = RecordingFolder::of(&begin.data, begin.recording);
        let failed = |fault| AppError::Output { file: "the recording".to_owned(), fault };
        let journal = folder.create().map_err(failed)?;
        let key = begin.journal.with_bytes(|bytes| JournalKey::from_bytes(bytes))?;
        let shared = Arc::new(Shared::new(begin.actor.clone(), device.clone()));
        let room = room(&files::root(&begin.data));
        let mut take = Self {
            journal: Journal::begin(key, begin.recording, journal),
            begin,
            shared,
            folder,
            input: Some(input),
            device,
            segment: None,
            segments: 0,
            samples: 0,
            pending: Zeroizing::new(Vec::with_capacity(4 * RATE as usize)),
            phase: Phase::Recording,
            meter: LevelMeter::default(),
            level: Level::default(),
            watch: Watch::default(),
            passing: Vec::new(),
            room,
            overruns: 0,
        };
        if take.room == Room::None || take.open_segment().is_err() {
            take.folder.remove();
            return Err(AppError::Store(cloister_store::StoreError::DiskFull));
        }
        Ok(take)
    }

    fn run(mut self) {
        let ended = self.record();
        let because = match &ended {
            Ok(because) => *because,
            Err(fatal) => Some(fatal.code()),
        };
        if ended.is_ok() {
            let at = self.begin.clock.now();
            // Where the journal cannot be written, the segment's own last frame says that it ended in order.
            let _ = self.close_segment(code!("stop")).and_then(|()| self.note(JournalEntry::Ended { at }));
        }
        // The journal is let go before anybody is told, so that it can be taken in at once.
        let (shared, samples) = (Arc::clone(&self.shared), self.samples);
        drop(self);
        shared.end(samples, because);
    }

    /// Records until it is to stop; says why, when nobody asked.
    fn record(&mut self) -> Result<Option<&'static str>, Fatal> {
        let mut heard = Zeroizing::new(Vec::with_capacity(4 * RATE as usize));
        let mut boot_ms = self.begin.clock.boottime_ms();
        let mut looked_at_disk = Instant::now();
        let mut lost_at = Instant::now();
        let mut tried_at = Instant::now();
        loop {
            self.tell();
            let (wish, by) = self.shared.wish();
            if wish == Wish::Stop {
                return Ok(None);
            }
            self.follow(wish, &by);
            for _ in 0..self.shared.take_marks() {
                self.note(JournalEntry::Marked { at_ms: self.samples * 1000 / u64::from(RATE) })?;
            }
            let now_ms = self.begin.clock.boottime_ms();
            if self.input.is_some() && now_ms.saturating_sub(boot_ms) > SLEPT_MS {
                self.lose_device(code!("sleep"), "slept")?;
                lost_at = Instant::now();
            }
            boot_ms = now_ms;
            if looked_at_disk.elapsed() > DISK_EVERY {
                looked_at_disk = Instant::now();
                self.room = room(&files::root(&self.begin.data));
                if self.room == Room::None {
                    return Ok(Some("disk_full"));
                }
            }
            heard.clear();
            match &mut self.input {
                Some(input) => match input.read(&mut heard, STEP) {
                    Ok(()) => self.hear(&heard)?,
                    Err(_) => {
                        self.lose_device(code!("device_lost"), "device_lost")?;
                        lost_at = Instant::now();
                    }
                },
                None if tried_at.elapsed() >= RETRY || lost_at.elapsed() < STEP => {
                    tried_at = Instant::now();
                    self.find_device(lost_at.elapsed() > SAME_DEVICE)?;
                }
                None => thread::sleep(STEP),
            }
        }
    }

    fn follow(&mut self, wish: Wish, by: &Actor) {
        let (next, reason) = match (self.phase, wish) {
            (Phase::Recording, Wish::Pause) => (Phase::Paused, code!("pause")),
            (Phase::Paused, Wish::Record) => (Phase::Recording, code!("resume")),
            _ => return,
        };
        self.phase = next;
        self.watch.begin_anew();
        let event = self.event(EventType::RecordingPause, by, Outcome::Success, reason);
        self.log(&event);
    }

    /// Keeps what was heard, unless the take is paused.
    fn hear(&mut self, heard: &[i16]) -> Result<(), Fatal> {
        if heard.is_empty() {
            return Ok(());
        }
        self.meter.hear(heard);
        self.level = self.meter.take();
        if self.phase == Phase::Paused {
            return Ok(());
        }
        self.watch.hear(&self.level, heard.len() as f64 / f64::from(RATE));
        self.samples += heard.len() as u64;
        self.pending.extend_from_slice(heard);
        if let Some(live) = &self.begin.to_live {
            live.push(heard);
        }
        if self.segment.is_none() {
            self.open_segment()?;
        }
        let second = RATE as usize;
        let Some(segment) = &mut self.segment else { return Ok(()) };
        let whole = self.pending.len() / second * second;
        for frame in self.pending[..whole].chunks_exact(second) {
            segment.writer.frame(frame)?;
        }
        if whole > 0 {
            segment.writer.get_ref().sync_data()?;
            self.pending.drain(..whole);
        }
        Ok(())
    }

    /// The microphone went, or the machine slept: what was heard is closed, and another segment will follow.
    fn lose_device(&mut self, reason: Code, warning: &'static str) -> Result<(), Fatal> {
        // First what was heard is closed: letting go of a broken device can take long.
        self.close_segment(reason)?;
        self.input = None;
        self.passing.push((warning, Instant::now()));
        if self.phase == Phase::Recording {
            self.phase = Phase::Waiting;
        }
        self.level = Level::default();
        self.watch.begin_anew();
        Ok(())
    }

    /// Tries the microphone that went, and after a while the one that the system would choose.
    fn find_device(&mut self, any: bool) -> Result<(), Fatal> {
        let sound = Arc::clone(&self.begin.sound);
        let found = sound.open_input(self.begin.device.as_deref()).map(|input| (input, false));
        let found = found.or_else(|e: SoundError| if any { sound.open_input(None).map(|i| (i, true)) } else { Err(e) });
        let Ok((input, other)) = found else { return Ok(()) };
        input.device().name.clone_into(&mut self.device);
        if other {
            self.passing.push(("device_changed", Instant::now()));
        }
        self.overruns = 0;
        self.input = Some(input);
        if self.phase == Phase::Waiting {
            self.phase = Phase::Recording;
        }
        Ok(())
    }

    /// A fresh key, sealed and durable before the first frame.
    fn open_segment(&mut self) -> Result<(), Fatal> {
        let number = self.segments + 1;
        let id = SegmentId { recording: self.begin.recording, number };
        let key = ItemKey::random(&*self.begin.entropy)?;
        let sealed = self.begin.public.seal_item_key(&id.to_string(), &key, &*self.begin.entropy)?;
        self.note(JournalEntry::Opened { segment: number, key: sealed, at: self.begin.clock.now() })?;
        let format = SampleFormat::new(RATE, 1).ok_or(Fatal::Seal)?;
        let writer = SegmentWriter::begin(&key, id, format, self.folder.create_segment(number)?)?;
        writer.get_ref().sync_data()?;
        if let Some(live) = &self.begin.to_live {
            live.begin_segment(id, key, self.folder.clone(), self.samples - self.pending.len() as u64);
        }
        self.segments = number;
        self.segment = Some(Segment { number, writer });
        Ok(())
    }

    fn close_segment(&mut self, reason: Code) -> Result<(), Fatal> {
        let Some(segment) = self.segment.take() else { return Ok(()) };
        let rest = std::mem::replace(&mut self.pending, Zeroizing::new(Vec::with_capacity(4 * RATE as usize)));
        let (file, seal) = segment.writer.close(&rest)?;
        file.sync_all()?;
        self.note(JournalEntry::closed(segment.number, &seal))?;
        let (_, by) = self.shared.wish();
        let event = self.event(EventType::RecordingStop, &by, Outcome::Success, reason);
        self.log(&closed(event, segment.number, &seal));
        Ok(())
    }

    fn note(&mut self, entry: JournalEntry) -> Result<(), Fatal> {
        self.journal.append(entry)?;
        Ok(self.journal.get_ref().sync_data()?)
    }

    fn event(&self, event: EventType, by: &Actor, outcome: Outcome, reason: Code) -> AuditEvent {
        AuditEvent::new(event, code!("record_encounter"), by.clone(), outcome)
            .target(self.begin.target.clone())
            .count(DetailKey::AudioMs, self.samples * 1000 / u64::from(RATE))
            .code(DetailKey::Reason, reason)
    }

    /// A line that cannot be written is no reason to lose what is being said.
    fn log(&self, event: &AuditEvent) {
        let _ = self.begin.log.append(event);
    }

    fn tell(&mut self) {
        if let Some(overruns) = self.input.as_ref().map(|i| i.overruns())
            && overruns > self.overruns
        {
            self.overruns = overruns;
            self.passing.push(("overrun", Instant::now()));
        }
        let waiting = self.input.is_none();
        self.passing.retain(|(_, since)| waiting || since.elapsed() < SHOWN);
        let mut warnings: Vec<_> = self.passing.iter().map(|(warning, _)| *warning).collect();
        if self.phase == Phase::Recording {
            warnings.extend(self.watch.warnings());
        }
        warnings.extend(matches!(self.room, Room::Low(_)).then_some("low_disk"));
        warnings.sort_unstable();
        warnings.dedup();
        let room_s = match self.room {
            Room::Enough(seconds) => seconds,
            Room::Low(seconds) => Some(seconds),
            Room::None => Some(0),
        };
        self.shared.tell(News {
            phase: self.phase,
            samples: self.samples,
            segments: self.segments,
            device: &self.device,
            level: self.level,
            warnings,
            room_s,
        });
    }
}

/// Where a segment ends, as the log keeps it.
pub(super) fn closed(event: AuditEvent, number: u32, seal: &SegmentSeal) -> AuditEvent {
    let mut tag = [0; 32];
    tag[..seal.last_tag.len()].copy_from_slice(&seal.last_tag);
    event
        .count(DetailKey::Segments, number.into())
        .count(DetailKey::Frames, seal.frames.into())
        .hash(DetailKey::LastTag, Sha256Hex::from_bytes(&tag))
}
