//! A permission is a type. What each role may do with which target stands here and nowhere else.

use crate::{AdministratorsAgain, NoProof, Proof, Relation, StepUp, Target};
use cloister_domain::{Code, EventType, Role, code};

mod sealed {
    pub trait Sealed {}
}

/// Something a person may be allowed to do. Sealed: the whole matrix is in this file.
pub trait Permission: sealed::Sealed + 'static {
    /// The action's name in the log.
    const ACTION: Code;
    /// The events that an act begins and ends with; `None` for what is not logged (catalogues and status).
    const EVENTS: Option<(EventType, EventType)>;
    /// Whether repeated admissions for one target within a minute are one line (reads).
    const REPEATS: bool = false;
    /// Whether a person may do it who has yet to set up the second factor that the policy asks for.
    const BEFORE_ENROLMENT: bool = false;
    /// What it asks for beside the role: a grant holds it, so that there is none without.
    type Proof: Proof;

    /// The rule. `relation` comes from the store, never from the caller.
    fn allows(role: Role, relation: Relation) -> bool;

    /// Whether a target of this kind fits this permission at all.
    fn fits(target: &Target) -> bool;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident { action: $action:literal, events: $events:expr, repeats: $repeats:literal,
        target: $target:pat, allows: |$role:pat_param, $rel:pat_param| $rule:expr
        $(, before_enrolment: $before:literal)? $(, asks: $proof:ident)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl Permission for $name {
            const ACTION: Code = code!($action);
            const EVENTS: Option<(EventType, EventType)> = $events;
            const REPEATS: bool = $repeats;
            $(const BEFORE_ENROLMENT: bool = $before;)?
            type Proof = proof!($($proof)?);
            fn allows(role: Role, relation: Relation) -> bool {
                let ($role, $rel) = (role, relation);
                $rule
            }
            fn fits(target: &Target) -> bool {
                matches!(target, $target)
            }
        }
    )+};
}

macro_rules! proof {
    () => {
        NoProof
    };
    ($proof:ident) => {
        $proof
    };
}

const fn one(event: EventType) -> Option<(EventType, EventType)> {
    Some((event, event))
}
const READ: Option<(EventType, EventType)> = one(EventType::Read);
const CHANGE: Option<(EventType, EventType)> = one(EventType::Change);
const IMPORT: Option<(EventType, EventType)> = one(EventType::Import);
const SCHEMA: Option<(EventType, EventType)> = one(EventType::SchemaAdd);
const SIGN: Option<(EventType, EventType)> = one(EventType::Sign);
const DELETION: Option<(EventType, EventType)> = one(EventType::Deletion);
const EXPORT: Option<(EventType, EventType)> = one(EventType::Export);
const LOG: Option<(EventType, EventType)> = one(EventType::LogRead);
const LOG_EXPORT: Option<(EventType, EventType)> = one(EventType::LogExport);
const ALERT: Option<(EventType, EventType)> = one(EventType::AlertAcknowledged);
const ACCOUNT: Option<(EventType, EventType)> = one(EventType::AccountCreate);
const TRANSCRIPTION: Option<(EventType, EventType)> =
    Some((EventType::TranscriptionStart, EventType::TranscriptionEnd));
const RECORDING: Option<(EventType, EventType)> = one(EventType::RecordingStart);
const AUDIO: Option<(EventType, EventType)> = one(EventType::AudioAccess);
const EXTRACTION: Option<(EventType, EventType)> = Some((EventType::ExtractionStart, EventType::ExtractionEnd));

use Role::{Administrator, Auditor, Clinician, Researcher, Viewer};

