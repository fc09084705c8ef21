//! Schemas of ours, ready to be added to a library.

use crate::AppError;
use serde::Serialize;
use serde_json::Value;

/// One of them.
#[derive(Debug, Serialize)]
pub(crate) struct Preset {
    name: &'static str,
    title: String,
    definition: Value,
}

const FILES: &[(&str, &str)] = &[
    ("visit-note", include_str!("../assets/presets/visit-note.schema.json")),
    ("medications", include_str!("../assets/presets/medications.schema.json")),
    ("problems-allergies", include_str!("../assets/presets/problems-allergies.schema.json")),
    ("vitals", include_str!("../assets/presets/vitals.schema.json")),
    ("radiology", include_str!("../assets/presets/radiology.schema.json")),
    ("pathology", include_str!("../assets/presets/pathology.schema.json")),
    ("adverse-drug-events", include_str!("../assets/presets/adverse-drug-events.schema.json")),
];

/// All of them, in the order of a visit.
pub(crate) fn presets() -> Result<Vec<Preset>, AppError> {
    let read = |&(name, text): &(&'static str, &str)| {
        let definition: Value = serde_json::from_str(text).map_err(|_| AppError::Internal("a bundled schema"))?;
        let title = definition.get("title").and_then(Value::as_str).unwrap_or(name).to_owned();
        Ok(Preset { name, title, definition })
    };
    FILES.iter().map(read).collect()
}
