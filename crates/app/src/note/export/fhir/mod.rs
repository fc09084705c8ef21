//! A note as a FHIR R4 document: a Bundle that begins with its Composition. Identifiers are made from the note's digest,
//! so the same note gives the same bytes. The patient stands in it as a pseudonym.
//!
//! Findings become resources where the schema's fields say what they are (see `resources.rs`). What is known only as a
//! sentence, or was worded by a person, stands in the Composition's narrative and nowhere else: no code is guessed.

mod resources;

use super::{Page, WHY, without_controls};
use crate::{
    AppError,
    extract::sha256,
    note::topics::{Item, items},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use cloister_domain::{FindingRef, Note, NoteContent, NoteSection, NoteTemplate, Pseudonym, Sentence, note::Signed};
use quick_xml::escape::escape;
use serde_json::{Value, json};

const PSEUDONYM: &str = "urn:cloister:patient-pseudonym";
const ACCOUNT: &str = "urn:cloister:account";
const NOTE: &str = "urn:cloister:note-sha256";
const VISIT: &str = "urn:cloister:encounter";

pub(super) fn bundle(note: &Note<Signed>, page: &Page, patient: Pseudonym) -> Result<Vec<u8>, AppError> {
    let content = note.content();
    let sha = note.sha256().as_str();
    let ids = Ids { sha };
    let coded = coded(content);
    let mut resources: Vec<(String, Value, Vec<FindingRef>)> = Vec::new();
    for (i, item) in coded.iter().enumerate() {
        if let Some(resource) = resources::of(item, content, &ids) {
            let key = format!("finding-{i}");
            resources.push((key, resource, item.leaves.iter().map(|l| l.of.clone()).collect()));
        }
    }
    let signed = note.signed().to_string();
    let status = if content.version > 1 { "amended" } else { "final" };
    let kind = kind(content.template);
    let author = ids.reference("author");
    let mut composition = json!({
        "resourceType": "Composition",
        "identifier": {"system": NOTE, "value": sha},
        "status": status,
        "type": kind,
        "subject": ids.reference("patient"),
        "encounter": ids.reference("encounter"),
        "date": signed,
        "author": [author],
        "title": page.title,
        "attester": [{"mode": "legal", "time": signed, "party": author}],
        "event": [{"detail": [ids.reference("document")]}],
        "section": content.sections.iter().map(|s| section(s, &resources, &ids)).collect::<Vec<_>>(),
    });
    if let Some(before) = &content.replaces {
        let target = json!({"system": NOTE, "value": before.as_str()});
        composition["relatesTo"] = json!([{"code": "replaces", "targetIdentifier": target}]);
    }
    let markdown = super::markdown::markdown(page);
    let mut document = json!({
        "resourceType": "DocumentReference",
        "identifier": [{"system": NOTE, "value": sha}],
        "status": "current",
        "docStatus": status,
        "type": kind,
        "subject": ids.reference("patient"),
        "date": signed,
        "author": [author],
        "description": page.title,
        "content": [{"attachment": {
            "contentType": "text/markdown; charset=utf-8",
            "data": STANDARD.encode(&markdown),
            "size": markdown.len(),
            "title": page.title,
            "creation": signed,
        }}],
        "context": {"encounter": [ids.reference("encounter")]},
    });
    if let Some(before) = &content.replaces {
        let target = json!({"identifier": {"system": NOTE, "value": before.as_str()}});
        document["relatesTo"] = json!([{"code": "replaces", "target": target}]);
    }
    let mut entries = vec![
        ids.entry("composition", composition),
        ids.entry(
            "patient",
            json!({
                "resourceType": "Patient",
                "identifier": [{"system": PSEUDONYM, "value": patient.to_string()}],
            }),
        ),
        ids.entry(
            "author",
            json!({
                "resourceType": "Practitioner",
                "identifier": [{"system": ACCOUNT, "value": note.signer().id.to_string()}],
                "name": [{"text": without_controls(&note.signer().name)}],
            }),
        ),
        ids.entry("encounter", encounter(content, &ids)),
        ids.entry("document", document),
    ];
    let keys: Vec<String> = resources.iter().map(|(key, _, _)| key.clone()).collect();
    entries.extend(resources.into_iter().map(|(key, resource, _)| ids.entry(&key, resource)));
    entries.push(ids.entry("provenance", provenance(note, &keys, &ids)));
    let bundle = json!({
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{}", ids.uuid("bundle"))},
        "type": "document",
        "timestamp": signed,
        "entry": entries,
    });
    let mut bytes = serde_json::to_vec_pretty(&bundle).map_err(|_| AppError::Internal("a FHIR document"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Identifiers of one note's resources.
struct Ids<'a> {
    sha: &'a str,
}

impl Ids<'_> {
    /// A UUID of version 8 (RFC 9562: the bits are ours) from the note's digest and the resource's name.
    fn uuid(&self, key: &str) -> String {
        let hash = sha256(format!("cloister note {} {key}", self.sha).as_bytes());
        let h = hash.as_str();
        // Two bits of the variant, `10`, and the version's four.
        let variant = ["8", "9", "a", "b"][usize::from(h.as_bytes()[16] & 3)];
        format!("{}-{}-8{}-{variant}{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..32])
    }

    fn reference(&self, key: &str) -> Value {
        json!({"reference": format!("urn:uuid:{}", self.uuid(key))})
    }

    fn entry(&self, key: &str, resource: Value) -> Value {
        let id = self.uuid(key);
        // Readers do not ask for an order of members; people do.
        let mut ordered = json!({"resourceType": resource["resourceType"], "id": id});
        if let (Value::Object(all), Value::Object(rest)) = (&mut ordered, resource) {
            all.extend(rest);
        }
        json!({"fullUrl": format!("urn:uuid:{id}"), "resource": ordered})
    }
}

/// The items that stand in the note as they were found or corrected, in no words of a person's own: what a sentence
/// says otherwise must not stand beside it as data.
fn coded(content: &NoteContent) -> Vec<Item<'_>> {
    let said: Vec<&FindingRef> =
        content.sections.iter().flat_map(|s| &s.sentences).filter(|s| !s.edited).flat_map(|s| &s.findings).collect();
    let mut found = items(&content.basis, &[]);
    found.retain(|item| item.leaves.iter().all(|leaf| said.contains(&&leaf.of)));
    found
}

fn section(section: &NoteSection, resources: &[(String, Value, Vec<FindingRef>)], ids: &Ids<'_>) -> Value {
    let here = |of: &[FindingRef]| section.sentences.iter().flat_map(|s| &s.findings).any(|f| of.contains(f));
    let entries: Vec<Value> =
        resources.iter().filter(|(_, _, of)| here(of)).map(|(key, _, _)| ids.reference(key)).collect();
    let mut value = json!({
        "title": section.title,
        "text": {"status": "additional", "div": narrative(&section.sentences)},
    });
    if !entries.is_empty() {
        value["entry"] = Value::from(entries);
    }
    value
}

/// Sentences as XHTML.
fn narrative(sentences: &[Sentence]) -> String {
    let point = |s: &Sentence| format!("<li>{}</li>", xhtml(s.text.expose(WHY)));
    let points: String = sentences.iter().map(point).collect();
    format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><ul>{points}</ul></div>")
}

/// Text as XHTML text.
fn xhtml(text: &str) -> String {
    escape(without_controls(text)).into_owned()
}

fn encounter(content: &NoteContent, ids: &Ids<'_>) -> Value {
    let (code, display) = match content.template {
        NoteTemplate::Discharge => ("IMP", "inpatient encounter"),
        _ => ("AMB", "ambulatory"),
    };
    json!({
        "resourceType": "Encounter",
        "identifier": [{"system": VISIT, "value": content.encounter.to_string()}],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code, "display": display},
        "subject": ids.reference("patient"),
        "period": {"start": content.visited.to_string()},
    })
}

/// Who signed, what assembled it, and what it was made from.
fn provenance(note: &Note<Signed>, keys: &[String], ids: &Ids<'_>) -> Value {
    let agent = |code: &str, who: Value| {
        let system = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
        json!({"type": {"coding": [{"system": system, "code": code}]}, "who": who})
    };
    let mut agents = vec![agent("author", ids.reference("author"))];
    let mut sources = Vec::new();
    for basis in &note.content().basis {
        let made = &basis.provenance;
        let model = format!(
            "{} (sha256 {}), schema {}, Cloister {}",
            made.model.name, made.model.sha256, made.schema, made.build
        );
        agents.push(agent("assembler", json!({"display": model})));
        let source = json!({"system": "urn:cloister:source-sha256", "value": made.source_sha256.as_str()});
        sources.push(json!({"role": "source", "what": {"identifier": source, "display": "Transcript of the visit"}}));
    }
    let mut targets = vec![ids.reference("composition"), ids.reference("document")];
    targets.extend(keys.iter().map(|key| ids.reference(key)));
    let mut value = json!({
        "resourceType": "Provenance",
        "target": targets,
        "recorded": note.signed().to_string(),
        "activity": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion",
            "code": "LA",
            "display": "legally authenticated",
        }]},
        "agent": agents,
    });
    if !sources.is_empty() {
        value["entity"] = Value::from(sources);
    }
    value
}

/// What kind of document, in LOINC's words.
fn kind(template: NoteTemplate) -> Value {
    let (code, display) = match template {
        NoteTemplate::Soap => ("34108-1", "Outpatient Note"),
        NoteTemplate::Letter => ("11488-4", "Consult note"),
        NoteTemplate::Discharge => ("18842-5", "Discharge summary"),
        NoteTemplate::Referral => ("57133-1", "Referral note"),
        NoteTemplate::Free => ("34109-9", "Note"),
    };
    json!({"coding": [{"system": "http://loinc.org", "code": code, "display": display}]})
}

#[cfg(test)]
mod tests;
