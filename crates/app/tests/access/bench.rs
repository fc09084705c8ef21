//! An app over a vault of its own, with a clock that a test can turn, and people who all have one password.

use cloister_app::{
    App, AppError, AppOptions, Face, Paths, Ports, SealOptions, SealReport, SystemEntropy, SystemSound,
    dto::ProgressDto,
};
use cloister_domain::{Clock, Timestamp};
use cloister_vault::{LockedVault, UnlockedKeys, VaultError, VaultFolder};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};
use totp_rs::{Builder, Secret, Totp};

pub(crate) const PASSWORD: &str = "nine grey herons at dawn";

static SEAL: OnceLock<SealReport> = OnceLock::new();

/// A clock that stands still unless it is turned.
struct Turned {
    wall_ms: AtomicI64,
    boot_ms: AtomicU64,
    boots: AtomicU64,
    /// What each look at it takes.
    look_ms: AtomicU64,
}

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.wall_ms.load(Ordering::Relaxed))
    }
    fn boottime_ms(&self) -> u64 {
        self.boot_ms.fetch_add(self.look_ms.load(Ordering::Relaxed), Ordering::Relaxed)
    }
    fn boot_id(&self) -> String {
        format!("boot-{}", self.boots.load(Ordering::Relaxed))
    }
}

pub(crate) struct Bench {
    app: App,
    clock: Arc<Turned>,
    folder: tempfile::TempDir,
}

/// A file that an export may take.
struct To(PathBuf);

impl Ports for To {
    fn progress(&self, _: ProgressDto) {}
    fn open_file(&self, _: &str) -> Option<PathBuf> {
        None
    }
    fn save_file(&self, _: &str) -> Option<PathBuf> {
        Some(self.0.clone())
    }
}

fn options(data: PathBuf, face: Face, clock: Arc<Turned>) -> AppOptions {
    AppOptions {
        paths: Paths {
            data: data.clone(),
            models: data.join("models"),
            engine: data.join("no-engine"),
            directory: "no-directory".into(),
            institution: data.with_file_name("institution"),
        },
        face,
        threads: 1,
        device: "cpu".into(),
        clock,
        entropy: Arc::new(SystemEntropy),
        seal: SEAL.get_or_init(|| cloister_app::seal(SealOptions::face())).clone(),
        sound: Arc::new(SystemSound),
        directory: Default::default(),
    }
}

impl Bench {
    pub(crate) fn new(face: Face) -> Self {
        Self::preset(face, "")
    }

    /// On a workstation whose institution sets this for new vaults.
    pub(crate) fn preset(face: Face, policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(folder.path().join("institution")).unwrap();
        std::fs::write(folder.path().join("institution/policy.toml"), policy).unwrap();
        let clock = Arc::new(Turned {
            wall_ms: AtomicI64::new(1_795_000_000_000),
            boot_ms: AtomicU64::new(3_600_000),
            boots: AtomicU64::new(1),
            // A vault calibrates what a guess costs: the least that it may.
            look_ms: AtomicU64::new(1_000),
        });
        let app = App::start(options(data, face, Arc::clone(&clock))).unwrap();
        let bench = Self { app, clock, folder };
        let policy = json!({"sealing": "optional", "session_timeout_minutes": "60"});
        bench.call("create_vault", json!({"name": "ada", "password": PASSWORD, "policy": policy}));
        bench.clock.look_ms.store(1, Ordering::Relaxed);
        bench
    }

    pub(crate) fn attempt(&self, name: &str, payload: Value) -> Result<Value, AppError> {
        self.app.call(name, payload, &To(self.folder.path().join("exported")))
    }

    pub(crate) fn call(&self, name: &str, payload: Value) -> Value {
        self.attempt(name, payload).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub(crate) fn refused(&self, name: &str, payload: Value) -> &'static str {
        self.attempt(name, payload).map(|_| ()).unwrap_err().code()
    }

