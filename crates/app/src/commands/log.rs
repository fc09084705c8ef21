//! Reading the log.

use crate::{
    AppError,
    command::{Command, Context},
    dto::LogLineDto,
    present,
};
use cloister_access::{ReadLog, Target};
use cloister_audit::Filter;
use cloister_domain::{Detail, DetailKey, Role};
use serde::Deserialize;

/// A page holds at most so many lines.
const LONGEST_PAGE: usize = 1000;

/// Lines of the log, newest first: all of them for administrators and auditors, their own for the others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListLog {
    limit: Option<usize>,
    before_seq: Option<u64>,
}

impl Command for ListLog {
    const NAME: &'static str = "audit_list";
    type Needs = ReadLog;
    type Output = Vec<LogLineDto>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ReadLog>) -> Result<Self::Output, AppError> {
        let whole = matches!(cx.grant.role(), Role::Administrator | Role::Auditor);
        let filter = Filter {
            user: (!whole).then(|| cx.grant.user().to_string()),
            before_seq: self.before_seq,
            limit: self.limit.unwrap_or(100).min(LONGEST_PAGE),
            ..Filter::default()
        };
        let lines: Vec<_> =
            cloister_audit::lines(&cx.app.log_folder(), &filter)?.lines.iter().map(present::log_line).collect();
        cx.record(DetailKey::Documents, Detail::Count(lines.len() as u64));
        Ok(lines)
    }
}
