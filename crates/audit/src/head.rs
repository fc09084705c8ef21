//! The head: where the log ends, signed with a key that only its end could have.

use crate::{
    AuditError, files, hex,
    ratchet::{self, HEAD_DOMAIN},
};
use cloister_domain::{MAX_COUNT, Sha256Hex};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::FileExt,
    path::Path,
};

pub(crate) const HEAD: &str = "head.json";
const HEAD_NEW: &str = "head.json.new";

/// No head is longer: two digests' worth of hexadecimal and a number.
const MAX_HEAD: u64 = 512;

/// A line's number and its SHA-256 over the line's bytes, newline included. What an append answers with, and what
/// the store remembers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The line's number, from 1.
    pub seq: u64,
    /// The line's digest.
    pub hash: Sha256Hex,
}

/// The end of the log at some moment, signed with the key that its last line announces: the content of `head.json`.
/// Kept elsewhere (another disk, a printed page) it is a checkpoint, and says which lines the log must still hold.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    hash: Sha256Hex,
    seq: u64,
    #[serde(with = "signature")]
    sig: [u8; 64],
}

impl Head {
    pub(crate) fn sign(seq: u64, hash: &[u8; 32], key: &SigningKey) -> Self {
        let hash = Sha256Hex::from_bytes(hash);
        let sig = ratchet::sign(key, HEAD_DOMAIN, &[&message(seq, &hash)]);
        Self { hash, seq, sig }
    }

    /// The last line's number.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The last line's digest.
    #[must_use]
    pub const fn hash(&self) -> &Sha256Hex {
        &self.hash
    }

    /// The same without the signature.
    #[must_use]
    pub fn receipt(&self) -> Receipt {
        Receipt { seq: self.seq, hash: self.hash.clone() }
    }

    /// Whether the key that line `seq` announces made this head.
    pub(crate) fn signed_by(&self, next_vk: &[u8; 32]) -> bool {
        ratchet::signed_by(next_vk, HEAD_DOMAIN, &[&message(self.seq, &self.hash)], &self.sig)
    }

    /// The file's content: canonical JSON and a newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut sig = Vec::with_capacity(128);
        hex::push(&self.sig, &mut sig);
        let sig = String::from_utf8_lossy(&sig);
        format!("{{\"hash\":\"{}\",\"seq\":{},\"sig\":\"{sig}\"}}\n", self.hash, self.seq)
    }

    /// Reads what [`Head::to_json`] writes, and nothing else: one head has one spelling. `None` for other bytes.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let head: Self = serde_json::from_slice(bytes).ok()?;
        (head.seq <= MAX_COUNT && head.to_json().as_bytes() == bytes).then_some(head)
    }

    /// Puts this head in `head.json`, without syncing: after a power cut the file may be an older head, which the
    /// verifier takes for what it is.
    ///
    /// A head of the same length is written over the old one. It lies in one sector, and no metadata changes: a new
    /// file and a rename would cost the next group's sync a larger journal entry. A longer one (another digit in the
    /// line's number) replaces the file in one step.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), AuditError> {
        let json = self.to_json();
        let written = match files::open_overwrite(&dir.join(HEAD)) {
            Ok(file) if file.metadata().is_ok_and(|m| m.len() == json.len() as u64) => {
                file.write_all_at(json.as_bytes(), 0)
            }
            _ => replace(dir, json.as_bytes()),
        };
        written.map_err(AuditError::io("write the log's head"))
    }

    /// The bytes of `head.json`, up to a bound that a head never reaches; `None` when there is no such file.
    pub(crate) fn read_bytes(dir: &Path) -> io::Result<Option<Vec<u8>>> {
        let file = match files::open_plain(&dir.join(HEAD)) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        let mut bytes = Vec::new();
        File::take(file, MAX_HEAD).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

impl std::fmt::Debug for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Head({} {})", self.seq, self.hash)
    }
}

fn replace(dir: &Path, content: &[u8]) -> io::Result<()> {
    let new = dir.join(HEAD_NEW);
    let mut file = files::create_over(&new)?;
    file.write_all(content)?;
    file.sync_data()?;
    fs::rename(&new, dir.join(HEAD))
}

fn message(seq: u64, hash: &Sha256Hex) -> Vec<u8> {
    format!("{{\"hash\":\"{hash}\",\"seq\":{seq}}}").into_bytes()
}

mod signature {
    use crate::hex;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(sig: &[u8; 64], s: S) -> Result<S::Ok, S::Error> {
        let mut text = Vec::with_capacity(128);
        hex::push(sig, &mut text);
        s.serialize_str(&String::from_utf8_lossy(&text))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<[u8; 64], D::Error> {
        let text = String::deserialize(d)?;
        hex::read(text.as_bytes()).ok_or_else(|| D::Error::custom("a signature is 128 hexadecimal digits"))
    }
}

/// The first key's fingerprint: SHA-256 of the Ed25519 public key that signs line 1, its first 20 bytes in ten
/// groups of four digits. Shown once, for paper; who holds it can tell this log from any other.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint([u8; 20]);

impl Fingerprint {
    pub(crate) fn of(first_vk: &[u8; 32]) -> Self {
        Self::under(b"cloister audit fingerprint v1\0", first_vk)
    }

    /// The fingerprint of the key with which a person seals exports.
    #[must_use]
    pub fn of_exporter(public_key: &[u8; 32]) -> Self {
        Self::under(b"cloister audit exporter v1\0", public_key)
    }

    fn under(domain: &[u8], key: &[u8; 32]) -> Self {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest([domain, key].concat());
        let mut bytes = [0; 20];
        bytes.copy_from_slice(&digest[..20]);
        Self(bytes)
    }

    /// Reads a fingerprint as printed; spaces, dashes and capitals do not matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> =
            text.bytes().filter(|b| !matches!(b, b' ' | b'-')).map(|b| b.to_ascii_lowercase()).collect();
        hex::read(&digits).map(Self)
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, pair) in self.0.chunks(2).enumerate() {
            let space = if i == 0 { "" } else { " " };
            pair.iter().enumerate().try_for_each(|(j, b)| write!(f, "{}{b:02x}", if j == 0 { space } else { "" }))?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, Head};
    use ed25519_dalek::SigningKey;

    #[test]
    fn a_head_has_one_spelling() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let head = Head::sign(7, &[2; 32], &key);
        let text = head.to_json();
        assert_eq!(Head::parse(text.as_bytes()), Some(head.clone()));
        assert!(head.signed_by(key.verifying_key().as_bytes()));
        for other in [text.trim_end().to_owned(), text.replace("\"seq\":7", "\"seq\": 7"), text.to_uppercase()] {
            assert_eq!(Head::parse(other.as_bytes()), None, "{other}");
        }
        let other = Head::parse(text.replace("\"seq\":7", "\"seq\":8").as_bytes()).unwrap();
        assert!(!other.signed_by(key.verifying_key().as_bytes()));
    }

    #[test]
    fn a_fingerprint_is_read_back_from_paper() {
        let print = Fingerprint::of(&[3; 32]);
        let text = print.to_string();
        assert_eq!(text.split(' ').count(), 10);
        assert_eq!(Fingerprint::parse(&text.to_uppercase().replace(' ', "-")), Some(print));
        assert_eq!(Fingerprint::parse("abcd"), None);
    }
}
