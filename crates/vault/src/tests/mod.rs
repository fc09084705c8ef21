//! Tests of the whole: vaults made in temporary folders, with time and randomness that repeat.

mod enrolment;
mod known_answers;
mod lifecycle;
mod properties;
mod refusals;
mod rotation;
mod vectors;

use crate::{
    Argon2Cost, Created, Fault, LockedVault, NewPassword, NewVault, PasswordRule, PlannedChange, UnlockedKeys,
    VaultError, VaultFolder,
    testing::{Seeded, Still},
};
use cloister_domain::{Role, UserId};
use secrecy::SecretString;
use std::{collections::BTreeMap, convert::Infallible, path::Path};
use tempfile::TempDir;

const ADMIN: &str = "Adams";
const ADMIN_PASSWORD: &str = "tram lemon ninefold";
const OTHER_PASSWORD: &str = "violet anvil surfing";

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn new_password(text: &str) -> NewPassword {
    PasswordRule { min_length: 12 }.check(&secret(text), "").unwrap()
}

fn unrecorded(_: &PlannedChange) -> Result<(), Infallible> {
    Ok(())
}

pub(crate) fn create_at(path: &Path, seed: u64) -> Result<Created, VaultError> {
    let new = NewVault {
        admin_name: ADMIN,
        password: &new_password(ADMIN_PASSWORD),
        policy: serde_json::json!({"session_timeout_minutes": 15}),
        cost: Argon2Cost::for_tests(),
    };
    VaultFolder::at(path).create(new, &Still, &Seeded::new(seed), unrecorded)
}

/// A new vault in a folder that goes with it.
pub(crate) fn create() -> (TempDir, Created) {
    let dir = tempfile::tempdir().unwrap();
    let made = create_at(&dir.path().join("vault"), 1).unwrap();
    (dir, made)
}

pub(crate) fn path(dir: &TempDir) -> std::path::PathBuf {
    dir.path().join("vault")
}

fn add(vault: &mut LockedVault, by: &UnlockedKeys, name: &str, role: Role) -> UserId {
    let entropy = Seeded::new(vault.version() + 100);
    let mut edit = vault.edit(by, &Still, &entropy).unwrap();
    let id = edit.add_account(name, role, &new_password(OTHER_PASSWORD)).unwrap();
    edit.commit(unrecorded).unwrap();
    id
}

/// Every file below a folder, by its relative path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).unwrap() {
            let entry = entry.unwrap().path();
            if entry.is_dir() {
                folders.push(entry);
            } else {
                let name = entry.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                out.insert(name, std::fs::read(&entry).unwrap());
            }
        }
    }
    out
}

fn fault(result: Result<impl std::fmt::Debug, VaultError>) -> Fault {
    match result {
        Err(VaultError::Refused { fault, .. }) => fault,
        other => panic!("not refused: {other:?}"),
    }
}
