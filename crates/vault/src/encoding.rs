//! How things are written: canonical JSON (RFC 8785), fixed-length bytes as base64url, and the one way in which
//! context is bound to a key, a ciphertext or a signature.

use crate::{Fault, VaultError};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cloister_domain::Sha256Hex;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::fmt;

/// Public bytes of a fixed length, written as unpadded base64url. Anything that is not exactly `N` bytes, or has
/// stray bits at its end, is refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bytes<const N: usize>(pub(crate) [u8; N]);

impl<const N: usize> Bytes<N> {
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| serde::de::Error::custom("not base64url"))?;
        Self::from_slice(&bytes).ok_or_else(|| serde::de::Error::custom("of another length"))
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// `label`, a zero byte, and `context` as canonical JSON. Every HKDF info, AAD, HPKE info and signed message is
/// made here: labels have no zero byte and are used for one purpose each, and canonical JSON has one form per
/// value, so no two contexts share an encoding.
pub(crate) fn bind(label: &'static str, context: &impl Serialize) -> Result<Vec<u8>, VaultError> {
    let mut out = label.as_bytes().to_vec();
    out.push(0);
    out.extend_from_slice(&canonical(context, label)?);
    Ok(out)
}

/// Canonical JSON; `what` names the value in the error.
pub(crate) fn canonical(value: &impl Serialize, what: &'static str) -> Result<Vec<u8>, VaultError> {
    serde_json_canonicalizer::to_vec(value).map_err(|_| VaultError::NotCanonical(what))
}

/// What a file says it is; read before anything else, so that a later version is named as such.
#[derive(Deserialize)]
struct Envelope {
    body: Heading,
}

#[derive(Deserialize)]
struct Heading {
    format: String,
    format_version: u32,
}

/// Reads a document of ours. Its bytes must be the canonical form of what they say: that refuses unknown and
/// repeated fields, white space, and every edit by hand, at one place.
pub(crate) fn read_canonical<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
    format: &str,
    version: u32,
) -> Result<T, Fault> {
    if bytes.is_empty() {
        return Err(Fault::Empty);
    }
    let Envelope { body } = serde_json::from_slice(bytes).map_err(|_| Fault::Malformed)?;
    if body.format != format {
        return Err(Fault::Malformed);
    }
    if body.format_version != version {
        return Err(Fault::Version(body.format_version));
    }
    let document: T = serde_json::from_slice(bytes).map_err(|_| Fault::Malformed)?;
    match serde_json_canonicalizer::to_vec(&document) {
        Ok(again) if again == bytes => Ok(document),
        _ => Err(Fault::NotCanonical),
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> Sha256Hex {
    Sha256Hex::from_bytes(&Sha256::digest(bytes).into())
}
