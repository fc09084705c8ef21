//! The broker as its parent sees it: started before the parent seals itself off, configured once, then asked.

use crate::{
    Directory, Fault, Settings, Step, Verified, frame,
    protocol::{Configure, Password, Reply, Request, VERSION},
};
use cloister_seal::{KernelStatus, SealReport, probe::Outcome};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::{
    io,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use zeroize::Zeroizing;

/// How long it may take to say that it is sealed.
const FIRST_SIGN: Duration = Duration::from_secs(10);
/// The filters that it puts on.
const FILTERS: u32 = 3;
/// Room for a request, so that a password never moves within it.
const REQUEST: usize = 16 * 1024;

/// Why there is no broker.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// It cannot be started.
    #[error("cloister-directory cannot be started: {0}")]
    Start(io::Error),
    /// It ended, or said something that this version does not know.
    #[error("what stands beside this program as cloister-directory is another program, or of another version")]
    OtherVersion,
    /// It runs without the kernel's rules.
    #[error("cloister-directory is not sealed off by the kernel ({0})")]
    NotSealed(String),
}

/// A started broker that knows nothing yet. Dropping it ends the process.
#[derive(Debug)]
pub struct Broker {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Broker {
    /// Starts `binary`. To be done before this process seals itself off, since a child inherits the rules; and from the
    /// main thread, since the broker ends with the thread that started it.
    ///
    /// # Errors
    /// [`BrokerError::Start`].
    pub fn spawn(binary: &Path) -> Result<Self, BrokerError> {
        let mut command = Command::new(binary);
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        if let Some(value) = std::env::var_os(cloister_seal::NEWEST_LANDLOCK) {
            command.env(cloister_seal::NEWEST_LANDLOCK, value);
        }
        let mut child = command.spawn().map_err(BrokerError::Start)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(to), Some(from)) => Ok(Self { child, to, from }),
            _ => Err(BrokerError::Start(io::Error::other("no pipes"))),
        }
    }

    /// Tells it which directory it is for. It seals itself off for these servers' port, and the kernel is asked whether
    /// that is so, before it is given anything secret.
    ///
    /// # Errors
    /// [`BrokerError::OtherVersion`], [`BrokerError::NotSealed`]; the process has ended then.
    pub fn configure(
        mut self,
        settings: Settings,
        search_password: Option<SecretString>,
        unsealed: bool,
    ) -> Result<Client, BrokerError> {
        let configure = Configure { version: VERSION, settings, unsealed };
        self.send(&configure).map_err(|_| BrokerError::OtherVersion)?;
        let report = match self.receive(FIRST_SIGN) {
            Ok(Reply::Sealed { version: VERSION, build, report }) if build == env!("CARGO_PKG_VERSION") => report,
            _ => return Err(BrokerError::OtherVersion),
        };
        if !unsealed {
            self.ask_the_kernel(&report)?;
        }
        Ok(Client {
            pid: self.child.id(),
            broker: Mutex::new(Some(self)),
            settings: configure.settings,
            search_password,
            report,
        })
    }

    fn ask_the_kernel(&self, report: &SealReport) -> Result<(), BrokerError> {
        if !report.is_enforced() {
            return Err(BrokerError::NotSealed(report.facts().join("; ")));
        }
        // Where the kernel hides processes from each other (`hidepid`), the broker's own reading has to do.
        let Ok(theirs) = KernelStatus::of(self.child.id()) else { return Ok(()) };
        let filtered = theirs.seccomp == 2 && theirs.filters.is_none_or(|n| n >= FILTERS);
        if filtered && theirs.no_new_privs {
            Ok(())
        } else {
            Err(BrokerError::NotSealed("the kernel says so".to_owned()))
        }
    }

    fn send(&mut self, message: &impl Serialize) -> io::Result<()> {
        let mut body = Zeroizing::new(Vec::with_capacity(REQUEST));
        serde_json::to_writer(&mut *body, message).map_err(io::Error::other)?;
        frame::write_frame(&mut self.to, &body)
    }

    fn receive(&mut self, patience: Duration) -> io::Result<Reply> {
        let wait = Timespec::try_from(patience).map_err(io::Error::other)?;
        let mut ends = [PollFd::new(&self.from, PollFlags::IN)];
        loop {
            match poll(&mut ends, Some(&wait)) {
                Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
                Ok(_) => break,
                Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
        let body = frame::read_frame(&mut self.from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        serde_json::from_slice(&body).map_err(io::Error::other)
    }
}

/// The directory, to be asked.
#[derive(Debug)]
pub struct Client {
    pid: u32,
    broker: Mutex<Option<Broker>>,
    settings: Settings,
    search_password: Option<SecretString>,
    report: SealReport,
}

impl Client {
    /// The settings that the broker was given. They are those of the keyring when this process started.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What keeps it in, as it read it back itself.
    #[must_use]
    pub const fn seal(&self) -> &SealReport {
        &self.report
    }

    /// Its process id.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// Takes every step by itself: with a name also those about a person, with a password all of them.
    ///
    /// # Errors
    /// [`Fault::NotRunning`], [`Fault::TimedOut`].
    pub fn test(&self, name: Option<&str>, password: Option<&SecretString>) -> Result<Vec<Step>, Fault> {
        let request = Request::Test {
            name: name.map(str::to_owned),
            password: password.map(copy),
            search_password: self.search_password.as_ref().map(copy),
        };
        match self.ask(&request)? {
            Reply::Tested { steps } => Ok(steps),
            Reply::Refused { fault } => Err(fault),
            _ => Err(Fault::NotRunning),
        }
    }

    /// Tries every way out of the sandbox that is known, from within a process that the broker forks.
    ///
    /// # Errors
    /// [`Fault::NotRunning`], [`Fault::TimedOut`].
    pub fn probe(&self) -> Result<Vec<(String, Outcome)>, Fault> {
        match self.ask(&Request::Probe)? {
            Reply::Probed { outcomes } => Ok(outcomes),
            _ => Err(Fault::NotRunning),
        }
    }

    fn ask(&self, request: &Request) -> Result<Reply, Fault> {
        let mut held = self.broker.lock().unwrap_or_else(PoisonError::into_inner);
        let broker = held.as_mut().ok_or(Fault::NotRunning)?;
        let answer = broker.send(request).and_then(|()| broker.receive(self.patience()));
        answer.map_err(|e| {
            // The pipes may be out of step: what comes next could be the answer to this.
            *held = None;
            if e.kind() == io::ErrorKind::TimedOut { Fault::TimedOut } else { Fault::NotRunning }
        })
    }

    /// The broker ends a question that takes too long itself; this is for one that hangs.
    fn patience(&self) -> Duration {
        longest(&self.settings) + Duration::from_secs(10)
    }
}

impl Directory for Client {
    fn verify(&self, name: &str, password: &SecretString) -> Result<Verified, Fault> {
        // Some servers take an empty password for success (RFC 4513, section 5.1.2).
        if password.expose_secret().is_empty() {
            return Err(Fault::EmptyPassword);
        }
        let request = Request::Verify {
            name: name.to_owned(),
            password: copy(password),
            search_password: self.search_password.as_ref().map(copy),
        };
        match self.ask(&request)? {
            Reply::Verified(verified) if !verified.roles.is_empty() => Ok(verified),
            Reply::Verified(_) => Err(Fault::NoGroup),
            Reply::Refused { fault } => Err(fault),
            _ => Err(Fault::NotRunning),
        }
    }

    fn minimum_password_length(&self) -> u32 {
        self.settings.minimum_password_length
    }
}

/// How long one question may take in all: every server tried, and some operations at the last.
#[must_use]
pub fn longest(settings: &Settings) -> Duration {
    let servers = u32::try_from(settings.servers.len()).unwrap_or(1);
    Duration::from_secs((servers * settings.connect_timeout_s + 3 * settings.operation_timeout_s).into())
}

fn copy(password: &SecretString) -> Password {
    Password::new(SecretString::from(password.expose_secret()))
}
