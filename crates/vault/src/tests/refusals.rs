//! Damaged, foreign and forged files: each is refused with its reason, and stays as it is.

use super::*;
use crate::{
    KeyHolder,
    authority::Authority,
    encoding::{Bytes, bind, canonical},
    keyring::Keyring,
};
use serde_json::Value;

/// Opens the vault after `change` to the keyring's bytes; checks that opening wrote nothing.
fn after(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Fault {
    let (dir, _made) = create();
    let file = path(&dir).join("keyring.json");
    std::fs::write(&file, change(std::fs::read(&file).unwrap())).unwrap();
    let before = files(&path(&dir));
    let fault = fault(VaultFolder::at(path(&dir)).open());
    assert_eq!(files(&path(&dir)), before);
    fault
}

fn after_edit(edit: impl FnOnce(&mut Value)) -> Fault {
    after(|bytes| {
        let mut value: Value = serde_json::from_slice(&bytes).unwrap();
        edit(&mut value);
        serde_json_canonicalizer::to_vec(&value).unwrap()
    })
}

#[test]
fn a_damaged_keyring_is_refused_with_the_reason() {
    assert_eq!(after(|_| Vec::new()), Fault::Empty);
    assert_eq!(after(|_| vec![0; 17 * 1024 * 1024]), Fault::TooLarge);
    assert_eq!(after(|_| b"{}".to_vec()), Fault::Malformed);
    assert_eq!(after(|b| b[..b.len() / 2].to_vec()), Fault::Malformed);
    assert_eq!(after(|b| b[..b.len() - 1].to_vec()), Fault::Malformed);
    assert_eq!(after(|b| [b.as_slice(), b"\n"].concat()), Fault::NotCanonical);
    assert_eq!(after(|b| String::from_utf8(b).unwrap().replacen(':', ": ", 1).into_bytes()), Fault::NotCanonical);
    assert_eq!(after(|b| b.repeat(2)), Fault::Malformed);
    assert_eq!(after(|_| b"[".repeat(100_000)), Fault::Malformed);
}

#[test]
fn an_edited_keyring_is_refused_with_the_reason() {
    assert_eq!(after_edit(|v| v["body"]["format_version"] = 2.into()), Fault::Version(2));
    assert_eq!(after_edit(|v| v["body"]["format"] = "cloister-slot".into()), Fault::Malformed);
    assert_eq!(after_edit(|v| v["body"]["extra"] = 1.into()), Fault::NotCanonical);
    assert_eq!(after_edit(|v| v["extra"] = 1.into()), Fault::NotCanonical);
    assert_eq!(after_edit(|v| v["body"]["policy"]["session_timeout_minutes"] = 60.into()), Fault::Signature);
    assert_eq!(after_edit(|v| v["body"]["accounts"][0]["name"] = "Eve".into()), Fault::Signature);
    assert_eq!(after_edit(|v| v["body"]["accounts"][0]["role"] = "auditor".into()), Fault::Signature);
    assert_eq!(after_edit(|v| v["body"]["version"] = 2.into()), Fault::Signature);
    assert_eq!(after_edit(|v| v["body"]["password_cost"]["m_kib"] = 8.into()), Fault::Signature);
    assert_eq!(after_edit(|v| v["signature"]["by"] = "usr-00000000000000000000000000".into()), Fault::Authority);
    assert_eq!(after_edit(|v| v["signature"]["by"] = "recovery".into()), Fault::Signature);
    assert_eq!(after_edit(|v| v["body"]["authority"] = Value::Array(vec![])), Fault::Authority);
    assert_eq!(after_edit(|v| v["body"]["authority"][0]["version"] = 2.into()), Fault::Authority);
    assert_eq!(after_edit(|v| v["body"]["vault"] = "vlt-00000000000000000000000000".into()), Fault::Authority);
}

/// Fields that are signed by the right person and still cannot be.
#[test]
fn a_well_signed_impossibility_is_refused() {
    let (_dir, made) = create();
    let sign = |change: &dyn Fn(&mut Keyring)| {
        let mut keyring = made.vault.file.keyring.clone();
        change(&mut keyring);
        fault(keyring.sign(made.keys.holder(), made.keys.signing()))
    };
    assert_eq!(sign(&|k| k.version = 0), Fault::Authority);
    assert_eq!(sign(&|k| k.version = 2), Fault::Field("version"));
    assert_eq!(sign(&|k| k.accounts[0].name = " Adams".into()), Fault::Field("accounts"));
    assert_eq!(sign(&|k| k.accounts[0].role = Role::Viewer), Fault::Field("authority"));
    assert_eq!(sign(&|k| k.accounts[0].disabled = true), Fault::Field("authority"));
    assert_eq!(sign(&|k| k.accounts.push(k.accounts[0].clone())), Fault::Field("accounts"));
    assert_eq!(sign(&|k| _ = k.accounts[0].sealed.pop_first()), Fault::Field("accounts"));
    assert_eq!(sign(&|k| _ = k.recovery.sealed.pop_first()), Fault::Field("recovery"));
    assert_eq!(sign(&|k| k.role_keys.visits.public = None), Fault::Field("role_keys"));
    assert_eq!(sign(&|k| k.role_keys.visits.version = 2), Fault::Field("databases"));
}

/// A researcher with the disk makes themself an administrator and signs that.
#[test]
fn a_forged_keyring_is_refused_or_seen_by_everybody() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let researcher = add(&mut vault, &made.keys, "Okafor", Role::Researcher);
    let theirs = vault.unlock(researcher, &secret(OTHER_PASSWORD)).unwrap();
    let mut keyring = vault.file.keyring.clone();
    let me = KeyHolder::User(researcher);
    // Without K_visits there is nothing true to seal; any box of the right shape stands in for it.
    let stand_in = keyring.recovery.sealed[&crate::RoleKeyName::Visits];
    let account = keyring.account_mut(researcher).unwrap();
    account.role = Role::Administrator;
    account.sealed.insert(crate::RoleKeyName::Visits, stand_in);

    let mut grafted = keyring.clone();
    let signers = grafted.signers();
    grafted.authority.extend(grafted.vault, 2, signers.clone(), me, theirs.signing()).unwrap();
    assert_eq!(fault(grafted.sign(me, theirs.signing())), Fault::Authority);

    // A chain that begins anew is consistent in itself...
    keyring.authority = Authority::begin(keyring.vault, signers, me, theirs.signing()).unwrap();
    let forged = keyring.sign(me, theirs.signing()).unwrap();
    std::fs::write(path(&dir).join("keyring.json"), forged).unwrap();
    let mut forged = VaultFolder::at(path(&dir)).open().unwrap();
    // ...but nobody's slot knows that beginning, and the log knows another hash.
    assert_eq!(fault(forged.unlock(made.administrator, &secret(ADMIN_PASSWORD))), Fault::OtherRoot);
    assert_eq!(fault(forged.unlock_with_recovery_key(&made.recovery_key)), Fault::OtherRoot);
    // ...not even an administrator who was signed in when it was replaced signs on top of it.
    let entropy = Seeded::new(23);
    assert_eq!(fault(forged.edit(&made.keys, &Still, &entropy)), Fault::OtherRoot);
    let recorded = crate::KeyringChange { version: 2, sha256: vault.keyring_sha256().clone() };
    assert!(forged.check_recorded(&recorded, None).is_err());
}

