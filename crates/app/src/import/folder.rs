//! A folder of texts: TXT, MD and DOCX, one report a file. A folder within it is a patient.

use super::{
    LONGEST_TEXT, encoding,
    records::{FileFormat, Raw, RawRows, Records},
    workbook,
};
use crate::{AppError, engines::Engines};
use cloister_domain::{Sensitive, Sha256Hex};
use cloister_engine_client::{Connection, EngineSpec};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// Folders within folders.
const DEEPEST: usize = 16;
/// More files are no study.
const MOST_FILES: usize = 1_000_000;
/// The longest Word file.
const LONGEST_DOCX: u64 = 256 << 20;

/// Lists a folder and takes its digest: SHA-256 over one `digest  name` line a file, in order of name.
pub(super) fn open(path: &Path, engines: &Engines) -> Result<Records, AppError> {
    let name = super::file_name(path);
    let mut files = Vec::new();
    list(path, 0, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(AppError::input(name, "there is no TXT, MD or DOCX file in this folder"));
    }
    let mut all = Sha256::new();
    let mut listed = Vec::with_capacity(files.len());
    for file in files {
        let relative = file.strip_prefix(path).unwrap_or(&file).to_string_lossy().into_owned();
        let digest = super::open_hashed(&file).map(|(_, digest)| digest).ok();
        all.update(format!("{}  {relative}\n", digest.as_ref().map_or("", Sha256Hex::as_str)));
        listed.push(Listed { file, relative, digest });
    }
    let mut reader = Reader { spec: engines.bounded_spec(), engine: None };
    let rows = listed.into_iter().enumerate().map(move |(i, listed)| Ok((i as u64 + 1, reader.read(&listed))));
    let raw = RawRows {
        format: FileFormat { kind: "folder".into(), ..FileFormat::default() },
        names: Vec::new(),
        rows: Box::new(rows),
    };
    Ok(Records { name, sha256: Sha256Hex::from_bytes(&all.finalize().into()), raw })
}

struct Listed {
    file: PathBuf,
    relative: String,
    /// `None` when it could not be read.
    digest: Option<Sha256Hex>,
}

/// Plain files with the endings that are read. Links are not followed; hidden files are passed over.
fn list(folder: &Path, depth: usize, into: &mut Vec<PathBuf>) -> Result<(), AppError> {
    let about = |e: std::io::Error| AppError::input(super::file_name(folder), super::fault(&e));
    for entry in std::fs::read_dir(folder).map_err(about)? {
        let entry = entry.map_err(about)?;
        let kind = entry.file_type().map_err(about)?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() && depth < DEEPEST {
            list(&entry.path(), depth + 1, into)?;
        } else if kind.is_file() && ending(&entry.path()).is_some() {
            if into.len() >= MOST_FILES {
                return Err(AppError::input(super::file_name(folder), "there are more than 1,000,000 files in it"));
            }
            into.push(entry.path());
        }
    }
    Ok(())
}

fn ending(path: &Path) -> Option<&'static str> {
    let ending = path.extension()?.to_str()?.to_lowercase();
    ["txt", "md", "docx"].into_iter().find(|e| *e == ending)
}

/// Reads one file after the other; Word files through one bounded engine, started when the first comes.
struct Reader {
    spec: EngineSpec,
    engine: Option<Connection>,
}

impl Reader {
    fn read(&mut self, listed: &Listed) -> Raw {
        match self.text(listed) {
            Err(AppError::Input { fault, .. }) => Raw::Bad(fault),
            Err(other) => Raw::Bad(other.to_string()),
            Ok(text) => {
                let mut object = Map::new();
                let stem = Path::new(&listed.relative).with_extension("");
                object.insert("id".into(), stem.to_string_lossy().into());
                if let Some((patient, _)) = listed.relative.split_once('/') {
                    object.insert("patient".into(), patient.into());
                }
                object.insert("file".into(), listed.relative.as_str().into());
                object.insert("text".into(), Value::from(text.into_exposed("a report of an import")));
                Raw::Object(object)
            }
        }
    }

    fn text(&mut self, listed: &Listed) -> Result<Sensitive<String>, AppError> {
        let name = super::file_name(&listed.file);
        let (mut file, digest) = super::open_hashed(&listed.file)?;
        if listed.digest.as_ref() != Some(&digest) {
            return Err(AppError::input(name, "it changed while the folder was read"));
        }
        let longest = if ending(&listed.file) == Some("docx") { LONGEST_DOCX } else { LONGEST_TEXT };
        if file.metadata().map_or(0, |m| m.len()) > longest {
            return Err(AppError::input(name, format!("it is longer than {} MiB", longest >> 20)));
        }
        if ending(&listed.file) == Some("docx") {
            return self.docx(&name, &mut file);
        }
        let mut bytes = Vec::new();
        file.take(longest).read_to_end(&mut bytes).map_err(|e| AppError::input(name, super::fault(&e)))?;
        Ok(Sensitive::new(encoding::decode(&bytes)))
    }

    fn docx(&mut self, name: &str, file: &mut File) -> Result<Sensitive<String>, AppError> {
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => Connection::spawn(&self.spec)?,
        };
        let engine = self.engine.insert(engine);
        let read = engine.read_docx(file);
        if read.as_ref().is_err_and(cloister_engine_client::EngineError::engine_is_gone) {
            self.engine = None;
        }
        read.map_err(|e| workbook::about(name, e))
    }
}
