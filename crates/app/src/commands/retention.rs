//! What is kept no longer than the policy says, and everything of one patient.

use super::deletions::{ErasedDto, told};
use crate::{
    App, AppError, Face, NoPorts,
    command::{Command, Context, call},
    dto::{DueDto, OfPatientDto, PatientReportsDto, PatientVisitDto, RetentionDto, RetentionRunDto},
    operational,
    recording::files::unlink,
};
use cloister_access::{
    AppliesRetention, ApplyRetention, ApplyRetentionDaily, ErasePatient, Policy, PreviewRetention, Retain, Session,
    Target, record_number,
};
use cloister_domain::{
    AuditEvent, AuditTarget, Code, Detail, DetailKey, EventType, Outcome, Pseudonym, RecordKind, Role, code,
};
use cloister_store::{DueItem, DueKind, Erased, RetentionRules, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::atomic::Ordering;

const SHOWN: &str = "shown to a person whom the gate admitted";
/// A run younger than this is today's.
const DAY_MS: i64 = 23 * 3_600_000;
/// When the vault came to have rules.
const BEGAN: &str = "retention_began";
/// How often a window looks.
const LOOK_MS: u64 = 600_000;
/// After a longer silence the clock is as likely wrong as the silence real: a person has to say so.
const SILENCE_MS: i64 = 60 * 86_400_000;

/// What the rules say is to go. Nothing is erased.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewRetentionNow {}

impl Command for PreviewRetentionNow {
    const NAME: &'static str = "preview_retention";
    type Needs = PreviewRetention;
    type Output = RetentionDto;

    fn target(&self) -> Target {
        Target::Vault
    }

    fn run(self, cx: &Context<'_, PreviewRetention>) -> Result<RetentionDto, AppError> {
        let policy = Policy::from_document(cx.app.vault()?.policy())?;
        let now = cx.app.clock().now();
        let due = cx.open.stores.preview_retention(&cx.grant, &RetentionRules::of(&policy), now)?;
        let last = cx.open.stores.chore_done(Role::Administrator.chore())?;
        Ok(RetentionDto {
            due: due.iter().map(dto).collect(),
            audio: policy.retain_audio.to_string(),
            visits: policy.retain_visits.to_string(),
            datasets: policy.retain_datasets.to_string(),
            runs: policy.retain_runs.to_string(),
            operational_log: policy.retain_operational_log,
            last: last.map(|at| at.to_string()),
            waits_for_a_person: last.is_some_and(|at| !(0..=SILENCE_MS).contains(&(now.as_millis() - at.as_millis()))),
        })
    }
}

/// Erases what is due and may be erased, because a person asks for it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunRetention {}

impl Command for RunRetention {
    const NAME: &'static str = "apply_retention";
    type Needs = ApplyRetention;
    type Output = RetentionRunDto;

    fn target(&self) -> Target {
        Target::Vault
    }

    fn run(self, cx: &Context<'_, ApplyRetention>) -> Result<RetentionRunDto, AppError> {
        apply(cx)
    }
}

/// The same, once a day by itself. No face reaches it: it is not among the commands that have a name there.
#[derive(Deserialize)]
struct RunRetentionDaily {}

impl Command for RunRetentionDaily {
    const NAME: &'static str = "apply_retention_daily";
    type Needs = ApplyRetentionDaily;
    type Output = RetentionRunDto;

    fn target(&self) -> Target {
        Target::Vault
    }

    fn run(self, cx: &Context<'_, ApplyRetentionDaily>) -> Result<RetentionRunDto, AppError> {
        apply(cx)
    }
}

fn apply<P: AppliesRetention>(cx: &Context<'_, P>) -> Result<RetentionRunDto, AppError> {
    let policy = Policy::from_document(cx.app.vault()?.policy())?;
    let rules = RetentionRules::of(&policy);
    let now = cx.app.clock().now();
    let stores = &cx.open.stores;
    let mut done = RetentionRunDto::default();
    for item in stores.retention_due(&cx.grant, &rules, now)? {
        if item.held {
            done.held += 1;
            continue;
        }
        let attempt = noted(cx, &item, Outcome::Attempt, |e| e)?;
        match stores.erase_due(&cx.grant, &item, &rules, now, unlink(cx.app.data())) {
            Ok(Erased { receipt, kept, .. }) => {
                done.files += receipt.files;
                done.bytes += receipt.bytes;
                noted(cx, &item, Outcome::Success, |e| {
                    e.count(DetailKey::Attempt, attempt)
                        .count(DetailKey::Bytes, receipt.bytes)
                        .count(DetailKey::Segments, receipt.keys_destroyed.len() as u64)
                        .hash(DetailKey::ResultSha256, kept.sha256)
                })?;
                done.erased.push(dto(&item));
            }
            Err(e) => {
                let code = crate::incident::code_of(&AppError::Store(e.clone()));
                noted(cx, &item, Outcome::Failure, |line| {
                    line.count(DetailKey::Attempt, attempt).code(DetailKey::Code, code)
                })?;
                match e {
                    StoreError::Held => done.held += 1,
                    // Taken up again at the next run.
                    StoreError::UnderWay | StoreError::ChangedMeanwhile => done.later += 1,
                    other => return Err(other.into()),
                }
            }
        }
    }
    done.operational_files = operational::forget(cx.app.data(), policy.retain_operational_log, now);
    stores.note_chore(cx.open.session.role().chore(), now)?;
    cx.record(DetailKey::Documents, Detail::Count(done.erased.len() as u64));
    cx.record(DetailKey::Bytes, Detail::Count(done.bytes));
    Ok(done)
}

/// A line about one thing that the rules erase.
fn noted<P: AppliesRetention>(
    cx: &Context<'_, P>,
    item: &DueItem,
    outcome: Outcome,
    more: impl FnOnce(AuditEvent) -> AuditEvent,
) -> Result<u64, AppError> {
    let (kind, word): (RecordKind, Code) = match item.kind {
        DueKind::Audio => (RecordKind::Encounter, code!("audio")),
        DueKind::Visit => (RecordKind::Encounter, code!("visit")),
        DueKind::Dataset => (RecordKind::Dataset, code!("dataset")),
        DueKind::Run => (RecordKind::Batch, code!("run")),
    };
    let keys = cx.open.session.keys().pseudonym_key();
    let pseudonym = keys.pseudonym(kind.name(), &item.id)?;
    let event = AuditEvent::new(EventType::Deletion, P::ACTION, cx.open.session.actor(), outcome)
        .target(AuditTarget::Record { kind, pseudonym })
        .code(DetailKey::Kind, word)
        .code(DetailKey::Reason, code!("retention"));
    Ok(cx.app.log()?.append(&more(event))?.seq)
}

fn dto(item: &DueItem) -> DueDto {
    DueDto {
        kind: item.kind.name().to_owned(),
        id: item.id.clone(),
        name: item.name.expose(SHOWN).clone(),
        since: item.since.to_string(),
        parts: item.parts,
        held: item.held,
    }
}

/// What there is of one patient, before any of it is erased.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewPatient {
    /// A record number, or the 32 digits that stand for it in the log.
    patient: String,
}

