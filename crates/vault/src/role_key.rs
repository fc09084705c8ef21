//! Role keys and the keys under them.
//!
//! A role key is shared by everybody whose role may read a store, and never used directly: each use has its own
//! subkey, made with HKDF under its own label.

use crate::{
    VaultError,
    encoding::{Bytes, bind, canonical},
    holder::KeyHolder,
    sealing,
    secret::{Key, random_bytes},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cloister_domain::{Entropy, Pseudonym, Role, VaultId};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use std::{fmt, marker::PhantomData};
use zeroize::Zeroizing;

/// The role keys, by the name they have in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleKeyName {
    /// K_visits: encounters, recordings, transcripts (`visits.db`).
    Visits,
    /// K_research: datasets, extraction results (`research.db`).
    Research,
    /// K_pseudonym: the stable pseudonyms of record ids in the log.
    Pseudonym,
}

impl RoleKeyName {
    /// The keys that a role holds, by design: an auditor cannot decrypt a report even with the disk.
    #[must_use]
    pub const fn held_by(role: Role) -> &'static [Self] {
        match role {
            Role::Administrator => &[Self::Visits, Self::Research, Self::Pseudonym],
            Role::Clinician => &[Self::Visits, Self::Pseudonym],
            Role::Researcher | Role::Viewer => &[Self::Research, Self::Pseudonym],
            Role::Auditor => &[Self::Pseudonym],
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A store with a role key and a database of its own: [`Visits`] or [`Research`].
pub trait StoreKind: DatabaseKind {
    /// Its role key.
    const ROLE_KEY: RoleKeyName;
}

/// A database with a key: a store's, or [`Library`].
pub trait DatabaseKind: sealed::Sealed + Send + Sync + 'static {
    /// What it is called in `Debug`.
    const NAME: &'static str;
}

/// What belongs to visits.
#[derive(Debug)]
pub enum Visits {}
/// What belongs to research.
#[derive(Debug)]
pub enum Research {}
/// The library of extraction schemas: nothing clinical, so its key comes from K_pseudonym, which every role holds.
#[derive(Debug)]
pub enum Library {}

impl sealed::Sealed for Library {}
impl DatabaseKind for Visits {
    const NAME: &'static str = "visits";
}
impl DatabaseKind for Research {
    const NAME: &'static str = "research";
}
impl DatabaseKind for Library {
    const NAME: &'static str = "library";
}

impl sealed::Sealed for Visits {}
impl sealed::Sealed for Research {}
impl StoreKind for Visits {
    const ROLE_KEY: RoleKeyName = RoleKeyName::Visits;
}
impl StoreKind for Research {
    const ROLE_KEY: RoleKeyName = RoleKeyName::Research;
}

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
        Ok(DatabaseKey { key, kind: PhantomData })
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

/// K_pseudonym, unlocked. Zeroized when dropped; share it by `Arc`.
pub struct PseudonymKey {
    pub(crate) key: Key,
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey")
    }
}

impl PseudonymKey {
    /// A stable pseudonym for a record in the log: the first 128 bits of HMAC-SHA256 over kind and id. Who holds
    /// K_pseudonym can tell which record a line is about by computing it; nobody can invert it.
    ///
    /// # Errors
    /// None in practice: the derivation has a fixed length.
    pub fn pseudonym(&self, kind: &str, id: &str) -> Result<Pseudonym, VaultError> {
        #[derive(Serialize)]
        struct Record<'a> {
            kind: &'a str,
            id: &'a str,
        }
        let subkey = self.key.derive(b"cloister/1/pseudonym")?;
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(subkey.expose()).map_err(|_| VaultError::Crypto("HMAC"))?;
        mac.update(&canonical(&Record { kind, id }, "a record's id")?);
        let mut short = [0u8; 16];
        short.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        Ok(Pseudonym::from_bytes(short))
    }

    /// The key of the schema library.
    ///
    /// # Errors
    /// None in practice: the derivation has a fixed length.
    pub fn library_database_key(&self) -> Result<DatabaseKey<Library>, VaultError> {
        let key = self.key.derive(b"cloister/1/library-database")?;
        Ok(DatabaseKey { key, kind: PhantomData })
    }
}

