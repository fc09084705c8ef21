//! Results as a grid, one at a time, and what people decide about them.

use super::evaluations;
use crate::{
    AppError,
    command::{Command, Context},
    export, present,
    research_dto::{DecisionDto, ResultDetailDto, ResultPageDto, ResultRowDto},
};
use cloister_access::{OpensResults, ReadResults, ReviewResults, Target};
use cloister_domain::{BatchId, Detail, DetailKey, DocumentId, ExtractionStatus, Role, Sensitive, code};
use cloister_store::{Decision, NewDecision, ResultQuery, Verdict};
use serde::Deserialize;
use serde_json::Value;

const SHOWN: &str = "shown to a person whom the gate admitted";

/// The order of a grid, or of a review queue.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// As in the source.
    #[default]
    Source,
    /// Most doubtful first.
    Doubt,
    /// Only where the gold labels say otherwise.
    Gold,
}

/// A page of a run's documents with their results.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListResults {
    id: BatchId,
    status: Option<ExtractionStatus>,
    search: Option<String>,
    #[serde(default)]
    order: Order,
    #[serde(default)]
    offset: u64,
    limit: u64,
}

impl Command for ListResults {
    const NAME: &'static str = "list_results";
    type Needs = ReadResults;
    type Output = ResultPageDto;

    fn target(&self) -> Target {
        Target::Batch(self.id)
    }

    fn run(self, cx: &Context<'_, ReadResults>) -> Result<ResultPageDto, AppError> {
        let stores = &cx.open.stores;
        let row = stores.batch(&cx.grant)?;
        let columns = export::csv_columns(&row.definition);
        let documents = if self.order == Order::Gold { Some(disagreeing(cx)?) } else { None };
        let query = ResultQuery {
            status: self.status,
            search: self.search,
            by_doubt: self.order == Order::Doubt,
            documents,
            offset: self.offset,
            limit: self.limit.min(1_000),
        };
        let page = stores.result_page(&cx.grant, &query)?;
        let rows = page.rows.into_iter().map(|r| ResultRowDto {
            document: r.document.to_string(),
            document_id: r.external_id.into_exposed(SHOWN),
            patient: r.patient.map(|p| p.into_exposed(SHOWN)),
            status: r.status.map_or_else(|| "pending".to_owned(), present::word),
            cells: columns.iter().map(|c| export::cell(r.fields.expose(SHOWN), c)).collect(),
            error: r.error,
            doubt: r.doubt,
            decided: r.decided,
        });
        Ok(ResultPageDto { total: page.total, rows: rows.collect(), columns })
    }
}

/// Documents whose results differ from their gold labels, those with the most differences first.
fn disagreeing(cx: &Context<'_, ReadResults>) -> Result<Vec<DocumentId>, AppError> {
    let evaluation = evaluations::evaluated(cx, std::collections::BTreeMap::new())?;
    let mut counted: Vec<(DocumentId, usize)> = Vec::new();
    for miss in &evaluation.misses {
        let Ok(id) = miss.document.parse() else { continue };
        match counted.last_mut() {
            Some((last, n)) if *last == id => *n += 1,
            _ => counted.push((id, 1)),
        }
    }
    counted.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    Ok(counted.into_iter().map(|(id, _)| id).collect())
}

/// A document with its result, its gold labels and what was decided.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowResult {
    id: BatchId,
    document: DocumentId,
}

impl Command for ShowResult {
    const NAME: &'static str = "show_result";
    type Needs = ReadResults;
    type Output = ResultDetailDto;

    fn target(&self) -> Target {
        Target::Batch(self.id)
    }

    fn run(self, cx: &Context<'_, ReadResults>) -> Result<ResultDetailDto, AppError> {
        detail(cx, self.document)
    }
}

/// A decision about one finding.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecideResult {
    id: BatchId,
    document: DocumentId,
    /// JSON Pointer of the finding.
    path: String,
    verdict: Verdict,
    /// For `edit`: what is right instead.
    value: Option<Sensitive<Value>>,
}

impl Command for DecideResult {
    const NAME: &'static str = "decide_result";
    type Needs = ReviewResults;
    /// The document as it now stands.
    type Output = ResultDetailDto;

    fn target(&self) -> Target {
        Target::Batch(self.id)
    }

    fn run(self, cx: &Context<'_, ReviewResults>) -> Result<ResultDetailDto, AppError> {
        let now = cx.open.stores.result_detail(&cx.grant, self.document)?;
        let extraction = now.extraction.ok_or(cloister_store::StoreError::NotFound)?;
        let finding = extraction
            .findings
            .iter()
            .find(|f| f.path == self.path)
            .ok_or_else(|| AppError::Usage("there is no finding at this place".to_owned()))?;
        let standing = standing(&now.decisions, &self.path).map_or(&finding.value, |d| &d.after);
        let after = match (self.verdict, self.value) {
            (Verdict::Edit, Some(value)) => value,
            (Verdict::Edit, None) => return Err(AppError::Usage("say what is right instead".to_owned())),
            (Verdict::Reject, _) => Sensitive::new(Value::Null),
            (Verdict::Accept | Verdict::Undo, _) => finding.value.clone(),
        };
        cx.open.stores.keep_decision(
            &cx.grant,
            &NewDecision {
                document: self.document,
                path: &self.path,
                verdict: self.verdict,
                before: standing,
                after: &after,
                decided: cx.app.clock().now(),
            },
        )?;
        cx.record(DetailKey::Kind, Detail::Code(code!("review")));
        detail(cx, self.document)
    }
}

/// The decision in force about a place.
pub(crate) fn standing<'a>(decisions: &'a [Decision], path: &str) -> Option<&'a Decision> {
    decisions.iter().rev().find(|d| d.path == path).filter(|d| d.verdict != Verdict::Undo)
}

fn detail<P: OpensResults>(cx: &Context<'_, P>, document: DocumentId) -> Result<ResultDetailDto, AppError> {
    let d = cx.open.stores.result_detail(&cx.grant, document)?;
    let vault = cx.app.vault()?;
    let name = |id| vault.account(id).map_or_else(|| id.to_string(), |a| a.name.clone());
    let external = d.document.external_id.into_exposed(SHOWN);
    Ok(ResultDetailDto {
        document: d.document.id.to_string(),
        patient: d.patient.map(|p| p.into_exposed(SHOWN)),
        text: (cx.grant.role() != Role::Viewer).then(|| d.document.text.into_exposed(SHOWN)),
        gold: d.gold.and_then(|g| serde_json::from_str(g.expose(SHOWN)).ok()),
        extraction: d.extraction.as_ref().map(|x| present::extraction(&external, x)),
        document_id: external,
        decisions: d
            .decisions
            .iter()
            .map(|d| DecisionDto {
                path: d.path.clone(),
                reviewer: name(d.reviewer),
                decided: d.decided.to_string(),
                verdict: present::word(d.verdict),
                before: d.before.expose(SHOWN).clone(),
                after: d.after.expose(SHOWN).clone(),
            })
            .collect(),
    })
}
