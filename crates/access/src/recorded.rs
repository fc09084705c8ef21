//! Whether keyring and slots are the ones that the log saw last. Whoever puts an older file back (a keyring in which an
//! account was not yet disabled, a slot that an old password still opens) is refused.
//!
//! Each change is written down twice: as intended, before the files are renamed into place, and as done. Between the
//! two a crash may leave either. Every start of the service and every sign-in says which files it found, so that the
//! newest witness is never far back.

use cloister_audit::{AuditError, AuditLog, Filter, LogLine, newest};
use cloister_domain::{Actor, AuditEvent, AuditTarget, DetailKey, EventType, Outcome, Sha256Hex, UserId, code};
use cloister_vault::{EnrolmentRequest, KeyHolder, LockedVault, PlannedChange, SlotChange};
use std::path::Path;

/// An older keyring or slot lies where a newer one was put.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is version {found}, but the log recorded version {recorded}: it was put back or replaced")]
pub struct KeysPutBack {
    /// `keyring.json`, or the account's slot.
    pub what: &'static str,
    /// The version on disk.
    pub found: u64,
    /// The version that the log recorded last.
    pub recorded: u64,
}

/// Writes down what is about to be renamed into place.
///
/// # Errors
/// When a line cannot be made durable: then nothing may be renamed.
pub fn intend(log: &AuditLog, actor: &Actor, planned: &PlannedChange) -> Result<(), AuditError> {
    write(log, actor, planned, Outcome::Attempt)
}

/// Writes down that it is in place.
///
/// # Errors
/// When a line cannot be made durable. The change stands all the same; the next start of the service notes it.
pub fn settled(log: &AuditLog, actor: &Actor, planned: &PlannedChange) -> Result<(), AuditError> {
    write(log, actor, planned, Outcome::Success)
}

fn write(log: &AuditLog, actor: &Actor, planned: &PlannedChange, outcome: Outcome) -> Result<(), AuditError> {
    if let Some(keyring) = &planned.keyring {
        let event = AuditEvent::new(EventType::KeyringIntent, code!("keyring_intent"), actor.clone(), outcome)
            .target(AuditTarget::Part(code!("keyring")))
            .count(DetailKey::KeyringVersion, keyring.version)
            .hash(DetailKey::KeyringSha256, keyring.sha256.clone());
        log.append(&event)?;
    }
    for slot in &planned.slots {
        let event = AuditEvent::new(EventType::SlotIntent, code!("slot_intent"), actor.clone(), outcome)
            .target(slot_target(slot))
            .count(DetailKey::SlotVersion, slot.version)
            .hash(DetailKey::SlotSha256, slot.sha256.clone());
        log.append(&event)?;
    }
    Ok(())
}

fn slot_target(slot: &SlotChange) -> AuditTarget {
    match slot.holder {
        KeyHolder::User(id) => AuditTarget::Account(id),
        KeyHolder::Recovery => AuditTarget::Part(code!("recovery_key")),
    }
}

/// Compares the keyring with what the log recorded last.
///
/// # Errors
/// `Err` within when it is another; the outer one when the log cannot be read.
pub fn keyring_is_the_recorded(folder: &Path, vault: &LockedVault) -> Result<Result<(), KeysPutBack>, AuditError> {
    let found = Version { number: vault.version(), sha256: vault.keyring_sha256().clone() };
    let keys = (DetailKey::KeyringVersion, DetailKey::KeyringSha256);
    let seen = last_seen(folder, keys, of(EventType::ServiceStart))?;
    let intents = since(folder, seen.as_ref(), of(EventType::KeyringIntent))?;
    Ok(judge("keyring.json", &found, keys, intents, seen))
}

/// Compares a person's slot with what the log recorded last; after line `after` alone where one is given.
///
/// # Errors
/// `Err` within when it is another; the outer one when the log cannot be read.
pub fn slot_is_the_recorded(
    folder: &Path,
    user: UserId,
    slot: &SlotChange,
    after: Option<u64>,
) -> Result<Result<(), KeysPutBack>, AuditError> {
    let found = Version { number: slot.version, sha256: slot.sha256.clone() };
    let (seen, intents) = search_for_slot(folder, user, after)?;
    Ok(judge("the account's slot", &found, SLOT_KEYS, intents, seen))
}

