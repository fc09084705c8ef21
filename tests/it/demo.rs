//! The main job on the bundled samples, as a first-time user sees it.

use cloister_testkit::{Workstation, traces};
use std::fs;

#[test]
fn the_demo_does_the_whole_job_with_models() {
    let station = Workstation::bare().unwrap();
    let kept = station.path("kept");
    let args = ["demo", "--json", "--keep", &kept.to_string_lossy()].map(str::to_owned);
    let out = station.cloister(args).anonymous().run().unwrap().succeeded().unwrap();
    let demo = out.json().unwrap();
    let keys: Vec<_> = demo.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["transcript", "extractions", "audit", "steps"]);

    let heard = demo["transcript"].to_string().to_lowercase();
    assert!(heard.contains("penicillin") && heard.contains("naproxen"), "{heard}");
    let extractions = demo["extractions"].as_array().unwrap();
    assert_eq!(extractions.len(), 7, "one visit and six reports");
    for e in extractions {
        assert!(["ok", "partial"].contains(&e["status"].as_str().unwrap()), "{e}");
        assert!(!e["findings"].as_array().unwrap().is_empty(), "{e}");
    }
    assert_eq!(demo["audit"]["verdict"], "intact");
    let steps = demo["steps"].as_array().unwrap();
    assert!(steps.iter().all(|s| s["name"].is_string() && s["seconds"].as_f64().unwrap() >= 0.0), "{steps:?}");

    // The visit was reviewed and signed, and left in three forms.
    for step in ["review findings", "sign note", "export note"] {
        assert!(steps.iter().any(|s| s["name"] == step), "{steps:?}");
    }
    assert!(fs::read(kept.join("visit-note.pdf")).unwrap().starts_with(b"%PDF-"));
    assert!(fs::read(kept.join("visit-note.docx")).unwrap().starts_with(b"PK"));
    let bundle: serde_json::Value =
        serde_json::from_slice(&fs::read(kept.join("visit-note.fhir.json")).unwrap()).unwrap();
    let kinds: Vec<_> = bundle["entry"].as_array().unwrap().iter().map(|e| &e["resource"]["resourceType"]).collect();
    assert!(kinds[0] == "Composition" && kinds.iter().any(|k| *k == "AllergyIntolerance"), "{kinds:?}");

    // It worked in a vault of its own, and what it kept is ciphertext; the export beside it is what was asked for.
    assert!(!station.data().exists());
    let stores: Vec<_> =
        traces::files(&kept).unwrap().into_iter().filter(|f| f.extension().is_some_and(|e| e == "db")).collect();
    assert!(!stores.is_empty());
    for store in stores {
        let bytes = fs::read(&store).unwrap();
        assert!(!bytes.windows(10).any(|w| w.eq_ignore_ascii_case(b"penicillin")), "{}", store.display());
    }
}
