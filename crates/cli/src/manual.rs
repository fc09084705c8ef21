//! Manual pages, made of the same words as `--help`.

use crate::{args::Arguments, face::Failure};
use clap::CommandFactory;
use std::path::Path;

/// Writes `cloister.1`, `cloister-init.1` and so on into a folder, which it makes.
pub(crate) fn write(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder))
        .map_err(|e| Failure::Some(format!("{}: {e}", folder.display())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_page_with_its_example() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(page("cloister.1").contains(".SH"));
        assert!(page("cloister-models-install.1").contains("/mnt/stick/"));
        assert!(!folder.path().join("cloister-manual.1").exists(), "what is hidden has no page");
    }
}
