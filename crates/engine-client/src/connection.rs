//! One running engine.

use crate::spawn::spawn_for_good;
use crate::{
    ByteSource, EngineError, Frame, FrameReader, FrameWriter, ModelFile,
    protocol::{
        ExtractOptions, Extracted, LANGUAGE_FD, Progress, Ready, Reply, Request, SPEECH_FD, SchemaFault, Sealed,
        SheetRow, TranscribeOptions, Transcribed, VERSION,
    },
};
use cloister_domain::{Segment, Sensitive};
use cloister_seal::{ENGINE_FILTERS, KernelStatus, SealReport, probe::Outcome};
use command_fds::{CommandFdExt, FdMapping};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::{
    io,
    ops::ControlFlow,
    os::fd::AsFd,
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

/// Told of progress while a job runs; `Break` cancels the job.
pub type Observer<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// What is told while a source is transcribed.
#[derive(Debug)]
pub enum TranscribeEvent {
    /// A segment, final.
    Segment(Segment),
    /// Everything before `done` is final, and its segments were told.
    Progress(Progress),
}

/// What to start. Changing a model means a new engine.
#[derive(Debug, Clone)]
pub struct EngineSpec {
    /// The `cloister-engine` binary.
    pub binary: PathBuf,
    /// Threads it may use.
    pub threads: u16,
    /// `auto`, `cpu`, `cuda`.
    pub device: String,
    /// The speech model, if this engine needs one.
    pub speech: Option<Arc<ModelFile>>,
    /// The language model, if this engine needs one.
    pub language: Option<Arc<ModelFile>>,
    /// After so long without a sign of life the engine is taken for hung and ended.
    pub patience: Duration,
    /// Whether to use an engine that the kernel cannot seal: an administrator said so.
    pub unsealed: bool,
    /// Bounds that the system holds the process to, for one that reads a hostile file.
    pub bounds: Option<Bounds>,
}

/// What a process may use before the system ends it.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Address space in bytes.
    pub memory: u64,
    /// Processor time in seconds.
    pub cpu_s: u64,
}

/// A running engine that can be made to stand still. To be used only while its [`Connection`] lives.
#[derive(Debug, Clone, Copy)]
pub struct Pausable(rustix::process::Pid);

/// It stands still for as long as this lives.
#[derive(Debug)]
pub struct Paused(rustix::process::Pid);

impl Pausable {
    /// Stops all of its threads where they are. When that fails it goes on, and is only slower for others.
    #[must_use]
    pub fn pause(&self) -> Paused {
        let _ = rustix::process::kill_process(self.0, rustix::process::Signal::STOP);
        Paused(self.0)
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        let _ = rustix::process::kill_process(self.0, rustix::process::Signal::CONT);
    }
}

/// A part of a workbook, as it is read.
#[derive(Debug)]
pub enum WorkbookPart {
    /// First: the names of the sheets, and the one that is read.
    Sheets {
        /// In order.
        names: Vec<String>,
        /// One of them.
        chosen: String,
    },
    /// Then its rows.
    Rows(Sensitive<Vec<SheetRow>>),
}

/// How long a started program may take to say what it is. It has read nothing by then.
const FIRST_SIGN: Duration = Duration::from_secs(20);

/// A running engine with its models loaded. Dropping it ends the process.
#[derive(Debug)]
pub struct Connection {
    child: Child,
    to: FrameWriter<ChildStdin>,
    from: FrameReader<ChildStdout>,
    ready: Ready,
    seal: Option<SealReport>,
    patience: Duration,
}

