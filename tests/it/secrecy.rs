//! What lies on the disk: no word of what was imported.

use cloister_testkit::{Workstation, traces};
use serde_json::json;
use std::fs;

/// Words that stand in the reports below and nowhere else.
const CANARIES: [&str; 4] = ["Quillfeather", "bellwether palsy", "MRN-7730-4412", "heliotrope study"];

#[test]
fn the_data_folder_holds_no_word_of_an_imported_report() {
    let station = Workstation::with_vault().unwrap();
    let lines: Vec<String> = (0..40)
        .map(|n| {
            let text =
                format!("Mr. Quillfeather has bellwether palsy, grade {n}. {}", "He is well otherwise. ".repeat(40));
            format!("{}\n", json!({"id": format!("MRN-7730-4412-{n}"), "text": text}))
        })
        .collect();
    let source = station.file("source/heliotrope study.jsonl", lines.concat()).unwrap();
    let schema = station.file(
        "source/schema.json",
        r#"{"type":"object","properties":{"d":{"type":"string","description":"Does he have bellwether palsy?"}}}"#,
    );
    let (path, schema) = (source.to_string_lossy(), schema.unwrap());
    // The search finds the words where they do stand.
    let there = traces::of("Quillfeather", &station.path("source")).unwrap();
    assert_eq!(there.len(), 1, "{there:?}");
    assert_eq!(traces::of("heliotrope study", &station.path("source")).unwrap()[0].encoding, "name");

    station.run(["dataset", "import", &path, "--name", "heliotrope study"]).unwrap().succeeded().unwrap();
    station
        .run(["schema", "add", &schema.to_string_lossy(), "--name", "heliotrope study"])
        .unwrap()
        .succeeded()
        .unwrap();
    station.run(["dataset", "list"]).unwrap().succeeded().unwrap();
    // A failure writes to the operational log.
    station.run(["dataset", "import", &path, "--name", "heliotrope study"]).unwrap().exited(1).unwrap();

    for folder in [station.data(), station.path("home")] {
        for canary in CANARIES {
            assert_eq!(traces::of(canary, &folder).unwrap(), [], "{canary} in {}", folder.display());
        }
    }
    let password = fs::read_to_string(&station.admin().password_file).unwrap();
    assert_eq!(traces::of(password.trim(), &station.data()).unwrap(), []);
}

#[test]
fn the_stores_look_like_noise() {
    let station = Workstation::with_vault().unwrap();
    let reports = cloister_testkit::demo_sample("reports.jsonl");
    station.run(["dataset", "import", &reports.to_string_lossy(), "--name", "six"]).unwrap().succeeded().unwrap();
    let stores: Vec<_> = traces::files(&station.data())
        .unwrap()
        .into_iter()
        .filter(|f| f.extension().is_some_and(|e| e == "db"))
        .collect();
    assert_eq!(stores.len(), 3, "visits, research, library: {stores:?}");
    for store in stores {
        let bytes = fs::read(&store).unwrap();
        assert!(!bytes.starts_with(b"SQLite format 3"), "{} is a plain database", store.display());
        assert!(entropy(&bytes) > 7.9, "{} is not ciphertext: {:.2} bits a byte", store.display(), entropy(&bytes));
    }
}

/// Shannon entropy in bits a byte.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for b in bytes {
        counts[usize::from(*b)] += 1;
    }
    let share = |n: &u32| f64::from(*n) / bytes.len() as f64;
    counts.iter().filter(|n| **n > 0).map(|n| -share(n) * share(n).log2()).sum()
}
