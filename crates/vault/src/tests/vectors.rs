//! The files in tests/vectors/vault: good ones must open and be exactly what we would write again, damaged ones must
//! be refused for the reason that index.json gives. A format that moved shows here first.
//!
//! `UPDATE_VECTORS=1` writes them anew; that is a change of format, and says so in review.

use super::*;
use crate::{ItemKey, RecoveryKey, WrappedKey, open_blob, seal_blob};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/vault")
}

/// What opens the good vault, and what must then be found.
#[derive(Serialize, Deserialize)]
struct Expected {
    accounts: Vec<Credentials>,
    recovery_key: String,
    visits_database_key: String,
    research_database_key: String,
    /// Of kind `encounter`, id `enc-1`.
    pseudonym: String,
    /// The key of `source.blob`, item `doc-1`, wrapped under K_research.
    wrapped_item_key: String,
    source: String,
}

#[derive(Serialize, Deserialize)]
struct Credentials {
    name: String,
    role: Role,
    password: String,
}

/// One damaged file that takes the place of a good one.
#[derive(Serialize, Deserialize)]
struct Damaged {
    file: String,
    in_place_of: String,
    code: String,
    what: String,
}

/// The good vault, made from the seed, with its side files.
fn make(root: &Path) -> Expected {
    let entropy = Seeded::new(2026);
    let password = |name: &str| format!("the long password of {name}");
    let new = NewVault {
        admin_name: "Adams",
        password: &new_password(&password("one")),
        policy: json!({"format_version": 1, "session_timeout_minutes": 15}),
        cost: Argon2Cost::FLOOR,
    };
    let made = VaultFolder::at(root).create(new, &Still, &entropy, unrecorded).unwrap();
    let mut vault = made.vault;
    let mut accounts = vec![Credentials { name: "Adams".into(), role: Role::Administrator, password: password("one") }];
    for (name, word, role) in [
        ("Dr. B\u{f8}e", "two", Role::Clinician),
        ("Researcher", "three", Role::Researcher),
        ("Viewer", "four", Role::Viewer),
        ("Auditor", "five", Role::Auditor),
        ("Second", "six", Role::Administrator),
    ] {
        let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
        edit.add_account(name, role, &new_password(&password(word))).unwrap();
        edit.commit(unrecorded).unwrap();
        accounts.push(Credentials { name: name.into(), role, password: password(word) });
    }
    let research = made.keys.research().unwrap();
    let item = ItemKey::random(&entropy).unwrap();
    let wrapped = research.wrap_item_key("doc-1", &item, &entropy).unwrap();
    let source = "The patient takes metoprolol 25 mg twice daily.\n";
    let mut blob = Vec::new();
    seal_blob(&item, "doc-1", &mut source.as_bytes(), &mut blob, &entropy).unwrap();
    std::fs::write(root.join("source.blob"), blob).unwrap();
    std::fs::remove_file(root.join("keyring.lock")).unwrap();
    Expected {
        accounts,
        recovery_key: made.recovery_key.grouped().to_string(),
        visits_database_key: vault.database_key(made.keys.visits().unwrap()).unwrap().with_hex(str::to_owned),
        research_database_key: vault.database_key(research).unwrap().with_hex(str::to_owned),
        pseudonym: made.keys.pseudonym_key().pseudonym("encounter", "enc-1").unwrap().to_string(),
        wrapped_item_key: hex::encode(wrapped.as_bytes()),
        source: source.to_owned(),
    }
}

