//! The keys of single things: one database, one encrypted file.

use crate::{DatabaseKind, VaultError, secret::Key};
use cloister_domain::Entropy;
use std::{fmt, marker::PhantomData};
use zeroize::Zeroizing;

/// The raw key of a SQLCipher database. Zeroized when dropped.
pub struct DatabaseKey<S: DatabaseKind> {
    key: Key,
    kind: PhantomData<fn() -> S>,
}

impl<S: DatabaseKind> fmt::Debug for DatabaseKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseKey({})", S::NAME)
    }
}

impl<S: DatabaseKind> DatabaseKey<S> {
    pub(crate) const fn new(key: Key) -> Self {
        Self { key, kind: PhantomData }
    }

    /// Lends the key as 64 lower-case hex digits, as `PRAGMA key = "x'…'"` wants it; the copy is overwritten
    /// afterwards.
    pub fn with_hex<R>(&self, f: impl FnOnce(&str) -> R) -> R {
        let mut hex = Zeroizing::new(String::with_capacity(64));
        for byte in self.key.expose() {
            hex.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            hex.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        }
        f(&hex)
    }
}

/// The key of one encrypted file: an imported source, a recording's segment. Zeroized when dropped.
pub struct ItemKey(pub(crate) Key);

impl fmt::Debug for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ItemKey")
    }
}

impl ItemKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`VaultError::Entropy`].
    pub fn random(entropy: &dyn Entropy) -> Result<Self, VaultError> {
        Key::random(entropy).map(Self)
    }
}
