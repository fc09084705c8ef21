//! What administrators and auditors look at: alerts, the people behind ids, a period at a glance.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{AlertDto, LogPersonDto, LogReportDto},
    log_report::{self, Period},
};
use cloister_access::{AcknowledgeAlerts, ReviewLog, Target};
use cloister_audit::{Alert, Alerts};
use cloister_domain::{Code, Detail, DetailKey, code};
use serde::Deserialize;

/// Who is behind the ids in the log.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogPeople {}

impl Command for LogPeople {
    const NAME: &'static str = "audit_people";
    type Needs = ReviewLog;
    type Output = Vec<LogPersonDto>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ReviewLog>) -> Result<Self::Output, AppError> {
        let vault = cx.app.vault()?;
        let person = |a: &cloister_vault::Account| LogPersonDto {
            id: a.id.to_string(),
            name: a.name.clone(),
            role: a.role.to_string(),
            export_key: cloister_audit::Fingerprint::of_exporter(a.signing_key()).to_string(),
        };
        Ok(vault.accounts().iter().map(person).collect())
    }
}

/// Every alert since a month ago, newest first; those that nobody has looked at come with the others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListAlerts {}

impl Command for ListAlerts {
    const NAME: &'static str = "audit_alerts";
    type Needs = ReviewLog;
    type Output = Vec<AlertDto>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ReviewLog>) -> Result<Self::Output, AppError> {
        let Alerts { raised, .. } = cx.app.alerts()?;
        Ok(raised.iter().rev().map(log_report::alert).collect())
    }
}

/// Says that one has looked at an alert, and what came of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcknowledgeAlert {
    seq: u64,
    /// `explained`, `followed_up` or `false_alarm`.
    reason: String,
}

impl Command for AcknowledgeAlert {
    const NAME: &'static str = "audit_acknowledge";
    type Needs = AcknowledgeAlerts;
    type Output = AlertDto;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, AcknowledgeAlerts>) -> Result<AlertDto, AppError> {
        let reason = self.reason()?;
        let known = cx.app.alerts()?.raised;
        let alert: &Alert = known.iter().find(|a| a.seq == self.seq).ok_or_else(|| no_such_alert(self.seq))?;
        if alert.acknowledged.is_some() {
            return Err(AppError::Usage(format!("somebody has looked at the alert of line {} already", self.seq)));
        }
        cx.record(DetailKey::Alert, Detail::Code(alert.kind.code()));
        cx.record(DetailKey::Line, Detail::Count(alert.seq));
        cx.record(DetailKey::Reason, Detail::Code(reason));
        let mut shown = log_report::alert(alert);
        shown.acknowledged_by = Some(cx.grant.user().to_string());
        shown.acknowledged_reason = Some(reason.to_string());
        shown.acknowledged = Some(cx.app.clock().now().to_string());
        Ok(shown)
    }
}

impl AcknowledgeAlert {
    fn reason(&self) -> Result<Code, AppError> {
        let known = [code!("explained"), code!("followed_up"), code!("false_alarm")];
        let found = known.into_iter().find(|code| code.as_str() == self.reason);
        found.ok_or_else(|| AppError::Usage("say explained, followed_up or false_alarm".to_owned()))
    }
}

fn no_such_alert(seq: u64) -> AppError {
    AppError::Usage(format!("line {seq} is no alert of the last month"))
}

/// A period at a glance.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowReport {
    #[serde(flatten)]
    period: Period,
}

impl Command for ShowReport {
    const NAME: &'static str = "audit_report";
    type Needs = ReviewLog;
    type Output = LogReportDto;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ReviewLog>) -> Result<LogReportDto, AppError> {
        log_report::make(cx, &self.period)
    }
}
