//! Tasks of the workspace that are no part of the product: `cargo xtask --help` lists them.
// A tool for a terminal: it speaks on stdout and stderr.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod models;
mod sbom;
mod suites;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

/// Tasks around the Cloister workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Provision the model files named in models/manifest.toml.
    Models(models::Options),
    /// Check the rules of the source tree: crate edges, file length, unsafe code, unfinished work, secrets, npm's lock file.
    Tidy,
    /// Write what the programs and the page are made of, as CycloneDX, and the licence texts of it.
    Sbom {
        /// Where the documents go.
        folder: PathBuf,
    },
    /// Run every test suite and check; the last line says `N passed, N failed`.
    Test {
        /// Only these, of: rust, doc, ui, desktop, security, package, tidy, clippy, fmt, deny.
        #[arg(value_name = "SUITE")]
        only: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(&Task::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> anyhow::Result<()> {
    let root = workspace_root()?;
    match task {
        Task::Models(options) => models::provision(&root, options),
        Task::Tidy => tidy::check(&root),
        Task::Sbom { folder } => sbom::write(&root, folder),
        Task::Test { only } => suites::run(&root, only),
    }
}

/// The folder of the workspace's `Cargo.toml`. Cargo names this package's own folder when it runs us.
fn workspace_root() -> anyhow::Result<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&package).parent().unwrap_or(Path::new("."));
    anyhow::ensure!(root.join("Cargo.lock").is_file(), "{} is not the workspace's folder", root.display());
    Ok(root.to_path_buf())
}
