//! The engine's end of the pipes. One thread reads, so that a cancel is noticed while a job computes.

use anyhow::{Result, anyhow};
use cloister_engine_client::{
    Frame, FrameError, FrameReader, FrameWriter,
    protocol::{Progress, Reply, Request},
};
use std::{
    fs::File,
    io::{stdin, stdout},
    ops::ControlFlow,
    os::fd::AsFd,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, channel},
    },
};

/// Both pipes, without the standard library's buffers: what went through those would stay in memory.
#[derive(Debug)]
pub(crate) struct Pipes {
    from_parent: File,
    to_parent: File,
}

impl Pipes {
    /// The standard input and output. Descriptors cannot be doubled once the process is sealed.
    pub(crate) fn take() -> Result<Self> {
        let from_parent = File::from(stdin().as_fd().try_clone_to_owned()?);
        let to_parent = File::from(stdout().as_fd().try_clone_to_owned()?);
        Ok(Self { from_parent, to_parent })
    }
}

/// The conversation with the parent.
#[derive(Debug)]
pub(crate) struct Link {
    to_parent: Arc<Mutex<FrameWriter<File>>>,
    requests: Receiver<Request>,
    bytes: Arc<Mutex<Receiver<Vec<u8>>>>,
    cancelled: Arc<AtomicBool>,
}

impl Link {
    /// Begins to read.
    pub(crate) fn start(pipes: Pipes) -> Self {
        let (request_in, requests) = channel();
        let (bytes_in, bytes) = channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&cancelled);
        std::thread::spawn(move || {
            let mut from_parent = FrameReader::new(pipes.from_parent);
            loop {
                let sent = match from_parent.read() {
                    Ok(Frame::Message(Request::Cancel)) => {
                        flag.store(true, Ordering::Relaxed);
                        true
                    }
                    Ok(Frame::Message(request)) => request_in.send(request).is_ok(),
                    Ok(Frame::Bytes(block)) => bytes_in.send(block).is_ok(),
                    Err(FrameError::Closed | FrameError::Pipe(_) | FrameError::Malformed(_)) => false,
                };
                if !sent {
                    // The parent is gone or out of step: nothing that runs here is of use to anybody.
                    std::process::exit(0);
                }
            }
        });
        Self {
            to_parent: Arc::new(Mutex::new(FrameWriter::new(pipes.to_parent))),
            requests,
            bytes: Arc::new(Mutex::new(bytes)),
            cancelled,
        }
    }

    /// The next request; `None` when the parent is gone.
    pub(crate) fn next_request(&self) -> Result<Option<Request>> {
        Ok(self.requests.recv().ok())
    }

    /// Forgets a cancel that was meant for the job before.
    pub(crate) fn begin_job(&self) {
        self.cancelled.store(false, Ordering::Relaxed);
    }

    /// Whether the parent asked to stop the job under way.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Sends a reply.
    pub(crate) fn reply(&self, reply: &Reply) -> Result<()> {
        send(&self.to_parent, reply)
    }

    /// Sends progress, and says whether to go on.
    pub(crate) fn progress(&self, progress: Progress) -> ControlFlow<()> {
        if self.reply(&Reply::Progress(progress)).is_err() || self.is_cancelled() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// A way to ask the parent for ranges of the source, for a reader that owns its handle.
    pub(crate) fn ranges(&self) -> Ranges {
        Ranges {
            to_parent: Arc::clone(&self.to_parent),
            bytes: Arc::clone(&self.bytes),
            cancelled: Arc::clone(&self.cancelled),
        }
    }
}

/// Asks the parent for ranges of the source.
#[derive(Debug)]
pub(crate) struct Ranges {
    to_parent: Arc<Mutex<FrameWriter<File>>>,
    bytes: Arc<Mutex<Receiver<Vec<u8>>>>,
    cancelled: Arc<AtomicBool>,
}

impl Ranges {
    /// `len` bytes at `offset`, fewer at the end of the source.
    pub(crate) fn get(&self, offset: u64, len: u32) -> Result<Vec<u8>> {
        self.ask(&Reply::Need { offset, len })
    }

    /// Samples of a recording that goes on: the parent's answer to a `Want`.
    pub(crate) fn samples(&self, from: u64, least: u32, most: u32) -> Result<Vec<u8>> {
        self.ask(&Reply::Want { from, least, most })
    }

    fn ask(&self, question: &Reply) -> Result<Vec<u8>> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(anyhow!("cancelled"));
        }
        send(&self.to_parent, question)?;
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(bytes.recv()?)
    }
}

fn send(to_parent: &Mutex<FrameWriter<File>>, reply: &Reply) -> Result<()> {
    Ok(to_parent.lock().unwrap_or_else(PoisonError::into_inner).message(reply)?)
}
