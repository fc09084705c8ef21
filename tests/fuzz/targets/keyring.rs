//! Any bytes as a vault's keyring: refused with the reason, or accounts.
#![no_main]

use cloister_vault::VaultFolder;
use libfuzzer_sys::fuzz_target;
use std::fs;

fuzz_target!(|bytes: &[u8]| {
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else { return };
    let made =
        fs::create_dir(folder.path().join("slots")).and_then(|()| fs::write(folder.path().join("keyring.json"), bytes));
    if made.is_err() {
        return;
    }
    if let Ok(vault) = VaultFolder::at(folder.path()).open() {
        let _ = vault.accounts().len();
        let _ = vault.find("ada");
    }
    assert_eq!(fs::read(folder.path().join("keyring.json")).ok().as_deref(), Some(bytes), "it was overwritten");
});
