//! How a person from the directory comes by keys: `enrolments/USER`, a request that an administrator decides, and codes.
//!
//! A request holds the public halves of a fresh pair, and the private ones in a slot under the person's password, as it
//! will lie in `slots/`. It holds no role key: those are sealed when an administrator has compared the fingerprint that
//! both see, and says yes.

use crate::{
    EnrolmentCode, Fault, KeyHolder, LockedVault, NewPassword, PlannedChange, VaultError,
    edit::PublicHalves,
    encoding::{Bytes, bind, canonical, read_canonical, sha256},
    files::{self, Staged},
    folder::slot_error,
    keyring::Keyring,
    name, paper,
    signing::verifies,
    slot::{self, Payload, Slot, SlotIdentity, SlotSecret},
};
use cloister_domain::{Clock, Entropy, Role, Sha256Hex, Timestamp, UserId, VaultId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{error::Error, io::ErrorKind};

const FOLDER: &str = "enrolments";
const FORMAT: &str = "cloister-enrolment";
const FORMAT_VERSION: u32 = 1;
const MAX_BYTES: u64 = 32 * 1024;
/// So many requests wait at most: each is a person whom the directory let in.
const MOST: usize = 1000;

/// What a person asks for.
#[derive(Debug, Clone, Copy)]
pub struct EnrolmentWish<'a> {
    /// The account that gets new keys; `None` for a first sign-in.
    pub user: Option<UserId>,
    /// The name they signed in with, or the account's.
    pub name: &'a str,
    /// The role that the directory's groups give them.
    pub role: Role,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct RequestBody {
    format: String,
    format_version: u32,
    vault: VaultId,
    user: UserId,
    name: String,
    role: Role,
    asked: Timestamp,
    x25519: Bytes<32>,
    ed25519: Bytes<32>,
    /// Version of the slot.
    slot_version: u64,
    /// The slot's document, canonical.
    slot: String,
}

#[derive(Serialize, Deserialize)]
struct SignedRequest {
    body: RequestBody,
    /// By the pair that it brings.
    signature: Bytes<64>,
}

/// Somebody whom the directory knows asks to be let in. Read from disk, and in itself sound; who it is from, only the
/// two people can say who compare the fingerprint.
#[derive(Debug, Clone)]
pub struct EnrolmentRequest {
    body: RequestBody,
    sha256: Sha256Hex,
}

impl EnrolmentRequest {
    /// The account, which may not be there yet.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.body.user
    }

    /// The name to sign in with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.body.name
    }

    /// The role that the directory's groups gave when it was asked for.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.body.role
    }

    /// When.
    #[must_use]
    pub const fn asked(&self) -> Timestamp {
        self.body.asked
    }

    /// SHA-256 of the file, as the log has it.
    #[must_use]
    pub const fn sha256(&self) -> &Sha256Hex {
        &self.sha256
    }

    /// Eighty bits of the digest of name and public keys, as both people read them to each other: four groups of four.
    ///
    /// # Errors
    /// None in practice: ids and names can be written.
    pub fn fingerprint(&self) -> Result<String, VaultError> {
        #[derive(Serialize)]
        struct Context<'a> {
            vault: VaultId,
            user: UserId,
            name: &'a str,
            x25519: Bytes<32>,
            ed25519: Bytes<32>,
        }
        let RequestBody { vault, user, name, x25519, ed25519, .. } = &self.body;
        let context = Context { vault: *vault, user: *user, name, x25519: *x25519, ed25519: *ed25519 };
        let digest = Sha256::digest(bind("cloister/1/enrolment-fingerprint", &context)?);
        Ok(paper::letters(&digest[..10], 4))
    }

    pub(crate) const fn public(&self) -> PublicHalves {
        (self.body.x25519, self.body.ed25519)
    }

    pub(crate) const fn slot_version(&self) -> u64 {
        self.body.slot_version
    }

    pub(crate) fn slot_bytes(&self) -> Result<Vec<u8>, VaultError> {
        Ok(self.body.slot.as_bytes().to_vec())
    }

    /// Whether it was made for this vault and for the person whom the account belongs to now.
    pub(crate) fn fits(&self, keyring: &Keyring) -> bool {
        let same_name = |name: &str| name::fold(name) == name::fold(&self.body.name);
        self.body.vault == keyring.vault && keyring.account(self.body.user).is_none_or(|a| same_name(&a.name))
    }

    fn read(bytes: &[u8], vault: VaultId, user: UserId) -> Result<Self, Fault> {
        let SignedRequest { body, signature } = read_canonical(bytes, FORMAT, FORMAT_VERSION)?;
        if body.vault != vault || body.user != user {
            return Err(Fault::Foreign);
        }
        let message = bind("cloister/1/enrolment", &body).map_err(|_| Fault::NotCanonical)?;
        if !verifies(&body.ed25519, &message, &signature) {
            return Err(Fault::Signature);
        }
        if !name::normalise(&body.name).is_ok_and(|n| n == body.name) {
            return Err(Fault::Field("name"));
        }
        let slot = Slot::read(body.slot.as_bytes(), vault, KeyHolder::User(user), &body.ed25519)?;
        if slot.version() != body.slot_version || slot.expires().is_some() {
            return Err(Fault::Field("slot"));
        }
        Ok(Self { body, sha256: sha256(bytes) })
    }
}

