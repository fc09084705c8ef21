//! Lines, page by page.

use super::LogFilter;
use crate::{
    AppError,
    command::{Command, Context},
    dto::{LogLineDto, LogOverviewDto, LogPageDto},
    present,
};
use cloister_access::{ReadLog, Target};
use cloister_audit::{Filter, Index};
use cloister_domain::{Detail, DetailKey};
use serde::Deserialize;

/// A page holds at most so many lines.
const LONGEST_PAGE: usize = 1000;

/// Lines of the log, newest first: all of them for administrators and auditors, their own for the others. Read from
/// the log's files, without an index.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListLog {
    limit: Option<usize>,
    before_seq: Option<u64>,
    #[serde(default)]
    filter: LogFilter,
}

impl Command for ListLog {
    const NAME: &'static str = "audit_list";
    type Needs = ReadLog;
    type Output = Vec<LogLineDto>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ReadLog>) -> Result<Self::Output, AppError> {
        let filter = Filter {
            before_seq: self.before_seq,
            limit: self.limit.unwrap_or(100).min(LONGEST_PAGE),
            ..self.filter.of(cx)?
        };
        let lines: Vec<_> =
            cloister_audit::lines(&cx.app.log_folder(), &filter)?.lines.iter().map(present::log_line).collect();
        cx.record(DetailKey::Documents, Detail::Count(lines.len() as u64));
        Ok(lines)
    }
}

/// Any page of the lines that a filter wants, with their number: for a table of a million lines.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogPage {
    offset: u64,
    limit: usize,
    #[serde(default)]
    filter: LogFilter,
}

impl Command for LogPage {
    const NAME: &'static str = "audit_page";
    type Needs = ReadLog;
    type Output = LogPageDto;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ReadLog>) -> Result<LogPageDto, AppError> {
        let filter = Filter { limit: self.limit.min(LONGEST_PAGE), ..self.filter.of(cx)? };
        let slice = index(cx)?.slice(&filter, self.offset)?;
        cx.record(DetailKey::Documents, Detail::Count(slice.lines.len() as u64));
        Ok(LogPageDto { total: slice.total, lines: slice.lines.iter().map(present::log_line).collect() })
    }
}

/// What a filter's lines are made of: by day and hour, by type, person and outcome.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogOverview {
    /// How far the asker's clock is ahead of UTC.
    #[serde(default)]
    offset_minutes: i32,
    #[serde(default)]
    filter: LogFilter,
}

impl Command for LogOverview {
    const NAME: &'static str = "audit_overview";
    type Needs = ReadLog;
    type Output = LogOverviewDto;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ReadLog>) -> Result<LogOverviewDto, AppError> {
        let filter = self.filter.of(cx)?;
        let overview = index(cx)?.overview(&filter, self.offset_minutes.clamp(-24 * 60, 24 * 60))?;
        Ok(present::log_overview(overview))
    }
}

/// The index beside the log, up to date.
fn index(cx: &Context<'_, ReadLog>) -> Result<Index, AppError> {
    let mut index = Index::open(&cx.app.log_folder())?;
    #[expect(clippy::cast_precision_loss, reason = "bytes on their way to a progress bar")]
    index.refresh(&mut |done, total| cx.progress("index_log", done as f64, Some(total as f64), "bytes"))?;
    Ok(index)
}
