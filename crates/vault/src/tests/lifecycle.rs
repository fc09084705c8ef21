//! Making a vault, and what people do with it.

use super::*;
use crate::{ItemKey, KeyHolder, KeyringChange, RecoveryKey, RoleKeyName, SecondFactor, testing::Dry};
use secrecy::{ExposeSecret, SecretSlice};
use std::os::unix::fs::PermissionsExt;

#[test]
fn the_administrator_signs_in_to_a_new_vault() {
    let (dir, made) = create();
    let vault = VaultFolder::at(path(&dir)).open().unwrap();
    assert_eq!((vault.id(), vault.version()), (made.vault.id(), 1));
    assert_eq!(vault.keyring_sha256(), made.vault.keyring_sha256());
    assert_eq!(vault.policy()["session_timeout_minutes"], 15);
    for name in ["Adams", " ADAMS ", "ａｄａｍｓ"] {
        let keys = vault.unlock_by_name(name, &secret(ADMIN_PASSWORD)).unwrap();
        assert_eq!((keys.user(), keys.role()), (Some(made.administrator), Role::Administrator));
    }
    for (name, password) in
        [(ADMIN, "tram lemon ninefole"), (ADMIN, ""), (ADMIN, "a\0"), ("Nobody", ADMIN_PASSWORD), ("\0", "")]
    {
        let error = vault.unlock_by_name(name, &secret(password)).unwrap_err();
        assert!(matches!(error, VaultError::SignIn), "{name:?} {password:?}: {error}");
    }
}

#[test]
fn files_are_the_owners_alone_and_hold_no_secret() {
    let (dir, made) = create();
    let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
    let root = path(&dir);
    assert_eq!((mode(&root), mode(&root.join("slots"))), (0o700, 0o700));
    let recovery = made.recovery_key.grouped().replace('-', "");
    let database = made.vault.database_key(made.keys.visits().unwrap()).unwrap();
    let files = files(&root);
    assert_eq!(files.len(), 4, "{:?}", files.keys());
    for (name, bytes) in &files {
        assert_eq!(mode(&root.join(name)), 0o600, "{name}");
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(!text.contains(ADMIN_PASSWORD) && !text.contains(&recovery), "{name}");
        database.with_hex(|hex| assert!(!text.contains(hex), "{name}"));
    }
}

#[test]
fn each_role_gets_its_keys_and_no_other() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let seen = |keys: &UnlockedKeys| (keys.visits().is_some(), keys.research().is_some());
    assert_eq!(seen(&made.keys), (true, true));
    for (role, expected) in [
        (Role::Administrator, (true, true)),
        (Role::Clinician, (true, false)),
        (Role::Researcher, (false, true)),
        (Role::Viewer, (false, true)),
        (Role::Auditor, (false, false)),
    ] {
        let id = add(&mut vault, &made.keys, role.name(), role);
        let keys = VaultFolder::at(path(&dir)).open().unwrap().unlock(id, &secret(OTHER_PASSWORD)).unwrap();
        assert_eq!(seen(&keys), expected, "{role}");
        assert_eq!(keys.role(), role);
        assert_eq!(
            keys.pseudonym_key().pseudonym("encounter", "enc-1").unwrap(),
            made.keys.pseudonym_key().pseudonym("encounter", "enc-1").unwrap(),
        );
        if let Some(theirs) = keys.visits() {
            let open = |k| vault.database_key(k).unwrap().with_hex(str::to_owned);
            assert_eq!(open(theirs), open(made.keys.visits().unwrap()));
        }
        let sealed: Vec<_> = vault.account(id).unwrap().sealed.keys().copied().collect();
        let mut held = RoleKeyName::held_by(role).to_vec();
        held.sort();
        assert_eq!(sealed, held);
    }
}

#[test]
fn the_two_stores_have_different_keys() {
    let (_dir, made) = create();
    let visits = made.vault.database_key(made.keys.visits().unwrap()).unwrap().with_hex(str::to_owned);
    let research = made.vault.database_key(made.keys.research().unwrap()).unwrap().with_hex(str::to_owned);
    assert_ne!(visits, research);
    assert!(visits.len() == 64 && visits.bytes().all(|b| b.is_ascii_hexdigit()));
}

