//! What the policy was before: every change of it stands in the log.

use super::{policy::PROPOSED, policy_proposals::APPROVED};
use crate::{
    AppError,
    command::{Command, Context},
    dto::PolicyChangeDto,
    present,
};
use cloister_access::{ReadPolicy, Target};
use cloister_audit::{Filter, LogLine};
use cloister_domain::{Code, DetailKey, EventType, code};
use serde::Deserialize;
use serde_json::Value;

/// Lines read at a time.
const AT_ONCE: usize = 500;
/// The most changes that are told.
const MOST: usize = 2_000;

/// Who changed which key when, newest first. Before the oldest stands what the vault was made with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyHistory {}

impl Command for PolicyHistory {
    const NAME: &'static str = "policy_history";
    type Needs = ReadPolicy;
    type Output = Vec<PolicyChangeDto>;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, ReadPolicy>) -> Result<Self::Output, AppError> {
        let vault = cx.app.vault()?;
        let mut filter = Filter {
            event_type: Some(EventType::Configuration.name().to_owned()),
            outcome: Some("success".to_owned()),
            limit: AT_ONCE,
            ..Filter::default()
        };
        let named = |id: &str| id.parse().map_or(id.to_owned(), |id| present::name(id, vault.accounts()));
        let mut changes = Vec::new();
        loop {
            let page = cloister_audit::lines(&cx.app.log_folder(), &filter)?;
            let of_policy = page.lines.iter().filter(|l| took_effect(l));
            changes.extend(of_policy.filter_map(|line| {
                // A value that was set again to what it was changed nothing.
                let setting = line.details.get(DetailKey::Setting.name())?.as_str()?.to_owned();
                Some(PolicyChangeDto {
                    seq: line.seq,
                    at: line.time.clone(),
                    by: named(&line.user_id),
                    setting,
                    old: value(line, DetailKey::OldCount, DetailKey::OldCode),
                    new: value(line, DetailKey::NewCount, DetailKey::NewCode),
                    keyring_version: line.details.get(DetailKey::KeyringVersion.name()).and_then(Value::as_u64),
                    proposed_by: line.details.get(DetailKey::With.name()).and_then(Value::as_str).map(named),
                })
            }));
            match page.next_before_seq {
                Some(before) if changes.len() < MOST => filter.before_seq = Some(before),
                _ => break,
            }
        }
        changes.truncate(MOST);
        Ok(changes)
    }
}

/// Whether the policy was another from this line on: set by one, or approved by a second.
fn took_effect(line: &LogLine) -> bool {
    let reason = line.details.get(DetailKey::Reason.name()).and_then(Value::as_str);
    let is = |word: Code| reason == Some(word.as_str());
    line.action == code!("write_policy").as_str() && !is(PROPOSED)
        || line.action == code!("decide_policy").as_str() && is(APPROVED)
}

/// A number or a word of the program's own; both as text.
fn value(line: &LogLine, count: DetailKey, word: DetailKey) -> String {
    let detail = |key: DetailKey| line.details.get(key.name());
    match (detail(count), detail(word)) {
        (Some(n), _) => n.to_string(),
        (None, Some(word)) => word.as_str().unwrap_or_default().to_owned(),
        (None, None) => String::new(),
    }
}
