//! Model files: there, missing, damaged.

use cloister_testkit::{Workstation, evaluation_data, fixture};
use std::fs;

#[test]
fn the_files_of_the_manifest_are_listed_and_verified_with_models() {
    let station = Workstation::bare().unwrap();
    let list = station.cloister(["models", "list", "--json"]).anonymous().run().unwrap().succeeded().unwrap();
    let list = list.json().unwrap();
    let list = list.as_array().unwrap();
    for task in ["speech", "language"] {
        let defaults = list.iter().filter(|m| m["task"] == task && m["default"] == true).count();
        assert_eq!(defaults, 1, "{task}: {list:?}");
    }
    for model in list {
        assert_eq!(model["sha256"].as_str().unwrap().len(), 64, "{model}");
        assert!(model["bytes"].as_u64().unwrap() > 0 && model["licence"].is_string(), "{model}");
    }
    station.cloister(["models", "verify"]).anonymous().run().unwrap().succeeded().unwrap();
}

#[test]
fn without_model_files_it_says_which_are_missing_and_how_to_get_them() {
    let mut station = Workstation::with_vault().unwrap();
    let empty = station.path("no-models");
    fs::create_dir(&empty).unwrap();
    station.use_models(&empty);
    let list = station.run(["models", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert!(list.as_array().unwrap().iter().all(|m| m["state"] == "missing"), "{list}");
    station.run(["models", "verify"]).unwrap().exited(1).unwrap();

    let clip = fixture("greeting.flac");
    let out = station.run(["transcribe".as_ref(), clip.as_os_str()]).unwrap().exited(1).unwrap();
    assert!(out.stderr.contains("ggml-base-q8_0.bin") || out.stderr.contains("whisper-base"), "{}", out.stderr);
    let unknown = station.run(["transcribe", &clip.to_string_lossy(), "--model", "whisper-enormous"]).unwrap();
    let unknown = unknown.orderly().unwrap();
    assert!(matches!(unknown.code, Some(1 | 2)) && unknown.stderr.contains("whisper-enormous"), "{}", unknown.stderr);
}

#[test]
fn a_file_that_is_not_the_pinned_one_is_never_loaded() {
    let mut station = Workstation::with_vault().unwrap();
    let folder = station.path("bad-models");
    let tiny = evaluation_data("bad_inputs/models/for-tests-ggml-tiny.bin").map(|p| fs::read(p).unwrap());
    let cut = evaluation_data("bad_inputs/models/cut.gguf").map(|p| fs::read(p).unwrap());
    station.file("bad-models/ggml-base-q8_0.bin", tiny.unwrap_or_else(|| vec![7; 4096])).unwrap();
    station
        .file("bad-models/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", cut.unwrap_or_else(|| b"GGUF".to_vec()))
        .unwrap();
    station.use_models(&folder);

    let verified = station.run(["models", "verify"]).unwrap().exited(1).unwrap();
    let said = verified.stdout + &verified.stderr;
    assert!(said.contains("ggml-base-q8_0.bin") || said.contains("whisper-base"), "{said}");

    let clip = fixture("greeting.flac");
    let out = station.run(["transcribe".as_ref(), clip.as_os_str()]).unwrap().exited(1).unwrap();
    assert!(out.stdout.is_empty() && !out.stderr.is_empty());

    let schema = cloister_testkit::demo_sample("report.schema.json");
    station.run(["schema", "add", &schema.to_string_lossy(), "--name", "report"]).unwrap().succeeded().unwrap();
    let note = station.file("note.txt", "Takes aspirin 75 mg.").unwrap();
    let out = station.run(["extract", "--schema", "report", "--text-file", &note.to_string_lossy()]).unwrap();
    assert!(out.exited(1).unwrap().stdout.is_empty());
}
