//! The vault folder: `keyring.json`, `slots/`, and how they are opened.

use crate::{
    Account, Argon2Cost, DatabaseKey, Fault, KeyHolder, NewPassword, RecoveryKey, Research, RoleKey, RoleKeyName,
    RolePublicKey, SecondFactor, StoreKind, UnlockedKeys, VaultError, Visits,
    change::{KeyringChange, PlannedChange, SlotChange, record_with},
    edit::KeyringEdit,
    encoding::{Bytes, sha256},
    error::slot_file,
    files::{self, ChangeLock, Staged},
    keyring::{self, KeyringFile},
    name, password,
    slot::{self, Payload, Slot, SlotError, SlotIdentity, SlotSecret},
    unlocked::{HolderEntry, assemble},
};
use cloister_domain::{Clock, Entropy, Role, Sha256Hex, UserId, VaultId};
use secrecy::SecretString;
use serde_json::Value;
use std::{
    error::Error,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// A folder that holds a vault, or may come to.
#[derive(Debug, Clone)]
pub struct VaultFolder {
    path: PathBuf,
}

impl VaultFolder {
    /// Names a folder; touches nothing.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a keyring, good or bad.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.join(keyring::FILE).symlink_metadata().is_ok()
    }

    /// Whether the keyring seems to name a directory. Looks at its bytes and verifies nothing: for who has to decide
    /// before any file is read in earnest whether a process that asks a directory may be needed.
    #[must_use]
    pub fn may_have_directory(&self) -> bool {
        // Canonical JSON writes it so, and a quotation mark within a text is never bare.
        const MEMBER: &[u8] = b"\"directory\":{";
        read_keyring(&self.path).is_ok_and(|bytes| bytes.windows(MEMBER.len()).any(|w| w == MEMBER))
    }

    /// Reads the keyring and verifies its form, signature, chain of authority and fields. Opens nothing secret.
    ///
    /// # Errors
    /// [`VaultError::Missing`]; [`VaultError::Refused`] with the fault; [`VaultError::Io`].
    pub fn open(&self) -> Result<LockedVault, VaultError> {
        let bytes = read_keyring(&self.path)?;
        let file = KeyringFile::read(&bytes).map_err(VaultError::refused(keyring::FILE))?;
        Ok(LockedVault { folder: self.path.clone(), file })
    }

    /// The same for somebody who opened this folder before: the file is read all the same, and where its bytes are those
    /// that were verified then, they are not verified again. With a thousand accounts that is most of the work.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_again(&self, before: &LockedVault) -> Result<LockedVault, VaultError> {
        let bytes = read_keyring(&self.path)?;
        let file = if sha256(&bytes) == before.file.sha256 {
            before.file.clone()
        } else {
            KeyringFile::read(&bytes).map_err(VaultError::refused(keyring::FILE))?
        };
        Ok(LockedVault { folder: self.path.clone(), file })
    }
}

pub(crate) fn read_keyring(folder: &Path) -> Result<Vec<u8>, VaultError> {
    files::read(folder, keyring::FILE, keyring::MAX_BYTES)?.ok_or(VaultError::Missing)
}

/// A vault whose keyring was read and verified. Holds nothing secret.
///
/// It is a picture of one moment: open the folder anew for each sign-in, so that what another process changed
/// (an account disabled, a password reset) counts.
#[derive(Clone)]
pub struct LockedVault {
    pub(crate) folder: PathBuf,
    pub(crate) file: KeyringFile,
}

impl std::fmt::Debug for LockedVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LockedVault({}, version {})", self.id(), self.version())
    }
}

impl LockedVault {
    /// Where it lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The vault's id.
    #[must_use]
    pub const fn id(&self) -> VaultId {
        self.file.keyring.vault
    }

