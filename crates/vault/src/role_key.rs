//! Role keys.
//!
//! A role key is shared by everybody whose role may read a store, and never used directly: each use has its own
//! subkey, made with HKDF under its own label.

use crate::{
    DatabaseKey, ItemKey, KeyHolder, RoleKeyName, SealedKey, StoreKind, VaultError, WrappedKey,
    encoding::{Bytes, bind},
    sealing,
    secret::{Key, random_bytes},
};
use cloister_domain::{Entropy, VaultId};
use serde::Serialize;
use std::{fmt, marker::PhantomData};

/// What every key under a role key is bound to.
#[derive(Serialize)]
struct Context<'a> {
    vault: VaultId,
    role_key: RoleKeyName,
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<&'a str>,
}

/// The key of one store, unlocked. Zeroized when dropped; share it by `Arc`.
pub struct RoleKey<S: StoreKind> {
    vault: VaultId,
    version: u32,
    key: Key,
    kind: PhantomData<fn() -> S>,
}

impl<S: StoreKind> fmt::Debug for RoleKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoleKey({:?}, version {})", S::ROLE_KEY, self.version)
    }
}

impl<S: StoreKind> RoleKey<S> {
    pub(crate) const fn new(vault: VaultId, version: u32, key: Key) -> Self {
        Self { vault, version, key, kind: PhantomData }
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }

    /// Counts rotations, from 1. A [`WrappedKey`] says under which version it was wrapped.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Wraps the key of one recording or imported source; it opens only with the same `item` id.
    ///
    /// # Errors
    /// [`VaultError::Entropy`].
    pub fn wrap_item_key(&self, item: &str, key: &ItemKey, entropy: &dyn Entropy) -> Result<WrappedKey, VaultError> {
        self.wrap("cloister/1/item-key", Some(item), &key.0, entropy)
    }

    /// # Errors
    /// [`VaultError::WrappedKey`] when it was wrapped for another item, store, vault or key version, or changed.
    pub fn unwrap_item_key(&self, item: &str, wrapped: &WrappedKey) -> Result<ItemKey, VaultError> {
        self.unwrap("cloister/1/item-key", Some(item), wrapped).map(ItemKey)
    }

    /// Opens an item key that [`RolePublicKey::seal_item_key`] sealed.
    ///
    /// # Errors
    /// [`VaultError::WrappedKey`] when it was sealed for another item, store, vault or key version, or changed.
    pub fn open_item_key(&self, item: &str, sealed: &SealedKey) -> Result<ItemKey, VaultError> {
        if sealed.key_version() != self.version {
            return Err(VaultError::WrappedKey);
        }
        let info = bind("cloister/1/sealed-item-key", &self.context(Some(item)))?;
        sealing::open(&self.sealing_seed()?.into_private(), &info, sealed).map(ItemKey)
    }

    /// The public half of the pair that this key yields: who has only that can seal item keys, and open none.
    ///
    /// # Errors
    /// None in practice: the derivation has a fixed length.
    pub fn public_key(&self) -> Result<RolePublicKey<S>, VaultError> {
        Ok(RolePublicKey::new(self.vault, self.version, self.sealing_seed()?.public()))
    }

    pub(crate) fn wrap_database_key(&self, key: &Key, entropy: &dyn Entropy) -> Result<WrappedKey, VaultError> {
        self.wrap("cloister/1/database-key", None, key, entropy)
    }

    pub(crate) fn unwrap_database_key(&self, wrapped: &WrappedKey) -> Result<DatabaseKey<S>, VaultError> {
        let key = self.unwrap("cloister/1/database-key", None, wrapped)?;
        Ok(DatabaseKey::new(key))
    }

    const fn context<'a>(&self, item: Option<&'a str>) -> Context<'a> {
        Context { vault: self.vault, role_key: S::ROLE_KEY, version: self.version, item }
    }

    fn sealing_seed(&self) -> Result<sealing::PairSeed, VaultError> {
        self.key.derive(&bind("cloister/1/role-sealing-pair", &self.context(None))?).map(sealing::PairSeed)
    }

    fn wrap(
        &self,
        label: &'static str,
        item: Option<&str>,
        key: &Key,
        entropy: &dyn Entropy,
    ) -> Result<WrappedKey, VaultError> {
        let nonce = random_bytes::<12>(entropy)?.0;
        let subkey = self.key.derive(&bind(label, &self.context(None))?)?;
        let ciphertext = subkey.encrypt(&nonce, &bind(label, &self.context(item))?, key.expose())?;
        WrappedKey::new(self.version, nonce, &ciphertext).ok_or(VaultError::Crypto("key wrapping"))
    }

    fn unwrap(&self, label: &'static str, item: Option<&str>, wrapped: &WrappedKey) -> Result<Key, VaultError> {
        if wrapped.key_version() != self.version {
            return Err(VaultError::WrappedKey);
        }
        let subkey = self.key.derive(&bind(label, &self.context(None))?)?;
        let (nonce, ciphertext) = wrapped.parts();
        let plaintext = subkey.decrypt(nonce, &bind(label, &self.context(item))?, ciphertext);
        plaintext.and_then(|p| Key::from_slice(&p)).ok_or(VaultError::WrappedKey)
    }
}

/// The public half of a role key's pair. With it a recording can be sealed while nobody is signed in.
pub struct RolePublicKey<S: StoreKind> {
    vault: VaultId,
    version: u32,
    public: Bytes<32>,
    kind: PhantomData<fn() -> S>,
}

impl<S: StoreKind> fmt::Debug for RolePublicKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RolePublicKey({:?}, version {}, {:?})", S::ROLE_KEY, self.version, self.public)
    }
}

impl<S: StoreKind> RolePublicKey<S> {
    pub(crate) const fn new(vault: VaultId, version: u32, public: Bytes<32>) -> Self {
        Self { vault, version, public, kind: PhantomData }
    }

    pub(crate) const fn bytes(&self) -> Bytes<32> {
        self.public
    }

    /// Seals the key of one recording segment to everybody who holds the role key (HPKE base mode).
    ///
    /// # Errors
    /// [`VaultError::Entropy`].
    pub fn seal_item_key(&self, item: &str, key: &ItemKey, entropy: &dyn Entropy) -> Result<SealedKey, VaultError> {
        let context = Context { vault: self.vault, role_key: S::ROLE_KEY, version: self.version, item: Some(item) };
        let info = bind("cloister/1/sealed-item-key", &context)?;
        sealing::seal(&self.public, &info, self.version, &key.0, entropy)
    }
}

/// What a role key sealed to a person (or to the recovery key) is bound to.
pub(crate) fn sealing_info(
    vault: VaultId,
    holder: KeyHolder,
    role_key: RoleKeyName,
    version: u32,
) -> Result<Vec<u8>, VaultError> {
    #[derive(Serialize)]
    struct Info {
        vault: VaultId,
        holder: KeyHolder,
        role_key: RoleKeyName,
        version: u32,
    }
    bind("cloister/1/sealed-role-key", &Info { vault, holder, role_key, version })
}

/// A public value that tells whether an unlocked role key is the one the keyring means.
pub(crate) fn role_key_check(
    vault: VaultId,
    role_key: RoleKeyName,
    version: u32,
    key: &Key,
) -> Result<Bytes<32>, VaultError> {
    let context = Context { vault, role_key, version, item: None };
    Ok(Bytes(*key.derive(&bind("cloister/1/role-key-check", &context)?)?.expose()))
}
