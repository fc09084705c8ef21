//! Backups through the app's one door: made while the vault is in use, and put back equal or not at all.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

#[allow(dead_code)]
#[path = "../recording/bench.rs"]
mod bench;
mod cycles;
mod erased;
mod upgrade;
mod vaults;

use bench::{NAME, PASSWORD, Station};
use cloister_app::{Ports, capture::RATE, dto::ProgressDto};
use cloister_vault::RecoveryKey;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering::SeqCst},
    time::{Duration, Instant},
};
use vaults::{Chance, call_on, dump, fill, log};

/// A vault, its recovery key as printed, and room beside it.
struct Ward {
    folder: tempfile::TempDir,
    station: Station,
    paper: String,
}

impl Ward {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let station = Station::on(&folder.path().join("data"));
        let policy = json!({"sealing": "optional"});
        let made = station.call("create_vault", json!({"name": NAME, "password": PASSWORD, "policy": policy}));
        let paper = made["recovery_key"].as_str().unwrap().to_owned();
        Self { folder, station, paper }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key(&self) -> RecoveryKey {
        RecoveryKey::parse(&self.paper).unwrap()
    }

    fn backup(&self, name: &str) -> (PathBuf, Value) {
        let file = self.path(name);
        let made = call_on(&self.station.app, "create_backup", json!({}), &file).unwrap();
        (file, made)
    }

    /// Tries to restore into a new folder; the words of the refusal otherwise.
    fn restore(&self, file: &Path, to: &Path, payload: Value) -> Result<Value, (String, String)> {
        let station = Station::on(to);
        let restored = call_on(&station.app, "restore_backup", payload, file);
        station.app.close().unwrap();
        restored.map_err(|e| (e.code().to_owned(), e.to_string()))
    }

    fn with_paper(&self) -> Value {
        json!({"recovery_key": self.paper})
    }
}

#[test]
fn paper_and_file_bring_the_vault_back_on_another_machine() {
    let ward = Ward::new();
    fill(&ward.station, ward.folder.path(), &mut Chance::new(3), 0);
    let visit = ward.station.visit();
    ward.station.controls.at_most.store(u64::from(RATE) * 3, SeqCst);
    ward.station.record(&visit);
    ward.station.recorded(3.0);
    ward.station.call("stop_recording", Value::Null);
    let heard = ward.station.listen(&visit);
    let (file, made) = ward.backup("ward.backup");
    let bytes = fs::read(&file).unwrap();
    assert_eq!(made["bytes"], bytes.len());
    assert_eq!(
        fs::read_to_string(ward.path("ward.backup.sha256")).unwrap(),
        format!("{}  ward.backup\n", made["sha256"].as_str().unwrap())
    );

    let to = ward.path("elsewhere");
    let restored = ward.restore(&file, &to, ward.with_paper()).unwrap();
    assert_eq!((&restored["log"]["verdict"], &restored["sound_missing"]), (&json!("intact"), &json!(0)));
    assert_eq!((&restored["accounts"], &restored["files"]), (&json!(1), &made["files"]));
    assert_eq!(dump(&to, &ward.key()), dump(&ward.data(), &ward.key()));
    let on = Station::on(&to);
    on.sign_in();
    assert_eq!(on.listen(&visit), heard);
    assert!(to.read_dir().unwrap().all(|e| e.unwrap().file_name() != ".restoring"));
    // The log goes on where it was, and tells of both.
    let verdict = on.call("audit_verify", Value::Null);
    assert_eq!(verdict["verdict"], "intact", "{verdict}");
    assert!(verdict["rests_on"].as_array().unwrap().contains(&json!("store_head")), "{verdict}");
    let text = String::from_utf8(log(&to)).unwrap();
    for words in ["\"action\":\"create_backup\"", "\"action\":\"restore_backup\",", "\"kind\":\"restore\""] {
        assert!(text.contains(words), "{words}");
    }
    assert!(text.lines().any(|l| l.contains("restore_backup") && l.contains("\"outcome\":\"success\"")));
}

