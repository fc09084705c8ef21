//! `keyring.json`: who there is, what is sealed to whom, and the policy. Signed as a whole by an administrator.

use crate::{
    Argon2Cost, Fault, KeyHolder, RoleKeyName, SealedKey, VaultError, WrappedKey,
    authority::{Authority, Signers},
    encoding::{Bytes, bind, canonical, read_canonical, sha256},
    name,
    signing::{Signature, SigningSeed, verifies},
};
use cloister_domain::{Role, Sha256Hex, Timestamp, UserId, VaultId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const FILE: &str = "keyring.json";
/// Generous: 1,000 accounts take about half a MiB.
pub(crate) const MAX_BYTES: u64 = 16 * 1024 * 1024;
const FORMAT: &str = "cloister-keyring";
const FORMAT_VERSION: u32 = 1;
/// Beyond this a JSON number is not exact (RFC 8785, section 3.2.2.3).
const MAX_VERSION: u64 = (1 << 53) - 1;

/// Who has the say over an account's password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// This vault alone.
    #[default]
    Local,
    /// The institution's directory: whoever cannot sign in there does not get in here.
    Directory,
}

impl AccountKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn is_local(&self) -> bool {
        *self == Self::Local
    }
}

/// One person's account, as the keyring holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Never reused.
    pub id: UserId,
    /// What the person types to sign in: NFKC, 1 to 64 characters.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// A disabled account opens nothing and holds no role key.
    pub disabled: bool,
    /// When it was made.
    pub created: Timestamp,
    /// Who has the say over its password.
    #[serde(default, skip_serializing_if = "AccountKind::is_local")]
    pub kind: AccountKind,
    pub(crate) x25519: Bytes<32>,
    pub(crate) ed25519: Bytes<32>,
    pub(crate) sealed: SealedRoleKeys,
}

impl Account {
    /// Whether this is an administrator in office: one who is not disabled.
    #[must_use]
    pub fn administers(&self) -> bool {
        self.role == Role::Administrator && !self.disabled
    }

    /// The Ed25519 public key with which this person signs.
    #[must_use]
    pub const fn signing_key(&self) -> &[u8; 32] {
        &self.ed25519.0
    }
}

/// Role keys sealed to one holder.
pub(crate) type SealedRoleKeys = BTreeMap<RoleKeyName, SealedKey>;

/// The recovery key's pairs and the role keys sealed to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RecoveryEntry {
    pub(crate) x25519: Bytes<32>,
    pub(crate) ed25519: Bytes<32>,
    pub(crate) sealed: SealedRoleKeys,
}

/// The public record of a role key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RoleKeyRecord {
    /// Counts rotations, from 1.
    pub(crate) version: u32,
    /// Tells whether an unlocked key is this one.
    pub(crate) check: Bytes<32>,
    /// The public half of its sealing pair; K_pseudonym has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) public: Option<Bytes<32>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RoleKeyRecords {
    pub(crate) visits: RoleKeyRecord,
    pub(crate) research: RoleKeyRecord,
    pub(crate) pseudonym: RoleKeyRecord,
}

impl RoleKeyRecords {
    pub(crate) const fn get(&self, name: RoleKeyName) -> &RoleKeyRecord {
        match name {
            RoleKeyName::Visits => &self.visits,
            RoleKeyName::Research => &self.research,
            RoleKeyName::Pseudonym => &self.pseudonym,
        }
    }

    pub(crate) const fn get_mut(&mut self, name: RoleKeyName) -> &mut RoleKeyRecord {
        match name {
            RoleKeyName::Visits => &mut self.visits,
            RoleKeyName::Research => &mut self.research,
            RoleKeyName::Pseudonym => &mut self.pseudonym,
        }
    }
}

/// The databases' keys, each wrapped by its store's role key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DatabaseKeys {
    pub(crate) visits: WrappedKey,
    pub(crate) research: WrappedKey,
}

/// The signed content.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Keyring {
    format: String,
    format_version: u32,
    pub(crate) vault: VaultId,
    /// Counts changes, from 1.
    pub(crate) version: u64,
    /// SHA-256 of the file it replaced.
    pub(crate) previous: Option<Sha256Hex>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// What every slot of this vault is made with; also what an unknown name costs.
    pub(crate) password_cost: Argon2Cost,
    pub(crate) authority: Authority,
    pub(crate) role_keys: RoleKeyRecords,
    pub(crate) databases: DatabaseKeys,
    /// In ascending order of id.
    pub(crate) accounts: Vec<Account>,
    pub(crate) recovery: RecoveryEntry,
    pub(crate) policy: Value,
    /// How the institution's directory is asked, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) directory: Option<Value>,
}

/// What [`Keyring::new`] needs.
pub(crate) struct FirstKeyring {
    pub(crate) vault: VaultId,
    pub(crate) now: Timestamp,
    pub(crate) password_cost: Argon2Cost,
    pub(crate) authority: Authority,
    pub(crate) role_keys: RoleKeyRecords,
    pub(crate) databases: DatabaseKeys,
    pub(crate) administrator: Account,
    pub(crate) recovery: RecoveryEntry,
    pub(crate) policy: Value,
}

#[derive(Serialize, Deserialize)]
struct SignedKeyring {
    body: Keyring,
    signature: Signature,
}

