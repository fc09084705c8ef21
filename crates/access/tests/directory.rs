//! Sign-in by a directory: what each of its answers leads to, and what never lets anybody in.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/repeatable.rs"]
mod repeatable;

use cloister_access::{
    Credentials, Enrolment, Session, SignIn, SignInError,
    directory::{Directory, Fault, Verified},
    enrolment_is_the_recorded, intend, role_in_directory, settled,
};
use cloister_audit::{AuditLog, Environment, Filter, lines};
use cloister_domain::{Actor, Clock, Role, Timestamp, UserId, code};
use cloister_vault::{Argon2Cost, KeyringEdit, LockedVault, NewVault, PasswordRule, PlannedChange, VaultFolder};
use repeatable::{Counting, Ticking};
use secrecy::{ExposeSecret, SecretString};
use std::{
    cell::RefCell,
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};

const ADA: &str = "nine grey herons at dawn";
const OKAFOR: &str = "seven lamps over the quay";
const NEWER: &str = "eight lamps over the quay";

/// A directory in memory. It notes which names it was asked about.
#[derive(Default)]
struct InMemory {
    people: Mutex<HashMap<String, (String, Vec<Role>)>>,
    down: Mutex<Option<Fault>>,
    asked: Mutex<Vec<String>>,
}

impl InMemory {
    fn put(&self, name: &str, password: &str, roles: &[Role]) {
        self.people.lock().unwrap().insert(name.to_owned(), (password.to_owned(), roles.to_vec()));
    }
}

impl Directory for InMemory {
    fn verify(&self, name: &str, password: &SecretString) -> Result<Verified, Fault> {
        self.asked.lock().unwrap().push(name.to_owned());
        if let Some(fault) = *self.down.lock().unwrap() {
            return Err(fault);
        }
        match self.people.lock().unwrap().get(&name.trim().to_lowercase()) {
            None => Err(Fault::NoSuchPerson),
            Some((theirs, _)) if theirs != password.expose_secret() => Err(Fault::WrongPassword),
            Some((_, roles)) if roles.is_empty() => Err(Fault::NoGroup),
            Some((_, roles)) => {
                let certificate_ends = Timestamp::from_millis(1_900_000_000_000);
                Ok(Verified { roles: roles.clone(), certificate_ends })
            }
        }
    }

    fn minimum_password_length(&self) -> u32 {
        12
    }
}

