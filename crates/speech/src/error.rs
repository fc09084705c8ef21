//! What can go wrong, in words for the person who chose the file.

use crate::model_file::ModelFault;

/// Why audio or a speech model could not be used. No variant carries anything that was said.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// A directory where a file was asked for.
    #[error("this is a folder, not an audio file")]
    Folder,
    /// Recognised as something else.
    #[error("not audio: this is {0}")]
    NotAudio(&'static str),
    /// No known audio format in the bytes.
    #[error("not audio, or audio in a format that is not known here")]
    UnknownFormat,
    /// A known format that cannot be decoded.
    #[error("{0} is not supported yet; WAV, AIFF, FLAC, MP3, M4A (AAC, ALAC), Ogg Vorbis, Opus and WebM are")]
    Unsupported(String),
    /// A header, and no sample after it.
    #[error("an audio header without any audio after it")]
    NoSamples,
    /// Damaged so far that not one sample could be read.
    #[error("the audio is damaged: nothing could be read from it ({0})")]
    Damaged(String),
    /// The header gives a sample rate or channel count that no recorder has.
    #[error("the audio header is damaged: {rate} samples a second, {channels} channels")]
    ImpossibleHeader {
        /// Samples a second, as the header has it.
        rate: u32,
        /// Channels, as the header has it.
        channels: usize,
    },
    /// The bytes could not be read.
    #[error("the audio could not be read: {0}")]
    Read(#[from] std::io::Error),
    /// Not a usable Whisper model file.
    #[error("not a usable Whisper model file: {0}")]
    Model(#[from] ModelFault),
    /// The recogniser cannot go on.
    #[error("the speech engine failed while it {0}")]
    Engine(&'static str),
    /// A language that Whisper does not have, or that an English-only model does not have.
    #[error("this model does not transcribe the language \"{0}\"")]
    Language(String),
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// Something the listener should know about a recording that was transcribed all the same.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Warning {
    /// Stretches that could not be decoded; silence stands in for them, so that times stay true.
    DamagedParts {
        /// Seconds of audio replaced by silence.
        lost_s: f64,
    },
    /// Reading ended before the length that the header gives.
    EndsEarly {
        /// Seconds that were read.
        read_s: f64,
        /// Seconds that the header promises.
        promised_s: f64,
    },
    /// Speech so unclear that writing it down would be guessing; it was left out.
    Unclear {
        /// Seconds of speech that were left out, in all.
        left_out_s: f64,
    },
    /// Decoding stopped at damaged data; what came before it was kept.
    StoppedAtDamage {
        /// Seconds that were read.
        read_s: f64,
    },
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DamagedParts { lost_s } => {
                write!(f, "{lost_s:.1} s of the audio are damaged and were left out")
            }
            Self::EndsEarly { read_s, promised_s } => {
                write!(f, "the file ends after {read_s:.1} s, though its header promises {promised_s:.1} s")
            }
            Self::Unclear { left_out_s } => {
                write!(f, "{left_out_s:.1} s of speech are too unclear to be written down")
            }
            Self::StoppedAtDamage { read_s } => {
                write!(f, "the audio is damaged after {read_s:.1} s; what came before it was kept")
            }
        }
    }
}
