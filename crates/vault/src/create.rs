//! Making a vault.

use crate::{
    Account, AccountKind, Argon2Cost, KeyHolder, LockedVault, NewPassword, RecoveryKey, Research, RoleKey, RoleKeyName,
    StoreKind, UnlockedKeys, VaultError, VaultFolder, Visits,
    authority::Authority,
    change::{KeyringChange, PlannedChange, SlotChange, record_with},
    encoding::{Bytes, sha256},
    error::slot_file,
    files::{self, ChangeLock, Staged},
    keyring::{self, DatabaseKeys, FirstKeyring, Keyring, KeyringFile, RecoveryEntry, RoleKeyRecord, RoleKeyRecords},
    name,
    role_key::{role_key_check, sealing_info},
    sealing,
    secret::Key,
    slot::{self, Payload, SlotIdentity, SlotSecret},
    unlocked::{HolderEntry, assemble},
};
use cloister_domain::{Clock, Entropy, Role, UserId, VaultId};
use serde_json::Value;
use std::error::Error;

/// What a vault is made from.
#[derive(Debug)]
pub struct NewVault<'a> {
    /// The first administrator's name.
    pub admin_name: &'a str,
    /// Their password.
    pub password: &'a NewPassword,
    /// The policy document; any JSON value.
    pub policy: Value,
    /// What a guess at any password of this vault costs.
    pub cost: Argon2Cost,
}

/// A new vault, open.
#[derive(Debug)]
pub struct Created {
    /// The vault as it lies on disk.
    pub vault: LockedVault,
    /// The first administrator.
    pub administrator: UserId,
    /// To be shown once and written down.
    pub recovery_key: RecoveryKey,
    /// The first administrator's keys.
    pub keys: UnlockedKeys,
}

impl VaultFolder {
    /// Makes a vault: role keys, database keys, the first administrator and the recovery key. Takes Argon2id's time.
    /// `record` is called with what is about to appear, before it does.
    ///
    /// # Errors
    /// [`VaultError::Exists`] and [`VaultError::SlotsWithoutKeyring`]: nothing is ever overwritten;
    /// [`VaultError::Name`]; [`VaultError::NotCanonical`] for a policy that canonical JSON cannot hold;
    /// [`VaultError::NotRecorded`], [`VaultError::Entropy`], [`VaultError::Io`].
    pub fn create<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        new: NewVault<'_>,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
        record: impl FnOnce(&PlannedChange) -> Result<(), E>,
    ) -> Result<Created, VaultError> {
        files::make_folder(self.path())?;
        let _lock = ChangeLock::take(self.path())?;
        if self.exists() {
            return Err(VaultError::Exists);
        }
        let slots_folder = self.path().join("slots");
        if files::holds_files(&slots_folder)? {
            return Err(VaultError::SlotsWithoutKeyring);
        }
        files::make_folder(&slots_folder)?;

        let drawn = draw(new, clock, entropy)?;
        let file = KeyringFile::read(&drawn.keyring).map_err(VaultError::refused(keyring::FILE))?;
        let change = KeyringChange { version: file.keyring.version, sha256: file.sha256.clone() };
        let mut planned = PlannedChange { keyring: Some(change), slots: Vec::new() };
        let mut staged = Vec::new();
        for (holder, bytes) in &drawn.slots {
            planned.slots.push(SlotChange { holder: *holder, version: 1, sha256: sha256(bytes) });
            staged.push(Staged::write(self.path(), &slot_file(*holder), bytes)?);
        }
        // The keyring comes last: until it is there, there is no vault.
        staged.push(Staged::write(self.path(), keyring::FILE, &drawn.keyring)?);
        record_with(record, &planned)?;
        for file in staged {
            file.put_new()?;
        }
        Ok(Created {
            vault: LockedVault { folder: self.path().to_owned(), file },
            administrator: drawn.administrator,
            recovery_key: drawn.recovery_key,
            keys: drawn.keys,
        })
    }
}

/// A vault in memory.
struct Drawn {
    keyring: Vec<u8>,
    slots: [(KeyHolder, Vec<u8>); 2],
    administrator: UserId,
    recovery_key: RecoveryKey,
    keys: UnlockedKeys,
}

