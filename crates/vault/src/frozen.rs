//! The vault's own files at one moment, while nobody changes them.

use crate::{
    Fault, KeyHolder, LockedVault, VaultError, VaultFolder,
    encoding::Bytes,
    error::slot_file,
    files::{self, ChangeLock},
    folder::read_keyring,
    keyring::{self, RecoveryEntry},
    slot,
};
use cloister_domain::{Sha256Hex, VaultId};
use std::fmt;

/// Keyring and slots as they are, and as they stay until this is dropped: who wants to change them waits. For a backup,
/// so that its log and its keys are of one moment.
pub struct FrozenVault {
    vault: LockedVault,
    files: Vec<(String, Vec<u8>)>,
    _lock: ChangeLock,
}

impl fmt::Debug for FrozenVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrozenVault({:?})", self.vault)
    }
}

impl VaultFolder {
    /// Waits for a change that is under way, reads keyring and slots, and keeps further changes away.
    ///
    /// # Errors
    /// As [`VaultFolder::open`].
    pub fn freeze(&self) -> Result<FrozenVault, VaultError> {
        // A folder without a vault gets no lock file either.
        self.open()?;
        let lock = ChangeLock::take(self.path())?;
        let vault = self.open()?;
        let mut files = vec![(keyring::FILE.to_owned(), read_keyring(self.path())?)];
        let entries =
            std::fs::read_dir(self.path().join("slots")).map_err(VaultError::io("reading the slots folder"))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(VaultError::io("reading the slots folder"))?;
            names.extend(entry.file_name().into_string().map(|name| format!("slots/{name}")));
        }
        names.sort_unstable();
        for name in names {
            if let Some(bytes) = files::read(self.path(), &name, slot::MAX_BYTES)? {
                files.push((name, bytes));
            }
        }
        Ok(FrozenVault { vault, files, _lock: lock })
    }
}

impl FrozenVault {
    /// The vault's id.
    #[must_use]
    pub const fn id(&self) -> VaultId {
        self.vault.id()
    }

    /// The keyring's version.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.vault.version()
    }

    /// SHA-256 of the keyring.
    #[must_use]
    pub const fn keyring_sha256(&self) -> &Sha256Hex {
        self.vault.keyring_sha256()
    }

    /// Name below the vault's folder and content of each file, the keyring first.
    #[must_use]
    pub fn files(&self) -> &[(String, Vec<u8>)] {
        &self.files
    }

    /// The recovery key's X25519 public half.
    #[must_use]
    pub const fn recovery_public(&self) -> [u8; 32] {
        self.vault.file.keyring.recovery.x25519.0
    }

    /// The recovery key's public halves and its slot.
    pub(crate) fn recovery(&self) -> Result<(RecoveryPublic, Vec<u8>), VaultError> {
        let RecoveryEntry { x25519, ed25519, .. } = &self.vault.file.keyring.recovery;
        // Verified, and the one that counts where a crash left two.
        let file = self.vault.read_slot(KeyHolder::Recovery, ed25519)?;
        let name = slot_file(KeyHolder::Recovery);
        let name = if file.is_staged() { format!("{name}.new") } else { name };
        let slot = self.files.iter().find(|(n, _)| *n == name).map(|(_, bytes)| bytes.clone());
        let slot = slot.ok_or(Fault::Missing).map_err(VaultError::refused(name))?;
        Ok((RecoveryPublic { x25519: *x25519, ed25519: *ed25519 }, slot))
    }
}

/// The public halves of the recovery key's pairs.
pub(crate) struct RecoveryPublic {
    pub(crate) x25519: Bytes<32>,
    pub(crate) ed25519: Bytes<32>,
}
