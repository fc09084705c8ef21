//! Failures that somebody may ask about later. Each gets an id, which stands in three places: before the person, in
//! the operational log with what the program knows of the cause, and in the audit log.

use crate::{App, AppError, operational, panics};
use cloister_access::{AccessError, SignInError};
use cloister_audit::AuditError;
use cloister_domain::{Actor, AuditEvent, Code, Detail, DetailKey, EventType, IncidentId, Outcome, code};
use cloister_engine_client::{EngineError, ModelFileError, protocol::Fault};
use cloister_store::StoreError;
use cloister_vault::VaultError;
use std::io;

impl App {
    /// Writes a failure down, if it is one to ask about later, and gives it back with its id.
    pub(crate) fn incident(&self, act: &'static str, error: AppError) -> AppError {
        if !is_incident(&error) || !operational::is_kept(self.data()) {
            return error;
        }
        let Some(id) = panics::taken().or_else(|| self.fresh_incident()) else { return error };
        operational::failed(id, act, &error);
        self.note_error(id, code_of(&error));
        AppError::Incident { id, error: Box::new(error) }
    }

    /// The engine died under a job, and the job is done once more on a fresh one.
    pub(crate) fn engine_died(&self, why: &EngineError) {
        if let Some(id) = self.fresh_incident() {
            operational::engine_restarted(id, engine_cause(why));
            self.note_error(id, code!("engine_died"));
        }
    }

    fn fresh_incident(&self) -> Option<IncidentId> {
        IncidentId::fresh(self.clock().now(), self.entropy()).ok()
    }

    fn note_error(&self, id: IncidentId, code: Code) {
        let actor = self.signed_in().map_or(Actor::System, |open| open.session.actor());
        let event = AuditEvent::new(EventType::Error, code!("error"), actor, Outcome::Failure);
        self.note(&event.code(DetailKey::Code, code).detail(DetailKey::Incident, Detail::Incident(id)));
    }
}

/// The error's code as the log takes it.
pub(crate) fn code_of(error: &AppError) -> Code {
    Code::new(error.code()).unwrap_or(code!("internal"))
}

/// Something failed, rather than being refused, asked for wrongly or stopped.
fn is_incident(error: &AppError) -> bool {
    !matches!(error, AppError::Incident { .. })
        && matches!(
            error.code(),
            "audio_unreadable"
                | "audit_unavailable"
                | "backup_refused"
                | "disk_full"
                | "engine_failed"
                | "input_unreadable"
                | "internal"
                | "model_damaged"
                | "not_sealed"
                | "output_failed"
                | "store_failed"
                | "vault_damaged"
        )
}

/// What the program knows of the cause, in words of its own: no name of a file, nothing that was read.
pub(crate) fn cause(error: &AppError) -> String {
    match error {
        AppError::Incident { error, .. } => cause(error),
        AppError::Audit(e) | AppError::Access(AccessError::Log(e)) | AppError::SignIn(SignInError::Log(e)) => {
            audit_cause(e)
        }
        AppError::Store(e) => store_cause(e).to_owned(),
        AppError::Vault(e) | AppError::Backup(e) | AppError::SignIn(SignInError::Vault(e)) => vault_cause(e),
        AppError::SignIn(SignInError::KeysPutBack(_)) => "keys put back".to_owned(),
        AppError::Engine(EngineError::Start(e)) => format!("engine cannot be started: {}", io_cause(e)),
        AppError::Engine(EngineError::Source(e)) => format!("source cannot be read: {}", io_cause(e)),
        AppError::Engine(e) => engine_cause(e).to_owned(),
        AppError::Model(ModelFileError::Missing(_)) => "model file missing".to_owned(),
        AppError::Model(ModelFileError::Unreadable(_, e)) => format!("model file: {}", io_cause(e)),
        AppError::Model(ModelFileError::Damaged(_)) => "model file damaged".to_owned(),
        AppError::Grounding(_) => "evidence that does not stand in the source".to_owned(),
        AppError::Output { fault, .. } => io_cause(fault),
        AppError::Internal(words) => (*words).to_owned(),
        _ => "see the code".to_owned(),
    }
}

