//! The licence texts of what the programs and the page are made of, each text once, with whose it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

/// One text file. Packages that bring no text of their own are listed with their licence's name.
pub(super) fn texts(metadata: &Value, rust: &Value, modules: &Path, npm: &Value) -> Result<String> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut without = Vec::new();
    let mut take = |folder: &Path, component: &Value| -> Result<()> {
        let named = |key: &str| component[key].as_str().unwrap_or_default();
        let whose = format!("{} {}", named("name"), named("version"));
        let found = found_in(folder)?;
        if found.is_empty() {
            let licence = &component["licenses"][0];
            let licence = licence["expression"].as_str().or_else(|| licence["license"]["id"].as_str());
            without.push(format!("{whose}: {}", licence.unwrap_or("see its source")));
        }
        found.into_iter().for_each(|text| texts.entry(text).or_default().push(whose.clone()));
        Ok(())
    };
    for component in components(rust).filter(|c| c["scope"] == "required") {
        let same = |p: &&Value| p["name"] == component["name"] && p["version"] == component["version"];
        let package = metadata["packages"].as_array().into_iter().flatten().find(same);
        // Our own are under the licence of this project.
        let Some(package) = package.filter(|p| !p["source"].is_null()) else { continue };
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        take(manifest.parent().unwrap_or(manifest), component)?;
    }
    for component in components(npm) {
        take(&modules.join(component["name"].as_str().unwrap_or_default()), component)?;
    }
    let mut out = String::new();
    for (text, whose) in &texts {
        out += &format!("{}\n\n{}\n\n{}\n\n", whose.join(", "), text.trim_end(), "-".repeat(80));
    }
    out += &format!("Without a text of their own:\n\n{}\n", without.join("\n"));
    Ok(out)
}

fn components(document: &Value) -> impl Iterator<Item = &Value> {
    document["components"].as_array().into_iter().flatten()
}

fn found_in(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let upper = name.to_uppercase();
        let is_text =
            ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT"].iter().any(|stem| upper.starts_with(stem));
        if is_text && folder.join(&name).is_file() {
            names.push(name);
        }
    }
    names.sort_unstable();
    names.iter().map(|name| Ok(String::from_utf8_lossy(&fs::read(folder.join(name))?).into_owned())).collect()
}
