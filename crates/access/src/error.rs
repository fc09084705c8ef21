use crate::{FactsError, PolicyFault};
use cloister_audit::AuditError;
use cloister_vault::VaultError;

/// Why an act was not admitted.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The matrix or ownership says no. A foreign record and a missing one get the same answer.
    #[error("this is not allowed for this role, or it is not theirs")]
    Denied,
    /// The policy asks for a second factor, and this person has none yet: they may set one up and nothing else.
    #[error("set up a second factor first: the policy asks for one")]
    MustEnrol,
    /// The act asks for the password again, and for the code where there is a second factor.
    #[error("this asks for the password again")]
    StepUpNeeded,
    /// The session timed out.
    #[error("the session has ended")]
    SessionEnded,
    /// The record could not be made durable, so the act was not done.
    #[error("the audit log cannot be written, so nothing was done: {0}")]
    Log(#[from] AuditError),
    /// Ownership could not be asked.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// A key operation failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The policy cannot be read.
    #[error(transparent)]
    Policy(#[from] PolicyFault),
}