permissions! {
    /// The list of visits: a clinician's own and those shared with them, an administrator's all.
    ListEncounters { action: "list_encounters", events: READ, repeats: true,
        target: Target::Encounters, allows: |role, _| matches!(role, Administrator | Clinician) }

    /// Words looked for in the visits of the list.
    SearchEncounters { action: "search_encounters", events: READ, repeats: true,
        target: Target::Encounters, allows: |role, _| matches!(role, Administrator | Clinician) }

    /// One visit with its transcript and findings.
    ReadEncounter { action: "read_encounter", events: READ, repeats: true,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel.is_at_least(Relation::Emergency) }

    /// A new visit, or what was agreed about one of their own.
    WriteEncounter { action: "write_encounter", events: CHANGE, repeats: false,
        target: Target::Encounters | Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel == Relation::Owner }

    /// A recording of a visit of their own.
    RecordEncounter { action: "record_encounter", events: RECORDING, repeats: false,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel == Relation::Owner }

    /// A mark in their own recording, or its going on after a pause. The recording writes its own lines.
    ControlRecording { action: "control_recording", events: None, repeats: true,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel == Relation::Owner }

    /// Which microphones there are, and how loud each is.
    ListDevices { action: "list_devices", events: None, repeats: true,
        target: Target::Encounters, allows: |role, _| matches!(role, Administrator | Clinician) }

    /// Recordings that a crash or a lock kept out of the store. Nothing is shown but how much was kept.
    RecoverRecordings { action: "recover_recordings", events: CHANGE, repeats: false,
        target: Target::Encounters, allows: |role, _| matches!(role, Administrator | Clinician) }

    /// A visit's sound: to hear it, or to see its outline.
    HearEncounter { action: "hear_encounter", events: AUDIO, repeats: true,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel.is_at_least(Relation::Emergency),
        asks: AdministratorsAgain }

    /// Audio into a visit: a new one, or one of their own.
    TranscribeEncounter { action: "transcribe_encounter", events: TRANSCRIPTION, repeats: false,
        target: Target::Encounters | Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel == Relation::Owner }

    /// A change to a visit's transcript: words, speakers.
    EditTranscript { action: "edit_transcript", events: CHANGE, repeats: false,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel.is_at_least(Relation::Shared) }

    /// A visit's transcript that leaves the vault.
    ExportTranscript { action: "export_transcript", events: EXPORT, repeats: false,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel.is_at_least(Relation::Shared),
        asks: StepUp }

    /// An extraction from a visit.
    ExtractEncounter { action: "extract_encounter", events: EXTRACTION, repeats: false,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel.is_at_least(Relation::Shared) }

    /// What a person decides about a visit's findings.
    ReviewEncounter { action: "review_findings", events: CHANGE, repeats: false,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel.is_at_least(Relation::Shared) }

    /// The draft of a visit's note. It is saved as it is typed, so a minute's changes are one line.
    DraftNote { action: "draft_note", events: CHANGE, repeats: true,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel.is_at_least(Relation::Shared) }

    /// How one's own notes are laid out, to look at.
    ReadLayouts { action: "read_layouts", events: None, repeats: true,
        target: Target::Encounters, allows: |role, _| matches!(role, Administrator | Clinician) }

    /// How one's own notes are laid out from now on.
    WriteLayouts { action: "write_layouts", events: CHANGE, repeats: true,
        target: Target::Encounters, allows: |role, _| matches!(role, Administrator | Clinician) }

    /// A signature under the note of a visit of their own.
    SignNote { action: "sign_note", events: SIGN, repeats: false,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel == Relation::Owner,
        asks: StepUp }

    /// A signed note that leaves the vault.
    ExportNote { action: "export_note", events: EXPORT, repeats: false,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel.is_at_least(Relation::Shared),
        asks: StepUp }

    /// Another's visit in an emergency: to read and to hear, for a while. Administrators and auditors are told.
    BreakGlass { action: "break_glass", events: one(EventType::BreakGlass), repeats: false,
        target: Target::Encounter(_),
        allows: |role, rel| role == Clinician && rel < Relation::Shared,
        asks: StepUp }

    /// Which visits there are of a patient in an emergency: by the record number, whole.
    FindForEmergency { action: "find_for_emergency", events: READ, repeats: false,
        target: Target::Encounters, allows: |role, _| role == Clinician,
        asks: StepUp }

    /// Who else may open a visit.
    ShareEncounter { action: "share_encounter", events: CHANGE, repeats: false,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel == Relation::Owner }

    /// The names of those with whom a visit can be shared.
    ListColleagues { action: "list_colleagues", events: None, repeats: true,
        target: Target::Encounters, allows: |role, _| matches!(role, Administrator | Clinician) }

    /// A visit with its recordings, transcripts, findings and notes, for good.
    DeleteEncounter { action: "delete_encounter", events: DELETION, repeats: false,
        target: Target::Encounter(_),
        allows: |role, rel| role == Administrator || role == Clinician && rel == Relation::Owner }

    /// A legal hold: nobody erases this visit or dataset until it is released.
    HoldRecord { action: "hold_record", events: CHANGE, repeats: false,
        target: Target::Encounter(_) | Target::Dataset(_), allows: |role, _| role == Administrator }

    /// What the policy says is to go, and what there is of a patient, before anything is erased.
    PreviewRetention { action: "preview_retention", events: READ, repeats: true,
        target: Target::Vault, allows: |role, _| role == Administrator }

    /// Erasing what the policy says is to go, because a person says so now.
    ApplyRetention { action: "apply_retention", events: one(EventType::Retention), repeats: false,
        target: Target::Vault, allows: |role, _| matches!(role, Administrator | Clinician),
        asks: StepUp }

    /// The same once a day, by itself. The rule is the policy's, which an administrator signed; a clinician's session
    /// may apply it to sound, so that sound goes though no administrator signs in for weeks.
    ApplyRetentionDaily { action: "apply_retention_daily", events: one(EventType::Retention), repeats: false,
        target: Target::Vault, allows: |role, _| matches!(role, Administrator | Clinician) }

    /// Everything of one patient, for good.
    ErasePatient { action: "erase_patient", events: DELETION, repeats: false,
        target: Target::Vault, allows: |role, _| role == Administrator,
        asks: StepUp }

    /// What was erased, and what is held.
    ReadReceipts { action: "read_receipts", events: None, repeats: true,
        target: Target::Log, allows: |role, _| role == Administrator }

    /// The schema library. Every role but the auditor's may read it.
    ReadSchemas { action: "read_schemas", events: None, repeats: true,
        target: Target::Schemas, allows: |role, _| role != Auditor }

    /// A new schema or version.
    WriteSchemas { action: "write_schemas", events: SCHEMA, repeats: false,
        target: Target::Schemas, allows: |role, _| matches!(role, Administrator | Researcher) }

    /// The list of datasets and runs: an administrator's all, else those given.
    ListDatasets { action: "list_datasets", events: None, repeats: true,
        target: Target::Datasets, allows: |role, _| matches!(role, Administrator | Researcher | Viewer) }

    /// A new dataset.
    ImportDataset { action: "import_dataset", events: IMPORT, repeats: false,
        target: Target::Datasets, allows: |role, _| matches!(role, Administrator | Researcher) }

    /// A look over a file of their own before it is imported.
    PreviewDataset { action: "preview_dataset", events: None, repeats: true,
        target: Target::Datasets, allows: |role, _| matches!(role, Administrator | Researcher) }

    /// Who may use a dataset.
    ShareDataset { action: "share_dataset", events: CHANGE, repeats: false,
        target: Target::Dataset(_),
        allows: |role, rel| role == Administrator || role == Researcher && rel == Relation::Owner }

    /// A dataset with its runs and results, for good.
    DeleteDataset { action: "delete_dataset", events: DELETION, repeats: false,
        target: Target::Dataset(_),
        allows: |role, rel| role == Administrator || role == Researcher && rel == Relation::Owner }

    /// The documents of a dataset.
    ReadDataset { action: "read_dataset", events: READ, repeats: true,
        target: Target::Dataset(_),
        allows: |role, rel| role == Administrator || role == Researcher && rel.is_at_least(Relation::Shared) }

    /// Words looked for in the reports of the datasets that one may read.
    SearchReports { action: "search_reports", events: READ, repeats: true,
        target: Target::Datasets, allows: |role, _| matches!(role, Administrator | Researcher) }

    /// A report of their own, outside any dataset.
    ExtractText { action: "extract_text", events: EXTRACTION, repeats: false,
        target: Target::Datasets, allows: |role, _| matches!(role, Administrator | Researcher) }

    /// One report of a dataset.
    ExtractDocument { action: "extract_document", events: EXTRACTION, repeats: false,
        target: Target::Document(_),
        allows: |role, rel| role == Administrator || role == Researcher && rel.is_at_least(Relation::Shared) }

    /// A run over a dataset: a new one, one that goes on, or a clone.
    RunBatch { action: "run_batch", events: EXTRACTION, repeats: false,
        target: Target::Dataset(_) | Target::Batch(_),
        allows: |role, rel| role == Administrator || role == Researcher && rel.is_at_least(Relation::Shared) }

    /// A run that goes on, stops or tries again.
    ControlBatch { action: "control_batch", events: CHANGE, repeats: false,
        target: Target::Batch(_),
        allows: |role, rel| role == Administrator || role == Researcher && rel.is_at_least(Relation::Shared) }

    /// What a person decides about results.
    ReviewResults { action: "review_results", events: CHANGE, repeats: false,
        target: Target::Batch(_),
        allows: |role, rel| role == Administrator || role == Researcher && rel.is_at_least(Relation::Shared) }

    /// A run with its results.
    ReadResults { action: "read_results", events: READ, repeats: true,
        target: Target::Batch(_),
        allows: |role, rel| role == Administrator
            || matches!(role, Researcher | Viewer) && rel.is_at_least(Relation::Shared) }

    /// Results that leave the vault.
    ExportResults { action: "export_results", events: EXPORT, repeats: false,
        target: Target::Batch(_),
        allows: |role, rel| role == Administrator || role == Researcher && rel.is_at_least(Relation::Shared),
        asks: StepUp }

    /// The whole log, or, for roles that see their own lines only, those.
    ReadLog { action: "read_log", events: LOG, repeats: true,
        target: Target::Log, allows: |role, _| role != Viewer }

    /// The log as its reviewers see it: alerts, reports, who looked at whom.
    ReviewLog { action: "review_log", events: LOG, repeats: true,
        target: Target::Log, allows: |role, _| matches!(role, Administrator | Auditor) }

    /// Parts of the log, reports and checkpoints that leave the house.
    ExportLog { action: "export_log", events: LOG_EXPORT, repeats: false,
        target: Target::Log, allows: |role, _| matches!(role, Administrator | Auditor),
        asks: StepUp }

    /// The log and what the program knows of itself, encrypted, for whoever looks into an incident.
    CollectEvidence { action: "collect_evidence", events: LOG_EXPORT, repeats: false,
        target: Target::Log, allows: |role, _| matches!(role, Administrator | Auditor),
        asks: StepUp }

    /// Saying that one has looked at an alert.
    AcknowledgeAlerts { action: "acknowledge_alert", events: ALERT, repeats: false,
        target: Target::Log, allows: |role, _| matches!(role, Administrator | Auditor) }

    /// Accounts and roles.
    ReadAccounts { action: "read_accounts", events: None, repeats: true,
        target: Target::Accounts, allows: |role, _| role == Administrator }

    /// Who may see what, and who did in an emergency: the list that is gone through from time to time.
    ReviewAccess { action: "review_access", events: READ, repeats: true,
        target: Target::Accounts, allows: |role, _| matches!(role, Administrator | Auditor) }

    /// New accounts and changes to them.
    WriteAccounts { action: "write_accounts", events: ACCOUNT, repeats: false,
        target: Target::Accounts, allows: |role, _| role == Administrator }

    /// Another role for somebody else.
    ChangeRole { action: "change_role", events: one(EventType::AccountChange), repeats: false,
        target: Target::Account(_), allows: |role, _| role == Administrator }

    /// Taking somebody's role keys away, or giving them back.
    DisableAccount { action: "disable_account", events: one(EventType::AccountDisable), repeats: false,
        target: Target::Account(_), allows: |role, _| role == Administrator }

    /// A new password and new keys for somebody else.
    ResetAccount { action: "reset_account", events: one(EventType::AccountReset), repeats: false,
        target: Target::Account(_), allows: |role, _| role == Administrator }

    /// Letting a locked-out name try again.
    UnlockAccount { action: "unlock_account", events: one(EventType::SignInUnlock), repeats: false,
        target: Target::Account(_), allows: |role, _| role == Administrator }

    /// New role keys and database keys, so that keys that somebody kept open nothing any more.
    RotateKeys { action: "rotate_keys", events: one(EventType::KeyRotation), repeats: false,
        target: Target::Accounts, allows: |role, _| role == Administrator,
        asks: StepUp }

    /// Letting somebody from the directory in who asks for it, or not.
    DecideEnrolment { action: "decide_enrolment", events: one(EventType::EnrolmentDecision), repeats: false,
        target: Target::Account(_), allows: |role, _| role == Administrator }

    /// How the institution's directory is asked.
    ReadDirectory { action: "read_directory", events: None, repeats: true,
        target: Target::Policy, allows: |role, _| role == Administrator }

    /// Another way to ask it, or none. Whoever sets it says where passwords are sent.
    WriteDirectory { action: "write_directory", events: one(EventType::Configuration), repeats: false,
        target: Target::Policy, allows: |role, _| role == Administrator,
        asks: StepUp }

    /// A question to the directory, to see whether it answers.
    TestDirectory { action: "test_directory", events: one(EventType::Configuration), repeats: false,
        target: Target::Policy, allows: |role, _| role == Administrator }

    /// One's own password.
    ChangePassword { action: "change_password", events: one(EventType::PasswordChange), repeats: false,
        target: Target::Account(_), allows: |_, rel| rel == Relation::Owner, before_enrolment: true }

    /// One's own second factor.
    ChangeSecondFactor { action: "change_second_factor", events: one(EventType::SecondFactorChange), repeats: false,
        target: Target::Account(_), allows: |_, rel| rel == Relation::Owner, before_enrolment: true }

    /// The policy.
    WritePolicy { action: "write_policy", events: one(EventType::Configuration), repeats: false,
        target: Target::Policy, allows: |role, _| role == Administrator }

    /// A yes or no to what another administrator proposed.
    DecidePolicy { action: "decide_policy", events: one(EventType::Configuration), repeats: false,
        target: Target::Policy, allows: |role, _| role == Administrator,
        asks: StepUp }

    /// What models there are, what they need and where they are used.
    ReadModels { action: "read_models", events: None, repeats: true,
        target: Target::Models, allows: |role, _| role == Administrator }

    /// A model file that comes in.
    ImportModel { action: "import_model", events: one(EventType::ModelImport), repeats: false,
        target: Target::Models, allows: |role, _| role == Administrator }

    /// Another default of a task.
    ChooseModel { action: "choose_model", events: one(EventType::Configuration), repeats: false,
        target: Target::Models, allows: |role, _| role == Administrator }

    /// A model over a bundled sample.
    TryModel { action: "try_model", events: None, repeats: true,
        target: Target::Models, allows: |role, _| role == Administrator }

    /// A model file that goes.
    RemoveModel { action: "remove_model", events: one(EventType::ModelRemove), repeats: false,
        target: Target::Models, allows: |role, _| role == Administrator }

    /// A copy of the whole vault that leaves it, encrypted.
    CreateBackup { action: "create_backup", events: one(EventType::Backup), repeats: false,
        target: Target::Vault, allows: |role, _| role == Administrator }

    /// The policy in force.
    ReadPolicy { action: "read_policy", events: None, repeats: true,
        target: Target::Policy, allows: |role, _| role == Administrator }
}

