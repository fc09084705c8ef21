//! K_pseudonym: what the log calls a record, and the key of what everybody may read.

use crate::{DatabaseKey, Library, VaultError, encoding::canonical, secret::Key};
use cloister_domain::Pseudonym;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;
use std::fmt;

/// K_pseudonym, unlocked. Zeroized when dropped; share it by `Arc`.
pub struct PseudonymKey {
    pub(crate) key: Key,
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey")
    }
}

impl PseudonymKey {
    /// A stable pseudonym for a record in the log: the first 128 bits of HMAC-SHA256 over kind and id. Who holds
    /// K_pseudonym can tell which record a line is about by computing it; nobody can invert it.
    ///
    /// # Errors
    /// None in practice: the derivation has a fixed length.
    pub fn pseudonym(&self, kind: &str, id: &str) -> Result<Pseudonym, VaultError> {
        #[derive(Serialize)]
        struct Record<'a> {
            kind: &'a str,
            id: &'a str,
        }
        let subkey = self.key.derive(b"cloister/1/pseudonym")?;
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(subkey.expose()).map_err(|_| VaultError::Crypto("HMAC"))?;
        mac.update(&canonical(&Record { kind, id }, "a record's id")?);
        let mut short = [0u8; 16];
        short.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        Ok(Pseudonym::from_bytes(short))
    }

    /// The key of the schema library.
    ///
    /// # Errors
    /// None in practice: the derivation has a fixed length.
    pub fn library_database_key(&self) -> Result<DatabaseKey<Library>, VaultError> {
        let key = self.key.derive(b"cloister/1/library-database")?;
        Ok(DatabaseKey::new(key))
    }
}
