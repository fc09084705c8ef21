//! The schema library.

use crate::{
    AppError,
    command::{Command, Context},
    dto::SchemaDto,
    extract::{Source, sha256, timed_extract},
    manifest, present,
    research_dto::{SchemaChange, TrialDto, TrialResultDto},
};
use cloister_access::{ReadSchemas, RunBatch, Target, WriteSchemas};
use cloister_domain::{DatasetId, Detail, DetailKey, ExtractionSchema, SchemaId};
use cloister_engine_client::{EngineError, protocol::Fault};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// Every schema in its newest version.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListSchemas {}

impl Command for ListSchemas {
    const NAME: &'static str = "list_schemas";
    type Needs = ReadSchemas;
    type Output = Vec<SchemaDto>;

    fn target(&self) -> Target {
        Target::Schemas
    }

    fn run(self, cx: &Context<'_, ReadSchemas>) -> Result<Self::Output, AppError> {
        Ok(cx.open.stores.schemas(&cx.grant)?.iter().map(present::schema).collect())
    }
}

/// One schema by name, or `name@version`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowSchema {
    name: String,
}

impl Command for ShowSchema {
    const NAME: &'static str = "show_schema";
    type Needs = ReadSchemas;
    type Output = SchemaDto;

    fn target(&self) -> Target {
        Target::Schemas
    }

    fn run(self, cx: &Context<'_, ReadSchemas>) -> Result<SchemaDto, AppError> {
        Ok(present::schema(&cx.open.stores.schema(&cx.grant, &self.name)?))
    }
}

/// Every version of one schema, oldest first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SchemaVersions {
    name: String,
}

impl Command for SchemaVersions {
    const NAME: &'static str = "schema_versions";
    type Needs = ReadSchemas;
    type Output = Vec<SchemaDto>;

    fn target(&self) -> Target {
        Target::Schemas
    }

    fn run(self, cx: &Context<'_, ReadSchemas>) -> Result<Self::Output, AppError> {
        Ok(cx.open.stores.schema_versions(&cx.grant, &self.name)?.iter().map(present::schema).collect())
    }
}

/// What differs between two schemas, each a name or `name@version`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiffSchemas {
    from: String,
    to: String,
}

impl Command for DiffSchemas {
    const NAME: &'static str = "diff_schemas";
    type Needs = ReadSchemas;
    type Output = Vec<SchemaChange>;

    fn target(&self) -> Target {
        Target::Schemas
    }

    fn run(self, cx: &Context<'_, ReadSchemas>) -> Result<Self::Output, AppError> {
        let stores = &cx.open.stores;
        let (from, to) = (stores.schema(&cx.grant, &self.from)?, stores.schema(&cx.grant, &self.to)?);
        let mut changes = Vec::new();
        differ("", &from.definition, &to.definition, &mut changes);
        Ok(changes)
    }
}

/// Walks two schemas side by side. Members are compared by name, whatever their order; lists as wholes.
fn differ(place: &str, from: &Value, to: &Value, changes: &mut Vec<SchemaChange>) {
    let change = |kind: &str, place: &str, before: &Value, after: &Value| SchemaChange {
        place: place.to_owned(),
        change: kind.to_owned(),
        before: before.clone(),
        after: after.clone(),
    };
    let (Value::Object(a), Value::Object(b)) = (from, to) else {
        if from != to {
            changes.push(change("changed", place, from, to));
        }
        return;
    };
    for (name, before) in a {
        let here = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
        match b.get(name) {
            Some(after) => differ(&here, before, after, changes),
            None => changes.push(change("removed", &here, before, &Value::Null)),
        }
    }
    for (name, after) in b.iter().filter(|(name, _)| !a.contains_key(*name)) {
        let here = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
        changes.push(change("added", &here, &Value::Null, after));
    }
}

/// Extracts from a few documents of a dataset with a schema of the library, or with one that is not kept yet. Nothing
/// of it is kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrySchema {
    dataset: DatasetId,
    schema: Option<String>,
    definition: Option<Value>,
    documents: u64,
    model: Option<String>,
}

impl Command for TrySchema {
    const NAME: &'static str = "try_schema";
    type Needs = RunBatch;
    type Output = TrialDto;

    fn target(&self) -> Target {
        Target::Dataset(self.dataset)
    }

