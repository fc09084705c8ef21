//! Ed25519 signatures (RFC 8032) under a label, so that one made for one purpose says nothing elsewhere.

use crate::{KeyHolder, VaultError, encoding::Bytes, secret::Key};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// A signature and whose it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Signature {
    pub(crate) by: KeyHolder,
    pub(crate) value: Bytes<64>,
}

/// An Ed25519 seed. The expanded key exists only while signing.
pub(crate) struct SigningSeed(pub(crate) Key);

impl SigningSeed {
    pub(crate) fn public(&self) -> Bytes<32> {
        Bytes(SigningKey::from_bytes(self.0.expose()).verifying_key().to_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Bytes<64> {
        Bytes(SigningKey::from_bytes(self.0.expose()).sign(message).to_bytes())
    }

    pub(crate) fn sign_as(&self, by: KeyHolder, message: &[u8]) -> Signature {
        Signature { by, value: self.sign(message) }
    }

    pub(crate) fn random(entropy: &dyn cloister_domain::Entropy) -> Result<Self, VaultError> {
        Key::random(entropy).map(Self)
    }
}

/// Strict verification: small-order keys and non-canonical encodings are refused.
pub(crate) fn verifies(public: &Bytes<32>, message: &[u8], signature: &Bytes<64>) -> bool {
    VerifyingKey::from_bytes(&public.0)
        .is_ok_and(|key| key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok())
}