impl Keyring {
    pub(crate) fn new(first: FirstKeyring) -> Self {
        Self {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            vault: first.vault,
            version: 1,
            previous: None,
            created: first.now,
            updated: first.now,
            password_cost: first.password_cost,
            authority: first.authority,
            role_keys: first.role_keys,
            databases: first.databases,
            accounts: vec![first.administrator],
            recovery: first.recovery,
            policy: first.policy,
            directory: None,
        }
    }

    /// The file's bytes. They are read back and verified before they are handed out, so that nothing is ever written
    /// that could not be opened again.
    pub(crate) fn sign(self, by: KeyHolder, seed: &SigningSeed) -> Result<Vec<u8>, VaultError> {
        let (policy, directory) = (self.policy.clone(), self.directory.clone());
        let signature = seed.sign_as(by, &bind("cloister/1/keyring", &self)?);
        let bytes = canonical(&SignedKeyring { body: self, signature }, "the keyring")?;
        match Self::read(&bytes) {
            Ok(read) if read.policy == policy && read.directory == directory => Ok(bytes),
            Ok(_) | Err(Fault::NotCanonical) => Err(VaultError::NotCanonical("the policy or the directory")),
            Err(fault) => Err(VaultError::Refused { file: FILE.to_owned(), fault }),
        }
    }

    /// Reads and verifies a file's bytes: form, signature, chain of authority, and every rule between the fields.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let SignedKeyring { body, signature } = read_canonical(bytes, FORMAT, FORMAT_VERSION)?;
        let signers = body.authority.verify(body.vault, body.version)?;
        let signer = signers.get(&signature.by).ok_or(Fault::Authority)?;
        let message = bind("cloister/1/keyring", &body).map_err(|_| Fault::NotCanonical)?;
        if !verifies(signer, &message, &signature.value) {
            return Err(Fault::Signature);
        }
        if body.signers() != *signers {
            return Err(Fault::Field("authority"));
        }
        body.check_fields()?;
        Ok(body)
    }

    /// Who may sign the next version: the administrators in office, and the recovery key.
    pub(crate) fn signers(&self) -> Signers {
        let administrators = self.accounts.iter().filter(|a| a.administers());
        administrators
            .map(|a| (KeyHolder::User(a.id), a.ed25519))
            .chain([(KeyHolder::Recovery, self.recovery.ed25519)])
            .collect()
    }

    fn check_fields(&self) -> Result<(), Fault> {
        if self.version == 0 || self.version > MAX_VERSION || self.previous.is_some() != (self.version > 1) {
            return Err(Fault::Field("version"));
        }
        if !self.password_cost.is_sane() {
            return Err(Fault::Field("password_cost"));
        }
        for (name, has_public) in
            [(RoleKeyName::Visits, true), (RoleKeyName::Research, true), (RoleKeyName::Pseudonym, false)]
        {
            let record = self.role_keys.get(name);
            if record.version == 0 || record.public.is_some() != has_public {
                return Err(Fault::Field("role_keys"));
            }
        }
        if self.databases.visits.key_version() != self.role_keys.visits.version
            || self.databases.research.key_version() != self.role_keys.research.version
        {
            return Err(Fault::Field("databases"));
        }
        if !self.holds_exactly(&self.recovery.sealed, RoleKeyName::held_by(Role::Administrator)) {
            return Err(Fault::Field("recovery"));
        }
        let mut names = BTreeSet::new();
        for account in &self.accounts {
            let held = if account.disabled { &[] } else { RoleKeyName::held_by(account.role) };
            let named = name::normalise(&account.name).is_ok_and(|n| n == account.name);
            if !named || !names.insert(name::fold(&account.name)) || !self.holds_exactly(&account.sealed, held) {
                return Err(Fault::Field("accounts"));
            }
        }
        if !self.accounts.is_sorted_by(|a, b| a.id < b.id) {
            return Err(Fault::Field("accounts"));
        }
        Ok(())
    }

    fn holds_exactly(&self, sealed: &SealedRoleKeys, held: &[RoleKeyName]) -> bool {
        sealed.len() == held.len()
            && held
                .iter()
                .all(|name| sealed.get(name).is_some_and(|s| s.key_version() == self.role_keys.get(*name).version))
    }

    pub(crate) fn account(&self, id: UserId) -> Option<&Account> {
        self.accounts.iter().find(|a| a.id == id)
    }

    /// The Ed25519 public key that signs the holder's slot.
    pub(crate) fn public_of(&self, holder: KeyHolder) -> Option<&Bytes<32>> {
        match holder {
            KeyHolder::User(id) => self.account(id).map(|a| &a.ed25519),
            KeyHolder::Recovery => Some(&self.recovery.ed25519),
        }
    }

    pub(crate) fn account_mut(&mut self, id: UserId) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|a| a.id == id)
    }
}

/// A keyring as read from disk, with the hash of its bytes.
#[derive(Clone)]
pub(crate) struct KeyringFile {
    pub(crate) keyring: Keyring,
    pub(crate) sha256: Sha256Hex,
}

impl KeyringFile {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        Ok(Self { keyring: Keyring::read(bytes)?, sha256: sha256(bytes) })
    }
}
