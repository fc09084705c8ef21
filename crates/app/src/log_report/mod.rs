//! A period of the log at a glance, on screen and on paper.

mod markdown;
mod print;

pub(crate) use markdown::markdown;
pub(crate) use print::pdf;

use crate::{
    AppError,
    command::Context,
    dto::{AdministrativeActDto, AlertDto, DayDto, EventCountDto, LogReportDto, ReportPersonDto},
    present,
};
use cloister_access::Permission;
use cloister_audit::{Alert, Evidence, Finding, Receipt, Report, verify};
use cloister_domain::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;

/// From one moment until before another (RFC 3339), with days of a clock so far ahead of UTC.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Period {
    from: String,
    to: String,
    #[serde(default)]
    offset_minutes: i32,
}

/// Adds up the period and judges the log.
pub(crate) fn make<P: Permission>(cx: &Context<'_, P>, period: &Period) -> Result<LogReportDto, AppError> {
    let time = |text: &str| Timestamp::parse(text).ok_or_else(|| AppError::Usage(format!("{text} is not a time")));
    let (from, to) = (time(&period.from)?, time(&period.to)?);
    if from >= to {
        return Err(AppError::Usage("the period ends before it begins".to_owned()));
    }
    let folder = cx.app.log_folder();
    let offset = period.offset_minutes.clamp(-24 * 60, 24 * 60);
    let report = Report::of(&folder, from, to, offset)?;
    let store_head = cx.open.stores.last_seen_end().ok().flatten().map(|end| Receipt { seq: end.seq, hash: end.hash });
    let evidence = Evidence { own_folder: true, store_head: store_head.as_ref(), ..Evidence::default() };
    let verdict = verify(&folder, &evidence);
    let vault = cx.app.vault()?;
    let names: HashMap<String, String> = vault.accounts().iter().map(|a| (a.id.to_string(), a.name.clone())).collect();
    let made_by = cx.open.session.name().to_owned();
    let made = cx.app.clock().now();
    Ok(assemble(&report, &verdict, &names, (from, to, offset), (made, made_by)))
}

/// The two moments of a month `YYYY-MM`, in UTC: its beginning, and that of the next. `None` for other text.
#[must_use]
pub fn month_of(month: &str) -> Option<(String, String)> {
    let (y, m) = month.split_once('-').filter(|(y, m)| y.len() == 4 && m.len() == 2)?;
    let (y, m): (u32, u32) = (y.parse().ok()?, m.parse().ok()?);
    let next = if m == 12 { (y + 1, 1) } else { (y, m + 1) };
    let begin = |(y, m): (u32, u32)| format!("{y:04}-{m:02}-01T00:00:00.000Z");
    (1..=12).contains(&m).then(|| (begin((y, m)), begin(next)))
}

/// The two moments of the days from `first` to `last` (`YYYY-MM-DD`, both included), in UTC.
#[must_use]
pub fn days_of(first: &str, last: &str) -> Option<(String, String)> {
    let midnight = |day: &str| Timestamp::parse(&format!("{day}T00:00:00Z"));
    let (from, to) = (midnight(first)?, Timestamp::from_millis(midnight(last)?.as_millis() + 86_400_000));
    (from < to).then(|| (from.to_string(), to.to_string()))
}

/// The Markdown of what `audit_report` answered.
///
/// # Errors
/// When it is no such answer.
pub fn report_markdown(report: &serde_json::Value) -> Result<String, AppError> {
    let report: LogReportDto =
        serde_json::from_value(report.clone()).map_err(|_| AppError::Internal("a report that cannot be read back"))?;
    Ok(markdown(&report))
}

/// An alert as a face sees it.
pub(crate) fn alert(a: &Alert) -> AlertDto {
    AlertDto {
        seq: a.seq,
        time: a.time.clone(),
        kind: a.kind.code().to_string(),
        line: a.line,
        count: a.count,
        about: a.about.clone(),
        acknowledged: a.acknowledged.as_ref().map(|x| x.time.clone()),
        acknowledged_by: a.acknowledged.as_ref().map(|x| x.by.clone()),
        acknowledged_reason: a.acknowledged.as_ref().and_then(|x| x.reason.clone()),
    }
}