/// The raw key of a SQLCipher database. Zeroized when dropped.
pub struct DatabaseKey<S: DatabaseKind> {
    key: Key,
    kind: PhantomData<fn() -> S>,
}

impl<S: DatabaseKind> fmt::Debug for DatabaseKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseKey({})", S::NAME)
    }
}

impl<S: DatabaseKind> DatabaseKey<S> {
    /// Lends the key as 64 lower-case hex digits, as `PRAGMA key = "x'…'"` wants it; the copy is overwritten
    /// afterwards.
    pub fn with_hex<R>(&self, f: impl FnOnce(&str) -> R) -> R {
        let mut hex = Zeroizing::new(String::with_capacity(64));
        for byte in self.key.expose() {
            hex.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            hex.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        }
        f(&hex)
    }
}

/// The key of one encrypted file: an imported source, a recording's segment. Zeroized when dropped.
pub struct ItemKey(pub(crate) Key);

impl fmt::Debug for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ItemKey")
    }
}

impl ItemKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`VaultError::Entropy`].
    pub fn random(entropy: &dyn Entropy) -> Result<Self, VaultError> {
        Key::random(entropy).map(Self)
    }
}

macro_rules! key_bytes {
    ($(#[$doc:meta])* $name:ident $len:literal $tag:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// As kept in a store.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// From [`Self::as_bytes`].
            ///
            /// # Errors
            /// [`VaultError::WrappedKey`] when the length or the kind is another. Whether it opens is not known yet.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
                match <[u8; $len]>::try_from(bytes) {
                    Ok(bytes) if bytes[0] == $tag => Ok(Self(bytes)),
                    _ => Err(VaultError::WrappedKey),
                }
            }

            /// The version of the role key it belongs to.
            #[must_use]
            pub const fn key_version(&self) -> u32 {
                u32::from_be_bytes([self.0[1], self.0[2], self.0[3], self.0[4]])
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "(key version {})"), self.key_version())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| serde::de::Error::custom("not base64url"))?;
                Self::from_bytes(&bytes).map_err(|_| serde::de::Error::custom("not a wrapped key"))
            }
        }
    };
}

key_bytes! {
    /// A key wrapped under a role key: 0x01, key version (u32, big-endian), nonce (12), AES-256-GCM ciphertext and
    /// tag (48). Safe to keep in the clear.
    WrappedKey 65 1
}

impl WrappedKey {
    fn new(version: u32, nonce: [u8; 12], ciphertext: &[u8]) -> Option<Self> {
        let mut out = [0; Self::LEN];
        out[0] = 1;
        out[1..5].copy_from_slice(&version.to_be_bytes());
        out[5..17].copy_from_slice(&nonce);
        (ciphertext.len() == 48).then(|| out[17..].copy_from_slice(ciphertext))?;
        Some(Self(out))
    }

    fn parts(&self) -> (&[u8; 12], &[u8]) {
        // The split cannot fail: the length is fixed.
        self.0[5..].split_first_chunk::<12>().unwrap_or((&[0; 12], &[]))
    }
}

key_bytes! {
    /// A key sealed to a public key: 0x02, key version (u32, big-endian), HPKE encapsulated key (32), ciphertext and
    /// tag (48). Safe to keep in the clear.
    SealedKey 85 2
}

impl SealedKey {
    pub(crate) fn new(version: u32, encapsulated: &[u8], ciphertext: &[u8]) -> Option<Self> {
        let mut out = [0; Self::LEN];
        out[0] = 2;
        out[1..5].copy_from_slice(&version.to_be_bytes());
        (encapsulated.len() == 32 && ciphertext.len() == 48).then(|| {
            out[5..37].copy_from_slice(encapsulated);
            out[37..].copy_from_slice(ciphertext);
        })?;
        Some(Self(out))
    }

    pub(crate) fn parts(&self) -> (&[u8], &[u8]) {
        self.0[5..].split_at(32)
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
