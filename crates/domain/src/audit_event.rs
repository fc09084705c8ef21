//! What the audit log records: who did what to which thing, and how it ended. Never free text.
//!
//! The rule is held by types. A word in an event is a [`Code`], which only a string literal of the program can
//! become; everything known only at run time is a count, a digest, an identifier of ours or a [`FieldName`].
//! Which details an event may carry is one table, in [`catalogue`](self), printed in docs/audit-events.md.

mod catalogue;
mod words;

pub use catalogue::{DetailKey, DetailKind, EventType};
pub use words::{Code, FieldName};

use crate::{IncidentId, Role, SessionId, Sha256Hex, UserId};
use std::{collections::BTreeMap, fmt};

/// The largest count: integers beyond it are not exact in JSON (RFC 8785 takes numbers as IEEE 754 doubles).
pub const MAX_COUNT: u64 = (1 << 53) - 1;

/// The most field names one event may list.
pub const MAX_FIELDS: usize = 64;

/// One thing that happened, before it has a place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    event_type: EventType,
    actor: Actor,
    action: Code,
    target: Option<AuditTarget>,
    outcome: Outcome,
    details: BTreeMap<DetailKey, Detail>,
}

impl AuditEvent {
    /// An event with no target and no details. `action` names the command or the inner act, such as
    /// `transcript.read`.
    #[must_use]
    pub const fn new(event_type: EventType, action: Code, actor: Actor, outcome: Outcome) -> Self {
        Self { event_type, actor, action, target: None, outcome, details: BTreeMap::new() }
    }

    /// What it was done to.
    #[must_use]
    pub fn target(mut self, target: AuditTarget) -> Self {
        self.target = Some(target);
        self
    }