#[test]
fn an_age_identity_opens_it_and_only_an_administrator_of_the_vault_restores_with_it() {
    let ward = Ward::new();
    ward.station.call("add_user", json!({"name": "mia", "password": "harbour lanterns at two", "role": "clinician"}));
    let identity = age::x25519::Identity::generate();
    let file = ward.path("ward.backup");
    let for_it = json!({"age_recipients": [identity.to_public().to_string()]});
    call_on(&ward.station.app, "create_backup", for_it, &file).unwrap();
    let secret = {
        use age::secrecy::ExposeSecret;
        format!("# created: today\n{}\n", identity.to_string().expose_secret())
    };
    let with = |name: &str, password: &str| json!({"age_identity": secret, "name": name, "password": password});
    let to = ward.path("elsewhere");
    let alone = ward.restore(&file, &to, json!({"age_identity": secret})).unwrap_err();
    assert_eq!(alone.0, "usage");
    assert_eq!(ward.restore(&file, &to, with(NAME, "not the password")).unwrap_err().0, "bad_credentials");
    assert_eq!(ward.restore(&file, &to, with("mia", "harbour lanterns at two")).unwrap_err().0, "denied");
    assert!(!to.join("keyring.json").exists() && !to.join(".restoring").exists(), "nothing was put");
    ward.restore(&file, &to, with(NAME, PASSWORD)).unwrap();
    assert_eq!(dump(&to, &ward.key()), dump(&ward.data(), &ward.key()));

    let other = age::x25519::Identity::generate();
    let secret = {
        use age::secrecy::ExposeSecret;
        other.to_string().expose_secret().to_owned()
    };
    let refused =
        ward.restore(&file, &ward.path("third"), json!({"age_identity": secret, "name": NAME, "password": PASSWORD}));
    assert_eq!(refused.unwrap_err().0, "wrong_backup_key");
}

#[test]
fn who_restores_with_an_age_identity_gives_the_code_of_the_second_factor_too() {
    let ward = Ward::new();
    let user = ward.station.call("touch", json!({}))["user_id"].clone();
    let offered = ward.station.call("new_second_factor", json!({"user": user}));
    let secret = offered["secret"].as_str().unwrap();
    let device =
        totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(secret).unwrap()).build().unwrap();
    let code = |ahead: u64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        device.generate(now + ahead).to_string()
    };
    let set = json!({"user": user, "password": PASSWORD, "secret": secret, "code": code(0)});
    ward.station.call("enrol_second_factor", set);
    let identity = age::x25519::Identity::generate();
    let file = ward.path("ward.backup");
    let for_it = json!({"age_recipients": [identity.to_public().to_string()]});
    call_on(&ward.station.app, "create_backup", for_it, &file).unwrap();
    let secret = {
        use age::secrecy::ExposeSecret;
        identity.to_string().expose_secret().to_owned()
    };
    let with = |code: Option<&str>| json!({"age_identity": secret, "name": NAME, "password": PASSWORD, "code": code});
    let to = ward.path("elsewhere");
    assert_eq!(ward.restore(&file, &to, with(None)).unwrap_err().0, "code_needed");
    assert_eq!(ward.restore(&file, &to, with(Some("not a code"))).unwrap_err().0, "bad_credentials");
    assert!(!to.join("keyring.json").exists() && !to.join(".restoring").exists(), "nothing was put");
    // A step ahead: the one of now was taken when it was set up.
    ward.restore(&file, &to, with(Some(&code(30)))).unwrap();
    let text = String::from_utf8(log(&to)).unwrap();
    let given = |l: &&str| l.contains("\"event_type\":\"step_up\"") && l.contains("\"second_factor\":\"totp\"");
    assert_eq!(text.lines().filter(given).count(), 1, "the log tells of it");
}

#[test]
fn a_folder_that_holds_anything_stays_as_it_is() {
    let ward = Ward::new();
    let (file, _) = ward.backup("ward.backup");
    let before = dump(&ward.data(), &ward.key());
    assert_eq!(ward.restore(&file, &ward.data(), ward.with_paper()).unwrap_err().0, "vault_exists");
    assert_eq!(dump(&ward.data(), &ward.key()), before);
    let used = ward.path("used");
    fs::create_dir(&used).unwrap();
    fs::write(used.join("letter.txt"), "mine").unwrap();
    let (code, words) = ward.restore(&file, &used, ward.with_paper()).unwrap_err();
    assert!(code == "folder_in_use" && words.contains("choose a new folder"), "{code}: {words}");
    assert_eq!(fs::read_dir(&used).unwrap().count(), 1);
    // A restore that was killed leaves its folder, which the next one takes away.
    let killed = ward.path("killed");
    fs::create_dir_all(killed.join(".restoring/slots")).unwrap();
    fs::write(killed.join(".restoring/slots/half"), "half").unwrap();
    ward.restore(&file, &killed, ward.with_paper()).unwrap();
    assert_eq!(dump(&killed, &ward.key()), before);
}

