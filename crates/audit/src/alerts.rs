//! What a person should look at: found in the lines, written down as lines, and acknowledged by lines.
//!
//! [`Watch`] reads lines in order and remembers only what its rules need. Finding the same in the same lines twice
//! gives the same answer, so it does not matter which process looks, or how often: an alert that stands in the log
//! already is not due again.

use crate::{AuditError, follow::Followed, line::Line};
use cloister_domain::{Actor, AuditEvent, AuditTarget, Code, DetailKey, EventType, Outcome, Timestamp, code};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    ops::ControlFlow,
    path::Path,
};

/// More failed sign-ins than this within [`BURST_MS`] are an alert.
const FAILED_SIGN_INS: usize = 5;
const BURST_MS: i64 = 5 * 60_000;
/// Different records that one person opens within a clock hour: up to here nobody is asked about it.
const USUAL_RECORDS: usize = 60;
/// Beyond that, so many times the person's own average hour.
const TIMES_USUAL: usize = 3;
/// Hours of work that the average is taken over.
const HOURS_REMEMBERED: usize = 200;
/// A clock that falls behind the line before by more than this was set back. Two processes may differ by a little.
const CLOCK_TOLERANCE_MS: i64 = 5_000;
const HOUR_MS: i64 = 3_600_000;

/// Which alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// More than five failed sign-ins within five minutes, whatever the names.
    FailedSignIns,
    /// Somebody opened far more records within an hour than they usually do.
    AccessVolume,
    /// A clinician opened another's visit in an emergency.
    BreakGlass,
    /// The disk is filling up.
    LowDisk,
    /// An engine died at its work.
    EngineCrash,
    /// The workstation's clock was set back.
    ClockBack,
    /// The log's chain is broken, or its end is not the one that the vault remembers.
    BrokenChain,
    /// The keyring or a person's slot is not the one that the log says was last put in place.
    KeysPutBack,
    /// A process worked without the kernel's sandbox.
    NotSealed,
    /// A certificate of the institution's directory ends soon: then nobody signs in by it.
    CertificateEnds,
}

impl AlertKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::FailedSignIns,
        Self::AccessVolume,
        Self::BreakGlass,
        Self::LowDisk,
        Self::EngineCrash,
        Self::ClockBack,
        Self::BrokenChain,
        Self::KeysPutBack,
        Self::NotSealed,
        Self::CertificateEnds,
    ];

    /// The word in the log.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::FailedSignIns => code!("failed_sign_ins"),
            Self::AccessVolume => code!("access_volume"),
            Self::BreakGlass => code!("break_glass"),
            Self::LowDisk => code!("low_disk"),
            Self::EngineCrash => code!("engine_crash"),
            Self::ClockBack => code!("clock_back"),
            Self::BrokenChain => code!("broken_chain"),
            Self::KeysPutBack => code!("keys_put_back"),
            Self::NotSealed => code!("not_sealed"),
            Self::CertificateEnds => code!("certificate_ends"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code().as_str() == text)
    }
}

/// An alert that stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// Its own line.
    pub seq: u64,
    /// When it was written (RFC 3339).
    pub time: String,
    /// Which.
    pub kind: AlertKind,
    /// The line that raised it.
    pub line: Option<u64>,
    /// How many: failed sign-ins, records, bytes left.
    pub count: Option<u64>,
    /// Who it is about, where it is about somebody.
    pub about: Option<String>,
    /// Who looked at it, once somebody did.
    pub acknowledged: Option<Acknowledged>,
}

/// Who looked at an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acknowledged {
    /// The line that says so.
    pub seq: u64,
    /// When.
    pub time: String,
    /// `usr-…`
    pub by: String,
    /// What they made of it: `explained`, `followed_up`, `false_alarm`.
    pub reason: Option<String>,
}

/// An alert that the lines call for and that is not in the log yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub kind: AlertKind,
    /// The line that raises it.
    pub line: u64,
    /// How many, where that says something.
    pub count: Option<u64>,
}

impl Due {
    /// The line to be written.
    #[must_use]
    pub fn event(&self) -> AuditEvent {
        let event = AuditEvent::new(EventType::Alert, code!("alert"), Actor::System, Outcome::Success)
            .target(AuditTarget::Part(code!("log")))
            .code(DetailKey::Alert, self.kind.code())
            .count(DetailKey::Line, self.line);
        match (self.kind, self.count) {
            (AlertKind::AccessVolume, Some(n)) => event.count(DetailKey::Documents, n),
            (AlertKind::LowDisk, Some(n)) => event.count(DetailKey::Bytes, n),
            (AlertKind::BrokenChain, Some(n)) => event.count(DetailKey::ExpectedSeq, n),
            (_, Some(n)) => event.count(DetailKey::Attempts, n),
            (_, None) => event,
        }
    }
}

/// All that is known of alerts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alerts {
    /// In the log, oldest first.
    pub raised: Vec<Alert>,
    /// Not in it yet, oldest first.
    pub due: Vec<Due>,
}

/// Looks at lines in the order they were written.
#[derive(Debug, Default)]
pub struct Watch {
    place: Followed,
    rules: Rules,
    raised: BTreeMap<u64, Alert>,
    due: Vec<Due>,
}

impl Watch {
    /// A watch over lines since `from`, or over all.
    ///
    /// # Errors
    /// When the log's folder cannot be read.
    pub fn since(dir: &Path, from: Option<Timestamp>) -> Result<Self, AuditError> {
        let place = Followed::before(dir, from).map_err(AuditError::io("read the log"))?;
        Ok(Self { place, ..Self::default() })
    }

