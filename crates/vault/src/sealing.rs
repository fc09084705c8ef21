//! Sealing a key to a public key: HPKE (RFC 9180) in base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
//! AES-256-GCM, one message per encapsulation and no AAD (everything is bound in `info`).

use crate::{SealedKey, VaultError, encoding::Bytes, secret::Key};
use cloister_domain::Entropy;
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::AesGcm256, kdf::HkdfSha256, kem::X25519HkdfSha256,
    rand_core,
};
use std::convert::Infallible;
use zeroize::Zeroizing;

pub(crate) type PrivateKey = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;
type PublicKey = <X25519HkdfSha256 as hpke::Kem>::PublicKey;

/// 32 secret bytes from which a pair is derived (RFC 9180, section 7.1.3, DeriveKeyPair).
pub(crate) struct PairSeed(pub(crate) Key);

impl PairSeed {
    pub(crate) fn into_private(self) -> PrivateKey {
        X25519HkdfSha256::derive_keypair(self.0.expose()).0
    }

    pub(crate) fn public(&self) -> Bytes<32> {
        Bytes(X25519HkdfSha256::derive_keypair(self.0.expose()).1.to_bytes().into())
    }
}

/// Seals `key` to the holder of the private half of `to`.
pub(crate) fn seal(
    to: &Bytes<32>,
    info: &[u8],
    version: u32,
    key: &Key,
    entropy: &dyn Entropy,
) -> Result<SealedKey, VaultError> {
    let public = PublicKey::from_bytes(&to.0).map_err(|_| VaultError::Crypto("sealing to a public key"))?;
    let mut drawn = Drawn::new(entropy)?;
    let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        info,
        key.expose(),
        &[],
        &mut drawn,
    )
    .map_err(|_| VaultError::Crypto("sealing to a public key"))?;
    if drawn.short {
        return Err(VaultError::Crypto("sealing to a public key"));
    }
    SealedKey::new(version, &encapsulated.to_bytes(), &ciphertext).ok_or(VaultError::Crypto("sealing to a public key"))
}

/// Opens what [`seal`] sealed to this private key under the same `info`.
pub(crate) fn open(private: &PrivateKey, info: &[u8], sealed: &SealedKey) -> Result<Key, VaultError> {
    let (encapsulated, ciphertext) = sealed.parts();
    let encapsulated =
        <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| VaultError::WrappedKey)?;
    let plaintext = hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        private,
        &encapsulated,
        info,
        ciphertext,
        &[],
    )
    .map(Zeroizing::new)
    .map_err(|_| VaultError::WrappedKey)?;
    Key::from_slice(&plaintext).ok_or(VaultError::WrappedKey)
}

/// Randomness drawn beforehand. HPKE's generator trait cannot fail, ours can; an encapsulation needs the 32 bytes
/// of one ephemeral key and no more, and asking for more is remembered as a failure.
struct Drawn {
    bytes: Zeroizing<[u8; 32]>,
    used: usize,
    short: bool,
}

impl Drawn {
    fn new(entropy: &dyn Entropy) -> Result<Self, VaultError> {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut_slice()).map_err(VaultError::Entropy)?;
        Ok(Self { bytes, used: 0, short: false })
    }
}

impl rand_core::TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut out = [0; 4];
        self.try_fill_bytes(&mut out)?;
        Ok(u32::from_le_bytes(out))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut out = [0; 8];
        self.try_fill_bytes(&mut out)?;
        Ok(u64::from_le_bytes(out))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        match self.bytes.get(self.used..self.used.saturating_add(out.len())) {
            Some(bytes) => {
                out.copy_from_slice(bytes);
                self.used += out.len();
            }
            None => self.short = true,
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Drawn {}
