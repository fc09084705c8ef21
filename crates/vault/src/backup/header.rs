//! The part in the clear, and who can open the rest.

use super::{MAGIC, NAME, VERSION, archive::BackupReader, refused, stream::Decrypting};
use crate::{
    Fault, FrozenVault, KeyHolder, RecoveryKey, SealedKey, VaultError,
    encoding::{Bytes, bind, canonical, read_canonical},
    sealing,
    secret::Key,
    slot::{Slot, SlotError, SlotSecret},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cloister_domain::{Entropy, Timestamp, VaultId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::{fmt, io::Read};

const FORMAT: &str = "cloister-backup";
const FORMAT_VERSION: u32 = 1;
/// Room for a slot and some thirty recipients.
const MAX_HEADER: u32 = 64 * 1024;
const MAX_PROGRAM: usize = 64;
const MAX_OTHERS: usize = 32;

/// The key that a backup's content is encrypted with, drawn for it alone. Zeroized when dropped.
pub struct BackupKey(Key);

impl BackupKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`VaultError::Entropy`].
    pub fn random(entropy: &dyn Entropy) -> Result<Self, VaultError> {
        Key::random(entropy).map(Self)
    }

    /// The key that [`Self::with_bytes`] lent, come back from whom it was wrapped for; `None` unless it is 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Key::from_slice(bytes).map(Self)
    }

    /// Lends the key, to be wrapped for somebody whom the vault does not know.
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8; 32]) -> R) -> R {
        f(self.0.expose())
    }

    /// The key of the segments, and the commitment that tells a wrong key from a damaged file.
    pub(super) fn split(&self, header: &[u8]) -> Result<(Key, Key), VaultError> {
        #[derive(Serialize)]
        struct Context {
            format_version: u8,
            header: Bytes<32>,
        }
        let context = Context { format_version: VERSION, header: Bytes(Sha256::digest(header).into()) };
        let segments = self.0.derive(&bind("cloister/1/backup-segments", &context)?)?;
        let commitment = self.0.derive(&bind("cloister/1/backup-commitment", &context)?)?;
        Ok((segments, commitment))
    }
}

impl fmt::Debug for BackupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupKey")
    }
}

/// What a backup's header is made from.
#[derive(Debug)]
pub struct NewBackup<'a> {
    /// When it is made.
    pub made: Timestamp,
    /// Version of the program.
    pub program: &'a str,
    /// The content key, wrapped by the caller for others than the recovery key: one age file each.
    pub others: Vec<Vec<u8>>,
}

/// The part of a backup that anybody can read.
#[derive(Clone, Serialize, Deserialize)]
pub struct BackupHeader {
    format: String,
    format_version: u32,
    vault: VaultId,
    made: Timestamp,
    program: String,
    recovery: RecoveryPart,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    age: Vec<Blob>,
}

/// For the recovery key: the content key sealed to it, and the slot that its private half lies in.
#[derive(Clone, Serialize, Deserialize)]
struct RecoveryPart {
    ed25519: Bytes<32>,
    key: SealedKey,
    slot: Blob,
    x25519: Bytes<32>,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    body: BackupHeader,
}

impl fmt::Debug for BackupHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackupHeader({}, {})", self.vault, self.made)
    }
}

/// What the content key is sealed to the recovery key for.
fn sealing_info(vault: VaultId) -> Result<Vec<u8>, VaultError> {
    #[derive(Serialize)]
    struct Info {
        format_version: u8,
        holder: KeyHolder,
        vault: VaultId,
    }
    bind("cloister/1/backup-key", &Info { format_version: VERSION, holder: KeyHolder::Recovery, vault })
}

impl BackupHeader {
    /// The header of a backup of `vault`, whose content is encrypted with `key`. Needs public halves only.
    ///
    /// # Errors
    /// [`VaultError::Entropy`]; [`VaultError::Refused`] when the recovery key's slot is damaged;
    /// [`VaultError::NotCanonical`] for more than 32 other recipients.
    pub fn new(
        vault: &FrozenVault,
        new: NewBackup<'_>,
        key: &BackupKey,
        entropy: &dyn Entropy,
    ) -> Result<Self, VaultError> {
        if new.others.len() > MAX_OTHERS || new.program.len() > MAX_PROGRAM {
            return Err(VaultError::NotCanonical("the backup's header"));
        }
        let (recovery, slot) = vault.recovery()?;
        let sealed = sealing::seal(&recovery.x25519, &sealing_info(vault.id())?, 1, &key.0, entropy)?;
        Ok(Self {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            vault: vault.id(),
            made: new.made,
            program: new.program.to_owned(),
            recovery: RecoveryPart {
                ed25519: recovery.ed25519,
                key: sealed,
                slot: Blob(slot),
                x25519: recovery.x25519,
            },
            age: new.others.into_iter().map(Blob).collect(),
        })
    }

    /// Which vault it is of.
    #[must_use]
    pub const fn vault(&self) -> VaultId {
        self.vault
    }

    /// When it was made, by the clock of the machine that made it.
    #[must_use]
    pub const fn made(&self) -> Timestamp {
        self.made
    }

