//! The policy: part of the signed keyring, so that each change has an administrator's signature and stands in the log.

use crate::{
    AppError,
    backup::Plan,
    command::{Command, Context},
};
use cloister_access::{
    Permission, Policy, PolicyApproval, PolicyFault, PolicyProposal, ReadPolicy, Retain, RunsAfterLogoff,
    SealingPolicy, SecondFactorPolicy, Target, WritePolicy,
};
use cloister_domain::{Code, Detail, DetailKey, UserId, code};
use cloister_vault::LockedVault;
use serde::Deserialize;

/// The policy in force.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowPolicy {}

impl Command for ShowPolicy {
    const NAME: &'static str = "show_policy";
    type Needs = ReadPolicy;
    type Output = Policy;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, ReadPolicy>) -> Result<Policy, AppError> {
        Ok(Policy::from_document(cx.app.vault()?.policy())?)
    }
}

/// Another value for one key. It holds from each person's next sign-in; where two administrators decide, from the other's
/// yes on, and until then it waits among the proposals.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPolicy {
    key: String,
    value: String,
}

impl Command for SetPolicy {
    const NAME: &'static str = "set_policy";
    type Needs = WritePolicy;
    type Output = Policy;

    fn target(&self) -> Target {
        Target::Policy
    }

    fn run(self, cx: &Context<'_, WritePolicy>) -> Result<Policy, AppError> {
        let app = cx.app;
        let mut vault = app.vault()?;
        let old = Policy::from_document(vault.policy())?;
        let mut new = old.clone();
        new.set(&self.key, &self.value)?;
        // Keys of recipients are looked at now, not at night.
        Plan::of(&new, vault.id())?;
        let by = cx.open.session.user();
        let kept = match old.policy_approval {
            PolicyApproval::One if new.policy_approval == PolicyApproval::Two && !has_another(&vault, by) => {
                return Err(PolicyFault::NoSecondAdministrator.into());
            }
            PolicyApproval::One => new.clone(),
            PolicyApproval::Two => {
                let at = app.clock().now();
                let waiting = old.with_proposal(PolicyProposal { key: self.key, value: self.value, by, at })?;
                if waiting != old {
                    cx.record(DetailKey::Reason, Detail::Code(PROPOSED));
                }
                waiting
            }
        };
        app.put_policy(&cx.open.session, &mut vault, &kept)?;
        cx.record(DetailKey::KeyringVersion, Detail::Count(vault.version()));
        record(cx, &old, &new);
        Ok(kept)
    }
}

/// The log's word for a change that only waits.
pub(super) const PROPOSED: Code = code!("proposed");

/// Whether there is an administrator in office beside this one.
fn has_another(vault: &LockedVault, than: UserId) -> bool {
    vault.accounts().iter().any(|a| a.administers() && a.id != than)
}

/// Old and new value of what changed, as numbers and words: the log holds no free text.
pub(super) fn record<P: Permission>(cx: &Context<'_, P>, old: &Policy, new: &Policy) {
    let numbers: [(Code, u32, u32); 4] = [
        (code!("session_timeout_minutes"), old.session_timeout_minutes, new.session_timeout_minutes),
        (code!("max_login_attempts"), old.max_login_attempts, new.max_login_attempts),
        (code!("minimum_password_length"), old.minimum_password_length, new.minimum_password_length),
        (code!("backup_keep"), old.backup_keep, new.backup_keep),
    ];
    for (setting, old, new) in numbers {
        if old != new {
            cx.record(DetailKey::Setting, Detail::Code(setting));
            cx.record(DetailKey::OldCount, Detail::Count(old.into()));
            cx.record(DetailKey::NewCount, Detail::Count(new.into()));
        }
    }
    for ((setting, old), (_, new)) in choices(old).into_iter().zip(choices(new)) {
        if old != new {
            cx.record(DetailKey::Setting, Detail::Code(setting));
            cx.record(DetailKey::OldCode, Detail::Code(old));
            cx.record(DetailKey::NewCode, Detail::Code(new));
        }
    }
    let retains: [(Code, Retain, Retain); 5] = [
        (code!("retain_audio"), old.retain_audio, new.retain_audio),
        (code!("retain_visits"), old.retain_visits, new.retain_visits),
        (code!("retain_datasets"), old.retain_datasets, new.retain_datasets),
        (code!("retain_runs"), old.retain_runs, new.retain_runs),
        (
            code!("retain_operational_log"),
            Retain::Days(old.retain_operational_log),
            Retain::Days(new.retain_operational_log),
        ),
    ];
    for (setting, old, new) in retains {
        if old != new {
            cx.record(DetailKey::Setting, Detail::Code(setting));
            for (days, number, word) in
                [(old, DetailKey::OldCount, DetailKey::OldCode), (new, DetailKey::NewCount, DetailKey::NewCode)]
            {
                match days {
                    Retain::Keep => cx.record(word, Detail::Code(code!("keep"))),
                    Retain::Days(days) => cx.record(number, Detail::Count(days.into())),
                }
            }
        }
    }
    // Paths and keys are no words of the program's own: the keyring, whose digest stands in the log, has them.
    let texts: [(Code, &str, &str); 2] = [
        (code!("backup_folder"), &old.backup_folder, &new.backup_folder),
        (code!("backup_age_recipients"), &old.backup_age_recipients, &new.backup_age_recipients),
    ];
    let word = |text: &str| if text.is_empty() { code!("none") } else { code!("set") };
    for (setting, old, new) in texts {
        if old != new {
            cx.record(DetailKey::Setting, Detail::Code(setting));
            cx.record(DetailKey::OldCode, Detail::Code(word(old)));
            cx.record(DetailKey::NewCode, Detail::Code(word(new)));
        }
    }
}

/// The settings that are one of two words.
const fn choices(policy: &Policy) -> [(Code, Code); 4] {
    let second_factor = match policy.second_factor {
        SecondFactorPolicy::Required => code!("required"),
        SecondFactorPolicy::Optional => code!("optional"),
    };
    let sealing = match policy.sealing {
        SealingPolicy::Required => code!("required"),
        SealingPolicy::Optional => code!("optional"),
    };
    let policy_approval = match policy.policy_approval {
        PolicyApproval::One => code!("one"),
        PolicyApproval::Two => code!("two"),
    };
    let runs_after_logoff = match policy.runs_after_logoff {
        RunsAfterLogoff::Continue => code!("continue"),
        RunsAfterLogoff::Pause => code!("pause"),
    };
    [
        (code!("second_factor"), second_factor),
        (code!("sealing"), sealing),
        (code!("policy_approval"), policy_approval),
        (code!("runs_after_logoff"), runs_after_logoff),
    ]
}
