use super::*;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// Made by packaging/models-bundle.sh, so by GNU tar and by minisign.
fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/bundle").join(name)
}

fn made_with() -> PublicKey {
    key(vector("").as_path(), Some("RWSFH477ZuC+4O2eLj3vuau1jJ73gPOHkhj5PWwe9e2cBJ4jTXJTpiJH")).unwrap()
}

/// Names and contents, each held to its digest, or the refusal's words.
fn read(path: &Path, key: &PublicKey) -> Result<Vec<(String, usize)>, String> {
    let mut bundle = Bundle::open(path, key).map_err(|e| e.to_string())?;
    let mut found = Vec::new();
    loop {
        let Some(mut member) = bundle.next_file().map_err(|e| e.to_string())? else { return Ok(found) };
        let mut content = Vec::new();
        member.content.read_to_end(&mut content).unwrap();
        if Sha256Hex::from_bytes(&Sha256::digest(&content).into()) != member.sha256 {
            return Err(format!("{}: other bytes", member.name));
        }
        found.push((member.name, content.len()));
    }
}

#[test]
fn what_tar_and_minisign_made_is_read() {
    let read = read(&vector("good.tar"), &made_with()).unwrap();
    let expected = [("LICENCES", 16), ("speech.bin", 204), ("language.gguf", 704)];
    assert_eq!(read, expected.map(|(name, bytes)| (name.to_owned(), bytes)));
    assert!(is_bundle(&vector("good.tar")) && !is_bundle(&vector("models.pub")) && !is_bundle(&vector("none")));
}

#[test]
fn any_byte_changed_is_refused_with_the_file_it_is_in() {
    let good = fs::read(vector("good.tar")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.tar");
    let key = made_with();
    let comment = good.windows(18).position(|w| w == b"untrusted comment:").unwrap();
    let free = comment..comment + good[comment..].iter().position(|b| *b == b'\n').unwrap();
    let mut blamed = std::collections::BTreeMap::<String, usize>::new();
    for at in (0..good.len()).filter(|at| !free.contains(at)) {
        let mut changed = good.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        let fault = read(&path, &key).expect_err(&format!("byte {at}"));
        let names = ["LICENCES", "speech.bin", "language.gguf", SIGNATURE, LIST];
        *blamed.entry(names.iter().find(|n| fault.contains(*n)).unwrap_or(&"end").to_string()).or_default() += 1;
    }
    // Header, content and padding each: whole blocks. A byte of the list breaks its signature, which is named then.
    assert_eq!((blamed["LICENCES"], blamed["speech.bin"], blamed["language.gguf"]), (1024, 1024, 1536), "{blamed:?}");
}

#[test]
fn cut_off_anywhere_or_longer_is_refused() {
    let good = fs::read(vector("good.tar")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.tar");
    let key = made_with();
    let content_ends = good.iter().rposition(|b| *b != 0).unwrap().next_multiple_of(BLOCK);
    for length in (0..content_ends + 2 * BLOCK).step_by(31) {
        fs::write(&path, &good[..length]).unwrap();
        assert!(read(&path, &key).is_err(), "{length}");
    }
    let mut longer = good.clone();
    longer.extend(header("more.bin", 0));
    fs::write(&path, &longer).unwrap();
    assert!(read(&path, &key).is_err());
}

#[test]
fn another_key_and_no_key_are_told_apart() {
    let other = key(Path::new("/none"), Some("RWQaYSenPiRLnQx4x77ziKA5GOPdDrUxyngMVJW2z2pO3oejwNod8ouR")).unwrap();
    let fault = read(&vector("good.tar"), &other).unwrap_err();
    assert!(fault.contains("another key"), "{fault}");
    let missing = key(Path::new("/none"), None).unwrap_err().to_string();
    assert!(missing.contains("models.pub") && missing.contains("--key"), "{missing}");
    assert_eq!(
        key(&vector(""), None).unwrap(),
        PublicKey::decode(&fs::read_to_string(vector("models.pub")).unwrap()).unwrap()
    );
    assert!(key(Path::new("/none"), Some("RWQ")).is_err());
}

#[test]
fn names_that_lead_elsewhere_are_no_names() {
    let digest = "0".repeat(64);
    for name in ["../x", "/x", "a/b", ".x", "", "a b", &"x".repeat(101)] {
        assert!(lines(&format!("{digest}  {name}\n")).is_none(), "{name}");
    }
    assert_eq!(lines(&format!("{digest}  x-1.bin\n")).unwrap().len(), 1);
}
