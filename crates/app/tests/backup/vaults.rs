//! Vaults with content made up by the dozen, and what is in one, row by row.

use crate::bench::Station;
use cloister_app::{App, AppError, Ports, dto::ProgressDto};
use cloister_vault::{DatabaseKey, DatabaseKind, RecoveryKey, VaultFolder};
use rusqlite::{Connection, types::ValueRef};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// A generator that repeats itself: xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift
/// generators, scrambled", ACM TOMS 2016).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % n
    }

    pub(crate) fn words(&mut self) -> String {
        let n = 1 + self.below(40);
        (0..n).map(|_| ["calm", "cough", "nodule", "left", "lung", "mild", "no fever"][self.below(7) as usize]).fold(
            String::new(),
            |mut text, word| {
                let _ = write!(text, "{word} {} ", text.len());
                text
            },
        )
    }
}

/// One file for whoever asks.
pub(crate) struct Files(pub(crate) PathBuf);

impl Ports for Files {
    fn progress(&self, _: ProgressDto) {}
    fn open_file(&self, _: &str) -> Option<PathBuf> {
        Some(self.0.clone())
    }
    fn save_file(&self, _: &str) -> Option<PathBuf> {
        Some(self.0.clone())
    }
}

pub(crate) fn call_on(app: &App, name: &str, payload: Value, file: &Path) -> Result<Value, AppError> {
    app.call(name, payload, &Files(file.to_owned()))
}

/// Adds visits, datasets and settings of no particular meaning.
pub(crate) fn fill(station: &Station, scratch: &Path, chance: &mut Chance, turn: u64) {
    for _ in 0..chance.below(4) {
        let title = format!("{} {:.80}", chance.below(10_000), chance.words());
        let purpose = format!("{:.80}", chance.words());
        station.call("create_encounter", json!({"title": title.trim(), "purpose": purpose.trim()}));
    }
    if chance.below(2) == 0 {
        let rows: String = (0..1 + chance.below(60)).fold(String::new(), |mut rows, i| {
            let _ = writeln!(rows, "{}", json!({"id": format!("{turn}-{i}"), "text": chance.words()}));
            rows
        });
        let file = scratch.join(format!("{turn}.jsonl"));
        fs::write(&file, rows).unwrap();
        call_on(&station.app, "import_dataset", json!({"name": format!("set {turn}")}), &file).unwrap();
    }
    if chance.below(4) == 0 {
        let minutes = 1 + chance.below(60);
        station.call("set_policy", json!({"key": "session_timeout_minutes", "value": minutes.to_string()}));
    }
}

/// Everything that a vault holds: each row of each table, each recorded file, keyring and slots.
pub(crate) fn dump(data: &Path, key: &RecoveryKey) -> BTreeMap<String, String> {
    let vault = VaultFolder::at(data).open().unwrap();
    let keys = vault.unlock_with_recovery_key(key).unwrap();
    let mut out = BTreeMap::new();
    tables(data, "visits.db", &vault.database_key(keys.visits().unwrap()).unwrap(), &mut out);
    tables(data, "research.db", &vault.database_key(keys.research().unwrap()).unwrap(), &mut out);
    tables(data, "library.db", &keys.pseudonym_key().library_database_key().unwrap(), &mut out);
    for folder in ["recordings", "slots"] {
        files(data, &data.join(folder), &mut out);
    }
    out.insert("keyring.json".into(), digest(&fs::read(data.join("keyring.json")).unwrap()));
    out
}

fn tables<S: DatabaseKind>(data: &Path, name: &str, key: &DatabaseKey<S>, out: &mut BTreeMap<String, String>) {
    let db = Connection::open(data.join(name)).unwrap();
    key.with_hex(|hex| {
        db.execute_batch(&format!("PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{hex}'\";")).unwrap();
    });
    let mut statement = db.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").unwrap();
    let schema: Vec<(String, String)> =
        statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
    for (table, sql) in schema {
        out.insert(format!("{name} {table} as made"), sql.clone());
        if !sql.starts_with("CREATE TABLE") {
            continue;
        }
        let mut rows = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = rows.column_count();
        let mut lines = Vec::new();
        let mut found = rows.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let cells = (0..columns).map(|i| match row.get_ref(i).unwrap() {
                ValueRef::Blob(bytes) => digest(bytes),
                other => format!("{other:?}"),
            });
            lines.push(cells.collect::<Vec<_>>().join("|"));
        }
        lines.sort();
        out.insert(format!("{name} {table}"), lines.join("\n"));
    }
}

fn files(data: &Path, folder: &Path, out: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(data, &path, out);
        } else {
            let name = path.strip_prefix(data).unwrap().to_string_lossy().into_owned();
            out.insert(name, digest(&fs::read(&path).unwrap()));
        }
    }
}

/// The log's lines, from the oldest.
pub(crate) fn log(data: &Path) -> Vec<u8> {
    let mut files: Vec<_> = fs::read_dir(data.join("audit"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    files.iter().flat_map(|f| fs::read(f).unwrap()).collect()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