fn draw(new: NewVault<'_>, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<Drawn, VaultError> {
    let name = name::accept(new.admin_name)?;
    let now = clock.now();
    let vault = VaultId::fresh(now, entropy).map_err(VaultError::Entropy)?;
    let id = UserId::fresh(now, entropy).map_err(VaultError::Entropy)?;
    let administrator = KeyHolder::User(id);
    let role_keys = NewRoleKeys::draw(vault, entropy)?;

    // The chain of authority names the public keys, the slots hold the chain's root: pairs first, then the root.
    let unrooted = Bytes([0; 32]);
    let mut admin_payload = Payload::fresh(unrooted, entropy)?;
    let mut recovery_payload = Payload::fresh(unrooted, entropy)?;
    let signers =
        [(administrator, admin_payload.signing.public()), (KeyHolder::Recovery, recovery_payload.signing.public())];
    let authority = Authority::begin(vault, signers.into(), administrator, &admin_payload.signing)?;
    let root = authority.root()?;
    (admin_payload.root, recovery_payload.root) = (root, root);

    let recovery_key = RecoveryKey::random(entropy)?;
    let seal = |holder, secret, payload: &Payload| {
        let identity = SlotIdentity { vault, holder, version: 1, now, expires: None };
        slot::seal(&identity, new.cost, secret, payload, entropy)
    };
    let admin_slot = seal(administrator, SlotSecret::Password(new.password.bytes()), &admin_payload)?;
    let recovery_slot = seal(KeyHolder::Recovery, SlotSecret::RecoveryKey(recovery_key.bits()), &recovery_payload)?;

    let account = Account {
        id,
        name,
        role: Role::Administrator,
        disabled: false,
        created: now,
        kind: AccountKind::Local,
        x25519: admin_payload.pair.public(),
        ed25519: admin_payload.signing.public(),
        sealed: role_keys.seal_to(administrator, &admin_payload, entropy)?,
    };
    let recovery = RecoveryEntry {
        x25519: recovery_payload.pair.public(),
        ed25519: recovery_payload.signing.public(),
        sealed: role_keys.seal_to(KeyHolder::Recovery, &recovery_payload, entropy)?,
    };
    let keyring = Keyring::new(FirstKeyring {
        vault,
        now,
        password_cost: new.cost,
        authority,
        role_keys: role_keys.records()?,
        databases: role_keys.databases(entropy)?,
        administrator: account.clone(),
        recovery,
        policy: new.policy,
    });
    let bytes = keyring.clone().sign(administrator, &admin_payload.signing)?;
    let entry = HolderEntry {
        holder: administrator,
        role: Role::Administrator,
        x25519: &account.x25519,
        ed25519: &account.ed25519,
        sealed: &account.sealed,
    };
    Ok(Drawn {
        keyring: bytes,
        slots: [(administrator, admin_slot), (KeyHolder::Recovery, recovery_slot)],
        administrator: id,
        recovery_key,
        keys: assemble(&keyring, &entry, admin_payload)?,
    })
}

/// The first version of every role key.
struct NewRoleKeys {
    vault: VaultId,
    visits: RoleKey<Visits>,
    research: RoleKey<Research>,
    pseudonym: Key,
}

impl NewRoleKeys {
    const VERSION: u32 = 1;

    fn draw(vault: VaultId, entropy: &dyn Entropy) -> Result<Self, VaultError> {
        Ok(Self {
            vault,
            visits: RoleKey::new(vault, Self::VERSION, Key::random(entropy)?),
            research: RoleKey::new(vault, Self::VERSION, Key::random(entropy)?),
            pseudonym: Key::random(entropy)?,
        })
    }

    const fn key(&self, name: RoleKeyName) -> &Key {
        match name {
            RoleKeyName::Visits => self.visits.key(),
            RoleKeyName::Research => self.research.key(),
            RoleKeyName::Pseudonym => &self.pseudonym,
        }
    }

    fn seal_to(
        &self,
        holder: KeyHolder,
        payload: &Payload,
        entropy: &dyn Entropy,
    ) -> Result<keyring::SealedRoleKeys, VaultError> {
        let public = payload.pair.public();
        let seal = |name: &RoleKeyName| {
            let info = sealing_info(self.vault, holder, *name, Self::VERSION)?;
            Ok((*name, sealing::seal(&public, &info, Self::VERSION, self.key(*name), entropy)?))
        };
        RoleKeyName::held_by(Role::Administrator).iter().map(seal).collect()
    }

    fn records(&self) -> Result<RoleKeyRecords, VaultError> {
        let record = |name, public| {
            let check = role_key_check(self.vault, name, Self::VERSION, self.key(name))?;
            Ok::<_, VaultError>(RoleKeyRecord { version: Self::VERSION, check, public })
        };
        Ok(RoleKeyRecords {
            visits: record(Visits::ROLE_KEY, Some(self.visits.public_key()?.bytes()))?,
            research: record(Research::ROLE_KEY, Some(self.research.public_key()?.bytes()))?,
            pseudonym: record(RoleKeyName::Pseudonym, None)?,
        })
    }

    fn databases(&self, entropy: &dyn Entropy) -> Result<DatabaseKeys, VaultError> {
        Ok(DatabaseKeys {
            visits: self.visits.wrap_database_key(&Key::random(entropy)?, entropy)?,
            research: self.research.wrap_database_key(&Key::random(entropy)?, entropy)?,
        })
    }
}
