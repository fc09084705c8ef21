//! Bringing in model files: hashed while they are copied, told by their first bytes, loaded once by an engine.

use crate::{
    App, AppError, Ports,
    dto::{ImportedModelDto, ProgressDto},
    export::cannot_write,
    manifest::{Model, Task},
    model_bundle::{self, Bundle},
};
use cloister_access::{ListedModel, Session};
use cloister_domain::Sha256Hex;
use cloister_engine_client::{Connection, ModelFile};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    ops::ControlFlow,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::NamedTempFile;

/// The first four bytes: GGUF holds language models, ggml Whisper's.
const GGUF: &[u8; 4] = b"GGUF";
const GGML: &[u8; 4] = b"lmgg";
/// What an engine needs beside the file, by what was measured of the manifest's models, rounded up.
const SPEECH_BESIDE: u64 = 200 << 20;
const LANGUAGE_BESIDE: u64 = 700 << 20;
const MAX_NAME: usize = 64;
/// How copies on their way in are called.
const IMPORTING: &str = ".importing-";

/// Memory of this machine.
pub(crate) struct Memory {
    pub(crate) total: u64,
    pub(crate) free: u64,
}

pub(crate) fn memory() -> Memory {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let of = |key: &str| {
        let line = text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix(':'));
        line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
    };
    Memory { total: of("MemTotal"), free: of("MemAvailable") }
}

/// A copy of a model file on its way in, gone when it is dropped.
pub(crate) struct Found {
    /// As the manifest or the policy has it, or what can be told from the bytes.
    pub(crate) model: Model,
    pub(crate) known: bool,
    copy: NamedTempFile,
}

/// The file, or the model files of a folder, by name.
fn files(path: &Path) -> Result<Vec<PathBuf>, AppError> {
    let unreadable = |e: io::Error| AppError::input(path.display().to_string(), e.kind().to_string());
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        if file.is_file() && kind_of(&file).is_some() {
            found.push(file);
        }
    }
    found.sort_unstable();
    if found.is_empty() {
        return Err(AppError::input(path.display().to_string(), "there is no model file in it (GGUF or ggml)"));
    }
    Ok(found)
}

fn kind_of(path: &Path) -> Option<Task> {
    let mut magic = [0; 4];
    File::open(path).and_then(|mut f| f.read_exact(&mut magic)).ok()?;
    task_of(magic)
}

fn task_of(magic: [u8; 4]) -> Option<Task> {
    match &magic {
        GGUF => Some(Task::Language),
        GGML => Some(Task::Speech),
        _ => None,
    }
}

/// Copies a file to where models lie, hashing it on the way.
fn take(app: &App, path: &Path, progress: &mut dyn FnMut(f64, f64) -> ControlFlow<()>) -> Result<Found, AppError> {
    let shown = path.display().to_string();
    let unreadable = |e: io::Error| AppError::input(shown.clone(), e.kind().to_string());
    let no_model = || AppError::input(shown.clone(), "it is no model file (neither GGUF nor ggml)");
    kind_of(path).ok_or_else(no_model)?;
    let mut from = File::open(path).map_err(unreadable)?;
    let total = from.metadata().map_err(unreadable)?.len();
    let copied = copy(&destination(app)?, &shown, &mut from, &mut |done| progress(done as f64, total as f64))?;
    copied.found(app)?.ok_or_else(no_model)
}

/// Copies the model files of a bundle to this folder; all of them, or nothing stays. Its other files are checked too.
fn take_bundle(
    app: &App,
    path: &Path,
    key: Option<&str>,
    folder: &Path,
    progress: &mut dyn FnMut(f64, f64) -> ControlFlow<()>,
) -> Result<Vec<Found>, AppError> {
    let key = model_bundle::key(app.institution(), key)?;
    let mut bundle = Bundle::open(path, &key)?;
    let (total, mut before) = (bundle.total() as f64, 0.0);
    let mut models = Vec::new();
    while let Some(mut member) = bundle.next_file()? {
        let (name, bytes, sha256) = (member.name, member.bytes, member.sha256);
        let copied = copy(folder, &name, &mut member.content, &mut |done| progress(before + done as f64, total))?;
        if copied.sha256 != sha256 || copied.bytes != bytes {
            return Err(bundle.fault(&name, "its bytes are not those that were signed: it was changed or cut off"));
        }
        before += bytes as f64;
        models.extend(copied.found(app)?);
    }
    Ok(models)
}