/// An administrator who was sent away signs on.
#[test]
fn a_former_administrator_cannot_sign_on_top() {
    let (_dir, made) = create();
    let mut vault = made.vault;
    let entropy = Seeded::new(21);
    let second = add(&mut vault, &made.keys, "Second", Role::Administrator);
    let theirs = vault.unlock(second, &secret(OTHER_PASSWORD)).unwrap();
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.set_role(second, Role::Viewer).unwrap();
    edit.commit(unrecorded).unwrap();
    let mut keyring = vault.file.keyring.clone();
    keyring.policy = Value::Null;
    assert_eq!(fault(keyring.sign(KeyHolder::User(second), theirs.signing())), Fault::Authority);
}

#[test]
fn a_slot_in_anothers_place_is_refused() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let a = add(&mut vault, &made.keys, "A one", Role::Viewer);
    let b = add(&mut vault, &made.keys, "B two", Role::Viewer);
    let slot = |u| path(&dir).join(format!("slots/{u}"));
    std::fs::copy(slot(a), slot(b)).unwrap();
    assert_eq!(fault(vault.unlock(b, &secret(OTHER_PASSWORD))), Fault::Foreign);
    assert!(vault.unlock(a, &secret(OTHER_PASSWORD)).is_ok());

    let other = tempfile::tempdir().unwrap();
    let foreign = create_at(&other.path().join("vault"), 9).unwrap();
    let theirs = other.path().join(format!("vault/slots/{}", foreign.administrator));
    std::fs::copy(theirs, slot(made.administrator)).unwrap();
    assert_eq!(fault(vault.unlock(made.administrator, &secret(ADMIN_PASSWORD))), Fault::Foreign);
}