impl Command for PreviewPatient {
    const NAME: &'static str = "preview_patient";
    type Needs = PreviewRetention;
    type Output = OfPatientDto;

    fn target(&self) -> Target {
        Target::Vault
    }

    fn run(self, cx: &Context<'_, PreviewRetention>) -> Result<OfPatientDto, AppError> {
        let patient = Patient::of(&cx.open.session, &self.patient)?;
        cx.record(DetailKey::Patient, Detail::Record(patient.pseudonym));
        let found = cx.open.stores.of_patient(&cx.grant, &|number| patient.is(number))?;
        Ok(of_patient(&patient, &found))
    }
}

/// Erases all of it but what a legal hold keeps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErasePatientOf {
    patient: String,
}

/// What was erased, with the receipts.
#[derive(Serialize)]
pub(crate) struct PatientErasedDto {
    pseudonym: String,
    erased: Vec<ErasedDto>,
    /// What holds keep.
    held: OfPatientDto,
}

impl Command for ErasePatientOf {
    const NAME: &'static str = "erase_patient";
    type Needs = ErasePatient;
    type Output = PatientErasedDto;

    fn target(&self) -> Target {
        Target::Vault
    }

    fn run(self, cx: &Context<'_, ErasePatient>) -> Result<PatientErasedDto, AppError> {
        let patient = Patient::of(&cx.open.session, &self.patient)?;
        cx.record(DetailKey::Kind, Detail::Code(code!("patient")));
        cx.record(DetailKey::Patient, Detail::Record(patient.pseudonym));
        let (stores, now) = (&cx.open.stores, cx.app.clock().now());
        let is = |number: &str| patient.is(number);
        let found = stores.of_patient(&cx.grant, &is)?;
        if found.visits.is_empty() && found.reports.is_empty() {
            return Err(StoreError::NotFound.into());
        }
        let mut erased = Vec::new();
        let mut kept = found.clone();
        kept.reports.retain(|r| r.held);
        kept.visits.retain(|v| v.held);
        for visit in found.visits.iter().filter(|v| !v.held) {
            let one = stores.erase_patients_visit(&cx.grant, &is, visit.id, now, unlink(cx.app.data()))?;
            erased.push(noted_receipt(cx, &patient, one)?);
        }
        if let Some(one) = stores.erase_patients_reports(&cx.grant, &is, patient.pseudonym, now)? {
            erased.push(noted_receipt(cx, &patient, one)?);
        }
        cx.record(DetailKey::Documents, Detail::Count(erased.len() as u64));
        Ok(PatientErasedDto { pseudonym: patient.pseudonym.to_string(), erased, held: of_patient(&patient, &kept) })
    }
}