/// Permissions whose grant opens a visit for reading.
pub trait OpensEncounter: Permission {}
impl OpensEncounter for ReadEncounter {}
impl OpensEncounter for TranscribeEncounter {}
impl OpensEncounter for ExtractEncounter {}
impl OpensEncounter for EditTranscript {}
impl OpensEncounter for ExportTranscript {}
impl OpensEncounter for RecordEncounter {}
impl OpensEncounter for HearEncounter {}
impl OpensEncounter for ReviewEncounter {}
impl OpensEncounter for DraftNote {}
impl OpensEncounter for SignNote {}
impl OpensEncounter for ExportNote {}
impl OpensEncounter for ShareEncounter {}

/// Permissions whose grant opens a visit's recordings.
pub trait OpensAudio: Permission {}
impl OpensAudio for HearEncounter {}
impl OpensAudio for TranscribeEncounter {}
impl OpensAudio for ReadEncounter {}

/// Permissions whose grant opens a dataset's documents for reading.
pub trait OpensDocuments: Permission {}
impl OpensDocuments for ReadDataset {}
impl OpensDocuments for RunBatch {}
impl OpensDocuments for ShareDataset {}
impl OpensDocuments for DeleteDataset {}

/// Permissions whose grant erases what the policy says is to go.
pub trait AppliesRetention: Permission {}
impl AppliesRetention for ApplyRetention {}
impl AppliesRetention for ApplyRetentionDaily {}

/// Permissions whose grant opens a run's results for reading.
pub trait OpensResults: Permission {}
impl OpensResults for ReadResults {}
impl OpensResults for ExportResults {}
impl OpensResults for ReviewResults {}
