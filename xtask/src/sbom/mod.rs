//! `cargo xtask sbom FOLDER`: what the programs and the page are made of, as CycloneDX 1.5, and the licence texts of it.
//!
//! Made from `cargo metadata` and the two lock files alone: no network, no clock, no serial number, so that two runs agree.

mod licences;
mod npm;
mod rust;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Write the documents into `folder`.
///
/// # Errors
/// When cargo cannot say what is used, a lock file is incomplete, or the folder cannot be written.
pub(crate) fn write(root: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let metadata = json_of(Command::new("cargo").current_dir(root).args([
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--filter-platform=x86_64-unknown-linux-gnu",
    ]))?;
    let lock = fs::read_to_string(root.join("Cargo.lock"))?;
    let rust = rust::bom(&metadata, &lock)?;
    let npm = npm::bom(&serde_json::from_str(&fs::read_to_string(root.join("ui/package-lock.json"))?)?)?;
    for (name, document) in [("cloister-rust.cdx.json", &rust), ("cloister-npm.cdx.json", &npm)] {
        fs::write(folder.join(name), serde_json::to_string_pretty(document)? + "\n")?;
        let components = document["components"].as_array().map_or(0, Vec::len);
        println!("{name}: {components} components");
    }
    let texts = licences::texts(&metadata, &rust, &root.join("ui/node_modules"), &npm)?;
    fs::write(folder.join("THIRD-PARTY-LICENCES"), texts)?;
    Ok(())
}

fn json_of(command: &mut Command) -> Result<Value> {
    let output = command.output().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let name = command.get_program().display();
    ensure!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr).trim());
    serde_json::from_slice(&output.stdout).with_context(|| format!("{name} answered no JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_workspace_ships_is_listed_and_what_only_tests_use_is_not() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let folder = tempfile::tempdir().unwrap();
        write(root, folder.path()).unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        let names = |document: &str| -> Vec<String> {
            let document: Value = serde_json::from_str(document).unwrap();
            assert_eq!((&document["bomFormat"], &document["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
            assert!(document.get("serialNumber").is_none() && document["metadata"].get("timestamp").is_none());
            let components = document["components"].as_array().unwrap();
            assert!(components.iter().all(|c| c["purl"].as_str().unwrap().starts_with("pkg:")));
            components.iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect()
        };
        let rust = names(&read("cloister-rust.cdx.json"));
        for shipped in
            ["rusqlite", "tauri", "ed25519-dalek", "symphonia", "cloister-store", "serde_derive", "libsqlite3-sys"]
        {
            assert!(rust.iter().any(|n| n == shipped), "{shipped}");
        }
        for not_shipped in ["proptest", "insta", "whisper-rs", "cloister-testkit", "xtask", "windows-sys"] {
            assert!(!rust.iter().any(|n| n == not_shipped), "{not_shipped}");
        }
        let npm = names(&read("cloister-npm.cdx.json"));
        assert!(
            npm.iter().any(|n| n == "react") && !npm.iter().any(|n| n == "vite" || n.contains("typescript")),
            "{npm:?}"
        );
        let texts = read("THIRD-PARTY-LICENCES");
        assert!(
            texts.contains("rusqlite ") && texts.contains("react ") && texts.contains("Permission is hereby granted")
        );
    }
}