    /// Adds a detail; one given twice keeps the later value.
    #[must_use]
    pub fn detail(mut self, key: DetailKey, value: Detail) -> Self {
        self.details.insert(key, value);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn count(self, key: DetailKey, n: u64) -> Self {
        self.detail(key, Detail::Count(n))
    }

    /// Adds a code.
    #[must_use]
    pub fn code(self, key: DetailKey, code: Code) -> Self {
        self.detail(key, Detail::Code(code))
    }

    /// Adds a digest.
    #[must_use]
    pub fn hash(self, key: DetailKey, hash: Sha256Hex) -> Self {
        self.detail(key, Detail::Hash(hash))
    }

    /// Its type.
    #[must_use]
    pub const fn event_type(&self) -> EventType {
        self.event_type
    }

    /// Who did it.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The command or inner act.
    #[must_use]
    pub const fn action(&self) -> Code {
        self.action
    }

    /// What it was done to, where there is such a thing.
    #[must_use]
    pub const fn target_ref(&self) -> Option<&AuditTarget> {
        self.target.as_ref()
    }

    /// How it ended, or that it begins.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The details, in the order of [`DetailKey`].
    #[must_use]
    pub const fn details(&self) -> &BTreeMap<DetailKey, Detail> {
        &self.details
    }

    /// Whether the table allows this event as it stands. The log refuses one that it does not.
    ///
    /// # Errors
    /// Names the first detail that does not belong.
    pub fn check(&self) -> Result<(), EventFault> {
        for (&key, value) in &self.details {
            if !self.event_type.details().contains(&key) {
                return Err(EventFault::NotAllowed { event_type: self.event_type, key });
            }
            if value.kind() != key.kind() {
                return Err(EventFault::WrongKind { key, expected: key.kind() });
            }
            match value {
                Detail::Count(n) if *n > MAX_COUNT => return Err(EventFault::TooLarge { key }),
                Detail::Fields(names) if names.len() > MAX_FIELDS => return Err(EventFault::TooLarge { key }),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Why an event is not one the log takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventFault {
    /// The table does not list this detail for this type.
    #[error("{event_type} events carry no detail {key}")]
    NotAllowed {
        /// The event's type.
        event_type: EventType,
        /// The detail that does not belong.
        key: DetailKey,
    },
    /// The detail is of another kind.
    #[error("detail {key} is a {expected}")]
    WrongKind {
        /// The detail.
        key: DetailKey,
        /// What it should be.
        expected: DetailKind,
    },
    /// A count above [`MAX_COUNT`], or more than [`MAX_FIELDS`] names.
    #[error("detail {key} is too large")]
    TooLarge {
        /// The detail.
        key: DetailKey,
    },
}

/// How an act ended, or that it is about to begin.
///
/// An act leaves two lines: `attempt`, durable before it starts, and one of the others afterwards, which names the
/// attempt's number in detail `attempt`. What is decided in an instant (a denial, a failed sign-in, a lock) is one
/// line. An attempt that no line answers was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Admitted and about to begin.
    Attempt,
    /// Done.
    Success,
    /// Refused by the gate.
    Denied,
    /// Tried and failed.
    Failure,
    /// Begun, and ended by a crash, a cancel or a lock before it was done.
    Interrupted,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Attempt, Self::Success, Self::Denied, Self::Failure, Self::Interrupted];

    /// The word in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::Success => "success",
            Self::Denied => "denied",
            Self::Failure => "failure",
            Self::Interrupted => "interrupted",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Outcome {
    type Err = UnknownName;
    fn from_str(s: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|o| o.name() == s).ok_or(UnknownName)
    }
}

/// The text names no event type, outcome or detail of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such name")]
pub struct UnknownName;

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The program itself: start, stop, time-outs, retention, the log's own lines.
    System,
    /// A person with an account.
    User {
        /// The account.
        id: UserId,
        /// The role it had then.
        role: Role,
        /// The session, once there is one.
        session: Option<SessionId>,
    },
    /// A name that no account has, as a salted hash: people type passwords into name fields.
    UnknownName(Pseudonym),
}

impl Actor {
    /// The `user_id` of a line: `system`, `usr-…`, or `unknown:` and the hash.
    #[must_use]
    pub fn user_id(&self) -> String {
        match self {
            Self::System => "system".to_owned(),
            Self::User { id, .. } => id.to_string(),
            Self::UnknownName(hash) => format!("unknown:{hash}"),
        }
    }
}

/// Sixteen bytes of a keyed hash that stand for a record's identifier (or a name): equal for equal records, and
/// turned back into the record by nobody who lacks the key and a guess.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym([u8; 16]);

impl Pseudonym {
    /// From the first sixteen bytes of an HMAC-SHA-256.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Reads the 32 hexadecimal digits that it is written as; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 32 || !digits.iter().all(|d| matches!(d, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What was acted on. Records stand under their pseudonym; what is not about a patient stands under its own id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditTarget {
    /// A clinical record, a data set or a file.
    Record {
        /// Of which kind.
        kind: RecordKind,
        /// Its pseudonym under K_pseudonym.
        pseudonym: Pseudonym,
    },
    /// An account.
    Account(UserId),
    /// A model file, by its digest.
    Model(Sha256Hex),
    /// A part of the program or the vault: `keyring`, `policy`, `log`, `vault`, `directory`.
    Part(Code),
}

impl fmt::Display for AuditTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { kind, pseudonym } => write!(f, "{}:{pseudonym}", kind.name()),
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Model(hash) => write!(f, "model:{hash}"),
            Self::Part(code) => write!(f, "part:{code}"),
        }
    }
}

/// Kinds of record that a target can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// A patient, by record number: what "who looked at this patient?" asks for.
    Patient,
    /// A visit.
    Encounter,
    /// A recording.
    Recording,
    /// A transcript.
    Transcript,
    /// A report.
    Document,
    /// A set of reports.
    Dataset,
    /// An extraction schema.
    Schema,
    /// A run over a data set.
    Batch,
    /// A result.
    Extraction,
    /// A file outside the vault, by the hash of its name or content.
    File,
}

impl RecordKind {
    /// The word before the pseudonym.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Encounter => "encounter",
            Self::Recording => "recording",
            Self::Transcript => "transcript",
            Self::Document => "document",
            Self::Dataset => "dataset",
            Self::Schema => "schema",
            Self::Batch => "batch",
            Self::Extraction => "extraction",
            Self::File => "file",
        }
    }
}

