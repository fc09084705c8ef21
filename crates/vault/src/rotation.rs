//! Role keys that nobody of before holds.
//!
//! A rotation draws a new role key and a new database key for a store, seals the one to everybody who holds it by their
//! role, and wraps the other under it. What lies in the store under the old role key (sealed keys of recordings) is
//! handed on by [`RoleKey::hand_on`]; what lies under the old database key has to be written anew under the new one
//! before the change is committed. K_pseudonym is not rotated: a record's pseudonym in the log would change with it.

use crate::{
    DatabaseKey, KeyHolder, KeyringChange, LockedVault, PlannedChange, RoleKey, RoleKeyName, SealedKey, StoreKind,
    UnlockedKeys, VaultError,
    edit::KeyringEdit,
    keyring::RoleKeyRecord,
    role_key::{role_key_check, sealing_info},
    sealing,
    secret::Key,
};
use cloister_domain::{Clock, Entropy, Role};
use std::{error::Error, fmt};

/// A rotation in the making. Dropped without [`Self::commit`], it leaves no trace.
pub struct KeyRotation<'a> {
    edit: KeyringEdit<'a>,
    by: &'a UnlockedKeys,
    entropy: &'a dyn Entropy,
}

/// The keys that a store has from the commit on.
pub struct Rotated<S: StoreKind> {
    /// The role key: what was sealed to the old one is handed on to it.
    pub role_key: RoleKey<S>,
    /// The database's.
    pub database_key: DatabaseKey<S>,
}

impl fmt::Debug for KeyRotation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRotation({:?})", self.edit)
    }
}

impl<S: StoreKind> fmt::Debug for Rotated<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rotated({:?})", self.role_key)
    }
}

impl LockedVault {
    /// Begins a rotation of role keys. Nothing happens until [`KeyRotation::commit`].
    ///
    /// # Errors
    /// As [`LockedVault::edit`].
    pub fn rotate<'a>(
        &'a mut self,
        by: &'a UnlockedKeys,
        clock: &'a dyn Clock,
        entropy: &'a dyn Entropy,
    ) -> Result<KeyRotation<'a>, VaultError> {
        Ok(KeyRotation { edit: self.edit(by, clock, entropy)?, by, entropy })
    }
}

impl KeyRotation<'_> {
    /// New keys for one store.
    ///
    /// # Errors
    /// [`VaultError::NotAdministrator`] when `by` does not hold the store's role key; [`VaultError::Entropy`].
    pub fn rotate<S: StoreKind>(&mut self) -> Result<Rotated<S>, VaultError> {
        let name = S::ROLE_KEY;
        self.by.role_key(name).ok_or(VaultError::NotAdministrator)?;
        let keyring = self.edit.keyring_mut();
        let vault = keyring.vault;
        let version = keyring.role_keys.get(name).version.checked_add(1);
        let version = version.ok_or(VaultError::Crypto("counting key versions"))?;
        let role_key = RoleKey::<S>::new(vault, version, Key::random(self.entropy)?);
        let key = role_key.key();
        let seal = |holder, public| {
            let info = sealing_info(vault, holder, name, version)?;
            sealing::seal(public, &info, version, key, self.entropy)
        };
        for account in &mut keyring.accounts {
            if !account.disabled && RoleKeyName::held_by(account.role).contains(&name) {
                account.sealed.insert(name, seal(KeyHolder::User(account.id), &account.x25519)?);
            }
        }
        if RoleKeyName::held_by(Role::Administrator).contains(&name) {
            let recovery = &mut keyring.recovery;
            recovery.sealed.insert(name, seal(KeyHolder::Recovery, &recovery.x25519)?);
        }
        let database = Key::random(self.entropy)?;
        let wrapped = role_key.wrap_database_key(&database, self.entropy)?;
        match name {
            RoleKeyName::Research => keyring.databases.research = wrapped,
            RoleKeyName::Visits | RoleKeyName::Pseudonym => keyring.databases.visits = wrapped,
        }
        *keyring.role_keys.get_mut(name) = RoleKeyRecord {
            version,
            check: role_key_check(vault, name, version, key)?,
            public: Some(role_key.public_key()?.bytes()),
        };
        Ok(Rotated { role_key, database_key: DatabaseKey::new(database) })
    }

    /// Writes the keyring with the new keys, as [`KeyringEdit::commit`] does. From then on the old ones open nothing.
    ///
    /// # Errors
    /// As there.
    pub fn commit<E: Into<Box<dyn Error + Send + Sync>>>(
        self,
        record: impl FnOnce(&PlannedChange) -> Result<(), E>,
    ) -> Result<KeyringChange, VaultError> {
        self.edit.commit(record)
    }
}

impl<S: StoreKind> RoleKey<S> {
    /// Seals what was sealed to this key to another version of it instead.
    ///
    /// # Errors
    /// [`VaultError::WrappedKey`] when it was not sealed to this key for this item; [`VaultError::Entropy`].
    pub fn hand_on(
        &self,
        to: &Self,
        item: &str,
        sealed: &SealedKey,
        entropy: &dyn Entropy,
    ) -> Result<SealedKey, VaultError> {
        let key = self.open_item_key(item, sealed)?;
        to.public_key()?.seal_item_key(item, &key, entropy)
    }
}