#[test]
fn a_damaged_slot_is_refused_with_the_reason_and_others_still_open() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let user = add(&mut vault, &made.keys, "Okafor", Role::Viewer);
    let file = path(&dir).join(format!("slots/{user}"));
    let good = std::fs::read(&file).unwrap();
    let edited = |pointer: &str, to: Value| {
        let mut value: Value = serde_json::from_slice(&good).unwrap();
        *value.pointer_mut(pointer).unwrap() = to;
        serde_json_canonicalizer::to_vec(&value).unwrap()
    };
    for (bytes, expected) in [
        (Vec::new(), Fault::Empty),
        (good[..good.len() - 9].to_vec(), Fault::Malformed),
        (vec![b' '; 20_000], Fault::TooLarge),
        ([good.as_slice(), b" "].concat(), Fault::NotCanonical),
        (edited("/body/format_version", 3.into()), Fault::Version(3)),
        (edited("/body/version", 7.into()), Fault::Signature),
        (edited("/body/kdf/m_kib", 8.into()), Fault::Signature),
        (edited("/body/holder", "recovery".into()), Fault::Foreign),
        (edited("/body/ciphertext", "AAAA".into()), Fault::Malformed),
        (edited("/signature", Value::String("A".repeat(86))), Fault::Signature),
    ] {
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(fault(vault.unlock(user, &secret(OTHER_PASSWORD))), expected);
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
    }
    std::fs::remove_file(&file).unwrap();
    assert_eq!(fault(vault.unlock(user, &secret(OTHER_PASSWORD))), Fault::Missing);
    std::fs::create_dir(&file).unwrap();
    assert_eq!(fault(vault.unlock(user, &secret(OTHER_PASSWORD))), Fault::NotAFile);
    assert!(vault.unlock(made.administrator, &secret(ADMIN_PASSWORD)).is_ok());

    // What the message promises: an administrator makes it good again.
    std::fs::remove_dir(&file).unwrap();
    let entropy = Seeded::new(22);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.reset_account(user, &new_password(OTHER_PASSWORD)).unwrap();
    edit.commit(unrecorded).unwrap();
    assert!(vault.unlock(user, &secret(OTHER_PASSWORD)).is_ok());
}

#[test]
fn links_and_pipes_are_not_files() {
    let (dir, _made) = create();
    let file = path(&dir).join("keyring.json");
    let elsewhere = dir.path().join("elsewhere");
    std::fs::rename(&file, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
    assert_eq!(fault(VaultFolder::at(path(&dir)).open()), Fault::NotAFile);
    std::fs::remove_file(&file).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    assert_eq!(fault(VaultFolder::at(path(&dir)).open()), Fault::NotAFile);
}

#[test]
fn a_refusal_names_the_file_the_fault_and_the_way_out() {
    let text = |file: &str| VaultError::Refused { file: file.to_owned(), fault: Fault::Signature }.to_string();
    for file in ["keyring.json", "slots/usr-1", "slots/recovery", "the encrypted file"] {
        let text = text(file);
        assert!(
            text.contains(file) && text.contains("signature") && text.contains("Nothing was overwritten"),
            "{text}"
        );
    }
    assert!(text("keyring.json").contains("recovery key") && text("slots/usr-1").contains("recovery key"));
}

/// Two contexts never share an encoding, and a label is part of it.
#[test]
fn bound_contexts_are_distinct() {
    let one = bind("cloister/1/slot", &["a", "b"]).unwrap();
    assert_ne!(one, bind("cloister/1/slot", &["ab"]).unwrap());
    assert_ne!(one, bind("cloister/1/keyring", &["a", "b"]).unwrap());
    assert_eq!(canonical(&Bytes([0xff; 2]), "").unwrap(), b"\"__8\"");
}
