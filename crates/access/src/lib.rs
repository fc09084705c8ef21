//! Who may do what: sign-in, sessions, roles, permissions, and the gate that every act passes.
//!
//! A permission is a type; a [`Grant`] of it can only come from [`Gate::admit`], which writes the audit record
//! before it decides. The stores take grants and nothing else.

mod directory_sign_in;
mod error;
mod failed_sign_in;
mod gate;
mod grant;
mod listed_model;
mod lockout;
mod permission;
mod policy;
mod policy_proposal;
mod recorded;
mod retain;
mod second_factor;
mod session;
mod sign_in;
mod step_up;
mod target;

pub use cloister_directory_client as directory;
pub use directory_sign_in::{DirectoryAbsent, Enrolment, role_code, role_in_directory};
pub use error::AccessError;
pub use gate::Gate;
pub use grant::{Admission, Grant};
pub use listed_model::ListedModel;
pub use lockout::{Lockout, LockoutRule};
pub use permission::{
    AcknowledgeAlerts, AppliesRetention, ApplyRetention, ApplyRetentionDaily, BreakGlass, ChangePassword, ChangeRole,
    ChangeSecondFactor, ChooseModel, CollectEvidence, ControlBatch, ControlRecording, CreateBackup, DecideEnrolment,
    DecidePolicy, DeleteDataset, DeleteEncounter, DisableAccount, DraftNote, EditTranscript, ErasePatient, ExportLog,
    ExportNote, ExportResults, ExportTranscript, ExtractDocument, ExtractEncounter, ExtractText, FindForEmergency,
    HearEncounter, HoldRecord, ImportDataset, ImportModel, ListColleagues, ListDatasets, ListDevices, ListEncounters,
    OpensAudio, OpensDocuments, OpensEncounter, OpensResults, Permission, PreviewDataset, PreviewRetention,
    ReadAccounts, ReadDataset, ReadDirectory, ReadEncounter, ReadLayouts, ReadLog, ReadModels, ReadPolicy,
    ReadReceipts, ReadResults, ReadSchemas, RecordEncounter, RecoverRecordings, RemoveModel, ResetAccount,
    ReviewAccess, ReviewEncounter, ReviewLog, ReviewResults, RotateKeys, RunBatch, SearchEncounters, SearchReports,
    ShareDataset, ShareEncounter, SignNote, TestDirectory, TranscribeEncounter, TryModel, UnlockAccount, WriteAccounts,
    WriteDirectory, WriteEncounter, WriteLayouts, WritePolicy, WriteSchemas,
};
pub use policy::{Policy, PolicyFault, RunsAfterLogoff, SealingPolicy, SecondFactorPolicy};
pub use policy_proposal::{PolicyApproval, PolicyProposal};
pub use recorded::{
    KeysPutBack, enrolment_is_the_recorded, intend, keyring_is_the_recorded, settled, slot_is_the_recorded,
};
pub use retain::Retain;
pub use second_factor::TotpSecret;
pub use session::Session;
pub use sign_in::{Credentials, SignIn, SignInError};
pub use step_up::{AdministratorsAgain, NoProof, Proof, StepUp};
pub use target::{Facts, FactsError, Relation, Target, record_number};