fn assemble(
    report: &Report,
    verdict: &cloister_audit::Verdict,
    names: &HashMap<String, String>,
    (from, to, offset): (Timestamp, Timestamp, i32),
    (made, made_by): (Timestamp, String),
) -> LogReportDto {
    let open_alerts = report.open_alerts();
    let compliant = verdict.verdict == Finding::Intact && open_alerts == 0;
    let people: Vec<_> = report
        .people
        .iter()
        .map(|p| ReportPersonDto {
            user_id: p.user_id.clone(),
            name: names.get(&p.user_id).cloned(),
            role: p.role.clone(),
            lines: p.lines,
            sign_ins: p.sign_ins,
            failed_sign_ins: p.failed_sign_ins,
            records: p.records,
            extractions: p.extractions,
            exports: p.exports,
            denied: p.denied,
        })
        .collect();
    let act = |a: &cloister_audit::AdministrativeAct| AdministrativeActDto {
        seq: a.seq,
        time: a.time.clone(),
        event_type: a.event_type.clone(),
        user_id: a.user_id.clone(),
        name: names.get(&a.user_id).cloned(),
        target: a.target.clone(),
        outcome: a.outcome.clone(),
    };
    LogReportDto {
        from: from.to_string(),
        to: to.to_string(),
        offset_minutes: offset,
        made: made.to_string(),
        made_by,
        lines: report.lines,
        first_seq: report.first_seq,
        last_seq: report.last_seq,
        extractions: report.extractions,
        transcriptions: report.transcriptions,
        unique_users: people.len() as u64,
        security_events: report.alerts.len() as u64,
        open_alerts: open_alerts as u64,
        compliant,
        verdict: present::verdict(verdict),
        sign_ins: report.sign_ins,
        failed_sign_ins: report.failed_sign_ins,
        denied: report.denied,
        exports: report.exports,
        exported_documents: report.exported_documents,
        deletions: report.deletions,
        errors: report.errors,
        people,
        event_types: report
            .event_types
            .iter()
            .map(|e| EventCountDto {
                event_type: e.event_type.clone(),
                group: e.group.clone(),
                acts: e.acts,
                refused: e.refused,
            })
            .collect(),
        days: report.days.iter().map(present::day).collect(),
        administration: report.administration.iter().map(act).collect(),
        not_listed: report.not_listed,
        alerts: report.alerts.iter().map(alert).collect(),
    }
}

/// A moment in the report's own time: `2026-11-23 15:04`.
fn moment(time: &str, offset_minutes: i32) -> String {
    let Some(at) = Timestamp::parse(time) else { return time.to_owned() };
    let shifted = Timestamp::from_millis(at.as_millis() + i64::from(offset_minutes) * 60_000).to_string();
    shifted.get(..16).map_or(shifted.clone(), |t| t.replace('T', " "))
}

