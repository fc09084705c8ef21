//! Files that people hand in: opened once, told apart from folders and pipes, read with their encoding guessed.

mod encoding;
mod folder;
mod jsonl;
mod preview;
mod records;
mod source;
mod table;
mod workbook;

pub(crate) use preview::preview;
pub use preview::{Duplicate, Preview};
pub(crate) use records::{ColumnChoice, FileSettings, Records};
pub use records::{FileFormat, SkippedRow};
pub(crate) use source::Source;

use crate::AppError;
use cloister_domain::Sha256Hex;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// The longest text that is taken as one report: about 10,000 pages.
const LONGEST_TEXT: u64 = 32 << 20;

/// A plain file, open for reading. A folder, a pipe or a device is refused by name: reading them may never end.
pub(crate) fn open(path: &Path) -> Result<File, AppError> {
    let name = file_name(path);
    let about = |e: io::Error| AppError::input(name.clone(), fault(&e));
    let kind = std::fs::metadata(path).map_err(about)?.file_type();
    if kind.is_dir() {
        return Err(AppError::input(name, "this is a folder, not a file"));
    }
    if !kind.is_file() {
        return Err(AppError::input(name, "this is a pipe or a device, not a file"));
    }
    let file = File::open(path).map_err(about)?;
    if file.metadata().map_err(about)?.len() == 0 {
        return Err(AppError::input(name, "the file is empty"));
    }
    Ok(file)
}

/// A plain file and the digest of its bytes, read through the same descriptor.
pub(crate) fn open_hashed(path: &Path) -> Result<(File, Sha256Hex), AppError> {
    let mut file = open(path)?;
    let about = |e: io::Error| AppError::input(file_name(path), fault(&e));
    let mut hash = Sha256::new();
    let mut block = vec![0u8; 1 << 20];
    loop {
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(n) => hash.update(&block[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(about(e)),
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(about)?;
    Ok((file, Sha256Hex::from_bytes(&hash.finalize().into())))
}

/// A whole text file as UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String, AppError> {
    let file = open(path)?;
    let about = |e: io::Error| AppError::input(file_name(path), fault(&e));
    let mut bytes = Vec::new();
    file.take(LONGEST_TEXT + 1).read_to_end(&mut bytes).map_err(about)?;
    if bytes.len() as u64 > LONGEST_TEXT {
        return Err(AppError::input(file_name(path), "the text is longer than 32 MiB; split it first"));
    }
    let text = encoding::decode(&bytes);
    if text.trim().is_empty() {
        return Err(AppError::input(file_name(path), "there is no text in it"));
    }
    Ok(text)
}

/// A JSON file, such as a schema.
///
/// # Errors
/// When it cannot be read or is not JSON; the message names line and column and quotes nothing.
pub fn read_json_file(path: &Path) -> Result<serde_json::Value, AppError> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    file.take(LONGEST_TEXT).read_to_end(&mut bytes).map_err(|e| AppError::input(file_name(path), fault(&e)))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|e| {
        AppError::input(file_name(path), format!("this is not JSON (line {}, column {})", e.line(), e.column()))
    })
}

/// The last part of a path, for messages and titles.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

/// The file's name without its ending.
#[must_use]
pub fn file_stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| file_name(path), |n| n.to_string_lossy().into_owned())
}

/// A system error in plain words.
fn fault(e: &io::Error) -> String {
    match e.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "this account may not read the file".to_owned(),
        _ => format!("the file cannot be read ({e})"),
    }
}
