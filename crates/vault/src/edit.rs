//! Changing the keyring: gathered in memory, written once, by an administrator.

use crate::{
    Account, Fault, KeyHolder, LockedVault, NewPassword, RecoveryKey, RoleKeyName, UnlockedKeys, VaultError,
    change::{KeyringChange, PlannedChange, SlotChange, record_with},
    encoding::sha256,
    error::slot_file,
    files::Staged,
    keyring::{self, Keyring, KeyringFile, RecoveryEntry, SealedRoleKeys},
    name::{self, NameFault},
    role_key::role_key_check,
    slot::{self, Payload, SlotIdentity, SlotSecret},
};
use cloister_domain::{Clock, Entropy, Role, UserId};
use serde_json::Value;
use std::{collections::BTreeMap, error::Error, fmt};

/// A change in the making. Dropped without [`Self::commit`], it leaves no trace.
pub struct KeyringEdit<'a> {
    vault: &'a mut LockedVault,
    by: &'a UnlockedKeys,
    clock: &'a dyn Clock,
    entropy: &'a dyn Entropy,
    keyring: Keyring,
    slots: BTreeMap<KeyHolder, (u64, Vec<u8>)>,
}

impl fmt::Debug for KeyringEdit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyringEdit({:?} by {})", self.vault, self.by.holder())
    }
}

impl<'a> KeyringEdit<'a> {
    pub(crate) fn begin(
        vault: &'a mut LockedVault,
        by: &'a UnlockedKeys,
        clock: &'a dyn Clock,
        entropy: &'a dyn Entropy,
    ) -> Result<Self, VaultError> {
        if by.vault() != vault.id() {
            return Err(VaultError::OtherVault);
        }
        let keyring = vault.file.keyring.clone();
        // The vault may have been opened anew since the keys were unlocked: it must still be the same chain.
        if keyring.authority.root()? != by.root() {
            return Err(VaultError::Refused { file: keyring::FILE.to_owned(), fault: Fault::OtherRoot });
        }
        if keyring.signers().get(&by.holder()) != Some(&by.signing().public()) {
            return Err(VaultError::NotAdministrator);
        }
        // Keys of before a rotation must not be sealed to anybody as if they were the present ones.
        for name in RoleKeyName::held_by(Role::Administrator) {
            let record = keyring.role_keys.get(*name);
            let key = by.role_key(*name).ok_or(VaultError::NotAdministrator)?;
            if role_key_check(keyring.vault, *name, record.version, key)? != record.check {
                return Err(VaultError::ChangedMeanwhile);
            }
        }
        Ok(Self { vault, by, clock, entropy, keyring, slots: BTreeMap::new() })
    }

    /// Adds a local account that signs in with `password` at once. Takes Argon2id's time.
    ///
    /// # Errors
    /// [`VaultError::Name`] when the name is not acceptable or taken.
    pub fn add_account(&mut self, name: &str, role: Role, password: &NewPassword) -> Result<UserId, VaultError> {
        let name = name::accept(name)?;
        let clashes = self.keyring.accounts.iter().filter_map(|a| name::clash(&name, &a.name));
        // The same name is the plainer thing to say.
        if let Some(fault) = clashes.min_by_key(|fault| *fault != NameFault::Taken) {
            return Err(fault.into());
        }
        let now = self.clock.now();
        let id = UserId::fresh(now, self.entropy).map_err(VaultError::Entropy)?;
        let holder = KeyHolder::User(id);
        let payload = self.fresh_slot(holder, 1, SlotSecret::Password(password.bytes()))?;
        let x25519 = payload.pair.public();
        let sealed = self.by.seal_role_keys(&self.keyring, holder, &x25519, role, self.entropy)?;
        let ed25519 = payload.signing.public();
        self.keyring.accounts.push(Account { id, name, role, disabled: false, created: now, x25519, ed25519, sealed });
        // The clock may have been set back since the last account was made.
        self.keyring.accounts.sort_by_key(|a| a.id);
        Ok(id)
    }

    pub(crate) const fn keyring_mut(&mut self) -> &mut Keyring {
        &mut self.keyring
    }

    /// Gives a user another role, and with it the role keys of that role. Keys they had before may have been kept:
    /// only a rotation takes those back.
    ///
    /// # Errors
    /// [`VaultError::NoSuchAccount`], [`VaultError::OwnAccount`].
    pub fn set_role(&mut self, user: UserId, role: Role) -> Result<(), VaultError> {
        let disabled = self.other(user)?.disabled;
        self.set_standing(user, role, disabled)
    }

    /// Disables an account, taking its sealed role keys away, or enables it again.
    ///
    /// # Errors
    /// [`VaultError::NoSuchAccount`], [`VaultError::OwnAccount`].
    pub fn set_disabled(&mut self, user: UserId, disabled: bool) -> Result<(), VaultError> {
        let role = self.other(user)?.role;
        self.set_standing(user, role, disabled)
    }

    fn set_standing(&mut self, user: UserId, role: Role, disabled: bool) -> Result<(), VaultError> {
        let x25519 = self.other(user)?.x25519;
        let sealed = if disabled {
            SealedRoleKeys::new()
        } else {
            self.by.seal_role_keys(&self.keyring, KeyHolder::User(user), &x25519, role, self.entropy)?
        };
        let account = self.keyring.account_mut(user).ok_or(VaultError::NoSuchAccount)?;
        (account.role, account.disabled, account.sealed) = (role, disabled, sealed);
        Ok(())
    }

