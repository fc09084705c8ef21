//! Which items become which resource. Names and values stay the words of the visit (`CodeableConcept.text`): terms are
//! not looked up, so none is wrong. What the resource cannot say truthfully is left to the narrative.

use super::{Ids, without_controls};
use crate::note::{
    topics::{Action, Item},
    words::affirmed,
};
use cloister_domain::{Assertion, NoteContent, NoteTopic as Topic};
use serde_json::{Value, json};

/// The resource of an item; `None` when there is none that says the same.
pub(super) fn of(item: &Item<'_>, content: &NoteContent, ids: &Ids<'_>) -> Option<Value> {
    let said = item.head()?.text.as_str();
    // "No tuberculosis" refutes tuberculosis; words that deny in another way name nothing.
    let name = if item.assertion() == Assertion::Negated { affirmed(said)? } else { said };
    let name = without_controls(name);
    let mut resource = match item.topic {
        Topic::Problem | Topic::RuledOut | Topic::Past => condition(item, &name)?,
        Topic::Medication | Topic::Treatment => medication(item, &name)?,
        Topic::Allergy => allergy(item, &name)?,
        Topic::Measurement => observation(item, &name)?,
        _ => return None,
    };
    let allergy = item.topic == Topic::Allergy;
    let statement = matches!(item.topic, Topic::Medication | Topic::Treatment);
    let visited = content.visited.to_string();
    resource[if allergy { "patient" } else { "subject" }] = ids.reference("patient");
    resource[if statement { "context" } else { "encounter" }] = ids.reference("encounter");
    match item.topic {
        Topic::Measurement => resource["effectiveDateTime"] = Value::from(visited),
        Topic::Medication | Topic::Treatment => resource["dateAsserted"] = Value::from(visited),
        _ => resource["recordedDate"] = Value::from(visited),
    }
    Some(resource)
}

fn coding(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]})
}

fn condition(item: &Item<'_>, name: &str) -> Option<Value> {
    let status = item.leaf(&["status"]).map(|l| l.text.to_lowercase());
    let of_the_past = item.topic == Topic::Past || item.assertion() == Assertion::Historical;
    let clinical = match status.as_deref() {
        Some("resolved") => "resolved",
        Some("inactive") => "inactive",
        Some("remission" | "in remission") => "remission",
        Some("recurrence" | "recurrent") => "recurrence",
        _ if of_the_past => "inactive",
        _ => "active",
    };
    let refuted = || json!({"verificationStatus": coding("condition-ver-status", "refuted")});
    let mut value = match (item.topic, item.assertion()) {
        (Topic::RuledOut, Assertion::Negated) | (Topic::Problem, Assertion::Negated) => refuted(),
        (Topic::RuledOut, _) => return None,
        (_, Assertion::Present | Assertion::Historical) => {
            json!({"clinicalStatus": coding("condition-clinical", clinical)})
        }
        (Topic::Problem, Assertion::Uncertain) => json!({
            "clinicalStatus": coding("condition-clinical", clinical),
            "verificationStatus": coding("condition-ver-status", "unconfirmed"),
        }),
        _ => return None,
    };
    value["resourceType"] = "Condition".into();
    value["code"] = json!({"text": name});
    if let Some(status) = item.leaf(&["status"]) {
        value["note"] = json!([{"text": format!("Status: {}", without_controls(&status.text))}]);
    }
    Some(value)
}

fn medication(item: &Item<'_>, name: &str) -> Option<Value> {
    let status = match (item.action(), item.assertion()) {
        // What was decided counts: a drug that is stopped is spoken of as one of the past.
        (Some(Action::Stop), _) => "stopped",
        (_, Assertion::Family | Assertion::Hypothetical) => return None,
        (Some(Action::Start | Action::Change | Action::Continue), _) => "active",
        (None, Assertion::Negated) => "not-taken",
        // Whether it is taken now was not said.
        (None, _) => "unknown",
    };
    let mut value = json!({
        "resourceType": "MedicationStatement",
        "status": status,
        "medicationCodeableConcept": {"text": name},
    });
    let dosage: Vec<String> = ["dose", "route", "frequency"]
        .iter()
        .filter_map(|k| item.leaf(&[k]))
        .map(|l| without_controls(&l.text))
        .collect();
    if !dosage.is_empty() {
        value["dosage"] = json!([{"text": dosage.join(", ")}]);
    }
    if let Some(reason) = item.leaf(&["reason"]) {
        value["reasonCode"] = json!([{"text": without_controls(&reason.text)}]);
    }
    let mut said: Vec<String> = Vec::new();
    if let Some(action) = item.leaf(&["action", "status"]) {
        said.push(format!("Decided: {}", without_controls(&action.text)));
    }
    if item.assertion() == Assertion::Uncertain {
        said.push("Said with doubt".to_owned());
    }
    if !said.is_empty() {
        value["note"] = said.iter().map(|text| json!({"text": text})).collect();
    }
    Some(value)
}

fn allergy(item: &Item<'_>, name: &str) -> Option<Value> {
    let (clinical, verification) = match item.assertion() {
        Assertion::Present => ("active", None),
        Assertion::Uncertain => ("active", Some("unconfirmed")),
        Assertion::Negated => ("inactive", Some("refuted")),
        _ => return None,
    };
    let mut value = json!({
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": coding("allergyintolerance-clinical", clinical),
        "code": {"text": name},
    });
    if let Some(code) = verification {
        value["verificationStatus"] = coding("allergyintolerance-verification", code);
    }
    if let Some(reaction) = item.leaf(&["reaction"]) {
        value["reaction"] = json!([{"manifestation": [{"text": without_controls(&reaction.text)}]}]);
    }
    Some(value)
}

fn observation(item: &Item<'_>, name: &str) -> Option<Value> {
    if item.assertion() != Assertion::Present {
        return None;
    }
    let said = without_controls(&item.leaf(&["value"])?.text);
    let mut value = json!({"resourceType": "Observation", "status": "final", "code": {"text": name}});
    if matches!(item.property, "vitals" | "vital_signs") {
        value["category"] = json!([coding("observation-category", "vital-signs")]);
    }
    match quantity(&said) {
        Some((number, unit)) => value["valueQuantity"] = json!({"value": number, "unit": unit}),
        None => value["valueString"] = Value::from(said),
    }
    if let Some(when) = item.leaf(&["when"]) {
        value["note"] = json!([{"text": without_controls(&when.text)}]);
    }
    Some(value)
}

/// `81.5 kg`: one number in digits and one unit after it. Anything else (140/85 mmHg, two units) stays text.
fn quantity(said: &str) -> Option<(serde_json::Number, &str)> {
    let end = said.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = (said.get(..end)?, said.get(end..)?.trim());
    let plain = !unit.is_empty()
        && unit.chars().count() <= 20
        && !unit.contains(|c: char| c.is_ascii_digit() || c.is_whitespace())
        && !unit.starts_with(['/', ',', '-', '–', ':']);
    // As the digits stand: 38.40 has a precision that a float would lose, and such a number stays text.
    let value: serde_json::Number = number.parse().ok()?;
    (plain && value.to_string() == number).then_some((value, unit))
}

#[cfg(test)]
pub(super) fn quantity_of(said: &str) -> Option<(String, &str)> {
    quantity(said).map(|(n, unit)| (n.to_string(), unit))
}
