//! What is inside: members, one after the other, and a manifest at the end.
//!
//! ```text
//! member    0x01, length of the name (u16), name, length of the content (u64), content
//! manifest  0x02, length (u32), canonical JSON; after it nothing
//! ```
//! Integers are big-endian. The manifest comes last because the digests are known last; a reader hands members on
//! while it reads, and who keeps them keeps them aside until the manifest agreed.

use super::{
    header::{BackupHeader, BackupKey},
    is_a_name, refused,
    stream::{Decrypting, Encrypting},
};
use crate::{
    Fault, VaultError,
    encoding::{canonical, read_canonical},
};
use cloister_domain::{Sha256Hex, Timestamp, VaultId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::{Read, Write},
};
use zeroize::Zeroizing;

const FORMAT: &str = "cloister-backup-manifest";
const FORMAT_VERSION: u32 = 1;
const MEMBER: u8 = 1;
const MANIFEST: u8 = 2;
const MAX_NAME: u16 = 255;
/// A million members take some 150 MiB.
const MAX_MANIFEST: u32 = 256 * 1024 * 1024;
const CHUNK: usize = 128 * 1024;

/// One file of the vault, as the manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Where it lies below the data folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its digest.
    pub sha256: Sha256Hex,
}

/// Where the log ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupLogEnd {
    /// The last line's digest.
    pub hash: Sha256Hex,
    /// Its number.
    pub seq: u64,
}

/// What the manifest says beside the members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFacts {
    /// SHA-256 of `keyring.json`.
    pub keyring_sha256: Sha256Hex,
    /// Its version.
    pub keyring_version: u64,
    /// Where the log ended; `None` for a log that could not say.
    pub log: Option<BackupLogEnd>,
    /// The newest format of each database that the program knew which made the backup.
    pub stores: BTreeMap<String, u32>,
}

/// The list of members, at the end of the content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: String,
    format_version: u32,
    /// Which vault.
    pub vault: VaultId,
    /// When.
    pub made: Timestamp,
    /// The rest.
    pub facts: BackupFacts,
    /// In the order in which they come.
    pub members: Vec<Member>,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    body: Manifest,
}

/// Writes a backup.
pub struct BackupWriter<W: Write> {
    content: Encrypting<W>,
    vault: VaultId,
    made: Timestamp,
    members: Vec<Member>,
    names: BTreeSet<String>,
}

impl<W: Write> fmt::Debug for BackupWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackupWriter({} members)", self.members.len())
    }
}

impl<W: Write> BackupWriter<W> {
    /// Writes the header and begins the content.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn begin(mut to: W, header: &BackupHeader, key: &BackupKey) -> Result<Self, VaultError> {
        let bytes = header.encode()?;
        let (segments, commitment) = key.split(&bytes)?;
        for part in [bytes.as_slice(), commitment.expose()] {
            to.write_all(part).map_err(VaultError::io("writing the backup"))?;
        }
        Ok(Self {
            content: Encrypting::new(to, segments),
            vault: header.vault(),
            made: header.made(),
            members: Vec::new(),
            names: BTreeSet::new(),
        })
    }

    /// Adds a file of exactly `bytes` bytes.
    ///
    /// # Errors
    /// [`VaultError::Io`], also when `from` ends before that; [`VaultError::NotCanonical`] for a name that cannot be
    /// one or is there already.
    pub fn member(&mut self, name: &str, bytes: u64, from: &mut dyn Read) -> Result<(), VaultError> {
        let length = u16::try_from(name.len()).ok().filter(|len| *len <= MAX_NAME && is_a_name(name));
        let length = length.ok_or(VaultError::NotCanonical("the name of a file"))?;
        if !self.names.insert(name.to_owned()) {
            return Err(VaultError::NotCanonical("a second file of one name"));
        }
        for part in [&[MEMBER], length.to_be_bytes().as_slice(), name.as_bytes(), &bytes.to_be_bytes()] {
            self.content.write(part)?;
        }
        let mut hash = Sha256::new();
        let mut left = bytes;
        let mut chunk = Zeroizing::new(vec![0; CHUNK]);
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let n = match from.read(&mut chunk[..most]) {
                Ok(0) => {
                    return Err(VaultError::io(format!("reading {name}"))(std::io::ErrorKind::UnexpectedEof.into()));
                }
                Ok(n) => n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(VaultError::io(format!("reading {name}"))(e)),
            };
            hash.update(&chunk[..n]);
            self.content.write(&chunk[..n])?;
            left -= n as u64;
        }
        self.members.push(Member { name: name.to_owned(), bytes, sha256: hex(hash) });
        Ok(())
    }

    /// Writes the manifest and the end.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn finish(mut self, facts: BackupFacts) -> Result<(W, Manifest), VaultError> {
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            vault: self.vault,
            made: self.made,
            facts,
            members: self.members,
        };
        let json = canonical(&Envelope { body: manifest.clone() }, "the backup's manifest")?;
        let length = u32::try_from(json.len()).ok().filter(|len| *len <= MAX_MANIFEST);
        let length = length.ok_or(VaultError::NotCanonical("the backup's manifest"))?;
        for part in [&[MANIFEST], length.to_be_bytes().as_slice(), &json] {
            self.content.write(part)?;
        }
        Ok((self.content.finish()?, manifest))
    }
}

