//! What a period's lines add up to. Pure counting: the words, and the names behind ids, are a face's.

use crate::{Alert, AuditError, Tally, alerts::Watch, follow::Followed, line::Line};
use cloister_domain::{DetailKey, EventType, Outcome, Timestamp};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::ControlFlow,
    path::Path,
};

/// Administrative acts are listed one by one, up to so many.
const LISTED: usize = 500;
const DAY_MS: i64 = 86_400_000;

/// A period of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Lines in the period.
    pub lines: u64,
    /// Numbers of the first and last of them.
    pub first_seq: Option<u64>,
    /// As above.
    pub last_seq: Option<u64>,
    /// Documents and visits from which something was extracted.
    pub extractions: u64,
    /// Transcriptions that were done.
    pub transcriptions: u64,
    /// People with an account who did anything, busiest first.
    pub people: Vec<PersonRow>,
    /// Sign-ins that succeeded.
    pub sign_ins: u64,
    /// Sign-ins that failed, or were refused for failing too often; with names that no account has.
    pub failed_sign_ins: u64,
    /// Requests that the gate turned away.
    pub denied: u64,
    /// Exports that left the vault, and the documents in them.
    pub exports: u64,
    /// As above.
    pub exported_documents: u64,
    /// Deletions.
    pub deletions: u64,
    /// Errors that were noted.
    pub errors: u64,
    /// Lines of each type that occurred, in the order of docs/audit-events.md.
    pub event_types: Vec<EventCount>,
    /// By day of the clock asked for; days without lines are left out.
    pub days: Vec<Tally>,
    /// Changes of accounts, keys and configuration, oldest first.
    pub administration: Vec<AdministrativeAct>,
    /// Administrative acts beyond those listed.
    pub not_listed: u64,
    /// Alerts raised in the period, with what became of them since.
    pub alerts: Vec<Alert>,
}

/// What one person did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PersonRow {
    /// `usr-…`
    pub user_id: String,
    /// The role they had last.
    pub role: Option<String>,
    /// Lines.
    pub lines: u64,
    /// Sign-ins.
    pub sign_ins: u64,
    /// Failed sign-ins under their name.
    pub failed_sign_ins: u64,
    /// Different records they opened.
    pub records: u64,
    /// Documents and visits they extracted from.
    pub extractions: u64,
    /// Exports.
    pub exports: u64,
    /// Requests that were turned away.
    pub denied: u64,
}

/// How often something occurred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventCount {
    /// The type.
    pub event_type: String,
    /// The chapter of docs/audit-events.md it stands in.
    pub group: String,
    /// Acts: attempts are counted with what answered them.
    pub acts: u64,
    /// Of these, refused or failed.
    pub refused: u64,
}

/// A change of accounts, keys or configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdministrativeAct {
    /// Its line.
    pub seq: u64,
    /// When (RFC 3339).
    pub time: String,
    /// Which.
    pub event_type: String,
    /// By whom.
    pub user_id: String,
    /// To what.
    pub target: Option<String>,
    /// How it ended.
    pub outcome: String,
}

impl Report {
    /// Adds up the lines from `from` until before `to`. Days are those of a clock `offset_minutes` ahead of UTC.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn of(dir: &Path, from: Timestamp, to: Timestamp, offset_minutes: i32) -> Result<Self, AuditError> {
        let mut counting = Counting::default();
        let mut place = Followed::before(dir, Some(from)).map_err(AuditError::io("read the log"))?;
        place
            .read(dir, |line, _, _| {
                if let Some(time) = Timestamp::parse(line.time)
                    && time >= from
                    && time < to
                {
                    counting.add(line, time.as_millis() + i64::from(offset_minutes) * 60_000);
                }
                ControlFlow::Continue(())
            })
            .map_err(AuditError::io("read the log"))?;
        let mut report = counting.finish();
        let alerts = Watch::since(dir, Some(from))?.look(dir)?.raised;
        let within = |alert: &Alert| Timestamp::parse(&alert.time).is_some_and(|t| t >= from && t < to);
        report.alerts = alerts.into_iter().filter(within).collect();
        Ok(report)
    }

    /// Alerts that nobody has looked at.
    #[must_use]
    pub fn open_alerts(&self) -> usize {
        self.alerts.iter().filter(|a| a.acknowledged.is_none()).count()
    }
}

#[derive(Default)]
struct Counting {
    report: Report,
    people: HashMap<String, (PersonRow, HashSet<String>)>,
    types: HashMap<String, (u64, u64)>,
    days: BTreeMap<i64, Tally>,
}

