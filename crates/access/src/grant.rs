//! The proof that an act was admitted.

use crate::{Permission, Target};
use cloister_domain::{Actor, AuditTarget, Code, EventType, Pseudonym, Role, UserId};
use std::{fmt, marker::PhantomData};

/// Proof that [`crate::Gate::admit`] let this person do `P` to this target, and that the log says so. Private
/// fields, no `Clone`, no `Serialize`: it cannot be forged, kept for later or sent away.
#[must_use]
pub struct Grant<P: Permission> {
    pub(crate) admission: Admission,
    pub(crate) proof: P::Proof,
    pub(crate) permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Grant<P> {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.admission.user
    }

    /// In which role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.admission.role
    }

    /// To what. A store method compares this with what it is asked for.
    #[must_use]
    pub const fn target(&self) -> Target {
        self.admission.target
    }

    /// What the act asked for beside the role.
    #[must_use]
    pub const fn proof(&self) -> &P::Proof {
        &self.proof
    }

    /// What the outcome line needs to name the act.
    #[must_use]
    pub const fn admission(&self) -> &Admission {
        &self.admission
    }
}

impl<P: Permission> fmt::Debug for Grant<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({} on {} for {})", P::ACTION, self.admission.target, self.admission.user)
    }
}

/// An admitted act as the log knows it. It proves nothing and opens nothing; [`crate::Gate::close`] uses it to write
/// how the act ended.
#[derive(Debug, Clone)]
pub struct Admission {
    pub(crate) user: UserId,
    pub(crate) role: Role,
    pub(crate) target: Target,
    pub(crate) actor: Actor,
    pub(crate) action: Code,
    /// The event that closes it and the attempt's number; `None` when nothing is logged for it.
    pub(crate) closes: Option<(EventType, u64)>,
    pub(crate) audit_target: Option<AuditTarget>,
    /// The patient whom it is about.
    pub(crate) patient: Option<Pseudonym>,
}