const SLOT_KEYS: (DetailKey, DetailKey) = (DetailKey::SlotVersion, DetailKey::SlotSha256);

/// The newest sign-in that says which slot it found, and what was intended with it since.
pub(crate) fn search_for_slot(
    folder: &Path,
    user: UserId,
    after: Option<u64>,
) -> Result<(Option<LogLine>, Vec<LogLine>), AuditError> {
    let target = AuditTarget::Account(user).to_string();
    let success = Some(Outcome::Success.name().to_owned());
    let user = Some(user.to_string());
    let seen =
        last_seen(folder, SLOT_KEYS, Filter { user, outcome: success, after_seq: after, ..of(EventType::SignIn) })?;
    let after_seq = seen.as_ref().map(|line| line.seq).or(after);
    let filter = Filter { target: Some(target), after_seq, ..of(EventType::SlotIntent) };
    let intents = cloister_audit::lines(folder, &filter)?.lines;
    Ok((seen, intents))
}

/// Whether an enrolment request is the one that the log saw its person write last. One that was put there otherwise is
/// nobody's.
///
/// # Errors
/// When the log cannot be read.
pub fn enrolment_is_the_recorded(folder: &Path, request: &EnrolmentRequest) -> Result<bool, AuditError> {
    let target = Some(AuditTarget::Account(request.user()).to_string());
    let line = newest(folder, &Filter { target, ..of(EventType::EnrolmentRequest) })?;
    let sha256 = request.sha256().to_string();
    Ok(line.is_some_and(|line| line.details[DetailKey::FileSha256.name()].as_str() == Some(sha256.as_str())))
}

fn of(event: EventType) -> Filter {
    Filter { event_type: Some(event.name().to_owned()), limit: 50, ..Filter::default() }
}

/// The newest line of a filter that says which version it found. (A start with a keyring that was put back says none.)
fn last_seen(folder: &Path, keys: (DetailKey, DetailKey), mut filter: Filter) -> Result<Option<LogLine>, AuditError> {
    while let Some(line) = newest(folder, &filter)? {
        if Version::of(&line, keys).is_some() {
            return Ok(Some(line));
        }
        filter.before_seq = Some(line.seq);
    }
    Ok(None)
}

/// Changes since then, newest first: what came before was settled by it, and is not searched for in a long log.
fn since(folder: &Path, seen: Option<&LogLine>, filter: Filter) -> Result<Vec<LogLine>, AuditError> {
    let after_seq = seen.map(|line| line.seq);
    Ok(cloister_audit::lines(folder, &Filter { after_seq, ..filter })?.lines)
}

#[derive(PartialEq)]
struct Version {
    number: u64,
    sha256: Sha256Hex,
}

impl Version {
    fn of(line: &LogLine, (number, sha256): (DetailKey, DetailKey)) -> Option<Self> {
        let number = line.details.get(number.name())?.as_u64()?;
        let sha256 = line.details.get(sha256.name())?.as_str()?.parse().ok()?;
        Some(Self { number, sha256 })
    }
}

/// The newest line that says "in place" decides, and an intention after it may have come to pass or not.
fn judge(
    what: &'static str,
    found: &Version,
    keys: (DetailKey, DetailKey),
    intents: Vec<LogLine>,
    seen: Option<LogLine>,
) -> Result<(), KeysPutBack> {
    let mut all: Vec<_> = intents.into_iter().chain(seen).collect();
    all.sort_by_key(|line| std::cmp::Reverse(line.seq));
    let mut recorded = None;
    for line in &all {
        let Some(version) = Version::of(line, keys) else { continue };
        if version == *found {
            return Ok(());
        }
        recorded.get_or_insert(version.number);
        if line.outcome == Outcome::Success.name() {
            break;
        }
    }
    // A log without a word of it was begun before such words were written.
    recorded.map_or(Ok(()), |recorded| Err(KeysPutBack { what, found: found.number, recorded }))
}
