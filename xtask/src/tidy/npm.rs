//! The page's packages run nothing while they are installed, and come from the registry, each by its digest.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding;

const LOCK: &str = "ui/package-lock.json";

/// Check the lock file.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let text = fs::read_to_string(root.join(LOCK)).with_context(|| format!("cannot read {LOCK}"))?;
    of_lock(&serde_json::from_str(&text).with_context(|| format!("{LOCK} is not JSON"))?)
}

fn of_lock(lock: &Value) -> Result<Vec<Finding>> {
    let packages = lock["packages"].as_object().context("a lock file without packages")?;
    let wrong = |(name, package): (&String, &Value)| {
        // What lies inside another package is covered by that one's digest.
        let by_digest = package["integrity"].is_string() || package["inBundle"] == true;
        if package["hasInstallScript"] == true {
            Some(format!("{name} runs a script while it is installed"))
        } else if !package["resolved"].is_null() || !by_digest {
            Some(format!("{name} does not come from the registry by its digest"))
        } else {
            None
        }
    };
    // The first is the page itself.
    let faults = packages.iter().filter(|(name, _)| !name.is_empty()).filter_map(wrong);
    Ok(faults.map(|fault| Finding::error(Path::new(LOCK), 0, fault)).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scripts_other_sources_and_missing_digests_are_found() {
        let lock = json!({"packages": {
            "": {"name": "page", "hasInstallScript": true},
            "node_modules/good": {"integrity": "sha512-x"},
            "node_modules/good/node_modules/inside": {"inBundle": true},
            "node_modules/script": {"integrity": "sha512-x", "hasInstallScript": true},
            "node_modules/git": {"resolved": "git+ssh://git@example.org/a.git", "integrity": "sha512-x"},
            "node_modules/loose": {"version": "1.0.0"},
        }});
        let found: Vec<_> = of_lock(&lock).unwrap().into_iter().map(|f| f.message).collect();
        assert_eq!(found.len(), 3, "{found:?}");
        for (message, name) in found.iter().zip(["script", "git", "loose"]) {
            assert!(message.contains(name), "{message}");
        }
        assert!(of_lock(&json!({})).is_err());
    }
}
