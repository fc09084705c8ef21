//! A slot put back: the old password opens it, and nobody is let in with it. And whose record an act was about.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "common/repeatable.rs"]
mod repeatable;

use cloister_access::{
    Facts, FactsError, Gate, ReadEncounter, Relation, Session, SignIn, SignInError, Target, intend, record_number,
    settled,
};
use cloister_audit::{AuditLog, Environment, Filter, Watch, lines};
use cloister_domain::{Actor, Clock, EncounterId, UserId, code};
use cloister_vault::{Argon2Cost, LockedVault, NewVault, PasswordRule, PlannedChange, VaultFolder};
use repeatable::{Counting, Ticking};
use secrecy::SecretString;
use std::{cell::RefCell, fs, path::PathBuf, sync::Arc};

struct Scene {
    dir: tempfile::TempDir,
    log: Arc<AuditLog>,
    clock: Arc<Ticking>,
    entropy: Arc<Counting>,
}

const OLD: &str = "nine grey herons at dawn";
const NEW: &str = "eleven white egrets at dusk";

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (clock, entropy) = (Arc::new(Ticking::new()), Arc::new(Counting::new()));
        let env = Environment { clock: clock.clone(), entropy: entropy.clone(), host: "ward".to_owned() };
        let (log, _) = AuditLog::create(&dir.path().join("audit"), &env).unwrap();
        let scene = Self { dir, log: Arc::new(log), clock, entropy };
        let password = PasswordRule { min_length: 12 }.check(&SecretString::from(OLD), "ada").unwrap();
        let policy = cloister_access::Policy::default().to_document().unwrap();
        let new = NewVault { admin_name: "ada", password: &password, policy, cost: Argon2Cost::FLOOR };
        scene.recorded(|record| {
            VaultFolder::at(scene.vault_folder()).create(new, &*scene.clock, &*scene.entropy, record).map(|_| ())
        });
        scene
    }

    /// A change with the log told before and after.
    fn recorded<F>(&self, change: F)
    where
        F: FnOnce(
            &dyn Fn(&PlannedChange) -> Result<(), cloister_audit::AuditError>,
        ) -> Result<(), cloister_vault::VaultError>,
    {
        let noted = RefCell::new(None);
        let record = |planned: &PlannedChange| {
            *noted.borrow_mut() = Some(planned.clone());
            intend(&self.log, &Actor::System, planned)
        };
        change(&record).unwrap();
        settled(&self.log, &Actor::System, &noted.into_inner().unwrap()).unwrap();
    }

    fn vault_folder(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn vault(&self) -> LockedVault {
        VaultFolder::at(self.vault_folder()).open().unwrap()
    }

    fn sign_in(&self, password: &str) -> Result<Session, SignInError> {
        let (vault, folder) = (self.vault(), self.dir.path().join("audit"));
        let sign_in = SignIn {
            vault: &vault,
            log: &self.log,
            log_folder: &folder,
            clock: &*self.clock,
            entropy: &*self.entropy,
            face: code!("cli"),
            directory: None,
        };
        sign_in.attempt("ada", &SecretString::from(password), None)
    }

    fn slot(&self) -> PathBuf {
        let user = self.vault().find("ada").unwrap().id.to_string();
        let slots = fs::read_dir(self.vault_folder().join("slots")).unwrap().map(|e| e.unwrap().path());
        slots.into_iter().find(|p| p.to_string_lossy().contains(&user)).unwrap()
    }

    fn change_password(&self) {
        let vault = self.vault();
        let user = vault.find("ada").unwrap().id;
        let new = PasswordRule { min_length: 12 }.check(&SecretString::from(NEW), "ada").unwrap();
        self.recorded(|record| {
            vault.change_password(user, &SecretString::from(OLD), &new, &*self.clock, &*self.entropy, record)
        });
    }
}

#[test]
fn a_slot_put_back_is_refused_with_the_password_that_opens_it() {
    let scene = Scene::new();
    scene.sign_in(OLD).unwrap();
    let old = fs::read(scene.slot()).unwrap();
    scene.change_password();
    scene.sign_in(NEW).unwrap();
    let new = fs::read(scene.slot()).unwrap();
    fs::write(scene.slot(), old).unwrap();
    for password in [OLD, NEW] {
        assert!(matches!(scene.sign_in(password), Err(SignInError::KeysPutBack(_))), "with {password}");
    }
    fs::write(scene.slot(), new).unwrap();
    scene.sign_in(NEW).unwrap();
    let folder = scene.dir.path().join("audit");
    let alerts = Watch::since(&folder, None).unwrap().look(&folder).unwrap().raised;
    assert_eq!(alerts.iter().map(|a| a.kind.code().as_str()).collect::<Vec<_>>(), ["keys_put_back", "keys_put_back"]);
}

#[test]
fn a_crash_between_intention_and_rename_locks_nobody_out() {
    let scene = Scene::new();
    scene.sign_in(OLD).unwrap();
    let old = fs::read(scene.slot()).unwrap();
    // The rename never came: what the log intended is not there, and what was there before still is.
    let vault = scene.vault();
    let user = vault.find("ada").unwrap().id;
    let new = PasswordRule { min_length: 12 }.check(&SecretString::from(NEW), "ada").unwrap();
    let record = |planned: &PlannedChange| intend(&scene.log, &Actor::System, planned);
    vault.change_password(user, &SecretString::from(OLD), &new, &*scene.clock, &*scene.entropy, record).unwrap();
    let changed = fs::read(scene.slot()).unwrap();
    fs::write(scene.slot(), old).unwrap();
    scene.sign_in(OLD).unwrap();
    // The sign-in has settled it: from now on the one that was found counts, and the other one was put there.
    fs::write(scene.slot(), changed).unwrap();
    assert!(matches!(scene.sign_in(NEW), Err(SignInError::KeysPutBack(_))));
}

/// A store with one visit, of the patient with this number.
struct OneVisit;

impl Facts for OneVisit {
    fn relation(&self, _user: UserId, _target: &Target) -> Result<Relation, FactsError> {
        Ok(Relation::Owner)
    }
    fn patient(&self, _target: &Target) -> Result<Option<String>, FactsError> {
        Ok(Some("QX 1043".to_owned()))
    }
}

#[test]
fn an_act_on_a_visit_is_found_by_the_patients_record_number_however_it_is_typed() {
    let scene = Scene::new();
    let session = scene.sign_in(OLD).unwrap();
    let visit = EncounterId::fresh(scene.clock.now(), &*scene.entropy).unwrap();
    let gate = Gate::new(Arc::clone(&scene.log), scene.clock.clone());
    let grant = gate.admit::<ReadEncounter>(&session, Target::Encounter(visit), &OneVisit).unwrap();
    gate.close(grant.admission(), cloister_domain::Outcome::Success, []).unwrap();
    let folder = scene.dir.path().join("audit");
    let about = |typed: &str| {
        let key = session.keys().pseudonym_key();
        let records = vec![key.pseudonym("patient", &record_number(typed)).unwrap().to_string()];
        lines(&folder, &Filter { records, limit: 10, ..Filter::default() }).unwrap().lines
    };
    let found = about("  qx   1043 ");
    assert_eq!(found.iter().map(|l| l.outcome.as_str()).collect::<Vec<_>>(), ["success", "attempt"]);
    assert!(
        found.iter().all(|l| l.event_type == "read" && !l.raw.to_lowercase().contains("qx")),
        "the number itself is not there"
    );
    assert_eq!(about("QX 1044"), []);
}