#[test]
fn a_backup_during_a_recording_keeps_what_was_said_so_far() {
    let ward = Ward::new();
    let visit = ward.station.visit();
    ward.station.record(&visit);
    ward.station.recorded(2.2);
    let (file, _) = ward.backup("ward.backup");
    ward.station.recorded(3.5);
    ward.station.call("stop_recording", Value::Null);
    let all = ward.station.listen(&visit);
    let to = ward.path("elsewhere");
    ward.restore(&file, &to, ward.with_paper()).unwrap();
    let on = Station::on(&to);
    on.sign_in();
    let heard = on.listen(&visit);
    assert!(heard.len() >= 2 * RATE as usize, "{} samples", heard.len());
    assert_eq!(heard[..], all[..heard.len()]);
    assert_eq!(on.call("audit_verify", Value::Null)["verdict"], "intact");
}

#[test]
fn a_look_over_a_backup_needs_no_key_where_the_log_tells_of_it() {
    let ward = Ward::new();
    let (file, made) = ward.backup("ward.backup");
    let look = |app: &Station, payload: Value, file: &Path| call_on(&app.app, "verify_backup", payload, file);
    let found = look(&ward.station, json!({}), &file).unwrap();
    assert_eq!((&found["verdict"], &found["sha256"]), (&json!("unchanged"), &made["sha256"]));
    assert!(found["line"].as_u64().unwrap() > 0 && found["files"].is_null());
    let found = look(&ward.station, ward.with_paper(), &file).unwrap();
    assert_eq!((&found["verdict"], &found["files"]), (&json!("whole"), &made["files"]));
    let elsewhere = Station::on(&ward.path("none"));
    assert_eq!(look(&elsewhere, json!({}), &file).unwrap()["verdict"], "unknown");
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.len() - 40;
    bytes[at] ^= 4;
    fs::write(&file, bytes).unwrap();
    assert_eq!(look(&ward.station, json!({}), &file).unwrap()["verdict"], "unknown");
    let (code, words) =
        look(&ward.station, ward.with_paper(), &file).map_err(|e| (e.code(), e.to_string())).unwrap_err();
    assert!(code == "backup_refused" && words.contains("take an earlier backup"), "{code}: {words}");
    // Who is no administrator makes none.
    ward.station.call("add_user", json!({"name": "mia", "password": "harbour lanterns at two", "role": "clinician"}));
    ward.station.call("sign_out", Value::Null);
    ward.station.call("sign_in", json!({"name": "mia", "password": "harbour lanterns at two"}));
    let denied = call_on(&ward.station.app, "create_backup", json!({}), &ward.path("mias.backup")).unwrap_err();
    assert_eq!(denied.code(), "denied");
    assert!(!ward.path("mias.backup").exists());
}

/// Stops at a stage of the work.
struct Stopping<'a> {
    file: PathBuf,
    at: &'static str,
    app: &'a Station,
    seen: AtomicU64,
}

impl Ports for Stopping<'_> {
    fn progress(&self, p: ProgressDto) {
        if p.stage == self.at {
            self.seen.fetch_add(1, SeqCst);
            self.app.call("cancel_job", Value::Null);
        }
    }
    fn open_file(&self, _: &str) -> Option<PathBuf> {
        Some(self.file.clone())
    }
    fn save_file(&self, _: &str) -> Option<PathBuf> {
        Some(self.file.clone())
    }
}