/// Damaged copies of the good files: name, the file it replaces, its bytes, the code, what was done.
fn damage(good: &BTreeMap<String, Vec<u8>>) -> Vec<(Damaged, Vec<u8>)> {
    let vault = VaultFolder::at(folder().join("good")).open().unwrap();
    let slot = format!("slots/{}", vault.find("Viewer").unwrap().id);
    let other = format!("slots/{}", vault.find("Auditor").unwrap().id);
    let edited = |file: &str, pointer: &str, to: Value| {
        let mut value: Value = serde_json::from_slice(&good[file]).unwrap();
        *value.pointer_mut(pointer).unwrap() = to;
        serde_json_canonicalizer::to_vec(&value).unwrap()
    };
    let half = |file: &str| good[file][..good[file].len() / 2].to_vec();
    let flipped = |file: &str, at: usize| {
        let mut bytes = good[file].clone();
        bytes[at] ^= 1;
        bytes
    };
    let blob_len = good["source.blob"].len();
    let foreign = {
        let dir = tempfile::tempdir().unwrap();
        create_at(&dir.path().join("v"), 77).unwrap();
        let files = files(&dir.path().join("v"));
        let slot = files.iter().find(|(name, _)| name.starts_with("slots/usr-")).unwrap();
        slot.1.clone()
    };
    let keyring = "keyring.json";
    [
        ("keyring-empty", keyring, vec![], "empty", "no bytes"),
        ("keyring-half", keyring, half(keyring), "malformed", "cut in the middle"),
        (
            "keyring-newline",
            keyring,
            [good[keyring].as_slice(), b"\n"].concat(),
            "not_canonical",
            "an editor added a line end",
        ),
        (
            "keyring-version-2",
            keyring,
            edited(keyring, "/body/format_version", 2.into()),
            "version",
            "from a later Cloister",
        ),
        (
            "keyring-role",
            keyring,
            edited(keyring, "/body/accounts/3/role", "administrator".into()),
            "signature",
            "a viewer promoted by hand",
        ),
        (
            "keyring-policy",
            keyring,
            edited(keyring, "/body/policy/session_timeout_minutes", 60.into()),
            "signature",
            "the policy edited by hand",
        ),
        (
            "keyring-signer",
            keyring,
            edited(keyring, "/signature/by", "usr-00000000000000000000000000".into()),
            "authority",
            "signed by nobody known",
        ),
        (
            "keyring-authority",
            keyring,
            edited(keyring, "/body/authority/1/version", 5.into()),
            "authority",
            "a link of the chain edited",
        ),
        ("slot-empty", &slot, vec![], "empty", "no bytes"),
        ("slot-half", &slot, half(&slot), "malformed", "cut in the middle"),
        (
            "slot-cost",
            &slot,
            edited(&slot, "/body/kdf/m_kib", 8.into()),
            "signature",
            "Argon2's memory lowered by hand",
        ),
        (
            "slot-version",
            &slot,
            edited(&slot, "/body/version", 2.into()),
            "signature",
            "the slot's number raised by hand",
        ),
        ("slot-of-another", &slot, good[&other].clone(), "foreign", "another user's slot in its place"),
        ("slot-of-another-vault", &slot, foreign, "foreign", "a slot of another vault"),
        ("recovery-half", "slots/recovery", half("slots/recovery"), "malformed", "cut in the middle"),
        ("blob-magic", "source.blob", flipped("source.blob", 0), "malformed", "first byte changed"),
        ("blob-version", "source.blob", flipped("source.blob", 7), "version", "version byte changed"),
        ("blob-salt", "source.blob", flipped("source.blob", 8), "other_key", "salt changed"),
        (
            "blob-ciphertext",
            "source.blob",
            flipped("source.blob", blob_len - 20),
            "authentication",
            "a byte of ciphertext changed",
        ),
        (
            "blob-header-only",
            "source.blob",
            good["source.blob"][..72].to_vec(),
            "truncated",
            "nothing after the header",
        ),
    ]
    .into_iter()
    .map(|(name, of, bytes, code, what)| {
        let damaged = Damaged { file: name.into(), in_place_of: of.into(), code: code.into(), what: what.into() };
        (damaged, bytes)
    })
    .collect()
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn good_files() -> BTreeMap<String, Vec<u8>> {
    let mut files = files(&folder().join("good"));
    files.remove("keyring.lock");
    files
}

#[test]
fn the_good_vault_is_what_we_would_write_again() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("good");
    let expected = serde_json::to_string_pretty(&make(&root)).unwrap() + "\n";
    let fresh = files(&root);
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        let _ = std::fs::remove_dir_all(folder().join("good"));
        let _ = std::fs::remove_dir_all(folder().join("damaged"));
        for (name, bytes) in &fresh {
            write(&folder().join("good").join(name), bytes);
        }
        write(&folder().join("expected.json"), expected.as_bytes());
        let (index, files): (Vec<_>, Vec<_>) = damage(&fresh).into_iter().unzip();
        for (damaged, bytes) in index.iter().zip(&files) {
            write(&folder().join("damaged").join(&damaged.file), bytes);
        }
        write(&folder().join("index.json"), (serde_json::to_string_pretty(&index).unwrap() + "\n").as_bytes());
    }
    assert_eq!(good_files().keys().collect::<Vec<_>>(), fresh.keys().collect::<Vec<_>>());
    for (name, bytes) in good_files() {
        assert!(fresh[&name] == bytes, "{name} is written differently now");
    }
    assert_eq!(std::fs::read_to_string(folder().join("expected.json")).unwrap(), expected);
}

