//! From findings to a signed note.

use crate::{
    args::{Note, NoteFormat, Visit},
    face::{Failure, Terminal},
    print,
};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn run(terminal: &Terminal, what: &Note) -> Result<(), Failure> {
    let own = terminal.sign_in_by_password()?;
    let note = match what {
        Note::List => return list(terminal),
        Note::Draft { visit, template, renew, anew } => {
            let template = template.map(|t| t.name());
            let asked = json!({"id": visit.encounter, "template": template, "renew": renew, "anew": anew});
            terminal.call("draft_note", asked)?
        }
        Note::Review { visit, accept, reject, edit, undo, accept_rest } => {
            let decisions = Decisions { accept, reject, edit, undo, rest: *accept_rest };
            return review(terminal, &visit.encounter, &decisions);
        }
        Note::Add { visit, section, text } => add(terminal, &visit.encounter, section, text)?,
        Note::Show { visit, version } => {
            let note = terminal.call("get_note", of(visit))?;
            return show(terminal, &note, *version);
        }
        Note::Sign { visit } => terminal.call("sign_note", json!({"id": visit.encounter, "password": own.password}))?,
        Note::Amend { visit, reason } => {
            terminal.call("amend_note", json!({"id": visit.encounter, "reason": reason}))?
        }
        Note::Discard { visit } => terminal.call("discard_note", of(visit))?,
        Note::Export { visit, format, output, version, evidence } => {
            return export(terminal, visit, *format, output, *version, *evidence);
        }
    };
    show(terminal, &note, None)
}

fn of(visit: &Visit) -> Value {
    json!({"id": visit.encounter})
}

fn list(terminal: &Terminal) -> Result<(), Failure> {
    let visits = terminal.call("list_encounters", json!({}))?;
    if terminal.json {
        print::json(&visits);
    } else {
        let names = ["id", "title", "created", "state", "findings"];
        print::table(&["VISIT", "PATIENT", "BEGAN", "STATE", "FINDINGS"], &super::columns(&visits, &names));
    }
    Ok(())
}

/// The draft, or a signed version, as text.
fn show(terminal: &Terminal, note: &Value, version: Option<u64>) -> Result<(), Failure> {
    let signed = note["signed"].as_array().cloned().unwrap_or_default();
    let chosen = match version {
        Some(v) => signed.iter().find(|s| s["version"] == v).cloned(),
        None if note["draft"].is_null() => signed.first().cloned(),
        None => Some(note["draft"].clone()),
    };
    if terminal.json {
        match (version, chosen) {
            (Some(_), Some(one)) => print::json(&one),
            (None, _) => print::json(note),
            (Some(_), None) => return Err(Failure::Some("there is no such version".to_owned())),
        }
        return Ok(());
    }
    let Some(one) = chosen else {
        return Err(Failure::Some("there is no note of this visit yet; `cloister note draft` begins one".to_owned()));
    };
    text(&one);
    Ok(())
}

/// A note as a person reads it: `*` stands before what a person wrote, `!` before what has to be looked at again.
pub(crate) fn text(note: &Value) {
    for section in note["sections"].as_array().into_iter().flatten() {
        let sentences = section["sentences"].as_array().cloned().unwrap_or_default();
        if sentences.is_empty() {
            continue;
        }
        print::line(&print::bold(&print::cell(&section["title"])));
        for s in &sentences {
            let mark = match (s["stale"] == true, s["edited"] == true) {
                (true, _) => '!',
                (_, true) => '*',
                _ => '-',
            };
            print::line(&format!("  {mark} {}", print::cell(&s["text"])));
        }
    }
    let version = &note["version"];
    if note["sha256"].is_string() {
        let (by, at) = (print::cell(&note["signed_by"]), print::cell(&note["signed_at"]));
        print::line(&format!("Version {version}, signed by {by} at {at}"));
        print::line(&format!("SHA-256 {}", print::cell(&note["sha256"])));
    } else {
        let open = note["undecided"].as_u64().unwrap_or(0);
        let stale = note["stale"].as_u64().unwrap_or(0);
        let mut state = format!("Draft of version {version}");
        if open > 0 {
            state.push_str(&format!("; {open} findings without a decision"));
        }
        if stale > 0 {
            state.push_str(&format!("; {stale} sentences to look at again"));
        }
        print::line(&state);
    }
}

struct Decisions<'a> {
    accept: &'a [String],
    reject: &'a [String],
    edit: &'a [String],
    undo: &'a [String],
    rest: bool,
}

