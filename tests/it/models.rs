//! Model files: there, missing, damaged.

use cloister_testkit::{Workstation, evaluation_data, fixture};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

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
    cannot_begin_a_run(&station);
    let none = station.path("none");
    fs::create_dir(&none).unwrap();
    station.use_models(&none);
    cannot_begin_a_run(&station);
}

/// Without a model that can answer, no run is left behind.
fn cannot_begin_a_run(station: &Workstation) {
    let reports = station.file("reports.csv", "id,text\n1,Takes aspirin 75 mg.\n").unwrap();
    let import = ["dataset", "import", &reports.to_string_lossy(), "--name", "notes", "--text-column", "text"];
    station.run(import).unwrap().orderly().unwrap();
    let run = ["batch", "run", "--dataset", "notes", "--schema", "report", "--purpose", "trial", "--json"];
    let out = station.run(run).unwrap().exited(1).unwrap();
    assert!(out.stdout.is_empty() && out.stderr.contains("qwen2.5-coder-1.5b"), "{}", out.stderr);
    let runs = station.run(["batch", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(runs.as_array().map(Vec::len), Some(0), "{runs}");
}

/// A folder with the real files of the two small models, as links; files that a test may write to beside them.
fn brought(station: &Workstation, names: &[&str]) -> PathBuf {
    let folder = station.path("stick");
    fs::create_dir_all(&folder).unwrap();
    for name in names {
        fs::hard_link(station.models().join(name), folder.join(name))
            .or_else(|_| fs::copy(station.models().join(name), folder.join(name)).map(drop))
            .unwrap();
    }
    folder
}

#[test]
fn a_model_comes_in_is_tried_chosen_and_taken_away_with_models() {
    let mut station = Workstation::with_vault().unwrap();
    let stick = brought(&station, &["ggml-tiny.en.bin", "ggml-base-q8_0.bin"]);
    let empty = station.path("models");
    fs::create_dir(&empty).unwrap();
    station.use_models(&empty);
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (from, one) = (text(&stick), text(&stick.join("ggml-tiny.en.bin")));
    let mia = station.user("mia", "clinician").unwrap();
    station.run_as(&mia, ["models", "import", &one]).unwrap().exited(3).unwrap();

    let imported = station.run(["--json", "models", "import", &from]).unwrap().succeeded().unwrap().json().unwrap();
    let imported = imported.as_array().unwrap();
    assert_eq!(imported.len(), 2);
    assert!(
        imported.iter().all(|m| m["known"] == true && m["state"] == "present" && m["fits"] == true),
        "{imported:?}"
    );
    let state = |name: &str| {
        let list = station.run(["--json", "models", "list"]).unwrap().succeeded().unwrap().json().unwrap();
        list.as_array().unwrap().iter().find(|m| m["name"] == name).unwrap().clone()
    };
    assert_eq!(state("whisper-tiny.en")["state"], "present");
    let tried =
        station.run(["--json", "models", "try", "whisper-tiny.en"]).unwrap().succeeded().unwrap().json().unwrap();
    assert!(tried["words"].as_u64().unwrap() > 100 && tried["working_s"].as_f64().unwrap() > 0.0, "{tried}");
    station.run(["models", "default", "speech", "whisper-tiny.en"]).unwrap().succeeded().unwrap();
    assert_eq!(
        (&state("whisper-tiny.en")["default"], &state("whisper-base")["default"]),
        (&true.into(), &false.into())
    );
    let kept = station.run(["models", "remove", "whisper-tiny.en", "--yes"]).unwrap().exited(1).unwrap();
    assert!(kept.stderr.contains("choose another first"), "{}", kept.stderr);
    station.run(["models", "remove", "whisper-base", "--yes"]).unwrap().succeeded().unwrap();
    assert_eq!(state("whisper-base")["state"], "missing");
    station.run(["models", "default", "speech", "whisper-base"]).unwrap().exited(1).unwrap();

    // One byte changed: another model, which nothing knows, and whose header may be as good as ever.
    let mut bytes = fs::read(stick.join("ggml-tiny.en.bin")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let stranger = text(&station.file("stranger.bin", &bytes).unwrap());
    let unknown = station.run(["models", "import", &stranger]).unwrap().exited(2).unwrap();
    assert!(unknown.stderr.contains("is not in the manifest"), "{}", unknown.stderr);
    let named = ["--json", "models", "import", &stranger, "--name", "ward", "--licence", "MIT"];
    let imported = station.run(named).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!((&imported[0]["known"], &imported[0]["name"]), (&false.into(), &"ward".into()));
    assert_eq!(state("ward")["state"], "present");
    station.run(["models", "remove", "ward", "--yes"]).unwrap().succeeded().unwrap();
    // A cut one is told by its bytes, and nothing is kept of it.
    let cut = text(&station.file("cut.bin", &bytes[..100_000]).unwrap());
    let refused =
        station.run(["models", "import", &cut, "--name", "cut", "--licence", "MIT"]).unwrap().exited(1).unwrap();
    assert!(!refused.stderr.is_empty());
    let no_model = text(&station.file("letter.txt", "a letter").unwrap());
    let refused = station.run(["models", "import", &no_model]).unwrap().exited(1).unwrap();
    assert!(refused.stderr.contains("neither GGUF nor ggml"), "{}", refused.stderr);
    assert!(
        fs::read_dir(&empty).unwrap().all(|f| f.unwrap().file_name() == "ggml-tiny.en.bin"),
        "nothing half is left"
    );
    let log = station
        .run(["--json", "audit", "list", "--event", "model_import"])
        .unwrap()
        .succeeded()
        .unwrap()
        .json()
        .unwrap();
    let lines = log["lines"].as_array().or_else(|| log.as_array()).unwrap().clone();
    assert!(lines.iter().any(|l| l["details"]["reason"] == "not_in_manifest"), "{lines:?}");
}

/// A bundle made by packaging/models-bundle.sh, and the key it is signed with. `None` where there is no minisign.
#[allow(clippy::print_stderr, reason = "the test that needs it says so when it is left out")]
fn bundle(station: &Workstation, files: &[&Path]) -> Option<(PathBuf, String)> {
    let (secret, public) = (station.path("models.key"), station.path("models.pub"));
    let made = Command::new("minisign").args(["-G", "-W", "-f", "-s"]).arg(&secret).arg("-p").arg(&public).output();
    if made.is_err() {
        eprintln!("skipped: minisign is not installed");
        return None;
    }
    let bundle = station.path("bundle.tar");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/models-bundle.sh");
    let made = Command::new(script).arg(&secret).arg(&bundle).args(files).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let key = fs::read_to_string(public).unwrap().lines().nth(1).unwrap().to_owned();
    Some((bundle, key))
}

#[test]
fn a_signed_bundle_is_taken_whole_or_not_at_all_with_models() {
    let mut station = Workstation::with_vault().unwrap();
    let tiny = station.models().join("ggml-tiny.en.bin");
    let licences = station.file("LICENCES", "MIT\n").unwrap();
    let Some((good, key)) = bundle(&station, &[&licences, &tiny]) else { return };
    let empty = station.path("models");
    station.use_models(&empty);
    let names = || fs::read_dir(&empty).into_iter().flatten().map(|f| f.unwrap().file_name()).collect::<Vec<_>>();
    let install = |bundle: &Path, key: &str| {
        let bundle = bundle.to_string_lossy();
        station.cloister(["--json", "models", "install", &bundle, "--key", key]).anonymous().run().unwrap()
    };

    // Every refusal says which file, and leaves nothing.
    let mut bytes = fs::read(&good).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let changed = station.file("changed.tar", &bytes).unwrap();
    let refused = install(&changed, &key).exited(1).unwrap();
    assert!(refused.stderr.contains("ggml-tiny.en.bin"), "{}", refused.stderr);
    let cut = station.file("cut.tar", &bytes[..middle]).unwrap();
    assert!(install(&cut, &key).exited(1).unwrap().stderr.contains("ggml-tiny.en.bin"));
    let another = "RWQaYSenPiRLnQx4x77ziKA5GOPdDrUxyngMVJW2z2pO3oejwNod8ouR";
    assert!(install(&good, another).exited(1).unwrap().stderr.contains("another key"));
    assert!(install(&tiny, &key).exited(1).unwrap().stderr.contains("no bundle"));
    assert!(names().is_empty(), "{:?}", names());

    let done = install(&good, &key).succeeded().unwrap().json().unwrap();
    assert_eq!((&done[0]["name"], &done[0]["state"]), (&"whisper-tiny.en".into(), &"present".into()), "{done}");
    assert_eq!(install(&good, &key).succeeded().unwrap().json().unwrap()[0]["state"], "already");
    assert_eq!(names(), ["ggml-tiny.en.bin"], "the licences are for people");

    // The same by the gate: an administrator's act, which stands in the log.
    station.run(["models", "remove", "whisper-tiny.en", "--yes"]).unwrap().succeeded().unwrap();
    let import = ["models", "import", &good.to_string_lossy(), "--key", &key].map(str::to_owned);
    let mia = station.user("mia", "clinician").unwrap();
    station.run_as(&mia, &import).unwrap().exited(3).unwrap();
    station.run(&import).unwrap().succeeded().unwrap();
    assert_eq!(names(), ["ggml-tiny.en.bin"]);
}
