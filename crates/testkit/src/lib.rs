//! What the tests share: a throw-away workstation that runs the real `cloister`, sounds and model files made on the
//! spot, and the search for clinical text where none may be. Only ever a dev-dependency.

mod clinic;
pub mod sound;
pub mod tiny_gguf;
pub mod traces;
pub mod words;
mod workstation;

pub use clinic::Clinic;
pub use workstation::{Account, Invocation, Outcome, PROFILE, Running, Workstation};

use std::path::{Path, PathBuf};

/// The repository's root folder.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map_or_else(PathBuf::new, Path::to_path_buf)
}

/// A file of the demo's samples (`crates/app/assets/demo`).
#[must_use]
pub fn demo_sample(name: &str) -> PathBuf {
    repository().join("crates/app/assets/demo").join(name)
}

/// A file kept with the black-box tests (`tests/fixtures`).
#[must_use]
pub fn fixture(name: &str) -> PathBuf {
    repository().join("tests/fixtures").join(name)
}

/// A file or folder of the evaluation data that may lie beside the repository, in `../shared/data`. It is no part of
/// the repository: without it this says so on stderr and gives nothing, and the test that asked ends there.
#[must_use]
#[allow(clippy::print_stderr, reason = "the word that a test was skipped")]
pub fn evaluation_data(path: &str) -> Option<PathBuf> {
    let found = repository().parent()?.join("shared/data").join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: {} is not here", found.display());
    None
}
