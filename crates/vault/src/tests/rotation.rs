//! After a rotation the keys of before open nothing that is there, and everybody in office opens all of theirs.

use super::*;
use crate::{ItemKey, Research, SealedKey, Visits};

/// Rotates both stores' keys and returns what the recording's key became.
fn rotate(vault: &mut LockedVault, by: &UnlockedKeys, item: &str, sealed: &SealedKey) -> SealedKey {
    let entropy = Seeded::new(vault.version() + 900);
    let mut rotation = vault.rotate(by, &Still, &entropy).unwrap();
    let visits = rotation.rotate::<Visits>().unwrap();
    rotation.rotate::<Research>().unwrap();
    let handed_on = by.visits().unwrap().hand_on(&visits.role_key, item, sealed, &entropy).unwrap();
    rotation.commit(unrecorded).unwrap();
    handed_on
}

#[test]
fn old_keys_open_nothing_new_and_people_in_office_open_everything() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let cleo = add(&mut vault, &made.keys, "Cleo", Role::Clinician);
    let rita = add(&mut vault, &made.keys, "Rita", Role::Researcher);
    let gone = add(&mut vault, &made.keys, "Gone", Role::Clinician);
    let olga = add(&mut vault, &made.keys, "Olga", Role::Auditor);
    let open = |who| VaultFolder::at(path(&dir)).open().unwrap().unlock(who, &secret(OTHER_PASSWORD));
    // What somebody who left took along: keys, and a recording's key as the store had it.
    let kept = open(gone).unwrap();
    let pseudonym = kept.pseudonym_key().pseudonym("encounter", "enc-1").unwrap();
    let old_database = vault.database_key(kept.visits().unwrap()).unwrap().with_hex(str::to_owned);
    let key = ItemKey::random(&Seeded::new(5)).unwrap();
    let sealed = vault.visits_public_key().unwrap().seal_item_key("rec/1", &key, &Seeded::new(6)).unwrap();

    let entropy = Seeded::new(70);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.set_disabled(gone, true).unwrap();
    edit.commit(unrecorded).unwrap();
    // Disabling alone takes nothing away from keys that were kept.
    assert_eq!(vault.database_key(kept.visits().unwrap()).unwrap().with_hex(str::to_owned), old_database);

    let sealed_anew = rotate(&mut vault, &made.keys, "rec/1", &sealed);
    let vault = VaultFolder::at(path(&dir)).open().unwrap();
    let theirs = kept.visits().unwrap();
    assert!(matches!(vault.database_key(theirs), Err(VaultError::WrappedKey)));
    assert!(matches!(theirs.open_item_key("rec/1", &sealed_anew), Err(VaultError::WrappedKey)));
    assert!(open(gone).is_err());

    for (who, visits, research) in [(cleo, true, false), (rita, false, true), (olga, false, false)] {
        let keys = open(who).unwrap();
        assert_eq!((keys.visits().is_some(), keys.research().is_some()), (visits, research));
        assert_eq!(keys.pseudonym_key().pseudonym("encounter", "enc-1").unwrap(), pseudonym);
    }
    let keys = open(cleo).unwrap();
    let now = keys.visits().unwrap();
    assert_eq!(now.version(), 2);
    let database = vault.database_key(now).unwrap().with_hex(str::to_owned);
    assert_ne!(database, old_database);
    let opened = now.open_item_key("rec/1", &sealed_anew).unwrap();
    assert_eq!(opened.0.expose(), key.0.expose());
    // The old one is for the old key.
    assert!(now.open_item_key("rec/1", &sealed).is_err());

    let recovered = vault.unlock_with_recovery_key(&made.recovery_key).unwrap();
    assert_eq!(vault.database_key(recovered.visits().unwrap()).unwrap().with_hex(str::to_owned), database);
    let administrator = vault.unlock_by_name(ADMIN, &secret(ADMIN_PASSWORD)).unwrap();
    assert_eq!(vault.database_key(administrator.visits().unwrap()).unwrap().with_hex(str::to_owned), database);
}

#[test]
fn a_rotation_that_is_not_recorded_changes_nothing() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let before = files(&path(&dir));
    let entropy = Seeded::new(7);
    let mut rotation = vault.rotate(&made.keys, &Still, &entropy).unwrap();
    rotation.rotate::<Visits>().unwrap();
    let refused = rotation.commit(|_| Err("the log is full"));
    assert!(matches!(refused, Err(VaultError::NotRecorded(_))));
    assert_eq!(files(&path(&dir)), before);
    let vault = VaultFolder::at(path(&dir)).open().unwrap();
    vault.database_key(made.keys.visits().unwrap()).unwrap();
}

#[test]
fn only_an_administrator_rotates_and_keys_of_before_rotate_nothing_more() {
    let (_dir, made) = create();
    let mut vault = made.vault;
    let cleo = add(&mut vault, &made.keys, "Cleo", Role::Clinician);
    let keys = vault.unlock(cleo, &secret(OTHER_PASSWORD)).unwrap();
    let entropy = Seeded::new(8);
    assert!(matches!(vault.rotate(&keys, &Still, &entropy), Err(VaultError::NotAdministrator)));
    for version in 2..5 {
        let administrator = vault.unlock_by_name(ADMIN, &secret(ADMIN_PASSWORD)).unwrap();
        let entropy = Seeded::new(u64::from(version));
        let mut rotation = vault.rotate(&administrator, &Still, &entropy).unwrap();
        assert_eq!(rotation.rotate::<Research>().unwrap().role_key.version(), version);
        rotation.commit(unrecorded).unwrap();
    }
    assert!(matches!(vault.edit(&made.keys, &Still, &entropy), Err(VaultError::ChangedMeanwhile)), "keys of before");
    // The other store's key was left alone.
    let administrator = vault.unlock_by_name(ADMIN, &secret(ADMIN_PASSWORD)).unwrap();
    assert_eq!(administrator.visits().unwrap().version(), 1);
}
