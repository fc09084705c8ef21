//! The catalogue: every command there is. One line here makes it reachable from the window and the command line.

mod access_review;
mod account_upkeep;
mod accounts;
mod backups;
mod batches;
mod datasets;
mod deletions;
pub(crate) mod directory;
mod emergencies;
mod enrolments;
mod evaluations;
mod exports;
mod extraction;
mod incident;
mod layouts;
mod listening;
mod log;
#[cfg(test)]
mod matrix;
mod models;
mod new_visit;
mod note_exports;
mod notes;
mod own_account;
mod policy;
mod policy_history;
mod policy_proposals;
mod recording;
mod results;
mod retention;
mod rotation;
mod runs;
mod schemas;
mod search;
mod sharing;
mod transcripts;
mod visits;

use crate::{
    App, AppError, Ports,
    command::{Command, call},
};
use serde_json::Value;

macro_rules! commands {
    ($($command:ty),+ $(,)?) => {
        /// Runs the command called `name`.
        pub(crate) fn dispatch(app: &App, name: &str, payload: Value, ports: &dyn Ports) -> Result<Value, AppError> {
            match name {
                $(<$command as Command>::NAME => call::<$command>(app, payload, ports),)+
                _ => Err(AppError::Usage("there is no such command".to_owned())),
            }
        }

        /// The name as the program spells it: what a caller made up is kept nowhere.
        pub(crate) fn known(name: &str) -> &'static str {
            [$(<$command as Command>::NAME,)+ "create_vault", "sign_in", "sign_out", "step_up", "audit_verify", "doctor",
                "try_directory", "scheduled_backup", "verify_backup", "restore_backup"]
                .into_iter()
                .find(|known| *known == name)
                .unwrap_or("other")
        }

        /// The names of all commands.
        #[cfg(test)]
        pub(crate) const NAMES: &[&str] = &[$(<$command as Command>::NAME),+];
    };
}

commands![
    access_review::ReviewAccessOf,
    account_upkeep::ChangeRoleOf,
    account_upkeep::DisableUser,
    account_upkeep::ResetUser,
    account_upkeep::UnlockUser,
    accounts::AddUser,
    accounts::ListUsers,
    backups::BackupPlan,
    backups::CreateBackupAt,
    batches::BatchStatusOf,
    batches::ControlBatchOf,
    batches::ListBatches,
    directory::ReadAuthority,
    directory::RemoveDirectory,
    directory::SetDirectory,
    directory::ShowDirectory,
    directory::TestDirectoryAs,
    enrolments::AddDirectoryUser,
    enrolments::ApproveEnrolment,
    enrolments::GiveEnrolmentCode,
    enrolments::ListEnrolments,
    enrolments::RefuseEnrolment,
    deletions::DeleteDatasetOf,
    deletions::DeleteEncounterOf,
    deletions::ExportReceipt,
    deletions::HoldRecordOf,
    deletions::ListHolds,
    deletions::ListReceipts,
    retention::ErasePatientOf,
    retention::PreviewPatient,
    retention::PreviewRetentionNow,
    retention::RunRetention,
    emergencies::BreakGlassOn,
    emergencies::FindEmergencyVisits,
    emergencies::ListEmergencies,
    datasets::ImportDatasetFile,
    datasets::ListDatasetsOf,
    datasets::PreviewDatasetFile,
    datasets::ShareDatasetWith,
    evaluations::CompareBatches,
    evaluations::EvaluateBatch,
    exports::ExportBatch,
    results::DecideResult,
    results::ListResults,
    results::ShowResult,
    rotation::RotateKeysOf,
    runs::CloneBatchAs,
    runs::ResumeBatchOf,
    runs::RunBatchOver,
    extraction::ExtractEncounterWith,
    extraction::ExtractDocumentWith,
    extraction::ExtractTextFile,
    incident::CollectEvidenceFor,
    layouts::ListLayouts,
    layouts::SaveLayout,
    listening::ListRecordings,
    listening::PlaySpan,
    listening::ReadPeaks,
    listening::TranscribeRecording,
    models::ChooseModelFor,
    models::ImportModelFile,
    models::ModelCatalogue,
    models::RemoveModelOf,
    models::TryModelOn,
    log::AcknowledgeAlert,
    log::ExportCheckpoint,
    log::ExportLines,
    log::ExportReport,
    log::ListAlerts,
    log::ListLog,
    log::LogOverview,
    log::LogPage,
    log::LogPeople,
    log::ShowReport,
    own_account::ChangeOwnPassword,
    own_account::EnrolSecondFactor,
    own_account::NewSecondFactor,
    own_account::RemoveSecondFactor,
    policy::SetPolicy,
    policy::ShowPolicy,
    policy_history::PolicyHistory,
    policy_proposals::DecidePolicyProposal,
    policy_proposals::ListPolicyProposals,
    new_visit::CreateEncounter,
    new_visit::RecordConsent,
    note_exports::ExportNoteOf,
    notes::AmendNote,
    notes::DecideFindings,
    notes::DiscardNote,
    notes::DraftNoteOf,
    notes::GetNote,
    notes::RestoreNote,
    notes::SaveNote,
    notes::SignNoteOf,
    recording::HearLevel,
    recording::ListMicrophones,
    recording::MarkRecording,
    recording::ReadLiveText,
    recording::ResumeRecording,
    recording::StartRecording,
    recording::TakeInRecordings,
    schemas::AddSchema,
    schemas::DiffSchemas,
    schemas::ListSchemas,
    schemas::SchemaVersions,
    schemas::ShowSchema,
    schemas::TrySchema,
    sharing::ListColleaguesOf,
    sharing::ListEncounterShares,
    sharing::ShareEncounterWith,
    search::SearchReportsFor,
    search::SearchVisits,
    transcripts::EditTranscriptOf,
    transcripts::ExportTranscriptOf,
    transcripts::ListTranscriptEdits,
    visits::GetEncounter,
    visits::ImportAudio,
    visits::ListEncountersOf,
];

#[cfg(test)]
mod tests {
    #[test]
    fn every_command_has_a_name_of_its_own() {
        let mut names = super::NAMES.to_vec();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
