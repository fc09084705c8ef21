//! Changing the keyring: gathered in memory, written once, by an administrator.

use crate::{
    Account, AccountKind, EnrolmentCode, EnrolmentRequest, Fault, KeyHolder, LockedVault, NewPassword, RecoveryKey,
    RoleKeyName, UnlockedKeys, VaultError,
    change::{KeyringChange, PlannedChange, SlotChange, record_with},
    encoding::{Bytes, sha256},
    error::slot_file,
    files::Staged,
    keyring::{self, Keyring, KeyringFile, RecoveryEntry, SealedRoleKeys},
    name::{self, NameFault},
    role_key::role_key_check,
    slot::{self, Payload, SlotIdentity, SlotSecret},
};
use cloister_domain::{Clock, Entropy, Role, Timestamp, UserId};
use serde_json::Value;
use std::{collections::BTreeMap, error::Error, fmt};

/// The X25519 and Ed25519 public keys of a person.
pub(crate) type PublicHalves = (Bytes<32>, Bytes<32>);

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
        let name = self.free_name(name)?;
        let id = UserId::fresh(self.clock.now(), self.entropy).map_err(VaultError::Entropy)?;
        let payload = self.fresh_slot(KeyHolder::User(id), 1, SlotSecret::Password(password.bytes()), None)?;
        let public = (payload.pair.public(), payload.signing.public());
        self.push_account(id, name, role, AccountKind::Local, public)
    }

    /// Adds an account whose password is the directory's. Its keys lie under a code that the person types once, before
    /// `expires`, when they first sign in.
    ///
    /// # Errors
    /// [`VaultError::Name`] when the name is not acceptable or taken.
    pub fn add_directory_account(
        &mut self,
        name: &str,
        role: Role,
        expires: Timestamp,
    ) -> Result<(UserId, EnrolmentCode), VaultError> {
        let name = self.free_name(name)?;
        let id = UserId::fresh(self.clock.now(), self.entropy).map_err(VaultError::Entropy)?;
        let (code, public) = self.under_a_code(id, 1, expires)?;
        let id = self.push_account(id, name, role, AccountKind::Directory, public)?;
        Ok((id, code))
    }

    /// Gives a user fresh key pairs under a code, without a second factor. From then on the directory has the say over
    /// the account's password. What opened the account before opens it no longer.
    ///
    /// # Errors
    /// [`VaultError::NoSuchAccount`], [`VaultError::OwnAccount`].
    pub fn give_enrolment_code(&mut self, user: UserId, expires: Timestamp) -> Result<EnrolmentCode, VaultError> {
        self.other(user)?;
        let version = self.vault.slot(user).map_or(1, |slot| slot.version + 1);
        let (code, public) = self.under_a_code(user, version, expires)?;
        self.replace_keys(user, AccountKind::Directory, public)?;
        Ok(code)
    }

    /// Lets in who asked for it: makes the account of an enrolment request, or gives one that is there the keys of the
    /// request. The request's file stays until [`LockedVault::forget_enrolment`].
    ///
    /// # Errors
    /// [`VaultError::NoSuchEnrolment`] when it is another vault's or something newer came in between;
    /// [`VaultError::Name`] when the name was taken meanwhile; [`VaultError::OwnAccount`].
    pub fn enrol(&mut self, request: &EnrolmentRequest, role: Role) -> Result<UserId, VaultError> {
        let (user, public) = (request.user(), request.public());
        if !request.fits(&self.keyring) {
            return Err(VaultError::NoSuchEnrolment);
        }
        if self.keyring.account(user).is_some() {
            self.other(user)?;
            let current = self.vault.slot(user).map_or(0, |slot| slot.version);
            if request.slot_version() <= current {
                return Err(VaultError::NoSuchEnrolment);
            }
            self.replace_keys(user, AccountKind::Directory, public)?;
            self.set_role(user, role)?;
        } else {
            let name = self.free_name(request.name())?;
            self.push_account(user, name, role, AccountKind::Directory, public)?;
        }
        self.slots.insert(KeyHolder::User(user), (request.slot_version(), request.slot_bytes()?));
        Ok(user)
    }

    /// A name that no account has, in the form it is kept in.
    fn free_name(&self, name: &str) -> Result<String, VaultError> {
        let name = name::accept(name)?;
        let clashes = self.keyring.accounts.iter().filter_map(|a| name::clash(&name, &a.name));
        // The same name is the plainer thing to say.
        if let Some(fault) = clashes.min_by_key(|fault| *fault != NameFault::Taken) {
            return Err(fault.into());
        }
        Ok(name)
    }

    fn push_account(
        &mut self,
        id: UserId,
        name: String,
        role: Role,
        kind: AccountKind,
        (x25519, ed25519): PublicHalves,
    ) -> Result<UserId, VaultError> {
        let sealed = self.by.seal_role_keys(&self.keyring, KeyHolder::User(id), &x25519, role, self.entropy)?;
        let created = self.clock.now();
        let account = Account { id, name, role, disabled: false, created, kind, x25519, ed25519, sealed };
        self.keyring.accounts.push(account);
        // The clock may have been set back since the last account was made.
        self.keyring.accounts.sort_by_key(|a| a.id);
        Ok(id)
    }

    pub(crate) const fn keyring_mut(&mut self) -> &mut Keyring {
        &mut self.keyring
    }

    /// Fresh pairs under a fresh code.
    fn under_a_code(
        &mut self,
        user: UserId,
        version: u64,
        expires: Timestamp,
    ) -> Result<(EnrolmentCode, PublicHalves), VaultError> {
        let code = EnrolmentCode::random(self.entropy)?;
        let secret = SlotSecret::EnrolmentCode(code.bits());
        let payload = self.fresh_slot(KeyHolder::User(user), version, secret, Some(expires))?;
        Ok((code, (payload.pair.public(), payload.signing.public())))
    }

    fn replace_keys(
        &mut self,
        user: UserId,
        kind: AccountKind,
        (x25519, ed25519): PublicHalves,
    ) -> Result<(), VaultError> {
        let account = self.keyring.account_mut(user).ok_or(VaultError::NoSuchAccount)?;
        (account.kind, account.x25519, account.ed25519) = (kind, x25519, ed25519);
        let (role, disabled) = (account.role, account.disabled);
        self.set_standing(user, role, disabled)
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
    /// damaged slot. The account is a local one from then on. Takes Argon2id's time.
    ///
    /// # Errors
    /// [`VaultError::NoSuchAccount`], [`VaultError::OwnAccount`].
    pub fn reset_account(&mut self, user: UserId, password: &NewPassword) -> Result<(), VaultError> {
        self.other(user)?;
        let version = self.vault.slot(user).map_or(1, |slot| slot.version + 1);
        let secret = SlotSecret::Password(password.bytes());
        let payload = self.fresh_slot(KeyHolder::User(user), version, secret, None)?;
        self.replace_keys(user, AccountKind::Local, (payload.pair.public(), payload.signing.public()))
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
        let payload = self.fresh_slot(KeyHolder::Recovery, version, SlotSecret::RecoveryKey(key.bits()), None)?;
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

    /// Replaces how the directory is asked; `None`: there is none any more. The vault does not read it.
    pub fn set_directory(&mut self, directory: Option<Value>) {
        self.keyring.directory = directory;
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
    fn fresh_slot(
        &mut self,
        holder: KeyHolder,
        version: u64,
        secret: SlotSecret<'_>,
        expires: Option<Timestamp>,
    ) -> Result<Payload, VaultError> {
        let payload = Payload::fresh(self.keyring.authority.root()?, self.entropy)?;
        let identity = SlotIdentity { vault: self.keyring.vault, holder, version, now: self.clock.now(), expires };
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
