//! The log: reading it, reviewing it, and taking parts of it out of the house.

mod export;
mod read;
mod review;

pub(crate) use export::{ExportCheckpoint, ExportLines, ExportReport};
pub(crate) use read::{ListLog, LogOverview, LogPage};
pub(crate) use review::{AcknowledgeAlert, ListAlerts, LogPeople, ShowReport};

use crate::{AppError, command::Context};
use cloister_access::{Permission, record_number};
use cloister_audit::Filter;
use cloister_domain::{EventType, Outcome, RecordKind, Role, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Which lines a face asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogFilter {
    /// At or after this moment (RFC 3339).
    from: Option<String>,
    /// Before this moment (RFC 3339).
    to: Option<String>,
    /// `usr-…`, `system`, or a name to sign in with.
    user: Option<String>,
    /// One of docs/audit-events.md.
    event_type: Option<String>,
    /// `success`, `denied`…
    outcome: Option<String>,
    /// A record number, an id of ours (`enc-…`, `doc-…`), or a pseudonym as the log shows it.
    record: Option<String>,
}

impl LogFilter {
    /// The filter as the log takes it. Whoever may not see the whole log sees their own lines, whatever they ask for.
    pub(crate) fn of<P: Permission>(&self, cx: &Context<'_, P>) -> Result<Filter, AppError> {
        let time = |text: &Option<String>| {
            text.as_deref()
                .map(|t| Timestamp::parse(t).ok_or_else(|| AppError::Usage(format!("{t} is not a time"))))
                .transpose()
        };
        let whole = matches!(cx.grant.role(), Role::Administrator | Role::Auditor);
        let user = if whole { self.user(cx) } else { Some(cx.grant.user().to_string()) };
        if let Some(unknown) = self.event_type.as_deref().filter(|t| t.parse::<EventType>().is_err()) {
            return Err(AppError::Usage(format!("there is no event {unknown}; docs/audit-events.md lists them")));
        }
        if let Some(unknown) = self.outcome.as_deref().filter(|t| t.parse::<Outcome>().is_err()) {
            return Err(AppError::Usage(format!("there is no outcome {unknown}")));
        }
        Ok(Filter {
            from: time(&self.from)?,
            to: time(&self.to)?,
            user,
            event_type: self.event_type.clone(),
            outcome: self.outcome.clone(),
            records: self.records(cx)?,
            ..Filter::default()
        })
    }

    /// In words, for the seal of an export. A record stands under its pseudonym.
    pub(crate) fn words(&self, filter: &Filter) -> BTreeMap<String, String> {
        let mut words = BTreeMap::new();
        let mut put = |key: &str, value: Option<String>| value.map(|v| words.insert(key.to_owned(), v));
        put("from", filter.from.map(|t| t.to_string()));
        put("to", filter.to.map(|t| t.to_string()));
        put("user", filter.user.clone());
        put("event_type", filter.event_type.clone());
        put("outcome", filter.outcome.clone());
        put("record", (!filter.records.is_empty()).then(|| filter.records.join(" ")));
        words
    }

    fn user<P: Permission>(&self, cx: &Context<'_, P>) -> Option<String> {
        let typed = self.user.as_deref()?;
        let by_name = || cx.app.vault().ok().and_then(|vault| vault.find(typed).map(|a| a.id.to_string()));
        Some(by_name().unwrap_or_else(|| typed.to_owned()))
    }

    /// What was typed may be a pseudonym, an id of ours, or a patient's record number: the last two become pseudonyms.
    fn records<P: Permission>(&self, cx: &Context<'_, P>) -> Result<Vec<String>, AppError> {
        let Some(typed) = self.record.as_deref().map(str::trim).filter(|t| !t.is_empty()) else {
            return Ok(Vec::new());
        };
        let bare = typed.rsplit_once(':').map_or(typed, |(_, name)| name);
        if bare.len() == 32 && bare.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(vec![bare.to_owned()]);
        }
        let key = cx.open.session.keys().pseudonym_key();
        let kinds = [
            ("enc-", RecordKind::Encounter),
            ("doc-", RecordKind::Document),
            ("dst-", RecordKind::Dataset),
            ("bat-", RecordKind::Batch),
        ];
        let mut records = vec![key.pseudonym(RecordKind::Patient.name(), &record_number(typed))?.to_string()];
        // Ids of ours are written in lower case, whatever case they were copied in.
        let id = typed.to_lowercase();
        for (_, kind) in kinds.into_iter().filter(|(prefix, _)| id.starts_with(prefix)) {
            records.push(key.pseudonym(kind.name(), &id)?.to_string());
        }
        Ok(records)
    }
}
