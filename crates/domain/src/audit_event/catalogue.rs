//! The table: every event the log knows and the details it may carry. docs/audit-events.md is printed from it.

use super::UnknownName;
use std::{fmt, str::FromStr};

/// What a detail's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DetailKind {
    /// A whole number.
    Count,
    /// A word of the program's own.
    Code,
    /// 64 hexadecimal digits.
    Hash,
    /// A list of field names.
    Fields,
    /// An incident's id.
    Incident,
    /// 32 hexadecimal digits that stand for a record.
    Record,
    /// `usr-…`
    Account,
}

impl DetailKind {
    /// The kind in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Code => "code",
            Self::Hash => "hash",
            Self::Fields => "list of field names",
            Self::Incident => "incident id",
            Self::Record => "pseudonym",
            Self::Account => "account id",
        }
    }
}

impl fmt::Display for DetailKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! details {
    ($($name:ident $text:literal $kind:ident $meaning:literal;)+) => {
        /// The name of one detail. Its kind and meaning never depend on the event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DetailKey {$(
            #[doc = $meaning]
            $name,
        )+}

        impl DetailKey {
            /// Every detail.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The key in the line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What its value is.
            #[must_use]
            pub const fn kind(self) -> DetailKind {
                match self { $(Self::$name => DetailKind::$kind,)+ }
            }

            /// What it says, in words.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)+ }
            }
        }
    };
}

details! {
    Alert "alert" Code "Which alert: `failed_sign_ins`, `access_volume`, `break_glass`, `low_disk`, `engine_crash`, `clock_back`, `broken_chain`, `keys_put_back`, `not_sealed`, `certificate_ends`.";
    Attempt "attempt" Count "The `seq` of the attempt that this line answers.";
    Attempts "attempts" Count "Failed tries in a row, this one included.";
    AudioMs "audio_ms" Count "Length of audio, in milliseconds.";
    Bytes "bytes" Count "Length in bytes.";
    Code "code" Code "An error's code.";
    Documents "documents" Count "Documents concerned.";
    DurationMs "duration_ms" Count "Time taken, in milliseconds.";
    ExpectedSeq "expected_seq" Count "The line number at which the chain breaks.";
    Face "face" Code "How it was asked for: `desktop` or `cli`.";
    Failed "failed" Count "Documents that failed.";
    FieldNames "fields" Fields "Names of the fields concerned.";
    FileSha256 "file_sha256" Hash "Digest of a file's bytes.";
    Findings "findings" Count "Findings in the result.";
    FirstVk "first_vk" Hash "The Ed25519 public key that the chain's first line is signed with.";
    Format "format" Code "The format: `csv`, `xlsx`, `jsonl`, `md`, `pdf`, `docx`, `fhir`, `wav` and so on.";
    FormatVersion "format_version" Count "Version of the line format.";
    Frames "frames" Count "Encrypted frames in a closed recording segment.";
    FreeBytes "free_bytes" Count "Room left on the vault's disk, in bytes.";
    Incident "incident" Incident "The line of the operational log that tells more.";
    KeyVersion "key_version" Count "Version of a role key.";
    KeyringSha256 "keyring_sha256" Hash "Digest of the keyring as it will be written.";
    KeyringVersion "keyring_version" Count "Version of the keyring.";
    Kind "kind" Code "Kind of the data concerned, such as `audio`, `transcript`, `dataset`.";
    LastTag "last_tag" Hash "The last frame's tag of a closed recording segment, zero-filled to 32 bytes.";
    Length "length" Count "Bytes of an unfinished line that a crash left.";
    Line "line" Count "The `seq` of the line that this one speaks of: what raised an alert, or the alert that a person looked at.";
    MemoryBytes "memory_bytes" Count "The most memory that the process has had, in bytes.";
    Method "method" Code "How: `local`, `directory`, `recovery_key`, `enrolment_code` for sign-in; `password`, `totp` for step-up.";
    ModelSha256 "model_sha256" Hash "Digest of the model.";
    NewCode "new_code" Code "The setting's new value, where it is a word.";
    NewCount "new_count" Count "The setting's new value, where it is a number.";
    NewRole "new_role" Code "The role the account has from now on.";
    Ok "ok" Count "Documents with a complete result.";
    OldCode "old_code" Code "The setting's old value, where it was a word.";
    OldCount "old_count" Count "The setting's old value, where it was a number.";
    OldRole "old_role" Code "The role the account had.";
    Partial "partial" Count "Documents with part of a result.";
    Patient "patient" Record "The patient whose record it is, as the pseudonym of the record number; what \"who looked at this patient?\" asks for.";
    Pending "pending" Count "Documents not yet worked on.";
    ProcessorMs "processor_ms" Count "Processor time of the process, in milliseconds.";
    PromptSha256 "prompt_sha256" Hash "Digest of the prompt's fixed part.";
    PurposeGiven "purpose_given" Count "1 when a purpose was stated (its words stay in the store).";
    Reason "reason" Code "Why, as a code.";
    Recipients "recipients" Count "Public keys an export was encrypted to; 0 for none.";
    Rejected "rejected" Count "Documents whose result was refused.";
    Repeats "repeats" Count "Further reads of the same thing that this line stands for.";
    ResultSha256 "result_sha256" Hash "Digest of a result or of a file written.";
    SchemaSha256 "schema_sha256" Hash "Digest of the extraction schema.";
    SecondFactor "second_factor" Code "`totp`, `recovery_code` or `none`.";
    Segments "segments" Count "Segments of a recording or transcript.";
    Setting "setting" Code "The setting's name.";
    Sha256 "sha256" Hash "Digest of an unfinished line that a crash left.";
    SlotSha256 "slot_sha256" Hash "Digest of a person's slot as it will be written.";
    SlotVersion "slot_version" Count "Version of a person's slot.";
    SourceSha256 "source_sha256" Hash "Digest of the source text or audio.";
    TotpStep "totp_step" Count "The step of 30 seconds since 1970 whose code was used; each is accepted once.";
    Unsupported "unsupported" Count "Findings that nothing in the source supports.";
    UntilMs "until_ms" Count "When it ends by itself, in milliseconds since 1970-01-01T00:00:00Z.";
    Verdict "verdict" Code "The log's verdict: `intact`, `tampered`, `truncated`, `unknown`.";
    Version "version" Code "Version of the program.";
    WaitS "wait_s" Count "Seconds until the next try is heard.";
    With "with" Account "The other person: who was given a visit or dataset, or from whom it was taken; who proposed a change of the policy.";
}

