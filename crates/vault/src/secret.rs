//! 32-byte secrets, how they are drawn, derived and used with AES-256-GCM.

use crate::{VaultError, encoding::Bytes};
use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Nonce, Payload},
};
use cloister_domain::Entropy;
use hkdf::Hkdf;
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// 32 secret bytes on the heap, overwritten when dropped. Boxed, so that moving the value moves a pointer and
/// leaves no copy behind.
pub(crate) struct Key(SecretBox<[u8; 32]>);

impl Key {
    pub(crate) fn random(entropy: &dyn Entropy) -> Result<Self, VaultError> {
        Self::try_filled(|bytes| entropy.fill(bytes).map_err(VaultError::Entropy))
    }

    /// `None` unless `bytes` are 32.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 32] = bytes.try_into().ok()?;
        let filled = Self::try_filled(|out| {
            out.copy_from_slice(bytes);
            Ok::<_, std::convert::Infallible>(())
        });
        filled.ok()
    }

    /// A key that `fill` writes in place.
    pub(crate) fn try_filled<E>(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>) -> Result<Self, E> {
        let mut key = SecretBox::new(Box::new([0; 32]));
        fill(key.expose_secret_mut())?;
        Ok(Self(key))
    }

    /// HKDF-SHA256 (RFC 5869) from secret `input` that already has at least 128 bits of entropy.
    pub(crate) fn hkdf(salt: &[u8], input: &[u8], info: &[u8]) -> Result<Self, VaultError> {
        Self::try_filled(|out| {
            let hkdf = Hkdf::<Sha256>::new(Some(salt), input);
            hkdf.expand(info, out).map_err(|_| VaultError::Crypto("key derivation"))
        })
    }

    /// A subkey: HKDF without salt, under an `info` made by [`crate::encoding::bind`].
    pub(crate) fn derive(&self, info: &[u8]) -> Result<Self, VaultError> {
        Self::hkdf(&[], self.expose(), info)
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    /// Constant-time comparison with public bytes.
    pub(crate) fn matches(&self, bytes: &[u8; 32]) -> bool {
        self.expose().ct_eq(bytes).into()
    }

    /// AES-256-GCM; `nonce` must never have been used with this key. Returns ciphertext and 16-byte tag.
    pub(crate) fn encrypt(&self, nonce: &[u8; 12], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        let cipher = Aes256Gcm::new(self.expose().into());
        cipher
            .encrypt(&Nonce::<Aes256Gcm>::from(*nonce), Payload { msg: plaintext, aad })
            .map_err(|_| VaultError::Crypto("encryption"))
    }

    /// The plaintext, or `None` when key, nonce, AAD or ciphertext are not those of [`Self::encrypt`].
    pub(crate) fn decrypt(&self, nonce: &[u8; 12], aad: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let cipher = Aes256Gcm::new(self.expose().into());
        let opened = cipher.decrypt(&Nonce::<Aes256Gcm>::from(*nonce), Payload { msg: ciphertext, aad });
        opened.ok().map(Zeroizing::new)
    }
}

/// Public random bytes (salts, nonces).
pub(crate) fn random_bytes<const N: usize>(entropy: &dyn Entropy) -> Result<Bytes<N>, VaultError> {
    let mut out = [0; N];
    entropy.fill(&mut out).map_err(VaultError::Entropy)?;
    Ok(Bytes(out))
}

/// The operating system's randomness (`getrandom(2)`).
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
        getrandom::fill(out).map_err(std::io::Error::other)
    }
}
