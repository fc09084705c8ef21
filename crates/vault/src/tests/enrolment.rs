//! Requests of people from the directory, and the codes that administrators give them.

use super::*;
use crate::{AccountKind, EnrolmentCode, EnrolmentWish, RecoveryKey};
use cloister_domain::{Clock, Timestamp};
use std::fs;

const THEIRS: &str = "seven lamps over the quay";

struct Later(i64);

impl Clock for Later {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(Still.now().as_millis() + self.0)
    }
    fn boottime_ms(&self) -> u64 {
        0
    }
    fn boot_id(&self) -> String {
        String::new()
    }
}

const HOUR: i64 = 3_600_000;

fn coded(vault: &mut LockedVault, by: &UnlockedKeys, name: &str) -> (UserId, EnrolmentCode) {
    let entropy = Seeded::new(vault.version() + 500);
    let mut edit = vault.edit(by, &Still, &entropy).unwrap();
    let made = edit.add_directory_account(name, Role::Clinician, Later(HOUR).now()).unwrap();
    edit.commit(unrecorded).unwrap();
    made
}

fn ask(vault: &LockedVault, name: &str, user: Option<UserId>, seed: u64) -> crate::EnrolmentRequest {
    let wish = EnrolmentWish { user, name, role: Role::Clinician };
    let recorded = |_: &crate::EnrolmentRequest| Ok::<_, Infallible>(());
    vault.request_enrolment(wish, &new_password(THEIRS), &Still, &Seeded::new(seed), recorded).unwrap()
}

#[test]
fn a_code_opens_one_slot_once_and_in_time() {
    let (_dir, made) = create();
    let mut vault = made.vault;
    let (okafor, code) = coded(&mut vault, &made.keys, "Okafor");
    let (baker, other) = coded(&mut vault, &made.keys, "Baker");
    assert_eq!(vault.account(okafor).unwrap().kind, AccountKind::Directory);
    assert_eq!(vault.opens_by_code_until(okafor).unwrap(), Some(Later(HOUR).now()));
    assert!(matches!(vault.unlock(okafor, &secret(THEIRS)), Err(VaultError::SignIn)));
    let new = new_password(THEIRS);
    let redeem = |user, code: &EnrolmentCode, clock: &dyn Clock| {
        vault.redeem_enrolment_code(user, code, &new, clock, &Seeded::new(77), unrecorded)
    };
    assert!(matches!(redeem(okafor, &other, &Still), Err(VaultError::WrongEnrolmentCode)));
    assert!(matches!(redeem(okafor, &code, &Later(HOUR)), Err(VaultError::EnrolmentCodeExpired)));
    assert!(matches!(redeem(made.administrator, &code, &Still), Err(VaultError::WrongEnrolmentCode)));
    redeem(okafor, &code, &Later(HOUR - 1)).unwrap();
    assert!(matches!(redeem(okafor, &code, &Still), Err(VaultError::WrongEnrolmentCode)));
    assert_eq!(vault.opens_by_code_until(okafor).unwrap(), None);
    let keys = vault.unlock(okafor, &secret(THEIRS)).unwrap();
    assert!(keys.visits().is_some() && keys.research().is_none());
    // What is typed back is what was printed, and no other secret is taken for it.
    assert!(EnrolmentCode::parse(&other.grouped()).is_ok());
    assert!(EnrolmentCode::parse(&made.recovery_key.grouped()).is_err());
    assert!(RecoveryKey::parse(&other.grouped()).is_err());

    // A newer code takes the older one's place, and whatever opened the account before.
    let entropy = Seeded::new(900);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    assert!(matches!(edit.give_enrolment_code(made.administrator, Later(HOUR).now()), Err(VaultError::OwnAccount)));
    let newer = edit.give_enrolment_code(baker, Later(HOUR).now()).unwrap();
    edit.give_enrolment_code(okafor, Later(HOUR).now()).unwrap();
    edit.commit(unrecorded).unwrap();
    assert!(matches!(vault.unlock(okafor, &secret(THEIRS)), Err(VaultError::SignIn)));
    let new = new_password(THEIRS);
    let redeem = |code| vault.redeem_enrolment_code(baker, code, &new, &Still, &Seeded::new(78), unrecorded);
    assert!(matches!(redeem(&other), Err(VaultError::WrongEnrolmentCode)));
    redeem(&newer).unwrap();
}

