//! What a thousand accounts cost, beside ten: signing in beyond the password's own time, the lists of people, what the
//! window asks every second, an account more, and the keyring's size.
//!
//! `cargo run --profile ci -p cloister-app --example people -- [ACCOUNTS]`
//!
//! Most accounts are of a directory, whose keys lie under codes and cost no password's work; who signs in are a local
//! administrator and the newest person. A password's own time is taken off each sign-in. Says where an act of a thousand can be
//! felt: more than 100 ms above the same of ten.

#![allow(clippy::print_stdout, reason = "a table for a person")]

use cloister_access::{intend, settled};
use cloister_app::{App, AppOptions, Face, NoPorts, Paths, SealOptions, SystemClock, SystemEntropy, SystemSound, seal};
use cloister_audit::{AuditLog, Environment};
use cloister_domain::{Actor, Clock, Role, Timestamp};
use cloister_vault::VaultFolder;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const PASSWORD: &str = "nine grey herons at dawn";
const ROLES: [Role; 4] = [Role::Clinician, Role::Researcher, Role::Viewer, Role::Auditor];
const ROUNDS: usize = 15;
/// What nobody feels.
const FELT: Duration = Duration::from_millis(100);

/// The machine's clock, but for the moment in which a new vault measures what a guess costs: then a second passes between
/// two looks, and the least cost is taken.
#[derive(Default)]
struct Hasty {
    look_ms: AtomicU64,
    ahead_ms: AtomicU64,
}

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }
    fn boottime_ms(&self) -> u64 {
        SystemClock.boottime_ms() + self.ahead_ms.fetch_add(self.look_ms.load(Ordering::Relaxed), Ordering::Relaxed)
    }
    fn boot_id(&self) -> String {
        SystemClock.boot_id()
    }
}

/// A vault with so many accounts.
struct House {
    folder: tempfile::TempDir,
    clock: Arc<Hasty>,
    app: App,
    people: usize,
}

impl House {
    fn of(people: usize, report: &cloister_app::SealReport) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(Hasty::default());
        let options = AppOptions {
            paths: Paths {
                data: folder.path().join("data"),
                models: folder.path().join("models"),
                engine: "no-engine".into(),
                directory: "no-directory".into(),
                institution: folder.path().join("none"),
            },
            face: Face::Desktop,
            threads: 1,
            device: "cpu".into(),
            seal: report.clone(),
            clock: Arc::<Hasty>::clone(&clock),
            entropy: Arc::new(SystemEntropy),
            sound: Arc::new(SystemSound),
            directory: Default::default(),
        };
        let house = Self { app: App::start(options)?, folder, clock, people };
        house.clock.look_ms.store(1000, Ordering::Relaxed);
        let policy = json!({"sealing": "optional", "session_timeout_minutes": "60"});
        house.call("create_vault", json!({"name": "ada", "password": PASSWORD, "policy": policy}))?;
        house.clock.look_ms.store(0, Ordering::Relaxed);
        house.fill(people - 2)?;
        house.add(people - 1)?;
        Ok(house)
    }

    /// So many accounts of a directory, in one version of the keyring.
    fn fill(&self, count: usize) -> Result<()> {
        self.call("sign_out", json!({}))?;
        let (clock, entropy) = (SystemClock, SystemEntropy);
        let env = Environment { clock: Arc::new(clock), entropy: Arc::new(entropy), host: "people".to_owned() };
        let log = AuditLog::open(&self.data().join("audit"), &env)?;
        let mut vault = VaultFolder::at(self.data()).open()?;
        let keys = vault.unlock_by_name("ada", &SecretString::from(PASSWORD))?;
        let mut edit = vault.edit(&keys, &clock, &entropy)?;
        for n in 0..count {
            let (name, role) = (format!("person of the directory {n}"), ROLES[n % ROLES.len()]);
            edit.add_directory_account(&name, role, Timestamp::from_millis(i64::from(u32::MAX) * 1000))?;
        }
        let mut planned = None;
        edit.commit(|change| {
            planned = Some(change.clone());
            intend(&log, &Actor::System, change)
        })?;
        settled(&log, &Actor::System, &planned.ok_or("nothing was planned")?)?;
        self.call("sign_in", json!({"name": "ada", "password": PASSWORD}))?;
        Ok(())
    }

    fn call(&self, name: &str, payload: Value) -> Result<Value> {
        self.app.call(name, payload, &NoPorts).map_err(|e| format!("{name}: {e}").into())
    }

    fn add(&self, n: usize) -> Result<()> {
        let role = ROLES[n % ROLES.len()].to_string();
        self.call("add_user", json!({"name": format!("person {n}"), "role": role, "password": PASSWORD}))?;
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The password's own time: one guess at the administrator's slot, the keyring read beforehand.
    fn guess(&self) -> Result<Duration> {
        let vault = VaultFolder::at(self.data()).open()?;
        let begun = Instant::now();
        vault.unlock_by_name("ada", &SecretString::from(PASSWORD))?;
        Ok(begun.elapsed())
    }

    fn signed_in(&self, name: &str) -> Result<Duration> {
        self.call("sign_out", json!({}))?;
        let begun = Instant::now();
        self.call("sign_in", json!({"name": name, "password": PASSWORD}))?;
        Ok(begun.elapsed())
    }

    fn timed(&self, name: &str) -> Result<Duration> {
        let begun = Instant::now();
        self.call(name, json!({}))?;
        Ok(begun.elapsed())
    }
}

