//! `cargo xtask tidy`: rules about the source tree that neither rustc nor clippy holds.
//!
//! Which crate may depend on which ([`edges`]), how long a file may grow and what may not be left in it ([`sources`]),
//! where `unsafe` may stand ([`unsafety`]), that no secret is committed ([`secrets`]), and that the page's packages run nothing
//! while they are installed ([`npm`]). Crates that could open a connection are kept out by `deny.toml`.

mod edges;
mod npm;
mod rust_code;
mod secrets;
mod sources;
mod unsafety;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// Something that breaks a rule, or comes near it.
#[derive(Debug, PartialEq)]
pub(crate) struct Finding {
    /// Relative to the workspace.
    path: PathBuf,
    /// Counted from 1; 0 when the finding is about the whole file.
    line: usize,
    weight: Weight,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Warning,
    Error,
}

impl Finding {
    fn error(path: &Path, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.into(), line, weight: Weight::Error, message: message.into() }
    }

    fn warning(path: &Path, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.into(), line, weight: Weight::Warning, message: message.into() }
    }
}

/// Check every rule and print what was found.
///
/// # Errors
/// When a rule is broken. Warnings alone do not fail.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut findings = edges::check(root)?;
    findings.extend(npm::check(root)?);
    findings.extend(secrets::check(root)?);
    let files = source_files(root)?;
    for path in &files {
        let text = fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {}", path.display()))?;
        findings.extend(sources::check(path, &text));
        if has_extension(path, &["rs"]) {
            findings.extend(unsafety::check(path, &text));
        }
    }
    for finding in &findings {
        let Finding { path, line, weight, message } = finding;
        let weight = if *weight == Weight::Error { "error" } else { "warning" };
        eprintln!("{weight}: {}:{line}: {message}", path.display());
    }
    let errors = findings.iter().filter(|f| f.weight == Weight::Error).count();
    ensure!(errors == 0, "{errors} of the rules in xtask/src/tidy are broken");
    println!("tidy: {} files in order, {} warnings", files.len(), findings.len());
    Ok(())
}

/// Our own source files, relative to the workspace, in order.
fn source_files(root: &Path) -> Result<Vec<PathBuf>> {
    const FOLDERS: &[&str] = &[".cargo", ".ci", "benches", "crates", "packaging", "src-tauri", "tests", "ui", "xtask"];
    const SKIPPED: &[&str] = &["dist", "gen", "node_modules", "target"];
    const EXTENSIONS: &[&str] = &["css", "html", "js", "mjs", "py", "rs", "sh", "toml", "ts", "tsx"];
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(PathBuf::from).filter(|f| root.join(f).is_dir()).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name();
            let path = folder.join(&name);
            let kind = entry.file_type()?;
            if kind.is_dir() && !SKIPPED.iter().any(|s| *s == name) {
                folders.push(path);
            } else if kind.is_file() && has_extension(&path, EXTENSIONS) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|e| extensions.iter().any(|wanted| *wanted == e))
}