#[test]
fn a_request_holds_no_role_key_and_becomes_an_account_by_an_administrator_alone() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let request = ask(&vault, " okafor ", None, 5);
    assert_eq!((request.name(), request.role()), ("okafor", Role::Clinician));
    let fingerprint = request.fingerprint().unwrap();
    assert_eq!((fingerprint.len(), fingerprint.split('-').count()), (19, 4));
    let folder = path(&dir).join("enrolments");
    let file = folder.join(request.user().to_string());
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains("sealed") && !text.contains(THEIRS));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    // Asked again, by the same name in other letters: in the place of the first.
    let again = ask(&vault, "OKAFOR", None, 6);
    assert_eq!(again.user(), request.user());
    assert_ne!(again.fingerprint().unwrap(), fingerprint);
    assert_eq!(vault.enrolment_of("Okafor").unwrap().unwrap().sha256(), again.sha256());
    assert_eq!(vault.enrolments().unwrap().0.len(), 1);

    let entropy = Seeded::new(40);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    let id = edit.enrol(&again, Role::Researcher).unwrap();
    edit.commit(unrecorded).unwrap();
    let keys = vault.unlock(id, &secret(THEIRS)).unwrap();
    assert!(keys.research().is_some() && keys.visits().is_none());
    assert_eq!(vault.account(id).unwrap().kind, AccountKind::Directory);
    // Decided once: neither it nor the one before it counts again.
    for old in [&again, &request] {
        let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
        assert!(matches!(edit.enrol(old, Role::Administrator), Err(VaultError::NoSuchEnrolment)));
    }
    vault.forget_enrolment(id).unwrap();
    vault.forget_enrolment(id).unwrap();
    assert!(vault.enrolments().unwrap().0.is_empty());

    // For an account that is there: new keys, and the old password opens nothing.
    let renewal = ask(&vault, "okafor", Some(id), 7);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.enrol(&renewal, Role::Researcher).unwrap();
    edit.commit(unrecorded).unwrap();
    vault.unlock(id, &secret(THEIRS)).unwrap();
    // The administrator's own waits for another administrator.
    let own = ask(&vault, ADMIN, Some(made.administrator), 8);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    assert!(matches!(edit.enrol(&own, Role::Administrator), Err(VaultError::OwnAccount)));
}

#[test]
fn a_request_that_was_touched_or_is_another_s_is_refused() {
    let (dir, made) = create();
    let vault = made.vault;
    let request = ask(&vault, "okafor", None, 5);
    let other = ask(&vault, "baker", None, 6);
    let folder = path(&dir).join("enrolments");
    let (ours, theirs) = (folder.join(request.user().to_string()), folder.join(other.user().to_string()));
    let good = fs::read(&ours).unwrap();
    let other_bytes = fs::read(&theirs).unwrap();
    let refused = |bytes: &[u8]| {
        fs::write(&ours, bytes).unwrap();
        fault(vault.enrolment(request.user()))
    };
    assert_eq!(refused(&[]), Fault::Empty);
    assert_eq!(refused(&good[..good.len() / 2]), Fault::Malformed);
    assert_eq!(refused(&other_bytes), Fault::Foreign);
    let text = String::from_utf8(good.clone()).unwrap();
    assert_eq!(refused(text.replace("clinician", "administrator").as_bytes()), Fault::Signature);
    assert_eq!(refused(text.replace("\"okafor\"", "\"okafur\"").as_bytes()), Fault::Signature);
    assert_eq!(
        refused(text.replace("\"format_version\":1,\"name\"", "\"format_version\":2,\"name\"").as_bytes()),
        Fault::Version(2)
    );
    assert_eq!(refused(format!("{text}\n").as_bytes()), Fault::NotCanonical);
    // It is named, and does not hide the others.
    let (waiting, refused) = vault.enrolments().unwrap();
    assert_eq!((waiting.len(), refused), (1, vec![format!("enrolments/{}", request.user())]));
    // One of another vault.
    let elsewhere = tempfile::tempdir().unwrap();
    let second = create_at(&elsewhere.path().join("vault"), 2).unwrap().vault;
    let foreign = ask(&second, "okafor", Some(request.user()), 5);
    fs::copy(elsewhere.path().join("vault/enrolments").join(foreign.user().to_string()), &ours).unwrap();
    assert_eq!(fault(vault.enrolment(request.user())), Fault::Foreign);
    fs::write(&ours, good).unwrap();
    assert!(vault.enrolment(request.user()).unwrap().is_some());
}

#[test]
fn no_flipped_bit_of_a_request_is_accepted() {
    let (dir, made) = create();
    let vault = made.vault;
    let request = ask(&vault, "okafor", None, 5);
    let file = path(&dir).join("enrolments").join(request.user().to_string());
    let good = fs::read(&file).unwrap();
    for at in (0..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 7);
        fs::write(&file, &bad).unwrap();
        assert!(vault.enrolment(request.user()).is_err(), "byte {at}");
    }
}

#[test]
fn the_directory_s_settings_are_signed_with_the_rest() {
    let (dir, made) = create();
    let mut vault = made.vault;
    let folder = VaultFolder::at(path(&dir));
    assert!(!folder.may_have_directory() && vault.directory().is_none());
    let entropy = Seeded::new(30);
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.set_directory(Some(serde_json::json!({"servers": ["ldaps://10.0.0.5"]})));
    edit.commit(unrecorded).unwrap();
    assert!(folder.may_have_directory());
    assert_eq!(folder.open().unwrap().directory().unwrap()["servers"][0], "ldaps://10.0.0.5");
    let text = fs::read_to_string(path(&dir).join("keyring.json")).unwrap();
    fs::write(path(&dir).join("keyring.json"), text.replace("10.0.0.5", "10.0.0.6")).unwrap();
    assert_eq!(fault(folder.open()), Fault::Signature);
    fs::write(path(&dir).join("keyring.json"), text).unwrap();
    let mut edit = vault.edit(&made.keys, &Still, &entropy).unwrap();
    edit.set_directory(None);
    edit.commit(unrecorded).unwrap();
    assert!(!folder.may_have_directory());
}