#[test]
fn the_good_vault_opens() {
    let expected: Expected = serde_json::from_slice(&std::fs::read(folder().join("expected.json")).unwrap()).unwrap();
    let vault = VaultFolder::at(folder().join("good")).open().unwrap();
    for account in &expected.accounts {
        let keys = vault.unlock_by_name(&account.name, &secret(&account.password)).unwrap();
        assert_eq!(keys.role(), account.role);
        assert_eq!(keys.pseudonym_key().pseudonym("encounter", "enc-1").unwrap().to_string(), expected.pseudonym);
        if let Some(key) = keys.visits() {
            vault.database_key(key).unwrap().with_hex(|hex| assert_eq!(hex, expected.visits_database_key));
        }
        if let Some(key) = keys.research() {
            vault.database_key(key).unwrap().with_hex(|hex| assert_eq!(hex, expected.research_database_key));
            let wrapped = WrappedKey::from_bytes(&hex::decode(&expected.wrapped_item_key).unwrap()).unwrap();
            let item = key.unwrap_item_key("doc-1", &wrapped).unwrap();
            let mut out = Vec::new();
            open_blob(&item, "doc-1", &mut good_files()["source.blob"].as_slice(), &mut out).unwrap();
            assert_eq!(out, expected.source.as_bytes());
        }
    }
    let recovery = RecoveryKey::parse(&expected.recovery_key).unwrap();
    assert_eq!(vault.unlock_with_recovery_key(&recovery).unwrap().role(), Role::Administrator);
}

#[test]
fn each_damaged_file_is_refused_for_its_reason_and_left_alone() {
    let expected: Expected = serde_json::from_slice(&std::fs::read(folder().join("expected.json")).unwrap()).unwrap();
    let index: Vec<Damaged> = serde_json::from_slice(&std::fs::read(folder().join("index.json")).unwrap()).unwrap();
    assert!(index.len() >= 20);
    let research = VaultFolder::at(folder().join("good")).open().unwrap();
    let keys = research.unlock_with_recovery_key(&RecoveryKey::parse(&expected.recovery_key).unwrap()).unwrap();
    let wrapped = WrappedKey::from_bytes(&hex::decode(&expected.wrapped_item_key).unwrap()).unwrap();
    let item = keys.research().unwrap().unwrap_item_key("doc-1", &wrapped).unwrap();
    for damaged in index {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in good_files() {
            write(&dir.path().join(name), &bytes);
        }
        let bytes = std::fs::read(folder().join("damaged").join(&damaged.file)).unwrap();
        write(&dir.path().join(&damaged.in_place_of), &bytes);
        let before = files(dir.path());

        let vault = VaultFolder::at(dir.path()).open();
        let fault = match damaged.in_place_of.as_str() {
            "keyring.json" => fault(vault),
            "slots/recovery" => {
                let key = RecoveryKey::parse(&expected.recovery_key).unwrap();
                fault(vault.unwrap().unlock_with_recovery_key(&key))
            }
            "source.blob" => fault(open_blob(&item, "doc-1", &mut bytes.as_slice(), &mut Vec::new())),
            _ => fault(vault.unwrap().unlock_by_name("Viewer", &secret("the long password of four"))),
        };
        assert_eq!(fault.code(), damaged.code, "{}: {fault}", damaged.file);
        assert_eq!(files(dir.path()), before, "{}", damaged.file);
    }
}
