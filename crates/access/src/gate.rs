//! The one gate. No audit record, no act.

use crate::{
    AccessError, Admission, Facts, Grant, Permission, Proof, Relation, Session, Target, target::record_number,
};
use cloister_audit::AuditLog;
use cloister_domain::{
    AuditEvent, AuditTarget, Clock, Code, Detail, DetailKey, EventType, Outcome, Pseudonym, RecordKind, code,
};
use std::{marker::PhantomData, sync::Arc};

/// Decides, and writes down first what it decides.
#[derive(Clone)]
pub struct Gate {
    log: Arc<AuditLog>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}

impl Gate {
    /// A gate that writes to `log`.
    #[must_use]
    pub fn new(log: Arc<AuditLog>, clock: Arc<dyn Clock>) -> Self {
        Self { log, clock }
    }

    /// Admits `session` to do `P` to `target`, or refuses. Either way the record is durable before this returns.
    /// Who owns the target comes from `facts`, which only an open store can be.
    ///
    /// # Errors
    /// [`AccessError::Denied`] by the matrix; [`AccessError::SessionEnded`] after a time-out;
    /// [`AccessError::StepUpNeeded`] when the act asks for the password again;
    /// [`AccessError::Log`] when the record cannot be made durable; [`AccessError::Facts`] when ownership cannot be
    /// asked.
    pub fn admit<P: Permission>(
        &self,
        session: &Session,
        target: Target,
        facts: &dyn Facts,
    ) -> Result<Grant<P>, AccessError> {
        session.check_alive(self.clock.boottime_ms())?;
        let relation = facts.relation(session.user(), &target)?;
        let enrolled = !session.must_enrol() || P::BEFORE_ENROLMENT;
        let allowed = enrolled && P::fits(&target) && P::allows(session.role(), relation);
        let audit_target = audit_target(session, &target)?;
        let patient = match facts.patient(&target)? {
            Some(number) => Some(session.pseudonym(RecordKind::Patient.name(), &record_number(&number))?),
            None => None,
        };
        let about = About { target: audit_target.as_ref(), patient };
        if !allowed {
            let not_theirs = relation == Relation::None && audit_target.is_some();
            // A foreign record and a missing one look alike to the caller; the auditor sees which rule refused.
            let rule = match (enrolled, not_theirs) {
                (false, _) => code!("not_enrolled"),
                (true, true) => code!("not_theirs"),
                (true, false) => code!("role"),
            };
            self.record_denial::<P>(session, rule, about)?;
            return Err(if enrolled { AccessError::Denied } else { AccessError::MustEnrol });
        }
        let Some(proof) = P::Proof::of(session, relation, self.clock.boottime_ms()) else {
            self.record_denial::<P>(session, code!("step_up"), about)?;
            return Err(AccessError::StepUpNeeded);
        };
        let closes = self.record_attempt::<P>(session, &target, about)?;
        let admission = Admission {
            user: session.user(),
            role: session.role(),
            target,
            actor: session.actor(),
            action: P::ACTION,
            closes,
            audit_target,
            patient,
        };
        Ok(Grant { admission, proof, permission: PhantomData })
    }

    /// Writes how an admitted act ended. Details that the event does not carry are left out rather than lost with
    /// the whole line.
    ///
    /// # Errors
    /// [`AccessError::Log`] when the line cannot be made durable.
    pub fn close(
        &self,
        admission: &Admission,
        outcome: Outcome,
        details: impl IntoIterator<Item = (DetailKey, Detail)>,
    ) -> Result<(), AccessError> {
        let Some((event_type, attempt)) = admission.closes else { return Ok(()) };
        let about = About { target: admission.audit_target.as_ref(), patient: admission.patient };
        let mut event = about.on(AuditEvent::new(event_type, admission.action, admission.actor.clone(), outcome));
        for (key, value) in details {
            if event_type.details().contains(&key) {
                event = event.detail(key, value);
            }
        }
        self.log.append(&event.count(DetailKey::Attempt, attempt))?;
        Ok(())
    }

    fn record_attempt<P: Permission>(
        &self,
        session: &Session,
        target: &Target,
        about: About<'_>,
    ) -> Result<Option<(EventType, u64)>, AccessError> {
        let Some((begins, ends)) = P::EVENTS else { return Ok(None) };
        let now_ms = self.clock.boottime_ms();
        if P::REPEATS && session.read_lately(P::ACTION, target, now_ms) {
            return Ok(None);
        }
        let event = about.on(AuditEvent::new(begins, P::ACTION, session.actor(), Outcome::Attempt));
        let receipt = self.log.append(&event)?;
        if P::REPEATS {
            // Only now: a read whose line failed must not count as logged when it is tried again.
            session.note_read(P::ACTION, *target, now_ms);
        }
        Ok(Some((ends, receipt.seq)))
    }

    fn record_denial<P: Permission>(&self, session: &Session, rule: Code, about: About<'_>) -> Result<(), AccessError> {
        let event = about.on(AuditEvent::new(EventType::Refused, P::ACTION, session.actor(), Outcome::Denied));
        self.log.append(&event.code(DetailKey::Code, rule))?;
        Ok(())
    }
}

/// What a line is about: the record, and the patient whose it is.
#[derive(Clone, Copy)]
struct About<'a> {
    target: Option<&'a AuditTarget>,
    patient: Option<Pseudonym>,
}

impl About<'_> {
    fn on(self, mut event: AuditEvent) -> AuditEvent {
        if let Some(target) = self.target {
            event = event.target(target.clone());
        }
        match self.patient {
            Some(patient) if event.event_type().details().contains(&DetailKey::Patient) => {
                event.detail(DetailKey::Patient, Detail::Record(patient))
            }
            _ => event,
        }
    }
}

fn audit_target(session: &Session, target: &Target) -> Result<Option<AuditTarget>, AccessError> {
    if let Target::Account(id) = target {
        return Ok(Some(AuditTarget::Account(*id)));
    }
    match target.record() {
        None => Ok(Some(AuditTarget::Part(match target {
            Target::Encounters | Target::Encounter(_) => code!("visits"),
            Target::Datasets | Target::Dataset(_) | Target::Document(_) | Target::Batch(_) => code!("datasets"),
            Target::Schemas => code!("schemas"),
            Target::Log => code!("log"),
            Target::Accounts | Target::Account(_) => code!("keyring"),
            Target::Policy => code!("policy"),
            Target::Vault => code!("vault"),
            Target::Models => code!("models"),
        }))),
        Some((kind, id)) => {
            let pseudonym = session.pseudonym(kind.name(), &id)?;
            Ok(Some(AuditTarget::Record { kind, pseudonym }))
        }
    }
}