    fn run(self, cx: &Context<'_, RunBatch>) -> Result<TrialDto, AppError> {
        let app = cx.app;
        let schema = match (self.schema, self.definition) {
            (Some(name), None) => cx.open.stores.schema(&cx.grant, &name)?,
            (None, Some(definition)) => ExtractionSchema {
                id: SchemaId::fresh(app.clock().now(), app.entropy()).map_err(|_| AppError::Internal("randomness"))?,
                name: "draft".to_owned(),
                version: 0,
                sha256: sha256(definition.to_string().as_bytes()),
                definition,
                created: app.clock().now(),
            },
            _ => return Err(AppError::Usage("say either a schema's name or a definition".to_owned())),
        };
        let model = app.model(manifest::Task::Language, self.model.as_deref())?;
        let (documents, total) = cx.open.stores.sample_documents(&cx.grant, self.documents.clamp(1, 20))?;
        let (mut results, mut seconds) = (Vec::new(), 0.0);
        for (i, document) in documents.iter().enumerate() {
            if cx.progress("extracting", i as f64, Some(documents.len() as f64), "documents").is_break() {
                return Err(AppError::Cancelled);
            }
            let source = Source { text: &document.text, spoken: None, limit: Some(Duration::from_secs(1_200)) };
            let (x, took) = timed_extract(cx, &schema, &model, &source)?;
            seconds += took;
            let why = "shown to a person whom the gate admitted";
            results.push(TrialResultDto {
                text: document.text.expose(why).clone(),
                extraction: present::extraction(document.external_id.expose(why), &x),
                seconds: took,
            });
        }
        cx.record(DetailKey::SchemaSha256, Detail::Hash(schema.sha256));
        cx.record(DetailKey::Documents, Detail::Count(documents.len() as u64));
        let estimate_s = seconds / documents.len().max(1) as f64 * total as f64;
        Ok(TrialDto { results, documents: total, estimate_s })
    }
}

/// A new schema, or the next version of one. Refused with every fault explained when it cannot be used.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddSchema {
    name: String,
    definition: Value,
}

impl Command for AddSchema {
    const NAME: &'static str = "add_schema";
    type Needs = WriteSchemas;
    type Output = SchemaDto;

    fn target(&self) -> Target {
        Target::Schemas
    }

    fn run(self, cx: &Context<'_, WriteSchemas>) -> Result<SchemaDto, AppError> {
        check_name(&self.name)?;
        let faults = cx.app.engines().without_model(|engine| engine.check_schema(&self.definition))?;
        if !faults.is_empty() {
            return Err(EngineError::Fault(Fault::Schema { faults }).into());
        }
        let canonical = serde_json_canonicalizer::to_vec(&self.definition)
            .map_err(|_| AppError::Usage("the schema holds a number that JSON cannot keep".to_owned()))?;
        let digest = sha256(&canonical);
        let now = cx.app.clock().now();
        let id = SchemaId::fresh(now, cx.app.entropy()).map_err(|_| AppError::Internal("randomness"))?;
        let kept = cx.open.stores.keep_schema(&cx.grant, id, &self.name, &self.definition, &digest, now)?;
        cx.record(DetailKey::SchemaSha256, Detail::Hash(digest));
        Ok(present::schema(&kept))
    }
}

/// Names stand in file names and after `@` comes a version, so they are kept plain.
pub(super) fn check_name(name: &str) -> Result<(), AppError> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    if name.trim().is_empty() || name.chars().count() > 100 || !name.chars().all(plain) {
        return Err(AppError::Usage(
            "a name has 1 to 100 letters, digits, spaces, hyphens, underscores or dots".to_owned(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_difference_names_each_place_once() {
        let from = json!({"properties": {"a": {"type": "string"}, "b": {"enum": ["x"]}}, "required": ["a"]});
        let to = json!({"properties": {"b": {"enum": ["x", "y"]}, "c/d": {}}, "required": ["a"]});
        let mut changes = Vec::new();
        differ("", &from, &to, &mut changes);
        let told: Vec<_> = changes.iter().map(|c| (c.change.as_str(), c.place.as_str())).collect();
        assert_eq!(
            told,
            [("removed", "/properties/a"), ("changed", "/properties/b/enum"), ("added", "/properties/c~1d")]
        );
    }
}
