//! What a result was made with.

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// A SHA-256 digest as 64 lower-case hex digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Sha256Hex(String);

/// The text is not 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 (64 hexadecimal digits)")]
pub struct Sha256HexError;

impl Sha256Hex {
    /// From the 32 bytes of a digest.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut s = String::with_capacity(64);
        for b in bytes {
            s.push(char::from_digit(u32::from(b >> 4), 16).unwrap_or('0'));
            s.push(char::from_digit(u32::from(b & 15), 16).unwrap_or('0'));
        }
        Self(s)
    }

    /// The 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Sha256Hex {
    type Err = Sha256HexError;
    fn from_str(s: &str) -> Result<Self, Sha256HexError> {
        if s.len() == 64 && s.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(s.to_ascii_lowercase()))
        } else {
            Err(Sha256HexError)
        }
    }
}

impl<'de> Deserialize<'de> for Sha256Hex {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A model file, by name and content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRef {
    /// The manifest's name, such as `qwen2.5-coder-1.5b-instruct-q4_k_m`.
    pub name: String,
    /// SHA-256 of the file's bytes.
    pub sha256: Sha256Hex,
}

/// Everything an extraction was made with: the same provenance means the same bytes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The language model.
    pub model: ModelRef,
    /// The schema's name and version, such as `medications@2`.
    pub schema: String,
    /// SHA-256 of the schema's canonical JSON (RFC 8785).
    pub schema_sha256: Sha256Hex,
    /// SHA-256 of the prompt's fixed part (everything but the document).
    pub prompt_sha256: Sha256Hex,
    /// SHA-256 of the source text in UTF-8.
    pub source_sha256: Sha256Hex,
    /// Version and build of the engine.
    pub build: String,
    /// Arithmetic path, such as `avx512-vnni`.
    pub cpu_path: String,
    /// Threads used.
    pub threads: u16,
    /// `cpu`, or the accelerator; with the reason when one was asked for and could not be had.
    pub device: String,
}
