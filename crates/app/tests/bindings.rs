//! The TypeScript types of the window are generated from the Rust ones. `UPDATE_BINDINGS=1` writes them anew.

use cloister_app::dto::*;
use std::path::Path;
use ts_rs::{Config, TS};

#[test]
fn the_windows_types_are_those_of_rust() {
    let config = Config::default();
    let mut text = "// Generated from crates/app/src/dto.rs by ts-rs (crates/app/tests/bindings.rs). Do not edit.\n\n\
        export type JsonValue = number | string | boolean | Array<JsonValue> | { [key in string]: JsonValue } | null;\n"
        .to_owned();
    macro_rules! types {
        ($($t:ty),+ $(,)?) => {$(
            text.push('\n');
            if let Some(docs) = <$t>::docs() {
                text.push_str(&docs);
            }
            text.push_str("export ");
            text.push_str(&<$t>::decl(&config));
            text.push('\n');
        )+};
    }
    types![
        UiError,
        VaultState,
        SessionDto,
        AccountDto,
        DirectoryDto,
        DirectorySettingsDto,
        GroupRoleDto,
        AuthorityDto,
        DirectoryStepDto,
        EnrolmentDto,
        EnrolmentCodeDto,
        NewSecondFactorDto,
        RecoveryCodesDto,
        ProcessProof,
        ModelDto,
        StatusDto,
        VaultCreatedDto,
        EncounterRow,
        ColleagueDto,
        ShareDto,
        FoundVisitDto,
        EmergencyDto,
        GivenDto,
        ReviewedPersonDto,
        AccessReviewDto,
        PolicyChangeDto,
        PolicyProposalDto,
        WordDto,
        SegmentDto,
        TranscriptDto,
        EvidenceDto,
        FindingDto,
        ExtractionDto,
        EncounterDto,
        SchemaDto,
        LogLineDto,
        VerdictDto,
        LogPageDto,
        DayDto,
        WordCountDto,
        LogOverviewDto,
        LogPersonDto,
        AlertDto,
        ReportPersonDto,
        EventCountDto,
        AdministrativeActDto,
        LogReportDto,
        LogExportDto,
        SealedExportDto,
        ProgressDto,
        MicrophoneDto,
        LevelDto,
        LiveTextDto,
        RecordingStatusDto,
        RecordingBegunDto,
        RecordingStoppedDto,
        RecoveredDto,
        RecordingDto,
        DamageDto,
        VisitAudioDto,
        ConsentDto,
        PlaybackStatusDto,
        VisitOpenedDto,
        FindingRefDto,
        FindingDecisionDto,
        NoteSentenceDto,
        NoteSectionDto,
        NoteSourceDto,
        NoteMedicationDto,
        NoteProblemDto,
        NoteFollowUpDto,
        NoteListsDto,
        LayoutSectionDto,
        NoteLayoutDto,
        NoteDraftDto,
        SignedNoteDto,
        NoteDto,
        NoteExportDto,
        BackupMadeDto,
        BackupCheckedDto,
        RestoredDto,
        BackupPlanDto,
        KeptBackupDto,
        CataloguedModelDto,
        ImportedModelDto,
        ModelTriedDto,
        DueDto,
        RetentionDto,
        RetentionRunDto,
        OfPatientDto,
        PatientVisitDto,
        PatientReportsDto,
        ExcerptDto,
        VisitHitDto,
        VisitHitsDto,
        ReportHitDto,
        ReportHitsDto,
    ];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/ipc/bindings.gen.ts");
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept == text,
        "ui/src/ipc/bindings.gen.ts is not up to date: run UPDATE_BINDINGS=1 cargo nextest run bindings"
    );
}
