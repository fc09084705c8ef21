//! The main job on bundled samples, told as it happens.

use crate::{
    act::{findings, note},
    args::Arguments,
    face::{Failure, Terminal, options},
    print,
};
use cloister_app::DirectoryBroker;
use cloister_app::{SealReport, demo, write_file};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::Instant,
};

/// The throw-away vault's administrator. The vault is deleted, or kept with its samples, which are no secret.
const NAME: &str = "demo";
const PASSWORD: &str = "bundled samples only";

pub(crate) fn run(arguments: &Arguments, seal: &SealReport, keep: Option<&Path>) -> Result<(), Failure> {
    let throw_away = tempfile::Builder::new().prefix("cloister-demo-").tempdir();
    let throw_away = throw_away.map_err(|e| Failure::Some(format!("no folder for the demo: {e}")))?;
    let folder = keep.unwrap_or(throw_away.path());
    let vault = folder.join("vault");
    let mut password_file = None;
    if keep.is_some() {
        // A kept vault is of use only with its password.
        let file = folder.join("password.txt");
        write_file(&file, format!("{PASSWORD}\n").as_bytes())?;
        password_file = Some(file);
    }
    let json = arguments.global.json;
    let mut options = options(arguments, seal, Some(vault.clone()), DirectoryBroker::default());
    // What an institution presets is meant for vaults that stay.
    options.paths.institution = folder.join("none");
    let terminal = Terminal::on(options, json, Some(NAME.to_owned()), None)?;
    let mut told = Telling { json, steps: Vec::new() };

    told.chapter("A vault of its own, encrypted from the first byte");
    let created =
        told.step("create vault", || terminal.call("create_vault", json!({"name": NAME, "password": PASSWORD})))?;
    told.say(&format!("  log's first key  {}", print::cell(&created["log_fingerprint"])));

    told.chapter("A spoken visit");
    let audio = sample(folder, "visit.ogg", demo::VISIT_AUDIO)?;
    let heard = told.step("transcribe visit", || terminal.call_with("import_audio", json!({}), Some(&audio)))?;
    for s in heard["transcript"]["segments"].as_array().into_iter().flatten() {
        told.say(&format!("  {:5.1} s  {}", s["start_s"].as_f64().unwrap_or(0.0), print::cell(&s["text"])));
    }

    told.chapter("What the language model found in it, with the words it rests on");
    add_schema(&terminal, "visit", demo::VISIT_SCHEMA)?;
    let id = heard["encounter_id"].clone();
    let visit =
        told.step("extract from visit", || terminal.call("extract_encounter", json!({"id": id, "schema": "visit"})))?;
    told.findings(&visit);

    told.chapter("The visit's note, made only from findings that were accepted (here by the demo, else by a person)");
    let note = write_note(&terminal, &mut told, &id, &visit, folder)?;
    if !json {
        note::text(&note["signed"][0]);
    }

    told.chapter("Six reports from a file");
    add_schema(&terminal, "report", demo::REPORT_SCHEMA)?;
    let reports = sample(folder, "reports.jsonl", demo::REPORTS.as_bytes())?;
    let dataset = told.step("import reports", || {
        terminal.call_with("import_dataset", json!({"name": "demo reports"}), Some(&reports))
    })?;
    let run = told.step("extract from reports", || {
        let payload = json!({"dataset": dataset["id"], "schema": "report", "purpose": "demo"});
        terminal.call("run_batch", payload)
    })?;
    let output = folder.join("demo-results.jsonl");
    terminal.call("step_up", json!({"password": PASSWORD}))?;
    told.step("export results", || {
        terminal.call_with("export_batch", json!({"id": run["batch"], "format": "jsonl"}), Some(&output))
    })?;
    let lines = read_lines(&output)?;
    for line in &lines {
        told.say(&format!("  {}", print::bold(&print::cell(&line["document_id"]))));
        told.findings(line);
    }

    told.chapter("Where it is kept");
    let traces = told.step("look for traces", || traces(&vault, &heard))?;
    told.say(&format!("  {}", vault.display()));
    told.say(&format!("  {} files; the visit's words found in the clear: {}", traces.files, traces.found));

    told.chapter("The log");
    let verdict = told.step("verify log", || terminal.call("audit_verify", json!({})))?;
    told.say(&format!("  {}: {} lines", print::cell(&verdict["verdict"]), verdict["entries"]));

    told.chapter("Time");
    let steps = std::mem::take(&mut told.steps);
    for (name, seconds) in &steps {
        told.say(&format!("  {name:22} {seconds:6.1} s"));
    }
    if let (Some(folder), Some(file)) = (keep, password_file) {
        told.say(&format!("\nKept in {}; sign in as {NAME} with {}", folder.display(), file.display()));
    }
    if json {
        let steps: Vec<_> = steps.iter().map(|(name, seconds)| json!({"name": name, "seconds": seconds})).collect();
        let extractions: Vec<Value> = std::iter::once(visit).chain(lines).collect();
        let verdict_word = verdict["verdict"].clone();
        print::json(&json!({
            "transcript": heard["transcript"],
            "extractions": extractions,
            "audit": {"verdict": verdict_word},
            "steps": steps,
        }));
    }
    if verdict["verdict"] != "intact" || traces.found > 0 {
        return Err(Failure::Some("the demo did not end as it should".to_owned()));
    }
    Ok(())
}

