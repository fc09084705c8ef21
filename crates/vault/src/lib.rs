//! Keys and encrypted files: who can open what, by cryptography.
//!
//! A vault folder holds `keyring.json` (accounts, public keys, sealed role keys, policy; signed by an administrator)
//! and `slots/` (each person's private halves under their password). docs/formats.md describes the bytes.
//!
//! ```text
//! password --Argon2id--> slot --> X25519 pair --HPKE--> role keys --HKDF--> database and item keys
//!                              \-> Ed25519 pair (signs the slot; an administrator's also the keyring)
//! ```
//!
//! # Use
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cloister_vault::{Argon2Cost, NewVault, OsEntropy, PasswordRule, VaultFolder};
//! use cloister_domain::Role;
//! # use cloister_domain::{Clock, Timestamp};
//! # struct At;
//! # impl Clock for At {
//! #     fn now(&self) -> Timestamp { Timestamp::from_millis(0) }
//! #     fn boottime_ms(&self) -> u64 { 0 }
//! #     fn boot_id(&self) -> String { String::new() }
//! # }
//! # let clock = At;
//! # let scratch = tempfile::tempdir()?;
//! # let path = scratch.path();
//! let rule = PasswordRule { min_length: 12 };
//! let password = "tram lemon ninefold".into();
//! let new = NewVault {
//!     admin_name: "Adams",
//!     password: &rule.check(&password, "Adams")?,
//!     policy: serde_json::json!({}),
//!     cost: Argon2Cost::FLOOR,
//! };
//! // The closure records each change durably before it happens; if it fails, nothing is written.
//! let made = VaultFolder::at(path).create(new, &clock, &OsEntropy, |_planned| Ok::<_, std::io::Error>(()))?;
//! println!("{}", made.recovery_key.grouped().as_str());
//!
//! let mut vault = VaultFolder::at(path).open()?;
//! let keys = vault.unlock_by_name("ADAMS", &password)?;
//! let visits = keys.visits().ok_or("no K_visits")?;
//! vault.database_key(visits)?.with_hex(|hex| assert_eq!(hex.len(), 64));
//!
//! let theirs = rule.check(&"violet anvil surf".into(), "Okafor")?;
//! let mut edit = vault.edit(&keys, &clock, &OsEntropy)?;
//! edit.add_account("Okafor", Role::Auditor, &theirs)?;
//! edit.commit(|_planned| Ok::<_, std::io::Error>(()))?;
//! # Ok(())
//! # }
//! ```

mod authority;
mod backup;
mod blob;
mod change;
mod common;
mod cost;
mod create;
mod data_key;
mod edit;
mod encoding;
mod enrolment;
mod error;
mod files;
mod folder;
mod frozen;
mod holder;
mod keyring;
mod kind;
mod name;
mod paper;
mod password;
mod pseudonym;
mod recording;
mod role_key;
mod rotation;
mod sealing;
mod secret;
mod signing;
mod slot;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod unlocked;
mod wrapped;

#[doc(hidden)]
pub use backup::read_archive;
pub use backup::{
    BackupFacts, BackupFile, BackupHeader, BackupKey, BackupLogEnd, BackupReader, BackupWriter, Manifest, Member,
    NewBackup,
};
pub use blob::{open_blob, seal_blob};
pub use change::{KeyringChange, PlannedChange, SlotChange};
pub use cost::Argon2Cost;
pub use create::{Created, NewVault};
pub use data_key::{DatabaseKey, ItemKey};
pub use edit::KeyringEdit;
pub use enrolment::{EnrolmentRequest, EnrolmentWish};
pub use error::{Fault, VaultError};
pub use folder::{LockedVault, VaultFolder};
pub use frozen::FrozenVault;
pub use holder::KeyHolder;
pub use keyring::{Account, AccountKind};
pub use kind::{DatabaseKind, Library, Research, RoleKeyName, StoreKind, Visits};
pub use name::NameFault;
pub use paper::{Enrolment, EnrolmentCode, PaperKind, PaperSecret, Recovery, RecoveryKey};
pub use password::{NewPassword, PasswordFault, PasswordRule};
pub use pseudonym::PseudonymKey;
pub use recording::{
    Examination, Journal, JournalEntry, JournalKey, SampleFormat, SegmentEnd, SegmentId, SegmentReader, SegmentSeal,
    SegmentVerdict, SegmentWriter, read_journal,
};
pub use role_key::{RoleKey, RolePublicKey};
pub use rotation::{KeyRotation, Rotated};
pub use secret::OsEntropy;
pub use slot::SecondFactor;
pub use unlocked::UnlockedKeys;
pub use wrapped::{SealedKey, WrappedKey};
