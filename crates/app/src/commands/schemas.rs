//! The schema library.

use crate::{
    AppError,
    command::{Command, Context},
    dto::SchemaDto,
    extract::sha256,
    present,
};
use cloister_access::{ReadSchemas, Target, WriteSchemas};
use cloister_domain::{Detail, DetailKey, SchemaId};
use cloister_engine_client::{EngineError, protocol::Fault};
use serde::Deserialize;
use serde_json::Value;

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
