//! The models, loaded from the inherited descriptors.

use cloister_domain::ModelRef;
use cloister_engine_client::protocol::{Fault, LANGUAGE_FD, Ready, SPEECH_FD, VERSION};
use cloister_extraction::decoder::{ModelBytes, read_model};
use cloister_extraction::{CpuPath, Device, Extractor, LoadOptions};
use cloister_speech::Recogniser;
use memmap2::{Mmap, MmapOptions};
use std::{
    fs::File,
    io,
    os::fd::{FromRawFd, OwnedFd},
};

/// What this engine has loaded.
#[derive(Debug)]
pub(crate) struct Models {
    /// Hears.
    pub(crate) speech: Option<Recogniser>,
    /// Reads.
    pub(crate) language: Option<Extractor>,
    threads: u16,
    device: Device,
}

impl Models {
    /// Maps and loads the models that the parent named. Headers are checked before any engine sees the bytes.
    pub(crate) fn load(
        threads: u16,
        speech: Option<ModelRef>,
        language: Option<ModelRef>,
        device: &str,
    ) -> Result<Self, Fault> {
        let model = |words: String| Fault::Model { words };
        let device = Device::named(device).unwrap_or_default();
        let speech = match speech {
            None => None,
            Some(m) => {
                let bytes = map(SPEECH_FD).map_err(|e| model(format!("{}: {e}", m.name)))?;
                Some(Recogniser::load(&bytes, threads.into()).map_err(|e| model(format!("{}: {e}", m.name)))?)
            }
        };
        let language = match language {
            None => None,
            Some(m) => {
                let bytes = take(LANGUAGE_FD).map_err(|e| model(format!("{}: {e}", m.name)))?;
                let options = LoadOptions { threads: Some(threads.into()), device };
                Some(Extractor::load(bytes, options).map_err(|e| model(format!("{}: {e}", m.name)))?)
            }
        };
        Ok(Self { speech, language, threads, device })
    }

    /// What the parent is told.
    pub(crate) fn ready(&self) -> Ready {
        let card = self.language.as_ref().map(Extractor::card);
        Ready {
            version: VERSION,
            build: env!("CARGO_PKG_VERSION").to_owned(),
            cpu_path: card.as_ref().map_or_else(|| CpuPath::detect().name().to_owned(), |c| c.cpu_path.clone()),
            device: card.map_or_else(
                || self.device.choose().map_or_else(|why| why.to_string(), |(_, device)| device),
                |c| c.device.clone(),
            ),
            threads: self.threads,
        }
    }
}

/// An inherited descriptor and the length of its file. Fails when the parent handed in none.
#[allow(unsafe_code)]
fn inherited(fd: i32) -> io::Result<(File, usize)> {
    // SAFETY: the descriptor was put at this number by the parent for this purpose, and nothing else in this process
    // owns it; a number that is not open makes every call on it fail.
    let file = File::from(unsafe { OwnedFd::from_raw_fd(fd) });
    // Asking a file for its length by `stat` is a call that the sealed engine has no more.
    let len = rustix::fs::seek(&file, rustix::fs::SeekFrom::End(0))?;
    rustix::fs::seek(&file, rustix::fs::SeekFrom::Start(0))?;
    Ok((file, usize::try_from(len).map_err(io::Error::other)?))
}

/// Reads an inherited file into memory.
fn take(fd: i32) -> io::Result<ModelBytes> {
    let (mut file, len) = inherited(fd)?;
    read_model(&mut file, len)
}

/// Maps an inherited file.
#[allow(unsafe_code)]
fn map(fd: i32) -> io::Result<Mmap> {
    let (file, len) = inherited(fd)?;
    // SAFETY: the file is a model that the parent hashed through the same open file; it is only read. A file cut
    // while mapped would end this process, which the parent handles as a dead engine.
    unsafe { MmapOptions::new().len(len).map(&file) }
}