#[test]
fn item_keys_open_for_their_item_only() {
    let (_dir, made) = create();
    let (visits, research) = (made.keys.visits().unwrap(), made.keys.research().unwrap());
    let entropy = Seeded::new(5);
    let item = ItemKey::random(&entropy).unwrap();
    let wrapped = visits.wrap_item_key("rec-1", &item, &entropy).unwrap();
    assert_eq!(visits.unwrap_item_key("rec-1", &wrapped).unwrap().0.expose(), item.0.expose());
    assert!(visits.unwrap_item_key("rec-2", &wrapped).is_err());
    assert!(research.unwrap_item_key("rec-1", &wrapped).is_err());
    let (_other_dir, other) =
        (tempfile::tempdir().unwrap(), create_at(&tempfile::tempdir().unwrap().path().join("v"), 2));
    assert!(other.unwrap().keys.visits().unwrap().unwrap_item_key("rec-1", &wrapped).is_err());

    let public = made.vault.visits_public_key().unwrap();
    let sealed = public.seal_item_key("rec-1", &item, &entropy).unwrap();
    assert_eq!(visits.open_item_key("rec-1", &sealed).unwrap().0.expose(), item.0.expose());
    assert!(visits.open_item_key("rec-2", &sealed).is_err());
    assert!(research.open_item_key("rec-1", &sealed).is_err());
}

#[test]
fn pseudonyms_tell_kind_and_id_apart() {
    let (_dir, made) = create();
    let key = made.keys.pseudonym_key();
    let of = |kind, id| key.pseudonym(kind, id).unwrap().to_string();
    assert_eq!(of("encounter", "1"), of("encounter", "1"));
    let distinct = [of("encounter", "1"), of("document", "1"), of("encounter", "11"), of("encounter1", "1")];
    assert_eq!(distinct.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
}

#[test]
fn a_changed_password_is_the_users_own_affair() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let user = add(&mut vault, &made.keys, "Okafor", Role::Clinician);
    let keyring = std::fs::read(path(&dir).join("keyring.json")).unwrap();
    let factor = SecondFactor::new(Some(SecretSlice::from(vec![7; 20])), vec![[1; 32], [2; 32]]).unwrap();
    let entropy = Seeded::new(50);
    vault.set_second_factor(user, &secret(OTHER_PASSWORD), factor, &Still, &entropy, unrecorded).unwrap();

    let mut seen = None;
    let record = |planned: &PlannedChange| -> Result<(), Infallible> {
        seen = Some(planned.clone());
        Ok(())
    };
    let new = new_password("three quiet herons");
    vault.change_password(user, &secret(OTHER_PASSWORD), &new, &Still, &entropy, record).unwrap();
    let planned = seen.unwrap();
    assert_eq!((planned.keyring, planned.slots.len()), (None, 1));
    assert_eq!(planned.slots[0], vault.slot(user).unwrap());
    assert_eq!((planned.slots[0].holder, planned.slots[0].version), (KeyHolder::User(user), 3));

    assert_eq!(std::fs::read(path(&dir).join("keyring.json")).unwrap(), keyring);
    assert!(matches!(vault.unlock(user, &secret(OTHER_PASSWORD)), Err(VaultError::SignIn)));
    let keys = vault.unlock(user, &secret("three quiet herons")).unwrap();
    assert_eq!(keys.second_factor().totp_secret().unwrap().expose_secret(), [7; 20]);
    assert_eq!(keys.second_factor().recovery_codes(), [[1; 32], [2; 32]]);
    let wrong = vault.change_password(user, &secret(OTHER_PASSWORD), &new, &Still, &entropy, unrecorded);
    assert!(matches!(wrong, Err(VaultError::SignIn)));
}