    /// Time passes.
    pub(crate) fn pass(&self, ms: u64) {
        self.clock.boot_ms.fetch_add(ms, Ordering::Relaxed);
        self.clock.wall_ms.fetch_add(i64::try_from(ms).unwrap(), Ordering::Relaxed);
    }

    /// Somebody sets the wall clock back.
    pub(crate) fn set_back(&self, ms: u64) {
        self.clock.wall_ms.fetch_sub(i64::try_from(ms).unwrap(), Ordering::Relaxed);
    }

    /// Another boot, a minute old.
    pub(crate) fn reboot(&self) {
        self.clock.boots.fetch_add(1, Ordering::Relaxed);
        self.sign_out();
        self.pass(60_000);
        self.clock.boot_ms.store(60_000, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, name: &str, role: &str) {
        self.call("add_user", json!({"name": name, "role": role, "password": PASSWORD}));
    }

    pub(crate) fn sign_out(&self) {
        self.call("sign_out", json!({}));
    }

    pub(crate) fn sign_in(&self, name: &str, code: Option<&str>) {
        self.call("sign_in", json!({"name": name, "password": PASSWORD, "code": code}));
    }

    pub(crate) fn refused_sign_in(&self, name: &str, code: Option<&str>) -> &'static str {
        self.refused("sign_in", json!({"name": name, "password": PASSWORD, "code": code}))
    }

    /// Somebody else comes to the workstation.
    pub(crate) fn enter(&self, name: &str) {
        self.sign_out();
        self.sign_in(name, None);
    }

    /// A visit of who is signed in.
    pub(crate) fn visit(&self, number: &str) -> String {
        let made = self.call("create_encounter", json!({"title": number}));
        made["encounter"]["id"].as_str().unwrap().to_owned()
    }

    /// What somebody could copy while they were in office.
    pub(crate) fn keys_of(&self, name: &str) -> UnlockedKeys {
        self.vault().unlock_by_name(name, &SecretString::from(PASSWORD)).unwrap()
    }

    fn vault(&self) -> LockedVault {
        VaultFolder::at(self.data()).open().unwrap()
    }

    pub(crate) fn database_key_with(&self, keys: &UnlockedKeys) -> Result<String, VaultError> {
        Ok(self.vault().database_key(keys.visits().unwrap())?.with_hex(str::to_owned))
    }

    pub(crate) fn raw_database_key(&self, keys: &UnlockedKeys) -> String {
        self.database_key_with(keys).unwrap()
    }

    /// Whether a database opens with a raw key.
    pub(crate) fn opens(&self, name: &str, hex: &str) -> bool {
        let db = rusqlite::Connection::open(self.data().join(name)).unwrap();
        db.execute_batch(&format!("PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{hex}'\";")).unwrap();
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get::<_, i64>(0)).is_ok()
    }

    /// A second process on the same vault, as good as.
    pub(crate) fn another_app(&self) -> App {
        App::start(options(self.data(), Face::Cli, Arc::clone(&self.clock))).unwrap()
    }

    /// Files of the vault with this in their names.
    pub(crate) fn files_like(&self, part: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.data()).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).filter(|n| n.contains(part)).collect()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Sets up a second factor for who is signed in.
    pub(crate) fn enrol(&self) -> Device {
        let user = self.call("touch", json!({}))["user_id"].clone();
        let offered = self.call("new_second_factor", json!({"user": user}));
        let secret = offered["secret"].as_str().unwrap().to_owned();
        let device = Device(Builder::new().with_secret(Secret::try_from_base32(&secret).unwrap()).build().unwrap());
        let payload = json!({"user": user, "password": PASSWORD, "secret": secret, "code": device.code(self)});
        self.call("enrol_second_factor", payload);
        device
    }
}

/// An authenticator.
pub(crate) struct Device(Totp);

impl Device {
    /// The code of this moment.
    pub(crate) fn code(&self, bench: &Bench) -> String {
        let seconds = bench.clock.wall_ms.load(Ordering::Relaxed) / 1000;
        self.0.generate(u64::try_from(seconds).unwrap()).to_string()
    }
}
