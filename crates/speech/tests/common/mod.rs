//! Where test data lies, and sounds made here.
#![allow(dead_code, clippy::print_stdout, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// A file or folder of the shared data beside the repository; `None`, with a word, when it is not there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    found(repository().parent()?.join("shared/data").join(path))
}

/// A model's bytes; `None`, with a word, when it was not provisioned.
pub(crate) fn weights(name: &str) -> Option<Vec<u8>> {
    std::fs::read(found(repository().join("models/weights").join(name))?).ok()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn found(path: PathBuf) -> Option<PathBuf> {
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// A WAVE file: `format` is its tag (1 integer, 3 float), `samples` its data as it stands.
pub(crate) fn wave(format: u16, rate: u32, channels: u16, bits: u16, samples: &[u8]) -> Vec<u8> {
    let mut file = b"RIFF".to_vec();
    file.extend((36 + samples.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0");
    file.extend(format.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    let frame = channels * bits.div_ceil(8);
    file.extend((rate * u32::from(frame)).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend((samples.len() as u32).to_le_bytes());
    file.extend(samples);
    file
}

/// 16 kHz mono, 16 bits.
pub(crate) fn wave_16k(samples: impl Iterator<Item = f32>) -> Vec<u8> {
    let data: Vec<u8> = samples.flat_map(|s| ((s.clamp(-1.0, 1.0) * 32767.0) as i16).to_le_bytes()).collect();
    wave(1, 16_000, 1, 16, &data)
}

/// White noise, the same every time.
pub(crate) fn noise() -> impl Iterator<Item = f32> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    })
}