/// Reviews, signs and exports the visit's note.
fn write_note(
    terminal: &Terminal,
    told: &mut Telling,
    id: &Value,
    visit: &Value,
    folder: &Path,
) -> Result<Value, Failure> {
    told.step("review findings", || {
        let decisions = note::rest(std::slice::from_ref(visit), &Value::Null, &[]);
        terminal.call("decide_findings", json!({"id": id, "decisions": decisions}))?;
        terminal.call("draft_note", json!({"id": id}))
    })?;
    // The machine may be slow: the password given at the start counts for some minutes only.
    terminal.call("step_up", json!({"password": PASSWORD}))?;
    let signed = told.step("sign note", || terminal.call("sign_note", json!({"id": id, "password": PASSWORD})))?;
    told.step("export note", || {
        for (format, name) in [("pdf", "visit-note.pdf"), ("docx", "visit-note.docx"), ("fhir", "visit-note.fhir.json")]
        {
            let asked = json!({"id": id, "format": format, "evidence": true});
            terminal.call_with("export_note", asked, Some(&folder.join(name)))?;
        }
        Ok(())
    })?;
    Ok(signed)
}

/// Tells a person, or keeps quiet for a script.
struct Telling {
    json: bool,
    steps: Vec<(String, f64)>,
}

impl Telling {
    fn say(&self, text: &str) {
        if !self.json {
            print::line(text);
        }
    }

    fn chapter(&self, title: &str) {
        self.say(&format!("\n{}", print::bold(title)));
    }

    fn findings(&self, result: &Value) {
        if !self.json {
            findings(result);
        }
    }

    fn step<T>(&mut self, name: &str, act: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let began = Instant::now();
        let result = act();
        self.steps.push((name.to_owned(), (began.elapsed().as_secs_f64() * 1000.0).round() / 1000.0));
        result
    }
}

fn add_schema(terminal: &Terminal, name: &str, definition: &str) -> Result<(), Failure> {
    let definition: Value =
        serde_json::from_str(definition).map_err(|e| Failure::Some(format!("the bundled schema: {e}")))?;
    terminal.call("add_schema", json!({"name": name, "definition": definition})).map(|_| ())
}

fn sample(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
    let path = folder.join(name);
    write_file(&path, bytes)?;
    Ok(path)
}

fn read_lines(path: &Path) -> Result<Vec<Value>, Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::Some(format!("{}: {e}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| failed(&e))?;
    text.lines().map(|l| serde_json::from_str(l).map_err(|e| failed(&e))).collect()
}

struct Traces {
    files: usize,
    found: usize,
}

/// Looks for the visit's longest words in every file of the vault. What is heard is in memory here, so the search
/// knows what it looks for.
fn traces(vault: &Path, heard: &Value) -> Result<Traces, Failure> {
    let mut words: Vec<String> = heard["transcript"]["segments"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|s| print::cell(&s["text"]).split(' ').map(str::to_owned).collect::<Vec<_>>())
        .filter(|w| w.len() >= 8)
        .collect();
    words.sort_by_key(|w| std::cmp::Reverse(w.len()));
    words.truncate(10);
    let mut traces = Traces { files: 0, found: 0 };
    let mut folders = vec![vault.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|e| Failure::Some(format!("{}: {e}", folder.display())))?;
        for path in entries.filter_map(Result::ok).map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).map_err(|e| Failure::Some(format!("{}: {e}", path.display())))?;
            traces.files += 1;
            let holds = |w: &String| bytes.windows(w.len()).any(|b| b == w.as_bytes());
            traces.found += words.iter().filter(|w| holds(w)).count();
        }
    }
    Ok(traces)
}