fn median(mut of: Vec<Duration>) -> Duration {
    of.sort_unstable();
    of[of.len() / 2]
}

/// What is measured, of both vaults in turn.
type Act = (&'static str, fn(&House) -> Result<Duration>);

const ACTS: [Act; 5] = [
    ("sign-in beyond the password", |house| {
        // The newest person: behind everybody else in whatever is gone through.
        let entered = house.signed_in(&format!("person {}", house.people - 1))?;
        Ok(entered.saturating_sub(house.guess()?))
    }),
    ("refusal of an unknown name beyond the password", |house| {
        house.call("sign_out", json!({}))?;
        let begun = Instant::now();
        // Another name each time: the same one would be locked out.
        let name = format!("nobody {:?}", Instant::now());
        let refused = house.app.call("sign_in", json!({"name": name, "password": PASSWORD}), &NoPorts);
        let took = begun.elapsed();
        if refused.is_ok() {
            return Err("a name that nobody has got in".into());
        }
        Ok(took.saturating_sub(house.guess()?))
    }),
    ("status, asked every few seconds", |house| {
        house.signed_in("ada")?;
        house.timed("status")
    }),
    ("the list of people", |house| house.timed("list_users")),
    ("the access review", |house| house.timed("review_access")),
];

fn main() -> Result<()> {
    let many = std::env::args().nth(1).map_or(Ok(1000), |n| n.parse())?;
    let report = seal(SealOptions::face());
    let few = House::of(10, &report)?;
    let begun = Instant::now();
    let house = House::of(many, &report)?;
    println!("{many} accounts made in {:.1} s; medians of {ROUNDS}, milliseconds", begun.elapsed().as_secs_f64());
    println!("{:48} {:>9} {:>9} {:>7}", "", 10, many, "ratio");
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    let mut felt = false;
    let mut row = |what: &str, ten: Duration, thousand: Duration| {
        felt |= thousand.saturating_sub(ten) > FELT;
        println!("{what:48} {:>9.1} {:>9.1} {:>7.1}", ms(ten), ms(thousand), ms(thousand) / ms(ten));
    };
    for (what, act) in ACTS {
        let (mut ten, mut thousand) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ten.push(act(&few)?);
            thousand.push(act(&house)?);
        }
        row(what, median(ten), median(thousand));
    }
    let (mut ten, mut thousand) = (Vec::new(), Vec::new());
    for n in 0..5 {
        for (house, took) in [(&few, &mut ten), (&house, &mut thousand)] {
            let begun = Instant::now();
            house.add(house.people + n)?;
            took.push(begun.elapsed().saturating_sub(house.guess()?));
        }
    }
    row("an account more beyond the password", median(ten), median(thousand));
    println!("the password itself {:.0}", ms(few.guess()?));
    let size = |house: &House| fs::metadata(house.data().join("keyring.json")).map(|m| m.len());
    let (ten, thousand) = (size(&few)?, size(&house)?);
    println!("keyring.json {ten} and {thousand} bytes, {} an account", thousand / (many as u64 + 5));
    println!("{}", if felt { "some of that can be felt" } else { "nothing of that can be felt" });
    Ok(())
}