#[test]
fn disabling_takes_the_role_keys_and_enabling_gives_them_back() {
    let (_dir, made) = create();
    let mut vault = made.vault;
    let user = add(&mut vault, &made.keys, "Okafor", Role::Clinician);
    let entropy = Seeded::new(60);
    for (disabled, sealed) in [(true, 0), (false, 2)] {
        let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
        edit.set_disabled(user, disabled).unwrap();
        edit.commit(unrecorded).unwrap();
        assert_eq!(vault.account(user).unwrap().sealed.len(), sealed);
        let unlocked = vault.unlock(user, &secret(OTHER_PASSWORD));
        assert_eq!(matches!(unlocked, Err(VaultError::Disabled)), disabled);
        assert!(matches!(vault.unlock(user, &secret("no such pass word")), Err(VaultError::SignIn)));
    }
}

#[test]
fn another_role_means_other_keys() {
    let (_dir, made) = create();
    let mut vault = made.vault;
    let user = add(&mut vault, &made.keys, "Okafor", Role::Clinician);
    let entropy = Seeded::new(70);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.set_role(user, Role::Auditor).unwrap();
    edit.commit(unrecorded).unwrap();
    let keys = vault.unlock(user, &secret(OTHER_PASSWORD)).unwrap();
    assert!(keys.visits().is_none() && keys.research().is_none() && keys.role() == Role::Auditor);
}

#[test]
fn a_reset_gives_fresh_pairs_and_the_old_password_opens_nothing() {
    let (_dir, made) = create();
    let mut vault = made.vault;
    let user = add(&mut vault, &made.keys, "Okafor", Role::Clinician);
    let before = vault.account(user).unwrap().clone();
    let entropy = Seeded::new(80);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.reset_account(user, &new_password("three quiet herons")).unwrap();
    edit.commit(unrecorded).unwrap();
    let after = vault.account(user).unwrap();
    assert!(after.x25519 != before.x25519 && after.ed25519 != before.ed25519);
    assert!(matches!(vault.unlock(user, &secret(OTHER_PASSWORD)), Err(VaultError::SignIn)));
    assert!(vault.unlock(user, &secret("three quiet herons")).unwrap().visits().is_some());
    assert_eq!(vault.slot(user).unwrap().version, 2);
}

#[test]
fn the_recovery_key_lets_a_locked_out_administrator_back_in() {
    let (_dir, made) = create();
    let mut vault = made.vault;
    let key = RecoveryKey::parse(&made.recovery_key.grouped().to_lowercase()).unwrap();
    let keys = vault.unlock_with_recovery_key(&key).unwrap();
    assert_eq!((keys.holder(), keys.user(), keys.role()), (KeyHolder::Recovery, None, Role::Administrator));
    let entropy = Seeded::new(90);
    let mut edit = vault.edit(&keys, &Still, &entropy).unwrap();
    edit.reset_account(made.administrator, &new_password("three quiet herons")).unwrap();
    edit.commit(unrecorded).unwrap();
    let admin = vault.unlock(made.administrator, &secret("three quiet herons")).unwrap();
    add(&mut vault, &admin, "Okafor", Role::Viewer);

    let mut edit = vault.edit(&admin, &Still, &entropy).unwrap();
    let replacement = edit.replace_recovery_key().unwrap();
    edit.commit(unrecorded).unwrap();
    assert!(matches!(vault.unlock_with_recovery_key(&key), Err(VaultError::WrongRecoveryKey)));
    assert!(vault.unlock_with_recovery_key(&replacement).is_ok());
    let other = RecoveryKey::random(&Seeded::new(91)).unwrap();
    assert!(matches!(vault.unlock_with_recovery_key(&other), Err(VaultError::WrongRecoveryKey)));
}

#[test]
fn only_administrators_in_office_change_the_keyring() {
    let (_dir, made) = create();
    let mut vault = made.vault;
    let entropy = Seeded::new(11);
    let second = add(&mut vault, &made.keys, "Second", Role::Administrator);
    let clinician = add(&mut vault, &made.keys, "Okafor", Role::Clinician);
    let theirs = vault.unlock(clinician, &secret(OTHER_PASSWORD)).unwrap();
    assert!(matches!(vault.edit(&theirs, &Still, &entropy), Err(VaultError::NotAdministrator)));

    let second_keys = vault.unlock(second, &secret(OTHER_PASSWORD)).unwrap();
    let mut edit = vault.edit(&second_keys, &Still, &entropy).unwrap();
    assert!(matches!(edit.set_disabled(second, true), Err(VaultError::OwnAccount)));
    assert!(matches!(edit.set_role(second, Role::Viewer), Err(VaultError::OwnAccount)));
    edit.set_disabled(made.administrator, true).unwrap();
    edit.commit(unrecorded).unwrap();
    assert!(matches!(vault.edit(&made.keys, &Still, &entropy), Err(VaultError::NotAdministrator)));

    let foreign = create_at(&tempfile::tempdir().unwrap().path().join("v"), 3).unwrap();
    assert!(matches!(vault.edit(&foreign.keys, &Still, &entropy), Err(VaultError::OtherVault)));
}

