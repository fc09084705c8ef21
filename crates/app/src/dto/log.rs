//! The log, as it crosses to the faces.

use super::{LogLineDto, VerdictDto};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `audit_page`: lines of a filter, counted from the newest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LogPageDto {
    /// How many lines the filter wants.
    #[ts(type = "number")]
    pub total: u64,
    /// Those from the offset on, newest first.
    pub lines: Vec<LogLineDto>,
}

/// A day's lines, or those of an hour of the day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DayDto {
    /// Days since 1970-01-01, or the hour, of the clock asked for.
    #[ts(type = "number")]
    pub day: i64,
    /// Lines.
    #[ts(type = "number")]
    pub lines: u64,
    /// Of these, refused or failed.
    #[ts(type = "number")]
    pub refused: u64,
    /// Of these, failed sign-ins.
    #[ts(type = "number")]
    pub failed_sign_ins: u64,
}

/// A word of the log and how many lines have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct WordCountDto {
    /// The word.
    pub word: String,
    /// Lines.
    #[ts(type = "number")]
    pub lines: u64,
}

/// `audit_overview`: what a filter's lines are made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LogOverviewDto {
    /// By day, oldest first; days without lines are left out.
    pub days: Vec<DayDto>,
    /// By hour of the day, those that have lines.
    pub hours: Vec<DayDto>,
    /// Most first.
    pub event_types: Vec<WordCountDto>,
    /// Most first.
    pub users: Vec<WordCountDto>,
    /// Most first.
    pub outcomes: Vec<WordCountDto>,
}

/// `audit_people`: who is behind an id of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LogPersonDto {
    /// `usr-…`
    pub id: String,
    /// The name to sign in with.
    pub name: String,
    /// Their role now.
    pub role: String,
    /// Fingerprint of the key that seals their exports.
    pub export_key: String,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AlertDto {
    /// Its line.
    #[ts(type = "number")]
    pub seq: u64,
    /// RFC 3339.
    pub time: String,
    /// `failed_sign_ins`, `access_volume`, `break_glass`, `low_disk`, `engine_crash`, `clock_back`, `broken_chain`,
    /// `keys_put_back`.
    pub kind: String,
    /// The line that raised it.
    #[ts(type = "number | null")]
    pub line: Option<u64>,
    /// Failed sign-ins, records, bytes left: what the kind counts.
    #[ts(type = "number | null")]
    pub count: Option<u64>,
    /// Whom it is about.
    pub about: Option<String>,
    /// When somebody looked at it.
    pub acknowledged: Option<String>,
    /// Who did.
    pub acknowledged_by: Option<String>,
    /// `explained`, `followed_up`, `false_alarm`.
    pub acknowledged_reason: Option<String>,
}

/// What one person did in a report's period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ReportPersonDto {
    /// `usr-…`
    pub user_id: String,
    /// Their name, where there is such an account.
    pub name: Option<String>,
    /// The role they had last.
    pub role: Option<String>,
    /// Lines.
    #[ts(type = "number")]
    pub lines: u64,
    /// Sign-ins.
    #[ts(type = "number")]
    pub sign_ins: u64,
    /// Failed ones.
    #[ts(type = "number")]
    pub failed_sign_ins: u64,
    /// Different records opened.
    #[ts(type = "number")]
    pub records: u64,
    /// Documents and visits extracted from.
    #[ts(type = "number")]
    pub extractions: u64,
    /// Exports.
    #[ts(type = "number")]
    pub exports: u64,
    /// Requests turned away.
    #[ts(type = "number")]
    pub denied: u64,
}

/// How often something occurred.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EventCountDto {
    /// The type.
    pub event_type: String,
    /// Its chapter in docs/audit-events.md.
    pub group: String,
    /// Acts.
    #[ts(type = "number")]
    pub acts: u64,
    /// Of these, refused or failed.
    #[ts(type = "number")]
    pub refused: u64,
}