#[test]
fn what_is_stopped_leaves_nothing_that_looks_whole() {
    let ward = Ward::new();
    let out = ward.path("out");
    fs::create_dir(&out).unwrap();
    for at in ["saving", "reading_back"] {
        let ports = Stopping { file: out.join("ward.backup"), at, app: &ward.station, seen: AtomicU64::new(0) };
        let stopped = ward.station.app.call("create_backup", json!({}), &ports).unwrap_err();
        assert_eq!((stopped.code(), ports.seen.load(SeqCst) > 0), ("cancelled", true), "{at}");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 0, "{at}");
    }
    // One that is there stays until the new one is whole.
    let file = out.join("ward.backup");
    call_on(&ward.station.app, "create_backup", json!({}), &file).unwrap();
    let first = fs::read(&file).unwrap();
    let ports = Stopping { file: file.clone(), at: "reading_back", app: &ward.station, seen: AtomicU64::new(0) };
    ward.station.app.call("create_backup", json!({}), &ports).unwrap_err();
    assert_eq!(fs::read(&file).unwrap(), first);
    let to = ward.path("elsewhere");
    let station = Station::on(&to);
    let ports = Stopping { file, at: "restoring", app: &station, seen: AtomicU64::new(0) };
    let stopped = station.app.call("restore_backup", ward.with_paper(), &ports).unwrap_err();
    assert_eq!(stopped.code(), "cancelled");
    assert!(!to.join("keyring.json").exists() && !to.join(".restoring").exists());
    // Nothing is left on the vault's own disk either.
    let names: Vec<_> = fs::read_dir(ward.data()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(names.iter().all(|n| !n.to_string_lossy().starts_with('.')), "{names:?}");
}

#[test]
fn a_damaged_database_is_found_before_it_goes_into_a_backup() {
    let ward = Ward::new();
    for turn in 0..4 {
        fill(&ward.station, ward.folder.path(), &mut Chance::new(turn + 40), turn);
    }
    ward.station.app.close().unwrap();
    let path = ward.data().join("research.db");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.len() - 2_000;
    bytes[at] ^= 1;
    fs::write(&path, bytes).unwrap();
    ward.station.sign_in();
    let refused = call_on(&ward.station.app, "create_backup", json!({}), &ward.path("ward.backup")).unwrap_err();
    assert_eq!(refused.code(), "store_failed");
    assert!(refused.to_string().contains("research.db is damaged"), "{refused}");
}

#[test]
fn as_the_policy_says_without_anybody_signed_in() {
    let ward = Ward::new();
    let scheduled = |station: &Station| station.attempt("scheduled_backup", json!({}));
    assert_eq!(scheduled(&ward.station).unwrap_err().code(), "usage");
    let folder = ward.path("nightly");
    let set = |key: &str, value: &str| ward.station.call("set_policy", json!({"key": key, "value": value}));
    set("backup_folder", &folder.to_string_lossy());
    set("backup_keep", "2");
    assert_eq!(
        ward.station.refused("set_policy", json!({"key": "backup_age_recipients", "value": "age1nonsense"})),
        "usage"
    );
    ward.station.app.close().unwrap();

    let timer = Station::on(&ward.data());
    let gone = scheduled(&timer).unwrap_err();
    assert_eq!(gone.code(), "output_failed", "a disk that is not there is not made");
    assert!(!folder.exists());
    fs::create_dir(&folder).unwrap();
    let stale = folder.join("not-ours.partial");
    fs::write(&stale, "x").unwrap();
    let mut files = Vec::new();
    for turn in 0..3 {
        let made = scheduled(&timer).unwrap();
        files.push(PathBuf::from(made["file"].as_str().unwrap()));
        assert_eq!(made["expired"], u64::from(turn == 2));
        // The moment is in the name, to the second.
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(1_050) {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    assert!(!files[0].exists() && files[1].exists() && files[2].exists() && stale.exists());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 5, "two backups with their digests, and what is not ours");
    timer.app.close().unwrap();
    let text = String::from_utf8(log(&ward.data())).unwrap();
    assert_eq!(text.lines().filter(|l| l.contains("scheduled_backup") && l.contains("\"expire\"")).count(), 1);
    assert_eq!(text.lines().filter(|l| l.contains("scheduled_backup") && l.contains("\"failure\"")).count(), 1);

    let to = ward.path("elsewhere");
    ward.restore(&files[2], &to, ward.with_paper()).unwrap();
    assert_eq!(dump(&to, &ward.key()), dump(&ward.data(), &ward.key()));
    let again = Station::on(&ward.data());
    again.sign_in();
    let plan = again.call("backup_plan", json!({}));
    assert_eq!((&plan["reachable"], &plan["due"]), (&json!(true), &json!(false)));
    assert_eq!(plan["kept"].as_array().unwrap().len(), 2);
}