    /// Reads what came since, and says what is known now.
    ///
    /// # Errors
    /// When a file of the log cannot be read.
    pub fn look(&mut self, dir: &Path) -> Result<Alerts, AuditError> {
        let mut place = self.place;
        place
            .read(dir, |line, _, _| {
                self.line(line);
                ControlFlow::Continue(())
            })
            .map_err(AuditError::io("read the log"))?;
        self.place = place;
        Ok(Alerts { raised: self.raised.values().cloned().collect(), due: self.due.clone() })
    }

    fn line(&mut self, line: &Line<'_>) {
        let is = |event: EventType| line.event_type == event.name();
        if is(EventType::Alert) {
            self.raised(line);
        } else if is(EventType::AlertAcknowledged) && line.outcome == Outcome::Success.name() {
            let alert = line.count(DetailKey::Line.name()).and_then(|seq| self.raised.get_mut(&seq));
            if let Some(alert) = alert {
                alert.acknowledged.get_or_insert(Acknowledged {
                    seq: line.seq,
                    time: line.time.to_owned(),
                    by: line.user_id.to_owned(),
                    reason: line.text(DetailKey::Reason.name()).map(ToOwned::to_owned),
                });
            }
        } else {
            self.due.extend(self.rules.line(line));
        }
        self.rules.clock(line).into_iter().for_each(|due| self.due.push(due));
    }

    fn raised(&mut self, line: &Line<'_>) {
        let Some(kind) = line.text(DetailKey::Alert.name()).and_then(AlertKind::parse) else { return };
        let count = [DetailKey::Attempts, DetailKey::Documents, DetailKey::Bytes, DetailKey::ExpectedSeq]
            .into_iter()
            .find_map(|key| line.count(key.name()));
        let raised_by = line.count(DetailKey::Line.name());
        let about = raised_by.and_then(|seq| self.rules.about.get(&seq).cloned());
        self.due.retain(|due| due.kind != kind || raised_by.is_none_or(|seq| due.line > seq));
        let alert = Alert {
            seq: line.seq,
            time: line.time.to_owned(),
            kind,
            line: raised_by,
            count,
            about: about.or_else(|| line.target.filter(|t| t.starts_with("account:")).map(ToOwned::to_owned)),
            acknowledged: None,
        };
        self.raised.insert(line.seq, alert);
    }
}

/// The rules, and what each must remember.
#[derive(Debug, Default)]
struct Rules {
    failures: VecDeque<(i64, u64)>,
    people: HashMap<String, Person>,
    newest_ms: Option<i64>,
    /// Who a line that raised something is about.
    about: HashMap<u64, String>,
}

#[derive(Debug, Default)]
struct Person {
    hour: i64,
    records: HashSet<String>,
    told: bool,
    before: VecDeque<usize>,
}

impl Rules {
    fn line(&mut self, line: &Line<'_>) -> Option<Due> {
        let due = |kind, count| Some(Due { kind, line: line.seq, count });
        let ended = line.outcome == Outcome::Failure.name() || line.outcome == Outcome::Denied.name();
        let is = |event: EventType| line.event_type == event.name();
        if is(EventType::SignIn) && ended {
            return self.failed_sign_in(line);
        }
        if is(EventType::IntegrityBreak) {
            return due(AlertKind::BrokenChain, line.count(DetailKey::ExpectedSeq.name()));
        }
        if is(EventType::BreakGlass) && line.outcome == Outcome::Success.name() {
            self.about.insert(line.seq, line.user_id.to_owned());
            return due(AlertKind::BreakGlass, None);
        }
        if is(EventType::Error) && line.text(DetailKey::Code.name()).is_some_and(|c| c.starts_with("engine")) {
            return due(AlertKind::EngineCrash, None);
        }
        if is(EventType::Read) || is(EventType::AudioAccess) {
            return self.access(line);
        }
        None
    }

    fn failed_sign_in(&mut self, line: &Line<'_>) -> Option<Due> {
        let at = Timestamp::parse(line.time)?.as_millis();
        self.failures.push_back((at, line.seq));
        while self.failures.front().is_some_and(|(first, _)| at - first > BURST_MS) {
            self.failures.pop_front();
        }
        let count = self.failures.len();
        if count <= FAILED_SIGN_INS {
            return None;
        }
        // The next alert takes another six, or an attacker would write alerts by the thousand.
        self.failures.clear();
        Some(Due { kind: AlertKind::FailedSignIns, line: line.seq, count: Some(count as u64) })
    }

    fn access(&mut self, line: &Line<'_>) -> Option<Due> {
        if line.outcome != Outcome::Attempt.name() {
            return None;
        }
        let record = line.target.filter(|t| !t.starts_with("part:"))?;
        let hour = Timestamp::parse(line.time)?.as_millis() / HOUR_MS;
        let person = self.people.entry(line.user_id.to_owned()).or_default();
        if person.hour != hour {
            if !person.records.is_empty() {
                person.before.push_back(person.records.len());
            }
            if person.before.len() > HOURS_REMEMBERED {
                person.before.pop_front();
            }
            (person.hour, person.told) = (hour, false);
            person.records.clear();
        }
        person.records.insert(record.to_owned());
        let usual = person.before.iter().sum::<usize>() / person.before.len().max(1);
        if person.told || person.records.len() <= USUAL_RECORDS.max(TIMES_USUAL * usual) {
            return None;
        }
        person.told = true;
        self.about.insert(line.seq, line.user_id.to_owned());
        Some(Due { kind: AlertKind::AccessVolume, line: line.seq, count: Some(person.records.len() as u64) })
    }

    fn clock(&mut self, line: &Line<'_>) -> Option<Due> {
        let at = Timestamp::parse(line.time)?.as_millis();
        let newest = self.newest_ms.replace(at)?;
        (at < newest - CLOCK_TOLERANCE_MS).then_some(Due { kind: AlertKind::ClockBack, line: line.seq, count: None })
    }
}