/// What the person chose: a bundle's models, or those of a file or a folder.
pub(crate) fn take_all(
    app: &App,
    path: &Path,
    key: Option<&str>,
    progress: &mut dyn FnMut(f64, f64) -> ControlFlow<()>,
) -> Result<Vec<Found>, AppError> {
    if model_bundle::is_bundle(path) {
        return take_bundle(app, path, key, &destination(app)?, progress);
    }
    files(path)?.iter().map(|file| take(app, file, progress)).collect()
}

/// Puts a bundle's models where all vaults of this workstation find them: an act of whoever may write that folder, before
/// there is a vault or beside one. What the manifest does not know needs a vault, whose administrator names it.
pub(crate) fn install(
    app: &App,
    payload: &Value,
    ports: &dyn Ports,
) -> Result<Option<Vec<ImportedModelDto>>, AppError> {
    let Some(path) = ports.open_file("model") else { return Ok(None) };
    let shown = path.display().to_string();
    if !model_bundle::is_bundle(&path) {
        return Err(AppError::input(shown, "it is no bundle of models"));
    }
    let folders = app.model_folders();
    let folder = folders.first().ok_or(AppError::Internal("no models folder"))?;
    DirBuilder::new().recursive(true).mode(0o755).create(folder).map_err(cannot_write(folder))?;
    let mut progress = |done, total| {
        let (stage, unit) = ("importing_model".to_owned(), "bytes".to_owned());
        ports.progress(ProgressDto { stage, done, total: Some(total), unit });
        ControlFlow::Continue(())
    };
    let found = take_bundle(app, &path, payload.get("key").and_then(Value::as_str), folder, &mut progress)?;
    if let Some(stranger) = found.iter().find(|f| !f.known) {
        return Err(AppError::input(shown, format!("{} is not in this version's manifest", stranger.model.sha256)));
    }
    let put = |found: Found| {
        let model = found.model.clone();
        found.put(app, &model).map(|state| dto(&model, true, state))
    };
    found.into_iter().map(put).collect::<Result<_, _>>().map(Some)
}

/// Bytes that came in, in a file that goes when it is dropped.
struct Copied {
    file: NamedTempFile,
    magic: [u8; 4],
    bytes: u64,
    sha256: Sha256Hex,
}