/// Each receipt's digest stands in the log: the command's own line could hold one only.
fn noted_receipt(cx: &Context<'_, ErasePatient>, patient: &Patient<'_>, erased: Erased) -> Result<ErasedDto, AppError> {
    let event = AuditEvent::new(EventType::Deletion, code!("erase_patient"), cx.open.session.actor(), Outcome::Success)
        .detail(DetailKey::Patient, Detail::Record(patient.pseudonym))
        .count(DetailKey::Bytes, erased.receipt.bytes)
        .count(DetailKey::Segments, erased.receipt.keys_destroyed.len() as u64)
        .hash(DetailKey::ResultSha256, erased.kept.sha256.clone());
    cx.app.log()?.append(&event)?;
    told(erased)
}

/// Whom a record number stands for.
struct Patient<'a> {
    session: &'a Session,
    pseudonym: Pseudonym,
}

impl<'a> Patient<'a> {
    fn of(session: &'a Session, typed: &str) -> Result<Self, AppError> {
        if typed.trim().is_empty() {
            return Err(AppError::Usage("a record number, or a patient's pseudonym of the log, is missing".to_owned()));
        }
        let pseudonym = match Pseudonym::parse(typed.trim()) {
            Some(pseudonym) => pseudonym,
            None => Self::pseudonym(session, typed)?,
        };
        Ok(Self { session, pseudonym })
    }

    fn pseudonym(session: &Session, number: &str) -> Result<Pseudonym, AppError> {
        Ok(session.keys().pseudonym_key().pseudonym(RecordKind::Patient.name(), &record_number(number))?)
    }

    /// Whether it is this patient's number. A visit without one is nobody's.
    fn is(&self, number: &str) -> bool {
        !number.trim().is_empty() && Self::pseudonym(self.session, number).is_ok_and(|p| p == self.pseudonym)
    }
}

fn of_patient(patient: &Patient<'_>, found: &cloister_store::OfPatient) -> OfPatientDto {
    OfPatientDto {
        pseudonym: patient.pseudonym.to_string(),
        visits: found
            .visits
            .iter()
            .map(|v| PatientVisitDto { id: v.id.to_string(), created: v.created.to_string(), held: v.held })
            .collect(),
        reports: found
            .reports
            .iter()
            .map(|r| PatientReportsDto {
                dataset: r.dataset.to_string(),
                name: r.name.expose(SHOWN).clone(),
                documents: r.documents.len() as u64,
                held: r.held,
            })
            .collect(),
    }
}

/// Under which name a role's runs are remembered: a clinician's covers sound only.
trait Chore {
    fn chore(&self) -> &'static str;
}

impl Chore for Role {
    fn chore(&self) -> &'static str {
        match self {
            Self::Administrator => "retention",
            _ => "retention_audio",
        }
    }
}

impl App {
    /// Applies the rules once a day, for whoever may. A fault is no reason to keep anybody out: it stands in the log, and
    /// the next sign-in tries again.
    pub(crate) fn apply_retention_if_due(&self) {
        if self.retention_is_due().unwrap_or(false) {
            let _ = call::<RunRetentionDaily>(self, json!({}), &NoPorts);
        }
    }

    /// The same for a process that stays, which asks every second.
    pub(crate) fn apply_retention_daily(&self) {
        let now = self.clock().boottime_ms();
        let looked = self.retention_looked_ms.load(Ordering::Relaxed);
        if self.face() == Face::Desktop && now.saturating_sub(looked) >= LOOK_MS {
            self.retention_looked_ms.store(now, Ordering::Relaxed);
            self.apply_retention_if_due();
        }
    }

    fn retention_is_due(&self) -> Result<bool, AppError> {
        let open = self.signed_in()?;
        let role = open.session.role();
        if !matches!(role, Role::Administrator | Role::Clinician) || open.session.must_enrol() {
            return Ok(false);
        }
        let policy = Policy::from_document(self.vault()?.policy())?;
        let RetentionRules { audio, visits, datasets, runs } = RetentionRules::of(&policy);
        if [audio, visits, datasets, runs].iter().all(|rule| *rule == Retain::Keep) {
            return Ok(false);
        }
        let now = self.clock().now();
        let mut last = open.stores.chore_done(Role::Administrator.chore())?.max(open.stores.chore_done(BEGAN)?);
        if role == Role::Clinician {
            last = last.max(open.stores.chore_done(role.chore())?);
        }
        let Some(last) = last else {
            // In a vault that is new, or new to such rules, the first run comes a day later: time to look at them.
            open.stores.note_chore(BEGAN, now)?;
            return Ok(false);
        };
        // A clock set back, or far ahead, erases nothing by itself.
        Ok((DAY_MS..=SILENCE_MS).contains(&(now.as_millis() - last.as_millis())))
    }
}
