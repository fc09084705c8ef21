//! Backups: a whole vault in one encrypted file.
//!
//! ```text
//! magic, version, header (in the clear: which vault, when, the content key for each who may open it)
//! commitment to the content key
//! AES-256-GCM segments (STREAM) of: members, one after the other, and a manifest with the SHA-256 of each
//! ```
//!
//! Writing needs public halves only: the content key is sealed to the recovery key's X25519 public key, which stands in
//! the keyring, and to whatever else the caller brings. The recovery key's slot goes with it in the clear, as it lies on
//! the vault's own disk, so that paper and file are enough on a new machine. docs/formats.md has the bytes.

mod archive;
mod header;
mod stream;
#[cfg(test)]
mod tests;

pub use archive::{BackupFacts, BackupLogEnd, BackupReader, BackupWriter, Manifest, Member};
pub use header::{BackupFile, BackupHeader, BackupKey, NewBackup};

use crate::{Fault, VaultError};

const MAGIC: [u8; 7] = *b"CLOBACK";
const VERSION: u8 = 1;
const NAME: &str = "the backup";

fn refused(fault: Fault) -> VaultError {
    VaultError::Refused { file: NAME.to_owned(), fault }
}

/// Whether `name` may be a member's: one to four parts of letters, digits, `.`, `_` and `-`, none of which begins
/// with a dot, so that it leads nowhere but below the folder it is put in.
fn is_a_name(name: &str) -> bool {
    let part = |p: &str| {
        (1..=80).contains(&p.len())
            && !p.starts_with('.')
            && p.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    name.split('/').count() <= 4 && name.split('/').all(part)
}

/// Reads the content of a backup after decryption, as [`BackupReader`] does. For the fuzzer: what it makes up never
/// gets past the authentication.
///
/// # Errors
/// [`VaultError::Refused`] for anything that is not what [`BackupWriter`] writes.
#[doc(hidden)]
pub fn read_archive(from: &mut dyn std::io::Read) -> Result<Manifest, VaultError> {
    archive::read(from, |_, from| {
        std::io::copy(from, &mut std::io::sink()).map_err(VaultError::from_reading)?;
        Ok(())
    })
}