fn copy(
    folder: &Path,
    shown: &str,
    from: &mut dyn Read,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Copied, AppError> {
    let unreadable = |e: io::Error| AppError::input(shown, e.kind().to_string());
    clear_leftovers(folder);
    let mut file = tempfile::Builder::new().prefix(IMPORTING).tempfile_in(folder).map_err(cannot_write(folder))?;
    file.as_file().try_lock().map_err(|e| cannot_write(folder)(e.into()))?;
    let (mut hash, mut block) = (Sha256::new(), vec![0; 1 << 20]);
    let (mut bytes, mut magic) = (0_u64, [0; 4]);
    loop {
        let n = from.read(&mut block).map_err(unreadable)?;
        if n == 0 {
            break;
        }
        if bytes == 0 && n >= magic.len() {
            magic.copy_from_slice(&block[..4]);
        }
        hash.update(&block[..n]);
        file.write_all(&block[..n]).map_err(cannot_write(folder))?;
        bytes += n as u64;
        if progress(bytes).is_break() {
            return Err(AppError::Cancelled);
        }
    }
    file.as_file().sync_all().map_err(cannot_write(folder))?;
    Ok(Copied { file, magic, bytes, sha256: Sha256Hex::from_bytes(&hash.finalize().into()) })
}

/// Copies that a killed import left. One that goes on holds its own locked.
fn clear_leftovers(folder: &Path) {
    let begun = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(IMPORTING);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten().filter(begun) {
        if File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Copied {
    /// What model it is; `None` when it is none.
    fn found(self, app: &App) -> Result<Option<Found>, AppError> {
        let Some(task) = task_of(self.magic) else { return Ok(None) };
        let (sha256, bytes) = (self.sha256, self.bytes);
        let known = app.known_models()?.into_iter().find(|m| m.sha256 == sha256);
        let is_known = known.is_some();
        let (beside, ending) = match task {
            Task::Speech => (SPEECH_BESIDE, "bin"),
            Task::Language => (LANGUAGE_BESIDE, "gguf"),
        };
        let model = known.unwrap_or_else(|| Model {
            name: String::new(),
            task,
            file: format!("{}.{ending}", &sha256.as_str()[..16]),
            licence: String::new(),
            bytes,
            sha256,
            default: false,
            ram_bytes: bytes + beside,
            listed: true,
        });
        Ok(Some(Found { model, known: is_known, copy: self.file }))
    }
}

/// The models folder where this user may write it, else one within the vault.
fn destination(app: &App) -> Result<PathBuf, AppError> {
    let folders = app.model_folders();
    let writable = |folder: &PathBuf| folder.is_dir() && tempfile::tempfile_in(folder).is_ok();
    if let Some(folder) = folders.iter().find(|f| writable(f)) {
        return Ok(folder.clone());
    }
    let own = folders.last().cloned().ok_or(AppError::Internal("no models folder"))?;
    DirBuilder::new().recursive(true).mode(0o700).create(&own).map_err(cannot_write(&own))?;
    Ok(own)
}

/// A model that nothing knows, under the name and licence that the administrator gives it.
pub(crate) fn named(model: &Model, name: Option<&str>, licence: Option<&str>, files: usize) -> Result<Model, AppError> {
    let (Some(name), Some(licence)) = (name.map(str::trim), licence.map(str::trim)) else {
        return Err(AppError::Usage(format!(
            "the model with SHA-256 {} is not in the manifest: say what it is called and under which licence it may be \
             used (--name, --licence)",
            model.sha256
        )));
    };
    if files > 1 {
        return Err(AppError::Usage("models that the manifest does not know are imported one by one".to_owned()));
    }
    let good = |text: &str| (1..=MAX_NAME).contains(&text.chars().count()) && !text.contains(char::is_control);
    if !good(name) || !good(licence) {
        return Err(AppError::Usage(format!("a name and a licence have 1 to {MAX_NAME} characters")));
    }
    Ok(Model { name: name.to_owned(), licence: licence.to_owned(), ..model.clone() })
}

/// An engine reads its header and loads it, sealed off as for any job; what it cannot load does not come in.
pub(crate) fn loads(app: &App, found: &Found, model: &Model) -> Result<(), AppError> {
    let file = ModelFile::open(found.copy.path(), &model.name, &model.sha256)?;
    let spec = app.engines().spec_for(model.task, &Arc::new(file));
    Ok(Connection::spawn(&spec).map(drop)?)
}

impl Found {
    /// Puts the copy in its place; says `present` or, where the same file was there, `already`.
    pub(crate) fn put(self, app: &App, model: &Model) -> Result<&'static str, AppError> {
        if let Some(there) = model.path(&app.model_folders())
            && ModelFile::open(&there, &model.name, &model.sha256).is_ok()
        {
            return Ok("already");
        }
        let folder = self.copy.path().parent().unwrap_or(Path::new("."));
        let to = folder.join(&model.file);
        // Others read models as well, where the folder lets them.
        let mode = fs::Permissions::from_mode(0o644);
        self.copy.as_file().set_permissions(mode).map_err(cannot_write(&to))?;
        self.copy.persist(&to).map_err(|e| cannot_write(&to)(e.error))?;
        Ok("present")
    }
}

/// Makes a model part of the signed policy.
pub(crate) fn list(app: &App, session: &Session, model: &Model) -> Result<(), AppError> {
    if app.known_models()?.iter().any(|m| m.is_called(&model.name)) {
        return Err(AppError::Usage(format!("there is already a model called {}", model.name)));
    }
    app.change_policy(session, |policy| {
        policy.models.push(ListedModel {
            name: model.name.clone(),
            task: model.task.name().to_owned(),
            file: model.file.clone(),
            licence: model.licence.clone(),
            bytes: model.bytes,
            sha256: model.sha256.clone(),
            ram_bytes: model.ram_bytes,
        });
    })
}

pub(crate) fn dto(model: &Model, known: bool, state: &str) -> ImportedModelDto {
    let memory = memory();
    ImportedModelDto {
        name: model.name.clone(),
        task: model.task.name().to_owned(),
        file: model.file.clone(),
        licence: model.licence.clone(),
        bytes: model.bytes,
        sha256: model.sha256.to_string(),
        known,
        state: state.to_owned(),
        ram_bytes: model.ram_bytes,
        memory_bytes: memory.total,
        memory_free: memory.free,
        fits: model.ram_bytes <= memory.total,
    }
}