macro_rules! events {
    ($($group:literal {
        $($name:ident $text:literal $($reserve:ident)? [$($key:ident),*] $meaning:literal;)+
    })+) => {
        /// Everything that the log records.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventType {$($(
            #[doc = $meaning]
            $name,
        )+)+}

        impl EventType {
            /// Every type, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)+)+];

            /// The `event_type` of a line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$name => $text,)+)+ }
            }

            /// The details it may carry.
            #[must_use]
            pub const fn details(self) -> &'static [DetailKey] {
                match self { $($(Self::$name => &[$(DetailKey::$key),*],)+)+ }
            }

            /// The chapter of the documentation it stands in.
            #[must_use]
            pub const fn group(self) -> &'static str {
                match self { $($(Self::$name => $group,)+)+ }
            }

            /// What it says, in words.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $($(Self::$name => $meaning,)+)+ }
            }

            /// Whether it may be written into the space kept for a full disk: what lets a person in to make
            /// room, closes what is open, or speaks of the log itself.
            #[must_use]
            pub const fn draws_on_reserve(self) -> bool {
                match self { $($(Self::$name => events!(@reserve $($reserve)?),)+)+ }
            }
        }
    };
    (@reserve reserve) => { true };
    (@reserve) => { false };
}

events! {
    "Authentication and sessions" {
        SignIn "sign_in" reserve [Attempt, Method, SecondFactor, TotpStep, Reason, Attempts, WaitS, Face, SlotVersion, SlotSha256] "A sign-in: tried, done, failed or locked out.";
        SignOut "sign_out" reserve [Face] "A person signed out.";
        SessionTimeout "session_timeout" reserve [Reason, DurationMs] "A session ended by itself: idle or at its absolute limit.";
        SessionLock "session_lock" reserve [Reason] "The window was locked: by hand, at suspend or with the screen.";
        SignInUnlock "sign_in_unlock" reserve [Attempt, Code, Incident, Method] "A locked-out name was unlocked before its time.";
        StepUp "step_up" reserve [Attempt, Method, SecondFactor, TotpStep, Reason] "The password or second factor was asked for again before an act of weight.";
        PasswordChange "password_change" [Attempt, Code, Incident, Method, Reason] "A password was changed.";
        SecondFactorChange "second_factor_change" [Attempt, Code, Incident, Method, Reason] "A second factor was set up, changed or removed.";
        Refused "refused" [Code, Face, Incident, Patient] "A request was turned away: by the gate (outcome `denied`, and `code` says by which rule), or before it became an act.";
    }
    "Accounts and keys" {
        AccountCreate "account_create" [Attempt, Code, Incident, NewRole, Method, Reason] "An account was made.";
        AccountChange "account_change" [Attempt, Code, Incident, OldRole, NewRole, Setting, Reason] "An account's role or properties changed.";
        AccountDisable "account_disable" [Attempt, Code, Incident, Setting, Reason] "An account was disabled, or enabled again: `setting` says which.";
        AccountReset "account_reset" [Attempt, Code, Incident, Reason] "An account got a new key pair.";
        EnrolmentRequest "enrolment_request" [Attempt, Code, Incident, FileSha256, Method, NewRole, Reason] "A person from the directory asks to be let in.";
        EnrolmentDecision "enrolment_decision" [Attempt, Code, Incident, FileSha256, NewRole, Reason] "An administrator approved or refused a request.";
        DirectoryRole "directory_role" [OldRole, NewRole] "At a sign-in the directory gave somebody another role than it did before; an administrator approves it.";
        KeyringIntent "keyring_intent" [KeyringVersion, KeyringSha256] "The keyring that is about to be put in place (`attempt`), and that it is there (`success`).";
        SlotIntent "slot_intent" [SlotVersion, SlotSha256] "The slot of a person's own keys that is about to be put in place.";
        KeyRotation "key_rotation" [Attempt, Code, Incident, Kind, KeyVersion, Reason] "A role key was changed and what it wraps wrapped anew.";
        RecoveryKey "recovery_key" [Attempt, Code, Incident, Reason] "The recovery key was made, used or replaced.";
    }
    "Recordings" {
        RecordingStart "recording_start" [Attempt, Code, Incident, Format, Reason] "A recording begins.";
        RecordingPause "recording_pause" reserve [AudioMs, Reason] "A recording pauses or goes on.";
        RecordingStop "recording_stop" reserve [Attempt, Code, Incident, AudioMs, Segments, Frames, LastTag, Reason] "A recording segment was closed.";
        AudioAccess "audio_access" [Attempt, Code, Incident, Format, AudioMs, Repeats, Patient, Reason] "A recording was played or written out.";
    }
    "Clinical data and results" {
        Read "read" [Attempt, Code, Incident, Kind, Documents, Repeats, Patient, Reason] "A record or result was read.";
        Change "change" [Attempt, Code, Incident, Kind, FieldNames, Patient, Reason, With] "A record was made or changed: visit, review, sharing.";
        Sign "sign" [Attempt, Code, Incident, Kind, ResultSha256, Patient, Reason] "A person signed a result off.";
        BreakGlass "break_glass" [Attempt, Code, Incident, Patient, Reason, UntilMs] "A clinician opened another's visit in an emergency.";
        Import "import" [Attempt, Code, Incident, Kind, Format, Documents, Failed, Bytes, FieldNames, FileSha256, SourceSha256, Reason] "Reports or audio came in.";
        TranscriptionStart "transcription_start" [ModelSha256, SourceSha256, AudioMs, Patient] "A transcription begins.";
        TranscriptionEnd "transcription_end" [Attempt, Code, Incident, ModelSha256, SourceSha256, ResultSha256, AudioMs, Segments, DurationMs, Patient, Reason] "A transcription ended.";
        ExtractionStart "extraction_start" [ModelSha256, SchemaSha256, PromptSha256, Documents, Pending, PurposeGiven, Patient] "An extraction or a run begins.";
        BatchProgress "batch_progress" [Attempt, Code, Incident, Ok, Partial, Rejected, Failed, Pending, DurationMs] "A run goes on: one line per hundred documents.";
        ExtractionEnd "extraction_end" [Attempt, Code, Incident, ModelSha256, SchemaSha256, PromptSha256, Documents, Ok, Partial, Rejected, Failed, Pending, Findings, Unsupported, FieldNames, DurationMs, Patient, Reason] "An extraction or a run ended.";
        Export "export" [Attempt, Code, Incident, Kind, Format, Documents, Findings, FieldNames, Bytes, FileSha256, Recipients, Patient, Reason] "Something left the vault.";
        Deletion "deletion" reserve [Attempt, Code, Incident, Kind, Documents, Bytes, Segments, ResultSha256, Patient, Reason] "Something was erased; `result_sha256` is the digest of its receipt, `segments` counts the keys destroyed.";
        Retention "retention" reserve [Attempt, Code, Incident, Kind, Documents, Bytes, Reason] "The retention rules ran.";
    }
    "Configuration" {
        SchemaAdd "schema_add" [Attempt, Code, Incident, SchemaSha256, FieldNames, Reason] "An extraction schema was added.";
        ModelImport "model_import" [Attempt, Code, Incident, ModelSha256, Bytes, Reason] "A model file came in.";
        ModelRemove "model_remove" [Attempt, Code, Incident, ModelSha256, Reason] "A model file was taken away.";
        Configuration "configuration" [Attempt, Code, Incident, ModelSha256, Setting, OldCount, NewCount, OldCode, NewCode, KeyringVersion, Reason, With] "A setting changed; `reason` says where it was only `proposed`, or a proposal `approved` or `rejected`.";
        Backup "backup" [Attempt, Code, Incident, Kind, Bytes, FileSha256, Reason] "A backup was made, checked or restored.";
    }
    "The service" {
        ServiceStart "service_start" reserve [Face, Version, KeyringVersion, KeyringSha256] "A process opened the vault, with this keyring.";
        ServiceStop "service_stop" reserve [Face, Reason] "A process closed the vault.";
        Resources "resources" [FreeBytes, MemoryBytes, ProcessorMs] "How the workstation is doing, once an hour: room on the disk, this process's memory and processor time.";
        Error "error" reserve [Code, Incident] "Something went wrong; the operational log tells more under `incident`.";
        Alert "alert" reserve [Alert, Attempts, Bytes, Documents, ExpectedSeq, Incident, Line] "Something a person should look at.";
        AlertAcknowledged "alert_acknowledged" [Attempt, Code, Incident, Alert, Line, Reason] "A person looked.";
    }
    "The log itself" {
        LogCreated "log_created" reserve [FirstVk, FormatVersion] "The first line of a log.";
        Seal "seal" reserve [] "Nothing happened: the chain was moved on, so that silence is signed too.";
        Recovered "recovered" reserve [Reason, Length, Sha256] "What a crash left was put right.";
        IntegrityBreak "integrity_break" reserve [Reason, ExpectedSeq, FirstVk, FormatVersion] "The chain before this line is broken; a new segment begins.";
        LogVerified "log_verified" [Attempt, Code, Incident, Verdict, ExpectedSeq, Reason] "The log was verified from within.";
        LogRead "log_read" [Attempt, Code, Incident, Repeats, Documents] "The log was read.";
        LogExport "log_export" [Attempt, Code, Incident, Format, Documents, Bytes, FileSha256, Reason] "A report, export or checkpoint of the log left the house.";
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EventType {
    type Err = UnknownName;
    fn from_str(s: &str) -> Result<Self, UnknownName> {
        Self::ALL.iter().copied().find(|t| t.name() == s).ok_or(UnknownName)
    }
}

impl fmt::Display for DetailKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