impl Connection {
    /// Starts an engine and waits until its models are loaded.
    ///
    /// # Errors
    /// [`EngineError::Start`] when there is no such program; [`EngineError::Fault`] when it refuses a model.
    pub fn spawn(spec: &EngineSpec) -> Result<Self, EngineError> {
        let mut mappings = Vec::new();
        for (model, fd) in [(&spec.speech, SPEECH_FD), (&spec.language, LANGUAGE_FD)] {
            if let Some(model) = model {
                let parent_fd = model.descriptor().map_err(EngineError::Start)?.into();
                mappings.push(FdMapping { parent_fd, child_fd: fd });
            }
        }
        let mut command = Command::new(&spec.binary);
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        for passed in ["CLOISTER_CPU", cloister_seal::NEWEST_LANDLOCK] {
            if let Some(value) = std::env::var_os(passed) {
                command.env(passed, value);
            }
        }
        command.fd_mappings(mappings).map_err(|_| EngineError::Start(io::Error::other("descriptors collide")))?;
        let mut child = spawn_for_good(command).map_err(EngineError::Start)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(EngineError::Start(io::Error::other("no pipes")));
        };
        // From here on the child is owned by a Connection, whose drop reaps it on every error path.
        let mut engine = Self {
            child,
            to: FrameWriter::new(stdin),
            from: FrameReader::new(stdout),
            ready: Ready {
                version: 0,
                build: String::new(),
                cpu_path: String::new(),
                device: String::new(),
                threads: spec.threads,
            },
            seal: None,
            patience: FIRST_SIGN,
        };
        if let Some(bounds) = spec.bounds {
            engine.bound(bounds).map_err(|e| EngineError::Start(e.into()))?;
        }
        let hello = Request::Hello {
            version: VERSION,
            threads: spec.threads,
            speech: spec.speech.as_ref().map(|m| m.model().clone()),
            language: spec.language.as_ref().map(|m| m.model().clone()),
            device: spec.device.clone(),
            unsealed: spec.unsealed,
        };
        // A program that is gone before it was greeted is no engine of ours.
        engine.send(&hello).map_err(|_| EngineError::OtherVersion)?;
        engine.check_seal(spec.unsealed)?;
        engine.patience = spec.patience;
        match engine.receive()? {
            Reply::Ready(ready) if ready.version == VERSION => engine.ready = ready,
            Reply::Failed(fault) => return Err(fault.into()),
            _ => return Err(EngineError::OtherVersion),
        }
        Ok(engine)
    }

    /// What it can do and with what.
    #[must_use]
    pub const fn ready(&self) -> &Ready {
        &self.ready
    }

    /// What keeps it in, as it read it back itself; the kernel was asked too, from outside.
    #[must_use]
    pub const fn seal(&self) -> Option<&SealReport> {
        self.seal.as_ref()
    }

    /// Tries every way out of the sandbox that is known, from within the engine.
    ///
    /// # Errors
    /// As [`EngineError`] says.
    pub fn probe(&mut self) -> Result<Vec<(String, Outcome)>, EngineError> {
        self.send(&Request::Probe)?;
        match self.job(None, &mut |_| ControlFlow::Continue(()))? {
            Reply::Probed { outcomes } => Ok(outcomes),
            _ => Err(EngineError::OtherVersion),
        }
    }

    /// A way to let it stand still in the middle of a job.
    #[must_use]
    pub fn pausable(&self) -> Pausable {
        Pausable(rustix::process::Pid::from_child(&self.child))
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Transcribes a source, feeding it range by range.
    ///
    /// # Errors
    /// As [`EngineError`] says.
    pub fn transcribe(
        &mut self,
        source: &mut dyn ByteSource,
        options: TranscribeOptions,
        on_event: &mut dyn FnMut(TranscribeEvent) -> ControlFlow<()>,
    ) -> Result<Transcribed, EngineError> {
        self.send(&Request::Transcribe { bytes: source.len(), options })?;
        match self.job(Some(source), on_event)? {
            Reply::Transcribed(t) => Ok(t),
            _ => Err(EngineError::OtherVersion),
        }
    }

    /// Extracts from a text.
    ///
    /// # Errors
    /// As [`EngineError`] says.
    pub fn extract(
        &mut self,
        schema: &serde_json::Value,
        text: &Sensitive<String>,
        options: ExtractOptions,
        observer: Observer<'_>,
    ) -> Result<Extracted, EngineError> {
        self.send(&Request::Extract { schema: schema.clone(), text: text.clone(), options })?;
        match self.job(None, &mut progress_only(observer))? {
            Reply::Extracted(e) => Ok(e),
            _ => Err(EngineError::OtherVersion),
        }
    }

    /// Extracts from several texts side by side. `each` is told the number and the answer of each as it is ready, in no
    /// order; what a text gives does not depend on the others.
    ///
    /// # Errors
    /// As [`EngineError`] says. What was answered before stays answered.
    pub fn extract_all(
        &mut self,
        schema: &serde_json::Value,
        texts: Vec<Sensitive<String>>,
        options: ExtractOptions,
        observer: Observer<'_>,
        each: &mut dyn FnMut(usize, Extracted) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let count = texts.len();
        self.send(&Request::ExtractAll { schema: schema.clone(), texts, options })?;
        let mut cancelled = false;
        loop {
            let go_on = match self.receive()? {
                Reply::Progress(p) => observer(p),
                Reply::Answered { number, answer } if (number as usize) < count => each(number as usize, answer),
                Reply::AllExtracted => return Ok(()),
                Reply::Failed(fault) => return Err(fault.into()),
                _ => return Err(EngineError::OtherVersion),
            };
            if go_on.is_break() && !cancelled {
                cancelled = true;
                self.send(&Request::Cancel)?;
            }
        }
    }

    /// Every fault of a schema; empty when it can be used.
    ///
    /// # Errors
    /// As [`EngineError`] says.
    pub fn check_schema(&mut self, schema: &serde_json::Value) -> Result<Vec<SchemaFault>, EngineError> {
        self.send(&Request::CheckSchema { schema: schema.clone() })?;
        match self.job(None, &mut |_| ControlFlow::Continue(()))? {
            Reply::SchemaChecked { faults } => Ok(faults),
            _ => Err(EngineError::OtherVersion),
        }
    }

    /// Hears what the program is, and asks the kernel whether it is sealed, before it is given anything. A program
    /// that is not our engine may say what it likes; the kernel's count of filters it cannot raise by words.
    fn check_seal(&mut self, unsealed: bool) -> Result<(), EngineError> {
        let Sealed { version, build, report } = match self.receive() {
            Ok(Reply::Sealed(sealed)) => sealed,
            Ok(Reply::Failed(fault)) => return Err(fault.into()),
            Ok(_) | Err(EngineError::Died | EngineError::Hung) => return Err(EngineError::OtherVersion),
            Err(other) => return Err(other),
        };
        if version != VERSION || build != env!("CARGO_PKG_VERSION") {
            return Err(EngineError::OtherVersion);
        }
        if !unsealed {
            self.ask_the_kernel(&report)?;
        }
        self.seal = Some(report);
        Ok(())
    }

    fn ask_the_kernel(&self, report: &SealReport) -> Result<(), EngineError> {
        if !report.is_enforced() {
            return Err(EngineError::NotSealed("it says so itself"));
        }
        // Where the kernel hides processes from each other (`hidepid`), the engine's own reading has to do.
        let Ok(theirs) = KernelStatus::of(self.child.id()) else { return Ok(()) };
        if theirs.seccomp != 2 || !theirs.no_new_privs {
            return Err(EngineError::NotSealed("the kernel says so"));
        }
        let ours = KernelStatus::of(std::process::id()).ok().and_then(|s| s.filters);
        match (ours, theirs.filters) {
            (Some(ours), Some(theirs)) if theirs < ours + ENGINE_FILTERS => {
                Err(EngineError::NotSealed("it has only the filters that it inherited"))
            }
            _ => Ok(()),
        }
    }

    /// Reads one sheet of a workbook, feeding the file range by range. `each` may end it early.
    ///
    /// # Errors
    /// As [`EngineError`] says; [`crate::protocol::Fault::Cancelled`] when `each` ended it.
    pub fn read_workbook(
        &mut self,
        source: &mut dyn ByteSource,
        sheet: Option<&str>,
        each: &mut dyn FnMut(WorkbookPart) -> ControlFlow<()>,
    ) -> Result<u64, EngineError> {
        self.send(&Request::ReadWorkbook { bytes: source.len(), sheet: sheet.map(str::to_owned) })?;
        match self.serve(Some(source), &mut |_| ControlFlow::Continue(()), each)? {
            Reply::WorkbookRead { rows } => Ok(rows),
            _ => Err(EngineError::OtherVersion),
        }
    }

    /// Reads the words of a Word document.
    ///
    /// # Errors
    /// As [`EngineError`] says.
    pub fn read_docx(&mut self, source: &mut dyn ByteSource) -> Result<Sensitive<String>, EngineError> {
        self.send(&Request::ReadDocx { bytes: source.len() })?;
        match self.job(Some(source), &mut |_| ControlFlow::Continue(()))? {
            Reply::DocxRead { text } => Ok(text),
            _ => Err(EngineError::OtherVersion),
        }
    }

    /// Holds the process to bounds that it cannot lift again.
    fn bound(&self, bounds: Bounds) -> rustix::io::Result<()> {
        use rustix::process::{Pid, Resource, Rlimit, prlimit};
        let pid = Pid::from_child(&self.child);
        let to = |n| Rlimit { current: Some(n), maximum: Some(n) };
        prlimit(Some(pid), Resource::As, to(bounds.memory))?;
        prlimit(Some(pid), Resource::Cpu, to(bounds.cpu_s))?;
        Ok(())
    }

    /// Serves a job that gives no parts of a workbook.
    fn job(
        &mut self,
        source: Option<&mut dyn ByteSource>,
        on_event: &mut dyn FnMut(TranscribeEvent) -> ControlFlow<()>,
    ) -> Result<Reply, EngineError> {
        self.serve(source, on_event, &mut |_| ControlFlow::Break(()))
    }

    /// Serves the job under way until its last reply.
    fn serve(
        &mut self,
        mut source: Option<&mut dyn ByteSource>,
        on_event: &mut dyn FnMut(TranscribeEvent) -> ControlFlow<()>,
        each: &mut dyn FnMut(WorkbookPart) -> ControlFlow<()>,
    ) -> Result<Reply, EngineError> {
        let mut cancelled = false;
        loop {
            let mut go_on = ControlFlow::Continue(());
            match self.receive()? {
                Reply::Need { offset, len } => {
                    let Some(source) = source.as_deref_mut() else { return Err(EngineError::OtherVersion) };
                    let mut block = vec![0u8; (len as usize).min(crate::MAX_FRAME - 1)];
                    let n = read_fully(source, offset, &mut block).map_err(EngineError::Source)?;
                    self.to.bytes(&block[..n]).map_err(EngineError::from)?;
                }
                Reply::Progress(p) => go_on = on_event(TranscribeEvent::Progress(p)),
                Reply::Segment(segment) => go_on = on_event(TranscribeEvent::Segment(segment)),
                Reply::Sheets { names, chosen } => go_on = each(WorkbookPart::Sheets { names, chosen }),
                Reply::Rows { rows } => go_on = each(WorkbookPart::Rows(rows)),
                Reply::Failed(fault) => return Err(fault.into()),
                last => return Ok(last),
            }
            if go_on.is_break() && !cancelled {
                cancelled = true;
                self.send(&Request::Cancel)?;
            }
        }
    }

    pub(crate) fn send_bytes(&mut self, body: &[u8]) -> Result<(), EngineError> {
        self.to.bytes(body).map_err(EngineError::from)
    }

    pub(crate) fn send(&mut self, request: &Request) -> Result<(), EngineError> {
        self.to.message(request).map_err(EngineError::from)
    }

    pub(crate) fn receive(&mut self) -> Result<Reply, EngineError> {
        self.wait_for_sign()?;
        match self.from.read() {
            Ok(Frame::Message(reply)) => Ok(reply),
            Ok(Frame::Bytes(_)) => Err(EngineError::OtherVersion),
            Err(e) => Err(EngineError::from(e)),
        }
    }

    /// Waits until the engine writes or closes its pipe.
    fn wait_for_sign(&self) -> Result<(), EngineError> {
        let timeout = Timespec {
            tv_sec: i64::try_from(self.patience.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(self.patience.subsec_nanos()),
        };
        loop {
            let mut fds = [PollFd::from_borrowed_fd(self.from.get_ref().as_fd(), PollFlags::IN)];
            match poll(&mut fds, Some(&timeout)) {
                Ok(0) => return Err(EngineError::Hung),
                Ok(_) => return Ok(()),
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return Err(EngineError::Died),
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Killing is right: the engine keeps nothing, and a job under way is of no use without its caller.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn progress_only(observer: Observer<'_>) -> impl FnMut(TranscribeEvent) -> ControlFlow<()> {
    |event| match event {
        TranscribeEvent::Progress(p) => observer(p),
        TranscribeEvent::Segment(_) => ControlFlow::Continue(()),
    }
}

/// Reads until the block is full or the source ends, so that a short read is not taken for the end.
fn read_fully(source: &mut dyn ByteSource, offset: u64, block: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < block.len() {
        match source.read_at(offset + got as u64, &mut block[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(got)
}
