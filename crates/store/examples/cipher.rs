//! What encryption costs: the store's own tables and settings in SQLCipher, and the same in plain SQLite, in turn.
//!
//! `cargo run --profile ci -p cloister-store --example cipher -- [ROWS] [ROUNDS]`: prints the median of each round's
//! ratio. `with memory security` also overwrites what SQLCipher frees; the programs do that for all memory (crates/seal).

#![allow(clippy::print_stdout, reason = "a table for a person")]

use anyhow::{Context, Result};
use cloister_domain::{BatchId, Clock, DatasetId, DocumentId, Entropy, Timestamp};
use cloister_store::SETTINGS;
use rusqlite::{Connection, params};
use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::Path,
    time::{Duration, Instant},
};

/// Words of the made-up reports.
const WORDS: [&str; 24] = [
    "the", "left", "lung", "shows", "no", "nodule", "heart", "size", "normal", "effusion", "pleural", "of", "patient",
    "reports", "pain", "since", "days", "and", "takes", "aspirin", "mild", "oedema", "without", "fracture",
];

struct Machine;

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_000_000_000)
    }
    fn boottime_ms(&self) -> u64 {
        0
    }
    fn boot_id(&self) -> String {
        String::new()
    }
}

impl Entropy for Machine {
    fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
        fs::File::open("/dev/urandom")?.read_exact(out)
    }
}

#[derive(Clone, Copy)]
enum Form {
    Plain,
    Encrypted { memory_security: bool },
}

fn open(folder: &Path, name: &str, form: Form) -> Result<Connection> {
    let db = Connection::open(folder.join(name))?;
    if let Form::Encrypted { memory_security } = form {
        let security = if memory_security { "ON" } else { "OFF" };
        db.execute_batch(&format!("PRAGMA cipher_log_level = NONE; PRAGMA cipher_memory_security = {security};"))?;
        db.execute_batch(&format!("PRAGMA key = \"x'{}'\";", "5e".repeat(32)))?;
    }
    db.execute_batch(SETTINGS)?;
    Ok(db)
}

/// A report of about 1,500 characters that differs from every other.
fn report(n: usize) -> String {
    let mut state = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = format!("Report {n}.");
    while text.len() < 1500 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push(' ');
        text.push_str(WORDS[(state >> 33) as usize % WORDS.len()]);
    }
    text
}

/// What was measured, in the order of the table.
const WORK: [&str; 4] =
    ["insert, one transaction", "read by id, warm", "search of the full text", "open, first row, cold"];

