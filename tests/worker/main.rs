//! A process that can be killed: the app over a vault of its own, with a generated model that answers in
//! milliseconds. `tests/it/kill.rs` starts it, ends it, and compares what it leaves.
//!
//! Called without arguments it stands in for the engine and passes everything on to the real one, until a text says
//! `Poison!`: then it dies, as an engine may of a hostile document.

mod seeded;

use anyhow::{Context, Result, bail};
use cloister_app::{App, AppOptions, Face, Paths, Ports, SystemClock, SystemEntropy, SystemSound, dto::ProgressDto};
use cloister_domain::Entropy;
use cloister_testkit::tiny_gguf::TinyModel;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

const PASSWORD: &str = "nine grey herons at dawn";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        [] => poisonable_engine(),
        ["prepare", folder, documents] => prepare(Path::new(folder), documents.parse()?, false),
        ["prepare", folder, documents, "poison"] => prepare(Path::new(folder), documents.parse()?, true),
        ["run", folder] => run(Path::new(folder)),
        ["call", folder, name, payload, file @ ..] => call(Path::new(folder), name, payload, file.first().copied()),
        ["session", folder] => session(Path::new(folder)),
        ["panic", folder, words] => panic_over(Path::new(folder), words),
        ["export", folder, output] => export(Path::new(folder), Path::new(output)),
        _ => {
            bail!(
                "prepare FOLDER DOCUMENTS [poison] | run FOLDER | export FOLDER FILE | call FOLDER NAME JSON [FILE] \
                 | panic FOLDER WORDS | session FOLDER"
            )
        }
    }
}

/// A vault with a schema and a dataset; `folder` also holds the model and the engine's name.
fn prepare(folder: &Path, documents: usize, poisoned: bool) -> Result<()> {
    fs::write(folder.join("tiny.gguf"), TinyModel { context: 8192, ..TinyModel::default() }.gguf())?;
    let app = app(folder)?;
    let ports = Silent::default();
    app.call(
        "create_vault",
        json!({"name": "ada", "password": PASSWORD, "policy": {"second_factor": "optional", "sealing": "optional"}}),
        &ports,
    )?;
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["side", "acute"], "properties": {
        "side": {"enum": ["left", "right", "both"]}, "acute": {"type": "boolean"}}});
    app.call("add_schema", json!({"name": "sides", "definition": schema}), &ports)?;
    let sides = ["left", "right", "both"];
    let mut lines = String::new();
    for i in 0..documents {
        let poison = if poisoned && i % 7 == 3 { "Poison!" } else { "Calm." };
        let text = format!("Report {i}. The {} lung shows a nodule of {} mm. {poison}", sides[i % 3], i % 11);
        writeln!(
            lines,
            "{}",
            json!({"id": i.to_string(), "text": text,
            "gold": {"side": sides[i % 3]}, "ward": "=1+1", "patient": format!("p{}", i / 2)})
        )?;
    }
    let file = folder.join("reports.jsonl");
    fs::write(&file, lines)?;
    app.call("import_dataset", json!({"name": "reports"}), &Silent { file: Some(file), ..Silent::default() })?;
    Ok(())
}

/// Runs, or goes on with, the one run; prints the documents that are done before each one.
fn run(folder: &Path) -> Result<()> {
    let app = signed_in(folder)?;
    let datasets = app.call("list_datasets", json!({}), &Silent::default())?;
    let payload = json!({"dataset": datasets[0]["id"], "schema": "sides", "purpose": "test"});
    let ports = Silent { announce: true, ..Silent::default() };
    let done = app.call("run_batch", payload, &ports)?;
    app.close()?;
    say(&done.to_string())
}

fn export(folder: &Path, output: &Path) -> Result<()> {
    let app = signed_in(folder)?;
    let runs = app.call("list_batches", json!({}), &Silent::default())?;
    let [one] = runs.as_array().context("no list of runs")?.as_slice() else { bail!("not one run: {runs}") };
    let ports = Silent { file: Some(output.to_owned()), ..Silent::default() };
    app.call("export_batch", json!({"id": one["batch"], "format": "jsonl"}), &ports)?;
    Ok(())
}

/// Any one act; prints its answer.
fn call(folder: &Path, name: &str, payload: &str, file: Option<&str>) -> Result<()> {
    let app = signed_in(folder)?;
    let ports = Silent { file: file.map(PathBuf::from), ..Silent::default() };
    say(&app.call(name, serde_json::from_str(payload)?, &ports)?.to_string())
}

