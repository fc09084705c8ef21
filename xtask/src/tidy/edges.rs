//! Dependencies between our crates point down only. The table is the house plan of ARCHITECTURE.md.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Finding;

/// What each crate may name among ours. The tests' crates are free: nothing that ships depends on them.
const ALLOWED: &[(&str, &[&str])] = &[
    ("cloister-domain", &[]),
    ("cloister-kernels", &[]),
    ("cloister-seal", &[]),
    ("cloister-vault", &["cloister-domain"]),
    ("cloister-audit", &["cloister-domain"]),
    // Sound in and out knows nothing of who speaks.
    ("cloister-capture", &[]),
    ("cloister-speech", &["cloister-domain", "cloister-kernels"]),
    ("cloister-extraction", &["cloister-domain", "cloister-kernels"]),
    ("cloister-engine-client", &["cloister-domain", "cloister-seal"]),
    (
        "cloister-engine",
        &["cloister-domain", "cloister-engine-client", "cloister-extraction", "cloister-seal", "cloister-speech"],
    ),
    // How a directory is asked, without what asks it.
    ("cloister-directory-client", &["cloister-domain", "cloister-seal"]),
    ("cloister-directory", &["cloister-domain", "cloister-directory-client", "cloister-seal"]),
    ("cloister-access", &["cloister-domain", "cloister-audit", "cloister-directory-client", "cloister-vault"]),
    ("cloister-store", &["cloister-domain", "cloister-access", "cloister-vault"]),
    (
        "cloister-app",
        &[
            "cloister-domain",
            "cloister-access",
            "cloister-audit",
            "cloister-capture",
            "cloister-engine-client",
            "cloister-seal",
            "cloister-store",
            "cloister-vault",
        ],
    ),
    ("cloister-cli", &["cloister-app"]),
    ("cloister-desktop", &["cloister-app"]),
    ("xtask", &[]),
];

/// Used by tests alone, whichever crate they belong to.
const TESTKIT: &str = "cloister-testkit";
const FREE: &[&str] = &[TESTKIT, "cloister-tests"];

/// Check the `Cargo.toml` of every member.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in manifests(root)? {
        let text = fs::read_to_string(root.join(&path))?;
        let manifest = text.parse::<Table>().with_context(|| format!("{} is not valid TOML", path.display()))?;
        findings.extend(of_manifest(&path, &manifest));
    }
    Ok(findings)
}

fn manifests(root: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = vec!["src-tauri/Cargo.toml".into(), "tests/Cargo.toml".into(), "xtask/Cargo.toml".into()];
    for entry in fs::read_dir(root.join("crates"))? {
        paths.push(Path::new("crates").join(entry?.file_name()).join("Cargo.toml"));
    }
    paths.retain(|path| root.join(path).is_file());
    paths.sort();
    Ok(paths)
}

fn of_manifest(path: &Path, manifest: &Table) -> Vec<Finding> {
    let name = manifest.get("package").and_then(|p| p.get("name")).and_then(Value::as_str).unwrap_or_default();
    if FREE.contains(&name) {
        return Vec::new();
    }
    let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
        let message = format!("{name:?} has no place in the table of xtask/src/tidy/edges.rs: say what it may name");
        return vec![Finding::error(path, 0, message)];
    };
    let forbidden = |(section, dependency): (&'static str, String)| {
        let in_tests = section == "dev-dependencies" && dependency == TESTKIT;
        let fine = in_tests || allowed.contains(&dependency.as_str());
        (!fine).then(|| Finding::error(path, 0, format!("{name} may not name {dependency} in its {section}")))
    };
    our_dependencies(manifest).into_iter().filter_map(forbidden).collect()
}

/// Our own crates that a manifest names, each with the section, whatever the target.
fn our_dependencies(manifest: &Table) -> Vec<(&'static str, String)> {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(|t| t.values());
    let tables: Vec<&Table> = std::iter::once(manifest).chain(targets.filter_map(Value::as_table)).collect();
    let mut found = Vec::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for table in &tables {
            for (key, value) in table.get(section).and_then(Value::as_table).into_iter().flatten() {
                let package = value.get("package").and_then(Value::as_str).unwrap_or(key);
                if package.starts_with("cloister-") || package == "xtask" {
                    found.push((section, package.to_owned()));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(manifest: &str) -> Vec<String> {
        let found = of_manifest(Path::new("Cargo.toml"), &manifest.parse().unwrap());
        found.into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn an_edge_that_points_down_is_fine() {
        let manifest = "package.name = 'cloister-store'\n[dependencies]\ncloister-access.workspace = true\nserde = '1'";
        assert!(messages(manifest).is_empty());
    }

    #[test]
    fn edges_that_point_up_are_found_in_every_section() {
        let manifest = "package.name = 'cloister-domain'\n[build-dependencies]\nx = { package = 'cloister-app' }\n\
            [target.'cfg(unix)'.dependencies]\ncloister-vault = { path = '../vault' }";
        assert_eq!(
            messages(manifest),
            [
                "cloister-domain may not name cloister-vault in its dependencies",
                "cloister-domain may not name cloister-app in its build-dependencies",
            ]
        );
    }

    #[test]
    fn the_testkit_is_for_tests_alone() {
        let section = |s: &str| messages(&format!("package.name = 'cloister-cli'\n[{s}]\ncloister-testkit = '1'"));
        assert!(section("dev-dependencies").is_empty());
        assert_eq!(section("dependencies"), ["cloister-cli may not name cloister-testkit in its dependencies"]);
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_is_an_error() {
        assert_eq!(messages("package.name = 'cloister-new'").len(), 1);
    }
}
