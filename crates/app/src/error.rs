//! What can go wrong, and how a face sees it.

use crate::dto::UiError;
use cloister_access::{
    AccessError, PolicyFault, SignInError,
    directory::{self, SettingFault},
};
use cloister_audit::AuditError;
use cloister_capture::SoundError;
use cloister_domain::{GroundingFault, IncidentId, NoteFault};
use cloister_engine_client::{EngineError, ModelFileError, protocol::Fault};
use cloister_store::StoreError;
use cloister_vault::VaultError;
use std::{collections::BTreeMap, io};

/// Why an act did not succeed. Words never hold clinical text; a file's name is said, its content is not.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in, or the session timed out.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// There is no vault in the data folder.
    #[error("there is no vault in this folder")]
    NoVault,
    /// There is one already.
    #[error("there is already a vault in this folder")]
    VaultExists,
    /// Name, password or second factor is wrong, or the name is locked.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// A second factor is set up or taken away only with a code of its own.
    #[error("this is not the device's code of this moment; look at the device's clock if it should be")]
    WrongCode,
    /// The policy wants everybody to have one.
    #[error("the policy asks for a second factor, so it cannot be taken away")]
    SecondFactorRequired,
    /// No directory is set.
    #[error("there is no directory; an administrator sets one with `cloister directory set`")]
    NoDirectory,
    /// Settings of the directory that cannot be.
    #[error(transparent)]
    DirectorySettings(SettingFault),
    /// The directory cannot be asked.
    #[error("{0}")]
    Directory(directory::Fault),
    /// The account's password is the directory's.
    #[error(
        "the password of this account is the directory's: it is changed there; who cannot get in gets an enrolment code"
    )]
    DirectoryAccount,
    /// The account's password is this vault's.
    #[error("this is a local account; say so if it is to become one of the directory")]
    LocalAccount,
    /// The fingerprint is another.
    #[error("this is not the fingerprint of the request: compare it with the person again")]
    OtherFingerprint,
    /// The gate said no.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The log cannot be written.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Keys and accounts.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The databases.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The policy.
    #[error(transparent)]
    Policy(#[from] PolicyFault),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A model file.
    #[error(transparent)]
    Model(#[from] ModelFileError),
    /// No model of this name.
    #[error("there is no model called {0}")]
    NoSuchModel(String),
    /// A false claim by the engine.
    #[error("the engine claimed evidence that does not stand in the source: {0}")]
    Grounding(#[from] GroundingFault),
    /// An input file cannot be used.
    #[error("{file}: {fault}")]
    Input {
        /// Its name.
        file: String,
        /// What is wrong with it, and what was kept.
        fault: String,
    },
    /// An output file cannot be written.
    #[error("{file} cannot be written: {fault}")]
    Output {
        /// Its name.
        file: String,
        /// Why.
        fault: io::Error,
    },
    /// A document that its form cannot hold.
    #[error("{0}")]
    Form(String),
    /// The request does not fit its command.
    #[error("{0}")]
    Usage(String),
    /// The kernel does not seal this process off.
    #[error(
        "this process is not sealed off by the kernel, so nothing clinical is opened ({0}); an administrator can allow it with `cloister policy set sealing=optional`"
    )]
    NotSealed(String),
    /// A microphone or loudspeaker.
    #[error(transparent)]
    Sound(#[from] SoundError),
    /// A recording is not where this needs it to be.
    #[error("{0}")]
    Recording(&'static str),
    /// The patient has not agreed to a recording.
    #[error("there is no consent to a recording of this visit")]
    NoConsent,
    /// A note that cannot be signed, or is not what was signed.
    #[error(transparent)]
    Note(#[from] NoteFault),
    /// There is nothing to sign.
    #[error("there is no draft of a note; begin one first")]
    NoDraft,
    /// Only a signed note leaves.
    #[error("there is no signed note of this visit; sign it first")]
    NotSigned,
    /// A model that cannot be taken away now.
    #[error("{0}")]
    ModelInUse(&'static str),
    /// A backup that is damaged, foreign, or of a later format.
    #[error(transparent)]
    Backup(VaultError),
    /// A backup for others.
    #[error("this backup is not encrypted to the key of this identity")]
    WrongBackupKey,
    /// A backup of a later version of Cloister.
    #[error(
        "the backup keeps {file} in format {found}, and this version knows formats up to {known}; nothing was restored: use the version that made the backup, or a later one"
    )]
    NewerBackup {
        /// Which database.
        file: String,
        /// Its format.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// Another process makes one.
    #[error("another backup of this vault is being made; try again when it is done")]
    BackupUnderWay,
    /// A vault is restored into a folder that holds nothing.
    #[error("{0} is not empty; nothing was restored: choose a new folder")]
    FolderInUse(String),
    /// A person stopped it.
    #[error("cancelled")]
    Cancelled,
    /// A failure of which the operational log tells more, under this id.
    #[error("{error} (incident {id})")]
    Incident {
        /// What to look for.
        id: IncidentId,
        /// What happened.
        #[source]
        error: Box<Self>,
    },
    /// A mistake of ours.
    #[error("something went wrong within Cloister ({0})")]
    Internal(&'static str),
}

impl AppError {
    /// An input fault.
    pub(crate) fn input(file: impl Into<String>, fault: impl Into<String>) -> Self {
        Self::Input { file: file.into(), fault: fault.into() }
    }

    /// Whether it was stopped rather than failed.
    pub(crate) const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Engine(EngineError::Fault(Fault::Cancelled)))
    }

    /// The code of docs/errors.md.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Incident { error, .. } => error.code(),
            Self::NotSignedIn | Self::Access(AccessError::SessionEnded) => "not_signed_in",
            Self::NoVault | Self::Vault(VaultError::Missing) => "no_vault",
            Self::VaultExists | Self::Vault(VaultError::Exists) => "vault_exists",
            Self::SignIn(SignInError::LockedOut { .. }) => "locked_out",
            Self::SignIn(SignInError::Refused) | Self::Vault(VaultError::SignIn) => "bad_credentials",
            Self::SignIn(SignInError::CodeNeeded) => "code_needed",
            Self::SignIn(SignInError::Directory(fault)) if fault.is_decided() => "directory_refused",
            Self::SignIn(SignInError::Directory(_)) | Self::Directory(_) => "directory_unavailable",
            Self::SignIn(SignInError::EnrolmentNeeded { .. }) => "enrolment_needed",
            Self::SignIn(SignInError::EnrolmentPending { .. }) => "enrolment_pending",
            Self::SignIn(SignInError::EnrolmentCode(_)) => "enrolment_code_refused",
            Self::SignIn(SignInError::PreviousPassword) => "previous_password_wrong",
            Self::SignIn(SignInError::RoleChanged) => "role_changed",
            Self::SignIn(SignInError::DirectoryPassword(_)) => "directory_password_weak",
            Self::NoDirectory => "no_directory",
            Self::DirectorySettings(_) => "directory_settings",
            Self::DirectoryAccount => "directory_account",
            Self::LocalAccount => "local_account",
            Self::OtherFingerprint => "other_fingerprint",
            Self::Vault(VaultError::NoSuchEnrolment) => "not_found",
            Self::Access(AccessError::MustEnrol) => "must_enrol",
            Self::Access(AccessError::StepUpNeeded) => "step_up_needed",
            Self::WrongCode => "wrong_code",
            Self::SecondFactorRequired => "second_factor_required",
            Self::Vault(VaultError::WrongRecoveryKey | VaultError::RecoveryKey(_)) => "wrong_recovery_key",
            Self::Vault(VaultError::NoSuchAccount) => "not_found",
            Self::Vault(VaultError::OwnAccount) => "own_account",
            Self::Vault(VaultError::ChangedMeanwhile) => "changed_meanwhile",
            Self::SignIn(SignInError::Log(_)) | Self::Audit(_) | Self::Access(AccessError::Log(_)) => {
                "audit_unavailable"
            }
            Self::SignIn(_) => "vault_damaged",
            Self::Access(AccessError::Denied) | Self::Store(StoreError::NotOpen) => "denied",
            Self::Vault(VaultError::Password(_)) => "weak_password",
            Self::Vault(VaultError::Name(_)) => "name_refused",
            Self::Vault(VaultError::Refused { .. } | VaultError::SlotsWithoutKeyring) => "vault_damaged",
            Self::Access(_) | Self::Vault(_) | Self::Internal(_) => "internal",
            Self::Store(StoreError::NotFound) => "not_found",
            Self::Store(StoreError::NameTaken) => "name_taken",
            Self::Store(StoreError::DiskFull) => "disk_full",
            Self::Store(StoreError::DuplicateId { .. }) => "duplicate_id",
            Self::Store(StoreError::Edit(_)) => "edit_refused",
            Self::Store(StoreError::Signed) => "already_signed",
            Self::Store(StoreError::Held) => "held",
            Self::Store(StoreError::UnderWay) => "recording_state",
            Self::Store(StoreError::InUse | StoreError::Rotating) => "in_use",
            Self::Store(StoreError::ChangedMeanwhile) => "changed_meanwhile",
            Self::Backup(VaultError::Refused { fault: cloister_vault::Fault::Version(_), .. })
            | Self::NewerBackup { .. } => "backup_newer",
            Self::Backup(_) => "backup_refused",
            Self::ModelInUse(_) => "model_in_use",
            Self::WrongBackupKey => "wrong_backup_key",
            Self::BackupUnderWay => "backup_under_way",
            Self::FolderInUse(_) => "folder_in_use",
            Self::Note(NoteFault::Altered) => "note_altered",
            Self::Note(_) | Self::NoDraft => "note_unready",
            Self::NotSigned => "not_signed",
            Self::Store(_) => "store_failed",
            Self::Policy(_) => "policy_refused",
            Self::Cancelled | Self::Engine(EngineError::Fault(Fault::Cancelled)) => "cancelled",
            Self::Engine(EngineError::Fault(Fault::Schema { .. })) => "schema_invalid",
            Self::Engine(EngineError::Fault(Fault::Audio { .. })) => "audio_unreadable",
            Self::Engine(EngineError::Fault(Fault::Text { .. })) | Self::Input { .. } => "input_unreadable",
            Self::Engine(EngineError::Fault(Fault::Model { .. })) | Self::Model(ModelFileError::Damaged(_)) => {
                "model_damaged"
            }
            Self::Model(_) | Self::NoSuchModel(_) => "model_missing",
            Self::NotSealed(_)
            | Self::Engine(EngineError::NotSealed(_) | EngineError::Fault(Fault::NotSealed { .. })) => "not_sealed",
            Self::Engine(_) | Self::Grounding(_) => "engine_failed",
            Self::Output { .. } | Self::Form(_) => "output_failed",
            Self::Sound(_) => "sound_unavailable",
            Self::Recording(_) => "recording_state",
            Self::NoConsent => "consent_missing",
            Self::Usage(_) => "usage",
        }
    }

    /// Under what the operational log tells more.
    #[must_use]
    pub const fn incident(&self) -> Option<IncidentId> {
        if let Self::Incident { id, .. } = self { Some(*id) } else { None }
    }

    /// As a face sees it.
    #[must_use]
    pub fn to_ui(&self) -> UiError {
        let mut params = BTreeMap::new();
        match self {
            Self::Incident { id, error } => {
                return UiError { incident: Some(id.to_string()), ..error.to_ui() };
            }
            Self::SignIn(SignInError::LockedOut { minutes }) => {
                params.insert("minutes".to_owned(), minutes.to_string());
            }
            Self::SignIn(SignInError::Directory(fault)) | Self::Directory(fault) => {
                params.insert("reason".to_owned(), fault.code().to_owned());
                params.insert("fault".to_owned(), fault.to_string());
            }
            Self::SignIn(SignInError::EnrolmentNeeded { first }) => {
                params.insert("previous".to_owned(), if *first { "no" } else { "yes" }.to_owned());
            }
            Self::SignIn(SignInError::EnrolmentPending { fingerprint }) => {
                params.insert("fingerprint".to_owned(), fingerprint.clone());
            }
            Self::SignIn(SignInError::EnrolmentCode(e)) => {
                let expired = matches!(e, VaultError::EnrolmentCodeExpired);
                params.insert("reason".to_owned(), if expired { "expired" } else { "wrong" }.to_owned());
                params.insert("fault".to_owned(), e.to_string());
            }
            Self::DirectorySettings(fault) => {
                params.insert("field".to_owned(), fault.field.to_owned());
                params.insert("fault".to_owned(), fault.why.clone());
            }
            Self::Input { file, fault } => {
                params.insert("file".to_owned(), file.clone());
                params.insert("fault".to_owned(), fault.clone());
            }
            Self::Engine(EngineError::Fault(Fault::Schema { faults })) => {
                let lines: Vec<_> = faults.iter().map(|f| format!("{}: {}", f.pointer, f.message)).collect();
                params.insert("fault".to_owned(), lines.join("\n"));
            }
            Self::NotSignedIn | Self::Cancelled => {}
            other => {
                params.insert("fault".to_owned(), other.to_string());
            }
        }
        UiError { code: self.code().to_owned(), params, incident: None }
    }
}
