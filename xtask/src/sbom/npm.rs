//! The npm packages that the page is made of, from npm's lock file. `npm sbom --omit=dev` leaves out packages that a
//! development dependency names as well, react among them.

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// A CycloneDX document from `package-lock.json`.
pub(super) fn bom(lock: &Value) -> Result<Value> {
    let packages = lock["packages"].as_object().context("a lock file without packages")?;
    // The first is the page itself; what only its build and tests need is marked, and so are other platforms' programs.
    let aside = |p: &Value| ["dev", "devOptional", "optional"].iter().any(|mark| p[*mark] == true);
    let shipped = packages.iter().filter(|(place, p)| !place.is_empty() && !aside(p));
    let mut components = shipped.map(|(place, package)| component(place, package)).collect::<Result<Vec<_>>>()?;
    components.sort_by_key(|c| c["purl"].to_string());
    // The same version may lie in two places.
    components.dedup();
    let page = &packages.get("").context("a lock file without the page")?["version"];
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {
            "bom-ref": "cloister-ui", "type": "application", "name": "cloister-ui", "version": page,
            "licenses": [{"expression": "Apache-2.0"}],
        }},
        "components": components,
    }))
}

fn component(place: &str, package: &Value) -> Result<Value> {
    let name = place.rsplit_once("node_modules/").map_or(place, |(_, name)| name);
    let text = |key: &str| package[key].as_str().with_context(|| format!("{place} has no {key}"));
    let version = text("version")?;
    let digest =
        text("integrity")?.strip_prefix("sha512-").with_context(|| format!("{place} is not held by SHA-512"))?;
    let digest = STANDARD.decode(digest).with_context(|| format!("the digest of {place}"))?;
    // The "@" of a scope is escaped (purl specification).
    let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
    Ok(json!({
        "bom-ref": purl, "type": "library", "name": name, "version": version, "scope": "required", "purl": purl,
        "licenses": [{"expression": text("license")?}],
        "hashes": [{"alg": "SHA-512", "content": hex::encode(digest)}],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_is_listed_once_with_licence_and_digest() {
        let package = json!({"version": "2.0.0", "license": "MIT", "integrity": "sha512-AAEC"});
        let lock = json!({"packages": {
            "": {"version": "0.1.0"},
            "node_modules/@a/b": package,
            "node_modules/c/node_modules/@a/b": package,
            "node_modules/tool": {"dev": true},
            "node_modules/tool-for-windows": {"optional": true},
        }});
        let bom = bom(&lock).unwrap();
        assert_eq!(bom["components"].as_array().unwrap().len(), 1);
        let of = &bom["components"][0];
        assert_eq!((&of["name"], &of["purl"]), (&"@a/b".into(), &"pkg:npm/%40a/b@2.0.0".into()));
        assert_eq!(of["hashes"][0]["content"], "000102");
    }

    #[test]
    fn a_package_without_digest_or_licence_is_an_error() {
        for gap in ["version", "license", "integrity"] {
            let mut package = json!({"version": "2.0.0", "license": "MIT", "integrity": "sha512-AAEC"});
            package.as_object_mut().unwrap().shift_remove(gap);
            let lock = json!({"packages": {"": {"version": "0.1.0"}, "node_modules/a": package}});
            assert!(bom(&lock).is_err(), "{gap}");
        }
    }
}