    /// Gives a user fresh key pairs under a new password, without a second factor: for a forgotten password or a
    /// damaged slot. Takes Argon2id's time.
    ///
    /// # Errors
    /// [`VaultError::NoSuchAccount`], [`VaultError::OwnAccount`].
    pub fn reset_account(&mut self, user: UserId, password: &NewPassword) -> Result<(), VaultError> {
        let (role, disabled) = self.other(user).map(|a| (a.role, a.disabled))?;
        let holder = KeyHolder::User(user);
        let version = self.vault.slot(user).map_or(1, |slot| slot.version + 1);
        let payload = self.fresh_slot(holder, version, SlotSecret::Password(password.bytes()))?;
        let account = self.keyring.account_mut(user).ok_or(VaultError::NoSuchAccount)?;
        account.x25519 = payload.pair.public();
        account.ed25519 = payload.signing.public();
        self.set_standing(user, role, disabled)
    }

    /// Makes a new recovery key; the old one then opens nothing. Show it once.
    ///
    /// # Errors
    /// [`VaultError::OwnAccount`] when `by` is the recovery key itself: sign in as an administrator to replace it.
    pub fn replace_recovery_key(&mut self) -> Result<RecoveryKey, VaultError> {
        if self.by.holder() == KeyHolder::Recovery {
            return Err(VaultError::OwnAccount);
        }
        let key = RecoveryKey::random(self.entropy)?;
        let current = self.vault.read_slot(KeyHolder::Recovery, &self.vault.file.keyring.recovery.ed25519);
        let version = current.map_or(1, |file| file.slot.version() + 1);
        let payload = self.fresh_slot(KeyHolder::Recovery, version, SlotSecret::RecoveryKey(key.bits()))?;
        let x25519 = payload.pair.public();
        let sealed =
            self.by.seal_role_keys(&self.keyring, KeyHolder::Recovery, &x25519, Role::Administrator, self.entropy)?;
        self.keyring.recovery = RecoveryEntry { x25519, ed25519: payload.signing.public(), sealed };
        Ok(key)
    }

    /// Replaces the policy document. The vault does not read it.
    pub fn set_policy(&mut self, policy: Value) {
        self.keyring.policy = policy;
    }

    /// Writes the change: new files are written and synced beside the old ones, `record` logs what is about to
    /// happen, and then they are renamed into place, the keyring first.
    ///
    /// # Errors
    /// [`VaultError::ChangedMeanwhile`] when another process changed the keyring since it was opened;
    /// [`VaultError::NotCanonical`] for a policy that canonical JSON cannot hold; [`VaultError::NotRecorded`] when
    /// `record` fails. In all these cases nothing was changed. After [`VaultError::Io`] in a rename the change may
    /// stand: open the vault again.
    pub fn commit<E: Into<Box<dyn Error + Send + Sync>>>(
        mut self,
        record: impl FnOnce(&PlannedChange) -> Result<(), E>,
    ) -> Result<KeyringChange, VaultError> {
        let folder = self.vault.folder.clone();
        let _lock = self.vault.lock_unchanged()?;
        self.keyring.version += 1;
        self.keyring.previous = Some(self.vault.file.sha256.clone());
        self.keyring.updated = self.clock.now();
        let (holder, seed) = (self.by.holder(), self.by.signing());
        let signers = self.keyring.signers();
        self.keyring.authority.extend(self.keyring.vault, self.keyring.version, signers, holder, seed)?;
        let bytes = self.keyring.sign(holder, seed)?;
        let file = KeyringFile::read(&bytes).map_err(VaultError::refused(keyring::FILE))?;

        let staged = Staged::write(&folder, keyring::FILE, &bytes)?;
        let change = KeyringChange { version: file.keyring.version, sha256: file.sha256.clone() };
        let mut planned = PlannedChange { keyring: Some(change.clone()), slots: Vec::new() };
        let mut staged_slots = Vec::new();
        for (holder, (version, bytes)) in &self.slots {
            // A slot that only lies staged must not be lost should this change not come to pass.
            if let Some(current) = self.vault.file.keyring.public_of(*holder)
                && let Ok(file) = self.vault.read_slot(*holder, current)
            {
                self.vault.settle(*holder, &file)?;
            }
            planned.slots.push(SlotChange { holder: *holder, version: *version, sha256: sha256(bytes) });
            staged_slots.push(Staged::write(&folder, &slot_file(*holder), bytes)?);
        }
        record_with(record, &planned)?;
        staged.put()?;
        self.vault.file = file;
        for slot in staged_slots {
            slot.put()?;
        }
        Ok(change)
    }

    /// Fresh pairs, wrapped in a slot that is written with the change.
    fn fresh_slot(&mut self, holder: KeyHolder, version: u64, secret: SlotSecret<'_>) -> Result<Payload, VaultError> {
        let payload = Payload::fresh(self.keyring.authority.root()?, self.entropy)?;
        let identity = SlotIdentity { vault: self.keyring.vault, holder, version, now: self.clock.now() };
        let bytes = slot::seal(&identity, self.vault.password_cost(), secret, &payload, self.entropy)?;
        self.slots.insert(holder, (version, bytes));
        Ok(payload)
    }

    /// An account that is not the administrator's own. The rule keeps at least one administrator in office.
    fn other(&self, user: UserId) -> Result<&Account, VaultError> {
        if self.by.user() == Some(user) {
            return Err(VaultError::OwnAccount);
        }
        self.keyring.account(user).ok_or(VaultError::NoSuchAccount)
    }
}
