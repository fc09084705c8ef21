//! A signed-in person. Lives in Rust only; the window holds no token and no key.

use crate::{AccessError, Policy, SecondFactorPolicy, Target};
use cloister_domain::{Actor, Code, Pseudonym, Role, SessionId, Timestamp, UserId};
use cloister_vault::{Account, DatabaseKey, Library, LockedVault, Research, UnlockedKeys, Visits};
use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// A session ends twelve hours after it began, whatever happens.
const LONGEST_MS: u64 = 12 * 3_600_000;
/// So long after the password was given again it need not be given once more.
const FRESH_MS: u64 = 5 * 60_000;
/// In place of a moment: never.
const NEVER: u64 = u64::MAX;
/// Repeated reads of one target within this time are one line of the log.
const REPEAT_MS: u64 = 60_000;
/// As many targets are remembered for that; more only means more lines.
const MOST_REMEMBERED: usize = 4096;

/// A signed-in person with their keys. Only a sign-in makes one; dropping it drops the keys.
pub struct Session {
    id: SessionId,
    user: UserId,
    name: String,
    role: Role,
    keys: UnlockedKeys,
    visits: Option<DatabaseKey<Visits>>,
    research: Option<DatabaseKey<Research>>,
    library: DatabaseKey<Library>,
    must_enrol: bool,
    certificate_ends: Option<Timestamp>,
    timeout_ms: u64,
    began_ms: u64,
    last_input_ms: AtomicU64,
    /// When password and code were given again, or [`NEVER`].
    stepped_up_ms: AtomicU64,
    reads: Mutex<HashMap<(Code, Target), u64>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({} for {})", self.id, self.user)
    }
}

impl Session {
    pub(crate) fn begin(
        id: SessionId,
        account: &Account,
        keys: UnlockedKeys,
        vault: &LockedVault,
        policy: &Policy,
        now_ms: u64,
    ) -> Result<Self, AccessError> {
        Ok(Self {
            id,
            user: account.id,
            name: account.name.clone(),
            role: account.role,
            visits: keys.visits().map(|k| vault.database_key(k)).transpose()?,
            research: keys.research().map(|k| vault.database_key(k)).transpose()?,
            library: keys.pseudonym_key().library_database_key()?,
            must_enrol: policy.second_factor == SecondFactorPolicy::Required
                && keys.second_factor().totp_secret().is_none(),
            keys,
            certificate_ends: None,
            timeout_ms: u64::from(policy.session_timeout_minutes) * 60_000,
            began_ms: now_ms,
            last_input_ms: AtomicU64::new(now_ms),
            stepped_up_ms: AtomicU64::new(NEVER),
            reads: Mutex::default(),
        })
    }

    /// With the end of the directory's certificates, for a person who came in by it.
    pub(crate) const fn by_directory(mut self, certificate_ends: Option<Timestamp>) -> Self {
        self.certificate_ends = certificate_ends;
        self
    }

    /// When the certificates of the directory end that this person came in by.
    #[must_use]
    pub const fn certificate_ends(&self) -> Option<Timestamp> {
        self.certificate_ends
    }

    /// Its id, as in the log.
    #[must_use]
    pub const fn id(&self) -> SessionId {
        self.id
    }

    /// Whose it is.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The sign-in name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role at sign-in.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Whether the policy asks for a second factor and there is none: then nothing else is admitted. Setting it up
    /// does not change this; it takes a new sign-in, with the code.
    #[must_use]
    pub const fn must_enrol(&self) -> bool {
        self.must_enrol
    }

    /// The keys that the role opens.
    #[must_use]
    pub const fn keys(&self) -> &UnlockedKeys {
        &self.keys
    }

    /// The key of the visits store, for the roles that open it.
    #[must_use]
    pub const fn visits_database(&self) -> Option<&DatabaseKey<Visits>> {
        self.visits.as_ref()
    }

    /// The key of the research store, for the roles that open it.
    #[must_use]
    pub const fn research_database(&self) -> Option<&DatabaseKey<Research>> {
        self.research.as_ref()
    }

    /// The key of the schema library, which every role holds; the gate keeps the auditor out.
    #[must_use]
    pub const fn library_database(&self) -> &DatabaseKey<Library> {
        &self.library
    }

    /// Who acts, for the log.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor::User { id: self.user, role: self.role, session: Some(self.id) }
    }

    /// Notes input from the person; `now_ms` is time since boot, sleep included.
    pub fn input(&self, now_ms: u64) {
        self.last_input_ms.fetch_max(now_ms, Ordering::Relaxed);
    }

    /// Milliseconds until the session ends by itself; 0 when it has.
    #[must_use]
    pub fn remaining_ms(&self, now_ms: u64) -> u64 {
        let idle = now_ms.saturating_sub(self.last_input_ms.load(Ordering::Relaxed));
        let whole = now_ms.saturating_sub(self.began_ms);
        self.timeout_ms.saturating_sub(idle).min(LONGEST_MS.saturating_sub(whole))
    }

    /// Notes that the password, and the code where there is a second factor, were given again.
    pub(crate) fn note_step_up(&self, now_ms: u64) {
        self.stepped_up_ms.store(now_ms, Ordering::Relaxed);
    }

    /// Whether they were, a few minutes ago at most.
    pub(crate) fn is_stepped_up(&self, now_ms: u64) -> bool {
        let at = self.stepped_up_ms.load(Ordering::Relaxed);
        at != NEVER && now_ms.saturating_sub(at) < FRESH_MS
    }

    pub(crate) fn check_alive(&self, now_ms: u64) -> Result<(), AccessError> {
        if self.remaining_ms(now_ms) == 0 { Err(AccessError::SessionEnded) } else { Ok(()) }
    }

    pub(crate) fn pseudonym(&self, kind: &str, id: &str) -> Result<Pseudonym, AccessError> {
        Ok(self.keys.pseudonym_key().pseudonym(kind, id)?)
    }

    /// Whether the same was read, and logged, within a minute.
    pub(crate) fn read_lately(&self, action: Code, target: &Target, now_ms: u64) -> bool {
        let reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        reads.get(&(action, *target)).is_some_and(|at| now_ms.saturating_sub(*at) < REPEAT_MS)
    }

    pub(crate) fn note_read(&self, action: Code, target: Target, now_ms: u64) {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        if reads.len() >= MOST_REMEMBERED {
            reads.retain(|_, at| now_ms.saturating_sub(*at) < REPEAT_MS);
        }
        if reads.len() < MOST_REMEMBERED {
            reads.insert((action, target), now_ms);
        }
    }
}
