//! Runs against gold labels.

use super::results::standing;
use crate::{
    AppError,
    command::{Command, Context},
    evaluation::{Comparator, Comparison, Evaluation, Labelled, compare, evaluate},
    export,
};
use cloister_access::{OpensResults, ReadResults, Target};
use cloister_domain::{BatchId, Outcome};
use cloister_store::ResultRow;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Scores of one run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvaluateBatch {
    id: BatchId,
    /// Field to comparator, laid over what the schema says.
    #[serde(default)]
    comparators: BTreeMap<String, String>,
}

impl Command for EvaluateBatch {
    const NAME: &'static str = "evaluate_batch";
    type Needs = ReadResults;
    type Output = Evaluation;

    fn target(&self) -> Target {
        Target::Batch(self.id)
    }

    fn run(self, cx: &Context<'_, ReadResults>) -> Result<Evaluation, AppError> {
        let chosen = self.comparators.into_iter().map(|(f, c)| Ok((f, c.parse()?))).collect::<Result<_, AppError>>()?;
        let evaluation = evaluated(cx, chosen)?;
        if evaluation.documents == 0 {
            return Err(AppError::Usage(
                "no document of this run has both a result and gold labels; import them with --gold-column FIELD=COLUMN"
                    .to_owned(),
            ));
        }
        Ok(evaluation)
    }
}

/// Two runs side by side.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompareBatches {
    id: BatchId,
    /// The second run; its person needs to be let into it as into the first.
    with: BatchId,
}

impl Command for CompareBatches {
    const NAME: &'static str = "compare_batches";
    type Needs = ReadResults;
    type Output = Comparison;

    fn target(&self) -> Target {
        Target::Batch(self.id)
    }

    fn run(self, cx: &Context<'_, ReadResults>) -> Result<Comparison, AppError> {
        let other = cx.app.gate()?.admit::<ReadResults>(&cx.open.session, Target::Batch(self.with), &cx.open.stores)?;
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let definition = cx.open.stores.batch(&cx.grant)?.definition;
        cx.open.stores.results(&cx.grant, |row| labelled(&row, &definition, &mut first))?;
        cx.open.stores.results(&other, |row| labelled(&row, &definition, &mut second))?;
        cx.app.gate()?.close(other.admission(), Outcome::Success, [])?;
        Ok(compare(&definition, first, second))
    }
}

/// Scores the run of the grant, as reviewed so far.
pub(crate) fn evaluated(
    cx: &Context<'_, impl OpensResults>,
    chosen: BTreeMap<String, Comparator>,
) -> Result<Evaluation, AppError> {
    let row = cx.open.stores.batch(&cx.grant)?;
    let mut documents = Vec::new();
    cx.open.stores.results(&cx.grant, |result| labelled(&result, &row.definition, &mut documents))?;
    Ok(evaluate(&row.definition, chosen, documents.into_iter(), row.counts.pending))
}

fn labelled(row: &ResultRow, definition: &Value, all: &mut Vec<Labelled>) -> Result<(), AppError> {
    let why = "compared within the process";
    let Some(gold) = row.gold.as_ref().and_then(|g| serde_json::from_str::<Map<_, _>>(g.expose(why)).ok()) else {
        return Ok(());
    };
    let gold = gold.into_iter().map(|(field, value)| listed(definition, &field, value)).collect();
    let decided = |path: &str| standing(&row.decisions, path).map(|d| d.after.expose(why).clone());
    let fields = export::reviewed(row.extraction.fields.expose(why), &row.extraction.findings, &decided);
    let found = match fields {
        Value::Object(found) => Some(found),
        _ => None,
    };
    all.push(Labelled {
        document: row.document.id.to_string(),
        document_id: row.document.external_id.expose(why).clone(),
        gold,
        found,
    });
    Ok(())
}

/// Labels out of a table's cell: a JSON list or object as such; for a list field, values parted by semicolons.
fn listed(definition: &Value, field: &str, value: Value) -> (String, Value) {
    let is_list = definition.pointer(&format!("/properties/{field}/items")).is_some();
    let read = match &value {
        Value::String(s) if s.trim_start().starts_with(['[', '{']) => serde_json::from_str(s).unwrap_or(value),
        Value::String(s) if is_list => s.split(';').map(|v| Value::from(v.trim())).collect(),
        _ => value,
    };
    (field.to_owned(), read)
}
