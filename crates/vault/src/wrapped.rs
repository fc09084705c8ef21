//! Keys under other keys, as they are kept.

use crate::VaultError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

macro_rules! key_bytes {
    ($(#[$doc:meta])* $name:ident $len:literal $tag:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// As kept in a store.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// From [`Self::as_bytes`].
            ///
            /// # Errors
            /// [`VaultError::WrappedKey`] when the length or the kind is another. Whether it opens is not known yet.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
                match <[u8; $len]>::try_from(bytes) {
                    Ok(bytes) if bytes[0] == $tag => Ok(Self(bytes)),
                    _ => Err(VaultError::WrappedKey),
                }
            }

            /// The version of the role key it belongs to.
            #[must_use]
            pub const fn key_version(&self) -> u32 {
                u32::from_be_bytes([self.0[1], self.0[2], self.0[3], self.0[4]])
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "(key version {})"), self.key_version())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| serde::de::Error::custom("not base64url"))?;
                Self::from_bytes(&bytes).map_err(|_| serde::de::Error::custom("not a wrapped key"))
            }
        }
    };
}

key_bytes! {
    /// A key wrapped under a role key: 0x01, key version (u32, big-endian), nonce (12), AES-256-GCM ciphertext and
    /// tag (48). Safe to keep in the clear.
    WrappedKey 65 1
}

impl WrappedKey {
    pub(crate) fn new(version: u32, nonce: [u8; 12], ciphertext: &[u8]) -> Option<Self> {
        let mut out = [0; Self::LEN];
        out[0] = 1;
        out[1..5].copy_from_slice(&version.to_be_bytes());
        out[5..17].copy_from_slice(&nonce);
        (ciphertext.len() == 48).then(|| out[17..].copy_from_slice(ciphertext))?;
        Some(Self(out))
    }

    pub(crate) fn parts(&self) -> (&[u8; 12], &[u8]) {
        // The split cannot fail: the length is fixed.
        self.0[5..].split_first_chunk::<12>().unwrap_or((&[0; 12], &[]))
    }
}

key_bytes! {
    /// A key sealed to a public key: 0x02, key version (u32, big-endian), HPKE encapsulated key (32), ciphertext and
    /// tag (48). Safe to keep in the clear.
    SealedKey 85 2
}

impl SealedKey {
    pub(crate) fn new(version: u32, encapsulated: &[u8], ciphertext: &[u8]) -> Option<Self> {
        let mut out = [0; Self::LEN];
        out[0] = 2;
        out[1..5].copy_from_slice(&version.to_be_bytes());
        (encapsulated.len() == 32 && ciphertext.len() == 48).then(|| {
            out[5..37].copy_from_slice(encapsulated);
            out[37..].copy_from_slice(ciphertext);
        })?;
        Some(Self(out))
    }

    pub(crate) fn parts(&self) -> (&[u8], &[u8]) {
        self.0[5..].split_at(32)
    }
}
