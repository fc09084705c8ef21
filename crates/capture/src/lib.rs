//! Sound in and out: the workstation's microphones and loudspeakers, as a parameter.
//!
//! Everything above works on [`Sound`]; [`SystemSound`] is the real one, and tests bring their own. Samples are 16 kHz,
//! one channel, signed 16-bit: what speech recognition hears, and 115 MB an hour.

mod input;
mod level;
mod output;
mod resample;
mod system;

pub use level::{Level, LevelMeter};
pub use system::SystemSound;

use std::time::Duration;

/// Samples a second, whatever the device's own rate is.
pub const RATE: u32 = 16_000;

/// A microphone or loudspeaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Stable across restarts as far as the system's own name for it is.
    pub id: String,
    /// For people.
    pub name: String,
    /// Whether the system would choose it.
    pub default: bool,
}

/// Why sound cannot be had. Words never name more than a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SoundError {
    /// No microphone, or no loudspeaker.
    #[error("there is no {0}")]
    NoDevice(&'static str),
    /// It was unplugged or its server went away; another, or the same one later, may do.
    #[error("the device is gone")]
    Lost,
    /// Another program holds it.
    #[error("another program is using the device")]
    Busy,
    /// The system forbids it.
    #[error("the system does not let this program use the device")]
    Forbidden,
    /// It offers no format that can be read.
    #[error("the device offers no usable sound format")]
    Format,
}

/// The devices of a workstation.
pub trait Sound: Send + Sync {
    /// Every microphone, the system's choice first.
    ///
    /// # Errors
    /// When the sound system does not answer.
    fn inputs(&self) -> Result<Vec<Device>, SoundError>;

    /// Opens the microphone called `id`, or the system's choice. Sound comes from now on.
    ///
    /// # Errors
    /// As [`SoundError`] says.
    fn open_input(&self, id: Option<&str>) -> Result<Box<dyn Input>, SoundError>;

    /// Opens the system's loudspeaker.
    ///
    /// # Errors
    /// As [`SoundError`] says.
    fn open_output(&self) -> Result<Box<dyn Output>, SoundError>;
}

/// An open microphone. Dropped, it is closed.
pub trait Input {
    /// Which.
    fn device(&self) -> &Device;

    /// Appends what has come to `out`, waiting at most `wait` for the first of it.
    ///
    /// # Errors
    /// [`SoundError::Lost`] once, when there will be no more.
    fn read(&mut self, out: &mut Vec<i16>, wait: Duration) -> Result<(), SoundError>;

    /// Times that sound was dropped because nobody read in time, or the system lost some.
    fn overruns(&self) -> u64;
}

/// An open loudspeaker. Dropped, it is silent.
pub trait Output {
    /// Takes as many of `samples` as there is room for, and says how many.
    ///
    /// # Errors
    /// [`SoundError::Lost`].
    fn write(&mut self, samples: &[i16]) -> Result<usize, SoundError>;

    /// Samples handed to the device so far.
    fn played(&self) -> u64;

    /// Whether everything written was handed to the device.
    fn is_drained(&self) -> bool;
}
