//! Forms that the bundled schemas lead to.

use super::{affirmed, generated};
use cloister_domain::{
    Assertion, Decision, Entropy, Evidence, ExtractionId, Finding, ModelRef, NoteBasis, NoteLayout, NoteTemplate,
    Provenance, Review, Sensitive, SettledFinding, Sha256Hex, Support, Timestamp, UserId,
};
use serde_json::{Value, json};

struct Zero;
impl Entropy for Zero {
    fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
        out.fill(0);
        Ok(())
    }
}

const AT: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn basis(findings: &[(&str, &str, Value)], rejected: &[&str]) -> NoteBasis {
    let h: Sha256Hex = "a".repeat(64).parse().unwrap();
    let one = |(path, field, value): &(&str, &str, Value)| {
        let decision = if rejected.contains(path) { Decision::Rejected } else { Decision::Accepted };
        let evidence =
            vec![Evidence { start: 0, end: 1, quote: Sensitive::new("x".into()), start_s: None, end_s: None }];
        SettledFinding {
            finding: Finding {
                path: (*path).into(),
                field: (*field).into(),
                value: Sensitive::new(value.clone()),
                evidence,
                assertion: Assertion::Present,
                support: Support::Verbatim,
                confidence: None,
                reasons: vec![],
            },
            review: Some(Review {
                path: (*path).into(),
                decision,
                value: None,
                by: UserId::fresh(AT, &Zero).unwrap(),
                at: AT,
            }),
        }
    };
    NoteBasis {
        extraction: ExtractionId::fresh(AT, &Zero).unwrap(),
        provenance: Provenance {
            model: ModelRef { name: "m".into(), sha256: h.clone() },
            schema: "s@1".into(),
            schema_sha256: h.clone(),
            prompt_sha256: h.clone(),
            source_sha256: h,
            build: "b".into(),
            cpu_path: "scalar".into(),
            threads: 1,
            device: "cpu".into(),
        },
        findings: findings.iter().map(one).collect(),
    }
}

fn said(basis: NoteBasis) -> Vec<String> {
    let sections = generated(&NoteLayout::bundled(NoteTemplate::Free), &[basis], &[]);
    sections.iter().flat_map(|s| &s.sentences).map(|s| s.text.expose("test").clone()).collect()
}

#[test]
fn a_drug_is_told_with_what_was_decided_about_it() {
    let drug = |i: usize, of: &[(&str, &str)]| -> Vec<(String, String, Value)> {
        of.iter().map(|(k, v)| (format!("/medications/{i}/{k}"), format!("medications.{k}"), json!(v))).collect()
    };
    let all = [
        drug(
            0,
            &[
                ("name", "amlodipine"),
                ("dose", "5 mg"),
                ("route", "by mouth"),
                ("frequency", "once a day"),
                ("reason", "hypertension"),
            ],
        ),
        drug(1, &[("name", "Ibuprofen"), ("status", "stopped")]),
        drug(2, &[("name", "ramipril"), ("dose", "10 mg"), ("status", "increased")]),
        drug(3, &[("name", "warfarin"), ("status", "paused until Monday")]),
        drug(4, &[("dose", "20 mg"), ("status", "started")]),
    ]
    .concat();
    let all: Vec<(&str, &str, Value)> = all.iter().map(|(p, f, v)| (p.as_str(), f.as_str(), v.clone())).collect();
    assert_eq!(
        said(basis(&all, &[])),
        [
            "Amlodipine, 5 mg, by mouth, once a day, for hypertension.",
            "Warfarin (paused until Monday).",
            "Stop Ibuprofen.",
            "Change ramipril, 10 mg (increased).",
            "Medications: dose 20 mg, status started.",
        ]
    );
}

#[test]
fn what_was_rejected_is_gone_and_what_has_no_name_keeps_its_fields() {
    let all = [
        ("/vitals/0/name", "vitals.name", json!("pH")),
        ("/vitals/0/value", "vitals.value", json!("7.38")),
        ("/vitals/0/when", "vitals.when", json!("at rest")),
        ("/vitals/1/name", "vitals.name", json!("pulse")),
        ("/vitals/1/value", "vitals.value", json!(78)),
        ("/allergies/0/substance", "allergies.substance", json!("latex")),
        ("/allergies/0/reaction", "allergies.reaction", json!("hives")),
        ("/family/0/relative", "family.relative", json!("father")),
        ("/family/0/condition", "family.condition", json!("colon cancer")),
        ("/smoker", "smoker", json!(false)),
        ("/pack_years", "pack_years", json!(12.5)),
        ("/note", "note", json!("  two\n lines ")),
        ("/nothing", "nothing", Value::Null),
    ];
    assert_eq!(
        said(basis(&all, &["/vitals/1/name", "/allergies/0/reaction"])),
        [
            "In the family: father: colon cancer.",
            "Allergic to latex.",
            "pH: 7.38 (at rest).",
            "Vitals: value 78.",
            "Smoker: no.",
            "Pack years: 12.5.",
            "Note: two lines.",
        ]
    );
}

#[test]
fn what_denies_by_itself_is_not_denied_twice() {
    assert_eq!(affirmed("no fever"), Some("fever"));
    assert_eq!(affirmed("Keine Atemnot"), Some("Atemnot"));
    assert_eq!(affirmed("fever"), Some("fever"));
    assert_eq!(affirmed("negative for malaria"), None);
    assert_eq!(affirmed("no"), None);
    let mut found = basis(
        &[
            ("/denied/0", "denied", json!("no fever")),
            ("/denied/1", "denied", json!("chills")),
            ("/denied/2", "denied", json!("Never had seizures")),
            ("/ruled_out/0", "ruled_out", json!("without stroke")),
            ("/allergies/0", "allergies", json!("no known allergies")),
        ],
        &[],
    );
    found.findings.iter_mut().for_each(|f| f.finding.assertion = Assertion::Negated);
    assert_eq!(
        said(found),
        ["Denies fever, chills.", "Never had seizures.", "No known allergies.", "Absent or ruled out: stroke."]
    );
}