#[test]
fn what_cannot_be_recorded_is_not_done() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let user = add(&mut vault, &made.keys, "Okafor", Role::Clinician);
    let before = files(&path(&dir));
    let entropy = Seeded::new(12);
    let refuse = |_: &PlannedChange| Err("the log is full");
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.add_account("Third", Role::Viewer, &new_password(OTHER_PASSWORD)).unwrap();
    assert!(matches!(edit.commit(refuse), Err(VaultError::NotRecorded(_))));
    let new = new_password("three quiet herons");
    let changed = vault.change_password(user, &secret(OTHER_PASSWORD), &new, &Still, &entropy, refuse);
    assert!(matches!(changed, Err(VaultError::NotRecorded(_))));
    assert_eq!(files(&path(&dir)), before);
    assert!(vault.find("Third").is_none());
}

#[test]
fn what_is_recorded_is_what_stands_afterwards() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let first = KeyringChange { version: 1, sha256: vault.keyring_sha256().clone() };
    let before = std::fs::read(path(&dir).join("keyring.json")).unwrap();
    let entropy = Seeded::new(13);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.set_policy(serde_json::json!({"min_length": 15}));
    let mut planned = None;
    let done = edit
        .commit(|p| -> Result<(), Infallible> {
            assert_eq!(std::fs::read(path(&dir).join("keyring.json")).unwrap(), before, "recorded before the rename");
            planned = p.keyring.clone();
            Ok(())
        })
        .unwrap();
    assert_eq!(planned.as_ref(), Some(&done));
    let reopened = VaultFolder::at(path(&dir)).open().unwrap();
    assert_eq!((reopened.version(), reopened.policy()["min_length"].as_u64()), (2, Some(15)));

    reopened.check_recorded(&done, None).unwrap();
    reopened.check_recorded(&first, Some(&done)).unwrap();
    assert!(matches!(reopened.check_recorded(&first, None), Err(VaultError::NotTheRecorded { found: 2, recorded: 1 })));
    std::fs::write(path(&dir).join("keyring.json"), before).unwrap();
    let put_back = VaultFolder::at(path(&dir)).open().unwrap();
    assert!(matches!(put_back.check_recorded(&done, None), Err(VaultError::NotTheRecorded { found: 1, recorded: 2 })));
}

#[test]
fn two_programs_do_not_overwrite_each_other() {
    let (dir, made) = create();
    let mut mine = made.vault;
    let mut theirs = VaultFolder::at(path(&dir)).open().unwrap();
    add(&mut theirs, &made.keys, "Okafor", Role::Viewer);
    let entropy = Seeded::new(14);
    let mut edit = mine.edit(&made.keys, &Still, &entropy).unwrap();
    edit.set_policy(serde_json::Value::Null);
    assert!(matches!(edit.commit(unrecorded), Err(VaultError::ChangedMeanwhile)));
    let new = new_password("three quiet herons");
    let changed = mine.change_password(made.administrator, &secret(ADMIN_PASSWORD), &new, &Still, &entropy, unrecorded);
    assert!(matches!(changed, Err(VaultError::ChangedMeanwhile)));
    assert!(VaultFolder::at(path(&dir)).open().unwrap().find("Okafor").is_some());
}

