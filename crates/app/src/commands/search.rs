//! Words looked for in one's own visits and reports.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{ExcerptDto, ReportHitDto, ReportHitsDto, VisitHitDto, VisitHitsDto},
    present,
};
use cloister_access::{Permission, SearchEncounters, SearchReports, Target};
use cloister_domain::{Detail, DetailKey, Sensitive, code};
use cloister_store::{Excerpt, SearchWords, StoreError};
use serde::Deserialize;

/// The most that one search shows.
const MOST: u32 = 100;
/// Taken up at once, between two looks at the clock.
const STEP: u32 = 200;
/// So long one search takes words up before it answers with what there is.
const TAKE_UP_MS: u64 = 700;
const SHOWN: &str = "shown to a person whom the gate admitted";

/// Visits in whose title, transcript or signed note the words stand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchVisits {
    words: Sensitive<String>,
}

impl Command for SearchVisits {
    const NAME: &'static str = "search_visits";
    type Needs = SearchEncounters;
    type Output = VisitHitsDto;

    fn target(&self) -> Target {
        Target::Encounters
    }

    fn run(self, cx: &Context<'_, SearchEncounters>) -> Result<Self::Output, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("search")));
        let Some(words) = SearchWords::new(&self.words) else {
            return Ok(VisitHitsDto { left: 0, found: Vec::new() });
        };
        let left = take_up(cx, || cx.open.stores.take_up_transcripts(&cx.grant, STEP))?;
        let found = cx.open.stores.search_visits(&cx.grant, &words, MOST)?;
        let shown = |f: &cloister_store::VisitHit| VisitHitDto {
            encounter: f.encounter.to_string(),
            title: f.title.expose(SHOWN).clone(),
            state: present::word(f.state),
            created: f.created.to_string(),
            place: f.place.clone(),
            excerpt: excerpt(&f.excerpt),
        };
        Ok(VisitHitsDto { left, found: found.iter().map(shown).collect() })
    }
}

/// Reports in whose text the words stand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchReportsFor {
    words: Sensitive<String>,
}

impl Command for SearchReportsFor {
    const NAME: &'static str = "search_reports";
    type Needs = SearchReports;
    type Output = ReportHitsDto;

    fn target(&self) -> Target {
        Target::Datasets
    }

    fn run(self, cx: &Context<'_, SearchReports>) -> Result<Self::Output, AppError> {
        cx.record(DetailKey::Kind, Detail::Code(code!("search")));
        let Some(words) = SearchWords::new(&self.words) else {
            return Ok(ReportHitsDto { left: 0, found: Vec::new() });
        };
        let left = take_up(cx, || cx.open.stores.take_up_reports(&cx.grant, STEP))?;
        let found = cx.open.stores.search_reports(&cx.grant, &words, MOST)?;
        let shown = |f: &cloister_store::ReportHit| ReportHitDto {
            id: f.document.to_string(),
            document_id: f.external_id.expose(SHOWN).clone(),
            dataset: f.dataset_name.clone(),
            batch: f.batch.map(|b| b.to_string()),
            excerpt: excerpt(&f.excerpt),
        };
        Ok(ReportHitsDto { left, found: found.iter().map(shown).collect() })
    }
}

fn excerpt(parts: &[Excerpt]) -> Vec<ExcerptDto> {
    parts.iter().map(|p| ExcerptDto { text: p.text.expose(SHOWN).clone(), hit: p.hit }).collect()
}

/// Takes up what no search has seen, for a moment, and says how much is left: over a large store the first search answers
/// with what it has, and asked again it has more.
fn take_up<P: Permission>(cx: &Context<'_, P>, step: impl Fn() -> Result<u64, StoreError>) -> Result<u64, AppError> {
    let began = cx.app.clock().boottime_ms();
    loop {
        let left = step()?;
        if left == 0 || cx.app.clock().boottime_ms().saturating_sub(began) >= TAKE_UP_MS {
            return Ok(left);
        }
    }
}
