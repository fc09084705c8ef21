//! Break-glass: another's visit in an emergency, and the review of it.

use crate::{
    AppError,
    command::{Command, Context},
    dto::{EmergencyDto, FoundVisitDto},
    present,
};
use cloister_access::{BreakGlass, FindForEmergency, ReviewLog, Target, record_number};
use cloister_audit::{Alert, AlertKind, Filter, LogLine};
use cloister_domain::{Code, Detail, DetailKey, EncounterId, RecordKind, Sensitive, code};
use cloister_store::{EmergencyAccess, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Why, in codes: the log holds no free text.
const REASONS: [Code; 4] =
    [code!("emergency_care"), code!("owner_unreachable"), code!("patient_safety"), code!("patient_request")];

/// Opens another's visit for an hour: to read and to hear. Administrators and auditors are told.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BreakGlassOn {
    id: EncounterId,
    /// One of [`REASONS`].
    reason: String,
}

/// Until when it is open.
#[derive(Serialize)]
pub(crate) struct OpenUntil {
    id: EncounterId,
    until: String,
}

impl Command for BreakGlassOn {
    const NAME: &'static str = "break_glass";
    type Needs = BreakGlass;
    type Output = OpenUntil;

    fn target(&self) -> Target {
        Target::Encounter(self.id)
    }

    fn run(self, cx: &Context<'_, BreakGlass>) -> Result<OpenUntil, AppError> {
        let reason = REASONS.into_iter().find(|r| r.as_str() == self.reason).ok_or_else(|| {
            let known: Vec<_> = REASONS.iter().map(|r| r.as_str()).collect();
            AppError::Usage(format!("the reason is one of {}", known.join(", ")))
        })?;
        cx.record(DetailKey::Reason, Detail::Code(reason));
        let until = cx.open.stores.begin_emergency(&cx.grant, reason.as_str())?;
        cx.record(DetailKey::UntilMs, Detail::Count(u64::try_from(until.as_millis()).unwrap_or(0)));
        Ok(OpenUntil { id: self.id, until: until.to_string() })
    }
}

/// The visits of a patient, by the whole record number: what a clinician in an emergency has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindEmergencyVisits {
    record: Sensitive<String>,
}

impl Command for FindEmergencyVisits {
    const NAME: &'static str = "find_emergency_visits";
    type Needs = FindForEmergency;
    type Output = Vec<FoundVisitDto>;

    fn target(&self) -> Target {
        Target::Encounters
    }

    fn run(self, cx: &Context<'_, FindForEmergency>) -> Result<Self::Output, AppError> {
        let typed = self.record.expose("looked for, and made into a pseudonym");
        let number = record_number(typed);
        if number.is_empty() {
            return Err(AppError::Usage("say the patient's record number".to_owned()));
        }
        let pseudonym = cx.open.session.keys().pseudonym_key().pseudonym(RecordKind::Patient.name(), &number)?;
        cx.record(DetailKey::Patient, Detail::Record(pseudonym));
        let found = cx.open.stores.find_for_emergency(&cx.grant, typed)?;
        cx.record(DetailKey::Documents, Detail::Count(found.len() as u64));
        let vault = cx.app.vault()?;
        let shown = found.iter().map(|v| FoundVisitDto {
            id: v.id.to_string(),
            owner: present::name(v.owner, vault.accounts()),
            created: v.created.to_string(),
            state: present::word(v.state),
        });
        Ok(shown.collect())
    }
}

/// Every emergency access of the last month, with what came of its review. Reviewing one is acknowledging its alert.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListEmergencies {}

impl Command for ListEmergencies {
    const NAME: &'static str = "list_emergencies";
    type Needs = ReviewLog;
    type Output = Vec<EmergencyDto>;

    fn target(&self) -> Target {
        Target::Log
    }

    fn run(self, cx: &Context<'_, ReviewLog>) -> Result<Self::Output, AppError> {
        let known = match cx.open.stores.emergencies(&cx.grant) {
            Ok(known) => known,
            // An auditor has no key to the visits: the log's pseudonyms are what they review.
            Err(StoreError::NotOpen) => Vec::new(),
            Err(e) => return Err(e.into()),
        };
        let pseudonyms = cx.open.session.keys().pseudonym_key();
        let mut by_target: HashMap<String, &EmergencyAccess> = HashMap::new();
        for access in &known {
            let kind = RecordKind::Encounter.name();
            let pseudonym = pseudonyms.pseudonym(kind, &access.encounter.to_string())?;
            by_target.insert(format!("{kind}:{pseudonym}"), access);
        }
        let vault = cx.app.vault()?;
        let name = |id: &str| match id.parse() {
            Ok(id) => present::name(id, vault.accounts()),
            Err(_) => id.to_owned(),
        };
        let mut shown = Vec::new();
        for alert in cx.app.alerts()?.raised.iter().rev().filter(|a| a.kind == AlertKind::BreakGlass) {
            let Some(line) = raised_by(cx, alert)? else { continue };
            let visit = line.target.clone().unwrap_or_default();
            let access = by_target.get(&visit);
            let detail = |key: DetailKey| line.details.get(key.name());
            let text = |key: DetailKey| detail(key).and_then(|v| v.as_str()).map(str::to_owned);
            let until = detail(DetailKey::UntilMs).and_then(serde_json::Value::as_i64);
            shown.push(EmergencyDto {
                seq: alert.seq,
                at: line.time.clone(),
                until: until.map(|ms| cloister_domain::Timestamp::from_millis(ms).to_string()),
                by: name(&line.user_id),
                reason: text(DetailKey::Reason).unwrap_or_default(),
                patient: text(DetailKey::Patient),
                visit_id: access.map(|a| a.encounter.to_string()),
                title: access.map(|a| a.title.expose("shown to a person whom the gate admitted").clone()),
                owner: access.map(|a| present::name(a.owner, vault.accounts())),
                visit,
                reviewed: alert.acknowledged.as_ref().map(|x| x.time.clone()),
                reviewed_by: alert.acknowledged.as_ref().map(|x| name(&x.by)),
                review: alert.acknowledged.as_ref().and_then(|x| x.reason.clone()),
            });
        }
        Ok(shown)
    }
}

fn raised_by(cx: &Context<'_, ReviewLog>, alert: &Alert) -> Result<Option<LogLine>, AppError> {
    let Some(seq) = alert.line else { return Ok(None) };
    let filter =
        Filter { after_seq: Some(seq.saturating_sub(1)), before_seq: Some(seq + 1), limit: 1, ..Filter::default() };
    Ok(cloister_audit::newest(&cx.app.log_folder(), &filter)?)
}