#[test]
fn a_crash_between_keyring_and_slot_is_mended() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let user = add(&mut vault, &made.keys, "Okafor", Role::Clinician);
    let slot = path(&dir).join(format!("slots/{user}"));
    let old = std::fs::read(&slot).unwrap();
    let entropy = Seeded::new(15);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    let new = new_password("three quiet herons");
    edit.reset_account(user, &new).unwrap();
    edit.commit(unrecorded).unwrap();
    // As if the power had gone between the two renames.
    std::fs::rename(&slot, slot.with_extension("new")).unwrap();
    std::fs::write(&slot, old).unwrap();
    assert!(vault.unlock(user, &secret("three quiet herons")).is_ok());
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.reset_account(user, &new).unwrap();
    assert!(edit.commit(|_| Err("the log is full")).is_err());
    assert!(vault.unlock(user, &secret("three quiet herons")).is_ok(), "a change that failed must not lose the slot");
    let newer = new_password("four quiet herons");
    vault.change_password(user, &secret("three quiet herons"), &newer, &Still, &entropy, unrecorded).unwrap();
    assert!(!slot.with_extension("new").exists());
    assert!(vault.unlock(user, &secret("four quiet herons")).is_ok());
    assert_eq!(vault.slot(user).unwrap().version, 3);
}

#[test]
fn a_crash_before_the_first_rename_changed_nothing() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let user = add(&mut vault, &made.keys, "Okafor", Role::Clinician);
    let before = files(&path(&dir));
    let entropy = Seeded::new(19);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.reset_account(user, &new_password("three quiet herons")).unwrap();
    edit.commit(unrecorded).unwrap();
    // As if the power had gone after staging: the new files beside the old ones.
    for (name, bytes) in files(&path(&dir)) {
        if before.get(&name).is_some_and(|old| *old != bytes) {
            std::fs::write(path(&dir).join(format!("{name}.new")), bytes).unwrap();
            std::fs::write(path(&dir).join(&name), &before[&name]).unwrap();
        }
    }
    let mut vault = VaultFolder::at(path(&dir)).open().unwrap();
    assert!(vault.unlock(user, &secret(OTHER_PASSWORD)).is_ok());
    assert!(vault.unlock(user, &secret("three quiet herons")).is_err());
    add(&mut vault, &made.keys, "Third", Role::Viewer);
    assert!(!path(&dir).join("keyring.json.new").exists());
}

#[test]
fn who_opens_a_folder_again_sees_what_changed_and_is_shown_nothing_forged() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let folder = VaultFolder::at(path(&dir));
    let before = folder.open().unwrap();
    assert_eq!(folder.open_again(&before).unwrap().version(), before.version());
    let user = add(&mut vault, &made.keys, "Third", Role::Viewer);
    let now = folder.open_again(&before).unwrap();
    assert_eq!((now.version(), now.account(user).is_some()), (before.version() + 1, true));
    let file = path(&dir).join("keyring.json");
    let bytes = std::fs::read(&file).unwrap();
    let forged = String::from_utf8(bytes).unwrap().replace("\"viewer\"", "\"administrator\"");
    std::fs::write(&file, forged).unwrap();
    assert!(matches!(folder.open_again(&now), Err(VaultError::Refused { .. })));
    std::fs::remove_file(&file).unwrap();
    assert!(matches!(folder.open_again(&now), Err(VaultError::Missing)));
}

#[test]
fn a_creation_cut_short_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(path(&dir).join("slots")).unwrap();
    std::fs::write(path(&dir).join("slots/recovery.new"), "half").unwrap();
    create_at(&path(&dir), 1).unwrap();
    assert!(VaultFolder::at(path(&dir)).open().is_ok());
}

#[test]
fn names_are_taken_once() {
    let (_dir, made) = create();
    let mut vault = made.vault;
    let entropy = Seeded::new(16);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    for name in ["ADAMS", " adams", "ａdams", "\u{200b}", ""] {
        let added = edit.add_account(name, Role::Viewer, &new_password(OTHER_PASSWORD));
        assert!(matches!(added, Err(VaultError::Name(_))), "{name:?}");
    }
}

#[test]
fn nothing_is_made_over_what_is_there() {
    let (dir, _made) = create();
    let before = files(&path(&dir));
    assert!(matches!(create_at(&path(&dir), 2), Err(VaultError::Exists)));
    assert_eq!(files(&path(&dir)), before);
    std::fs::remove_file(path(&dir).join("keyring.json")).unwrap();
    assert!(matches!(VaultFolder::at(path(&dir)).open(), Err(VaultError::Missing)));
    assert!(matches!(create_at(&path(&dir), 2), Err(VaultError::SlotsWithoutKeyring)));
}