    /// Every account, disabled ones too, oldest first.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.file.keyring.accounts
    }

    /// One account.
    #[must_use]
    pub fn account(&self, user: UserId) -> Option<&Account> {
        self.file.keyring.account(user)
    }

    /// The account of that name, up to case and compatibility forms.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Account> {
        let wanted = name::fold(&name::normalise(name).ok()?);
        self.accounts().iter().find(|a| name::fold(&a.name) == wanted)
    }

    /// The policy document, as [`crate::KeyringEdit::set_policy`] took it.
    #[must_use]
    pub const fn policy(&self) -> &Value {
        &self.file.keyring.policy
    }

    /// How the institution's directory is asked, as [`crate::KeyringEdit::set_directory`] took it.
    #[must_use]
    pub const fn directory(&self) -> Option<&Value> {
        self.file.keyring.directory.as_ref()
    }

    /// The keyring's version: 1 at creation, one more with each change.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.file.keyring.version
    }

    /// SHA-256 of `keyring.json`.
    #[must_use]
    pub const fn keyring_sha256(&self) -> &Sha256Hex {
        &self.file.sha256
    }

    /// Compares the keyring with what the log holds: the last change recorded as done, and one recorded as intended
    /// after it whose outcome is unknown (a crash before or after the rename), if there is one.
    ///
    /// # Errors
    /// [`VaultError::NotTheRecorded`] when the keyring is neither.
    pub fn check_recorded(&self, done: &KeyringChange, intended: Option<&KeyringChange>) -> Result<(), VaultError> {
        let ours = KeyringChange { version: self.version(), sha256: self.file.sha256.clone() };
        if ours == *done || intended.is_some_and(|i| ours == *i) {
            Ok(())
        } else {
            Err(VaultError::NotTheRecorded { found: ours.version, recorded: done.version })
        }
    }

    /// The public half of K_visits, with which a recording is sealed while nobody is signed in.
    ///
    /// # Errors
    /// None for a keyring that was verified.
    pub fn visits_public_key(&self) -> Result<RolePublicKey<Visits>, VaultError> {
        self.role_public_key()
    }

    /// The public half of K_research.
    ///
    /// # Errors
    /// None for a keyring that was verified.
    pub fn research_public_key(&self) -> Result<RolePublicKey<Research>, VaultError> {
        self.role_public_key()
    }

    fn role_public_key<S: StoreKind>(&self) -> Result<RolePublicKey<S>, VaultError> {
        let record = self.file.keyring.role_keys.get(S::ROLE_KEY);
        let public = record.public.ok_or(Fault::Field("role_keys")).map_err(VaultError::refused(keyring::FILE))?;
        Ok(RolePublicKey::new(self.id(), record.version, public))
    }

    /// The raw key of the store's database.
    ///
    /// # Errors
    /// [`VaultError::WrappedKey`] when the role key is not the one it was wrapped under.
    pub fn database_key<S: StoreKind>(&self, role_key: &RoleKey<S>) -> Result<DatabaseKey<S>, VaultError> {
        role_key.unwrap_database_key(match S::ROLE_KEY {
            RoleKeyName::Research => &self.file.keyring.databases.research,
            RoleKeyName::Visits | RoleKeyName::Pseudonym => &self.file.keyring.databases.visits,
        })
    }

    /// Opens the slot of the account of that name. Takes Argon2id's time (about half a second) whether or not there is
    /// such an account.
    ///
    /// # Errors
    /// [`VaultError::SignIn`] for an unknown name and for a wrong password alike; [`VaultError::Disabled`] only with
    /// the right password; [`VaultError::Refused`] for a damaged slot.
    pub fn unlock_by_name(&self, name: &str, password: &SecretString) -> Result<UnlockedKeys, VaultError> {
        self.unlock_account(self.find(name), password)
    }

    /// [`Self::unlock_by_name`], by id.
    ///
    /// # Errors
    /// As there.
    pub fn unlock(&self, user: UserId, password: &SecretString) -> Result<UnlockedKeys, VaultError> {
        self.unlock_account(self.account(user), password)
    }

    fn unlock_account(&self, account: Option<&Account>, password: &SecretString) -> Result<UnlockedKeys, VaultError> {
        // A password that cannot be one is tried as the empty one, which no slot has: the time stays the same.
        let password = password::normalise(password).unwrap_or_default();
        let Some(account) = account else {
            self.spend(&password)?;
            return Err(VaultError::SignIn);
        };
        let (_, payload) = self.open_slot(account, &password)?;
        if account.disabled {
            return Err(VaultError::Disabled);
        }
        let entry = HolderEntry {
            holder: KeyHolder::User(account.id),
            role: account.role,
            x25519: &account.x25519,
            ed25519: &account.ed25519,
            sealed: &account.sealed,
        };
        assemble(&self.file.keyring, &entry, payload)
    }

    /// Takes the time of a wrong guess and opens nothing: for a password that something else has refused.
    ///
    /// # Errors
    /// [`VaultError::Crypto`] when there is no memory for it.
    pub fn spend_a_guess(&self, password: &SecretString) -> Result<(), VaultError> {
        self.spend(&password::normalise(password).unwrap_or_default())
    }

    /// Does the work of a wrong guess.
    fn spend(&self, password: &Zeroizing<String>) -> Result<(), VaultError> {
        let key = self.file.keyring.password_cost.stretch(password.as_bytes(), &[0; 16])?;
        std::hint::black_box(key.expose());
        Ok(())
    }

    /// Opens with the recovery key: everything an administrator can do, except being somebody.
    ///
    /// # Errors
    /// [`VaultError::WrongRecoveryKey`]; [`VaultError::Refused`] for a damaged slot.
    pub fn unlock_with_recovery_key(&self, key: &RecoveryKey) -> Result<UnlockedKeys, VaultError> {
        let recovery = &self.file.keyring.recovery;
        let SlotFile { slot, .. } = self.read_slot(KeyHolder::Recovery, &recovery.ed25519)?;
        let opened = slot.open(SlotSecret::RecoveryKey(key.bits())).map_err(slot_error(KeyHolder::Recovery))?;
        let entry = HolderEntry {
            holder: KeyHolder::Recovery,
            role: Role::Administrator,
            x25519: &recovery.x25519,
            ed25519: &recovery.ed25519,
            sealed: &recovery.sealed,
        };
        assemble(&self.file.keyring, &entry, opened.ok_or(VaultError::WrongRecoveryKey)?)
    }

    /// Begins a change of the keyring. Nothing happens until [`KeyringEdit::commit`].
    ///
    /// # Errors
    /// [`VaultError::OtherVault`]; [`VaultError::NotAdministrator`] when `by` may not sign this keyring.
    pub fn edit<'a>(
        &'a mut self,
        by: &'a UnlockedKeys,
        clock: &'a dyn Clock,
        entropy: &'a dyn Entropy,
    ) -> Result<KeyringEdit<'a>, VaultError> {
        KeyringEdit::begin(self, by, clock, entropy)
    }

    /// Replaces the password that opens a user's slot. Needs no administrator, and changes no key.
    ///
    /// # Errors
    /// As [`Self::unlock`] for the old password; [`VaultError::NotRecorded`] when `record` fails, and then nothing was
    /// changed.
    pub fn change_password<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        user: UserId,
        old: &SecretString,
        new: &NewPassword,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
        record: impl FnOnce(&PlannedChange) -> Result<(), E>,
    ) -> Result<(), VaultError> {
        self.rewrite_slot(user, old, Some(new), |_| {}, clock, entropy, record)
    }

    /// Replaces what the slot holds about the second factor (enrolment, a used recovery code).
    ///
    /// # Errors
    /// As [`Self::change_password`].
    pub fn set_second_factor<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        user: UserId,
        password: &SecretString,
        second_factor: SecondFactor,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
        record: impl FnOnce(&PlannedChange) -> Result<(), E>,
    ) -> Result<(), VaultError> {
        self.rewrite_slot(user, password, None, |p| p.second_factor = second_factor, clock, entropy, record)
    }

    #[expect(clippy::too_many_arguments, reason = "the sum of its two callers' parameters")]
    fn rewrite_slot<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        user: UserId,
        password: &SecretString,
        new: Option<&NewPassword>,
        change: impl FnOnce(&mut Payload),
        clock: &dyn Clock,
        entropy: &dyn Entropy,
        record: impl FnOnce(&PlannedChange) -> Result<(), E>,
    ) -> Result<(), VaultError> {
        let _lock = self.lock_unchanged()?;
        let password = password::normalise(password).unwrap_or_default();
        let Some(account) = self.account(user) else {
            self.spend(&password)?;
            return Err(VaultError::SignIn);
        };
        let holder = KeyHolder::User(user);
        let (slot, mut payload) = self.open_slot(account, &password)?;
        if account.disabled {
            return Err(VaultError::Disabled);
        }
        change(&mut payload);
        let secret = SlotSecret::Password(new.map_or(password.as_bytes(), NewPassword::bytes));
        self.replace_slot(holder, &slot, secret, &payload, clock, entropy, record)
    }

    /// Puts a slot in the place of `before`. Only under the lock.
    #[expect(clippy::too_many_arguments, reason = "the sum of its two callers' parameters")]
    pub(crate) fn replace_slot<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        holder: KeyHolder,
        before: &SlotFile,
        secret: SlotSecret<'_>,
        payload: &Payload,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
        record: impl FnOnce(&PlannedChange) -> Result<(), E>,
    ) -> Result<(), VaultError> {
        self.settle(holder, before)?;
        let (vault, version, now) = (self.id(), before.slot.version() + 1, clock.now());
        let identity = SlotIdentity { vault, holder, version, now, expires: None };
        let bytes = slot::seal(&identity, self.password_cost(), secret, payload, entropy)?;
        let planned = SlotChange { holder, version, sha256: sha256(&bytes) };
        let staged = Staged::write(&self.folder, &slot_file(holder), &bytes)?;
        record_with(record, &PlannedChange { keyring: None, slots: vec![planned] })?;
        staged.put()
    }

    /// Keeps other processes from changing the vault, once it is sure that none did since it was opened.
    pub(crate) fn lock_unchanged(&self) -> Result<ChangeLock, VaultError> {
        let lock = ChangeLock::take(&self.folder)?;
        if sha256(&read_keyring(&self.folder)?) == self.file.sha256 {
            Ok(lock)
        } else {
            Err(VaultError::ChangedMeanwhile)
        }
    }

    pub(crate) const fn password_cost(&self) -> Argon2Cost {
        self.file.keyring.password_cost
    }

    fn open_slot(&self, account: &Account, password: &Zeroizing<String>) -> Result<(SlotFile, Payload), VaultError> {
        let holder = KeyHolder::User(account.id);
        let file = self.read_slot(holder, &account.ed25519)?;
        let opened = file.slot.open(SlotSecret::Password(password.as_bytes())).map_err(slot_error(holder))?;
        Ok((file, opened.ok_or(VaultError::SignIn)?))
    }

    /// Reads a slot. When the slot does not fit the keyring but one staged beside it does, a crash came between the
    /// two renames of a change that was recorded and half made: the staged one counts. (It is put in its place by the
    /// next change, which holds the lock; here another process may be about to do just that.)
    pub(crate) fn read_slot(&self, holder: KeyHolder, public: &Bytes<32>) -> Result<SlotFile, VaultError> {
        let file = slot_file(holder);
        let read = |name: &str, staged: bool| -> Result<SlotFile, VaultError> {
            let bytes = files::read(&self.folder, name, slot::MAX_BYTES)?;
            let bytes = bytes.ok_or(Fault::Missing).map_err(VaultError::refused(&file))?;
            let slot = Slot::read(&bytes, self.id(), holder, public).map_err(VaultError::refused(&file))?;
            Ok(SlotFile { slot, sha256: sha256(&bytes), staged })
        };
        read(&file, false).or_else(|error| read(&format!("{file}.new"), true).map_err(|_| error))
    }

    /// Puts a slot that a crash left staged in its place. Only under the lock.
    pub(crate) fn settle(&self, holder: KeyHolder, file: &SlotFile) -> Result<(), VaultError> {
        if file.staged { Staged::left_behind(&self.folder, &slot_file(holder)).put() } else { Ok(()) }
    }

    /// Version and hash of a user's slot, to compare with the log.
    ///
    /// # Errors
    /// [`VaultError::NoSuchAccount`]; [`VaultError::Refused`] for a damaged slot.
    pub fn slot(&self, user: UserId) -> Result<SlotChange, VaultError> {
        let account = self.account(user).ok_or(VaultError::NoSuchAccount)?;
        let holder = KeyHolder::User(user);
        let SlotFile { slot, sha256, .. } = self.read_slot(holder, &account.ed25519)?;
        Ok(SlotChange { holder, version: slot.version(), sha256 })
    }
}

/// A slot as read from disk.
pub(crate) struct SlotFile {
    pub(crate) slot: Slot,
    sha256: Sha256Hex,
    /// Whether it still lies beside its place.
    staged: bool,
}

impl SlotFile {
    pub(crate) const fn is_staged(&self) -> bool {
        self.staged
    }
}

pub(crate) fn slot_error(holder: KeyHolder) -> impl FnOnce(SlotError) -> VaultError {
    move |error| match error {
        SlotError::Fault(fault) => VaultError::Refused { file: slot_file(holder), fault },
        SlotError::Vault(error) => error,
    }
}