impl LockedVault {
    /// Writes a request: fresh pairs, the private halves under `password`. It takes the place of an earlier one of the
    /// same person. `record` logs the digest of the file before it is put in place. Takes Argon2id's time.
    ///
    /// # Errors
    /// [`VaultError::Name`]; [`VaultError::NotRecorded`] when `record` fails, and then nothing was changed;
    /// [`VaultError::Io`].
    pub fn request_enrolment<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        wish: EnrolmentWish<'_>,
        password: &NewPassword,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
        record: impl FnOnce(&EnrolmentRequest) -> Result<(), E>,
    ) -> Result<EnrolmentRequest, VaultError> {
        let _lock = self.lock_unchanged()?;
        // What no account could be made under is not asked for either.
        let name = if wish.user.is_some() { name::normalise(wish.name)? } else { name::accept(wish.name)? };
        files::make_folder(&self.folder.join(FOLDER))?;
        let (waiting, _) = self.enrolments()?;
        let earlier = waiting.iter().find(|r| name::fold(r.name()) == name::fold(&name)).map(EnrolmentRequest::user);
        if earlier.is_none() && waiting.len() >= MOST {
            return Err(VaultError::TooManyEnrolments);
        }
        let now = clock.now();
        let fresh = || UserId::fresh(now, entropy).map_err(VaultError::Entropy);
        let user = wish.user.or(earlier).map_or_else(fresh, Ok)?;
        let holder = KeyHolder::User(user);
        let slot_version = self.slot(user).map_or(1, |slot| slot.version + 1);
        let payload = Payload::fresh(self.file.keyring.authority.root()?, entropy)?;
        let identity = SlotIdentity { vault: self.id(), holder, version: slot_version, now, expires: None };
        let secret = SlotSecret::Password(password.bytes());
        let slot = slot::seal(&identity, self.password_cost(), secret, &payload, entropy)?;
        let body = RequestBody {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            vault: self.id(),
            user,
            name,
            role: wish.role,
            asked: now,
            x25519: payload.pair.public(),
            ed25519: payload.signing.public(),
            slot_version,
            slot: String::from_utf8(slot).map_err(|_| VaultError::NotCanonical("the slot"))?,
        };
        let signature = payload.signing.sign(&bind("cloister/1/enrolment", &body)?);
        let bytes = canonical(&SignedRequest { body, signature }, "the enrolment request")?;
        let file = file_of(user);
        let request = EnrolmentRequest::read(&bytes, self.id(), user).map_err(VaultError::refused(&file))?;
        let staged = Staged::write(&self.folder, &file, &bytes)?;
        record(&request).map_err(|e| VaultError::NotRecorded(e.into()))?;
        staged.put()?;
        Ok(request)
    }

    /// Every request that waits, oldest first, and the names of files that were refused.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn enrolments(&self) -> Result<(Vec<EnrolmentRequest>, Vec<String>), VaultError> {
        let failed = || VaultError::io("reading the enrolments folder");
        let entries = match std::fs::read_dir(self.folder.join(FOLDER)) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok((Vec::new(), Vec::new())),
            Err(e) => return Err(failed()(e)),
        };
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        for entry in entries {
            let name = entry.map_err(failed())?.file_name().to_string_lossy().into_owned();
            match name.parse::<UserId>() {
                Ok(user) => match self.enrolment(user) {
                    Ok(request) => good.extend(request),
                    Err(_) => refused.push(format!("{FOLDER}/{name}")),
                },
                // Written and never put in place: a crash.
                Err(_) if name.ends_with(".new") => {}
                Err(_) => refused.push(format!("{FOLDER}/{name}")),
            }
        }
        good.sort_by_key(EnrolmentRequest::asked);
        refused.sort();
        Ok((good, refused))
    }

    /// The request of one person.
    ///
    /// # Errors
    /// [`VaultError::Refused`] for a file that is not sound; [`VaultError::Io`].
    pub fn enrolment(&self, user: UserId) -> Result<Option<EnrolmentRequest>, VaultError> {
        let file = file_of(user);
        let Some(bytes) = files::read(&self.folder, &file, MAX_BYTES)? else { return Ok(None) };
        EnrolmentRequest::read(&bytes, self.id(), user).map(Some).map_err(VaultError::refused(&file))
    }

    /// The request under a name, up to case and compatibility forms.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn enrolment_of(&self, name: &str) -> Result<Option<EnrolmentRequest>, VaultError> {
        let Ok(wanted) = name::normalise(name).map(|n| name::fold(&n)) else { return Ok(None) };
        Ok(self.enrolments()?.0.into_iter().find(|r| name::fold(r.name()) == wanted))
    }

    /// Takes a request's file away: it was decided, or its person got in some other way.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn forget_enrolment(&self, user: UserId) -> Result<(), VaultError> {
        match std::fs::remove_file(self.folder.join(file_of(user))) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(VaultError::io("removing an enrolment request")(e)),
            _ => Ok(()),
        }
    }

    /// Until when an enrolment code opens the user's slot; `None` when a password does.
    ///
    /// # Errors
    /// [`VaultError::NoSuchAccount`]; [`VaultError::Refused`] for a damaged slot.
    pub fn opens_by_code_until(&self, user: UserId) -> Result<Option<Timestamp>, VaultError> {
        let account = self.account(user).ok_or(VaultError::NoSuchAccount)?;
        Ok(self.read_slot(KeyHolder::User(user), &account.ed25519)?.slot.expires())
    }

    /// Opens a user's slot with an enrolment code and puts it under `password`: the code then opens nothing. Needs no
    /// administrator, and changes no key. Takes Argon2id's time.
    ///
    /// # Errors
    /// [`VaultError::WrongEnrolmentCode`], [`VaultError::EnrolmentCodeExpired`], [`VaultError::Disabled`];
    /// [`VaultError::NotRecorded`] when `record` fails, and then nothing was changed.
    pub fn redeem_enrolment_code<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        user: UserId,
        code: &EnrolmentCode,
        password: &NewPassword,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
        record: impl FnOnce(&PlannedChange) -> Result<(), E>,
    ) -> Result<(), VaultError> {
        let _lock = self.lock_unchanged()?;
        let account = self.account(user).ok_or(VaultError::NoSuchAccount)?;
        if account.disabled {
            return Err(VaultError::Disabled);
        }
        let holder = KeyHolder::User(user);
        let file = self.read_slot(holder, &account.ed25519)?;
        let expires = file.slot.expires().ok_or(VaultError::WrongEnrolmentCode)?;
        let opened = file.slot.open(SlotSecret::EnrolmentCode(code.bits())).map_err(slot_error(holder))?;
        let payload = opened.ok_or(VaultError::WrongEnrolmentCode)?;
        if clock.now() >= expires {
            return Err(VaultError::EnrolmentCodeExpired);
        }
        let secret = SlotSecret::Password(password.bytes());
        self.replace_slot(holder, &file, secret, &payload, clock, entropy, record)
    }
}

fn file_of(user: UserId) -> String {
    format!("{FOLDER}/{user}")
}
