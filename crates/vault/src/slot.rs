//! `slots/HOLDER`: one holder's private halves, under their password (or under the recovery key). Signed by the
//! holder, so a password change needs no administrator.

use crate::{
    Argon2Cost, Fault, KeyHolder, VaultError,
    encoding::{Bytes, bind, canonical, read_canonical},
    sealing::PairSeed,
    secret::{Key, random_bytes},
    signing::{SigningSeed, verifies},
};
use cloister_domain::{Entropy, Timestamp, VaultId};
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

pub(crate) const MAX_BYTES: u64 = 16 * 1024;
const FORMAT: &str = "cloister-slot";
const FORMAT_VERSION: u32 = 1;

/// How the wrapping key comes from what the holder knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "name")]
enum Kdf {
    /// From a password.
    #[serde(rename = "argon2id")]
    Argon2id {
        #[serde(flatten)]
        cost: Argon2Cost,
        salt: Bytes<16>,
    },
    /// From 160 random bits, which need no stretching: the recovery key, or a person's enrolment code.
    #[serde(rename = "hkdf-sha256")]
    HkdfSha256 { salt: Bytes<16> },
}

/// What the holder knows.
#[derive(Clone, Copy)]
pub(crate) enum SlotSecret<'a> {
    /// A normalised password.
    Password(&'a [u8]),
    /// The recovery key's 160 bits.
    RecoveryKey(&'a [u8; 20]),
    /// An enrolment code's 160 bits.
    EnrolmentCode(&'a [u8; 20]),
}

impl Kdf {
    /// `None` when the slot is not opened with this kind of secret.
    fn wrapping_key(&self, secret: SlotSecret<'_>) -> Result<Option<Key>, VaultError> {
        match (self, secret) {
            (Self::Argon2id { cost, salt }, SlotSecret::Password(password)) => {
                cost.stretch(password, &salt.0).map(Some)
            }
            (Self::HkdfSha256 { salt }, SlotSecret::RecoveryKey(bits)) => {
                Key::hkdf(&salt.0, bits, b"cloister/1/recovery-slot").map(Some)
            }
            (Self::HkdfSha256 { salt }, SlotSecret::EnrolmentCode(bits)) => {
                Key::hkdf(&salt.0, bits, b"cloister/1/enrolment-slot").map(Some)
            }
            _ => Ok(None),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct SlotBody {
    format: String,
    format_version: u32,
    vault: VaultId,
    holder: KeyHolder,
    /// Counts rewrites, from 1.
    version: u64,
    updated: Timestamp,
    /// When the enrolment code that opens it does so no longer; only a slot under such a code has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
    kdf: Kdf,
    /// Commits to the wrapping key.
    commitment: Bytes<32>,
    nonce: Bytes<12>,
    ciphertext: Bytes<{ Payload::LEN + 16 }>,
}

/// What wrapping key, commitment and ciphertext are bound to.
#[derive(Serialize)]
struct SlotContext {
    format_version: u32,
    vault: VaultId,
    holder: KeyHolder,
    version: u64,
}

impl SlotBody {
    const fn context(&self) -> SlotContext {
        SlotContext {
            format_version: self.format_version,
            vault: self.vault,
            holder: self.holder,
            version: self.version,
        }
    }
}

/// The encryption key and the commitment to it. AES-GCM alone commits to no key: one ciphertext can be made to open
/// under many passwords, and a program that tries it leaks which half of a dictionary the password is in (Len, Grubbs,
/// Ristenpart, "Partitioning Oracle Attacks", USENIX Security 2021). Deriving both values from the stretched password
/// with a collision-resistant function, and comparing the second first, is the generic fix (Albertini et al., "How to
/// Abuse and Fix Authenticated Encryption Without Key Commitment", USENIX Security 2022).
fn split(wrapping: &Key, context: &SlotContext) -> Result<(Key, Key), VaultError> {
    let encryption = wrapping.derive(&bind("cloister/1/slot-encryption", context)?)?;
    let commitment = wrapping.derive(&bind("cloister/1/slot-commitment", context)?)?;
    Ok((encryption, commitment))
}

#[derive(Serialize, Deserialize)]
struct SignedSlot {
    body: SlotBody,
    /// By the holder.
    signature: Bytes<64>,
}

/// A second factor, kept inside the slot. The vault stores it; checking codes is the sign-in's business.
#[derive(Default)]
pub struct SecondFactor {
    totp_secret: Option<SecretSlice<u8>>,
    recovery_codes: Vec<[u8; 32]>,
}

impl SecondFactor {
    /// The longest TOTP secret in bytes.
    pub const MAX_TOTP_SECRET: usize = 64;
    /// The most recovery codes.
    pub const MAX_RECOVERY_CODES: usize = 10;

    /// A TOTP secret (RFC 6238; 1 to 64 bytes) and the hashes of up to ten recovery codes.
    ///
    /// # Errors
    /// [`VaultError::NotCanonical`] when there is more than a slot has room for.
    pub fn new(totp_secret: Option<SecretSlice<u8>>, recovery_codes: Vec<[u8; 32]>) -> Result<Self, VaultError> {
        let fits = totp_secret.as_ref().is_none_or(|s| (1..=Self::MAX_TOTP_SECRET).contains(&s.expose_secret().len()));
        if fits && recovery_codes.len() <= Self::MAX_RECOVERY_CODES {
            Ok(Self { totp_secret, recovery_codes })
        } else {
            Err(VaultError::NotCanonical("the second factor"))
        }
    }

    /// The TOTP secret, if one is enrolled.
    #[must_use]
    pub const fn totp_secret(&self) -> Option<&SecretSlice<u8>> {
        self.totp_secret.as_ref()
    }

    /// Hashes of the recovery codes that are left.
    #[must_use]
    pub fn recovery_codes(&self) -> &[[u8; 32]] {
        &self.recovery_codes
    }
}

impl fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecondFactor(enrolled: {}, codes: {})", self.totp_secret.is_some(), self.recovery_codes.len())
    }
}

/// What a slot wraps.
pub(crate) struct Payload {
    /// The seed of the X25519 pair that role keys are sealed to.
    pub(crate) pair: PairSeed,
    pub(crate) signing: SigningSeed,
    /// Hash of the first link of the chain of authority, as it was when the account was made.
    pub(crate) root: Bytes<32>,
    pub(crate) second_factor: SecondFactor,
}

impl Payload {
    /// One length for all, so that a file does not tell whether there is a second factor.
    const LEN: usize = 512;
    const VERSION: u8 = 1;

    /// Fresh pairs.
    pub(crate) fn fresh(root: Bytes<32>, entropy: &dyn Entropy) -> Result<Self, VaultError> {
        Ok(Self {
            pair: PairSeed(Key::random(entropy)?),
            signing: SigningSeed::random(entropy)?,
            root,
            second_factor: SecondFactor::default(),
        })
    }

    /// Version, pair seed, signing seed, root, TOTP secret (length and 64 bytes), number of codes, codes; zeros to the
    /// end.
    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(Self::LEN));
        out.push(Self::VERSION);
        out.extend_from_slice(self.pair.0.expose());
        out.extend_from_slice(self.signing.0.expose());
        out.extend_from_slice(&self.root.0);
        let totp: &[u8] = self.second_factor.totp_secret.as_ref().map_or(&[], |s| s.expose_secret());
        out.push(u8::try_from(totp.len()).unwrap_or(0));
        out.extend_from_slice(totp);
        let totp_end = out.len() + SecondFactor::MAX_TOTP_SECRET - totp.len();
        out.resize(totp_end, 0);
        out.push(u8::try_from(self.second_factor.recovery_codes.len()).unwrap_or(0));
        out.extend(self.second_factor.recovery_codes.iter().flatten());
        out.resize(Self::LEN, 0);
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&version, rest) = bytes.split_first()?;
        let (pair, rest) = rest.split_at_checked(32)?;
        let (signing, rest) = rest.split_at_checked(32)?;
        let (root, rest) = rest.split_at_checked(32)?;
        let (&totp_len, rest) = rest.split_first()?;
        let (totp, rest) = rest.split_at_checked(SecondFactor::MAX_TOTP_SECRET)?;
        let (totp, totp_pad) = totp.split_at_checked(totp_len.into())?;
        let (&codes, rest) = rest.split_first()?;
        let (codes, pad) = rest.split_at_checked(usize::from(codes) * 32)?;
        let zeros = |bytes: &[u8]| bytes.iter().all(|b| *b == 0);
        if version != Self::VERSION || bytes.len() != Self::LEN || !zeros(totp_pad) || !zeros(pad) {
            return None;
        }
        let totp = (!totp.is_empty()).then(|| SecretSlice::from(totp.to_vec()));
        let codes = codes.chunks_exact(32).filter_map(|c| c.try_into().ok()).collect();
        Some(Self {
            pair: PairSeed(Key::from_slice(pair)?),
            signing: SigningSeed(Key::from_slice(signing)?),
            root: Bytes::from_slice(root)?,
            second_factor: SecondFactor::new(totp, codes).ok()?,
        })
    }
}