/// Reads a backup's content.
pub struct BackupReader<R> {
    header: BackupHeader,
    content: Decrypting<R>,
}

impl<R> fmt::Debug for BackupReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackupReader({:?})", self.header)
    }
}

impl<R: Read> BackupReader<R> {
    pub(super) const fn new(header: BackupHeader, content: Decrypting<R>) -> Self {
        Self { header, content }
    }

    /// Hands each member to `keep`, as (name, content), and gives the manifest that agreed with all of them. Until then
    /// nothing that was handed out may count.
    ///
    /// # Errors
    /// [`VaultError::Refused`] with what is wrong; the first error of `keep`.
    pub fn read<E: From<VaultError>>(
        mut self,
        keep: impl FnMut(&str, &mut dyn Read) -> Result<(), E>,
    ) -> Result<Manifest, E> {
        let manifest = read(&mut self.content, keep)?;
        if manifest.vault != self.header.vault() || manifest.made != self.header.made() {
            return Err(refused(Fault::Foreign).into());
        }
        Ok(manifest)
    }
}

/// Reads the content, decrypted.
pub(super) fn read<E: From<VaultError>>(
    from: &mut dyn Read,
    mut keep: impl FnMut(&str, &mut dyn Read) -> Result<(), E>,
) -> Result<Manifest, E> {
    let mut members = Vec::new();
    let mut names = BTreeSet::new();
    loop {
        let [tag] = exactly(from)?;
        match tag {
            MEMBER => {
                let length = u16::from_be_bytes(exactly(from)?);
                if length > MAX_NAME {
                    return Err(refused(Fault::Malformed).into());
                }
                let mut name = vec![0; length.into()];
                fill(from, &mut name)?;
                let name = String::from_utf8(name).ok().filter(|n| is_a_name(n) && names.insert(n.clone()));
                let name = name.ok_or_else(|| refused(Fault::Field("name")))?;
                let bytes = u64::from_be_bytes(exactly(from)?);
                let mut content = Content { from: &mut *from, left: bytes, hash: Sha256::new() };
                keep(&name, &mut content)?;
                content.drain()?;
                members.push(Member { name, bytes, sha256: hex(content.hash) });
            }
            MANIFEST => {
                let length = u32::from_be_bytes(exactly(from)?);
                if length > MAX_MANIFEST {
                    return Err(refused(Fault::TooLarge).into());
                }
                let mut json = Vec::new();
                (&mut *from).take(length.into()).read_to_end(&mut json).map_err(VaultError::from_reading)?;
                if json.len() < length as usize {
                    return Err(refused(Fault::Truncated).into());
                }
                let Envelope { body } = read_canonical(&json, FORMAT, FORMAT_VERSION).map_err(refused)?;
                if body.members != members {
                    return Err(refused(Fault::Field("members")).into());
                }
                // What stands after the end is authentic, and still nothing that a backup has.
                let after = from.read(&mut [0]).map_err(VaultError::from_reading)?;
                return if after == 0 { Ok(body) } else { Err(refused(Fault::Malformed).into()) };
            }
            _ => return Err(refused(Fault::Malformed).into()),
        }
    }
}

/// One member's content: it ends where the member does, and is hashed as it goes by.
struct Content<'a> {
    from: &'a mut dyn Read,
    left: u64,
    hash: Sha256,
}

impl Content<'_> {
    /// Reads what was left unread.
    fn drain(&mut self) -> Result<(), VaultError> {
        let mut chunk = Zeroizing::new(vec![0; if self.left == 0 { 0 } else { CHUNK }]);
        while self.left > 0 {
            self.read(&mut chunk).map_err(VaultError::from_reading)?;
        }
        Ok(())
    }
}

impl Read for Content<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        if most == 0 {
            return Ok(0);
        }
        let n = self.from.read(&mut out[..most])?;
        if n == 0 {
            return Err(std::io::Error::other(refused(Fault::Truncated)));
        }
        self.hash.update(&out[..n]);
        self.left -= n as u64;
        Ok(n)
    }
}

fn exactly<const N: usize>(from: &mut dyn Read) -> Result<[u8; N], VaultError> {
    let mut out = [0; N];
    fill(from, &mut out)?;
    Ok(out)
}

fn fill(from: &mut dyn Read, out: &mut [u8]) -> Result<(), VaultError> {
    from.read_exact(out).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => refused(Fault::Truncated),
        _ => VaultError::from_reading(e),
    })
}

fn hex(hash: Sha256) -> Sha256Hex {
    Sha256Hex::from_bytes(&hash.finalize().into())
}
