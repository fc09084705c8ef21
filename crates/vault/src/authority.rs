//! Who may sign the keyring, and how that came about.
//!
//! The first link is signed by the vault's first administrator and names everybody who may sign. Each change to that
//! set adds a link, signed by somebody whom the link before it names. A keyring is accepted when its signer stands in
//! the last link; an account trusts the chain when it begins with the link whose hash lies in the account's slot,
//! under the account's own password. A forged keyring therefore needs a forged beginning, and that is seen by
//! everybody who signs in. (Old keyrings, and ones signed by a former administrator who kept their key, are caught by
//! the log, which holds the hash of every keyring.)

use crate::{
    Fault, KeyHolder, VaultError,
    encoding::{Bytes, bind, canonical, sha256},
    signing::{Signature, SigningSeed, verifies},
};
use cloister_domain::{Sha256Hex, VaultId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Everybody who may sign, with their Ed25519 public keys.
pub(crate) type Signers = BTreeMap<KeyHolder, Bytes<32>>;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AuthorityLink {
    /// The keyring version from which it holds.
    version: u64,
    signers: Signers,
    /// Hash of the link before it.
    previous: Option<Sha256Hex>,
    signature: Signature,
}

#[derive(Serialize)]
struct Statement<'a> {
    vault: VaultId,
    version: u64,
    signers: &'a Signers,
    previous: &'a Option<Sha256Hex>,
}

impl Statement<'_> {
    fn message(&self) -> Result<Vec<u8>, VaultError> {
        bind("cloister/1/authority", self)
    }
}

/// The chain, oldest link first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Authority(Vec<AuthorityLink>);

impl Authority {
    /// A new vault's chain.
    pub(crate) fn begin(
        vault: VaultId,
        signers: Signers,
        by: KeyHolder,
        seed: &SigningSeed,
    ) -> Result<Self, VaultError> {
        let mut chain = Self(Vec::new());
        chain.extend(vault, 1, signers, by, seed)?;
        Ok(chain)
    }

    /// Adds a link unless the signers stay the same.
    pub(crate) fn extend(
        &mut self,
        vault: VaultId,
        version: u64,
        signers: Signers,
        by: KeyHolder,
        seed: &SigningSeed,
    ) -> Result<(), VaultError> {
        if self.signers().is_some_and(|s| *s == signers) {
            return Ok(());
        }
        let previous = match self.0.last() {
            Some(link) => Some(sha256(&canonical(link, "the chain of authority")?)),
            None => None,
        };
        let message = Statement { vault, version, signers: &signers, previous: &previous }.message()?;
        self.0.push(AuthorityLink { version, signers, previous, signature: seed.sign_as(by, &message) });
        Ok(())
    }

    /// Who may sign now.
    pub(crate) fn signers(&self) -> Option<&Signers> {
        self.0.last().map(|link| &link.signers)
    }

    /// The hash of the first link, which every slot holds.
    pub(crate) fn root(&self) -> Result<Bytes<32>, VaultError> {
        let first = self.0.first().ok_or(VaultError::NotCanonical("the chain of authority"))?;
        Ok(Bytes(Sha256::digest(canonical(first, "the chain of authority")?).into()))
    }

    /// Checks every link up to `keyring_version` and returns who may sign.
    pub(crate) fn verify(&self, vault: VaultId, keyring_version: u64) -> Result<&Signers, Fault> {
        let mut before: Option<&AuthorityLink> = None;
        for link in &self.0 {
            let previous = match before {
                Some(b) => Some(sha256(&canonical(b, "authority").map_err(|_| Fault::Authority)?)),
                None => None,
            };
            let trusted = before.map_or(&link.signers, |b| &b.signers);
            let later = before.map_or(link.version == 1, |b| link.version > b.version);
            let signer = trusted.get(&link.signature.by).ok_or(Fault::Authority)?;
            let statement = Statement { vault, version: link.version, signers: &link.signers, previous: &previous };
            let message = statement.message().map_err(|_| Fault::Authority)?;
            if !later || link.previous != previous || !verifies(signer, &message, &link.signature.value) {
                return Err(Fault::Authority);
            }
            before = Some(link);
        }
        match before {
            Some(last) if last.version <= keyring_version => Ok(&last.signers),
            _ => Err(Fault::Authority),
        }
    }
}