fn audit_cause(error: &AuditError) -> String {
    match error {
        AuditError::Io { doing, kind, errno } => format!("cannot {doing}: {kind}, errno {}", errno.unwrap_or(0)),
        AuditError::Event(_) => "an event that the log does not take".to_owned(),
        other => other.to_string(),
    }
}

const fn store_cause(error: &StoreError) -> &'static str {
    match error {
        StoreError::Database(words) | StoreError::Unreadable(words) => words,
        StoreError::WrongKey(_) => "damaged, or of another vault",
        StoreError::Damaged(_) => "damaged",
        StoreError::Newer { .. } => "of a later version",
        StoreError::DiskFull => "disk full",
        _ => "refused",
    }
}

fn vault_cause(error: &VaultError) -> String {
    match error {
        // The vault's own names: keyring.json, or a slot under its holder's id.
        VaultError::Refused { file, fault } => format!("{file}: {}", fault.code()),
        VaultError::NotRecorded(_) => "the change could not be recorded".to_owned(),
        VaultError::Entropy(e) | VaultError::Io { source: e, .. } => io_cause(e),
        VaultError::Crypto(words) | VaultError::NotCanonical(words) => (*words).to_owned(),
        _ => "keys".to_owned(),
    }
}

const fn engine_cause(error: &EngineError) -> &'static str {
    match error {
        EngineError::Start(_) => "engine cannot be started",
        EngineError::Died => "engine ended unexpectedly",
        EngineError::Hung => "engine gave no sign of life",
        EngineError::OtherVersion => "engine of another version",
        EngineError::NotSealed(words) => words,
        EngineError::Source(_) => "source cannot be read",
        EngineError::Fault(Fault::Audio { .. }) => "audio cannot be used",
        EngineError::Fault(Fault::Text { .. }) => "text cannot be used",
        EngineError::Fault(Fault::Schema { .. }) => "schema cannot be used",
        EngineError::Fault(Fault::Model { .. }) => "model cannot be used",
        EngineError::Fault(Fault::NotSealed { .. }) => "engine cannot be sealed off",
        EngineError::Fault(Fault::NoModel) => "no model for this task is loaded",
        EngineError::Fault(Fault::Cancelled) => "cancelled",
        EngineError::Fault(Fault::Internal { .. }) => "engine failed",
    }
}

fn io_cause(error: &io::Error) -> String {
    format!("{}, errno {}", error.kind(), error.raw_os_error().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{cause, code_of, is_incident};
    use crate::AppError;
    use cloister_engine_client::{EngineError, protocol::Fault};
    use cloister_store::StoreError;
    use std::io;

    #[test]
    fn what_was_read_and_what_files_are_called_stay_out_of_the_cause() {
        let words = || "Quillfeather, bellwether palsy".to_owned();
        let errors = [
            AppError::input(words(), words()),
            AppError::Output { file: words(), fault: io::Error::new(io::ErrorKind::NotFound, words()) },
            AppError::Engine(EngineError::Fault(Fault::Audio { words: words() })),
            AppError::Engine(EngineError::Fault(Fault::Internal { words: words() })),
            AppError::Engine(EngineError::Source(io::Error::other(words()))),
            AppError::Engine(EngineError::Start(io::Error::other(words()))),
            AppError::Store(StoreError::Database("busy")),
            AppError::Internal("randomness"),
        ];
        for error in &errors {
            let cause = cause(error);
            assert!(!cause.is_empty() && !cause.contains("Quill") && !cause.contains("palsy"), "{cause}");
            assert!(is_incident(error), "{error:?}");
            assert_eq!(code_of(error).as_str(), error.code());
        }
    }

    #[test]
    fn what_was_refused_or_asked_for_wrongly_is_none() {
        for error in [AppError::NotSignedIn, AppError::NoVault, AppError::Cancelled, AppError::Usage(String::new())] {
            assert!(!is_incident(&error), "{error:?}");
        }
    }
}
