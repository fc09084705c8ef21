//! Speech to text: the bytes of an audio file in, segments of words with their moments out.
//!
//! Runs inside the engine process. Nothing here opens a file or a socket, reads a clock or prints; audio and model
//! come as bytes, and every fault is an error or a [`Warning`], never a crash of its own making.

mod audio;
mod chunk;
mod error;
mod live;
mod model_file;
mod parallel;
mod recogniser;
mod vad;
mod whisper;

pub use audio::{AudioDecoder, AudioFormat, SAMPLE_RATE};
pub use error::{SpeechError, Warning};
pub use live::LiveAudio;
pub use model_file::{ModelFault, ModelShape, check_model};
pub use recogniser::{Event, Heard, Language, Options, Recogniser};
