//! Changes of the policy that one administrator proposed and another decides about.

use super::policy::record;
use crate::{
    AppError,
    backup::Plan,
    command::{Command, Context},
    dto::PolicyProposalDto,
    present,
};
use cloister_access::{DecidePolicy, Policy, PolicyFault, ReadPolicy, Target};
use cloister_domain::{Code, Detail, DetailKey, code};
use cloister_vault::Account;
use serde::Deserialize;
use serde_json::Value;

/// The log's words for what became of a proposal.
pub(super) const APPROVED: Code = code!("approved");
const REJECTED: Code = code!("rejected");

/// What waits for a decision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListPolicyProposals {}

impl Command for ListPolicyProposals {
    const NAME: &'static str = "policy_proposals";
    type Needs = ReadPolicy;
    type Output = Vec<PolicyProposalDto>;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, ReadPolicy>) -> Result<Self::Output, AppError> {
        let vault = cx.app.vault()?;
        let policy = Policy::from_document(vault.policy())?;
        let now = policy.to_document()?;
        let shown = |key: &str| match &now[key] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let rows = policy.proposals.iter().map(|p| PolicyProposalDto {
            old: shown(&p.key),
            key: p.key.clone(),
            new: p.value.clone(),
            by: present::name(p.by, vault.accounts()),
            at: p.at.to_string(),
            own: p.by == cx.open.session.user(),
        });
        Ok(rows.collect())
    }
}

/// Yes or no to one of them, as it was shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecidePolicyProposal {
    key: String,
    value: String,
    approve: bool,
}

impl Command for DecidePolicyProposal {
    const NAME: &'static str = "decide_policy_proposal";
    type Needs = DecidePolicy;
    type Output = Policy;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, DecidePolicy>) -> Result<Policy, AppError> {
        let app = cx.app;
        let mut vault = app.vault()?;
        let old = Policy::from_document(vault.policy())?;
        let mut kept = old.clone();
        let proposal = kept.take_proposal(&self.key, &self.value, cx.open.session.user())?;
        cx.record(DetailKey::With, Detail::Account(proposal.by));
        if self.approve && !vault.account(proposal.by).is_some_and(Account::administers) {
            return Err(PolicyFault::ProposerLeft.into());
        }
        // What is in force may have changed since: what cannot be set any more is not approved.
        let mut changed = kept.clone();
        let set = changed.set(&proposal.key, &proposal.value);
        if self.approve {
            set?;
            Plan::of(&changed, vault.id())?;
            kept = changed.clone();
        }
        app.put_policy(&cx.open.session, &mut vault, &kept)?;
        cx.record(DetailKey::Reason, Detail::Code(if self.approve { APPROVED } else { REJECTED }));
        cx.record(DetailKey::KeyringVersion, Detail::Count(vault.version()));
        record(cx, &old, &changed);
        Ok(kept)
    }
}
