//! The crates that our programs are linked from, or built by.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

/// The programs that are installed.
const PROGRAMS: &[&str] = &["cloister-cli", "cloister-desktop", "cloister-directory", "cloister-engine"];

/// A CycloneDX document from what `cargo metadata` says, with the digests of `Cargo.lock`.
pub(super) fn bom(metadata: &Value, lock: &str) -> Result<Value> {
    let lock: toml::Table = lock.parse().context("Cargo.lock is not TOML")?;
    let packages: BTreeMap<&str, &Value> = list(&metadata["packages"]).map(|p| (text(p, "id"), p)).collect();
    let nodes: BTreeMap<&str, &Value> = list(&metadata["resolve"]["nodes"]).map(|n| (text(n, "id"), n)).collect();
    let programs: Vec<&str> =
        packages.iter().filter(|(_, p)| PROGRAMS.contains(&text(p, "name"))).map(|(id, _)| *id).collect();
    let linked = reached(&nodes, &programs, &[None]);
    let used = reached(&nodes, &programs, &[None, Some("build")]);
    let component = |id: &&str| {
        let package = packages.get(id)?;
        Some(component(package, linked.contains(id), checksum(&lock, package)))
    };
    let mut components: Vec<Value> = used.iter().filter_map(component).collect();
    components.sort_by_key(|c| c["purl"].to_string());
    let mut edges: Vec<Value> = used.iter().filter_map(|id| edge(id, nodes.get(id)?, &packages, &used)).collect();
    edges.sort_by_key(|e| e["ref"].to_string());
    let version = programs.first().and_then(|id| packages.get(id)).map_or("", |p| text(p, "version"));
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {
            "bom-ref": "cloister", "type": "application", "name": "cloister", "version": version,
            "licenses": [{"expression": "Apache-2.0"}],
        }},
        "components": components,
        "dependencies": edges,
    }))
}

/// Every crate that these need, over dependencies of these kinds (`None` is the ordinary one).
fn reached<'a>(nodes: &BTreeMap<&'a str, &'a Value>, from: &[&'a str], kinds: &[Option<&str>]) -> BTreeSet<&'a str> {
    let (mut seen, mut next) = (BTreeSet::new(), from.to_vec());
    while let Some(id) = next.pop() {
        if seen.insert(id) {
            let deps = nodes.get(id).into_iter().flat_map(|node| list(&node["deps"]));
            let of_kind = |dep: &&Value| list(&dep["dep_kinds"]).any(|k| kinds.contains(&k["kind"].as_str()));
            next.extend(deps.filter(of_kind).map(|dep| text(dep, "pkg")));
        }
    }
    seen
}

fn component(package: &Value, linked: bool, checksum: Option<&str>) -> Value {
    let (name, version) = (text(package, "name"), text(package, "version"));
    let mut of = Map::new();
    of.insert("bom-ref".into(), reference(package).into());
    of.insert("type".into(), "library".into());
    of.insert("name".into(), name.into());
    of.insert("version".into(), version.into());
    // What builds the programs and is no part of them, in the words of CycloneDX.
    of.insert("scope".into(), if linked { "required" } else { "excluded" }.into());
    of.insert("purl".into(), reference(package).into());
    if let Some(licence) = package["license"].as_str() {
        // The older way to write "or" is no SPDX expression.
        of.insert("licenses".into(), json!([{"expression": licence.replace('/', " OR ")}]));
    }
    if let Some(sha256) = checksum {
        of.insert("hashes".into(), json!([{"alg": "SHA-256", "content": sha256}]));
    }
    Value::Object(of)
}

fn edge(id: &str, node: &Value, packages: &BTreeMap<&str, &Value>, used: &BTreeSet<&str>) -> Option<Value> {
    let needed = |dep: &&Value| {
        used.contains(text(dep, "pkg")) && list(&dep["dep_kinds"]).any(|k| k["kind"].as_str() != Some("dev"))
    };
    let mut on: Vec<String> =
        list(&node["deps"]).filter(needed).filter_map(|dep| Some(reference(packages.get(text(dep, "pkg"))?))).collect();
    on.sort_unstable();
    on.dedup();
    Some(json!({"ref": reference(packages.get(id)?), "dependsOn": on}))
}

/// A package URL, which tells crates apart as well.
fn reference(package: &Value) -> String {
    // The "+" of a version's build part is escaped (purl specification).
    format!("pkg:cargo/{}@{}", text(package, "name"), text(package, "version").replace('+', "%2B"))
}

fn checksum<'a>(lock: &'a toml::Table, package: &Value) -> Option<&'a str> {
    let same = |p: &&toml::Value| {
        let is = |key: &str| p.get(key).and_then(toml::Value::as_str) == package[key].as_str();
        is("name") && is("version")
    };
    lock.get("package")?.as_array()?.iter().find(same)?.get("checksum")?.as_str()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_licence_digest_and_edges_come_from_the_metadata() {
        let package =
            |name: &str, licence: &str| json!({"id": name, "name": name, "version": "1.0.0", "license": licence});
        let on = |name: &str, kind: Option<&str>| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let metadata = json!({
            "packages": [package("cloister-cli", "Apache-2.0"), package("linked", "MIT/Apache-2.0"),
                package("builder", "MIT"), package("tested", "MIT"), package("unused", "MIT")],
            "resolve": {"nodes": [
                {"id": "cloister-cli", "deps": [on("linked", None), on("builder", Some("build")), on("tested", Some("dev"))]},
                {"id": "linked", "deps": []}, {"id": "builder", "deps": [on("linked", None)]}, {"id": "tested", "deps": []},
            ]},
        });
        let lock = "[[package]]\nname = 'linked'\nversion = '1.0.0'\nchecksum = 'abc'\n";
        let bom = bom(&metadata, lock).unwrap();
        let names: Vec<_> = list(&bom["components"]).map(|c| text(c, "name")).collect();
        assert_eq!(names, ["builder", "cloister-cli", "linked"]);
        let of = |name: &str| list(&bom["components"]).find(|c| c["name"] == name).unwrap().clone();
        assert_eq!(
            (of("linked")["scope"].clone(), of("builder")["scope"].clone()),
            ("required".into(), "excluded".into())
        );
        assert_eq!(of("linked")["licenses"], json!([{"expression": "MIT OR Apache-2.0"}]));
        assert_eq!(of("linked")["hashes"], json!([{"alg": "SHA-256", "content": "abc"}]));
        assert_eq!(of("linked")["purl"], "pkg:cargo/linked@1.0.0");
        let edges = list(&bom["dependencies"]).find(|e| e["ref"] == "pkg:cargo/cloister-cli@1.0.0").unwrap();
        assert_eq!(edges["dependsOn"], json!(["pkg:cargo/builder@1.0.0", "pkg:cargo/linked@1.0.0"]));
    }
}