#[test]
fn without_randomness_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let new = NewVault {
        admin_name: ADMIN,
        password: &new_password(ADMIN_PASSWORD),
        policy: serde_json::Value::Null,
        cost: Argon2Cost::for_tests(),
    };
    let made = VaultFolder::at(path(&dir)).create(new, &Still, &Dry, unrecorded);
    assert!(matches!(made, Err(VaultError::Entropy(_))));
    assert!(!VaultFolder::at(path(&dir)).exists());
}

#[test]
fn a_policy_is_kept_exactly_or_not_at_all() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let entropy = Seeded::new(17);
    let kept = serde_json::json!({"b": [1, -2.5, 1e21, null, true], "a": {"\u{e9}\u{1f600}": "\u{0}"}});
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.set_policy(kept.clone());
    edit.commit(unrecorded).unwrap();
    assert_eq!(*VaultFolder::at(path(&dir)).open().unwrap().policy(), kept);
    // Beyond the integers that JSON numbers hold exactly.
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.set_policy(serde_json::json!(u64::MAX));
    assert!(matches!(edit.commit(unrecorded), Err(VaultError::NotCanonical(_))));
    assert_eq!(*VaultFolder::at(path(&dir)).open().unwrap().policy(), kept);
}

#[test]
fn a_signature_is_for_its_purpose() {
    let (_dir, made) = create();
    let one = made.keys.sign("note", b"text").unwrap();
    assert_ne!(one, made.keys.sign("other", b"text").unwrap());
    assert!(made.keys.sign("cloister/1/keyring", b"text").is_err());
}

#[test]
fn debug_output_names_and_never_shows() {
    let (_dir, made) = create();
    let shown = format!("{made:?} {:?} {:?}", made.keys.visits(), new_password(ADMIN_PASSWORD));
    assert!(!shown.contains(ADMIN_PASSWORD));
    let key = made.keys.visits().unwrap().key().expose();
    assert!(!shown.contains(&hex::encode(key)) && !shown.contains(&format!("{key:?}")));
    assert!(!shown.contains(made.recovery_key.grouped().as_str()));
}

/// A wrong password and an unknown name take the same time; medians of interleaved tries, at a cost where anything
/// beside Argon2id would show.
#[test]
fn unknown_names_take_the_time_of_wrong_passwords() {
    let (_dir, made) = create();
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..101 {
        for (name, times) in [ADMIN, "Nobody"].iter().zip(&mut times) {
            let began = std::time::Instant::now();
            assert!(made.vault.unlock_by_name(name, &secret("no such pass word")).is_err());
            times.push(began.elapsed());
        }
    }
    let [known, unknown] = times.map(|mut t| {
        t.sort();
        t[t.len() / 2]
    });
    assert!(known.abs_diff(unknown).as_millis() < 5, "known {known:?}, unknown {unknown:?}");
}

/// A large hospital: the keyring is read and somebody is let in without a wait that one could feel.
#[test]
fn a_thousand_accounts_are_read_in_no_time() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let entropy = Seeded::new(18);
    let password = new_password(OTHER_PASSWORD);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    for n in 1..1_000 {
        edit.add_account(&format!("Person {n}"), Role::Clinician, &password).unwrap();
    }
    edit.commit(unrecorded).unwrap();
    let began = std::time::Instant::now();
    let vault = VaultFolder::at(path(&dir)).open().unwrap();
    let opened = began.elapsed();
    let keys = vault.unlock_by_name("person 999", &secret(OTHER_PASSWORD)).unwrap();
    let unlocked = began.elapsed() - opened;
    let bytes = std::fs::metadata(path(&dir).join("keyring.json")).unwrap().len();
    println!("1,000 accounts: {bytes} bytes, read in {opened:?}, unlocked in {unlocked:?}");
    assert!(keys.visits().is_some() && vault.accounts().len() == 1_000);
    assert!(opened.as_millis() < 500 && unlocked.as_millis() < 500, "{opened:?} {unlocked:?}");
}