/// A person's session over the prepared vault's twin, whose every key comes from [`seeded`]: makes it, works, and signs
/// out, each when a line comes in. The first line is the password. A word is printed after each.
fn session(folder: &Path) -> Result<()> {
    let app = app_with(folder, &folder.join("seeded"), Arc::new(seeded::Seeded::default()))?;
    let mut lines = std::io::stdin().lines();
    let password = lines.next().context("no password")??;
    let policy = json!({"second_factor": "optional", "sealing": "optional"});
    app.call("create_vault", json!({"name": "ada", "password": password, "policy": policy}), &Silent::default())?;
    say("made")?;
    lines.next().context("nothing to do")??;
    app.call("sign_out", json!({}), &Silent::default())?;
    app.call("sign_in", json!({"name": "ada", "password": password}), &Silent::default())?;
    let visit = app.call("create_encounter", json!({"title": "4711"}), &Silent::default())?;
    app.call("get_encounter", json!({"id": visit["encounter"]["id"]}), &Silent::default())?;
    let file = folder.join("reports.jsonl");
    app.call("import_dataset", json!({"name": "reports"}), &Silent { file: Some(file), ..Silent::default() })?;
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["side"], "properties": {
        "side": {"enum": ["left", "right", "both"]}}});
    app.call("add_schema", json!({"name": "sides", "definition": schema}), &Silent::default())?;
    let datasets = app.call("list_datasets", json!({}), &Silent::default())?;
    let run = json!({"dataset": datasets[0]["id"], "schema": "sides", "purpose": "test"});
    app.call("run_batch", run, &Silent::default())?;
    drop(password);
    say("worked")?;
    lines.next().context("nothing to do")??;
    app.call("sign_out", json!({}), &Silent::default())?;
    say("out")?;
    lines.next().context("nothing to do")??;
    Ok(())
}

/// Chokes on `words`, with a panic such as a mistake of ours would raise.
#[allow(clippy::unwrap_used, reason = "the panic is what is asked for")]
fn panic_over(folder: &Path, words: &str) -> Result<()> {
    cloister_app::quiet_panics();
    cloister_app::keep_operational_log(&folder.join("data"));
    let numbers = std::panic::catch_unwind(|| words.parse::<u8>().map_err(|e| format!("{words}: {e}")).unwrap());
    say(if numbers.is_err() { "went on" } else { "no panic" })
}

fn signed_in(folder: &Path) -> Result<App> {
    let app = app(folder)?;
    app.call("sign_in", json!({"name": "ada", "password": PASSWORD}), &Silent::default())?;
    Ok(app)
}

fn app(folder: &Path) -> Result<App> {
    app_with(folder, &folder.join("data"), Arc::new(SystemEntropy))
}

fn app_with(folder: &Path, data: &Path, entropy: Arc<dyn Entropy>) -> Result<App> {
    let model = fs::read(folder.join("tiny.gguf"))?;
    let sha256 = Sha256::digest(&model).iter().fold(String::new(), |all, b| all + &format!("{b:02x}"));
    let manifest = format!(
        "[[model]]\nname = \"tiny\"\ntask = \"language\"\nfile = \"tiny.gguf\"\nlicence = \"none\"\nbytes = {}\nsha256 = \"{sha256}\"\ndefault = true\n",
        model.len()
    );
    let engine = PathBuf::from(fs::read_to_string(folder.join("engine-path"))?.trim());
    cloister_app::keep_operational_log(data);
    let app = App::start(AppOptions {
        paths: Paths {
            data: data.to_owned(),
            models: folder.to_owned(),
            engine,
            directory: "no-directory".into(),
            institution: data.join("none"),
        },
        face: Face::Cli,
        threads: 1,
        device: "cpu".to_owned(),
        seal: cloister_app::seal(cloister_app::SealOptions::face()),
        clock: Arc::new(SystemClock),
        entropy,
        sound: Arc::new(SystemSound),
        directory: Default::default(),
    })?;
    Ok(app.with_manifest(&manifest)?)
}

#[derive(Default)]
struct Silent {
    file: Option<PathBuf>,
    announce: bool,
}

impl Ports for Silent {
    fn progress(&self, p: ProgressDto) {
        if p.stage == "extracting" && self.announce {
            let _ = say(&json!({"done": p.done}).to_string());
        }
    }

    fn open_file(&self, _kind: &str) -> Option<PathBuf> {
        self.file.clone()
    }

    fn save_file(&self, _suggested: &str) -> Option<PathBuf> {
        self.file.clone()
    }
}

fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// The model's descriptor is passed on by inheritance; the name of the real engine stands beside this program.
fn poisonable_engine() -> Result<()> {
    let beside = std::env::current_exe()?.with_file_name("real-engine-path");
    let real = fs::read_to_string(beside)?;
    let mut child = Command::new(real.trim()).stdin(Stdio::piped()).stdout(Stdio::inherit()).spawn()?;
    let mut to_engine = child.stdin.take().context("no pipe")?;
    let mut from_parent = std::io::stdin();
    let (mut block, mut before) = (vec![0u8; 1 << 16], Vec::new());
    loop {
        let n = from_parent.read(&mut block)?;
        before.extend_from_slice(&block[..n]);
        if n == 0 || before.windows(7).any(|w| w == b"Poison!") {
            let _ = child.kill();
            let _ = child.wait();
            std::process::exit(9);
        }
        to_engine.write_all(&block[..n])?;
        let keep = before.len().saturating_sub(6);
        before.drain(..keep);
    }
}