struct Scene {
    dir: tempfile::TempDir,
    log: Arc<AuditLog>,
    clock: Arc<Ticking>,
    entropy: Arc<Counting>,
    directory: InMemory,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(Ticking::new());
        let entropy = Arc::new(Counting::new());
        let env = Environment { clock: clock.clone(), entropy: entropy.clone(), host: "ward".to_owned() };
        let (log, _) = AuditLog::create(&dir.path().join("audit"), &env).unwrap();
        let scene = Self { dir, log: Arc::new(log), clock, entropy, directory: InMemory::default() };
        let password = PasswordRule { min_length: 12 }.check(&SecretString::from(ADA), "ada").unwrap();
        let policy = cloister_access::Policy::default().to_document().unwrap();
        let new = NewVault { admin_name: "ada", password: &password, policy, cost: Argon2Cost::FLOOR };
        let noted = RefCell::new(None);
        let folder = VaultFolder::at(scene.vault_folder());
        folder
            .create(new, &*scene.clock, &*scene.entropy, |planned| {
                *noted.borrow_mut() = Some(planned.clone());
                intend(&scene.log, &Actor::System, planned)
            })
            .unwrap();
        settled(&scene.log, &Actor::System, &noted.into_inner().unwrap()).unwrap();
        scene.directory.put("okafor", OKAFOR, &[Role::Clinician]);
        scene
    }

    fn vault_folder(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn vault(&self) -> LockedVault {
        VaultFolder::at(self.vault_folder()).open().unwrap()
    }

    /// A change by the administrator, with the log told before and after.
    fn edit<T>(&self, change: impl FnOnce(&mut KeyringEdit<'_>) -> T) -> T {
        let mut vault = self.vault();
        let keys = vault.unlock_by_name("ada", &SecretString::from(ADA)).unwrap();
        let mut edit = vault.edit(&keys, &*self.clock, &*self.entropy).unwrap();
        let made = change(&mut edit);
        let mut noted: Option<PlannedChange> = None;
        edit.commit(|planned| {
            noted = Some(planned.clone());
            intend(&self.log, &Actor::System, planned)
        })
        .unwrap();
        settled(&self.log, &Actor::System, &noted.unwrap()).unwrap();
        made
    }

    fn sign_in(&self, name: &str, password: &str, enrolment: Option<Enrolment<'_>>) -> Result<Session, SignInError> {
        let (vault, folder) = (self.vault(), self.dir.path().join("audit"));
        let sign_in = SignIn {
            vault: &vault,
            log: &self.log,
            log_folder: &folder,
            clock: &*self.clock,
            entropy: &*self.entropy,
            face: code!("cli"),
            directory: Some(&self.directory),
        };
        let password = SecretString::from(password);
        sign_in.attempt_with(&Credentials { name, password: &password, code: None, enrolment })
    }

    fn by_code(&self, name: &str, password: &str, code: &str) -> Result<Session, SignInError> {
        self.sign_in(name, password, Some(Enrolment::Code(&SecretString::from(code))))
    }

    fn by_previous(&self, password: &str, previous: &str) -> Result<Session, SignInError> {
        self.sign_in("okafor", password, Some(Enrolment::PreviousPassword(&SecretString::from(previous))))
    }

    /// An account of the directory with a code that is good for an hour.
    fn add(&self, name: &str, role: Role) -> (UserId, String) {
        let expires = Timestamp::from_millis(self.clock.now().as_millis() + 3_600_000);
        let (id, code) = self.edit(|edit| edit.add_directory_account(name, role, expires).unwrap());
        (id, code.grouped().to_string())
    }

    fn reasons(&self) -> Vec<String> {
        let filter = Filter { event_type: Some("sign_in".to_owned()), limit: 200, ..Filter::default() };
        let lines = lines(&self.dir.path().join("audit"), &filter).unwrap().lines;
        let failures = lines.iter().filter(|l| l.outcome == "failure");
        failures.map(|l| l.details["reason"].as_str().unwrap().to_owned()).collect()
    }
}

fn refused(result: Result<Session, SignInError>) -> SignInError {
    match result {
        Ok(session) => panic!("{session:?} got in"),
        Err(e) => e,
    }
}

#[test]
fn a_code_opens_the_keys_once_and_the_directory_has_the_say_from_then_on() {
    let scene = Scene::new();
    let (_, code) = scene.add("Okafor", Role::Clinician);
    let needed = refused(scene.sign_in("okafor", OKAFOR, None));
    assert!(matches!(needed, SignInError::EnrolmentNeeded { first: true }), "{needed}");
    let wrong = code.replace(&code[..2], "ZZ");
    for (name, password, typed) in [("okafor", "not hers", code.as_str()), ("ada", ADA, &code)] {
        let _ = scene.by_code(name, password, typed).map(|s| assert_eq!(s.name(), "ada"));
    }
    assert!(matches!(refused(scene.by_code("okafor", OKAFOR, &wrong)), SignInError::EnrolmentCode(_)));
    let session = scene.by_code("OKAFOR", OKAFOR, &code.to_lowercase()).unwrap();
    assert_eq!((session.name(), session.role()), ("Okafor", Role::Clinician));
    assert!(session.certificate_ends().is_some());
    drop(session);
    scene.sign_in("okafor", OKAFOR, None).unwrap();

    // Whatever opens the slot: who is out there is out here.
    for fault in [
        Fault::AccountDisabled,
        Fault::AccountLocked,
        Fault::PasswordExpired,
        Fault::NoGroup,
        Fault::Unreachable,
        Fault::CertificateName,
        Fault::TimedOut,
        Fault::NotRunning,
    ] {
        *scene.directory.down.lock().unwrap() = Some(fault);
        let why = refused(scene.sign_in("okafor", OKAFOR, None));
        assert!(matches!(why, SignInError::Directory(f) if f == fault), "{fault:?}: {why}");
    }
    // Four of these spoke of the person, and five in a row would lock the name.
    *scene.directory.down.lock().unwrap() = None;
    scene.sign_in("okafor", OKAFOR, None).unwrap();
    for fault in [Fault::NoSuchPerson, Fault::WrongPassword, Fault::Anonymous] {
        *scene.directory.down.lock().unwrap() = Some(fault);
        assert!(matches!(refused(scene.sign_in("okafor", OKAFOR, None)), SignInError::Refused), "{fault:?}");
    }
}

#[test]
fn a_local_password_is_never_sent_there() {
    let scene = Scene::new();
    scene.directory.put("ada", "the directory's ada", &[Role::Administrator]);
    scene.sign_in("Ada", ADA, None).unwrap();
    assert!(matches!(refused(scene.sign_in("ada", "the directory's ada", None)), SignInError::Refused));
    assert!(matches!(
        refused(scene.sign_in("ada", "the directory's ada", Some(Enrolment::Request))),
        SignInError::Refused
    ));
    assert_eq!(*scene.directory.asked.lock().unwrap(), Vec::<String>::new());
    assert_eq!(scene.vault().enrolments().unwrap().0.len(), 0);
}

#[test]
fn an_expired_code_opens_nothing() {
    let scene = Scene::new();
    let (_, code) = scene.add("okafor", Role::Clinician);
    scene.clock.set_ahead(3_600_000);
    let late = refused(scene.by_code("okafor", OKAFOR, &code));
    assert!(late.to_string().contains("expired"), "{late}");
    scene.clock.set_ahead(0);
    scene.by_code("okafor", OKAFOR, &code).unwrap();
}

#[test]
fn a_changed_password_needs_the_one_before() {
    let scene = Scene::new();
    let (_, code) = scene.add("okafor", Role::Clinician);
    scene.by_code("okafor", OKAFOR, &code).unwrap();
    scene.directory.put("okafor", NEWER, &[Role::Clinician]);
    assert!(matches!(refused(scene.sign_in("okafor", OKAFOR, None)), SignInError::Refused));
    assert!(matches!(refused(scene.sign_in("okafor", NEWER, None)), SignInError::EnrolmentNeeded { first: false }));
    assert!(matches!(refused(scene.by_previous(NEWER, "six lamps over the quay")), SignInError::PreviousPassword));
    // The previous password and no present one.
    assert!(matches!(refused(scene.by_previous(OKAFOR, OKAFOR)), SignInError::Refused));
    scene.by_previous(NEWER, OKAFOR).unwrap();
    scene.sign_in("okafor", NEWER, None).unwrap();
    // Guessing the one before counts as guessing.
    scene.directory.put("okafor", OKAFOR, &[Role::Clinician]);
    for n in 0..5 {
        let why = refused(scene.by_previous(OKAFOR, &format!("guess number {n}")));
        assert!(matches!(why, SignInError::PreviousPassword), "{why}");
    }
    assert!(matches!(refused(scene.by_previous(OKAFOR, NEWER)), SignInError::LockedOut { minutes: 15 }));
}

#[test]
fn a_request_lets_nobody_in_before_an_administrator_says_yes() {
    let scene = Scene::new();
    let pending = |e: SignInError| match e {
        SignInError::EnrolmentPending { fingerprint } => fingerprint,
        other => panic!("{other}"),
    };
    assert!(matches!(refused(scene.sign_in("okafor", OKAFOR, None)), SignInError::EnrolmentNeeded { first: true }));
    let first = pending(refused(scene.sign_in("okafor", OKAFOR, Some(Enrolment::Request))));
    assert_eq!(pending(refused(scene.sign_in(" Okafor", OKAFOR, None))), first);
    // Who has no group, a weak password or the wrong one leaves none.
    scene.directory.put("outsider", "three doors along the wall", &[]);
    scene.directory.put("brief", "shortword", &[Role::Clinician]);
    for (name, password) in
        [("outsider", "three doors along the wall"), ("brief", "shortword"), ("okafor", "not hers"), ("x", "y")]
    {
        refused(scene.sign_in(name, password, Some(Enrolment::Request)));
    }
    let vault = scene.vault();
    let (waiting, refused_files) = vault.enrolments().unwrap();
    assert_eq!((waiting.len(), refused_files.len()), (1, 0));
    let request = &waiting[0];
    assert_eq!((request.fingerprint().unwrap(), request.role()), (first.clone(), Role::Clinician));
    let folder = scene.dir.path().join("audit");
    assert!(enrolment_is_the_recorded(&folder, request).unwrap());
    assert!(vault.find("okafor").is_none());

    let user = scene.edit(|edit| edit.enrol(request, request.role()).unwrap());
    scene.vault().forget_enrolment(user).unwrap();
    let session = scene.sign_in("okafor", OKAFOR, None).unwrap();
    assert_eq!((session.user(), session.role()), (user, Role::Clinician));
    assert!(session.keys().visits().is_some() && session.keys().research().is_none());
    // The same request again would bring older keys.
    let mut vault = scene.vault();
    let keys = vault.unlock_by_name("ada", &SecretString::from(ADA)).unwrap();
    let mut edit = vault.edit(&keys, &*scene.clock, &*scene.entropy).unwrap();
    assert!(edit.enrol(request, Role::Administrator).is_err());
    assert!(scene.reasons().contains(&"directory_password".to_owned()));
}

#[test]
fn what_says_nothing_of_a_password_does_not_lock_a_name() {
    let scene = Scene::new();
    let (_, code) = scene.add("okafor", Role::Clinician);
    *scene.directory.down.lock().unwrap() = Some(Fault::Unreachable);
    for _ in 0..7 {
        assert!(matches!(refused(scene.sign_in("okafor", OKAFOR, None)), SignInError::Directory(_)));
    }
    *scene.directory.down.lock().unwrap() = None;
    for _ in 0..7 {
        assert!(matches!(refused(scene.sign_in("okafor", OKAFOR, None)), SignInError::EnrolmentNeeded { .. }));
    }
    scene.by_code("okafor", OKAFOR, &code).unwrap();
    // A wrong password does, at the fifth, for a name that is known and one that is not.
    for name in ["okafor", "nobody at all"] {
        for _ in 0..5 {
            assert!(matches!(refused(scene.sign_in(name, "no lamps at all", None)), SignInError::Refused));
        }
        let asked = scene.directory.asked.lock().unwrap().len();
        assert!(matches!(refused(scene.sign_in(name, OKAFOR, None)), SignInError::LockedOut { .. }), "{name}");
        assert_eq!(scene.directory.asked.lock().unwrap().len(), asked, "a locked name was asked about");
    }
}

#[test]
fn another_role_there_is_noted_once_and_a_lost_one_shuts_out() {
    let scene = Scene::new();
    let (id, code) = scene.add("okafor", Role::Clinician);
    scene.by_code("okafor", OKAFOR, &code).unwrap();
    let folder = scene.dir.path().join("audit");
    let there = || {
        let vault = scene.vault();
        role_in_directory(&scene.log, &folder, vault.account(id).unwrap()).unwrap()
    };
    let noted = || {
        let filter = Filter { event_type: Some("directory_role".to_owned()), limit: 50, ..Filter::default() };
        lines(&folder, &filter).unwrap().lines.len()
    };
    assert_eq!((there(), noted()), (Role::Clinician, 0));
    scene.directory.put("okafor", OKAFOR, &[Role::Researcher, Role::Clinician]);
    for _ in 0..2 {
        assert_eq!(scene.sign_in("okafor", OKAFOR, None).unwrap().role(), Role::Clinician);
    }
    assert_eq!((there(), noted()), (Role::Researcher, 1));
    scene.directory.put("okafor", OKAFOR, &[Role::Researcher]);
    assert!(matches!(refused(scene.sign_in("okafor", OKAFOR, None)), SignInError::RoleChanged));
    scene.edit(|edit| edit.set_role(id, Role::Researcher).unwrap());
    assert_eq!(scene.sign_in("okafor", OKAFOR, None).unwrap().role(), Role::Researcher);
    // Back again: that is a change as well.
    scene.directory.put("okafor", OKAFOR, &[Role::Clinician, Role::Researcher]);
    scene.sign_in("okafor", OKAFOR, None).unwrap();
    assert_eq!((there(), noted()), (Role::Clinician, 2));
}

#[test]
fn a_disabled_account_stays_out_whatever_the_directory_says() {
    let scene = Scene::new();
    let (id, code) = scene.add("okafor", Role::Clinician);
    scene.by_code("okafor", OKAFOR, &code).unwrap();
    scene.edit(|edit| edit.set_disabled(id, true).unwrap());
    assert!(matches!(refused(scene.sign_in("okafor", OKAFOR, None)), SignInError::Refused));
    scene.directory.put("okafor", NEWER, &[Role::Clinician]);
    assert!(matches!(refused(scene.by_previous(NEWER, OKAFOR)), SignInError::Refused));
}

#[test]
fn a_slot_put_back_is_not_made_the_newest_by_a_code_or_an_older_password() {
    let scene = Scene::new();
    let (id, code) = scene.add("okafor", Role::Clinician);
    let slot = scene.vault_folder().join("slots").join(id.to_string());
    let under_the_code = std::fs::read(&slot).unwrap();
    scene.by_code("okafor", OKAFOR, &code).unwrap();
    let under_the_first = std::fs::read(&slot).unwrap();
    scene.directory.put("okafor", NEWER, &[Role::Clinician]);
    scene.by_previous(NEWER, OKAFOR).unwrap();
    let newest = std::fs::read(&slot).unwrap();
    std::fs::write(&slot, &under_the_code).unwrap();
    assert!(matches!(refused(scene.by_code("okafor", NEWER, &code)), SignInError::KeysPutBack(_)));
    std::fs::write(&slot, &under_the_first).unwrap();
    assert!(matches!(refused(scene.by_previous(NEWER, OKAFOR)), SignInError::KeysPutBack(_)));
    std::fs::write(&slot, &newest).unwrap();
    scene.sign_in("okafor", NEWER, None).unwrap();
}