    /// Version of the program that made it.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// The content key wrapped for others, as [`NewBackup::others`] had it.
    pub fn others(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.age.iter().map(|blob| blob.0.as_slice())
    }

    /// The content key, with the recovery key of the time when the backup was made.
    ///
    /// # Errors
    /// [`VaultError::WrongRecoveryKey`]; [`VaultError::Refused`] when the header was damaged or put together from two.
    pub fn open_with(&self, key: &RecoveryKey) -> Result<BackupKey, VaultError> {
        let part = &self.recovery;
        let slot = Slot::read(&part.slot.0, self.vault, KeyHolder::Recovery, &part.ed25519).map_err(refused)?;
        let payload = slot.open(SlotSecret::RecoveryKey(key.bits())).map_err(|e| match e {
            SlotError::Fault(fault) => refused(fault),
            SlotError::Vault(error) => error,
        })?;
        let payload = payload.ok_or(VaultError::WrongRecoveryKey)?;
        if payload.pair.public() != part.x25519 {
            return Err(refused(Fault::Foreign));
        }
        let info = sealing_info(self.vault)?;
        let content = sealing::open(&payload.pair.into_private(), &info, &part.key);
        content.map(BackupKey).map_err(|_| refused(Fault::OtherKey))
    }

    /// Magic, version, length and header, as they stand at the beginning of the file.
    pub(super) fn encode(&self) -> Result<Vec<u8>, VaultError> {
        let json = canonical(&Envelope { body: self.clone() }, "the backup's header")?;
        let length = u32::try_from(json.len()).ok().filter(|len| *len <= MAX_HEADER);
        let length = length.ok_or(VaultError::NotCanonical("the backup's header"))?;
        Ok([MAGIC.as_slice(), &[VERSION], &length.to_be_bytes(), &json].concat())
    }
}

/// A backup whose header was read; its content is still closed.
pub struct BackupFile<R> {
    header: BackupHeader,
    /// As they were read: the content's key is bound to them.
    bytes: Vec<u8>,
    from: R,
}

impl<R> fmt::Debug for BackupFile<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackupFile({:?})", self.header)
    }
}

impl<R: Read> BackupFile<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`VaultError::Refused`]: [`Fault::Malformed`] for what is no backup, [`Fault::Version`] for a later one,
    /// [`Fault::Truncated`]; [`VaultError::Io`].
    pub fn open(mut from: R) -> Result<Self, VaultError> {
        let mut fixed = [0; MAGIC.len() + 1 + 4];
        let found = read_up_to(&mut from, &mut fixed)?;
        if found == 0 {
            return Err(refused(Fault::Empty));
        }
        if found < MAGIC.len() || fixed[..MAGIC.len()] != MAGIC {
            return Err(refused(Fault::Malformed));
        }
        if found > MAGIC.len() && fixed[MAGIC.len()] != VERSION {
            return Err(refused(Fault::Version(fixed[MAGIC.len()].into())));
        }
        if found < fixed.len() {
            return Err(refused(Fault::Truncated));
        }
        let length = u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]);
        if length > MAX_HEADER {
            return Err(refused(Fault::TooLarge));
        }
        let mut json = vec![0; length as usize];
        if read_up_to(&mut from, &mut json)? < json.len() {
            return Err(refused(Fault::Truncated));
        }
        let Envelope { body } = read_canonical(&json, FORMAT, FORMAT_VERSION).map_err(refused)?;
        if body.age.len() > MAX_OTHERS || body.program.len() > MAX_PROGRAM {
            return Err(refused(Fault::Field("header")));
        }
        Ok(Self { header: body, bytes: [fixed.as_slice(), &json].concat(), from })
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &BackupHeader {
        &self.header
    }

    /// Opens the content.
    ///
    /// # Errors
    /// [`VaultError::Refused`]: [`Fault::OtherKey`] when the key is another's or the header was changed,
    /// [`Fault::Truncated`]; [`VaultError::Io`].
    pub fn unlock(mut self, key: &BackupKey) -> Result<BackupReader<R>, VaultError> {
        let mut commitment = [0; 32];
        if read_up_to(&mut self.from, &mut commitment)? < commitment.len() {
            return Err(refused(Fault::Truncated));
        }
        let (segments, expected) = key.split(&self.bytes)?;
        if !expected.matches(&commitment) {
            return Err(refused(Fault::OtherKey));
        }
        Ok(BackupReader::new(self.header, Decrypting::new(self.from, segments)?))
    }
}

fn read_up_to(from: &mut impl Read, out: &mut [u8]) -> Result<usize, VaultError> {
    let mut filled = 0;
    while filled < out.len() {
        match from.read(&mut out[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(VaultError::io(format!("reading {NAME}"))(e)),
        }
    }
    Ok(filled)
}

/// Bytes of any length, as base64url.
#[derive(Clone)]
struct Blob(Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        URL_SAFE_NO_PAD.decode(text).map(Self).map_err(|_| serde::de::Error::custom("not base64url"))
    }
}