fn review(terminal: &Terminal, visit: &str, asked: &Decisions<'_>) -> Result<(), Failure> {
    let read = terminal.call("get_encounter", json!({"id": visit}))?;
    let note = terminal.call("get_note", json!({"id": visit}))?;
    let sources = sources(&read, &note);
    let mut decisions = Vec::new();
    let mut decide = |path: &str, verdict: &str, value: Value| {
        let found = sources.iter().find(|s| finding(s, path).is_some()).ok_or_else(|| no_finding(path))?;
        decisions.push(json!({"extraction": found["id"], "path": path, "verdict": verdict, "value": value}));
        Ok::<(), Failure>(())
    };
    for (paths, verdict) in [(asked.accept, "accept"), (asked.reject, "reject"), (asked.undo, "undo")] {
        paths.iter().try_for_each(|path| decide(path, verdict, Value::Null))?;
    }
    for edit in asked.edit {
        let (path, value) = edit.split_once('=').ok_or_else(|| Failure::Usage(format!("{edit}: say PATH=VALUE")))?;
        let was = sources.iter().find_map(|s| finding(s, path)).map_or(&Value::Null, |f| &f["value"]);
        // Where a number or yes and no was found, the new value is one too.
        let value = match serde_json::from_str::<Value>(value) {
            Ok(v) if was.is_number() && v.is_number() || was.is_boolean() && v.is_boolean() => v,
            _ => value.into(),
        };
        decide(path, "edit", value)?;
    }
    if asked.rest {
        decisions.extend(rest(&sources, &note, &decisions));
    }
    let note = match decisions.is_empty() {
        true => note,
        false => terminal.call("decide_findings", json!({"id": visit, "decisions": decisions}))?,
    };
    if terminal.json {
        print::json(&note);
        return Ok(());
    }
    for source in &sources {
        print::line(&print::bold(&print::cell(&source["schema"])));
        for f in source["findings"].as_array().into_iter().flatten() {
            let decided = decision(&note, &source["id"], &f["path"]);
            let (mark, value) = match decided.map(|d| (print::cell(&d["verdict"]), &d["value"])) {
                Some((v, value)) if v == "edit" => ("edited".to_owned(), value),
                Some((v, _)) => (format!("{v}ed"), &f["value"]),
                None if f["support"] == "unsupported" => ("unsupported".to_owned(), &f["value"]),
                None => ("-".to_owned(), &f["value"]),
            };
            let assertion = match print::cell(&f["assertion"]).as_str() {
                "present" => String::new(),
                other => format!(" [{other}]"),
            };
            print::line(&format!("  {mark:11} {:26} {}{assertion}", print::cell(&f["path"]), print::cell(value)));
        }
    }
    Ok(())
}

/// What the draft is made from; before there is one, the newest extraction with a result of each schema.
fn sources(read: &Value, note: &Value) -> Vec<Value> {
    let all = read["extractions"].as_array().cloned().unwrap_or_default();
    let chosen = note["draft"]["sources"].as_array().cloned().unwrap_or_default();
    if !chosen.is_empty() {
        return chosen.iter().filter_map(|s| all.iter().find(|x| x["id"] == s["extraction"]).cloned()).collect();
    }
    let name = |x: &Value| print::cell(&x["schema"]).split('@').next().unwrap_or_default().to_owned();
    let mut newest: Vec<Value> = Vec::new();
    for x in all.into_iter().filter(|x| x["status"] == "ok" || x["status"] == "partial") {
        if !newest.iter().any(|n| name(n) == name(&x)) {
            newest.push(x);
        }
    }
    newest
}

/// Acceptances of everything that waits for a decision.
pub(crate) fn rest(sources: &[Value], note: &Value, but: &[Value]) -> Vec<Value> {
    let mut more = Vec::new();
    for source in sources {
        for f in source["findings"].as_array().into_iter().flatten() {
            let named = but.iter().any(|d| d["extraction"] == source["id"] && d["path"] == f["path"]);
            if f["support"] != "unsupported" && !named && decision(note, &source["id"], &f["path"]).is_none() {
                more.push(json!({"extraction": source["id"], "path": f["path"], "verdict": "accept"}));
            }
        }
    }
    more
}

fn decision<'a>(note: &'a Value, extraction: &Value, path: &Value) -> Option<&'a Value> {
    note["decisions"].as_array()?.iter().find(|d| d["extraction"] == *extraction && d["path"] == *path)
}

fn finding<'a>(source: &'a Value, path: &str) -> Option<&'a Value> {
    source["findings"].as_array()?.iter().find(|f| f["path"] == path)
}

fn no_finding(path: &str) -> Failure {
    Failure::Usage(format!("{path}: there is no finding at this place; `cloister note review` lists them"))
}

fn add(terminal: &Terminal, visit: &str, section: &str, text: &str) -> Result<Value, Failure> {
    let note = terminal.call("get_note", json!({"id": visit}))?;
    let draft = &note["draft"];
    let mut sections = Vec::new();
    for s in draft["sections"].as_array().into_iter().flatten() {
        let mut sentences: Vec<Value> = s["sentences"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|x| json!({"text": x["text"], "findings": x["findings"]}))
            .collect();
        if s["key"] == section {
            sentences.push(json!({"text": text, "findings": []}));
        }
        sections.push(json!({"key": s["key"], "sentences": sentences}));
    }
    if !draft.is_null() && !sections.iter().any(|s| s["key"] == section) {
        let names: Vec<_> = sections.iter().map(|s| print::cell(&s["key"])).collect();
        return Err(Failure::Usage(format!("{section} is no section of this note; there are {}", names.join(", "))));
    }
    terminal.call("save_note", json!({"id": visit, "sections": sections, "changed": draft["changed"]}))
}

fn export(
    terminal: &Terminal,
    visit: &Visit,
    format: NoteFormat,
    output: &Path,
    version: Option<u64>,
    evidence: bool,
) -> Result<(), Failure> {
    let asked = json!({"id": visit.encounter, "format": format.name(), "version": version, "evidence": evidence});
    let done = terminal.call_with("export_note", asked, Some(output))?;
    if terminal.json {
        print::json(&done);
    } else {
        print::message(&format!("version {} is in {}", done["version"], print::cell(&done["file"])));
    }
    Ok(())
}