/// A change of accounts, keys or configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AdministrativeActDto {
    /// Its line.
    #[ts(type = "number")]
    pub seq: u64,
    /// RFC 3339.
    pub time: String,
    /// Which.
    pub event_type: String,
    /// By whom.
    pub user_id: String,
    /// Their name.
    pub name: Option<String>,
    /// To what.
    pub target: Option<String>,
    /// How it ended.
    pub outcome: String,
}

/// `audit_report`: a period at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LogReportDto {
    /// From this moment (RFC 3339).
    pub from: String,
    /// Until before this one.
    pub to: String,
    /// How far the report's clock is ahead of UTC.
    pub offset_minutes: i32,
    /// When it was made.
    pub made: String,
    /// By whom.
    pub made_by: String,
    /// Lines in the period.
    #[ts(type = "number")]
    pub lines: u64,
    /// The first of them.
    #[ts(type = "number | null")]
    pub first_seq: Option<u64>,
    /// The last of them.
    #[ts(type = "number | null")]
    pub last_seq: Option<u64>,
    /// Documents and visits from which something was extracted.
    #[ts(type = "number")]
    pub extractions: u64,
    /// Transcriptions.
    #[ts(type = "number")]
    pub transcriptions: u64,
    /// People who did anything.
    #[ts(type = "number")]
    pub unique_users: u64,
    /// Alerts raised.
    #[ts(type = "number")]
    pub security_events: u64,
    /// Of these, nobody has looked at yet.
    #[ts(type = "number")]
    pub open_alerts: u64,
    /// The log is intact and every alert was looked at.
    pub compliant: bool,
    /// The log's verdict when the report was made.
    pub verdict: VerdictDto,
    /// Sign-ins.
    #[ts(type = "number")]
    pub sign_ins: u64,
    /// Failed or refused ones.
    #[ts(type = "number")]
    pub failed_sign_ins: u64,
    /// Requests turned away.
    #[ts(type = "number")]
    pub denied: u64,
    /// Exports that left the vault.
    #[ts(type = "number")]
    pub exports: u64,
    /// Documents in them.
    #[ts(type = "number")]
    pub exported_documents: u64,
    /// Deletions.
    #[ts(type = "number")]
    pub deletions: u64,
    /// Errors noted.
    #[ts(type = "number")]
    pub errors: u64,
    /// Busiest first.
    pub people: Vec<ReportPersonDto>,
    /// By chapter.
    pub event_types: Vec<EventCountDto>,
    /// By day.
    pub days: Vec<DayDto>,
    /// Oldest first.
    pub administration: Vec<AdministrativeActDto>,
    /// Administrative acts beyond those.
    #[ts(type = "number")]
    pub not_listed: u64,
    /// Oldest first.
    pub alerts: Vec<AlertDto>,
}

/// What left the house.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LogExportDto {
    /// Lines in it, or that it speaks of.
    #[ts(type = "number")]
    pub lines: u64,
    /// The file's length.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Its digest.
    pub sha256: String,
    /// The log's last line then.
    #[ts(type = "number")]
    pub seq: u64,
    /// Fingerprint of the key that sealed it, to be kept on paper.
    pub key: Option<String>,
}

/// `audit_verify_export`: an export against its seal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SealedExportDto {
    /// `intact`, `tampered`, `unknown`.
    pub verdict: String,
    /// Lines in it.
    #[ts(type = "number")]
    pub entries: u64,
    /// Number of the first.
    #[ts(type = "number | null")]
    pub first_seq: Option<u64>,
    /// Number of the last.
    #[ts(type = "number | null")]
    pub last_seq: Option<u64>,
    /// SHA-256 of the log's last line when it was made.
    pub head: Option<String>,
    /// What the verdict rests on.
    pub rests_on: Vec<String>,
    /// Why, when it is not intact.
    pub reason: Option<String>,
    /// Fingerprint of the key that sealed it.
    pub key: Option<String>,
    /// Whose key that is, where the vault at hand knows it.
    pub by: Option<String>,
    /// When it was made.
    pub made: Option<String>,
}
