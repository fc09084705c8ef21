//! What an opened slot gives.

use crate::{
    Fault, KeyHolder, PseudonymKey, Research, RoleKey, RoleKeyName, SecondFactor, VaultError, Visits,
    encoding::Bytes,
    error::slot_file,
    keyring::{FILE, Keyring, SealedRoleKeys},
    role_key::{role_key_check, sealing_info},
    sealing::{self, PrivateKey},
    secret::Key,
    signing::SigningSeed,
    slot::Payload,
};
use cloister_domain::{Role, UserId, VaultId};
use std::{fmt, sync::Arc};

/// The keys of one signed-in person, or of the recovery key. Everything secret in it is overwritten when the last
/// holder drops it: the session drops this value, and a job that goes on keeps only the `Arc` of the key it needs.
pub struct UnlockedKeys {
    vault: VaultId,
    holder: KeyHolder,
    role: Role,
    visits: Option<Arc<RoleKey<Visits>>>,
    research: Option<Arc<RoleKey<Research>>>,
    pseudonym: Arc<PseudonymKey>,
    signing: SigningSeed,
    /// The beginning of the chain of authority that the slot pins.
    root: Bytes<32>,
    second_factor: SecondFactor,
}

impl fmt::Debug for UnlockedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnlockedKeys({}, {})", self.holder, self.role)
    }
}

impl UnlockedKeys {
    /// The vault they open.
    #[must_use]
    pub const fn vault(&self) -> VaultId {
        self.vault
    }

    /// Whose they are.
    #[must_use]
    pub const fn holder(&self) -> KeyHolder {
        self.holder
    }

    /// Whose they are; `None` for the recovery key, which is nobody's account.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self.holder {
            KeyHolder::User(id) => Some(id),
            KeyHolder::Recovery => None,
        }
    }

    /// The role under which they were sealed. The recovery key is an administrator.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// K_visits, for administrators and clinicians.
    #[must_use]
    pub const fn visits(&self) -> Option<&Arc<RoleKey<Visits>>> {
        self.visits.as_ref()
    }

    /// K_research, for administrators, researchers and viewers.
    #[must_use]
    pub const fn research(&self) -> Option<&Arc<RoleKey<Research>>> {
        self.research.as_ref()
    }

    /// K_pseudonym, for everybody.
    #[must_use]
    pub const fn pseudonym_key(&self) -> &Arc<PseudonymKey> {
        &self.pseudonym
    }

    /// The second factor kept in the slot.
    #[must_use]
    pub const fn second_factor(&self) -> &SecondFactor {
        &self.second_factor
    }

    /// Signs `message` with the holder's Ed25519 key. `purpose` separates uses; it must not begin with `cloister/1/`,
    /// which is the vault's own.
    ///
    /// # Errors
    /// [`VaultError::Crypto`] for a purpose of the vault's own.
    pub fn sign(&self, purpose: &'static str, message: &[u8]) -> Result<[u8; 64], VaultError> {
        if purpose.starts_with("cloister/1/") || purpose.contains('\0') {
            return Err(VaultError::Crypto("signing for a purpose that is the vault's own"));
        }
        Ok(self.signing.sign(&[purpose.as_bytes(), &[0], message].concat()).0)
    }

    pub(crate) const fn signing(&self) -> &SigningSeed {
        &self.signing
    }

    pub(crate) const fn root(&self) -> Bytes<32> {
        self.root
    }

    /// A role key, if the holder has it.
    pub(crate) fn role_key(&self, name: RoleKeyName) -> Option<&Key> {
        match name {
            RoleKeyName::Visits => self.visits.as_ref().map(|k| k.key()),
            RoleKeyName::Research => self.research.as_ref().map(|k| k.key()),
            RoleKeyName::Pseudonym => Some(&self.pseudonym.key),
        }
    }

    /// Seals the role keys that `role` holds to another holder.
    pub(crate) fn seal_role_keys(
        &self,
        keyring: &Keyring,
        holder: KeyHolder,
        public: &Bytes<32>,
        role: Role,
        entropy: &dyn cloister_domain::Entropy,
    ) -> Result<SealedRoleKeys, VaultError> {
        let mut out = SealedRoleKeys::new();
        for &name in RoleKeyName::held_by(role) {
            let key = self.role_key(name).ok_or(VaultError::NotAdministrator)?;
            let version = keyring.role_keys.get(name).version;
            let info = sealing_info(keyring.vault, holder, name, version)?;
            out.insert(name, sealing::seal(public, &info, version, key, entropy)?);
        }
        Ok(out)
    }
}

/// What the keyring says about the holder of a slot.
pub(crate) struct HolderEntry<'a> {
    pub(crate) holder: KeyHolder,
    pub(crate) role: Role,
    pub(crate) x25519: &'a Bytes<32>,
    pub(crate) ed25519: &'a Bytes<32>,
    pub(crate) sealed: &'a SealedRoleKeys,
}

/// Opens the role keys with what the slot held, and checks slot and keyring against each other.
pub(crate) fn assemble(
    keyring: &Keyring,
    entry: &HolderEntry<'_>,
    payload: Payload,
) -> Result<UnlockedKeys, VaultError> {
    if payload.root != keyring.authority.root()? {
        return Err(VaultError::Refused { file: FILE.to_owned(), fault: Fault::OtherRoot });
    }
    if payload.pair.public() != *entry.x25519 || payload.signing.public() != *entry.ed25519 {
        return Err(VaultError::Refused { file: slot_file(entry.holder), fault: Fault::Foreign });
    }
    let private = payload.pair.into_private();
    let open = |name| open_role_key(keyring, entry, &private, name);
    let pseudonym = open(RoleKeyName::Pseudonym)?
        .ok_or(VaultError::Refused { file: FILE.to_owned(), fault: Fault::Field("accounts") })?;
    Ok(UnlockedKeys {
        vault: keyring.vault,
        holder: entry.holder,
        role: entry.role,
        visits: open(RoleKeyName::Visits)?
            .map(|key| Arc::new(RoleKey::new(keyring.vault, keyring.role_keys.visits.version, key))),
        research: open(RoleKeyName::Research)?
            .map(|key| Arc::new(RoleKey::new(keyring.vault, keyring.role_keys.research.version, key))),
        pseudonym: Arc::new(PseudonymKey { key: pseudonym }),
        signing: payload.signing,
        root: payload.root,
        second_factor: payload.second_factor,
    })
}

fn open_role_key(
    keyring: &Keyring,
    entry: &HolderEntry<'_>,
    private: &PrivateKey,
    name: RoleKeyName,
) -> Result<Option<Key>, VaultError> {
    let Some(sealed) = entry.sealed.get(&name) else { return Ok(None) };
    let record = keyring.role_keys.get(name);
    let info = sealing_info(keyring.vault, entry.holder, name, record.version)?;
    let wrong = || VaultError::Refused { file: FILE.to_owned(), fault: Fault::RoleKey };
    let key = sealing::open(private, &info, sealed).map_err(|_| wrong())?;
    if role_key_check(keyring.vault, name, record.version, &key)? == record.check {
        Ok(Some(key))
    } else {
        Err(wrong())
    }
}