fn measure(folder: &Path, form: Form, rows: usize) -> Result<[Duration; 4]> {
    let name = "store.db";
    for file in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = fs::remove_file(folder.join(file));
    }
    let mut db = open(folder, name, form)?;
    for sql in cloister_store::research_tables() {
        db.execute_batch(sql)?;
    }
    db.execute_batch(
        "CREATE VIRTUAL TABLE words USING fts5(text); INSERT INTO words(words, rank) VALUES('secure-delete', 1);",
    )?;
    let machine = Machine;
    let fresh = |e: std::io::Error| anyhow::anyhow!("randomness: {e}");
    let dataset = DatasetId::fresh(machine.now(), &machine).map_err(fresh)?.to_string();
    let ids: Vec<String> = (0..rows)
        .map(|_| Ok(DocumentId::fresh(machine.now(), &machine).map_err(fresh)?.to_string()))
        .collect::<Result<_>>()?;
    let reports: Vec<String> = (0..rows).map(report).collect();

    let begun = Instant::now();
    let tx = db.transaction()?;
    tx.execute(
        "INSERT INTO datasets (id, name, owner, kind, source_name, source_sha256, documents, created_ms)
         VALUES (?1, 'a', 'b', 'import', 'c', 'd', ?2, 0)",
        params![dataset, rows],
    )?;
    let batch = BatchId::fresh(machine.now(), &machine).map_err(fresh)?.to_string();
    tx.execute(
        "INSERT INTO batches (id, dataset, owner, schema_name, schema_version, schema_sha256, definition, model_name,
         model_sha256, purpose, status, created_ms) VALUES (?1, ?2, 'b', 's', 1, 'h', '{}', 'm', 'h', 'p', 'running', 0)",
        params![batch, dataset],
    )?;
    {
        let mut document = tx.prepare(
            "INSERT INTO documents (id, dataset, ordinal, external_id, text, sha256) VALUES (?1, ?2, ?3, ?4, ?5, 'h')",
        )?;
        let mut result = tx.prepare(
            "INSERT INTO results (batch, document, id, created_ms, status, provenance, fields, findings)
             VALUES (?1, ?2, ?2, 0, 'ok', '{}', '{\"side\": \"left\"}', '[]')",
        )?;
        for (n, (id, text)) in ids.iter().zip(&reports).enumerate() {
            document.execute(params![id, dataset, n, n.to_string(), text])?;
            result.execute(params![batch, id])?;
        }
    }
    tx.commit()?;
    let insert = begun.elapsed();

    let tx = db.transaction()?;
    for text in &reports {
        tx.prepare_cached("INSERT INTO words (text) VALUES (?1)")?.execute([text])?;
    }
    tx.commit()?;

    let read = |db: &Connection| -> Result<usize> {
        let mut statement = db.prepare_cached("SELECT text FROM documents WHERE id = ?1")?;
        let mut length = 0;
        for n in 0..ids.len() {
            length += statement
                .query_row([&ids[n * 7919 % ids.len()]], |r| r.get_ref(0).map(|t| t.as_str().map_or(0, str::len)))?;
        }
        Ok(length)
    };
    // Once to fill the cache.
    read(&db)?;
    let begun = Instant::now();
    read(&db)?;
    let warm = begun.elapsed();

    let search = |db: &Connection, n: usize| -> Result<i64> {
        let (a, b) = (WORDS[n % WORDS.len()], WORDS[(n * 5 + 1) % WORDS.len()]);
        let mut statement = db.prepare_cached("SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rank LIMIT 20")?;
        let found = statement.query_map([format!("\"{a} {b}\"")], |r| r.get::<_, i64>(0))?;
        found.map(|id| Ok(id?)).sum()
    };
    search(&db, 0)?;
    let begun = Instant::now();
    for n in 0..20 {
        search(&db, n)?;
    }
    let searched = begun.elapsed();
    drop(db);

    let begun = Instant::now();
    let db = open(folder, name, form)?;
    db.query_row("SELECT text FROM documents WHERE id = ?1", [ids.first().context("no rows")?], |r| {
        r.get::<_, String>(0)
    })?;
    Ok([insert, warm, searched, begun.elapsed()])
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let rows = args.next().map_or(Ok(20_000), |n| n.parse())?;
    let rounds = args.next().map_or(Ok(5), |n| n.parse::<usize>())?;
    let folder = tempfile::tempdir()?;
    let mut ratios: BTreeMap<(usize, bool), Vec<f64>> = BTreeMap::new();
    let mut plain_ms = [const { Vec::new() }; 4];
    for _ in 0..rounds {
        let plain = measure(folder.path(), Form::Plain, rows)?;
        for (all, one) in plain_ms.iter_mut().zip(plain) {
            all.push(one.as_secs_f64() * 1000.0);
        }
        for memory_security in [false, true] {
            let encrypted = measure(folder.path(), Form::Encrypted { memory_security }, rows)?;
            for (what, (e, p)) in encrypted.iter().zip(plain).enumerate() {
                ratios.entry((what, memory_security)).or_default().push(e.as_secs_f64() / p.as_secs_f64());
            }
        }
    }
    let median = |of: &mut Vec<f64>| {
        of.sort_by(f64::total_cmp);
        of[of.len() / 2]
    };
    println!(
        "SQLCipher against SQLite, {rows} rows of 1.5 kB, the store's tables and settings, {rounds} rounds in turn\n"
    );
    println!("| | plain, ms | encrypted / plain | with memory security |\n|---|---|---|---|");
    for (what, name) in WORK.iter().enumerate() {
        let plain = median(&mut plain_ms[what]);
        let mut ratio = |security| ratios.get_mut(&(what, security)).map_or(f64::NAN, median);
        println!("| {name} | {plain:.1} | {:.2} | {:.2} |", ratio(false), ratio(true));
    }
    Ok(())
}