/// `UTC`, `UTC+01:00`.
fn zone(offset_minutes: i32) -> String {
    if offset_minutes == 0 {
        return "UTC".to_owned();
    }
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    let minutes = offset_minutes.abs();
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `January 1-31, 2024` for a whole month, else both dates.
fn period(report: &LogReportDto) -> String {
    let days = |time: &str, back: i64| {
        let at = Timestamp::parse(time)?.as_millis() + i64::from(report.offset_minutes) * 60_000 - back;
        let text = Timestamp::from_millis(at).to_string();
        let mut parts = text.get(..10)?.split('-').map(str::parse::<u32>);
        Some((parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?))
    };
    // Until before `to`: the last day is that of the moment before.
    let (Some(first), Some(last)) = (days(&report.from, 0), days(&report.to, 1)) else {
        return format!("{} to {}", report.from, report.to);
    };
    let month = |m: u32| MONTHS.get(m as usize - 1).copied().unwrap_or("");
    match (first, last) {
        ((y, m, d), (y2, m2, d2)) if (y, m, d) == (y2, m2, d2) => format!("{} {d}, {y}", month(m)),
        ((y, m, d), (y2, m2, d2)) if (y, m) == (y2, m2) => format!("{} {d}-{d2}, {y}", month(m)),
        ((y, m, d), (y2, m2, d2)) if y == y2 => format!("{} {d} to {} {d2}, {y}", month(m), month(m2)),
        ((y, m, d), (y2, m2, d2)) => format!("{} {d}, {y} to {} {d2}, {y2}", month(m), month(m2)),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What security events there were, as the seeds' form words it.
fn security_events(report: &LogReportDto) -> String {
    match (report.security_events, report.open_alerts) {
        (0, _) => "0".to_owned(),
        (n, 0) => format!("{n} (all resolved)"),
        (n, open) => format!("{n} ({open} open)"),
    }
}

fn compliance(report: &LogReportDto) -> &'static str {
    if report.compliant { "Compliant" } else { "Needs attention" }
}

/// What stands behind the word, and what to do about it.
fn findings(report: &LogReportDto) -> Vec<String> {
    let mut findings = Vec::new();
    match report.verdict.verdict.as_str() {
        "intact" => findings.push(format!(
            "The log is intact: {} lines, each chained to the one before and signed. The verdict rests on {}.",
            number(report.verdict.entries),
            report.verdict.rests_on.iter().map(|g| ground(g)).collect::<Vec<_>>().join(", "),
        )),
        verdict => findings.push(format!(
            "The log is {verdict}: {}. Keep the folder as it is, compare it with a checkpoint kept elsewhere, and find \
             out who had access to the workstation.",
            report.verdict.reason.clone().unwrap_or_default(),
        )),
    }
    let mut say = |n: u64, one: &str, many: &str, then: &str| match n {
        0 => {}
        1 => findings.push(format!("{one} {then}")),
        n => findings.push(format!("{} {many} {then}", number(n))),
    };
    say(
        report.open_alerts,
        "One alert waits",
        "alerts wait",
        "for somebody to look at: acknowledge each with what came of it.",
    );
    say(
        report.failed_sign_ins,
        "One sign-in failed",
        "sign-ins failed",
        "or met a locked name: names are locked after repeated failures.",
    );
    say(report.denied, "One request was", "requests were", "turned away by the rules of access.");
    say(
        report.exports,
        "One export",
        "exports",
        &format!("left the vault, with {} documents.", number(report.exported_documents)),
    );
    say(report.errors, "One error was", "errors were", "noted; the operational log tells more.");
    findings
}

fn ground(ground: &str) -> String {
    match ground.split_once(':') {
        Some(("checkpoint", seq)) => format!("a checkpoint kept elsewhere (line {seq})"),
        _ => match ground {
            "chain" => "the chain of signatures",
            "head" => "the signed head",
            "state" => "the writer's state",
            "store_head" => "the end that the vault remembers",
            "fingerprint" => "the first key's fingerprint",
            other => other,
        }
        .to_owned(),
    }
}

/// `1,250`.
fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `sign_in` becomes `Sign in`.
fn words(code: &str) -> String {
    let code = code.replace("sign_in", "sign-in").replace("time_out", "time-out");
    let text = code.replace(['_', '.'], " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Every day of the period that lies before the report was made, those without lines too; the last sixty-two of them.
fn calendar(r: &LogReportDto) -> Vec<DayDto> {
    let shift = i64::from(r.offset_minutes) * 60_000;
    let day = |time: &str, back: i64| {
        Timestamp::parse(time).map_or(0, |at| (at.as_millis() + shift - back).div_euclid(86_400_000))
    };
    let last = day(&r.to, 1).min(day(&r.made, 0));
    let first = day(&r.from, 0).max(last - 61);
    let known: HashMap<i64, &DayDto> = r.days.iter().map(|d| (d.day, d)).collect();
    let nothing = |day| DayDto { day, lines: 0, refused: 0, failed_sign_ins: 0 };
    (first..=last).map(|day| known.get(&day).map_or_else(|| nothing(day), |d| (*d).clone())).collect()
}

/// A day as a date.
fn date(day: &DayDto) -> String {
    Timestamp::from_millis(day.day * 86_400_000).to_string().get(..10).unwrap_or_default().to_owned()
}

/// A name, or the id where no account has it any more.
fn who(name: Option<&String>, user_id: &str) -> String {
    match (name, user_id) {
        (Some(name), _) => name.clone(),
        (None, "system") => "the program".to_owned(),
        (None, id) if id.starts_with("unknown:") => "unknown name".to_owned(),
        (None, id) => id.to_owned(),
    }
}
