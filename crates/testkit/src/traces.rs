//! The search for a text in files that must not hold it, in the encodings that software leaves behind.

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A text found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Where.
    pub file: PathBuf,
    /// As what: `utf-8`, `utf-16`, `base64`, `hex`, or `name` for the file's own name.
    pub encoding: &'static str,
}

/// Every file under `folder` that holds `text`, whatever its case, in one of the encodings of [`Trace`].
///
/// # Errors
/// When a file cannot be read: an unread file is no clean file.
pub fn of(text: &str, folder: &Path) -> Result<Vec<Trace>> {
    let needles = needles(text);
    let mut found = Vec::new();
    for file in files(folder)? {
        if file.file_name().is_some_and(|name| name.to_string_lossy().contains(text)) {
            found.push(Trace { file: file.clone(), encoding: "name" });
        }
        let content = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let lowered = content.to_ascii_lowercase();
        for (encoding, needle) in &needles {
            // Base64 tells upper from lower case; the others are sought in either.
            let haystack = if *encoding == "base64" { &content } else { &lowered };
            let trace = Trace { file: file.clone(), encoding };
            if memchr::memmem::find(haystack, needle).is_some() && !found.contains(&trace) {
                found.push(trace);
            }
        }
    }
    Ok(found)
}

/// Every file under `folder`, however deep, in order of name. Links are not followed.
///
/// # Errors
/// When a folder cannot be listed.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("listing {}", next.display()))? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn needles(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let lower = text.to_ascii_lowercase();
    let mut needles = vec![
        ("utf-8", lower.clone().into_bytes()),
        ("utf-16", lower.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("utf-16", lower.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("hex", text.bytes().flat_map(|b| format!("{b:02x}").into_bytes()).collect()),
    ];
    // Base64 of a longer text holds this one in one of three ways, by where it begins modulo 3. The characters that
    // also depend on its neighbours are left out.
    for before in 0..3 {
        let mut padded = vec![0; before];
        padded.extend_from_slice(text.as_bytes());
        let code = STANDARD.encode(&padded);
        let (first, last) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        needles.push(("base64", code.as_bytes()[first..last].to_vec()));
    }
    needles
}

#[cfg(test)]
mod tests {
    use super::of;
    use base64::{Engine, engine::general_purpose::STANDARD};

    #[test]
    fn the_text_is_found_in_every_encoding_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let text = "Quillfeather syndrome";
        let around = |n: usize| format!("{}{text} was seen", "x".repeat(n));
        let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.path().join(name), bytes).unwrap();
        write("a-utf8", around(5).to_uppercase().into_bytes());
        write("b-utf16le", around(5).encode_utf16().flat_map(u16::to_le_bytes).collect());
        write("c-utf16be", around(5).encode_utf16().flat_map(u16::to_be_bytes).collect());
        for n in 0..3 {
            write(&format!("d-base64-{n}"), STANDARD.encode(around(n)).into_bytes());
        }
        write("e-hex", around(1).bytes().flat_map(|b| format!("{b:02X}").into_bytes()).collect());
        write("f-clean", b"nothing of the kind".to_vec());
        let found: Vec<_> = of(text, folder.path()).unwrap().iter().map(|t| t.encoding).collect();
        assert_eq!(found, ["utf-8", "utf-16", "utf-16", "base64", "base64", "base64", "hex"]);
    }
}
