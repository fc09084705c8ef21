//! Backups that come by themselves: where to, how many, and when, as the policy says.

use super::make::{Made, Place, Progress, make, sweep};
use crate::{AppError, export};
use age::x25519::Recipient;
use cloister_access::Policy;
use cloister_audit::AuditLog;
use cloister_domain::{
    Actor, AuditEvent, AuditTarget, Code, Detail, DetailKey, EventType, Outcome, Sha256Hex, Timestamp, VaultId, code,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A backup younger than this is today's: a day, less what one takes and what timers stray.
const DAY_MS: i64 = 23 * 3_600_000;

/// What the policy asks for.
pub(crate) struct Plan {
    pub(crate) vault: VaultId,
    pub(crate) folder: PathBuf,
    /// So many are kept.
    pub(crate) keep: usize,
    pub(crate) recipients: Vec<Recipient>,
}

/// What came of it.
pub(crate) struct Scheduled {
    pub(crate) made: Made,
    /// Older ones that were taken away.
    pub(crate) expired: u64,
}

impl Plan {
    /// `None` where no folder is named.
    pub(crate) fn of(policy: &Policy, vault: VaultId) -> Result<Option<Self>, AppError> {
        if policy.backup_folder.is_empty() {
            return Ok(None);
        }
        let recipients = policy.backup_age_recipients.split_whitespace().map(export::recipient);
        Ok(Some(Self {
            vault,
            folder: PathBuf::from(&policy.backup_folder),
            keep: policy.backup_keep as usize,
            recipients: recipients.collect::<Result<_, _>>()?,
        }))
    }

    /// The backups in the folder that are this vault's and not of the future, newest first.
    pub(crate) fn kept(&self, now: Timestamp) -> Vec<(Timestamp, PathBuf)> {
        let mut found: Vec<_> = fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((self.moment(entry.file_name().to_str()?)?, entry.path())))
            .filter(|(at, _)| *at <= now)
            .collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found
    }

    /// `cloister-VAULT-20261123T150000Z.backup`
    fn name(&self, at: Timestamp) -> String {
        let digits: String = at.to_string().chars().take(19).filter(|c| !matches!(c, '-' | ':')).collect();
        format!("cloister-{}-{digits}Z.backup", self.vault)
    }

    fn moment(&self, name: &str) -> Option<Timestamp> {
        let digits = name.strip_prefix(&format!("cloister-{}-", self.vault))?.strip_suffix("Z.backup")?;
        if digits.len() != 15 || !digits.is_ascii() {
            return None;
        }
        let (date, time) = digits.split_once('T')?;
        let part = |s: &str, from: usize, to: usize| s.get(from..to).map(str::to_owned);
        let date = format!("{}-{}-{}", part(date, 0, 4)?, part(date, 4, 6)?, part(date, 6, 8)?);
        let time = format!("{}:{}:{}", part(time, 0, 2)?, part(time, 2, 4)?, part(time, 4, 6)?);
        Timestamp::parse(&format!("{date}T{time}Z"))
    }
}

/// Whether the newest backup is a day old, or there is none.
pub(crate) fn due(plan: &Plan, now: Timestamp) -> bool {
    plan.kept(now).first().is_none_or(|(at, _)| now.as_millis() - at.as_millis() >= DAY_MS)
}

/// Makes one, and takes away what is more than the policy wants kept. The log tells of both. Needs no key and nobody
/// signed in: where to and for whom stands in the policy, which an administrator signed.
pub(crate) fn run(
    place: &Place<'_>,
    log: &AuditLog,
    plan: &Plan,
    progress: &mut Progress<'_>,
) -> Result<Scheduled, AppError> {
    let line = |kind: Code, outcome| {
        AuditEvent::new(EventType::Backup, code!("scheduled_backup"), Actor::System, outcome)
            .target(AuditTarget::Part(code!("vault")))
            .code(DetailKey::Kind, kind)
    };
    let attempt = log.append(&line(code!("create"), Outcome::Attempt))?.seq;
    let made = match make_one(place, plan, progress) {
        Ok(made) => made,
        Err(e) => {
            let outcome = if e.is_cancelled() { Outcome::Interrupted } else { Outcome::Failure };
            let failed = line(code!("create"), outcome).count(DetailKey::Attempt, attempt);
            log.append(&failed.code(DetailKey::Code, crate::incident::code_of(&e)))?;
            return Err(e);
        }
    };
    let done = line(code!("create"), Outcome::Success).count(DetailKey::Attempt, attempt);
    log.append(&done.count(DetailKey::Bytes, made.bytes).hash(DetailKey::FileSha256, made.sha256.clone()))?;
    let mut expired = 0;
    for (_, path) in plan.kept(place.clock.now()).into_iter().skip(plan.keep) {
        let bytes = fs::metadata(&path).map_or(0, |m| m.len());
        let mut event = line(code!("expire"), Outcome::Success).count(DetailKey::Bytes, bytes);
        if let Some(digest) = digest_beside(&path) {
            event = event.detail(DetailKey::FileSha256, Detail::Hash(digest));
        }
        // Written before: no record, no act.
        log.append(&event)?;
        fs::remove_file(&path).map_err(export::cannot_write(&path))?;
        let _ = fs::remove_file(export::beside(&path, "sha256"));
        expired += 1;
    }
    Ok(Scheduled { made, expired })
}

fn make_one(place: &Place<'_>, plan: &Plan, progress: &mut Progress<'_>) -> Result<Made, AppError> {
    // Not made: where the disk is not mounted, its mount point is another disk.
    if !plan.folder.is_dir() {
        let fault = std::io::ErrorKind::NotFound.into();
        return Err(AppError::Output { file: plan.folder.display().to_string(), fault });
    }
    sweep(&plan.folder, plan.vault);
    make(place, &plan.folder.join(plan.name(place.clock.now())), &plan.recipients, progress)
}

fn digest_beside(path: &Path) -> Option<Sha256Hex> {
    let text = fs::read_to_string(export::beside(path, "sha256")).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Plan, due};
    use cloister_domain::{Entropy, Timestamp, VaultId};
    use std::fs;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
            out.fill(7);
            Ok(())
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn names_tell_the_moment_and_only_those_of_this_vault_count() {
        let folder = tempfile::tempdir().unwrap();
        let now = at("2026-11-23T15:00:00Z");
        let vault = VaultId::fresh(now, &Sevens).unwrap();
        let plan = Plan { vault, folder: folder.path().to_owned(), keep: 2, recipients: Vec::new() };
        assert!(due(&plan, now));
        let name = plan.name(at("2026-11-22T15:00:07.250Z"));
        assert_eq!(name, format!("cloister-{vault}-20261122T150007Z.backup"));
        assert_eq!(plan.moment(&name), Some(at("2026-11-22T15:00:07Z")));
        let later = plan.name(at("2026-12-30T00:00:00Z"));
        for name in [name.as_str(), &later, "cloister-vlt-x-20261123T140000Z.backup", "notes.txt"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        // One of the future would push the good ones out.
        assert_eq!(plan.kept(now).len(), 1);
        assert!(due(&plan, now));
        fs::write(folder.path().join(plan.name(at("2026-11-23T02:00:00Z"))), "x").unwrap();
        assert!(!due(&plan, now));
        assert_eq!(plan.kept(now)[0].0, at("2026-11-23T02:00:00Z"));
        assert!(due(&plan, at("2026-11-24T01:30:00Z")));
    }
}
