//! Where things lie when nobody says otherwise.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

/// The vault's folder, the models' folder, the programs beside this one, and what the institution sets.
#[derive(Debug, Clone)]
pub struct Paths {
    /// The vault.
    pub data: PathBuf,
    /// Model files.
    pub models: PathBuf,
    /// `cloister-engine`.
    pub engine: PathBuf,
    /// `cloister-directory`.
    pub directory: PathBuf,
    /// What the institution sets for the whole workstation: `policy.toml` for new vaults, `models.pub` for bundles of models.
    pub institution: PathBuf,
}

impl Paths {
    /// What was asked for, else the platform's data folder, the checkout's models or the workstation's, and the
    /// programs that lie beside the running one.
    #[must_use]
    pub fn resolve(data: Option<PathBuf>, models: Option<PathBuf>) -> Self {
        let here = std::env::current_exe().ok().and_then(|exe| exe.canonicalize().ok());
        let folder = here.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
        Self {
            data: data.unwrap_or_else(default_data),
            models: models.unwrap_or_else(|| default_models(folder)),
            engine: folder.join("cloister-engine"),
            directory: folder.join("cloister-directory"),
            institution: PathBuf::from("/etc/cloister"),
        }
    }
}

/// `$XDG_DATA_HOME/cloister`, else `~/.local/share/cloister` (XDG Base Directory Specification).
fn default_data() -> PathBuf {
    let absolute = |v: &OsStr| Path::new(v).is_absolute();
    std::env::var_os("XDG_DATA_HOME")
        .filter(|v| absolute(v))
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").filter(|v| absolute(v)).map(|h| PathBuf::from(h).join(".local/share")))
        .unwrap_or_else(|| PathBuf::from("."))
        .join("cloister")
}

fn default_models(program: &Path) -> PathBuf {
    // In a checkout the program lies in target/PROFILE; the weights lie in models/weights of the same checkout.
    let checkout = program.ancestors().map(|a| a.join("models/weights")).find(|w| w.is_dir());
    checkout.unwrap_or_else(|| PathBuf::from("/var/lib/cloister/models"))
}