/// What identifies a slot when it is written.
pub(crate) struct SlotIdentity {
    pub(crate) vault: VaultId,
    pub(crate) holder: KeyHolder,
    pub(crate) version: u64,
    pub(crate) now: Timestamp,
    /// When it opens no longer; for a slot under an enrolment code.
    pub(crate) expires: Option<Timestamp>,
}

/// Wraps `payload` and signs the slot. Returns the file's bytes.
pub(crate) fn seal(
    identity: &SlotIdentity,
    cost: Argon2Cost,
    secret: SlotSecret<'_>,
    payload: &Payload,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, VaultError> {
    let salt = random_bytes(entropy)?;
    let kdf = match secret {
        SlotSecret::Password(_) => Kdf::Argon2id { cost, salt },
        SlotSecret::RecoveryKey(_) | SlotSecret::EnrolmentCode(_) => Kdf::HkdfSha256 { salt },
    };
    let wrapping = kdf.wrapping_key(secret)?.ok_or(VaultError::Crypto("key derivation"))?;
    let mut body = SlotBody {
        format: FORMAT.to_owned(),
        format_version: FORMAT_VERSION,
        vault: identity.vault,
        holder: identity.holder,
        version: identity.version,
        updated: identity.now,
        expires: identity.expires,
        kdf,
        commitment: Bytes([0; 32]),
        nonce: random_bytes(entropy)?,
        ciphertext: Bytes([0; Payload::LEN + 16]),
    };
    let (encryption, commitment) = split(&wrapping, &body.context())?;
    let aad = bind("cloister/1/slot", &body.context())?;
    let ciphertext = encryption.encrypt(&body.nonce.0, &aad, &payload.encode())?;
    body.commitment = Bytes(*commitment.expose());
    body.ciphertext = Bytes::from_slice(&ciphertext).ok_or(VaultError::Crypto("encryption"))?;
    let signature = payload.signing.sign(&bind("cloister/1/slot-signature", &body)?);
    canonical(&SignedSlot { body, signature }, "the slot")
}

/// A slot whose form, owner and signature were verified; still closed.
pub(crate) struct Slot(SlotBody);

impl Slot {
    /// Reads a file's bytes as the slot of `holder`, whose Ed25519 public key the keyring names.
    pub(crate) fn read(bytes: &[u8], vault: VaultId, holder: KeyHolder, public: &Bytes<32>) -> Result<Self, Fault> {
        let SignedSlot { body, signature } = read_canonical(bytes, FORMAT, FORMAT_VERSION)?;
        if body.vault != vault || body.holder != holder {
            return Err(Fault::Foreign);
        }
        let message = bind("cloister/1/slot-signature", &body).map_err(|_| Fault::NotCanonical)?;
        if !verifies(public, &message, &signature) {
            return Err(Fault::Signature);
        }
        match (&body.kdf, holder, body.expires) {
            (Kdf::Argon2id { cost, .. }, KeyHolder::User(_), None) if cost.is_sane() => {}
            (Kdf::HkdfSha256 { .. }, KeyHolder::User(_), Some(_)) => {}
            (Kdf::HkdfSha256 { .. }, KeyHolder::Recovery, None) => {}
            _ => return Err(Fault::Field("kdf")),
        }
        if body.version == 0 || body.version >= 1 << 53 {
            return Err(Fault::Field("version"));
        }
        Ok(Self(body))
    }

    pub(crate) const fn version(&self) -> u64 {
        self.0.version
    }

    /// Until when an enrolment code opens it; `None` for a slot under a password.
    pub(crate) const fn expires(&self) -> Option<Timestamp> {
        self.0.expires
    }

    /// `Ok(None)` when the secret is not the one it was sealed with.
    pub(crate) fn open(&self, secret: SlotSecret<'_>) -> Result<Option<Payload>, SlotError> {
        let Some(wrapping) = self.0.kdf.wrapping_key(secret).map_err(SlotError::Vault)? else { return Ok(None) };
        let (encryption, commitment) = split(&wrapping, &self.0.context()).map_err(SlotError::Vault)?;
        if !commitment.matches(&self.0.commitment.0) {
            return Ok(None);
        }
        let aad = bind("cloister/1/slot", &self.0.context()).map_err(SlotError::Vault)?;
        let plaintext = encryption.decrypt(&self.0.nonce.0, &aad, &self.0.ciphertext.0);
        let plaintext = plaintext.ok_or(SlotError::Fault(Fault::Authentication))?;
        Payload::decode(&plaintext).map(Some).ok_or(SlotError::Fault(Fault::Field("ciphertext")))
    }
}

/// Why a verified slot did not open, other than a wrong secret.
pub(crate) enum SlotError {
    Fault(Fault),
    Vault(VaultError),
}

#[cfg(test)]
mod tests {
    use super::{Payload, SecondFactor};
    use crate::{encoding::Bytes, testing::Seeded};
    use proptest::prelude::*;
    use secrecy::{ExposeSecret, SecretSlice};

    fn payload(totp: Option<Vec<u8>>, codes: Vec<[u8; 32]>) -> Payload {
        let mut payload = Payload::fresh(Bytes([3; 32]), &Seeded::new(1)).unwrap();
        payload.second_factor = SecondFactor::new(totp.map(SecretSlice::from), codes).unwrap();
        payload
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(SecondFactor::new(Some(SecretSlice::from(vec![])), vec![]).is_err());
        assert!(SecondFactor::new(Some(SecretSlice::from(vec![1; 65])), vec![]).is_err());
        assert!(SecondFactor::new(None, vec![[0; 32]; 11]).is_err());
    }

    proptest! {
        #[test]
        fn a_payload_comes_back_and_has_one_length(
            totp in proptest::option::of(proptest::collection::vec(any::<u8>(), 1..=64)),
            codes in proptest::collection::vec(any::<[u8; 32]>(), 0..=10),
        ) {
            let bytes = payload(totp.clone(), codes.clone()).encode();
            prop_assert_eq!(bytes.len(), Payload::LEN);
            let read = Payload::decode(&bytes).unwrap();
            prop_assert_eq!(read.second_factor.totp_secret().map(|s| s.expose_secret().to_vec()), totp);
            prop_assert_eq!(read.second_factor.recovery_codes(), codes.as_slice());
            prop_assert_eq!(read.encode(), bytes);
        }

        #[test]
        fn random_payloads_never_panic_and_read_as_they_are_written(
            bytes in proptest::collection::vec(any::<u8>(), Payload::LEN),
            version in 0..3u8, totp in 0..80u8, codes in 0..16u8,
        ) {
            let mut bytes = bytes;
            (bytes[0], bytes[97], bytes[162]) = (version, totp, codes);
            if let Some(read) = Payload::decode(&bytes) {
                let again = read.encode();
                prop_assert_eq!(again.as_slice(), bytes.as_slice());
            }
            prop_assert!(Payload::decode(&bytes[1..]).is_none());
        }
    }
}