/// The value of one detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// A whole number, at most [`MAX_COUNT`].
    Count(u64),
    /// A word from the program's own list.
    Code(Code),
    /// A SHA-256 digest or another 32 bytes.
    Hash(Sha256Hex),
    /// Names of fields, at most [`MAX_FIELDS`].
    Fields(Vec<FieldName>),
    /// The line of the operational log that tells more.
    Incident(IncidentId),
    /// A record, by its pseudonym.
    Record(Pseudonym),
    /// A person's account.
    Account(UserId),
}

impl Detail {
    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> DetailKind {
        match self {
            Self::Count(_) => DetailKind::Count,
            Self::Code(_) => DetailKind::Code,
            Self::Hash(_) => DetailKind::Hash,
            Self::Fields(_) => DetailKind::Fields,
            Self::Incident(_) => DetailKind::Incident,
            Self::Record(_) => DetailKind::Record,
            Self::Account(_) => DetailKind::Account,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Actor, AuditEvent, Code, Detail, DetailKey, EventFault, EventType, FieldName, MAX_COUNT, Outcome, catalogue,
    };
    use crate::{Sha256Hex, code};

    fn export() -> AuditEvent {
        AuditEvent::new(EventType::Export, code!("batch.export"), Actor::System, Outcome::Success)
    }

    #[test]
    fn a_detail_outside_the_table_is_refused() {
        assert_eq!(export().count(DetailKey::Documents, 3).check(), Ok(()));
        assert_eq!(
            export().count(DetailKey::Attempts, 3).check(),
            Err(EventFault::NotAllowed { event_type: EventType::Export, key: DetailKey::Attempts })
        );
    }

    #[test]
    fn a_detail_of_another_kind_is_refused() {
        let e = export().code(DetailKey::Documents, code!("three"));
        assert!(matches!(e.check(), Err(EventFault::WrongKind { key: DetailKey::Documents, .. })));
    }

    #[test]
    fn a_count_that_json_cannot_hold_is_refused() {
        assert_eq!(export().count(DetailKey::Documents, MAX_COUNT).check(), Ok(()));
        assert!(export().count(DetailKey::Documents, MAX_COUNT + 1).check().is_err());
    }

    #[test]
    fn too_many_field_names_are_refused() {
        let names = |n| Detail::Fields(vec![FieldName::plain("dose").unwrap(); n]);
        assert_eq!(export().detail(DetailKey::FieldNames, names(64)).check(), Ok(()));
        assert!(export().detail(DetailKey::FieldNames, names(65)).check().is_err());
    }

    #[test]
    fn codes_are_narrow() {
        for bad in ["", "Übel", "two words", "UPPER", "a\"b", "a\\b", "a\nb"] {
            assert!(Code::new(bad).is_none(), "{bad:?}");
        }
        assert!(Code::new("a-z_0.9:@+").is_some());
    }

    #[test]
    fn a_field_name_outside_the_alphabet_goes_by_its_hash() {
        assert!(FieldName::plain("Patient Name").is_none());
        let hash = Sha256Hex::from_bytes(&[0xab; 32]);
        assert!(FieldName::hashed(&hash).as_str().starts_with("sha256:abab"));
    }

    #[test]
    fn names_in_the_table_are_codes_and_unique() {
        let mut seen = std::collections::BTreeSet::new();
        for t in EventType::ALL {
            assert!(Code::new(t.name()).is_some() && seen.insert(t.name()), "{t}");
            assert_eq!(t.name().parse(), Ok(*t));
            let keys: std::collections::BTreeSet<_> = t.details().iter().collect();
            assert_eq!(keys.len(), t.details().len(), "{t} lists a detail twice");
        }
        let mut seen = std::collections::BTreeSet::new();
        for k in DetailKey::ALL {
            assert!(Code::new(k.name()).is_some() && seen.insert(k.name()), "{k}");
            assert!(EventType::ALL.iter().any(|t| t.details().contains(k)), "no event uses {k}");
        }
        assert!(!catalogue::DetailKind::Count.name().is_empty());
    }
}