impl Counting {
    fn add(&mut self, line: &Line<'_>, local_ms: i64) {
        let r = &mut self.report;
        let is = |event: EventType| line.event_type == event.name();
        let done = line.outcome == Outcome::Success.name();
        let attempt = line.outcome == Outcome::Attempt.name();
        let refused = line.outcome == Outcome::Denied.name() || line.outcome == Outcome::Failure.name();
        let failed_sign_in = is(EventType::SignIn) && refused;
        r.lines += 1;
        r.first_seq.get_or_insert(line.seq);
        r.last_seq = Some(line.seq);
        // A run says how many documents it has results for; one extraction is one.
        let extracted = if is(EventType::ExtractionEnd) && done {
            let of = |key: DetailKey| line.count(key.name());
            let results = [DetailKey::Ok, DetailKey::Partial, DetailKey::Rejected].map(of);
            if results.iter().any(Option::is_some) {
                results.into_iter().flatten().sum()
            } else {
                of(DetailKey::Documents).unwrap_or(1)
            }
        } else {
            0
        };
        let exported = u64::from(is(EventType::Export) && done);
        r.extractions += extracted;
        r.transcriptions += u64::from(is(EventType::TranscriptionEnd) && done);
        r.sign_ins += u64::from(is(EventType::SignIn) && done);
        r.failed_sign_ins += u64::from(failed_sign_in);
        r.denied += u64::from(is(EventType::Refused));
        r.exports += exported;
        r.exported_documents += if exported > 0 { line.count(DetailKey::Documents.name()).unwrap_or(0) } else { 0 };
        r.deletions += u64::from(is(EventType::Deletion) && done);
        r.errors += u64::from(is(EventType::Error));
        let day = self.days.entry(local_ms.div_euclid(DAY_MS)).or_default();
        day.lines += 1;
        day.refused += u64::from(refused);
        day.failed_sign_ins += u64::from(failed_sign_in);
        if !attempt || is(EventType::ExtractionStart) || is(EventType::TranscriptionStart) {
            let (acts, bad) = self.types.entry(line.event_type.to_owned()).or_default();
            *acts += 1;
            *bad += u64::from(refused);
        }
        if line.user_id.starts_with("usr-") {
            let (row, records) = self.people.entry(line.user_id.to_owned()).or_default();
            row.role = line.role.map(ToOwned::to_owned).or(row.role.take());
            row.lines += 1;
            row.sign_ins += u64::from(is(EventType::SignIn) && done);
            row.failed_sign_ins += u64::from(failed_sign_in);
            row.extractions += extracted;
            row.exports += exported;
            row.denied += u64::from(is(EventType::Refused));
            if (is(EventType::Read) || is(EventType::AudioAccess)) && !refused {
                records.extend(line.target.filter(|t| !t.starts_with("part:")).map(ToOwned::to_owned));
            }
        }
        self.administration(line, attempt);
    }

    fn administration(&mut self, line: &Line<'_>, attempt: bool) {
        let listed = [
            "account_create",
            "account_change",
            "account_disable",
            "account_reset",
            "enrolment_decision",
            "key_rotation",
            "recovery_key",
            "configuration",
            "model_import",
            "model_remove",
            "backup",
            "retention",
            "schema_add",
        ];
        if attempt || !listed.contains(&line.event_type) {
            return;
        }
        let r = &mut self.report;
        if r.administration.len() == LISTED {
            r.not_listed += 1;
            return;
        }
        r.administration.push(AdministrativeAct {
            seq: line.seq,
            time: line.time.to_owned(),
            event_type: line.event_type.to_owned(),
            user_id: line.user_id.to_owned(),
            target: line.target.map(ToOwned::to_owned),
            outcome: line.outcome.to_owned(),
        });
    }

    fn finish(self) -> Report {
        let mut report = self.report;
        report.people = self
            .people
            .into_iter()
            .map(|(user_id, (row, records))| PersonRow { user_id, records: records.len() as u64, ..row })
            .collect();
        report.people.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.user_id.cmp(&b.user_id)));
        let mut types = self.types;
        report.event_types = EventType::ALL
            .iter()
            .filter_map(|event| {
                let (acts, refused) = types.remove(event.name())?;
                let (event_type, group) = (event.name().to_owned(), event.group().to_owned());
                Some(EventCount { event_type, group, acts, refused })
            })
            .collect();
        report.days = self.days.into_iter().map(|(at, tally)| Tally { at, ..tally }).collect();
        report
    }
}
